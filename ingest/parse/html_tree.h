/*
 * html_tree.h - a web page as a small tree of what can be seen.
 *
 * Built from libxml2's HTML parser, which mends what is broken; scripts, styles, form controls
 * and hidden elements never enter it.  Nodes stand in the order of the page, parents before
 * their children.  Below CC_HTML_DEPTH levels children hang on the last one allowed.
 */
#ifndef CC_INGEST_PARSE_HTML_TREE_H
#define CC_INGEST_PARSE_HTML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"

#define CC_HTML_BYTES (24u << 20) /* of UTF-8; beyond: LIMIT */
#define CC_HTML_NODES 600000      /* beyond: LIMIT */
#define CC_HTML_DEPTH 240

/* How an element takes part in the text. */
enum cc_html_role {
    CC_HTML_TEXT, /* no element */
    CC_HTML_INLINE,
    CC_HTML_BLOCK,
    CC_HTML_PARAGRAPH,
    CC_HTML_HEADING,
    CC_HTML_LIST,
    CC_HTML_ITEM,
    CC_HTML_TABLE,
    CC_HTML_ROW,
    CC_HTML_CELL,
    CC_HTML_CODE,
    CC_HTML_BREAK,
    CC_HTML_IMAGE,
    CC_HTML_TERM,
    CC_HTML_MEANING,
    CC_HTML_DETAILS,
    CC_HTML_SUMMARY,
    CC_HTML_FRAME, /* nav, aside, footer, header: the page around its text */
    CC_HTML_BUTTON,
    CC_HTML_META, /* says something about the page */
    CC_HTML_DROP,
};

struct cc_html_tag {
    const char *name; /* lower case */
    enum cc_html_role role;
    int level; /* of a heading; how likely the main text is in it, for others */
};

/* Never NULL: unknown names are inline, or blocks when they have a '-' (custom elements). */
const struct cc_html_tag *cc_html_tag(const char *name);

/* What attributes say about an element, all of them or'ed. */
enum cc_html_hint {
    CC_HINT_AROUND = 1 << 0,   /* its class, id or role names something around the text */
    CC_HINT_TEXT = 1 << 1,     /* ... or the text itself */
    CC_HINT_MAIN = 1 << 2,     /* <main>, role=main */
    CC_HINT_QUESTION = 1 << 3, /* schema.org's Question */
    CC_HINT_ANSWER = 1 << 4,
    CC_HINT_NAME = 1 << 5, /* itemprop=name */
    CC_HINT_ORDERED = 1 << 6,
    CC_HINT_HEADER = 1 << 7,  /* a cell of a header */
    CC_HINT_LINK = 1 << 8,    /* leads to another page */
    CC_HINT_CONSENT = 1 << 9, /* a banner that asks about cookies */
    CC_HINT_BODY = 1 << 11,   /* itemprop=articleBody */
    CC_HINT_POOR = 1 << 10,   /* words that speak against it, though weakly */
};

struct cc_html_node {
    const struct cc_html_tag *tag;
    struct cc_html_node *parent, *first, *last, *next;
    const char *text; /* of a text; of an image what it shows */
    size_t len;
    unsigned hints;
    unsigned span; /* of a cell: columns; of an ordered list or item: its number */
    /* for readable.c, of everything below: letters, those in links, commas, blocks by role */
    uint32_t letters, linked, commas, paragraphs, items, images, blocks;
    uint32_t prose; /* letters of its own longer runs, without links */
    uint32_t votes; /* good parts below it */
    float score;
    bool cut, scored, in_main;
};

struct cc_html_tree {
    struct cc_html_node *root;
    size_t n;
    struct cc_html_node **nodes; /* all of them, parents first */
    const char *title;           /* "" for none: og:title, else <title>, else "" */
    bool article;                /* og:type says so */
    const char *data;            /* the bodies of application/ld+json, one after the other */
    size_t data_len;
};

/* text is valid UTF-8.  LIMIT beyond the caps, PARSER when libxml2 cannot start. */
int cc_html_tree(const char *text, size_t len, struct cc_arena *mem, struct cc_html_tree *ret);

/* The page without what nobody sees and libxml2 reads otherwise than browsers: comments,
 * "<![if IE]>", the marks of CDATA.  The page itself when there is none. */
const char *cc_html_strip(const char *text, size_t *len, struct cc_arena *mem);

/* The text below a node, blanks squeezed; ends with NUL, lives in mem. */
const char *cc_html_text(const struct cc_html_node *node, struct cc_arena *mem);

#endif

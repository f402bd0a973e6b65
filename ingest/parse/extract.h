/*
 * extract.h - what a parser makes of a file: blocks of clean text in reading order.
 *
 * Text is valid UTF-8 without control characters but '\n' and '\t', never empty and without
 * white space at its ends (but for the indentation of a list's item).  A heading is a block of its
 * own; the blocks after it carry its path
 * ("Returns › Deadlines") as section.
 */
#ifndef CC_INGEST_PARSE_EXTRACT_H
#define CC_INGEST_PARSE_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"

#define CC_EXTRACT_BLOCKS  300000 /* per document; beyond: LIMIT */
#define CC_EXTRACT_PAGES   5000
#define CC_EXTRACT_TEXT    (16 << 20) /* bytes of text in all */
#define CC_EXTRACT_SECTION 240        /* bytes of a section path */
#define CC_EXTRACT_LEVELS  6

/* Kinds of file; stored and sent by number: append only. */
#define CC_FILE_TYPES(X)                                                                           \
    X(TEXT, "text/plain")                                                                          \
    X(MARKDOWN, "text/markdown")                                                                   \
    X(PDF, "application/pdf")                                                                      \
    X(HTML, "text/html")                                                                           \
    X(CSV, "text/csv")                                                                             \
    X(JSON, "application/json")                                                                    \
    X(DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document")             \
    X(XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")                   \
    X(PPTX, "application/vnd.openxmlformats-officedocument.presentationml.presentation")           \
    X(ODT, "application/vnd.oasis.opendocument.text")                                              \
    X(ODS, "application/vnd.oasis.opendocument.spreadsheet")                                       \
    X(ODP, "application/vnd.oasis.opendocument.presentation")

enum cc_file_type {
#define X(name, mime) CC_FILE_##name,
    CC_FILE_TYPES(X)
#undef X
        CC_FILE_COUNT
};

/* Sent by number: append only. */
enum cc_block_kind {
    CC_BLOCK_HEADING,
    CC_BLOCK_PARAGRAPH,
    CC_BLOCK_LIST,  /* one item; deeper ones begin with two blanks a level */
    CC_BLOCK_TABLE, /* one row a line, cells parted by " | ", the first line is the header */
    CC_BLOCK_CODE,
    CC_BLOCK_ROW,  /* one record of a sheet or CSV: "Header: value | Header: value" */
    CC_BLOCK_PAIR, /* a question and its answer: the question, a line end, the answer */
    CC_BLOCK_COUNT
};

struct cc_block {
    enum cc_block_kind kind;
    int level;           /* of a heading, 1 to CC_EXTRACT_LEVELS; else 0 */
    int page;            /* from 1 (page, slide, sheet); 0: the file has no pages */
    int row;             /* from 1, of the file's table; 0: none */
    const char *section; /* "" outside of any; of a heading: its own path */
    const char *text;
    size_t len;
    bool apart; /* the headings before it were left */
};

struct cc_extract {
    enum cc_file_type type;
    int pages;                 /* 0: the file has no pages */
    int row;                   /* what blocks that are added now carry; a parser of rows sets it */
    const char *title;         /* the file's own; "" for none */
    void (*on_page)(int page); /* called as a page (slide, sheet) begins; NULL: nobody asks */
    size_t n, bytes;
    struct cc_block *blocks;
    /* below: for extract.c */
    size_t room;
    bool apart;
    struct cc_arena *mem;
    const char *heading[CC_EXTRACT_LEVELS], *section;
};

/* Everything lives in mem. */
void cc_extract_init(struct cc_extract *doc, enum cc_file_type type, struct cc_arena *mem);

/*
 * Cleans text (any valid UTF-8) and appends it as a block; nothing happens when nothing is left
 * of it.  level is looked at for headings only.  LIMIT beyond the caps above.
 */
int cc_extract_add(struct cc_extract *doc, enum cc_block_kind kind, int level, int page,
                   const char *text, size_t len);

/* To be called by a parser when it begins with a page: the reason for a crash names it. */
void cc_extract_page(struct cc_extract *doc, int page);

/* What comes now belongs to no heading. */
void cc_extract_leave(struct cc_extract *doc);

/* The file's own title, cleaned, in one line; "" keeps what is there. */
void cc_extract_title(struct cc_extract *doc, const char *text, size_t len);

const char *cc_file_mime(enum cc_file_type type);

#endif

/*
 * markup.h - one tag after another of HTML or XML, for those who want a few attributes only.
 *
 * Tolerant: whatever the bytes are, it goes on behind them.  Nothing is allocated and nothing is
 * looked at twice but for a constant number of bytes, so it may read foreign pages in the process
 * that has the network; what makes text of them is the parser in the jail.
 */
#ifndef CC_INGEST_WEB_MARKUP_H
#define CC_INGEST_WEB_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"

struct cc_markup {
    const char *at, *end;
    bool html; /* scripts, styles and their like hold no tags */
};
struct cc_tag {
    const char *name; /* points into the text, as written */
    size_t name_len;
    bool closing;
    const char *attributes, *attributes_end;
    const char *text; /* what follows the tag */
};
/* The next tag; false at the end.  Comments, CDATA, declarations and instructions are none. */
bool cc_markup_next(struct cc_markup *markup, struct cc_tag *ret);

bool cc_tag_is(const struct cc_tag *tag, const char *name); /* whatever the case */

/* The attribute's value as it is meant (entities resolved), in mem; NULL if it is not there. */
const char *cc_tag_attribute(const struct cc_tag *tag, const char *name, struct cc_arena *mem);

/* &amp; &lt; &gt; &quot; &apos; and numbers; others stay as they are. */
const char *cc_markup_plain(const char *text, size_t len, struct cc_arena *mem);

#endif

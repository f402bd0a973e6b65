/*
 * docx_styles.h - what the styles of a Word document say about its paragraphs.
 */
#ifndef CC_INGEST_PARSE_DOCX_STYLES_H
#define CC_INGEST_PARSE_DOCX_STYLES_H

#include <stdbool.h>

#include "ingest/parse/archive.h"
#include "proto/base/arena.h"

struct cc_docx_style {
    const char *id, *name, *based_on; /* "" for none */
    int heading;                      /* level from 1; 0: none, -1: as the one it is based on */
    int list;                         /* numbering id; 0: none, -1: as the one it is based on */
    int depth;                        /* of the list, from 0; -1 likewise */
};

struct cc_docx_styles {
    unsigned n, room;
    struct cc_docx_style *all;
};

/* part may be NULL or missing.  LIMIT. */
int cc_docx_styles_read(const struct cc_archive *archive, const char *part, struct cc_arena *mem,
                        struct cc_docx_styles *ret);

/* Inherited members are filled in.  An unknown id is judged by its own name ("Heading2"). */
struct cc_docx_style cc_docx_style(const struct cc_docx_styles *styles, const char *id);

#endif

/*
 * pdf_edges.h - what stands at the top and the foot of most pages is not their text.
 */
#ifndef CC_INGEST_PARSE_PDF_EDGES_H
#define CC_INGEST_PARSE_PDF_EDGES_H

#include <stddef.h>

#include "proto/base/arena.h"

struct cc_pdf_page {
    const char *s;
    size_t len;
};

/*
 * Moves the ends of pages inwards, over lines that come again on many of them: running heads,
 * whose first one stays, and numbers that count the pages.
 */
void cc_pdf_trim_edges(struct cc_pdf_page *pages, size_t n, struct cc_arena *mem);

#endif

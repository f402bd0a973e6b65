/*
 * doc.h - an arena and an empty document, new for each test of a suite.
 */
#ifndef CC_TESTS_INGEST_DOC_H
#define CC_TESTS_INGEST_DOC_H

#include "ingest/parse/extract.h"

static struct cc_arena *mem;
static struct cc_extract doc;

static inline void doc_setup(void)
{
    mem = cc_arena_new(128u << 20);
    cc_extract_init(&doc, CC_FILE_TEXT, mem);
}

static inline void doc_teardown(void)
{
    cc_arena_free(&mem);
}

#endif

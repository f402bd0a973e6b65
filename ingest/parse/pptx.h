/*
 * pptx.h - for office.c: the slides of a PowerPoint presentation.
 */
#ifndef CC_INGEST_PARSE_PPTX_H
#define CC_INGEST_PARSE_PPTX_H

#include "ingest/parse/archive.h"
#include "ingest/parse/extract.h"

/* Each slide is a page: its title as heading, its text and tables, then the speaker's notes. */
int cc_pptx_read(const struct cc_archive *archive, struct cc_extract *doc);

#endif

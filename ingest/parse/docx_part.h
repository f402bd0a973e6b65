/*
 * docx_part.h - one part of a Word file: its body, its notes, a header, a diagram.
 */
#ifndef CC_INGEST_PARSE_DOCX_PART_H
#define CC_INGEST_PARSE_DOCX_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "ingest/parse/archive.h"
#include "ingest/parse/docx_lists.h"
#include "ingest/parse/docx_styles.h"
#include "ingest/parse/extract.h"

struct cc_docx_notes {
    size_t n, room;
    struct cc_docx_note {
        bool endnote;
        const char *id, *text;
    } * all;
};

struct cc_docx_part {
    const struct cc_archive *archive;
    const char *name;                    /* NULL: there is none */
    bool must;                           /* that it is missing or damaged is a failure */
    const struct cc_docx_styles *styles; /* NULL: its paragraphs have none */
    struct cc_docx_lists *lists;         /* NULL: its items have no numbers */
    struct cc_docx_notes *notes; /* the body's references name them, parts of notes add some */
};

/* Appends its blocks to doc; notes lie in doc's memory. */
int cc_docx_part_read(const struct cc_docx_part *part, struct cc_extract *doc);

#endif

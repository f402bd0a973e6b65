/*
 * flow.h - what the tags of a text document nest, as blocks in reading order.
 *
 * Paragraphs may lie within paragraphs (text boxes) and tables within tables: an inner paragraph
 * is a block behind its outer one, an inner table is text of the cell it lies in.  A table of one
 * column is layout and becomes paragraphs.
 */
#ifndef CC_INGEST_PARSE_FLOW_H
#define CC_INGEST_PARSE_FLOW_H

#include "ingest/parse/extract.h"
#include "proto/base/buf.h"

#define CC_FLOW_DEPTH 8 /* paragraphs within paragraphs; deeper ones belong to the last */

struct cc_flow_paragraph {
    enum cc_block_kind kind;
    int level; /* of a heading from 1, of a list's item from 0 */
    struct cc_buf text;
    size_t mark; /* bytes of text that are a list's number */
};

struct cc_flow {
    struct cc_extract *doc;
    int page;
    /* below: for flow.c */
    int open, tables, cells, widest;
    struct cc_flow_paragraph paragraphs[CC_FLOW_DEPTH];
    struct cc_buf cell, table, notes;
    struct cc_flow_later *later; /* inner paragraphs, until the outermost one is closed */
    size_t n_later, room_later;
};

void cc_flow_init(struct cc_flow *flow, struct cc_extract *doc);
void cc_flow_done(struct cc_flow *flow);

void cc_flow_open(struct cc_flow *flow);
int cc_flow_close(struct cc_flow *flow);
void cc_flow_kind(struct cc_flow *flow, enum cc_block_kind kind, int level);

/* A list's number before the paragraph's text; nothing is left of it when no text follows. */
void cc_flow_mark(struct cc_flow *flow, const char *mark);

/* To the paragraph that is open; lost when none is. */
void cc_flow_text(struct cc_flow *flow, const char *s, size_t len);

/* Lines that follow the paragraph (the table) that is open. */
void cc_flow_note(struct cc_flow *flow, const char *text);

void cc_flow_table(struct cc_flow *flow);
void cc_flow_cell_end(struct cc_flow *flow);
void cc_flow_row_end(struct cc_flow *flow);
int cc_flow_table_end(struct cc_flow *flow);

#endif

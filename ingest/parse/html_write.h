/*
 * html_write.h - the tree of a web page becomes blocks.
 */
#ifndef CC_INGEST_PARSE_HTML_WRITE_H
#define CC_INGEST_PARSE_HTML_WRITE_H

#include "ingest/parse/extract.h"
#include "ingest/parse/html_tree.h"

/* All nodes that are not cut, in their order.  images: with what pictures show, as "[words]". */
int cc_html_write(const struct cc_html_tree *tree, bool images, struct cc_extract *doc);

/* Rows of cells, no paragraphs in them, at least two of each: data, not the page's layout. */
bool cc_html_is_data(const struct cc_html_node *table);

/* One block for a table that holds data. */
int cc_html_write_table(const struct cc_html_node *table, struct cc_extract *doc);

/*
 * One PAIR for a question with its answer: <details>, schema.org's Question.  *ret says whether
 * it was one; nothing is written otherwise.
 */
int cc_html_write_pair(const struct cc_html_node *node, struct cc_extract *doc, bool *ret);

/* Adds "question, line end, answer"; a paragraph when nothing can be seen of the answer. */
int cc_html_add_pair(struct cc_extract *doc, const char *text, size_t len);

/* A term that asks, and its meaning. */
bool cc_html_asks(const char *text);

/* Pairs of an FAQPage in the page's linked data, unless the page shows their questions itself. */
int cc_html_write_data(const struct cc_html_tree *tree, struct cc_extract *doc);

#endif

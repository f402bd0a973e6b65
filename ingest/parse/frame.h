/*
 * frame.h - what the jailed child says to its parent: a document, or why there is none.
 *
 *     "CCP1", then records: one byte of kind, length (32 bits, little endian), payload
 *       P  page (4)                                   "this page is being read now": anywhere
 *                                                     before E, any number, in any order
 *       D  type (1)                                   first of the others, once
 *       T  text                                       the file's own title, at most once, after D
 *       L                                             the headings so far are left: before a B
 *       B  kind (1) level (1) page (4) row (4) text   a block, any number
 *       E  pages (4) public error name, NUL, words    last, once; "ok" when all went well
 *
 * P records are written while the child reads, so that the parent knows which page a killed child
 * was at; all the rest is written at the end.  The parent believes nothing: the decoder checks
 * order, lengths, numbers and caps, and cleans each text again while it appends the block.
 */
#ifndef CC_INGEST_PARSE_FRAME_H
#define CC_INGEST_PARSE_FRAME_H

#include "ingest/parse/extract.h"
#include "proto/base/buf.h"

/* A stream is: begin, pages as they come, end.  What is appended to out may be sent and dropped at
 * any time. */
void cc_frame_begin(struct cc_buf *out);
void cc_frame_page(int page, struct cc_buf *out);

/* code and words: how it ended; title and blocks are written only for code 0.  out may get "over":
 * drop it, and end again with LIMIT. */
void cc_frame_end(const struct cc_extract *doc, int code, const char *words, struct cc_buf *out);

/* Begin and end at once. */
void cc_frame_encode(const struct cc_extract *doc, int code, const char *words, struct cc_buf *out);

/* The last page that a stream, whole or cut anywhere, says was being read; 0 when none. */
int cc_frame_last_page(const char *bytes, size_t len);

/* doc lives in mem.  The child's own code and words when it failed; PARSER for bad bytes. */
int cc_frame_decode(const char *bytes, size_t len, struct cc_arena *mem, struct cc_extract *doc);

#endif

/*
 * frame.h - what the jailed child says to its parent: a document, or why there is none.
 *
 *     "CCP1", then records: one byte of kind, length (32 bits, little endian), payload
 *       D  type (1)                                   first, once
 *       B  kind (1) level (1) page (4) text           a block, any number
 *       E  pages (4) public error name, NUL, words    last, once; "ok" when all went well
 *
 * The parent believes nothing: the decoder checks order, lengths, numbers and caps, and cleans
 * each text again while it appends the block.
 */
#ifndef CC_INGEST_PARSE_FRAME_H
#define CC_INGEST_PARSE_FRAME_H

#include "ingest/parse/extract.h"
#include "proto/base/buf.h"

/* code and words: how it ended; blocks are written only for code 0.  out may get "over". */
void cc_frame_encode(const struct cc_extract *doc, int code, const char *words, struct cc_buf *out);

/* doc lives in mem.  The child's own code and words when it failed; PARSER for bad bytes. */
int cc_frame_decode(const char *bytes, size_t len, struct cc_arena *mem, struct cc_extract *doc);

#endif

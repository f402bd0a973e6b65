/*
 * passage.h - what of a passage is embedded and counted, and the hash it is known again by.
 */
#ifndef CC_INGEST_PASSAGE_H
#define CC_INGEST_PASSAGE_H

#include <stddef.h>

#include "proto/base/arena.h"
#include "proto/vec/embed.h"

/* A passage in the middle of a section is found by the section's name, too. */
const char *cc_passage_text(const char *section, const char *text, struct cc_arena *mem);

/* SHA-256 in hex of the embedding's name and of that text. */
const char *cc_passage_hash(const char *model, const char *text, struct cc_arena *mem);

/* Waits.  n parts, in as few calls as they fit into; out: n vectors of dim.  As cc_embed. */
int cc_passage_embed(struct cc_embedder *embedder, const struct cc_part *part, size_t n, size_t dim,
                     float *out);

#endif

/*
 * embedding.h - which embedding a tenant's passages can be asked with, and how it is exchanged for
 * another while questions come in.  All calls wait.
 *
 *     tenants.embedding = A;  the processes are set to B
 *       new documents get vectors of B (and of A, where A can still be made)
 *       one process takes the tenant, makes vectors of B for all passages that lack them
 *       the last one: embedding = B, in one transaction; the vectors of A go
 *       a while later the tenant is looked at once more, for documents that a process still set to
 *       A has published meanwhile
 *
 * Vectors lie in chunk_vectors, or in an outer store (proto/vec/points.h): then chunks.outside
 * names the embeddings that are there.  vector_garbage says what it may forget.
 */
#ifndef CC_STORE_EMBEDDING_H
#define CC_STORE_EMBEDDING_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/store/chunk.h"

/* "": nothing was published yet. */
int cc_embedding_of(struct cc_pg *pool, const char *tenant, struct cc_arena *mem, const char **ret);

/* Tenants whose embedding is another one and that nobody works on. */
int cc_embedding_sweep(struct cc_pg *sweep, const char *model, int max, struct cc_arena *mem,
                       const char *const **ret_tenants, int *ret_n);
/* Ours for so long; *ret false: another's, or nothing to do.  Renews, too. */
int cc_embedding_take(struct cc_pg *pool, const char *tenant, const char *owner, int lease_ms,
                      bool *ret);

/* Passages of active generations without vectors of this model, oldest first. */
struct cc_embedding_lack {
    int64_t chunk, generation;
    const char *document, *section, *text;
};
int cc_embedding_lacking(struct cc_pg *pool, const char *tenant, const char *model, int max,
                         struct cc_arena *mem, struct cc_embedding_lack **ret, int *ret_n);
/* Vectors for passages that are there already; those gone meanwhile are left out. */
struct cc_embedding_add {
    int64_t chunk, generation;
    const char *sha256; /* of the new model and text: the passage's hash from now on */
    const float *vectors;
    int parts;
};
int cc_embedding_put(struct cc_pg *pool, const char *tenant, const char *model, int dimension,
                     const struct cc_embedding_add *add, int n);
/* Flips if nothing lacks it: *ret true.  The other vectors go. */
int cc_embedding_flip(struct cc_pg *pool, const char *tenant, const char *model, bool *ret);

/*
 * Vectors of one more embedding for passages that cc_chunk_put() has stored, by index; only while
 * questions are asked with that one.  FENCED.
 */
int cc_embedding_put_more(struct cc_pg *pool, const struct cc_document_hold *hold,
                          const struct cc_chunk_batch *batch);

/* ---- vectors in an outer store ---- */

/* Row ids of a batch's passages, in its order; FENCED when one is not there. */
int cc_embedding_ids(struct cc_pg *pool, const struct cc_document_hold *hold,
                     const struct cc_chunk_batch *batch, struct cc_arena *mem, const int64_t **ret);
/* The outer store has the vectors of this model for these passages. */
struct cc_embedding_there {
    const char *tenant, *model;
    const int64_t *chunks;
    int n;
};
int cc_embedding_outside(struct cc_pg *pool, const struct cc_embedding_there *there);

/* What the outer store may forget: of generations that are gone, or of an embedding of before. */
struct cc_embedding_garbage {
    const char *tenant, *model; /* model "": of all */
    int64_t generation;
};
int cc_embedding_garbage(struct cc_pg *sweep, int max, struct cc_arena *mem,
                         struct cc_embedding_garbage **ret, int *ret_n);
/* Is it still garbage (its document or its model may be in use again)? */
int cc_embedding_is_garbage(struct cc_pg *pool, const struct cc_embedding_garbage *garbage,
                            bool *ret);
int cc_embedding_forgotten(struct cc_pg *pool, const struct cc_embedding_garbage *garbage);

#endif

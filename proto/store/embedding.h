/*
 * embedding.h - which embedding a tenant's passages can be asked with, and how it is exchanged for
 * another while questions come in.  All calls wait.
 *
 *     tenants.embedding = A;  the processes are set to B
 *       new documents get vectors of B (and of A, where A can still be made)
 *       one process takes the tenant, makes vectors of B for all passages that lack them
 *       the last one: embedding = B, in one transaction
 *       a lease later, when no question is under way with A any more, its vectors go, and documents
 *       that a process still set to A has published meanwhile get those of B
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

/* An embedding, its vectors here or in an outer store: where an exchange leads. */
struct cc_embedding_goal {
    const char *model;
    bool outside;
};

/* What a tenant's questions are asked with; model "": nothing was published yet. */
int cc_embedding_asked(struct cc_pg *pool, const char *tenant, struct cc_arena *mem,
                       struct cc_embedding_goal *ret);

/* Tenants that have something to be done, and that nobody works on. */
int cc_embedding_sweep(struct cc_pg *sweep, const struct cc_embedding_goal *goal, int max,
                       struct cc_arena *mem, const char *const **ret_tenants, int *ret_n);
/* Ours for so long; *ret false: another's.  Renews, too. */
struct cc_embedding_lease {
    const char *tenant, *owner;
    int lease_ms;
};
int cc_embedding_take(struct cc_pg *pool, const struct cc_embedding_lease *lease, bool *ret);

/* Passages of active generations that lack it, by their ids, behind this one. */
struct cc_embedding_lack {
    int64_t chunk, index, generation;
    const char *document, *section, *text, *sha256;
};
int cc_embedding_lacking(struct cc_pg *pool, const char *tenant,
                         const struct cc_embedding_goal *goal, int64_t after, int max,
                         struct cc_arena *mem, struct cc_embedding_lack **ret, int *ret_n);

/* For passages that are there already and still have the hash `was`; others are left out. */
struct cc_embedding_add {
    int64_t chunk, generation;
    const char *was, *sha256; /* hash of model and text, so far and from now on */
    const float *vectors;
    int parts;
};
struct cc_embedding_batch {
    const char *tenant, *model;
    int dimension, n;
    const struct cc_embedding_add *add;
    bool while_asked; /* only if questions are asked with it: it is on its way out */
};
int cc_embedding_put(struct cc_pg *pool, const struct cc_embedding_batch *batch);
/* The same where the outer store has been given the vectors.  Passages that are gone meanwhile make
 * garbage of their generation. */
int cc_embedding_outside(struct cc_pg *pool, const struct cc_embedding_batch *batch);

/*
 * *ret: nothing lacks it, and questions are asked with it from now on.  The tenant is given back,
 * to be looked at once more after lease_ms if they were asked with another before.  Only for
 * whoever has taken it.
 */
int cc_embedding_flip(struct cc_pg *pool, const struct cc_embedding_lease *lease,
                      const struct cc_embedding_goal *goal, bool *ret);
/*
 * The vectors of other embeddings go, and what an outer store holds of them is noted as garbage,
 * of some generations behind this one.  *ret_next: where to go on, 0 at the end.  Does nothing
 * unless it has flipped.
 */
int cc_embedding_clear(struct cc_pg *pool, const char *tenant, const struct cc_embedding_goal *goal,
                       int64_t after, int64_t *ret_next);

/*
 * Vectors of one more embedding for passages that cc_chunk_put() has stored, by index; only while
 * questions are asked with that one.  FENCED.
 */
int cc_embedding_put_more(struct cc_pg *pool, const struct cc_document_hold *hold,
                          const struct cc_chunk_batch *batch);

/* Row ids of a batch's passages, in its order; FENCED when one is not there. */
int cc_embedding_ids(struct cc_pg *pool, const struct cc_document_hold *hold,
                     const struct cc_chunk_batch *batch, struct cc_arena *mem, int64_t **ret);

/* Passages with these hashes whose vectors of the model lie outside, one of each hash. */
struct cc_embedding_place {
    const char *sha256;
    int64_t chunk;
};
int cc_embedding_places(struct cc_pg *pool, const struct cc_chunk_known *query,
                        struct cc_arena *mem, struct cc_embedding_place **ret, int *ret_n);

/* Notes about single embeddings of this tenant, for whoever has taken it. */
int cc_embedding_garbage(struct cc_pg *pool, const char *tenant, int max, struct cc_arena *mem,
                         struct cc_garbage **ret, int *ret_n);

#endif

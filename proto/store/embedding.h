/*
 * embedding.h - which embedding a tenant's passages can be asked with, and how it is exchanged for
 * another while questions come in.  All calls wait.
 *
 *     tenants.embedding = A;  the processes are set to B
 *       new documents get vectors of B (and of A, where A can still be made)
 *       one process takes the tenant, makes vectors of B for all passages that lack them
 *       the last one: embedding = B, in one transaction; the vectors of A go
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

#endif

/*
 * vector_kept.h - what is kept of a tenant's vectors, and how it is filled.
 *
 * For vector_cache.c, which decides whose are kept, and vector_fill.c alone.
 */
#ifndef CC_STORE_VECTOR_KEPT_H
#define CC_STORE_VECTOR_KEPT_H

#include <sys/queue.h>

#include "proto/base/id.h"
#include "proto/store/chunk.h"

#define CC_KEPT_MODEL 128 /* bytes of an embedding's name */

/* Vectors of one generation: those of a chunk lie together.  Never changed. */
struct cc_kept_block {
    int n, chunks;
    size_t bytes;
    int64_t *chunk;
    int *part; /* from 1 */
    float *v;  /* n x dimension */
};
/* A document that can be found. */
struct cc_kept_doc {
    int64_t generation, edits, chunks;
    char bot[CC_ID_MAX];         /* "": for all bots */
    struct cc_kept_block *block; /* NULL: no vectors of this embedding */
};
/* What is known of a tenant's vectors of one embedding. */
struct cc_kept {
    char tenant[CC_ID_MAX], model[CC_KEPT_MODEL];
    int dimension;
    int64_t knowledge;       /* of the tenant, when it was read; -1: never */
    int64_t again_ms;        /* when to look again even so */
    bool loading;            /* a task is about to fill it, and will come back to it */
    int64_t too_many;        /* so many passages were too many; 0: all are here */
    struct cc_kept_doc *doc; /* sorted by generation */
    int64_t *off;            /* sorted */
    int n, off_n;
    size_t bytes;
    TAILQ_ENTRY(cc_kept) list;
};

/*
 * Waits; k->loading is set meanwhile, and only this task touches it.  What is still good of it
 * stays.  TOOBIG: there is more than room bytes of it (k->too_many says so, too).  After another
 * failure k is of no use.
 */
int cc_kept_fill(struct cc_pg *pool, struct cc_kept *k, size_t room, struct cc_arena *mem);

void cc_kept_clear(struct cc_kept *k);     /* all that hangs on it goes */
void *cc_kept_need(size_t n, size_t each); /* zeroed; out of memory ends the process */

#endif

/*
 * reindex.h - which embeddings a tenant's passages get, and how they are exchanged.
 *
 * The settings name one embedding; a tenant is asked with the one in tenants.embedding.  Where they
 * differ, new passages get both, and a loop gives the old passages the new one, then lets questions
 * use it (proto/store/embedding.h).  It steps back for documents that are handed in.
 */
#ifndef CC_INGEST_REINDEX_H
#define CC_INGEST_REINDEX_H

#include "ingest/ingest.h"
#include "proto/store/chunk.h"
#include "proto/vec/embedders.h"

struct cc_reindex_with {
    struct cc_embedder *of[2]; /* first the one of the settings; then, if another one and one that
                                  can be made here, the one that questions are asked with */
    int n;
};
/* Waits. */
int cc_embedders_for(struct cc_ingest *ingest, const char *tenant, struct cc_reindex_with *ret);

/* cc_chunk_known(), wherever the vectors lie.  Waits. */
int cc_reindex_known(struct cc_ingest *ingest, const struct cc_chunk_known *query,
                     struct cc_arena *mem, struct cc_chunk_vectors **ret, int *ret_n);

/*
 * Stores passages of a batch, in place of cc_chunk_put(): their vectors go to PostgreSQL, or to
 * ingest->points if there are any.  more: the same passages (by index) with the second embedding;
 * NULL for none.  Waits.  FENCED; UPSTREAM, TIMEOUT of Qdrant.  Safe to repeat.
 */
int cc_reindex_store(struct cc_ingest *ingest, const struct cc_document_hold *hold,
                     const struct cc_chunk_batch *batch, const struct cc_chunk_batch *more);

/*
 * For a passage that was changed by hand: its vectors go where the others are.  Nothing to do
 * without ingest->points.  Waits.
 */
int cc_reindex_passage(struct cc_ingest *ingest, const char *tenant, int64_t chunk);

/* A task of its own, until run->stopping: exchanges, and removes what Qdrant needs no more.  Waits.
 */
void cc_reindex(void *ingest);

#endif

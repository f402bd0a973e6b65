/*
 * index.h - passages get their words and their vectors, and are stored in batches.
 *
 * A passage whose text has been embedded with this model before, in any document of the tenant, is
 * not embedded again.  While the tenant's embedding is exchanged (reindex.h) there are two models.
 */
#ifndef CC_INGEST_INDEX_H
#define CC_INGEST_INDEX_H

#include "ingest/chunker.h"
#include "ingest/work.h"

#define CC_INDEX_BATCH 64 /* passages of one transaction at most */
#define CC_INDEX_FIRST 8  /* of a document's first one */
#define CC_INDEX_WITH  2  /* embeddings at once */

/*
 * One document's passages, lying in slice[0..n).  A service that reads passages whole gets many at
 * once; where each is read sentence by sentence, few are a batch already: next follows from the
 * batch before.
 */
struct cc_index {
    struct cc_work *work;
    const struct cc_slice *slice;
    size_t n, at, next; /* at: stored so far */
    struct cc_embedder *with[CC_INDEX_WITH];
    size_t dim[CC_INDEX_WITH];
    int with_n;
};

/* Waits.  Begun again, it goes on where it was. */
int cc_index_begin(struct cc_index *index, struct cc_work *work, const struct cc_slice *slice,
                   size_t n);

/* Waits.  Stores the next passages; work->embedded counts those that had to be embedded. */
int cc_index_batch(struct cc_index *index);

#endif

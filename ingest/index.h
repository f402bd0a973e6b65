/*
 * index.h - passages get their words and their vectors, and are stored in batches.
 */
#ifndef CC_INGEST_INDEX_H
#define CC_INGEST_INDEX_H

#include "ingest/chunker.h"
#include "ingest/work.h"

#define CC_INDEX_BATCH 64 /* passages of one transaction at most */
#define CC_INDEX_FIRST 8  /* of a document's first one */

/*
 * Waits.  Stores slices first to first + n - 1 (n up to CC_INDEX_BATCH).  A passage whose text has
 * been embedded with this model before, in any document of the tenant, is not embedded again.
 * *ret_next: how many to take next time.  A service that reads passages whole gets many at once;
 * where each is read sentence by sentence, few are a batch already.
 */
int cc_index_batch(struct cc_work *work, const struct cc_slice *slices, size_t first, size_t n,
                   size_t *ret_next);

#endif

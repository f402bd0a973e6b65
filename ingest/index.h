/*
 * index.h - passages get their words and their vectors, and are stored in batches.
 */
#ifndef CC_INGEST_INDEX_H
#define CC_INGEST_INDEX_H

#include "ingest/chunker.h"
#include "ingest/work.h"

#define CC_INDEX_BATCH 16 /* passages of one transaction */

/*
 * Waits.  Stores slices first to first + n - 1 (n up to CC_INDEX_BATCH).  A passage whose text has
 * been embedded with this model before, in any document of the tenant, is not embedded again.
 */
int cc_index_batch(struct cc_work *work, const struct cc_slice *slices, size_t first, size_t n);

#endif

/* reindex_inside.h - between the files of the exchange only. */
#ifndef CC_INGEST_REINDEX_INSIDE_H
#define CC_INGEST_REINDEX_INSIDE_H

#include "ingest/reindex.h"
#include "proto/store/embedding.h"

/* What all passages are to have. */
struct cc_embedding_goal cc_reindex_goal(const struct cc_ingest *ingest);

struct cc_reindex_added {
    int64_t last; /* row id of the passage behind which to look; moved on */
    int n;        /* passages that lacked vectors, and have them now; 0: there are none behind */
};
/* Waits.  Vectors for some passages of a tenant that lack them, max at most. */
int cc_reindex_add(struct cc_ingest *ingest, const char *tenant, int max,
                   struct cc_reindex_added *at);

#endif

/*
 * line_up.h - the one way by which a document's job comes into its tenant's line (fair.h), whoever
 * puts it: upload, retry, sweeper, a visited source.  The same document and generation are the same
 * job.
 */
#ifndef CC_BUS_LINE_UP_H
#define CC_BUS_LINE_UP_H

#include <stdint.h>

#include "proto/bus/redis.h"

/* Waits.  A hint: when it fails the sweeper finds the row.  Repeating it is safe. */
int cc_ingest_enqueue(struct cc_redis *queue, const char *tenant, const char *document,
                      int64_t generation);

#endif

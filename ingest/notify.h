/*
 * notify.h - tells who looks at a tenant's documents how far one is: a frame on the tenant's
 * channel (proto/wire/names.h), lost when nobody listens.
 *
 *     {"type": "document", "id", "status", "progress", "currentStep", "chunksTotal", "chunksDone",
 *      "error"?}
 */
#ifndef CC_INGEST_NOTIFY_H
#define CC_INGEST_NOTIFY_H

#include "ingest/work.h"

/* Waits, not long.  error NULL: none. */
void cc_notify(const struct cc_work *work, const char *status, const char *error);

#endif

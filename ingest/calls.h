/*
 * calls.h - what the gateway asks of an ingest process (proto/bus/call.h, kind "ingest").
 *
 *     preview    how a document would be cut with other settings; nothing is stored
 *     chunk_put  a passage gets another text, or there is one more: counted, embedded, stored
 */
#ifndef CC_INGEST_CALLS_H
#define CC_INGEST_CALLS_H

#include "ingest/ingest.h"

/* Waits.  One server per process. */
int cc_ingest_calls_start(struct cc_ingest *ingest);

/* Waits: lets calls under way end for a moment.  Before what they use is freed. */
void cc_ingest_calls_stop(struct cc_ingest *ingest);

#endif

/*
 * hub.h - events that come in on this worker's one reply channel, handed to who looks on.
 *
 * The channel is named in each job and in each answer's set of viewers; it is listened to from
 * the start, so nothing is to be subscribed before a question is asked.  A viewer
 * queues what it has not taken yet; when that grows too long, or the link to Redis broke, it
 * hears "lost" once and reads the replay again.
 */
#ifndef CC_GATEWAY_HUB_H
#define CC_GATEWAY_HUB_H

#include "proto/task/task.h"
#include "proto/wire/event.h"

struct cc_viewer;

int cc_hub_open(int worker);
void cc_hub_close(void);
const char *cc_hub_channel(void);

/* How many look on to this answer here. */
int cc_hub_viewers(const char *answer);

struct cc_viewer *cc_viewer_new(const char *answer);
void cc_viewer_free(struct cc_viewer **viewer); /* NULL is fine; sets NULL */

struct cc_heard {
    struct cc_event_id id;
    struct cc_event event; /* valid until the viewer's next call */
};
/* Waits.  TIMEOUT, CANCELLED; FENCED (once per event): something may have been missed. */
int cc_viewer_next(struct cc_viewer *viewer, int64_t deadline_ms, struct cc_heard *ret);

#endif

#include "worker/events.h"

#include <string.h>

#include "proto/bus/replay.h"

#define AGAIN_MS    200 /* between two tries at a server that is down */
#define REWRITE_MAX 5   /* a server that keeps coming back empty */

struct cc_kept {
    struct cc_kept *next;
    int64_t seq;
    size_t len;
    char bytes[];
};

void cc_events_init(struct cc_events *events)
{
    cc_buf_init(&events->stored, CC_EVENT_MAX + 1);
    events->first = events->last = events->owed = NULL;
    events->n = events->again_ms = 0;
    events->cancelled = false;
}

void cc_events_done(struct cc_events *events)
{
    cc_buf_done(&events->stored);
}

bool cc_events_owes(const struct cc_events *events)
{
    return events->owed != NULL;
}

struct cc_buf *cc_events_open(struct cc_events *events, enum cc_event_kind kind)
{
    cc_buf_reset(&events->stored);
    cc_event_encode(kind, "", 0, &events->stored);
    return &events->stored;
}

static void keep(struct cc_events *events)
{
    struct cc_kept *kept = cc_arena_get(events->mem, sizeof *kept + events->stored.len);

    kept->seq = ++events->n;
    kept->len = events->stored.len;
    memcpy(kept->bytes, events->stored.bytes, kept->len);
    if (events->last)
        events->last->next = kept;
    else
        events->first = kept;
    events->last = kept;
    if (!events->owed)
        events->owed = kept;
}

static int write_one(struct cc_events *events, const struct cc_kept *kept)
{
    struct cc_replay_put put = {
        .answer = events->answer,
        .viewer = kept->seq == 1 && *events->viewer ? events->viewer : NULL,
        .id = {events->attempt, kept->seq},
        .stored = kept->bytes,
        .len = kept->len,
        .expect = kept->seq - 1,
        .keep_s = events->keep_s,
    };
    bool cancel = false;
    int rc = cc_replay_put(events->live, &put, &cancel);

    events->cancelled |= cancel;
    return rc;
}

/* Owed events one after another; from the first again when the server lost them. */
static int write_owed(struct cc_events *events)
{
    int rewrites = 0;

    while (events->owed) {
        int rc = write_one(events, events->owed);

        if (rc == CC_E_CONFLICT && rewrites++ < REWRITE_MAX)
            events->owed = events->first;
        else if (rc)
            return rc;
        else
            events->owed = events->owed->next;
    }
    return 0;
}

int cc_events_send(struct cc_events *events)
{
    if (cc_now() < events->again_ms)
        return 0;
    int rc = write_owed(events);

    if (rc == 0 || rc == CC_E_FENCED || rc == CC_E_CANCELLED)
        return rc;
    events->again_ms = cc_now() + AGAIN_MS;
    return 0;
}

int cc_events_close(struct cc_events *events)
{
    keep(events);
    return cc_events_send(events);
}

int cc_events_put(struct cc_events *events, enum cc_event_kind kind, const char *data, size_t len)
{
    cc_buf_add(cc_events_open(events, kind), data, len);
    return cc_events_close(events);
}

int cc_events_settle(struct cc_events *events, int64_t deadline_ms)
{
    for (;;) {
        int rc = write_owed(events);

        if (rc == 0 || rc == CC_E_FENCED || rc == CC_E_CANCELLED)
            return rc;
        if (cc_now() + AGAIN_MS >= deadline_ms)
            return rc;
        rc = cc_sleep(AGAIN_MS);
        if (rc)
            return rc;
    }
}

#include "gateway/follow.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/answers.h"
#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/pure/problem.h"
#include "gateway/pure/retell.h"
#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/replay.h"
#include "proto/store/answer.h"

#define QUIET_MS     3000  /* hearing nothing for so long: look */
#define QUIET_MAX_MS 15000 /* the pause doubles up to this */
#define AGAIN_MS     500   /* the row has ended, the stream has not told it */
#define COMMENT_MS   15000
#define GUEST_MS     3000 /* how often it is looked whether the reader still may */
#define READ_MAX     64   /* entries of the replay at once */
#define READ_CAP     (READ_MAX * (CC_EVENT_MAX + 1024))

struct state {
    struct cc_follow *f;
    bool ended, row_ended; /* row_ended: seen before, but the stream did not tell it */
    int64_t quiet_ms, look_at, comment_at, guest_at;
};

static int deliver(struct state *s, const struct cc_event_id *id, const struct cc_event *event)
{
    int64_t now = cc_now();

    s->f->last = *id;
    s->ended = cc_event_ends(event->kind);
    s->quiet_ms = QUIET_MS;
    s->look_at = now + QUIET_MS;
    s->comment_at = now + COMMENT_MS;
    return s->f->event(s->f->arg, id, event);
}

static bool is_news(const struct state *s, struct cc_event_id id)
{
    return cc_event_id_compare(id, s->f->last) > 0;
}

/* ---- the row ---- */

static int retell(struct state *s, const struct cc_answer_view *view, struct cc_arena *mem)
{
    struct cc_retold told[CC_RETOLD_MAX];
    int n = cc_retell(view, s->f->rq->id, mem, told), rc = 0;

    cc_metric_add(CC_M_RESUMES, NULL, 1);
    for (int i = 0; i < n && rc == 0; i++)
        if (is_news(s, told[i].id))
            rc = deliver(s, &told[i].id, &told[i].event);
    s->ended = true;
    return rc;
}

/* The link to the queue was re-made: what it held may be gone, so ask again. */
static int ask_again(struct state *s)
{
    uint64_t epoch = cc_redis_epoch(cc_gateway()->queue);
    struct cc_admitted ignored;
    int rc;

    if (!s->f->admit || epoch == s->f->epoch)
        return 0;
    rc = cc_admit(cc_gateway()->queue, s->f->admit, &ignored);
    if (rc == 0)
        s->f->epoch = epoch;
    return rc;
}

/* ---- the replay stream ---- */

static int read_some(struct state *s, struct cc_arena *mem, int *ret_n)
{
    struct cc_replay_entry *entries = cc_arena_array(mem, READ_MAX, sizeof *entries);
    int rc =
        cc_replay_read(cc_gateway()->live, s->f->answer, s->f->last, READ_MAX, mem, entries, ret_n);

    for (int i = 0; rc == 0 && i < *ret_n && !s->ended; i++)
        if (is_news(s, entries[i].id))
            rc = deliver(s, &entries[i].id, &entries[i].event);
    return rc;
}

enum found { NO_STREAM, NOTHING_NEW, SOME };

static int read_replay(struct state *s, enum found *ret)
{
    int rc, n;

    *ret = NO_STREAM;
    do {
        struct cc_arena *mem = cc_arena_new(READ_CAP);

        n = 0;
        rc = read_some(s, mem, &n);
        cc_arena_free(&mem);
        if (rc == 0 && *ret != SOME)
            *ret = n > 0 ? SOME : NOTHING_NEW;
    } while (rc == 0 && n == READ_MAX && !s->ended);
    return rc == CC_E_NOTFOUND ? 0 : rc;
}

/* Is the last event that the reader knows the one that ended it? */
static int knows_the_end(struct state *s, bool *ret)
{
    struct cc_arena *mem = cc_arena_new(4 * CC_EVENT_MAX);
    struct cc_event_id before = {s->f->last.attempt, s->f->last.seq - 1};
    struct cc_replay_entry entry;
    int n = 0, rc = 0;

    if (s->f->last.seq > 0)
        rc = cc_replay_read(cc_gateway()->live, s->f->answer, before, 1, mem, &entry, &n);
    *ret = rc == 0 && n == 1 && cc_event_id_compare(entry.id, s->f->last) == 0 &&
           cc_event_ends(entry.event.kind);
    cc_arena_free(&mem);
    return rc;
}

/* ---- both ---- */

/*
 * The row says that it has ended.  With a stream that tells nothing more, the reader knows it, or
 * the last event is still on its way (it comes after the row): then we look once more.
 */
static int on_ended_row(struct state *s, const struct cc_answer_view *view, enum found found,
                        struct cc_arena *mem)
{
    int rc = found == NOTHING_NEW ? knows_the_end(s, &s->ended) : 0;

    if (rc != 0 || s->ended)
        return rc;
    if (found == NOTHING_NEW && !s->row_ended) {
        s->row_ended = true;
        s->look_at = cc_now() + AGAIN_MS;
        return 0;
    }
    return retell(s, view, mem);
}

/* Has it ended without our hearing of it?  Was it never begun? */
static int look_at_row(struct state *s, enum found found)
{
    struct cc_arena *mem = cc_arena_new(8 * CC_EVENT_MAX);
    struct cc_answer_view view;
    int rc = cc_answer_read(cc_gateway()->pg, s->f->rq->guest.tenant, s->f->answer, mem, &view);

    if (rc == 0 && cc_answer_ended(&view))
        rc = on_ended_row(s, &view, found, mem);
    else if (rc == CC_E_NOTFOUND)
        rc = ask_again(s);
    cc_arena_free(&mem);
    return rc;
}

/* Whoever cannot be reached now is asked again at the next look. */
static bool passes(int rc)
{
    return rc == CC_E_DOWN || rc == CC_E_TIMEOUT || rc == CC_E_BUSY || rc == CC_E_REPLY;
}

/*
 * join before reading, so that nothing falls between.  The stream has everything while it is
 * there; when it had nothing new, only the row knows.
 */
static int catch_up(struct state *s)
{
    enum found found = NO_STREAM;
    int rc = 0, sent;

    if (s->f->join)
        rc = cc_replay_join(cc_gateway()->live, s->f->answer, cc_hub_channel(),
                            (int)cc_cfg_int(CC_CFG_REPLAY_SECONDS));
    if (rc == 0)
        s->f->join = false;
    sent = rc == 0 ? read_replay(s, &found) : rc;
    if (sent != 0 && !passes(sent))
        return sent;
    if (found != SOME && !s->ended) {
        rc = look_at_row(s, found);
        if (rc != 0 && !passes(rc) && rc != CC_E_TENANT_BUSY)
            return rc;
    }
    return 0;
}

/* ---- hearing ---- */

static int on_silence(struct state *s)
{
    int64_t now = cc_now();
    int rc = 0;

    if (now >= s->comment_at) {
        s->comment_at = now + COMMENT_MS;
        rc = s->f->idle ? s->f->idle(s->f->arg) : 0;
    }
    if (rc == 0 && now >= s->look_at) {
        s->quiet_ms = s->quiet_ms * 2 > QUIET_MAX_MS ? QUIET_MAX_MS : s->quiet_ms * 2;
        s->look_at = now + s->quiet_ms;
        s->f->join = true; /* the set may have been lost with its server */
        rc = catch_up(s);
    }
    return rc;
}

static int on_event(struct state *s, const struct cc_heard *heard)
{
    if (!is_news(s, heard->id))
        return 0;
    if (cc_event_id_follows(s->f->last, heard->id))
        return deliver(s, &heard->id, &heard->event);
    return catch_up(s);
}

static int64_t next_moment(const struct state *s)
{
    const int64_t moments[] = {s->comment_at, s->guest_at, s->f->deadline_ms};
    int64_t first = s->look_at;

    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
        first = moments[i] < first ? moments[i] : first;
    return first;
}

static int hear(struct state *s)
{
    struct cc_heard heard;
    int rc = cc_viewer_next(s->f->viewer, next_moment(s), &heard);

    if (rc == 0)
        return on_event(s, &heard);
    if (rc == CC_E_FENCED) {
        s->f->join = true;
        return catch_up(s);
    }
    return rc == CC_E_TIMEOUT ? on_silence(s) : rc;
}

static int give_up(struct state *s, int code)
{
    struct cc_event_id id = {s->f->last.attempt + 1, 1};
    json_t *problem = cc_problem(code, NULL, s->f->rq->id);
    const char *text = cc_json_dup(problem, s->f->rq->mem);
    struct cc_event event = {.kind = CC_EV_ERROR, .data = text, .len = strlen(text)};

    json_decref(problem);
    return deliver(s, &id, &event);
}

/* Waits.  AUTH: the key was taken away, which the reader has been told. */
static int look_at_guest(struct state *s)
{
    int rc = 0, told;

    if (cc_now() < s->guest_at)
        return 0;
    s->guest_at = cc_now() + GUEST_MS;
    rc = cc_guest_again(&s->f->rq->guest);
    told = rc == CC_E_AUTH ? give_up(s, rc) : 0;
    return told ? told : rc;
}

/* Waits. */
static int go_on(struct state *s)
{
    int rc = look_at_guest(s);

    if (rc != 0)
        return rc;
    return cc_now() < s->f->deadline_ms ? hear(s) : give_up(s, CC_E_TIMEOUT);
}

int cc_follow_run(struct cc_follow *follow)
{
    int64_t now = cc_now();
    struct state s = {.f = follow,
                      .quiet_ms = QUIET_MS,
                      .look_at = now + QUIET_MS,
                      .comment_at = now + COMMENT_MS,
                      .guest_at = now + GUEST_MS};
    int rc = follow->join ? catch_up(&s) : 0;

    cc_task_trim(); /* what brought us here went deeper than looking on does */
    while (rc == 0 && !s.ended)
        rc = go_on(&s);
    return rc;
}

/* ---- leaving ---- */

struct leaving {
    char answer[48];
};

static void leave_main(void *arg)
{
    struct leaving *l = arg;
    int rc = cc_sleep(cc_cfg_int(CC_CFG_GRACE_MS));

    if (rc == 0 && cc_hub_viewers(l->answer) == 0) {
        rc = cc_replay_leave(cc_gateway()->live, l->answer, cc_hub_channel(), cc_answer_keep_s());
        if (rc != 0)
            cc_log_failure("leave_failed", rc, cc_s("answer", l->answer));
    }
    free(l);
}

void cc_follow_left(const char *answer)
{
    struct leaving *l;

    if (cc_gateway()->stopping) /* its reader comes back, to another gateway */
        return;
    l = calloc(1, sizeof *l);
    if (!l)
        abort();
    memccpy(l->answer, answer, '\0', sizeof l->answer - 1);
    if (cc_task_spawn("leave", leave_main, l, NULL) != 0)
        free(l);
}

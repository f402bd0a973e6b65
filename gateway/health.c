/*
 * health.c - is it alive, is it ready, how is it: for orchestrators, operators and Prometheus.
 */
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/request.h"
#include "gateway/routes.h"
#include "proto/base/buf.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/metrics.h"
#include "proto/bus/fair.h"
#include "proto/bus/queue.h"
#include "proto/run/run.h"
#include "proto/store/chunk.h"
#include "proto/task/group.h"
#include "proto/wire/names.h"

#define PING_MS     500
#define KEEP_MS     1000 /* anybody may ask for /health: the stores are asked once a second */
#define METRICS_MAX (8 * 1024 * 1024)

int cc_get_health_live(struct cc_rq *rq)
{
    return cc_reply_json(rq, 200, json_pack("{s:s}", "status", "ok"));
}

int cc_get_widget_health(struct cc_rq *rq)
{
    return cc_get_health_live(rq);
}

/* ---- the stores ---- */

struct found {
    bool postgres, queue, live;
    const char *vectors; /* "qdrant", "pgvector", "exact", or "down" */
    struct cc_queue_state chat, ingest;
    struct cc_fair_state lines; /* documents that are not in the stream yet */
};

static int ask_postgres(void *arg)
{
    struct found *f = arg;

    f->postgres = cc_pg_ping(cc_gateway()->pg, PING_MS) == 0;
    if (!f->postgres || cc_chunk_store_name(cc_gateway()->pg, &f->vectors) != 0)
        f->vectors = "down";
    else if (*cc_cfg(CC_CFG_QDRANT_URL)) /* outside of PostgreSQL, which says what is valid */
        f->vectors = "qdrant";
    return 0;
}

static int ask_queue(void *arg)
{
    struct found *f = arg;
    struct cc_redis *queue = cc_gateway()->queue;

    f->queue = cc_redis_ping(queue, PING_MS) == 0 &&
               cc_queue_look(queue, CC_STREAM_CHAT, &f->chat) == 0 &&
               cc_queue_look(queue, CC_STREAM_INGEST, &f->ingest) == 0 &&
               cc_fair_look(queue, CC_STREAM_INGEST, &f->lines) == 0;
    return 0;
}

static int ask_live(void *arg)
{
    struct found *f = arg;

    f->live = cc_redis_ping(cc_gateway()->live, PING_MS) == 0;
    return 0;
}

/* All at once.  A store that does not answer in time counts as down. */
static int look(struct found *ret)
{
    struct cc_group group;

    memset(ret, 0, sizeof *ret);
    ret->vectors = "down";
    cc_group_init(&group);
    cc_group_add(&group, "ask_postgres", ask_postgres, ret);
    cc_group_add(&group, "ask_queue", ask_queue, ret);
    cc_group_add(&group, "ask_live", ask_live, ret);
    return cc_group_join(&group);
}

static int look_sometimes(struct found *ret)
{
    static struct found last;
    static int64_t at_ms;
    int rc = 0;

    if (at_ms == 0 || cc_now() >= at_ms + KEEP_MS) {
        struct found now;

        rc = look(&now);
        if (rc != 0)
            return rc;
        last = now;
        at_ms = cc_now();
    }
    *ret = last;
    return 0;
}

static bool all_up(const struct found *f)
{
    return f->postgres && f->queue && f->live;
}

/* ---- what is said ---- */

static const char *word(bool up)
{
    return up ? "up" : "down";
}

/* waiting: in lines before the stream. */
static json_t *queue_json(const struct cc_queue_state *q, int64_t waiting)
{
    return json_pack("{s:I, s:f, s:I, s:I, s:I}", "depth", (json_int_t)q->depth, "oldestSeconds",
                     (double)q->oldest_ms / 1000, "pending", (json_int_t)q->pending, "waiting",
                     (json_int_t)waiting, "dead", (json_int_t)q->dead);
}

int cc_get_health(struct cc_rq *rq)
{
    struct found f;
    int rc = look_sometimes(&f);

    if (rc != 0)
        return rc;
    return cc_reply_json(rq, all_up(&f) ? 200 : 503,
                         json_pack("{s:s, s:{s:s, s:s, s:s, s:s}, s:{s:o, s:o}, s:s}", "status",
                                   all_up(&f) ? "ok" : "degraded", "components", "postgres",
                                   word(f.postgres), "redisQueue", word(f.queue), "redisLive",
                                   word(f.live), "vectors", f.vectors, "queues", "chat",
                                   queue_json(&f.chat, 0), "ingest",
                                   queue_json(&f.ingest, f.lines.waiting), "version", CC_VERSION));
}

int cc_get_health_ready(struct cc_rq *rq)
{
    struct found f;
    int rc = look_sometimes(&f);
    bool ready = rc == 0 && all_up(&f) && !cc_gateway()->stopping;

    if (rc != 0)
        return rc;
    return cc_reply_json(rq, ready ? 200 : 503,
                         json_pack("{s:s}", "status", ready ? "ready" : "not_ready"));
}

/* The first worker tells the queues' state for all. */
static void tell_queues(const struct found *f)
{
    const struct {
        const char *name;
        const struct cc_queue_state *q;
        int64_t waiting;
    } queues[] = {{"chat", &f->chat, 0}, {"ingest", &f->ingest, f->lines.waiting}};

    for (size_t i = 0; i < 2; i++) {
        cc_metric_set(CC_M_QUEUE_DEPTH, CC_LABELS(queues[i].name),
                      (double)(queues[i].q->depth + queues[i].waiting));
        cc_metric_set(CC_M_QUEUE_OLDEST, CC_LABELS(queues[i].name),
                      (double)queues[i].q->oldest_ms / 1000);
    }
}

static void drop_buf(void *buf)
{
    cc_buf_done(buf);
}

int cc_get_metrics(struct cc_rq *rq)
{
    struct cc_buf *text = cc_arena_get(rq->mem, sizeof *text);
    struct found f;

    if (cc_gateway()->worker == 1 && look_sometimes(&f) == 0)
        tell_queues(&f);
    cc_buf_init(text, METRICS_MAX);
    cc_arena_defer(rq->mem, drop_buf, text);
    cc_metrics_render(text);
    return cc_reply_bytes(rq, 200, "text/plain; version=0.0.4; charset=utf-8", text->bytes,
                          text->len);
}

#include "gateway/question.h"

#include <string.h>

#include "gateway/answers.h"
#include "gateway/enter.h"
#include "gateway/gateway.h"
#include "gateway/identity.h"
#include "gateway/news.h"
#include "gateway/rates.h"
#include "gateway/spend.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/metrics.h"
#include "proto/bus/admit.h"

#define HEARD_MS 1000 /* PostgreSQL was there so short a time ago */

/* One on its way. */
struct asked {
    struct cc_question *q;
    struct cc_rq *rq;
    bool new_session; /* no worker has stored it yet */
    struct cc_chat_job job;
    struct cc_admit admit;
    struct cc_admitted admitted;
    struct cc_follow follow;
    int64_t begun_us, first_us; /* first token; 0: none yet */
};

/* ---- session ---- */

/*
 * A question without session but with a message id that nobody can guess gets the
 * same session each time: so a repeated POST of the same visitor finds its first answer.
 */
static const char *new_session(struct cc_rq *rq, const struct cc_ask *ask)
{
    char *id = cc_arena_get(rq->mem, CC_ID_MAX), sum[CC_SHA256_HEX];
    const char *seed;

    if (strlen(ask->message_id) < CC_OWN_NAME_PRIVATE)
        return cc_id_random("ses", id);
    seed = cc_arena_printf(rq->mem, *rq->guest.visitor ? "%s\n%s\n%s\n%s" : "%s\n%s\n%s",
                           rq->guest.tenant, rq->guest.bot.id, ask->message_id, rq->guest.visitor);
    return cc_arena_printf(rq->mem, "ses_%.32s", cc_sha256_hex(seed, strlen(seed), sum));
}

/*
 * Ids of ours must exist; a client's own name is made by its first question, as it may be another
 * bot's.  Where we have just made the id nothing can be wrong, and the claim stores it; but a
 * question is let in only while PostgreSQL is there.
 */
static int settle_session(struct asked *a)
{
    const char *session = a->q->session;

    a->new_session = !*a->q->ask.session;
    if (a->new_session)
        return cc_pg_heard(cc_gateway()->pg, HEARD_MS);
    return cc_session_is_ours(session)
               ? cc_session_find(a->rq, a->rq->guest.bot.id, session, &a->new_session)
               : cc_session_enter_own(a->rq, session);
}

/* ---- admission ---- */

static void describe(struct asked *a)
{
    struct cc_rq *rq = a->rq;
    const struct cc_question *q = a->q;
    int64_t now = cc_unix_ms();

    a->job = (struct cc_chat_job){.answer = cc_id_random("ans", cc_arena_get(rq->mem, CC_ID_MAX)),
                                  .tenant = rq->guest.tenant,
                                  .bot = rq->guest.bot.id,
                                  .session = q->session,
                                  .client_message = q->ask.message_id,
                                  .message = q->ask.message,
                                  .tier = rq->guest.tier,
                                  .reply = cc_hub_channel(),
                                  .trace = rq->id,
                                  .metadata = q->ask.metadata,
                                  .visitor = rq->guest.visitor,
                                  .visitor_external = rq->guest.person.external,
                                  .visitor_name = rq->guest.person.name,
                                  .visitor_email = rq->guest.person.email,
                                  .asked_ms = now,
                                  .deadline_ms = now + cc_cfg_int(CC_CFG_ANSWER_SECONDS) * 1000};
    a->admit = (struct cc_admit){.job = &a->job,
                                 .tenant_cap = cc_cfg_int(CC_CFG_INFLIGHT_TENANT),
                                 .total_cap = cc_cfg_int(CC_CFG_INFLIGHT_TOTAL),
                                 .remember_s = cc_answer_keep_s(),
                                 .new_session = a->new_session};
}

/* What somebody was told is told to whom we cannot tell from him. */
static bool is_told_again(const struct asked *a)
{
    return !*a->rq->guest.visitor && strcmp(a->admitted.answer, a->job.answer) != 0;
}

static void follow_the_first(struct asked *a)
{
    cc_viewer_free(&a->follow.viewer);
    a->follow.answer = a->admitted.answer;
    a->follow.viewer = cc_viewer_new(a->admitted.answer);
    a->follow.admit = NULL;
    a->follow.join = true;
}

/* The viewer listens before the job can be taken; a repeated message finds its first answer. */
static int admit(struct asked *a)
{
    struct cc_redis *queue = cc_gateway()->queue;
    int rc;

    describe(a);
    a->follow = (struct cc_follow){.rq = a->rq,
                                   .answer = a->job.answer,
                                   .viewer = cc_viewer_new(a->job.answer),
                                   .admit = &a->admit,
                                   .epoch = cc_redis_epoch(queue),
                                   .deadline_ms = cc_answer_deadline()};
    rc = cc_spend_ask(a->rq, &a->job);
    if (rc != 0)
        return rc;
    rc = cc_admit(queue, &a->admit, &a->admitted);
    cc_spend_admitted(a->rq, &a->job, rc, a->admitted.first);
    if (rc == 0 && is_told_again(a))
        rc = cc_session_may_read(a->rq, a->q->session);
    if (rc == 0 && !a->admitted.first)
        follow_the_first(a);
    return rc;
}

/* ---- figures ---- */

static void count(const struct asked *a, int rc)
{
    const struct cc_guest *g = &a->rq->guest;
    const char *client = cc_cfg_bool(CC_CFG_METRICS_CLIENT_ID) && g->tenant ? g->tenant : "";
    int code = rc ? rc : a->q->failed;
    int64_t now = cc_clock_us();

    cc_metric_add(CC_M_CHAT_REQUESTS, CC_LABELS(client, g->tier, cc_error_name(code)), 1);
    if (a->first_us)
        cc_metric_observe(CC_M_CHAT_FIRST, CC_LABELS(g->tier),
                          (double)(a->first_us - a->begun_us) / 1e6);
    if (code == 0)
        cc_metric_observe(CC_M_CHAT_LATENCY, CC_LABELS(g->tier), (double)(now - a->begun_us) / 1e6);
}

static void note(struct asked *a, const struct cc_event *event)
{
    CC_AUTO(json_decref)
    json_t *problem = NULL;

    if (event->kind == CC_EV_TOKEN && !a->first_us)
        a->first_us = cc_clock_us();
    if (event->kind != CC_EV_ERROR)
        return;
    a->q->failed = CC_E_INTERNAL;
    if (cc_json_parse(event->data, event->len, &problem) == 0)
        a->q->failed = cc_error_from_name(cc_json_str(problem, "code", ""));
}

/* ---- together ---- */

static int pass_on(void *arg, const struct cc_event_id *id, const struct cc_event *event)
{
    struct asked *a = arg;

    note(a, event);
    return a->q->event(a->q->arg, id, event);
}

static int pass_idle(void *arg)
{
    struct asked *a = arg;

    return a->q->idle ? a->q->idle(a->q->arg) : 0;
}

static int let_in(struct asked *a)
{
    struct cc_question *q = a->q;
    int rc = cc_identity_settle(a->rq);

    if (rc == 0) {
        q->session = *q->ask.session ? q->ask.session : new_session(a->rq, &q->ask);
        rc = cc_rates_count_chat(a->rq, q->session);
    }
    if (rc == 0)
        rc = settle_session(a);
    return rc ? rc : admit(a);
}

static int tell(struct asked *a)
{
    struct cc_question *q = a->q;
    int rc;

    q->answer = cc_arena_dup(a->rq->mem, a->follow.answer);
    q->position = a->admitted.position;
    a->follow.event = pass_on;
    a->follow.idle = pass_idle;
    a->follow.arg = a;
    if (a->admitted.first)
        cc_news_question(&a->rq->guest, q->session, q->answer);
    rc = q->accepted ? q->accepted(q) : 0;
    return rc ? rc : cc_follow_run(&a->follow);
}

int cc_question_run(struct cc_question *q)
{
    struct asked a = {.q = q, .rq = q->rq, .begun_us = cc_clock_us()};
    int rc;

    cc_task_deadline(CC_NEVER); /* cc_answer_deadline() it is */
    rc = let_in(&a);
    if (rc == 0)
        rc = tell(&a);
    cc_viewer_free(&a.follow.viewer);
    if (q->answer && rc != 0 && !q->failed)
        cc_follow_left(q->answer);
    count(&a, rc);
    return rc;
}

/*
 * The life of a question that we hold:
 *
 *     claim --ours--> steps --all well---------------> record -> tell done -> ack
 *       ^  \            | \--stopped by the visitor--> record the part -> tell done -> ack
 *       |   \           |  \-too late----------------> the same, or expired -> tell error -> ack
 *       |    \          |   \-final failure----------> failed -> tell error -> ack
 *       |     \         |    \-the last attempt------> dead -> tell error -> bury
 *       +------\--------+ release, after a failure that may pass
 *               \       \-fenced: another's, hands off;  draining: released, put back
 *                \--over: tell again -> ack;  running elsewhere: left to the lease
 *                   never to be ours (double, no bot): tell error -> ack
 *
 * The job is acknowledged last of all: whatever dies before, it comes back.
 */
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/store/answer.h"
#include "proto/wire/names.h"
#include "worker/insist.h"
#include "worker/say.h"
#include "worker/spend.h"
#include "worker/tell.h"

#define ACK_MS     15000 /* how long servers that are down are waited for at the end */
#define LATE_MS    20    /* the two clocks may differ by so much */
#define BACKOFF_MS 300   /* before the second attempt; grows with each */

#define HISTORY_MAX 20 /* messages */

/* ---- the steps ---- */

/* The owner's words for "nothing found" save the model's time. */
static int generate(struct cc_chat *chat)
{
    if (chat->found_n > 0 || !*chat->turn.bot.refusal)
        return cc_generate(chat);
    cc_buf_text(&chat->text, chat->turn.bot.refusal);
    return cc_say(chat);
}

static int recall(struct cc_chat *chat)
{
    int rc = cc_recall(chat);

    return rc == CC_E_NOTFOUND ? 0 : rc;
}

/* The answer is there without a model. */
static bool is_made(const struct cc_chat *chat)
{
    return chat->from_cache || chat->pin;
}

static int retrieve(struct cc_chat *chat)
{
    int rc = is_made(chat) ? 0 : cc_retrieve(chat);

    return rc ? rc : cc_say_sources(chat);
}

static const struct step {
    const char *name;
    int (*run)(struct cc_chat *chat);
    bool if_new; /* not for an answer that is made */
} steps[] = {
    {"load", cc_load, false},     {"start", cc_say_start, false}, {"recall", recall, false},
    {"pinned", cc_pinned, true},  {"retrieve", retrieve, false},  {"prompt", cc_prompt, true},
    {"generate", generate, true},
};

static int run_steps(struct cc_chat *chat)
{
    int rc = chat->stop ? cc_fail(CC_E_CANCELLED, "told to stop") : 0;

    for (size_t i = 0; i < sizeof steps / sizeof *steps && rc == 0; i++) {
        int64_t began = cc_clock_us();

        if (steps[i].if_new && is_made(chat))
            continue;
        rc = steps[i].run(chat);
        cc_metric_observe(CC_M_STAGE, CC_LABELS(steps[i].name),
                          (double)(cc_clock_us() - began) / 1e6);
        if (rc && rc != CC_E_CANCELLED && rc != CC_E_FENCED)
            cc_log_failure("step_failed", rc, cc_s("step", steps[i].name),
                           cc_s("tenant", chat->job.tenant), cc_s("answer", chat->job.answer),
                           cc_i("attempt", chat->attempt));
    }
    return rc;
}

static bool is_late(const struct cc_chat *chat)
{
    return cc_unix_ms() + LATE_MS >= chat->job.deadline_ms;
}

/* ---- the ends; each says what became of the job ---- */

static int ack(void *arg)
{
    struct cc_chat *chat = arg;

    return cc_queue_ack(chat->worker->queue, chat->claim.entry, chat->job.tenant);
}

/* Hands off; it is another's, or nobody's any more. */
static const char *fenced(struct cc_chat *chat)
{
    cc_task_mask(true);
    cc_spend_fenced(chat);
    return "fenced";
}

/* Who was not told keeps the job: it comes back, and whoever gets it tells again. */
static const char *acknowledge(struct cc_chat *chat, int told, const char *outcome)
{
    int rc = told ? told : cc_insist(ack, chat, ACK_MS);

    if (rc == CC_E_FENCED)
        return "fenced";
    if (rc)
        cc_log_failure("job_left", rc, cc_s("answer", chat->job.answer), cc_s("as", outcome));
    return rc ? "left" : outcome;
}

static const char *finish(struct cc_chat *chat, const char *state, const char *why)
{
    int64_t began = cc_clock_us();

    if (why)
        chat->finish = why;
    int rc = cc_record(chat, state);
    cc_metric_observe(CC_M_STAGE, CC_LABELS("record"), (double)(cc_clock_us() - began) / 1e6);
    if (rc == CC_E_FENCED)
        return fenced(chat);
    if (rc) {
        cc_log_failure("record_failed", rc, cc_s("answer", chat->job.answer));
        return "left";
    }
    const char *outcome = acknowledge(chat, cc_tell_done(chat), state);
    cc_tell_house(chat, state);
    if (strcmp(state, "done") == 0)
        cc_remember(chat);
    return outcome;
}

struct failure {
    struct cc_chat *chat;
    const char *state;
    int code;
};

static int store_failure(void *arg)
{
    const struct failure *f = arg;
    struct cc_answer_result used = cc_spend_so_far(f->chat);

    used.state = f->state;
    return cc_answer_fail(f->chat->worker->run->pg, &used, cc_error_name(f->code));
}

static int bury(void *arg)
{
    const struct failure *f = arg;
    struct cc_chat *chat = f->chat;

    return cc_queue_bury(chat->worker->queue, &chat->claim, chat->job.tenant, chat->job.answer,
                         cc_error_name(f->code));
}

static const char *fail(struct cc_chat *chat, const char *state, int code)
{
    struct failure f = {chat, state, code};
    bool dead = strcmp(state, "dead") == 0;
    int rc = cc_insist(store_failure, &f, ACK_MS);

    if (rc)
        return rc == CC_E_FENCED ? fenced(chat) : "left";
    chat->ending = true;
    rc = cc_tell_error(chat, dead ? CC_E_DEAD : code);
    cc_tell_house(chat, state);
    if (rc == 0 && dead)
        rc = cc_insist(bury, &f, ACK_MS); /* acknowledges, too */
    else
        return acknowledge(chat, rc, state);
    return rc ? "left" : state;
}

static int release(void *arg)
{
    struct cc_chat *chat = arg;
    struct cc_answer_result used = cc_spend_so_far(chat);

    return cc_answer_release(chat->worker->run->pg, &used);
}

static int put_back(void *arg)
{
    struct cc_chat *chat = arg;

    return cc_queue_put_back(chat->worker->queue, &chat->claim, chat->job.tenant);
}

/* The answer stays open, so the tenant's count stays, too. */
static const char *hand_back(struct cc_chat *chat)
{
    int rc;

    chat->ending = true;
    rc = chat->attempt ? cc_insist(release, chat, ACK_MS) : 0;
    if (rc == CC_E_FENCED)
        return fenced(chat);
    rc = cc_insist(put_back, chat, ACK_MS);
    return rc ? "left" : "handed_back";
}

/* NULL: to be claimed again.  Nobody else waits for the entry, so we need not wait for the lease.
 */
static const char *again(struct cc_chat *chat)
{
    uint32_t random;
    int64_t base = BACKOFF_MS * chat->attempt;

    chat->ending = true; /* no beat may renew what we release */
    int rc = cc_insist(release, chat, ACK_MS);
    if (rc == CC_E_FENCED)
        return fenced(chat);
    cc_random(&random, sizeof random);
    if (rc == 0)
        rc = cc_sleep(base / 2 + random % base);
    if (rc == CC_E_CANCELLED && chat->stop == CC_STOP_CANCEL)
        return NULL;
    if (rc)
        return chat->stop == CC_STOP_DRAIN ? hand_back(chat) : "left";
    return NULL;
}

/* What follows from how the steps went. */
static const char *conclude(struct cc_chat *chat, int rc)
{
    cc_task_deadline(CC_NEVER);
    if (rc == CC_E_FENCED || chat->stop == CC_STOP_FENCED) {
        cc_metric_add(CC_M_FENCED, CC_LABELS("token"), 1);
        return fenced(chat);
    }
    bool failed = rc != 0 && chat->stop == CC_STOP_NO && !is_late(chat);
    bool retry = failed && rc != CC_E_QUOTA && cc_error_retry(rc); /* not before tomorrow */

    if (retry && chat->attempt < cc_cfg_int(CC_CFG_ATTEMPTS))
        return again(chat);
    cc_task_mask(true); /* from here on it only ends */
    if (rc == 0)
        return finish(chat, "done", NULL);
    if (chat->stop == CC_STOP_CANCEL)
        return finish(chat, "cancelled", "cancelled");
    if (chat->stop == CC_STOP_DRAIN)
        return hand_back(chat);
    if (is_late(chat))
        return chat->text.len ? finish(chat, "cancelled", "deadline")
                              : fail(chat, "expired", CC_E_EXPIRED);
    return fail(chat, retry ? "dead" : "failed", rc);
}

/* ---- claiming ---- */

static int claim(void *arg)
{
    struct cc_chat *chat = arg;
    const struct cc_chat_job *job = &chat->job;
    struct cc_answer_claim what = {
        .tenant = job->tenant,
        .answer = job->answer,
        .bot = job->bot,
        .session = job->session,
        .client_message = job->client_message,
        .owner = chat->worker->run->instance,
        .question = job->message,
        .tier = job->tier,
        .asked_ms = job->asked_ms,
        .lease_ms = chat->worker->lease_ms,
        .visitor = job->visitor,
        .visitor_external = job->visitor_external,
        .visitor_name = job->visitor_name,
        .visitor_email = job->visitor_email,
    };
    return cc_turn_begin(chat->worker->run->pg, &what, HISTORY_MAX, chat->work, &chat->turn);
}

/* A claim that can never succeed leaves no row, so only the visitor is told. */
static const struct refusal {
    int code;
    const char *outcome;
} refusals[] = {
    {CC_E_CONFLICT, "double"}, /* the same message of the session has an answer under another id */
    {CC_E_NOTFOUND, "orphan"}, /* the bot is gone, or what was asked has been erased */
};

static const char *refuse(struct cc_chat *chat, int code)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (refusals[i].code != code)
            continue;
        chat->ending = true;
        cc_spend_give_back(chat);
        return acknowledge(chat, cc_tell_refusal(chat, code), refusals[i].outcome);
    }
    cc_log_failure("claim_failed", code, cc_s("answer", chat->job.answer));
    return "left";
}

static const char *attempt(struct cc_chat *chat, int64_t number)
{
    int64_t max = cc_cfg_int(CC_CFG_ATTEMPTS);

    cc_chat_begin(chat, number);
    cc_spend_caps(chat);
    if (number > 1 && chat->claim.reclaimed)
        cc_metric_add(CC_M_TAKEOVERS, CC_LABELS("chat"), 1);
    if (number > max)
        return fail(chat, "dead", CC_E_DEAD);
    if (is_late(chat))
        return fail(chat, "expired", CC_E_EXPIRED);
    cc_task_deadline(cc_now() + chat->job.deadline_ms - cc_unix_ms());
    return conclude(chat, run_steps(chat));
}

static const char *claim_and_attempt(struct cc_chat *chat)
{
    if (chat->stop == CC_STOP_CANCEL)
        cc_task_mask(true);
    cc_fail_reset();
    cc_chat_forget(chat);
    chat->ending = false;
    int rc = cc_insist(claim, chat, chat->job.deadline_ms - cc_unix_ms() + ACK_MS);
    if (chat->stop == CC_STOP_DRAIN && rc) {
        cc_task_mask(true);
        return hand_back(chat);
    }
    if (rc)
        return refuse(chat, rc);
    if (chat->turn.claimed.outcome == CC_CLAIM_RUNNING)
        return "elsewhere";
    chat->ending = chat->turn.claimed.outcome == CC_CLAIM_OVER;
    if (chat->ending)
        return acknowledge(chat, cc_tell_again(chat), "told_again");
    return attempt(chat, chat->turn.claimed.attempt);
}

void cc_chat_run(struct cc_chat *chat)
{
    const char *outcome = NULL;

    while (!outcome)
        outcome = claim_and_attempt(chat);
    double seconds = (double)(cc_unix_ms() - chat->job.asked_ms) / 1000;
    cc_metric_add(CC_M_JOBS, CC_LABELS("chat", outcome), 1);
    cc_log(CC_INFO, "chat", cc_s("outcome", outcome), cc_s("tenant", chat->job.tenant),
           cc_s("answer", chat->job.answer), cc_i("attempt", chat->attempt),
           cc_u("bytes", chat->text.len), cc_d("seconds", seconds));
}

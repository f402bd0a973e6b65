#include "worker/hold.h"

#include <string.h>

#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/replay.h"
#include "proto/store/answer.h"

#define QUIET_MS 1000 /* an answer that wrote nothing for so long is asked after */
#define LOOK_MS  250  /* how often we look who that is */

/* What names a question across a wait, when the chat itself may be gone. */
struct held_name {
    char answer[64], tenant[64], entry[44];
    int64_t attempt;
};

static void name_of(const struct cc_chat *chat, struct held_name *ret)
{
    *ret = (struct held_name){.attempt = chat->attempt};
    memccpy(ret->answer, chat->job.answer, '\0', sizeof ret->answer - 1);
    memccpy(ret->tenant, chat->job.tenant, '\0', sizeof ret->tenant - 1);
    memccpy(ret->entry, chat->claim.entry, '\0', sizeof ret->entry - 1);
}

/* Ids are random or nearly so at their end. */
static struct cc_named *names_like(struct cc_worker *worker, const char *answer)
{
    size_t len = strlen(answer);
    unsigned sum = 0;

    for (size_t i = len > 4 ? len - 4 : 0; i < len; i++)
        sum = sum * 31 + (unsigned char)answer[i];
    return &worker->named[sum % CC_WORKER_NAMES];
}

static struct cc_chat *find(struct cc_worker *worker, const char *answer)
{
    struct cc_chat *chat;

    for (chat = LIST_FIRST(names_like(worker, answer)); chat; chat = LIST_NEXT(chat, named))
        if (strcmp(chat->job.answer, answer) == 0)
            return chat;
    return NULL;
}

/* The same attempt, not about to end. */
static struct cc_chat *find_again(struct cc_worker *worker, const struct held_name *name)
{
    struct cc_chat *chat = find(worker, name->answer);

    return chat && chat->attempt == name->attempt && !chat->ending ? chat : NULL;
}

void cc_hold_stop(struct cc_chat *chat, enum cc_chat_stop why)
{
    if (chat->stop == CC_STOP_NO)
        chat->stop = why;
    cc_task_cancel(chat->task);
}

void cc_hold_stop_all(struct cc_worker *worker, enum cc_chat_stop why)
{
    struct cc_chat *chat;

    for (chat = TAILQ_FIRST(&worker->held); chat; chat = TAILQ_NEXT(chat, list))
        cc_hold_stop(chat, why);
}

/* ---- leases ---- */

static void set_due(struct cc_worker *worker, struct cc_chat *chat)
{
    TAILQ_REMOVE(&worker->held, chat, list);
    chat->beat_ms = cc_now() + worker->lease_ms / 3;
    TAILQ_INSERT_TAIL(&worker->held, chat, list);
}

static void beat(struct cc_worker *worker, struct cc_chat *chat)
{
    struct held_name name;
    int rc = 0;

    name_of(chat, &name);
    set_due(worker, chat);
    if (chat->ending)
        return;
    if (name.attempt > 0) /* else it is still being claimed */
        rc = cc_answer_beat(worker->run->pg, name.tenant, name.answer, name.attempt,
                            worker->lease_ms);
    chat = find_again(worker, &name);
    if (rc == CC_E_FENCED && chat) {
        cc_metric_add(CC_M_FENCED, CC_LABELS("beat"), 1);
        cc_hold_stop(chat, CC_STOP_FENCED);
    } else if (rc && rc != CC_E_FENCED) {
        cc_log_failure("beat_failed", rc, cc_s("answer", name.answer));
    }
    if (rc == 0)
        rc = cc_queue_touch(worker->queue, name.entry);
    if (rc && rc != CC_E_FENCED) /* taken by another consumer: PostgreSQL decides who is right */
        cc_log_failure("touch_failed", rc, cc_s("answer", name.answer));
}

static void beat_main(void *arg)
{
    struct cc_worker *worker = arg;
    int64_t pause_ms = worker->lease_ms / 12 > 20 ? worker->lease_ms / 12 : 20;

    while (!worker->over) {
        struct cc_chat *chat = TAILQ_FIRST(&worker->held);

        if (chat && chat->beat_ms <= cc_now())
            beat(worker, chat);
        else
            cc_sleep(pause_ms);
    }
    worker->tasks--;
}

/* ---- those of whom nothing is heard ---- */

void cc_hold_heard(struct cc_chat *chat)
{
    struct cc_worker *worker = chat->worker;

    TAILQ_REMOVE(&worker->quiet, chat, quiet);
    chat->heard_ms = cc_now();
    TAILQ_INSERT_TAIL(&worker->quiet, chat, quiet);
}

static void ask_after(struct cc_worker *worker, struct cc_chat *chat)
{
    struct held_name name;
    bool cancelled = false;

    name_of(chat, &name);
    cc_hold_heard(chat);
    if (chat->attempt == 0 || chat->ending)
        return;
    int rc = cc_replay_is_cancelled(worker->run->live, name.answer, &cancelled);
    chat = find_again(worker, &name);
    if (rc == 0 && cancelled && chat)
        cc_hold_stop(chat, CC_STOP_CANCEL);
}

static bool is_quiet(const struct cc_chat *chat)
{
    return chat && cc_now() - chat->heard_ms >= QUIET_MS;
}

static void quiet_main(void *arg)
{
    struct cc_worker *worker = arg;

    while (!worker->over) {
        struct cc_chat *chat = TAILQ_FIRST(&worker->quiet);

        if (is_quiet(chat))
            ask_after(worker, chat);
        else
            cc_sleep(LOOK_MS);
    }
    worker->tasks--;
}

/* ---- the list ---- */

int cc_hold_start(struct cc_worker *worker)
{
    int rc;

    TAILQ_INIT(&worker->held);
    TAILQ_INIT(&worker->quiet);
    worker->tasks++;
    rc = cc_task_spawn("beat", beat_main, worker, NULL);
    if (rc == 0) {
        worker->tasks++;
        rc = cc_task_spawn("quiet", quiet_main, worker, NULL);
    }
    return rc;
}

static void count(struct cc_worker *worker, int by)
{
    worker->held_n += by;
    cc_metric_set(CC_M_RUNNING, CC_LABELS("chat"), worker->held_n);
}

int cc_hold_add(struct cc_worker *worker, struct cc_chat *chat)
{
    if (find(worker, chat->job.answer))
        return cc_fail(CC_E_CONFLICT, "%s is held already", chat->job.answer);
    chat->heard_ms = cc_now();
    chat->beat_ms = cc_now() + worker->lease_ms / 3;
    TAILQ_INSERT_TAIL(&worker->held, chat, list);
    TAILQ_INSERT_TAIL(&worker->quiet, chat, quiet);
    LIST_INSERT_HEAD(names_like(worker, chat->job.answer), chat, named);
    count(worker, 1);
    return 0;
}

void cc_hold_remove(struct cc_worker *worker, struct cc_chat *chat)
{
    TAILQ_REMOVE(&worker->held, chat, list);
    TAILQ_REMOVE(&worker->quiet, chat, quiet);
    LIST_REMOVE(chat, named);
    count(worker, -1);
    cc_wait_done(&worker->freed);
}

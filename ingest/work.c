#include "ingest/work.h"

#include <string.h>

#include "ingest/notify.h"
#include "proto/base/clock.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/line_up.h"
#include "proto/task/group.h"
#include "proto/wire/names.h"

#define CLOSING_MS 5000 /* for the last words to row and entry, cancelled or not */
#define GLANCE_MS  1000 /* between two looks whether there is progress to show */

struct cc_work *cc_work_new(struct cc_ingest *ingest, const struct cc_claim *claim)
{
    struct cc_arena *mem = cc_arena_new(CC_WORK_BYTES);
    struct cc_work *work = cc_arena_get(mem, sizeof *work);

    work->ingest = ingest;
    work->mem = mem;
    work->claim = *claim;
    work->claim.body = cc_arena_dupn(mem, claim->body, claim->len);
    return work;
}

/* The entry, too, as long as the row may be ours: whether it is there matters to nobody else. */
static int beat(struct cc_work *work)
{
    struct cc_ingest *ingest = work->ingest;
    int rc;

    work->beaten_ms = cc_now();
    work->moved = false;
    rc = cc_document_progress(ingest->run->pg, &work->hold, &work->progress, ingest->lease_ms);
    if (!rc || rc == CC_E_DOWN)
        cc_queue_touch(ingest->queue, work->claim.entry);
    return rc;
}

static int beat_and_tell(struct cc_work *work)
{
    int rc = beat(work);

    if (!rc)
        cc_notify(work, work->progress.status, NULL);
    return rc;
}

/*
 * A beat under way says the step before, and might come to the row after this report: then the next
 * one would count edits as laid over that came after the cutting (cc_document_progress).
 */
static int await_beat(struct cc_work *work)
{
    struct cc_wait beaten = {0};
    int rc;

    if (!work->beating)
        return 0;
    work->beaten = &beaten;
    rc = cc_wait_for(&beaten, CC_NEVER);
    work->beaten = NULL;
    return rc;
}

int cc_work_report(struct cc_work *work, const char *status, int64_t progress)
{
    int rc = await_beat(work);

    if (rc)
        return rc;
    work->progress.status = work->progress.step = status;
    work->progress.progress = progress;
    return beat_and_tell(work);
}

static int beat_beside(struct cc_work *work)
{
    int rc;

    work->beating = true;
    rc = work->moved ? beat_and_tell(work) : beat(work);
    work->beating = false;
    if (work->beaten)
        cc_wait_done(work->beaten);
    return rc;
}

/*
 * A store that is down for a moment does not end the work: the lease lasts three beats.  A beat
 * that comes too late because the publish has just been committed is no failure.
 */
static int heart(void *arg)
{
    struct cc_work *work = arg;
    int pause_ms = work->ingest->lease_ms / 3;

    for (;;) {
        int rc = cc_wait_for(&work->over, cc_now() + (pause_ms < GLANCE_MS ? pause_ms : GLANCE_MS));

        if (rc != CC_E_TIMEOUT)
            return rc;
        if (work->publishing || (!work->moved && cc_now() - work->beaten_ms < pause_ms))
            continue;
        rc = beat_beside(work);
        if ((rc == CC_E_FENCED && !work->publishing) || rc == CC_E_CANCELLED)
            return rc;
    }
}

static int steps(void *arg)
{
    struct cc_work *work = arg;
    int rc = cc_work_steps(work);

    cc_wait_done(&work->over);
    return rc;
}

static int work_and_beat(struct cc_work *work)
{
    struct cc_group group;
    int rc, joined;

    cc_group_init(&group);
    rc = cc_group_add(&group, "ingest-steps", steps, work);
    if (!rc)
        rc = cc_group_add(&group, "ingest-heart", heart, work);
    if (rc)
        cc_group_cancel(&group);
    joined = cc_group_join(&group);
    return rc ? rc : joined;
}

static void drop_entry(struct cc_work *work)
{
    cc_queue_ack(work->ingest->queue, work->claim.entry, work->job.tenant);
}

/* How a failure ends: by code; what is not listed is worth another try. */
static const struct ending {
    int code;
    const char *status;
} endings[] = {
    {CC_E_NOTEXT, "no_text"}, {CC_E_ENCRYPTED, "encrypted"}, {CC_E_PARSER, "failed"},
    {CC_E_LIMIT, "failed"},   {CC_E_TYPE, "failed"},         {CC_E_TOOBIG, "failed"},
    {CC_E_INVALID, "failed"}, {CC_E_REFUSED, "failed"},
};

static const char *ending_of(int code)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (endings[i].code == code)
            return endings[i].status;
    return NULL;
}

static void count_end(const char *status)
{
    cc_metric_add(CC_M_DOCUMENTS, CC_LABELS(status), 1);
    cc_metric_add(CC_M_JOBS, CC_LABELS("ingest", status), 1);
}

/* The row first: an entry without a row's end comes back, a row without an entry is swept. */
static void end_row(struct cc_work *work, const char *status, int code, const char *words)
{
    const struct cc_document_end end = {
        .status = status, .error = words, .code = cc_error_name(code), .page = work->page};
    int rc = cc_document_end(work->ingest->run->pg, &work->hold, &end);

    if (rc) {
        cc_log_failure("document_end_lost", rc, cc_s("document", work->job.document));
        return;
    }
    count_end(status);
    work->progress.step = "";
    cc_notify(work, status, words);
    if (!strcmp(status, "dead"))
        cc_queue_bury(work->ingest->queue, &work->claim, work->job.tenant, work->job.document,
                      words);
    else
        drop_entry(work);
}

/* Behind the others of its tenant: who kills parsers holds up nobody. */
static void try_again(struct cc_work *work)
{
    struct cc_ingest *ingest = work->ingest;
    int rc = cc_document_wait(ingest->run->pg, &work->hold);

    if (rc) {
        cc_log_failure("document_wait_lost", rc, cc_s("document", work->job.document));
        return;
    }
    cc_metric_add(CC_M_JOBS, CC_LABELS("ingest", "retried"), 1);
    work->progress.step = "";
    cc_notify(work, "pending", NULL);
    if (!cc_ingest_enqueue(ingest->run->queue, work->hold.tenant, work->hold.id,
                           work->hold.generation))
        drop_entry(work);
}

/* Not the document's fault: it does not count, and whoever is free goes on at once. */
static void hand_back(struct cc_work *work)
{
    struct cc_ingest *ingest = work->ingest;

    cc_document_release(ingest->run->pg, &work->hold);
    if (!ingest->run->stopping)
        return; /* the entry comes back after the lease, when the store is up again */
    if (!cc_queue_put(ingest->run->queue, CC_STREAM_INGEST, work->claim.body, work->claim.len,
                      NULL))
        drop_entry(work);
}

static void end_failed(struct cc_work *work, int rc, const char *words)
{
    const char *status = work->crashed ? NULL : ending_of(rc);

    if (status)
        end_row(work, status, rc, words);
    else if (rc == CC_E_FENCED)
        cc_metric_add(CC_M_FENCED, CC_LABELS("ingest"), 1);
    else if (rc == CC_E_CANCELLED || rc == CC_E_DOWN || rc == CC_E_BUSY)
        hand_back(work);
    else if (work->tries >= work->ingest->attempts_max)
        end_row(work, "dead", rc, words);
    else if (work->crashed)
        try_again(work);
    /* else the lease runs out, and that is the pause before the next try */
}

static void end_ready(struct cc_work *work, int64_t began_ms)
{
    count_end("ready");
    work->progress.progress = 100;
    work->progress.step = "";
    cc_notify(work, "ready", NULL);
    drop_entry(work);
    cc_log(CC_INFO, "document_ready", cc_s("document", work->job.document),
           cc_s("tenant", work->job.tenant), cc_i("chunks", work->progress.chunks_total),
           cc_i("embedded", work->embedded), cc_i("ms", cc_clock_ms() - began_ms));
}

static void run_ours(struct cc_work *work)
{
    int64_t began = cc_clock_ms();
    int rc = work_and_beat(work);
    const char *words = cc_arena_dup(work->mem, cc_fail_text());
    bool masked = cc_task_mask(true);

    cc_task_deadline(cc_now() + CLOSING_MS);
    if (rc) {
        cc_log(CC_WARN, "document_failed", cc_s("document", work->job.document),
               cc_s("tenant", work->job.tenant), cc_s("code", cc_error_name(rc)),
               cc_s("why", words), cc_i("try", work->tries));
        end_failed(work, rc, words);
    } else {
        end_ready(work, began);
    }
    cc_task_mask(masked);
}

static int claim_row(struct cc_work *work, struct cc_document_claimed *ret)
{
    const struct cc_document_lease lease = {work->job.tenant, work->job.document,
                                            work->ingest->run->instance, work->ingest->lease_ms,
                                            work->ingest->attempts_max};
    int rc = cc_document_claim(work->ingest->run->pg, &lease, ret);

    if (rc)
        return rc;
    work->hold = (struct cc_document_hold){work->job.tenant, work->job.document, ret->attempt,
                                           ret->generation};
    work->tries = ret->tries;
    return 0;
}

/*
 * While PostgreSQL is away the entry is kept, and with it the slot: else one process would take and
 * drop the whole queue in a moment, and each entry would wait for its lease.
 */
static int claim_patiently(struct cc_work *work, struct cc_document_claimed *ret)
{
    int rc;

    while ((rc = claim_row(work, ret)) == CC_E_DOWN && !cc_sleep(CC_WORK_AWAY_MS))
        cc_queue_touch(work->ingest->queue, work->claim.entry);
    return rc;
}

/* A repeated entry is dropped: if its row is left alone, the sweeper puts another one. */
static void act_on(struct cc_work *work, const struct cc_document_claimed *claimed)
{
    switch (claimed->outcome) {
    case CC_DOC_OURS:
        if (work->claim.reclaimed)
            cc_metric_add(CC_M_TAKEOVERS, CC_LABELS("ingest"), 1);
        run_ours(work);
        break;
    case CC_DOC_RUNNING:
        if (!work->claim.reclaimed)
            drop_entry(work);
        break;
    case CC_DOC_OVER: drop_entry(work); break;
    case CC_DOC_DEAD:
        count_end("dead");
        cc_log(CC_WARN, "document_dead", cc_s("document", work->job.document),
               cc_s("tenant", work->job.tenant));
        cc_notify(work, "dead", "every attempt ended without a word");
        cc_queue_bury(work->ingest->queue, &work->claim, work->job.tenant, work->job.document,
                      "every attempt ended without a word");
        break;
    }
}

void cc_work_run(struct cc_work *work)
{
    struct cc_arena *mem = work->mem;
    struct cc_document_claimed claimed;
    int rc = cc_ingest_job_decode(work->claim.body, work->claim.len, mem, &work->job);

    if (rc) {
        cc_log_failure("entry_unreadable", rc, cc_s("entry", work->claim.entry));
        cc_queue_bury(work->ingest->queue, &work->claim, "", "", cc_fail_text());
        cc_arena_free(&mem);
        return;
    }
    cc_log_trace(work->job.trace);
    rc = claim_patiently(work, &claimed);
    if (!rc)
        act_on(work, &claimed);
    else if (rc == CC_E_NOTFOUND)
        drop_entry(work); /* deleted */
    else
        cc_log_failure("document_claim_failed", rc, cc_s("document", work->job.document));
    cc_arena_free(&mem);
}

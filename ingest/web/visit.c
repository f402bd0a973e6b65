/* The life of a visit: claimed, kept with a heart beside it, ended or handed back. */
#include <jansson.h>
#include <string.h>

#include "ingest/web/inside.h"
#include "ingest/web/url.h"
#include "proto/base/json.h"
#include "proto/base/log.h"
#include "proto/task/group.h"
#include "proto/wire/names.h"

#define VISIT_BYTES ((size_t)64 << 20)
#define PAGE_BYTES  ((size_t)256 << 20)
#define TURN_MS     20000 /* of a visit, before others that are due have theirs */
#define TELL_MS     500   /* a source's progress is told at most this often */
#define CLOSING_MS  5000  /* for the last words to the row, cancelled or not */

/* What the owner sees while it goes on; nobody waits for it, so a failure is no failure. */
static void tell(struct cc_visit *visit, bool now)
{
    CC_AUTO(json_decref)
    json_t *frame = NULL;
    char channel[CC_NAME_MAX];
    struct cc_source seen;
    const char *text;

    if (!now && cc_now() < visit->told_ms + TELL_MS)
        return;
    visit->told_ms = cc_now();
    cc_arena_reset(visit->page);
    if (cc_source_get(visit->ingest->run->pg, visit->hold.tenant, visit->hold.id, visit->page,
                      &seen))
        return;
    frame = json_pack("{ss ss ss sI sI sI}", "type", "source", "id", seen.id, "status", seen.status,
                      "waiting", (json_int_t)seen.waiting, "documents", (json_int_t)seen.documents,
                      "failed", (json_int_t)seen.failed);
    text = cc_json_dup(frame, visit->page);
    cc_publish(visit->ingest->run->live, cc_name_events(visit->hold.tenant, channel), text,
               strlen(text));
}

/* ---- the work ---- */

/* A large site takes its time: who else is due gets his turn after a while. */
static int step_back(struct cc_visit *visit)
{
    struct cc_source_due *due;
    int n, rc;

    if (cc_now() < visit->turn_ms)
        return 0;
    visit->turn_ms = cc_now() + TURN_MS;
    cc_arena_reset(visit->page);
    rc = cc_source_sweep(visit->ingest->run->sweep, 1, visit->page, &due, &n);
    return rc == 0 && n ? cc_fail(CC_E_BUSY, "others wait") : rc;
}

static int pages(struct cc_visit *visit)
{
    struct cc_pg *pg = visit->ingest->run->pg;
    int rc;

    do {
        struct cc_source_page page;

        tell(visit, false);
        rc = step_back(visit);
        cc_arena_reset(visit->page);
        if (rc == 0)
            rc = cc_source_next(pg, &visit->hold, visit->page, &page);
        if (rc == 0)
            rc = cc_visit_page(visit, &page);
    } while (rc == 0);
    return rc == CC_E_NOTFOUND ? 0 : rc;
}

static int visit_all(struct cc_visit *visit)
{
    struct cc_pg *pg = visit->ingest->run->pg;
    const char *url = visit->source.url;
    int rc = cc_url_resolve(NULL, url, strlen(url), visit->mem, &visit->url);

    if (rc)
        return cc_source_end(pg, &visit->hold, cc_fail_text());
    tell(visit, true);
    rc = cc_visit_seed(visit);
    visit->turn_ms = cc_now() + TURN_MS; /* else many sitemaps would leave no turn for pages */
    if (rc == 0)
        rc = pages(visit);
    return rc ? rc : cc_source_end(pg, &visit->hold, visit->error);
}

static int work(void *arg)
{
    struct cc_visit *visit = arg;
    int rc = visit_all(visit);

    cc_wait_done(&visit->over);
    return rc;
}

/* A store that is down for a moment does not end the visit: the lease lasts three beats. */
static int heart(void *arg)
{
    struct cc_visit *visit = arg;
    int lease_ms = visit->ingest->lease_ms;

    for (;;) {
        int rc = cc_wait_for(&visit->over, cc_now() + lease_ms / 3);

        if (rc != CC_E_TIMEOUT)
            return rc;
        rc = cc_source_beat(visit->ingest->run->pg, &visit->hold, lease_ms);
        if (visit->over.done)
            return 0;
        if (rc == CC_E_FENCED || rc == CC_E_CANCELLED)
            return rc;
    }
}

static int work_and_beat(struct cc_visit *visit)
{
    struct cc_group group;
    int rc;

    cc_group_init(&group);
    rc = cc_group_add(&group, "web-visit", work, visit);
    if (rc == 0)
        rc = cc_group_add(&group, "web-heart", heart, visit);
    if (rc)
        cc_group_cancel(&group);
    int joined = cc_group_join(&group);
    return joined ? joined : rc;
}

/* ---- the end ---- */

/* Whatever kept us from ending it, the row says how far it is: the next claim goes on. */
static void hand_back(struct cc_visit *visit, int rc)
{
    bool masked = cc_task_mask(true), good = rc == CC_E_CANCELLED || rc == CC_E_BUSY;
    int64_t before = cc_task_deadline_at();

    if (!good)
        cc_log_failure("source_not_visited", rc, cc_s("source", visit->hold.id));
    cc_task_deadline(cc_now() + CLOSING_MS);
    if (good)
        cc_source_release(visit->ingest->run->pg, &visit->hold);
    cc_task_deadline(before);
    cc_task_mask(masked);
}

static void run_claimed(struct cc_visit *visit)
{
    int64_t began = cc_now();
    int rc = cc_source_get(visit->ingest->run->pg, visit->hold.tenant, visit->hold.id, visit->mem,
                           &visit->source);

    if (rc == 0)
        rc = work_and_beat(visit);
    if (rc) {
        hand_back(visit, rc);
        return;
    }
    cc_log(CC_INFO, "source_visited", cc_s("source", visit->hold.id), cc_i("pages", visit->settled),
           cc_b("failed", *visit->error != '\0'), cc_i("ms", cc_now() - began));
    tell(visit, true);
}

void cc_visit_run(struct cc_ingest *ingest, struct cc_web_client *client,
                  const struct cc_source_due *due)
{
    struct cc_arena *mem = cc_arena_new(VISIT_BYTES);
    struct cc_visit *visit = cc_arena_get(mem, sizeof *visit);
    int rc;

    visit->ingest = ingest;
    visit->client = client;
    visit->mem = mem;
    visit->error = "";
    visit->turn_ms = cc_now() + TURN_MS;
    rc = cc_source_claim(ingest->run->pg, due, ingest->run->instance, ingest->lease_ms,
                         ingest->attempts_max, mem, &visit->hold);
    if (rc && rc != CC_E_NOTFOUND && rc != CC_E_CANCELLED)
        cc_log_failure("source_not_claimed", rc, cc_s("source", due->id));
    if (rc == 0) {
        cc_log_trace(visit->hold.id);
        visit->page = cc_arena_new(PAGE_BYTES);
        run_claimed(visit);
        cc_arena_free(&visit->page);
        cc_log_trace("");
    }
    cc_arena_free(&mem);
}

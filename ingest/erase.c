#include "ingest/erase.h"

#include <string.h>

#include "ingest/ingest.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/log.h"
#include "proto/bus/erase.h"
#include "proto/store/erasure.h"

#define LOOK_MS    1000  /* between two looks for what waits */
#define LEASE_MS   12000 /* longer than any step */
#define FILES_MS   10000
#define SETTLE_MS  1500 /* what was on its way when it was asked has arrived by then */
#define TURN_MS    5000 /* a tenant of many rows lets the others have their turn */
#define AT_ONCE    32
#define WORK_BYTES ((size_t)256 << 20)

struct erasing {
    struct cc_ingest *ingest;
    struct cc_erasure_open what;
    struct cc_erasure_work work;
    struct cc_arena *mem;
    int64_t began;
    bool over; /* done, failed, or left for later */
    bool clean, something;
};
struct batch { /* erasures that share pauses and files */
    struct cc_ingest *ingest;
    struct erasing at[AT_ONCE];
    int n;
    int64_t turn_ms; /* tenants are emptied until then */
};

static bool is_tenant(const struct erasing *e)
{
    return strcmp(e->work.kind, "tenant") == 0;
}

/* Still ours for that long; 0: anybody's. */
static int hold(const struct erasing *e, int lease_ms)
{
    return cc_erasure_note(e->ingest->run->pg, &e->what, lease_ms, "{}");
}

/* What has failed is tried again when its lease has run out. */
static void settle(struct erasing *e, int rc)
{
    if (rc == 0)
        return;
    e->over = true;
    if (rc != CC_E_CANCELLED)
        cc_log_failure("erase_failed", rc, cc_s("receipt", e->what.id));
}

/* ---- rows ---- */

/* Whoever keeps the points of an outer store may take long, or be away: nobody waits for that. */
static int empty_tenant(struct erasing *e, int64_t until_ms)
{
    enum cc_erasure_left left = CC_ERASURE_MORE;
    int rc = 0;

    while (rc == 0 && left == CC_ERASURE_MORE && cc_now() < until_ms)
        rc = cc_erasure_batch(e->ingest->run->pg, &e->what, LEASE_MS, &left);
    if (rc == 0 && left != CC_ERASURE_NOTHING) {
        e->over = true;
        rc = hold(e, left == CC_ERASURE_MORE ? 0 : LOOK_MS);
    }
    return rc;
}

/* ---- Redis ---- */

/* Who takes over finds less: the larger number is the true one. */
static void raise(json_t *removed, const char *kind, int64_t n)
{
    if (n > cc_json_int(removed, kind, 0))
        json_object_set_new(removed, kind, json_integer(n));
}

/* Before anything is removed, so that a receipt says what there was, whoever dies in between. */
static int note(struct erasing *e, const struct cc_erase_counts *found)
{
    CC_AUTO(json_decref)
    json_t *removed = NULL;
    const char *text;
    int rc = cc_json_parse(e->work.removed, strlen(e->work.removed), &removed);

    if (rc)
        return rc;
    raise(removed, "questions", found->questions);
    raise(removed, "deadLetters", found->dead);
    raise(removed, "keys", found->names);
    raise(removed, "streams", found->streams);
    raise(removed, "cached", found->cached);
    text = cc_json_dup(removed, e->mem);
    e->work.removed = text;
    return cc_erasure_note(e->ingest->run->pg, &e->what, LEASE_MS, text);
}

/* A receipt tells it after whatever was removed meanwhile, too. */
static bool was_answered(const struct erasing *e)
{
    CC_AUTO(json_decref)
    json_t *removed = NULL;

    if (cc_json_parse(e->work.removed, strlen(e->work.removed), &removed))
        return true;
    return cc_json_int(removed, "answers", 0) > 0 || cc_json_int(removed, "questions", 0) > 0 ||
           cc_json_int(removed, "deadLetters", 0) > 0;
}

/* Names and cached answers come with every new question; the others are of before it was asked. */
static int clean_once(struct erasing *e)
{
    const struct cc_erase_what what = {.tenant = e->what.tenant,
                                       .all = is_tenant(e),
                                       .subject = e->work.subject,
                                       .sessions = e->work.sessions,
                                       .sessions_n = e->work.sessions_n,
                                       .answers = e->work.answers,
                                       .answers_n = e->work.answers_n,
                                       .asked_ms = e->work.asked_ms,
                                       .answered = was_answered(e)};
    struct cc_arena *mem = cc_arena_new(WORK_BYTES);
    const struct cc_run *run = e->ingest->run;
    struct cc_erase_counts counts = {0};
    struct cc_erase_found *found;
    int rc = cc_erase_find(run->queue, run->live, &what, mem, &found);

    if (rc == 0) {
        counts = cc_erase_counts(found);
        rc = note(e, &counts);
    }
    if (rc == 0)
        rc = cc_erase_remove(run->queue, run->live, found);
    cc_arena_free(&mem);
    e->clean = !counts.questions && !counts.dead && !counts.streams && !counts.more;
    e->something = !e->clean || counts.names || counts.cached;
    return rc;
}

static void hold_all(struct batch *b)
{
    for (int i = 0; i < b->n; i++)
        if (!b->at[i].over)
            settle(&b->at[i], hold(&b->at[i], LEASE_MS));
}

/* For all of them at once: of a large server they take seconds. */
static int write_files(struct batch *b)
{
    const struct cc_run *run = b->ingest->run;
    int rc = cc_erase_files(run->queue, cc_now() + FILES_MS);

    hold_all(b);
    if (rc == 0)
        rc = cc_erase_files(run->live, cc_now() + FILES_MS);
    hold_all(b);
    return rc;
}

static int clean_all(struct batch *b, bool first)
{
    bool something = first;

    for (int i = 0; i < b->n; i++)
        if (!b->at[i].over) {
            settle(&b->at[i], clean_once(&b->at[i]));
            something = something || b->at[i].something;
        }
    return something ? write_files(b) : 0;
}

/* ---- a batch ---- */

static int begin(struct batch *b, const struct cc_erasure_open *what)
{
    struct erasing *e = &b->at[b->n];
    int rc;

    *e = (struct erasing){.ingest = b->ingest, .what = *what, .began = cc_now()};
    e->mem = cc_arena_new(WORK_BYTES);
    rc = cc_erasure_claim(b->ingest->run->pg, what, LEASE_MS, e->mem, &e->work);
    if (rc == 0 || rc != CC_E_NOTFOUND)
        b->n++;
    else /* somebody else was faster */
        cc_arena_free(&e->mem);
    if (rc == 0 && is_tenant(e))
        rc = empty_tenant(e, b->turn_ms);
    return rc;
}

static void end(struct erasing *e)
{
    int rc = cc_erasure_done(e->ingest->run->pg, &e->what);

    settle(e, rc);
    e->over = true;
    if (rc == 0)
        cc_log(CC_INFO, "erased", cc_s("tenant", e->what.tenant), cc_s("receipt", e->what.id),
               cc_s("kind", e->work.kind), cc_i("ms", cc_now() - e->began));
}

static bool goes_on(const struct batch *b)
{
    for (int i = 0; i < b->n; i++)
        if (!b->at[i].over)
            return true;
    return false;
}

/*
 * Each is looked for at least twice: a question may have been on its way to the queue, or an answer
 * to the cache.  The files are written when all is removed, and again if something came after.
 */
static int run_batch(struct batch *b)
{
    int rc = goes_on(b) ? clean_all(b, true) : 0;

    while (rc == 0 && goes_on(b)) {
        rc = cc_sleep(SETTLE_MS);
        if (rc == 0)
            rc = clean_all(b, false);
        for (int i = 0; i < b->n && rc == 0; i++)
            if (!b->at[i].over && b->at[i].clean)
                end(&b->at[i]);
    }
    return rc;
}

static int erase_all(struct cc_ingest *ingest)
{
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_erasure_open waiting[AT_ONCE];
    struct batch b = {.ingest = ingest, .turn_ms = cc_now() + TURN_MS};
    int n = 0, rc = cc_erasure_waiting(ingest->run->sweep, AT_ONCE, mem, waiting, &n);

    for (int i = 0; i < n && !ingest->run->stopping; i++) {
        int at = b.n, failed = begin(&b, &waiting[i]);

        if (b.n > at)
            settle(&b.at[at], failed);
    }
    if (rc == 0)
        rc = run_batch(&b);
    for (int i = 0; i < b.n; i++) {
        if (!b.at[i].over)
            settle(&b.at[i], rc);
        cc_arena_free(&b.at[i].mem);
    }
    cc_arena_free(&mem);
    return rc;
}

void cc_erase(void *arg)
{
    struct cc_ingest *ingest = arg;

    if (!ingest->run->sweep)
        return;
    do {
        int rc = erase_all(ingest);

        if (rc && rc != CC_E_CANCELLED)
            cc_log_failure("erasures_unseen", rc);
    } while (!ingest->run->stopping && !cc_sleep(LOOK_MS));
}

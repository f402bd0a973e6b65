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
#define AT_ONCE    16
#define WORK_BYTES ((size_t)256 << 20)

struct erasing {
    struct cc_ingest *ingest;
    struct cc_erasure_open what;
    struct cc_erasure_work work;
    struct cc_arena *mem;
};

/* ---- rows ---- */

static int empty_tenant(struct erasing *e)
{
    enum cc_erasure_left left = CC_ERASURE_MORE;
    int rc = 0;

    while (rc == 0 && left != CC_ERASURE_NOTHING && !e->ingest->run->stopping) {
        rc = cc_erasure_batch(e->ingest->run->pg, &e->what, LEASE_MS, &left);
        if (rc == 0 && left == CC_ERASURE_POINTS)
            rc = cc_erasure_note(e->ingest->run->pg, &e->what, LEASE_MS, "{}");
        if (rc == 0 && left == CC_ERASURE_POINTS)
            rc = cc_sleep(LOOK_MS);
    }
    return rc == 0 && left != CC_ERASURE_NOTHING ? CC_E_CANCELLED : rc;
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

static int write_files(struct erasing *e)
{
    const struct cc_run *run = e->ingest->run;
    int rc = cc_erase_files(run->queue, cc_now() + FILES_MS);

    if (rc == 0)
        rc = cc_erasure_note(run->pg, &e->what, LEASE_MS, "{}");
    return rc ? rc : cc_erase_files(run->live, cc_now() + FILES_MS);
}

/* Names and cached answers come with every new question; the others are of before it was asked. */
static int clean_once(struct erasing *e, const struct cc_erase_what *what, bool *ret_clean,
                      bool *ret_something)
{
    struct cc_arena *mem = cc_arena_new(WORK_BYTES);
    const struct cc_run *run = e->ingest->run;
    struct cc_erase_counts counts = {0};
    struct cc_erase_found *found;
    int rc = cc_erase_find(run->queue, run->live, what, mem, &found);

    if (rc == 0) {
        counts = cc_erase_counts(found);
        rc = note(e, &counts);
    }
    if (rc == 0)
        rc = cc_erase_remove(run->queue, run->live, found);
    cc_arena_free(&mem);
    *ret_clean = !counts.questions && !counts.dead && !counts.streams;
    *ret_something = !*ret_clean || counts.names || counts.cached;
    return rc;
}

/*
 * At least twice: a question may have been on its way to the queue, or an answer to the cache.  The
 * files are written when all is removed, and again if something came after.
 */
static int clean_redis(struct erasing *e)
{
    const struct cc_erase_what what = {.tenant = e->what.tenant,
                                       .all = strcmp(e->work.kind, "tenant") == 0,
                                       .subject = e->work.subject,
                                       .sessions = e->work.sessions,
                                       .sessions_n = e->work.sessions_n,
                                       .answers = e->work.answers,
                                       .answers_n = e->work.answers_n,
                                       .asked_ms = e->work.asked_ms};
    bool clean = false, something;
    int rc = 0;

    for (int i = 0; rc == 0 && (i < 2 || !clean); i++) {
        rc = i > 0 ? cc_sleep(SETTLE_MS) : 0;
        if (rc == 0)
            rc = clean_once(e, &what, &clean, &something);
        if (rc == 0 && (i == 0 || something))
            rc = write_files(e);
    }
    return rc;
}

/* ---- one after another ---- */

static int finish(struct erasing *e)
{
    int rc = strcmp(e->work.kind, "tenant") == 0 ? empty_tenant(e) : 0;

    if (rc == 0)
        rc = clean_redis(e);
    return rc ? rc : cc_erasure_done(e->ingest->run->pg, &e->what);
}

static void erase_one(struct cc_ingest *ingest, const struct cc_erasure_open *what)
{
    struct erasing e = {.ingest = ingest, .what = *what, .mem = cc_arena_new(WORK_BYTES)};
    int64_t began = cc_now();
    int rc = cc_erasure_claim(ingest->run->pg, what, LEASE_MS, e.mem, &e.work);

    if (rc == 0) {
        rc = finish(&e);
        if (rc == 0)
            cc_log(CC_INFO, "erased", cc_s("tenant", what->tenant), cc_s("receipt", what->id),
                   cc_s("kind", e.work.kind), cc_i("ms", cc_now() - began));
    }
    if (rc && rc != CC_E_NOTFOUND && rc != CC_E_CANCELLED) /* the lease runs out, then again */
        cc_log_failure("erase_failed", rc, cc_s("receipt", what->id));
    cc_arena_free(&e.mem);
}

static int erase_all(struct cc_ingest *ingest)
{
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_erasure_open waiting[AT_ONCE];
    int n = 0, rc = cc_erasure_waiting(ingest->run->sweep, AT_ONCE, mem, waiting, &n);

    for (int i = 0; i < n && !ingest->run->stopping; i++)
        erase_one(ingest, &waiting[i]);
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

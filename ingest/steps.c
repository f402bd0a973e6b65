/* The steps of one document; each is a status of the row, which the owner sees. */
#include "ingest/index.h"
#include "ingest/ocr.h"
#include "ingest/prepare.h"
#include "ingest/work.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/store/chunk.h"

/* Where each step begins, of 100; embedding moves with the passages stored. */
enum { AT_PARSING = 2, AT_CHUNKING = 10, AT_EMBEDDING = 15, AT_STORING = 97 };

/* How many pages there are is known at the end only: so many are half of the way. */
#define PAGES_HALF 20

#define ROUNDS_MAX 3 /* when passages are edited by hand just then */

/* What one step leaves to the next. */
struct state {
    struct cc_work *work;
    struct cc_arena *loaded; /* where file is; gone when it was cut */
    struct cc_document file;
    struct cc_buf frames; /* of the jailed child */
    struct cc_prepared prepared;
    struct cc_index index;
};

static void on_page(void *arg, int page)
{
    struct cc_work *work = arg;
    int64_t at = AT_PARSING + (AT_CHUNKING - AT_PARSING) * (int64_t)page / (page + PAGES_HALF);

    work->page = page;
    work->moved = at != work->progress.progress;
    work->progress.progress = at;
}

static int load(struct state *st)
{
    struct cc_work *work = st->work;
    int rc;

    cc_arena_free(&st->loaded);
    st->loaded = cc_arena_new(CC_WORK_BYTES);
    rc = cc_document_load(work->ingest->run->pg, work->hold.tenant, work->hold.id, st->loaded,
                          &st->file);
    return rc == CC_E_NOTFOUND ? cc_fail(CC_E_FENCED, "the document was deleted") : rc;
}

/* What the child says of a file is the file's fault; that it died may be another's. */
static int parse(struct state *st)
{
    struct cc_work *work = st->work;
    struct cc_jail_result result = {0};
    int rc = cc_work_report(work, "parsing", AT_PARSING);

    work->page = 0;
    if (!rc)
        rc = load(st);
    if (rc)
        return rc;
    const struct cc_jail_file file = {
        .bytes = st->file.bytes, .len = (size_t)st->file.size, .on_page = on_page, .arg = work};
    rc = cc_ocr_read(&work->ingest->jail, &file, &result);
    work->page = result.page;
    work->crashed = rc == CC_E_PARSER || rc == CC_E_LIMIT;
    if (!rc)
        st->frames = result.out;
    return rc;
}

static int learn(struct state *st)
{
    const struct cc_prepared *p = &st->prepared;
    const struct cc_document_learned learned = {cc_file_mime(p->type), p->title ? p->title : "",
                                                p->pages};

    cc_log(CC_DEBUG, "document_cut", cc_s("document", st->work->hold.id),
           cc_s("type", learned.type), cc_i("pages", p->pages), cc_u("chunks", p->n));
    st->work->page = 0; /* what fails from now on is on no page */
    return cc_document_learn(st->work->ingest->run->pg, &st->work->hold, &learned);
}

/* The edits are read after the row says "chunking": later ones keep it from being published. */
static int chunk(struct state *st)
{
    struct cc_work *work = st->work;
    struct cc_prepare_opts opts = {.tokens = work->ingest->tokens};
    int rc = cc_work_report(work, "chunking", AT_CHUNKING);

    if (!rc && st->prepared.mem)
        return learn(st); /* begun again */
    if (!rc)
        rc = cc_prepare_load(work->ingest->run->pg, &st->file, st->loaded, &opts);
    if (!rc)
        rc = cc_prepare(&opts, &st->frames, &st->prepared);
    if (rc)
        return rc;
    cc_arena_free(&st->loaded);
    return learn(st);
}

static int64_t embedding_progress(const struct cc_work *work)
{
    return AT_EMBEDDING +
           (AT_STORING - AT_EMBEDDING) * work->progress.chunks_done / work->progress.chunks_total;
}

/* Batch after batch; repeated, it goes on with the one that failed. */
static int embed(struct state *st)
{
    struct cc_work *work = st->work;
    const struct cc_prepared *p = &st->prepared;
    int rc = cc_index_begin(&st->index, work, p->slice, p->n);

    work->progress.chunks_total = (int64_t)p->n;
    while (!rc && st->index.at < p->n) {
        work->progress.chunks_done = (int64_t)st->index.at;
        rc = cc_work_report(work, "embedding", embedding_progress(work));
        if (!rc)
            rc = cc_index_batch(&st->index);
    }
    work->progress.chunks_done = (int64_t)st->index.at;
    return rc;
}

static int publish(struct state *st)
{
    struct cc_work *work = st->work;
    int rc = work->publishing ? 0 : cc_work_report(work, "storing", AT_STORING);

    if (rc)
        return rc;
    work->publishing = true;
    rc = cc_chunk_publish(work->ingest->run->pg, &work->hold, work->progress.chunks_total,
                          work->embedded);
    if (rc == CC_E_CONFLICT)
        work->publishing = false;
    return rc;
}

static const struct step {
    const char *name; /* label of the metric, and the row's status */
    int (*run)(struct state *st);
} steps[] = {{"parsing", parse}, {"chunking", chunk}, {"embedding", embed}, {"storing", publish}};

/*
 * While PostgreSQL is away a step is begun again and again: nothing else could be done, and an
 * attempt must not be lost by it.  Whether we still hold the row is seen when it is back.
 */
static int run_step(struct state *st, const struct step *step)
{
    int64_t began_ms = cc_now();
    int rc;

    while ((rc = step->run(st)) == CC_E_DOWN) {
        int slept = cc_sleep(CC_WORK_AWAY_MS);

        if (slept)
            return slept;
    }
    cc_metric_observe(CC_M_INGEST_STAGE, CC_LABELS(step->name),
                      (double)(cc_now() - began_ms) / 1000);
    return rc;
}

static int run_steps(struct cc_work *work)
{
    struct state st = {.work = work};
    int rc = 0;

    for (size_t i = 0; i < sizeof steps / sizeof *steps && !rc; i++)
        rc = run_step(&st, &steps[i]);
    cc_arena_free(&st.loaded);
    cc_buf_done(&st.frames);
    cc_arena_free(&st.prepared.mem);
    return rc;
}

/* Nothing is embedded twice by it: what is stored is known by its hash. */
int cc_work_steps(struct cc_work *work)
{
    int rc = CC_E_CONFLICT;

    for (int i = 0; i < ROUNDS_MAX && rc == CC_E_CONFLICT; i++)
        rc = run_steps(work);
    return rc;
}

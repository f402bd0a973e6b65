/* The steps of one document; each is a status of the row, which the owner sees. */
#include "ingest/index.h"
#include "ingest/prepare.h"
#include "ingest/work.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/store/chunk.h"

/* Where each step begins, of 100; embedding moves with the passages stored. */
enum { AT_PARSING = 2, AT_CHUNKING = 10, AT_EMBEDDING = 15, AT_STORING = 97 };

/* What one step leaves to the next. */
struct state {
    struct cc_work *work;
    struct cc_buf frames; /* of the jailed child */
    struct cc_prepare_opts opts;
    struct cc_prepared prepared;
    size_t at, batch; /* passages stored; how many to take next */
};

static int parse(struct state *st)
{
    struct cc_work *work = st->work;
    struct cc_arena *mem = cc_arena_new(CC_WORK_BYTES);
    struct cc_jail_result result;
    struct cc_document file;
    int rc = cc_work_report(work, "parsing", AT_PARSING);

    if (!rc)
        rc = cc_document_load(work->ingest->run->pg, work->hold.tenant, work->hold.id, mem, &file);
    if (rc == CC_E_NOTFOUND)
        rc = cc_fail(CC_E_FENCED, "the document was deleted");
    if (!rc)
        rc = cc_prepare_load(work->ingest->run->pg, &file, work->mem, &st->opts);
    if (!rc)
        rc = cc_jail_run(&work->ingest->jail,
                         &(struct cc_jail_file){.bytes = file.bytes, .len = (size_t)file.size},
                         &result);
    if (!rc)
        st->frames = result.out;
    cc_arena_free(&mem);
    return rc;
}

static int chunk(struct state *st)
{
    int rc = cc_work_report(st->work, "chunking", AT_CHUNKING);

    if (!rc)
        rc = cc_prepare(&st->opts, &st->frames, &st->prepared);
    if (rc)
        return rc;
    cc_log(CC_DEBUG, "document_cut", cc_s("document", st->work->hold.id),
           cc_s("type", cc_file_mime(st->prepared.type)), cc_i("pages", st->prepared.pages),
           cc_u("chunks", st->prepared.n));
    return 0;
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

    work->progress.chunks_total = (int64_t)p->n;
    while (st->at < p->n) {
        size_t n = p->n - st->at < st->batch ? p->n - st->at : st->batch;
        int rc = cc_work_report(work, "embedding", embedding_progress(work));

        if (!rc)
            rc = cc_index_batch(work, p->slice, st->at, n, &st->batch);
        if (rc)
            return rc;
        st->at += n;
        work->progress.chunks_done = (int64_t)st->at;
    }
    return 0;
}

static int publish(struct state *st)
{
    struct cc_work *work = st->work;
    int rc = work->publishing ? 0 : cc_work_report(work, "storing", AT_STORING);

    if (rc)
        return rc;
    work->publishing = true;
    return cc_chunk_publish(work->ingest->run->pg, &work->hold, work->progress.chunks_total, 0);
}

/*
 * While PostgreSQL is away a step is begun again and again: nothing else could be done, and an
 * attempt must not be lost by it.  Whether we still hold the row is seen when it is back.
 */
static int run_step(struct state *st, int (*step)(struct state *st))
{
    int rc;

    while ((rc = step(st)) == CC_E_DOWN) {
        int slept = cc_sleep(CC_WORK_AWAY_MS);

        if (slept)
            return slept;
    }
    return rc;
}

int cc_work_steps(struct cc_work *work)
{
    static int (*const steps[])(struct state * st) = {parse, chunk, embed, publish};
    struct state st = {
        .work = work, .batch = CC_INDEX_FIRST, .opts = {.tokens = work->ingest->tokens}};
    int rc = 0;

    for (size_t i = 0; i < sizeof steps / sizeof *steps && !rc; i++)
        rc = run_step(&st, steps[i]);
    cc_buf_done(&st.frames);
    cc_arena_free(&st.prepared.mem);
    return rc;
}

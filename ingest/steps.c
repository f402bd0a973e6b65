/* The steps of one document; each is a status of the row, which the owner sees. */
#include "ingest/index.h"
#include "ingest/prepare.h"
#include "ingest/work.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/store/chunk.h"

/* Where each step begins, of 100; embedding moves with the passages stored. */
enum { AT_PARSING = 2, AT_CHUNKING = 10, AT_EMBEDDING = 15, AT_STORING = 97 };

static int parse(struct cc_work *work, struct cc_buf *frames)
{
    struct cc_ingest *ingest = work->ingest;
    struct cc_arena *mem = cc_arena_new(CC_WORK_BYTES);
    struct cc_document file;
    int rc = cc_work_report(work, "parsing", AT_PARSING);

    if (!rc)
        rc = cc_document_load(ingest->run->pg, work->hold.tenant, work->hold.id, mem, &file);
    if (rc == CC_E_NOTFOUND)
        rc = cc_fail(CC_E_FENCED, "the document was deleted");
    if (!rc)
        rc = cc_jail_run(&ingest->jail, file.bytes, (size_t)file.size, frames);
    cc_arena_free(&mem);
    return rc;
}

static int chunk(struct cc_work *work, struct cc_buf *frames, struct cc_prepared *ret)
{
    int rc = cc_work_report(work, "chunking", AT_CHUNKING);

    if (rc) {
        cc_buf_done(frames);
        return rc;
    }
    rc = cc_prepare(work->ingest->tokens, frames, ret);
    if (rc)
        return rc;
    cc_log(CC_DEBUG, "document_cut", cc_s("document", work->hold.id),
           cc_s("type", cc_file_mime(ret->type)), cc_i("pages", ret->pages),
           cc_u("chunks", ret->n));
    return 0;
}

static int64_t embedding_progress(const struct cc_work *work)
{
    return AT_EMBEDDING +
           (AT_STORING - AT_EMBEDDING) * work->progress.chunks_done / work->progress.chunks_total;
}

static int embed(struct cc_work *work, const struct cc_prepared *p)
{
    size_t batch = CC_INDEX_FIRST;

    work->progress.chunks_total = (int64_t)p->n;
    work->progress.chunks_done = 0;
    for (size_t at = 0, n; at < p->n; at += n) {
        int rc = cc_work_report(work, "embedding", embedding_progress(work));

        n = p->n - at < batch ? p->n - at : batch;
        if (!rc)
            rc = cc_index_batch(work, p->slice, at, n, &batch);
        if (rc)
            return rc;
        work->progress.chunks_done = (int64_t)(at + n);
    }
    return 0;
}

static int publish(struct cc_work *work)
{
    int rc = cc_work_report(work, "storing", AT_STORING);

    if (rc)
        return rc;
    work->publishing = true;
    return cc_chunk_publish(work->ingest->run->pg, &work->hold, work->progress.chunks_total);
}

int cc_work_steps(struct cc_work *work)
{
    struct cc_prepared prepared = {0};
    struct cc_buf frames;
    int rc = parse(work, &frames);

    if (!rc)
        rc = chunk(work, &frames, &prepared);
    if (!rc)
        rc = embed(work, &prepared);
    if (!rc)
        rc = publish(work);
    cc_arena_free(&prepared.mem);
    return rc;
}

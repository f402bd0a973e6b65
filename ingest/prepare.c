#include "ingest/prepare.h"

#include <string.h>

#include "ingest/parse/frame.h"
#include "proto/base/error.h"
#include "proto/task/offload.h"

/* Three times what a document at all caps of extract.h takes: reaching it would end the process. */
#define MEMORY_BYTES ((size_t)512 << 20)
#define PREPARE_MS   120000

/* Lies in its own arena; done once, so that a job nobody waits for gives all back. */
struct job {
    struct cc_offload offload;
    const struct cc_tokens *tokens;
    struct cc_buf frames;
    struct cc_prepared out;
    int rc;
    char words[CC_FAIL_TEXT];
};

static void run(struct cc_offload *offload)
{
    struct job *job = (struct job *)offload;
    struct cc_extract doc;

    job->rc = cc_frame_decode(job->frames.bytes, job->frames.len, job->out.mem, &doc);
    if (!job->rc)
        job->rc =
            cc_chunker_cut(&doc, job->tokens, CC_SHAPE, job->out.mem, &job->out.slice, &job->out.n);
    if (job->rc)
        memccpy(job->words, cc_fail_text(), '\0', sizeof job->words);
    job->out.type = doc.type;
    job->out.pages = doc.pages;
}

static void discard(struct cc_offload *offload)
{
    struct job *job = (struct job *)offload;
    struct cc_arena *mem = job->out.mem;

    cc_buf_done(&job->frames);
    cc_arena_free(&mem);
}

int cc_prepare(const struct cc_tokens *tokens, struct cc_buf *frames, struct cc_prepared *ret)
{
    struct cc_arena *mem = cc_arena_new(MEMORY_BYTES);
    struct job *job = cc_arena_get(mem, sizeof *job);
    int rc;

    *job =
        (struct job){.offload = {.run = run, .free = discard}, .tokens = tokens, .frames = *frames};
    job->out.mem = mem;
    *frames = (struct cc_buf){0};
    rc = cc_offload_run(&job->offload, cc_now() + PREPARE_MS);
    if (rc)
        return rc; /* the job is the pool's now */
    cc_buf_done(&job->frames);
    if (job->rc) {
        rc = cc_fail(job->rc, "%s", job->words);
        cc_arena_free(&mem);
        return rc;
    }
    *ret = job->out;
    return 0;
}

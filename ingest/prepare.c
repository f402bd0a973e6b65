#include "ingest/prepare.h"

#include <string.h>

#include "ingest/parse/frame.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/store/tenant.h"
#include "proto/task/offload.h"

/* Twice what a document at all caps of extract.h takes: reaching it would end the process. */
#define MEMORY_BYTES ((size_t)512 << 20)
#define PREPARE_MS   120000

/* Lies in its own arena; done once, so that a job nobody waits for gives all back. */
struct job {
    struct cc_offload offload;
    struct cc_prepare_opts opts;
    struct cc_buf frames;
    struct cc_prepared out;
    int rc;
    char words[CC_FAIL_TEXT];
};

/* What is stored was read when it was set; a bot that has gone has no wishes any more. */
static int load_shape(struct cc_pg *pool, const struct cc_document *document, struct cc_arena *mem,
                      struct cc_shape *ret)
{
    struct cc_bot bot = {.chunking = ""};
    int rc = *document->bot ? cc_bot_get(pool, document->tenant, document->bot, mem, &bot) : 0;

    if (rc && rc != CC_E_NOTFOUND)
        return rc;
    *ret = CC_SHAPE;
    rc = cc_shape_read(bot.chunking, ret);
    return rc ? rc : cc_shape_read(document->chunking, ret);
}

int cc_prepare_load(struct cc_pg *pool, const struct cc_document *document, struct cc_arena *mem,
                    struct cc_prepare_opts *ret)
{
    struct cc_chunk_edit *edits = NULL;
    int rc = load_shape(pool, document, mem, &ret->shape);

    if (!rc)
        rc = cc_chunk_edits(pool, document->tenant, document->id, mem, &edits, &ret->edits_n);
    if (!rc)
        ret->edits = edits;
    return rc;
}

static void put_text(const struct job *job, const struct cc_chunk_edit *edit,
                     struct cc_slice *slice)
{
    slice->text = edit->text;
    slice->len = strlen(edit->text);
    slice->tokens = cc_tokens_count(job->opts.tokens, slice->text, slice->len);
    slice->section = edit->section;
}

static void lay_over(const struct job *job, const struct cc_chunk_edit *edit,
                     struct cc_slice *slice)
{
    if (*edit->text)
        put_text(job, edit, slice);
    slice->edit = edit->id;
    slice->disabled = !edit->enabled;
}

/* Edits are few, and most documents have none. */
static void lay_edits_over(const struct job *job, struct cc_slice *slice)
{
    for (int i = 0; i < job->opts.edits_n; i++)
        if (!strcmp(job->opts.edits[i].text_sha256, slice->text_sha256)) {
            lay_over(job, &job->opts.edits[i], slice);
            return;
        }
}

static void append_own(struct job *job)
{
    struct cc_prepared *out = &job->out;
    struct cc_slice *all;

    if (!job->opts.edits_n)
        return;
    all = cc_arena_array(out->mem, out->n + (size_t)job->opts.edits_n, sizeof *all);
    if (out->n)
        memcpy(all, out->slice, out->n * sizeof *all);
    out->slice = all;
    for (int i = 0; i < job->opts.edits_n; i++)
        if (!*job->opts.edits[i].text_sha256) {
            all[out->n] = (struct cc_slice){.kind = CC_BLOCK_PARAGRAPH, .text_sha256 = ""};
            lay_over(job, &job->opts.edits[i], &all[out->n++]);
        }
}

static int cut(struct job *job)
{
    struct cc_prepared *out = &job->out;
    struct cc_extract doc;
    int rc = cc_frame_decode(job->frames.bytes, job->frames.len, out->mem, &doc);

    if (!rc)
        rc =
            cc_chunker_cut(&doc, job->opts.tokens, job->opts.shape, out->mem, &out->slice, &out->n);
    if (rc)
        return rc;
    out->type = doc.type;
    out->pages = doc.pages;
    out->title = doc.title;
    for (size_t i = 0; i < out->n; i++) {
        struct cc_slice *slice = &out->slice[i];

        slice->text_sha256 =
            cc_sha256_hex(slice->text, slice->len, cc_arena_get(out->mem, CC_SHA256_HEX));
        lay_edits_over(job, slice);
    }
    append_own(job);
    return 0;
}

static void run(struct cc_offload *offload)
{
    struct job *job = (struct job *)offload;

    job->rc = cut(job);
    if (job->rc)
        memccpy(job->words, cc_fail_text(), '\0', sizeof job->words);
}

static void discard(struct cc_offload *offload)
{
    struct job *job = (struct job *)offload;
    struct cc_arena *mem = job->out.mem;

    cc_buf_done(&job->frames);
    cc_arena_free(&mem);
}

/* The thread may outlive the caller. */
static void copy_edits(struct job *job)
{
    struct cc_arena *mem = job->out.mem;
    size_t n = (size_t)job->opts.edits_n;
    struct cc_chunk_edit *copy = cc_arena_array(mem, n + 1, sizeof *copy);

    for (size_t i = 0; i < n; i++) {
        copy[i] = job->opts.edits[i];
        copy[i].text_sha256 = cc_arena_dup(mem, copy[i].text_sha256);
        copy[i].text = cc_arena_dup(mem, copy[i].text);
        copy[i].section = cc_arena_dup(mem, copy[i].section);
    }
    job->opts.edits = copy;
}

int cc_prepare(const struct cc_prepare_opts *opts, struct cc_buf *frames, struct cc_prepared *ret)
{
    struct cc_arena *mem = cc_arena_new(MEMORY_BYTES);
    struct job *job = cc_arena_get(mem, sizeof *job);
    int rc;

    *job = (struct job){.offload = {.run = run, .free = discard}, .opts = *opts, .frames = *frames};
    job->out.mem = mem;
    copy_edits(job);
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

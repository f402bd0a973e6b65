/*
 * use.c - Universal Sentence Encoder lite, on the threads of the pool when a task asks.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/vector.h"
#include "proto/task/group.h"
#include "proto/task/offload.h"
#include "proto/vec/embed.h"
#include "proto/vec/sentence.h"
#include "proto/vec/unicode.h"
#include "proto/vec/use_net.h"
#include "proto/vec/use_vocab.h"

#define PATH_BYTES     1024
#define LANES          2
#define SLICE          16 /* texts of one job: what is left to compute when a task gives up */
#define SLICE_MS       60000
#define JOB_BYTES      ((size_t)64 << 20)
#define SENTENCE_BYTES 480 /* stays below 128 tokens of English */
#define SENTENCE_SMALL 24  /* below, a sentence joins the next: "Yes.", "3." */

struct use {
    struct cc_use_net *net;
    struct cc_use_vocab *vocab;
};

/* Owns all it touches besides the model, which is never written to. */
struct use_job {
    struct cc_offload job;
    const struct use *use;
    struct cc_arena *mem;
    const char **text;
    size_t n;
    float *out;
    int rc;
};

static int embed_one(const struct use *use, const char *text, struct cc_arena *mem,
                     struct cc_use_room *room, float *out)
{
    int ids[CC_USE_TOKENS];
    UChar *wide;
    size_t len;
    int rc = cc_unicode_normalize(CC_NFKC, text, strlen(text), mem, &wide, &len);

    if (rc)
        return rc;
    cc_use_net_run(use->net, ids, cc_use_tokens(use->vocab, wide, len, ids), room, out);
    return 0;
}

static int embed_all(const struct use *use, const char *const *texts, size_t n, float *out)
{
    struct cc_arena *mem = cc_arena_new(JOB_BYTES);
    struct cc_use_room *room = cc_use_room_new();
    int rc = 0;

    for (size_t i = 0; i < n && !rc; i++) {
        rc = embed_one(use, texts[i], mem, room, out + i * CC_USE_DIM);
        cc_arena_reset(mem);
    }
    cc_use_room_free(&room);
    cc_arena_free(&mem);
    return rc;
}

static void job_run(struct cc_offload *job)
{
    struct use_job *mine = (struct use_job *)job;

    mine->rc = embed_all(mine->use, mine->text, mine->n, mine->out);
}

static void job_free(struct cc_offload *job)
{
    struct use_job *mine = (struct use_job *)job;
    struct cc_arena *mem = mine->mem;

    cc_arena_free(&mem); /* the job lies in it, too */
}

static struct use_job *job_new(const struct use *use, const char *const *texts, size_t n)
{
    struct cc_arena *mem = cc_arena_new(JOB_BYTES);
    struct use_job *mine = cc_arena_get(mem, sizeof *mine);

    mine->job.run = job_run;
    mine->job.free = job_free;
    mine->use = use;
    mine->mem = mem;
    mine->n = n;
    mine->text = cc_arena_array(mem, n, sizeof *mine->text);
    mine->out = cc_arena_array(mem, n * CC_USE_DIM, sizeof *mine->out);
    for (size_t i = 0; i < n; i++)
        mine->text[i] = cc_arena_dup(mem, texts[i]);
    return mine;
}

static int run_slice(const struct use *use, const char *const *texts, size_t n, float *out)
{
    struct use_job *mine = job_new(use, texts, n);
    int rc = cc_offload_run(&mine->job, cc_now() + SLICE_MS);

    if (rc)
        return rc; /* the job is freed when its thread is through */
    rc = mine->rc ? cc_fail(mine->rc, "use: a text cannot be embedded") : 0;
    if (!rc)
        memcpy(out, mine->out, n * CC_USE_DIM * sizeof *out);
    job_free(&mine->job);
    return rc;
}

/* What lanes share; they are tasks of one loop, so taking the next slice needs no lock. */
struct slices {
    const struct use *use;
    const char *const *texts;
    size_t n, next;
    float *out;
};

static int run_lane(void *arg)
{
    struct slices *s = arg;
    int rc = 0;

    while (!rc && s->next < s->n) {
        size_t at = s->next, some = s->n - at < SLICE ? s->n - at : SLICE;

        s->next += some;
        rc = run_slice(s->use, s->texts + at, some, s->out + at * CC_USE_DIM);
    }
    return rc;
}

/* Many texts occupy two threads, so that one document is through in half the time. */
static int run_lanes(struct slices *s)
{
    struct cc_group lanes;
    int rc = 0;

    if (s->n <= SLICE)
        return run_lane(s);
    cc_group_init(&lanes);
    for (int i = 0; i < LANES && !rc; i++)
        rc = cc_group_add(&lanes, "embed", run_lane, s);
    if (rc)
        cc_group_cancel(&lanes);
    int joined = cc_group_join(&lanes);
    return rc ? rc : joined;
}

static int use_run(void *self, const char *const *texts, size_t n, float *out)
{
    struct slices slices = {.use = self, .texts = texts, .n = n, .out = out};

    return cc_task_current() ? run_lanes(&slices) : embed_all(self, texts, n, out);
}

static void use_free(void *self)
{
    struct use *use = self;

    cc_use_net_free(&use->net);
    cc_use_vocab_free(&use->vocab);
    free(use);
}

static int load(struct use *use, const char *folder)
{
    struct cc_arena *mem = cc_arena_new(2 * PATH_BYTES);
    int rc = cc_use_net_open(cc_arena_printf(mem, "%.900s/weights.bin", folder), &use->net);

    if (!rc)
        rc = cc_use_vocab_load(cc_arena_printf(mem, "%.900s/vocab.json", folder), &use->vocab);
    if (!rc && cc_use_vocab_count(use->vocab) > CC_USE_PIECES)
        rc = cc_fail(CC_E_INVALID, "%.200s: more pieces than embeddings", folder);
    cc_arena_free(&mem);
    return rc;
}

static int use_open(const struct cc_embed_opts *opts, const char *model, void **ret_self)
{
    struct use *use = calloc(1, sizeof *use);
    int rc;

    (void)model;
    if (!use)
        abort();
    rc = load(use, opts->model_dir);
    if (rc)
        use_free(use);
    else
        *ret_self = use;
    return rc;
}

static int use_dim(void *self, size_t *ret)
{
    (void)self;
    *ret = CC_USE_DIM;
    return 0;
}

/* Sentence after sentence, the very short ones together with what follows them. */
static size_t join_small(struct cc_span *span, size_t n)
{
    size_t out = 0;

    for (size_t i = 0; i < n; i++) {
        struct cc_span *last = out > 0 ? &span[out - 1] : NULL;
        size_t end = span[i].from + span[i].len;

        if (last && last->len < SENTENCE_SMALL && end - last->from <= SENTENCE_BYTES)
            last->len = end - last->from;
        else
            span[out++] = span[i];
    }
    return out;
}

static int use_split(const char *text, size_t len, struct cc_arena *mem, struct cc_part **ret,
                     size_t *ret_n)
{
    struct cc_span *span;
    struct cc_part *part;
    size_t n;
    int rc = cc_sentences(text, len, SENTENCE_BYTES, mem, &span, &n);

    if (rc)
        return rc;
    if (n == 0)
        return cc_embed_split_whole(text, len, mem, ret, ret_n);
    n = join_small(span, n);
    part = cc_arena_array(mem, n, sizeof *part);
    for (size_t i = 0; i < n; i++)
        part[i] = (struct cc_part){cc_arena_dupn(mem, text + span[i].from, span[i].len),
                                   span[i].from, span[i].len};
    *ret = part;
    *ret_n = n;
    return 0;
}

const struct cc_embed_kind cc_embed_use = {.prefix = "use",
                                           .open = use_open,
                                           .free = use_free,
                                           .dim = use_dim,
                                           .split = use_split,
                                           .run = use_run,
                                           .name = "use-lite",
                                           .language = "en",
                                           .weight = 0.7};

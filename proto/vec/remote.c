/*
 * remote.c - embeddings of OpenAI-compatible services and of Ollama.
 *
 * A service that says that it is busy (429, 503) is no failure: it is asked again when its pace,
 * which all processes share, allows it, as long as the caller's deadline does.  Only then BUSY.
 * One that is broken is asked a few times.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/base/vector.h"
#include "proto/http/http.h"
#include "proto/vec/embed.h"
#include "proto/vec/reply.h"

#define BATCH        64                   /* texts of one request */
#define BATCH_BYTES  ((size_t)256 * 1024) /* of them together: about 100,000 tokens at most */
#define TRIES        4                    /* of one request, when the service is broken */
#define BACKOFF_MS   250                  /* doubled each time */
#define BACKOFF_MAX  16000
#define PACED_TRY    2       /* with a pacer our own back-off grows no more from here */
#define QUIET_MAX_S  900     /* longest Retry-After that is believed */
#define PATIENCE_MS  1800000 /* with a busy service, where there is no deadline */
#define PACE_HEX     32      /* of the hash in a pace's name */
#define FIRST_MS     30000
#define NUMBER_BYTES 24 /* of one number in an answer, at most */
#define ANSWER_BYTES ((size_t)BATCH * CC_EMBED_DIM_MAX * NUMBER_BYTES)
#define REQUEST_MEM  (4 * ANSWER_BYTES)
#define BODY_BYTES   ((size_t)16 << 20)

/* What differs between the services. */
struct dialect {
    enum cc_setting url, key;
    const char *path;
    bool base64, has_key;
};
static const struct dialect openai = {.url = CC_CFG_OPENAI_URL,
                                      .key = CC_CFG_OPENAI_KEY,
                                      .path = "/embeddings",
                                      .base64 = true,
                                      .has_key = true};
static const struct dialect ollama = {.url = CC_CFG_OLLAMA_URL, .path = "/api/embed"};

struct remote {
    const struct dialect *dialect;
    struct cc_http *http;
    struct cc_arena *mem; /* of the strings below */
    const char *url, *model;
    const char *headers[3];
    size_t dim;                         /* 0: not known yet */
    int64_t quiet_until;                /* cc_now() time; of this process */
    const struct cc_embed_pacer *pacer; /* NULL: this process alone */
    const char *pace;
};

/* Whoever asks the same service with the same key shares its limits. */
static const char *pace_name(const struct remote *r, const char *key)
{
    const char *all = cc_arena_printf(r->mem, "%s\n%s", r->url, key);
    char *hex = cc_arena_get(r->mem, CC_SHA256_HEX);

    cc_sha256_hex(all, strlen(all), hex);
    return cc_arena_printf(r->mem, "embed:%.*s", PACE_HEX, hex);
}

static int open_remote(const struct cc_embed_opts *opts, const char *model,
                       const struct dialect *dialect, void **ret_self)
{
    struct remote *r;
    const char *key = dialect->has_key ? cc_cfg(dialect->key) : "";

    if (!opts->http)
        return cc_fail(CC_E_INVALID, "embed: a service needs an HTTP client");
    r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->dialect = dialect;
    r->http = opts->http;
    r->mem = cc_arena_new(65536);
    r->url = cc_arena_printf(r->mem, "%.2000s%s", cc_cfg(dialect->url), dialect->path);
    r->model = cc_arena_dup(r->mem, model);
    r->headers[0] = "Content-Type: application/json";
    if (*key)
        r->headers[1] = cc_arena_printf(r->mem, "Authorization: Bearer %.4000s", key);
    r->pacer = opts->pacer;
    r->pace = pace_name(r, key);
    *ret_self = r;
    return 0;
}

static int open_openai(const struct cc_embed_opts *opts, const char *model, void **ret_self)
{
    return open_remote(opts, model, &openai, ret_self);
}

static int open_ollama(const struct cc_embed_opts *opts, const char *model, void **ret_self)
{
    return open_remote(opts, model, &ollama, ret_self);
}

static void free_remote(void *self)
{
    struct remote *r = self;

    cc_arena_free(&r->mem);
    free(r);
}

static void print_request(const struct remote *r, const char *const *texts, size_t n,
                          struct cc_buf *out)
{
    CC_AUTO(json_decref)
    json_t *body = json_object();
    json_t *input = json_array();

    json_object_set_new(body, "model", json_string(r->model));
    for (size_t i = 0; i < n; i++) /* no service takes an empty text */
        json_array_append_new(input, json_string(texts[i][0] ? texts[i] : " "));
    json_object_set_new(body, "input", input);
    if (r->dialect->base64)
        json_object_set_new(body, "encoding_format", json_string("base64"));
    cc_json_print(body, out);
}

static int64_t backoff_ms(int try)
{
    int64_t ms = (int64_t)BACKOFF_MS << (try < 6 ? try : 6);
    uint16_t dice;

    cc_random(&dice, sizeof dice);
    ms = ms < BACKOFF_MAX ? ms : BACKOFF_MAX;
    return ms / 2 + ms * dice / 131072; /* half of it, and up to as much again */
}

static void keep_quiet(struct remote *r, int64_t ms)
{
    int64_t until = cc_now() + ms;

    if (until > r->quiet_until)
        r->quiet_until = until;
}

/* Until it may be asked, 0: now, the place is taken.  A pacer that fails leaves us our own. */
static int64_t turn_in_ms(struct remote *r)
{
    int64_t wait_ms = r->quiet_until - cc_now();

    if (wait_ms > 0 || !r->pacer)
        return wait_ms;
    return r->pacer->enter(r->pacer->arg, r->pace, &wait_ms) == 0 ? wait_ms : 0;
}

static int await_turn(struct remote *r, int64_t end_ms)
{
    int64_t wait_ms;
    int rc;

    while ((wait_ms = turn_in_ms(r)) > 0) { /* another task may have moved it meanwhile */
        if (cc_now() + wait_ms >= end_ms)
            return cc_fail(CC_E_BUSY, "embed: %s wants to be left alone for %lld ms", r->model,
                           (long long)wait_ms);
        if ((rc = cc_sleep(wait_ms)) != 0)
            return rc;
    }
    return 0;
}

static void tell(struct remote *r, bool busy, int64_t retry_after_ms)
{
    if (r->pacer)
        r->pacer->tell(r->pacer->arg, r->pace, busy, retry_after_ms);
}

static int note_busy(struct remote *r, const struct cc_http_answer *answer, int try)
{
    int64_t quiet_ms = answer->retry_after_s;

    if (quiet_ms > QUIET_MAX_S)
        quiet_ms = QUIET_MAX_S;
    if (quiet_ms >= 0)
        quiet_ms *= 1000;
    if (r->pacer && try > PACED_TRY)
        try = PACED_TRY;
    keep_quiet(r, quiet_ms >= 0 ? quiet_ms + backoff_ms(0) : backoff_ms(try));
    tell(r, true, quiet_ms);
    return cc_fail(CC_E_BUSY, "embed: %s is busy (%d)", r->model, answer->status);
}

/* 0: the answer is good.  BUSY: everybody keeps quiet as long as it wants. */
static int judge(struct remote *r, const struct cc_http_answer *answer, int try)
{
    if (answer->status == 429 || answer->status == 503)
        return note_busy(r, answer, try);
    if (answer->status == 200) {
        tell(r, false, -1);
        return 0;
    }
    if (answer->status >= 500 || answer->status == 408)
        return cc_fail(CC_E_UPSTREAM, "embed: %s answered %d", r->model, answer->status);
    return cc_fail(CC_E_REFUSED, "embed: %s answered %d", r->model, answer->status);
}

/* One request, until it has an answer or is not worth another try. */
struct asking {
    const struct cc_buf *body;
    struct cc_arena *mem; /* for the answer alone */
    int64_t end_ms;
    int refused, broken; /* how often */
    struct cc_http_answer answer;
};

static int ask_once(struct remote *r, struct asking *a)
{
    struct cc_http_req req = {.url = r->url,
                              .body = a->body->bytes,
                              .body_len = a->body->len,
                              .headers = r->headers,
                              .first_ms = FIRST_MS,
                              .trusted = true};
    int rc;

    cc_arena_reset(a->mem); /* refusals may be long, and many */
    rc = cc_http_fetch(r->http, &req, ANSWER_BYTES, a->mem, &a->answer);
    return rc ? rc : judge(r, &a->answer, a->refused);
}

/* Is this failure worth another try, and when?  Of our own deadline others are told nothing. */
static bool again(struct remote *r, struct asking *a, int rc)
{
    if (cc_now() >= a->end_ms)
        return false;
    if (rc == CC_E_BUSY) {
        a->refused++;
        return true;
    }
    if (rc != CC_E_UPSTREAM && rc != CC_E_TIMEOUT)
        return false;
    keep_quiet(r, backoff_ms(a->broken));
    return ++a->broken < TRIES;
}

static int ask_patiently(struct remote *r, struct asking *a)
{
    int rc;

    do {
        rc = await_turn(r, a->end_ms);
        if (rc)
            break;
        rc = ask_once(r, a);
    } while (rc && again(r, a, rc));
    if (rc == CC_E_TIMEOUT && a->refused)
        return cc_fail(CC_E_BUSY, "embed: %s stays busy", r->model);
    return rc;
}

/* mem: for the answer alone. */
static int ask(struct remote *r, const char *const *texts, size_t n, struct cc_arena *mem,
               struct cc_http_answer *ret)
{
    CC_AUTOP(cc_buf_done) struct cc_buf body;
    struct asking a = {.body = &body, .mem = mem, .end_ms = cc_task_deadline_at()};

    if (a.end_ms > cc_now() + PATIENCE_MS)
        a.end_ms = cc_now() + PATIENCE_MS;
    cc_buf_init(&body, BODY_BYTES);
    print_request(r, texts, n, &body);
    if (cc_buf_over(&body))
        return cc_fail(CC_E_TOOBIG, "embed: a request above %zu bytes", BODY_BYTES);
    int rc = ask_patiently(r, &a);
    if (!rc)
        *ret = a.answer;
    return rc;
}

static int take_vectors(struct remote *r, const struct cc_embed_reply *reply, size_t n, float *out)
{
    if (r->dim != 0 && r->dim != reply->dim)
        return cc_fail(CC_E_REFUSED, "embed: %s answered %zu numbers, not %zu", r->model,
                       reply->dim, r->dim);
    memcpy(out, reply->v, n * reply->dim * sizeof *out);
    for (size_t i = 0; i < n; i++)
        cc_vector_normalize(out + i * reply->dim, reply->dim);
    return 0;
}

static int run_batch(struct remote *r, const char *const *texts, size_t n, float *out)
{
    struct cc_arena *mem = cc_arena_new(REQUEST_MEM);
    struct cc_http_answer answer;
    struct cc_embed_reply reply;
    int rc = ask(r, texts, n, mem, &answer);

    if (!rc)
        rc = cc_embed_reply_read(answer.body, answer.len, n, mem, &reply);
    if (!rc)
        rc = take_vectors(r, &reply, n, out);
    cc_arena_free(&mem);
    return rc;
}

static int remote_dim(void *self, size_t *ret)
{
    struct remote *r = self;
    const char *text = "dimension";
    struct cc_arena *mem;
    struct cc_http_answer answer;
    struct cc_embed_reply reply = {0};
    int rc = 0;

    if (r->dim == 0) {
        mem = cc_arena_new(REQUEST_MEM);
        rc = ask(r, &text, 1, mem, &answer);
        if (!rc)
            rc = cc_embed_reply_read(answer.body, answer.len, 1, mem, &reply);
        if (!rc)
            r->dim = reply.dim;
        cc_arena_free(&mem);
    }
    if (!rc)
        *ret = r->dim;
    return rc;
}

/* How many of these go into one request. */
static size_t batch_of(const char *const *texts, size_t n)
{
    size_t some = 0, bytes = 0;

    while (some < n && some < BATCH) {
        bytes += strlen(texts[some]);
        if (some > 0 && bytes > BATCH_BYTES)
            break;
        some++;
    }
    return some;
}

static int remote_run(void *self, const char *const *texts, size_t n, float *out)
{
    struct remote *r = self;
    size_t dim;
    int rc = remote_dim(r, &dim); /* out has room for n of these, no more */

    for (size_t done = 0, some; done < n && !rc; done += some) {
        some = batch_of(texts + done, n - done);
        rc = run_batch(r, texts + done, some, out + done * dim);
    }
    return rc;
}

const struct cc_embed_kind cc_embed_openai = {.prefix = "openai:",
                                              .open = open_openai,
                                              .free = free_remote,
                                              .dim = remote_dim,
                                              .split = cc_embed_split_whole,
                                              .run = remote_run,
                                              .weight = 1.0};
const struct cc_embed_kind cc_embed_ollama = {.prefix = "ollama:",
                                              .open = open_ollama,
                                              .free = free_remote,
                                              .dim = remote_dim,
                                              .split = cc_embed_split_whole,
                                              .run = remote_run,
                                              .weight = 1.0};

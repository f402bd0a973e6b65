/*
 * remote.c - embeddings of OpenAI-compatible services and of Ollama.
 *
 * All tasks of a process share one memory of when the service wants to be left alone: after
 * a 429 nobody asks before the time it named.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/base/vector.h"
#include "proto/http/http.h"
#include "proto/vec/embed.h"
#include "proto/vec/reply.h"

#define BATCH        64  /* texts of one request */
#define TRIES        4   /* of one request, when the service is broken */
#define BUSY_TRIES   10  /* when it says that it is busy */
#define BACKOFF_MS   250 /* doubled each time */
#define BACKOFF_MAX  16000
#define QUIET_MAX_S  120 /* longest Retry-After that is waited for */
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
    size_t dim;          /* 0: not known yet */
    int64_t quiet_until; /* cc_now() time */
};

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

static int wait_until_quiet_is_over(struct remote *r)
{
    int rc = 0;

    while (!rc && cc_now() < r->quiet_until) /* another task may have moved it meanwhile */
        rc = cc_sleep(r->quiet_until - cc_now());
    return rc;
}

/* 0: the answer is good.  RATE: busy, and everybody keeps quiet as long as it wants. */
static int judge(struct remote *r, const struct cc_http_answer *answer, int try)
{
    int64_t quiet_s = answer->retry_after_s;

    if (answer->status == 200)
        return 0;
    if (answer->status == 429 || answer->status == 503) {
        if (quiet_s > QUIET_MAX_S)
            quiet_s = QUIET_MAX_S;
        keep_quiet(r, quiet_s >= 0 ? quiet_s * 1000 + backoff_ms(0) : backoff_ms(try));
        return cc_fail(CC_E_RATE, "embed: %s is busy (%d)", r->model, answer->status);
    }
    if (answer->status >= 500 || answer->status == 408)
        return cc_fail(CC_E_UPSTREAM, "embed: %s answered %d", r->model, answer->status);
    return cc_fail(CC_E_REFUSED, "embed: %s answered %d", r->model, answer->status);
}

static int ask_once(struct remote *r, const struct cc_buf *body, int try, struct cc_arena *mem,
                    struct cc_http_answer *ret)
{
    struct cc_http_req req = {.url = r->url,
                              .body = body->bytes,
                              .body_len = body->len,
                              .headers = r->headers,
                              .first_ms = FIRST_MS,
                              .trusted = true};
    int rc = wait_until_quiet_is_over(r);

    if (!rc)
        rc = cc_http_fetch(r->http, &req, ANSWER_BYTES, mem, ret);
    return rc ? rc : judge(r, ret, try);
}

/* Is this failure worth another try, and when?  Of our own deadline others are told nothing. */
static bool again(struct remote *r, int rc, int try)
{
    if (cc_now() >= cc_task_deadline_at())
        return false;
    if (rc == CC_E_RATE)
        return try + 1 < BUSY_TRIES;
    if (rc != CC_E_UPSTREAM && rc != CC_E_TIMEOUT)
        return false;
    keep_quiet(r, backoff_ms(try));
    return try + 1 < TRIES;
}

/* mem: for the answer alone. */
static int ask(struct remote *r, const char *const *texts, size_t n, struct cc_arena *mem,
               struct cc_http_answer *ret)
{
    CC_AUTOP(cc_buf_done) struct cc_buf body;
    int rc;

    cc_buf_init(&body, BODY_BYTES);
    print_request(r, texts, n, &body);
    if (cc_buf_over(&body))
        return cc_fail(CC_E_TOOBIG, "embed: a request above %zu bytes", BODY_BYTES);
    for (int try = 0; (rc = ask_once(r, &body, try, mem, ret)) != 0; try++) {
        cc_arena_reset(mem); /* refusals may be long, and many */
        if (!again(r, rc, try))
            break;
    }
    if (rc == CC_E_RATE) /* not the tenant's limit, but the service's */
        return cc_fail(CC_E_UPSTREAM, "embed: %s stays busy", r->model);
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

static int remote_run(void *self, const char *const *texts, size_t n, float *out)
{
    struct remote *r = self;
    size_t dim;
    int rc = remote_dim(r, &dim); /* out has room for n of these, no more */

    for (size_t done = 0; done < n && !rc; done += BATCH)
        rc = run_batch(r, texts + done, n - done < BATCH ? n - done : BATCH, out + done * dim);
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

#include "worker/calls.h"

#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/base/text.h"
#include "proto/store/pin.h"
#include "proto/vec/question.h"
#include "worker/find.h"
#include "worker/mail.h"
#include "worker/trial.h"

#define SLOTS          16 /* calls at once: answers come first */
#define QUERY_BYTES    8000
#define TEXTS_MAX      64
#define NUMBERS_MAX    150000 /* in one answer: some 3 MB of text */
#define PIN_QUESTIONS  50
#define QUESTION_BYTES 8000
#define ANSWER_BYTES   (32 * 1024)

/* ---- what was sent ---- */

/* A text of 1 to max bytes that is not all blank. */
static int text_of(const json_t *body, const char *name, size_t max, const char **ret)
{
    const char *text = cc_json_str(body, name, "");
    size_t len;

    cc_text_trim(text, strlen(text), &len);
    if (len == 0)
        return cc_fail(CC_E_INVALID, "%s: wants a text", name);
    if (strlen(text) > max)
        return cc_fail(CC_E_TOOBIG, "%s: longer than %zu bytes", name, max);
    *ret = text;
    return 0;
}

struct texts {
    const char **text;
    size_t n;
};

static int texts_of(const struct cc_call_request *r, const char *name, size_t max, size_t bytes,
                    struct texts *ret)
{
    const json_t *list = json_object_get(r->body, name);

    ret->n = json_array_size(list);
    if (ret->n == 0 || ret->n > max)
        return cc_fail(CC_E_INVALID, "%s: wants 1 to %zu texts", name, max);
    ret->text = cc_arena_array(r->mem, ret->n, sizeof *ret->text);
    for (size_t i = 0; i < ret->n; i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (!text || !*text || strlen(text) > bytes)
            return cc_fail(CC_E_INVALID, "%s: wants texts of 1 to %zu bytes", name, bytes);
        ret->text[i] = text;
    }
    return 0;
}

/* ---- search ---- */

struct trial {
    struct cc_finder finder;
    struct cc_bot bot;
    struct cc_tuning tuning;
    struct cc_tenant_state state;
    struct cc_search_result result;
    struct cc_pin_match pin; /* id NULL: none */
};

/* What the request says of tuning, laid over the bot's own. */
static int lay_tuning(const struct cc_call_request *r, struct trial *t)
{
    static const char *const others[] = {"botId", "query", "top", "threshold"};
    CC_AUTO(json_decref)
    json_t *own = json_copy(r->body);
    int rc = cc_tuning_read(t->bot.retrieval, r->mem, &t->tuning);

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        json_object_del(own, others[i]);
    return rc ? rc : cc_tuning_lay(own, r->mem, &t->tuning);
}

static int read_trial(struct cc_worker *worker, const struct cc_call_request *r, struct trial *t)
{
    const json_t *threshold = json_object_get(r->body, "threshold");
    const char *bot, *text;
    int rc = text_of(r->body, "botId", CC_ID_MAX - 1, &bot);

    if (rc == 0)
        rc = text_of(r->body, "query", QUERY_BYTES, &text);
    if (rc == 0)
        rc = cc_bot_get(worker->run->pg, r->tenant, bot, r->mem, &t->bot);
    if (rc == 0)
        rc = lay_tuning(r, t);
    if (rc == 0)
        rc = cc_tenant_state_get(worker->run->pg, r->tenant, bot, r->mem, &t->state);
    if (rc)
        return rc;
    t->finder = (struct cc_finder){
        .worker = worker,
        .tenant = r->tenant,
        .bot = bot,
        .text = text,
        .top = (int)cc_json_int(r->body, "top", t->bot.top_k),
        .threshold = json_is_number(threshold) ? json_number_value(threshold) : t->bot.threshold,
        .tuning = &t->tuning,
        .state = &t->state};
    return 0;
}

static json_t *found_json(int rank, const struct cc_found *f, bool reranked)
{
    const struct cc_passage *p = &f->passage;
    json_t *scores =
        json_pack("{s:f, s:f, s:f}", "lexical", f->lexical, "vector", f->vector, "fused", f->fused);
    json_t *item =
        json_pack("{s:i, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "rank", rank, "chunkId",
                  json_sprintf("%lld", (long long)p->chunk), "documentId", p->document, "title",
                  p->title, "filename", p->filename, "section", p->section, "text", p->text,
                  "snippet", f->snippet, "best", f->best, "scores", scores);

    if (reranked)
        json_object_set_new(scores, "rerank", json_real(f->rerank));
    cc_find_place(p, item);
    return item;
}

static json_t *stages_json(const struct cc_search_result *r, int64_t total_us)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "embedMs", (double)r->embed_us / 1000,
                     "lexicalMs", (double)r->lexical_us / 1000, "vectorMs",
                     (double)r->vector_us / 1000, "loadMs", (double)r->load_us / 1000, "rerankMs",
                     (double)r->rerank_us / 1000, "totalMs", (double)total_us / 1000);
}

static json_t *pin_json(const struct cc_pin_match *pin)
{
    return pin->id ? json_pack("{s:s, s:s, s:f}", "id", pin->id, "question", pin->question, "score",
                               pin->score)
                   : json_null();
}

static json_t *trial_json(const struct trial *t, const char *vectors, int64_t total_us)
{
    const struct cc_search_result *r = &t->result;
    json_t *items = json_array();

    for (int i = 0; i < r->n; i++)
        json_array_append_new(items, found_json(i + 1, &r->found[i], r->reranked));
    return json_pack("{s:o, s:o, s:o, s:b, s:b, s:s, s:s}", "items", items, "pin",
                     pin_json(&t->pin), "stages", stages_json(r, total_us), "degraded", r->degraded,
                     "reranked", r->reranked, "embedding", r->embedding, "vectors", vectors);
}

static int find_pin(struct trial *t, struct cc_arena *mem)
{
    struct cc_asked asked = {.vector = {t->result.v, t->result.dimension, t->result.embedding},
                             .failed = t->result.degraded};
    int rc = t->state.pins ? cc_find_pin(&t->finder, mem, &asked, &t->pin) : CC_E_NOTFOUND;

    return rc == CC_E_NOTFOUND ? 0 : rc;
}

static int search(void *self, const struct cc_call_request *r, json_t **ret)
{
    struct cc_worker *worker = self;
    int64_t began = cc_clock_us();
    struct cc_search stores = {
        .pool = worker->run->pg,
    };
    const char *vectors;
    struct trial t = {0};
    int rc = read_trial(worker, r, &t);

    if (t.state.outside)
        stores.points = worker->points;
    if (rc == 0)
        rc = cc_find(&t.finder, &(struct cc_asked){0}, r->mem, &t.result);
    if (rc == 0)
        rc = find_pin(&t, r->mem);
    if (rc == 0)
        rc = cc_search_store_name(&stores, &vectors);
    if (rc == 0)
        *ret = trial_json(&t, vectors, cc_clock_us() - began);
    return rc;
}

/* ---- embed ---- */

static int embed_texts(struct cc_embedder *embedder, const struct texts *texts,
                       struct cc_arena *mem, float **ret, size_t *ret_dim)
{
    int rc = cc_embedder_dim(embedder, ret_dim);

    if (rc)
        return rc;
    *ret = cc_arena_array(mem, texts->n * *ret_dim, sizeof **ret);
    return cc_embed(embedder, texts->text, texts->n, *ret);
}

static json_t *vector_json(const float *v, size_t dim)
{
    json_t *numbers = json_array();

    for (size_t i = 0; i < dim; i++)
        json_array_append_new(numbers, json_real((double)v[i]));
    return numbers;
}

static int embed(void *self, const struct cc_call_request *r, json_t **ret)
{
    struct cc_worker *worker = self;
    struct cc_embedder *embedder = cc_embedders_own(worker->embedders);
    struct texts texts;
    size_t dim;
    float *v;
    int rc = texts_of(r, "texts", TEXTS_MAX, CC_EMBED_TEXT_MAX, &texts);

    if (rc == 0)
        rc = cc_embedder_dim(embedder, &dim);
    if (rc == 0 && texts.n * dim > NUMBERS_MAX)
        rc = cc_fail(CC_E_TOOBIG, "texts: at most %zu at once with this embedding",
                     NUMBERS_MAX / dim);
    if (rc == 0)
        rc = embed_texts(embedder, &texts, r->mem, &v, &dim);
    if (rc)
        return rc;
    json_t *all = json_array();
    for (size_t i = 0; i < texts.n; i++)
        json_array_append_new(all, vector_json(v + i * dim, dim));
    *ret = json_pack("{s:o, s:s, s:i}", "embeddings", all, "model", cc_embedder_name(embedder),
                     "dimension", (int)dim);
    return 0;
}

/* ---- pin_put ---- */

/* The questions as they will be looked for. */
static int take_questions(const struct cc_call_request *r, const struct texts *texts,
                          const float *v, size_t dim, struct cc_pin *pin)
{
    struct cc_pin_question *q = cc_arena_array(r->mem, texts->n, sizeof *q);
    int rc = 0;

    for (size_t i = 0; i < texts->n && rc == 0; i++) {
        q[i].question = texts->text[i];
        q[i].v = v + i * dim;
        rc = cc_question_normal(texts->text[i], r->mem, &q[i].normal);
        if (rc == 0 && !*q[i].normal)
            rc = cc_fail(CC_E_INVALID, "questions: number %zu has no words", i + 1);
    }
    pin->questions = q;
    pin->questions_n = (int)texts->n;
    pin->dimension = (int)dim;
    return rc;
}

static int embed_questions(struct cc_worker *worker, const struct cc_call_request *r,
                           const struct texts *texts, struct cc_pin *pin)
{
    struct cc_search search = {.embedder = cc_embedders_own(worker->embedders),
                               .embedders = worker->embedders};
    struct cc_tenant_state state;
    struct cc_embedder *embedder;
    size_t dim;
    float *v;
    int rc = cc_tenant_state_get(worker->run->pg, r->tenant, pin->bot, r->mem, &state);

    if (rc == 0)
        rc = cc_search_embedder(&search, state.embedding, &embedder);
    if (rc == 0)
        rc = embed_texts(embedder, texts, r->mem, &v, &dim);
    if (rc)
        return rc;
    pin->model = cc_embedder_name(embedder);
    return take_questions(r, texts, v, dim, pin);
}

static int pin_put(void *self, const struct cc_call_request *r, json_t **ret)
{
    struct cc_worker *worker = self;
    struct cc_pin pin = {.tenant = r->tenant, .enabled = cc_json_bool(r->body, "enabled", true)};
    struct texts texts;
    int rc = text_of(r->body, "id", CC_ID_MAX - 1, &pin.id);

    if (rc == 0)
        rc = text_of(r->body, "botId", CC_ID_MAX - 1, &pin.bot);
    if (rc == 0)
        rc = text_of(r->body, "answer", ANSWER_BYTES, &pin.answer);
    if (rc == 0)
        rc = texts_of(r, "questions", PIN_QUESTIONS, QUESTION_BYTES, &texts);
    if (rc == 0)
        rc = embed_questions(worker, r, &texts, &pin);
    if (rc == 0)
        rc = cc_pin_put(worker->run->pg, &pin);
    if (rc == 0)
        *ret = json_pack("{s:s}", "id", pin.id);
    return rc;
}

static const struct cc_call_method methods[] = {{"search", search},     {"embed", embed},
                                                {"pin_put", pin_put},   {"llm_test", cc_llm_trial},
                                                {"mail", cc_mail_call}, {NULL, NULL}};

int cc_calls_serve(struct cc_worker *worker)
{
    struct cc_call_server_opts opts = {.live = worker->run->live,
                                       .queue_url = cc_cfg(CC_CFG_REDIS_QUEUE),
                                       .kind = CC_CALL_WORKER,
                                       .methods = methods,
                                       .self = worker,
                                       .slots = SLOTS};

    return cc_call_serve(&opts, &worker->calls);
}

#include "worker/find.h"

#include "proto/base/config.h"
#include "proto/base/log.h"
#include "proto/bus/cache.h"
#include "proto/task/task.h"
#include "proto/vec/question.h"

#define KIND        "embed"
#define LACKING_MAX 32 /* pinned questions that get vectors on the way of one that was asked */

/* ---- embeddings of questions, kept in the live server ---- */

static int get_kept(void *arg, const char *tenant, const char *sha256_hex, struct cc_arena *mem,
                    const void **ret, size_t *ret_len)
{
    struct cc_redis *live = arg;

    if (cc_cfg_int(CC_CFG_CACHE_EMBED_S) == 0)
        return CC_E_NOTFOUND;
    return cc_cache_get(live, &(struct cc_cache_key){KIND, tenant, sha256_hex}, mem, ret, ret_len);
}

static int put_kept(void *arg, const char *tenant, const char *sha256_hex, const void *bytes,
                    size_t len)
{
    struct cc_redis *live = arg;
    int keep_s = (int)cc_cfg_int(CC_CFG_CACHE_EMBED_S);

    if (keep_s == 0)
        return 0;
    return cc_cache_put(live, &(struct cc_cache_key){KIND, tenant, sha256_hex}, bytes, len, keep_s);
}

/* ---- both ways to search ---- */

static struct cc_embed_cache cache_of(const struct cc_finder *f)
{
    return (struct cc_embed_cache){get_kept, put_kept, f->worker->run->live};
}

static struct cc_search search_of(const struct cc_finder *f, const struct cc_embed_cache *cache)
{
    return (struct cc_search){.pool = f->worker->run->pg,
                              .embedder = cc_embedders_own(f->worker->embedders),
                              .embedders = f->worker->embedders,
                              .cache = cache,
                              .reranker = f->worker->reranker,
                              .points = f->worker->points};
}

static struct cc_search_query query_of(const struct cc_finder *f)
{
    return (struct cc_search_query){
        .scope = {f->tenant, f->bot, &f->tuning->filter},
        .text = f->text,
        .top = f->top,
        .threshold = f->threshold,
        .by_words = f->tuning->by_words,
        .by_meaning = f->tuning->by_meaning,
        .rerank = f->tuning->rerank,
        .embedding = f->state->embedding,
        .inside = !f->state->outside,
    };
}

int cc_find(const struct cc_finder *f, const struct cc_asked *asked, struct cc_arena *mem,
            struct cc_search_result *ret)
{
    struct cc_embed_cache cache = cache_of(f);
    struct cc_search search = search_of(f, &cache);
    struct cc_search_query query = query_of(f);

    if (asked->vector.v)
        query.v = &asked->vector;
    query.by_words_only = asked->failed;
    return cc_search(&search, &query, mem, ret);
}

void cc_find_place(const struct cc_passage *p, json_t *item)
{
    if (*p->url)
        json_object_set_new(item, "url", json_string(p->url));
    if (p->page > 0)
        json_object_set_new(item, "page", json_integer(p->page));
    if (p->row > 0)
        json_object_set_new(item, "row", json_integer(p->row));
}

/* NOTFOUND: there is none that could be compared; but not when the answer's own time is over. */
static int embed(const struct cc_finder *f, struct cc_arena *mem, struct cc_asked *asked)
{
    struct cc_embed_cache cache = cache_of(f);
    struct cc_search search = search_of(f, &cache);
    struct cc_search_query query = query_of(f);
    int rc;

    if (asked->failed || !cc_search_understands(&search, query.embedding, f->text))
        return CC_E_NOTFOUND;
    rc = asked->vector.v ? 0 : cc_search_embed(&search, &query, mem, &asked->vector, NULL);
    if (rc == 0 || rc == CC_E_CANCELLED || cc_now() >= cc_task_deadline_at())
        return rc;
    asked->failed = true;
    cc_log_failure("pin_not_embedded", rc, cc_s("tenant", f->tenant));
    return CC_E_NOTFOUND;
}

/* Pinned by a tool that has no embedding, or before the tenant's was exchanged. */
static int make_vectors(const struct cc_finder *f, const struct cc_pin_query *query,
                        struct cc_arena *mem)
{
    struct cc_pin pin = {
        .tenant = f->tenant, .bot = f->bot, .model = query->model, .dimension = query->dimension};
    struct cc_embed_cache cache = cache_of(f);
    struct cc_search search = search_of(f, &cache);
    struct cc_pin_question *q;
    struct cc_embedder *embedder;
    size_t dim = (size_t)query->dimension;
    int rc = cc_search_embedder(&search, f->state->embedding, &embedder);

    if (rc == 0)
        rc = cc_pin_lacking(f->worker->run->pg, query, LACKING_MAX, mem, &q, &pin.questions_n);
    if (rc)
        return rc;
    const char **text = cc_arena_array(mem, (size_t)pin.questions_n + 1, sizeof *text);
    float *v = cc_arena_array(mem, ((size_t)pin.questions_n + 1) * dim, sizeof *v);
    for (int i = 0; i < pin.questions_n; i++) {
        text[i] = q[i].question;
        q[i].v = v + (size_t)i * dim;
    }
    pin.questions = q;
    rc = cc_search_embed_texts(embedder, text, (size_t)pin.questions_n, CC_SEARCH_EMBED_MS, v);
    return rc ? rc : cc_pin_set_vectors(f->worker->run->pg, &pin);
}

static int find_near(const struct cc_finder *f, struct cc_pin_query *query,
                     const struct cc_query_vector *v, struct cc_arena *mem,
                     struct cc_pin_match *ret)
{
    bool lacking = false;
    int rc;

    query->normal = ""; /* that was asked for */
    query->v = v->v;
    query->dimension = v->dimension;
    query->model = v->model;
    query->lacking = &lacking;
    rc = cc_pin_find(f->worker->run->pg, query, mem, ret);
    if (rc != CC_E_NOTFOUND || !lacking)
        return rc;
    rc = make_vectors(f, query, mem);
    if (rc == 0)
        return cc_pin_find(f->worker->run->pg, query, mem, ret);
    if (rc != CC_E_CANCELLED)
        cc_log_failure("pin_not_embedded", rc, cc_s("tenant", f->tenant));
    return rc == CC_E_CANCELLED ? rc : CC_E_NOTFOUND;
}

int cc_find_pin(const struct cc_finder *f, struct cc_arena *mem, struct cc_asked *asked,
                struct cc_pin_match *ret)
{
    struct cc_pin_query query = {
        .tenant = f->tenant, .bot = f->bot, .threshold = f->tuning->pin_threshold};
    int rc = cc_question_normal(f->text, mem, &query.normal);

    if (rc == 0)
        rc = cc_pin_find(f->worker->run->pg, &query, mem, ret);
    if (rc != CC_E_NOTFOUND || query.threshold > 1)
        return rc;
    rc = embed(f, mem, asked);
    return rc ? rc : find_near(f, &query, &asked->vector, mem, ret);
}

/* A service that reads question and passages together: Cohere's /rerank, also spoken by others. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/http/http.h"
#include "proto/vec/rerank.h"
#include "proto/vec/search.h"

#define REQUEST_BYTES ((size_t)1 << 20)
#define ANSWER_BYTES  ((size_t)1 << 20) /* some services send the documents back */

struct cc_reranker {
    struct cc_http *http;
    struct cc_arena *mem; /* of the strings */
    const char *url, *model;
    const char *headers[3];
};

int cc_reranker_open(struct cc_http *http, struct cc_reranker **ret)
{
    const char *url = cc_cfg(CC_CFG_RERANK_URL), *key = cc_cfg(CC_CFG_RERANK_KEY);
    struct cc_reranker *r;
    size_t len = strlen(url);

    *ret = NULL;
    if (len == 0)
        return 0;
    r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->http = http;
    r->mem = cc_arena_new(65536);
    len -= url[len - 1] == '/';
    r->url = cc_arena_printf(r->mem, "%.*s/rerank", (int)(len < 2000 ? len : 2000), url);
    r->model = cc_arena_dup(r->mem, cc_cfg(CC_CFG_RERANK_MODEL));
    r->headers[0] = "Content-Type: application/json";
    if (*key)
        r->headers[1] = cc_arena_printf(r->mem, "Authorization: Bearer %.4000s", key);
    *ret = r;
    return 0;
}

void cc_reranker_free(struct cc_reranker **reranker)
{
    if (!*reranker)
        return;
    cc_arena_free(&(*reranker)->mem);
    free(*reranker);
    *reranker = NULL;
}

static const char *request(const struct cc_reranker *r, const struct cc_rerank_query *query,
                           struct cc_arena *mem)
{
    CC_AUTO(json_decref)
    json_t *body = json_pack("{s:s, s:i}", "query", query->question, "top_n", query->n);
    json_t *documents = json_array();

    for (int i = 0; i < query->n; i++)
        json_array_append_new(documents, json_string(query->texts[i]));
    json_object_set_new(body, "documents", documents);
    if (*r->model)
        json_object_set_new(body, "model", json_string(r->model));
    return cc_json_dup(body, mem);
}

/* Cohere says relevance_score, others score. */
static const json_t *score_of(const json_t *result)
{
    const json_t *score = json_object_get(result, "relevance_score");

    return score ? score : json_object_get(result, "score");
}

static int take_results(const json_t *results, int n, double *out)
{
    size_t i;
    json_t *result;
    int taken = 0;

    json_array_foreach(results, i, result)
    {
        const json_t *index = json_object_get(result, "index"), *score = score_of(result);
        json_int_t at = json_is_integer(index) ? json_integer_value(index) : -1;

        if (at < 0 || at >= n || !json_is_number(score) || !isnan(out[at]))
            return cc_fail(CC_E_UPSTREAM, "rerank: result %zu makes no sense", i);
        out[at] = json_number_value(score);
        taken++;
    }
    return taken ? 0 : cc_fail(CC_E_UPSTREAM, "rerank: no results");
}

int cc_rerank_read(const char *body, size_t len, int n, struct cc_arena *mem, double *out)
{
    CC_AUTO(json_decref)
    json_t *root = NULL;
    double *score = cc_arena_array(mem, (size_t)n + 1, sizeof *score);
    int rc;

    if (cc_json_parse(body, len, &root))
        return cc_fail(CC_E_UPSTREAM, "rerank: the answer is no JSON");
    for (int i = 0; i < n; i++)
        score[i] = NAN;
    rc = take_results(json_object_get(root, "results"), n, score);
    if (rc == 0)
        memcpy(out, score, (size_t)n * sizeof *out);
    return rc;
}

static int check_status(int status)
{
    if (status == 200)
        return 0;
    return cc_fail(status >= 500 || status == 429 ? CC_E_UPSTREAM : CC_E_REFUSED,
                   "rerank: status %d", status);
}

int cc_rerank(struct cc_reranker *r, const struct cc_rerank_query *query, struct cc_arena *mem,
              double *out)
{
    int ms = (int)cc_cfg_int(CC_CFG_RERANK_MS);
    struct cc_http_req req = {
        .url = r->url, .headers = r->headers, .total_ms = ms, .connect_ms = ms, .trusted = true};
    struct cc_http_answer answer;
    int rc;

    req.body = request(r, query, mem);
    req.body_len = strlen(req.body);
    if (req.body_len > REQUEST_BYTES)
        return cc_fail(CC_E_TOOBIG, "rerank: the question is too long");
    rc = cc_http_fetch(r->http, &req, ANSWER_BYTES, mem, &answer);
    if (rc == 0)
        rc = check_status(answer.status);
    return rc ? rc : cc_rerank_read(answer.body, answer.len, query->n, mem, out);
}

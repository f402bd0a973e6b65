/* Requests to Qdrant.  Bodies and answers: points_body.c. */
#include "proto/vec/points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/metrics.h"
#include "proto/http/http.h"
#include "proto/vec/points_body.h"

#define WRITE_MS     30000
#define READ_MS      10000
#define SEARCH_MS    3000 /* somebody waits for an answer */
#define BODY_BYTES   ((size_t)16 << 20)
#define ANSWER_BYTES ((size_t)4 << 20)
#define MEM_BYTES    (2 * ANSWER_BYTES)
#define NUMBERS      32768 /* of the vectors of one request: printing them takes 10 ms */

struct cc_points {
    struct cc_http *http;
    struct cc_arena *mem; /* of the strings below */
    const char *url, *prefix;
    const char *headers[3];
};

int cc_points_open(struct cc_http *http, struct cc_points **ret)
{
    const char *url = cc_cfg(CC_CFG_QDRANT_URL), *key = cc_cfg(CC_CFG_QDRANT_KEY);
    size_t len = strlen(url);

    *ret = NULL;
    if (!*url)
        return 0;
    struct cc_points *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    while (len && url[len - 1] == '/')
        len--;
    p->http = http;
    p->mem = cc_arena_new(65536);
    p->url = cc_arena_dupn(p->mem, url, len);
    p->prefix = cc_arena_dup(p->mem, cc_cfg(CC_CFG_QDRANT_COLLECTION));
    p->headers[0] = "Content-Type: application/json";
    if (*key)
        p->headers[1] = cc_arena_printf(p->mem, "api-key: %.4000s", key);
    *ret = p;
    return 0;
}

void cc_points_free(struct cc_points **points)
{
    if (!*points)
        return;
    cc_arena_free(&(*points)->mem);
    free(*points);
    *points = NULL;
}

/* ---- one request ---- */

struct request {
    const char *method, *collection, *path; /* collection "": none; path begins with '/' or is "" */
    const json_t *body;                     /* NULL: none */
    int total_ms;
};

/* What a status of Qdrant's means; those that are not here are refusals for good. */
static int judge(const struct request *what, const struct cc_http_answer *answer)
{
    int status = answer->status;

    if (status >= 200 && status < 300)
        return 0;
    if (status == 404)
        return cc_fail(CC_E_NOTFOUND, "qdrant: no such collection");
    if (status == 409)
        return cc_fail(CC_E_CONFLICT, "qdrant: it is there already");
    if (status == 429)
        return cc_fail(CC_E_BUSY, "qdrant: busy");
    return cc_fail(status >= 500 || status == 408 ? CC_E_UPSTREAM : CC_E_REFUSED,
                   "qdrant: %s %s answered %d", what->method, what->path, status);
}

static int ask(struct cc_points *p, const struct request *what, struct cc_arena *mem,
               struct cc_http_answer *ret)
{
    CC_AUTOP(cc_buf_done) struct cc_buf body;
    struct cc_http_req req = {.method = what->method,
                              .headers = p->headers,
                              .total_ms = what->total_ms,
                              .first_ms = what->total_ms,
                              .trusted = true};
    struct cc_http_answer answer;

    cc_buf_init(&body, BODY_BYTES);
    req.url = cc_arena_printf(mem, "%s/collections%s%s%s", p->url, *what->collection ? "/" : "",
                              what->collection, what->path);
    if (what->body) {
        cc_json_print(what->body, &body);
        req.body = body.bytes;
        req.body_len = body.len;
    }
    if (cc_buf_over(&body))
        return cc_fail(CC_E_TOOBIG, "qdrant: a request above %zu bytes", BODY_BYTES);
    int rc = cc_http_fetch(p->http, &req, ANSWER_BYTES, mem, &answer);
    if (rc)
        return rc;
    rc = judge(what, &answer);
    if (!rc && ret)
        *ret = answer;
    return rc;
}

/* One that changes something; the answer's words do not matter. */
static int tell(struct cc_points *p, const char *method, const char *collection, const char *path,
                json_t *body)
{
    CC_AUTO(json_decref)
    json_t *mine = body;
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(MEM_BYTES);
    const struct request what = {method, collection, path, mine, WRITE_MS};

    return ask(p, &what, mem, NULL);
}

int cc_points_ping(struct cc_points *points, int timeout_ms)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(MEM_BYTES);
    const struct request what = {"GET", "", "", NULL, timeout_ms};

    return ask(points, &what, mem, NULL);
}

/* ---- storing ---- */

/* Who comes second finds it there; older versions say so with 400. */
static int make_collection(struct cc_points *p, const char *name, int dimension)
{
    json_t *index;
    int rc = tell(p, "PUT", name, "", cc_points_collection(dimension));

    if (rc == CC_E_REFUSED || rc == CC_E_CONFLICT)
        rc = tell(p, "GET", name, "/exists", NULL);
    for (int i = 0; !rc && (index = cc_points_index(i)) != NULL; i++)
        rc = tell(p, "PUT", name, "/index?wait=true", index);
    return rc;
}

struct store {
    struct cc_points *points;
    const char *tenant, *collection;
    int dimension;
};

static int upsert(const struct store *s, const struct cc_point *point, int n)
{
    return tell(s->points, "PUT", s->collection, "/points?wait=true",
                cc_points_upsert(s->tenant, s->dimension, point, n));
}

/* What is new first, so that at no moment a passage cannot be found. */
static int put(const struct store *s, const struct cc_point *point, int n)
{
    int rc = upsert(s, point, n);

    if (rc == CC_E_NOTFOUND) {
        rc = make_collection(s->points, s->collection, s->dimension);
        if (!rc)
            rc = upsert(s, point, n);
    }
    if (!rc)
        rc = tell(s->points, "POST", s->collection, "/points/delete?wait=true",
                  cc_points_stale(s->tenant, point, n));
    return rc;
}

/* How many passages go into one request. */
static int some_of(const struct cc_point *point, int n, int dimension)
{
    int64_t total = 0;
    int some = 0;

    while (some < n) {
        total += (int64_t)point[some].parts * dimension;
        if (some > 0 && total > NUMBERS)
            break;
        some++;
    }
    return some;
}

int cc_points_put(struct cc_points *points, const char *tenant, const char *model, int dimension,
                  const struct cc_point *point, int n)
{
    char name[CC_POINTS_NAME];
    const struct store store = {points, tenant, name, dimension};
    int rc = 0;

    cc_points_name(points->prefix, model, dimension, name);
    for (int at = 0, some; at < n && !rc; at += some) {
        some = some_of(point + at, n - at, dimension);
        rc = put(&store, point + at, some);
    }
    return rc;
}

/* ---- finding ---- */

int cc_points_nearest(struct cc_points *points, const struct cc_points_query *query,
                      struct cc_arena *mem, struct cc_chunk_hit **ret, int *ret_n)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    CC_AUTOP(cc_arena_free) struct cc_arena *own = cc_arena_new(MEM_BYTES);
    char name[CC_POINTS_NAME];
    struct cc_http_answer answer;
    int64_t began = cc_clock_us();
    int rc = 0;

    *ret_n = 0;
    if (query->generations_n == 0)
        return 0;
    cc_points_name(points->prefix, query->vector.model, query->vector.dimension, name);
    body = cc_points_search(query);
    rc = ask(points, &(struct request){"POST", name, "/points/query/groups", body, SEARCH_MS}, own,
             &answer);
    cc_metric_observe(CC_M_QDRANT_SEARCH, NULL, (double)(cc_clock_us() - began) / 1e6);
    if (rc == CC_E_NOTFOUND) /* nothing was stored yet */
        return 0;
    return rc ? rc : cc_points_read_groups(answer.body, answer.len, mem, ret, ret_n);
}

/* ---- taking back ---- */

#define PAGES_MAX 1024

/* All parts that there are, page by page. */
struct fetching {
    struct cc_points *points;
    const struct cc_points_wanted *wanted;
    struct cc_arena *mem;
    const char *collection, *next;
    struct cc_points_page page[PAGES_MAX];
    int pages;
};

static int fetch_page(struct fetching *f)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    CC_AUTOP(cc_arena_free) struct cc_arena *own = cc_arena_new(MEM_BYTES);
    int limit = NUMBERS / f->wanted->dimension;
    struct cc_http_answer answer;

    body = cc_points_scroll(f->wanted, limit > 0 ? limit : 1, f->next);
    int rc =
        ask(f->points, &(struct request){"POST", f->collection, "/points/scroll", body, READ_MS},
            own, &answer);
    if (!rc)
        rc = cc_points_read_page(answer.body, answer.len, f->wanted->dimension, f->mem,
                                 &f->page[f->pages]);
    if (!rc)
        f->next = f->page[f->pages++].next;
    return rc;
}

static int fetch_all(struct fetching *f)
{
    int rc;

    do
        rc = fetch_page(f);
    while (!rc && *f->next && f->pages < PAGES_MAX);
    return rc;
}

/* *ret_n: how many there are; *ret_last: the largest number. */
static void count_parts(const struct fetching *f, int64_t chunk, int *ret_n, int64_t *ret_last)
{
    *ret_n = 0;
    *ret_last = -1;
    for (int i = 0; i < f->pages; i++)
        for (int k = 0; k < f->page[i].n; k++) {
            const struct cc_points_part *part = &f->page[i].part[k];

            if (part->chunk != chunk)
                continue;
            ++*ret_n;
            if (part->part > *ret_last)
                *ret_last = part->part;
        }
}

static bool gather(const struct fetching *f, int64_t chunk, struct cc_points_parts *ret)
{
    size_t dimension = (size_t)f->wanted->dimension;
    int64_t last;
    int n;

    count_parts(f, chunk, &n, &last);
    if (n == 0 || last != n - 1)
        return false;
    float *all = cc_arena_array(f->mem, (size_t)n * dimension, sizeof *all);
    for (int i = 0; i < f->pages; i++)
        for (int k = 0; k < f->page[i].n; k++) {
            const struct cc_points_part *part = &f->page[i].part[k];

            if (part->chunk == chunk)
                memcpy(all + (size_t)part->part * dimension, part->v, dimension * sizeof *all);
        }
    *ret = (struct cc_points_parts){chunk, all, n};
    return true;
}

int cc_points_vectors(struct cc_points *points, const struct cc_points_wanted *wanted,
                      struct cc_arena *mem, struct cc_points_parts **ret, int *ret_n)
{
    struct fetching *f = cc_arena_get(mem, sizeof *f);
    char name[CC_POINTS_NAME];
    int rc;

    *ret_n = 0;
    if (wanted->n == 0)
        return 0;
    cc_points_name(points->prefix, wanted->model, wanted->dimension, name);
    f->points = points;
    f->wanted = wanted;
    f->mem = mem;
    f->collection = name;
    f->next = "";
    rc = fetch_all(f);
    if (rc == CC_E_NOTFOUND) /* nothing was stored yet */
        return 0;
    if (rc)
        return rc;
    *ret = cc_arena_array(mem, (size_t)wanted->n, sizeof **ret);
    for (int i = 0; i < wanted->n; i++)
        *ret_n += gather(f, wanted->chunks[i], &(*ret)[*ret_n]);
    return 0;
}

/* ---- forgetting ---- */

int cc_points_drop(struct cc_points *points, const char *tenant, int64_t generation,
                   const char *model)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(MEM_BYTES);
    const char *const *name;
    struct cc_http_answer answer;
    int n, rc = ask(points, &(struct request){"GET", "", "", NULL, READ_MS}, mem, &answer);

    if (!rc)
        rc = cc_points_read_names(answer.body, answer.len, mem, &name, &n);
    for (int i = 0; !rc && i < n; i++)
        if (cc_points_is_ours(name[i], points->prefix, model))
            rc = tell(points, "POST", name[i], "/points/delete?wait=true",
                      cc_points_of_generation(tenant, generation));
    return rc;
}

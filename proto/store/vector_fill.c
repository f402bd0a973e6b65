/* Reading a tenant's vectors: the list of what there is, then what is not here yet. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/store/chunk_inside.h"
#include "proto/store/vector_kept.h"

#define AGAIN_MS 2000 /* passages without vectors are looked at again: they may be getting them */

/* ---- memory ---- */

void *cc_kept_need(size_t n, size_t each)
{
    void *p = calloc(n ? n : 1, each);

    if (!p)
        abort();
    return p;
}

static struct cc_kept_block *new_block(int n, int dimension)
{
    struct cc_kept_block *b = cc_kept_need(1, sizeof *b);
    size_t rows = (size_t)n;

    b->n = n;
    b->chunk = cc_kept_need(rows, sizeof *b->chunk);
    b->part = cc_kept_need(rows, sizeof *b->part);
    b->v = cc_kept_need(rows * (size_t)dimension, sizeof *b->v);
    b->bytes =
        sizeof *b + rows * (sizeof *b->chunk + sizeof *b->part + (size_t)dimension * sizeof *b->v);
    return b;
}

static void free_block(struct cc_kept_block *b)
{
    if (!b)
        return;
    free(b->chunk);
    free(b->part);
    free(b->v);
    free(b);
}

static void free_docs(struct cc_kept_doc *doc, int n)
{
    for (int i = 0; i < n; i++)
        free_block(doc[i].block);
    free(doc);
}

void cc_kept_clear(struct cc_kept *k)
{
    free_docs(k->doc, k->n);
    free(k->off);
    k->doc = NULL;
    k->off = NULL;
    k->n = k->off_n = 0;
}

/* ---- filling ---- */

struct filling {
    struct cc_pg *pool;
    struct cc_kept *k;
    size_t room;
    struct cc_arena *mem;
    int64_t knowledge, passages;
    struct cc_kept_doc *doc;
    int64_t *off;
    int n, off_n;
};

static int by_generation(const void *a, const void *b)
{
    const struct cc_kept_doc *x = a, *y = b;

    return (x->generation > y->generation) - (x->generation < y->generation);
}

static struct cc_kept_doc *find_doc(struct cc_kept_doc *doc, int n, int64_t generation)
{
    struct cc_kept_doc key = {.generation = generation};

    return n ? bsearch(&key, doc, (size_t)n, sizeof *doc, by_generation) : NULL;
}

static void read_doc(struct cc_row row, struct cc_kept_doc *ret, int64_t *passages)
{
    const char *bot;
    size_t len;

    ret->generation = cc_row_int(&row);
    ret->edits = cc_row_int(&row);
    ret->chunks = cc_row_int(&row);
    *passages += ret->chunks;
    bot = cc_row_bytes(&row, &len);
    memcpy(ret->bot, bot, len < sizeof ret->bot ? len : 0); /* ids are shorter */
}

/* knowledge is read before the rest: at worst it is older than what follows, which is then read
 * once more. */
static int read_list(struct filling *f)
{
    static const struct cc_stmt LIST = {
        "SELECT active, edits + refreshed, active_chunks, bot_id FROM documents"
        " WHERE tenant_id = $1 AND active IS NOT NULL AND enabled ORDER BY active"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    const char *tenant = f->k->tenant;
    int rc =
        cc_pg_run(f->pool, tenant, &rows,
                  CC_STEPS(CC_STEP(cc_knowledge_now, cc_at(tenant)), CC_STEP(LIST, cc_at(tenant)),
                           CC_STEP(CC_CHUNKS_OFF, cc_at(tenant))));

    if (rc)
        return rc;
    struct cc_row first = cc_row(&rows, 0, 0, NULL);
    f->knowledge = cc_rows_n(&rows, 0) ? cc_row_int(&first) : 0;
    f->n = cc_rows_n(&rows, 1);
    f->doc = cc_kept_need((size_t)f->n, sizeof *f->doc);
    for (int i = 0; i < f->n; i++)
        read_doc(cc_row(&rows, 1, i, NULL), &f->doc[i], &f->passages);
    f->off_n = cc_rows_n(&rows, 2);
    f->off = cc_kept_need((size_t)f->off_n, sizeof *f->off);
    for (int i = 0; i < f->off_n; i++) {
        struct cc_row row = cc_row(&rows, 2, i, NULL);
        f->off[i] = cc_row_int(&row);
    }
    return 0;
}

static bool is_whole(const struct cc_kept_doc *doc)
{
    return doc->block && doc->block->chunks == doc->chunks;
}

/* Blocks that are still good move over.  Returns their bytes; the generations that lack one. */
static size_t adopt(struct filling *f, int64_t *missing, int *ret_n)
{
    size_t bytes = 0;

    *ret_n = 0;
    for (int i = 0; i < f->n; i++) {
        struct cc_kept_doc *old = find_doc(f->k->doc, f->k->n, f->doc[i].generation);

        if (old && is_whole(old) && old->edits == f->doc[i].edits) {
            f->doc[i].block = old->block;
            old->block = NULL;
            bytes += f->doc[i].block->bytes;
        } else {
            missing[(*ret_n)++] = f->doc[i].generation;
        }
    }
    return bytes;
}

/* Rows from..to are of one generation. */
static int take_block(struct filling *f, const struct cc_rows *rows, int from, int to,
                      struct cc_kept_doc *doc)
{
    int dimension = f->k->dimension;
    struct cc_vector_store store;
    int rc = cc_vector_store(f->pool, &store); /* known by now: does not wait */

    if (rc)
        return rc;
    free_block(doc->block);
    doc->block = new_block(to - from, dimension);
    for (int i = from; i < to; i++) {
        struct cc_row row = cc_row(rows, 0, i, NULL);
        float *v = doc->block->v + (size_t)(i - from) * (size_t)dimension;
        size_t len;

        row.col = 1;
        doc->block->chunk[i - from] = cc_row_int(&row);
        doc->block->part[i - from] = 1 + (int)cc_row_int(&row);
        doc->block->chunks +=
            i == from || doc->block->chunk[i - from] != doc->block->chunk[i - from - 1];
        const void *bytes = cc_row_bytes(&row, &len);
        if (!cc_vector_read(&store, bytes, len, dimension, v))
            return cc_fail(CC_E_REPLY, "a stored vector has another length");
    }
    return 0;
}

static int64_t generation_at(const struct cc_rows *rows, int i)
{
    struct cc_row row = cc_row(rows, 0, i, NULL);

    return cc_row_int(&row);
}

static int take_blocks(struct filling *f, const struct cc_rows *rows)
{
    int n = cc_rows_n(rows, 0), rc = 0;

    for (int from = 0, to; from < n && rc == 0; from = to) {
        int64_t generation = generation_at(rows, from);
        struct cc_kept_doc *doc = find_doc(f->doc, f->n, generation);

        for (to = from + 1; to < n && generation_at(rows, to) == generation;)
            to++;
        if (doc)
            rc = take_block(f, rows, from, to, doc);
    }
    return rc;
}

/* TOOBIG: not all of them fit. */
static int fetch(struct filling *f, const int64_t *missing, int n, size_t left)
{
    static const struct cc_stmt FETCH = {
        "SELECT generation, chunk, part, v FROM chunk_vectors WHERE tenant_id = $1"
        " AND generation = ANY($2::bigint[]) AND model = $3 AND dimension = $4"
        " ORDER BY generation, chunk, part LIMIT $5"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int64_t max = (int64_t)(left / ((size_t)f->k->dimension * sizeof(float)));
    int rc = cc_pg_run(
        f->pool, f->k->tenant, &rows,
        CC_STEPS(CC_STEP(FETCH, cc_at(f->k->tenant), cc_at(cc_array_ints(f->mem, missing, n)),
                         cc_at(f->k->model), cc_ai(f->k->dimension), cc_ai(max + 1))));

    if (rc == 0 && cc_rows_n(&rows, 0) > max)
        return CC_E_TOOBIG;
    return rc ? rc : take_blocks(f, &rows);
}

static int read_vectors(struct filling *f)
{
    int64_t *missing = cc_arena_array(f->mem, (size_t)f->n + 1, sizeof *missing);
    size_t least = (size_t)f->passages * (size_t)f->k->dimension * sizeof(float), bytes;
    int n;

    /* A tenant that was too big is tried again only when it has become clearly smaller. */
    if (least > f->room || (f->k->too_many && f->passages > f->k->too_many / 10 * 9))
        return CC_E_TOOBIG;
    bytes = adopt(f, missing, &n);
    if (n == 0)
        return 0;
    return bytes < f->room ? fetch(f, missing, n, f->room - bytes) : CC_E_TOOBIG;
}

static void install(struct filling *f, bool whole)
{
    struct cc_kept *k = f->k;

    cc_kept_clear(k);
    k->doc = f->doc;
    k->n = f->n;
    k->off = f->off;
    k->off_n = f->off_n;
    k->knowledge = f->knowledge;
    k->too_many = whole ? 0 : f->passages;
    k->again_ms = INT64_MAX;
    k->bytes = sizeof *k + (size_t)k->n * sizeof *k->doc + (size_t)k->off_n * sizeof *k->off;
    for (int i = 0; i < k->n; i++) {
        k->bytes += k->doc[i].block ? k->doc[i].block->bytes : 0;
        if (!is_whole(&k->doc[i]))
            k->again_ms = cc_clock_ms() + AGAIN_MS;
    }
}

static void give_up(struct filling *f)
{
    free_docs(f->doc, f->n); /* with what was adopted */
    f->doc = NULL;
    f->n = 0;
}

int cc_kept_fill(struct cc_pg *pool, struct cc_kept *k, size_t room, struct cc_arena *mem)
{
    struct filling f = {.pool = pool, .k = k, .room = room, .mem = mem};
    int rc;

    k->loading = true;
    rc = read_list(&f);
    if (rc == 0)
        rc = read_vectors(&f);
    k->loading = false;
    if (rc)
        give_up(&f);
    if (rc == 0 || rc == CC_E_TOOBIG)
        install(&f, rc == 0);
    else
        free(f.off);
    return rc;
}

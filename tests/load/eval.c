/*
 * eval.c - how well the search finds what people marked as the right passage.
 *
 *     retrieval_eval FOLDER NAME     (started by infra/eval, which makes a database)
 *
 * FOLDER holds NAME.docs.tsv (id, title, text), NAME.queries.tsv (id, text) and NAME.qrels.tsv
 * (query, document, relevance: a number, 0 is none).  Each passage becomes a document, stored and
 * found by the functions that ingest and worker use, with the settings of the environment.
 *
 * Prints nDCG@10 (gain: the relevance; against the best order there could be), how often a relevant
 * one comes first, and the time of a search: by words, by meaning, and fused.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clean.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/store/migrate.h"
#include "proto/store/tenant.h"
#include "proto/task/offload.h"
#include "proto/vec/search.h"
#include "proto/vec/terms.h"

#define DEPTH      10
#define MEMORY     ((size_t)4 << 30)
#define OWN_MEMORY ((size_t)256 << 20) /* of one passage or question */

struct row {
    char *field[3];
};
struct table {
    struct row *row;
    int n, cap;
};
static struct table docs, queries, qrels; /* qrels are sorted by query */
static char (*doc_id)[CC_ID_MAX];

static char tenant[CC_ID_MAX], bot[CC_ID_MAX];
static struct cc_arena *mem;
static struct cc_pg *pool;
static struct cc_embedder *embedder;
static const char *name;
static int result = 1;
static bool over;

static void die(const char *what)
{
    fprintf(stderr, "eval: %s: %s\n", what, cc_fail_text());
    exit(1);
}

static void must(int rc, const char *what)
{
    if (rc)
        die(what);
}

static void *need(size_t n, size_t each)
{
    void *p = calloc(n + 1, each);

    if (!p)
        abort();
    return p;
}

static bool split_row(char *line, struct row *row, int fields)
{
    int n = 0;

    line[strcspn(line, "\r\n")] = '\0';
    while (n < fields && line) {
        row->field[n++] = line;
        line = strchr(line, '\t');
        if (line)
            *line++ = '\0';
    }
    return n == fields;
}

static void add_row(struct table *table, char *line, int fields)
{
    if (table->n == table->cap) {
        table->cap = table->cap ? 2 * table->cap : 1024;
        table->row = realloc(table->row, (size_t)table->cap * sizeof *table->row);
        if (!table->row)
            abort();
    }
    if (!split_row(line, &table->row[table->n++], fields)) {
        fprintf(stderr, "eval: a row of %s has less than %d fields\n", name, fields);
        exit(1);
    }
}

static void read_table(const char *folder, const char *kind, int fields, struct table *table)
{
    char *line = NULL;
    size_t room = 0;
    FILE *file = fopen(cc_arena_printf(mem, "%s/%s.%s.tsv", folder, name, kind), "re");

    if (!file)
        die(kind);
    while (getline(&line, &room, file) > 0)
        if (line[strspn(line, "\r\n")])
            add_row(table, cc_arena_dup(mem, line), fields);
    free(line);
    fclose(file);
}

static int by_query(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    return strcmp(x->field[0], y->field[0]);
}

/* ---- storing, as ingest does ---- */

static void embed_parts(const char *text, struct cc_chunk *chunk, size_t dim, struct cc_arena *own)
{
    struct cc_part *part;
    const char *one[CC_EMBED_TEXTS_MAX];
    float *v;
    size_t n;

    must(cc_embed_split(embedder, text, strlen(text), own, &part, &n), "split");
    n = n < CC_EMBED_TEXTS_MAX ? n : CC_EMBED_TEXTS_MAX;
    for (size_t i = 0; i < n; i++)
        one[i] = part[i].text;
    v = cc_arena_array(own, n * dim, sizeof *v);
    must(cc_embed(embedder, one, n, v), "embed");
    chunk->vectors = v;
    chunk->parts = (int)n;
}

static struct cc_document_hold add_document(const struct row *row, const char *id,
                                            const char *sha256)
{
    struct cc_document document = {.id = id,
                                   .tenant = tenant,
                                   .bot = "",
                                   .filename = row->field[0],
                                   .title = row->field[1],
                                   .url = "",
                                   .sha256 = sha256,
                                   .type = "text/plain",
                                   .bytes = row->field[2],
                                   .size = (int64_t)strlen(row->field[2])};
    struct cc_document_lease lease = {
        .tenant = tenant, .id = id, .owner = "eval", .lease_ms = 60000, .attempts_max = 3};
    struct cc_document_claimed claimed;

    must(cc_document_add(pool, &document), "add a document");
    must(cc_document_claim(pool, &lease, &claimed), "claim a document");
    return (struct cc_document_hold){
        .tenant = tenant, .id = id, .attempt = claimed.attempt, .generation = claimed.generation};
}

static void store_passage(const struct row *row, const char *id, size_t dim)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *own = cc_arena_new(OWN_MEMORY);
    const char *text = row->field[2];
    char sha256[CC_SHA256_HEX];
    struct cc_chunk chunk = {.text = text, .section = "", .page = 1, .tokens = 1};
    struct cc_chunk_batch batch = {
        .chunks = &chunk, .n = 1, .dimension = (int)dim, .model = cc_embedder_name(embedder)};
    struct cc_document_hold hold;
    struct cc_terms terms;

    chunk.sha256 = cc_sha256_hex(text, strlen(text), sha256);
    must(cc_terms(text, strlen(text), NULL, own, &terms), "terms");
    chunk.terms = terms.term;
    chunk.terms_n = (int)terms.n;
    chunk.words = terms.words;
    embed_parts(text, &chunk, dim, own);
    hold = add_document(row, id, sha256);
    must(cc_chunk_put(pool, &hold, &batch), "store a passage");
    must(cc_chunk_publish(pool, &hold, 1, 0), "publish a passage");
}

static void store_all(void)
{
    struct cc_tenant account = {.id = tenant, .name = "eval", .tier = "paid"};
    struct cc_bot one = {.id = bot,
                         .tenant = tenant,
                         .name = "eval",
                         .system = "",
                         .provider = "",
                         .model = "",
                         .max_tokens = 500,
                         .top_k = DEPTH,
                         .origins = "[]",
                         .widget = "{}",
                         .refusal = ""};
    int64_t began = cc_clock_us();
    size_t dim;

    must(cc_embedder_dim(embedder, &dim), "dimension");
    must(cc_tenant_add(pool, &account), "add a tenant");
    must(cc_bot_add(pool, &one), "add a bot");
    doc_id = need((size_t)docs.n, sizeof *doc_id);
    for (int i = 0; i < docs.n; i++)
        store_passage(&docs.row[i], cc_id_sorted("doc", doc_id[i]), dim);
    printf("stored %d passages, %.1f ms each\n", docs.n,
           (double)(cc_clock_us() - began) / 1000 / (docs.n ? docs.n : 1));
}

/* ---- what people marked ---- */

/* The rows of a question, and how many. */
static const struct row *marks_of(const char *query, int *ret_n)
{
    const struct row key = {.field = {(char *)query}}, *at;
    int from, to;

    *ret_n = 0;
    at = qrels.n ? bsearch(&key, qrels.row, (size_t)qrels.n, sizeof key, by_query) : NULL;
    if (!at)
        return NULL;
    from = to = (int)(at - qrels.row);
    while (from > 0 && by_query(&qrels.row[from - 1], &key) == 0)
        from--;
    while (to < qrels.n && by_query(&qrels.row[to], &key) == 0)
        to++;
    *ret_n = to - from;
    return &qrels.row[from];
}

static double relevance_of(const struct row *mark)
{
    double relevance = strtod(mark->field[2], NULL);

    return relevance > 0 ? relevance : 0;
}

static double gain_of(const struct row *mark, int marks, const char *document)
{
    for (int i = 0; i < marks; i++)
        if (strcmp(mark[i].field[1], document) == 0)
            return relevance_of(&mark[i]);
    return 0;
}

static double discount(int place)
{
    return 1 / log2(place + 2);
}

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

/* Of the best order there could be; 0: nothing is relevant. */
static double ideal_of(const struct row *mark, int marks)
{
    double *gain = need((size_t)marks, sizeof *gain), sum = 0;

    for (int i = 0; i < marks; i++)
        gain[i] = relevance_of(&mark[i]);
    qsort(gain, (size_t)marks, sizeof *gain, falling);
    for (int i = 0; i < marks && i < DEPTH; i++)
        sum += gain[i] * discount(i);
    free(gain);
    return sum;
}

/* ---- asking, as a worker does ---- */

struct leg {
    const char *name;
    double by_words, by_meaning;
};
static const struct leg legs[] = {{"by words", 1, 0}, {"by meaning", 0, 1}, {"fused", 0, 0}};

struct score {
    double ndcg, first;
    int64_t lexical_us, vector_us, load_us; /* sums */
    int64_t *us;
    int n;
};
static struct cc_query_vector *asked; /* the questions, embedded once */
static int64_t *embed_us;

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static double ms(int64_t us, int n)
{
    return (double)us / 1000 / (n ? n : 1);
}

static double share_ms(int64_t *us, int n, int percent)
{
    qsort(us, (size_t)n, sizeof *us, by_time);
    return n ? ms(us[n * percent / 100], 1) : 0;
}

static struct cc_search_query query_of(const char *text)
{
    return (struct cc_search_query){
        .scope = {.tenant = tenant, .bot = bot}, .text = text, .top = DEPTH};
}

static void embed_questions(void)
{
    struct cc_search search = {.pool = pool, .embedder = embedder};

    asked = need((size_t)queries.n, sizeof *asked);
    embed_us = need((size_t)queries.n, sizeof *embed_us);
    for (int i = 0; i < queries.n; i++) {
        struct cc_search_query query = query_of(queries.row[i].field[1]);
        int64_t began = cc_clock_us();

        must(cc_search_embed(&search, &query, mem, &asked[i], NULL), "embed a question");
        embed_us[i] = cc_clock_us() - began;
    }
}

/* What the sets call it, which we stored as its name. */
static void count_answer(struct score *score, const char *query,
                         const struct cc_search_result *found)
{
    int marks;
    const struct row *mark = marks_of(query, &marks);
    double ideal = ideal_of(mark, marks), sum = 0;

    if (ideal <= 0)
        return;
    for (int i = 0; i < found->n && i < DEPTH; i++)
        sum += gain_of(mark, marks, found->found[i].passage.filename) * discount(i);
    score->ndcg += sum / ideal;
    score->first += found->n > 0 && gain_of(mark, marks, found->found[0].passage.filename) > 0;
    score->lexical_us += found->lexical_us;
    score->vector_us += found->vector_us;
    score->load_us += found->load_us;
    score->us[score->n++] = found->total_us;
}

static void print_score(const char *leg, struct score *s)
{
    int n = s->n ? s->n : 1;

    printf("%-10s nDCG@10 %.4f  right at 1 %.4f  search ms: p50 %.2f p99 %.2f, of these (mean) "
           "words %.2f vectors %.2f passages %.2f\n",
           leg, s->ndcg / n, s->first / n, share_ms(s->us, s->n, 50), share_ms(s->us, s->n, 99),
           ms(s->lexical_us, n), ms(s->vector_us, n), ms(s->load_us, n));
}

static void ask_all(const struct leg *leg)
{
    struct score score = {.us = need((size_t)queries.n, sizeof *score.us)};
    struct cc_search search = {.pool = pool, .embedder = embedder};

    for (int i = 0; i < queries.n; i++) {
        struct cc_search_query query = query_of(queries.row[i].field[1]);
        CC_AUTOP(cc_arena_free) struct cc_arena *own = cc_arena_new(OWN_MEMORY);
        struct cc_search_result found;

        query.by_words = leg->by_words;
        query.by_meaning = leg->by_meaning;
        query.v = &asked[i];
        must(cc_search(&search, &query, own, &found), "search");
        count_answer(&score, queries.row[i].field[0], &found);
    }
    print_score(leg->name, &score);
    free(score.us);
}

static void evaluate(void *arg)
{
    const char *store = "";

    (void)arg;
    store_all();
    must(cc_chunk_store_name(pool, &store), "store");
    embed_questions();
    printf("%s, %d questions, embedding %s (a question in ms: p50 %.2f p99 %.2f), vectors in %s\n",
           name, queries.n, cc_embedder_name(embedder), share_ms(embed_us, queries.n, 50),
           share_ms(embed_us, queries.n, 99), store);
    for (size_t i = 0; i < sizeof legs / sizeof *legs; i++)
        ask_all(&legs[i]);
    result = 0;
    over = true;
}

static void read_all(const char *folder)
{
    read_table(folder, "docs", 3, &docs);
    read_table(folder, "queries", 2, &queries);
    read_table(folder, "qrels", 3, &qrels);
    qsort(qrels.row, (size_t)qrels.n, sizeof *qrels.row, by_query);
}

int main(int argc, char **argv)
{
    struct cc_migrated migrated;

    if (argc != 3) {
        fprintf(stderr, "usage: retrieval_eval FOLDER NAME\n");
        return 2;
    }
    name = argv[2];
    cc_log_open("eval", "warn");
    must(cc_config_load(), "settings");
    must(cc_metrics_open(1), "metrics");
    mem = cc_arena_new(MEMORY);
    read_all(argv[1]);
    cc_id_sorted("ten", tenant);
    cc_id_sorted("bot", bot);
    cc_loop_init(NULL);
    must(cc_offload_open(2, 64), "threads");
    must(cc_embedder_open(NULL, &embedder), "embedder");
    must(cc_migrate(cc_cfg(CC_CFG_PG_OWNER), &migrated), "migrate");
    must(cc_pg_open(&(struct cc_pg_opts){.conninfo = cc_cfg(CC_CFG_PG)}, &pool), "database");
    must(cc_task_spawn("evaluate", evaluate, NULL, NULL), "task");
    cc_loop_run(&over);
    cc_pg_close(&pool);
    cc_offload_close();
    cc_embedder_free(&embedder);
    cc_arena_free(&mem);
    return result;
}

/*
 * eval.c - how well the search finds what people marked as the right passage.
 *
 *     retrieval_eval FOLDER LANGUAGE     (started by infra/eval, which makes a database)
 *
 * FOLDER holds LANGUAGE.docs.tsv (id, title, text), LANGUAGE.queries.tsv (id, text) and
 * LANGUAGE.qrels.tsv (query, document, relevance).  Each passage becomes a document, stored and
 * found by the functions that ingest and worker use.  Prints nDCG@10, how often the right one comes
 * first, and the time of a search: by words, by meaning, and fused.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

#define ROWS_MAX 20000
#define DEPTH    10
#define MEMORY   ((size_t)1 << 30)

struct row {
    char *field[3];
};
struct table {
    struct row row[ROWS_MAX];
    int n;
};
static struct table docs, queries, qrels;
static char doc_id[ROWS_MAX][CC_ID_MAX];

static char tenant[CC_ID_MAX], bot[CC_ID_MAX];
static struct cc_arena *mem;
static struct cc_pg *pool;
static struct cc_embedder *embedder;
static const char *language;
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

static void split_row(char *line, struct row *row)
{
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < 3 && line; i++) {
        row->field[i] = line;
        line = strchr(line, '\t');
        if (line)
            *line++ = '\0';
    }
}

static void read_table(const char *folder, const char *kind, struct table *table)
{
    char *line = NULL;
    size_t room = 0;
    FILE *file = fopen(cc_arena_printf(mem, "%s/%s.%s.tsv", folder, language, kind), "re");

    if (!file)
        die(kind);
    while (table->n < ROWS_MAX && getline(&line, &room, file) > 0)
        split_row(cc_arena_dup(mem, line), &table->row[table->n++]);
    free(line);
    fclose(file);
}

static int find_row(const struct table *table, const char *id)
{
    for (int i = 0; i < table->n; i++)
        if (strcmp(table->row[i].field[0], id) == 0)
            return i;
    return -1;
}

/* ---- storing, as ingest does ---- */

static void embed_parts(const char *text, struct cc_chunk *chunk, size_t dim)
{
    struct cc_part *part;
    const char *one[CC_EMBED_TEXTS_MAX];
    float *v;
    size_t n;

    must(cc_embed_split(embedder, text, strlen(text), mem, &part, &n), "split");
    n = n < CC_EMBED_TEXTS_MAX ? n : CC_EMBED_TEXTS_MAX;
    for (size_t i = 0; i < n; i++)
        one[i] = part[i].text;
    v = cc_arena_array(mem, n * dim, sizeof *v);
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
    const char *text = row->field[2];
    char sha256[CC_SHA256_HEX];
    struct cc_chunk chunk = {.text = text, .section = "", .page = 1, .tokens = 1};
    struct cc_chunk_batch batch = {
        .chunks = &chunk, .n = 1, .dimension = (int)dim, .model = cc_embedder_name(embedder)};
    struct cc_document_hold hold;
    struct cc_terms terms;

    chunk.sha256 = cc_sha256_hex(text, strlen(text), sha256);
    must(cc_terms(text, strlen(text), NULL, mem, &terms), "terms");
    chunk.terms = terms.term;
    chunk.terms_n = (int)terms.n;
    chunk.words = terms.words;
    embed_parts(text, &chunk, dim);
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
    for (int i = 0; i < docs.n; i++)
        store_passage(&docs.row[i], cc_id_sorted("doc", doc_id[i]), dim);
    printf("stored %d passages, %.1f ms each\n", docs.n,
           (double)(cc_clock_us() - began) / 1000 / docs.n);
}

/* ---- asking, as a worker does ---- */

struct leg {
    const char *name;
    double by_words, by_meaning;
};
static const struct leg legs[] = {{"by words", 1, 0}, {"by meaning", 0, 1}, {"fused", 0, 0}};

struct score {
    double ndcg, first;
    int64_t embed_us, lexical_us, vector_us, load_us; /* sums */
    int64_t us[ROWS_MAX];
    int n;
};

static bool is_relevant(const char *query, const char *document)
{
    for (int i = 0; i < qrels.n; i++) {
        int doc;

        if (strcmp(qrels.row[i].field[0], query) != 0)
            continue;
        doc = find_row(&docs, qrels.row[i].field[1]);
        if (doc >= 0 && strcmp(doc_id[doc], document) == 0)
            return true;
    }
    return false;
}

/* One relevant passage a question: nDCG is 1 / log2(rank + 1). */
static void count_answer(struct score *score, const char *query,
                         const struct cc_search_result *found)
{
    for (int i = 0; i < found->n && i < DEPTH; i++) {
        if (!is_relevant(query, found->found[i].passage.document))
            continue;
        score->ndcg += 1 / log2(i + 2);
        score->first += i == 0;
        break;
    }
    score->embed_us += found->embed_us;
    score->lexical_us += found->lexical_us;
    score->vector_us += found->vector_us;
    score->load_us += found->load_us;
    score->us[score->n++] = found->total_us;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static double mean_ms(int64_t sum_us, int n)
{
    return (double)sum_us / 1000 / n;
}

static void print_score(const char *name, struct score *s)
{
    qsort(s->us, (size_t)s->n, sizeof *s->us, by_time);
    printf("%-10s nDCG@10 %.4f  right at 1 %.4f  ms: p50 %.2f p99 %.2f, of these (mean) embed %.2f "
           "words %.2f vectors %.2f passages %.2f\n",
           name, s->ndcg / s->n, s->first / s->n, mean_ms(s->us[s->n / 2], 1),
           mean_ms(s->us[s->n * 99 / 100], 1), mean_ms(s->embed_us, s->n),
           mean_ms(s->lexical_us, s->n), mean_ms(s->vector_us, s->n), mean_ms(s->load_us, s->n));
}

static void ask_all(const struct leg *leg)
{
    static struct score score;
    struct cc_search search = {.pool = pool, .embedder = embedder};

    score = (struct score){0};
    for (int i = 0; i < queries.n; i++) {
        struct cc_search_query query = {.scope = {.tenant = tenant, .bot = bot},
                                        .text = queries.row[i].field[1],
                                        .top = DEPTH,
                                        .by_words = leg->by_words,
                                        .by_meaning = leg->by_meaning};
        struct cc_arena *own = cc_arena_new((size_t)256 << 20);
        struct cc_search_result found;

        must(cc_search(&search, &query, own, &found), "search");
        count_answer(&score, queries.row[i].field[0], &found);
        cc_arena_free(&own);
    }
    print_score(leg->name, &score);
}

static void evaluate(void *arg)
{
    const char *store = "";

    (void)arg;
    store_all();
    must(cc_chunk_store_name(pool, &store), "store");
    printf("%s, %d questions, embedding %s, vectors in %s\n", language, queries.n,
           cc_embedder_name(embedder), store);
    for (size_t i = 0; i < sizeof legs / sizeof *legs; i++)
        ask_all(&legs[i]);
    result = 0;
    over = true;
}

int main(int argc, char **argv)
{
    struct cc_migrated migrated;

    if (argc != 3) {
        fprintf(stderr, "usage: retrieval_eval FOLDER LANGUAGE\n");
        return 2;
    }
    language = argv[2];
    cc_log_open("eval", "warn");
    must(cc_config_load(), "settings");
    must(cc_config_set(CC_CFG_SEARCH_LANGUAGE, language), "language");
    must(cc_metrics_open(1), "metrics");
    mem = cc_arena_new(MEMORY);
    read_table(argv[1], "docs", &docs);
    read_table(argv[1], "queries", &queries);
    read_table(argv[1], "qrels", &qrels);
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

/* An embedding is exchanged for another by cc-ingest itself, while questions come in. */
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/bus/line_up.h"
#include "proto/http/http.h"
#include "proto/store/embedding.h"
#include "proto/vec/points.h"
#include "tests/integration/ingest/process.h"
#include "tests/integration/vec/qdrant.h"
#include "tests/support/store.h"

#define DOCUMENTS 20
#define SENTENCES 60 /* of each: some passages */
#define SOON_MS   90000

static struct store s;
static struct cc_redis *queue;
static pid_t ingest;

static void setup(void)
{
    cc_config_load();
    setenv("CC_LEASE_MS", "1500", 1);
    setenv("CC_RECLAIM_MS", "100", 1);
    setenv("CC_SWEEP_MS", "200", 1);
    store_open(&s);
    cr_assert_eq(cc_redis_open(store_env("CC_REDIS_QUEUE"), &queue), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_redis_ready(queue, cc_now() + 5000), 0);
    ingest = 0;
}

static void stop(int signal)
{
    if (ingest)
        process_end(ingest, signal);
    ingest = 0;
}

static void teardown(void)
{
    stop(SIGTERM);
    cc_redis_close(&queue);
    store_close(&s);
}

TestSuite(reindex, .init = setup, .fini = teardown, .timeout = 240);

static void start(const char *embedding)
{
    setenv("CC_EMBED", embedding, 1);
    ingest = process_start();
}

static void upload_as(int number, char id[CC_ID_MAX])
{
    char sha256[CC_SHA256_HEX], name[32];
    struct cc_buf text;

    cc_buf_init(&text, 1 << 20);
    for (int i = 0; i < SENTENCES; i++)
        cc_buf_printf(&text, "Sentence %d of text %d says that shelf %d holds %d bowls.%s", i,
                      number, i * 7 % 1000, i * 31 % 977, i % 6 == 5 ? "\n\n" : " ");
    snprintf(name, sizeof name, "text-%d.txt", number);
    const struct cc_document d = {.id = cc_id_sorted("doc", id),
                                  .tenant = s.tenant,
                                  .bot = s.bot,
                                  .filename = name,
                                  .title = name,
                                  .url = "",
                                  .type = "",
                                  .bytes = text.bytes,
                                  .size = (int64_t)text.len,
                                  .sha256 = cc_sha256_hex(text.bytes, text.len, sha256)};
    cr_assert_eq(cc_document_add(s.pg, &d), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_ingest_enqueue(queue, s.tenant, id, 1), 0, "%s", cc_fail_text());
    cc_buf_done(&text);
}

static void upload(int number)
{
    char id[CC_ID_MAX];

    upload_as(number, id);
}

static int64_t number(const char *sql)
{
    const char *text =
        store_sql(&s, "CC_PG_SUPER", cc_arena_printf(s.mem, "%s'%s'", sql, s.tenant));

    return text ? strtoll(text, NULL, 10) : 0;
}

#define READY     "SELECT count(*) FROM documents WHERE status = 'ready' AND tenant_id = "
#define PASSAGES  "SELECT sum(active_chunks) FROM documents WHERE tenant_id = "
#define KNOWLEDGE "SELECT knowledge FROM tenants WHERE tenant_id = "
#define OF(model)                                                                                  \
    "SELECT count(DISTINCT chunk) FROM chunk_vectors WHERE model = '" model "' AND tenant_id = "
#define ASKED(model) "SELECT count(*) FROM tenants WHERE embedding = '" model "' AND tenant_id = "

/* A question as the worker asks it: with the embedding that the tenant has at this moment. */
static int ask(const char **ret_model)
{
    static float v[1024] = {1};
    const struct cc_scope scope = {.tenant = s.tenant, .bot = s.bot};
    struct cc_query_vector query = {.v = v};
    struct cc_chunk_hit *hit;
    int n;

    cr_assert_eq(cc_embedding_of(s.pg, s.tenant, s.mem, &query.model), 0, "%s", cc_fail_text());
    query.dimension = strcmp(query.model, "use-lite") == 0 ? 512 : 1024;
    cr_assert_eq(cc_chunk_nearest(s.pg, &scope, &query, 1000, s.mem, &hit, &n), 0, "%s",
                 cc_fail_text());
    *ret_model = query.model;
    return n;
}

static int64_t asked; /* questions so far */

/* Asks until the count that sql gives is what was wanted: each question finds all there was. */
static void ask_until(const char *sql, int64_t least, int64_t most, int64_t passages)
{
    int64_t until_ms = cc_clock_ms() + SOON_MS, seen;
    const char *model;

    while ((seen = number(sql)) < least || seen > most) {
        int found = ask(&model);

        cr_assert_geq(found, passages, "question %lld, with %s", (long long)asked, model);
        asked++;
        cr_assert_lt(cc_clock_ms(), until_ms, "%s: still %lld", sql, (long long)seen);
        cc_sleep(20);
        cc_arena_reset(s.mem);
    }
}

Test(reindex, goes_on_after_a_kill_and_no_question_finds_nothing)
{
    const char *model;

    start("hash");
    for (int i = 0; i < DOCUMENTS; i++)
        upload(i);
    ask_until(READY, DOCUMENTS, DOCUMENTS, 0);
    int64_t passages = number(PASSAGES), knowledge = number(KNOWLEDGE);
    cr_assert_eq(ask(&model), passages);
    cr_assert_str_eq(model, "hash-1");
    stop(SIGTERM);

    start("use");
    ask_until(OF("use-lite"), 1, INT64_MAX, passages);
    stop(SIGKILL);
    int64_t done = number(OF("use-lite"));
    cr_expect_lt(done, passages, "it was killed in the middle");
    ask(&model);
    cr_expect_str_eq(model, "hash-1");

    start("use");
    upload(DOCUMENTS);
    ask_until(READY, DOCUMENTS + 1, DOCUMENTS + 1, passages);
    int64_t all = number(PASSAGES);
    ask_until(ASKED("use-lite"), 1, 1, all);
    ask_until(OF("hash-1"), 0, 0, all);

    cr_expect_eq(ask(&model), all);
    cr_expect_str_eq(model, "use-lite");
    cr_expect_eq(number(OF("use-lite")), all);
    cr_expect_eq(number(KNOWLEDGE), knowledge + 2, "one document more, and one flip");
    cr_expect_gt(asked, 20);
}

#define SETTLED                                                                                    \
    "SELECT count(*) FROM tenants WHERE embedding = 'use-lite' AND reindex_until = '-infinity'"    \
    " AND tenant_id = "

Test(reindex, is_decided_by_the_process_that_was_started_last)
{
    const char *model;

    start("hash");
    pid_t older = ingest;
    upload(0);
    ask_until(READY, 1, 1, 0);
    int64_t knowledge = number(KNOWLEDGE), passages = number(PASSAGES);

    start("use");
    ask_until(SETTLED, 1, 1, passages);
    cr_expect_eq(ask(&model), passages);
    cr_expect_eq(number(KNOWLEDGE), knowledge + 1, "the older one has not undone it");
    process_end(older, SIGTERM);
}

/* ---- to Qdrant ---- */

static struct qdrant qdrant;
static struct cc_http *http;
static struct cc_points *points;

static void open_qdrant(void)
{
    char prefix[CC_ID_MAX];

    qdrant_start(&qdrant);
    cc_config_set(CC_CFG_QDRANT_COLLECTION, cc_id_random("col", prefix));
    setenv("CC_QDRANT_URL", cc_cfg(CC_CFG_QDRANT_URL), 1);
    setenv("CC_QDRANT_KEY", cc_cfg(CC_CFG_QDRANT_KEY), 1);
    setenv("CC_QDRANT_COLLECTION", prefix, 1);
    cr_assert_eq(cc_http_open(NULL, &http), 0);
    cr_assert_eq(cc_points_open(http, &points), 0, "%s", cc_fail_text());
}

static void close_qdrant(void)
{
    stop(SIGTERM);
    cc_points_free(&points);
    cc_http_close(&http);
    qdrant_end(&qdrant);
    teardown();
}

/* Passages that Qdrant knows of the generations that sql lists. */
static int in_qdrant(const int64_t *generations, int n)
{
    static float v[1024] = {1};
    const struct cc_points_query query = {.tenant = s.tenant,
                                          .vector = {v, 1024, "hash-1"},
                                          .generations = generations,
                                          .generations_n = n,
                                          .max = 1000};
    struct cc_chunk_hit *hit;
    int hits;

    cr_assert_eq(cc_points_nearest(points, &query, s.mem, &hit, &hits), 0, "%s", cc_fail_text());
    return hits;
}

static int all_in_qdrant(void)
{
    const struct cc_scope scope = {.tenant = s.tenant, .bot = s.bot};
    struct cc_chunk_live live;

    cr_assert_eq(cc_chunk_live(s.pg, &scope, s.mem, &live), 0, "%s", cc_fail_text());
    return in_qdrant(live.generations, live.generations_n);
}

#define OUTSIDE "SELECT count(*) FROM tenants WHERE outside AND tenant_id = "
#define GARBAGE "SELECT count(*) FROM vector_garbage WHERE tenant_id = "

Test(reindex, moves_vectors_to_qdrant_and_forgets_there_what_is_deleted, .fini = close_qdrant)
{
    char first[CC_ID_MAX];

    start("hash");
    upload_as(0, first);
    upload(1);
    ask_until(READY, 2, 2, 0);
    int64_t passages = number(PASSAGES);
    stop(SIGTERM);

    open_qdrant();
    start("hash");
    upload(2);
    ask_until(READY, 3, 3, passages);
    ask_until(OUTSIDE, 1, 1, passages);
    int64_t all = number(PASSAGES);
    cr_expect_eq(all_in_qdrant(), all);
    int64_t until_ms = cc_clock_ms() + SOON_MS;
    while (number(OF("hash-1")) > 0 && cc_clock_ms() < until_ms)
        cc_sleep(20);
    cr_expect_eq(number(OF("hash-1")), 0, "they lie in one place only");

    upload(3);
    while (number(READY) < 4 && cc_clock_ms() < until_ms)
        cc_sleep(20);
    cr_expect_eq(all_in_qdrant(), number(PASSAGES));
    cr_expect_eq(number(OF("hash-1")), 0);

    upload(3);
    while (number(READY) < 5 && cc_clock_ms() < until_ms)
        cc_sleep(20);
    cr_expect_eq(
        number("SELECT count(*) FROM document_changes WHERE embedded = 0 AND tenant_id = "), 1,
        "the same text again: its vectors were taken back");
    cr_expect_eq(all_in_qdrant(), number(PASSAGES));

    int64_t gone = number(cc_arena_printf(s.mem,
                                          "SELECT active FROM documents WHERE id = '%s'"
                                          " AND tenant_id = ",
                                          first));
    cr_expect_gt(in_qdrant(&gone, 1), 0);
    cr_assert_eq(cc_document_delete(s.pg, s.tenant, first), 0);
    while (number(GARBAGE) > 0 && cc_clock_ms() < until_ms)
        cc_sleep(20);
    cr_expect_eq(in_qdrant(&gone, 1), 0);
    cr_expect_eq(all_in_qdrant(), number(PASSAGES));
}

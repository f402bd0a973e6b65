/* What the gateway asks of cc-ingest, asked of a real one. */
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"
#include "proto/bus/call.h"
#include "proto/vec/terms.h"
#include "tests/integration/ingest/process.h"
#include "tests/support/store.h"

static struct store s;
static struct cc_redis *queue, *live;
static struct cc_calls *calls;
static pid_t ingest;
static char doc[CC_ID_MAX];

static const char text[] =
    "OVENS\n\nAn oven is hot. It bakes bread for us all.\n\nPRICES\n\nQ: How "
    "much is it?\nA: Nothing, it is a gift.\n\nQ: How long does it take?\nA: "
    "Three days.\n\nQ: Who brings it?\nA: The carrier.";

static void setup(void)
{
    cc_config_load();
    setenv("CC_EMBED", "hash", 1);
    store_open(&s);
    cr_assert_eq(cc_redis_open(store_env("CC_REDIS_QUEUE"), &queue), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_redis_open(store_env("CC_REDIS_LIVE"), &live), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_redis_ready(queue, cc_now() + 5000), 0);
    cr_assert_eq(cc_redis_ready(live, cc_now() + 5000), 0);
    cr_assert_eq(cc_calls_open(queue, live, s.tenant, &calls), 0, "%s", cc_fail_text());
    store_document(&s, text, doc);
    ingest = process_start();
}

static void teardown(void)
{
    process_end(ingest, SIGTERM);
    cc_calls_close(&calls);
    cc_redis_close(&queue);
    cc_redis_close(&live);
    store_close(&s);
}

TestSuite(calls, .init = setup, .fini = teardown, .timeout = 120);

/* Borrows the request. */
static int ask(const char *method, const char *tenant, json_t *request, json_t **ret)
{
    const struct cc_call call = {.kind = CC_CALL_INGEST,
                                 .method = method,
                                 .tenant = tenant,
                                 .trace = "trace",
                                 .request = request,
                                 .timeout_ms = 60000};
    int rc = cc_call(calls, &call, ret);

    json_decref(request);
    return rc;
}

static json_t *preview(const char *chunking)
{
    json_t *answer = NULL;

    cr_assert_eq(
        ask("preview", s.tenant,
            json_pack("{ss so}", "documentId", doc, "chunking", json_loads(chunking, 0, NULL)),
            &answer),
        0, "%s", cc_fail_text());
    return answer;
}

static const char *item_text(const json_t *answer, size_t i)
{
    return cc_json_str(json_array_get(json_object_get(answer, "items"), i), "text", "");
}

Test(calls, preview_shows_how_a_document_would_be_cut_and_stores_nothing)
{
    json_t *one = preview("{\"mode\": \"text\"}"), *pairs = preview("{\"mode\": \"pairs\"}");
    struct cc_chunk_view *all;
    int n;

    cr_expect_eq(cc_json_int(one, "total", 0), 1);
    cr_expect(strstr(item_text(one, 0), "Q: Who brings it?"), "%s", item_text(one, 0));
    cr_expect_eq(cc_json_int(pairs, "total", 0), 4);
    cr_expect_str_eq(item_text(pairs, 3), "Who brings it?\nThe carrier.");
    cr_expect_eq(cc_json_int(json_array_get(json_object_get(pairs, "items"), 3), "index", -1), 3);
    cr_assert_eq(cc_chunk_list(s.pg, s.tenant, doc, -1, 10, s.mem, &all, &n), 0);
    cr_expect_eq(n, 0);
    json_decref(one);
    json_decref(pairs);
}

Test(calls, preview_begins_with_what_the_bot_and_the_document_say)
{
    char sql[300];
    json_t *answer;

    snprintf(sql, sizeof sql,
             "UPDATE documents SET chunking = '{\"mode\": \"pairs\"}' WHERE id = '%s'", doc);
    store_sql(&s, "CC_PG_SUPER", sql);

    answer = preview("{\"tokens\": 100}");

    cr_expect_eq(cc_json_int(answer, "total", 0), 4);
    json_decref(answer);
}

Test(calls, preview_says_what_is_wrong)
{
    struct store other;
    json_t *answer = NULL;

    store_other(&s, &other);

    cr_expect_eq(ask("preview", s.tenant,
                     json_pack("{ss s{si}}", "documentId", doc, "chunking", "tokens", 3), &answer),
                 CC_E_INVALID);
    cr_expect(strstr(cc_fail_text(), "tokens"), "%s", cc_fail_text());
    cr_expect_eq(ask("preview", s.tenant, json_pack("{ss}", "documentId", "doc_none"), &answer),
                 CC_E_NOTFOUND);
    cr_expect_eq(ask("preview", other.tenant, json_pack("{ss}", "documentId", doc), &answer),
                 CC_E_NOTFOUND);
    store_document(&s, "   ", doc);
    cr_expect_eq(ask("preview", s.tenant, json_pack("{ss}", "documentId", doc), &answer),
                 CC_E_NOTEXT);
}

/* One published passage. */
static int64_t publish(void)
{
    static const char *const texts[] = {"apple"};
    struct cc_document_hold hold = store_claim(&s, doc);
    struct cc_chunk_view *all;
    int n;

    store_publish(&s, &hold, texts, 1, NULL);
    cr_assert_eq(cc_chunk_list(s.pg, s.tenant, doc, -1, 10, s.mem, &all, &n), 0);
    cr_assert_eq(n, 1);
    return all[0].id;
}

static int hits(const char *word)
{
    struct cc_scope here = {.tenant = s.tenant, .bot = s.bot};
    struct cc_chunk_hit *found;
    struct cc_terms terms;
    const char *term;
    int n;

    cr_assert_eq(cc_terms(word, strlen(word), NULL, s.mem, &terms), 0);
    term = terms.term[0].text;
    cr_assert_eq(cc_chunk_lexical(s.pg, &here, &term, 1, 10, s.mem, &found, &n), 0);
    return n;
}

static int64_t vectors(void)
{
    char sql[200];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM chunk_vectors WHERE tenant_id = '%s'",
             s.tenant);
    return strtoll(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

Test(calls, chunk_put_changes_a_passage_that_is_found_at_once)
{
    int64_t id = publish();
    json_t *answer = NULL;

    cr_assert_eq(ask("chunk_put", s.tenant,
                     json_pack("{ss ss ss}", "documentId", doc, "chunkId",
                               cc_arena_printf(s.mem, "%lld", (long long)id), "text",
                               "Quinces \x01 are yellow."),
                     &answer),
                 0, "%s", cc_fail_text());

    cr_expect_str_eq(cc_json_str(answer, "text", ""), "Quinces  are yellow.");
    cr_expect_str_eq(cc_json_str(answer, "section", ""), "S", "as it was");
    cr_expect(cc_json_bool(answer, "edited", false));
    cr_expect_gt(cc_json_int(answer, "tokens", 0), 4);
    cr_expect_eq(hits("apple"), 0);
    cr_expect_eq(hits("quinces"), 1);
    cr_expect_eq(vectors(), 1);
    json_decref(answer);
}

Test(calls, chunk_put_adds_a_passage_once)
{
    json_t *first = NULL, *again = NULL;

    publish();
    for (int i = 0; i < 2; i++)
        cr_assert_eq(ask("chunk_put", s.tenant,
                         json_pack("{ss ss ss}", "documentId", doc, "text", "Medlars are brown.",
                                   "section", "Fruit"),
                         i ? &again : &first),
                     0, "%s", cc_fail_text());

    cr_expect_str_eq(cc_json_str(first, "id", "1"), cc_json_str(again, "id", "2"));
    cr_expect_str_eq(cc_json_str(first, "section", ""), "Fruit");
    cr_expect_eq(hits("medlars"), 1);
    cr_expect_eq(hits("fruit"), 1, "a passage is found by its section, too");
    json_decref(first);
    json_decref(again);
}

Test(calls, chunk_put_refuses_what_cannot_be_a_passage)
{
    char *long_text = cc_arena_get(s.mem, 20001);
    json_t *answer = NULL;
    const struct {
        const char *document, *chunk, *text;
        int rc;
    } bad[] = {
        {doc, NULL, "", CC_E_INVALID},          {doc, NULL, " \n ", CC_E_INVALID},
        {doc, NULL, long_text, CC_E_TOOBIG},    {doc, "x", "text", CC_E_NOTFOUND},
        {doc, "999999", "text", CC_E_NOTFOUND}, {"doc_none", NULL, "text", CC_E_NOTFOUND},
    };

    publish();
    memset(long_text, 'x', 20000);
    long_text[20000] = '\0';
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        json_t *request = json_pack("{ss ss ss*}", "documentId", bad[i].document, "text",
                                    bad[i].text, "chunkId", bad[i].chunk);

        cr_expect_eq(ask("chunk_put", s.tenant, request, &answer), bad[i].rc, "%zu: %s", i,
                     cc_fail_text());
    }
    cr_expect_eq(vectors(), 0);
}

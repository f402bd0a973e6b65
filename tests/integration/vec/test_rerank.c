/* A service that sorts passages anew: proto/vec/search.h, rerank.c */
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/http/http.h"
#include "proto/vec/search.h"
#include "proto/vec/terms.h"
#include "tests/integration/vec/scripted.h"
#include "tests/support/store.h"

#define DIM 1024 /* of hash-1 */

static struct store s;
static struct cc_embedder *embedder;
static struct cc_http *http;
static struct cc_reranker *reranker;
static struct scripted service;

static void setup(void)
{
    cr_assert_eq(cc_config_load(), 0);
    store_open(&s);
    cr_assert_eq(cc_embedder_open(&(struct cc_embed_opts){.spec = "hash"}, &embedder), 0);
    cr_assert_eq(cc_http_open(NULL, &http), 0);
}

static void teardown(void)
{
    cc_reranker_free(&reranker);
    cc_http_close(&http);
    cc_embedder_free(&embedder);
    if (service.pid)
        scripted_stop(&service);
    store_close(&s);
}

TestSuite(rerank, .init = setup, .fini = teardown, .timeout = 60);

static void add_text(const char *text)
{
    float *v = cc_arena_array(s.mem, DIM, sizeof *v);
    struct cc_chunk chunk = store_chunk(&s, 0, text, v);
    struct cc_chunk_batch batch = {&chunk, 1, DIM, cc_embedder_name(embedder)};
    struct cc_terms terms;
    char id[CC_ID_MAX];

    store_document(&s, text, id);
    struct cc_document_hold hold = store_claim(&s, id);
    cr_assert_eq(cc_terms(text, strlen(text), NULL, s.mem, &terms), 0);
    cr_assert_eq(cc_embed(embedder, &text, 1, v), 0);
    chunk.section = "";
    chunk.terms = terms.term;
    chunk.terms_n = (int)terms.n;
    chunk.words = terms.words;
    cr_assert_eq(cc_chunk_put(s.pg, &hold, &batch), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 1, 0), 0, "%s", cc_fail_text());
}

static void start(const struct scripted_answer *answer)
{
    service = scripted_start(answer, 1);
    cc_config_set(CC_CFG_RERANK_URL,
                  cc_arena_printf(s.mem, "http://127.0.0.1:%d/v2/", service.port));
    cc_config_set(CC_CFG_RERANK_KEY, "the-key");
    cc_config_set(CC_CFG_RERANK_MODEL, "sorter-1");
    cr_assert_eq(cc_reranker_open(http, &reranker), 0);
    cr_assert_not_null(reranker);
    add_text("Lamps are bright, lamps are cheap.");
    add_text("A lamp that is broken is exchanged.");
    add_text("The cellar holds one lamp.");
}

static struct cc_search_result ask(int top)
{
    struct cc_search search = {.pool = s.pg, .embedder = embedder, .reranker = reranker};
    struct cc_search_query query = {
        .scope = {s.tenant, s.bot, NULL}, .text = "lamps", .top = top, .rerank = true};
    struct cc_search_result result;

    cr_assert_eq(cc_search(&search, &query, s.mem, &result), 0, "%s", cc_fail_text());
    return result;
}

Test(rerank, puts_first_what_the_service_likes_best)
{
    start(&(struct scripted_answer){
        200, "",
        "{\"id\":\"x\",\"results\":[{\"index\":2,\"relevance_score\":0.9},"
        "{\"index\":0,\"relevance_score\":0.2},{\"index\":1,\"relevance_score\":0.1}]}"});
    cc_config_set(CC_CFG_RERANK_MS, "5000");
    struct cc_search_result sorted = ask(8);
    cc_reranker_free(&reranker);
    struct cc_search_result plain = ask(8);

    cr_assert_eq(sorted.n, 3);
    cr_expect(sorted.reranked);
    cr_expect_gt(sorted.rerank_us, 0);
    cr_expect_eq(sorted.found[0].passage.chunk, plain.found[2].passage.chunk);
    cr_expect_eq(sorted.found[1].passage.chunk, plain.found[0].passage.chunk);
    cr_expect_eq(sorted.found[0].rerank, 0.9);
    cr_expect_gt(strlen(sorted.found[0].snippet), 0);
    cr_expect_not(plain.reranked);
    cr_expect_eq(plain.found[0].rerank, -1);
}

Test(rerank, asks_as_cohere_wants_to_be_asked)
{
    start(&(struct scripted_answer){200, "", "{\"results\":[{\"index\":1,\"score\":3}]}"});
    struct cc_search_result result = ask(1);

    cr_assert_eq(result.n, 1, "only as many as are wanted, out of all");
    cr_expect_eq(result.found[0].rerank, 3);
    cr_expect_eq(strncmp(service.seen->last, "POST /v2/rerank ", 16), 0, "%.40s",
                 service.seen->last);
    cr_expect_not_null(strstr(service.seen->last, "Authorization: Bearer the-key"));
    cr_expect_not_null(strstr(service.seen->last, "\"model\":\"sorter-1\""));
    cr_expect_not_null(strstr(service.seen->last, "\"query\":\"lamps\""));
    cr_expect_not_null(strstr(service.seen->last, "\"A lamp that is broken is exchanged.\""));
    cr_expect_not_null(strstr(service.seen->last, "\"top_n\":3"));
}

Test(rerank, that_fails_or_makes_no_sense_leaves_the_order)
{
    static const struct scripted_answer answers[] = {
        {500, "", "{}"},
        {401, "", "{}"},
        {200, "", "no JSON"},
        {200, "", "{\"results\":[]}"},
        {200, "", "{\"results\":[{\"index\":3,\"relevance_score\":1}]}"},
        {200, "", "{\"results\":[{\"index\":-1,\"relevance_score\":1}]}"},
        {200, "", "{\"results\":[{\"index\":0,\"relevance_score\":\"1\"}]}"},
        {200, "", "{\"results\":[{\"index\":0,\"score\":1},{\"index\":0,\"score\":2}]}"},
    };

    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (i == 0) {
            start(&answers[i]);
        } else {
            scripted_stop(&service);
            cc_reranker_free(&reranker);
            service = scripted_start(&answers[i], 1);
            cc_config_set(CC_CFG_RERANK_URL,
                          cc_arena_printf(s.mem, "http://127.0.0.1:%d", service.port));
            cr_assert_eq(cc_reranker_open(http, &reranker), 0);
        }
        struct cc_search_result result = ask(8);

        cr_assert_eq(result.n, 3, "row %zu", i);
        cr_expect_not(result.reranked, "row %zu", i);
        cr_expect_geq(result.found[0].fused, result.found[1].fused);
        cr_expect_eq(result.found[0].rerank, -1);
        cr_expect_eq(atomic_load(&service.seen->requests), 1, "row %zu was not asked", i);
    }
}

Test(rerank, that_is_silent_costs_no_more_than_its_time)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof any;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int64_t began;

    cr_assert_eq(bind(listener, (struct sockaddr *)&any, sizeof any), 0);
    cr_assert_eq(listen(listener, 16), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&any, &len), 0);
    cc_config_set(CC_CFG_RERANK_URL,
                  cc_arena_printf(s.mem, "http://127.0.0.1:%d", ntohs(any.sin_port)));
    cc_config_set(CC_CFG_RERANK_MS, "300");
    cr_assert_eq(cc_reranker_open(http, &reranker), 0);
    add_text("A lamp.");
    began = cc_clock_ms();
    struct cc_search_result result = ask(8);

    cr_expect_eq(result.n, 1);
    cr_expect_not(result.reranked);
    cr_expect_lt(cc_clock_ms() - began, 3000);
    close(listener);
}

Test(rerank, without_a_url_is_none)
{
    cc_config_set(CC_CFG_RERANK_URL, "");
    cr_assert_eq(cc_reranker_open(http, &reranker), 0);
    cr_expect_null(reranker);
}

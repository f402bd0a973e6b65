/* Searching what is stored in a real PostgreSQL.  proto/vec/search.h */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/http/http.h"
#include "proto/task/offload.h"
#include "proto/vec/embedders.h"
#include "proto/vec/search.h"
#include "proto/vec/terms.h"
#include "tests/support/silent.h"
#include "tests/support/store.h"

#define DIM 1024 /* of hash-1 */

static struct store s;
static struct cc_embedder *embedder;
static int dim = DIM; /* of embedder */
static struct cc_search search;

static void setup(void)
{
    cr_assert_eq(cc_config_load(), 0);
    store_open(&s);
    cr_assert_eq(cc_embedder_open(&(struct cc_embed_opts){.spec = "hash"}, &embedder), 0);
    search = (struct cc_search){.pool = s.pg, .embedder = embedder};
}

static void teardown(void)
{
    cc_embedder_free(&embedder);
    store_close(&s);
}

TestSuite(search, .init = setup, .fini = teardown, .timeout = 60);

/* One document with one passage, as ingest stores it. */
static const char *add_text(const struct store *at, const char *bot, const char *text)
{
    char *id = cc_arena_get(s.mem, CC_ID_MAX), *sha256 = cc_arena_get(s.mem, CC_SHA256_HEX);
    struct cc_document document = {.id = cc_id_sorted("doc", id),
                                   .tenant = at->tenant,
                                   .bot = bot,
                                   .filename = "handbook.txt",
                                   .title = "Handbook",
                                   .url = "https://example.com/handbook",
                                   .sha256 = cc_sha256_hex(text, strlen(text), sha256),
                                   .type = "text/plain",
                                   .bytes = text,
                                   .size = (int64_t)strlen(text)};
    float *v = cc_arena_array(s.mem, DIM, sizeof *v);
    struct cc_chunk chunk = {
        .text = text, .section = "", .page = 7, .sha256 = sha256, .vectors = v, .parts = 1};
    struct cc_chunk_batch batch = {&chunk, 1, dim, cc_embedder_name(embedder)};
    struct cc_document_hold hold;
    struct cc_terms terms;

    cr_assert_eq(cc_document_add(s.pg, &document), 0, "%s", cc_fail_text());
    hold = store_claim(at, id);
    cr_assert_eq(cc_terms(text, strlen(text), NULL, s.mem, &terms), 0);
    cr_assert_eq(cc_embed(embedder, &text, 1, v), 0);
    chunk.terms = terms.term;
    chunk.terms_n = (int)terms.n;
    chunk.words = terms.words;
    cr_assert_eq(cc_chunk_put(s.pg, &hold, &batch), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 1, 0), 0, "%s", cc_fail_text());
    return id;
}

static struct cc_search_query question(const struct store *at, const char *text)
{
    return (struct cc_search_query){.scope = {.tenant = at->tenant, .bot = at->bot}, .text = text};
}

static struct cc_search_result run(const struct cc_search_query *query)
{
    struct cc_search_result result;

    cr_assert_eq(cc_search(&search, query, s.mem, &result), 0, "%s", cc_fail_text());
    return result;
}

static struct cc_search_result ask(const struct store *at, const char *text)
{
    struct cc_search_query query = question(at, text);

    return run(&query);
}

static const char *add_three(void)
{
    const char *id;

    add_text(&s, "", "Bicycles are repaired in the workshop on weekdays.");
    id = add_text(&s, "", "Welcome. Refunds are paid within fourteen days to your card.");
    add_text(&s, "", "The cellar holds wine, cheese and old lamps.");
    return id;
}

Test(search, finds_the_passage_and_says_where_it_stands)
{
    const char *id = add_three();
    struct cc_search_result result = ask(&s, "  When is a refund paid?  ");
    const struct cc_found *best = &result.found[0];

    cr_assert_gt(result.n, 0);
    cr_expect_str_eq(best->passage.document, id);
    cr_expect_str_eq(best->passage.title, "Handbook");
    cr_expect_str_eq(best->passage.url, "https://example.com/handbook");
    cr_expect_eq(best->passage.page, 7);
    cr_expect_not_null(strstr(best->snippet, "Refunds are paid within fourteen days"));
    cr_expect_gt(best->lexical, 0);
    cr_expect_gt(best->vector, 0.2);
    cr_expect_float_eq(best->fused, (1 + cc_embedder_weight(embedder)) / 11, 1e-9);
    cr_expect_not(result.degraded);
    cr_expect_geq(result.total_us, result.lexical_us);
}

Test(search, finds_by_letters_what_shares_no_word)
{
    const char *id = add_text(&s, "", "Die Rückerstattungen dauern vierzehn Tage.");
    struct cc_search_result result;

    add_three();
    result = ask(&s, "Rückerstattungsdauer");

    cr_assert_gt(result.n, 0);
    cr_expect_str_eq(result.found[0].passage.document, id);
    cr_expect_eq(result.found[0].lexical, 0);
    cr_expect_gt(result.found[0].vector, 0);
}

Test(search, never_finds_the_passages_of_another_tenant)
{
    static const char *const asked[] = {"secret", "the secret number",
                                        "canary", "zebra",
                                        "tiger",  "what is the secret word of the canary?"};
    struct store other;
    int found = 0;

    store_other(&s, &other);
    add_text(&s, "", "The secret word of the canary is zebra.");
    add_text(&other, "", "The secret word of the canary is tiger.");
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct cc_search_result ours = ask(&s, asked[i]), theirs = ask(&other, asked[i]);

        for (int k = 0; k < ours.n; k++)
            cr_expect_null(strstr(ours.found[k].passage.text, "tiger"), "%s", asked[i]);
        for (int k = 0; k < theirs.n; k++)
            cr_expect_null(strstr(theirs.found[k].passage.text, "zebra"), "%s", asked[i]);
        found += ours.n + theirs.n;
    }
    cr_expect_geq(found, 10); /* each its own, but for the other's word */
}

Test(search, with_the_tenant_of_one_and_the_bot_of_another_sees_no_more_than_the_tenant)
{
    struct cc_search_query query = question(&s, "secret");
    struct cc_search_result result;
    struct store other;

    store_other(&s, &other);
    add_text(&other, other.bot, "The secret word is tiger.");
    query.scope.bot = other.bot;
    result = run(&query);

    cr_expect_eq(result.n, 0);
}

Test(search, keeps_to_the_number_asked_for)
{
    struct cc_search_query query = question(&s, "lamp");

    for (int i = 0; i < 12; i++)
        add_text(&s, "", cc_arena_printf(s.mem, "Lamp number %d is bright.", i));
    query.top = 3;
    cr_expect_eq(run(&query).n, 3);
    query.top = 0;
    cr_expect_eq(run(&query).n, CC_SEARCH_TOP);
}

Test(search, leaves_out_what_is_less_alike_than_the_threshold)
{
    struct cc_search_query query = question(&s, "Refunds paid within fourteen days");
    struct cc_search_result all, some;

    add_three();
    all = run(&query);
    query.threshold = 0.5;
    some = run(&query);

    cr_expect_gt(all.n, 1);
    cr_expect_eq(some.n, 1);
    cr_expect_geq(some.found[0].vector, 0.5);
}

Test(search, in_nothing_finds_nothing)
{
    cr_expect_eq(ask(&s, "refund").n, 0);
}

Test(search, of_words_that_say_little_still_answers)
{
    add_three();
    cr_expect_gt(ask(&s, "what is the?").n, 0);
    cr_expect_eq(ask(&s, "?!").degraded, false);
}

Test(search, without_tenant_bot_or_question_is_refused)
{
    struct cc_search_query query[] = {
        {.scope = {.tenant = "", .bot = s.bot}, .text = "a"},
        {.scope = {.tenant = s.tenant, .bot = ""}, .text = "a"},
        {.scope = {.tenant = NULL, .bot = s.bot}, .text = "a"},
        {.scope = {.tenant = s.tenant, .bot = NULL}, .text = "a"},
        {.scope = {.tenant = s.tenant, .bot = s.bot}, .text = " "},
    };
    struct cc_search_result result;

    for (size_t i = 0; i < sizeof query / sizeof *query; i++)
        cr_expect_eq(cc_search(&search, &query[i], s.mem, &result), CC_E_INVALID, "row %zu", i);
}

Test(search, goes_on_by_words_when_the_embedding_service_is_down)
{
    struct cc_http *http;
    struct cc_embedder *down = NULL;
    struct cc_search_result result;
    const char *id = add_three();

    cr_assert_eq(cc_http_open(NULL, &http), 0);
    cc_config_set(CC_CFG_OPENAI_URL, "http://127.0.0.1:1/v1");
    cr_assert_eq(cc_embedder_open(&(struct cc_embed_opts){.spec = "openai:m", .http = http}, &down),
                 0);
    search.embedder = down;
    result = ask(&s, "refund");

    cr_expect(result.degraded);
    cr_assert_eq(result.n, 1);
    cr_expect_str_eq(result.found[0].passage.document, id);
    cc_embedder_free(&down);
    cc_http_close(&http);
}

/* ---- the cache of embeddings ---- */

static struct kept {
    char tenant[CC_ID_MAX], key[CC_SHA256_HEX];
    float v[DIM];
    size_t len;
    int gets, puts, rc;
} kept;

static int keep_get(void *arg, const char *tenant, const char *key, struct cc_arena *mem,
                    const void **ret, size_t *ret_len)
{
    (void)arg;
    (void)mem;
    kept.gets++;
    if (kept.rc || strcmp(kept.tenant, tenant) != 0 || strcmp(kept.key, key) != 0)
        return kept.rc ? kept.rc : CC_E_NOTFOUND;
    *ret = kept.v;
    *ret_len = kept.len;
    return 0;
}

static int keep_put(void *arg, const char *tenant, const char *key, const void *bytes, size_t len)
{
    (void)arg;
    cr_assert_eq(len, sizeof kept.v);
    memcpy(kept.tenant, tenant, strlen(tenant) + 1);
    memcpy(kept.key, key, strlen(key) + 1);
    memcpy(kept.v, bytes, len);
    kept.len = len;
    kept.puts++;
    return kept.rc;
}

static const struct cc_embed_cache cache = {keep_get, keep_put, NULL};

Test(search, embeds_a_question_once_for_each_tenant)
{
    struct store other;

    store_other(&s, &other);
    search.cache = &cache;
    cr_expect_not(ask(&s, "refund").embedding_kept);
    cr_expect(ask(&s, " refund ").embedding_kept);
    cr_expect_eq(kept.puts, 1);
    cr_expect_not(ask(&other, "refund").embedding_kept);
    cr_expect_not(ask(&other, "other").embedding_kept);
    cr_expect_eq(kept.puts, 3);
}

Test(search, does_without_a_cache_that_fails_or_lies)
{
    search.cache = &cache;
    kept.rc = CC_E_DOWN;
    add_three();
    cr_expect_gt(ask(&s, "refund").n, 0);
    kept.rc = 0;
    kept.len = 8;
    cr_expect_not(ask(&s, "refund").embedding_kept);
}

/* ---- on tasks ---- */

static bool over;
static struct cc_search_result in_task;

static void search_in_task(void *arg)
{
    (void)arg;
    in_task = ask(&s, "When is a refund paid?");
    over = true;
}

Test(search, on_a_task_finds_the_same)
{
    const char *id = add_three();
    struct cc_search_result alone = ask(&s, "When is a refund paid?");

    cr_assert_eq(cc_offload_open(1, 16), 0);
    cr_assert_eq(cc_task_spawn("search", search_in_task, NULL, NULL), 0);
    cc_loop_run(&over);

    cr_assert_eq(in_task.n, alone.n);
    cr_expect_str_eq(in_task.found[0].passage.document, id);
    cr_expect_eq(in_task.found[0].fused, alone.found[0].fused);
    while (cc_task_live() > 0)
        cc_loop_turn(0);
    cc_offload_close();
}

static void search_hurriedly(void *arg)
{
    struct cc_search_query query = question(&s, "refund");

    (void)arg;
    query.embed_ms = 200;
    in_task = run(&query);
    over = true;
}

static struct {
    int listener;
    struct cc_http *http;
    struct cc_embedder *embedder;
} silent;

static void open_silent(void)
{
    struct cc_embed_opts opts = {.spec = "openai:m"};
    int port;

    silent.listener = silent_open(&port);
    cc_config_set(CC_CFG_OPENAI_URL, cc_arena_printf(s.mem, "http://127.0.0.1:%d/v1", port));
    cr_assert_eq(cc_http_open(NULL, &silent.http), 0);
    opts.http = silent.http;
    cr_assert_eq(cc_embedder_open(&opts, &silent.embedder), 0);
}

static void close_silent(void)
{
    while (cc_task_live() > 0)
        cc_loop_turn(0);
    cc_embedder_free(&silent.embedder);
    cc_http_close(&silent.http);
    close(silent.listener);
}

Test(search, goes_on_by_words_when_the_embedding_service_says_nothing)
{
    const char *id = add_three();

    open_silent();
    search.embedder = silent.embedder;
    cr_assert_eq(cc_task_spawn("search", search_hurriedly, NULL, NULL), 0);
    cc_loop_run(&over);

    cr_expect(in_task.degraded);
    cr_assert_eq(in_task.n, 1);
    cr_expect_str_eq(in_task.found[0].passage.document, id);
    close_silent();
}

static void embed_hurriedly(void *arg)
{
    const char *text = "refund";
    int64_t end = cc_now() + 60000, began = cc_now();
    float v[8];

    (void)arg;
    cc_task_deadline(end);
    cr_expect_eq(cc_search_embed_texts(silent.embedder, &text, 1, 200, v), CC_E_TIMEOUT);
    cr_expect_lt(cc_now() - began, 30000);
    cr_expect_eq(cc_task_deadline_at(), end, "the rest has its time still");
    over = true;
}

Test(search, gives_other_texts_a_part_of_its_time_too)
{
    open_silent();
    cr_assert_eq(cc_task_spawn("embed", embed_hurriedly, NULL, NULL), 0);
    cc_loop_run(&over);
    close_silent();
}

Test(search, names_its_store)
{
    const char *name = NULL;

    cr_assert_eq(cc_search_store_name(&search, &name), 0);
    cr_expect(strcmp(name, "pgvector") == 0 || strcmp(name, "exact") == 0, "%s", name);
}

/* ---- embeddings of tenants, filters, best sentences ---- */

Test(search, by_an_embedding_that_cannot_be_made_here_goes_on_by_words)
{
    struct cc_search_query query = question(&s, "refund");
    struct cc_search_result result;
    const char *id = add_three();

    cr_assert_eq(cc_embedders_open(&(struct cc_embed_opts){.spec = "hash"}, &search.embedders), 0);
    query.embedding = "of-another-house";
    result = run(&query);
    cr_expect(result.degraded);
    cr_expect_str_eq(result.embedding, "of-another-house");
    cr_assert_eq(result.n, 1);
    cr_expect_str_eq(result.found[0].passage.document, id);

    query.embedding = "hash-1";
    cr_expect_not(run(&query).degraded);
    cc_embedders_free(&search.embedders);
}

Test(search, takes_the_vector_of_a_question_that_was_embedded_before)
{
    struct cc_search_query query = question(&s, "refund");
    struct cc_query_vector v;
    bool from_cache = true;

    add_three();
    cr_assert_eq(cc_search_embed(&search, &query, s.mem, &v, &from_cache), 0);
    cr_expect_not(from_cache);
    cr_expect_eq(v.dimension, DIM);
    cr_expect_str_eq(v.model, "hash-1");
    query.v = &v;
    struct cc_search_result result = run(&query);

    cr_expect_eq(result.embed_us, 0);
    cr_expect_eq(result.v, v.v);
    cr_expect_gt(result.found[0].vector, 0);
}

Test(search, by_one_weight_alone_follows_that_order)
{
    struct cc_search_query query = question(&s, "lamps lamps cheese");

    add_three();
    add_text(&s, "", "Lamps lamps lamps.");
    query.by_words = 1;
    struct cc_search_result words = run(&query);
    query.by_words = 0;
    query.by_meaning = 1;
    struct cc_search_result meaning = run(&query);
    query.by_words = -1;
    query.by_meaning = -1;
    struct cc_search_result usual = run(&query), plain = ask(&s, "lamps lamps cheese");

    for (int i = 1; i < words.n; i++)
        cr_expect_geq(words.found[i - 1].lexical, words.found[i].lexical);
    for (int i = 1; i < meaning.n; i++)
        cr_expect_geq(meaning.found[i - 1].vector, meaning.found[i].vector);
    cr_assert_eq(usual.n, plain.n);
    for (int i = 0; i < plain.n; i++)
        cr_expect_eq(usual.found[i].fused, plain.found[i].fused);
}

Test(search, names_the_sentence_with_the_questions_words)
{
    add_three();
    struct cc_search_result result = ask(&s, "When is a refund paid?");

    cr_expect_str_eq(result.found[0].best, "Refunds are paid within fourteen days to your card.");
}

Test(search, keeps_to_the_documents_of_its_filter)
{
    struct cc_search_query query = question(&s, "lamp refund bicycle");
    const char *id = add_three();
    struct cc_filter filter = {.documents = &id, .documents_n = 1};

    cr_expect_gt(run(&query).n, 1);
    query.scope.filter = &filter;
    struct cc_search_result result = run(&query);
    cr_assert_eq(result.n, 1);
    cr_expect_str_eq(result.found[0].passage.document, id);
}

/* ---- an encoder of English, asked in German ---- */

static void open_use(void)
{
    struct cc_embed_opts opts = {.spec = "use"};
    size_t size;
    int rc;

    setup();
    cc_embedder_free(&embedder);
    rc = cc_embedder_open(&opts, &embedder);
    if (rc == CC_E_NOTFOUND)
        cr_skip_test("no weights: run infra/models/fetch");
    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_assert_eq(cc_embedder_dim(embedder, &size), 0);
    dim = (int)size;
    search.embedder = embedder;
}

Test(foreign, question_is_answered_by_words_not_by_what_the_encoder_makes_of_it, .init = open_use,
     .fini = teardown, .timeout = 60)
{
    struct cc_search_query query =
        question(&s, "Wie lange dauert die Erstattung einer Rechnung und was kostet das?");
    const char *id = add_text(&s, "", "Die Erstattung der Rechnungen dauert sieben Tage.");

    add_text(&s, "", "Wer ist das und was ist hier los?");
    add_text(&s, "", "Wie geht es dir, mein Freund?");
    cr_expect_not(cc_search_understands(&search, "", query.text));
    cr_expect(cc_search_understands(&search, "", "How long does it take?"));
    struct cc_search_result result = run(&query);
    cr_assert_gt(result.n, 1);
    cr_expect_str_eq(result.found[0].passage.document, id);

    query.threshold = 0.99; /* no cosine comes up to it */
    result = run(&query);
    cr_assert_gt(result.n, 0);
    for (int i = 0; i < result.n; i++)
        cr_expect_gt(result.found[i].lexical, 0);
    query.text = "Quelle est la couleur du ciel dans les montagnes?";
    cr_expect_eq(run(&query).n, 0, "nothing has these words");
}

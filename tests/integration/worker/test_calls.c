/* What other processes ask a running worker for: worker/calls.h */
#include "proto/bus/call.h"
#include "proto/store/pin.h"
#include "proto/vec/embed.h"
#include "proto/vec/terms.h"
#include "tests/integration/worker/stage.h"

#define DIM 1024 /* of hash-1 */

static struct stage s;
static struct cc_calls *calls;
static json_t *answer;

static const char *const settings[] = {"CC_EMBED=hash", NULL};

static void begin(void)
{
    char name[CC_ID_MAX];

    stage_open(&s);
    cr_assert_eq(cc_calls_open(s.queue, s.live, cc_id_random("tst", name), &calls), 0, "%s",
                 cc_fail_text());
    stage_worker(&s, settings);
}

static void end(void)
{
    json_decref(answer);
    cc_calls_close(&calls);
    stage_close(&s);
}

TestSuite(calls, .init = begin, .fini = end, .timeout = 60);

/* Takes the request; the answer stays until the next one. */
static int call(const char *tenant, const char *method, json_t *request)
{
    struct cc_call what = {.kind = CC_CALL_WORKER,
                           .method = method,
                           .tenant = tenant,
                           .trace = "test",
                           .request = request,
                           .timeout_ms = 20000};
    int rc;

    json_decref(answer);
    answer = NULL;
    rc = cc_call(calls, &what, &answer);
    json_decref(request);
    return rc;
}

static void must(int rc)
{
    cr_assert_eq(rc, 0, "%s", cc_fail_text());
}

static const char *add_text(const char *text, const char *tag)
{
    struct cc_embedder *embedder;
    float *v = cc_arena_array(s.store.mem, DIM, sizeof *v);
    struct cc_chunk chunk = store_chunk(&s.store, 0, text, v);
    struct cc_chunk_batch batch = {&chunk, 1, DIM, "hash-1"};
    struct cc_document_edit edit = {.tags = &tag, .tags_n = 1, .enabled = -1};
    struct cc_terms terms;
    char *id = cc_arena_get(s.store.mem, CC_ID_MAX);

    store_document(&s.store, text, id);
    struct cc_document_hold hold = store_claim(&s.store, id);
    must(cc_embedder_open(&(struct cc_embed_opts){.spec = "hash"}, &embedder));
    must(cc_embed(embedder, &text, 1, v));
    cc_embedder_free(&embedder);
    must(cc_terms(text, strlen(text), NULL, s.store.mem, &terms));
    chunk.terms = terms.term;
    chunk.terms_n = (int)terms.n;
    chunk.words = terms.words;
    chunk.row = 12;
    must(cc_chunk_put(s.store.pg, &hold, &batch));
    must(cc_chunk_publish(s.store.pg, &hold, 1, 0));
    must(cc_document_set(s.store.pg, s.store.tenant, id, &edit));
    return id;
}

static json_t *member(const json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);

    cr_assert_not_null(value, "no %s", name);
    return value;
}

static double number(const json_t *object, const char *name)
{
    return json_number_value(member(object, name));
}

Test(calls, search_tells_every_score_and_stage)
{
    const char *id = add_text("Broken lamps are exchanged within a week. Bring the bill.", "faq");

    add_text("The cellar holds wine and one lamp.", "house");
    must(call(s.store.tenant, "search",
              json_pack("{s:s, s:s}", "botId", s.store.bot, "query", "Who exchanges lamps?")));

    json_t *items = member(answer, "items"), *first = json_array_get(items, 0);
    cr_assert_eq(json_array_size(items), 2);
    cr_expect_eq(cc_json_int(first, "rank", 0), 1);
    cr_expect_str_eq(cc_json_str(first, "documentId", ""), id);
    cr_expect_gt(strtoll(cc_json_str(first, "chunkId", ""), NULL, 10), 0);
    cr_expect_eq(cc_json_int(first, "row", 0), 12);
    cr_expect_str_eq(cc_json_str(first, "best", ""), "Broken lamps are exchanged within a week.");
    cr_expect_not_null(strstr(cc_json_str(first, "snippet", ""), "exchanged"));
    json_t *scores = member(first, "scores");
    cr_expect_gt(number(scores, "lexical"), 0);
    cr_expect_gt(number(scores, "vector"), 0);
    cr_expect_gt(number(scores, "fused"), 0);
    cr_expect_null(json_object_get(scores, "rerank"));
    json_t *stages = member(answer, "stages");
    cr_expect_gt(number(stages, "lexicalMs"), 0);
    cr_expect_gt(number(stages, "vectorMs"), 0);
    cr_expect_geq(number(stages, "totalMs"), number(stages, "lexicalMs"));
    cr_expect(json_is_null(member(answer, "pin")));
    cr_expect(json_is_false(member(answer, "degraded")));
    cr_expect(json_is_false(member(answer, "reranked")));
    cr_expect_str_eq(cc_json_str(answer, "embedding", ""), "hash-1");
    const char *vectors = cc_json_str(answer, "vectors", "");
    cr_expect(strcmp(vectors, "pgvector") == 0 || strcmp(vectors, "exact") == 0);
}

Test(calls, search_is_tuned_by_the_bot_and_then_by_the_request)
{
    struct cc_bot bot;

    add_text("Broken lamps are exchanged.", "faq");
    add_text("The cellar holds one lamp.", "house");
    must(cc_bot_get(s.store.pg, s.store.tenant, s.store.bot, s.store.mem, &bot));
    bot.retrieval = "{\"tags\":[\"faq\"]}";
    must(cc_bot_set(s.store.pg, &bot));

    must(call(s.store.tenant, "search",
              json_pack("{s:s, s:s}", "botId", s.store.bot, "query", "lamp")));
    cr_expect_eq(json_array_size(member(answer, "items")), 1);
    must(call(s.store.tenant, "search",
              json_pack("{s:s, s:s, s:[s, s], s:i}", "botId", s.store.bot, "query", "lamp", "tags",
                        "faq", "house", "top", 5)));
    cr_expect_eq(json_array_size(member(answer, "items")), 2);
    must(call(s.store.tenant, "search",
              json_pack("{s:s, s:s, s:[], s:i}", "botId", s.store.bot, "query", "lamp", "tags",
                        "top", 1)));
    cr_expect_eq(json_array_size(member(answer, "items")), 1);
    must(call(s.store.tenant, "search",
              json_pack("{s:s, s:s, s:[], s:f}", "botId", s.store.bot, "query", "lamp", "tags",
                        "threshold", 0.99)));
    cr_expect_eq(json_array_size(member(answer, "items")), 0);
}

Test(calls, that_make_no_sense_say_what_is_wrong)
{
    struct store other;

    store_other(&s.store, &other);
    cr_expect_eq(call(s.store.tenant, "search", json_pack("{s:s}", "query", "lamp")), CC_E_INVALID);
    cr_expect_not_null(strstr(cc_fail_text(), "botId"), "%s", cc_fail_text());
    cr_expect_eq(call(s.store.tenant, "search",
                      json_pack("{s:s, s:s}", "botId", s.store.bot, "query", "  ")),
                 CC_E_INVALID);
    cr_expect_eq(
        call(s.store.tenant, "search",
             json_pack("{s:s, s:s, s:i}", "botId", s.store.bot, "query", "a", "colour", 1)),
        CC_E_INVALID);
    cr_expect_not_null(strstr(cc_fail_text(), "colour"), "%s", cc_fail_text());
    cr_expect_eq(call(other.tenant, "search",
                      json_pack("{s:s, s:s}", "botId", s.store.bot, "query", "lamp")),
                 CC_E_NOTFOUND, "a bot of another tenant");
    cr_expect_eq(call(s.store.tenant, "embed", json_pack("{s:[]}", "texts")), CC_E_INVALID);
    cr_expect_eq(call(s.store.tenant, "embed", json_pack("{s:[i]}", "texts", 1)), CC_E_INVALID);
    cr_expect_eq(call(s.store.tenant, "pin_put",
                      json_pack("{s:s, s:s, s:[s], s:s}", "id", "pin_1", "botId", s.store.bot,
                                "questions", "?!", "answer", "a")),
                 CC_E_INVALID);
}

Test(calls, embed_gives_the_vectors_that_are_searched_with)
{
    const char *text = "Who exchanges lamps?";
    struct cc_embedder *embedder;
    float v[DIM];

    must(call(s.store.tenant, "embed", json_pack("{s:[s, s]}", "texts", text, "other")));
    must(cc_embedder_open(&(struct cc_embed_opts){.spec = "hash"}, &embedder));
    must(cc_embed(embedder, &text, 1, v));
    cc_embedder_free(&embedder);

    json_t *all = member(answer, "embeddings"), *first = json_array_get(all, 0);
    cr_expect_str_eq(cc_json_str(answer, "model", ""), "hash-1");
    cr_expect_eq(cc_json_int(answer, "dimension", 0), DIM);
    cr_assert_eq(json_array_size(all), 2);
    cr_assert_eq(json_array_size(first), DIM);
    for (size_t i = 0; i < DIM; i++)
        cr_assert_float_eq(json_number_value(json_array_get(first, i)), (double)v[i], 1e-6);
}

static void put_pin(const char *id, const char *question)
{
    must(call(s.store.tenant, "pin_put",
              json_pack("{s:s, s:s, s:[s, s], s:s, s:b}", "id", id, "botId", s.store.bot,
                        "questions", question, "Another?", "answer", "Nine to five.", "enabled",
                        1)));
    cr_expect_str_eq(cc_json_str(answer, "id", ""), id);
}

Test(calls, a_pin_that_was_put_is_found_by_words_and_by_likeness)
{
    const char *question = "What are the opening hours of the bicycle workshop?";
    struct cc_bot bot;
    json_t *pin;

    must(cc_bot_get(s.store.pg, s.store.tenant, s.store.bot, s.store.mem, &bot));
    bot.retrieval = "{\"pinThreshold\":0.8}";
    must(cc_bot_set(s.store.pg, &bot));
    put_pin("pin_1", question);

    must(call(s.store.tenant, "search",
              json_pack("{s:s, s:s}", "botId", s.store.bot, "query", " another ")));
    pin = member(answer, "pin");
    cr_expect_str_eq(cc_json_str(pin, "id", ""), "pin_1");
    cr_expect_str_eq(cc_json_str(pin, "question", ""), "Another?");
    cr_expect_eq(number(pin, "score"), 1);
    must(call(s.store.tenant, "search",
              json_pack("{s:s, s:s}", "botId", s.store.bot, "query",
                        "What are the opening hours of the bicycle workshops?")));
    pin = member(answer, "pin");
    cr_expect_str_eq(cc_json_str(pin, "question", ""), question);
    cr_expect_lt(number(pin, "score"), 1);
    cr_expect_gt(number(pin, "score"), 0.8);
}

Test(calls, a_pin_without_vectors_gets_them_when_one_like_it_is_asked)
{
    struct cc_pin_question question = {.question = "What are the opening hours of the workshop?",
                                       .normal = "what are the opening hours of the workshop"};
    struct cc_pin pin = {.id = "pin_2",
                         .tenant = s.store.tenant,
                         .bot = s.store.bot,
                         .answer = "Nine to five.",
                         .enabled = true,
                         .questions = &question,
                         .questions_n = 1},
                  got;

    must(cc_pin_put(s.store.pg, &pin));
    must(call(s.store.tenant, "search",
              json_pack("{s:s, s:s, s:f}", "botId", s.store.bot, "query",
                        "What are the opening hours of the workshops?", "pinThreshold", 0.8)));

    cr_expect_str_eq(cc_json_str(member(answer, "pin"), "id", ""), "pin_2");
    must(cc_pin_get(s.store.pg, s.store.tenant, "pin_2", s.store.mem, &got));
    cr_expect_str_eq(got.model, "hash-1");
}

Test(calls, a_question_can_be_pinned_once)
{
    put_pin("pin_1", "When?");
    cr_expect_eq(call(s.store.tenant, "pin_put",
                      json_pack("{s:s, s:s, s:[s], s:s}", "id", "pin_2", "botId", s.store.bot,
                                "questions", "when", "answer", "a")),
                 CC_E_CONFLICT);
    put_pin("pin_1", "When, then?");
    cr_expect_eq(call(s.store.tenant, "pin_put",
                      json_pack("{s:s, s:s, s:[s], s:s}", "id", "pin_2", "botId", "bot_none",
                                "questions", "who", "answer", "a")),
                 CC_E_NOTFOUND);
}

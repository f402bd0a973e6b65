/* Answers that the owner pinned, and what a bot says when nothing is like the question. */
#include "proto/store/pin.h"
#include "proto/vec/embed.h"
#include "proto/vec/question.h"
#include "tests/integration/worker/stage.h"
#include "tests/support/silent.h"

#define DIM 1024 /* of hash-1 */

static struct stage s;
static struct visitor v, w;
static struct cc_embedder *embedder;
static char pin_id[CC_ID_MAX];

static void begin(void)
{
    stage_open(&s);
    cr_assert_eq(cc_embedder_open(&(struct cc_embed_opts){.spec = "hash"}, &embedder), 0);
}

static void end(void)
{
    visitor_done(&v);
    visitor_done(&w);
    cc_embedder_free(&embedder);
    stage_close(&s);
}

TestSuite(pinned, .init = begin, .fini = end, .timeout = 60);

static const char *const quick[] = {"CC_LEASE_MS=2000", "CC_RECLAIM_MS=100", "CC_EMBED=hash",
                                    "CC_CACHE_ANSWER_S=300", NULL};

static void embed(const char *text, float *out)
{
    cr_assert_eq(cc_embed(embedder, &text, 1, out), 0, "%s", cc_fail_text());
}

static void pin(const char *bot, const char *question, const char *answer)
{
    float *vector = cc_arena_array(s.store.mem, DIM, sizeof *vector);
    struct cc_pin_question q = {.question = question, .v = vector};
    struct cc_pin what = {.id = cc_id_sorted("pin", pin_id),
                          .tenant = s.store.tenant,
                          .bot = bot,
                          .answer = answer,
                          .enabled = true,
                          .questions = &q,
                          .questions_n = 1,
                          .dimension = DIM,
                          .model = "hash-1"};

    embed(question, vector);
    cr_assert_eq(cc_question_normal(question, s.store.mem, &q.normal), 0);
    cr_assert_eq(cc_pin_put(s.store.pg, &what), 0, "%s", cc_fail_text());
}

static int64_t hits(void)
{
    struct cc_pin got;

    cr_assert_eq(cc_pin_get(s.store.pg, s.store.tenant, pin_id, s.store.mem, &got), 0);
    return got.hits;
}

static void ask(const char *bot, const char *message, struct visitor *who)
{
    visitor_ask(&s, &(struct asking){.bot = bot, .message = message}, who);
    cr_assert(visitor_watch(who, 0, 20000), "no end");
    visitor_expect_whole(who, "done");
}

static void set_bot(const char *id, const char *retrieval, double threshold)
{
    struct cc_bot bot;

    cr_assert_eq(cc_bot_get(s.store.pg, s.store.tenant, id, s.store.mem, &bot), 0);
    bot.retrieval = retrieval;
    bot.threshold = threshold;
    cr_assert_eq(cc_bot_set(s.store.pg, &bot), 0, "%s", cc_fail_text());
}

Test(pinned, answer_is_given_without_a_model)
{
    const char *bot = stage_bot(&s, "scripted", "mock-err400", "");
    struct cc_answer_view view;

    pin(bot, "When are you open?", "From nine to five, **every** day.");
    stage_worker(&s, quick);
    ask(bot, "  when ARE you open ", &v);

    cr_expect_str_eq(v.text, "From nine to five, **every** day.");
    cr_expect_eq(v.sources, 0);
    cr_expect_str_eq(cc_json_str(v.done, "finishReason", ""), "stop");
    cr_expect_not(cc_json_bool(v.done, "cached", true));
    json_t *usage = json_object_get(v.done, "usage");
    cr_expect_eq(cc_json_int(usage, "inputTokens", -1), 0);
    cr_expect_eq(cc_json_int(usage, "outputTokens", -1), 0);
    cr_assert_eq(cc_answer_read(s.store.pg, s.store.tenant, v.answer, s.store.mem, &view), 0);
    cr_expect_str_eq(view.model, "");
    cr_expect_eq(hits(), 1);
}

Test(pinned, answer_is_counted_once_for_each_question)
{
    const char *bot = stage_bot(&s, "scripted", "mock-err400", "");

    pin(bot, "When are you open?", "From nine to five.");
    stage_worker(&s, quick);
    for (int i = 1; i <= 3; i++) {
        ask(bot, "When are you open?", &w);
        visitor_done(&w);
        w = (struct visitor){0};
        cr_expect_eq(hits(), i, "a kept answer would not be counted");
    }
}

Test(pinned, answer_is_found_by_likeness_and_only_from_the_threshold_on)
{
    const char *bot = stage_bot(&s, "scripted", "mock-len5", "");
    const char *pinned = "What are the opening hours of the bicycle workshop?",
               *asked = "What are the opening hours of the bicycle workshops?";
    float *a = cc_arena_array(s.store.mem, DIM, sizeof *a),
          *b = cc_arena_array(s.store.mem, DIM, sizeof *b), like = 0;

    embed(pinned, a);
    embed(asked, b);
    for (int i = 0; i < DIM; i++)
        like += a[i] * b[i];
    pin(bot, pinned, "Nine to five.");
    set_bot(bot, cc_arena_printf(s.store.mem, "{\"pinThreshold\":%.3f}", (double)like - 0.01), 0);
    stage_worker(&s, quick);
    ask(bot, asked, &v);
    cr_expect_str_eq(v.text, "Nine to five.", "they are %.3f alike", (double)like);

    set_bot(bot, cc_arena_printf(s.store.mem, "{\"pinThreshold\":%.3f}", (double)like + 0.01), 0);
    ask(bot, asked, &w);
    cr_expect_str_eq(w.text, scripted_text(&s, asked, 5));
    cr_expect_eq(hits(), 1);
}

Test(pinned, answer_comes_before_one_that_was_kept)
{
    const char *bot = stage_bot(&s, "scripted", "mock-len5", "");

    stage_worker(&s, quick);
    ask(bot, "When are you open?", &v);
    cr_expect_str_eq(v.text, scripted_text(&s, "When are you open?", 5));
    pin(bot, "When are you open?", "From nine to five.");
    ask(bot, "When are you open?", &w);

    cr_expect_str_eq(w.text, "From nine to five.");
}

Test(pinned, answer_of_one_bot_is_not_given_by_another)
{
    const char *bot = stage_bot(&s, "scripted", "mock-len5", "");
    const char *other = stage_bot(&s, "scripted", "mock-len5", "");

    pin(bot, "When are you open?", "From nine to five.");
    stage_worker(&s, quick);
    ask(other, "When are you open?", &v);

    cr_expect_str_eq(v.text, scripted_text(&s, "When are you open?", 5));
    cr_expect_eq(hits(), 0);
}

Test(pinned, question_is_embedded_once_even_by_a_service_that_says_nothing)
{
    const char *bot = stage_bot(&s, "scripted", "mock-len5", "");
    int port, silent = silent_open(&port);
    const char *url = cc_arena_printf(s.store.mem, "CC_OPENAI_URL=http://127.0.0.1:%d/v1", port);
    const char *const settings[] = {"CC_LEASE_MS=20000", "CC_EMBED=openai:m", url, NULL};

    pin(bot, "When are you open?", "From nine to five.");
    stage_worker(&s, settings);
    ask(bot, "Where are you?", &v);

    cr_expect_str_eq(v.text, scripted_text(&s, "Where are you?", 5));
    cr_expect_eq(silent_count(silent), 1);
    close(silent);
}

/* ---- only from the knowledge ---- */

static void add_zorbium(void)
{
    static const char *const texts[] = {"zorbium has a weight of 42 gram"};
    float *vector = cc_arena_array(s.store.mem, DIM, sizeof *vector);
    struct cc_chunk chunk;
    struct cc_chunk_batch batch = {&chunk, 1, DIM, "hash-1"};
    char document[CC_ID_MAX];

    store_document(&s.store, "whole", document);
    struct cc_document_hold hold = store_claim(&s.store, document);
    embed(texts[0], vector);
    chunk = store_chunk(&s.store, 0, texts[0], vector);
    cr_assert_eq(cc_chunk_put(s.store.pg, &hold, &batch), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_chunk_publish(s.store.pg, &hold, 1, 0), 0, "%s", cc_fail_text());
}

Test(refusal, is_said_when_nothing_is_like_enough, .init = begin, .fini = end, .timeout = 60)
{
    const char *bot = stage_bot(&s, "scripted", "mock-len5", "Please call us.");

    add_zorbium();
    set_bot(bot, "{}", 0.3);
    stage_worker(&s, quick);
    ask(bot, "What is the weight of a bicycle in winter?", &v);
    cr_expect_str_eq(v.text, "Please call us.", "a shared word is not enough");
    cr_expect_eq(v.sources, 0);

    ask(bot, "zorbium has a weight of how many gram?", &w);
    cr_expect_str_eq(w.text, scripted_text(&s, "zorbium has a weight of how many gram?", 5));
    cr_expect_eq(w.sources, 1);
}

Test(refusal, is_said_when_the_filter_leaves_nothing, .init = begin, .fini = end, .timeout = 60)
{
    const char *bot = stage_bot(&s, "scripted", "mock-len5", "Please call us.");

    add_zorbium();
    set_bot(bot, "{\"tags\":[\"faq\"]}", 0);
    stage_worker(&s, quick);
    ask(bot, "zorbium weight", &v);

    cr_expect_str_eq(v.text, "Please call us.");
}

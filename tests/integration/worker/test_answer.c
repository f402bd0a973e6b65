/* The whole way of an answer, with a real worker process, PostgreSQL and Redis. */
#include <hiredis/hiredis.h>

#include "tests/integration/worker/stage.h"

static struct stage s;
static struct visitor v, w;

static void begin(void)
{
    stage_open(&s);
}

static void end(void)
{
    visitor_done(&v);
    visitor_done(&w);
    stage_close(&s);
}

TestSuite(answering, .init = begin, .fini = end, .timeout = 60);

static const char *const quick[] = {"CC_LEASE_MS=2000",    "CC_RECLAIM_MS=100", "CC_EMBED=hash",
                                    "CC_CACHE_ANSWER_S=0", "CC_LLM_TRIES=1",    NULL};
static const char *const keeping[] = {"CC_LEASE_MS=2000", "CC_EMBED=hash", "CC_CACHE_ANSWER_S=300",
                                      NULL};

static void ask(const char *model, const char *message)
{
    const char *bot = stage_bot(&s, "scripted", model, "");

    visitor_ask(&s, &(struct asking){.bot = bot, .message = message}, &v);
}

/* How the answer ended, as the row says; and the error event said the same.  What its attempts used
 * is charged. */
static void expect_failed(const char *state, const char *code, int64_t output)
{
    struct cc_answer_view view;

    cr_assert(visitor_watch(&v, 0, 20000), "no end");
    cr_assert_not_null(v.error);
    cr_expect_str_eq(cc_json_str(v.error, "code", ""), code);
    cr_expect_str_eq(cc_json_str(v.error, "traceId", ""), "test");
    cr_assert_eq(cc_answer_read(s.store.pg, s.store.tenant, v.answer, s.store.mem, &view), 0);
    cr_expect_str_eq(view.state, state);
    cr_expect_eq(stage_count(&s, "messages", v.answer), 0);
    cr_expect_eq(stage_count(&s, "usage_ledger", v.answer), output > 0);
    cr_expect_eq(view.output_tokens, output, "%lld", (long long)view.output_tokens);
    stage_expect_empty(&s);
}

Test(answering, is_told_stored_and_charged_once)
{
    stage_worker(&s, quick);
    ask("mock-ttft20-itl5-len60", "Why is that so?");

    cr_assert(visitor_watch(&v, 0, 20000), "no end");

    visitor_expect_whole(&v, "done");
    cr_expect_str_eq(v.text, scripted_text(&s, "Why is that so?", 60));
    cr_expect_eq(v.attempt, 1);
    cr_expect_gt(v.tokens, 5, "%d token events: it must arrive piece by piece", v.tokens);
    cr_expect_str_eq(cc_json_str(v.done, "finishReason", ""), "stop");
    cr_expect_not(cc_json_bool(v.done, "cached", true));
    cr_expect_eq(cc_json_int(json_object_get(v.done, "usage"), "outputTokens", 0), 60);
    stage_expect_empty(&s);
}

Test(answering, puts_fast_tokens_together)
{
    stage_worker(&s, quick);
    ask("mock-ttft0-itl0-len2000", "Fast?");

    cr_assert(visitor_watch(&v, 0, 20000), "no end");

    visitor_expect_whole(&v, "done");
    cr_expect_str_eq(v.text, scripted_text(&s, "Fast?", 500), "as many as the bot allows");
    cr_expect_str_eq(cc_json_str(v.done, "finishReason", ""), "length");
    cr_expect_lt(v.tokens, 50, "%d token events for 500 tokens", v.tokens);
}

Test(answering, holds_many_at_once)
{
    enum { MANY = 100 };
    static struct visitor many[MANY];
    const char *bot = stage_bot(&s, "scripted", "mock-ttft300-itl10-len40", "");
    int64_t began = cc_clock_ms();

    stage_worker(&s, quick);
    for (int i = 0; i < MANY; i++)
        visitor_ask(&s, &(struct asking){.bot = bot, .message = "Many?"}, &many[i]);
    for (int i = 0; i < MANY; i++) {
        cr_assert(visitor_watch(&many[i], 0, 20000), "no end of %d", i);
        visitor_expect_whole(&many[i], "done");
        visitor_done(&many[i]);
    }

    cr_expect_lt(cc_clock_ms() - began, 15000, "one after another would take over a minute");
    stage_expect_empty(&s);
}

Test(answering, fails_for_good_when_the_model_refuses)
{
    stage_worker(&s, quick);
    ask("mock-err400", "No?");

    expect_failed("failed", "upstream_refused", 0);
    cr_expect_eq(v.attempt, 1);
}

Test(answering, is_dead_and_buried_when_every_attempt_failed)
{
    struct cc_queue_state state;

    stage_worker(&s, quick);
    ask("mock-err500", "No?");

    expect_failed("dead", "gave_up", 0);
    cr_expect_eq(v.attempt, 3);
    cr_assert_eq(cc_queue_look(s.queue, CC_STREAM_CHAT, &state), 0);
    cr_expect_geq(state.dead, 1);
}

Test(answering, begins_again_when_the_model_is_cut_off)
{
    stage_worker(&s, quick);
    ask("mock-itl5-len50-cut20", "Cut?");

    expect_failed("dead", "gave_up", 3 * 20);
    cr_expect_eq(v.attempt, 3, "each attempt cleared what was there before");
    cr_expect_gt(strlen(v.text), 16);
    cr_expect_eq(strncmp(v.text, scripted_text(&s, "Cut?", 20), strlen(v.text)), 0, "%s", v.text);
}

Test(answering, of_a_bot_that_was_deleted_before_is_refused)
{
    const char *bot = stage_bot(&s, "scripted", "mock-len5", "");

    visitor_ask(&s, &(struct asking){.bot = bot, .message = "Anybody?"}, &v);
    store_sql(&s.store, "CC_PG_SUPER",
              cc_arena_printf(s.store.mem, "DELETE FROM bots WHERE id = '%s'", bot));
    stage_worker(&s, quick);
    cr_assert(visitor_watch(&v, 0, 20000), "no end");

    cr_assert_not_null(v.error);
    cr_expect_str_eq(cc_json_str(v.error, "code", ""), "not_found");
    cr_expect_eq(v.tokens, 0);
    stage_expect_empty(&s);
}

Test(answering, is_not_begun_after_its_deadline)
{
    const char *bot = stage_bot(&s, "scripted", "mock-len5", "");

    visitor_ask(&s, &(struct asking){.bot = bot, .message = "Late?", .deadline_ms = -1}, &v);
    stage_worker(&s, quick);

    expect_failed("expired", "expired", 0);
    cr_expect_eq(v.tokens, 0);
}

Test(answering, keeps_what_there_was_at_the_deadline)
{
    const char *bot = stage_bot(&s, "scripted", "mock-itl20-len1000", "");

    stage_worker(&s, quick);
    visitor_ask(&s, &(struct asking){.bot = bot, .message = "Long?", .deadline_ms = 1000}, &v);
    cr_assert(visitor_watch(&v, 0, 20000), "no end");

    visitor_expect_whole(&v, "cancelled");
    cr_expect_str_eq(cc_json_str(v.done, "finishReason", ""), "deadline");
    cr_expect_gt(strlen(v.text), 20);
    stage_expect_empty(&s);
}

Test(answering, stops_when_the_visitor_does_and_keeps_the_part)
{
    stage_worker(&s, quick);
    ask("mock-itl20-len1000", "Stop?");
    cr_assert(visitor_watch(&v, 60, 20000), "no text");

    int64_t began = cc_clock_ms();
    cr_assert_eq(cc_replay_cancel(s.live, v.answer, 900), 0);
    cr_assert(visitor_watch(&v, 0, 5000), "no end");

    cr_expect_lt(cc_clock_ms() - began, 4000, "all of it would take 20 s");
    visitor_expect_whole(&v, "cancelled");
    cr_expect_str_eq(cc_json_str(v.done, "finishReason", ""), "cancelled");
    cr_expect_lt(strlen(v.text), 2000);
    cr_expect_gt(cc_json_int(json_object_get(v.done, "usage"), "outputTokens", 0), 5, "charged");
    stage_expect_empty(&s);
}

Test(answering, stops_while_the_model_is_still_thinking)
{
    stage_worker(&s, quick);
    ask("mock-ttft30000-len10", "Stop?");
    while (v.attempt == 0)
        visitor_watch(&v, 1, 50);

    cr_assert_eq(cc_replay_cancel(s.live, v.answer, 900), 0);
    cr_assert(visitor_watch(&v, 0, 5000), "no end");

    visitor_expect_whole(&v, "cancelled");
    cr_expect_str_eq(v.text, "");
    cr_expect_gt(cc_json_int(json_object_get(v.done, "usage"), "inputTokens", 0), 100,
                 "the service has read the prompt");
    cr_expect_eq(cc_json_int(json_object_get(v.done, "usage"), "outputTokens", -1), 0);
}

/* Services put several tokens into a piece, and count them at the end alone. */
Test(answering, that_stops_is_charged_by_its_length_where_nobody_has_counted)
{
    char message[1500];

    memset(message, 'x', sizeof message - 1);
    message[sizeof message - 1] = '\0';
    stage_worker(&s, quick);
    ask("mock-itl100-echo", message);
    cr_assert(visitor_watch(&v, 128, 20000), "no text");

    cr_assert_eq(cc_replay_cancel(s.live, v.answer, 900), 0);
    cr_assert(visitor_watch(&v, 0, 5000), "no end");

    visitor_expect_whole(&v, "cancelled");
    cr_expect_geq(cc_json_int(json_object_get(v.done, "usage"), "outputTokens", 0),
                  (int64_t)strlen(v.text) / 4);
}

Test(answering, quotes_and_cites_a_document_without_any_model)
{
    static const float vectors[8] = {1, 0, 0, 0, 0, 1, 0, 0};
    static const char *const texts[] = {"zorbium has a weight of 42 gram", "bread is warm"};
    const char *bot = stage_bot(&s, "builtin", "", "");
    char document[CC_ID_MAX];

    store_document(&s.store, "whole", document);
    struct cc_document_hold hold = store_claim(&s.store, document);
    store_publish(&s.store, &hold, texts, 2, vectors);
    stage_worker(&s, quick);
    visitor_ask(
        &s, &(struct asking){.bot = bot, .message = "How many gram is the weight of zorbium?"}, &v);
    cr_assert(visitor_watch(&v, 0, 20000), "no end");

    visitor_expect_whole(&v, "done");
    cr_expect_not_null(strstr(v.text, "42 gram"), "%s", v.text);
    cr_expect_not_null(strstr(v.text, "[1]"));
    cr_expect_null(strstr(v.text, "bread"));
    cr_expect_eq(v.sources, 1);
    json_t *first = json_array_get(v.source_items, 0);
    cr_expect_eq(cc_json_int(first, "n", 0), 1);
    cr_expect_str_eq(cc_json_str(first, "documentId", ""), document);
    cr_expect_str_eq(cc_json_str(first, "title", ""), "A");
    cr_expect_gt(json_number_value(json_object_get(first, "score")), 0);
}

Test(answering, says_so_when_nothing_was_found)
{
    const char *bot = stage_bot(&s, "builtin", "", "");

    stage_worker(&s, quick);
    visitor_ask(&s, &(struct asking){.bot = bot, .message = "Anything?"}, &v);
    cr_assert(visitor_watch(&v, 0, 20000), "no end");

    visitor_expect_whole(&v, "done");
    cr_expect_not_null(strstr(v.text, "found nothing"), "%s", v.text);
    cr_expect_eq(v.sources, 0);
}

Test(answering, uses_the_owners_words_when_nothing_was_found)
{
    const char *bot = stage_bot(&s, "scripted", "mock-echo", "Please call us.");

    stage_worker(&s, quick);
    visitor_ask(&s, &(struct asking){.bot = bot, .message = "Anything?"}, &v);
    cr_assert(visitor_watch(&v, 0, 20000), "no end");

    visitor_expect_whole(&v, "done");
    cr_expect_str_eq(v.text, "Please call us.");
}

Test(answering, comes_from_the_cache_when_the_first_question_is_the_same)
{
    const char *bot = stage_bot(&s, "scripted", "mock-itl2-len30", "");

    stage_worker(&s, keeping);
    visitor_ask(&s, &(struct asking){.bot = bot, .message = "What is it?"}, &v);
    cr_assert(visitor_watch(&v, 0, 20000), "no end");
    stage_expect_empty(&s);
    visitor_ask(&s, &(struct asking){.bot = bot, .message = "  what IS it "}, &w);
    cr_assert(visitor_watch(&w, 0, 20000), "no end");

    visitor_expect_whole(&w, "done");
    cr_expect_not(cc_json_bool(v.done, "cached", true));
    cr_expect(cc_json_bool(w.done, "cached", false));
    cr_expect_str_eq(w.text, v.text);
    cr_expect_eq(cc_json_int(json_object_get(w.done, "usage"), "outputTokens", -1), 0);
}

Test(answering, is_made_anew_for_later_questions_and_other_bots)
{
    const char *bot = stage_bot(&s, "scripted", "mock-len10", "");
    const char *other = stage_bot(&s, "scripted", "mock-len10", "");

    stage_worker(&s, keeping);
    visitor_ask(&s, &(struct asking){.bot = bot, .message = "What is it?"}, &v);
    cr_assert(visitor_watch(&v, 0, 20000), "no end");
    struct asking later[] = {{.bot = bot, .session = v.session, .message = "What is it?"},
                             {.bot = other, .message = "What is it?"}};
    for (int i = 0; i < 2; i++) {
        visitor_ask(&s, &later[i], &w);
        cr_assert(visitor_watch(&w, 0, 20000), "no end");
        cr_expect_not(cc_json_bool(w.done, "cached", true), "row %d", i);
        visitor_done(&w);
        w = (struct visitor){0};
    }
}

/* What the queue server itself says: a number, -1 for nothing. */
static long long ask_queue(const char *command, const char *field)
{
    redisContext *c = redisConnectUnix(store_env("CC_REDIS_QUEUE") + strlen("unix:"));
    cr_assert(c && !c->err);
    redisReply *r = redisCommand(c, command, field);
    cr_assert_not_null(r);
    long long n = r->type == REDIS_REPLY_INTEGER  ? r->integer
                  : r->type == REDIS_REPLY_STRING ? strtoll(r->str, NULL, 10)
                                                  : -1;
    cr_assert_neq(r->type, REDIS_REPLY_ERROR, "%s", r->str);
    freeReplyObject(r);
    redisFree(c);
    return n;
}

Test(answering, mends_a_count_of_open_answers_that_drifted)
{
    int64_t until = cc_clock_ms() + 10000;

    ask_queue("HSET " CC_INFLIGHT_CHAT " %s 55", s.store.tenant);
    ask_queue("DEL " CC_RECOUNT_CHAT "%s", "");
    stage_worker(&s, quick);
    while (ask_queue("HGET " CC_INFLIGHT_CHAT " %s", s.store.tenant) == 55) {
        cr_assert_lt(cc_clock_ms(), until);
        cc_loop_turn(20);
    }

    cr_expect_eq(ask_queue("HGET " CC_INFLIGHT_CHAT " %s", s.store.tenant), -1);
}

Test(answering, buries_what_is_no_job)
{
    struct cc_queue_state before, state;
    int64_t until = cc_clock_ms() + 10000;

    cr_assert_eq(cc_queue_look(s.queue, CC_STREAM_CHAT, &before), 0);
    cr_assert_eq(cc_queue_put(s.queue, CC_STREAM_CHAT, "\xdd\xff\xff\xff\xff", 5, NULL), 0);
    stage_worker(&s, quick);
    do {
        cc_loop_turn(5);
        cr_assert_eq(cc_queue_look(s.queue, CC_STREAM_CHAT, &state), 0);
    } while (state.dead == before.dead && cc_clock_ms() < until);

    cr_expect_eq(state.dead, before.dead + 1);
    stage_expect_empty(&s);
}

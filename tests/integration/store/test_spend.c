/* Money that is under way: proto/store/spend.h. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/store/spend.h"
#include "proto/task/task.h"
#include "tests/support/store.h"

static struct store s;
static char answer[CC_ID_MAX];

static void setup(void)
{
    store_open(&s);
    cc_id_random("ans", answer);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(spend, .init = setup, .fini = teardown, .timeout = 120);

#define NONE                                                                                       \
    {                                                                                              \
        -1, -1, -1                                                                                 \
    }
#define DAY 86400000

static struct cc_spend spend_of(const char *id, int64_t cost)
{
    return (struct cc_spend){.tenant = s.tenant,
                             .bot = s.bot,
                             .answer = id,
                             .model = "m",
                             .input = 2 * cost,
                             .output = cost,
                             .cost = cost,
                             .for_ms = DAY,
                             .whole = NONE,
                             .of_bot = NONE};
}

static int64_t claim(const char *id, int lease_ms)
{
    struct cc_answer_claim c = {.tenant = s.tenant,
                                .answer = id,
                                .bot = s.bot,
                                .session = s.session,
                                .client_message = "",
                                .owner = "w",
                                .question = "Why?",
                                .tier = "free",
                                .asked_ms = cc_unix_ms(),
                                .lease_ms = lease_ms};
    struct cc_turn turn;
    struct cc_arena *mem = cc_arena_new(1 << 20);

    cr_assert_eq(cc_turn_begin(s.pg, &c, 0, mem, &turn), 0, "%s", cc_fail_text());
    cr_assert_eq(turn.claimed.outcome, CC_CLAIM_OURS);
    cc_arena_free(&mem);
    return turn.claimed.attempt;
}

/* Tokens as spend_of() has them. */
static struct cc_answer_result used(const char *id, int64_t attempt, const char *state,
                                    int64_t cost)
{
    return (struct cc_answer_result){.tenant = s.tenant,
                                     .answer = id,
                                     .bot = s.bot,
                                     .session = s.session,
                                     .attempt = attempt,
                                     .state = state,
                                     .message = id,
                                     .text = "Because.",
                                     .sources = "[]",
                                     .provider = "p",
                                     .model = "m",
                                     .finish = "stop",
                                     .input_tokens = 2 * cost,
                                     .output_tokens = cost,
                                     .cost = cost,
                                     .capped = true};
}

/* Of the tenant's rows. */
static int64_t number(const char *what, const char *from)
{
    char sql[400];

    snprintf(sql, sizeof sql,
             "SELECT coalesce((SELECT (%s)::bigint FROM %s t WHERE tenant_id = '%s'), 0)", what,
             from, s.tenant);
    return strtoll(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

static struct cc_spent today(void)
{
    struct cc_spent spent;

    cr_assert_eq(cc_spend_today(s.pg, s.tenant, "", &spent), 0, "%s", cc_fail_text());
    return spent;
}

static void expect_today(int64_t cost, int64_t held)
{
    struct cc_spent spent = today();

    cr_expect_eq(spent.cost, cost, "%lld spent", (long long)spent.cost);
    cr_expect_eq(spent.tokens, 3 * cost);
    cr_expect_eq(spent.held_cost, held, "%lld held", (long long)spent.held_cost);
    cr_expect_eq(spent.held_tokens, 3 * held);
}

Test(spend, is_reserved_up_to_each_cap_and_not_beyond)
{
    static const struct {
        struct cc_limits whole, of_bot;
        int64_t fits; /* cost beside the 10 that are held and the 7 that are spent */
    } table[] = {
        {{-1, -1, 20}, NONE, 3}, {NONE, {-1, -1, 20}, 3}, {{-1, 60, -1}, NONE, 3},
        {NONE, {-1, 60, -1}, 3}, {{-1, -1, 17}, NONE, 0}, {{-1, -1, 100}, {-1, 54, -1}, 1},
        {{-1, 0, -1}, NONE, -1}, {NONE, {-1, -1, 0}, -1},
    };
    struct cc_spend first = spend_of("ans_first", 10), next = spend_of(answer, 0);
    struct cc_answer_result done = used("ans_done", claim("ans_done", 60000), "done", 7);
    bool waits;

    cr_assert_eq(cc_answer_finish(s.pg, &done), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_spend_reserve(s.pg, &first, &waits), 0, "%s", cc_fail_text());
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        for (int64_t more = 0; more <= 2; more++) {
            next = spend_of(answer, table[i].fits + more < 0 ? 0 : table[i].fits + more);
            next.whole = table[i].whole;
            next.of_bot = table[i].of_bot;
            bool fits = more == 0 && table[i].fits >= 0;
            cr_expect_eq(cc_spend_reserve(s.pg, &next, &waits), fits ? 0 : CC_E_QUOTA,
                         "row %zu, %lld more", i, (long long)more);
            cr_assert_eq(cc_spend_drop(s.pg, s.tenant, answer), 0);
        }
    }
    expect_today(7, 10);
}

Test(spend, says_whether_waiting_for_others_may_help)
{
    struct cc_spend first = spend_of("ans_first", 10), next = spend_of(answer, 5);
    bool waits = false;

    next.whole.spend = 12;
    cr_assert_eq(cc_spend_reserve(s.pg, &first, &waits), 0);
    cr_assert_eq(cc_spend_reserve(s.pg, &next, &waits), CC_E_QUOTA);
    cr_expect(waits);
    next.whole.spend = 4;
    cr_assert_eq(cc_spend_reserve(s.pg, &next, &waits), CC_E_QUOTA);
    cr_expect_not(waits);
}

Test(spend, of_a_bot_counts_for_its_tenant_and_not_for_another_bot)
{
    struct cc_spend first = spend_of("ans_first", 10), next = spend_of(answer, 10);
    bool waits;

    first.bot = "bot_other";
    cr_assert_eq(cc_spend_reserve(s.pg, &first, &waits), 0);
    next.of_bot.spend = 10;
    cr_expect_eq(cc_spend_reserve(s.pg, &next, &waits), 0);
    next.whole.spend = 19;
    cr_expect_eq(cc_spend_reserve(s.pg, &next, &waits), CC_E_QUOTA);
}

Test(spend, that_was_only_reserved_expires)
{
    struct cc_spend first = spend_of("ans_first", 10), next = spend_of(answer, 10);
    bool waits;

    first.for_ms = 0;
    cr_assert_eq(cc_spend_reserve(s.pg, &first, &waits), 0);
    expect_today(0, 0);
    next.whole.spend = 10;
    cr_assert_eq(cc_spend_reserve(s.pg, &next, &waits), 0);

    cr_expect_eq(number("count(*)", "spend_holds"), 1, "what has expired is gone");
}

Test(spend, that_was_raised_counts_until_the_day_is_over)
{
    struct cc_spend spend = spend_of(answer, 10);

    spend.attempt = claim(answer, 60000);
    spend.for_ms = 0;
    cr_assert_eq(cc_spend_raise(s.pg, &spend), 0, "%s", cc_fail_text());

    expect_today(0, 10);
    cr_expect_eq(number("(expires_at AT TIME ZONE 'UTC' ="
                        " ((now() AT TIME ZONE 'UTC')::date + 1)::timestamp)::int",
                        "spend_holds"),
                 1);
    cr_assert_eq(cc_spend_drop(s.pg, s.tenant, answer), 0);
    expect_today(0, 10);
}

Test(spend, is_raised_only_within_the_cap_and_by_the_attempt_that_runs)
{
    struct cc_spend spend = spend_of(answer, 4), other = spend_of("ans_other", 6);
    bool waits;

    cr_assert_eq(cc_spend_reserve(s.pg, &spend, &waits), 0);
    cr_assert_eq(cc_spend_reserve(s.pg, &other, &waits), 0);
    spend.attempt = claim(answer, 0);
    spend.whole.spend = 20;
    spend = (struct cc_spend){.tenant = spend.tenant,
                              .bot = spend.bot,
                              .answer = answer,
                              .attempt = 1,
                              .model = "m",
                              .input = 28,
                              .output = 14,
                              .cost = 14,
                              .whole = spend.whole,
                              .of_bot = NONE,
                              .for_ms = DAY};
    cr_assert_eq(cc_spend_raise(s.pg, &spend), 0, "its own 4 make room: %s", cc_fail_text());
    cr_assert_eq(cc_spend_raise(s.pg, &spend), 0, "again after a lost reply");
    expect_today(0, 20);

    cr_assert_eq(claim(answer, 60000), 2);
    cr_expect_eq(cc_spend_raise(s.pg, &spend), CC_E_FENCED);
    expect_today(0, 20);
    spend.attempt = 2;
    cr_expect_eq(cc_spend_raise(s.pg, &spend), CC_E_QUOTA, "14 are lost already, and 6 held");
    expect_today(14, 6);
}

Test(spend, ends_in_the_sums_when_the_answer_does)
{
    struct cc_spend spend = spend_of(answer, 10);
    struct cc_answer_result r;

    spend.attempt = claim(answer, 60000);
    cr_assert_eq(cc_spend_raise(s.pg, &spend), 0);
    r = used(answer, 1, "cancelled", 7);
    cr_assert_eq(cc_answer_finish(s.pg, &r), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_answer_finish(s.pg, &r), 0, "again after a lost reply");

    expect_today(7, 0);
    cr_expect_eq(number("cost", "usage_ledger"), 7);
    cr_expect_eq(number("cost", "answers"), 7);
    cr_expect_eq(today().answers, 1);
}

Test(spend, of_an_answer_that_fails_is_booked_too)
{
    struct cc_spend spend = spend_of(answer, 10);
    struct cc_answer_result r;

    spend.attempt = claim(answer, 60000);
    cr_assert_eq(cc_spend_raise(s.pg, &spend), 0);
    r = used(answer, 1, "failed", 3);
    cr_assert_eq(cc_answer_fail(s.pg, &r, "upstream_failed"), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_answer_fail(s.pg, &r, "upstream_failed"), 0, "again after a lost reply");

    expect_today(3, 0);
    cr_expect_eq(today().answers, 0, "it was none");
    cr_expect_eq(number("cost", "usage_ledger"), 3);
}

Test(spend, of_an_attempt_that_was_handed_on_is_booked_once)
{
    struct cc_spend spend = spend_of(answer, 10);
    struct cc_answer_result first, second;

    spend.attempt = claim(answer, 60000);
    cr_assert_eq(cc_spend_raise(s.pg, &spend), 0);
    first = used(answer, 1, NULL, 4);
    cr_assert_eq(cc_answer_release(s.pg, &first), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_answer_release(s.pg, &first), 0, "again after a lost reply");
    expect_today(4, 6);
    spend.attempt = claim(answer, 60000);
    spend.whole.spend = 14;
    cr_assert_eq(cc_spend_raise(s.pg, &spend), 0, "%s", cc_fail_text());
    expect_today(4, 10);
    second = used(answer, 2, "done", 5);
    cr_assert_eq(cc_answer_finish(s.pg, &second), 0);

    expect_today(9, 0);
    cr_expect_eq(number("cost", "usage_ledger"), 9);
    cr_expect_eq(number("input_tokens", "usage_ledger"), 18);
}

Test(spend, of_an_attempt_nobody_heard_of_again_is_booked_at_its_most)
{
    struct cc_spend spend = spend_of(answer, 10);
    struct cc_answer_result late, cached;

    spend.attempt = claim(answer, 0);
    cr_assert_eq(cc_spend_raise(s.pg, &spend), 0);
    cr_assert_eq(claim(answer, 60000), 2);
    late = used(answer, 1, "done", 7);
    cr_expect_eq(cc_answer_finish(s.pg, &late), CC_E_FENCED);
    cr_expect_eq(cc_answer_release(s.pg, &late), CC_E_FENCED);
    expect_today(0, 10);
    cached = used(answer, 2, "done", 0);
    cached.capped = false; /* even where the caps are gone by now */
    cr_assert_eq(cc_answer_finish(s.pg, &cached), 0, "%s", cc_fail_text());

    expect_today(10, 0);
    cr_expect_eq(number("cost", "usage_ledger"), 10);
}

/* ---- forty at once at a cap ---- */

#define AT_ONCE 40
#define ROUNDS  25

static int running, let_in;
static struct cc_wait all_done;

static void end_task(void)
{
    if (--running == 0)
        cc_wait_done(&all_done);
}

static void reserve_one(void *arg)
{
    struct cc_spend spend = spend_of(arg, 1);
    bool waits;

    spend.whole.spend = 23;
    let_in += cc_spend_reserve(s.pg, &spend, &waits) == 0;
    end_task();
}

static void all_at_once(void (*task)(void *arg), char ids[][CC_ID_MAX])
{
    all_done = (struct cc_wait){0};
    running = AT_ONCE;
    for (int i = 0; i < AT_ONCE; i++)
        cr_assert_eq(cc_task_spawn("spend", task, ids ? ids[i] : NULL, NULL), 0);
    cr_assert_eq(cc_wait_for(&all_done, cc_now() + 100000), 0);
}

Test(spend, lets_exactly_its_cap_of_forty_at_once_through)
{
    static char ids[AT_ONCE][CC_ID_MAX];

    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < AT_ONCE; i++)
            cc_id_random("ans", ids[i]);
        let_in = 0;
        all_at_once(reserve_one, ids);
        cr_assert_eq(let_in, 23, "round %d: %d", round, let_in);
        for (int i = 0; i < AT_ONCE; i++)
            cr_assert_eq(cc_spend_drop(s.pg, s.tenant, ids[i]), 0);
    }
}

/* ---- a thousand at once, in random order, against a model of the sum ---- */

#define ANSWERS 1000
#define CAP     INT64_C(60000) /* a raise wants 300 on average: forty at once want 12,000 */

static uint64_t seed;
static int next_answer, ended[8];
static int64_t model; /* booked and raised, as far as we have heard: never more than the truth */

static int64_t below(int64_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int64_t)(seed % (uint64_t)n);
}

static void move(int64_t cost)
{
    model += cost;
    cr_assert_leq(model, CAP, "above the cap");
}

enum { REFUSED, FULL, DROPPED, LEFT, FINISHED, FAILED, HANDED_ON, LOST };

/* What was raised becomes what was used: less, so the model goes down before the store hears. */
static void end_one(const char *id, int64_t attempt, int64_t most, bool fail)
{
    int64_t cost = below(most + 1);
    struct cc_answer_result r = used(id, attempt, fail ? "dead" : "done", cost);

    move(cost - most);
    cr_assert_eq(fail ? cc_answer_fail(s.pg, &r, "gave_up") : cc_answer_finish(s.pg, &r), 0, "%s",
                 cc_fail_text());
}

static int attempt_one(const char *id, struct cc_spend *spend, int fate)
{
    spend->attempt = claim(id, fate == LOST ? 0 : 60000);
    spend->input = 2 * (spend->cost = 1 + below(600));
    spend->output = spend->cost;
    int rc = cc_spend_raise(s.pg, spend);

    if (rc == CC_E_QUOTA) {
        struct cc_answer_result r = used(id, spend->attempt, "failed", 0);
        cr_assert_eq(cc_answer_fail(s.pg, &r, "quota_exceeded"), 0, "%s", cc_fail_text());
        return FULL;
    }
    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    move(spend->cost);
    return fate;
}

static int live(const char *id)
{
    struct cc_spend spend = spend_of(id, below(300));
    bool waits;

    spend.whole.spend = CAP;
    spend.of_bot.tokens = 3 * CAP;
    int fate = below(6) == 0 ? (int)(DROPPED + below(2)) : (int)(FINISHED + below(4));
    if (fate == LEFT)
        spend.for_ms = below(20);
    if (cc_spend_reserve(s.pg, &spend, &waits) != 0)
        return REFUSED;
    if (fate == DROPPED)
        cr_assert_eq(cc_spend_drop(s.pg, s.tenant, id), 0);
    if (fate == DROPPED || fate == LEFT)
        return fate;
    if (attempt_one(id, &spend, fate) == FULL)
        return FULL;
    int64_t most = spend.cost;
    if (fate == HANDED_ON) {
        int64_t cost = below(most + 1);
        struct cc_answer_result r = used(id, 1, NULL, cost);
        move(cost - most);
        cr_assert_eq(cc_answer_release(s.pg, &r), 0, "%s", cc_fail_text());
    }
    if (fate == HANDED_ON || fate == LOST) { /* lost: the most of the first stays in the model */
        if (attempt_one(id, &spend, fate) == FULL)
            return FULL;
        most = spend.cost;
    }
    end_one(id, spend.attempt, most, fate == FAILED);
    return fate;
}

static void run(void *arg)
{
    char id[CC_ID_MAX];

    (void)arg;
    while (next_answer < ANSWERS) {
        snprintf(id, sizeof id, "ans_%d", next_answer++);
        ended[live(id)]++;
    }
    end_task();
}

Test(spend, never_exceeds_the_cap_whatever_comes_in_whatever_order)
{
    seed = (uint64_t)cc_unix_ms() | 1;
    printf("seed %llu\n", (unsigned long long)seed);
    all_at_once(run, NULL);

    struct cc_spent spent = today();
    printf(
        "refused %d full %d dropped %d left %d finished %d failed %d handed on %d lost %d: %lld\n",
        ended[0], ended[1], ended[2], ended[3], ended[4], ended[5], ended[6], ended[7],
        (long long)spent.cost);
    cr_assert_leq(spent.cost, CAP);
    cr_assert_eq(spent.cost, model, "all that was used is booked, and nothing else");
    cr_assert_eq(spent.tokens, 3 * model);
    cr_assert_gt(spent.cost, CAP * 9 / 10, "the cap was met");
    for (int i = REFUSED; i <= LOST; i++)
        cr_expect_gt(ended[i], 0, "fate %d", i);
    cr_assert_eq(number("sum(cost)", "usage_ledger"), model, "the ledger says the same");
    cr_assert_eq(number("sum(cost)", "answers"), model);
    cr_assert_eq(number("count(*) FILTER (WHERE attempt > 0 OR expires_at > now())", "spend_holds"),
                 0, "nothing is held");
}

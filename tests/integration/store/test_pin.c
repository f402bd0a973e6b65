/* Pinned answers: proto/store/pin.h */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/store/pin.h"
#include "tests/support/store.h"

static struct store s;
static char id[CC_ID_MAX];

static void setup(void)
{
    store_open(&s);
    cc_id_sorted("pin", id);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(pin, .init = setup, .fini = teardown, .timeout = 60);

static const float east[4] = {1, 0, 0, 0}, north[4] = {0, 3, 0, 0};

static struct cc_pin pin_of(const struct store *at, const char *answer,
                            const struct cc_pin_question *questions, int n)
{
    return (struct cc_pin){.id = id,
                           .tenant = at->tenant,
                           .bot = at->bot,
                           .answer = answer,
                           .enabled = true,
                           .questions = questions,
                           .questions_n = n,
                           .dimension = 4,
                           .model = "test"};
}

static void put(const struct cc_pin *pin)
{
    cr_assert_eq(cc_pin_put(s.pg, pin), 0, "%s", cc_fail_text());
}

static void put_two(void)
{
    static const struct cc_pin_question questions[] = {
        {"When are you open?", "when are you open", east},
        {"Opening hours", "opening hours", north}};
    struct cc_pin pin = pin_of(&s, "From nine to five.", questions, 2);

    put(&pin);
}

static struct cc_pin_query query_of(const char *normal, const float *v)
{
    return (struct cc_pin_query){s.tenant, s.bot, normal, v, 4, "test", 0.9, NULL};
}

static int find(const struct cc_pin_query *query, struct cc_pin_match *ret)
{
    return cc_pin_find(s.pg, query, s.mem, ret);
}

static const char *find_exact(const char *normal)
{
    struct cc_pin_query query = query_of(normal, NULL);
    struct cc_pin_match match;
    int rc = find(&query, &match);

    cr_assert(rc == 0 || rc == CC_E_NOTFOUND, "%s", cc_fail_text());
    return rc ? NULL : match.answer;
}

Test(pin, with_a_question_that_no_index_takes_is_refused)
{
    char *longest = cc_arena_get(s.mem, CC_PIN_NORMAL + 2);
    struct cc_pin_question q = {"Long?", longest, NULL};
    struct cc_pin pin = pin_of(&s, "No.", &q, 1);

    for (uint32_t i = 0, at = 7; i <= CC_PIN_NORMAL; i++) /* nothing that compresses */
        longest[i] = (char)('!' + (at = at * 1664525 + 1013904223) / (UINT32_MAX / 90 + 1));
    cr_expect_eq(cc_pin_put(s.pg, &pin), CC_E_TOOBIG);
    longest[CC_PIN_NORMAL] = '\0';
    cr_expect_eq(cc_pin_put(s.pg, &pin), 0, "%s", cc_fail_text());
}

Test(pin, is_found_by_the_same_words)
{
    struct cc_pin_query query = query_of("opening hours", NULL);
    struct cc_pin_match match;

    put_two();
    cr_assert_eq(find(&query, &match), 0, "%s", cc_fail_text());

    cr_expect_str_eq(match.id, id);
    cr_expect_str_eq(match.question, "Opening hours");
    cr_expect_str_eq(match.answer, "From nine to five.");
    cr_expect_eq(match.score, 1);
    cr_expect_null(find_exact("opening hour"));
}

Test(pin, is_found_by_a_vector_that_is_near_enough)
{
    static const float near_north[4] = {0.1F, 1, 0, 0}, between[4] = {1, 1, 0, 0};
    struct cc_pin_query near = query_of("when is it open", near_north),
                        far = query_of("when is it open", between);
    struct cc_pin_match match;

    put_two();
    cr_assert_eq(find(&near, &match), 0, "%s", cc_fail_text());
    cr_expect_str_eq(match.question, "Opening hours");
    cr_expect_float_eq(match.score, 1 / sqrt(1.01), 1e-5);
    cr_expect_eq(find(&far, &match), CC_E_NOTFOUND);
    far.threshold = 0.7;
    cr_expect_eq(find(&far, &match), 0);
}

Test(pin, is_not_compared_with_vectors_of_another_embedding)
{
    struct cc_pin_query other = query_of("x", east), longer = query_of("x", east);
    struct cc_pin_match match;

    put_two();
    other.model = "test-2";
    longer.dimension = 3;
    cr_expect_eq(find(&other, &match), CC_E_NOTFOUND);
    cr_expect_eq(find(&longer, &match), CC_E_NOTFOUND);
}

Test(pin, with_a_threshold_above_one_is_found_by_words_alone)
{
    struct cc_pin_query query = query_of("x", east);
    struct cc_pin_match match;

    put_two();
    query.threshold = 1.5;
    cr_expect_eq(find(&query, &match), CC_E_NOTFOUND);
    query.normal = "opening hours";
    cr_expect_eq(find(&query, &match), 0);
}

Test(pin, without_vectors_is_found_by_words_alone)
{
    static const struct cc_pin_question question = {"A?", "a", NULL};
    static const float nothing[4] = {0};
    struct cc_pin pin = pin_of(&s, "B.", &question, 1);
    struct cc_pin_query query = query_of("x", nothing);
    struct cc_pin_match match;

    put(&pin);
    query.threshold = 0;
    cr_expect_eq(find(&query, &match), CC_E_NOTFOUND);
    cr_expect_str_eq(find_exact("a"), "B.");
}

Test(pin, that_is_switched_off_is_not_found)
{
    static const struct cc_pin_question question = {"A?", "a", east};
    struct cc_pin pin = pin_of(&s, "B.", &question, 1);
    struct cc_pin_query query = query_of("x", east);
    struct cc_pin_match match;
    int64_t n;

    pin.enabled = false;
    put(&pin);
    cr_expect_null(find_exact("a"));
    cr_expect_eq(find(&query, &match), CC_E_NOTFOUND);
    cr_assert_eq(cc_pin_count(s.pg, s.tenant, s.bot, &n), 0);
    cr_expect_eq(n, 0);
    pin.enabled = true;
    put(&pin);
    cr_expect_str_eq(find_exact("a"), "B.");
    cr_assert_eq(cc_pin_count(s.pg, s.tenant, s.bot, &n), 0);
    cr_expect_eq(n, 1);
}

Test(pin, that_is_set_again_has_the_new_questions_and_its_old_hits)
{
    static const struct cc_pin_question question = {"Closed?", "closed", east};
    struct cc_pin pin = pin_of(&s, "On Sunday.", &question, 1), got;

    put_two();
    cr_assert_eq(cc_pin_hit(s.pg, s.tenant, id), 0);
    cr_assert_eq(cc_pin_hit(s.pg, s.tenant, id), 0);
    put(&pin);
    cr_expect_null(find_exact("opening hours"));
    cr_expect_str_eq(find_exact("closed"), "On Sunday.");
    cr_assert_eq(cc_pin_get(s.pg, s.tenant, id, s.mem, &got), 0);

    cr_expect_eq(got.hits, 2);
    cr_expect_gt(got.hit_ms, got.created_ms);
    cr_assert_eq(got.questions_n, 1);
    cr_expect_str_eq(got.questions[0].question, "Closed?");
    cr_expect_str_eq(got.bot, s.bot);
}

Test(pin, may_name_a_question_twice_but_not_that_of_another)
{
    static const struct cc_pin_question twice[] = {{"A?", "a", east}, {"a", "a", north}},
                                        other = {"A", "a", NULL};
    struct cc_pin pin = pin_of(&s, "B.", twice, 2), second = pin_of(&s, "C.", &other, 1), got;
    char second_id[CC_ID_MAX];

    put(&pin);
    cr_assert_eq(cc_pin_get(s.pg, s.tenant, id, s.mem, &got), 0);
    cr_expect_eq(got.questions_n, 1);
    cr_expect_str_eq(got.questions[0].question, "A?", "the first one stays");
    second.id = cc_id_sorted("pin", second_id);
    cr_expect_eq(cc_pin_put(s.pg, &second), CC_E_CONFLICT);
    cr_expect_eq(cc_pin_get(s.pg, s.tenant, second_id, s.mem, &got), CC_E_NOTFOUND);
}

Test(pin, of_a_bot_that_is_not_there_is_refused)
{
    static const struct cc_pin_question question = {"A?", "a", east};
    struct cc_pin pin = pin_of(&s, "B.", &question, 1);
    struct store other;

    store_other(&s, &other);
    pin.bot = other.bot;
    cr_expect_eq(cc_pin_put(s.pg, &pin), CC_E_NOTFOUND);
}

Test(pin, is_never_found_by_another_tenant_or_bot)
{
    struct cc_pin_query query = query_of("opening hours", north);
    struct cc_pin_match match;
    struct cc_pin got, *list;
    struct store other;
    int64_t count;
    int n;

    put_two();
    store_other(&s, &other);
    query.bot = other.bot;
    cr_expect_eq(find(&query, &match), CC_E_NOTFOUND);
    query.tenant = other.tenant;
    cr_expect_eq(find(&query, &match), CC_E_NOTFOUND);
    query.bot = s.bot;
    cr_expect_eq(find(&query, &match), CC_E_NOTFOUND);
    cr_expect_eq(cc_pin_get(s.pg, other.tenant, id, s.mem, &got), CC_E_NOTFOUND);
    cr_expect_eq(cc_pin_delete(s.pg, other.tenant, id), CC_E_NOTFOUND);
    cr_expect_eq(cc_pin_hit(s.pg, other.tenant, id), CC_E_NOTFOUND);
    cr_assert_eq(cc_pin_list(s.pg, other.tenant, "", "", 10, s.mem, &list, &n), 0);
    cr_expect_eq(n, 0);
    cr_assert_eq(cc_pin_count(s.pg, other.tenant, s.bot, &count), 0);
    cr_expect_eq(count, 0);
}

Test(pin, lists_are_read_page_by_page_newest_first)
{
    struct cc_pin *list;
    int n, seen = 0;
    const char *after = "";
    char before[CC_ID_MAX] = "~";

    for (int i = 0; i < 5; i++) {
        struct cc_pin_question questions[2] = {{"q", cc_arena_printf(s.mem, "%d a", i), NULL},
                                               {"q", cc_arena_printf(s.mem, "%d b", i), NULL}};
        struct cc_pin pin = pin_of(&s, "B.", questions, 2);

        cc_id_sorted("pin", id);
        put(&pin);
    }
    do {
        cr_assert_eq(cc_pin_list(s.pg, s.tenant, s.bot, after, 2, s.mem, &list, &n), 0);
        for (int i = 0; i < n; i++, seen++) {
            cr_expect_lt(strcmp(list[i].id, before), 0);
            cr_expect_eq(list[i].questions_n, 2);
            memcpy(before, list[i].id, strlen(list[i].id) + 1);
        }
        after = n ? list[n - 1].id : "";
    } while (n > 0);
    cr_expect_eq(seen, 5);
    cr_assert_eq(cc_pin_list(s.pg, s.tenant, "bot_other", "", 9, s.mem, &list, &n), 0);
    cr_expect_eq(n, 0);
}

Test(pin, that_is_deleted_is_gone_with_its_questions)
{
    struct cc_pin got;

    put_two();
    cr_assert_eq(cc_pin_delete(s.pg, s.tenant, id), 0);
    cr_expect_null(find_exact("opening hours"));
    cr_expect_eq(cc_pin_get(s.pg, s.tenant, id, s.mem, &got), CC_E_NOTFOUND);
    cr_expect_eq(cc_pin_delete(s.pg, s.tenant, id), CC_E_NOTFOUND);
    put_two(); /* the questions are free again */
}

Test(pin, that_changes_makes_kept_answers_old)
{
    int64_t before, after, gone;

    cr_assert_eq(cc_knowledge_version(s.pg, s.tenant, &before), 0);
    put_two();
    cr_assert_eq(cc_knowledge_version(s.pg, s.tenant, &after), 0);
    cr_assert_eq(cc_pin_delete(s.pg, s.tenant, id), 0);
    cr_assert_eq(cc_knowledge_version(s.pg, s.tenant, &gone), 0);

    cr_expect_gt(after, before);
    cr_expect_gt(gone, after);
}

Test(pin, question_without_a_vector_is_told_and_can_be_given_one)
{
    static const struct cc_pin_question questions[] = {{"A?", "a", NULL}, {"B?", "b", east}};
    struct cc_pin pin = pin_of(&s, "C.", questions, 2), vectors;
    struct cc_pin_query query = query_of("x", north);
    struct cc_pin_question *lack, with;
    struct cc_pin_match match;
    bool lacking = false;
    int n;

    put(&pin);
    query.lacking = &lacking;
    cr_expect_eq(find(&query, &match), CC_E_NOTFOUND);
    cr_expect(lacking);
    cr_assert_eq(cc_pin_lacking(s.pg, &query, 10, s.mem, &lack, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(lack[0].normal, "a");

    with = (struct cc_pin_question){.question = "A?", .normal = "a", .v = north};
    vectors = pin_of(&s, "", &with, 1);
    cr_assert_eq(cc_pin_set_vectors(s.pg, &vectors), 0, "%s", cc_fail_text());
    lacking = false;
    cr_assert_eq(find(&query, &match), 0);
    cr_expect_str_eq(match.question, "A?");
    cr_expect_not(lacking);
    query.model = "test-2";
    cr_assert_eq(cc_pin_lacking(s.pg, &query, 10, s.mem, &lack, &n), 0);
    cr_expect_eq(n, 2, "of another embedding none has one");
}

#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/store/embedding.h"
#include "tests/support/store.h"

#define MODEL "test" /* what store_publish() stores under */
#define DIM   4

static struct store s;
static char doc[CC_ID_MAX];
static struct cc_document_hold hold;
static const struct cc_embedding_goal GOAL = {"new", false}, OUTSIDE = {MODEL, true};
static const float V[] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};

static void setup(void)
{
    cc_config_load();
    store_open(&s);
    store_document(&s, "text", doc);
    hold = store_claim(&s, doc);
    store_publish(&s, &hold, (const char *const[]){"apple", "pear", "plum"}, 3, V);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(embedding, .init = setup, .fini = teardown, .timeout = 60);

static const char *name(void)
{
    const char *out;

    cr_assert_eq(cc_embedding_of(s.pg, s.tenant, s.mem, &out), 0, "%s", cc_fail_text());
    return out;
}

static int64_t number(const char *sql)
{
    return strtoll(store_sql(&s, "CC_PG_SUPER", cc_arena_printf(s.mem, "%s'%s'", sql, s.tenant)),
                   NULL, 10);
}

static struct cc_embedding_lease lease_of(const char *owner, int ms)
{
    return (struct cc_embedding_lease){s.tenant, owner, ms};
}

static bool take(const char *owner, int ms)
{
    const struct cc_embedding_lease lease = lease_of(owner, ms);
    bool ours;

    cr_assert_eq(cc_embedding_take(s.pg, &lease, &ours), 0, "%s", cc_fail_text());
    return ours;
}

static bool is_swept(const struct cc_embedding_goal *goal)
{
    const char *const *tenant;
    int n;

    cr_assert_eq(cc_embedding_sweep(s.sweep, goal, 10000, s.mem, &tenant, &n), 0, "%s",
                 cc_fail_text());
    for (int i = 0; i < n; i++)
        if (!strcmp(tenant[i], s.tenant))
            return true;
    return false;
}

static struct cc_embedding_lack *lack;

static int lacking(const struct cc_embedding_goal *goal, int64_t after, int max)
{
    int n;

    cr_assert_eq(cc_embedding_lacking(s.pg, s.tenant, goal, after, max, s.mem, &lack, &n), 0, "%s",
                 cc_fail_text());
    return n;
}

static struct cc_embedding_add add_of(int i, const char *sha256)
{
    return (struct cc_embedding_add){.chunk = lack[i].chunk,
                                     .generation = lack[i].generation,
                                     .was = lack[i].sha256,
                                     .sha256 = sha256,
                                     .vectors = V + i * DIM,
                                     .parts = 1};
}

static void put(const struct cc_embedding_add *add, int n)
{
    const struct cc_embedding_batch batch = {
        .tenant = s.tenant, .model = "new", .dimension = DIM, .n = n, .add = add};

    cr_assert_eq(cc_embedding_put(s.pg, &batch), 0, "%s", cc_fail_text());
}

static bool flip(const char *owner, const struct cc_embedding_goal *goal)
{
    const struct cc_embedding_lease lease = lease_of(owner, 60000);
    bool flipped;

    cr_assert_eq(cc_embedding_flip(s.pg, &lease, goal, &flipped), 0, "%s", cc_fail_text());
    return flipped;
}

static void clear_all(const struct cc_embedding_goal *goal)
{
    int64_t at = 0;

    do
        cr_assert_eq(cc_embedding_clear(s.pg, s.tenant, goal, at, &at), 0, "%s", cc_fail_text());
    while (at > 0);
}

static int nearest(const char *model, int64_t *ret_first)
{
    const struct cc_scope scope = {.tenant = s.tenant, .bot = s.bot};
    const struct cc_query_vector query = {V, DIM, model};
    struct cc_chunk_hit *hit;
    int n;

    cr_assert_eq(cc_chunk_nearest(s.pg, &scope, &query, 10, s.mem, &hit, &n), 0, "%s",
                 cc_fail_text());
    if (n > 0 && ret_first)
        *ret_first = hit[0].chunk;
    return n;
}

Test(embedding, of_a_tenant_is_that_of_the_first_document)
{
    struct store other;

    store_other(&s, &other);
    cr_expect_str_eq(name(), MODEL);
    const char *none;
    cr_assert_eq(cc_embedding_of(s.pg, other.tenant, s.mem, &none), 0);
    cr_expect_str_eq(none, "");
}

Test(embedding, is_exchanged_when_the_last_passage_has_the_new_one)
{
    struct cc_embedding_add add[3];
    int64_t first;

    cr_assert(is_swept(&GOAL));
    cr_assert(take("me", 60000));
    cr_expect_not(is_swept(&GOAL), "somebody works on it");
    cr_assert_eq(lacking(&GOAL, 0, 10), 3);
    for (int i = 0; i < 3; i++)
        add[i] = add_of(i, i == 0 ? "h0" : i == 1 ? "h1" : "h2");

    put(add, 2);
    cr_expect_not(flip("me", &GOAL), "one lacks it");
    cr_expect_str_eq(name(), MODEL);
    cr_expect_eq(nearest(MODEL, NULL), 3, "questions find all of the old ones");

    cr_assert_eq(lacking(&GOAL, 0, 10), 1);
    put(add + 2, 1);
    cr_expect(flip("me", &GOAL));
    cr_expect_str_eq(name(), "new");
    cr_expect_eq(nearest("new", &first), 3);
    cr_expect_eq(first, add[0].chunk);

    clear_all(&GOAL);
    cr_expect_eq(number("SELECT count(*) FROM chunk_vectors WHERE tenant_id = "), 3);
    cr_expect_eq(number("SELECT count(*) FROM chunk_vectors WHERE model = 'new'"
                        " AND tenant_id = "),
                 3, "the others are gone");
}

/* More documents than are cleared at once. */
Test(embedding, of_before_goes_from_every_document)
{
    const struct cc_embedding_goal same = {MODEL, false};
    char other[CC_ID_MAX];

    for (int i = 0; i < 60; i++) {
        store_document(&s, cc_arena_printf(s.mem, "text %d", i), other);
        struct cc_document_hold its = store_claim(&s, other);
        store_publish(&s, &its, (const char *const[]){"fig"}, 1, V);
    }
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "INSERT INTO chunk_vectors (tenant_id, generation, chunk, part,"
                              " model, dimension, v) SELECT tenant_id, generation, chunk, part,"
                              " 'old', dimension, v FROM chunk_vectors WHERE tenant_id = '%s'",
                              s.tenant));
    cr_assert_eq(number("SELECT count(*) FROM chunk_vectors WHERE model = 'old' AND tenant_id = "),
                 63);

    clear_all(&same);
    cr_expect_eq(number("SELECT count(*) FROM chunk_vectors WHERE model = 'old' AND tenant_id = "),
                 0);
    cr_expect_eq(number("SELECT count(*) FROM chunk_vectors WHERE tenant_id = "), 63);
}

Test(embedding, is_found_at_once_by_questions_that_ask_for_it_already)
{
    const struct cc_embedding_goal same = {MODEL, false};

    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "DELETE FROM chunk_vectors WHERE tenant_id = '%s' AND chunk ="
                              " (SELECT max(chunk) FROM chunk_vectors WHERE tenant_id = '%s')"
                              " RETURNING 1",
                              s.tenant, s.tenant));
    cr_assert_eq(nearest(MODEL, NULL), 2, "and these are kept");
    cr_assert_eq(lacking(&same, 0, 10), 1);
    struct cc_embedding_add add = add_of(0, "h");
    const struct cc_embedding_batch batch = {
        .tenant = s.tenant, .model = MODEL, .dimension = DIM, .n = 1, .add = &add};

    cr_assert_eq(cc_embedding_put(s.pg, &batch), 0, "%s", cc_fail_text());
    cr_expect_eq(nearest(MODEL, NULL), 3);
}

Test(embedding, is_looked_at_once_more_after_it_was_exchanged)
{
    struct cc_embedding_add add[3];

    cr_assert(take("me", 60000));
    cr_assert_eq(lacking(&GOAL, 0, 10), 3);
    for (int i = 0; i < 3; i++)
        add[i] = add_of(i, lack[i].sha256);
    put(add, 3);
    cr_assert(flip("me", &GOAL));

    cr_expect_not(is_swept(&GOAL), "not at once");
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "UPDATE tenants SET reindex_until = now() WHERE tenant_id = '%s' "
                              "RETURNING 1",
                              s.tenant));
    cr_expect(is_swept(&GOAL));
    cr_assert(take("me", 60000));
    cr_expect(flip("me", &GOAL));
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "UPDATE tenants SET reindex_until = least(reindex_until, now()) "
                              "WHERE tenant_id = '%s' RETURNING 1",
                              s.tenant));
    cr_expect_not(is_swept(&GOAL), "and that was all");
}

Test(embedding, work_of_a_silent_process_is_taken_over_and_its_flip_refused)
{
    cr_assert(take("first", 60000));
    cr_expect_not(take("second", 60000));
    cr_expect(take("first", 1), "renewed");
    cc_sleep(5);
    cr_expect(take("second", 60000));

    cr_assert_eq(lacking(&GOAL, 0, 10), 3);
    struct cc_embedding_add add[] = {add_of(0, "a"), add_of(1, "b"), add_of(2, "c")};
    put(add, 3);
    cr_expect_not(flip("first", &GOAL));
    cr_expect_str_eq(name(), MODEL);
    cr_expect(flip("second", &GOAL));
}

Test(embedding, batches_go_on_behind_the_last_and_are_repeated_without_harm)
{
    cr_assert_eq(lacking(&GOAL, 0, 2), 2);
    int64_t last = lack[1].chunk;
    struct cc_embedding_add add[] = {add_of(0, "a"), add_of(1, "b")};

    cr_assert_eq(lacking(&GOAL, last, 2), 1);
    put(add, 2);
    put(add, 2);
    cr_expect_eq(number("SELECT count(*) FROM chunk_vectors WHERE model = 'new'"
                        " AND tenant_id = "),
                 2);
}

Test(embedding, of_a_text_that_was_edited_meanwhile_is_not_stored)
{
    cr_assert_eq(lacking(&GOAL, 0, 10), 3);
    struct cc_embedding_add add[] = {add_of(0, "a"), add_of(1, "b")};

    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "UPDATE chunks SET text = 'other', sha256 = 'edited' WHERE id = %lld"
                              " RETURNING 1",
                              (long long)add[0].chunk));
    put(add, 2);

    cr_expect_eq(nearest("new", NULL), 1);
    cr_expect_eq(lacking(&GOAL, 0, 10), 2);
}

static struct cc_document_hold again;

static void put_again(const struct cc_chunk *chunk)
{
    int64_t generation;
    struct cc_chunk_batch batch = {chunk, 1, DIM, MODEL};

    cr_assert_eq(cc_document_again(s.pg, s.tenant, doc, &generation), 0, "%s", cc_fail_text());
    again = store_claim(&s, doc);
    cr_assert_eq(cc_chunk_put(s.pg, &again, &batch), 0, "%s", cc_fail_text());
}

Test(embedding, of_before_is_stored_beside_the_new_one_while_it_is_asked)
{
    const struct cc_chunk chunk = store_chunk(&s, 0, "cherry", V);
    const struct cc_chunk_batch more = {&chunk, 1, DIM, "second"}, same = {&chunk, 1, DIM, MODEL};

    put_again(&chunk);
    cr_assert_eq(cc_embedding_put_more(s.pg, &again, &more), 0, "%s", cc_fail_text());
    cr_expect_eq(number("SELECT count(*) FROM chunk_vectors WHERE model = 'second'"
                        " AND tenant_id = "),
                 0, "nobody asks with it");
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "UPDATE tenants SET embedding = 'second' WHERE tenant_id = '%s' "
                              "RETURNING 1",
                              s.tenant));
    cr_assert_eq(cc_embedding_put_more(s.pg, &again, &more), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_embedding_put_more(s.pg, &again, &more), 0, "again is fine");
    cr_expect_eq(number("SELECT count(*) FROM chunk_vectors WHERE model = 'second'"
                        " AND tenant_id = "),
                 1);

    const struct cc_document_hold late = {again.tenant, again.id, again.attempt - 1,
                                          again.generation};
    cr_expect_eq(cc_embedding_put_more(s.pg, &late, &same), CC_E_FENCED);
}

/* ---- in an outer store ---- */

static void mark(const struct cc_embedding_add *add, int n, const char *model)
{
    const struct cc_embedding_batch batch = {
        .tenant = s.tenant, .model = model, .dimension = DIM, .n = n, .add = add};

    cr_assert_eq(cc_embedding_outside(s.pg, &batch), 0, "%s", cc_fail_text());
}

static void move_outside(const char *owner)
{
    struct cc_embedding_add add[3];

    cr_assert(take(owner, 60000));
    cr_assert_eq(lacking(&OUTSIDE, 0, 10), 3, "it must be there, not here");
    for (int i = 0; i < 3; i++)
        add[i] = add_of(i, lack[i].sha256);
    mark(add, 3, MODEL);
    cr_assert(flip(owner, &OUTSIDE));
    clear_all(&OUTSIDE);
}

Test(embedding, vectors_move_to_an_outer_store_and_back)
{
    const struct cc_embedding_goal back = {MODEL, false};
    struct cc_garbage *garbage;
    int n;

    cr_assert(is_swept(&OUTSIDE));
    move_outside("me");
    cr_expect_eq(number("SELECT count(*) FROM chunk_vectors WHERE tenant_id = "), 0);
    cr_expect_eq(lacking(&OUTSIDE, 0, 10), 0);
    cr_expect_str_eq(name(), MODEL);

    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "UPDATE tenants SET reindex_until = now() WHERE tenant_id = '%s' "
                              "RETURNING 1",
                              s.tenant));
    cr_assert(is_swept(&back));
    cr_assert(take("you", 60000));
    cr_assert_eq(lacking(&back, 0, 10), 3);
    struct cc_embedding_add add[] = {add_of(0, "a"), add_of(1, "b"), add_of(2, "c")};
    const struct cc_embedding_batch batch = {
        .tenant = s.tenant, .model = MODEL, .dimension = DIM, .n = 3, .add = add};
    cr_assert_eq(cc_embedding_put(s.pg, &batch), 0, "%s", cc_fail_text());
    cr_assert(flip("you", &back));
    clear_all(&back);

    cr_assert_eq(cc_embedding_garbage(s.pg, s.tenant, 10, s.mem, &garbage, &n), 0);
    cr_assert_eq(n, 1, "what lies outside may go");
    cr_expect_str_eq(garbage[0].model, MODEL);
    cr_expect_eq(garbage[0].generation, hold.generation);
    cr_expect_eq(nearest(MODEL, NULL), 3);
}

Test(embedding, of_another_text_does_not_count_as_being_outside)
{
    move_outside("me");
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "UPDATE chunks SET text = 'other' WHERE tenant_id = '%s' AND idx = 1"
                              " RETURNING 1",
                              s.tenant));

    cr_expect_eq(lacking(&OUTSIDE, 0, 10), 1);
    cr_expect_str_eq(lack[0].text, "other");
}

Test(embedding, of_passages_that_went_meanwhile_is_garbage_outside)
{
    struct cc_embedding_add add[3];

    cr_assert_eq(lacking(&OUTSIDE, 0, 10), 3);
    for (int i = 0; i < 3; i++)
        add[i] = add_of(i, lack[i].sha256);
    cr_assert_eq(cc_document_delete(s.pg, s.tenant, doc), 0);
    store_sql(
        &s, "CC_PG_SUPER",
        cc_arena_printf(s.mem, "DELETE FROM vector_garbage WHERE tenant_id = '%s'", s.tenant));
    mark(add, 3, MODEL);

    cr_expect_eq(number("SELECT count(*) FROM vector_garbage WHERE tenant_id = "), 1);
}

Test(embedding, of_a_new_tenant_outside_is_known_from_the_first_passage)
{
    struct store other;
    struct cc_embedding_add add = {.chunk = 1, .generation = 1, .was = "", .sha256 = ""};

    store_other(&s, &other);
    const struct cc_embedding_batch batch = {
        .tenant = other.tenant, .model = "new", .dimension = DIM, .n = 1, .add = &add};
    const char *known;

    cr_assert_eq(cc_embedding_outside(s.pg, &batch), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_embedding_of(s.pg, other.tenant, s.mem, &known), 0);
    cr_expect_str_eq(known, "new");
}

Test(embedding, row_ids_come_in_the_order_of_the_batch)
{
    const struct cc_chunk pair[] = {store_chunk(&s, 0, "cherry", V), store_chunk(&s, 1, "kiwi", V)};
    const struct cc_chunk turned[] = {pair[1], pair[0]};
    const struct cc_chunk_batch there = {pair, 2, DIM, MODEL}, back = {turned, 2, DIM, MODEL};
    int64_t *id, *di;

    put_again(&pair[0]);
    cr_expect_eq(cc_embedding_ids(s.pg, &again, &there, s.mem, &id), CC_E_FENCED, "one is not");
    cr_assert_eq(cc_chunk_put(s.pg, &again, &there), 0);
    cr_assert_eq(cc_embedding_ids(s.pg, &again, &there, s.mem, &id), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_embedding_ids(s.pg, &again, &back, s.mem, &di), 0);

    cr_expect_eq(id[0], di[1]);
    cr_expect_eq(id[1], di[0]);
    cr_expect_neq(id[0], id[1]);
}

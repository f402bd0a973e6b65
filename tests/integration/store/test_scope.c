/* What a search sees: filters, what is switched off, and vectors that a process keeps.  chunk.h */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "tests/support/store.h"

static struct store s;

static void setup(void)
{
    store_open(&s);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(scope, .init = setup, .fini = teardown, .timeout = 60);

static const float east[4] = {1, 0, 0, 0}, north[4] = {0, 1, 0, 0};

/* A published document of these passages; all vectors point east. */
static const char *add(const struct store *at, const char *const *texts, int n)
{
    char *id = cc_arena_get(s.mem, CC_ID_MAX);
    float *v = cc_arena_array(s.mem, (size_t)n * 4, sizeof *v);

    for (int i = 0; i < n; i++)
        v[4 * i] = 1;
    store_document(at, texts[0], id);
    struct cc_document_hold hold = store_claim(at, id);
    store_publish(at, &hold, texts, n, v);
    return id;
}

static const char *add_one(const struct store *at, const char *text)
{
    return add(at, &text, 1);
}

static void mark(const char *id, const char *tag, const char *metadata)
{
    const struct cc_document_edit edit = {
        .tags = &tag, .tags_n = tag ? 1 : -1, .metadata = metadata, .enabled = -1};

    cr_assert_eq(cc_document_set(s.pg, s.tenant, id, &edit), 0, "%s", cc_fail_text());
}

static struct cc_scope scope_of(const struct cc_filter *filter)
{
    return (struct cc_scope){s.tenant, s.bot, filter};
}

/* How many passages with the word "apple" are found, by words and by vectors: they must agree. */
static int found(const struct cc_filter *filter)
{
    struct cc_scope scope = scope_of(filter);
    struct cc_query_vector query = {east, 4, "test"};
    const char *term = "apple";
    struct cc_chunk_hit *words, *vectors;
    int by_words, by_vectors;

    cr_assert_eq(cc_chunk_lexical(s.pg, &scope, &term, 1, 100, s.mem, &words, &by_words), 0, "%s",
                 cc_fail_text());
    cr_assert_eq(cc_chunk_nearest(s.pg, &scope, &query, 100, s.mem, &vectors, &by_vectors), 0, "%s",
                 cc_fail_text());
    cr_expect_eq(by_words, by_vectors);
    return by_words;
}

static int64_t first_chunk(const char *document)
{
    struct cc_chunk_view *list;
    int n;

    cr_assert_eq(cc_chunk_list(s.pg, s.tenant, document, -1, 10, s.mem, &list, &n), 0);
    cr_assert_gt(n, 0);
    return list[0].id;
}

Test(scope, is_narrowed_by_tags_documents_and_metadata)
{
    const char *a = add_one(&s, "apple pie"), *b = add_one(&s, "apple cake"), *both[] = {a, b},
               *faq = "faq", *either[] = {"none", "faq"};

    add_one(&s, "apple juice");
    mark(a, "faq", "{\"lang\":\"en\",\"part\":{\"n\":1}}");
    mark(b, "news", "{\"lang\":\"de\"}");

    const struct {
        struct cc_filter filter;
        int found;
    } rows[] = {
        {{0}, 3},
        {{.metadata = ""}, 3},
        {{.tags = &faq, .tags_n = 1}, 1},
        {{.tags = either, .tags_n = 2}, 1},
        {{.documents = both, .documents_n = 2}, 2},
        {{.documents = &b, .documents_n = 1, .tags = &faq, .tags_n = 1}, 0},
        {{.metadata = "{\"lang\":\"de\"}"}, 1},
        {{.metadata = "{\"part\":{\"n\":1}}"}, 1},
        {{.metadata = "{\"lang\":\"fr\"}"}, 0},
        {{.metadata = "{\"lang\":\"en\"}", .tags = &faq, .tags_n = 1}, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(found(&rows[i].filter), rows[i].found, "row %zu", i);
}

Test(scope, with_a_filter_is_still_the_tenants_and_the_bots)
{
    struct cc_filter filter = {0};
    struct store other;
    const char *theirs;

    store_other(&s, &other);
    theirs = add_one(&other, "apple of another");
    add_one(&s, "apple of ours");
    filter.documents = &theirs;
    filter.documents_n = 1;

    cr_expect_eq(found(&filter), 0);
    cr_expect_eq(found(NULL), 1);
}

Test(scope, leaves_out_what_is_switched_off)
{
    static const char *const texts[] = {"apple one", "apple two", "apple three"};
    const char *id = add(&s, texts, 3);
    struct cc_document_edit off = {.tags_n = -1, .enabled = 0}, on = {.tags_n = -1, .enabled = 1};
    int64_t chunk = first_chunk(id);
    struct cc_scope scope = scope_of(NULL);
    struct cc_passage *passage;
    int n;

    cr_expect_eq(found(NULL), 3);
    cr_assert_eq(cc_chunk_enable(s.pg, s.tenant, id, chunk, false), 0, "%s", cc_fail_text());
    cr_expect_eq(found(NULL), 2);
    cr_assert_eq(cc_chunk_load(s.pg, &scope, &chunk, 1, s.mem, &passage, &n), 0);
    cr_expect_eq(n, 0, "not by its id either");
    cr_assert_eq(cc_chunk_enable(s.pg, s.tenant, id, chunk, true), 0);
    cr_expect_eq(found(NULL), 3);

    cr_assert_eq(cc_document_set(s.pg, s.tenant, id, &off), 0);
    cr_expect_eq(found(NULL), 0);
    cr_assert_eq(cc_chunk_load(s.pg, &scope, &chunk, 1, s.mem, &passage, &n), 0);
    cr_expect_eq(n, 0);
    cr_assert_eq(cc_document_set(s.pg, s.tenant, id, &on), 0);
    cr_expect_eq(found(NULL), 3);
}

Test(scope, says_what_an_outer_store_may_show)
{
    const char *a = add_one(&s, "apple"), *faq = "faq";
    struct cc_filter filter = {.tags = &faq, .tags_n = 1};
    struct cc_scope all = scope_of(NULL), some = scope_of(&filter);
    struct cc_chunk_live live;

    add_one(&s, "apple two");
    mark(a, "faq", NULL);
    cr_assert_eq(cc_chunk_enable(s.pg, s.tenant, a, first_chunk(a), false), 0);

    cr_assert_eq(cc_chunk_live(s.pg, &all, s.mem, &live), 0);
    cr_expect_eq(live.generations_n, 2);
    cr_assert_eq(live.off_n, 1);
    cr_expect_eq(live.off[0], first_chunk(a));
    cr_assert_eq(cc_chunk_live(s.pg, &some, s.mem, &live), 0);
    cr_expect_eq(live.generations_n, 1);
}

/* ---- what a process keeps ---- */

struct nearest {
    struct cc_chunk_hit *hit;
    int n;
};

static struct nearest nearest(const float v[4], int max)
{
    struct cc_scope scope = scope_of(NULL);
    struct cc_query_vector query = {v, 4, "test"};
    struct nearest got;

    cr_assert_eq(cc_chunk_nearest(s.pg, &scope, &query, max, s.mem, &got.hit, &got.n), 0, "%s",
                 cc_fail_text());
    return got;
}

static void set_memory(const char *bytes)
{
    cr_assert_eq(cc_config_set(CC_CFG_SEARCH_MEMORY, bytes), 0);
}

/* Passages of several vectors each, in several documents, in no order. */
static void add_many(void)
{
    unsigned state = 12345;

    for (int d = 0; d < 12; d++) {
        char id[CC_ID_MAX];
        float v[5][3 * 4];
        struct cc_chunk chunk[5];
        struct cc_chunk_batch batch = {chunk, 5, 4, "test"};

        store_document(&s, "x", id);
        struct cc_document_hold hold = store_claim(&s, id);
        for (int i = 0; i < 5; i++) {
            for (int k = 0; k < 12; k++) {
                state = state * 1103515245 + 12345;
                v[i][k] = (float)(state >> 16 & 0x3ff) / 512 - 1;
            }
            chunk[i] = store_chunk(&s, i, "word", v[i]);
            chunk[i].parts = 1 + i % 3;
        }
        cr_assert_eq(cc_chunk_put(s.pg, &hold, &batch), 0, "%s", cc_fail_text());
        cr_assert_eq(cc_chunk_publish(s.pg, &hold, 5, 0), 0, "%s", cc_fail_text());
    }
}

Test(kept_vectors, find_what_the_database_finds, .init = setup, .fini = teardown, .timeout = 60)
{
    static const float asked[][4] = {{1, 0, 0, 0}, {-1, 2, 0.5F, 0}, {0.1F, 0.1F, -3, 1}};

    add_many();
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        set_memory("1000000");
        struct nearest kept = nearest(asked[i], 20);
        set_memory("0");
        struct nearest stored = nearest(asked[i], 20);

        cr_assert_eq(kept.n, 20);
        cr_assert_eq(stored.n, 20);
        for (int k = 0; k < 20; k++) {
            cr_expect_eq(kept.hit[k].chunk, stored.hit[k].chunk, "place %d", k);
            cr_expect_eq(kept.hit[k].part, stored.hit[k].part, "place %d", k);
            cr_expect_geq(kept.hit[k].part, 1);
            cr_expect_leq(kept.hit[k].part, 3);
            cr_expect_float_eq(kept.hit[k].score, stored.hit[k].score, 1e-5);
        }
    }
}

Test(kept_vectors, beyond_their_room_are_left_to_the_database, .init = setup, .fini = teardown,
     .timeout = 60)
{
    add_many();
    set_memory("1000"); /* 60 passages of up to 3 x 16 bytes and more do not fit */
    cr_expect_eq(nearest(east, 100).n, 60);
    cr_expect_eq(nearest(east, 100).n, 60, "nor when asked again");
    set_memory("100000");
    add_one(&s, "apple");
    cr_expect_eq(nearest(east, 100).n, 61);
}

Test(kept_vectors, make_room_for_those_asked_last, .init = setup, .fini = teardown, .timeout = 60)
{
    struct store other = {.pg = NULL};
    struct cc_query_vector query = {east, 4, "test"};
    struct cc_chunk_hit *hit;
    int n;

    add_many();
    set_memory("6000"); /* of one tenant */
    cr_expect_eq(nearest(east, 100).n, 60);
    store_other(&s, &other);
    add_one(&other, "apple");
    struct cc_scope theirs = {other.tenant, other.bot, NULL};
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(cc_chunk_nearest(s.pg, &theirs, &query, 100, s.mem, &hit, &n), 0);
        cr_expect_eq(n, 1);
        cr_expect_eq(nearest(east, 100).n, 60);
    }
}

Test(kept_vectors, are_never_older_than_the_documents, .init = setup, .fini = teardown,
     .timeout = 60)
{
    const char *a = add_one(&s, "apple"), *b;

    cr_expect_eq(nearest(east, 100).n, 1);
    b = add_one(&s, "apple two");
    cr_expect_eq(nearest(east, 100).n, 2, "one was published");
    cr_assert_eq(cc_document_delete(s.pg, s.tenant, a), 0);
    cr_expect_eq(nearest(east, 100).n, 1, "one was deleted");
    cr_assert_eq(cc_chunk_enable(s.pg, s.tenant, b, first_chunk(b), false), 0);
    cr_expect_eq(nearest(east, 100).n, 0, "one was switched off");
}

Test(kept_vectors, are_fetched_again_when_a_passage_was_edited, .init = setup, .fini = teardown,
     .timeout = 60)
{
    static const char *const texts[] = {"apple", "pear"};
    const char *id = add(&s, texts, 2);
    struct cc_chunk chunk = store_chunk(&s, 0, "quince", north);
    struct cc_chunk_change change = {s.tenant, id, first_chunk(id), &chunk, 4, "test"};
    int64_t changed;

    cr_expect_float_eq(nearest(north, 100).hit[0].score, 0, 1e-6);
    cr_assert_eq(cc_chunk_change(s.pg, &change, &changed), 0, "%s", cc_fail_text());
    struct nearest got = nearest(north, 100);

    cr_assert_eq(got.n, 2);
    cr_expect_eq(got.hit[0].chunk, changed);
    cr_expect_float_eq(got.hit[0].score, 1, 1e-6);
}

/* Vectors that are added to passages that are there change no document. */
Test(kept_vectors, that_come_later_are_seen_soon, .init = setup, .fini = teardown, .timeout = 60)
{
    const char *id = add_one(&s, "apple");
    int64_t until = cc_clock_ms() + 10000;
    struct cc_scope scope = scope_of(NULL);
    struct cc_query_vector query = {east, 4, "test-2"};
    struct cc_chunk_hit *hit;
    int n = 0;

    cr_assert_eq(cc_chunk_nearest(s.pg, &scope, &query, 10, s.mem, &hit, &n), 0);
    cr_expect_eq(n, 0);
    store_sql(
        &s, "CC_PG_SUPER",
        cc_arena_printf(s.mem,
                        "INSERT INTO chunk_vectors (tenant_id, generation, chunk, part, model,"
                        " dimension, v) SELECT v.tenant_id, v.generation, v.chunk, v.part,"
                        " 'test-2', v.dimension, v.v FROM chunk_vectors v JOIN documents d"
                        " ON d.tenant_id = v.tenant_id AND d.active = v.generation"
                        " WHERE d.id = '%s'",
                        id));
    while (n == 0 && cc_clock_ms() < until) {
        cc_loop_turn(50);
        cr_assert_eq(cc_chunk_nearest(s.pg, &scope, &query, 10, s.mem, &hit, &n), 0);
    }

    cr_expect_eq(n, 1);
}

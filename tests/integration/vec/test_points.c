#include "tests/integration/vec/qdrant.h"

#include "proto/base/error.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/http/http.h"
#include "proto/vec/points.h"

#define DIM 4

static struct qdrant qdrant;
static struct cc_http *http;
static struct cc_points *points;
static struct cc_arena *mem;
static char tenant[CC_ID_MAX], other[CC_ID_MAX];

/* Every test has a collection of its own: a real Qdrant keeps what earlier ones left. */
static void begin(void)
{
    char prefix[CC_ID_MAX];

    cr_assert_eq(cc_config_load(), 0);
    cc_loop_init(NULL);
    qdrant_start(&qdrant);
    cc_config_set(CC_CFG_QDRANT_COLLECTION, cc_id_random("col", prefix));
    cr_assert_eq(cc_http_open(NULL, &http), 0);
    cr_assert_eq(cc_points_open(http, &points), 0, "%s", cc_fail_text());
    mem = cc_arena_new(1 << 20);
    cc_id_sorted("ten", tenant);
    cc_id_sorted("ten", other);
}

/* What the double was asked must all have been as Qdrant wants it. */
static void expect_no_refusal(void)
{
    CC_AUTO(json_decref)
    json_t *seen = NULL;
    struct cc_http_answer answer;
    struct cc_http_req req = {.url = cc_arena_printf(mem, "%s/seen", qdrant.url), .trusted = true};

    cr_assert_eq(cc_http_fetch(http, &req, 1 << 16, mem, &answer), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_json_parse(answer.body, answer.len, &seen), 0);
    cr_expect_eq(cc_json_bool(seen, "checked", false), qdrant.checked);
    cr_expect_eq(json_array_size(json_object_get(seen, "refused")), 0, "%s", answer.body);
}

static void end(void)
{
    if (qdrant.pid)
        expect_no_refusal();
    cc_points_free(&points);
    cc_http_close(&http);
    cc_arena_free(&mem);
    cc_loop_done();
    qdrant_end(&qdrant);
}

TestSuite(points, .init = begin, .fini = end, .timeout = 60);

static void put_of(const char *of, int64_t generation, int64_t chunk, const float *v, int parts)
{
    const struct cc_point point = {.chunk = chunk,
                                   .index = chunk - 1,
                                   .generation = generation,
                                   .document = "doc_1",
                                   .content = "Äpfel \"and\" pears",
                                   .vectors = v,
                                   .parts = parts};

    cr_assert_eq(cc_points_put(points, of, "test:model/1", DIM, &point, 1), 0, "%s",
                 cc_fail_text());
}

static void put(int64_t generation, int64_t chunk, const float *v, int parts)
{
    put_of(tenant, generation, chunk, v, parts);
}

static struct cc_chunk_hit *hit;

static int nearest(const char *of, const float *v, const int64_t *generations, int n)
{
    const struct cc_points_query query = {.tenant = of,
                                          .vector = {v, DIM, "test:model/1"},
                                          .generations = generations,
                                          .generations_n = n,
                                          .max = 10};
    int hits = -1;

    cr_assert_eq(cc_points_nearest(points, &query, mem, &hit, &hits), 0, "%s", cc_fail_text());
    return hits;
}

static const float X[] = {1, 0, 0, 0}, Y[] = {0, 1, 0, 0}, XY[] = {1, 0, 0, 0, 0, 1, 0, 0},
                   NEAR_X[] = {3, 0.3f, 0, 0};
static const int64_t ALL[] = {7, 8, 9};

Test(points, of_a_passage_count_by_their_best_one)
{
    put(7, 1, XY, 2);
    put(8, 2, NEAR_X, 1);

    cr_assert_eq(nearest(tenant, X, ALL, 3), 2);
    cr_expect_eq(hit[0].chunk, 1);
    cr_expect_float_eq(hit[0].score, 1, 1e-5);
    cr_expect_eq(hit[1].chunk, 2);
    cr_expect_float_eq(hit[1].score, 0.99504, 1e-4);
    cr_assert_eq(nearest(tenant, Y, ALL, 3), 2);
    cr_expect_eq(hit[0].chunk, 1, "by its other part");
}

Test(points, of_other_tenants_and_generations_are_not_found)
{
    put(7, 1, X, 1);
    put_of(other, 8, 2, X, 1);

    cr_expect_eq(nearest(tenant, X, ALL, 3), 1);
    cr_expect_eq(hit[0].chunk, 1);
    cr_expect_eq(nearest(other, X, ALL, 3), 1);
    cr_expect_eq(hit[0].chunk, 2);
    cr_expect_eq(nearest(tenant, X, (int64_t[]){8, 9}, 2), 0);
    cr_expect_eq(nearest(tenant, X, NULL, 0), 0, "no generation is active: nothing is asked");
}

Test(points, that_are_stored_again_are_there_once)
{
    put(7, 1, XY, 2);
    put(7, 1, XY, 2);
    put(7, 1, X, 1);

    cr_assert_eq(nearest(tenant, X, ALL, 3), 1);
    cr_assert_eq(nearest(tenant, Y, ALL, 3), 1);
    cr_expect_float_eq(hit[0].score, 0, 1e-5, "the second part is gone");
}

Test(points, of_a_generation_go_together)
{
    put(7, 1, XY, 2);
    put(8, 2, X, 1);
    put_of(other, 7, 3, X, 1);

    cr_assert_eq(cc_points_drop(points, tenant, 7, NULL), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_points_drop(points, tenant, 7, NULL), 0, "again is fine");
    cr_expect_eq(nearest(tenant, X, ALL, 3), 1);
    cr_expect_eq(hit[0].chunk, 2);
    cr_expect_eq(nearest(other, X, ALL, 3), 1, "another's stay");
}

Test(points, of_another_model_stay_when_those_of_one_go)
{
    put(7, 1, X, 1);

    cr_assert_eq(cc_points_drop(points, tenant, 7, "test:model/2"), 0, "%s", cc_fail_text());
    cr_expect_eq(nearest(tenant, X, ALL, 3), 1);
    cr_assert_eq(cc_points_drop(points, tenant, 7, "test:model/1"), 0, "%s", cc_fail_text());
    cr_expect_eq(nearest(tenant, X, ALL, 3), 0);
}

Test(points, are_found_nowhere_before_there_is_a_collection)
{
    cr_expect_eq(nearest(tenant, X, ALL, 3), 0);
    cr_expect_eq(cc_points_drop(points, tenant, 7, NULL), 0);
}

static struct cc_points_parts *parts;

static int take_back(const char *of, const int64_t *chunks, int n)
{
    const struct cc_points_wanted wanted = {of, "test:model/1", DIM, n, chunks};
    int got = -1;

    cr_assert_eq(cc_points_vectors(points, &wanted, mem, &parts, &got), 0, "%s", cc_fail_text());
    return got;
}

Test(points, are_given_back_whole_and_in_their_order)
{
    static const int64_t wanted[] = {3, 1, 4};

    cr_expect_eq(take_back(tenant, wanted, 3), 0, "there is no collection yet");
    put(7, 1, XY, 2);
    put(7, 2, X, 1);
    put(8, 3, NEAR_X, 1);
    put_of(other, 8, 4, X, 1);

    cr_assert_eq(take_back(tenant, wanted, 3), 2);
    cr_expect_eq(parts[0].chunk, 3);
    cr_assert_eq(parts[0].parts, 1);
    cr_expect_float_eq(parts[0].vectors[0], 0.99504, 1e-4, "of length 1");
    cr_expect_eq(parts[1].chunk, 1);
    cr_assert_eq(parts[1].parts, 2);
    for (int i = 0; i < 2 * DIM; i++)
        cr_expect_float_eq(parts[1].vectors[i], XY[i], 1e-6, "%d", i);
}

Test(points, say_which_part_it_was)
{
    put(7, 1, XY, 2);

    cr_assert_eq(nearest(tenant, Y, ALL, 3), 1);
    cr_expect_eq(hit[0].part, 2);
    cr_assert_eq(nearest(tenant, X, ALL, 3), 1);
    cr_expect_eq(hit[0].part, 1);
}

#define MANY 300

Test(points, in_large_numbers_go_in_several_requests)
{
    struct cc_point *point = cc_arena_array(mem, MANY, sizeof *point);
    float *v = cc_arena_array(mem, (size_t)MANY * 256, sizeof *v);
    const int64_t generation = 7;
    int hits;

    for (int i = 0; i < MANY; i++) {
        v[i * 256 + i % 256] = 1;
        point[i] = (struct cc_point){.chunk = i + 1,
                                     .index = i,
                                     .generation = 7,
                                     .document = "doc_1",
                                     .content = "x",
                                     .vectors = v + i * 256,
                                     .parts = 1};
    }
    cr_assert_eq(cc_points_put(points, tenant, "large", 256, point, MANY), 0, "%s", cc_fail_text());

    const struct cc_points_query query = {.tenant = tenant,
                                          .vector = {v, 256, "large"},
                                          .generations = &generation,
                                          .generations_n = 1,
                                          .max = 50};
    cr_assert_eq(cc_points_nearest(points, &query, mem, &hit, &hits), 0, "%s", cc_fail_text());
    cr_expect_eq(hits, 50);
    cr_expect_float_eq(hit[0].score, 1, 1e-5);
    cr_expect_float_eq(hit[1].score, 1, 1e-5, "the 1st and the 257th");
    cr_expect_float_eq(hit[2].score, 0, 1e-5);

    int64_t *chunks = cc_arena_array(mem, MANY, sizeof *chunks);
    for (int i = 0; i < MANY; i++)
        chunks[i] = i + 1;
    const struct cc_points_wanted wanted = {tenant, "large", 256, MANY, chunks};
    cr_assert_eq(cc_points_vectors(points, &wanted, mem, &parts, &hits), 0, "%s", cc_fail_text());
    cr_assert_eq(hits, MANY, "in several pages");
    for (int i = 0; i < MANY; i++)
        cr_expect_float_eq(parts[i].vectors[i % 256], 1, 1e-6);
}

Test(points, answer_to_a_ping_with_the_right_key_only)
{
    cr_expect_eq(cc_points_ping(points, 2000), 0, "%s", cc_fail_text());
    if (!qdrant.pid)
        return;
    cc_points_free(&points);
    cc_config_set(CC_CFG_QDRANT_KEY, "wrong");
    cr_assert_eq(cc_points_open(http, &points), 0);
    cr_expect_eq(cc_points_ping(points, 2000), CC_E_REFUSED);
}

Test(points, are_nowhere_without_a_url)
{
    struct cc_points *none = points;

    cc_config_set(CC_CFG_QDRANT_URL, "");
    cr_assert_eq(cc_points_open(http, &none), 0);
    cr_expect_null(none);
}

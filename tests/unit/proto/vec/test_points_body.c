#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/vec/points_body.h"

static struct cc_arena *mem;

static void setup(void)
{
    mem = cc_arena_new(1 << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(points_body, .init = setup, .fini = teardown);

Test(points_body, names_of_collections_differ_where_models_or_dimensions_do)
{
    char a[CC_POINTS_NAME], b[CC_POINTS_NAME], c[CC_POINTS_NAME];

    cc_points_name("cc", "openai:m/1", 4, a);
    cc_points_name("cc", "openai/m:1", 4, b);
    cc_points_name("cc", "openai:m/1", 5, c);

    cr_expect_eq(strncmp(a, "cc.openai-m-1.", 14), 0, "%s", a);
    cr_expect_neq(strcmp(a, b), 0);
    cr_expect_neq(strcmp(a, c), 0);
    cr_expect_null(strpbrk(a, ":/ "));
    cr_expect(cc_points_is_ours(a, "cc", "openai:m/1"));
    cr_expect(cc_points_is_ours(c, "cc", "openai:m/1"), "of all dimensions");
    cr_expect_not(cc_points_is_ours(b, "cc", "openai:m/1"));
    cr_expect(cc_points_is_ours(b, "cc", NULL));
    cr_expect_not(cc_points_is_ours(a, "c", NULL));
    cr_expect_not(cc_points_is_ours("cc.", "cc", NULL));
}

Test(points_body, names_of_long_models_fit)
{
    char model[300], name[CC_POINTS_NAME];

    memset(model, 'm', sizeof model - 1);
    model[sizeof model - 1] = '\0';
    cc_points_name(model, model, 4096, name);

    cr_expect_eq(strcmp(name + strlen(name) - 5, ".4096"), 0, "%s", name);
}

Test(points_body, ids_are_uuids_that_depend_on_all_of_it)
{
    char a[CC_POINTS_UUID], b[CC_POINTS_UUID];
    static const struct {
        const char *tenant;
        int64_t generation, chunk;
        int part;
    } others[] = {{"u", 1, 2, 3}, {"t", 2, 2, 3}, {"t", 1, 3, 3}, {"t", 1, 2, 4}};

    cc_points_uuid("t", 1, 2, 3, a);
    cc_points_uuid("t", 1, 2, 3, b);
    cr_expect_str_eq(a, b);
    cr_expect_eq(strlen(a), 36);
    cr_expect_eq(a[14], '8');
    cr_expect_not_null(strchr("89ab", a[19]));
    cr_expect_eq(strspn(a, "0123456789abcdef-"), 36);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        cc_points_uuid(others[i].tenant, others[i].generation, others[i].chunk, others[i].part, b);
        cr_expect_neq(strcmp(a, b), 0, "%zu", i);
    }
}

static int read_groups(const char *text, struct cc_chunk_hit **hit, int *n)
{
    return cc_points_read_groups(text, strlen(text), mem, hit, n);
}

Test(points_body, groups_are_read_in_their_order)
{
    struct cc_chunk_hit *hit;
    int n;

    cr_assert_eq(read_groups("{\"result\":{\"groups\":["
                             "{\"id\":5,\"hits\":[{\"id\":\"u\",\"version\":1,\"score\":0.5}]},"
                             "{\"id\":\"x\",\"hits\":[{\"score\":0.4}]},{\"id\":6,\"hits\":[]},"
                             "{\"id\":7,\"hits\":[{\"score\":0}]}]}}",
                             &hit, &n),
                 0);

    cr_expect_eq(n, 2, "those without a number or a hit are left out");
    cr_expect_eq(hit[0].chunk, 5);
    cr_expect_float_eq(hit[0].score, 0.5, 1e-9);
    cr_expect_eq(hit[1].chunk, 7);
}

Test(points_body, answers_that_are_none_are_not_believed)
{
    static const char *const text[] = {"", "{", "[]", "{\"result\":true}",
                                       "{\"result\":{\"groups\":{}}}"};
    struct cc_chunk_hit *hit;
    const char *const *name;
    int n;

    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        cr_expect_eq(read_groups(text[i], &hit, &n), CC_E_UPSTREAM, "%s", text[i]);
        cr_expect_eq(cc_points_read_names(text[i], strlen(text[i]), mem, &name, &n), CC_E_UPSTREAM,
                     "%s", text[i]);
    }
}

Test(points_body, pages_are_read_without_what_has_no_vector_of_that_length)
{
    static const char text[] =
        "{\"result\":{\"next_page_offset\":\"u\",\"points\":["
        "{\"id\":\"a\",\"payload\":{\"chunk\":5,\"part\":1},\"vector\":[1,0.5]},"
        "{\"id\":\"b\",\"payload\":{\"chunk\":5,\"part\":0},\"vector\":[1]},"
        "{\"id\":\"c\",\"payload\":{\"chunk\":5,\"part\":-1},\"vector\":[1,2]},"
        "{\"id\":\"d\",\"payload\":{\"chunk\":6,\"part\":0},\"vector\":null},"
        "{\"id\":\"e\",\"payload\":{\"chunk\":6,\"part\":0},\"vector\":[0,\"x\"]}]}}";
    struct cc_points_page page;

    cr_assert_eq(cc_points_read_page(text, sizeof text - 1, 2, mem, &page), 0);

    cr_expect_str_eq(page.next, "u");
    cr_assert_eq(page.n, 2);
    cr_expect_eq(page.part[0].chunk, 5);
    cr_expect_eq(page.part[0].part, 1);
    cr_expect_float_eq(page.part[0].v[1], 0.5f, 1e-9);
    cr_expect_float_eq(page.part[1].v[1], 0, 1e-9, "what is no number is none");
}

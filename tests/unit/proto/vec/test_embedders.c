#include <criterion/criterion.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/vec/embedders.h"

static struct cc_embedders *set;

static void setup(void)
{
    cr_assert_eq(cc_config_load(), 0);
    cr_assert_eq(
        cc_embedders_open(&(struct cc_embed_opts){.spec = "hash", .model_dir = "/nowhere"}, &set),
        0);
}

static void teardown(void)
{
    cc_embedders_free(&set);
    cr_expect_null(set);
}

TestSuite(embedders, .init = setup, .fini = teardown);

Test(embedders, give_the_own_one_for_no_name_and_for_its_name)
{
    struct cc_embedder *embedder = NULL;

    cr_assert_eq(cc_embedders_get(set, "", &embedder), 0);
    cr_expect_eq(embedder, cc_embedders_own(set));
    cr_assert_eq(cc_embedders_get(set, "hash-1", &embedder), 0);
    cr_expect_eq(embedder, cc_embedders_own(set));
}

Test(embedders, that_cannot_be_made_here_are_refused)
{
    struct cc_embedder *embedder = NULL;

    cr_expect_eq(cc_embedders_get(set, "use-lite", &embedder), CC_E_NOTFOUND);
    cr_expect_eq(cc_embedders_get(set, "hash-0", &embedder), CC_E_INVALID);
    cr_expect_eq(cc_embedders_get(set, "openai:m", &embedder), CC_E_INVALID, "no HTTP client");
    cr_expect_null(embedder);
}

Test(embedders, without_an_own_one_are_none)
{
    struct cc_embedders *none = NULL;

    cr_expect_eq(cc_embedders_open(&(struct cc_embed_opts){.spec = "nothing"}, &none),
                 CC_E_INVALID);
    cr_expect_null(none);
}

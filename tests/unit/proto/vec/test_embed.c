#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/vec/embed.h"

Test(embedder, names_that_are_unknown_or_incomplete_are_refused, .init = NULL)
{
    static const char *const spec[] = {"", "nothing", "openai:", "usenet", "hash1", "ollama"};
    struct cc_embedder *embedder = NULL;

    cr_assert_eq(cc_config_load(), 0);
    for (size_t i = 0; i < sizeof spec / sizeof *spec; i++) {
        struct cc_embed_opts opts = {.spec = spec[i]};

        cr_expect_eq(cc_embedder_open(&opts, &embedder), CC_E_INVALID, "%s", spec[i]);
    }
    cr_expect_null(embedder);
}

Test(embedder, without_weights_is_hash_when_it_may_choose)
{
    struct cc_embed_opts opts = {.spec = "auto", .model_dir = "/nowhere"};
    struct cc_embedder *embedder = NULL;
    size_t dim = 0;

    cr_assert_eq(cc_config_load(), 0);
    cr_assert_eq(cc_embedder_open(&opts, &embedder), 0);

    cr_expect_str_eq(cc_embedder_name(embedder), "hash-1");
    cr_expect_eq(cc_embedder_dim(embedder, &dim), 0);
    cr_expect_eq(dim, 1024);
    cc_embedder_free(&embedder);
    cr_expect_null(embedder);
}

Test(embedder, without_weights_is_refused_when_use_was_asked_for)
{
    struct cc_embed_opts opts = {.spec = "use", .model_dir = "/nowhere"};
    struct cc_embedder *embedder = NULL;

    cr_assert_eq(cc_config_load(), 0);
    cr_expect_eq(cc_embedder_open(&opts, &embedder), CC_E_NOTFOUND);
}

Test(embedder, of_a_service_needs_an_http_client)
{
    struct cc_embed_opts opts = {.spec = "openai:text-embedding-3-small"};
    struct cc_embedder *embedder = NULL;

    cr_assert_eq(cc_config_load(), 0);
    cr_expect_eq(cc_embedder_open(&opts, &embedder), CC_E_INVALID);
}

Test(embedder, refuses_too_many_or_too_long_texts)
{
    struct cc_embed_opts opts = {.spec = "hash"};
    struct cc_embedder *embedder = NULL;
    static char text[CC_EMBED_TEXT_MAX + 2];
    const char *texts[CC_EMBED_TEXTS_MAX + 1];
    float out[1024];

    memset(text, 'a', sizeof text - 1);
    for (size_t i = 0; i < CC_EMBED_TEXTS_MAX + 1; i++)
        texts[i] = text;
    cr_assert_eq(cc_config_load(), 0);
    cr_assert_eq(cc_embedder_open(&opts, &embedder), 0);

    cr_expect_eq(cc_embed(embedder, texts, 1, out), CC_E_TOOBIG);
    cr_expect_eq(cc_embed(embedder, texts, CC_EMBED_TEXTS_MAX + 1, out), CC_E_TOOBIG);
    cr_expect_eq(cc_embed(embedder, texts, 0, out), 0);
    cc_embedder_free(&embedder);
}

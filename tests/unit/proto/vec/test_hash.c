#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/vector.h"
#include "proto/vec/embed.h"

#define DIM 1024

static struct cc_embedder *embedder;

static void open_hash(void)
{
    struct cc_embed_opts opts = {.spec = "hash"};

    cr_assert_eq(cc_config_load(), 0);
    cr_assert_eq(cc_embedder_open(&opts, &embedder), 0);
}

static void close_hash(void)
{
    cc_embedder_free(&embedder);
}

TestSuite(hash_embedding, .init = open_hash, .fini = close_hash);

static float cosine(const char *a, const char *b)
{
    const char *texts[] = {a, b};
    static float v[2 * DIM];

    cr_assert_eq(cc_embed(embedder, texts, 2, v), 0);
    return cc_vector_dot(v, v + DIM, DIM);
}

Test(hash_embedding, has_length_one)
{
    cr_expect_float_eq(cosine("refund policy", "refund policy"), 1.0f, 1e-5f);
}

Test(hash_embedding, of_nothing_is_zero)
{
    cr_expect_float_eq(cosine("?!", "refund policy"), 0.0f, 1e-9f);
}

Test(hash_embedding, puts_forms_of_a_word_near_each_other_in_any_language)
{
    cr_expect_gt(cosine("refunds", "refund"), 0.4f);
    cr_expect_gt(cosine("Rückerstattung", "Rückerstattungen"), 0.5f);
    cr_expect_lt(fabsf(cosine("refund", "giraffe")), 0.1f);
}

Test(hash_embedding, cares_more_for_names_than_for_function_words)
{
    cr_expect_gt(cosine("what is the capital of Peru", "Peru"),
                 2 * cosine("what is the capital of Peru", "what is the"));
}

/* The index of every installation without weights: change the name when this changes. */
Test(hash_embedding, never_changes)
{
    const char *text = "The refund policy";
    static float v[DIM];
    size_t filled = 0, first = DIM;

    cr_assert_eq(cc_embed(embedder, &text, 1, v), 0);
    for (size_t i = 0; i < DIM; i++) {
        filled += v[i] != 0;
        first = v[i] != 0 && first == DIM ? i : first;
    }

    cr_expect_str_eq(cc_embedder_name(embedder), "hash-1");
    cr_expect_eq(filled, 30, "%zu", filled);
    cr_expect_eq(first, 10, "%zu", first);
}

Test(hash_embedding, takes_a_chunk_as_a_whole)
{
    struct cc_arena *mem = cc_arena_new(65536);
    struct cc_part *part;
    size_t n;

    cr_assert_eq(cc_embed_split(embedder, "One. Two.", 9, mem, &part, &n), 0);

    cr_expect_eq(n, 1);
    cr_expect_str_eq(part[0].text, "One. Two.");
    cc_arena_free(&mem);
}

Test(hash_embedding, refuses_broken_utf8)
{
    const char *text = "a\xc3";
    float v[DIM];

    cr_expect_eq(cc_embed(embedder, &text, 1, v), CC_E_INVALID);
}

/*
 * hash.c - an embedding without a model: each word and each group of 3 or 4 letters inside it adds
 * to, or takes from, one of 1024 numbers that its hash names.
 *
 * What is said twice counts 1 + ln 2, and so on.  All groups of a word together count about as
 * much as the word; without a collection to count in, a list tells which words say little.
 * The groups do what stems would, in any language.  All of this is the index: whoever changes
 * it gives the embedding another name.
 */
#include <math.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/text.h"
#include "proto/base/vector.h"
#include "proto/vec/embed.h"
#include "proto/vec/terms.h"

#define DIM     1024
#define MEM_MAX ((size_t)64 << 20)
#define LITTLE  0.05f /* of a function word */

/* FNV-1a, then its high bits stirred into the low ones. */
static uint64_t hash_bytes(uint64_t seed, const char *bytes, size_t len)
{
    uint64_t h = 14695981039346656037u ^ seed;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)bytes[i]) * 1099511628211u;
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdu;
    return h ^ h >> 33;
}

static void add_feature(float *out, uint64_t kind, const char *bytes, size_t len, float weight)
{
    uint64_t h = hash_bytes(kind, bytes, len);

    out[h % DIM] += h >> 63 ? -weight : weight;
}

/* The groups of n characters in a word with its ends marked. */
static void add_grams(float *out, const char *word, size_t len, size_t n, float weight)
{
    size_t at[CC_TERM_MAX + 3];
    size_t chars = 0;

    for (size_t i = 0, step; i < len; i += step) {
        at[chars++] = i;
        cc_utf8_next(word + i, len - i, &step);
    }
    at[chars] = len;
    for (size_t i = 0; i + n <= chars; i++)
        add_feature(out, n, word + at[i], at[i + n] - at[i], weight);
}

static void add_term(float *out, const struct cc_chunk_term *term)
{
    char marked[CC_TERM_MAX + 2];
    size_t len = strlen(term->text);
    float weight =
        (1.0f + logf((float)term->count)) * (cc_terms_says_little(term->text) ? LITTLE : 1.0f);
    float share = weight / sqrtf((float)cc_utf8_count(term->text, len));

    marked[0] = '<';
    memcpy(marked + 1, term->text, len);
    marked[len + 1] = '>';
    add_feature(out, 1, term->text, len, weight);
    add_grams(out, marked, len + 2, 3, share);
    add_grams(out, marked, len + 2, 4, share);
}

static int run_one(const char *text, struct cc_arena *mem, float *out)
{
    struct cc_terms terms;
    int rc = cc_terms(text, strlen(text), "", mem, &terms);

    if (rc)
        return rc;
    memset(out, 0, DIM * sizeof *out);
    for (size_t i = 0; i < terms.n; i++)
        add_term(out, &terms.term[i]);
    cc_vector_normalize(out, DIM);
    return 0;
}

static int hash_run(void *self, const char *const *texts, size_t n, float *out)
{
    struct cc_arena *mem = cc_arena_new(MEM_MAX);
    int rc = 0;

    (void)self;
    for (size_t i = 0; i < n && !rc; i++) {
        rc = run_one(texts[i], mem, out + i * DIM);
        cc_arena_reset(mem);
    }
    cc_arena_free(&mem);
    return rc;
}

static int hash_open(const struct cc_embed_opts *opts, const char *model, void **ret_self)
{
    (void)opts;
    (void)model;
    *ret_self = NULL;
    return 0;
}

static void hash_free(void *self)
{
    (void)self;
}

static int hash_dim(void *self, size_t *ret)
{
    (void)self;
    *ret = DIM;
    return 0;
}

const struct cc_embed_kind cc_embed_hash = {.prefix = "hash",
                                            .open = hash_open,
                                            .free = hash_free,
                                            .dim = hash_dim,
                                            .split = cc_embed_split_whole,
                                            .run = hash_run,
                                            .name = "hash-1",
                                            .weight = 0.3};

#include "proto/vec/embed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define NAME_BYTES 128

struct cc_embedder {
    const struct cc_embed_kind *kind;
    void *self;
    char name[NAME_BYTES];
};

static const struct cc_embed_kind *const kinds[] = {&cc_embed_use, &cc_embed_hash, &cc_embed_openai,
                                                    &cc_embed_ollama};

/* "openai:" wants something behind it, "use" must be all. */
static bool names_kind(const char *spec, const struct cc_embed_kind *kind)
{
    size_t len = strlen(kind->prefix);

    if (strncmp(spec, kind->prefix, len) != 0)
        return false;
    return kind->prefix[len - 1] == ':' ? spec[len] != '\0' : spec[len] == '\0';
}

static const struct cc_embed_kind *find_kind(const char *spec)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (names_kind(spec, kinds[i]))
            return kinds[i];
    return NULL;
}

static int open_kind(const struct cc_embed_opts *opts, struct cc_embedder **ret)
{
    const struct cc_embed_kind *kind = find_kind(opts->spec);
    struct cc_embedder *e;
    const char *name;
    void *self;
    int rc;

    if (!kind)
        return cc_fail(CC_E_INVALID,
                       "embed: %.100s is none of use, hash, openai:MODEL, "
                       "ollama:MODEL",
                       opts->spec);
    name = kind->name ? kind->name : opts->spec;
    if (strlen(name) >= NAME_BYTES)
        return cc_fail(CC_E_INVALID, "embed: the model's name is too long");
    rc = kind->open(opts, opts->spec + strlen(kind->prefix), &self);
    if (rc)
        return rc;
    e = calloc(1, sizeof *e);
    if (!e)
        abort();
    e->kind = kind;
    e->self = self;
    memcpy(e->name, name, strlen(name) + 1);
    *ret = e;
    return 0;
}

static struct cc_embed_opts with_settings(const struct cc_embed_opts *opts)
{
    struct cc_embed_opts all = opts ? *opts : (struct cc_embed_opts){0};

    if (!all.spec)
        all.spec = cc_cfg(CC_CFG_EMBED);
    if (!all.model_dir)
        all.model_dir = cc_cfg(CC_CFG_EMBED_MODEL_DIR);
    return all;
}

int cc_embedder_open(const struct cc_embed_opts *opts, struct cc_embedder **ret)
{
    struct cc_embed_opts all = with_settings(opts);
    int rc;

    if (strcmp(all.spec, "auto") != 0)
        return open_kind(&all, ret);
    all.spec = "use";
    rc = open_kind(&all, ret);
    if (rc != CC_E_NOTFOUND)
        return rc;
    all.spec = "hash";
    return open_kind(&all, ret);
}

int cc_embedder_open_named(const char *name, const struct cc_embed_opts *opts,
                           struct cc_embedder **ret)
{
    struct cc_embed_opts all = with_settings(opts);

    all.spec = name;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i]->name && !strcmp(kinds[i]->name, name))
            all.spec = kinds[i]->prefix;
    return open_kind(&all, ret);
}

void cc_embedder_free(struct cc_embedder **embedder)
{
    if (!*embedder)
        return;
    (*embedder)->kind->free((*embedder)->self);
    free(*embedder);
    *embedder = NULL;
}

const char *cc_embedder_name(const struct cc_embedder *embedder)
{
    return embedder->name;
}

double cc_embedder_weight(const struct cc_embedder *embedder)
{
    return embedder->kind->weight;
}

bool cc_embedder_knows(const struct cc_embedder *embedder, const char *language)
{
    const char *only = embedder->kind->language;

    return !only || !*language || strcmp(only, language) == 0;
}

int cc_embedder_dim(struct cc_embedder *embedder, size_t *ret)
{
    return embedder->kind->dim(embedder->self, ret);
}

int cc_embed_split(const struct cc_embedder *embedder, const char *text, size_t len,
                   struct cc_arena *mem, struct cc_part **ret, size_t *ret_n)
{
    return embedder->kind->split(text, len, mem, ret, ret_n);
}

static int check_texts(const char *const *texts, size_t n)
{
    if (n > CC_EMBED_TEXTS_MAX)
        return cc_fail(CC_E_TOOBIG, "embed: %zu texts at once", n);
    for (size_t i = 0; i < n; i++) {
        size_t len = strnlen(texts[i], CC_EMBED_TEXT_MAX + 1);

        if (len > CC_EMBED_TEXT_MAX)
            return cc_fail(CC_E_TOOBIG, "embed: text %zu is too long", i);
        if (!cc_utf8_valid(texts[i], len))
            return cc_fail(CC_E_INVALID, "embed: text %zu is no UTF-8", i);
    }
    return 0;
}

int cc_embed(struct cc_embedder *embedder, const char *const *texts, size_t n, float *out)
{
    int rc = check_texts(texts, n);

    if (rc || n == 0)
        return rc;
    return embedder->kind->run(embedder->self, texts, n, out);
}

int cc_embed_split_whole(const char *text, size_t len, struct cc_arena *mem, struct cc_part **ret,
                         size_t *ret_n)
{
    struct cc_part *part = cc_arena_get(mem, sizeof *part);

    *part = (struct cc_part){cc_arena_dupn(mem, text, len), 0, len};
    *ret = part;
    *ret_n = 1;
    return 0;
}

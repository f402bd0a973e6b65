#include "proto/vec/embedders.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"

struct cc_embedders {
    struct cc_embed_opts opts;                /* without a spec */
    struct cc_embedder *of[CC_EMBEDDERS_MAX]; /* the own one first */
    int n;
};

int cc_embedders_open(const struct cc_embed_opts *opts, struct cc_embedders **ret)
{
    struct cc_embedders *set = calloc(1, sizeof *set);

    if (!set)
        abort();
    if (opts)
        set->opts = *opts;
    int rc = cc_embedder_open(opts, &set->of[0]);
    if (rc) {
        free(set);
        return rc;
    }
    set->opts.spec = NULL;
    set->n = 1;
    *ret = set;
    return 0;
}

void cc_embedders_free(struct cc_embedders **set)
{
    if (!*set)
        return;
    for (int i = 0; i < (*set)->n; i++)
        cc_embedder_free(&(*set)->of[i]);
    free(*set);
    *set = NULL;
}

struct cc_embedder *cc_embedders_own(const struct cc_embedders *set)
{
    return set->of[0];
}

static struct cc_embedder *find(const struct cc_embedders *set, const char *name)
{
    for (int i = 0; i < set->n; i++)
        if (!strcmp(cc_embedder_name(set->of[i]), name))
            return set->of[i];
    return NULL;
}

int cc_embedders_get(struct cc_embedders *set, const char *name, struct cc_embedder **ret)
{
    struct cc_embedder *found = *name ? find(set, name) : set->of[0];
    int rc = 0;

    if (!found && set->n == CC_EMBEDDERS_MAX)
        return cc_fail(CC_E_TOOBIG, "embed: more than %d embeddings in use", CC_EMBEDDERS_MAX);
    if (!found)
        rc = cc_embedder_open_named(name, &set->opts, &found);
    if (rc)
        return rc;
    if (!find(set, cc_embedder_name(found)))
        set->of[set->n++] = found;
    *ret = found;
    return 0;
}

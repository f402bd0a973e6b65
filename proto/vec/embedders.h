/*
 * embedders.h - the embeddings that a process has opened, by the names they are stored under.
 *
 * Most tenants are asked with the embedding of the settings; while it is exchanged, some are still
 * asked with the one before (proto/store/embedding.h).  That one is opened when it is first wanted
 * and kept until the end.
 *
 *     cc_embedding_of(pool, tenant, mem, &name);
 *     rc = cc_embedders_get(set, name, &embedder);
 */
#ifndef CC_VEC_EMBEDDERS_H
#define CC_VEC_EMBEDDERS_H

#include "proto/vec/embed.h"

#define CC_EMBEDDERS_MAX 8

struct cc_embedders; /* one per process */

/* Opens the one that opts (NULL: the settings) name; http and pacer are for all. */
int cc_embedders_open(const struct cc_embed_opts *opts, struct cc_embedders **ret);
void cc_embedders_free(struct cc_embedders **set); /* NULL is fine; sets NULL */

/* The one of the settings. */
struct cc_embedder *cc_embedders_own(const struct cc_embedders *set);

/*
 * The one of this stored name; "" is the own one.  Never waits.  NOTFOUND, INVALID: this process
 * cannot make it (no weight files, no service); TOOBIG: more than CC_EMBEDDERS_MAX.
 */
int cc_embedders_get(struct cc_embedders *set, const char *name, struct cc_embedder **ret);

#endif

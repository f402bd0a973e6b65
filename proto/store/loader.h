/*
 * loader.h - widget.js as each release shipped it, by version: pages pin its bytes by their hash.
 * All calls wait.
 */
#ifndef CC_STORE_LOADER_H
#define CC_STORE_LOADER_H

#include "proto/store/pg.h"

#define CC_LOADERS_MAX 4096 /* more than anybody releases */

struct cc_loader {
    const char *version; /* the first eight digits of the SHA-256 of bytes */
    const void *bytes;
    size_t len;
};
int cc_loader_put(struct cc_pg *pool, const struct cc_loader *loader); /* once is enough */
/* bytes live in mem.  NOTFOUND. */
int cc_loader_get(struct cc_pg *pool, const char *version, struct cc_arena *mem,
                  struct cc_loader *ret);
/* The versions that there are, newest first. */
int cc_loader_versions(struct cc_pg *pool, struct cc_arena *mem, const char *const **ret,
                       int *ret_n);

#endif

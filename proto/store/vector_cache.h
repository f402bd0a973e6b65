/*
 * vector_cache.h - vectors of tenants that were asked lately, in this process.
 *
 * A question then costs one look at the tenant's row: as long as tenants.knowledge is what it was,
 * nothing has changed.  When it is another, the list of generations is read anew, and only vectors
 * of generations that are new, or were edited since (documents.edits, .refreshed), are fetched.
 * Whatever changes what a search may see raises tenants.knowledge in the same transaction.
 *
 * Tenants that were not asked for longest go first when CC_SEARCH_MEMORY is used up.
 *
 * Only for proto/store.
 */
#ifndef CC_STORE_VECTOR_CACHE_H
#define CC_STORE_VECTOR_CACHE_H

#include "proto/store/chunk.h"
#include "proto/store/top.h"

struct cc_vector_cache; /* one per pool */

/*
 * Waits.  TOOBIG: the tenant has more than may be kept, or another task is just fetching them: the
 * database must be asked.
 */
int cc_vector_cache_nearest(struct cc_pg *pool, const struct cc_scope *scope,
                            const struct cc_query_vector *query, struct cc_arena *mem,
                            struct cc_top *top);

void cc_vector_cache_free(struct cc_vector_cache **cache); /* NULL is fine; sets NULL */

#endif

/*
 * points.h - vectors in Qdrant instead of PostgreSQL (CC_QDRANT_URL), over its Query API (1.11 on).
 *
 * One collection per embedding (name and dimension); a point per part of a passage.  Its payload:
 * client_id (the tenant, an indexed tenant field), document_id, generation, chunk, chunk_index,
 * part and, of the first part, content.  Every search filters by client_id and by the generations
 * that are active in PostgreSQL at that moment, which stays the truth: points of others are never
 * seen, whenever they are removed (vector_garbage says which).  There is no unfiltered search.
 *
 * Source: Qdrant's OpenAPI description, version 1.19.
 */
#ifndef CC_VEC_POINTS_H
#define CC_VEC_POINTS_H

#include "proto/store/chunk.h"

struct cc_http;
struct cc_points; /* one per process */

/* *ret NULL when CC_QDRANT_URL is empty.  Does not connect. */
int cc_points_open(struct cc_http *http, struct cc_points **ret);
void cc_points_free(struct cc_points **points); /* NULL is fine; sets NULL */

int cc_points_ping(struct cc_points *points, int timeout_ms); /* Waits. */

/*
 * Parts of stored passages, in place of those they had.  Waits.  Makes the collection when it is
 * missing.  Safe to repeat.  UPSTREAM, TIMEOUT, BUSY; REFUSED, NOTFOUND when asking again will not
 * help.
 */
struct cc_point {
    int64_t chunk, index, generation;
    const char *document, *content;
    const float *vectors; /* parts x dimension */
    int parts;
};
int cc_points_put(struct cc_points *points, const char *tenant, const char *model, int dimension,
                  const struct cc_point *point, int n);

/* Best part of each passage, best first, among these generations.  Waits. */
struct cc_points_query {
    const char *tenant;
    struct cc_query_vector vector;
    const int64_t *generations;
    int generations_n, max;
};
int cc_points_nearest(struct cc_points *points, const struct cc_points_query *query,
                      struct cc_arena *mem, struct cc_chunk_hit **ret, int *ret_n);

/* Vectors of passages, to be used for others of the same text.  Those that are not whole are left
 * out.  Waits. */
struct cc_points_wanted {
    const char *tenant, *model;
    int dimension, n;
    const int64_t *chunks;
};
struct cc_points_parts {
    int64_t chunk;
    const float *vectors; /* parts x dimension, of length 1 */
    int parts;
};
int cc_points_vectors(struct cc_points *points, const struct cc_points_wanted *wanted,
                      struct cc_arena *mem, struct cc_points_parts **ret, int *ret_n);

/* All points of a generation go, of this model or (NULL) of all.  Waits.  Safe to repeat. */
int cc_points_drop(struct cc_points *points, const char *tenant, int64_t generation,
                   const char *model);

#endif

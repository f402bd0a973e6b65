/*
 * points_body.h - what is said to Qdrant and what it answers, as data: nothing here waits.
 *
 * Field names and shapes are those of Qdrant's OpenAPI description, version 1.19.
 */
#ifndef CC_VEC_POINTS_BODY_H
#define CC_VEC_POINTS_BODY_H

#include <jansson.h>

#include "proto/vec/points.h"

#define CC_POINTS_NAME  160 /* of a collection, with its NUL */
#define CC_POINTS_UUID  37
#define CC_POINTS_PARTS 65536 /* of one passage */

/* PREFIX.MODEL.HASH.DIMENSION; other characters than letters, digits, '-' and '_' become '-'. */
void cc_points_name(const char *prefix, const char *model, int dimension, char out[CC_POINTS_NAME]);
/* Is it one of these, of this model or (NULL) of any? */
bool cc_points_is_ours(const char *name, const char *prefix, const char *model);

/* The same part of the same passage has the same id: storing it again replaces it. */
void cc_points_uuid(const char *tenant, int64_t generation, int64_t chunk, int part,
                    char out[CC_POINTS_UUID]);

/* Bodies are the caller's to json_decref. */
json_t *cc_points_collection(int dimension);
json_t *cc_points_index(int which); /* of the payload; NULL behind the last */
json_t *cc_points_upsert(const char *tenant, int dimension, const struct cc_point *point, int n);
/* Points of these passages that an upsert of the same has not just written. */
json_t *cc_points_stale(const char *tenant, const struct cc_point *point, int n);
json_t *cc_points_of_generation(const char *tenant, int64_t generation);
json_t *cc_points_search(const struct cc_points_query *query);
json_t *cc_points_scroll(const struct cc_points_wanted *wanted, int limit, const char *offset);

/* UPSTREAM when the answer is no such thing.  A group without a number or a hit is left out. */
int cc_points_read_groups(const char *body, size_t len, struct cc_arena *mem,
                          struct cc_chunk_hit **ret, int *ret_n);
/* Points with vectors of that dimension; others are left out. */
struct cc_points_page {
    struct cc_points_part {
        int64_t chunk, part;
        float *v;
    } * part;
    int n;
    const char *next; /* where the next page begins; "": nowhere */
};
int cc_points_read_page(const char *body, size_t len, int dimension, struct cc_arena *mem,
                        struct cc_points_page *ret);
int cc_points_read_names(const char *body, size_t len, struct cc_arena *mem,
                         const char *const **ret, int *ret_n);

#endif

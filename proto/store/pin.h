/*
 * pin.h - questions of a bot with an answer that its owner wrote: given as it is, without a model.
 * All calls wait.
 */
#ifndef CC_STORE_PIN_H
#define CC_STORE_PIN_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/store/pg.h"

struct cc_pin_question {
    const char *question, *normal; /* normal: lower case, single blanks, no mark at the end */
    const float *v;                /* NULL: no vector */
};
struct cc_pin {
    const char *id, *tenant, *bot, *answer;
    bool enabled;
    int64_t hits, hit_ms, created_ms; /* hit_ms 0: never */
    const struct cc_pin_question *questions;
    int questions_n, dimension;
    const char *model; /* of the vectors */
};
#define CC_PIN_NORMAL 2400 /* bytes of a question's normal form: it is part of an index's key */
/* Adds, or sets all of it but the hits.  CONFLICT: another pin of the bot has one of the questions.
 * TOOBIG. */
int cc_pin_put(struct cc_pg *pool, const struct cc_pin *pin);
int cc_pin_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
               struct cc_pin *ret);                                      /* NOTFOUND */
int cc_pin_list(struct cc_pg *pool, const char *tenant, const char *bot, /* "": all bots */
                const char *after, int max, struct cc_arena *mem, struct cc_pin **ret, int *ret_n);
int cc_pin_delete(struct cc_pg *pool, const char *tenant, const char *id); /* NOTFOUND */

/* The enabled pin whose question is the same, or whose vector is nearest and at least so like. */
struct cc_pin_query {
    const char *tenant, *bot, *normal;
    const float *v; /* NULL: by words alone */
    int dimension;
    const char *model;
    double threshold;
    bool *lacking; /* set when questions have no vector of this model; may be NULL */
};
struct cc_pin_match {
    const char *id, *question, *answer;
    double score; /* 1: the same words */
};
int cc_pin_find(struct cc_pg *pool, const struct cc_pin_query *query, struct cc_arena *mem,
                struct cc_pin_match *ret); /* NOTFOUND */
/*
 * Vectors for questions that were pinned without, or with those of an embedding of before. Lacking:
 * of enabled pins, up to max.  Set: by questions' normal; those gone meanwhile are left out.
 */
int cc_pin_lacking(struct cc_pg *pool, const struct cc_pin_query *query, int max,
                   struct cc_arena *mem, struct cc_pin_question **ret, int *ret_n);
int cc_pin_set_vectors(struct cc_pg *pool, const struct cc_pin *pin);
int cc_pin_hit(struct cc_pg *pool, const char *tenant, const char *id); /* counts one */
/* Are there any?  Most bots have none, and need not embed for it. */
int cc_pin_count(struct cc_pg *pool, const char *tenant, const char *bot, int64_t *ret);

#endif

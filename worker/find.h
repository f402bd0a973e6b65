/*
 * find.h - what a question is searched with: for answers, and for the owner who tries it out.
 */
#ifndef CC_WORKER_FIND_H
#define CC_WORKER_FIND_H

#include <jansson.h>

#include "proto/store/pin.h"
#include "proto/store/tenant.h"
#include "proto/vec/search.h"
#include "proto/vec/tuning.h"
#include "worker/worker.h"

struct cc_chat;

struct cc_finder {
    struct cc_worker *worker;
    const char *tenant, *bot, *text;
    int top;
    double threshold;
    const struct cc_tuning *tuning;
    const struct cc_tenant_state *state;
};
struct cc_finder cc_chat_finder(const struct cc_chat *chat);

/* The question as a vector, once it has been asked for. */
struct cc_asked {
    struct cc_query_vector vector; /* v NULL: not there */
    bool failed;                   /* the service gave none, and is not asked for it again */
};

int cc_find(const struct cc_finder *finder, const struct cc_asked *asked, struct cc_arena *mem,
            struct cc_search_result *ret); /* Waits. */

/* Where the passage stands, as far as that is known: url, page, row. */
void cc_find_place(const struct cc_passage *passage, json_t *item);

/* NOTFOUND.  The question is embedded only if its words match none; *asked says what came of it.
 * Waits. */
int cc_find_pin(const struct cc_finder *finder, struct cc_arena *mem, struct cc_asked *asked,
                struct cc_pin_match *ret);

#endif

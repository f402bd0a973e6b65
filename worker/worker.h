/*
 * worker.h - the process: what its answers share, and the list of those it holds.
 */
#ifndef CC_WORKER_WORKER_H
#define CC_WORKER_WORKER_H

#include <stdbool.h>
#include <sys/queue.h>

#include "proto/bus/call.h"
#include "proto/bus/queue.h"
#include "proto/run/run.h"
#include "proto/vec/embedders.h"
#include "proto/vec/points.h"
#include "proto/vec/search.h"

struct cc_chat;
struct cc_credentials;

#define CC_WORKER_NAMES 1024 /* lists of held answers by their id */

struct cc_worker {
    struct cc_run *run;
    struct cc_queue *queue;
    struct cc_embedders *embedders;
    struct cc_reranker *reranker; /* NULL: none is set */
    struct cc_points *points;     /* NULL: vectors lie in PostgreSQL */
    struct cc_call_server *calls;
    struct cc_credentials *credentials;
    int slots, lease_ms;
    TAILQ_HEAD(cc_chats, cc_chat) held;   /* the one whose lease is due first stands first */
    TAILQ_HEAD(cc_quiets, cc_chat) quiet; /* the one that is silent for longest stands first */
    LIST_HEAD(cc_named, cc_chat) named[CC_WORKER_NAMES];
    int64_t recount_ms;   /* when the open answers are to be counted again */
    int held_n, tasks;    /* tasks: intake's and hold's own */
    struct cc_wait freed; /* an answer was given back */
    bool over;            /* nothing is held any more: own tasks end */
};

#endif

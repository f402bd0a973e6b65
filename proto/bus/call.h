/*
 * call.h - asks another kind of process and waits for its answer: what the gateway may not do
 * itself (embed, search, parse) and what is worth nothing when it comes too late.
 *
 *     caller --RPUSH--> list of the kind --BLPOP--> a server's task --PUBLISH--> the caller's
 * channel
 *
 * At most once: a server that dies, or a link that breaks, costs the caller a TIMEOUT, and asking
 * again is up to him.  So whatever changes something must be safe to repeat.
 * Request and answer are JSON objects.  The server's error code and words come back as they were.
 * What it changes it changes on behalf of the asker's actor (base/actor.h).
 */
#ifndef CC_BUS_CALL_H
#define CC_BUS_CALL_H

#include <jansson.h>

#include "proto/base/arena.h"
#include "proto/bus/redis.h"

#define CC_CALL_WORKER "worker" /* kinds: who takes them */
#define CC_CALL_INGEST "ingest"
#define CC_CALL_FILES  "files"   /* of visitors: ingest, beside its other calls */
#define CC_CALL_MAX    (4 << 20) /* bytes of a request or an answer */

/* ---- asking ---- */
struct cc_calls; /* one per process */

/* name: unique among all that ask; a channel of it is listened to from now on. */
int cc_calls_open(struct cc_redis *queue, struct cc_redis *live, const char *name,
                  struct cc_calls **ret);
/* Waits.  NULL is fine; sets NULL.  Calls under way get CANCELLED. */
void cc_calls_close(struct cc_calls **calls);

struct cc_call {
    const char *kind, *method, *tenant, *trace;
    json_t *request; /* borrowed; NULL: {} */
    int timeout_ms;  /* the server gives up, too, when it has passed */
};
/* Waits.  BUSY: too many wait already; TOOBIG; TIMEOUT: nobody answered; else what the server says.
 * *ret is the caller's to json_decref. */
int cc_call(struct cc_calls *calls, const struct cc_call *call, json_t **ret);

/* ---- answering ---- */
struct cc_call_request {
    const char *tenant, *trace;
    json_t *body;         /* borrowed */
    struct cc_arena *mem; /* of this call */
};
struct cc_call_method {
    const char *name;
    /* On a task with the call's deadline.  *ret (an object) is given away. */
    int (*run)(void *self, const struct cc_call_request *request, json_t **ret);
};
struct cc_call_server_opts {
    struct cc_redis *live;
    const char *queue_url; /* a link of its own is made: it blocks */
    const char *kind;
    const struct cc_call_method *methods; /* name NULL ends the table */
    void *self;
    int slots; /* calls at once */
};
struct cc_call_server;
/* What opts points to outlives the server. */
int cc_call_serve(const struct cc_call_server_opts *opts, struct cc_call_server **ret);
/* Waits.  Takes nothing more, lets what runs end for a moment.  NULL is fine; sets NULL. */
void cc_call_stop(struct cc_call_server **server);

#endif

/*
 * request.h - a request is a task; its handler is a straight-line function.
 *
 * A handler reads rq and either ends with one cc_reply_...() and returns 0, or returns
 * a code, which becomes a problem object.  It never touches Kore: the answer is sent on Kore's
 * stack when the task has ended.  When the client goes away the handler's waits return CANCELLED;
 * everything rq points to stays until it returns.
 */
#ifndef CC_GATEWAY_REQUEST_H
#define CC_GATEWAY_REQUEST_H

#include "gateway/pure/identity.h"
#include "gateway/pure/route.h"
#include "proto/base/arena.h"
#include "proto/base/json.h"
#include "proto/store/tenant.h"
#include "proto/task/task.h"

#define CC_RQ_HEADERS 16 /* of an answer */

/*
 * Who asks, and for which bot.  Behind CC_DOOR_VISITOR there is always a bot; behind the doors of a
 * back office bot.id is "" unless the key is bound to one, until cc_guest_choose().
 */
struct cc_guest {
    const char *tenant, *tier;
    const char *key;          /* a key's id; NULL: it is a login */
    const char *shown;        /* the key's hash, or the id of the bot; NULL: it is a login */
    const char *user, *login; /* of a login; NULL: it is a key */
    const char *token;        /* id of the login's token (jti) */
    int64_t token_end_s;      /* Unix time at which that expires */
    const char *role;         /* of the user in this tenant; NULL: it is a key */
    unsigned rights;          /* enum cc_right, or'ed */
    bool secret, bound;       /* secret: no public key; bound: the key is good for one bot only */
    int64_t rate;             /* requests a minute of this key; 0: no limit of its own */
    const char *limits, *ceiling; /* JSON: the tenant's own limits and the operator's for it */
    const char *visitor;       /* "vis_..." that has proved who it is; "": nobody in particular */
    struct cc_identity person; /* what the proof says of him */
    bool everybody;            /* a server without a proof: it speaks for any visitor */
    struct cc_bot bot; /* id, tenant, name, origins, widget, server_use, limits, identity... */
};

struct cc_header {
    const char *name, *value;
};
struct cc_rq {
    struct cc_arena *mem;
    const struct cc_route *route; /* NULL: no row has this path and method */
    unsigned method;
    const char *method_name;
    const char *path, *query; /* as sent; query "" when absent */
    struct cc_params params;
    const struct cc_header *headers;
    int headers_n;
    const char *body; /* NUL-terminated only by chance */
    size_t body_len;
    const char *address; /* the client's */
    const char *id;      /* request and trace id */
    bool forwarded;      /* came through a proxy */
    struct cc_guest guest;
    const char *cors; /* the origin that may read the answer; NULL: none */

    struct { /* what is answered */
        int status;
        const char *type, *bytes;
        size_t len;
        bool lasting; /* bytes outlive the connection: they need no copy */
        struct cc_header headers[CC_RQ_HEADERS];
        int headers_n;
        int code; /* the error it tells, 0 */
    } reply;
    struct cc_rq_inside *inside; /* request.c */
};

/* NULL when absent; the first of several. */
const char *cc_rq_header(const struct cc_rq *rq, const char *name);
/* Decoded; "" when the pattern has no such name or the segment is malformed. */
const char *cc_rq_param(struct cc_rq *rq, const char *name);
/* Every {name} of the path is well formed; handlers are called for no others. */
bool cc_rq_params_good(struct cc_rq *rq);
/* Decoded; NULL when absent. */
const char *cc_rq_query(struct cc_rq *rq, const char *name);
bool cc_rq_accepts_stream(const struct cc_rq *rq); /* Accept names text/event-stream */

/* All return 0.  Bytes must live in rq->mem or longer. */
int cc_reply_bytes(struct cc_rq *rq, int status, const char *type, const char *bytes, size_t len);
int cc_reply_json(struct cc_rq *rq, int status, json_t *json); /* takes the reference */
int cc_reply_problem(struct cc_rq *rq, int code);
/* Both strings must live in rq->mem or longer.  "set-cookie": name=value and attributes; HttpOnly,
 * Secure and Path=/ are added, and there may be several. */
void cc_reply_header(struct cc_rq *rq, const char *name, const char *value);

/* ---- streams (stream.c): from here on the task follows the connection ---- */

/*
 * Waits until the head is on its way.  Path, query, parameters, headers and body are gone
 * afterwards: copy what is needed longer.
 */
int cc_stream_open(struct cc_rq *rq, const char *type);
/* CANCELLED: the client has gone.  BUSY: it owes us 256 KiB of reading, and is cut off. */
int cc_stream_send(struct cc_rq *rq, const char *bytes, size_t len);
/*
 * Waits until the client's side has taken them: what is long goes no faster than it is read.
 * CANCELLED: the client has gone.  TIMEOUT: it does not read.
 */
int cc_stream_put(struct cc_rq *rq, const char *bytes, size_t len);
/* What follows cannot be had: the connection breaks off, so that nobody takes it for the whole. */
void cc_stream_cut(struct cc_rq *rq);

/* ---- for the process (process.c) ---- */
int cc_rq_live(void);
/* Tells the tasks of open streams, or of all requests, to stop. */
void cc_rq_cancel(bool all);

#endif

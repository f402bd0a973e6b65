/*
 * route.h - which row of the table a request belongs to.
 *
 * A pattern is a path whose segments are literal or "{name}", which matches one segment
 * that is not empty.  Rows are tried in order, so literal ones stand before those with names.
 * A HEAD request matches GET.
 */
#ifndef CC_GATEWAY_PURE_ROUTE_H
#define CC_GATEWAY_PURE_ROUTE_H

#include <stddef.h>

#include "gateway/pure/rights.h"

enum cc_method {
    CC_GET = 1,
    CC_POST = 2,
    CC_PUT = 4,
    CC_PATCH = 8,
    CC_DELETE = 16,
    CC_HEAD = 32,
    CC_OPTIONS = 64
};

/* Who may come in. */
enum cc_door {
    CC_DOOR_OPEN,    /* everybody */
    CC_DOOR_VISITOR, /* a public key from an allowed origin, or a secret key with the right */
    CC_DOOR_OFFICE,  /* a login whose role, or a secret key whose scopes have the right */
    CC_DOOR_PERSON,  /* a login: what a key cannot do */
    CC_DOOR_INSIDE,  /* the internal secret */
    CC_DOOR_PRIVATE  /* a peer of our own network, not through a proxy */
};

/* Which counters a request raises. */
enum cc_counted { CC_COUNT_NONE, CC_COUNT_TENANT, CC_COUNT_CHAT };

struct cc_rq;
struct cc_route {
    unsigned methods;
    const char *pattern;
    enum cc_door door;
    enum cc_right right; /* that is wanted of who comes in */
    enum cc_counted counted;
    size_t body_cap; /* bytes; 0: no body */
    int (*fn)(struct cc_rq *rq);
    const char *name; /* log field and metric label */
};

#define CC_PARAMS_MAX 4
struct cc_params {
    int n;
    struct {
        const char *name, *value; /* point into pattern and path */
        size_t name_len, len;
    } at[CC_PARAMS_MAX];
};
struct cc_match {
    struct cc_params params;
    unsigned methods; /* those that rows of this path have; 0: the path is unknown */
};

/* NULL when there is none; ret->methods says why. */
const struct cc_route *cc_route_find(const struct cc_route *rows, size_t n, unsigned method,
                                     const char *path, struct cc_match *ret);

/* "GET, POST" into out (64 bytes); HEAD and OPTIONS are added where they apply. */
char *cc_methods_print(unsigned methods, char *out);

#endif

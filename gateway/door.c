#include "gateway/door.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/pure/address.h"
#include "gateway/pure/origin.h"
#include "gateway/pure/wsframe.h"
#include "gateway/rates.h"
#include "gateway/routes.h"
#include "proto/base/config.h"
#include "proto/base/text.h"
#include "proto/seal/key.h"

/* ---- key ---- */

static const char *bearer(const char *authorization)
{
    if (!authorization || strncasecmp(authorization, "bearer ", 7) != 0)
        return NULL;
    return authorization + 7 + strspn(authorization + 7, " ");
}

#define KEY_PROTOCOL "cc.key."

/* A page can set no header of a WebSocket: there the key is one of the protocols it offers. */
static const char *offered(struct cc_rq *rq)
{
    const char *word =
        cc_ws_word(cc_rq_header(rq, "sec-websocket-protocol"), KEY_PROTOCOL, rq->mem);

    return word ? word + strlen(KEY_PROTOCOL) : NULL;
}

/* In a header; a public key may also stand in the path or in the query of a GET (EventSource). */
static const char *key_of(struct cc_rq *rq)
{
    const char *key = cc_rq_header(rq, "x-api-key");
    const char *open;

    if (!key)
        key = bearer(cc_rq_header(rq, "authorization"));
    if (!key)
        key = offered(rq);
    if (key)
        return key;
    open = cc_rq_param(rq, "key");
    if (!*open && rq->method == CC_GET)
        open = cc_rq_query(rq, "apiKey");
    return open && cc_text_starts(open, "pk_") ? open : NULL;
}

/* ---- origin ---- */

/* A page of our own sends no Origin with a GET; the browser says that it is one. */
static bool own_page(const struct cc_rq *rq)
{
    const char *site = cc_rq_header(rq, "sec-fetch-site");

    return site && strcmp(site, "same-origin") == 0 &&
           cc_host_ours(cc_cfg(CC_CFG_PUBLIC_URL), cc_rq_header(rq, "host"));
}

/*
 * A secret key needs no page.  But where a WebSocket comes from one, no browser has asked us
 * beforehand whether that page may read what we say.
 */
static bool page_matters(const struct cc_rq *rq)
{
    return !rq->guest.secret ||
           (cc_rq_header(rq, "sec-websocket-key") && cc_rq_header(rq, "origin"));
}

static int check_origin(struct cc_rq *rq)
{
    const struct cc_bot *bot = &rq->guest.bot;
    const char *origin = cc_rq_header(rq, "origin");

    if (!origin && (bot->server_use || own_page(rq)))
        return 0;
    if (!origin)
        return cc_fail(CC_E_ORIGIN, "a public key is only good on the pages of its bot");
    if (!cc_origin_allowed(bot->origins, origin) &&
        !cc_origin_ours(cc_cfg(CC_CFG_PUBLIC_URL), cc_rq_header(rq, "host"), origin))
        return cc_fail(CC_E_ORIGIN, "this origin is not on the bot's list");
    rq->cors = origin;
    return 0;
}

/* ---- all together ---- */

int cc_door_pass(struct cc_rq *rq)
{
    const char *key;
    int rc;

    if (rq->route->door == CC_DOOR_OPEN || rq->route->door == CC_DOOR_INSIDE)
        return 0;
    if (rq->route->door == CC_DOOR_PRIVATE)
        return !rq->forwarded && cc_address_private(rq->address)
                   ? 0
                   : cc_fail(CC_E_NOTFOUND, "only for our own network");
    key = key_of(rq);
    if (!key)
        return cc_fail(CC_E_AUTH, "an API key is wanted: x-api-key, or Authorization: Bearer");
    rc = cc_guest_find(key, rq->route->door == CC_DOOR_VISITOR, rq->mem, &rq->guest);
    if (rc == 0 && (rq->guest.rights & rq->route->right) != (unsigned)rq->route->right)
        rc = cc_fail(CC_E_FORBIDDEN, "this credential lacks the right \"%s\"",
                     cc_right_word(rq->route->right));
    if (rc == 0 && page_matters(rq))
        rc = check_origin(rq);
    return rc ? rc : cc_rates_count(rq);
}

int cc_door_preflight(struct cc_rq *rq)
{
    const char *origin = cc_rq_header(rq, "origin");
    struct cc_match match;
    const char *names;

    cc_routes_find(CC_OPTIONS, rq->path, &match);
    if (match.methods == 0)
        return cc_fail(CC_E_NOTFOUND, "there is no such path");
    names = cc_methods_print(match.methods, cc_arena_get(rq->mem, 64));
    cc_reply_header(rq, "allow", names);
    if (origin && cc_origin_valid(origin)) {
        rq->cors = origin;
        cc_reply_header(rq, "vary", "origin");
        cc_reply_header(rq, "access-control-allow-methods", names);
        cc_reply_header(rq, "access-control-allow-headers",
                        "content-type, x-api-key, authorization, last-event-id, "
                        "idempotency-key, x-request-id, x-visitor-token, x-visitor-id, "
                        "x-visitor-exp, x-visitor-hash");
        cc_reply_header(rq, "access-control-max-age", "600");
    }
    return cc_reply_bytes(rq, 204, NULL, "", 0);
}

int cc_door_glance(const struct cc_route *route, unsigned methods, const char *key,
                   const char *authorization, uint64_t body_len)
{
    enum cc_key_kind kind;

    if (!route)
        return methods ? CC_E_METHOD : CC_E_NOTFOUND;
    if (body_len > route->body_cap)
        return cc_fail(CC_E_TOOBIG, "at most %zu bytes are read here", route->body_cap);
    if (route->door != CC_DOOR_VISITOR && route->door != CC_DOOR_OFFICE)
        return 0;
    key = key ? key : bearer(authorization);
    if (!key || !cc_key_parse(key, &kind))
        return cc_fail(CC_E_AUTH, "an API key is wanted: x-api-key, or Authorization: Bearer");
    if (route->door == CC_DOOR_OFFICE && kind != CC_KEY_SECRET)
        return cc_fail(CC_E_FORBIDDEN, "a secret key is wanted");
    return 0;
}

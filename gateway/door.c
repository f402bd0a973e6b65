#include "gateway/door.h"

#include <string.h>

#include "gateway/guests.h"
#include "gateway/logins.h"
#include "gateway/pure/address.h"
#include "gateway/pure/origin.h"
#include "gateway/rates.h"
#include "gateway/routes.h"
#include "proto/base/actor.h"
#include "proto/base/config.h"
#include "proto/seal/key.h"

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

/* Without a CORS header a page of another site cannot read what a login is answered; a WebSocket
 * it could. */
static int check_own_page(struct cc_rq *rq, bool cookie)
{
    const char *origin = cc_rq_header(rq, "origin");

    if (!cc_rq_header(rq, "sec-websocket-key") || (!origin && !cookie))
        return 0;
    if (!origin || !cc_origin_ours(cc_cfg(CC_CFG_PUBLIC_URL), cc_rq_header(rq, "host"), origin))
        return cc_fail(CC_E_ORIGIN, "a login is only good on our own pages");
    return 0;
}

/* Did a page send this that may? */
static int check_page(struct cc_rq *rq, const struct cc_credential *credential)
{
    bool safe = (rq->method & (CC_GET | CC_HEAD)) != 0;
    int rc;

    if (credential->kind == CC_API_KEY)
        return page_matters(rq) ? check_origin(rq) : 0;
    rc = credential->cookie && !safe ? cc_credential_meant(rq) : 0;
    return rc ? rc : check_own_page(rq, credential->cookie);
}

/* ---- who ---- */

static int enter_with_key(struct cc_rq *rq, const char *key)
{
    enum cc_door door = rq->route->door;
    int rc = cc_guest_find(key, door == CC_DOOR_VISITOR, rq->mem, &rq->guest);

    if (rc == 0 && door == CC_DOOR_PERSON)
        rc = cc_fail(CC_E_FORBIDDEN, "a login is wanted, a key cannot do this");
    if (rc == 0 && door == CC_DOOR_OFFICE && !rq->guest.secret)
        rc = cc_fail(CC_E_FORBIDDEN, "a login or a secret key is wanted");
    return rc;
}

static int enter(struct cc_rq *rq, const struct cc_credential *credential)
{
    if (credential->kind == CC_API_KEY)
        return enter_with_key(rq, credential->text);
    if (credential->kind == CC_TOKEN && rq->route->door != CC_DOOR_VISITOR)
        return cc_login_guest(credential->text, rq->mem, &rq->guest);
    return cc_fail(CC_E_AUTH, rq->route->door == CC_DOOR_PERSON
                                  ? "a login is wanted"
                                  : "an API key is wanted: x-api-key, or Authorization: Bearer");
}

/* Whose id a path names is told by the credential; another's is as if there were none. */
static int check_client(struct cc_rq *rq)
{
    const char *client = cc_rq_param(rq, "clientId");

    return *client && strcmp(client, rq->guest.tenant) != 0
               ? cc_fail(CC_E_NOTFOUND, "there is no such client")
               : 0;
}

static int check_right(const struct cc_rq *rq)
{
    unsigned wanted = rq->route->right;

    return (rq->guest.rights & wanted) == wanted
               ? 0
               : cc_fail(CC_E_FORBIDDEN, "this credential lacks the right \"%s\"",
                         cc_right_word(wanted));
}

/* ---- doors ---- */

static int pass_with_credential(struct cc_rq *rq)
{
    struct cc_credential credential;
    int rc;

    cc_credential_find(rq, &credential);
    rc = enter(rq, &credential);
    if (rc == 0)
        rc = check_client(rq);
    if (rc == 0)
        rc = check_right(rq);
    if (rc == 0)
        rc = check_page(rq, &credential);
    if (rc != 0)
        return rc;
    if (rq->route->door != CC_DOOR_VISITOR)
        cc_actor_set(rq->guest.user ? rq->guest.user : rq->guest.key, rq->address, rq->id);
    return cc_rates_count(rq);
}

static int pass_open(struct cc_rq *rq)
{
    (void)rq;
    return 0;
}

static int pass_inside(struct cc_rq *rq)
{
    const char *given = cc_rq_header(rq, "x-internal-secret");
    const char *secret = cc_cfg(CC_CFG_INTERNAL_SECRET);

    if (!*secret)
        return cc_fail(CC_E_NOTFOUND, "the internal routes are closed");
    if (!given || !cc_same_secret(given, secret))
        return cc_fail(CC_E_AUTH, "x-internal-secret is not the right one");
    return 0;
}

static int pass_private(struct cc_rq *rq)
{
    return !rq->forwarded && cc_address_private(rq->address)
               ? 0
               : cc_fail(CC_E_NOTFOUND, "only for our own network");
}

static int (*const doors[])(struct cc_rq *rq) = {
    [CC_DOOR_OPEN] = pass_open,
    [CC_DOOR_VISITOR] = pass_with_credential,
    [CC_DOOR_OFFICE] = pass_with_credential,
    [CC_DOOR_PERSON] = pass_with_credential,
    [CC_DOOR_INSIDE] = pass_inside,
    [CC_DOOR_PRIVATE] = pass_private,
};

int cc_door_pass(struct cc_rq *rq)
{
    return doors[rq->route->door](rq);
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

static bool wants_credential(enum cc_door door)
{
    return door == CC_DOOR_VISITOR || door == CC_DOOR_OFFICE || door == CC_DOOR_PERSON;
}

int cc_door_glance(const struct cc_route *route, unsigned methods,
                   const struct cc_credential_head *head, uint64_t body_len)
{
    if (!route)
        return methods ? CC_E_METHOD : CC_E_NOTFOUND;
    if (body_len > route->body_cap)
        return cc_fail(CC_E_TOOBIG, "at most %zu bytes are read here", route->body_cap);
    return wants_credential(route->door) ? cc_credential_glance(head, route->door) : 0;
}

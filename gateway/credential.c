#include "gateway/credential.h"

#include <string.h>

#include "gateway/auth.h"
#include "gateway/pure/cookie.h"
#include "gateway/pure/origin.h"
#include "gateway/pure/wsframe.h"
#include "proto/base/config.h"
#include "proto/base/id.h"
#include "proto/base/text.h"
#include "proto/seal/key.h"

#define KEY_PROTOCOL "cc.key."
#define JWT_BEGINS   "eyJ" /* {" */

static const char *bearer(const char *authorization)
{
    if (!authorization || strncasecmp(authorization, "bearer ", 7) != 0)
        return NULL;
    return authorization + 7 + strspn(authorization + 7, " ");
}

/* A page can set no header of a WebSocket: there it is one of the protocols that it offers. */
static const char *offered(struct cc_rq *rq)
{
    const char *word =
        cc_ws_word(cc_rq_header(rq, "sec-websocket-protocol"), KEY_PROTOCOL, rq->mem);

    return word ? word + strlen(KEY_PROTOCOL) : NULL;
}

bool cc_credential_public(const char *text)
{
    return cc_text_starts(text, "pk_") || cc_id_valid(text, "bot");
}

/* What a page may show may also stand in the path, or in the query of a GET (EventSource). */
static const char *in_the_open(struct cc_rq *rq)
{
    const char *open = cc_rq_param(rq, "key");

    if (!*open && rq->method == CC_GET)
        open = cc_rq_query(rq, "apiKey");
    return open && cc_credential_public(open) ? open : NULL;
}

static void classify(const char *text, struct cc_credential *ret)
{
    ret->kind = cc_text_starts(text, JWT_BEGINS) ? CC_TOKEN : CC_API_KEY;
    ret->text = text;
}

void cc_credential_find(struct cc_rq *rq, struct cc_credential *ret)
{
    const char *text = cc_rq_header(rq, "x-api-key");
    char token[CC_TOKEN_MAX];

    *ret = (struct cc_credential){.kind = CC_NOTHING};
    if (!text)
        text = bearer(cc_rq_header(rq, "authorization"));
    if (!text)
        text = offered(rq);
    if (!text)
        text = in_the_open(rq);
    if (text)
        classify(text, ret);
    else if (cc_cookie_get(cc_rq_header(rq, "cookie"), CC_COOKIE_SESSION, token, sizeof token))
        *ret = (struct cc_credential){CC_TOKEN, cc_arena_dup(rq->mem, token), true};
}

/* ---- before the body ---- */

static int glance_at_token(const char *token, enum cc_door door)
{
    json_t *claims;
    int rc;

    if (door == CC_DOOR_VISITOR)
        return cc_fail(CC_E_AUTH, "an API key is wanted");
    rc = cc_auth_verify(token, CC_AUD_DASHBOARD, &claims);
    if (rc == 0)
        json_decref(claims);
    return rc;
}

static int glance_at_key(const char *key, enum cc_door door)
{
    enum cc_key_kind kind = CC_KEY_PUBLIC;

    if (!cc_id_valid(key, "bot") && !cc_key_parse(key, &kind))
        return cc_fail(CC_E_AUTH, "an API key is wanted: x-api-key, or Authorization: Bearer");
    if (door == CC_DOOR_PERSON)
        return cc_fail(CC_E_FORBIDDEN, "a login is wanted");
    if (door == CC_DOOR_OFFICE && kind != CC_KEY_SECRET)
        return cc_fail(CC_E_FORBIDDEN, "a login or a secret key is wanted");
    return 0;
}

int cc_credential_glance(const struct cc_credential_head *head, enum cc_door door)
{
    const char *text = head->key ? head->key : bearer(head->authorization);
    char token[CC_TOKEN_MAX];

    if (!text && cc_cookie_get(head->cookie, CC_COOKIE_SESSION, token, sizeof token))
        text = token;
    if (!text)
        return cc_fail(CC_E_AUTH, "a credential is wanted: x-api-key, or Authorization: Bearer");
    return cc_text_starts(text, JWT_BEGINS) ? glance_at_token(text, door)
                                            : glance_at_key(text, door);
}

/* ---- cookies ---- */

/* Browsers say where a request comes from; who is no browser may leave both out. */
bool cc_credential_elsewhere(const struct cc_rq *rq)
{
    const char *origin = cc_rq_header(rq, "origin"), *site = cc_rq_header(rq, "sec-fetch-site");

    if (origin && !cc_origin_ours(cc_cfg(CC_CFG_PUBLIC_URL), cc_rq_header(rq, "host"), origin))
        return true;
    return site && strcmp(site, "same-origin") != 0;
}

int cc_credential_meant(struct cc_rq *rq)
{
    const char *shown = cc_rq_header(rq, "x-csrf-token");

    if (cc_credential_elsewhere(rq))
        return cc_fail(CC_E_CSRF, "a page of another site has sent this");
    if (!shown || !cc_token_csrf_right(cc_auth_keys(), rq->guest.login, shown))
        return cc_fail(CC_E_CSRF, "x-csrf-token is wanted beside a cookie, as the login gave it");
    return 0;
}

/*
 * auth_enter.c - the tokens and cookies of a login, and the answer that carries them.
 */
#include <string.h>

#include "gateway/auth.h"
#include "gateway/credential.h"
#include "gateway/gateway.h"
#include "proto/base/actor.h"
#include "proto/base/clock.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/store/user.h"

#define ACCESS_S  (15 * 60)
#define REFRESH_S (CC_LOGIN_DAYS * 24 * 3600)
#define AGENT_MAX 200 /* bytes */

void cc_auth_tell(const char *result)
{
    cc_metric_add(CC_M_LOGINS, CC_LABELS(result), 1);
}

struct tokens {
    const char *access, *refresh, *csrf;
};

static int mint(struct cc_rq *rq, const struct cc_login_who *who, int64_t n, struct tokens *ret)
{
    char id[CC_ID_MAX], csrf[CC_CSRF_MAX];
    int rc = cc_auth_mint(rq, CC_AUD_DASHBOARD, ACCESS_S,
                          json_pack("{s:s, s:s, s:s, s:s}", "sub", who->user, "tid", who->tenant,
                                    "sid", who->id, "jti", cc_id_random("jti", id)),
                          &ret->access);

    if (rc == 0)
        rc = cc_auth_mint(rq, CC_AUD_REFRESH, REFRESH_S,
                          json_pack("{s:s, s:s, s:s, s:I}", "sub", who->user, "tid", who->tenant,
                                    "sid", who->id, "n", (json_int_t)n),
                          &ret->refresh);
    ret->csrf = cc_arena_dup(rq->mem, cc_token_csrf(cc_auth_keys(), who->id, csrf));
    return rc;
}

/* ---- cookies ---- */

static void set_cookie(struct cc_rq *rq, const char *name, const char *value, int age_s)
{
    cc_reply_header(
        rq, "set-cookie",
        cc_arena_printf(rq->mem, "%s=%s; Max-Age=%d; SameSite=Lax", name, value, age_s));
}

/* Not for pages of others: they could log a visitor of theirs in as somebody else. */
static void set_cookies(struct cc_rq *rq, const struct tokens *tokens)
{
    if (cc_credential_elsewhere(rq))
        return;
    set_cookie(rq, CC_COOKIE_SESSION, tokens->access, ACCESS_S);
    set_cookie(rq, CC_COOKIE_REFRESH, tokens->refresh, REFRESH_S);
}

void cc_auth_forget(struct cc_rq *rq)
{
    set_cookie(rq, CC_COOKIE_SESSION, "", 0);
    set_cookie(rq, CC_COOKIE_REFRESH, "", 0);
}

/* ---- the answer ---- */

static json_t *answer_json(const struct cc_login_who *who, const struct cc_user *user,
                           const struct tokens *tokens)
{
    return json_pack("{s:{s:s, s:s, s:s}, s:s, s:s, s:s, s:s, s:s, s:i}", "user", "id", user->id,
                     "email", user->email, "name", user->name, "clientId", who->tenant, "role",
                     who->role, "csrfToken", tokens->csrf, "accessToken", tokens->access,
                     "refreshToken", tokens->refresh, "expiresIn", ACCESS_S);
}

int cc_auth_reply(struct cc_rq *rq, const struct cc_auth_answer *answer)
{
    CC_AUTO(json_decref)
    json_t *more = answer->more;
    struct tokens tokens;
    struct cc_user user;
    json_t *json;
    int rc = cc_user_get(cc_gateway()->pg, answer->who->user, rq->mem, &user);

    if (rc == 0)
        rc = mint(rq, answer->who, answer->n, &tokens);
    if (rc != 0)
        return rc;
    json = answer_json(answer->who, &user, &tokens);
    if (more)
        json_object_update(json, more);
    set_cookies(rq, &tokens);
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, answer->status, json);
}

/* ---- a new one ---- */

/* What the client calls itself, in printable ASCII. */
static const char *agent_of(struct cc_rq *rq)
{
    const char *told = cc_rq_header(rq, "user-agent");
    char *agent = cc_arena_get(rq->mem, AGENT_MAX + 1);
    size_t n = 0;

    for (; told && *told && n < AGENT_MAX; told++)
        if (*told >= ' ' && *told < 127)
            agent[n++] = *told;
    return agent;
}

int cc_auth_enter(struct cc_rq *rq, const struct cc_auth_entry *entry)
{
    char id[CC_ID_MAX];
    struct cc_login_who who;
    const struct cc_login login = {.id = cc_id_sorted("lgn", id),
                                   .tenant = entry->tenant,
                                   .user = entry->user,
                                   .agent = agent_of(rq),
                                   .address = rq->address,
                                   .proof = entry->proof};
    int rc;

    cc_actor_set(entry->user, rq->address, rq->id);
    rc = cc_login_add(cc_gateway()->pg, &login);
    if (rc == 0)
        rc = cc_login_find(cc_gateway()->pg, entry->tenant, id, rq->mem, &who);
    if (rc != 0) {
        json_decref(entry->more);
        return rc;
    }
    cc_auth_tell("ok");
    cc_log(CC_INFO, "login", cc_s("user", who.user), cc_s("tenant", who.tenant),
           cc_s("login", who.id));
    return cc_auth_reply(rq,
                         &(struct cc_auth_answer){
                             .who = &who, .n = 1, .status = entry->status, .more = entry->more});
}

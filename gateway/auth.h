/*
 * auth.h - begins and answers logins, for all handlers that end with somebody being in.
 */
#ifndef CC_GATEWAY_AUTH_H
#define CC_GATEWAY_AUTH_H

#include "gateway/request.h"
#include "proto/seal/token.h"
#include "proto/store/login.h"

#define CC_COOKIE_SESSION "__Host-cc_session"
#define CC_COOKIE_REFRESH "__Host-cc_refresh"

int cc_auth_open(void); /* reads CC_TOKEN_KEYS; INVALID */
const struct cc_token_keys *cc_auth_keys(void);

/* Takes claims.  *ret lives in rq->mem. */
int cc_auth_mint(struct cc_rq *rq, const char *audience, int64_t for_s, json_t *claims,
                 const char **ret);
/* AUTH.  *ret is the caller's to json_decref. */
int cc_auth_verify(const char *token, const char *audience, json_t **ret);

/* "a@example.com" as a login looks for it; INVALID names the member "email". */
int cc_auth_email(const char *email, struct cc_arena *mem, const char **ret_key);
/* A password that somebody chooses: 10 to 128 characters, as they are.  INVALID names the
 * member. */
int cc_auth_password(const char *name, const json_t *value, struct cc_arena *mem, const char **ret);

/* Waits.  Logins and the like of this client's address, and of this e-mail ("": only of the
 * address).  RATE. */
int cc_auth_count(struct cc_rq *rq, const char *email_key);

/*
 * Waits.  A new login of the user in the tenant, whatever credentials came with the request; the
 * answer with both tokens and cookies.  more (taken, may be NULL): further members of it.
 * NOTFOUND: no member, or the tenant is closed; AUTH: the password is another by now.
 */
struct cc_auth_entry {
    const char *user, *tenant;
    const char *proof; /* hash of the password that was right; NULL: none was asked for */
    int status;
    json_t *more;
};
int cc_auth_enter(struct cc_rq *rq, const struct cc_auth_entry *entry);

/* Waits.  The answer alone, for a login that goes on; n: its counter.  Takes more. */
struct cc_auth_answer {
    const struct cc_login_who *who;
    int64_t n;
    int status;
    json_t *more;
};
int cc_auth_reply(struct cc_rq *rq, const struct cc_auth_answer *answer);

/* Both cookies, taken away. */
void cc_auth_forget(struct cc_rq *rq);

/* What has become of a try to get in: a metric. */
void cc_auth_tell(const char *result);

#endif

#include "gateway/logins.h"

#include <string.h>

#include "gateway/auth.h"
#include "gateway/beat.h"
#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/pure/memo.h"
#include "proto/base/id.h"
#include "proto/bus/revoked.h"
#include "proto/store/login.h"

#define KEEP_MS   60000
#define LOGINS    4096
#define ENTRY_CAP (64 * 1024)

struct known {
    int64_t read_ms;
    struct cc_login_who who;
};

static struct cc_memo *known_logins;

static void copy_who(const struct cc_login_who *from, struct cc_arena *mem, struct cc_login_who *to)
{
    *to = (struct cc_login_who){.id = cc_arena_dup(mem, from->id),
                                .tenant = cc_arena_dup(mem, from->tenant),
                                .user = cc_arena_dup(mem, from->user),
                                .role = cc_arena_dup(mem, from->role),
                                .tier = cc_arena_dup(mem, from->tier),
                                .limits = cc_arena_dup(mem, from->limits),
                                .ceiling = cc_arena_dup(mem, from->ceiling)};
}

static void keep(const struct cc_login_who *who, int64_t read_ms)
{
    struct cc_arena *mem = cc_arena_new(ENTRY_CAP);
    struct known *known = cc_arena_get(mem, sizeof *known);

    known->read_ms = read_ms;
    copy_who(who, mem, &known->who);
    cc_memo_put(known_logins, who->id, known, mem, read_ms + KEEP_MS);
}

/* Waits. */
static int find(const char *tenant, const char *id, struct cc_arena *mem, struct cc_login_who *ret)
{
    const struct known *known = cc_memo_get(known_logins, id, cc_now());
    uint64_t changes = cc_guests_changes();
    int64_t read_ms = cc_now();
    int rc;

    if (known && cc_beat_trusts(known->read_ms) && strcmp(known->who.tenant, tenant) == 0) {
        copy_who(&known->who, mem, ret);
        return 0;
    }
    rc = cc_login_find(cc_gateway()->pg, tenant, id, mem, ret);
    if (rc == 0 && changes == cc_guests_changes())
        keep(ret, read_ms);
    if (rc == CC_E_NOTFOUND)
        cc_memo_drop(known_logins, id);
    return rc == CC_E_NOTFOUND ? cc_fail(CC_E_AUTH, "this login is over") : rc;
}

static void to_guest(const struct cc_login_who *who, struct cc_guest *ret)
{
    *ret = (struct cc_guest){.tenant = who->tenant,
                             .tier = who->tier,
                             .user = who->user,
                             .login = who->id,
                             .role = who->role,
                             .rights = cc_rights_of_role(who->role),
                             .secret = true,
                             .limits = who->limits,
                             .ceiling = who->ceiling,
                             .visitor = "",
                             .bot = {.id = ""}};
}

/* Waits.  While the live server cannot be asked, the row decides. */
static int check_given_back(const char *token_id)
{
    bool revoked = false;
    int rc = cc_beat_heard() ? cc_revoked_has(cc_gateway()->live, token_id, &revoked) : 0;

    if (rc == CC_E_CANCELLED)
        return rc;
    return revoked ? cc_fail(CC_E_AUTH, "this token has been given back") : 0;
}

static const char *id_of(const json_t *claims, const char *name, const char *prefix,
                         struct cc_arena *mem)
{
    const char *id = cc_json_str(claims, name, "");

    return cc_id_valid(id, prefix) ? cc_arena_dup(mem, id) : NULL;
}

int cc_login_guest(const char *token, struct cc_arena *mem, struct cc_guest *ret)
{
    CC_AUTO(json_decref)
    json_t *claims = NULL;
    struct cc_login_who who;
    int rc = cc_auth_verify(token, CC_AUD_DASHBOARD, &claims);

    if (rc != 0)
        return rc;
    const char *tenant = id_of(claims, "tid", "ten", mem),
               *login = id_of(claims, "sid", "lgn", mem);
    const char *user = id_of(claims, "sub", "usr", mem), *id = id_of(claims, "jti", "jti", mem);

    if (!tenant || !login || !user || !id)
        return cc_fail(CC_E_AUTH, "token: it names no login");
    rc = find(tenant, login, mem, &who);
    if (rc == 0 && strcmp(who.user, user) != 0)
        rc = cc_fail(CC_E_AUTH, "token: it names another login");
    if (rc == 0)
        rc = check_given_back(id);
    if (rc != 0)
        return rc;
    to_guest(&who, ret);
    ret->token = id;
    ret->token_end_s = cc_json_int(claims, "exp", 0);
    return 0;
}

int cc_login_again(const struct cc_guest *guest)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(ENTRY_CAP);
    struct cc_login_who who;
    int rc = find(guest->tenant, guest->login, mem, &who);

    if (rc == 0 && strcmp(who.role, guest->role) != 0)
        rc = cc_fail(CC_E_AUTH, "the login is another role's now");
    return rc;
}

void cc_logins_drop(const char *login)
{
    if (login)
        cc_memo_drop(known_logins, login);
    else
        cc_memo_clear(known_logins);
}

int cc_logins_open(void)
{
    known_logins = cc_memo_new(LOGINS);
    return 0;
}

void cc_logins_close(void)
{
    cc_memo_free(&known_logins);
}

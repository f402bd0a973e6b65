/*
 * identity.c - which visitor is it, and the secrets of bots that visitors are signed with.
 */
#include "gateway/identity.h"

#include <string.h>

#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/notices.h"
#include "gateway/pure/wsframe.h"
#include "gateway/routes.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/store/tenant.h"
#include "proto/store/visitor.h"

#define PROOF_PROTOCOL "cc.visitor."

static bool identity_is(const struct cc_bot *bot, const char *mode)
{
    return strcmp(bot->identity && *bot->identity ? bot->identity : "optional", mode) == 0;
}

/* A page can set no header of a WebSocket: there it is one of the protocols that it offers. */
static int read_offered(struct cc_rq *rq, struct cc_proof *ret)
{
    const char *word =
        cc_ws_word(cc_rq_header(rq, "sec-websocket-protocol"), PROOF_PROTOCOL, rq->mem);

    if (!word)
        return 0;
    if (cc_proof_given(ret))
        return cc_fail(CC_E_AUTH, "visitor: one proof, not several");
    return cc_proof_word(word + strlen(PROOF_PROTOCOL), rq->mem, ret);
}

/* EventSource can set no headers: there a token may stand in the query. */
static int read_proof(struct cc_rq *rq, struct cc_proof *ret)
{
    *ret = (struct cc_proof){.token = cc_rq_header(rq, "x-visitor-token"),
                             .id = cc_rq_header(rq, "x-visitor-id"),
                             .exp = cc_rq_header(rq, "x-visitor-exp"),
                             .hash = cc_rq_header(rq, "x-visitor-hash")};
    if (!ret->token && rq->method == CC_GET)
        ret->token = cc_rq_query(rq, "visitorToken");
    return read_offered(rq, ret);
}

/* false: the installation has no key to make it from. */
static bool secret_of(const struct cc_rq *rq, const struct cc_bot *bot,
                      char out[CC_IDENTITY_SECRET])
{
    const struct cc_identity_of of = {rq->guest.tenant, bot->id,
                                      bot->identity_version ? bot->identity_version : 1};
    unsigned char key[CC_TOKEN_KEY];

    if (!cc_hex_key(cc_cfg(CC_CFG_IDENTITY_KEY), key))
        return false;
    cc_identity_secret(key, &of, out);
    explicit_bzero(key, sizeof key);
    return true;
}

static int check(struct cc_rq *rq, const struct cc_proof *proof)
{
    struct cc_guest *guest = &rq->guest;
    char secret[CC_IDENTITY_SECRET];
    int rc;

    if (!secret_of(rq, &guest->bot, secret))
        return cc_fail(CC_E_AUTH, "visitors cannot be signed here: there is no key for it");
    rc = cc_proof_check(proof, secret, cc_unix_ms() / 1000, rq->mem, &guest->person);
    explicit_bzero(secret, sizeof secret);
    if (rc == 0)
        guest->visitor =
            cc_visitor_id(guest->tenant, guest->person.external, cc_arena_get(rq->mem, CC_ID_MAX));
    return rc;
}

int cc_identity_settle(struct cc_rq *rq)
{
    struct cc_guest *guest = &rq->guest;
    bool looked_at = !identity_is(&guest->bot, "off"), given;
    struct cc_proof proof = {0};
    int rc = looked_at ? read_proof(rq, &proof) : 0;

    if (rc != 0)
        return rc;
    given = cc_proof_given(&proof);
    guest->visitor = "";
    guest->person = (struct cc_identity){"", "", ""};
    guest->everybody = guest->secret && !given;
    if (given)
        return check(rq, &proof);
    if (identity_is(&guest->bot, "required") && !guest->everybody)
        return cc_fail(CC_E_IDENTITY, "this bot talks to signed-in visitors only");
    return 0;
}

int cc_identity_settle_for(struct cc_rq *rq, const char *bot)
{
    int rc = cc_guest_choose(&rq->guest, bot, rq->mem);

    return rc ? rc : cc_identity_settle(rq);
}

bool cc_identity_owns(struct cc_rq *rq, const char *visitor)
{
    if (rq->guest.everybody)
        rq->guest.visitor = visitor;
    return strcmp(rq->guest.visitor, visitor) == 0;
}

/* ---- the secret of a bot ---- */

static int no_bot(int rc)
{
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such bot") : rc;
}

static int reply_secret(struct cc_rq *rq, const struct cc_bot *bot)
{
    char secret[CC_IDENTITY_SECRET];

    if (!secret_of(rq, bot, secret))
        return cc_fail(CC_E_CONFLICT, "this installation has no CC_IDENTITY_KEY");
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200,
                         json_pack("{s:s, s:s, s:s, s:I, s:i}", "botId", bot->id, "mode",
                                   bot->identity, "secret", secret, "version",
                                   (json_int_t)bot->identity_version, "maxAgeSeconds",
                                   CC_PROOF_AHEAD_S));
}

int cc_get_bot_identity(struct cc_rq *rq)
{
    const char *id = cc_rq_param(rq, "id");
    struct cc_bot bot;
    int rc = cc_guest_choose(&rq->guest, id, rq->mem);

    if (rc == 0)
        rc = cc_bot_get(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, &bot);
    return rc ? no_bot(rc) : reply_secret(rq, &bot);
}

int cc_post_bot_identity_rotate(struct cc_rq *rq)
{
    const char *id = cc_rq_param(rq, "id");
    struct cc_bot bot;
    int rc = cc_guest_choose(&rq->guest, id, rq->mem);

    if (rc == 0)
        rc = cc_visitor_secret_rotate(cc_gateway()->pg, rq->guest.tenant, id);
    if (rc == 0)
        rc = cc_bot_get(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, &bot);
    if (rc != 0)
        return no_bot(rc);
    cc_notice_send("bot", id);
    return reply_secret(rq, &bot);
}

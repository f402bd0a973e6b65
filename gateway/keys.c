/*
 * keys.c - a tenant's API keys.  A key is shown once, when it is made; nobody gives one rights that
 * he has not, and a key that is bound to a bot sees and makes only keys of that bot.
 */
#include <string.h>

#include "gateway/bots.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/notices.h"
#include "gateway/pure/when.h"
#include "gateway/routes.h"
#include "proto/base/clock.h"
#include "proto/base/id.h"
#include "proto/seal/key.h"
#include "proto/store/limits.h"

#define USUAL     (CC_RIGHT_CHAT | CC_RIGHT_READ | CC_RIGHT_CONVERSE | CC_RIGHT_EDIT)
#define RIGHTS    6
#define GRACE_MAX 604800 /* seconds */
#define GRACE     86400

/* ---- as JSON ---- */

static const char *state_of(const struct cc_api_key *key)
{
    return key->revoked_ms ? "revoked" : key->good ? "active" : "expired";
}

static json_t *key_json(const struct cc_api_key *key)
{
    json_t *scopes =
        key->secret ? cc_json_texts(key->scopes, key->scopes_n) : json_pack("[s]", "chat");
    json_t *rate = key->rate ? json_integer(key->rate) : json_null();

    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
                     key->id, "name", key->name, "kind", key->secret ? "secret" : "public", "botId",
                     cc_json_text(key->bot), "hint", key->hint, "state", state_of(key), "scopes",
                     scopes, "requestsPerMinute", rate, "expiresAt", cc_json_time(key->expires_ms),
                     "createdAt", cc_json_time(key->created_ms), "createdBy",
                     cc_json_text(key->created_by), "revokedAt", cc_json_time(key->revoked_ms),
                     "replacedBy", cc_json_text(key->replaced_by));
}

/* Waits.  NOTFOUND also when it is not for eyes of the bot that we are bound to. */
static int load(struct cc_rq *rq, const char *id, struct cc_api_key *ret)
{
    int rc = CC_E_NOTFOUND;

    if (cc_id_valid(id, "key"))
        rc = cc_api_key_get(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, ret);
    if (rc == 0 && rq->guest.bound && strcmp(ret->bot, rq->guest.bot.id) != 0)
        rc = CC_E_NOTFOUND;
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such key") : rc;
}

/* words: the key itself, where it is shown for once; NULL: not. */
static int reply(struct cc_rq *rq, int status, const char *id, const char *words)
{
    struct cc_api_key key;
    json_t *json;
    int rc = load(rq, id, &key);

    if (rc != 0)
        return rc;
    json = key_json(&key);
    if (words)
        json_object_set_new(json, "key", json_string(words));
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, status, json);
}

/* ---- rights ---- */

static int rights_of(const char *const *scopes, int n, unsigned *ret)
{
    *ret = 0;
    for (int i = 0; i < n; i++) {
        unsigned right = cc_right_of_word(scopes[i]);

        if (!right)
            return cc_fail(CC_E_INVALID, "scopes: there is no right \"%.40s\"", scopes[i]);
        *ret |= right;
    }
    return 0;
}

/* Everybody who makes keys may make public ones, so that CHAT is everybody's to give. */
static int may_give(const struct cc_rq *rq, unsigned rights)
{
    unsigned lacking = rights & ~(rq->guest.rights | CC_RIGHT_CHAT);

    if (!lacking)
        return 0;
    return cc_fail(CC_E_FORBIDDEN, "scopes: who lacks the right \"%s\" cannot give it",
                   cc_right_word(lacking & (~lacking + 1)));
}

/* What somebody gets hold of by changing the key must be his. */
static int may_hold(const struct cc_rq *rq, const struct cc_api_key *key)
{
    unsigned rights;
    int rc = key->secret ? rights_of(key->scopes, key->scopes_n, &rights) : 0;

    return rc ? rc : may_give(rq, key->secret ? rights : CC_RIGHT_CHAT);
}

static void set_scopes(struct cc_api_key_change *to, unsigned rights, struct cc_arena *mem)
{
    const char **words = cc_arena_array(mem, RIGHTS, sizeof *words);

    to->scopes_n = 0;
    for (unsigned i = 0; i < RIGHTS; i++)
        if (rights & 1u << i)
            words[to->scopes_n++] = cc_right_word(1u << i);
    to->scopes = words;
}

/* ---- what a client sends ---- */

struct form {
    const char *name, *kind, *bot, *expires;
    struct cc_texts scopes;
    int64_t rate;
};
#define AT(member) offsetof(struct form, member)
#define SHARED                                                                                     \
    {"name", CC_FIELD_TEXT, AT(name), .max = 100},                                                 \
        {"scopes", CC_FIELD_TEXTS, AT(scopes), .min = 1, .max = RIGHTS, .each = 20},               \
        {"expiresAt", CC_FIELD_TEXT, AT(expires), .min = 10, .max = 40},                           \
    {                                                                                              \
        "requestsPerMinute", CC_FIELD_NUMBER, AT(rate), .min = 1, .max = CC_LIMITS_RATE            \
    }

static const char *const kinds[] = {"secret", "public", NULL};
static const struct cc_form_field add_fields[] = {
    SHARED,
    {"kind", CC_FIELD_WORD, AT(kind), .words = kinds, .wanted = true},
    {"botId", CC_FIELD_TEXT, AT(bot), .max = CC_ID_MAX},
};
static const struct cc_form_field patch_fields[] = {SHARED};

static int take_scopes(const struct cc_rq *rq, const struct form *form, bool secret,
                       struct cc_api_key_change *ret)
{
    unsigned rights;
    int rc = form->scopes.at ? rights_of(form->scopes.at, form->scopes.n, &rights) : 0;

    if (rc != 0 || !form->scopes.at)
        return rc;
    if (!secret && rights != CC_RIGHT_CHAT)
        return cc_fail(CC_E_INVALID, "scopes: a public key is for \"chat\" alone");
    rc = may_give(rq, rights);
    if (rc == 0)
        set_scopes(ret, rights, rq->mem);
    return rc;
}

static int take_end(const json_t *body, const struct form *form, int64_t *ret_ms)
{
    int rc;

    if (json_is_null(json_object_get(body, "expiresAt")))
        *ret_ms = 0;
    if (!form->expires)
        return 0;
    rc = cc_when_read("expiresAt", form->expires, CC_WHEN_FROM, ret_ms);
    return rc != 0 || *ret_ms > cc_unix_ms() ? rc
                                             : cc_fail(CC_E_INVALID, "expiresAt: lies in the past");
}

/* What is absent stays, null takes away. */
static int take(struct cc_rq *rq, const json_t *body, const struct form *form, bool secret,
                struct cc_api_key_change *ret)
{
    int rc = take_scopes(rq, form, secret, ret);

    ret->name = form->name;
    ret->rate = form->rate ? form->rate : -1;
    ret->expires_ms = -1;
    if (json_is_null(json_object_get(body, "requestsPerMinute")))
        ret->rate = 0;
    return rc ? rc : take_end(body, form, &ret->expires_ms);
}

static const char *actor(const struct cc_rq *rq)
{
    return rq->guest.user ? rq->guest.user : rq->guest.key;
}

/* ---- handlers ---- */

int cc_get_keys(struct cc_rq *rq)
{
    struct cc_api_key_page query = {.tenant = rq->guest.tenant};
    struct cc_api_key *list;
    struct cc_page page;
    json_t *items;
    int n, rc = cc_input_page(rq, "key", &page);

    if (rc == 0)
        rc = cc_input_bot(rq, cc_rq_query(rq, "botId"), &query.bot);
    query.after = page.after;
    query.max = page.max + 1;
    if (rc == 0)
        rc = cc_api_key_list(cc_gateway()->pg, &query, rq->mem, &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        json_array_append_new(items, key_json(&list[i]));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].id : NULL);
}

int cc_get_key(struct cc_rq *rq)
{
    return reply(rq, 200, cc_rq_param(rq, "keyId"), NULL);
}

/* Waits.  The bot that a new key is for. */
static int choose_bot(struct cc_rq *rq, const char *bot, const char **ret)
{
    struct cc_bot_entry entry;
    int rc;

    *ret = rq->guest.bound ? rq->guest.bot.id : "";
    if (!bot || !*bot)
        return 0;
    rc = cc_bots_load(rq, bot, &entry);
    *ret = bot;
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "botId: there is no such bot") : rc;
}

/* The usual rights, as far as he has them who makes it. */
static void set_usual(struct cc_rq *rq, bool secret, struct cc_api_key_change *ret)
{
    unsigned rights = USUAL & (rq->guest.rights | CC_RIGHT_CHAT);

    set_scopes(ret, secret ? rights : CC_RIGHT_CHAT, rq->mem);
}

static void fill(const struct cc_api_key_change *told, struct cc_api_key *key)
{
    key->name = told->name ? told->name : "";
    key->scopes = told->scopes;
    key->scopes_n = told->scopes_n;
    key->rate = told->rate > 0 ? told->rate : 0;
    key->expires_ms = told->expires_ms > 0 ? told->expires_ms : 0;
}

int cc_post_key(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct form form = {0};
    struct cc_api_key_change told = {0};
    struct cc_api_key key = {.tenant = rq->guest.tenant, .created_by = actor(rq)};
    char id[CC_ID_MAX], *words = cc_arena_get(rq->mem, CC_KEY_MAX); /* wiped with the request */
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, add_fields, rq->mem, &form);
    if (rc != 0)
        return rc;
    key.id = cc_id_sorted("key", id);
    key.secret = strcmp(form.kind, "secret") == 0;
    set_usual(rq, key.secret, &told);
    rc = take(rq, body, &form, key.secret, &told);
    if (rc == 0)
        rc = choose_bot(rq, form.bot, &key.bot);
    fill(&told, &key);
    if (rc == 0)
        rc = cc_api_key_put(cc_gateway()->pg, &key,
                            cc_key_make(key.secret ? CC_KEY_SECRET : CC_KEY_PUBLIC, words));
    return rc ? rc : reply(rq, 201, id, words);
}

/* Only what is named is written, so that of two who change a key at once neither undoes the other.
 */
int cc_patch_key(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct form form = {0};
    struct cc_api_key_change told = {0};
    struct cc_api_key key;
    const char *hash;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, patch_fields, rq->mem, &form);
    if (rc == 0)
        rc = load(rq, cc_rq_param(rq, "keyId"), &key);
    if (rc == 0)
        rc = may_hold(rq, &key);
    if (rc == 0)
        rc = take(rq, body, &form, key.secret, &told);
    if (rc != 0)
        return rc;
    told.tenant = key.tenant;
    told.id = key.id;
    rc = cc_api_key_set(cc_gateway()->pg, &told, rq->mem, &hash);
    if (rc != 0)
        return rc;
    cc_notice_send("key", hash);
    return reply(rq, 200, key.id, NULL);
}

int cc_delete_key(struct cc_rq *rq)
{
    struct cc_api_key key;
    const char *hash;
    int rc = load(rq, cc_rq_param(rq, "keyId"), &key);

    if (rc == 0)
        rc = cc_api_key_revoke(cc_gateway()->pg, rq->guest.tenant, key.id, rq->mem, &hash);
    if (rc != 0)
        return rc;
    cc_notice_send("key", hash);
    return cc_reply_bytes(rq, 204, NULL, "", 0);
}

struct grace {
    int64_t seconds;
};
static const struct cc_form_field rotate_fields[] = {
    {"graceSeconds", CC_FIELD_NUMBER, offsetof(struct grace, seconds), .max = GRACE_MAX},
};

int cc_post_key_rotate(struct cc_rq *rq)
{
    struct cc_api_key_rotation rotation = {.tenant = rq->guest.tenant, .created_by = actor(rq)};
    struct grace grace = {GRACE};
    struct cc_api_key old;
    char id[CC_ID_MAX], *words = cc_arena_get(rq->mem, CC_KEY_MAX); /* wiped with the request */
    const char *hash;
    int rc = rq->body_len > 0 ? CC_INPUT_FORM(rq, rotate_fields, &grace) : 0;

    if (rc == 0)
        rc = load(rq, cc_rq_param(rq, "keyId"), &old);
    if (rc == 0)
        rc = may_hold(rq, &old);
    if (rc != 0)
        return rc;
    rotation.old = old.id;
    rotation.id = cc_id_sorted("key", id);
    rotation.key = cc_key_make(old.secret ? CC_KEY_SECRET : CC_KEY_PUBLIC, words);
    rotation.grace_s = grace.seconds;
    if (old.secret) { /* it may have got others since we looked */
        rotation.scopes = old.scopes;
        rotation.scopes_n = old.scopes_n;
    }
    rc = cc_api_key_rotate(cc_gateway()->pg, &rotation, rq->mem, &hash);
    if (rc != 0)
        return rc;
    cc_notice_send("key", hash);
    return reply(rq, 201, id, words);
}

#include "gateway/guests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/beat.h"
#include "gateway/gateway.h"
#include "gateway/logins.h"
#include "gateway/pure/memo.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/base/text.h"
#include "proto/seal/key.h"
#include "proto/wire/names.h"

#define KEEP_MS         60000
#define KEEP_REFUSED_MS 5000
#define KEYS            4096
#define BOTS            1024
#define ENTRY_CAP       (256 * 1024)
#define NOTICES         1000

struct known_key {
    bool valid;
    int64_t read_ms;
    struct cc_caller caller;
};
struct known_bot {
    int64_t read_ms;
    struct cc_bot bot;
};

static struct {
    struct cc_memo *keys, *bots;
    struct cc_memo *defaults; /* by the bot whose id is shown instead of a key */
    uint64_t changes;
    struct cc_task_ref listener;
} guests;

uint64_t cc_guests_changes(void)
{
    return guests.changes;
}

static const char *const *copy_texts(const char *const *from, int n, struct cc_arena *mem)
{
    const char **to = cc_arena_array(mem, (size_t)n + 1, sizeof *to);

    for (int i = 0; i < n; i++)
        to[i] = cc_arena_dup(mem, from[i]);
    return to;
}

static void copy_caller(const struct cc_caller *from, struct cc_arena *mem, struct cc_caller *to)
{
    *to = (struct cc_caller){.tenant = cc_arena_dup(mem, from->tenant),
                             .tier = cc_arena_dup(mem, from->tier),
                             .key = cc_arena_dup(mem, from->key),
                             .bot = cc_arena_dup(mem, from->bot),
                             .secret = from->secret,
                             .scopes = copy_texts(from->scopes, from->scopes_n, mem),
                             .scopes_n = from->scopes_n,
                             .rate = from->rate,
                             .limits = cc_arena_dup(mem, from->limits),
                             .ceiling = cc_arena_dup(mem, from->ceiling)};
}

/* Only what the gateway needs: instructions are for the worker. */
static void copy_bot(const struct cc_bot *from, struct cc_arena *mem, struct cc_bot *to)
{
    *to = (struct cc_bot){.id = cc_arena_dup(mem, from->id),
                          .tenant = cc_arena_dup(mem, from->tenant),
                          .name = cc_arena_dup(mem, from->name),
                          .origins = cc_arena_dup(mem, from->origins),
                          .widget = cc_arena_dup(mem, from->widget),
                          .server_use = from->server_use,
                          .model = cc_arena_dup(mem, from->model),
                          .max_tokens = from->max_tokens,
                          .limits = cc_arena_dup(mem, from->limits),
                          .identity = cc_arena_dup(mem, from->identity),
                          .identity_version = from->identity_version,
                          .version = from->version};
}

/* Not beyond the key's own end. */
static int64_t keep_ms(const struct cc_caller *caller)
{
    if (!caller)
        return KEEP_REFUSED_MS;
    return caller->left_ms > 0 && caller->left_ms < KEEP_MS ? caller->left_ms : KEEP_MS;
}

static bool names_bot(const char *shown)
{
    return cc_id_valid(shown, "bot");
}

static struct cc_memo *memo_of(const char *shown)
{
    return names_bot(shown) ? guests.defaults : guests.keys;
}

static void keep_key(const char *shown, const struct cc_caller *caller, int64_t read_ms)
{
    struct cc_arena *mem = cc_arena_new(ENTRY_CAP);
    struct known_key *known = cc_arena_get(mem, sizeof *known);

    known->valid = caller != NULL;
    known->read_ms = read_ms;
    if (caller)
        copy_caller(caller, mem, &known->caller);
    cc_memo_put(memo_of(shown), shown, known, mem, read_ms + keep_ms(caller));
}

static int read_key(const char *shown, struct cc_arena *mem, struct cc_caller *ret)
{
    return names_bot(shown) ? cc_api_key_of_bot(cc_gateway()->pg, shown, mem, ret)
                            : cc_api_key_find(cc_gateway()->pg, shown, mem, ret);
}

static int no_key(const char *shown)
{
    return cc_fail(CC_E_AUTH, names_bot(shown) ? "there is no such bot, or no public key for it"
                                               : "unknown or revoked API key");
}

static int find_key(const char *shown, struct cc_arena *mem, struct cc_caller *ret)
{
    const struct known_key *known = cc_memo_get(memo_of(shown), shown, cc_now());
    uint64_t changes = guests.changes;
    int64_t read_ms = cc_now();
    int rc;

    if (known && !cc_beat_trusts(known->read_ms))
        known = NULL;
    if (known && known->valid) {
        copy_caller(&known->caller, mem, ret);
        return 0;
    }
    rc = known ? CC_E_NOTFOUND : read_key(shown, mem, ret);
    if ((rc == 0 || (rc == CC_E_NOTFOUND && !known)) && changes == guests.changes)
        keep_key(shown, rc == 0 ? ret : NULL, read_ms);
    return rc == CC_E_NOTFOUND ? no_key(shown) : rc;
}

static void keep_bot(const char *name, const struct cc_bot *bot, int64_t read_ms)
{
    struct cc_arena *mem = cc_arena_new(ENTRY_CAP);
    struct known_bot *known = cc_arena_get(mem, sizeof *known);

    known->read_ms = read_ms;
    copy_bot(bot, mem, &known->bot);
    cc_memo_put(guests.bots, name, known, mem, read_ms + KEEP_MS);
}

/* id "": the tenant's default bot. */
static int find_bot(const char *tenant, const char *id, struct cc_arena *mem, struct cc_bot *ret)
{
    char name[2 * CC_ID_MAX + 2];
    const struct known_bot *known;
    uint64_t changes = guests.changes;
    int64_t read_ms = cc_now();
    int rc;

    snprintf(name, sizeof name, "%s/%s", tenant, id);
    known = cc_memo_get(guests.bots, name, read_ms);
    if (known && cc_beat_trusts(known->read_ms)) {
        copy_bot(&known->bot, mem, ret);
        return 0;
    }
    rc = *id ? cc_bot_get(cc_gateway()->pg, tenant, id, mem, ret)
             : cc_bot_default(cc_gateway()->pg, tenant, mem, ret);
    if (rc == 0 && changes == guests.changes)
        keep_bot(name, ret, read_ms);
    return rc;
}

static unsigned rights_of(const struct cc_caller *caller)
{
    unsigned rights = caller->secret ? 0 : CC_RIGHT_CHAT;

    for (int i = 0; caller->secret && i < caller->scopes_n; i++)
        rights |= cc_right_of_word(caller->scopes[i]);
    return rights;
}

/* Waits.  with_bot: the default one if the key is bound to none. */
static int find_guest(const char *shown, bool with_bot, struct cc_arena *mem, struct cc_guest *ret)
{
    struct cc_caller caller;
    struct cc_guest guest = {.bot.id = "", .visitor = ""};
    int rc = find_key(shown, mem, &caller);

    if (rc == 0 && (with_bot || *caller.bot))
        rc = find_bot(caller.tenant, caller.bot, mem, &guest.bot);
    if (rc != 0)
        return rc == CC_E_NOTFOUND ? cc_fail(CC_E_AUTH, "this key's bot is gone") : rc;
    guest.tenant = caller.tenant;
    guest.tier = caller.tier;
    guest.key = caller.key;
    guest.shown = cc_arena_dup(mem, shown);
    guest.secret = caller.secret;
    guest.bound = *caller.bot != '\0';
    guest.rights = rights_of(&caller);
    guest.rate = caller.rate;
    guest.limits = caller.limits;
    guest.ceiling = caller.ceiling;
    *ret = guest;
    return 0;
}

int cc_guest_find(const char *key, bool with_bot, struct cc_arena *mem, struct cc_guest *ret)
{
    char hash[CC_SHA256_HEX];
    enum cc_key_kind kind;

    if (names_bot(key))
        return find_guest(key, with_bot, mem, ret);
    if (!cc_key_parse(key, &kind))
        return cc_fail(CC_E_AUTH, "this is no API key");
    return find_guest(cc_key_hash(key, hash), with_bot, mem, ret);
}

int cc_guest_choose(struct cc_guest *guest, const char *bot, struct cc_arena *mem)
{
    if (strcmp(guest->bot.id, bot) == 0)
        return 0;
    if (guest->bound || !cc_id_valid(bot, "bot"))
        return cc_fail(CC_E_NOTFOUND, "there is no such bot");
    return find_bot(guest->tenant, bot, mem, &guest->bot);
}

static int key_again(const struct cc_guest *guest)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(ENTRY_CAP);
    struct cc_guest now;
    int rc = find_guest(guest->shown, false, mem, &now);

    if (rc == 0 &&
        (now.bound != guest->bound || (now.bound && strcmp(now.bot.id, guest->bot.id) != 0)))
        rc = cc_fail(CC_E_AUTH, "the key is good for another bot now");
    if (rc == 0 && now.rights != guest->rights)
        rc = cc_fail(CC_E_AUTH, "the key has other rights now");
    return rc;
}

int cc_guest_again(const struct cc_guest *guest)
{
    int rc = guest->login ? cc_login_again(guest) : key_again(guest);

    return rc == CC_E_AUTH || rc == CC_E_CANCELLED ? rc : 0;
}

void cc_guests_heed(const char *notice)
{
    guests.changes++;
    if (cc_text_starts(notice, "key ")) {
        cc_memo_drop(guests.keys, notice + 4);
        cc_memo_clear(guests.defaults); /* it may be the default one of any */
    } else if (cc_text_starts(notice, "login ")) {
        cc_logins_drop(notice + 6);
    } else {
        cc_memo_clear(guests.bots);
        cc_memo_clear(guests.defaults);
        if (!cc_text_starts(notice, "bot ")) {
            cc_memo_clear(guests.keys);
            cc_logins_drop(NULL);
        }
    }
}

static int listen_until_lost(struct cc_sub *sub)
{
    char *text;
    size_t len;
    int rc;

    while ((rc = cc_sub_next(sub, CC_NEVER, &text, &len)) == 0) {
        cc_guests_heed(text);
        free(text);
    }
    if (rc == CC_E_FENCED) { /* some may have been missed */
        cc_guests_heed("all");
        return 0;
    }
    return rc;
}

static void listener_main(void *arg)
{
    struct cc_sub *sub = NULL;
    int rc = 0;

    (void)arg;
    while (rc != CC_E_CANCELLED) {
        rc = sub ? listen_until_lost(sub)
                 : cc_sub_open(cc_gateway()->live, CC_CHANNEL_INVALID, NOTICES, &sub);
        if (rc != 0 && rc != CC_E_CANCELLED)
            rc = cc_sleep(200);
    }
    cc_sub_close(&sub);
}

int cc_guests_open(void)
{
    guests.keys = cc_memo_new(KEYS);
    guests.bots = cc_memo_new(BOTS);
    guests.defaults = cc_memo_new(BOTS);
    return cc_task_spawn("guests", listener_main, NULL, &guests.listener);
}

void cc_guests_close(void)
{
    cc_task_cancel(guests.listener);
    cc_memo_free(&guests.keys);
    cc_memo_free(&guests.bots);
    cc_memo_free(&guests.defaults);
}

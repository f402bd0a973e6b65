/*
 * seal.c - the operator's keys: made, rotated, looked at, dropped.
 *
 *     rotate:  new key into the file -> into operator_keys, current -> tenants' pairs sealed to it
 *     drop:    out of operator_keys (refused while a pair is sealed to it) -> out of the file
 *
 * In this order nothing is ever sealed to a key that the file lacks, whenever this is cut short;
 * rotating once more mends the rest.  The folder of the file is locked meanwhile: two at once would
 * lose a key.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "infra/ctl/ctl.h"
#include "proto/base/actor.h"
#include "proto/base/config.h"
#include "proto/base/json.h"
#include "proto/store/operator_key.h"
#include "proto/store/tenant_key.h"

#define TENANTS    200 /* looked at at once */
#define PAIR_BYTES (256 * 1024)
#define KEYS_MAX   64

struct seal {
    struct cc_ctl *ctl;
    const char *path;
    struct cc_keyring *ring;     /* NULL: there is no file yet */
    struct cc_pg *owner, *sweep; /* opened when needed */
    int lock;
};

static int lock_folder(const char *path, int *ret)
{
    char folder[1024];

    if (strlen(path) >= sizeof folder)
        return cc_fail(CC_E_INVALID, "CC_SEAL_KEYRING: the path is too long");
    memcpy(folder, path, strlen(path) + 1);
    *ret = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret < 0 || flock(*ret, LOCK_EX))
        return cc_fail(CC_E_CONFLICT, "the folder of %s: %s", path, strerror(errno));
    return 0;
}

static int open_seal(struct cc_ctl *ctl, struct seal *ret)
{
    int rc = cc_ctl_end(ctl);

    *ret = (struct seal){.ctl = ctl, .path = cc_cfg(CC_CFG_SEAL_KEYRING), .lock = -1};
    if (rc == 0 && !*ret->path)
        rc = cc_fail(CC_E_CONFLICT, "CC_SEAL_KEYRING is not set: the file for the secret keys");
    if (rc == 0)
        rc = lock_folder(ret->path, &ret->lock);
    if (rc == 0)
        rc = cc_keyring_read(ret->path, &ret->ring);
    if (rc == CC_E_NOTFOUND)
        rc = 0;
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    return rc;
}

static int open_role(enum cc_setting setting, const char *words, struct cc_pg **ret)
{
    struct cc_pg_opts opts = {.conninfo = cc_cfg(setting), .size = 1};

    if (*ret)
        return 0;
    return *opts.conninfo ? cc_pg_open(&opts, ret) : cc_fail(CC_E_CONFLICT, "%s", words);
}

static int open_roles(struct seal *s)
{
    int rc = open_role(CC_CFG_PG_OWNER,
                       "CC_PG_OWNER is not set: the connection of the role cc_owner", &s->owner);

    return rc ? rc
              : open_role(CC_CFG_PG_SWEEP,
                          "CC_PG_SWEEP is not set: the connection of the role cc_sweep", &s->sweep);
}

static void close_seal(struct seal *s)
{
    cc_keyring_free(&s->ring);
    cc_pg_close(&s->owner);
    cc_pg_close(&s->sweep);
    if (s->lock >= 0)
        close(s->lock);
}

/* ---- the file ---- */

/* first (if any) before those of the ring, without `without`. */
static int write_ring(const struct seal *s, const struct cc_seal_secret *first, const char *without)
{
    const struct cc_seal_secret *keys[KEYS_MAX];
    int n = 0;

    if (first)
        keys[n++] = first;
    for (int i = 0; s->ring && i < cc_keyring_n(s->ring) && n < KEYS_MAX; i++) {
        const struct cc_seal_secret *key = cc_keyring_at(s->ring, i);

        if (strcmp(key->public.kid, without) != 0)
            keys[n++] = key;
    }
    return cc_keyring_write(s->path, keys, n);
}

/* A new key, in the file and then in the table. */
static int add_key(struct seal *s, char *ret_kid)
{
    struct cc_seal_secret key;
    int rc;

    cc_seal_pair(&key);
    rc = write_ring(s, &key, "");
    if (rc == 0)
        rc = cc_operator_key_set(s->owner, &key.public);
    memcpy(ret_kid, key.public.kid, CC_SEAL_KID);
    cc_seal_secret_done(&key);
    cc_keyring_free(&s->ring);
    return rc ? rc : cc_keyring_read(s->path, &s->ring);
}

/* ---- tenants' pairs ---- */

static int rewrap_pair(const struct seal *s, const char *tenant, const struct cc_tenant_key *key,
                       const struct cc_seal_public *to, struct cc_arena *mem)
{
    struct cc_seal_secret pair;
    struct cc_tenant_key anew = {.public = key->public, .operator_kid = to->kid};
    int rc = cc_seal_unwrap(s->ring, tenant, &key->public, key->sealed, &pair);

    if (rc)
        return rc;
    rc = cc_seal_wrap(to, tenant, &pair, mem, &anew.sealed);
    cc_seal_secret_done(&pair);
    if (rc == 0)
        rc = cc_tenant_key_rewrap(s->ctl->pg, tenant, &anew, key->operator_kid);
    return rc == CC_E_FENCED ? 0 : rc; /* sealed anew already, or the tenant was erased */
}

struct tally {
    const struct cc_seal_public *to; /* NULL: only counted */
    json_int_t tenants, pairs, rewrapped;
    json_t *by_kid; /* kid -> pairs */
};

static int look_at_tenant(const struct seal *s, const char *tenant, struct tally *tally)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(PAIR_BYTES);
    struct cc_tenant_key *keys;
    int n = 0, rc = cc_tenant_key_list(s->ctl->pg, tenant, mem, &keys, &n);

    tally->tenants++;
    for (int i = 0; i < n && rc == 0; i++) {
        json_int_t had = json_integer_value(json_object_get(tally->by_kid, keys[i].operator_kid));

        json_object_set_new(tally->by_kid, keys[i].operator_kid, json_integer(had + 1));
        tally->pairs++;
        if (!tally->to || strcmp(keys[i].operator_kid, tally->to->kid) == 0)
            continue;
        rc = rewrap_pair(s, tenant, &keys[i], tally->to, mem);
        tally->rewrapped += rc == 0;
    }
    return rc;
}

static int look_at_all(const struct seal *s, struct tally *tally)
{
    const char *after = "", **ids;
    int n = TENANTS, rc = 0;

    while (rc == 0 && n == TENANTS) {
        CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(PAIR_BYTES);

        rc = cc_tenant_sweep(s->sweep, after, TENANTS, mem, &ids, &n);
        for (int i = 0; rc == 0 && i < n; i++)
            rc = look_at_tenant(s, ids[i], tally);
        if (rc == 0 && n > 0)
            after = cc_arena_dup(s->ctl->mem, ids[n - 1]);
    }
    return rc;
}

/* ---- the commands ---- */

static int init(struct seal *s)
{
    struct cc_seal_public current;
    char kid[CC_SEAL_KID];
    int rc = open_roles(s);

    if (rc)
        return rc;
    if (cc_operator_key_current(s->ctl->pg, &current) == 0)
        return cc_fail(CC_E_CONFLICT, "there is a key already (%s): cc-ctl seal rotate",
                       current.kid);
    rc = add_key(s, kid);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss ss}", "kid", kid, "keyring", s->path);
    cc_ctl_show(s->ctl, shown);
    return 0;
}

static int rotate(struct seal *s)
{
    CC_AUTO(json_decref)
    json_t *by_kid = json_object();
    struct cc_seal_public to;
    struct tally tally = {.to = &to, .by_kid = by_kid};
    char kid[CC_SEAL_KID];
    int rc = open_roles(s);

    if (rc == 0)
        rc = cc_operator_key_current(s->ctl->pg, &to);
    if (rc == 0 && !s->ring)
        rc = cc_fail(CC_E_CONFLICT, "%s is not there, and without it nothing opens", s->path);
    if (rc == 0)
        rc = add_key(s, kid);
    if (rc == 0)
        rc = cc_operator_key_current(s->ctl->pg, &to);
    if (rc == 0)
        rc = look_at_all(s, &tally);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss sI sI sI}", "kid", kid, "tenants", tally.tenants, "pairs",
                              tally.pairs, "rewrapped", tally.rewrapped);
    cc_ctl_show(s->ctl, shown);
    return 0;
}

static int status(struct seal *s)
{
    CC_AUTO(json_decref)
    json_t *shown = json_array();
    CC_AUTO(json_decref)
    json_t *by_kid = json_object();
    struct tally tally = {.by_kid = by_kid};
    struct cc_operator_key *keys = NULL;
    int n = 0, rc = open_role(CC_CFG_PG_SWEEP, "CC_PG_SWEEP is not set", &s->sweep);

    if (rc == 0)
        rc = cc_operator_key_list(s->ctl->pg, s->ctl->mem, &keys, &n);
    if (rc == 0)
        rc = look_at_all(s, &tally);
    for (int i = 0; i < n && rc == 0; i++) {
        const char *kid = keys[i].public.kid;
        bool there = s->ring && cc_keyring_find(s->ring, kid);

        s->ctl->failed |= keys[i].current && !there;
        json_array_append_new(shown, json_pack("{ss sb sb ss sI}", "kid", kid, "current",
                                               (int)keys[i].current, "inKeyring", (int)there,
                                               "createdAt", keys[i].created_at, "pairs",
                                               json_integer_value(json_object_get(by_kid, kid))));
    }
    if (rc == 0)
        cc_ctl_show(s->ctl, shown);
    return rc;
}

static int drop(struct seal *s, const char *kid)
{
    int rc = open_roles(s);

    if (rc == 0)
        rc = cc_operator_key_drop(s->owner, kid);
    if (rc == CC_E_NOTFOUND && s->ring && cc_keyring_find(s->ring, kid))
        rc = 0; /* a drop that was cut short: it is left in the file alone */
    if (rc == 0 && s->ring)
        rc = write_ring(s, NULL, kid);
    if (rc)
        return rc;
    CC_AUTO(json_decref)
    json_t *shown = json_pack("{ss}", "dropped", kid);
    cc_ctl_show(s->ctl, shown);
    return 0;
}

static int with_seal(struct cc_ctl *ctl, int (*fn)(struct seal *s))
{
    struct seal s;
    int rc = open_seal(ctl, &s);

    cc_actor_set("operator", "", "");
    if (rc == 0)
        rc = fn(&s);
    close_seal(&s);
    return rc;
}

int cc_ctl_seal_init(struct cc_ctl *ctl)
{
    return with_seal(ctl, init);
}

int cc_ctl_seal_rotate(struct cc_ctl *ctl)
{
    return with_seal(ctl, rotate);
}

int cc_ctl_seal_status(struct cc_ctl *ctl)
{
    return with_seal(ctl, status);
}

int cc_ctl_seal_drop(struct cc_ctl *ctl)
{
    const char *kid;
    struct seal s;
    int rc = cc_ctl_word(ctl, "KID", &kid);

    if (rc)
        return rc;
    rc = open_seal(ctl, &s);
    if (rc == 0)
        rc = drop(&s, kid);
    close_seal(&s);
    return rc;
}

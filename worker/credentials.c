#include "worker/credentials.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include "proto/base/config.h"
#include "proto/base/json.h"
#include "proto/base/log.h"
#include "proto/store/provider.h"
#include "proto/store/tenant_key.h"
#include "proto/wire/names.h"

#define KEEP_MS      60000
#define DEAF_MS      3000 /* while no notice can reach us */
#define KEPT_MAX     1024 /* tenants */
#define LISTS        256
#define NOTICES      256
#define END_MS       5000
#define OPEN_TRIES   4 /* the operator may rotate just now */
#define TENANT_BYTES (64 * 1024)

struct kept {
    LIST_ENTRY(kept) list;
    TAILQ_ENTRY(kept) age;
    const char *tenant;
    int64_t until_ms;
    struct cc_arena *mem; /* of all texts but the keys */
    struct cc_llm_own own;
    struct cc_opened key[CC_LLM_ACCOUNTS];
};
struct cc_credentials {
    struct cc_run *run;
    struct cc_keyring *ring; /* NULL: not read */
    struct stat ring_stat;   /* of the file that it was read from */
    LIST_HEAD(kepts, kept) lists[LISTS];
    TAILQ_HEAD(ages, kept) ages; /* the oldest first */
    int kept_n;
    uint64_t notices; /* what was read before the last one may be old */
    bool listening;
    struct cc_wait ended; /* the listener */
    struct cc_task_ref listener;
};

/* ---- what is kept ---- */

static void kept_free(struct kept *k)
{
    for (int i = 0; i < CC_LLM_ACCOUNTS; i++)
        cc_opened_done(&k->key[i]);
    cc_arena_free(&k->mem);
    free(k);
}

static struct kepts *list_of(struct cc_credentials *c, const char *tenant)
{
    unsigned sum = 0;

    for (const char *p = tenant; *p; p++)
        sum = sum * 31 + (unsigned char)*p;
    return &c->lists[sum % LISTS];
}

static struct kept *find(struct cc_credentials *c, const char *tenant)
{
    struct kept *k;

    LIST_FOREACH (k, list_of(c, tenant), list)
        if (strcmp(k->tenant, tenant) == 0)
            return k;
    return NULL;
}

static void drop(struct cc_credentials *c, struct kept *k)
{
    if (!k)
        return;
    LIST_REMOVE(k, list);
    TAILQ_REMOVE(&c->ages, k, age);
    c->kept_n--;
    kept_free(k);
}

static void drop_all(struct cc_credentials *c)
{
    while (!TAILQ_EMPTY(&c->ages))
        drop(c, TAILQ_FIRST(&c->ages));
}

static void drop_old(struct cc_credentials *c)
{
    struct kept *k;

    while ((k = TAILQ_FIRST(&c->ages)) && (k->until_ms <= cc_now() || c->kept_n >= KEPT_MAX))
        drop(c, k);
}

static void keep(struct cc_credentials *c, struct kept *k)
{
    drop(c, find(c, k->tenant)); /* another task has read the same meanwhile */
    k->until_ms = cc_now() + (c->listening ? KEEP_MS : DEAF_MS);
    LIST_INSERT_HEAD(list_of(c, k->tenant), k, list);
    TAILQ_INSERT_TAIL(&c->ages, k, age);
    c->kept_n++;
}

int cc_credentials_kept(const struct cc_credentials *c)
{
    return c->kept_n;
}

/* ---- notices ---- */

static void on_notice(struct cc_credentials *c, const char *text)
{
    if (strncmp(text, "tenant ", 7) != 0)
        return;
    c->notices++;
    drop(c, find(c, text + 7));
}

static void on_gap(struct cc_credentials *c, bool listening)
{
    c->listening = listening;
    c->notices++;
    drop_all(c);
}

static int listen_until_lost(struct cc_credentials *c, struct cc_sub *sub)
{
    char *text;
    size_t len;
    int rc;

    while ((rc = cc_sub_next(sub, cc_now() + DEAF_MS, &text, &len)) == 0) {
        on_notice(c, text);
        free(text);
    }
    drop_old(c);
    if (rc == CC_E_FENCED) /* some may have been missed */
        on_gap(c, true);
    return rc == CC_E_FENCED || rc == CC_E_TIMEOUT ? 0 : rc;
}

static void listener_main(void *arg)
{
    struct cc_credentials *c = arg;
    struct cc_sub *sub = NULL;
    int rc = 0;

    while (rc != CC_E_CANCELLED) {
        if (sub)
            rc = listen_until_lost(c, sub);
        else if ((rc = cc_sub_open(c->run->live, CC_CHANNEL_INVALID, NOTICES, &sub)) == 0)
            on_gap(c, true);
        if (rc != 0 && rc != CC_E_CANCELLED) {
            on_gap(c, false);
            rc = cc_sleep(200);
        }
    }
    cc_sub_close(&sub);
    c->listening = false;
    cc_wait_done(&c->ended);
}

/* ---- the keyring ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The file as it is now; an old ring stays where there is no better one. */
static int look_at_ring(struct cc_credentials *c)
{
    const char *path = cc_cfg(CC_CFG_SEAL_KEYRING);
    struct cc_keyring *ring = NULL;
    struct stat now;
    int rc;

    if (!*path)
        return cc_fail(CC_E_DOWN, "CC_SEAL_KEYRING is not set");
    if (stat(path, &now))
        return cc_fail(CC_E_DOWN, "keyring: %s", strerror(errno));
    if (c->ring && same_file(&now, &c->ring_stat))
        return 0;
    rc = cc_keyring_read(path, &ring);
    if (rc) {
        cc_log_failure("keyring_unread", rc);
        return CC_E_DOWN;
    }
    cc_keyring_free(&c->ring);
    c->ring = ring;
    c->ring_stat = now;
    cc_log(CC_INFO, "keyring_read", cc_i("keys", cc_keyring_n(ring)));
    return 0;
}

/* ---- opening ---- */

struct pairs { /* of one tenant, opened; zeroed after use */
    struct cc_seal_secret *at;
    int n;
};

static void pairs_done(struct pairs *pairs)
{
    for (int i = 0; i < pairs->n; i++)
        cc_seal_secret_done(&pairs->at[i]);
}

/* NOTFOUND: the ring lacks the key that a pair was sealed to. */
static int unwrap_all(struct cc_credentials *c, const char *tenant,
                      const struct cc_tenant_key *keys, int n, struct pairs *ret)
{
    for (int i = 0; i < n; i++) {
        int rc = cc_seal_unwrap(c->ring, tenant, &keys[i].public, keys[i].sealed, &ret->at[ret->n]);

        if (rc)
            return rc;
        ret->n++;
    }
    return 0;
}

/* Waits.  While the operator rotates, a pair that was just read may already be sealed to another
 * key, and the ring's file may already lack the one that it was sealed to: then both are read
 * again. */
static int open_pairs(struct cc_credentials *c, const char *tenant, struct cc_arena *mem,
                      struct pairs *ret)
{
    int rc = CC_E_NOTFOUND;

    for (int tried = 0; tried < OPEN_TRIES && rc == CC_E_NOTFOUND; tried++) {
        struct cc_tenant_key *keys;
        int n;

        rc = cc_tenant_key_list(c->run->pg, tenant, mem, &keys, &n);
        if (rc == 0)
            rc = look_at_ring(c);
        if (rc)
            return rc;
        *ret = (struct pairs){.at = cc_arena_array(mem, (size_t)n + 1, sizeof *ret->at)};
        rc = unwrap_all(c, tenant, keys, n, ret);
        if (rc)
            pairs_done(ret);
    }
    return rc;
}

static int open_key(const struct pairs *pairs, const struct cc_provider *p, struct cc_opened *ret)
{
    struct cc_seal_place place = cc_provider_place(p->tenant, p->name);

    for (int i = 0; i < pairs->n; i++)
        if (strcmp(pairs->at[i].public.kid, p->tenant_kid) == 0)
            return cc_seal_open(&pairs->at[i], &place, p->sealed, ret);
    return cc_fail(CC_E_NOTFOUND, "the tenant has no key %.16s", p->tenant_kid);
}

/* ---- one tenant ---- */

static void take_defaults(struct kept *k, const char *text)
{
    CC_AUTO(json_decref)
    json_t *json = NULL;
    json_t *temperature;

    if (cc_json_parse(text, strlen(text), &json))
        return;
    temperature = json_object_get(json, "temperature");
    k->own.provider = cc_arena_dup(k->mem, cc_json_str(json, "provider", ""));
    k->own.model = cc_arena_dup(k->mem, cc_json_str(json, "model", ""));
    k->own.has_temperature = json_is_number(temperature);
    k->own.temperature = json_number_value(temperature);
    k->own.max_tokens = cc_json_int(json, "maxTokens", 0);
}

static bool any_sealed(const struct cc_providers *providers)
{
    for (int i = 0; i < providers->n; i++)
        if (providers->of[i].sealed.len > 0)
            return true;
    return false;
}

/* A key that cannot be opened is no reason to pay with another's: its answers fail. */
static void take_account(struct kept *k, const struct cc_provider *p, const struct pairs *pairs,
                         int pairs_rc)
{
    struct cc_llm_account *account = &k->own.account[k->own.accounts_n];
    struct cc_opened *key = &k->key[k->own.accounts_n++];
    int rc = 0;

    *account = (struct cc_llm_account){
        .provider = p->name, .base = p->base_url, .model = p->model, .key = ""};
    if (p->sealed.len == 0)
        return;
    rc = pairs_rc ? pairs_rc : open_key(pairs, p, key);
    if (rc) {
        cc_log_failure("credential_closed", rc, cc_s("tenant", p->tenant),
                       cc_s("provider", p->name));
        account->closed = CC_E_DOWN;
        return;
    }
    account->key = key->bytes;
}

/* Waits. */
static int fill(struct cc_credentials *c, struct kept *k, const char *tenant)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *work = cc_arena_new((size_t)16 * TENANT_BYTES);
    struct cc_providers providers;
    struct pairs pairs = {0};
    int rc = cc_providers_get(c->run->pg, tenant, k->mem, &providers), pairs_rc;

    if (rc)
        return rc;
    pairs_rc = any_sealed(&providers) ? open_pairs(c, tenant, work, &pairs) : 0;
    if (pairs_rc == CC_E_CANCELLED)
        return pairs_rc;
    take_defaults(k, providers.defaults);
    for (int i = 0; i < providers.n && i < CC_LLM_ACCOUNTS; i++)
        take_account(k, &providers.of[i], &pairs, pairs_rc);
    pairs_done(&pairs);
    return 0;
}

static bool all_open(const struct kept *k)
{
    for (int i = 0; i < k->own.accounts_n; i++)
        if (k->own.account[i].closed)
            return false;
    return true;
}

static struct kept *kept_new(const char *tenant)
{
    struct kept *k = calloc(1, sizeof *k);

    if (!k)
        abort();
    k->mem = cc_arena_new(TENANT_BYTES);
    k->tenant = cc_arena_dup(k->mem, tenant);
    return k;
}

int cc_credentials_choose(struct cc_credentials *c, const struct cc_llm_wish *wish,
                          struct cc_arena *mem, struct cc_llm_choice *ret)
{
    struct kept *k;
    uint64_t notices = c->notices;
    int rc;

    drop_old(c);
    k = find(c, wish->tenant);
    if (k)
        return cc_llm_choose(wish, &k->own, mem, ret);
    k = kept_new(wish->tenant);
    rc = fill(c, k, wish->tenant);
    if (rc == 0)
        rc = cc_llm_choose(wish, &k->own, mem, ret);
    if (rc == 0 && all_open(k) && notices == c->notices)
        keep(c, k);
    else
        kept_free(k);
    return rc;
}

int cc_credentials_open(struct cc_run *run, struct cc_credentials **ret)
{
    struct cc_credentials *c = calloc(1, sizeof *c);

    if (!c)
        abort();
    c->run = run;
    TAILQ_INIT(&c->ages);
    int rc = cc_task_spawn("credentials", listener_main, c, &c->listener);
    if (rc)
        free(c);
    else
        *ret = c;
    return rc;
}

void cc_credentials_close(struct cc_credentials **p)
{
    struct cc_credentials *c = *p;

    if (!c)
        return;
    cc_task_cancel(c->listener);
    cc_wait_for(&c->ended, cc_now() + END_MS);
    drop_all(c);
    cc_keyring_free(&c->ring);
    free(c);
    *p = NULL;
}

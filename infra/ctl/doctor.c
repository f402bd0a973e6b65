/* Looks at everything a process needs, and says how to mend what is missing. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "infra/ctl/ctl.h"
#include "proto/base/config.h"
#include "proto/base/json.h"
#include "proto/store/check.h"
#include "proto/store/chunk.h"
#include "proto/store/operator_key.h"
#include "proto/store/prices.h"

struct report {
    struct cc_ctl *ctl;
    json_t *rows;
};
enum level { OK, WARN, FAIL };

static void add(struct report *r, enum level level, const char *what, const char *words,
                const char *mend)
{
    static const char *const names[] = {"ok", "warn", "fail"};

    if (level == FAIL)
        r->ctl->failed = true;
    json_array_append_new(r->rows, json_pack("{ss ss ss ss}", "state", names[level], "what", what,
                                             "found", words, "mend", level == OK ? "" : mend));
}

static void need(struct report *r, bool ok, const char *what, const char *words, const char *mend)
{
    add(r, ok ? OK : FAIL, what, words, mend);
}

static void check_program(struct report *r, const char *what, const char *path)
{
    need(r, access(path, X_OK) == 0, what, path, "infra/install run");
}

static void check_file(struct report *r, const char *what, const char *dir, const char *name,
                       enum level without)
{
    const char *path = cc_arena_printf(r->ctl->mem, "%s/%s", dir, name);

    add(r, access(path, R_OK) == 0 ? OK : without, what, path, "infra/models/fetch");
}

static void check_files(struct report *r)
{
    static const char *const ranks[] = {"cl100k_base.tiktoken", "o200k_base.tiktoken"};
    static const char *const weights[] = {"weights.bin", "vocab.json"};
    const char *embed = cc_cfg(CC_CFG_EMBED);
    enum level without = strcmp(embed, "use") == 0 ? FAIL : WARN;

    check_program(r, "pdf reader", cc_cfg(CC_CFG_PDFTOTEXT));
    for (size_t i = 0; i < 2; i++)
        check_file(r, "token ranks", cc_cfg(CC_CFG_TOKENS_DIR), ranks[i], FAIL);
    for (size_t i = 0; i < 2 && (without == FAIL || strcmp(embed, "auto") == 0); i++)
        check_file(r, "embedding model", cc_cfg(CC_CFG_EMBED_MODEL_DIR), weights[i], without);
}

static void check_store(struct report *r, const struct cc_store_check *c)
{
    const char *store = "";

    need(r, !c->superuser && !c->bypasses, "application role", c->role,
         "let CC_PG name a role that is neither superuser nor BYPASSRLS, such as cc_app");
    need(r, !*c->unprotected, "row-level security", *c->unprotected ? c->unprotected : "all tables",
         "a table with tenant_id must ENABLE and FORCE it: see cc_protect() in schema 001");
    need(
        r, !*c->definers, "borrowed rights", *c->definers ? c->definers : "none",
        "drop functions with SECURITY DEFINER, materialised views, views without security_invoker");
    add(r, strcmp(c->fsync, "on") == 0 ? OK : WARN, "PostgreSQL fsync", c->fsync,
        "set fsync = on: an answer that was acknowledged must survive a power cut");
    if (cc_chunk_store_name(r->ctl->pg, &store))
        return; /* no tables yet: the schema's line says so */
    add(r, strcmp(store, "pgvector") == 0 ? OK : WARN, "vector store", store,
        c->vector_made ? "the tables are older than the extension: vectors are scanned here"
        : c->vector_available
            ? "as superuser: CREATE EXTENSION vector, before the first cc-ctl migrate"
            : "infra/pgvector builds the extension; without, vectors are scanned here");
}

static void check_postgres(struct report *r)
{
    struct cc_store_check found;
    int rc = cc_ctl_pg(r->ctl);

    if (rc == 0)
        rc = cc_store_check(r->ctl->pg, r->ctl->mem, &found);
    need(r, rc == 0, "PostgreSQL", rc ? cc_fail_text() : "answers",
         "start it (infra/up), or mend CC_PG");
    if (rc)
        return;
    check_store(r, &found);
    rc = cc_pg_check_schema(r->ctl->pg);
    need(r, rc == 0, "schema", rc ? cc_fail_text() : "as new as this program", "cc-ctl migrate");
}

static void check_sweep(struct report *r)
{
    struct cc_pg_opts opts = {.conninfo = cc_cfg(CC_CFG_PG_SWEEP), .size = 1};
    struct cc_pg *sweep = NULL;
    int rc = 0;

    if (!*opts.conninfo) {
        add(r, WARN, "sweeping role", "CC_PG_SWEEP is not set",
            "set it: else documents whose job was lost wait for ever");
        return;
    }
    rc = cc_pg_open(&opts, &sweep);
    if (rc == 0)
        rc = cc_pg_ping(sweep, 3000);
    need(r, rc == 0, "sweeping role", rc ? cc_fail_text() : "answers", "mend CC_PG_SWEEP");
    cc_pg_close(&sweep);
}

/* What a Redis role must be set to, or it loses what we promised to keep. */
static const struct wanted {
    bool queue;
    const char *name, *value;
    enum level otherwise;
} wanted[] = {
    {true, "appendonly", "yes", FAIL},
    {true, "appendfsync", "always", FAIL},
    {true, "maxmemory-policy", "noeviction", FAIL},
    {false, "maxmemory-policy", "volatile-ttl", WARN},
};

static void check_setting(struct report *r, struct cc_redis *redis, const struct wanted *w)
{
    const char *what =
        cc_arena_printf(r->ctl->mem, "Redis %s: %s", w->queue ? "queue" : "live", w->name);
    const char *value = "";
    int rc = cc_redis_setting(redis, w->name, r->ctl->mem, &value);

    if (rc) {
        add(r, WARN, what, cc_fail_text(), "let this login read CONFIG, or look yourself");
        return;
    }
    add(r, strcmp(value, w->value) == 0 ? OK : w->otherwise, what, value,
        cc_arena_printf(r->ctl->mem, "set %s %s", w->name, w->value));
}

static void check_redis(struct report *r, bool queue)
{
    const char *what = queue ? "Redis queue" : "Redis live";
    int rc = queue ? cc_ctl_queue(r->ctl) : cc_ctl_live(r->ctl);

    need(r, rc == 0, what, rc ? cc_fail_text() : "answers",
         queue ? "start it, or mend CC_REDIS_QUEUE" : "start it, or mend CC_REDIS_LIVE");
    for (size_t i = 0; rc == 0 && i < sizeof wanted / sizeof *wanted; i++)
        if (wanted[i].queue == queue)
            check_setting(r, queue ? r->ctl->queue : r->ctl->live, &wanted[i]);
}

/* Workers read the file, not this login; so that it is not there is no more than a warning. */
static void check_seal(struct report *r)
{
    struct cc_seal_public current;
    struct cc_keyring *ring = NULL;
    const char *path = cc_cfg(CC_CFG_SEAL_KEYRING);
    int rc = cc_ctl_pg(r->ctl);

    if (rc == 0)
        rc = cc_operator_key_current(r->ctl->pg, &current);
    add(r, rc ? WARN : OK, "key for credentials", rc ? cc_fail_text() : current.kid,
        "cc-ctl seal init: else tenants cannot store keys of model services");
    if (rc)
        return;
    rc = *path ? cc_keyring_read(path, &ring) : cc_fail(CC_E_DOWN, "CC_SEAL_KEYRING is not set");
    if (rc == 0 && !cc_keyring_find(ring, current.kid))
        rc = cc_fail(CC_E_NOTFOUND, "%s lacks the current key", path);
    add(r, rc ? WARN : OK, "keyring", rc ? cc_fail_text() : path,
        "set CC_SEAL_KEYRING for workers and cc-ctl, mode 0600, not for gateways");
    cc_keyring_free(&ring);
}

/* A tenant chooses his models: one without a price would go past every cap of money. */
static void check_prices(struct report *r)
{
    struct cc_prices *prices = cc_arena_get(r->ctl->mem, sizeof *prices);
    int rc = cc_prices_read(cc_cfg(CC_CFG_PRICES), prices);
    bool others = false;

    for (int i = 0; i < prices->n; i++)
        others = others || strcmp(prices->row[i].model, "*") == 0;
    add(r,
        rc       ? FAIL
        : others ? OK
                 : WARN,
        "prices of models",
        rc       ? cc_fail_text()
        : others ? "of all"
                 : "of those in CC_PRICES alone; others cost nothing, under caps of money, too",
        rc ? "mend CC_PRICES" : "add a row for * to CC_PRICES");
}

static void show_line(const json_t *row)
{
    const char *mend = cc_json_str(row, "mend", "");

    printf("%-4s %-28s %s\n", cc_json_str(row, "state", ""), cc_json_str(row, "what", ""),
           cc_json_str(row, "found", ""));
    if (*mend)
        printf("     %-28s -> %s\n", "", mend);
}

int cc_ctl_doctor(struct cc_ctl *ctl)
{
    CC_AUTO(json_decref)
    json_t *rows = json_array();
    struct report report = {ctl, rows};
    size_t i;
    const json_t *row;
    int rc = cc_ctl_end(ctl);

    if (rc)
        return rc;
    check_files(&report);
    check_postgres(&report);
    check_sweep(&report);
    check_seal(&report);
    check_prices(&report);
    check_redis(&report, true);
    check_redis(&report, false);
    if (ctl->json)
        cc_ctl_show(ctl, rows);
    else
        json_array_foreach(rows, i, row) show_line(row);
    return 0;
}

#include "gateway/rates.h"

#include <string.h>

#include "gateway/gateway.h"
#include "gateway/pure/address.h"
#include "proto/base/config.h"
#include "proto/store/limits.h"
#include "proto/wire/names.h"

static const char *number(struct cc_rq *rq, int64_t n)
{
    return cc_arena_printf(rq->mem, "%lld", (long long)n);
}

/* Who passes two sets of gates is told of the later, narrower one. */
static void tell(struct cc_rq *rq, const char *name, int64_t n)
{
    for (int i = 0; i < rq->reply.headers_n; i++)
        if (strcmp(rq->reply.headers[i].name, name) == 0) {
            rq->reply.headers[i].value = number(rq, n);
            return;
        }
    cc_reply_header(rq, name, number(rq, n));
}

int cc_rates_pass(struct cc_rq *rq, const struct cc_gate *gates, int n)
{
    struct cc_gate_verdict verdict = {0};
    int rc = cc_gate_pass(cc_gateway()->live, gates, n, &verdict);

    if (rc != 0 && rc != CC_E_RATE)
        return rc;
    tell(rq, "ratelimit-limit", gates[verdict.tightest].limit);
    tell(rq, "ratelimit-remaining", verdict.left);
    if (rc == 0)
        return 0;
    cc_reply_header(rq, "retry-after", number(rq, (verdict.retry_ms + 999) / 1000));
    return cc_fail(CC_E_RATE, "more than %lld requests a minute",
                   (long long)gates[verdict.shut].limit);
}

/* ---- the gates ---- */

struct gates {
    struct cc_rq *rq;
    struct cc_gate at[CC_GATES_MAX];
    int n;
};

static void add(struct gates *g, const char *kind, const char *who, int64_t limit)
{
    char *name = cc_arena_get(g->rq->mem, CC_NAME_MAX);

    g->at[g->n++] = (struct cc_gate){.key = cc_name_gate(kind, g->rq->guest.tenant, who, name),
                                     .limit = limit,
                                     .window_ms = CC_RATES_MINUTE_MS};
}

int64_t cc_rates_tier(const char *tier)
{
    return cc_cfg_int(strcmp(tier, "paid") == 0 ? CC_CFG_RATE_PAID : CC_CFG_RATE_FREE);
}

static int add_tenant(struct gates *g)
{
    const struct cc_guest *guest = &g->rq->guest;
    int64_t tier = cc_rates_tier(guest->tier);
    struct cc_limits least;
    int rc = cc_limits_least((const char *[]){guest->limits, guest->ceiling}, 2, &least);

    if (rc == 0)
        add(g, "tenant", "all",
            least.per_minute >= 0 && least.per_minute < tier ? least.per_minute : tier);
    return rc;
}

static void add_key(struct gates *g)
{
    const struct cc_guest *guest = &g->rq->guest;

    if (guest->key && guest->rate > 0)
        add(g, "key", guest->key, guest->rate);
}

static int add_bot(struct gates *g)
{
    const struct cc_bot *bot = &g->rq->guest.bot;
    struct cc_limits limits;
    int rc = cc_limits_least(&bot->limits, 1, &limits);

    if (rc == 0 && limits.per_minute >= 0)
        add(g, "bot", bot->id, limits.per_minute);
    return rc;
}

/* A server with a secret key speaks for many visitors from one address. */
static void add_address(struct gates *g, const char *kind)
{
    char who[CC_ADDRESS_NAME];

    if (!g->rq->guest.secret)
        add(g, kind, cc_address_name(g->rq->address, who), cc_cfg_int(CC_CFG_RATE_ADDRESS));
}

/* ---- what is counted ---- */

int cc_rates_count(struct cc_rq *rq)
{
    struct gates g = {.rq = rq};
    bool tenant = rq->route->counted == CC_COUNT_TENANT;
    int rc = tenant ? add_tenant(&g) : 0;

    if (tenant || rq->route->door == CC_DOOR_OFFICE)
        add_key(&g);
    if (tenant && rq->route->door == CC_DOOR_VISITOR)
        add_address(&g, "caller");
    return rc || g.n == 0 ? rc : cc_rates_pass(rq, g.at, g.n);
}

int cc_rates_count_chat(struct cc_rq *rq, const char *session)
{
    struct gates g = {.rq = rq};
    int rc = add_tenant(&g);

    add_key(&g);
    if (rc == 0)
        rc = add_bot(&g);
    add(&g, "session", session, cc_cfg_int(CC_CFG_RATE_VISITOR));
    add_address(&g, "address");
    return rc ? rc : cc_rates_pass(rq, g.at, g.n);
}

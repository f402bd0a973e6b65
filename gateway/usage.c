/* usage.c - what a tenant has used of tokens and money, and what is left of today. */
#include "proto/store/usage.h"

#include <string.h>

#include "gateway/days.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/pure/when.h"
#include "gateway/rates.h"
#include "gateway/routes.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/store/limits.h"
#include "proto/store/spend.h"

static const struct {
    const char *word, *member;
} groups[] = {
    [CC_USAGE_DAY] = {"day", "day"},
    [CC_USAGE_BOT] = {"bot", "botId"},
    [CC_USAGE_MODEL] = {"model", "model"},
};

/* ---- what is asked for ---- */

static int read_group(struct cc_rq *rq, enum cc_usage_group *ret)
{
    const char *word = cc_rq_query(rq, "group");

    *ret = CC_USAGE_DAY;
    if (!word)
        return 0;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (strcmp(groups[i].word, word) == 0) {
            *ret = (enum cc_usage_group)i;
            return 0;
        }
    return cc_fail(CC_E_INVALID, "group: day, bot or model");
}

/* Waits. */
static int read_query(struct cc_rq *rq, struct cc_usage_query *ret)
{
    struct cc_days days = {0, 0};
    int rc = cc_input_days(rq, &days);

    if (rc == 0)
        rc = read_group(rq, &ret->group);
    if (rc == 0)
        rc = cc_input_bot(rq, cc_rq_query(rq, "botId"), &ret->bot);
    ret->tenant = rq->guest.tenant;
    ret->first_day = days.first;
    ret->last_day = days.last;
    return rc;
}

/* ---- as JSON ---- */

static json_t *used_json(const struct cc_usage *u)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:o}", "answers", (json_int_t)u->answers, "inputTokens",
                     (json_int_t)u->input_tokens, "cachedTokens", (json_int_t)u->cached_tokens,
                     "outputTokens", (json_int_t)u->output_tokens, "cost", cc_money_json(u->cost));
}

static void add(struct cc_usage *sum, const struct cc_usage *u)
{
    sum->answers += u->answers;
    sum->input_tokens += u->input_tokens;
    sum->output_tokens += u->output_tokens;
    sum->cached_tokens += u->cached_tokens;
    sum->cost += u->cost;
}

static json_t *items_json(const struct cc_usage *list, int n, enum cc_usage_group group,
                          struct cc_usage *ret_sum)
{
    json_t *items = json_array();

    for (int i = 0; i < n; i++) {
        json_t *item = used_json(&list[i]);

        json_object_set_new(item, groups[group].member, json_string(list[i].of));
        json_array_append_new(items, item);
        add(ret_sum, &list[i]);
    }
    return items;
}

static json_t *today_json(const struct cc_spent *spent)
{
    int64_t midnight = (cc_unix_ms() / CC_DAY_MS + 1) * CC_DAY_MS;
    json_t *json = cc_spent_json(spent);

    json_object_set_new(json, "endsAt", cc_json_time(midnight));
    return json;
}

/* What counts of all that was said about this tenant, or about the one bot that was asked for. */
static int read_limits(struct cc_rq *rq, const char *bot, struct cc_limits *ret)
{
    const char *texts[] = {rq->guest.limits, rq->guest.ceiling, NULL};
    struct cc_bot found;
    int64_t tier = cc_rates_tier(rq->guest.tier);
    int rc = *bot ? cc_bot_get(cc_gateway()->pg, rq->guest.tenant, bot, rq->mem, &found) : 0;

    if (rc == 0 && *bot)
        texts[2] = found.limits;
    if (rc == 0)
        rc = cc_limits_least(texts, 3, ret);
    if (rc == 0 && (ret->per_minute < 0 || ret->per_minute > tier))
        ret->per_minute = tier;
    return rc;
}

int cc_get_usage(struct cc_rq *rq)
{
    struct cc_usage_query query;
    struct cc_usage *list, sum = {.of = ""};
    struct cc_spent spent;
    struct cc_limits limits;
    json_t *items;
    int n, rc = read_query(rq, &query);

    if (rc == 0)
        rc = read_limits(rq, query.bot, &limits);
    if (rc == 0)
        rc = cc_usage_list(cc_gateway()->pg, &query, rq->mem, &list, &n);
    if (rc == 0)
        rc = cc_spend_today(cc_gateway()->pg, rq->guest.tenant, query.bot, &spent);
    if (rc != 0)
        return rc;
    items = items_json(list, n, query.group, &sum);
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(
        rq, 200,
        json_pack("{s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "currency", cc_cfg(CC_CFG_CURRENCY),
                  "from", cc_json_day(query.first_day), "to", cc_json_day(query.last_day), "group",
                  groups[query.group].word, "items", items, "totals", used_json(&sum), "today",
                  today_json(&spent), "limits", cc_limits_json(&limits)));
}

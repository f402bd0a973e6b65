/* analytics.c - a tenant's conversations and costs of a range of days, in figures. */
#include <math.h>
#include <string.h>

#include "gateway/conversations.h"
#include "gateway/days.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/routes.h"
#include "proto/base/config.h"
#include "proto/store/limits.h"

static int read_range(struct cc_rq *rq, struct cc_overview_range *ret)
{
    struct cc_days days;
    int rc = cc_input_days(rq, &days);

    if (rc != 0)
        return rc;
    ret->from_day = days.first;
    ret->days = (int)(days.last - days.first) + 1;
    return cc_conversations_bot(rq, &ret->bot);
}

static json_t *frame_json(const struct cc_overview_range *range)
{
    return json_pack("{s:o, s:o, s:o, s:s}", "from", cc_json_day(range->from_day), "to",
                     cc_json_day(range->from_day + range->days - 1), "botId",
                     cc_json_text(range->bot), "currency", cc_cfg(CC_CFG_CURRENCY));
}

static json_t *ms_json(double ms, bool known)
{
    return known ? json_integer(llround(ms)) : json_null();
}

static json_t *sums_json(const struct cc_overview *o)
{
    bool known = o->answers > 0;

    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:I, s:I, s:o}",
        "conversations", (json_int_t)o->conversations, "visitors", (json_int_t)o->visitors,
        "messages", (json_int_t)(o->questions + o->answers), "questions", (json_int_t)o->questions,
        "answers", (json_int_t)o->answers, "unanswered", (json_int_t)o->unanswered, "failed",
        (json_int_t)o->failed, "up", (json_int_t)o->up, "down", (json_int_t)o->down, "medianMs",
        ms_json(o->median_ms, known), "p95Ms", ms_json(o->p95_ms, known), "firstTokenMedianMs",
        ms_json(o->first_ms, known), "inputTokens", (json_int_t)o->input_tokens, "outputTokens",
        (json_int_t)o->output_tokens, "cost", cc_money_json(o->cost));
}

int cc_get_analytics_overview(struct cc_rq *rq)
{
    struct cc_overview_range range;
    struct cc_overview all, *days;
    json_t *json, *per_day;
    int rc = read_range(rq, &range);

    if (rc != 0)
        return rc;
    days = cc_arena_array(rq->mem, (size_t)range.days, sizeof *days);
    rc = cc_overview_get(cc_gateway()->pg, rq->guest.tenant, &range, &all, days);
    if (rc != 0)
        return rc;
    per_day = json_array();
    for (int i = 0; i < range.days; i++) {
        json_t *day = sums_json(&days[i]);

        json_object_set_new(day, "day", cc_json_day(range.from_day + i));
        json_array_append_new(per_day, day);
    }
    json = frame_json(&range);
    json_object_update_new(json, sums_json(&all));
    json_object_set_new(json, "perDay", per_day);
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200, json);
}

static json_t *used_json(const struct cc_model_day *d)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:o}", "answers", (json_int_t)d->answers, "inputTokens",
                     (json_int_t)d->input_tokens, "outputTokens", (json_int_t)d->output_tokens,
                     "cachedTokens", (json_int_t)d->cached_tokens, "cost", cc_money_json(d->cost));
}

static void add(struct cc_model_day *sum, const struct cc_model_day *d)
{
    sum->answers += d->answers;
    sum->input_tokens += d->input_tokens;
    sum->output_tokens += d->output_tokens;
    sum->cached_tokens += d->cached_tokens;
    sum->cost += d->cost;
}

int cc_get_analytics_cost(struct cc_rq *rq)
{
    struct cc_overview_range range;
    struct cc_model_day *list, total = {0};
    json_t *json, *items;
    int n, rc = read_range(rq, &range);

    if (rc == 0)
        rc = cc_model_days(cc_gateway()->pg, rq->guest.tenant, &range, rq->mem, &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n; i++) {
        json_t *item = used_json(&list[i]);

        json_object_set_new(item, "day", cc_json_day(list[i].day));
        json_object_set_new(item, "model", cc_json_text(list[i].model));
        json_array_append_new(items, item);
        add(&total, &list[i]);
    }
    json = frame_json(&range);
    json_object_set_new(json, "items", items);
    json_object_set_new(json, "total", used_json(&total));
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200, json);
}

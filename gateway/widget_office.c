/*
 * widget_office.c - how a bot shows itself and on whose pages: a part of its settings.
 */
#include "gateway/bots.h"
#include "gateway/input.h"
#include "gateway/routes.h"

static int reply(struct cc_rq *rq, const struct cc_bot_entry *entry)
{
    json_t *origins = json_loads(entry->bot.origins, 0, NULL);

    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200,
                         json_pack("{s:s, s:s, s:o, s:o}", "botId", entry->bot.id, "name",
                                   entry->bot.name, "widget", cc_json_object_of(entry->bot.widget),
                                   "allowedOrigins", origins ? origins : json_array()));
}

/* NULL, the default one, where none is named. */
static const char *which(struct cc_rq *rq)
{
    return cc_rq_query(rq, "botId");
}

int cc_get_widget(struct cc_rq *rq)
{
    struct cc_bot_entry entry;
    int rc = cc_bots_load(rq, which(rq), &entry);

    return rc ? rc : reply(rq, &entry);
}

static const struct cc_form_field fields[] = {
    {"name", CC_FIELD_JSON, 0, .max = 0},
    {"widget", CC_FIELD_JSON, 0, .max = 0},
    {"allowedOrigins", CC_FIELD_JSON, 0, .max = 0},
};

int cc_put_widget(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    const json_t *any;
    struct cc_bot_entry entry;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, fields, rq->mem, &any); /* no other members */
    if (rc == 0)
        rc = cc_bots_publish(rq, which(rq), cc_bots_lay_members, body, &entry);
    return rc ? rc : reply(rq, &entry);
}

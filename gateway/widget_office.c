/*
 * widget_office.c - how a bot shows itself and on whose pages: a part of its settings; and the line
 * that such a page embeds it with.
 */
#include "gateway/bots.h"
#include "gateway/input.h"
#include "gateway/pure/files.h"
#include "gateway/pure/origin.h"
#include "gateway/routes.h"
#include "proto/base/config.h"
#include "proto/wire/tag.h"

/* How visitors call us, as scheme, host and port; "" when that cannot be told. */
static const char *our_origin(struct cc_rq *rq)
{
    const char *url = cc_cfg(CC_CFG_PUBLIC_URL), *host = cc_rq_header(rq, "host");
    char *origin = cc_arena_get(rq->mem, CC_ORIGIN_MAX);

    if (!*url)
        url = cc_arena_printf(rq->mem, "http://%s", host);
    return cc_origin_valid(url) && cc_origin_pattern(url, origin) ? origin : "";
}

/* Lays the line and what it is made of over the answer: null where the widget has not been built.
 */
static void add_snippet(struct cc_rq *rq, const struct cc_bot *bot, json_t *json)
{
    const struct cc_file *loader = cc_files_find("/widget.js");
    char version[CC_TAG_VERSION] = "", integrity[CC_TAG_INTEGRITY] = "";
    const char *origin = our_origin(rq), *line = "", *page = "";

    if (loader) {
        cc_tag_version(loader->bytes, loader->len, version);
        cc_tag_integrity(loader->bytes, loader->len, integrity);
    }
    if (*origin)
        page = cc_arena_printf(rq->mem, "%s/chat/%s", origin, bot->id);
    if (loader && *origin)
        line = cc_tag_print(&(struct cc_tag){origin, bot->id, version, integrity}, rq->mem);
    json_object_set_new(json, "version", cc_json_text(version));
    json_object_set_new(json, "integrity", cc_json_text(integrity));
    json_object_set_new(json, "pageUrl", cc_json_text(page));
    json_object_set_new(json, "snippet", cc_json_text(line));
}

static int reply(struct cc_rq *rq, const struct cc_bot_entry *entry)
{
    json_t *origins = json_loads(entry->bot.origins, 0, NULL);
    json_t *json = json_pack("{s:s, s:s, s:o, s:o}", "botId", entry->bot.id, "name",
                             entry->bot.name, "widget", cc_json_object_of(entry->bot.widget),
                             "allowedOrigins", origins ? origins : json_array());

    add_snippet(rq, &entry->bot, json);
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200, json);
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

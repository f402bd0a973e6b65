/*
 * bot_versions.c - what a bot was, and what it is to be: versions and the draft.
 */
#include <string.h>

#include "gateway/bots.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/pure/bot_form.h"
#include "gateway/routes.h"
#include "proto/base/text.h"

#define TRIES 5 /* while others write the same draft */

/* ---- the draft ---- */

/* The members that the draft has or the client sends, as they are checked. */
static const char *drafted(const struct cc_bot *bot, const json_t *was, const json_t *members,
                           struct cc_arena *mem)
{
    CC_AUTO(json_decref)
    json_t *all = cc_bot_form_json(bot);
    CC_AUTO(json_decref)
    json_t *draft = json_object();
    const char *name;
    json_t *value;

    json_object_foreach(all, name,
                        value) if (json_object_get(was, name) || json_object_get(members, name))
        json_object_set(draft, name, value);
    return json_object_size(draft) > 0 ? cc_json_dup(draft, mem) : "";
}

static int draft_once(struct cc_rq *rq, const char *id, const json_t *members, int64_t wanted)
{
    CC_AUTO(json_decref)
    json_t *was = NULL;
    struct cc_bot_entry entry;
    struct cc_bot_draft put;
    int rc = cc_bots_load(rq, id, &entry);

    if (rc == 0 && wanted && wanted != entry.bot.version)
        rc = cc_fail(CC_E_CONFLICT, "another version is published by now");
    if (rc != 0)
        return rc;
    was = cc_json_object_of(entry.draft);
    cc_bot_form_lay(was, rq->mem, &entry.bot);
    rc = cc_bots_read(members, rq->mem, &entry.bot);
    if (rc != 0)
        return rc;
    put = (struct cc_bot_draft){entry.bot.tenant, entry.bot.id, entry.draft,
                                drafted(&entry.bot, was, members, rq->mem)};
    return strcmp(put.was, put.now) == 0 ? 0 : cc_bot_draft_put(cc_gateway()->pg, &put);
}

int cc_bots_draft(struct cc_rq *rq, const char *id, const json_t *members, struct cc_bot_entry *ret)
{
    CC_AUTO(json_decref)
    json_t *draft = NULL;
    int64_t wanted;
    int rc = cc_bots_wanted(rq, &wanted);

    if (rc != 0)
        return rc;
    rc = CC_E_CONFLICT;
    for (int i = 0; i < TRIES && rc == CC_E_CONFLICT; i++) {
        rc = draft_once(rq, id, members, wanted);
        if (wanted)
            break;
    }
    if (rc == 0)
        rc = cc_bots_load(rq, id, ret);
    if (rc != 0)
        return rc;
    draft = cc_json_object_of(ret->draft);
    cc_bot_form_lay(draft, rq->mem, &ret->bot);
    return 0;
}

int cc_delete_bot_draft(struct cc_rq *rq)
{
    struct cc_bot_entry entry;
    int rc = cc_bots_load(rq, cc_rq_param(rq, "id"), &entry);

    if (rc == 0 && *entry.draft)
        rc = cc_bot_draft_put(
            cc_gateway()->pg,
            &(struct cc_bot_draft){entry.bot.tenant, entry.bot.id, entry.draft, ""});
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}

static int lay_draft(struct cc_rq *rq, const void *what, struct cc_bot_entry *entry,
                     struct cc_bot_publication *ret)
{
    CC_AUTO(json_decref)
    json_t *draft = cc_json_object_of(entry->draft);

    (void)what;
    if (!*entry->draft)
        return cc_fail(CC_E_CONFLICT, "the bot has no draft");
    cc_bot_form_lay(draft, rq->mem, &entry->bot);
    ret->draft = entry->draft;
    return 0;
}

int cc_post_bot_publish(struct cc_rq *rq)
{
    struct cc_bot_entry entry;
    int rc = cc_bots_publish(rq, cc_rq_param(rq, "id"), lay_draft, NULL, &entry);

    return rc ? rc : cc_bots_reply(rq, 200, &entry);
}

/* ---- versions ---- */

static json_t *version_json(const struct cc_bot_version *version)
{
    return json_pack("{s:I, s:o, s:s, s:o}", "version", (json_int_t)version->version, "at",
                     cc_json_time(version->at_ms), "note", version->note, "actor",
                     cc_json_text(version->actor));
}

static int take_number(const char *name, const char *text, int64_t *ret)
{
    return cc_text_int(text, 1, INT64_MAX, ret)
               ? 0
               : cc_fail(CC_E_INVALID, "%s: wants a version's number", name);
}

int cc_get_bot_versions(struct cc_rq *rq)
{
    const char *cursor = cc_rq_query(rq, "cursor");
    struct cc_bot_version *list;
    struct cc_bot_entry entry;
    int64_t before = 0;
    json_t *items;
    int max, n, rc = cc_input_limit(rq, &max);

    if (rc == 0 && cursor && *cursor)
        rc = take_number("cursor", cursor, &before);
    if (rc == 0)
        rc = cc_bots_load(rq, cc_rq_param(rq, "id"), &entry);
    if (rc == 0)
        rc = cc_bot_version_list(cc_gateway()->pg, &entry.bot, before, max + 1, rq->mem, &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < max; i++)
        json_array_append_new(items, version_json(&list[i]));
    return cc_reply_page(
        rq, items,
        n > max ? cc_arena_printf(rq->mem, "%lld", (long long)list[max - 1].version) : NULL);
}

/* Waits.  A number that is none is one that there is not. */
static int load_version(struct cc_rq *rq, const struct cc_bot *bot, struct cc_bot_version *ret)
{
    int64_t number;
    int rc = CC_E_NOTFOUND;

    if (cc_text_int(cc_rq_param(rq, "version"), 1, INT64_MAX, &number))
        rc = cc_bot_version_get(cc_gateway()->pg, bot, number, rq->mem, ret);
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such version") : rc;
}

int cc_get_bot_version(struct cc_rq *rq)
{
    struct cc_bot_version version;
    struct cc_bot_entry entry;
    json_t *json;
    int rc = cc_bots_load(rq, cc_rq_param(rq, "id"), &entry);

    if (rc == 0)
        rc = load_version(rq, &entry.bot, &version);
    if (rc != 0)
        return rc;
    json = version_json(&version);
    json_object_set_new(json, "config", cc_json_object_of(version.config));
    return cc_reply_json(rq, 200, json);
}

static int lay_version(struct cc_rq *rq, const void *what, struct cc_bot_entry *entry,
                       struct cc_bot_publication *ret)
{
    CC_AUTO(json_decref)
    json_t *config = NULL;
    struct cc_bot_version version;
    int rc = load_version(rq, &entry->bot, &version);

    (void)what;
    if (rc != 0)
        return rc;
    config = cc_json_object_of(version.config);
    cc_bot_form_lay(config, rq->mem, &entry->bot);
    ret->note = cc_arena_printf(rq->mem, "as version %lld", (long long)version.version);
    return 0;
}

int cc_post_bot_restore(struct cc_rq *rq)
{
    struct cc_bot_entry entry;
    int rc = cc_bots_publish(rq, cc_rq_param(rq, "id"), lay_version, NULL, &entry);

    return rc ? rc : cc_bots_reply(rq, 200, &entry);
}

/*
 * bots.c - a tenant's bots: made, listed, changed, deleted.
 */
#include "gateway/bots.h"

#include <stdio.h>
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/notices.h"
#include "gateway/pure/bot_form.h"
#include "gateway/routes.h"
#include "proto/base/id.h"
#include "proto/base/text.h"
#include "proto/vec/tuning.h"

#define TRIES 5 /* while others publish the same bot */

/* ---- one of them ---- */

static int no_bot(void)
{
    return cc_fail(CC_E_NOTFOUND, "there is no such bot");
}

int cc_bots_load(struct cc_rq *rq, const char *id, struct cc_bot_entry *ret)
{
    const char *own = rq->guest.bound ? rq->guest.bot.id : "";
    int rc;

    if (id && (!cc_id_valid(id, "bot") || (*own && strcmp(id, own) != 0)))
        return no_bot();
    id = id ? id : own;
    rc = cc_bot_read(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, ret);
    return rc == CC_E_NOTFOUND ? no_bot() : rc;
}

json_t *cc_bots_json(const struct cc_bot_entry *entry)
{
    json_t *json = cc_bot_form_json(&entry->bot);

    json_object_set_new(json, "id", json_string(entry->bot.id));
    json_object_set_new(json, "version", json_integer(entry->bot.version));
    json_object_set_new(json, "hasDraft", json_boolean(*entry->draft));
    json_object_set_new(json, "default", json_boolean(entry->oldest));
    json_object_set_new(json, "createdAt", cc_json_time(entry->created_ms));
    json_object_set_new(json, "updatedAt", cc_json_time(entry->updated_ms));
    return json;
}

int cc_bots_reply(struct cc_rq *rq, int status, const struct cc_bot_entry *entry)
{
    cc_reply_header(rq, "etag",
                    cc_arena_printf(rq->mem, "\"%lld\"", (long long)entry->bot.version));
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, status, cc_bots_json(entry));
}

/* ---- changing one ---- */

int cc_bots_wanted(struct cc_rq *rq, int64_t *ret_version)
{
    const char *match = cc_rq_header(rq, "if-match");
    size_t len = match ? strlen(match) : 0;

    *ret_version = 0;
    if (!match || strcmp(match, "*") == 0)
        return 0;
    if (len < 3 || match[0] != '"' || match[len - 1] != '"' ||
        !cc_text_int(cc_arena_dupn(rq->mem, match + 1, len - 2), 1, INT64_MAX, ret_version))
        return cc_fail(CC_E_INVALID, "If-Match: wants a version in quotes, such as \"3\"");
    return 0;
}

int cc_bots_read(const json_t *members, struct cc_arena *mem, struct cc_bot *bot)
{
    struct cc_bot next = *bot;
    struct cc_tuning tuning;
    int rc = cc_bot_form_read(members, mem, &next);

    if (rc == 0 && json_object_get(members, "retrieval"))
        rc = cc_tuning_read(next.retrieval, mem, &tuning);
    if (rc == 0 && json_object_get(members, "chunking"))
        rc = cc_chunking_check(next.chunking);
    if (rc == 0)
        *bot = next;
    return rc;
}

static bool same_member(const json_t *a, const json_t *b, const char *name)
{
    return json_equal(json_object_get(a, name), json_object_get(b, name));
}

/* Whoever may not manage changes no limits, in whichever way. */
static int look_at(const struct cc_rq *rq, const struct cc_bot *was, const struct cc_bot *next,
                   bool *ret_same)
{
    CC_AUTO(json_decref)
    json_t *before = cc_bot_form_json(was);
    CC_AUTO(json_decref)
    json_t *after = cc_bot_form_json(next);

    *ret_same = json_equal(before, after);
    if (!same_member(before, after, "limits") && !(rq->guest.rights & CC_RIGHT_MANAGE))
        return cc_fail(CC_E_FORBIDDEN, "limits: are changed with the right \"%s\"",
                       cc_right_word(CC_RIGHT_MANAGE));
    return 0;
}

struct change {
    cc_bots_change *fn;
    const void *what;
    int64_t wanted; /* version; 0: whichever */
};

static int publish_once(struct cc_rq *rq, const char *id, const struct change *change)
{
    struct cc_bot_publication how = {0};
    struct cc_bot_entry entry;
    struct cc_bot was;
    bool same = true;
    int rc = cc_bots_load(rq, id, &entry);

    if (rc == 0 && change->wanted && change->wanted != entry.bot.version)
        rc = cc_fail(CC_E_CONFLICT, "version %lld is published by now",
                     (long long)entry.bot.version);
    if (rc != 0)
        return rc;
    was = entry.bot;
    rc = change->fn(rq, change->what, &entry, &how);
    if (rc == 0)
        rc = look_at(rq, &was, &entry.bot, &same);
    if (rc != 0 || (same && !how.draft))
        return rc;
    rc = cc_bot_publish(cc_gateway()->pg, &entry.bot, &how);
    if (rc == 0)
        cc_notice_send("bot", entry.bot.id);
    return rc;
}

int cc_bots_publish(struct cc_rq *rq, const char *id, cc_bots_change *fn, const void *what,
                    struct cc_bot_entry *ret)
{
    struct change change = {fn, what, 0};
    int rc = cc_bots_wanted(rq, &change.wanted);

    if (rc != 0)
        return rc;
    rc = CC_E_CONFLICT;
    for (int i = 0; i < TRIES && rc == CC_E_CONFLICT; i++) {
        rc = publish_once(rq, id, &change);
        if (change.wanted)
            break;
    }
    return rc ? rc : cc_bots_load(rq, id, ret);
}

int cc_bots_lay_members(struct cc_rq *rq, const void *what, struct cc_bot_entry *entry,
                        struct cc_bot_publication *ret)
{
    (void)ret;
    return cc_bots_read(what, rq->mem, &entry->bot);
}

/* ---- handlers ---- */

int cc_get_bots(struct cc_rq *rq)
{
    struct cc_bot_entry *list, own;
    struct cc_page page;
    json_t *items;
    int n = 1, rc = cc_input_page(rq, "bot", &page);

    if (rc == 0 && rq->guest.bound) {
        rc = cc_bots_load(rq, NULL, &own);
        list = &own;
        n = *page.after ? 0 : 1;
    } else if (rc == 0) {
        rc = cc_bot_list(cc_gateway()->pg, rq->guest.tenant, page.after, page.max + 1, rq->mem,
                         &list, &n);
    }
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        json_array_append_new(items, cc_bots_json(&list[i]));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].bot.id : NULL);
}

int cc_post_bot(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct cc_bot bot = cc_bot_fresh;
    struct cc_bot_entry entry;
    char id[CC_ID_MAX];
    bool same;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = cc_input_unbound(rq);
    if (rc == 0 && !json_object_get(body, "name"))
        rc = cc_fail(CC_E_INVALID, "name: is missing");
    if (rc == 0)
        rc = cc_bots_read(body, rq->mem, &bot);
    if (rc == 0 && !*bot.name)
        rc = cc_fail(CC_E_INVALID, "name: is missing");
    if (rc == 0)
        rc = look_at(rq, &cc_bot_fresh, &bot, &same);
    bot.id = cc_id_sorted("bot", id);
    bot.tenant = rq->guest.tenant;
    if (rc == 0)
        rc = cc_bot_add(cc_gateway()->pg, &bot);
    if (rc == 0)
        cc_notice_send("bot", id);
    if (rc == 0)
        rc = cc_bots_load(rq, id, &entry);
    return rc ? rc : cc_bots_reply(rq, 201, &entry);
}

/* ?draft=true */
static int wants_draft(struct cc_rq *rq, bool *ret)
{
    const char *draft = cc_rq_query(rq, "draft");

    *ret = draft && strcmp(draft, "true") == 0;
    return !draft || *ret || strcmp(draft, "false") == 0
               ? 0
               : cc_fail(CC_E_INVALID, "draft: true or false");
}

int cc_get_bot(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *draft = NULL;
    struct cc_bot_entry entry;
    bool drafted;
    int rc = wants_draft(rq, &drafted);

    if (rc == 0)
        rc = cc_bots_load(rq, cc_rq_param(rq, "id"), &entry);
    if (rc != 0)
        return rc;
    draft = cc_json_object_of(drafted ? entry.draft : "");
    cc_bot_form_lay(draft, rq->mem, &entry.bot);
    return cc_bots_reply(rq, 200, &entry);
}

int cc_put_bot(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    const char *id = cc_rq_param(rq, "id");
    struct cc_bot_entry entry;
    bool drafted = false;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = wants_draft(rq, &drafted);
    if (rc == 0)
        rc = drafted ? cc_bots_draft(rq, id, body, &entry)
                     : cc_bots_publish(rq, id, cc_bots_lay_members, body, &entry);
    return rc ? rc : cc_bots_reply(rq, 200, &entry);
}

int cc_delete_bot(struct cc_rq *rq)
{
    const char *const *hashes;
    struct cc_bot_entry entry;
    int64_t wanted;
    int n = 0, rc = cc_bots_wanted(rq, &wanted);

    if (rc == 0)
        rc = cc_bots_load(rq, cc_rq_param(rq, "id"), &entry);
    if (rc == 0 && wanted && wanted != entry.bot.version)
        rc = cc_fail(CC_E_CONFLICT, "another version is published by now");
    if (rc == 0)
        rc = cc_bot_delete(cc_gateway()->pg, rq->guest.tenant, entry.bot.id, rq->mem, &hashes, &n);
    if (rc != 0)
        return rc == CC_E_NOTFOUND ? no_bot() : rc;
    cc_notice_send("bot", entry.bot.id);
    for (int i = 0; i < n; i++)
        cc_notice_send("key", hashes[i]);
    return cc_reply_bytes(rq, 204, NULL, "", 0);
}

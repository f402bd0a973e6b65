/*
 * internal.c - what programs of ours that are no part of the house tell it and ask it.
 *
 * The installation's own secret opens all of this, for every tenant.
 */
#include "gateway/bots.h"
#include "gateway/clients.h"
#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/input.h"
#include "gateway/news.h"
#include "gateway/routes.h"
#include "proto/base/id.h"
#include "proto/store/limits.h"

#define STEP_MAX 64

struct progress {
    const char *document, *client, *step;
    int64_t progress;
};
#define AT(member) offsetof(struct progress, member)
static const struct cc_form_field fields[] = {
    {"documentId", CC_FIELD_ID, AT(document), .prefix = "doc", .wanted = true},
    {"clientId", CC_FIELD_ID, AT(client), .prefix = "ten", .wanted = true},
    {"progress", CC_FIELD_NUMBER, AT(progress), .max = 100},
    {"currentStep", CC_FIELD_TEXT, AT(step), .max = STEP_MAX},
};

/* What is shown; how the document fares is decided by who works on it. */
int cc_post_document_progress(struct cc_rq *rq)
{
    struct progress told = {.progress = 0};
    struct cc_document_status now;
    int rc = CC_INPUT_FORM(rq, fields, &told);

    if (rc == 0)
        rc = cc_document_told(cc_gateway()->pg, told.client, told.document, told.progress,
                              told.step);
    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "the document is not being worked on");
    if (rc == 0)
        rc = cc_document_status(cc_gateway()->pg, told.client, told.document, rq->mem, &now);
    if (rc != 0)
        return rc;
    cc_news_progress(told.client, &now);
    return cc_reply_bytes(rq, 204, NULL, "", 0);
}

/* ---- whose is this key? ---- */

struct asked {
    const char *key;
};
static const struct cc_form_field asked_fields[] = {
    {"apiKey", CC_FIELD_TEXT, offsetof(struct asked, key), .min = 1, .max = 200, .wanted = true},
};

static json_t *words_of(unsigned rights)
{
    json_t *words = json_array();

    for (unsigned bit = 1; bit <= rights; bit <<= 1)
        if (rights & bit)
            json_array_append_new(words, json_string(cc_right_word(bit)));
    return words;
}

/* The smallest of what the tenant, the operator and the bot that it is bound to say. */
static int valid_json(const struct cc_guest *guest, json_t **ret)
{
    const char *const texts[] = {guest->limits, guest->ceiling, guest->bot.limits};
    struct cc_limits least;
    int rc = cc_limits_least(texts, guest->bound ? 3 : 2, &least);

    if (rc == 0)
        *ret = json_pack("{s:b, s:s, s:s, s:o, s:s, s:o, s:o}", "valid", 1, "clientId",
                         guest->tenant, "tier", guest->tier, "botId", cc_json_text(guest->bot.id),
                         "kind", guest->secret ? "secret" : "public", "scopes",
                         words_of(guest->rights), "limits", cc_limits_json(&least));
    return rc;
}

int cc_post_validate_client(struct cc_rq *rq)
{
    struct asked asked = {0};
    struct cc_guest guest;
    json_t *json = NULL;
    int rc = CC_INPUT_FORM(rq, asked_fields, &asked);

    if (rc != 0)
        return rc;
    rc = cc_guest_find(asked.key, false, rq->mem, &guest);
    if (rc == CC_E_AUTH)
        return cc_reply_json(rq, 200, json_pack("{s:b}", "valid", 0));
    if (rc == 0)
        rc = valid_json(&guest, &json);
    return rc ? rc : cc_reply_json(rq, 200, json);
}

/* ---- a tenant and its bots ---- */

/* Waits.  A page of them, as each may have settings of many kilobytes; the newest first. */
static int bots_json(struct cc_rq *rq, const char *tenant, const struct cc_page *page,
                     json_t **ret_bots, json_t **ret_next)
{
    struct cc_bot_entry *list;
    int n,
        rc = cc_bot_list(cc_gateway()->pg, tenant, page->after, page->max + 1, rq->mem, &list, &n);

    if (rc != 0)
        return rc;
    *ret_bots = json_array();
    for (int i = 0; i < n && i < page->max; i++)
        json_array_append_new(*ret_bots, cc_bots_json(&list[i]));
    *ret_next = cc_json_text(n > page->max ? list[page->max - 1].bot.id : "");
    return 0;
}

int cc_get_client_config(struct cc_rq *rq)
{
    const char *id = cc_rq_param(rq, "clientId");
    json_t *client = NULL, *bots, *next;
    struct cc_tenant tenant;
    struct cc_page page;
    int rc = cc_input_page(rq, "bot", &page);

    if (rc == 0)
        rc = cc_id_valid(id, "ten") ? cc_tenant_get(cc_gateway()->pg, id, rq->mem, &tenant)
                                    : CC_E_NOTFOUND;
    if (rc == 0 && tenant.closed)
        rc = CC_E_NOTFOUND;
    if (rc == CC_E_NOTFOUND)
        return cc_fail(rc, "there is no such client");
    if (rc == 0)
        rc = cc_client_json(&tenant, &client);
    if (rc == 0)
        rc = bots_json(rq, id, &page, &bots, &next);
    if (rc != 0) {
        json_decref(client);
        return rc;
    }
    return cc_reply_json(
        rq, 200, json_pack("{s:o, s:o, s:o}", "client", client, "bots", bots, "nextCursor", next));
}

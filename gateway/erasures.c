/*
 * erasures.c - what is to be forgotten, and the receipts.
 *
 * The rows go while the client waits; ingest finishes the rest (ingest/erase.h).
 */
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/notices.h"
#include "gateway/pure/ask.h"
#include "gateway/routes.h"
#include "proto/base/id.h"
#include "proto/store/erasure.h"
#include "proto/store/session.h"

static json_t *receipt_json(const struct cc_erasure *e)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o}", "id", e->id, "kind", e->kind, "state",
                     e->state, "removed", cc_json_object_of(e->removed), "askedBy", e->asked_by,
                     "askedAt", cc_json_time(e->asked_ms), "doneAt", cc_json_time(e->done_ms));
}

typedef int erase_fn(struct cc_pg *pool, const struct cc_erasure_ask *ask, struct cc_arena *mem,
                     struct cc_erasure *ret);

static int erase(struct cc_rq *rq, erase_fn *fn, const char *subject, struct cc_erasure *ret)
{
    char id[CC_ID_MAX];
    const struct cc_erasure_ask ask = {.tenant = rq->guest.tenant,
                                       .id = cc_id_sorted("ers", id),
                                       .subject = subject,
                                       .asked_by = rq->guest.user ? rq->guest.user : rq->guest.key};

    return fn(cc_gateway()->pg, &ask, rq->mem, ret);
}

/* A visitor may have talked to other bots than the one that the key is good for. */
int cc_delete_visitor(struct cc_rq *rq)
{
    const char *id = cc_rq_param(rq, "id");
    struct cc_erasure receipt;
    int rc = cc_id_valid(id, "vis") ? 0 : CC_E_NOTFOUND;

    if (rc == 0 && rq->guest.bound)
        return cc_fail(CC_E_FORBIDDEN, "a key of one bot cannot erase what was said to others");
    if (rc == 0)
        rc = erase(rq, cc_erasure_visitor, id, &receipt);
    if (rc == CC_E_NOTFOUND)
        return cc_fail(rc, "there is no such visitor");
    return rc ? rc : cc_reply_json(rq, 202, receipt_json(&receipt));
}

int cc_delete_conversation(struct cc_rq *rq)
{
    const char *id = cc_rq_param(rq, "id");
    struct cc_session session;
    struct cc_erasure receipt;
    int rc = cc_session_valid(id)
                 ? cc_session_get(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, &session)
                 : CC_E_NOTFOUND;

    if (rc == 0 && rq->guest.bound && strcmp(session.bot, rq->guest.bot.id) != 0)
        rc = CC_E_NOTFOUND;
    if (rc == 0)
        rc = erase(rq, cc_erasure_conversation, id, &receipt);
    if (rc == CC_E_NOTFOUND)
        return cc_fail(rc, "there is no such conversation");
    return rc ? rc : cc_reply_json(rq, 202, receipt_json(&receipt));
}

/* ---- the tenant ---- */

/* A DELETE has no body: the name stands in the query. */
int cc_delete_client(struct cc_rq *rq)
{
    const char *confirm = cc_rq_query(rq, "confirm");
    struct cc_erasure receipt;
    int rc = confirm ? erase(rq, cc_erasure_tenant, confirm, &receipt) : CC_E_CONFLICT;

    if (rc == CC_E_CONFLICT)
        return cc_fail(CC_E_INVALID, "confirm: the name of the account is wanted");
    if (rc != 0)
        return rc;
    cc_notice_send("tenant", rq->guest.tenant);
    return cc_reply_json(rq, 202, receipt_json(&receipt));
}

/* ---- receipts ---- */

int cc_get_receipt(struct cc_rq *rq)
{
    const char *id = cc_rq_param(rq, "id");
    struct cc_erasure receipt;
    int rc = cc_id_valid(id, "ers")
                 ? cc_erasure_get(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, &receipt)
                 : CC_E_NOTFOUND;

    if (rc == CC_E_NOTFOUND)
        return cc_fail(rc, "there is no such receipt");
    return rc ? rc : cc_reply_json(rq, 200, receipt_json(&receipt));
}

int cc_get_receipts(struct cc_rq *rq)
{
    struct cc_erasure *list;
    struct cc_page page;
    json_t *items;
    int n, rc = cc_input_page(rq, "ers", &page);

    if (rc == 0)
        rc = cc_erasure_list(cc_gateway()->pg, rq->guest.tenant, page.after, page.max + 1, rq->mem,
                             &list, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n && i < page.max; i++)
        json_array_append_new(items, receipt_json(&list[i]));
    return cc_reply_page(rq, items, n > page.max ? list[page.max - 1].id : NULL);
}

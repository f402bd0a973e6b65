/*
 * sessions.c - what was said in a conversation, and forgetting it.
 */
#include <string.h>

#include "gateway/answers.h"
#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/pure/ask.h"
#include "gateway/request.h"
#include "gateway/routes.h"
#include "proto/base/clock.h"
#include "proto/base/id.h"
#include "proto/base/text.h"
#include "proto/store/session.h"

#define MESSAGES_MAX 100

/* Waits. */
static int find(struct cc_rq *rq, const char **ret_session)
{
    const char *session = cc_rq_param(rq, "sessionId"), *bot = cc_rq_param(rq, "botId");
    int rc = *bot ? cc_guest_choose(&rq->guest, bot, rq->mem) : 0;
    bool is_new;

    if (rc != 0)
        return rc;
    if (!cc_session_valid(session))
        return cc_fail(CC_E_SESSION, "there is no such session");
    rc = cc_session_may_read(rq, session);
    if (rc != 0)
        return rc;
    /* an unbound key is good for all bots of its tenant */
    rc = cc_session_find(rq, rq->guest.bound || *bot ? rq->guest.bot.id : "", session, &is_new);
    if (rc == 0)
        *ret_session = session;
    return rc;
}

static json_t *message_json(const struct cc_message *m)
{
    json_t *sources = NULL;
    char at[CC_RFC3339];

    if (cc_json_parse(m->sources, strlen(m->sources), &sources) != 0)
        sources = json_array();
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "id", m->id, "answerId", m->answer,
                     "role", m->role, "text", m->text, "sources", sources, "state", m->state,
                     "createdAt", cc_rfc3339(m->at_ms, at));
}

/* The cursor is the oldest message that the client has: pages go back in time. */
static int read_page(struct cc_rq *rq, struct cc_message_page *ret)
{
    const char *limit = cc_rq_query(rq, "limit"), *cursor = cc_rq_query(rq, "cursor");
    int64_t max = MESSAGES_MAX;

    if (limit && !cc_text_int(limit, 1, MESSAGES_MAX, &max))
        return cc_fail(CC_E_INVALID, "limit: 1 to %d", MESSAGES_MAX);
    if (cursor && *cursor && !cc_id_valid(cursor, "msg"))
        return cc_fail(CC_E_INVALID, "cursor: the nextCursor of a page");
    ret->max = (int)max;
    ret->before = cursor ? cursor : "";
    return 0;
}

int cc_get_session_messages(struct cc_rq *rq)
{
    struct cc_message_page page = {0};
    struct cc_message *messages;
    json_t *items, *next;
    int n = 0, rc = read_page(rq, &page);

    if (rc == 0)
        rc = find(rq, &page.session);
    if (rc == 0)
        rc = cc_message_page(cc_gateway()->pg, rq->guest.tenant, &page, rq->mem, &messages, &n);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(items, message_json(&messages[i]));
    next = n == page.max ? json_string(messages[0].id) : json_null();
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200,
                         json_pack("{s:s, s:o, s:o}", "sessionId", page.session, "items", items,
                                   "nextCursor", next));
}

int cc_delete_session(struct cc_rq *rq)
{
    const char *session;
    int rc = find(rq, &session);

    if (rc != 0)
        return rc == CC_E_NOTFOUND ? cc_fail(CC_E_SESSION, "there is no such session") : rc;
    rc = cc_session_clear(cc_gateway()->pg, rq->guest.tenant, session);
    if (rc != 0 && rc != CC_E_NOTFOUND) /* nothing of it is stored yet: nothing to forget */
        return rc;
    return cc_reply_bytes(rq, 204, NULL, "", 0);
}

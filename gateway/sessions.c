/*
 * sessions.c - what was said in a conversation, and forgetting it.
 */
#include <string.h>

#include "gateway/answers.h"
#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/identity.h"
#include "gateway/input.h"
#include "gateway/pure/ask.h"
#include "gateway/rates.h"
#include "gateway/routes.h"
#include "proto/base/clock.h"
#include "proto/base/id.h"
#include "proto/base/log.h"
#include "proto/base/text.h"
#include "proto/bus/news.h"
#include "proto/bus/replay.h"
#include "proto/store/erasure.h"
#include "proto/store/session.h"

#define MESSAGES_MAX 100
#define LATER_MS     2000 /* clocks that are further apart are not waited for */

/* Which one is it about, and may it be read by its name? */
static int choose(struct cc_rq *rq, const char **ret_session)
{
    const char *session = cc_rq_param(rq, "sessionId"), *bot = cc_rq_param(rq, "botId");
    int rc = *bot ? cc_guest_choose(&rq->guest, bot, rq->mem) : 0;

    if (rc != 0)
        return rc;
    if (!cc_session_valid(session))
        return cc_fail(CC_E_SESSION, "there is no such session");
    *ret_session = session;
    return cc_session_may_read(rq, session);
}

/* Waits.  An unbound key is good for all bots of its tenant. */
static int find(struct cc_rq *rq, const char *session, bool *ret_new)
{
    bool one = rq->guest.bound || *cc_rq_param(rq, "botId");

    return cc_session_find(rq, one ? rq->guest.bot.id : "", session, ret_new);
}

/* ---- what was said ---- */

static json_t *message_json(const struct cc_message *m)
{
    json_t *sources = NULL, *json;

    if (cc_json_parse(m->sources, strlen(m->sources), &sources) != 0)
        sources = json_array();
    json = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:o}", "id", m->id, "answerId", m->answer,
                     "role", m->role, "text", m->text, "sources", sources, "state", m->state,
                     "createdAt", cc_json_time(m->at_ms));
    if (strcmp(m->role, "assistant") == 0)
        json_object_set_new(json, "rating", cc_json_text(m->rating));
    return json;
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

static json_t *page_json(const struct cc_message_page *page, const struct cc_said *said)
{
    json_t *items = json_array();

    for (int i = 0; i < said->n; i++)
        json_array_append_new(items, message_json(&said->messages[i]));
    return json_pack("{s:s, s:o, s:o, s:s, s:b}", "sessionId", page->session, "items", items,
                     "nextCursor",
                     said->n == page->max ? json_string(said->messages[0].id) : json_null(),
                     "handoff", said->handoff, "form", (int)said->form);
}

int cc_get_session_messages(struct cc_rq *rq)
{
    struct cc_message_page page = {0};
    struct cc_said said;
    bool is_new;
    int rc = read_page(rq, &page);

    if (rc == 0)
        rc = choose(rq, &page.session);
    if (rc == 0)
        rc = find(rq, page.session, &is_new);
    if (rc == 0)
        rc = cc_message_page(cc_gateway()->pg, rq->guest.tenant, &page, rq->mem, &said);
    if (rc != 0)
        return rc;
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200, page_json(&page, &said));
}

/* ---- forgetting ---- */

/* Waits.  A client's own name has a row from the first moment on. */
static int was_never_used(struct cc_rq *rq, const char *session, bool *ret)
{
    struct cc_session known;
    int rc = cc_session_is_ours(session)
                 ? 0
                 : cc_session_get(cc_gateway()->pg, rq->guest.tenant, session, rq->mem, &known);

    *ret = rc == CC_E_NOTFOUND;
    return *ret ? cc_identity_settle(rq) : rc;
}

/* What was said before the erasure is told by the time it was asked at, and that is ours: whoever
 * has heard that all is gone asks later than that. */
static int await_later(int64_t unix_ms)
{
    int64_t give_up = cc_now() + LATER_MS;
    int rc = 0;

    while (rc == 0 && cc_unix_ms() <= unix_ms && cc_now() < give_up)
        rc = cc_sleep(1);
    return rc;
}

/* Nobody waits for them any more; what they say is refused anyway. */
static void stop_all(const struct cc_erasure_running *running)
{
    int rc = 0;

    for (int i = 0; i < running->n && rc == 0; i++)
        rc = cc_replay_cancel(cc_gateway()->live, running->answers[i], cc_answer_keep_s());
    if (rc != 0)
        cc_log_failure("stop_failed", rc);
}

static int clear(struct cc_rq *rq, const char *session)
{
    char id[CC_ID_MAX];
    const struct cc_erasure_ask ask = {.tenant = rq->guest.tenant,
                                       .id = cc_id_sorted("ers", id),
                                       .subject = session,
                                       .asked_by = "visitor"};
    struct cc_erasure_running running;
    struct cc_erasure receipt;
    int rc = cc_erasure_clear(cc_gateway()->pg, &ask, rq->mem, &receipt, &running);

    if (rc == CC_E_NOTFOUND) /* somebody erased it meanwhile */
        return 0;
    if (rc != 0)
        return rc;
    stop_all(&running);
    cc_news_conversation(cc_gateway()->live,
                         &(struct cc_conversation_news){.tenant = rq->guest.tenant,
                                                        .session = session,
                                                        .bot = rq->guest.bot.id,
                                                        .event = "clear"});
    return await_later(receipt.asked_ms + 1);
}

/* One whose first question still waits has no row: it gets one, as it may be asked on. */
static int forget(struct cc_rq *rq, const char *session)
{
    bool is_new;
    int rc = find(rq, session, &is_new);

    if (rc == 0 && is_new)
        rc = cc_session_open(cc_gateway()->pg, rq->guest.tenant, rq->guest.bot.id, session,
                             rq->guest.visitor);
    return rc ? rc : clear(rq, session);
}

int cc_delete_session(struct cc_rq *rq)
{
    const char *session;
    bool unused = false;
    int rc = choose(rq, &session);

    if (rc == 0)
        rc = cc_rates_count_chat(rq, session);
    if (rc == 0)
        rc = was_never_used(rq, session, &unused);
    if (rc == 0 && !unused)
        rc = forget(rq, session);
    if (rc == CC_E_NOTFOUND || rc == CC_E_CONFLICT)
        return cc_fail(CC_E_SESSION, "there is no such session");
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}

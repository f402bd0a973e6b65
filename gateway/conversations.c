/*
 * conversations.c - what visitors asked and were told, for the people behind a bot: found, read,
 * flagged, labelled, given to somebody, closed.
 */
#include "gateway/conversations.h"

#include <string.h>

#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/pure/ask.h"
#include "gateway/routes.h"
#include "proto/base/id.h"
#include "proto/bus/news.h"

#define NOTE_MAX   2000 /* characters */
#define LABELS_MAX 20
#define LABEL_MAX  50 /* characters */

/* ---- finding ---- */

int cc_get_conversations(struct cc_rq *rq)
{
    struct cc_conversation_filter filter;
    struct cc_conversation_place after;
    struct cc_conversation_page page;
    json_t *items;
    int max, rc = cc_input_limit(rq, &max);

    if (rc == 0)
        rc = cc_conversations_cursor(rq, &after);
    if (rc == 0)
        rc = cc_conversations_filter(rq, &filter);
    if (rc == 0)
        rc = cc_conversation_list(cc_gateway()->pg, rq->guest.tenant, &filter, &after, max, rq->mem,
                                  &page);
    if (rc != 0)
        return rc;
    items = json_array();
    for (int i = 0; i < page.n; i++)
        json_array_append_new(items, cc_conversation_json(&page.at[i]));
    return cc_reply_page(rq, items, page.more ? cc_conversations_next(rq, &page.next) : NULL);
}

/* ---- one ---- */

static int load(struct cc_rq *rq, struct cc_conversation *ret)
{
    const char *id = cc_rq_param(rq, "id");
    int rc = cc_session_valid(id)
                 ? cc_conversation_get(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, ret)
                 : CC_E_NOTFOUND;

    if (rc == 0 && rq->guest.bound && strcmp(ret->bot, rq->guest.bot.id) != 0)
        rc = CC_E_NOTFOUND;
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such conversation") : rc;
}

/* Pages go back in time: the cursor is the oldest question that the client has. */
static int read_page(struct cc_rq *rq, struct cc_exchange_page *ret)
{
    struct cc_page page;
    int rc = cc_input_page(rq, "msg", &page);

    ret->before = page.after;
    ret->max = page.max;
    return rc;
}

int cc_get_conversation(struct cc_rq *rq)
{
    struct cc_exchange_page page;
    struct cc_conversation c;
    struct cc_exchange *list;
    json_t *json, *messages;
    int n, rc = read_page(rq, &page);

    if (rc == 0)
        rc = load(rq, &c);
    if (rc != 0)
        return rc;
    page.session = c.id;
    rc = cc_exchange_page(cc_gateway()->pg, rq->guest.tenant, &page, rq->mem, &list, &n);
    if (rc != 0)
        return rc;
    messages = json_array();
    for (int i = 0; i < n; i++)
        cc_exchange_append(messages, &list[i]);
    json = cc_conversation_whole_json(&c);
    json_object_set_new(json, "messages", messages);
    json_object_set_new(json, "nextCursor",
                        n == page.max ? json_string(list[0].question_id) : json_null());
    cc_reply_header(rq, "cache-control", "no-store");
    return cc_reply_json(rq, 200, json);
}

/* ---- what people make of it ---- */

static struct cc_conversation_mark nothing(void)
{
    return (struct cc_conversation_mark){.flagged = -1, .closed = -1, .labels_n = -1};
}

static int set(struct cc_rq *rq, struct cc_conversation_mark *mark, const char *event)
{
    struct cc_conversation c;
    int rc;

    mark->id = cc_rq_param(rq, "id");
    mark->bot = rq->guest.bound ? rq->guest.bot.id : "";
    rc = cc_session_valid(mark->id) ? cc_conversation_set(cc_gateway()->pg, rq->guest.tenant, mark)
                                    : cc_fail(CC_E_NOTFOUND, "there is no such conversation");
    if (rc == CC_E_CONFLICT)
        return cc_fail(CC_E_NOTFOUND, "userId: there is no such member");
    if (rc == 0)
        rc = load(rq, &c);
    if (rc != 0)
        return rc;
    cc_news_conversation(
        cc_gateway()->live,
        &(struct cc_conversation_news){
            .tenant = rq->guest.tenant, .session = c.id, .bot = c.bot, .event = event});
    return cc_reply_json(rq, 200, cc_conversation_json(&c));
}

#define AT(member) offsetof(struct cc_conversation_mark, member)
static const struct cc_form_field flag_fields[] = {
    {"flagged", CC_FIELD_SWITCH, AT(flagged), .max = 1, .wanted = true},
    {"note", CC_FIELD_TEXT, AT(note), .max = NOTE_MAX},
};
static const struct cc_form_field close_fields[] = {
    {"closed", CC_FIELD_SWITCH, AT(closed), .max = 1, .wanted = true},
};
static const struct cc_form_field assign_fields[] = {
    {"userId", CC_FIELD_ID, AT(assignee), .prefix = "usr"},
};
static const struct cc_form_field label_fields[] = {
    {"labels", CC_FIELD_TEXTS, 0, .max = LABELS_MAX, .each = LABEL_MAX, .wanted = true},
};

int cc_post_conversation_flag(struct cc_rq *rq)
{
    struct cc_conversation_mark mark = nothing();
    int rc = CC_INPUT_FORM(rq, flag_fields, &mark);

    return rc ? rc : set(rq, &mark, "flag");
}

int cc_post_conversation_close(struct cc_rq *rq)
{
    struct cc_conversation_mark mark = nothing();
    int rc = CC_INPUT_FORM(rq, close_fields, &mark);

    return rc ? rc : set(rq, &mark, "close");
}

int cc_put_conversation_labels(struct cc_rq *rq)
{
    struct cc_conversation_mark mark = nothing();
    struct cc_texts labels;
    int rc = CC_INPUT_FORM(rq, label_fields, &labels);

    if (rc != 0)
        return rc;
    mark.labels = labels.at;
    mark.labels_n = labels.n;
    return set(rq, &mark, "labels");
}

/* null takes it from whoever has it; the member itself must be there. */
int cc_post_conversation_assign(struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    struct cc_conversation_mark mark = nothing();
    int rc = cc_input_json(rq, &body);

    mark.assignee = "";
    if (rc == 0 && !json_object_get(body, "userId"))
        rc = cc_fail(CC_E_INVALID, "userId: is missing");
    if (rc == 0)
        rc = CC_FORM_READ(body, assign_fields, rq->mem, &mark);
    return rc ? rc : set(rq, &mark, "assign");
}

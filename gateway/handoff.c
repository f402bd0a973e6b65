/*
 * handoff.c - a visitor wants a person.
 */
#include <string.h>

#include "gateway/enter.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/routes.h"
#include "proto/base/email.h"
#include "proto/bus/news.h"
#include "proto/store/session.h"

#define NOTE_MAX 1000 /* characters */

#define AT(member) offsetof(struct cc_handoff, member)
static const struct cc_form_field fields[] = {
    {"email", CC_FIELD_TEXT, AT(email), .max = CC_EMAIL_MAX},
    {"note", CC_FIELD_TEXT, AT(note), .max = NOTE_MAX},
};

static int check_bot(const struct cc_rq *rq)
{
    CC_AUTO(json_decref)
    json_t *widget = NULL;
    const char *settings = rq->guest.bot.widget;
    bool may = cc_json_parse(settings, strlen(settings), &widget) != 0 ||
               cc_json_bool(widget, "handoff", true);

    return may ? 0 : cc_fail(CC_E_FORBIDDEN, "nobody can be asked for at this bot");
}

/* All of it may be left out, with the body. */
static int read_ask(struct cc_rq *rq, struct cc_handoff *ret)
{
    char key[CC_EMAIL_MAX + 1];
    int rc = rq->body_len > 0 ? CC_INPUT_FORM(rq, fields, ret) : 0;

    if (rc == 0 && *ret->email &&
        (strlen(ret->email) > CC_EMAIL_MAX || !cc_email_key(ret->email, key)))
        return cc_fail(CC_E_INVALID, "email: wants an address such as name@example.com");
    return rc;
}

static void tell(const struct cc_rq *rq, const struct cc_handoff *ask, const char *state)
{
    cc_news_conversation(cc_gateway()->live, &(struct cc_conversation_news){.tenant = ask->tenant,
                                                                            .session = ask->session,
                                                                            .bot = rq->guest.bot.id,
                                                                            .event = "handoff",
                                                                            .state = state});
}

int cc_post_session_handoff(struct cc_rq *rq)
{
    struct cc_handoff ask = {.tenant = rq->guest.tenant, .email = "", .note = ""};
    struct cc_handoff_state now;
    int rc = check_bot(rq);

    if (rc == 0)
        rc = read_ask(rq, &ask);
    if (rc == 0)
        rc = cc_session_enter_counted(rq, &ask.session);
    if (rc == 0)
        rc = cc_session_handoff(cc_gateway()->pg, &ask, &now);
    if (rc == CC_E_NOTFOUND)
        return cc_fail(CC_E_SESSION, "there is no such session");
    if (rc != 0)
        return rc;
    if (now.news)
        tell(rq, &ask, now.state);
    return cc_reply_json(
        rq, 202, json_pack("{s:s, s:o}", "state", now.state, "at", cc_json_time(now.at_ms)));
}

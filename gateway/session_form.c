/*
 * session_form.c - what a visitor says of himself before his first question.
 */
#include <string.h>

#include "gateway/enter.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/pure/prechat.h"
#include "gateway/routes.h"
#include "proto/store/session.h"

static int read_values(struct cc_rq *rq, const char **ret_form)
{
    static const struct cc_form_field fields[] = {{"values", CC_FIELD_JSON, 0, .wanted = true}};
    CC_AUTO(json_decref)
    json_t *body = NULL, *widget = NULL;
    const char *settings = rq->guest.bot.widget;
    const json_t *values = NULL;
    int rc = cc_input_json(rq, &body);

    if (rc == 0)
        rc = CC_FORM_READ(body, fields, rq->mem, &values);
    if (rc != 0)
        return rc;
    if (cc_json_parse(settings, strlen(settings), &widget) != 0)
        widget = NULL;
    return cc_prechat_read(widget, values, rq->mem, ret_form);
}

int cc_post_session_form(struct cc_rq *rq)
{
    const char *form, *session;
    int rc = read_values(rq, &form);

    if (rc == 0)
        rc = cc_session_enter_counted(rq, &session);
    if (rc == 0)
        rc = cc_session_form(cc_gateway()->pg, rq->guest.tenant, session, form);
    if (rc == CC_E_NOTFOUND)
        return cc_fail(CC_E_SESSION, "there is no such session");
    return rc ? rc : cc_reply_bytes(rq, 204, NULL, "", 0);
}

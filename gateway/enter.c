#include "gateway/enter.h"

#include "gateway/answers.h"
#include "gateway/gateway.h"
#include "gateway/identity.h"
#include "gateway/pure/ask.h"
#include "gateway/rates.h"
#include "proto/store/session.h"

/* Who speaks for everybody may go on with a conversation, whoever's it is. */
int cc_session_enter_own(struct cc_rq *rq, const char *session)
{
    struct cc_guest *guest = &rq->guest;
    struct cc_session known;
    int rc = guest->everybody
                 ? cc_session_get(cc_gateway()->pg, guest->tenant, session, rq->mem, &known)
                 : CC_E_NOTFOUND;

    if (rc == 0)
        cc_identity_owns(rq, known.visitor);
    if (rc == 0 || rc == CC_E_NOTFOUND)
        rc = cc_session_open(cc_gateway()->pg, guest->tenant, guest->bot.id, session,
                             guest->visitor);
    if (rc == CC_E_NOTFOUND || rc == CC_E_CONFLICT)
        return cc_fail(CC_E_SESSION, "there is no such session");
    return rc;
}

/* The claim finds the row that is made here of one of ours that no worker has stored yet. */
int cc_session_enter(struct cc_rq *rq, const char *session)
{
    const struct cc_guest *guest = &rq->guest;
    bool is_new = false;
    int rc = cc_identity_settle(rq);

    if (rc == 0 && !cc_session_valid(session))
        rc = cc_fail(CC_E_SESSION, "there is no such session");
    if (rc == 0)
        rc = cc_session_may_read(rq, session);
    if (rc == 0 && !cc_session_is_ours(session))
        return cc_session_enter_own(rq, session);
    if (rc == 0)
        rc = cc_session_find(rq, guest->bot.id, session, &is_new);
    if (rc == 0 && is_new)
        rc = cc_session_open(cc_gateway()->pg, guest->tenant, guest->bot.id, session,
                             guest->visitor);
    return rc;
}

int cc_session_enter_counted(struct cc_rq *rq, const char **ret_session)
{
    const char *session = cc_rq_param(rq, "sessionId");
    int rc = cc_session_valid(session) ? cc_rates_count_chat(rq, session)
                                       : cc_fail(CC_E_SESSION, "there is no such session");

    if (rc == 0)
        rc = cc_session_enter(rq, session);
    if (rc == 0)
        *ret_session = session;
    return rc;
}

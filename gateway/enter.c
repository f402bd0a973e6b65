#include "gateway/enter.h"

#include "gateway/answers.h"
#include "gateway/gateway.h"
#include "gateway/identity.h"
#include "gateway/pure/ask.h"
#include "gateway/rates.h"
#include "proto/store/session.h"
#include "proto/store/visitor.h"

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

/* The claim finds the row that is made here of one that no worker has stored yet. */
static int enter_ours(struct cc_rq *rq, const char *session)
{
    const struct cc_guest *guest = &rq->guest;
    bool is_new = false;
    int rc = cc_session_find(rq, guest->bot.id, session, &is_new);

    if (rc == 0 && is_new)
        rc = cc_session_open(cc_gateway()->pg, guest->tenant, guest->bot.id, session,
                             guest->visitor);
    return rc;
}

/* Who was vouched for is known from the first thing that he leaves, so that it is found with him.
 */
static int meet(const struct cc_guest *guest)
{
    const struct cc_visitor_met who = {guest->tenant, guest->visitor, guest->person.external,
                                       guest->person.name, guest->person.email};

    if (!*guest->visitor || !who.external || !*who.external)
        return 0;
    return cc_visitor_meet(cc_gateway()->pg, &who);
}

int cc_session_enter(struct cc_rq *rq, const char *session)
{
    int rc = cc_identity_settle(rq);

    if (rc == 0 && !cc_session_valid(session))
        rc = cc_fail(CC_E_SESSION, "there is no such session");
    if (rc == 0)
        rc = cc_session_may_read(rq, session);
    if (rc == 0)
        rc = cc_session_is_ours(session) ? enter_ours(rq, session)
                                         : cc_session_enter_own(rq, session);
    return rc ? rc : meet(&rq->guest);
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

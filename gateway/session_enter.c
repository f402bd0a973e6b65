#include "gateway/session_enter.h"

#include "gateway/answers.h"
#include "gateway/gateway.h"
#include "gateway/identity.h"
#include "gateway/pure/ask.h"
#include "gateway/rates.h"
#include "proto/store/session.h"

/* Who speaks for everybody may go on with a conversation, whoever's it is. */
static int become_its_visitor(struct cc_rq *rq, const char *session)
{
    struct cc_session known;
    int rc = cc_session_get(cc_gateway()->pg, rq->guest.tenant, session, rq->mem, &known);

    if (rc == 0)
        cc_identity_owns(rq, known.visitor);
    return rc == CC_E_NOTFOUND ? 0 : rc;
}

static int open(struct cc_rq *rq, const char *session)
{
    const struct cc_guest *guest = &rq->guest;

    return cc_session_open(cc_gateway()->pg, guest->tenant, guest->bot.id, session, guest->visitor);
}

static int enter_own_name(struct cc_rq *rq, const char *session)
{
    int rc = rq->guest.everybody ? become_its_visitor(rq, session) : 0;

    return rc ? rc : open(rq, session);
}

/* Its first question may still wait for a worker, who makes the row if we do not. */
static int enter_ours(struct cc_rq *rq, const char *session)
{
    bool is_new;
    int rc = cc_session_find(rq, rq->guest.bot.id, session, &is_new);

    return rc || !is_new ? rc : open(rq, session);
}

int cc_session_enter(struct cc_rq *rq, const char **ret_session)
{
    const char *session = cc_rq_param(rq, "sessionId");
    int rc = cc_session_valid(session) ? cc_identity_settle(rq) : CC_E_NOTFOUND;

    if (rc == 0)
        rc = cc_rates_count_chat(rq, session);
    if (rc == 0)
        rc = cc_session_is_ours(session) ? enter_ours(rq, session) : enter_own_name(rq, session);
    if (rc == CC_E_NOTFOUND || rc == CC_E_CONFLICT)
        return cc_fail(CC_E_SESSION, "there is no such session");
    if (rc == 0)
        *ret_session = session;
    return rc;
}

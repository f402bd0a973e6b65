/*
 * mails.h - mails that the installation's hook sends for us (CC_MAIL_URL).
 *
 * A worker posts them.  What lies in Redis until then is sealed to the operator's key, as it holds
 * a token that opens something.
 */
#ifndef CC_GATEWAY_MAILS_H
#define CC_GATEWAY_MAILS_H

#include "gateway/request.h"

struct cc_mail {
    const char *to;
    const char *kind; /* "invitation", "reset" */
    const char *subject, *text, *url, *token;
};
/* The page that takes a token: behind '#', where servers do not see it.  In mem. */
const char *cc_mail_url(const char *page, const char *token, struct cc_arena *mem);

/* Waits until the hook has it, or for some seconds.  DOWN: no hook is set, or no key to seal to. */
int cc_mail_send(struct cc_rq *rq, const struct cc_mail *mail);
/* The same on a task of its own, at once: who asks learns nothing, not even by the time it takes.
 * A failure is logged. */
void cc_mail_send_later(struct cc_rq *rq, const struct cc_mail *mail);

#endif

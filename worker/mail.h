/*
 * mail.h - hands a mail to the installation's hook (CC_MAIL_URL).
 */
#ifndef CC_WORKER_MAIL_H
#define CC_WORKER_MAIL_H

#include "proto/bus/call.h"

/* The call "mail" {id, sealed} -> {}: sealed is the JSON that is posted.  Waits; tries again until
 * the call's deadline, always with the same Idempotency-Key.  DOWN: no hook is set; REFUSED: it
 * does not want it. */
int cc_mail_call(void *worker, const struct cc_call_request *request, json_t **ret);

#endif

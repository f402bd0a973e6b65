/*
 * question.h - one question: let in, put on the queue, looked on to until its answer ends.
 *
 * The same for a POST, a stream and a message of a socket; they differ in how the answer is told.
 */
#ifndef CC_GATEWAY_QUESTION_H
#define CC_GATEWAY_QUESTION_H

#include "gateway/pure/ask.h"
#include "gateway/request.h"
#include "proto/wire/event.h"

struct cc_question {
    struct cc_rq *rq; /* who asks has come through the door */
    struct cc_ask ask;

    /* What is told to whom; not 0 ends the looking.  accepted and idle may be NULL. */
    int (*accepted)(
        const struct cc_question *question); /* answer, session and position are known */
    int (*event)(void *arg, const struct cc_event_id *id, const struct cc_event *event);
    int (*idle)(void *arg); /* each 15 s in which nothing came */
    void *arg;

    /* What it has become; session is set first. */
    const char *session, *answer;
    int64_t position;
    int failed; /* code of the error event; 0: none was told */
};

/*
 * Waits until the answer has ended, which event() was told; who leaves before the end leaves the
 * answer to its grace time.  Not let in (accepted() was not called): AUTH, IDENTITY, RATE, QUOTA,
 * SESSION, FORBIDDEN, TENANT_BUSY, BUSY, DOWN...  Later: CANCELLED, or a callback's code; AUTH: the
 * key has been taken away, and event() was told.
 */
int cc_question_run(struct cc_question *question);

#endif

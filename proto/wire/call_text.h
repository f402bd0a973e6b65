/*
 * call_text.h - a call between two processes and its answer, as JSON texts (proto/bus/call.h).
 *
 *     {"id", "reply": channel, "method", "tenant", "trace", "until": Unix ms, "request": {...},
 *      "actor": who has it done (base/actor.h), "" if nobody has}
 *     {"id", "answer": {...}}   or   {"id", "error": {"code", "words"}}
 *
 * Members that are not known are skipped, so that old and new processes understand each other.
 */
#ifndef CC_WIRE_CALL_TEXT_H
#define CC_WIRE_CALL_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Texts point into the JSON that was read. */
struct cc_call_ask {
    const char *id, *reply, *method, *tenant, *trace;
    int64_t until_ms;  /* Unix: nobody waits for the answer any more */
    json_t *request;   /* an object, borrowed */
    const char *actor; /* as cc_actor_get() says; NULL writes as "" */
};
/* malloc'ed, the caller's to free(). */
char *cc_call_ask_text(const struct cc_call_ask *ask);
/* *ret points into *ret_json, the caller's to json_decref.  INVALID. */
int cc_call_ask_read(const char *text, size_t len, json_t **ret_json, struct cc_call_ask *ret);

struct cc_call_answer {
    const char *id;
    json_t *answer;    /* an object, borrowed; NULL: an error */
    int code;          /* of the error */
    const char *words; /* "" if there are none */
};
char *cc_call_answer_text(const struct cc_call_answer *answer);
int cc_call_answer_read(const char *text, size_t len, json_t **ret_json,
                        struct cc_call_answer *ret);

#endif

/*
 * reader.h - a model's streamed answer, out of the bytes of its body as they arrive.
 *
 * Pure: no network, no clock.  A dialect knows what one message of a service means; the rest
 * (server-sent events or lines, cuts, order of text and end) is the same for all.
 */
#ifndef CC_WORKER_LLM_READER_H
#define CC_WORKER_LLM_READER_H

#include "proto/http/sse.h"
#include "worker/llm/llm.h"
#include "worker/llm/scan.h"

#define CC_READER_TEXT (1024 * 1024) /* bytes of text between two reads */

struct cc_reader {
    const struct cc_dialect *dialect;
    struct cc_sse sse;
    struct cc_buf line; /* of a body of lines: one cut by the end of a piece */
    struct cc_buf text; /* what was found since the last call */
    struct cc_scan scan;
    struct cc_llm_usage usage;
    int64_t deltas; /* messages with text: about as many as tokens */
    const char *finish;
    bool over, told; /* over: the service said so; told: text is the caller's until the next call */
    int rc;          /* a failure that waits until the text before it was handed out */
};

struct cc_dialect {
    const char *name;
    bool lines; /* one JSON text a line, instead of server-sent events */
    /* One message, NUL-terminated.  UPSTREAM, REFUSED. */
    int (*message)(struct cc_reader *reader, const char *data, size_t len);
};
extern const struct cc_dialect cc_dialect_anthropic, cc_dialect_openai, cc_dialect_ollama;

void cc_reader_init(struct cc_reader *reader, const struct cc_dialect *dialect);
void cc_reader_done(struct cc_reader *reader);

/* Takes bytes, advancing both: 1 and *ret (a text, or the end), 0 when it wants more, or failure.
 */
int cc_reader_take(struct cc_reader *reader, const char **bytes, size_t *len,
                   struct cc_llm_piece *ret);
/* The body is over: the end if the service had said so, else UPSTREAM. */
int cc_reader_end(struct cc_reader *reader, struct cc_llm_piece *ret);

/* ---- for dialects ---- */

/* The text of a string whose opening quote at is behind; NULL: parse the message as a tree. */
const char *cc_reader_scan(struct cc_reader *reader, const char *at, const char *end);
void cc_reader_text(struct cc_reader *reader, const char *text); /* from a tree */

/* An error object or text of the service: its type names the code, its words are not kept. */
int cc_reader_failure(struct cc_reader *reader, const char *type);

#endif

/*
 * exchange.h - one streamed exchange with a model service: request out, reader's pieces back.
 */
#ifndef CC_WORKER_LLM_EXCHANGE_H
#define CC_WORKER_LLM_EXCHANGE_H

#include "proto/base/json.h"
#include "worker/llm/reader.h"

struct cc_exchange_ask {
    const struct cc_dialect *dialect;
    const char *path; /* behind the request's base; not said twice when that ends with it */
    const char *const *headers;
    json_t *body; /* borrowed */
};
/* The body of cc_llm_provider.start, read and close.  Waits. */
int cc_exchange_start(const struct cc_llm_request *req, const struct cc_exchange_ask *ask,
                      struct cc_llm_started *ret);
int cc_exchange_read(void *exchange, int64_t deadline_ms, struct cc_llm_piece *ret); /* Waits. */
void cc_exchange_close(void *exchange);

/* {"role": role, "content": text} */
json_t *cc_exchange_message(const char *role, const char *text);
/* History and question as messages, the passages before the question. */
void cc_exchange_conversation(const struct cc_llm_request *req, json_t *messages);

#endif

/*
 * llm.h - models behind one table of functions: a request goes out, text comes back in pieces.
 *
 *     rc = cc_llm_start(&choice, &request, &call);      until the first piece; tries again
 *     while ((rc = cc_llm_read(call, CC_NEVER, &piece)) == 0 && !piece.end)
 *         ... piece.text ...
 *     cc_llm_close(&call);                              stops the provider
 *
 * Providers: anthropic, openai (and what is compatible), ollama, builtin (no model: quotes the best
 * passages), scripted (for tests).  Once a piece has been handed out nothing is tried again here:
 * that is for the job's next attempt.
 */
#ifndef CC_WORKER_LLM_LLM_H
#define CC_WORKER_LLM_LLM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/http/http.h"

struct cc_llm_turn {
    bool assistant; /* else the user */
    const char *text;
};
struct cc_llm_passage {
    int n; /* how it is cited: [n] */
    const char *title, *text;
    int64_t page;    /* 0: none */
    double likeness; /* cosine to the question; 0: found by words alone */
};

struct cc_llm_request {
    struct cc_http *http;
    struct cc_arena *mem; /* outlives the call */
    const char *model;
    const char *base, *key; /* of the service; key "": none is sent */
    bool trusted;           /* base is the operator's: no guard */
    const char *system;     /* the static part: the same for all questions to a bot */
    const char *context;    /* the passages as delimited data, goes with the message; "" for none */
    const char *message;
    const struct cc_llm_turn *history; /* oldest first */
    int history_n;
    const struct cc_llm_passage *passages; /* what context was made of: for builtin */
    int passages_n;
    double temperature; /* < 0: the model's own */
    int64_t max_tokens;
};

struct cc_llm_usage {
    int64_t input, output; /* input counts cached ones, too */
    int64_t cached;        /* of the input, read from the provider's cache */
};
struct cc_llm_piece {
    const char *text; /* whole UTF-8 characters; until the next call */
    size_t len;
    bool end;
    const char *finish;        /* at the end: "stop", "length", "content_filter" */
    struct cc_llm_usage usage; /* as far as it is known */
};

/* What a provider says of a start that failed. */
struct cc_llm_started {
    void *call;
    int retry_after_s; /* -1: nothing said */
    bool busy;         /* it refused because of our rate, it is not ill */
};
struct cc_llm_provider {
    const char *name;
    bool remote; /* a service that can be ill: has a circuit breaker */
    /* Waits.  UPSTREAM, TIMEOUT (worth another try), REFUSED (not). */
    int (*start)(const struct cc_llm_request *req, struct cc_llm_started *ret);
    /* Waits.  As cc_llm_read(). */
    int (*read)(void *call, int64_t deadline_ms, struct cc_llm_piece *ret);
    void (*close)(void *call);
};
extern const struct cc_llm_provider cc_llm_anthropic, cc_llm_openai, cc_llm_ollama, cc_llm_builtin,
    cc_llm_scripted;

struct cc_llm_choice {
    const struct cc_llm_provider *provider;
    const char *model;
    const char *base, *key; /* of the service */
    bool trusted;           /* base is the operator's, or on his list */
    uint64_t account;   /* whose breaker counts: one per service, and per tenant with an own key */
    double temperature; /* < 0: the model's own */
    int64_t max_tokens; /* 0: the usual */
};
#define CC_LLM_ACCOUNTS 3
struct cc_llm_account { /* of a tenant at a service */
    const char *provider;
    const char *base, *model, *key; /* "": the installation's */
    int closed;                     /* why the key could not be opened; 0: it could */
};
struct cc_llm_own {               /* a tenant's own way; {0} is none */
    const char *provider, *model; /* where a bot names none; NULL or "": the installation's */
    bool has_temperature;
    double temperature;
    int64_t max_tokens; /* 0: not said */
    struct cc_llm_account account[CC_LLM_ACCOUNTS];
    int accounts_n;
};
struct cc_llm_wish { /* of a bot */
    const char *tenant, *tier;
    const char *provider, *model; /* "": not said */
    double temperature;           /* < 0: not said */
    int64_t max_tokens;           /* 0: not said */
};
/*
 * The bot's provider and model, else the tenant's, else the tier's setting, else anthropic (paid)
 * or openai (free) when its key is set, else the other one's, else builtin.  The tenant's own key
 * and base URL are taken before the installation's; a base URL of a tenant never gets a key that is
 * not his.  INVALID: a provider nobody knows; the account's code where his key is closed.
 */
int cc_llm_choose(const struct cc_llm_wish *wish, const struct cc_llm_own *own,
                  struct cc_arena *mem, struct cc_llm_choice *ret);
/* What the choice says of a request. */
void cc_llm_apply(const struct cc_llm_choice *choice, struct cc_llm_request *req);

struct cc_llm_call;

/* Waits for the first piece.  UPSTREAM, TIMEOUT, REFUSED, CANCELLED. */
int cc_llm_start(const struct cc_llm_choice *choice, const struct cc_llm_request *req,
                 struct cc_llm_call **ret);
/* Waits for the next piece; TIMEOUT before deadline_ms is the provider's, at it does no harm. */
int cc_llm_read(struct cc_llm_call *call, int64_t deadline_ms, struct cc_llm_piece *ret);
void cc_llm_close(struct cc_llm_call **call); /* never waits; NULL is fine */

#endif

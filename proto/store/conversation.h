/*
 * conversation.h - conversations as a back office sees them: found, read, marked, summed up.  All
 * calls wait.
 *
 * A conversation is a session (session.h); what its visitor has cleared is not seen here either.
 * An exchange is a question of it and what became of it: its answer may be under way, or have
 * failed.
 */
#ifndef CC_STORE_CONVERSATION_H
#define CC_STORE_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/store/pg.h"

#define CC_CONVERSATION_WORDS 8    /* of a search */
#define CC_CONVERSATION_SCAN  2000 /* conversations that one call looks at */
#define CC_CONVERSATION_PAGE  100  /* and shows at most */

struct cc_conversation {
    const char *id, *bot, *status, *assignee,
        *note;                                     /* status: open, closed; assignee: a user, "" */
    const char *visitor, *external, *name, *email; /* of the visitor; "" */
    const char *question;                          /* the first one, its beginning; "": none */
    const char *const *labels;
    int labels_n;
    const char *form;    /* said before the first question, a JSON object; "{}" */
    const char *handoff; /* session.h; "", and what was said with it, */
    const char *handoff_email, *handoff_note;
    int64_t handoff_ms;     /* and when; 0 */
    bool flagged, up, down; /* an answer of it was rated so */
    int64_t started_us;     /* microseconds: the order of lists needs them */
    int64_t last_ms;        /* 0: nothing was said, or it was cleared */
    int64_t messages;
};

/* What is wanted.  "" does not narrow. */
struct cc_conversation_filter {
    const char *bot, *visitor, *label, *status, *rating; /* rating: "up", "down" */
    const char *handoff;                                 /* waiting joined ended */
    int flagged;                                         /* 0, 1; -1: both */
    const char *const *words; /* each occurs somewhere in what was said, or written into the form */
    int words_n;
    int64_t from_us, until_us; /* of its start; until_us is not in it any more */
};
/* Where a list goes on: behind this one. */
struct cc_conversation_place {
    int64_t at_us; /* 0: the list's beginning */
    const char *id;
};
/*
 * Newest start first.  A call looks at CC_CONVERSATION_SCAN of those of the time, the bot, the
 * visitor, the flag and those that wait for a person: with a filter that few pass a page may be
 * short, even empty, and still not be the last one.
 */
struct cc_conversation_page {
    struct cc_conversation *at;
    int n;
    bool more;
    struct cc_conversation_place next; /* if there is more */
};
int cc_conversation_list(struct cc_pg *pool, const char *tenant,
                         const struct cc_conversation_filter *filter,
                         const struct cc_conversation_place *after, int max, struct cc_arena *mem,
                         struct cc_conversation_page *ret);
int cc_conversation_get(struct cc_pg *pool, const char *tenant, const char *id,
                        struct cc_arena *mem, struct cc_conversation *ret); /* NOTFOUND */

/* Is it the tenant's, even if it was deleted since?  NOTFOUND */
int cc_conversation_knows_bot(struct cc_pg *pool, const char *tenant, const char *bot);
/* The bot's instructions, "" for none; NOTFOUND. */
int cc_conversation_prompt(struct cc_pg *pool, const char *tenant, const char *bot,
                           struct cc_arena *mem, const char **ret);

/* ---- what was said ---- */

struct cc_exchange {
    const char *session, *question_id, *question;
    const char *answer;                      /* ans_ id */
    const char *state;                       /* running done cancelled failed expired dead */
    const char *code;                        /* why it failed; "" */
    const char *message_id, *text, *sources; /* of the answer; "", "" and "[]" where it has none */
    const char *provider, *model, *finish;
    const char *rating, *comment; /* "" */
    bool cached;
    int64_t seq; /* grows from one to the next */
    int64_t asked_ms, answered_ms;
    int64_t input_tokens, output_tokens, cached_tokens, cost, first_ms, total_ms;
};
/* The last max before the question `before` ("": before none), oldest first. */
struct cc_exchange_page {
    const char *session, *before;
    int max;
};
int cc_exchange_page(struct cc_pg *pool, const char *tenant, const struct cc_exchange_page *page,
                     struct cc_arena *mem, struct cc_exchange **ret, int *ret_n);
/* Of each of the n sessions, in their order, the first `each` behind seq `after` (0: the first). */
struct cc_exchange_run {
    const char *const *sessions;
    int n, each;
    int64_t after;
};
int cc_exchange_list(struct cc_pg *pool, const char *tenant, const struct cc_exchange_run *run,
                     struct cc_arena *mem, struct cc_exchange **ret, int *ret_n);

/* ---- what people make of it ---- */

/* What is to be changed: NULL and -1 leave it as it is.  Who closes it ends the wish for a person;
 * who is given it has heard that wish.  NOTFOUND: no such conversation (of the bot, unless "");
 * CONFLICT: the assignee is no member of the tenant. */
struct cc_conversation_mark {
    const char *id, *bot;
    int flagged, closed;
    const char *note;
    const char *const *labels;
    int labels_n;         /* -1: as they are */
    const char *assignee; /* "": nobody any more */
};
int cc_conversation_set(struct cc_pg *pool, const char *tenant,
                        const struct cc_conversation_mark *mark);

/* ---- sums ---- */

struct cc_overview {
    int64_t conversations, visitors; /* begun; who: a conversation of nobody known counts as one */
    int64_t questions, answers;      /* asked; of those: that have a text */
    int64_t failed, unanswered;      /* failed, expired or dead; done, and nothing was found */
    int64_t up, down;                /* ratings that were given */
    int64_t input_tokens, output_tokens, cost;
    double median_ms, p95_ms,
        first_ms; /* of those that are done; first: median to the first token */
};
struct cc_overview_range {
    const char *bot;  /* "": all */
    int64_t from_day; /* days since 1970, in UTC */
    int days;         /* at most CC_OVERVIEW_DAYS */
};
#define CC_OVERVIEW_DAYS 366
/* ret_days: one for each day of the range. */
int cc_overview_get(struct cc_pg *pool, const char *tenant, const struct cc_overview_range *range,
                    struct cc_overview *ret_all, struct cc_overview *ret_days);

/* What models were used for, from the sums of the day, newest day first. */
struct cc_model_day {
    const char *model; /* "": none, as the answer was pinned */
    int64_t day, answers, input_tokens, output_tokens, cached_tokens, cost;
};
int cc_model_days(struct cc_pg *pool, const char *tenant, const struct cc_overview_range *range,
                  struct cc_arena *mem, struct cc_model_day **ret, int *ret_n);

#endif

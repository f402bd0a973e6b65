/*
 * chat.h - one question that this process holds, from its claim to its acknowledgement.
 *
 * job and claim live as long as the question is held, everything of an attempt lies in work.
 * The struct is filled by the steps of answer.c, each in a file of its own: load, recall, pinned,
 * retrieve, prompt, generate, record, tell.
 */
#ifndef CC_WORKER_CHAT_H
#define CC_WORKER_CHAT_H

#include <jansson.h>

#include "proto/base/id.h"
#include "proto/store/limits.h"
#include "proto/store/turn.h"
#include "proto/vec/search.h"
#include "proto/vec/tuning.h"
#include "proto/wire/job.h"
#include "worker/events.h"
#include "worker/find.h"
#include "worker/llm/llm.h"
#include "worker/worker.h"

#define CC_CHAT_TEXT_MAX      (64 * 1024) /* bytes of an answer: beyond, finish "length" */
#define CC_CHAT_CONTEXT_BYTES (48 * 1024) /* of the passages in a prompt */

/* Why a task is told to stop; the first reason stays. */
enum cc_chat_stop { CC_STOP_NO, CC_STOP_CANCEL, CC_STOP_FENCED, CC_STOP_DRAIN };

struct cc_chat {
    struct cc_worker *worker;
    struct cc_arena *mem;
    struct cc_claim claim;
    struct cc_chat_job job;

    /* hold.c */
    TAILQ_ENTRY(cc_chat) list;
    TAILQ_ENTRY(cc_chat) quiet;
    LIST_ENTRY(cc_chat) named; /* those with the same end of the answer's id */
    struct cc_task_ref task;
    int64_t beat_ms;  /* when the lease is due */
    int64_t heard_ms; /* when we last learned whether it is cancelled */
    enum cc_chat_stop stop;
    bool ending; /* recorded, or about to give the job back: no more beats */

    /* the attempt */
    int64_t attempt; /* the fence; 0: not ours */
    struct cc_arena *work;
    struct cc_events events;
    struct cc_turn turn;             /* as the claim found it, in work */
    struct cc_limits caps, bot_caps; /* the tenant's and the bot's */
    bool capped;                     /* one of them says something */
    struct cc_llm_choice choice;     /* provider NULL: not yet chosen */
    struct cc_tuning tuning;         /* of the bot's search */
    struct cc_asked asked;           /* the question, where it was embedded already */
    struct cc_llm_turn *history;
    int history_n;
    struct cc_found *found; /* passages, best first; then those of the visitor's own files */
    int found_n, own_n;     /* own_n: of the latter */
    const char *sources;    /* JSON array */
    struct cc_llm_request request;

    /* what came of it */
    struct cc_buf text;    /* the whole answer so far */
    size_t told;           /* bytes of it that are in events */
    int64_t flush_ms;      /* when the next token event may go */
    int64_t pace_ms;       /* when it would be due if all came evenly */
    int64_t first_unix_ms; /* first text; 0: none yet */
    struct cc_llm_usage usage;
    const char *finish;
    char message[CC_ID_MAX];
    char cache_key[65]; /* of the answer cache; "": this answer is not for it */
    bool from_cache;
    const char *pin; /* the answer is this pinned one; NULL: it is not */
};

struct cc_chat *cc_chat_new(struct cc_worker *worker, const struct cc_claim *claim);
void cc_chat_free(struct cc_chat **chat);

/* What the last attempt left in work goes; what a claim puts there stays for cc_chat_begin(). */
void cc_chat_forget(struct cc_chat *chat);
void cc_chat_begin(struct cc_chat *chat, int64_t attempt); /* a fresh attempt */

/* Waits.  The whole life of a held question; the task's function. */
void cc_chat_run(struct cc_chat *chat);

/* ---- the steps; all but the first wait ---- */
int cc_load(struct cc_chat *chat);      /* model and history from turn.  NOTFOUND: no bot */
int cc_recall(struct cc_chat *chat);    /* NOTFOUND: not in the answer cache */
int cc_pinned(struct cc_chat *chat);    /* chat->pin and its answer, if there is one */
int cc_retrieve(struct cc_chat *chat);  /* passages and sources */
int cc_own_files(struct cc_chat *chat); /* passages of the session's files, behind those */
int cc_prompt(struct cc_chat *chat);
int cc_generate(struct cc_chat *chat);
/* One transaction, tried until the store takes it.  state: "done", "cancelled".  FENCED */
int cc_record(struct cc_chat *chat, const char *state);
void cc_remember(struct cc_chat *chat); /* into the answer cache, if it is for it */

#endif

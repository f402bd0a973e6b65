/*
 * job.h - the jobs on the work streams, as msgpack maps with a version.
 *
 * Old and new processes run side by side: unknown members are skipped, missing ones get
 * their zero value, a larger major version than ours is INVALID (the job stays for a newer worker).
 * A job says the smallest version that understands all it holds: a worker that knows nothing of
 * visitors would make the session of an identified one everybody's.
 * Decoding checks every length before anything is unpacked (cc_msgpack_sane) and every
 * text for UTF-8; members point into mem.
 */
#ifndef CC_WIRE_JOB_H
#define CC_WIRE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/buf.h"

#define CC_JOB_VERSION 2           /* 2: visitors that have proved who they are */
#define CC_JOB_MAX     (64 * 1024) /* bytes */

/* A question.  All texts are NUL-terminated; optional ones are "" when absent. */
struct cc_chat_job {
    const char *answer, *tenant, *bot, *session;
    const char *client_message; /* the client's messageId; "" if it sent none */
    const char *message;        /* 1 to 2000 characters, trimmed */
    const char *tier;           /* "free", "paid" */
    const char *reply;          /* channel of the gateway worker that asked */
    const char *trace;          /* request id */
    const char *metadata;       /* JSON text or "" */
    const char *visitor;        /* "vis_...": he has proved who he is; "": nobody in particular */
    const char *visitor_external, *visitor_name, *visitor_email; /* of a visitor */
    int64_t asked_ms;                                            /* Unix */
    int64_t deadline_ms; /* Unix: not worth starting afterwards */
};
void cc_chat_job_encode(const struct cc_chat_job *job, struct cc_buf *out);
int cc_chat_job_decode(const void *bytes, size_t len, struct cc_arena *mem,
                       struct cc_chat_job *ret); /* INVALID, TOOBIG */

/* A document to take in: ids only, the row is the truth. */
struct cc_ingest_job {
    const char *document, *tenant, *trace;
    int64_t generation;
};
void cc_ingest_job_encode(const struct cc_ingest_job *job, struct cc_buf *out);
int cc_ingest_job_decode(const void *bytes, size_t len, struct cc_arena *mem,
                         struct cc_ingest_job *ret);

/*
 * Walks the heads of exactly one msgpack value: declared counts and lengths fit into len, depth
 * is at most 8, nothing follows.  msgpack-c itself trusts declared counts (5 bytes can make it ask
 * for 256 GiB).
 */
bool cc_msgpack_sane(const void *bytes, size_t len);

#endif

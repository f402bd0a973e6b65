/*
 * session_file.h - files that a visitor has given to a conversation: what its next answers may use.
 *
 *     add --> pending --claim, lease, attempt--> ready   passages with their words; the bytes go
 *                                           \--> failed  why; the bytes go
 *
 * A file goes with its conversation, and nothing else sees it.  Whoever reads it holds the row by
 * an attempt and a lease (ingest/own_file.h); when that runs out another may.  All calls wait.
 */
#ifndef CC_STORE_SESSION_FILE_H
#define CC_STORE_SESSION_FILE_H

#include <stdint.h>

#include "proto/store/pg.h"

struct cc_session_file {
    const char *id, *filename, *type;
    const char *status; /* pending, ready, failed */
    const char *code;   /* public name of an error; "" unless it failed */
    int64_t size;       /* bytes of the file */
    int64_t attempt;    /* how often it was begun to be read */
    int64_t created_ms;
    bool held;  /* somebody reads it at this moment */
    bool cut;   /* there was more in it than is kept */
    bool added; /* by the call that tells it; false in a list */
};

struct cc_session_file_new {
    const char *tenant, *session;
    const char *id; /* "fil_..." */
    const char *filename, *type, *sha256;
    const void *bytes;
    size_t size;
    int most; /* files of one conversation */
};
/* The same bytes, if they are there already and did not fail, are the file that is there: its id is
 * another one.  CONFLICT: there are as many as may be.  NOTFOUND: no such session. */
int cc_session_file_add(struct cc_pg *pool, const struct cc_session_file_new *file,
                        struct cc_arena *mem, struct cc_session_file *ret);

/* In the order in which they came. */
int cc_session_file_list(struct cc_pg *pool, const char *tenant, const char *session,
                         struct cc_arena *mem, struct cc_session_file **ret, int *ret_n);
int cc_session_file_delete(struct cc_pg *pool, const char *tenant, const char *session,
                           const char *id); /* NOTFOUND */

/* ---- for whoever reads them ---- */

struct cc_session_file_hold {
    const char *tenant, *id;
    int64_t attempt; /* the fence */
};
struct cc_session_file_bytes {
    int64_t attempt; /* from 1 */
    const void *bytes;
    size_t len;
};
/* NOTFOUND: it has gone, has been read, or is being read. */
int cc_session_file_claim(struct cc_pg *pool, const char *tenant, const char *id, int lease_ms,
                          struct cc_arena *mem, struct cc_session_file_bytes *ret);
int cc_session_file_beat(struct cc_pg *pool, const struct cc_session_file_hold *hold,
                         int lease_ms); /* FENCED */

struct cc_session_file_passages {
    const char *const *texts;
    const char *const *terms; /* of each: cc_rank_words() */
    const int64_t *pages;     /* of each; 0: none */
    int n;
    bool cut;
};
int cc_session_file_ready(struct cc_pg *pool, const struct cc_session_file_hold *hold,
                          const struct cc_session_file_passages *passages); /* FENCED */
int cc_session_file_failed(struct cc_pg *pool, const struct cc_session_file_hold *hold,
                           const char *code); /* FENCED */

/* ---- for an answer ---- */

struct cc_session_file_read {
    const char *id, *filename;
    struct cc_session_file_passages passages;
};
/* Those that are ready, in the order in which they came. */
int cc_session_file_contents(struct cc_pg *pool, const char *tenant, const char *session,
                             struct cc_arena *mem, struct cc_session_file_read **ret, int *ret_n);

#define CC_SESSION_FILES_MAX  20 /* of one conversation, whatever CC_VISITOR_FILES says */
#define CC_SESSION_FILE_TEXT  ((size_t)512 << 10) /* bytes of text that are kept of one */
#define CC_SESSION_FILE_TERMS ((size_t)2 << 20)   /* and of the words of its passages */

#endif

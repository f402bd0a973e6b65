/*
 * names.h - what things are called in Redis.  Pure functions on text.
 *
 * Q: on the queue server.  L: on the live server.  Every key of a tenant carries the tenant.
 */
#ifndef CC_WIRE_NAMES_H
#define CC_WIRE_NAMES_H

#include <stddef.h>

#define CC_NAME_MAX 256

#define CC_STREAM_CHAT     "cc:work:chat"     /* Q: work stream of questions */
#define CC_STREAM_INGEST   "cc:work:ingest"   /* Q: work stream of documents */
#define CC_GROUP           "g"                /* the one consumer group of each */
#define CC_INFLIGHT_CHAT   "cc:inflight:chat" /* Q: hash tenant -> open answers */
#define CC_RECOUNT_CHAT    "cc:recount:chat"  /* Q: exists while a recount of it is fresh */
#define CC_CHANNEL_EVENTS  "cc:events"        /* L: prefix of cc_name_events */
#define CC_CHANNEL_INVALID "cc:invalid"       /* L: "key <hash>", bot, tenant, login <id> */

/* Each writes into out[CC_NAME_MAX] and returns out; parts are ids of ours, checked before. */
char *cc_name_dead(const char *stream, char *out); /* Q: "<stream>:dead", a stream */
char *cc_name_idem(const char *tenant, const char *session, const char *message_id,
                   char *out);                                             /* Q: -> answer id */
char *cc_name_asked(const char *tenant, const char *answer, char *out);    /* Q: -> bot, visitor */
char *cc_name_session(const char *tenant, const char *session, char *out); /* Q: the same */
char *cc_name_answer(const char *answer, char *out);                       /* L: stream of events */
char *cc_name_viewers(const char *answer, char *out);             /* L: set of reply channels */
char *cc_name_cancel(const char *answer, char *out);              /* L: exists when it is to stop */
char *cc_name_reply(const char *instance, int worker, char *out); /* L: channel */
char *cc_name_gate(const char *kind, const char *tenant, const char *who, char *out); /* L */
char *cc_name_cache(const char *kind, const char *tenant, const char *sha256_hex,
                    char *out);                      /* L */
char *cc_name_calls(const char *kind, char *out);    /* Q: list of calls of a kind */
char *cc_name_called(const char *caller, char *out); /* L: channel of their answers */
char *cc_name_events(const char *tenant, char *out); /* L: channel of JSON frames */
char *cc_name_line(const char *stream, const char *tenant, char *out); /* Q: of fair.h */
char *cc_name_ring(const char *stream, char *out);                     /* Q: tenants with a line */
char *cc_name_pace(const char *name, char *out);                       /* L */
char *cc_name_turn(const char *who, char *out);                  /* L: when the next turn is */
char *cc_name_beat(const char *instance, int worker, char *out); /* L: channel to itself */
char *cc_name_revoked(const char *token, char *out); /* L: exists when this token's id is no good */

#endif

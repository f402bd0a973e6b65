/*
 * breaker.h - does not ask a service that is ill, and finds out when it is well again.
 *
 *               FAILURES in a row              OPEN_MS later
 *     CLOSED ------------------------> OPEN ------------------> HALF: one trial
 *       ^                               ^                        |        |
 *       |                               +------ it failed -------+        |
 *       |                                 (stays open twice as long)      |
 *       +----------------------- it went well ----------------------------+
 *
 *     state    | asked          | success        | failure
 *     closed   | yes            | count 0        | count + 1, at FAILURES: open
 *     open     | no until OPEN_MS are over, then half and yes | (late) ignored | ignored
 *     half     | no             | closed         | open, for twice as long
 */
#ifndef CC_WORKER_LLM_BREAKER_H
#define CC_WORKER_LLM_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define CC_BREAKER_FAILURES    5
#define CC_BREAKER_OPEN_MS     5000
#define CC_BREAKER_OPEN_MAX_MS 60000

struct cc_breaker {
    enum { CC_BREAKER_CLOSED, CC_BREAKER_OPEN, CC_BREAKER_HALF } state;
    int failures;
    int64_t open_ms;  /* how long it stays open */
    int64_t until_ms; /* OPEN: until then; HALF: when the trial is given up for lost */
};
/* May this one be asked now?  In HALF the first who gets yes is the trial. */
bool cc_breaker_lets(struct cc_breaker *breaker, int64_t now_ms);
void cc_breaker_success(struct cc_breaker *breaker);
void cc_breaker_failure(struct cc_breaker *breaker, int64_t now_ms);
/* Neither: the trial was cancelled, or we were too fast for it. */
void cc_breaker_unknown(struct cc_breaker *breaker, int64_t now_ms);

/* The breaker of an account, a fresh one if it has none.  There are CC_BREAKERS: the one not looked
 * for the longest makes room, so the pointer is good until the next call. */
#define CC_BREAKERS 256
struct cc_breaker *cc_breaker_of(uint64_t account, int64_t now_ms);

#endif

#include "worker/llm/breaker.h"

#define TRIAL_MS 90000 /* longer than any start may take */

bool cc_breaker_lets(struct cc_breaker *breaker, int64_t now_ms)
{
    if (breaker->state == CC_BREAKER_CLOSED)
        return true;
    if (now_ms < breaker->until_ms)
        return false;
    breaker->state = CC_BREAKER_HALF;
    breaker->until_ms = now_ms + TRIAL_MS;
    return true;
}

void cc_breaker_success(struct cc_breaker *breaker)
{
    if (breaker->state != CC_BREAKER_OPEN)
        *breaker = (struct cc_breaker){.state = CC_BREAKER_CLOSED};
}

static void open_for(struct cc_breaker *breaker, int64_t open_ms, int64_t now_ms)
{
    breaker->state = CC_BREAKER_OPEN;
    breaker->open_ms = open_ms < CC_BREAKER_OPEN_MAX_MS ? open_ms : CC_BREAKER_OPEN_MAX_MS;
    breaker->until_ms = now_ms + breaker->open_ms;
}

void cc_breaker_failure(struct cc_breaker *breaker, int64_t now_ms)
{
    if (breaker->state == CC_BREAKER_HALF)
        open_for(breaker, 2 * breaker->open_ms, now_ms);
    else if (breaker->state == CC_BREAKER_CLOSED && ++breaker->failures >= CC_BREAKER_FAILURES)
        open_for(breaker, CC_BREAKER_OPEN_MS, now_ms);
}

void cc_breaker_unknown(struct cc_breaker *breaker, int64_t now_ms)
{
    if (breaker->state == CC_BREAKER_HALF)
        open_for(breaker, breaker->open_ms, now_ms);
}

static struct place {
    uint64_t account;
    int64_t used_ms; /* 0: nobody's */
    struct cc_breaker breaker;
} places[CC_BREAKERS];

struct cc_breaker *cc_breaker_of(uint64_t account, int64_t now_ms)
{
    struct place *oldest = &places[0];

    for (int i = 0; i < CC_BREAKERS; i++) {
        struct place *p = &places[i];

        if (p->used_ms && p->account == account) {
            p->used_ms = now_ms;
            return &p->breaker;
        }
        if (p->used_ms < oldest->used_ms)
            oldest = p;
    }
    *oldest = (struct place){.account = account, .used_ms = now_ms > 0 ? now_ms : 1};
    return &oldest->breaker;
}

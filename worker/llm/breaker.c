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

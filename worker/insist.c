#include "worker/insist.h"

#define PAUSE_MS     50
#define PAUSE_MAX_MS 1000

static bool may_pass(int rc)
{
    return rc == CC_E_DOWN || rc == CC_E_TIMEOUT || rc == CC_E_BUSY;
}

int cc_insist(int (*fn)(void *arg), void *arg, int64_t for_ms)
{
    int64_t until = cc_now() + for_ms, pause = PAUSE_MS;

    for (;;) {
        int rc = fn(arg);

        if (!may_pass(rc) || cc_now() + pause >= until)
            return rc;
        int slept = cc_sleep(pause);
        if (slept)
            return slept;
        pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
    }
}

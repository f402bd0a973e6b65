#include "worker/llm/pace.h"

#include "proto/base/text.h"

#define WORD_MAX 64 /* bytes: in some languages spaces are rare */

int cc_pace_wait(struct cc_pace *pace, int64_t deadline_ms)
{
    if (pace->next_ms == 0)
        pace->next_ms = cc_now() + pace->first_ms;
    int64_t until = deadline_ms < pace->next_ms ? deadline_ms : pace->next_ms;

    if (until > cc_now()) {
        int rc = cc_sleep(until - cc_now());

        if (rc)
            return rc;
    }
    if (cc_now() < pace->next_ms)
        return cc_fail(CC_E_TIMEOUT, "not due yet");
    pace->next_ms = cc_now() + pace->gap_ms;
    return 0;
}

const char *cc_pace_take(struct cc_pace *pace, size_t *ret_len)
{
    const char *p = pace->text + pace->at;
    size_t left = pace->len - pace->at, n = 0;

    while (n < left && p[n] == ' ')
        n++;
    while (n < left && p[n] != ' ')
        n++;
    if (n > WORD_MAX)
        n = cc_utf8_cut(p, left, WORD_MAX);
    pace->at += n;
    pace->pieces++;
    *ret_len = n;
    return p;
}

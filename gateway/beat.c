#include "gateway/beat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/gateway.h"
#include "proto/base/clock.h"
#include "proto/base/text.h"
#include "proto/run/run.h"
#include "proto/task/task.h"
#include "proto/wire/names.h"

#define EVERY_MS 1000
#define LATE_MS  2000
#define TRUST_MS 3000
#define AGAIN_MS 200
#define WORDS    16

static struct {
    char channel[CC_NAME_MAX];
    struct cc_task_ref task;
    bool any;
    int64_t heard_ms; /* when the last word that we heard was said */
    int64_t since_ms; /* from when on every notice has been heard */
} beat;

bool cc_beat_heard(void)
{
    return beat.any && cc_clock_ms() - beat.heard_ms <= LATE_MS;
}

bool cc_beat_trusts(int64_t read_ms)
{
    return (cc_beat_heard() && read_ms >= beat.since_ms) || cc_clock_ms() - read_ms <= TRUST_MS;
}

static int say(void)
{
    char word[32];
    int n = snprintf(word, sizeof word, "%lld", (long long)cc_clock_ms());

    return cc_publish_soon(cc_gateway()->live, beat.channel, word, (size_t)n);
}

static void take(const char *word)
{
    int64_t said_ms;

    if (!cc_text_int(word, 0, INT64_MAX, &said_ms))
        return;
    if (!cc_beat_heard()) /* who had something to say meanwhile may have given up */
        beat.since_ms = cc_clock_ms();
    beat.heard_ms = said_ms;
    beat.any = true;
}

/* Waits.  Until the next word is to be said. */
static int listen_a_while(struct cc_sub *sub)
{
    int64_t end_ms = cc_clock_ms() + EVERY_MS;
    char *text;
    size_t len;
    int rc;

    while ((rc = cc_sub_next(sub, end_ms, &text, &len)) == 0) {
        take(text);
        free(text);
    }
    return rc == CC_E_FENCED || rc == CC_E_TIMEOUT ? 0 : rc;
}

static void beat_main(void *arg)
{
    struct cc_sub *sub = NULL;
    int rc = 0;

    (void)arg;
    while (rc != CC_E_CANCELLED) {
        if (!sub)
            rc = cc_sub_open(cc_gateway()->live, beat.channel, WORDS, &sub);
        if (rc == 0)
            rc = say();
        if (sub && rc != CC_E_CANCELLED)
            rc = listen_a_while(sub);
        else if (rc != CC_E_CANCELLED)
            rc = cc_sleep(AGAIN_MS);
    }
    cc_sub_close(&sub);
}

int cc_beat_open(int worker)
{
    cc_name_beat(cc_run_instance(), worker, beat.channel);
    return cc_task_spawn("beat", beat_main, NULL, &beat.task);
}

void cc_beat_close(void)
{
    cc_task_cancel(beat.task);
}

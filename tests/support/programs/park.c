/*
 * park.c - tasks that wait at known places, for tests/support/gdb/check.
 *
 * Parks them and aborts, so that a debugger (or a core) shows the moment.
 */
#include <stdlib.h>

#include "proto/task/group.h"

#define FAR_AWAY 10000000

static __attribute__((noinline)) int wait_for_reply(void *arg)
{
    int rc;

    (void)arg;
    while ((rc = cc_sleep(FAR_AWAY)) == 0)
        ;
    return rc;
}

static __attribute__((noinline)) void answer_chat(void *arg)
{
    struct cc_group group;

    (void)arg;
    cc_group_init(&group);
    cc_group_add(&group, "search", wait_for_reply, NULL);
    cc_group_join(&group);
}

static void stop_here(struct cc_timer *timer)
{
    (void)timer;
    abort();
}

int main(void)
{
    struct cc_timer timer = {.fn = stop_here};
    struct cc_task_ref told;

    cc_loop_init(NULL);
    cc_task_spawn("POST /chat", answer_chat, NULL, NULL);
    cc_loop_turn(0); /* the child goes to sleep */
    cc_task_spawn("POST /stop", answer_chat, NULL, &told);
    cc_timer_set(&timer, cc_now());
    cc_task_cancel(told);
    cc_loop_turn(0);
    return 0;
}

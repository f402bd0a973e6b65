/*
 * leave.c - ends while a task waits with memory that only its stack points to.
 *
 * A process may do so at any time; LeakSanitizer must not take it for a leak.
 */
#include <stdlib.h>

#include "proto/task/task.h"

#define FAR_AWAY 10000000

static void hold(void *arg)
{
    char *volatile memory = malloc(100);

    (void)arg;
    memory[0] = 1;
    cc_sleep(FAR_AWAY);
    free(memory);
}

int main(void)
{
    cc_loop_init(NULL);
    return cc_task_spawn("hold", hold, NULL, NULL) == 0 ? 0 : 1;
}

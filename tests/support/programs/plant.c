/*
 * plant.c - mistakes planted on the stack of a task: do the tools see them there, too?
 *
 * usage: plant MISTAKE     (see the table of plants)
 *
 * CTest expects AddressSanitizer to name the first three, LeakSanitizer the leak,
 * ThreadSanitizer the race, UndefinedBehaviorSanitizer the sixth, and nobody anything for "none".
 */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/task/offload.h"

/* volatile: what the compiler cannot see through, it cannot warn of or remove */
static volatile size_t ten = 10;
static volatile int sink, largest = INT_MAX;
static char *volatile gone;
static void *volatile lost;

static void overflow(void *arg)
{
    char bytes[10];

    (void)arg;
    cc_yield();
    memset(bytes, 1, ten + 1);
    sink = bytes[3];
}

static __attribute__((noinline)) void leave_a_pointer(void)
{
    char bytes[100];

    gone = bytes;
    bytes[0] = 1;
    cc_yield();
}

static void after_return(void *arg)
{
    (void)arg;
    leave_a_pointer();
    cc_yield();
    gone[0] = 2;
}

static void after_free(void *arg)
{
    (void)arg;
    gone = malloc(ten);
    free(gone);
    cc_yield();
    gone[1] = 3;
}

static __attribute__((noinline)) void lose(void)
{
    lost = malloc(77);
    cc_yield();
    lost = NULL;
}

static void leak(void *arg)
{
    (void)arg;
    for (int i = 0; i < 10; i++) /* one may survive in a stale register */
        lose();
}

static pthread_barrier_t both_run; /* else one may be through before the other starts */

static void count(struct cc_offload *job)
{
    (void)job;
    pthread_barrier_wait(&both_run);
    for (int i = 0; i < 1000; i++)
        sink = sink + 1;
}

static void keep(struct cc_offload *job)
{
    (void)job;
}

/* Threads may touch nothing but their job; these two share sink. */
static void race_side(void *arg)
{
    cc_offload_run(arg, CC_NEVER);
}

static void race(void *arg)
{
    static struct cc_offload jobs[2] = {{.run = count, .free = keep}, {.run = count, .free = keep}};

    (void)arg;
    pthread_barrier_init(&both_run, NULL, 2);
    for (int i = 0; i < 2; i++)
        cc_task_spawn("side", race_side, &jobs[i], NULL);
}

static void undefined(void *arg)
{
    (void)arg;
    cc_yield();
    sink = largest + 1;
}

static void none(void *arg)
{
    (void)arg;
    cc_yield();
}

static const struct plant {
    const char *name;
    void (*fn)(void *arg);
} plants[] = {
    {"overflow", overflow},
    {"use-after-return", after_return},
    {"use-after-free", after_free},
    {"leak", leak},
    {"race", race},
    {"undefined", undefined},
    {"none", none},
};

static const struct plant *find(const char *name)
{
    for (size_t i = 0; i < sizeof(plants) / sizeof(plants[0]); i++)
        if (strcmp(plants[i].name, name) == 0)
            return &plants[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const struct plant *plant = argc == 2 ? find(argv[1]) : NULL;

    if (!plant) {
        fputs("usage: plant MISTAKE     (see the table of plants)\n", stderr);
        return 2;
    }
    cc_loop_init(NULL);
    if (cc_offload_open(2, 2))
        return 2;
    cc_task_spawn(plant->name, plant->fn, NULL, NULL);
    while (cc_task_live() > 0)
        cc_loop_turn(CC_NEVER);
    cc_offload_close();
    cc_loop_done();
    return 0;
}

/*
 * stress.c - proto/task at work without a test framework, for ThreadSanitizer and valgrind.
 *
 * usage: stress [JOBS]
 *
 * Two rounds of JOBS tasks that talk over sockets, sleep, form groups and use threads, while
 * others are cancelled.  Few stacks are kept, so that they come and go.  Prints what was done;
 * exits 1 if anything came out wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/error.h"
#include "proto/base/text.h"
#include "proto/task/group.h"
#include "proto/task/offload.h"

#define VICTIMS  50
#define WAIT_MS  60000
#define MESSAGES 5
#define THREADS  3
#define CLIENTS  10
#define FAR_AWAY 10000000

static long good, bad;

static void expect(bool right)
{
    *(right ? &good : &bad) += 1;
}

/* ---- sockets: what one task writes another reads ---- */

struct talk {
    int ends[2];
};

static int write_side(void *arg)
{
    struct talk *talk = arg;

    for (int i = 0; i < MESSAGES; i++) {
        expect(write(talk->ends[0], "abcdefgh", 8) == 8);
        int rc = i % 2 ? cc_yield() : cc_sleep(i);
        if (rc)
            return rc;
    }
    return 0;
}

static int read_side(void *arg)
{
    struct talk *talk = arg;
    char got[8 * MESSAGES];
    size_t n = 0;

    while (n < sizeof(got)) {
        int rc = cc_wait_fd(talk->ends[1], CC_READ, cc_now() + WAIT_MS);
        if (rc)
            return rc;
        ssize_t part = read(talk->ends[1], got + n, sizeof(got) - n);
        if (part <= 0)
            return cc_fail(CC_E_DOWN, "the writer is gone");
        n += (size_t)part;
    }
    expect(memcmp(got + n - 8, "abcdefgh", 8) == 0);
    return 0;
}

static void job(void *arg)
{
    struct talk talk;
    struct cc_group group;

    (void)arg;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, talk.ends) == -1) {
        expect(false);
        return;
    }
    cc_group_init(&group);
    expect(cc_group_add(&group, "write", write_side, &talk) == 0);
    expect(cc_group_add(&group, "read", read_side, &talk) == 0);
    expect(cc_group_join(&group) == 0);
    close(talk.ends[0]);
    close(talk.ends[1]);
}

/* ---- threads: some are waited for, some are given up ---- */

struct sum {
    struct cc_offload job;
    long in, out;
};

static void add_up(struct cc_offload *offload)
{
    struct sum *sum = (struct sum *)offload;

    for (long i = 0; i < 20000; i++)
        sum->out += i ^ sum->in;
}

static void free_sum(struct cc_offload *offload)
{
    free((struct sum *)offload);
}

static void client(void *arg)
{
    struct sum *sum = calloc(1, sizeof(*sum));

    if (!sum)
        abort();
    sum->job.run = add_up;
    sum->job.free = free_sum;
    sum->in = *(const int *)arg;
    int rc = cc_offload_run(&sum->job, cc_now() + (sum->in % 3 ? WAIT_MS : 1));
    expect(rc == 0 || rc == CC_E_TIMEOUT);
    if (rc == 0) {
        expect(sum->out != 0);
        free(sum);
    }
}

static void victim(void *arg)
{
    int rc;

    (void)arg;
    while ((rc = cc_sleep(FAR_AWAY)) == 0)
        ;
    expect(rc == CC_E_CANCELLED && strcmp(cc_fail_text(), "told to stop") == 0);
}

static void one_round(int64_t jobs)
{
    static int numbers[CLIENTS];
    struct cc_task_ref victims[VICTIMS];

    for (int i = 0; i < VICTIMS; i++)
        expect(cc_task_spawn("victim", victim, NULL, &victims[i]) == 0);
    for (int64_t i = 0; i < jobs; i++)
        expect(cc_task_spawn("job", job, NULL, NULL) == 0);
    for (int i = 0; i < CLIENTS; i++) {
        numbers[i] = i;
        expect(cc_task_spawn("client", client, &numbers[i], NULL) == 0);
    }
    cc_yield();
    for (int i = 0; i < VICTIMS; i++) {
        cc_task_cancel(victims[i]);
        cc_task_cancel(victims[i]);
    }
    while (cc_task_live() > 0)
        cc_loop_turn(CC_NEVER);
}

int main(int argc, char **argv)
{
    int64_t jobs = 100;

    if (argc > 1 && !cc_text_int(argv[1], 1, 10000, &jobs))
        return 2;
    cc_task_opts(256 * 1024, 20, false);
    cc_loop_init(NULL);
    if (cc_offload_open(THREADS, CLIENTS))
        return 2;
    for (int i = 0; i < 2; i++)
        one_round(jobs);
    cc_offload_close();
    cc_loop_done();

    const struct cc_task_stat *stat = cc_task_stat();
    printf("good %ld, bad %ld, peak %d tasks, %llu switches\n", good, bad, stat->peak,
           (unsigned long long)stat->switches);
    return bad != 0;
}

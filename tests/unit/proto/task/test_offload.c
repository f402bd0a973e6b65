#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto/task/offload.h"

/* gate: where the thread waits until the test lets it go on. */
struct work {
    struct cc_offload job;
    int gate[2], in, out;
    pthread_t thread;
};

static int freed, got;

static void run_work(struct cc_offload *job)
{
    struct work *work = (struct work *)job;
    char c;

    if (read(work->gate[0], &c, 1) != 1)
        abort();
    work->thread = pthread_self();
    work->out = 2 * work->in;
}

static void free_work(struct cc_offload *job)
{
    struct work *work = (struct work *)job;

    close(work->gate[0]);
    close(work->gate[1]);
    free(work);
    freed++;
}

static struct work *new_work(int in)
{
    struct work *work = calloc(1, sizeof(*work));

    work->job.run = run_work;
    work->job.free = free_work;
    work->in = in;
    cr_assert_eq(pipe(work->gate), 0);
    return work;
}

static void let_go(struct work *work)
{
    cr_assert_eq(write(work->gate[1], "x", 1), 1);
}

static void open_pool(void)
{
    cc_loop_init(NULL);
    cr_assert_eq(cc_offload_open(2, 4), 0);
}

static void close_pool(void)
{
    cc_offload_close();
    cc_loop_done();
}

TestSuite(offload, .init = open_pool, .fini = close_pool, .timeout = 20);

static void run_all(void)
{
    while (cc_task_live() > 0)
        cc_loop_turn(CC_NEVER);
}

static void offload_task(void *arg)
{
    struct work *work = arg;

    got = cc_offload_run(&work->job, cc_now() + 10000);
    if (got == 0) {
        cr_assert_eq(work->out, 2 * work->in);
        cr_assert_neq(work->thread, pthread_self());
        free_work(&work->job);
    }
}

Test(offload, gives_the_job_back_when_a_thread_is_through)
{
    struct work *work = new_work(21);

    cc_task_spawn("o", offload_task, work, NULL);
    let_go(work);
    run_all();

    cr_assert_eq(got, 0);
    cr_assert_eq(freed, 1);
}

Test(offload, blocks_where_there_is_no_task)
{
    struct work *work = new_work(21);

    let_go(work);
    offload_task(work);

    cr_assert_eq(got, 0);
}

Test(offload, lets_a_cancelled_task_go_and_frees_the_job_later)
{
    struct work *work = new_work(1);
    struct cc_task_ref ref;

    cc_task_spawn("o", offload_task, work, &ref);
    cc_task_cancel(ref);
    run_all();
    cr_assert_eq(got, CC_E_CANCELLED);
    cr_assert_eq(freed, 0); /* the thread is still at it */

    let_go(work);
    while (freed == 0)
        cc_loop_turn(CC_NEVER);
}

Test(offload, gives_up_at_the_deadline_and_frees_the_job_later)
{
    struct work *work = new_work(1);

    cr_assert_eq(cc_offload_run(&work->job, cc_now() + 5), CC_E_TIMEOUT);
    cr_assert_eq(freed, 0);

    let_go(work);
    while (freed == 0)
        cc_loop_turn(CC_NEVER);
}

Test(offload, refuses_what_is_more_than_its_queue)
{
    struct work *work[5];

    for (int i = 0; i < 4; i++) {
        work[i] = new_work(i);
        cc_task_spawn("o", offload_task, work[i], NULL);
    }
    work[4] = new_work(4);
    cr_assert_eq(cc_offload_run(&work[4]->job, CC_NEVER), CC_E_BUSY);
    cr_assert_eq(freed, 1); /* the refused one is gone */

    for (int i = 0; i < 4; i++)
        let_go(work[i]);
    run_all();
    cr_assert_eq(freed, 5);
}

Test(offload, closes_only_after_abandoned_jobs_are_through)
{
    struct work *work = new_work(1);

    cr_assert_eq(cc_offload_run(&work->job, cc_now() + 1), CC_E_TIMEOUT);
    let_go(work);
    cc_offload_close();

    cr_assert_eq(freed, 1);
    cr_assert_eq(cc_offload_open(1, 1), 0); /* and may be opened again */
}

static void close_task(void *arg)
{
    (void)arg;
    cc_offload_close();
    freed += 100;
}

Test(offload, is_closed_by_a_task_too_even_a_cancelled_one)
{
    struct work *work = new_work(1);
    struct cc_task_ref ref;

    cr_assert_eq(cc_offload_run(&work->job, cc_now() + 1), CC_E_TIMEOUT);
    cc_task_spawn("close", close_task, NULL, &ref);
    cc_task_cancel(ref);
    cr_assert_eq(freed, 0);
    let_go(work);
    run_all();

    cr_assert_eq(freed, 101);
    cr_assert_eq(cc_offload_open(1, 1), 0);
}

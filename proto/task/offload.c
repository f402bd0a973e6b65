#include "proto/task/offload.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CLOSE_LOOK_MS 5

/* The only lock of the process; held for a few instructions, never across a wait. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct cc_offload *todo, **todo_end, *done;
    bool stop;
    /* below: the loop's thread alone */
    pthread_t *threads;
    int n, queued, queue_max;
    struct cc_watch watch;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};

static struct cc_offload *next_job(void)
{
    while (!pool.todo && !pool.stop)
        pthread_cond_wait(&pool.more, &pool.lock);

    struct cc_offload *job = pool.todo;
    if (job && !(pool.todo = job->next))
        pool.todo_end = &pool.todo;
    return job;
}

static void wake_loop(void)
{
    uint64_t one = 1;

    if (write(pool.watch.fd, &one, sizeof(one)) != sizeof(one))
        abort();
}

static void *thread_main(void *arg)
{
    struct cc_offload *job;

    (void)arg;
    pthread_mutex_lock(&pool.lock);
    while ((job = next_job())) {
        pthread_mutex_unlock(&pool.lock);
        job->run(job);
        pthread_mutex_lock(&pool.lock);
        job->next = pool.done;
        pool.done = job;
        wake_loop();
    }
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

static void hand_back(struct cc_offload *job)
{
    pool.queued--;
    if (job->abandoned)
        job->free(job);
    else
        cc_wait_done(&job->wait);
}

static void on_done(struct cc_watch *watch, unsigned events)
{
    uint64_t n;

    (void)events;
    if (read(watch->fd, &n, sizeof(n)) != sizeof(n))
        return;
    pthread_mutex_lock(&pool.lock);
    struct cc_offload *job = pool.done, *next;
    pool.done = NULL;
    pthread_mutex_unlock(&pool.lock);
    for (; job; job = next) {
        next = job->next;
        hand_back(job);
    }
}

/* Signals are for the loop's thread. */
static int start_threads(int threads)
{
    sigset_t all, was;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &was);
    while (pool.n < threads && pthread_create(&pool.threads[pool.n], NULL, thread_main, NULL) == 0)
        pool.n++;
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    return pool.n == threads ? 0 : cc_fail(CC_E_BUSY, "offload: no %d threads", threads);
}

int cc_offload_open(int threads, int queue)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd == -1)
        return cc_fail(CC_E_BUSY, "offload: no descriptor");
    pool.stop = false;
    pool.todo_end = &pool.todo;
    pool.queue_max = queue;
    cc_watch_init(&pool.watch, fd, on_done, NULL);
    cc_watch_want(&pool.watch, CC_READ);
    pool.threads = calloc((size_t)threads, sizeof(*pool.threads));
    if (!pool.threads)
        abort();
    int rc = start_threads(threads);
    if (rc)
        cc_offload_close();
    return rc;
}

/* A task cannot turn the loop that runs it; told to stop or not, it sees the threads end. */
static void wait_for_jobs(void)
{
    if (!cc_task_current()) {
        while (pool.queued > 0)
            cc_loop_turn(CC_NEVER);
        return;
    }
    bool was = cc_task_mask(true);
    while (pool.queued > 0)
        cc_sleep(CLOSE_LOOK_MS);
    cc_task_mask(was);
}

void cc_offload_close(void)
{
    wait_for_jobs();
    pthread_mutex_lock(&pool.lock);
    pool.stop = true;
    pthread_cond_broadcast(&pool.more);
    pthread_mutex_unlock(&pool.lock);
    while (pool.n > 0)
        pthread_join(pool.threads[--pool.n], NULL);
    free(pool.threads);
    pool.threads = NULL;
    pool.queue_max = 0;
    cc_watch_done(&pool.watch);
    close(pool.watch.fd);
}

int cc_offload_run(struct cc_offload *job, int64_t deadline_ms)
{
    if (pool.queued >= pool.queue_max) {
        job->free(job);
        return cc_fail(CC_E_BUSY, "offload: the queue is full");
    }
    job->wait = (struct cc_wait){0};
    job->abandoned = false;
    job->next = NULL;
    pool.queued++;
    pthread_mutex_lock(&pool.lock);
    *pool.todo_end = job;
    pool.todo_end = &job->next;
    pthread_cond_signal(&pool.more);
    pthread_mutex_unlock(&pool.lock);
    int rc = cc_wait_for(&job->wait, deadline_ms);
    if (rc)
        job->abandoned = true;
    return rc;
}

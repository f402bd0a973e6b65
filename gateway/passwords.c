#include "gateway/passwords.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "proto/seal/password.h"
#include "proto/task/offload.h"

#define THREADS     2
#define QUEUE       256   /* some seconds of work */
#define WAIT_MS     20000 /* for a turn, too */
#define STEPS_BACK  10    /* chats come first */
#define PLAIN_BYTES (4 * CC_PASSWORD_MAX + 1)

enum work { HASH, COMPARE };

/* Outlives the request that asks when that goes away: it owns what it works on. */
struct job {
    struct cc_offload base;
    enum work work;
    char plain[PLAIN_BYTES];
    char hash[CC_PASSWORD_HASH];
    int rc;
};

/* What there is to compare with where there is no account: of the same cost, of no password. */
static char nobodys[CC_PASSWORD_HASH];

/* The niceness of a thread is its own, in Linux. */
static void step_back(void)
{
    static _Thread_local bool done;

    if (!done)
        setpriority(PRIO_PROCESS, 0, STEPS_BACK);
    done = true;
}

static void job_run(struct cc_offload *base)
{
    struct job *job = (struct job *)base;

    step_back();
    if (job->work == HASH)
        job->rc = cc_password_hash(job->plain, job->hash);
    else
        job->rc = cc_password_right(job->hash, job->plain) ? 0 : CC_E_AUTH;
    cc_secret_wipe(job->plain, sizeof job->plain);
}

static void job_free(struct cc_offload *base)
{
    struct job *job = (struct job *)base;

    cc_secret_wipe(job->plain, sizeof job->plain);
    free(job);
}

/* Waits.  *ret is to be job_free()d. */
static int run(enum work work, const char *hash, const char *password, struct job **ret)
{
    struct job *job = calloc(1, sizeof *job);
    int rc;

    if (!job)
        abort();
    job->base.run = job_run;
    job->base.free = job_free;
    job->work = work;
    snprintf(job->plain, sizeof job->plain, "%s", password);
    snprintf(job->hash, sizeof job->hash, "%s", hash);
    rc = cc_offload_run(&job->base, cc_now() + WAIT_MS);
    if (rc == 0)
        *ret = job;
    return rc == CC_E_TIMEOUT ? cc_fail(CC_E_BUSY, "too many people log in at once") : rc;
}

int cc_passwords_hash(const char *password, struct cc_arena *mem, const char **ret)
{
    struct job *job;
    int rc = run(HASH, "", password, &job);

    if (rc != 0)
        return rc;
    rc = job->rc;
    if (rc == 0)
        *ret = cc_arena_dup(mem, job->hash);
    job_free(&job->base);
    return rc == 0 ? 0 : cc_fail(rc, "no memory to hash a password with");
}

int cc_passwords_check(const char *hash, const char *password)
{
    struct job *job;
    int rc = run(COMPARE, hash ? hash : nobodys, password, &job);

    if (rc != 0)
        return rc;
    rc = hash ? job->rc : CC_E_AUTH;
    job_free(&job->base);
    return rc == 0 ? 0 : cc_fail(rc, "e-mail or password is wrong");
}

int cc_passwords_open(void)
{
    int rc = cc_password_hash("", nobodys);

    return rc ? rc : cc_offload_open(THREADS, QUEUE);
}

void cc_passwords_close(void)
{
    cc_offload_close();
}

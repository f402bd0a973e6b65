/* The pool: proto/store/pg.h. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/task/task.h"
#include "tests/support/store.h"

static int syncs;

/* Each round trip ends with a Sync: we stand before libpq and count. */
int PQpipelineSync(PGconn *pg)
{
    int (*real)(PGconn *);

    *(void **)&real = dlsym(RTLD_NEXT, "PQpipelineSync");
    syncs++;
    return real(pg);
}

static struct store s;
static struct cc_pg *pool; /* of this test alone: with a name that the server shows */
static char name[CC_ID_MAX];
static PGconn *locker;

static void open_pool(int size, int queue)
{
    char info[500];
    struct cc_pg_opts opts = {.conninfo = info, .size = size, .queue = queue};

    snprintf(info, sizeof info, "%s application_name=%s", store_env("CC_PG"),
             cc_id_random("poo", name));
    cr_assert_eq(cc_pg_open(&opts, &pool), 0, "%s", cc_fail_text());
}

static void setup(void)
{
    store_open(&s);
    locker = PQconnectdb(store_env("CC_PG_SUPER"));
}

static void teardown(void)
{
    cc_pg_close(&pool);
    PQfinish(locker);
    store_close(&s);
}

TestSuite(pool, .init = setup, .fini = teardown, .timeout = 60);

/* From here on changes of the tenant's row wait, until unlock(). */
static void lock_tenant(void)
{
    char sql[200];

    PQclear(PQexec(locker, "BEGIN"));
    snprintf(sql, sizeof sql, "SELECT 1 FROM tenants WHERE tenant_id = '%s' FOR UPDATE", s.tenant);
    PQclear(PQexec(locker, sql));
}

static void unlock(void)
{
    PQclear(PQexec(locker, "ROLLBACK"));
}

static int change(void)
{
    struct cc_tenant tenant = {.id = s.tenant, .name = "Changed", .tier = "paid"};

    return cc_tenant_set(pool, &tenant);
}

static int look(void)
{
    struct cc_tenant tenant;

    return cc_tenant_get(pool, s.tenant, s.mem, &tenant);
}

static int64_t backends(const char *and)
{
    char sql[300];

    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM pg_stat_activity WHERE application_name = '%s'%s", name, and);
    return strtoll(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

static void turn_while(const bool *busy)
{
    int64_t end_ms = cc_clock_ms() + 20000;

    while (*busy && cc_clock_ms() < end_ms)
        cc_loop_turn(50);
    cr_assert_not(*busy);
}

struct job {
    int (*fn)(void);
    int rc, deadline_ms;
    bool busy;
};

static void run_job(void *arg)
{
    struct job *job = arg;

    if (job->deadline_ms)
        cc_task_deadline(cc_now() + job->deadline_ms);
    job->rc = job->fn();
    job->busy = false;
}

static struct cc_task_ref start(struct job *job, int (*fn)(void), int deadline_ms)
{
    struct cc_task_ref ref;

    *job = (struct job){fn, 1, deadline_ms, true};
    cr_assert_eq(cc_task_spawn("job", run_job, job, &ref), 0);
    return ref;
}

Test(pool, runs_a_transaction_in_one_round_trip)
{
    char answer[CC_ID_MAX], message[CC_ID_MAX];
    struct cc_answer_claim claim = {s.tenant,
                                    cc_id_random("ans", answer),
                                    s.bot,
                                    s.session,
                                    "",
                                    "w",
                                    "q",
                                    "free",
                                    1763620000000,
                                    60000,
                                    "",
                                    "",
                                    "",
                                    ""};
    struct cc_turn got;
    struct cc_answer_result r = {.tenant = s.tenant,
                                 .answer = answer,
                                 .bot = s.bot,
                                 .session = s.session,
                                 .attempt = 1,
                                 .state = "done",
                                 .message = cc_id_sorted("msg", message),
                                 .text = "a",
                                 .sources = "[]",
                                 .provider = "",
                                 .model = "",
                                 .finish = ""};

    open_pool(1, 0);
    syncs = 0;
    cr_assert_eq(cc_turn_begin(pool, &claim, 20, s.mem, &got), 0);
    cr_assert_eq(syncs, 1);
    cr_assert_eq(cc_answer_finish(pool, &r), 0);
    cr_assert_eq(syncs, 2);
}

Test(pool, asks_whether_the_server_is_there_only_when_it_was_not_heard_lately)
{
    open_pool(2, 0);
    syncs = 0;
    cr_assert_eq(cc_pg_heard(pool, 60000), 0, "%s", cc_fail_text());
    cr_assert_eq(syncs, 1, "it was never heard");
    cr_assert_eq(cc_pg_heard(pool, 60000), 0);
    cr_assert_eq(syncs, 1);
    cr_assert_eq(cc_pg_heard(pool, 0), 0);
    cr_assert_eq(syncs, 2, "too long ago");
}

Test(pool, asks_again_when_a_connection_has_ended)
{
    char sql[300];
    int64_t end_ms = cc_clock_ms() + 20000;

    open_pool(2, 0);
    cr_assert_eq(cc_pg_heard(pool, 60000), 0, "%s", cc_fail_text());
    snprintf(sql, sizeof sql,
             "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
             " WHERE application_name = '%s'",
             name);
    cr_assert_str_eq(store_sql(&s, "CC_PG_SUPER", sql), "1");
    syncs = 0;
    while (syncs == 0 && cc_clock_ms() < end_ms) {
        cc_loop_turn(50); /* here the pool notices */
        cr_assert_eq(cc_pg_heard(pool, 60000), 0, "%s", cc_fail_text());
    }
    cr_assert_eq(syncs, 1);
}

static int left;

static void many(void *arg)
{
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_tenant tenant;
    int *bad = arg;

    for (int i = 0; i < 20; i++)
        if (cc_tenant_get(pool, s.tenant, mem, &tenant) || strcmp(tenant.id, s.tenant) != 0)
            ++*bad;
    cc_arena_free(&mem);
    left--;
}

Test(pool, serves_a_hundred_tasks_with_eight_connections)
{
    int bad = 0;
    bool busy = true;

    open_pool(8, 0);
    left = 100;
    for (int i = 0; i < 100; i++)
        cr_assert_eq(cc_task_spawn("many", many, &bad, NULL), 0);
    while (left > 0)
        cc_loop_turn(1000);
    busy = false;
    turn_while(&busy);

    cr_assert_eq(bad, 0);
    cr_assert_eq(backends(""), 8);
}

Test(pool, gives_up_at_the_tasks_deadline_and_goes_on)
{
    struct job job;
    int64_t began_ms = cc_clock_ms();

    open_pool(1, 0);
    lock_tenant();
    start(&job, change, 200);
    turn_while(&job.busy);

    cr_assert_eq(job.rc, CC_E_TIMEOUT, "%d", job.rc);
    cr_assert_lt(cc_clock_ms() - began_ms, 2000);
    cr_assert_eq(look(), 0, "on another connection: %s", cc_fail_text());
    unlock();
}

Test(pool, lets_a_cancelled_task_go_and_never_reuses_its_connection)
{
    struct job job;
    struct cc_task_ref ref;

    open_pool(1, 0);
    lock_tenant();
    ref = start(&job, change, 0);
    while (backends(" AND wait_event_type = 'Lock'") == 0)
        cc_loop_turn(5);
    cc_task_cancel(ref);
    turn_while(&job.busy);

    cr_assert_eq(job.rc, CC_E_CANCELLED);
    cr_assert_eq(look(), 0, "%s", cc_fail_text());
    unlock();
}

Test(pool, hands_its_connection_to_who_waits_and_refuses_who_is_too_many)
{
    struct job first, second, third;

    open_pool(1, 1);
    lock_tenant();
    start(&first, change, 0);
    while (backends(" AND wait_event_type = 'Lock'") == 0)
        cc_loop_turn(5);
    start(&second, look, 0);
    start(&third, look, 0);

    cr_assert_eq(third.rc, CC_E_BUSY);
    cr_assert(second.busy);
    unlock();
    turn_while(&first.busy);
    turn_while(&second.busy);
    cr_assert_eq(first.rc, 0);
    cr_assert_eq(second.rc, 0);
    cr_assert_eq(backends(""), 1);
}

Test(pool, frees_who_waits_when_the_holder_gives_up)
{
    struct job first, second;

    open_pool(1, 0);
    lock_tenant();
    start(&first, change, 300);
    start(&second, look, 0);
    turn_while(&first.busy);
    turn_while(&second.busy);

    cr_assert_eq(first.rc, CC_E_TIMEOUT);
    cr_assert_eq(second.rc, 0, "on a new connection");
    unlock();
}

Test(pool, keeps_the_connection_after_a_refused_statement)
{
    struct cc_tenant twin = {.id = s.tenant, .name = "Twin", .tier = "free"};

    open_pool(1, 0);
    cr_assert_eq(look(), 0);
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(cc_tenant_add(pool, &twin), CC_E_CONFLICT);
        cr_assert_eq(look(), 0);
    }

    cr_assert_eq(backends(""), 1);
    cr_assert_eq(backends(" AND state = 'idle'"), 1, "no transaction is left open");
}

/* The first use of a statement fails inside the transaction that prepares it. */
Test(pool, prepares_again_what_was_not_prepared)
{
    struct cc_tenant odd = {.id = "ten_odd", .name = "Odd", .tier = "gold"};
    char id[CC_ID_MAX];
    struct cc_bot bot = {.id = cc_id_sorted("bot", id),
                         .tenant = "ten_none",
                         .name = "",
                         .system = "",
                         .provider = "",
                         .model = "",
                         .origins = "[]",
                         .widget = "{}",
                         .refusal = ""};

    open_pool(1, 0);
    cr_assert_eq(cc_tenant_add(pool, &odd), CC_E_INVALID);
    cr_assert_eq(cc_bot_add(pool, &bot), CC_E_NOTFOUND, "its tenant is missing");
    bot.tenant = s.tenant;
    cr_assert_eq(cc_bot_add(pool, &bot), 0, "%s", cc_fail_text());
}

Test(pool, notices_that_its_idle_connections_were_ended)
{
    char sql[300];

    open_pool(2, 0);
    cr_assert_eq(look(), 0);
    snprintf(sql, sizeof sql,
             "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
             " WHERE application_name = '%s'",
             name);
    cr_assert_str_eq(store_sql(&s, "CC_PG_SUPER", sql), "t");

    cr_assert_eq(look(), 0, "%s", cc_fail_text());
}

Test(pool, says_down_when_its_connection_ends_in_the_middle)
{
    struct job job;
    char sql[300];

    open_pool(1, 0);
    lock_tenant();
    start(&job, change, 0);
    while (backends(" AND wait_event_type = 'Lock'") == 0)
        cc_loop_turn(5);
    snprintf(sql, sizeof sql,
             "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
             " WHERE application_name = '%s'",
             name);
    store_sql(&s, "CC_PG_SUPER", sql);
    turn_while(&job.busy);
    unlock();

    cr_assert_eq(job.rc, CC_E_DOWN);
    cr_assert_eq(look(), 0, "%s", cc_fail_text());
}

Test(pool, says_down_at_once_where_nobody_listens)
{
    struct cc_pg_opts opts = {.conninfo = "host=/nonexistent user=cc_app dbname=chatconnect"};
    int64_t began_ms = cc_clock_ms();

    cr_assert_eq(cc_pg_open(&opts, &pool), 0);
    cr_assert_eq(cc_pg_ping(pool, 1000), CC_E_DOWN);
    cr_assert_eq(cc_pg_ping(pool, 1000), CC_E_DOWN);
    cr_assert_lt(cc_clock_ms() - began_ms, 100);
    cr_assert_neq(strlen(cc_fail_text()), 0);
}

static int downs;

static void ping_nobody(void *arg)
{
    (void)arg;
    downs += cc_pg_ping(pool, 20000) == CC_E_DOWN;
}

Test(pool, says_down_to_all_who_wait_for_the_one_that_connects)
{
    struct cc_pg_opts opts = {.conninfo = "host=127.0.0.1 port=1", .size = 1};
    int64_t began = cc_clock_ms();

    cr_assert_eq(cc_pg_open(&opts, &pool), 0);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(cc_task_spawn("ping", ping_nobody, NULL, NULL), 0);
    while (cc_task_live() > 0)
        cc_loop_turn(100);

    cr_expect_eq(downs, 5);
    cr_expect_lt(cc_clock_ms() - began, 10000);
}

Test(pool, refuses_a_conninfo_that_is_none_and_a_name_nobody_knows)
{
    struct cc_pg_opts odd = {.conninfo = "host=/tmp colour=red"},
                      unknown = {.conninfo = "host=no-such-host.invalid"};

    cr_assert_eq(cc_pg_open(&odd, &pool), CC_E_INVALID);
    cr_assert_eq(cc_pg_open(&unknown, &pool), CC_E_DOWN);
    cr_assert_null(pool);
}

/* ---- a server of its own, to be broken ---- */

static char *beside(const char *file)
{
    const char *here = __FILE__, *end = strstr(here, "tests/integration");

    return cc_arena_printf(s.mem, "%.*stests/support/%s", (int)(end - here), here, file);
}

static void restart(const char *dir, const char *how)
{
    char *argv[] = {beside("server-restart"), "pg", (char *)how, NULL};
    char *env[] = {cc_arena_printf(s.mem, "CC_TEST_DIR=%s", dir), "PATH=/usr/bin:/bin", NULL};
    pid_t pid;
    int status;

    cr_assert_eq(posix_spawn(&pid, argv[0], NULL, NULL, argv, env), 0);
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0);
}

/* Its folder; it ends when our end of the pipe closes. */
static pid_t own_server(int *ret_stop, char dir[200])
{
    char *argv[] = {
        beside("servers"), "--", "sh", "-c", "echo \"$CC_TEST_DIR\" >&3; exec cat", NULL};
    posix_spawn_file_actions_t files;
    int in[2], out[2];
    pid_t pid;

    cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
    cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[0], 0);
    posix_spawn_file_actions_adddup2(&files, out[1], 3);
    cr_assert_eq(posix_spawn(&pid, argv[0], &files, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    close(in[0]);
    close(out[1]);
    ssize_t n = read(out[0], dir, 199);
    cr_assert_gt(n, 1);
    dir[n - 1] = '\0';
    close(out[0]);
    *ret_stop = in[1];
    return pid;
}

Test(pool, heals_when_postgresql_was_restarted)
{
    static const char *const ways[] = {"fast", "immediate", "kill"};
    char dir[200], info[300];
    int stop, status;
    pid_t server = own_server(&stop, dir);
    struct cc_pg_opts opts = {.conninfo = info, .size = 3};

    snprintf(info, sizeof info, "host=%s user=cc_app dbname=chatconnect", dir);
    cr_assert_eq(cc_pg_open(&opts, &pool), 0);
    cr_assert_eq(cc_pg_ping(pool, 3000), 0, "%s", cc_fail_text());
    for (int i = 0; i < 3; i++) {
        restart(dir, ways[i]);
        cr_assert_eq(cc_pg_ping(pool, 3000), 0, "%s: %s", ways[i], cc_fail_text());
    }
    restart(dir, "stop");
    cr_assert_eq(cc_pg_ping(pool, 3000), CC_E_DOWN);
    restart(dir, "start");
    int64_t end_ms = cc_clock_ms() + 3000;
    while (cc_pg_ping(pool, 3000) == CC_E_DOWN && cc_clock_ms() < end_ms)
        cc_loop_turn(10); /* a server that refused is not asked again at once */
    cr_assert_eq(cc_pg_ping(pool, 3000), 0, "%s", cc_fail_text());
    close(stop);
    waitpid(server, &status, 0);
}

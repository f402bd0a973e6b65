#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/task/task.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define FAT_FRAMES 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define FAT_FRAMES 1
#endif
#ifdef FAT_FRAMES /* red zones around every array */
#define DEEP  60
#define LEAST 1000 /* its arrays lie elsewhere */
#else
#define DEEP  200
#define LEAST (40 * 1000)
#endif

static void open_loop(void)
{
    cc_loop_init(NULL);
}

TestSuite(stack, .init = open_loop, .fini = cc_loop_done, .timeout = 20);

static void run_all(void)
{
    while (cc_task_live() > 0)
        cc_loop_turn(CC_NEVER);
}

/* Needs a good kilobyte for each level. */
static __attribute__((noinline)) int descend(int levels, const volatile char *above)
{
    volatile char space[1000];

    for (size_t i = 0; i < sizeof(space); i++)
        space[i] = (char)levels;
    return levels == 0 ? above[999] : descend(levels - 1, space) + space[5];
}

static void descend_task(void *arg)
{
    volatile char top[1000] = "";

    *(int *)arg = descend(*(int *)arg, top);
}

Test(stack, has_room_for_200_frames_of_a_kilobyte)
{
    int levels = DEEP;

    cc_task_spawn("deep", descend_task, &levels, NULL);

    cr_assert_eq(cc_task_live(), 0);
}

Test(stack, ends_the_process_on_its_guard_page, .signal = SIGSEGV)
{
    int levels = 100000;

    cc_task_spawn("endless", descend_task, &levels, NULL);
}

Test(stack, names_the_task_that_overflowed)
{
    int ends[2], status;
    char said[200] = "";
    pid_t pid;

    cr_assert_eq(pipe(ends), 0);
    if ((pid = fork()) == 0) {
        int levels = 100000;

        setrlimit(RLIMIT_CORE, &(struct rlimit){0});
        dup2(ends[1], STDERR_FILENO);
        cc_task_name_overflows();
        cc_task_spawn("GET /deep", descend_task, &levels, NULL);
        _exit(0);
    }
    close(ends[1]);
    cr_assert_eq(waitpid(pid, &status, 0), pid);

    cr_assert(WIFSIGNALED(status));
    cr_assert_eq(WTERMSIG(status), SIGSEGV);
    cr_assert_gt(read(ends[0], said, sizeof(said) - 1), 0);
    cr_assert_not_null(strstr(said, "task GET /deep: stack overflow"), "%s", said);
}

static void nap(void *arg)
{
    (void)arg;
    cc_sleep(1);
}

Test(stack, is_used_again)
{
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 10; i++)
            cc_task_spawn("nap", nap, NULL, NULL);
        run_all();
        cr_assert_eq(cc_task_stat()->spare, 10);
    }
    cr_assert_eq(cc_task_stat()->spawned, 30);
}

Test(stack, goes_back_to_the_system_beyond_the_spare_ones)
{
    cc_task_opts(64 * 1024, 4, false);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 10; i++)
            cc_task_spawn("nap", nap, NULL, NULL);
        run_all();
        cr_assert_eq(cc_task_stat()->spare, 4);
    }
}

Test(stack, that_is_painted_shows_how_deep_it_went)
{
    int levels = 40;

    cc_task_opts(256 * 1024, 10, true);
    cc_task_spawn("deep", descend_task, &levels, NULL);

    cr_assert_geq(cc_task_stat()->deepest, LEAST);
    cr_assert_leq(cc_task_stat()->deepest, 200 * 1024);
}

Test(stack, that_cannot_be_had_makes_the_spawn_fail)
{
    struct rlimit limit = {64 << 20, 64 << 20};
    int rc = 0, n = 0;

#ifdef FAT_FRAMES
    cr_skip_test("AddressSanitizer itself needs more address space than this");
#endif
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    while (rc == 0 && n++ < 1000)
        rc = cc_task_spawn("nap", nap, NULL, NULL);

    cr_assert_eq(rc, CC_E_BUSY);
    cr_assert_not_null(strstr(cc_fail_text(), "nap"));
    run_all(); /* those that there are go on */
}

static const char MARK[] = "a-password-on-a-stack";
static struct {
    char *at[3];
} marks;

/* Leaves the mark at three depths, with frames between that nobody writes to. */
static __attribute__((noinline)) void leave_mark(int depth)
{
    volatile char frame[7000];

    marks.at[depth] = (char *)(uintptr_t)&frame[3000];
    memcpy(marks.at[depth], MARK, sizeof MARK);
    if (depth > 0)
        leave_mark(depth - 1);
    __asm__ volatile("" ::"r"(frame) : "memory");
}

static void leave_marks(void *arg)
{
    (void)arg;
    leave_mark(2);
}

Test(stack, is_zeroed_when_its_task_has_ended)
{
#ifdef FAT_FRAMES
    cr_skip_test("AddressSanitizer does not let us look at a dead stack");
#endif
    cc_task_spawn("marks", leave_marks, NULL, NULL);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(memcmp(marks.at[i], MARK, sizeof MARK), 0, "left as it is, at first");

    cc_task_scrub(true);
    cc_task_spawn("marks", leave_marks, NULL, NULL);

    for (int i = 0; i < 3; i++)
        cr_expect_neq(memcmp(marks.at[i], MARK, sizeof MARK), 0, "depth %d", i);
    cc_task_scrub(false);
}

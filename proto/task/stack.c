/* Stacks with a guard page below, recycled; and the switch between them. */
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proto/task/inside.h"

#define STACK_BYTES (256 * 1024)
#define SPARE_MAX   1024
#define PAINT       0xA5
#define TOP_BYTES   1024 /* what body() needs of a stack */
#define SCRUB_BYTES 1024
#define CLEAN_BYTES (9 * 1024) /* more than any frame has */
#define BELOW       65536      /* a fault so far below a stack is its overflow */

struct cc_task *cc_task_running;

static struct {
    struct cc_context base;  /* the process's own stack */
    struct cc_context *left; /* whom the present one came from */
    struct cc_task *spare;   /* with a stack, parked in body() */
    struct cc_task *bare;    /* without one */
    size_t stack_bytes;
    int spare_max;
    bool paint, scrub;
} pool = {.stack_bytes = STACK_BYTES, .spare_max = SPARE_MAX};

void cc_task_opts(size_t stack_bytes, int spare, bool paint)
{
    pool.stack_bytes = stack_bytes;
    pool.spare_max = spare;
    pool.paint = paint;
}

static __attribute__((noinline)) void change(struct cc_context *from, struct cc_context *to,
                                             bool dying)
{
    cc_task_counts.switches++;
    pool.left = from;
    cc_san_leave(&from->san, &to->san, dying);
    swapcontext(&from->uc, &to->uc);
    cc_san_enter(&from->san, &pool.left->san);
}

/* Lies at the bottom of every stack; between two lives of the task it waits in here. */
static void body(void)
{
    struct cc_task *task = cc_task_running;

    cc_san_enter(&task->context.san, &pool.left->san);
    while (task->fn) {
        task->fn(task->arg);
        task->state = CC_TASK_DEAD;
        change(&task->context, &pool.base, false);
    }
    change(&task->context, &pool.base, true);
    abort();
}

void cc_stack_enter(struct cc_task *task)
{
    assert(!cc_task_running); /* tasks run on top of the process's stack only */
    cc_task_running = task;
    change(&pool.base, &task->context, false);
    cc_task_running = NULL;
}

void cc_stack_leave(void)
{
    change(&cc_task_running->context, &pool.base, false);
}

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* NULL when the kernel has no more. */
static char *map_stack(size_t size)
{
    size_t page = page_bytes();
    char *p = mmap(NULL, size + page, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        return NULL;
    if (mprotect(p + page, size, PROT_READ | PROT_WRITE) == -1) {
        munmap(p, size + page);
        return NULL;
    }
    return p + page;
}

static struct cc_task *bare_task(void)
{
    struct cc_task *task = pool.bare;

    if (task)
        pool.bare = task->next_spare;
    else if (!(task = calloc(1, sizeof(*task))))
        abort();
    return task;
}

/*
 * Once per stack: with shadow stacks makecontext maps one each time.  Not inlined, as getcontext
 * may return twice in the compiler's eyes.
 */
static __attribute__((noinline)) void make_context(struct cc_task *task)
{
    cc_san_make(&task->context.san, task->stack, task->size);
    getcontext(&task->context.uc);
    task->context.uc.uc_stack.ss_sp = task->stack;
    task->context.uc.uc_stack.ss_size = task->size;
    task->context.uc.uc_link = NULL;
    makecontext(&task->context.uc, body, 0);
}

static struct cc_task *task_on(char *stack, size_t size)
{
    struct cc_task *task = bare_task();

    task->stack = stack;
    task->size = size;
    make_context(task);
    return task;
}

struct cc_task *cc_stack_take(void)
{
    struct cc_task *task = pool.spare;

    if (task) {
        pool.spare = task->next_spare;
        cc_task_counts.spare--;
    } else {
        size_t size = pool.stack_bytes;
        char *stack = map_stack(size);

        if (!stack)
            return NULL;
        task = task_on(stack, size);
    }
    if (pool.paint) /* what body() needs lies above */
        memset(task->stack, PAINT, task->size - TOP_BYTES);
    cc_san_begin(&task->context.san);
    return task;
}

static void note_depth(const struct cc_task *task)
{
    size_t clean = 0;

    while (clean < task->size && (unsigned char)task->stack[clean] == PAINT)
        clean++;
    if (task->size - clean > cc_task_counts.deepest)
        cc_task_counts.deepest = task->size - clean;
}

static void unmap(struct cc_task *task)
{
    size_t page = page_bytes();

    task->fn = NULL; /* lets it out of body(), for the sanitizers' sake */
    cc_stack_enter(task);
    cc_san_free(&task->context.san);
    munmap(task->stack - page, task->size + page);
    task->stack = NULL;
    task->next_spare = pool.bare;
    pool.bare = task;
}

void cc_task_scrub(bool on)
{
    pool.scrub = on;
}

static bool is_zero(const char *bytes, size_t len)
{
    return bytes[0] == '\0' && memcmp(bytes, bytes + 1, len - 1) == 0;
}

/* From the top down to where nothing was written since the last time: that is what an untouched
 * page looks like, too.  A frame is smaller than CLEAN_BYTES, so none is stepped over. */
static void scrub(const struct cc_task *task)
{
    size_t clean = 0;

    for (size_t at = task->size - TOP_BYTES; at >= SCRUB_BYTES && clean < CLEAN_BYTES;) {
        at -= SCRUB_BYTES;
        if (is_zero(task->stack + at, SCRUB_BYTES))
            clean += SCRUB_BYTES;
        else {
            clean = 0;
            explicit_bzero(task->stack + at, SCRUB_BYTES);
        }
    }
}

void cc_stack_give(struct cc_task *task)
{
    cc_san_end(&task->context.san);
    if (pool.scrub && !pool.paint)
        scrub(task);
    if (pool.paint)
        note_depth(task);
    if (cc_task_counts.spare >= pool.spare_max) {
        unmap(task);
        return;
    }
    task->next_spare = pool.spare;
    pool.spare = task;
    cc_task_counts.spare++;
}

#define RED_ZONE 512 /* below a frame; x86-64 wants 128, madvise's own frame some more */

void cc_task_trim(void)
{
    const struct cc_task *task = cc_task_running;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0) - RED_ZONE, low;

    if (!task || pool.paint)
        return;
    low = (uintptr_t)task->stack;
    here &= ~((uintptr_t)page_bytes() - 1);
    if (here > low && here < low + task->size)
        madvise(task->stack, here - low, MADV_DONTNEED);
}

/* Only what a signal handler may call. */
static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(70);
}

static void on_fault(int sig, siginfo_t *info, void *uc)
{
    const struct cc_task *task = cc_task_running;
    const char *at = info->si_addr;

    (void)uc;
    if (task && at < task->stack && at >= task->stack - BELOW) {
        say("task ");
        say(task->name);
        say(": stack overflow\n");
    }
    signal(sig, SIG_DFL); /* the same instruction faults again and ends us, with a core */
}

void cc_task_name_overflows(void)
{
    static char alternate[16384];
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigaltstack(&stack, NULL);
    sigaction(SIGSEGV, &action, NULL);
}

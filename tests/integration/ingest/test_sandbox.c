#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ingest/parse/sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1 /* its runtime wants calls that the lists do not have */
#else
#define SANITIZED 0
#endif

/* What a child tries once it is inside; each returns 0 when it got through. */
static int try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int try_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) < 0;
}

static int try_fork(void)
{
    return fork() < 0;
}

static int try_exec(void)
{
    char *const argv[] = {"/bin/true", NULL};

    execve(argv[0], argv, argv + 1);
    return 1;
}

static int try_passwords(void)
{
    return open("/etc/passwd", O_RDONLY) < 0;
}

static int try_writing(void)
{
    return open("/tmp/cc-sandbox-was-here", O_CREAT | O_WRONLY, 0600) < 0;
}

static int try_killing(void)
{
    return kill(getppid(), 0) < 0;
}

static int try_memory(void)
{
    return mmap(NULL, 600u << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int try_growing(void)
{
    for (int mb = 0; mb < 600; mb += 4) {
        char *more = malloc(4 << 20);

        if (!more)
            return 1;
        memset(more, 1, 4 << 20);
    }
    return 0;
}

static int try_tracing(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0;
}

static int try_mounting(void)
{
    return mount("none", "/tmp", "tmpfs", 0, NULL) < 0;
}

static int try_shared_memory(void)
{
    return memfd_create("x", 0) < 0;
}

static int try_io_uring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == EPERM;
}

static int try_bpf(void)
{
    return syscall(SYS_bpf, 0, NULL, 0) < 0 && errno == EPERM;
}

static int try_keys(void)
{
    return syscall(SYS_keyctl, 0, 0, 0, 0, 0) < 0 && errno == EPERM;
}

static int try_namespaces(void)
{
    return unshare(CLONE_NEWUSER) < 0 && errno == EPERM;
}

static int try_reading_libraries(void)
{
    return open("/usr/bin/true", O_RDONLY) < 0;
}

/* 1: refused, 0: got through; anything else: the sandbox itself failed. */
static int inside(enum cc_sandbox_calls calls, int (*attempt)(void))
{
    int status;
    pid_t pid = fork();

    if (!pid) {
        if (cc_sandbox_limits() || cc_sandbox_files("/usr/bin/pdftotext") ||
            cc_sandbox_calls(calls))
            _exit(99);
        _exit(attempt());
    }
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static const struct {
    const char *what;
    int (*attempt)(void);
    bool also_program; /* refused to pdftotext, too */
} refused[] = {
    {"a socket", try_socket, true},
    {"a unix socket", try_unix_socket, true},
    {"a child", try_fork, true},
    {"another program", try_exec, true},
    {"/etc/passwd", try_passwords, true},
    {"a file of its own", try_writing, true},
    {"a signal to others", try_killing, true},
    {"600 MB", try_memory, true},
    {"600 MB, piece by piece", try_growing, true},
    {"tracing", try_tracing, true},
    {"a file system", try_mounting, true},
    {"memory with a name", try_shared_memory, true},
    {"io_uring", try_io_uring, true},
    {"BPF", try_bpf, true},
    {"keys of the kernel", try_keys, true},
    {"a name space", try_namespaces, true},
    {"any file", try_reading_libraries, false},
};

Test(parser, is_refused)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (SANITIZED && (refused[i].attempt == try_memory || refused[i].attempt == try_growing ||
                          !refused[i].also_program))
            continue;
        cr_expect_eq(inside(CC_CALLS_PARSER, refused[i].attempt), 1, "%s", refused[i].what);
        if (refused[i].also_program)
            cr_expect_eq(inside(CC_CALLS_PROGRAM, refused[i].attempt), 1, "pdftotext: %s",
                         refused[i].what);
    }
}

Test(parser, of_pdfs_may_read_its_libraries)
{
    cr_expect_eq(inside(CC_CALLS_PROGRAM, try_reading_libraries), 0);
}

Test(parser, would_get_all_of_it_outside)
{
    cr_expect_eq(try_socket(), 0);
    cr_expect_eq(try_passwords(), 0);
    cr_expect_eq(try_reading_libraries(), 0);
    cr_expect_eq(try_killing(), 0);
}

#include "ingest/parse/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proto/base/clean.h"
#include "proto/base/error.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

CC_CLEANER(scmp_filter_ctx, seccomp_release)

static int failed(const char *what)
{
    return cc_fail(CC_E_INTERNAL, "jail: %s: %s", what, strerror(errno));
}

static const struct limit {
    __rlimit_resource_t what;
    rlim_t value, slack; /* SIGXCPU at value, SIGKILL at value + slack */
} limits[] = {
    {RLIMIT_CPU, CC_SANDBOX_CPU, 2},
    {RLIMIT_FSIZE, 0, 0},
    {RLIMIT_NOFILE, 24, 0},
    {RLIMIT_CORE, 0, 0},
    {RLIMIT_MSGQUEUE, 0, 0},
    {RLIMIT_MEMLOCK, 0, 0},
    {RLIMIT_AS, CC_SANDBOX_MEMORY, 0}, /* last: AddressSanitizer's shadow alone is larger */
};

int cc_sandbox_limits(void)
{
    size_t n = sizeof limits / sizeof *limits - SANITIZED;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
        return failed("parent's death");
    if (syscall(SYS_close_range, 3u, ~0u, 0u))
        return failed("closing files");
    for (size_t i = 0; i < n; i++) {
        const struct limit *l = &limits[i];

        if (setrlimit(l->what, &(struct rlimit){l->value, l->value + l->slack}))
            return failed("limits");
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return failed("new privileges");
    return 0;
}

bool cc_sandbox_has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

/* A path that is not there needs no rule. */
static int allow_path(int rules, const char *path, uint64_t access)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = access};
    struct stat st;
    int rc;

    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return 0;
    if (!fstat(rule.parent_fd, &st) && !S_ISDIR(st.st_mode))
        rule.allowed_access &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
    rc = (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return rc;
}

static int add_rules(int rules, const char *program)
{
    static const char *const readable[] = {
        "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts", "/var/cache/fontconfig",
    };
    const char *const executable[] = {program, "/lib64/ld-linux-x86-64.so.2",
                                      "/lib/ld-linux-aarch64.so.1"};
    const uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    const uint64_t run = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;

    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++)
        if (allow_path(rules, readable[i], read))
            return -1;
    for (size_t i = 0; i < sizeof executable / sizeof *executable; i++)
        if (allow_path(rules, executable[i], run))
            return -1;
    return 0;
}

int cc_sandbox_files(const char *program)
{
    /* the rights of the first version: every kernel with Landlock knows them */
    struct landlock_ruleset_attr all = {.handled_access_fs =
                                            (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
    int rules, rc;

    if (!cc_sandbox_has_landlock())
        return 0;
    rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (rules < 0)
        return failed("Landlock");
    rc = add_rules(rules, program) || syscall(SYS_landlock_restrict_self, rules, 0)
             ? failed("Landlock's rules")
             : 0;
    close(rules);
    return rc;
}

static const char *const calls_of_all[] = {
    "read",
    "write",
    "readv",
    "writev",
    "pread64",
    "lseek",
    "close",
    "fstat",
    "newfstatat",
    "statx",
    "fcntl",
    "poll",
    "ppoll",
    "mmap",
    "munmap",
    "mremap",
    "mprotect",
    "madvise",
    "brk",
    "futex",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sigaltstack",
    "getpid",
    "gettid",
    "tgkill",
    "getrandom",
    "clock_gettime",
    "clock_getres",
    "gettimeofday",
    "time",
    "times",
    "getrusage",
    "sched_yield",
    "restart_syscall",
    "exit",
    "exit_group",
    "rseq",
    "set_robust_list",
    NULL,
};
static const char *const calls_of_parser[] = {"wait4", "waitid", NULL};
static const char *const calls_of_program[] = {
    "execve",     "open",     "openat",     "access",     "faccessat",
    "faccessat2", "readlink", "readlinkat", "stat",       "lstat",
    "getdents64", "statfs",   "fstatfs",    "arch_prctl", "set_tid_address",
    "prlimit64",  "uname",    "getcwd",     "sysinfo",    "sched_getaffinity",
    "getuid",     "geteuid",  "getgid",     "getegid",    "fadvise64",
    "dup",        NULL,
};
static const char *const *const calls_of[] = {
    [CC_CALLS_PROGRAM] = calls_of_program,
    [CC_CALLS_PARSER] = calls_of_parser,
};

/* Calls of another processor family resolve to an error and are left out. */
static int allow(scmp_filter_ctx filter, const char *const *names)
{
    for (; *names; names++) {
        int nr = seccomp_syscall_resolve_name(*names);

        if (nr >= 0 && seccomp_rule_add(filter, SCMP_ACT_ALLOW, nr, 0))
            return -1;
    }
    return 0;
}

int cc_sandbox_calls(enum cc_sandbox_calls which)
{
    CC_AUTO(seccomp_release)
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int rc;

    if (!filter || allow(filter, calls_of_all) || allow(filter, calls_of[which]))
        return failed("rules of seccomp");
    if (SANITIZED && allow(filter, calls_of_program))
        return failed("rules of seccomp");
    rc = seccomp_load(filter);
    if (rc) {
        errno = -rc;
        return failed("seccomp");
    }
    return 0;
}

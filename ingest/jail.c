#include "ingest/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ingest/parse/frame.h"
#include "ingest/parse/reader.h"
#include "ingest/parse/sandbox.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/task/task.h"

#define READ_BYTES 65536
#define PATH_BYTES 4096
#define AT_PAGE    24 /* bytes of " at page 5000" */
/* P records (parse/frame.h) of all pages there may be, and some more */
#define PAGES_BYTES ((size_t)16 * CC_EXTRACT_PAGES)

struct child {
    pid_t pid;
    int pidfd, out;
};

static int failed(const char *what, int err)
{
    return cc_fail(CC_E_INTERNAL, "jail: %s: %s", what, strerror(err));
}

/* The folder of this very program, then its bin/: so tests find what was built with them. */
static int find_beside(char path[PATH_BYTES])
{
    static const char *const names[] = {"cc-parse", "bin/cc-parse", "../bin/cc-parse"};
    ssize_t n = readlink("/proc/self/exe", path, PATH_BYTES - 32);

    while (n > 0 && path[n - 1] != '/')
        n--;
    if (n <= 0)
        return failed("/proc/self/exe", errno);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        memcpy(path + n, names[i], strlen(names[i]) + 1);
        if (!access(path, X_OK))
            return 0;
    }
    path[n] = '\0';
    return cc_fail(CC_E_NOTFOUND, "no cc-parse in %s", path);
}

static const char *pdftotext_of(const struct cc_jail *jail)
{
    return jail->pdftotext ? jail->pdftotext : cc_cfg(CC_CFG_PDFTOTEXT);
}

int cc_jail_check(const struct cc_jail *jail)
{
    char path[PATH_BYTES];
    int rc = jail->program ? 0 : find_beside(path);

    if (rc)
        return rc;
    if (jail->program && access(jail->program, X_OK))
        return cc_fail(CC_E_NOTFOUND, "%s: %s", jail->program, strerror(errno));
    if (access(pdftotext_of(jail), X_OK))
        return cc_fail(CC_E_NOTFOUND, "%s: %s (package poppler-utils)", pdftotext_of(jail),
                       strerror(errno));
    return 0;
}

/* A file without a name: nothing to fill while the child reads, and it cannot change any more. */
static int seal_bytes(const void *bytes, size_t len, int *ret)
{
    int fd = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const char *p = bytes;

    if (fd < 0)
        return failed("memfd", errno);
    for (size_t left = len; left;) {
        ssize_t n = write(fd, p, left);

        if (n < 0) {
            close(fd);
            return failed("memfd", errno);
        }
        p += n;
        left -= (size_t)n;
    }
    if (lseek(fd, 0, SEEK_SET) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)) {
        close(fd);
        return failed("memfd", errno);
    }
    *ret = fd;
    return 0;
}

static int spawn(const char *path, const char *how, int in, int out, pid_t *ret)
{
    const char *const argv[] = {path, how, NULL};
    const char *const env[] = {"LC_ALL=C.UTF-8", "ASAN_OPTIONS=detect_leaks=0", NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;
    int err;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    err = posix_spawn(ret, path, &files, &attr, (char *const *)argv, (char *const *)env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return err ? failed(path, err) : 0;
}

static int start(const struct cc_jail *jail, const char *how, int in, struct child *ret)
{
    char beside[PATH_BYTES];
    int pipe_fd[2], rc;

    rc = jail->program ? 0 : find_beside(beside);
    if (rc)
        return rc;
    if (pipe2(pipe_fd, O_CLOEXEC))
        return failed("pipe", errno);
    rc = spawn(jail->program ? jail->program : beside, how, in, pipe_fd[1], &ret->pid);
    close(pipe_fd[1]);
    if (rc) {
        close(pipe_fd[0]);
        return rc;
    }
    ret->out = pipe_fd[0];
    fcntl(ret->out, F_SETFL, O_NONBLOCK);
    ret->pidfd = (int)syscall(SYS_pidfd_open, ret->pid, 0);
    return 0;
}

/* Pages come first, and all the rest when the child has read them: only the beginning is scanned.
 */
static void look_at_page(const struct cc_jail_file *file, struct cc_jail_result *ret)
{
    int page = ret->out.len > PAGES_BYTES ? 0 : cc_frame_last_page(ret->out.bytes, ret->out.len);

    if (!page || page == ret->page)
        return;
    ret->page = page;
    if (file->on_page)
        file->on_page(file->arg, page);
}

/* 1 at the end of the stream. */
static int read_some(struct child *child, struct cc_buf *out)
{
    static char bytes[READ_BYTES]; /* nothing waits between read and append */
    ssize_t n = read(child->out, bytes, sizeof bytes);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : failed("read", errno);
    if (!n)
        return 1;
    cc_buf_add(out, bytes, (size_t)n);
    return cc_buf_over(out) ? cc_fail(CC_E_LIMIT, "more than %zu bytes of text", out->cap) : 0;
}

static int read_all(struct child *child, const struct cc_jail_file *file, int64_t deadline_ms,
                    struct cc_jail_result *ret)
{
    struct cc_fdwait ready;
    int rc = 0;

    cc_fdwait_init(&ready, child->out);
    while (!rc) {
        rc = cc_fdwait(&ready, CC_READ, deadline_ms);
        if (!rc)
            rc = read_some(child, &ret->out);
        if (!rc)
            look_at_page(file, ret);
    }
    cc_fdwait_done(&ready);
    return rc == 1 ? 0 : rc;
}

/* The end of a dead child is near, and a killed one cannot refuse: masked, so that none is left. */
static int reap(struct child *child)
{
    bool masked = cc_task_mask(true);
    int status = 0;

    if (child->pidfd >= 0)
        (void)cc_wait_fd(child->pidfd, CC_READ, cc_now() + 1000);
    kill(-child->pid, SIGKILL); /* its session: pdftotext, if that is left */
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    cc_task_mask(masked);
    if (child->pidfd >= 0)
        close(child->pidfd);
    close(child->out);
    return status;
}

static const char *at_page(int page, char out[AT_PAGE])
{
    out[0] = '\0';
    if (page)
        snprintf(out, AT_PAGE, " at page %d", page);
    return out;
}

static int judge(int status, int page)
{
    int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    char at[AT_PAGE];

    at_page(page, at);
    if (sig == SIGXCPU || sig == SIGKILL)
        return cc_fail(CC_E_LIMIT, "the parser was stopped after %d s of computing%s",
                       CC_SANDBOX_CPU, at);
    if (sig == SIGABRT)
        return cc_fail(CC_E_LIMIT, "the file takes too much memory to read%s", at);
    if (sig)
        return cc_fail(CC_E_PARSER, "the parser died of signal %d%s", sig, at);
    if (WEXITSTATUS(status))
        return cc_fail(CC_E_PARSER, "the parser ended with %d%s", WEXITSTATUS(status), at);
    return 0;
}

static int watch_over(const struct cc_jail *jail, const struct cc_jail_file *file,
                      struct child *child, struct cc_jail_result *ret)
{
    int wall_ms = jail->wall_ms ? jail->wall_ms : CC_JAIL_WALL_MS;
    int rc = read_all(child, file, cc_now() + wall_ms, ret), status;
    char at[AT_PAGE];

    if (rc)
        kill(-child->pid, SIGKILL);
    status = reap(child);
    if (rc == CC_E_TIMEOUT)
        return cc_fail(CC_E_LIMIT, "the parser was stopped after %g s%s", wall_ms / 1000.0,
                       at_page(ret->page, at));
    return rc ? rc : judge(status, ret->page);
}

int cc_jail_run(const struct cc_jail *jail, const struct cc_jail_file *file,
                struct cc_jail_result *ret)
{
    struct child child = {.pid = 0};
    int in = -1, rc;

    *ret = (struct cc_jail_result){.page = 0};
    rc = seal_bytes(file->bytes, file->len, &in);
    if (rc)
        return rc;
    rc = start(jail, file->is_text ? CC_PARSE_PAGES : pdftotext_of(jail), in, &child);
    close(in);
    if (rc)
        return rc;
    cc_buf_init(&ret->out, jail->cap_bytes ? jail->cap_bytes : CC_JAIL_CAP_BYTES);
    rc = watch_over(jail, file, &child, ret);
    if (rc)
        cc_buf_done(&ret->out);
    return rc;
}

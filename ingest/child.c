#include "ingest/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/error.h"

#define READ_BYTES 65536
#define END_MS     1000 /* between the end of the output and that of the child */

static int failed(const char *what, int err)
{
    return cc_fail(CC_E_INTERNAL, "child: %s: %s", what, strerror(err));
}

static int write_all(int fd, const char *p, size_t left)
{
    while (left) {
        ssize_t n = write(fd, p, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed("memfd", errno);
        p += n;
        left -= (size_t)n;
    }
    return 0;
}

/* A file without a name: nothing to fill while the child reads, and it cannot change any more. */
static int seal_bytes(const void *bytes, size_t len, int *ret)
{
    int fd = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING), rc;

    if (fd < 0)
        return failed("memfd", errno);
    rc = write_all(fd, bytes, len);
    if (!rc && (lseek(fd, 0, SEEK_SET) < 0 ||
                fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)))
        rc = failed("memfd", errno);
    if (rc) {
        close(fd);
        return rc;
    }
    *ret = fd;
    return 0;
}

/* detect_leaks: in a build with AddressSanitizer the jail has no way to look for them. */
static const char *const bare[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8",
                                   "ASAN_OPTIONS=detect_leaks=0", NULL};

static int spawn(const char *const *argv, int in, int out, pid_t *ret)
{
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
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    err = posix_spawn(ret, argv[0], &files, &attr, (char *const *)argv, (char *const *)bare);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return err ? failed(argv[0], err) : 0;
}

static int spawn_with_pipe(const char *const *argv, int in, struct cc_child *ret)
{
    int pipe_fd[2], rc;

    if (pipe2(pipe_fd, O_CLOEXEC))
        return failed("pipe", errno);
    rc = spawn(argv, in, pipe_fd[1], &ret->pid);
    close(pipe_fd[1]);
    if (rc) {
        close(pipe_fd[0]);
        return rc;
    }
    ret->out = pipe_fd[0];
    fcntl(ret->out, F_SETFL, O_NONBLOCK);
    ret->pidfd = (int)syscall(SYS_pidfd_open, ret->pid, 0);
    cc_fdwait_init(&ret->ready, ret->out);
    return 0;
}

int cc_child_start(const char *const *argv, const void *bytes, size_t len, struct cc_child *ret)
{
    int in = -1, rc = seal_bytes(bytes, len, &in);

    if (rc)
        return rc;
    rc = spawn_with_pipe(argv, in, ret);
    close(in);
    return rc;
}

static int read_some(struct cc_child *child, struct cc_buf *out)
{
    static char bytes[READ_BYTES]; /* nothing waits between read and append */
    ssize_t n = read(child->out, bytes, sizeof bytes);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : failed("read", errno);
    if (!n)
        return CC_E_NOTFOUND;
    cc_buf_add(out, bytes, (size_t)n);
    return cc_buf_over(out) ? cc_fail(CC_E_LIMIT, "more than %zu bytes", out->cap) : 0;
}

int cc_child_read(struct cc_child *child, int64_t deadline_ms, struct cc_buf *out)
{
    int rc = cc_fdwait(&child->ready, CC_READ, deadline_ms);

    return rc ? rc : read_some(child, out);
}

/* A killed task cannot refuse: masked, so that no child is left. */
int cc_child_end(struct cc_child *child, bool kill_now)
{
    bool masked = cc_task_mask(true);
    int status = 0;

    cc_fdwait_done(&child->ready);
    if (kill_now)
        kill(-child->pid, SIGKILL);
    if (child->pidfd >= 0)
        (void)cc_wait_fd(child->pidfd, CC_READ, cc_now() + END_MS);
    kill(-child->pid, SIGKILL); /* its session: grandchildren, and itself if it lives on */
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    cc_task_mask(masked);
    if (child->pidfd >= 0)
        close(child->pidfd);
    close(child->out);
    return status;
}

/*
 * process.h - cc-ingest itself, as a child of the test, with settings of the test's choice.
 */
#ifndef CC_TESTS_INGEST_PROCESS_H
#define CC_TESTS_INGEST_PROCESS_H

#include <criterion/criterion.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/ingest/files.h"

extern char **environ;

/* bin/cc-ingest of the same build; its log goes where the test's words go. */
static inline pid_t process_start(void)
{
    char path[4096];
    char *argv[] = {path, NULL};
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
    pid_t pid;

    while (n > 0 && path[n - 1] != '/')
        n--;
    memcpy(path + n, "bin/cc-ingest", sizeof "bin/cc-ingest");
    setenv("CC_TOKENS_DIR", files_path("var/models/tokens"), 0);
    setenv("CC_EMBED_MODEL_DIR", files_path("var/models/use"), 0);
    setenv("CC_LOG_LEVEL", "error", 0);
    cr_assert_eq(posix_spawn(&pid, path, NULL, NULL, argv, environ), 0, "%s", path);
    return pid;
}

/* The exit code, or 1000 and the signal that ended it. */
static inline int process_end(pid_t pid, int sig)
{
    int status;

    kill(pid, sig);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

#endif

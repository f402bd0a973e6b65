/*
 * process.h - cc-ingest itself, as a child of the test, with settings of the test's choice.
 */
#ifndef CC_TESTS_INGEST_PROCESS_H
#define CC_TESTS_INGEST_PROCESS_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/ingest/files.h"

extern char **environ;

static inline void process_copy(const char *from, const char *to)
{
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    struct stat st;

    cr_assert(in >= 0 && out >= 0 && fstat(in, &st) == 0, "%s", from);
    for (off_t left = st.st_size; left > 0;) {
        ssize_t n = sendfile(out, in, NULL, (size_t)left);

        cr_assert_gt(n, 0);
        left -= n;
    }
    close(in);
    close(out);
}

/* A program of the same build. */
static inline const char *process_program(const char *name, char out[4096])
{
    ssize_t n = readlink("/proc/self/exe", out, 4000);

    while (n > 0 && out[n - 1] != '/')
        n--;
    snprintf(out + n, 4096 - (size_t)n, "bin/%s", name);
    return out;
}

/* Its log goes where the test's words go. */
static inline pid_t process_start_at(char *path)
{
    char *argv[] = {path, NULL};
    pid_t pid;

    setenv("CC_TOKENS_DIR", files_path("var/models/tokens"), 0);
    setenv("CC_EMBED_MODEL_DIR", files_path("var/models/use"), 0);
    setenv("CC_LOG_LEVEL", "error", 0);
    cr_assert_eq(posix_spawn(&pid, path, NULL, NULL, argv, environ), 0, "%s", path);
    return pid;
}

static inline pid_t process_start(void)
{
    char path[4096];

    process_program("cc-ingest", path);
    return process_start_at(path);
}

/* The same beside a cc-parse that is this script. */
static inline pid_t process_start_with_parser(const char *script)
{
    char folder[] = "/tmp/cc-parser.XXXXXX", program[4096], from[4096], parser[4096];
    FILE *file;
    pid_t pid;

    cr_assert_not_null(mkdtemp(folder));
    snprintf(program, sizeof program, "%s/cc-ingest", folder);
    snprintf(parser, sizeof parser, "%s/cc-parse", folder);
    process_copy(process_program("cc-ingest", from), program);
    file = fopen(parser, "w");
    cr_assert_not_null(file);
    fputs(script, file);
    cr_assert_eq(fclose(file), 0);
    cr_assert_eq(chmod(parser, 0755), 0);
    pid = process_start_at(program);
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

/*
 * qdrant.h - a Qdrant for tests: the one that QDRANT_URL names, else
 * tests/support/doubles/qdrant.mjs in a process of its own, which holds our requests to Qdrant's
 * own description.
 */
#ifndef CC_TESTS_VEC_QDRANT_H
#define CC_TESTS_VEC_QDRANT_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/config.h"

struct qdrant {
    pid_t pid; /* 0: not ours */
    int in;    /* it ends when this is closed */
    bool checked;
    char url[256];
};

static inline void qdrant_path(const char *within, char out[512])
{
    const char *end = strstr(__FILE__, "tests/integration/vec/qdrant.h");

    snprintf(out, 512, "%.*s%s", (int)(end - __FILE__), __FILE__, within);
}

/* Without its npm packages it runs all the same, but believes every request. */
static inline void qdrant_exec(bool checked)
{
    char script[512], contract[512];

    qdrant_path("tests/support/doubles/qdrant.mjs", script);
    qdrant_path("tests/fixtures/qdrant/openapi-1.19.json", contract);
    execlp("node", "node", script, "--key", "secret", checked ? "--contract" : (char *)NULL,
           contract, (char *)NULL);
    _exit(127);
}

static inline void qdrant_run(struct qdrant *q)
{
    int in[2], out[2];
    char line[64] = "";

    cr_assert_eq(pipe2(in, O_CLOEXEC) + pipe2(out, O_CLOEXEC), 0);
    q->pid = fork();
    cr_assert_geq(q->pid, 0);
    if (q->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(in[0], 0);
        dup2(out[1], 1);
        qdrant_exec(q->checked);
    }
    close(in[0]);
    close(out[1]);
    q->in = in[1];
    FILE *said = fdopen(out[0], "r");
    cr_assert_not_null(fgets(line, sizeof line, said), "node did not start");
    fclose(said);
    cr_assert_eq(strncmp(line, "port ", 5), 0);
    snprintf(q->url, sizeof q->url, "http://127.0.0.1:%d", (int)strtol(line + 5, NULL, 10));
}

/* Sets CC_QDRANT_URL and CC_QDRANT_KEY. */
static inline void qdrant_start(struct qdrant *q)
{
    const char *live = getenv("QDRANT_URL"), *key = getenv("QDRANT_KEY");
    char ajv[512];

    *q = (struct qdrant){0};
    qdrant_path("tests/support/doubles/node_modules/ajv/package.json", ajv);
    q->checked = !live && access(ajv, R_OK) == 0;
    if (live)
        snprintf(q->url, sizeof q->url, "%s", live);
    else
        qdrant_run(q);
    if (!live && !q->checked)
        fprintf(stderr, "qdrant: requests are not held to the contract (npm ci was not run)\n");
    cc_config_set(CC_CFG_QDRANT_URL, q->url);
    cc_config_set(CC_CFG_QDRANT_KEY, live ? (key ? key : "") : "secret");
}

static inline void qdrant_end(struct qdrant *q)
{
    if (!q->pid)
        return;
    close(q->in);
    waitpid(q->pid, NULL, 0);
}

#endif

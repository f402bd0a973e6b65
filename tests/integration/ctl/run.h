/*
 * run.h - cc-ctl, called as its main() does, and what it showed.
 */
#ifndef CC_TESTS_CTL_RUN_H
#define CC_TESTS_CTL_RUN_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "infra/ctl/ctl.h"
#include "proto/base/json.h"

static char shown[65536];

/* Runs "cc-ctl WORDS..." and keeps what it showed. */
static inline int ctl(const char *words)
{
    static char copy[2000];
    char *argv[40] = {"cc-ctl"}, *rest = NULL;
    int argc = 1, saved = dup(1), file = open("/tmp", O_TMPFILE | O_RDWR, 0600), rc;

    snprintf(copy, sizeof copy, "%s", words);
    for (char *w = strtok_r(copy, "|", &rest); w; w = strtok_r(NULL, "|", &rest))
        argv[argc++] = w;
    fflush(stdout);
    dup2(file, 1);
    rc = cc_ctl_main(argc, argv);
    fflush(stdout);
    dup2(saved, 1);
    ssize_t n = pread(file, shown, sizeof shown - 1, 0);
    shown[n > 0 ? n : 0] = '\0';
    close(file);
    close(saved);
    return rc;
}

static inline json_t *shown_json(void)
{
    json_t *value = json_loads(shown, 0, NULL);

    cr_assert_not_null(value, "no JSON: %s", shown);
    return value;
}

#endif

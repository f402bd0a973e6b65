#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/config.h"
#include "proto/run/run.h"

Test(instance, names_host_process_and_start)
{
    char host[65] = "", pid[32];
    const char *name = cc_run_instance();

    gethostname(host, sizeof host - 1);
    snprintf(pid, sizeof pid, "-%ld-", (long)getpid());
    cr_expect_eq(strncmp(name, host, strlen(host)), 0, "%s", name);
    cr_expect(strstr(name, pid), "%s", name);
    cr_expect_gt(strtoull(strrchr(name, '-') + 1, NULL, 10), 0);
    cr_expect_str_eq(cc_run_instance(), name);
}

Test(instance, of_a_child_is_another)
{
    char name[128];
    int status;

    snprintf(name, sizeof name, "%s", cc_run_instance());
    pid_t child = fork();
    if (child == 0)
        _exit(strcmp(cc_run_instance(), name) == 0);
    waitpid(child, &status, 0);
    cr_expect_eq(status, 0);
}

Test(instance, may_be_given)
{
    cr_assert_eq(cc_config_set(CC_CFG_INSTANCE, "left-rack-3"), 0);
    cr_expect_str_eq(cc_run_instance(), "left-rack-3");
}

/* The same tests of passages once more, on a server without pgvector. */
#include <criterion/criterion.h>
#include <libgen.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/store.h"

static int run_exact(char *test)
{
    static char servers[4096];
    const char *here = __FILE__, *end = strstr(here, "tests/integration");
    char *argv[] = {servers, "--exact", "--", test, "-j1", NULL};
    pid_t pid;
    int status;

    snprintf(servers, sizeof servers, "%.*stests/support/servers", (int)(end - here), here);
    unsetenv("BXFI_MAP"); /* or the other Criterion takes itself for a child of ours */
    cr_assert_eq(posix_spawn(&pid, servers, NULL, NULL, argv, environ), 0);
    waitpid(pid, &status, 0);
    return status;
}

Test(exact_store, passes_the_tests_of_passages, .timeout = 120)
{
    static char self[4096], test[4200];

    cr_assert_gt(readlink("/proc/self/exe", self, sizeof self - 1), 0);
    snprintf(test, sizeof test, "%s/integration_store_test_chunk", dirname(self));

    cr_assert_eq(run_exact(test), 0);
}

Test(exact_store, says_its_name, .timeout = 60)
{
    struct store s;
    const char *name, *again;

    store_open(&s);
    bool vector = store_sql(&s, "CC_PG_SUPER",
                            "SELECT 1 FROM pg_attribute WHERE attrelid = 'chunk_vectors'::regclass"
                            " AND attname = 'v' AND atttypid <> 'bytea'::regtype") != NULL;
    cr_assert_eq(cc_chunk_store_name(s.pg, &name), 0);
    cr_assert_eq(cc_chunk_store_name(s.pg, &again), 0);
    store_close(&s);

    cr_assert_str_eq(name, vector ? "pgvector" : "exact");
    cr_assert_str_eq(again, name);
}

/* Connection strings: proto/store/pg_connect.c. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/store/pg_inside.h"

Test(conninfo, keeps_socket_folders_and_gives_numbers_for_the_rest)
{
    static const struct {
        const char *from, *has, *has_not;
    } table[] = {
        {"host=/run/x user=u", "host='/run/x'", "hostaddr"},
        {"host=127.0.0.1 user=u", "hostaddr='127.0.0.1'", "hostaddr='/"},
        {"host=::1", "hostaddr='::1'", "hostaddr='/"},
        {"postgresql://u:p%20w@127.0.0.1:5433/d", "port='5433'", "port='5432'"},
        {"host=/x password='a\\'b'", "password='a\\'b'", "hostaddr"},
        {"host=x hostaddr=10.0.0.1", "hostaddr='10.0.0.1'", "hostaddr='x"},
        {"host=/x options='-c jit=off'", "options='-c jit=off'", "statement_timeout"},
    };
    char *got;

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        cr_assert_eq(cc_pg_resolve(table[i].from, &got), 0, "%s: %s", table[i].from,
                     cc_fail_text());
        cr_assert(strstr(got, table[i].has), "%s gives %s", table[i].from, got);
        cr_assert_not(strstr(got, table[i].has_not), "%s gives %s", table[i].from, got);
        free(got);
    }
    cr_assert_eq(cc_pg_resolve("host=localhost user=u", &got), 0);
    cr_assert(strstr(got, "hostaddr='127.0.0.1'") || strstr(got, "hostaddr='::1'"), "%s", got);
    free(got);
}

Test(conninfo, that_is_too_long_is_refused)
{
    static char text[8000] = "host=/x password=";
    char *got;

    memset(text + strlen(text), 'x', sizeof text - strlen(text) - 1);
    cr_assert_eq(cc_pg_resolve(text, &got), CC_E_TOOBIG);
}

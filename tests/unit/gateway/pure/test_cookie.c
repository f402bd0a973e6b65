#include <criterion/criterion.h>
#include <string.h>

#include "gateway/pure/cookie.h"

struct row {
    const char *header, *value; /* NULL: none */
};

Test(cookie, is_the_first_of_exactly_its_name)
{
    static const struct row table[] = {
        {NULL, NULL},
        {"", NULL},
        {"a", NULL},
        {"a=", NULL},
        {"a=1", "1"},
        {"a=1; b=2", "1"},
        {"b=2; a=1", "1"},
        {"b=2;a=1", "1"},
        {"b=2;\ta=1;c=3", "1"},
        {"a=1; a=2", "1"},
        {"aa=1", NULL},
        {"A=1", NULL},
        {"a =1", NULL},
        {"b=a=1", NULL},
        {"b=2; xa=1", NULL},
        {"a=x=y", "x=y"},
        {";;;a=1", "1"},
        {"a=1;", "1"},
        {"a=12345678", NULL}, /* does not fit */
        {"a=1234567", "1234567"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char out[8] = "untold";
        bool found = cc_cookie_get(table[i].header, "a", out, sizeof out);

        cr_assert_eq(found, table[i].value != NULL, "%s", table[i].header);
        cr_assert_str_eq(out, table[i].value ? table[i].value : "untold", "%s", table[i].header);
    }
}

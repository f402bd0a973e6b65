/* The migrations that are compiled in: proto/store/migrate.c. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/store/migrate.h"
#include "proto/store/schema_files.h"

Test(migrations, are_numbered_without_a_gap)
{
    int n = 0;

    for (const struct cc_schema_file *f = cc_schema_files; f->sql; f++) {
        cr_assert_eq(f->number, ++n, "%s", f->name);
        cr_assert_gt(strlen(f->sql), 100);
    }
    cr_assert_eq(cc_schema_newest(), n);
}

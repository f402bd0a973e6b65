/* Loaders that pages pin: proto/store/loader.h. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/hash.h"
#include "proto/store/loader.h"
#include "tests/support/store.h"

static struct store s;
static char version[9];

/* Bytes that no other test has. */
static void setup(void)
{
    char sum[CC_SHA256_HEX];

    store_open(&s);
    snprintf(version, sizeof version, "%.8s", cc_sha256_hex(s.tenant, strlen(s.tenant), sum));
}

static void teardown(void)
{
    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem, "DELETE FROM loaders WHERE version = '%s'", version));
    store_close(&s);
}

TestSuite(loaders, .init = setup, .fini = teardown, .timeout = 60);

static bool listed(void)
{
    const char *const *all;
    int n;

    cr_assert_eq(cc_loader_versions(s.pg, s.mem, &all, &n), 0, "%s", cc_fail_text());
    for (int i = 0; i < n; i++)
        if (strcmp(all[i], version) == 0)
            return true;
    return false;
}

Test(loaders, are_kept_as_they_were_first)
{
    static const char bytes[] = "(() => {})()\0\xff", others[] = "something else";
    struct cc_loader got;

    cr_expect_eq(cc_loader_get(s.pg, version, s.mem, &got), CC_E_NOTFOUND);
    cr_expect_not(listed());
    cr_assert_eq(cc_loader_put(s.pg, &(struct cc_loader){version, bytes, sizeof bytes}), 0, "%s",
                 cc_fail_text());
    cr_assert_eq(cc_loader_put(s.pg, &(struct cc_loader){version, others, sizeof others}), 0,
                 "another gateway has been before us");

    cr_assert_eq(cc_loader_get(s.pg, version, s.mem, &got), 0, "%s", cc_fail_text());
    cr_expect_str_eq(got.version, version);
    cr_expect_eq(got.len, sizeof bytes);
    cr_expect_eq(memcmp(got.bytes, bytes, sizeof bytes), 0);
    cr_expect(listed());
}

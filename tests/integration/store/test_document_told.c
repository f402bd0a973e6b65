#include <criterion/criterion.h>

#include "proto/store/document.h"
#include "tests/support/store.h"

static struct store s;
static char doc[CC_ID_MAX];

static void setup(void)
{
    store_open(&s);
    store_document(&s, "text", doc);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(document_told, .init = setup, .fini = teardown, .timeout = 60);

static struct cc_document_status status(void)
{
    struct cc_document_status now;

    cr_assert_eq(cc_document_status(s.pg, s.tenant, doc, s.mem, &now), 0, "%s", cc_fail_text());
    return now;
}

Test(document_told, shows_progress_that_never_falls_and_keeps_the_status)
{
    store_claim(&s, doc);

    cr_assert_eq(cc_document_told(s.pg, s.tenant, doc, 40, "scanning"), 0, "%s", cc_fail_text());
    cr_expect_eq(status().progress, 40);
    cr_expect_str_eq(status().step, "scanning");
    cr_expect_str_eq(status().status, "parsing");

    cr_assert_eq(cc_document_told(s.pg, s.tenant, doc, 20, NULL), 0, "%s", cc_fail_text());
    cr_expect_eq(status().progress, 40);
    cr_expect_str_eq(status().step, "scanning");
}

Test(document_told, does_not_prove_the_worker_alive)
{
    struct cc_document_hold hold = store_claim(&s, doc);
    struct cc_document_lease lease = {s.tenant, doc, "next", 1000, 3};
    struct cc_document_claimed claimed;

    cr_assert_eq(cc_document_release(s.pg, &hold), 0);
    cc_document_told(s.pg, s.tenant, doc, 40, NULL);

    cr_assert_eq(cc_document_claim(s.pg, &lease, &claimed), 0, "%s", cc_fail_text());
    cr_expect_eq(claimed.outcome, CC_DOC_OURS);
}

Test(document_told, is_refused_for_what_nobody_works_on_and_for_another_tenant)
{
    struct store other;

    cr_expect_eq(cc_document_told(s.pg, s.tenant, doc, 40, "x"), CC_E_CONFLICT);
    cr_expect_eq(status().progress, 0);
    store_other(&s, &other);
    store_claim(&s, doc);
    cr_expect_eq(cc_document_told(s.pg, other.tenant, doc, 40, "x"), CC_E_NOTFOUND);
    cr_expect_eq(status().progress, 0);
}

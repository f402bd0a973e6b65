/*
 * internal.c - what programs of ours that are no part of the house tell it.
 */
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/news.h"
#include "gateway/routes.h"
#include "proto/base/config.h"

#define STEP_MAX 64

struct progress {
    const char *document, *client, *step;
    int64_t progress;
};
#define AT(member) offsetof(struct progress, member)
static const struct cc_form_field fields[] = {
    {"documentId", CC_FIELD_ID, AT(document), .prefix = "doc", .wanted = true},
    {"clientId", CC_FIELD_ID, AT(client), .prefix = "ten", .wanted = true},
    {"progress", CC_FIELD_NUMBER, AT(progress), .max = 100},
    {"currentStep", CC_FIELD_TEXT, AT(step), .max = STEP_MAX},
};

/* In a time that does not tell how much of it was right. */
static bool same(const char *a, const char *b)
{
    size_t len = strlen(b), n = strlen(a);
    unsigned differ = len != n;

    for (size_t i = 0; i < n; i++)
        differ |= (unsigned char)a[i] ^ (unsigned char)b[len ? i % len : 0];
    return differ == 0;
}

static int check_secret(struct cc_rq *rq)
{
    const char *given = cc_rq_header(rq, "x-internal-secret");
    const char *secret = cc_cfg(CC_CFG_INTERNAL_SECRET);

    if (!*secret)
        return cc_fail(CC_E_NOTFOUND, "the internal routes are closed");
    if (!given || !same(given, secret))
        return cc_fail(CC_E_AUTH, "x-internal-secret is not the right one");
    return 0;
}

/* What is shown; how the document fares is decided by who works on it. */
int cc_post_document_progress(struct cc_rq *rq)
{
    struct progress told = {.progress = 0};
    struct cc_document_status now;
    int rc = check_secret(rq);

    if (rc == 0)
        rc = CC_INPUT_FORM(rq, fields, &told);
    if (rc == 0)
        rc = cc_document_told(cc_gateway()->pg, told.client, told.document, told.progress,
                              told.step);
    if (rc == CC_E_CONFLICT)
        return cc_fail(rc, "the document is not being worked on");
    if (rc == 0)
        rc = cc_document_status(cc_gateway()->pg, told.client, told.document, rq->mem, &now);
    if (rc != 0)
        return rc;
    cc_news_progress(told.client, &now);
    return cc_reply_bytes(rq, 204, NULL, "", 0);
}

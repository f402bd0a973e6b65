/*
 * bot_page.c - the chat as a page of its own, and as the page in a frame.
 *
 * One file for all bots; what differs is who may frame it, and that is a header.  So the page is
 * kept by nobody: a list of origins that changes must hold at once.
 */
#include "gateway/credential.h"
#include "gateway/guests.h"
#include "gateway/pure/files.h"
#include "gateway/pure/page_policy.h"
#include "gateway/routes.h"
#include "proto/base/config.h"

/* Waits.  By its id or by a public key: whichever the page that embeds it has.  No secret key
 * belongs into an address, and without a public one there is nothing to chat with. */
static int find_bot(struct cc_rq *rq, struct cc_guest *ret)
{
    const char *shown = cc_rq_param(rq, "botId");
    int rc = cc_credential_public(shown) ? cc_guest_find(shown, true, rq->mem, ret) : CC_E_AUTH;

    return rc == CC_E_AUTH ? cc_fail(CC_E_NOTFOUND, "there is no such bot") : rc;
}

static void add_headers(struct cc_rq *rq, const struct cc_bot *bot)
{
    const struct cc_page_policy policy = {.origins = bot->origins,
                                          .widget = bot->widget,
                                          .public_url = cc_cfg(CC_CFG_PUBLIC_URL),
                                          .host = cc_rq_header(rq, "host")};

    cc_reply_header(rq, "content-security-policy", cc_page_policy_print(&policy, rq->mem));
    cc_reply_header(rq, "cache-control", "no-store");
    cc_reply_header(rq, "referrer-policy", "same-origin");
    cc_reply_header(rq, "permissions-policy",
                    "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
}

int cc_get_bot_page(struct cc_rq *rq)
{
    const struct cc_file *page = cc_files_find("/page.html");
    struct cc_file_answer answer;
    struct cc_guest guest;
    int rc = page ? find_bot(rq, &guest)
                  : cc_fail(CC_E_NOTFOUND, "the widget's files have not been built");

    if (rc != 0)
        return rc;
    answer = cc_file_pick(page, NULL, cc_rq_header(rq, "accept-encoding"), NULL);
    add_headers(rq, &guest.bot);
    cc_reply_header(rq, "vary", "accept-encoding");
    if (answer.gzipped)
        cc_reply_header(rq, "content-encoding", "gzip");
    rq->reply.lasting = true;
    return cc_reply_bytes(rq, 200, page->type, answer.bytes, answer.len);
}

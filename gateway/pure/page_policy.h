/*
 * page_policy.h - the content security policy of a bot's own pages, /chat/{botId} and
 * /embed/{botId}.
 *
 * What owners write goes into a header here.  Only what parses as an origin does, in the form in
 * which it is compared (origin.h): no text of theirs ends a directive or begins another.  Sources
 * that the grammar of policies has no words for, such as IPv6 addresses, are left out.
 */
#ifndef CC_GATEWAY_PURE_PAGE_POLICY_H
#define CC_GATEWAY_PURE_PAGE_POLICY_H

#include "proto/base/arena.h"

/* Bytes; of a longer list of origins the rest may not frame it. */
#define CC_PAGE_POLICY_MAX 32768

struct cc_page_policy {
    const char *origins; /* JSON array of patterns: the pages that may frame it, beside our own */
    const char *widget;  /* JSON object: whose logo and avatar are shown */
    const char *public_url, *host; /* where its WebSockets go; host counts where public_url is "" */
};
const char *cc_page_policy_print(const struct cc_page_policy *of, struct cc_arena *mem);

#endif

/*
 * scan.h - the text member of a model's message, found without a JSON tree: one of these comes
 * with every token, and a tree costs four times as much as all the rest.
 */
#ifndef CC_WORKER_LLM_SCAN_H
#define CC_WORKER_LLM_SCAN_H

#include <stdint.h>

#include "proto/base/buf.h"

/* A pair of surrogates may come in two messages. */
struct cc_scan {
    uint32_t high; /* the first half of one, 0: none */
};

/*
 * at points behind the opening quote of a JSON string.  Appends its text to out and returns
 * what follows the closing quote; NULL (and out as it was) when the string is not closed before
 * end, holds control characters or a wrong escape, or is not UTF-8.  Half surrogates and U+0000
 * become U+FFFD.
 */
const char *cc_scan_string(struct cc_scan *scan, const char *at, const char *end,
                           struct cc_buf *out);

/* A half pair that was never completed becomes U+FFFD. */
void cc_scan_flush(struct cc_scan *scan, struct cc_buf *out);

/* Where needle ends in [at, end); NULL if it is not there. */
const char *cc_scan_past(const char *at, const char *end, const char *needle);

#endif

/*
 * models.h - where the tests find the rank files: CC_TOKENS_DIR, else var/models of the sources.
 */
#ifndef CC_TESTS_INGEST_MODELS_H
#define CC_TESTS_INGEST_MODELS_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/tokens.h"
#include "proto/base/error.h"

static inline const char *models_tokens_dir(void)
{
    static char path[4096] = __FILE__;
    const char *set = getenv("CC_TOKENS_DIR");
    char *at = strstr(path, "tests/unit/ingest/models.h");

    if (set)
        return set;
    if (at)
        memcpy(at, "var/models/tokens", sizeof "var/models/tokens");
    return path;
}

static inline struct cc_tokens *models_tokens(void)
{
    struct cc_tokens *tokens = NULL;
    int rc = cc_tokens_open(models_tokens_dir(), CC_TOKENS_ENCODING, &tokens);

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    return tokens;
}

#endif

/* The token decoder: what it takes for a token is signed, and is none any more when it is cut. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/seal/token.h"

#define KEY "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever it says, signed: so that what lies behind the signature is reached. */
static const char *dressed(const struct cc_token_keys *keys, json_t *claims, struct cc_arena *mem)
{
    const struct cc_token_life life = {.audience = "dashboard", .now_s = 1000, .for_s = 900};
    const char *token = NULL;

    return cc_token_mint(keys, &life, claims, mem, &token) == 0 ? token : NULL;
}

static void read_it(const struct cc_token_keys *keys, const char *token, bool good)
{
    const struct cc_token_rule rule = {.audience = "dashboard", .now_s = 1000};
    const struct cc_secret other = {"a secret of others", 18};
    json_t *claims = NULL;

    if ((cc_token_verify(keys, token, &rule, &claims) == 0) != good)
        abort();
    json_decref(claims);
    claims = NULL;
    if (cc_token_verify_with(other, token, &rule, &claims) == 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new((size_t)8 << 20);
    struct cc_token_keys keys = {0}, parsed;
    char *text = cc_arena_dupn(mem, (const char *)data, size);
    const char *token;
    json_t *claims;

    cc_token_keys_parse("new:" KEY, &keys);
    cc_token_keys_parse(text, &parsed);
    read_it(&keys, text, false);
    if (cc_json_parse(text, strlen(text), &claims) == 0) {
        if (!json_is_object(claims))
            json_decref(claims);
        else if ((token = dressed(&keys, claims, mem))) {
            read_it(&keys, token, true);
            read_it(&keys, cc_arena_dupn(mem, token, strlen(token) - 1), false);
        }
    }
    cc_arena_free(&mem);
    return 0;
}

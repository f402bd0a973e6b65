#include "gateway/auth.h"

#include <string.h>

#include "gateway/pure/address.h"
#include "gateway/rates.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/email.h"
#include "proto/base/hash.h"
#include "proto/base/text.h"
#include "proto/seal/password.h"
#include "proto/wire/names.h"

#define EVERYBODY "-" /* in place of a tenant */

static struct cc_token_keys token_keys;

int cc_auth_open(void)
{
    return cc_token_keys_parse(cc_cfg(CC_CFG_TOKEN_KEYS), &token_keys);
}

const struct cc_token_keys *cc_auth_keys(void)
{
    return &token_keys;
}

int cc_auth_mint(struct cc_rq *rq, const char *audience, int64_t for_s, json_t *claims,
                 const char **ret)
{
    const struct cc_token_life life = {
        .audience = audience, .now_s = cc_unix_ms() / 1000, .for_s = for_s};

    return cc_token_mint(&token_keys, &life, claims, rq->mem, ret);
}

int cc_auth_verify(const char *token, const char *audience, json_t **ret)
{
    const struct cc_token_rule rule = {.audience = audience, .now_s = cc_unix_ms() / 1000};

    return cc_token_verify(&token_keys, token, &rule, ret);
}

/* ---- what people type ---- */

int cc_auth_email(const char *email, struct cc_arena *mem, const char **ret_key)
{
    char key[CC_EMAIL_MAX + 1];

    if (!cc_email_key(email, key))
        return cc_fail(CC_E_INVALID, "email: wants an address such as name@example.com");
    *ret_key = cc_arena_dup(mem, key);
    return 0;
}

int cc_auth_password(const char *name, const json_t *value, struct cc_arena *mem, const char **ret)
{
    size_t chars = json_is_string(value)
                       ? cc_utf8_count(json_string_value(value), json_string_length(value))
                       : 0;

    if (chars < CC_PASSWORD_MIN || chars > CC_PASSWORD_MAX)
        return cc_fail(CC_E_INVALID, "%s: wants %d to %d characters", name, CC_PASSWORD_MIN,
                       CC_PASSWORD_MAX);
    *ret = cc_arena_dup(mem, json_string_value(value));
    return 0;
}

static struct cc_gate gate(struct cc_rq *rq, const char *kind, const char *who)
{
    char *name = cc_arena_get(rq->mem, CC_NAME_MAX);

    return (struct cc_gate){.key = cc_name_gate(kind, EVERYBODY, who, name),
                            .limit = cc_cfg_int(CC_CFG_LOGIN_TRIES),
                            .window_ms = CC_RATES_MINUTE_MS};
}

int cc_auth_count(struct cc_rq *rq, const char *email_key)
{
    char address[CC_ADDRESS_NAME], hash[CC_SHA256_HEX];
    struct cc_gate gates[2] = {gate(rq, "login-address", cc_address_name(rq->address, address))};
    int n = 1;

    if (*email_key)
        gates[n++] = gate(rq, "login-email", cc_sha256_hex(email_key, strlen(email_key), hash));
    return cc_rates_pass(rq, gates, n);
}

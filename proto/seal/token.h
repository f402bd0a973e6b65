/*
 * token.h - what we or a tenant's server say of somebody, signed: JSON Web Tokens (RFC 7519) of one
 * algorithm, HS256.
 *
 *     {"alg":"HS256","typ":"JWT","kid":"..."} . {"iss":"chatconnect","aud":...,"iat":...,"nbf":...,
 *     "exp":..., and what the caller adds} . HMAC-SHA256 of both as they stand
 *
 * The algorithm is never read from a token, only compared; kid is looked up among ours by its very
 * bytes.  Nothing of the payload is looked at before the signature is right.  Every refusal is
 * AUTH.
 */
#ifndef CC_SEAL_TOKEN_H
#define CC_SEAL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/json.h"

#define CC_TOKEN_MAX    4096 /* characters */
#define CC_TOKEN_LEEWAY 30   /* seconds that clocks may differ */
#define CC_TOKEN_KEYS   8
#define CC_KID_MAX      33 /* with the NUL */
#define CC_TOKEN_KEY    32 /* bytes */
#define CC_CSRF_MAX     44 /* with the NUL */
#define CC_HMAC_HEX     65

/* What a token of ours is good for. */
#define CC_AUD_DASHBOARD "dashboard"
#define CC_AUD_REFRESH   "refresh"
#define CC_AUD_INVITE    "invite"
#define CC_AUD_RESET     "reset"

struct cc_token_keys { /* the first signs, all verify */
    int n;
    struct {
        char kid[CC_KID_MAX];
        unsigned char key[CC_TOKEN_KEY];
    } at[CC_TOKEN_KEYS];
};
/* "KID:64 hex digits" with commas between; "": none.  INVALID without a word of the keys. */
int cc_token_keys_parse(const char *text, struct cc_token_keys *ret);

/* Takes claims: the members beside iss, aud, iat, nbf and exp.  *ret lives in mem.  DOWN: there is
 * no key. */
struct cc_token_life {
    const char *audience;
    int64_t now_s, for_s; /* Unix time; how long it is good */
};
int cc_token_mint(const struct cc_token_keys *keys, const struct cc_token_life *life,
                  json_t *claims, struct cc_arena *mem, const char **ret);

struct cc_token_rule {
    const char *audience; /* NULL: whatever it says */
    int64_t now_s;
    int64_t ahead_s; /* exp may lie so far ahead at most; 0: any */
};
/* A token of ours.  *ret is the caller's to json_decref. */
int cc_token_verify(const struct cc_token_keys *keys, const char *token,
                    const struct cc_token_rule *rule, json_t **ret);

/* A token that others made with a key that both know: typ may be missing, kid says nothing, iss is
 * theirs.  exp is wanted. */
struct cc_secret {
    const void *bytes;
    size_t len; /* 0 is refused */
};
int cc_token_verify_with(struct cc_secret key, const char *token, const struct cc_token_rule *rule,
                         json_t **ret);

/* HMAC-SHA256 in hex. */
char *cc_hmac_hex(struct cc_secret key, const char *text, char out[CC_HMAC_HEX]);
/* 64 hex digits to 32 bytes (CC_IDENTITY_KEY); false: they are something else. */
bool cc_hex_key(const char *hex, unsigned char out[CC_TOKEN_KEY]);

/* What a page of ours shows beside the cookie of this login; out "" without a key. */
char *cc_token_csrf(const struct cc_token_keys *keys, const char *login, char out[CC_CSRF_MAX]);
/* Of any of our keys. */
bool cc_token_csrf_right(const struct cc_token_keys *keys, const char *login, const char *given);

#endif

/*
 * identity.h - a visitor's proof of who he is: what the tenant's own server has signed.
 *
 * Two forms, both with the secret of the bot (64 hex digits, used as they stand):
 *
 *     a JSON Web Token, HS256: {sub, exp, name?, email?}
 *     id, exp and hash = hex of HMAC-SHA256(secret, id "." exp)
 *
 * id and sub are the owner's own name of the person, 1 to 128 characters; exp is Unix time in
 * seconds, at most a day ahead.  The secret is not stored: it follows from the installation's key,
 * the tenant, the bot and a number that grows when the secret is changed.
 */
#ifndef CC_GATEWAY_PURE_IDENTITY_H
#define CC_GATEWAY_PURE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/id.h"
#include "proto/seal/token.h"

#define CC_EXTERNAL_MAX      128 /* characters */
#define CC_VISITOR_NAME_MAX  200
#define CC_VISITOR_EMAIL_MAX 320
#define CC_PROOF_AHEAD_S     86400
#define CC_IDENTITY_SECRET   CC_HMAC_HEX
#define CC_VISITOR_TOKEN_MAX CC_TOKEN_MAX

struct cc_identity { /* who it is; name and email "" when nothing is said of them */
    const char *external, *name, *email;
};
struct cc_proof { /* as sent; NULL: absent */
    const char *token;
    const char *id, *exp, *hash;
};
bool cc_proof_given(const struct cc_proof *proof); /* any part of one */

struct cc_identity_of { /* whose secret */
    const char *tenant, *bot;
    int64_t version;
};
char *cc_identity_secret(const unsigned char key[CC_TOKEN_KEY], const struct cc_identity_of *of,
                         char out[CC_IDENTITY_SECRET]);

/* AUTH, whatever is wrong; the words never hold what was sent.  *ret lives in mem. */
int cc_proof_check(const struct cc_proof *proof, const char *secret, int64_t now_s,
                   struct cc_arena *mem, struct cc_identity *ret);

/*
 * What a WebSocket offers as a word of its subprotocols after "cc.visitor.", as a page can set no
 * header of it: a token, or base64url(id) "." exp "." hash.  AUTH when it is neither.  Texts live
 * in mem.
 */
int cc_proof_word(const char *word, struct cc_arena *mem, struct cc_proof *ret);

/* "vis_" and 32 hex digits that follow from both. */
char *cc_visitor_id(const char *tenant, const char *external, char out[CC_ID_MAX]);

#endif

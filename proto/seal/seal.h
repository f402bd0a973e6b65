/*
 * seal.h - secrets that many may put in and few can take out (X25519, XChaCha20-Poly1305).
 *
 *     operator's pair --cc_seal_wrap--> tenant's pair --cc_seal--> an API key
 *     operator's pair --cc_seal_to_operator--> a mail that waits in Redis
 *
 * Sealing needs public halves only, which lie in PostgreSQL; so a gateway seals and cannot open.
 * Opening needs the operator's secret half, which lies in a file (keyring) that workers and cc-ctl
 * read.  What is sealed is bound to its place and to the key: moved to another row, column, table
 * or tenant it does not open.
 *
 *     "\1" kid[8] ephemeral public key[32] ciphertext tag[16]
 *
 * The key and nonce of each sealing are BLAKE2b of the X25519 secret and both public halves; the
 * place and the kid are what the tag covers besides.
 */
#ifndef CC_SEAL_SEAL_H
#define CC_SEAL_SEAL_H

#include <stddef.h>

#include "proto/base/arena.h"

#define CC_SEAL_HALF     32          /* bytes of a public or secret half */
#define CC_SEAL_KID      17          /* 16 hex digits of BLAKE2b of the public half, NUL */
#define CC_SEAL_OVERHEAD 57          /* a sealed text is longer by this */
#define CC_SEAL_MAX      (64 * 1024) /* bytes of one secret */

struct cc_seal_public {
    char kid[CC_SEAL_KID];
    unsigned char half[CC_SEAL_HALF];
};
struct cc_seal_secret {
    struct cc_seal_public public;
    unsigned char half[CC_SEAL_HALF];
};
void cc_seal_pair(struct cc_seal_secret *ret); /* a new one */
/* Both are made of what was stored.  INVALID: no such key. */
int cc_seal_public_of(const void *half, size_t len, struct cc_seal_public *ret);
int cc_seal_secret_of(const void *half, size_t len, struct cc_seal_secret *ret);
void cc_seal_secret_done(struct cc_seal_secret *secret); /* zeroes */

/* Where the sealed bytes lie.  All texts; row names the row of its table. */
struct cc_seal_place {
    const char *tenant, *table, *column, *row;
};

struct cc_sealed { /* bytes live in the arena that was given */
    const void *bytes;
    size_t len;
};
struct cc_opened { /* NUL-terminated, malloc'ed: whoever has it calls cc_opened_done() */
    char *bytes;
    size_t len;
};
void cc_opened_done(struct cc_opened *opened); /* zeroes and frees; {0} is fine */

/* TOOBIG.  mem gets ciphertext only. */
int cc_seal(const struct cc_seal_public *to, const struct cc_seal_place *place,
            struct cc_opened secret, struct cc_arena *mem, struct cc_sealed *ret);
/* FORBIDDEN: sealed to another key, for another place, or not as it was. */
int cc_seal_open(const struct cc_seal_secret *with, const struct cc_seal_place *place,
                 struct cc_sealed sealed, struct cc_opened *ret);
/* The key that it was sealed to.  INVALID. */
int cc_sealed_kid(struct cc_sealed sealed, char ret_kid[CC_SEAL_KID]);

/* ---- the operator's keys (keyring.c) ---- */
struct cc_keyring; /* secret halves; the first is the current one */

/* Waits for the disk.  INVALID: not such a file (the line is named), or one that others may read;
 * NOTFOUND: no file. */
int cc_keyring_read(const char *path, struct cc_keyring **ret);
int cc_keyring_parse(const char *text, size_t len, struct cc_keyring **ret); /* the file's bytes */
void cc_keyring_free(struct cc_keyring **keyring); /* zeroes; NULL is fine; sets NULL */
int cc_keyring_n(const struct cc_keyring *keyring);
const struct cc_seal_secret *cc_keyring_at(const struct cc_keyring *keyring, int i);
/* NULL: it has none of that name. */
const struct cc_seal_secret *cc_keyring_find(const struct cc_keyring *keyring, const char *kid);
/* Waits for the disk.  The new file takes the place of the old one whole, mode 0600 and the same
 * owner, and is on the disk when this returns. */
int cc_keyring_write(const char *path, const struct cc_seal_secret *const *keys, int n);

/* ---- a tenant's pair, under the operator's ---- */
int cc_seal_wrap(const struct cc_seal_public *operator_key, const char *tenant,
                 const struct cc_seal_secret *pair, struct cc_arena *mem, struct cc_sealed *ret);
/* NOTFOUND: the keyring lacks the key; FORBIDDEN as above.  *ret is zeroed by who has it. */
int cc_seal_unwrap(const struct cc_keyring *keyring, const char *tenant,
                   const struct cc_seal_public *pair, struct cc_sealed sealed,
                   struct cc_seal_secret *ret);

/* ---- what a gateway hands to workers through Redis ---- */
/* As base64url text in mem, fit for JSON.  place: {tenant, kind of message, member, its id}. */
int cc_seal_to_operator(const struct cc_seal_public *operator_key,
                        const struct cc_seal_place *place, struct cc_opened secret,
                        struct cc_arena *mem, const char **ret_text);
/* NOTFOUND: the keyring lacks the key; INVALID: no such text; FORBIDDEN as above. */
int cc_open_by_operator(const struct cc_keyring *keyring, const struct cc_seal_place *place,
                        const char *text, struct cc_opened *ret);

#endif

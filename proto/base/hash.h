/*
 * hash.h - SHA-256 and SHA-384 (FIPS 180-4), SHA-1 (only for names of Redis scripts), CRC-32 (IEEE
 * 802.3). Computed by OpenSSL's libcrypto and zlib.
 */
#ifndef CC_BASE_HASH_H
#define CC_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define CC_SHA256_HEX 65
#define CC_SHA1_HEX   41
#define CC_SHA384_B64 65

/* Piece by piece, for uploads. */
struct cc_sha256;
struct cc_sha256 *cc_sha256_new(void);
void cc_sha256_add(struct cc_sha256 *sum, const void *bytes, size_t len);
void cc_sha256_end(struct cc_sha256 **sum, char out[CC_SHA256_HEX]); /* frees */

char *cc_sha256_hex(const void *bytes, size_t len, char out[CC_SHA256_HEX]);
char *cc_sha1_hex(const void *bytes, size_t len, char out[CC_SHA1_HEX]);
char *cc_sha384_base64(const void *bytes, size_t len, char out[CC_SHA384_B64]);
char *cc_hex(const uint8_t *bytes, size_t len, char *out); /* 2 * len + 1 bytes */
uint32_t cc_crc32(const void *bytes, size_t len);

#endif

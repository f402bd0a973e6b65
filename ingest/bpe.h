/*
 * bpe.h - byte-pair encoding of one piece of text against a table of ranks.
 */
#ifndef CC_INGEST_BPE_H
#define CC_INGEST_BPE_H

#include <stddef.h>
#include <stdint.h>

#define CC_BPE_TOKEN_MAX 512      /* bytes of a token in a rank file */
#define CC_BPE_RANK_MAX  0x1fffff /* the highest rank there may be */

struct cc_bpe; /* token -> rank, by open addressing */

struct cc_bpe *cc_bpe_new(void);
void cc_bpe_free(struct cc_bpe **bpe); /* NULL is fine; sets NULL */
void cc_bpe_add(struct cc_bpe *bpe, const char *token, size_t len, int rank);
size_t cc_bpe_size(const struct cc_bpe *bpe);

/*
 * Merges, again and again, the leftmost of the neighbouring pairs with the lowest rank, until no
 * pair has one; O(n log n).  Writes the first max ranks (ids may be NULL when max is 0; -1 for
 * a byte that the table lacks) and returns how many tokens there are.
 */
size_t cc_bpe_encode(const struct cc_bpe *bpe, const char *piece, size_t len, int *ids, size_t max);

#endif

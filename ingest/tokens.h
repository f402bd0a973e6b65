/*
 * tokens.h - how many tokens a text has, exactly as the model counts them.
 *
 * A byte-pair encoder on PCRE2 with the rank files ("*.tiktoken": base64, blank, rank) of
 * npm gpt-tokenizer.  Immutable once opened: threads may share one.
 */
#ifndef CC_INGEST_TOKENS_H
#define CC_INGEST_TOKENS_H

#include <stddef.h>

#define CC_TOKENS_ENCODING "o200k_base"

struct cc_tokens;

/* folder: CC_TOKENS_DIR.  NOTFOUND with words when the rank file is not there, INVALID when it
 * is not one. */
int cc_tokens_open(const char *folder, const char *encoding, struct cc_tokens **ret);
void cc_tokens_free(struct cc_tokens **tokens); /* NULL is fine; sets NULL */

/* text is valid UTF-8.  Special tokens are not looked for: they are ordinary text here. */
size_t cc_tokens_count(const struct cc_tokens *tokens, const char *text, size_t len);

/* Writes at most max ids and returns how many there are. */
size_t cc_tokens_encode(const struct cc_tokens *tokens, const char *text, size_t len, int *ids,
                        size_t max);

/* Counts many texts, and remembers their words: the same numbers, sooner.  For one thread. */
struct cc_counter;
struct cc_counter *cc_counter_new(const struct cc_tokens *tokens); /* tokens must outlive it */
void cc_counter_free(struct cc_counter **counter);                 /* NULL is fine; sets NULL */
size_t cc_counter_count(struct cc_counter *counter, const char *text, size_t len);

#endif

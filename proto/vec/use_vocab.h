/*
 * use_vocab.h - text to the pieces that the Universal Sentence Encoder knows (SentencePiece's
 * unigram model, as its TensorFlow.js tokenizer does it, ties and quirks included).
 */
#ifndef CC_VEC_USE_VOCAB_H
#define CC_VEC_USE_VOCAB_H

#include <stddef.h>
#include <unicode/utypes.h>

#define CC_USE_TOKENS 128 /* the model looks at no more */

struct cc_use_vocab; /* read-only after load: threads share it */

/* vocab.json: [[piece, score], ...], the first six of them control pieces. */
int cc_use_vocab_load(const char *path, struct cc_use_vocab **ret);
void cc_use_vocab_free(struct cc_use_vocab **vocab);

size_t cc_use_vocab_count(const struct cc_use_vocab *vocab);

/* text: NFKC.  Returns how many of ids are filled; what is behind the last is not looked at. */
size_t cc_use_tokens(const struct cc_use_vocab *vocab, const UChar *text, size_t len,
                     int ids[CC_USE_TOKENS]);

#endif

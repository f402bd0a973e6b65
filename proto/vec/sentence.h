/*
 * sentence.h - where sentences begin and end (Unicode's rules by ICU, with abbreviations of English
 * kept together), for what embeds them and for snippets.
 */
#ifndef CC_VEC_SENTENCE_H
#define CC_VEC_SENTENCE_H

#include <stddef.h>

#include "proto/base/arena.h"

struct cc_span {
    size_t from, len; /* bytes; without white space around */
};

/* Sentences of valid UTF-8, in order, none empty; those above max_bytes are cut at words. */
int cc_sentences(const char *text, size_t len, size_t max_bytes, struct cc_arena *mem,
                 struct cc_span **ret, size_t *ret_n);

#endif

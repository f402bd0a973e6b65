/*
 * terms.h - the words of a text as the lexical search counts them.
 *
 * NFKC case-folded, cut into words by Unicode's rules (ICU, with its dictionaries for Thai,
 * Chinese and Japanese), stemmed by Snowball where the language has a stemmer.
 * Ingest and retrieval must call this same function with the same language, else they never meet.
 */
#ifndef CC_VEC_TERMS_H
#define CC_VEC_TERMS_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/store/chunk.h" /* struct cc_chunk_term: what ingest stores */

#define CC_TERM_MAX 64 /* bytes of a term; longer words are cut */

struct cc_terms {
    struct cc_chunk_term *term; /* no text twice, sorted by bytes; texts in the arena */
    size_t n;
    int64_t words; /* sum of the counts: the text's length for BM25 */
};

/*
 * language: NULL for CC_SEARCH_LANGUAGE, as all stored documents and questions are read;
 * "en", "de", ...; "" or an unknown one: words are not stemmed.  Valid UTF-8.
 */
int cc_terms(const char *text, size_t len, const char *language, struct cc_arena *mem,
             struct cc_terms *ret);

/*
 * The same for a question: words that say little (the, is, how) are left out, unless there are no
 * others.  They would cost the search most of its time and change its order little.
 */
int cc_terms_of_question(const char *text, size_t len, const char *language, struct cc_arena *mem,
                         struct cc_terms *ret);

/* Is it such a word, of one of seven European languages?  Case-folded, not stemmed. */
bool cc_terms_says_little(const char *word);

#endif

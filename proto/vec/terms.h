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

/* By CC_SEARCH_LANGUAGE: what it names, or where that is "auto" the text's own language, English
 * where none can be told. */
const char *cc_terms_language(const char *text, size_t len);

/*
 * language: NULL for cc_terms_language(), as all stored passages are read; "en", "de", ...; "" or
 * an unknown one: words are not stemmed.  Valid UTF-8.
 */
int cc_terms(const char *text, size_t len, const char *language, struct cc_arena *mem,
             struct cc_terms *ret);

/*
 * The same for a question: words that say little (the, is, how) are left out, unless there are no
 * others.  They would cost the search most of its time and change its order little.
 * With language NULL and "auto" a word may give several terms: as its own language has it, and as
 * English has it, since passages without a sentence were read so; of a question whose language
 * cannot be told, as every language has it.
 */
int cc_terms_of_question(const char *text, size_t len, const char *language, struct cc_arena *mem,
                         struct cc_terms *ret);

/* Is it such a word, of one of seven European languages?  Case-folded, not stemmed. */
bool cc_terms_says_little(const char *word);

#endif

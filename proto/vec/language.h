/*
 * language.h - which language a text is in, by its small words and some letters.
 *
 * Good enough to choose a stemmer and to know whether an embedding can read the text: what it says
 * of one short question may be wrong, and callers are built so that this costs little.
 */
#ifndef CC_VEC_LANGUAGE_H
#define CC_VEC_LANGUAGE_H

#include <stddef.h>

/* "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "ru"; "" where nothing speaks for one of
 * them more than for the others.  Looks at the first 4 kB. */
const char *cc_language_of(const char *text, size_t len);

/* The nth of these, NULL behind the last. */
const char *cc_language_at(int n);

#endif

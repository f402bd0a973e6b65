/*
 * unicode.h - the few calls of ICU that several files here share.
 */
#ifndef CC_VEC_UNICODE_H
#define CC_VEC_UNICODE_H

#include <stddef.h>
#include <unicode/ubrk.h>
#include <unicode/utypes.h>

#include "proto/base/arena.h"

#define CC_UNICODE_MAX ((size_t)256 << 10) /* bytes of one text */

enum cc_unicode_form { CC_NFKC, CC_NFKC_FOLDED };

/* UTF-8 to normalised UTF-16, in the arena.  INVALID when it is no UTF-8, TOOBIG beyond the cap. */
int cc_unicode_normalize(enum cc_unicode_form form, const char *text, size_t len,
                         struct cc_arena *mem, UChar **ret, size_t *ret_len);

/*
 * This thread's iterator, made once (that takes far longer than most texts do), set to no text.
 * Between two waits only.
 */
enum cc_unicode_break { CC_BREAK_WORDS, CC_BREAK_SENTENCES, CC_BREAK_KINDS };
int cc_unicode_iterator(enum cc_unicode_break kind, UBreakIterator **ret);

#endif

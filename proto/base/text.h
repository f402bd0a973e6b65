/*
 * text.h - UTF-8 (RFC 3629): valid or not, how many characters, where to cut; numbers and base64.
 */
#ifndef CC_BASE_TEXT_H
#define CC_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Overlong forms, surrogates and values above U+10FFFF are invalid. */
bool cc_utf8_valid(const char *s, size_t len);

/* Code points in valid UTF-8. */
size_t cc_utf8_count(const char *s, size_t len);

/* Largest n <= max_bytes so that s[0..n) ends at a character's end.  s is valid UTF-8. */
size_t cc_utf8_cut(const char *s, size_t len, size_t max_bytes);

/* One code point, *ret_len bytes of s (1 to 4); U+FFFD with *ret_len 1 where s is invalid. */
uint32_t cc_utf8_next(const char *s, size_t len, size_t *ret_len);

/* Writes 1 to 4 bytes and returns how many. */
size_t cc_utf8_put(uint32_t cp, char out[4]);

/* Without white space (ASCII, U+00A0, U+2000..U+200B, U+3000 ...) at both ends; points into s. */
const char *cc_text_trim(const char *s, size_t len, size_t *ret_len);

bool cc_text_starts(const char *s, const char *prefix);

/* Whole decimal number within [min, max], nothing around it. */
bool cc_text_int(const char *s, int64_t min, int64_t max, int64_t *ret);

/* What a character stands for in base64 (RFC 4648, both alphabets), 0 to 63; -1 for others. */
int cc_base64_digit(char c);

#endif

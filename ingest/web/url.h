/*
 * url.h - addresses of web pages, each in one spelling, so that a page is known again.
 *
 * RFC 3986 with what browsers forgive: white space around, line ends inside, backslashes.  Lower
 * case scheme and host, names in punycode, no default port, no dot segments, no fragment, percent
 * signs only where they are needed, no parameters that only say where a visitor came from (utm_*,
 * gclid, fbclid and their like).  A URL is ASCII and ends in its path and query:
 * "https://host/a?b".
 */
#ifndef CC_INGEST_WEB_URL_H
#define CC_INGEST_WEB_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"

#define CC_URL_MAX 2048

/*
 * base: a URL that came from here, or NULL when the reference must stand alone.  INVALID: no http
 * or https URL, one with a name or password, or longer than CC_URL_MAX.
 */
int cc_url_resolve(const char *base, const char *reference, size_t len, struct cc_arena *mem,
                   const char **ret);

/* Below: of URLs that came from here. */

/* The same host but for a leading "www.", the same port; http and https count as one. */
bool cc_url_same_site(const char *a, const char *b);

const char *cc_url_target(const char *url);                       /* path and query, in url */
const char *cc_url_origin(const char *url, struct cc_arena *mem); /* "https://host:8080" */
const char *cc_url_place(const char *url, struct cc_arena *mem);  /* "host:443", always a port */

/* What a file of this URL would be called: last segment of the path, else the host. */
const char *cc_url_filename(const char *url, struct cc_arena *mem);

/* Is the whole path, with or without its query, the pattern?  In it * stands for any text. */
bool cc_url_matches(const char *url, const char *pattern);

/* Does all of text look like the pattern, in which * stands for any text? */
bool cc_url_like(const char *pattern, size_t pattern_len, const char *text, size_t len);

/*
 * Path and query in one spelling: escapes upper-case, none that is not needed, all that are.
 * Appended to out, which says if it was too much.
 */
struct cc_buf;
void cc_url_escape(const char *text, size_t len, struct cc_buf *out);

#endif

/* url_inside.h - between url.c and url_host.c only. */
#ifndef CC_INGEST_WEB_URL_INSIDE_H
#define CC_INGEST_WEB_URL_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/error.h"

struct cc_url_piece {
    const char *at;
    size_t len;
};

static inline bool cc_url_is_in(char c, const char *set)
{
    return c && strchr(set, c);
}

static inline bool cc_url_is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline int cc_url_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline int cc_url_bad(const char *words)
{
    return cc_fail(CC_E_INVALID, "%s", words);
}

/* Appends the authority of a URL, without a default port.  INVALID. */
int cc_url_put_authority(struct cc_url_piece a, bool https, struct cc_buf *out);

#endif

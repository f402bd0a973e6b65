/*
 * multipart.h - the parts of a multipart/form-data body (RFC 7578), in place.
 *
 *     struct cc_multipart it;
 *     rc = cc_multipart_open(content_type, body, len, &it);
 *     while (rc == 0 && (rc = cc_multipart_next(&it, mem, &part)) == 0) ...
 *     NOTFOUND: the closing boundary was reached; everything else is a failure
 */
#ifndef CC_GATEWAY_PURE_MULTIPART_H
#define CC_GATEWAY_PURE_MULTIPART_H

#include <stddef.h>

#include "proto/base/arena.h"

#define CC_MULTIPART_HEAD_MAX  4096 /* bytes of one part's header lines */
#define CC_MULTIPART_PARTS_MAX 200

struct cc_multipart {
    char mark[4 + 70 + 1]; /* CR LF - - boundary */
    size_t mark_len;
    const char *at, *end;
    int parts;
};
struct cc_part {
    const char *name;     /* "" when absent */
    const char *filename; /* NULL: a plain field */
    const char *type;     /* "" when absent */
    const char *bytes;    /* point into the body */
    size_t len;
};

int cc_multipart_open(const char *content_type, const char *body, size_t len,
                      struct cc_multipart *ret); /* TYPE, INVALID */
/* Strings live in mem.  NOTFOUND at the end, INVALID, TOOBIG. */
int cc_multipart_next(struct cc_multipart *it, struct cc_arena *mem, struct cc_part *ret);

#endif

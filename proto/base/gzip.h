/*
 * gzip.h - unpacks gzip (RFC 1952), by zlib, up to the cap of the buffer it writes to.
 */
#ifndef CC_BASE_GZIP_H
#define CC_BASE_GZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/buf.h"

bool cc_gzip_is(const void *bytes, size_t len); /* by its first two bytes */

/* Appends all members.  INVALID when damaged or cut, TOOBIG beyond out's cap. */
int cc_gunzip(const void *bytes, size_t len, struct cc_buf *out);

#endif

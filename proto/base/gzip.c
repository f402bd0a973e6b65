#include "proto/base/gzip.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "proto/base/error.h"

#define PIECE 4096

bool cc_gzip_is(const void *bytes, size_t len)
{
    return len >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0;
}

/* One member; Z_STREAM_END at its end. */
static int inflate_member(z_stream *z, struct cc_buf *out)
{
    unsigned char piece[PIECE];
    int rc;

    do {
        z->next_out = piece;
        z->avail_out = sizeof piece;
        rc = inflate(z, Z_NO_FLUSH);
        cc_buf_add(out, piece, sizeof piece - z->avail_out);
    } while (rc == Z_OK && !cc_buf_over(out) && (z->avail_in || !z->avail_out));
    return rc;
}

int cc_gunzip(const void *bytes, size_t len, struct cc_buf *out)
{
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (unsigned)len};
    int rc;

    if (len > UINT32_MAX || inflateInit2(&z, 15 + 16) != Z_OK)
        return cc_fail(CC_E_INTERNAL, "gzip: zlib does not start");
    do {
        rc = inflate_member(&z, out);
    } while (rc == Z_STREAM_END && cc_gzip_is(z.next_in, z.avail_in) && !cc_buf_over(out) &&
             inflateReset(&z) == Z_OK);
    inflateEnd(&z);
    if (cc_buf_over(out))
        return cc_fail(CC_E_TOOBIG, "gzip: above %zu bytes when unpacked", out->cap);
    return rc == Z_STREAM_END ? 0 : cc_fail(CC_E_INVALID, "gzip: the data is damaged or cut");
}

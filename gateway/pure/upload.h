/*
 * upload.h - files that come in: what they may be called, what they may be.
 */
#ifndef CC_GATEWAY_PURE_UPLOAD_H
#define CC_GATEWAY_PURE_UPLOAD_H

#include <stddef.h>

#include "proto/base/arena.h"

#define CC_FILENAME_MAX 255

struct cc_upload {
    const char *filename, *type; /* type: a MIME type from the table */
    const char *bytes;
    size_t len;
};

/* The last part of a path, without controls, at most 255 bytes; "file" when nothing is left. */
const char *cc_filename_clean(const char *name, struct cc_arena *mem);

/*
 * The MIME type by declared type and by the name's end.  NULL when we read neither.  A
 * declared type that we do not know (application/octet-stream, say) leaves it to the name.
 */
const char *cc_upload_type(const char *filename, const char *declared);

/*
 * JSON {filename, fileType?, fileData (base64, with or without "data:...;base64,")}.
 * INVALID, TYPE, TOOBIG beyond cap bytes of file.
 */
int cc_upload_parse(const char *body, size_t len, size_t cap, struct cc_arena *mem,
                    struct cc_upload *ret);

#endif

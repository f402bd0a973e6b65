/*
 * upload.h - files that come in: what they may be called, what they may be.
 */
#ifndef CC_GATEWAY_PURE_UPLOAD_H
#define CC_GATEWAY_PURE_UPLOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"

#define CC_FILENAME_MAX 255

struct cc_upload {
    const char *filename, *type; /* type: a MIME type */
    const char *bytes;
    size_t len;
};

/* The last part of a path, without controls, at most 255 bytes; "file" when nothing is left. */
const char *cc_filename_clean(const char *name, struct cc_arena *mem);

/*
 * The MIME type by declared type and by the name's end.  NULL when we know neither.  A
 * declared type that we do not know (application/octet-stream, say) leaves it to the name.
 */
const char *cc_upload_declared(const char *filename, const char *declared);

/* The MIME type that the first bytes tell; NULL when they look like nothing that we read. */
const char *cc_upload_content(const char *bytes, size_t len);

/*
 * What a file is taken for until the parser has looked: by its content where that is plain, else by
 * what it is declared to be.  NULL: it is refused.  Pictures are read by an OCR program only.
 */
const char *cc_upload_type(const struct cc_upload *file, const char *declared, bool ocr);

extern const char cc_upload_kinds[]; /* what is read, for people */
/* The ends of names that are read, from 0; NULL behind the last. */
const char *cc_upload_end(size_t nth, bool ocr);

/*
 * JSON {filename, fileType?, fileData (base64, with or without "data:...;base64,")}; type is as
 * declared, or NULL.  INVALID, TOOBIG beyond cap bytes of file.
 */
int cc_upload_parse(const json_t *body, size_t cap, struct cc_arena *mem, struct cc_upload *ret);

#endif

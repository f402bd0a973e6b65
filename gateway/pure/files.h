/*
 * files.h - the built files of the widget and of /docs, in memory since the start.  The widget's
 * texts are as many as there are languages: /widget/text-XX.js is text-XX.js of the folder.
 *
 * Each has a strong ETag (SHA-256 of its bytes) and, when that is smaller, a gzip form.  With
 * "?v=" and the first eight digits of the ETag in the query a file may be kept for ever.
 */
#ifndef CC_GATEWAY_PURE_FILES_H
#define CC_GATEWAY_PURE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/arena.h"
#include "proto/base/hash.h"

struct cc_file {
    const char *path, *name, *type;
    bool page;                    /* HTML: carries the content security policy */
    char etag[CC_SHA256_HEX + 2]; /* with quotes */
    char *bytes, *gzip;           /* bytes NULL: the file was not there */
    size_t len, gzip_len;
};

#define CC_FILES_TEXTS 64 /* languages */

/* Reads the files of the table, and the texts, from a folder; missing ones are logged once.  At
 * most once. */
void cc_files_load(const char *folder);
void cc_files_free(void);

/* By request path, or "/page.html", which has none; NULL when there is no such row or the file was
 * not there. */
const struct cc_file *cc_files_find(const char *path);

/* Other bytes of the same kind, and a copy of them: everything that changes lives in mem. */
struct cc_file cc_file_of(const struct cc_file *kind, const void *bytes, size_t len,
                          struct cc_arena *mem);
struct cc_file cc_file_copy(const struct cc_file *file, struct cc_arena *mem);
/* Does the text begin its ETag, with eight digits at least? */
bool cc_file_is(const struct cc_file *file, const char *version);

struct cc_file_answer {
    int status; /* 200 or 304 */
    const char *bytes;
    size_t len;
    bool gzipped;
    const char *cache; /* Cache-Control */
};
/* The headers may be NULL. */
struct cc_file_answer cc_file_pick(const struct cc_file *file, const char *if_none_match,
                                   const char *accept_encoding, const char *version);

#endif

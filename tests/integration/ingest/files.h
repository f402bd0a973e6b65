/*
 * files.h - files of the sources, read whole.
 */
#ifndef CC_TESTS_INGEST_FILES_H
#define CC_TESTS_INGEST_FILES_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/buf.h"

static inline const char *files_path(const char *within)
{
    static char path[4096];
    const char *end = strstr(__FILE__, "tests/integration/ingest/files.h");

    snprintf(path, sizeof path, "%.*s%s", (int)(end - __FILE__), __FILE__, within);
    return path;
}

/* out is the caller's to cc_buf_done() */
static inline void files_read(const char *within, struct cc_buf *out)
{
    char bytes[4096];
    size_t n;
    FILE *file = fopen(files_path(within), "re");

    cr_assert_not_null(file, "%s", files_path(within));
    cc_buf_init(out, 16 << 20);
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        cc_buf_add(out, bytes, n);
    fclose(file);
}

#endif

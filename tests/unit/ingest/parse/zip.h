/*
 * zip.h - containers for tests, made in memory.
 */
#ifndef CC_TESTS_INGEST_ZIP_H
#define CC_TESTS_INGEST_ZIP_H

#include <archive.h>
#include <archive_entry.h>
#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/arena.h"

#define ZIP_BYTES (4u << 20)

struct zip_part {
    const char *name, *text;
    size_t len; /* 0: that of text */
};

struct zip {
    char *bytes;
    size_t len;
};

/* password NULL: none. */
static inline struct zip zip_make(const struct zip_part *parts, size_t n, const char *password,
                                  struct cc_arena *arena)
{
    struct zip zip = {cc_arena_get(arena, ZIP_BYTES), 0};
    struct archive *a = archive_write_new();

    cr_assert_eq(archive_write_set_format_zip(a), 0);
    if (password) {
        cr_assert_eq(archive_write_set_options(a, "zip:encryption=traditional"), 0);
        cr_assert_eq(archive_write_set_passphrase(a, password), 0);
    }
    cr_assert_eq(archive_write_open_memory(a, zip.bytes, ZIP_BYTES, &zip.len), 0);
    for (size_t i = 0; i < n; i++) {
        size_t len = parts[i].len ? parts[i].len : strlen(parts[i].text);
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_pathname(entry, parts[i].name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_size(entry, (la_int64_t)len);
        cr_assert_eq(archive_write_header(a, entry), 0, "%s", archive_error_string(a));
        cr_assert_eq(archive_write_data(a, parts[i].text, len), (la_ssize_t)len);
        archive_entry_free(entry);
    }
    cr_assert_eq(archive_write_close(a), 0);
    archive_write_free(a);
    return zip;
}

#endif

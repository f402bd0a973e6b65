#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "gateway/pure/files.h"
#include "proto/base/clean.h"

static char folder[] = "/tmp/cc-files.XXXXXX";

static void put(const char *name, const char *text, int times)
{
    char path[200];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    out = fopen(path, "w");
    for (int i = 0; i < times; i++)
        fputs(text, out);
    fclose(out);
}

/* The first two are texts of the widget by their names, the others are not. */
static const char *const texts[] = {"text-de.js",  "text-zh-hant.js", "text-DE.js",
                                    "text-d.js",   "text-abcd.js",    "text-de.js.gz",
                                    "text-de-.js", "notes-de.js"};
#define TEXTS (sizeof texts / sizeof *texts)

static void begin(void)
{
    cr_assert_not_null(mkdtemp(folder));
    put("widget.js", "export const answer = 42;\n", 200);
    put("demo.html", "<!doctype html>", 1);
    for (size_t i = 0; i < TEXTS; i++)
        put(texts[i], "export default {};\n", 1);
    cc_files_load(folder);
}

static void end(void)
{
    static const char *const names[] = {"widget.js", "demo.html"};
    char path[200];

    cc_files_free();
    for (size_t i = 0; i < 2 + TEXTS; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, i < 2 ? names[i] : texts[i - 2]);
        unlink(path);
    }
    rmdir(folder);
}

TestSuite(files, .init = begin, .fini = end);

Test(files, are_found_by_path_when_they_were_there)
{
    cr_assert_not_null(cc_files_find("/widget.js"));
    cr_expect_eq(cc_files_find("/widget.js")->len, 5200);
    cr_expect_not_null(cc_files_find("/demo"));
    cr_expect_null(cc_files_find("/demo.css"));
    cr_expect_null(cc_files_find("/widget.js/"));
    cr_expect_null(cc_files_find("/../etc/passwd"));
}

Test(files, are_squeezed_for_those_who_take_it)
{
    static const struct {
        const char *accept;
        bool gzipped;
    } table[] = {{NULL, false},
                 {"", false},
                 {"gzip", true},
                 {"br, gzip", true},
                 {"GZIP;q=0.5", true},
                 {"*", true},
                 {"gzip;q=0", false},
                 {"gzip; q=0.0", false},
                 {"br, deflate", false},
                 {"gzipped", false},
                 {"identity;q=0, gzip;q=1", true}};
    const struct cc_file *file = cc_files_find("/widget.js");

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct cc_file_answer answer = cc_file_pick(file, NULL, table[i].accept, NULL);

        cr_expect_eq(answer.gzipped, table[i].gzipped, "%s",
                     table[i].accept ? table[i].accept : "-");
        cr_expect_eq(answer.status, 200);
    }
}

Test(files, come_back_whole_from_gzip)
{
    const struct cc_file *file = cc_files_find("/widget.js");
    struct cc_file_answer answer = cc_file_pick(file, NULL, "gzip", NULL);
    char out[6000];
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)answer.bytes,
                  .avail_in = (unsigned)answer.len,
                  .next_out = (unsigned char *)out,
                  .avail_out = sizeof out};

    cr_assert_eq(inflateInit2(&z, 15 + 16), Z_OK);
    cr_expect_eq(inflate(&z, Z_FINISH), Z_STREAM_END);

    cr_expect_eq(z.total_out, file->len);
    cr_expect_eq(memcmp(out, file->bytes, file->len), 0);
    inflateEnd(&z);
}

Test(files, are_not_sent_again_to_who_has_them)
{
    const struct cc_file *file = cc_files_find("/widget.js");
    char list[200];

    snprintf(list, sizeof list, "\"other\", W/%s", file->etag);

    cr_expect_eq(cc_file_pick(file, file->etag, NULL, NULL).status, 304);
    cr_expect_eq(cc_file_pick(file, list, NULL, NULL).status, 304);
    cr_expect_eq(cc_file_pick(file, "*", NULL, NULL).status, 304);
    cr_expect_eq(cc_file_pick(file, "\"other\"", NULL, NULL).status, 200);
    cr_expect_eq(cc_file_pick(file, file->etag, NULL, NULL).len, 0);
}

Test(files, may_be_kept_for_ever_under_their_own_version)
{
    const struct cc_file *file = cc_files_find("/widget.js");
    char version[9];

    snprintf(version, sizeof version, "%.8s", file->etag + 1);

    cr_expect_str_eq(cc_file_pick(file, NULL, NULL, version).cache,
                     "public, max-age=31536000, immutable");
    cr_expect_str_eq(cc_file_pick(file, NULL, NULL, "00000000").cache, "public, max-age=300");
    cr_expect_str_eq(cc_file_pick(file, NULL, NULL, "").cache, "public, max-age=300");
    cr_expect_str_eq(cc_file_pick(cc_files_find("/demo"), NULL, NULL, NULL).cache, "no-cache");
}

Test(files, are_texts_of_the_widget_by_the_form_of_their_names)
{
    char path[60];

    for (size_t i = 0; i < TEXTS; i++) {
        snprintf(path, sizeof path, "/widget/%s", texts[i]);
        cr_expect_eq(cc_files_find(path) != NULL, i < 2, "%s", path);
    }
    cr_expect_null(cc_files_find("/text-de.js"));
    cr_expect_null(cc_files_find("/widget/text-fr.js"));
    cr_expect_null(cc_files_find("/widget/../widget.js"));
}

Test(files, have_the_version_that_their_hash_begins_with)
{
    const struct cc_file *file = cc_files_find("/widget.js");
    char version[CC_SHA256_HEX + 1];

    snprintf(version, sizeof version, "%s", file->etag + 1); /* with the quote at its end */

    cr_expect_not(cc_file_is(file, version));
    version[64] = '\0';
    cr_expect(cc_file_is(file, version));
    version[8] = '\0';
    cr_expect(cc_file_is(file, version));
    version[7] = '\0';
    cr_expect_not(cc_file_is(file, version), "too short to mean one");
    cr_expect_not(cc_file_is(file, "00000000"));
}

Test(files, are_made_of_other_bytes_too)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(1 << 20);
    char bytes[3000];
    struct cc_file made, copy;

    memset(bytes, 'x', sizeof bytes);
    made = cc_file_of(cc_files_find("/widget.js"), bytes, sizeof bytes, mem);
    copy = cc_file_copy(&made, mem);

    cr_expect_str_eq(copy.type, "text/javascript; charset=utf-8");
    cr_expect_eq(copy.len, sizeof bytes);
    cr_expect_eq(memcmp(copy.bytes, bytes, sizeof bytes), 0);
    cr_expect_neq(copy.bytes, made.bytes);
    cr_expect_str_eq(copy.etag, made.etag);
    cr_expect_str_neq(copy.etag, cc_files_find("/widget.js")->etag);
    cr_expect(cc_file_pick(&copy, NULL, "gzip", NULL).gzipped);
    cr_expect_eq(memcmp(copy.gzip, made.gzip, made.gzip_len), 0);
}

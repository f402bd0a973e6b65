/*
 * Other people's documents through the parsers themselves, without the jail around them: there
 * the sanitizers' search for leaks has no system calls left.  CC_CORPUS, else the folder beside
 * the project, else the project's own documents.  PDFs are read by a foreign program: not here.
 */
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/parse/parse.h"
#include "ingest/parse/type.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define FILE_BYTES  ((size_t)16 << 20)
#define ARENA_BYTES ((size_t)512 << 20)

static struct cc_magic *magic;
static char *bytes;
static int parsed, with_text;

static void check_blocks(const struct cc_extract *doc, const char *path)
{
    for (size_t i = 0; i < doc->n; i++) {
        cr_assert(cc_utf8_valid(doc->blocks[i].text, doc->blocks[i].len), "%s", path);
        cr_assert(doc->blocks[i].len, "%s", path);
    }
}

static void parse(const char *path, size_t len)
{
    struct cc_arena *mem = cc_arena_new(ARENA_BYTES);
    struct cc_extract doc;

    cc_extract_init(&doc, CC_FILE_TEXT, mem);
    if (!cc_parse_file(magic, bytes, len, &doc)) {
        check_blocks(&doc, path);
        with_text += doc.n > 0;
    }
    parsed++;
    cc_arena_free(&mem);
}

static int visit(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    FILE *file;

    (void)at;
    if (flag != FTW_F || (size_t)st->st_size > FILE_BYTES)
        return 0;
    file = fopen(path, "re");
    cr_assert(file, "%s", path);
    size_t len = fread(bytes, 1, FILE_BYTES, file);
    fclose(file);
    if (!cc_type_is_pdf(bytes, len))
        parse(path, len);
    return 0;
}

/* __FILE__ is a path from the root, as the build names its sources. */
static const char *folder(void)
{
    static const char *const places[] = {"../shared/corpus", "docs/sample"};
    static char path[4096];
    const char *named = getenv("CC_CORPUS"), *end = strstr(__FILE__, "tests/integration/");

    for (size_t i = 0; !named && i < sizeof places / sizeof *places; i++) {
        snprintf(path, sizeof path, "%.*s%s", (int)(end - __FILE__), __FILE__, places[i]);
        named = access(path, R_OK) ? NULL : path;
    }
    return named;
}

Test(corpus, is_read_without_leaks_and_errors_of_memory, .timeout = 280)
{
    bytes = malloc(FILE_BYTES);
    cr_assert(bytes);
    cr_assert_eq(cc_magic_open(&magic), 0, "%s", cc_fail_text());

    cr_assert(folder());
    cr_assert_eq(nftw(folder(), visit, 8, FTW_PHYS), 0);

    cr_log_info("%d files, %d with text", parsed, with_text);
    cr_expect_gt(parsed, 0);
    cr_expect_gt(with_text, parsed / 2, "%d of %d", with_text, parsed);
    cc_magic_free(&magic);
    free(bytes);
}

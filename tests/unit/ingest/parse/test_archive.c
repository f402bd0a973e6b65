#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/archive.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/zip.h"

static struct cc_arena *mem;
static struct cc_archive *archive;
static const char *bytes;
static size_t len;

static void setup(void)
{
    mem = cc_arena_new(512u << 20);
}

static void teardown(void)
{
    cc_archive_free(&archive);
    cc_arena_free(&mem);
}

TestSuite(archive, .init = setup, .fini = teardown);

static const struct zip_part two[] = {{"a/one.xml", "first", 0}, {"b/two.bin", "second", 0}};

static bool is_xml(const char *name)
{
    return strstr(name, ".xml");
}

static bool is_any(const char *name)
{
    return name;
}

Test(archive, keeps_the_parts_that_are_wanted)
{
    struct zip zip = zip_make(two, 2, NULL, mem);

    cr_assert_eq(cc_archive_open(zip.bytes, zip.len, is_xml, &archive), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_archive_part(archive, "A/One.xml", &bytes, &len), 0);
    cr_expect_eq(len, 5);
    cr_expect_eq(memcmp(bytes, "first", 5), 0);
    cr_expect(cc_archive_has(archive, "b/two.bin"));
    cr_expect_str_eq(cc_archive_name(archive, 1), "b/two.bin");
    cr_expect_null(cc_archive_name(archive, 2));
    cr_expect_eq(cc_archive_part(archive, "nowhere.xml", &bytes, &len), CC_E_NOTFOUND);
}

Test(archive, reads_a_container_whose_directory_is_cut_off)
{
    struct zip zip = zip_make(two, 2, NULL, mem);

    cr_assert_eq(cc_archive_open(zip.bytes, zip.len - 60, is_any, &archive), 0);

    cr_expect_eq(cc_archive_part(archive, "a/one.xml", &bytes, &len), 0);
    cr_expect(cc_archive_is_damaged(archive));
}

Test(archive, makes_names_of_foreign_makers_plain)
{
    const struct zip_part odd[] = {{"/word\\document.xml", "x", 0}, {"../../etc/x.xml", "y", 0}};
    struct zip zip = zip_make(odd, 2, NULL, mem);

    cr_assert_eq(cc_archive_open(zip.bytes, zip.len, is_any, &archive), 0);

    cr_expect(cc_archive_has(archive, "word/document.xml"));
}

Test(archive, tells_what_wants_a_password)
{
    struct zip zip = zip_make(two, 2, "secret", mem);

    cr_assert_eq(cc_archive_open(zip.bytes, zip.len, is_any, &archive), 0);

    cr_expect_eq(cc_archive_part(archive, "a/one.xml", &bytes, &len), CC_E_ENCRYPTED);
}

Test(archive, does_not_inflate_a_bomb)
{
    const size_t huge = 40u << 20;
    const struct zip_part parts[] = {{"bomb.xml", cc_arena_get(mem, huge), huge},
                                     {"small.xml", "small", 0}};
    struct zip zip = zip_make(parts, 2, NULL, mem);

    cr_assert_eq(cc_archive_open(zip.bytes, zip.len, is_any, &archive), 0);

    cr_expect_eq(cc_archive_part(archive, "bomb.xml", &bytes, &len), CC_E_LIMIT);
    cr_expect_eq(cc_archive_part(archive, "small.xml", &bytes, &len), 0, "others are not touched");
}

Test(archive, of_nothing_readable_is_refused)
{
    static const char *const broken[] = {"", "PK\3\4", "PK\5\6", "no container at all"};

    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        cr_expect_eq(cc_archive_open(broken[i], strlen(broken[i]), is_any, &archive), CC_E_PARSER,
                     "%zu", i);
}

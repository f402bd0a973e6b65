#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/office.h"
#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/zip.h"

static struct cc_arena *mem;

static void setup(void)
{
    mem = cc_arena_new(64u << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(office, .init = setup, .fini = teardown);

#define CONTENT(type)                                                                              \
    "<Types><Override PartName='/x.xml' ContentType='application/" type "'/></Types>"

static const struct row {
    struct zip_part part;
    int rc;
    enum cc_file_type type;
    const char *words; /* that say what to do */
} rows[] = {
    {{"[Content_Types].xml",
      CONTENT("vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"), 0},
     0,
     CC_FILE_DOCX,
     NULL},
    {{"[Content_Types].xml", CONTENT("vnd.ms-excel.sheet.macroEnabled.main+xml"), 0},
     0,
     CC_FILE_XLSX,
     NULL},
    {{"[Content_Types].xml",
      CONTENT("vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml"), 0},
     0,
     CC_FILE_PPTX,
     NULL},
    {{"[Content_Types].xml", CONTENT("vnd.ms-excel.sheet.binary.macroEnabled.main"), 0},
     CC_E_TYPE,
     0,
     "XLSX"},
    {{"word/document.xml", "<document/>", 0}, 0, CC_FILE_DOCX, NULL},
    {{"mimetype", "application/vnd.oasis.opendocument.text", 0}, 0, CC_FILE_ODT, NULL},
    {{"mimetype", "application/vnd.oasis.opendocument.spreadsheet", 0}, 0, CC_FILE_ODS, NULL},
    {{"mimetype", "application/vnd.oasis.opendocument.presentation-template", 0},
     0,
     CC_FILE_ODP,
     NULL},
    {{"mimetype", "application/vnd.oasis.opendocument.graphics", 0}, CC_E_TYPE, 0, "PDF"},
    {{"mimetype", "application/epub+zip", 0}, CC_E_TYPE, 0, "EPUB"},
    {{"Index/Document.iwa", "x", 0}, CC_E_TYPE, 0, "export"},
    {{"holiday.jpg", "x", 0}, CC_E_TYPE, 0, "upload the files"},
};

Test(office, is_told_by_what_is_in_the_container)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct zip zip = zip_make(&rows[i].part, 1, NULL, mem);
        enum cc_file_type type = CC_FILE_COUNT;

        int rc = cc_office_type(zip.bytes, zip.len, &type);

        cr_expect_eq(rc, rows[i].rc, "%zu: %s", i, cc_error_name(rc));
        if (!rc)
            cr_expect_eq(type, rows[i].type, "%zu: %s", i, cc_file_mime(type));
        else
            cr_expect_not_null(strstr(cc_fail_text(), rows[i].words), "%zu: %s", i, cc_fail_text());
    }
}

/* Names in compound files are UTF-16. */
static size_t compound(const char *name, char *ret)
{
    size_t n = 8;

    memcpy(ret, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
    for (; *name; name++) {
        ret[n++] = *name;
        ret[n++] = '\0';
    }
    return n;
}

Test(office, of_old_is_refused_with_words_that_say_what_to_do)
{
    static const struct {
        const char *stream;
        int rc;
        const char *words;
    } old[] = {
        {"WordDocument", CC_E_TYPE, "DOCX"},
        {"Workbook", CC_E_TYPE, "XLSX"},
        {"PowerPoint Document", CC_E_TYPE, "PPTX"},
        {"EncryptedPackage", CC_E_ENCRYPTED, "password"},
        {"SomethingElse", CC_E_TYPE, "old Office"},
    };
    char bytes[128];

    for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
        size_t len = compound(old[i].stream, bytes);

        cr_expect(cc_office_is_compound(bytes, len));
        cr_expect_eq(cc_office_refuse_compound(bytes, len), old[i].rc, "%s", old[i].stream);
        cr_expect_not_null(strstr(cc_fail_text(), old[i].words), "%s", cc_fail_text());
    }
}

Test(office, behind_a_password_is_encrypted)
{
    const struct zip_part part = {"word/document.xml", "<document><body/></document>", 0};
    struct zip zip = zip_make(&part, 1, "secret", mem);
    struct cc_extract doc;

    cc_extract_init(&doc, CC_FILE_DOCX, mem);

    cr_expect_eq(cc_parse_office(zip.bytes, zip.len, CC_FILE_DOCX, &doc), CC_E_ENCRYPTED);
}

Test(office, without_its_main_part_is_damaged)
{
    static const enum cc_file_type types[] = {CC_FILE_DOCX, CC_FILE_XLSX, CC_FILE_PPTX,
                                              CC_FILE_ODT,  CC_FILE_ODS,  CC_FILE_ODP};
    const struct zip_part part = {"other.xml", "<x/>", 0};
    struct zip zip = zip_make(&part, 1, NULL, mem);
    struct cc_extract doc;

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        cc_extract_init(&doc, types[i], mem);
        cr_expect_eq(cc_parse_office(zip.bytes, zip.len, types[i], &doc), CC_E_PARSER, "%s",
                     cc_file_mime(types[i]));
    }
}

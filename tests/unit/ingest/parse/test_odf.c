#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/odf.h"
#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"
#include "tests/unit/ingest/parse/zip.h"

static struct cc_arena *mem;
static struct cc_extract doc;

static void setup(void)
{
    mem = cc_arena_new(64u << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(odf, .init = setup, .fini = teardown);

#define BODY(kind, text)                                                                           \
    "<office:document-content><office:automatic-styles><style:style/></office:automatic-styles>"   \
    "<office:body><office:" kind ">" text "</office:" kind "></office:body>"                       \
    "</office:document-content>"
#define P(text)    "<text:p>" text "</text:p>"
#define CELL(text) "<table:table-cell>" P(text) "</table:table-cell>"

static const char *read_file(enum cc_file_type type, const char *content)
{
    const struct zip_part parts[] = {
        {"content.xml", content, 0},
        {"styles.xml",
         "<s><office:master-styles><style:header><text:p>ACME</text:p></style:header>"
         "<style:header-left><text:p>ACME</text:p></style:header-left></office:master-styles></s>",
         0},
        {"meta.xml", "<m><dc:title>The title</dc:title></m>", 0},
    };
    struct zip zip = zip_make(parts, 3, NULL, mem);
    int rc;

    cc_extract_init(&doc, type, mem);
    rc = cc_parse_office(zip.bytes, zip.len, type, &doc);
    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_str_eq(doc.title, "The title");
    return blocks_show(&doc, mem);
}

Test(odf, text_becomes_blocks)
{
    const char *blocks = read_file(
        CC_FILE_ODT,
        BODY("text",
             "<text:tracked-changes>" P(
                 "deleted") "</text:tracked-changes>"
                            "<text:h text:outline-level='2'>Two</text:h>" P(
                                "a<text:s "
                                "text:c='2'/>b<text:line-break/>c<text:note><text:note-citation>1"
                                "</text:note-citation><text:note-body>" P("As of May.") P(
                                    "Or June.") "</text:note-body></text:note> "
                                                "d<office:annotation>" P("remark") "</"
                                                                                   "office:"
                                                                                   "annotation>") "<text:list><text:list-item>" P("one")
                                P("more of it") "<text:list><text:list-item>" P(
                                    "deeper") "</text:list-item></text:list>"
                                              "</text:list-item></text:list>"
                                              "<table:table><table:table-row>" CELL("x")
                                                  CELL("y") "</table:table-row><table:table-row>"
                                                            "<table:table-cell "
                                                            "table:number-columns-repeated='2'>" P(
                                                                "z") "</table:table-cell>"
                                                                     "</table:table-row></"
                                                                     "table:table>"));

    cr_expect_str_eq(blocks, "H2 p0 [Two] Two\nP0 p0 [Two] a b/c d\n"
                             "P0 p0 [Two] As of May./Or June.\nL0 p0 [Two] one\n"
                             "P0 p0 [Two] more of it\nL0 p0 [Two]   deeper\n"
                             "T0 p0 [Two] x | y/z |\nP0 p0 [] ACME\n");
}

Test(odf, slides_are_pages)
{
    const char *blocks = read_file(
        CC_FILE_ODP,
        BODY("presentation",
             "<draw:page><draw:frame presentation:class='title'><draw:text-box>" P(
                 "First") "</draw:text-box></draw:frame><draw:frame><draw:text-box><text:list>"
                          "<text:list-item>" P(
                              "point") "</text:list-item></text:list></draw:text-box>"
                                       "</"
                                       "draw:frame><presentation:notes><draw:frame><draw:text-"
                                       "box>" P("say") "</draw:text-box></draw:frame></"
                                                       "presentation:notes></draw:page>"
                                                       "<draw:page><draw:custom-shape>" P(
                                                           "untitled") "</draw:custom-shape></"
                                                                       "draw:page>"));

    cr_expect_str_eq(blocks, "H1 p1 [First] First\nL0 p1 [First] point\nP0 p1 [First] say\n"
                             "P0 p2 [] untitled\n");
    cr_expect_eq(doc.pages, 2);
}

Test(odf, sheets_are_rows_under_their_headers)
{
    const char *blocks = read_file(
        CC_FILE_ODS,
        BODY("spreadsheet",
             "<table:table table:name='Cities'><table:table-row>" CELL("City") CELL("People")
                 CELL("Land") "</table:table-row><table:table-row "
                              "table:number-rows-repeated='3'>"
                              "<table:table-cell "
                              "table:number-columns-repeated='16000'/></table:table-row>"
                              "<table:table-row>" CELL("Wien") "<table:table-cell "
                                                               "office:value='2000000'>" P(
                                                                   "2,000,000") "<office:"
                                                                                "annotation"
                                                                                ">" P("remar"
                                                                                      "k") "<"
                                                                                           "/"
                                                                                           "o"
                                                                                           "f"
                                                                                           "f"
                                                                                           "i"
                                                                                           "c"
                                                                                           "e"
                                                                                           ":"
                                                                                           "a"
                                                                                           "n"
                                                                                           "n"
                                                                                           "o"
                                                                                           "t"
                                                                                           "a"
                                                                                           "t"
                                                                                           "i"
                                                                                           "o"
                                                                                           "n"
                                                                                           ">"
                                                                                           "<"
                                                                                           "/"
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           ":"
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           "-"
                                                                                           "c"
                                                                                           "e"
                                                                                           "l"
                                                                                           "l"
                                                                                           ">"
                                                                                           "<"
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           ":"
                                                                                           "c"
                                                                                           "o"
                                                                                           "v"
                                                                                           "e"
                                                                                           "r"
                                                                                           "e"
                                                                                           "d"
                                                                                           "-"
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           "-"
                                                                                           "c"
                                                                                           "e"
                                                                                           "l"
                                                                                           "l"
                                                                                           "/"
                                                                                           ">"
                                                                                           "<"
                                                                                           "/"
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           ":"
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           "-"
                                                                                           "r"
                                                                                           "o"
                                                                                           "w"
                                                                                           ">"
                                                                                           "<"
                                                                                           "/"
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           ":"
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           ">"
                                                                                           "<"
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           ":"
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           " "
                                                                                           "t"
                                                                                           "a"
                                                                                           "b"
                                                                                           "l"
                                                                                           "e"
                                                                                           ":"
                                                                                           "n"
                                                                                           "a"
                                                                                           "m"
                                                                                           "e"
                                                                                           "="
                                                                                           "'"
                                                                                           "E"
                                                                                           "m"
                                                                                           "p"
                                                                                           "t"
                                                                                           "y"
                                                                                           "'"
                                                                                           "/"
                                                                                           ">"));

    cr_expect_str_eq(blocks, "H1 p1 [Cities] Cities\n"
                             "R0 p1 [Cities] City: Wien | People: 2,000,000\n"
                             "R0 p1 [Cities] Land\n");
    cr_expect_eq(doc.blocks[1].row, 5);
}

Test(odf, behind_a_password_is_encrypted)
{
    const struct zip_part parts[] = {
        {"content.xml", "\x13\x37 no XML any more", 0},
        {"META-INF/manifest.xml", "<m><f><manifest:encryption-data/></f></m>", 0}};
    struct zip zip = zip_make(parts, 2, NULL, mem);

    cc_extract_init(&doc, CC_FILE_ODT, mem);

    cr_expect_eq(cc_parse_office(zip.bytes, zip.len, CC_FILE_ODT, &doc), CC_E_ENCRYPTED);
}

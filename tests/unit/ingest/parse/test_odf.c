#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/odf.h"
#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"
#include "tests/unit/ingest/parse/doc.h"
#include "tests/unit/ingest/parse/zip.h"

TestSuite(odf, .init = doc_setup, .fini = doc_teardown);

static const char *read_file(enum cc_file_type type, const char *kind, const char *body)
{
    const char *content = cc_arena_printf(
        mem,
        "<office:document-content><office:automatic-styles><style:style/></office:automatic-styles>"
        "<office:body><office:%s>%s</office:%s></office:body></office:document-content>",
        kind, body, kind);
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

static const char a_text[] =
    "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
    "<text:h text:outline-level='2'>Two</text:h>"
    "<text:p>a<text:s text:c='2'/>b<text:line-break/>c<text:note><text:note-citation>1"
    "</text:note-citation><text:note-body><text:p>As of May.</text:p><text:p>Or June.</text:p>"
    "</text:note-body></text:note> d<office:annotation><text:p>remark</text:p></office:annotation>"
    "</text:p><text:list><text:list-item><text:p>one</text:p><text:p>more of it</text:p>"
    "<text:list><text:list-item><text:p>deeper</text:p></text:list-item></text:list>"
    "</text:list-item></text:list><table:table><table:table-row>"
    "<table:table-cell><text:p>x</text:p></table:table-cell>"
    "<table:table-cell><text:p>y</text:p></table:table-cell></table:table-row><table:table-row>"
    "<table:table-cell table:number-columns-repeated='2'><text:p>z</text:p></table:table-cell>"
    "</table:table-row></table:table>";

Test(odf, text_becomes_blocks)
{
    const char *blocks = read_file(CC_FILE_ODT, "text", a_text);

    cr_expect_str_eq(blocks, "H2 p0 [Two] Two\nP0 p0 [Two] a b/c d\n"
                             "P0 p0 [Two] As of May./Or June.\nL0 p0 [Two] one\n"
                             "P0 p0 [Two] more of it\nL0 p0 [Two]   deeper\n"
                             "T0 p0 [Two] x | y/z |\nP0 p0 [] ACME\n");
}

static const char slides[] =
    "<draw:page><draw:frame presentation:class='title'><draw:text-box><text:p>First</text:p>"
    "</draw:text-box></draw:frame><draw:frame><draw:text-box><text:list><text:list-item>"
    "<text:p>point</text:p></text:list-item></text:list></draw:text-box></draw:frame>"
    "<presentation:notes><draw:frame><draw:text-box><text:p>say</text:p></draw:text-box>"
    "</draw:frame></presentation:notes></draw:page>"
    "<draw:page><draw:custom-shape><text:p>untitled</text:p></draw:custom-shape></draw:page>";

Test(odf, slides_are_pages)
{
    const char *blocks = read_file(CC_FILE_ODP, "presentation", slides);

    cr_expect_str_eq(blocks, "H1 p1 [First] First\nL0 p1 [First] point\nP0 p1 [First] say\n"
                             "P0 p2 [] untitled\n");
    cr_expect_eq(doc.pages, 2);
}

static const char sheets[] =
    "<table:table table:name='Cities'><table:table-row>"
    "<table:table-cell><text:p>City</text:p></table:table-cell>"
    "<table:table-cell><text:p>People</text:p></table:table-cell>"
    "<table:table-cell><text:p>Land</text:p></table:table-cell></table:table-row>"
    "<table:table-row table:number-rows-repeated='3'>"
    "<table:table-cell table:number-columns-repeated='16000'/></table:table-row>"
    "<table:table-row><table:table-cell><text:p>Wien</text:p></table:table-cell>"
    "<table:table-cell office:value='2000000'><text:p>2,000,000</text:p>"
    "<office:annotation><text:p>remark</text:p></office:annotation></table:table-cell>"
    "<table:covered-table-cell/></table:table-row></table:table><table:table table:name='Empty'/>";

Test(odf, sheets_are_rows_under_their_headers)
{
    const char *blocks = read_file(CC_FILE_ODS, "spreadsheet", sheets);

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

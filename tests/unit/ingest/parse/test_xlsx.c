#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/parse.h"
#include "ingest/parse/xlsx.h"
#include "ingest/parse/xlsx_book.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"
#include "tests/unit/ingest/parse/doc.h"
#include "tests/unit/ingest/parse/zip.h"

TestSuite(xlsx, .init = doc_setup, .fini = doc_teardown);

#define RELATION(id, t, to) "<Relationship Id='" id "' Type='http://x/" t "' Target='" to "'/>"
#define SHEET(rows, more)   "<worksheet><sheetData>" rows "</sheetData>" more "</worksheet>"

static const char relations[] = "<Relationships>" RELATION("r1", "worksheet", "worksheets/one.xml")
    RELATION("r2", "worksheet", "/xl/worksheets/two.xml") RELATION("r3", "sharedStrings", "s.xml")
        RELATION("r4", "styles", "styles.xml") "</Relationships>";
static const char strings[] =
    "<sst><si><t>Product</t></si><si><r><t>Pri</t></r><r><t>ce</t></r></si><si><t>Since</t></si>"
    "<si><t>Ember</t><rPh><t>no</t></rPh></si></sst>";
static const char styles[] =
    "<styleSheet><numFmts><numFmt numFmtId='170' formatCode='#,##0.00\\ \"€\"'/></numFmts>"
    "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"
    "<cellXfs><xf numFmtId='0'/><xf numFmtId='170'/><xf numFmtId='14'/></cellXfs></styleSheet>";

static int read_book(const char *sheets, const char *one, const char *two)
{
    const struct zip_part parts[] = {
        {"xl/workbook.xml", sheets, 0},    {"xl/_rels/workbook.xml.rels", relations, 0},
        {"xl/worksheets/one.xml", one, 0}, {"xl/worksheets/two.xml", two, 0},
        {"xl/s.xml", strings, 0},          {"xl/styles.xml", styles, 0},
    };
    struct zip zip = zip_make(parts, sizeof parts / sizeof *parts, NULL, mem);

    return cc_parse_office(zip.bytes, zip.len, CC_FILE_XLSX, &doc);
}

static const char both[] = "<workbook><sheets><sheet name='Prices' sheetId='1' r:id='r1'/>"
                           "<sheet name='More' sheetId='2' r:id='r2'/></sheets></workbook>";
#define HEADER                                                                                     \
    "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c>"                          \
    "<c r='C1' t='s'><v>2</v></c></row>"

Test(xlsx, becomes_rows_under_their_headers)
{
    int rc = read_book(both,
                       SHEET(HEADER "<row r='5'><c r='A5' t='s'><v>3</v></c><c r='B5' s='1'>"
                                    "<v>1234.5</v></c><c r='C5' s='2'><v>45352</v></c></row>"
                                    "<row><c t='inlineStr'><is><t>Blaze</t></is></c><c><v>0.1</v>"
                                    "</c><c t='b'><v>1</v></c></row>",
                             ""),
                       SHEET("<row r='2'><c r='C2' t='str'><v>alone</v></c></row>", ""));

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_str_eq(blocks_show(&doc, mem),
                     "H1 p1 [Prices] Prices\n"
                     "R0 p1 [Prices] Product: Ember | Price: 1234.50 € | Since: 2024-03-01\n"
                     "R0 p1 [Prices] Product: Blaze | Price: 0.1 | Since: TRUE\n"
                     "H1 p2 [More] More\nR0 p2 [More] alone\n");
    cr_expect_eq(doc.blocks[1].row, 5);
    cr_expect_eq(doc.blocks[2].row, 6);
    cr_expect_eq(doc.blocks[4].row, 2);
}

Test(xlsx, says_a_cell_that_spans_rows_in_each_of_them)
{
    int rc = read_book(both,
                       SHEET(HEADER "<row r='2'><c r='A2' t='str'><v>Stoves</v></c><c r='B2'><v>1"
                                    "</v></c></row><row r='3'><c r='B3'><v>2</v></c></row>"
                                    "<row r='4'><c r='B4'><v>3</v></c></row>",
                             "<mergeCells><mergeCell ref='A2:A3'/></mergeCells>"),
                       SHEET("", ""));

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_str_eq(blocks_show(&doc, mem), "H1 p1 [Prices] Prices\n"
                                             "R0 p1 [Prices] Product: Stoves | Price: 1\n"
                                             "R0 p1 [Prices] Product: Stoves | Price: 2\n"
                                             "R0 p1 [Prices] Price: 3\nR0 p1 [Prices] Since\n");
}

Test(xlsx, is_damaged_when_a_sheet_is_missing)
{
    int rc = read_book("<workbook><sheets><sheet name='a' r:id='r9'/></sheets></workbook>",
                       SHEET(HEADER, ""), "<x/>");

    cr_expect_eq(rc, CC_E_PARSER);
}

Test(xlsx, leaves_hidden_and_empty_sheets_out)
{
    int rc = read_book("<workbook><sheets><sheet name='a' state='hidden' r:id='r1'/>"
                       "<sheet name='b' r:id='r2'/></sheets></workbook>",
                       SHEET(HEADER, ""), SHEET("<row r='1'><c r='A1'/></row>", ""));

    cr_expect_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_eq(doc.n, 0);
}

Test(xlsx, counts_days_from_1904_where_the_book_says_so)
{
    int rc = read_book("<workbook><workbookPr date1904='1'/><sheets><sheet name='a' r:id='r1'/>"
                       "</sheets></workbook>",
                       SHEET("<row r='1'><c r='A1' s='2'><v>43890</v></c></row>", ""), "<x/>");

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_str_eq(doc.blocks[1].text, "2024-03-01");
}

Test(xlsx, is_not_upset_by_wild_references)
{
    int rc =
        read_book(both,
                  SHEET("<row r='1'><c r='A1' t='s'><v>99</v></c><c r='ZZZZZZ1'><v>1</v></c>"
                        "<c r='B-1' s='-5'><v>x</v></c></row><row r='-3'><c><v>7</v></c></row>",
                        "<mergeCells><mergeCell ref='A1:'/><mergeCell ref='9'/></mergeCells>"),
                  "<broken");

    cr_expect_eq(rc, CC_E_PARSER);
    cr_expect(doc.n >= 2);
}

Test(xlsx, of_more_sheets_than_are_read_is_refused)
{
    struct cc_buf sheets;

    cc_buf_init(&sheets, 1 << 20);
    cc_buf_text(&sheets, "<workbook><sheets>");
    for (int i = 0; i <= CC_XLSX_SHEETS; i++)
        cc_buf_text(&sheets, "<sheet name='a' r:id='r1'/>");
    cc_buf_text(&sheets, "</sheets></workbook>");
    cr_expect_eq(read_book(sheets.bytes, SHEET(HEADER, ""), "<x/>"), CC_E_LIMIT);
    cc_buf_done(&sheets);
}

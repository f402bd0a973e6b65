#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/docx.h"
#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"
#include "tests/unit/ingest/parse/doc.h"
#include "tests/unit/ingest/parse/zip.h"

TestSuite(docx, .init = doc_setup, .fini = doc_teardown);

#define BODY(text) "<w:document xmlns:w='w'><w:body>" text "</w:body></w:document>"
#define P(text)    "<w:p><w:r><w:t>" text "</w:t></w:r></w:p>"
#define STYLED(style, text)                                                                        \
    "<w:p><w:pPr><w:pStyle w:val='" style "'/></w:pPr><w:r><w:t>" text "</w:t></w:r></w:p>"
#define ITEM(list, level, text)                                                                    \
    "<w:p><w:pPr><w:numPr><w:ilvl w:val='" level "'/><w:numId w:val='" list "'/></w:numPr>"        \
    "</w:pPr><w:r><w:t>" text "</w:t></w:r></w:p>"
#define CELL(text)      "<w:tc>" text "</w:tc>"
#define RELATION(id, t) "<Relationship Id='" id "' Type='http://x/" t "' Target='" t ".xml'/>"

static const char relations[] = "<Relationships>" RELATION("r1", "styles")
    RELATION("r2", "numbering") RELATION("r3", "footnotes") RELATION("r4", "header")
        RELATION("r5", "footer") "<Relationship Id='r6' Type='http://x/header' Target='"
                                 "header.xml'/></Relationships>";
static const char styles[] =
    "<w:styles><w:style w:styleId='T1'><w:name w:val='heading 1'/></w:style>"
    "<w:style w:styleId='T2'><w:name w:val='My own'/><w:basedOn w:val='T2b'/></w:style>"
    "<w:style w:styleId='T2b'><w:name w:val='base'/><w:pPr><w:outlineLvl w:val='1'/></w:pPr>"
    "</w:style><w:style w:styleId='Li'><w:name w:val='List Bullet'/><w:pPr><w:numPr>"
    "<w:numId w:val='9'/></w:numPr></w:pPr></w:style></w:styles>";
static const char numbering[] =
    "<w:numbering><w:abstractNum w:abstractNumId='0'>"
    "<w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:lvlText w:val='%1.'/>"
    "</w:lvl><w:lvl w:ilvl='1'><w:start w:val='1'/><w:numFmt w:val='lowerLetter'/>"
    "<w:lvlText w:val='%1%2)'/></w:lvl></w:abstractNum>"
    "<w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num>"
    "<w:num w:numId='2'><w:abstractNumId w:val='0'/><w:lvlOverride w:ilvl='0'>"
    "<w:startOverride w:val='7'/></w:lvlOverride></w:num></w:numbering>";
static const char footnotes[] = "<w:footnotes><w:footnote w:type='separator' w:id='0'>" P(
    "----") "</w:footnote><w:footnote w:id='2'>" P("As of May.")
    P("Or June.") "</w:footnote></w:footnotes>";

static const char *read_body(const char *body)
{
    const struct zip_part parts[] = {
        {"word/document.xml", body, 0},
        {"word/_rels/document.xml.rels", relations, 0},
        {"word/styles.xml", styles, 0},
        {"word/numbering.xml", numbering, 0},
        {"word/footnotes.xml", footnotes, 0},
        {"word/header.xml", "<w:hdr>" P("ACME") "</w:hdr>", 0},
        {"word/footer.xml", "<w:ftr>" P("page 1") "</w:ftr>", 0},
        {"docProps/core.xml", "<c><dc:title>The title</dc:title></c>", 0}};
    struct zip zip = zip_make(parts, sizeof parts / sizeof *parts, NULL, mem);
    int rc = cc_parse_office(zip.bytes, zip.len, CC_FILE_DOCX, &doc);

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    return blocks_show(&doc, mem);
}

#define MARGINS "P0 p0 [] ACME\nP0 p0 [] page 1\n"

static const struct {
    const char *name, *body, *blocks;
} rows[] = {
    {"headings by style, by its base and by level",
     BODY(STYLED("T1", "One") P("a") STYLED("T2", "Two") P(
         "b") "<w:p><w:pPr><w:outlineLvl w:val='2'/></w:pPr><w:r><w:t>Three</w:t></w:r></w:p>"),
     "H1 p0 [One] One\nP0 p0 [One] a\nH2 p0 [One › Two] Two\nP0 p0 [One › Two] b\n"
     "H3 p0 [One › Two › Three] Three\n" MARGINS},
    {"lists count",
     BODY(ITEM("1", "0", "x") ITEM("1", "1", "y") ITEM("1", "1", "z") ITEM("1", "0", "u")
              ITEM("2", "0", "v") STYLED("Li", "w")),
     "L0 p0 [] 1. x\nL0 p0 []   1a) y\nL0 p0 []   1b) z\nL0 p0 [] 2. u\nL0 p0 [] 7. v\nL0 p0 [] "
     "w\n" MARGINS},
    {"tables",
     BODY("<w:tbl><w:tr>" CELL(P("a")) CELL(P("b")) "</w:tr><w:tr>" CELL(P("c") P("d"))
              CELL("<w:tbl><w:tr>" CELL(P("e")) CELL(P("f")) "</w:tr></w:tbl>") "</w:tr></w:tbl>"),
     "T0 p0 [] a | b/c d | e f\n" MARGINS},
    {"a table of one column is layout",
     BODY("<w:tbl><w:tr>" CELL(P("a") P("b")) "</w:tr><w:tr>" CELL(P("c")) "</w:tr></w:tbl>"),
     "P0 p0 [] a/b\nP0 p0 [] c\n" MARGINS},
    {"notes behind their paragraph",
     BODY(
         "<w:p><w:r><w:t>Price</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r></w:p>" P("b")),
     "P0 p0 [] Price\nP0 p0 [] As of May./Or June.\nP0 p0 [] b\n" MARGINS},
    {"changes as if accepted",
     BODY("<w:p><w:del><w:r><w:delText>no</w:delText><w:t>no</w:t></w:r></w:del><w:ins><w:r>"
          "<w:t>yes</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>no</w:t></w:r></w:moveFrom></w:p>"),
     "P0 p0 [] yes\n" MARGINS},
    {"earlier properties do not count",
     BODY("<w:p><w:pPr><w:pPrChange><w:pPr><w:pStyle w:val='T1'/></w:pPr></w:pPrChange></w:pPr>"
          "<w:r><w:t>text</w:t></w:r></w:p>"),
     "P0 p0 [] text\n" MARGINS},
    {"hidden text stays hidden",
     BODY("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>no</w:t></w:r><w:r><w:rPr>"
          "<w:vanish w:val='0'/></w:rPr><w:t>yes</w:t></w:r></w:p>"),
     "P0 p0 [] yes\n" MARGINS},
    {"tabs, breaks and symbols",
     BODY("<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/>"
          "<w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:sym w:char='20AC'/>"
          "<w:sym w:char='F0B7'/></w:r></w:p>"),
     "P0 p0 [] a b/c-€\n" MARGINS},
    {"a text box once, behind its paragraph",
     BODY("<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>" P(
         "box") "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>" P("box") "</"
                                                                                    "w:txbxContent>"
                                                                                    "</"
                                                                                    "mc:Fallback></"
                                                                                    "mc:"
                                                                                    "AlternateConte"
                                                                                    "nt><w:t>text</"
                                                                                    "w:t></w:r></"
                                                                                    "w:p>"),
     "P0 p0 [] text\nP0 p0 [] box\n" MARGINS},
    {"a fallback where there is nothing else",
     BODY("<w:p><w:r><mc:AlternateContent><mc:Choice/><mc:Fallback><w:t>box</w:t></mc:Fallback>"
          "</mc:AlternateContent></w:r></w:p>"),
     "P0 p0 [] box\n" MARGINS},
    {"links and fields by their text",
     BODY("<w:p><w:hyperlink r:id='r9'><w:r><w:t>here</w:t></w:r></w:hyperlink><w:r>"
          "<w:instrText>PAGE</w:instrText></w:r></w:p>"),
     "P0 p0 [] here\n" MARGINS},
    {"headers alone are no text", BODY("<w:p/>"), ""},
};

Test(docx, becomes_blocks)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cc_extract_init(&doc, CC_FILE_DOCX, mem);
        cr_expect_str_eq(read_body(rows[i].body), rows[i].blocks, "%s", rows[i].name);
    }
}

Test(docx, has_the_title_of_its_properties)
{
    read_body(BODY(P("text")));

    cr_expect_str_eq(doc.title, "The title");
    cr_expect_eq(doc.type, CC_FILE_DOCX);
}

Test(docx, has_the_title_of_its_text_where_its_properties_have_none)
{
    const struct zip_part parts[] = {
        {"word/document.xml", BODY(P("Draft") STYLED("Title", "A guide") STYLED("Title", "Second")),
         0}};
    struct zip zip = zip_make(parts, 1, NULL, mem);

    cr_assert_eq(cc_parse_office(zip.bytes, zip.len, CC_FILE_DOCX, &doc), 0);
    cr_expect_str_eq(doc.title, "A guide");
}

Test(docx, is_damaged_when_its_body_is)
{
    const struct zip_part part = {"word/document.xml", "<w:document><w:body>" P("a"), 0};
    struct zip zip = zip_make(&part, 1, NULL, mem);

    cr_expect_eq(cc_parse_office(zip.bytes, zip.len, CC_FILE_DOCX, &doc), CC_E_PARSER);
}

Test(docx, can_do_without_all_its_other_parts)
{
    const struct zip_part parts[] = {
        {"word/document.xml", BODY(STYLED("Heading2", "Two") P("a")), 0},
        {"word/styles.xml", "<broken", 0}};
    struct zip zip = zip_make(parts, 2, NULL, mem);

    cr_assert_eq(cc_parse_office(zip.bytes, zip.len, CC_FILE_DOCX, &doc), 0);
    cr_expect_str_eq(blocks_show(&doc, mem), "H2 p0 [Two] Two\nP0 p0 [Two] a\n");
}

#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/parse.h"
#include "ingest/parse/pptx.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"
#include "tests/unit/ingest/parse/zip.h"

#define RELATION(id, t, to) "<Relationship Id='" id "' Type='http://x/" t "' Target='" to "'/>"
#define P(text)             "<a:p><a:r><a:t>" text "</a:t></a:r></a:p>"
#define SHAPE(type, text)                                                                          \
    "<p:sp><p:nvSpPr><p:nvPr><p:ph type='" type "'/></p:nvPr></p:nvSpPr><p:txBody>" text           \
    "</p:txBody></p:sp>"
#define SLIDE(text) "<p:sld><p:cSld><p:spTree>" text "</p:spTree></p:cSld></p:sld>"

static const struct zip_part parts[] = {
    {"ppt/presentation.xml",
     "<p:presentation><p:sldIdLst><p:sldId id='256' r:id='r2'/><p:sldId id='257' r:id='r1'/>"
     "</p:sldIdLst></p:presentation>",
     0},
    {"ppt/_rels/presentation.xml.rels",
     "<Relationships>" RELATION("r1", "slide", "slides/slide1.xml")
         RELATION("r2", "slide", "slides/slide2.xml") "</Relationships>",
     0},
    {"ppt/slides/slide2.xml",
     SLIDE(SHAPE("body", P("one") "<a:p><a:pPr lvl='1'/><a:r><a:t>deeper</a:t></a:r></a:p>"
                                  "<a:p><a:pPr><a:buNone/></a:pPr><a:r><a:t>plain</a:t></a:r></"
                                  "a:p>") SHAPE("sldNum", P("1"))
               SHAPE("title", P("First") P("slide")) "<p:graphicFrame><a:tbl><a:tr><a:tc>" P("a") "</a:tc><a:tc>" P(
                   "b") "</a:tc></a:tr><a:tr><a:tc>" P("1") "</a:tc><a:tc>" P("2") "</a:tc></"
                                                                                   "a:tr></a:tbl></"
                                                                                   "p:"
                                                                                   "graphicFrame>"),
     0},
    {"ppt/slides/_rels/slide2.xml.rels",
     "<Relationships>" RELATION("r1", "notesSlide", "../notesSlides/n.xml") "</Relationships>", 0},
    {"ppt/notesSlides/n.xml", SLIDE(SHAPE("sldImg", P("no")) SHAPE("body", P("Speak slowly."))), 0},
    {"ppt/slides/slide1.xml", SLIDE("<p:sp><p:txBody>" P("untitled") "</p:txBody></p:sp>"), 0},
};

Test(pptx, becomes_a_page_a_slide_with_its_title_first)
{
    struct cc_arena *mem = cc_arena_new(64u << 20);
    struct zip zip = zip_make(parts, sizeof parts / sizeof *parts, NULL, mem);
    struct cc_extract doc;

    cc_extract_init(&doc, CC_FILE_PPTX, mem);
    int rc = cc_parse_office(zip.bytes, zip.len, CC_FILE_PPTX, &doc);

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_str_eq(blocks_show(&doc, mem),
                     "H1 p1 [First slide] First slide\n"
                     "L0 p1 [First slide] one\nL0 p1 [First slide]   deeper\n"
                     "P0 p1 [First slide] plain\nT0 p1 [First slide] a | b/1 | 2\n"
                     "P0 p1 [First slide] Speak slowly.\n"
                     "P0 p2 [] untitled\n");
    cr_expect_eq(doc.pages, 2);
    cc_arena_free(&mem);
}

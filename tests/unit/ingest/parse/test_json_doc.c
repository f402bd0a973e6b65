#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/json_doc.h"
#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"
#include "tests/unit/ingest/parse/doc.h"

TestSuite(json_doc, .init = doc_setup, .fini = doc_teardown);

static const struct {
    const char *text, *blocks;
} rows[] = {
    {"[{\"name\": \"Ember\", \"spec\": {\"watt\": 1500, \"colours\": [\"red\", null, \"blue\"]}},"
     " {\"name\": \"Blaze\", \"sold\": true, \"note\": null}]",
     "R0 p0 [] name: Ember | spec.watt: 1500 | spec.colours: red, blue\n"
     "R0 p0 [] name: Blaze | sold: true\n"},
    {"[{\"question\": \"How long?\", \"answer\": \"Two days.\", \"topic\": \"shipping\"}]",
     "Q0 p0 [] How long?/Two days./topic: shipping\n"},
    {"{\"id\": 1, \"a\": \"x\"}\n{\"id\": 2, \"a\": \"y\"}\n",
     "R0 p0 [] id: 1 | a: x\nR0 p0 [] id: 2 | a: y\n"},
    {"{\"title\": \"Shop\", \"price\": 1.5, \"hours\": {\"mon\": \"9-17\", \"tue\": {\"am\": "
     "\"9-12\"}},"
     " \"faq\": [{\"q\": \"Open?\", \"a\": \"Yes.\"}], \"end\": false}",
     "P0 p0 [] title: Shop/price: 1.5\nH1 p0 [hours] hours\nP0 p0 [hours] mon: 9-17/tue.am: 9-12\n"
     "H1 p0 [faq] faq\nQ0 p0 [faq] Open?/Yes.\nP0 p0 [] end: false\n"},
    {"[[\"Product\", \"Price\"], [\"Ember\", 12], [\"Blaze\", 9]]",
     "R0 p0 [] Product: Ember | Price: 12\nR0 p0 [] Product: Blaze | Price: 9\n"},
    {"[\"one\", 2, null]", "L0 p0 [] one\nL0 p0 [] 2\n"},
    {"{}", ""},
};

Test(json_doc, becomes_records_and_lines)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cc_extract_init(&doc, CC_FILE_TEXT, mem);

        int rc = cc_parse_file(NULL, rows[i].text, strlen(rows[i].text), &doc);

        cr_expect_eq(rc, 0, "%s", cc_fail_text());
        cr_expect_eq(doc.type, CC_FILE_JSON, "%s", rows[i].text);
        cr_expect_str_eq(blocks_show(&doc, mem), rows[i].blocks, "%s", rows[i].text);
    }
}

Test(json_doc, counts_its_records)
{
    cc_parse_json(rows[0].text, strlen(rows[0].text), &doc);

    cr_expect_eq(doc.blocks[0].row, 1);
    cr_expect_eq(doc.blocks[1].row, 2);
    cr_expect_eq(doc.row, 0);
}

Test(json_doc, has_the_title_it_gives_itself)
{
    cc_parse_json(rows[3].text, strlen(rows[3].text), &doc);

    cr_expect_str_eq(doc.title, "Shop");
}

Test(json_doc, that_is_none_is_text)
{
    static const char *const texts[] = {"{ not: json }", "[see below] is a remark", "{\"a\": 1",
                                        "{\"a\": 1} and words"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cc_extract_init(&doc, CC_FILE_TEXT, mem);
        cr_expect_eq(cc_parse_json(texts[i], strlen(texts[i]), &doc), CC_E_TYPE, "%s", texts[i]);
        cr_expect_eq(doc.n, 0);
        cr_expect_eq(cc_parse_file(NULL, texts[i], strlen(texts[i]), &doc), 0);
        cr_expect_eq(doc.type, CC_FILE_TEXT);
        cr_expect_str_eq(doc.blocks[0].text, texts[i]);
    }
}

Test(json_doc, is_shown_as_written_where_it_is_too_deep)
{
    struct cc_buf text;

    cc_buf_init(&text, 1 << 20);
    for (int i = 0; i < 100; i++)
        cc_buf_text(&text, "{\"k\":[{\"w\":1},");
    cc_buf_text(&text, "\"leaf\"");
    for (int i = 0; i < 100; i++)
        cc_buf_text(&text, "]}");

    cr_assert_eq(cc_parse_json(text.bytes, text.len, &doc), 0, "%s", cc_fail_text());
    cr_expect_not_null(strstr(doc.blocks[doc.n - 1].text, "leaf"));
    cc_buf_done(&text);
}

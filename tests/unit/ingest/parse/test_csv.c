#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/csv.h"
#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"
#include "tests/unit/ingest/parse/doc.h"

TestSuite(csv, .init = doc_setup, .fini = doc_teardown);

/* Records as "1[a][b]2[c]". */
static const char *show_records(const char *text, char delimiter)
{
    struct cc_sheet_row row = {0, 0, NULL};
    const char *copy;
    struct cc_buf out;
    struct cc_csv csv;

    cc_buf_init(&out, 1 << 20);
    cc_csv_init(&csv, cc_arena_dup(mem, text), strlen(text), delimiter, mem);
    while (cc_csv_next(&csv, &row)) {
        cc_buf_printf(&out, "%d", row.number);
        for (size_t i = 0; i < row.n; i++)
            cc_buf_printf(&out, "[%.*s]", (int)row.cells[i].len, row.cells[i].s);
    }
    copy = cc_arena_dupn(mem, out.bytes, out.len);
    cc_buf_done(&out);
    return copy;
}

static const struct {
    const char *text;
    char delimiter;
    const char *records;
} records[] = {
    {"a,b\nc,d\n", ',', "1[a][b]2[c][d]"},
    {"a,b\nc,d", ',', "1[a][b]2[c][d]"},
    {"\"a,1\",\"b\"\"2\"\"\"\n", ',', "1[a,1][b\"2\"]"},
    {"\"two\nlines\",x\ny,z\n", ',', "1[two\nlines][x]2[y][z]"},
    {" \"a\" , b \n", ',', "1[a][b]"},
    {"a;;b;\n", ';', "1[a][][b][]"},
    {"a\tb\n\nc\n", '\t', "1[a][b]2[]3[c]"},
    {"\"a\" b|c\n", '|', "1[a b][c]"},
    {"5\" disk,6\" disk\n", ',', "1[5\" disk][6\" disk]"},
    {"\"say \\\"hi\\\" now\",b\n", ',', "1[say \"hi\" now][b]"},
    {"\"ends with \\\",b\n", ',', "1[ends with \\][b]"},
    {"a,\"never closed\nb,c\nd,\"e\"\n", ',', "1[a][never closed\nb,c\nd,e\"]"},
    {"a,\"never closed\nb,\"c\n", ',', "1[a][never closed\nb,c]"},
    {"\"\n", ',', "1[\"]"},
    {"", ',', ""},
};

Test(csv, is_read_as_its_makers_meant_it)
{
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        cr_expect_str_eq(show_records(records[i].text, records[i].delimiter), records[i].records,
                         "%s", records[i].text);
}

Test(csv, loses_nothing_behind_a_quote_that_is_never_closed)
{
    const char *shown = show_records("a,\"b\nc,\"d\ne,f\n", ',');

    for (const char *word = "abcdef"; *word; word++)
        cr_expect_not_null(strchr(shown, *word), "%c in %s", *word, shown);
}

/* delimiter 0: no table */
static const struct {
    const char *text;
    char delimiter;
} sniffs[] = {
    {"a,b,c\n1,2,3\n4,5,6\n", ','},
    {"a;b\n1,5;2\n4;5,5\n", ';'},
    {"a\tb\n1\t2\n", '\t'},
    {"a|b|c\n1|2|3\n1|2|3\n", '|'},
    {"sep=;\na;b\n", ';'},
    {"\"sep=|\"\nabc\n", '|'},
    {"name,text\nx,\"one, two, three\nfour\"\ny,z\n", ','},
    {"Name, First name, City\nA, B, C\nD, E, F\nG, H, I\n", ','},
    {"Dear Sir, hello\nand welcome, friend\n", 0},
    {"Lorem, ipsum\ndolor sit\namet, consectetur, adipiscing\n", 0},
    {"int a;\nint b;\nint c;\n", 0},
    {"one line, only\n", 0},
    {"one,record\n", 0},
    {"no delimiter\nat all\n", 0},
    {"", 0},
};

Test(csv, is_sniffed_by_records_of_one_width)
{
    for (size_t i = 0; i < sizeof sniffs / sizeof *sniffs; i++) {
        char delimiter = 0;
        size_t from = 0;

        bool found = cc_csv_sniff(sniffs[i].text, strlen(sniffs[i].text), &delimiter, &from);

        cr_expect_eq(found, sniffs[i].delimiter != 0, "%s", sniffs[i].text);
        cr_expect_eq(delimiter, sniffs[i].delimiter, "%s", sniffs[i].text);
    }
}

static const struct {
    const char *text, *blocks;
} files[] = {
    {"Product,Price,Colour\nEmber,12.50,red\nBlaze,,blue\n",
     "R0 p0 [] Product: Ember | Price: 12.50 | Colour: red\n"
     "R0 p0 [] Product: Blaze | Colour: blue\n"},
    {"sep=;\nFrage;Antwort;Thema\nWie lange?;\"Zwei\nTage\";Versand\nOffen?;;Rest\n",
     "Q0 p0 [] Wie lange?/Zwei/Tage/Thema: Versand\nR0 p0 [] Frage: Offen? | Thema: Rest\n"},
    {"Open on Sunday?,\"No, closed.\"\nWhere?,In Wien.\nHow long?,Two days.\n",
     "Q0 p0 [] Open on Sunday?/No, closed.\nQ0 p0 [] Where?/In Wien.\n"
     "Q0 p0 [] How long?/Two days.\n"},
    {"1,2,3\n4,5,6\n", "R0 p0 [] 1 | 2 | 3\nR0 p0 [] 4 | 5 | 6\n"},
    {"Price list,,\n,,\nProduct,Price,Unit\nEmber,1,kg\nEmber 2,2,kg\n",
     "R0 p0 [] Price list\nR0 p0 [] Product: Ember | Price: 1 | Unit: kg\n"
     "R0 p0 [] Product: Ember 2 | Price: 2 | Unit: kg\n"},
    {"a,b,c\n1,,2\n3,,4,more\n", "R0 p0 [] a: 1 | c: 2\nR0 p0 [] a: 3 | c: 4 | more\nR0 p0 [] b\n"},
    {"Year,2023,2024\nStoves,1,2\nYear,2023,2024\nTools,3,4\n",
     "R0 p0 [] Year: Stoves | 2023: 1 | 2024: 2\nR0 p0 [] Year: Tools | 2023: 3 | 2024: 4\n"},
};

Test(csv, becomes_rows_under_their_headers)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        cc_extract_init(&doc, CC_FILE_TEXT, mem);

        int rc = cc_parse_file(NULL, files[i].text, strlen(files[i].text), &doc);

        cr_expect_eq(rc, 0, "%s", cc_fail_text());
        cr_expect_eq(doc.type, CC_FILE_CSV, "%s", files[i].text);
        cr_expect_str_eq(blocks_show(&doc, mem), files[i].blocks, "%s", files[i].text);
    }
}

Test(csv, counts_its_rows_as_a_spreadsheet_does)
{
    static const char text[] = "a,b,c\n1,2,3\n,,\n4,5,6\n";

    cr_assert_eq(cc_parse_csv(text, sizeof text - 1, &doc), 0);

    cr_expect_eq(doc.blocks[0].row, 2);
    cr_expect_eq(doc.blocks[1].row, 4);
    cr_expect_eq(doc.row, 0);
}

Test(csv, row_too_long_for_a_block_goes_on_in_another)
{
    struct cc_buf text;

    cc_buf_init(&text, 1 << 20);
    for (int line = 0; line < 2; line++) {
        for (int i = 0; i < 9000; i++)
            cc_buf_printf(&text, "%s%d", i ? "," : "", i);
        cc_buf_char(&text, '\n');
    }

    cr_assert_eq(cc_parse_csv(text.bytes, text.len, &doc), 0);
    cr_expect_gt(doc.n, 2);
    cr_expect_eq(doc.blocks[1].row, 1);
    cr_expect_eq(doc.blocks[doc.n - 1].row, 2);
    cc_buf_done(&text);
}

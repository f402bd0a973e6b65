#include "gateway/pure/csv.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
    const char *cell, *written;
} cells[] = {
    {"", ""},
    {"plain", "plain"},
    {" kept as it is ", " kept as it is "},
    {"semi;colon", "semi;colon"},
    {"a;=1+1", "a;'=1+1"},
    {"a;b;@SUM(A1)", "a;b;'@SUM(A1)"},
    {"a\t-1", "a\t'-1"},
    {"\n=1", "\"'\n=1\""},
    {"one,two", "\"one,two\""},
    {"a \"word\"", "\"a \"\"word\"\"\""},
    {"two\nlines", "\"two\nlines\""},
    {"two\r\nlines", "\"two\r\nlines\""},
    {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
    {"=1+1", "'=1+1"},
    {"+49 30", "'+49 30"},
    {"-5", "'-5"},
    {"@SUM(A1)", "'@SUM(A1)"},
    {"\t=1", "'\t'=1"},
    {"\r=1", "\"'\r=1\""},
    {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
    {"1=1", "1=1"},
    {"'=1", "'=1"},
};

Test(csv, writes_a_cell_as_its_table_says)
{
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        struct cc_buf out;

        cc_buf_init(&out, 1000);
        cc_csv_row(&out, &cells[i].cell, 1);
        cc_buf_text(&out, ".");
        cr_expect_eq(out.len, strlen(cells[i].written) + 3, "%s", cells[i].cell);
        cr_expect_eq(strncmp(out.bytes, cells[i].written, strlen(cells[i].written)), 0, "%s: %s",
                     cells[i].cell, out.bytes);
        cr_expect_str_eq(out.bytes + out.len - 3, "\r\n.");
        cc_buf_done(&out);
    }
}

Test(csv, separates_cells_and_leaves_absent_ones_empty)
{
    static const char *const row[] = {"a", NULL, "", "b,c"};
    struct cc_buf out;

    cc_buf_init(&out, 1000);
    cc_csv_row(&out, row, 4);

    cr_expect_str_eq(out.bytes, "a,,,\"b,c\"\r\n");
    cc_buf_done(&out);
}

#include <criterion/criterion.h>

#include "ingest/parse/sheet_number.h"

static const struct {
    const char *code, *stored, *shown;
} rows[] = {
    {NULL, "1234.5", "1234.5"},
    {"General", "0.30000000000000004", "0.3"},
    {"0.00", "12.5", "12.50"},
    {"#,##0.00 [$€-407]", "1234.5", "1234.50 €"},
    {"[$$-409]#,##0.00", "9", "$9.00"},
    {"_-* #,##0.00\\ \"€\"_-;-* #,##0.00\\ \"€\"_-", "3", "3.00 €"},
    {"[$CHF-807] 0", "7", "CHF 7"},
    {"0%", "0.25", "25%"},
    {"0.0%", "0.255", "25.5%"},
    {"yyyy\\-mm\\-dd", "45352", "2024-03-01"},
    {"dd.mm.yyyy hh:mm", "45352.604166666664", "2024-03-01 14:30"},
    {"m/d/yy", "59", "1900-02-28"},
    {"m/d/yy", "61", "1900-03-01"},
    {"mmm", "45352", "2024-03-01"},
    {"h:mm", "0.5", "12:00"},
    {"[h]:mm", "1.5", "36:00"},
    {"mm:ss", "0.00104166666", "00:01:30"},
    {"yyyy", "-5", "-5"},
    {"yyyy", "99999999", "99999999"},
    {"@", "0012", "12"},
    {"0", "no number", "no number"},
    {"0", "", ""},
    {"0", "1e999", "1e999"},
    {"0000000000000000000", "5", "5"},
    {"[", "5", "5"},
    {"\"", "5", "5"},
    {"\\", "5", "5"},
};

Test(sheet_number, shows_as_its_format_does)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cc_number_format format = cc_number_format(rows[i].code);
        char shown[CC_NUMBER_BYTES];

        size_t len = cc_number_show(rows[i].stored, &format, false, shown);

        cr_expect_str_eq(shown, rows[i].shown, "%s of %s: %s", rows[i].stored,
                         rows[i].code ? rows[i].code : "nothing", shown);
        cr_expect_eq(len, strlen(shown));
    }
}

Test(sheet_number, knows_the_formats_without_a_code)
{
    static const struct {
        int id;
        const char *shown;
    } known[] = {{0, "45352.5"},     {2, "45352.50"},          {9, "4535250%"}, {14, "2024-03-01"},
                 {20, "1088460:00"}, {22, "2024-03-01 12:00"}, {164, "45352.5"}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct cc_number_format format = cc_number_builtin(known[i].id);
        char shown[CC_NUMBER_BYTES];

        cc_number_show("45352.5", &format, false, shown);

        cr_expect_str_eq(shown, known[i].shown, "%d: %s", known[i].id, shown);
    }
}

Test(sheet_number, never_cuts_a_character)
{
    static const struct cc_number_format general = {.decimals = -1};
    char shown[CC_NUMBER_BYTES];

    size_t len =
        cc_number_show("äääääääääääääääääääääääääääääääääääääääää", &general, false, shown);

    cr_expect_eq(len, 62);
}

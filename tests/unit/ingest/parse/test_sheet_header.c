#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/sheet_header.h"

#define ROWS  6
#define CELLS 6

/* Rows of words parted by '|', as many as there are. */
static int make(const char *const *lines, struct cc_sheet_row rows[ROWS],
                struct cc_cell cells[ROWS][CELLS])
{
    int n = 0;

    for (; lines[n]; n++) {
        const char *s = lines[n];

        rows[n] = (struct cc_sheet_row){n + 1, 0, cells[n]};
        for (size_t len; *s || !rows[n].n; s += len + (s[len] == '|')) {
            len = strcspn(s, "|");
            cells[n][rows[n].n++] = (struct cc_cell){s, len};
            if (!s[len])
                break;
        }
    }
    return n;
}

static const struct {
    const char *name;
    const char *lines[ROWS];
    int header;
} sheets[] = {
    {"figures below words", {"Product|Price", "Ember|12.50", "Blaze|9"}, 0},
    {"three columns of words", {"Name|City|Job", "A. B.|Wien|cook", "C. D.|Bern|baker"}, 0},
    {"a title above", {"Prices of 2024", "Product|Price", "Ember|1"}, 1},
    {"years as names", {"Server|2023|2024", "small|10|20"}, 0},
    {"a question and its answer", {"Frage|Antwort", "Wie?|So.", "Wo?|Da."}, 0},
    {"figures from the first row on", {"1|2|3", "4|5|6"}, -1},
    {"dates in the first row", {"2024-03-01|Ember|x", "2024-03-02|Blaze|y"}, -1},
    {"two columns of words may be a form", {"Company|ACME", "City|Wien"}, -1},
    {"a name that comes again below", {"red|x|y", "red|u|v", "blue|w|z"}, -1},
    {"an address", {"a@example.com|Wien|x", "b@example.com|Bern|y"}, -1},
    {"running text", {"only words", "and more words"}, -1},
    {"a figure column under its name", {"phone", "+318855443322", "+552244331122"}, 0},
    {"one row", {"a|b|c"}, 0},
    {"nothing", {""}, -1},
};

Test(sheet_header, is_found_by_what_stands_below)
{
    for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
        struct cc_cell cells[ROWS][CELLS];
        struct cc_sheet_row rows[ROWS];
        int n = make(sheets[i].lines, rows, cells);

        cr_expect_eq(cc_sheet_header(rows, n), sheets[i].header, "%s: %d", sheets[i].name,
                     cc_sheet_header(rows, n));
    }
}

static const struct {
    const char *line;
    int question, answer;
} pairs[] = {
    {"question|answer", 0, 1},
    {"id|Answer|Question", 2, 1},
    {"Q|A", 0, 1},
    {"Pregunta|Respuesta", 0, 1},
    {"Question|Réponse", 0, 1},
    {"Вопрос|Ответ", 0, 1},
    {"user question|bot answer", 0, 1},
    {"question_id|question|answer", 1, 2},
    {"FRAGEN:|ANTWORTEN:", 0, 1},
    {"问题|答案", 0, 1},
    {"question|comment", -1, -1},
    {"a|b", -1, -1},
    {"questionable|answerable", -1, -1},
    {"Answer", -1, -1},
};

Test(sheet_header, knows_questions_and_answers_in_many_languages)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *lines[] = {pairs[i].line, NULL};
        struct cc_cell cells[ROWS][CELLS];
        struct cc_sheet_row rows[ROWS];
        int question, answer;

        make(lines, rows, cells);
        bool found = cc_sheet_pair(rows, &question, &answer);

        cr_expect_eq(found, pairs[i].question >= 0, "%s", pairs[i].line);
        cr_expect_eq(question, pairs[i].question, "%s: %d", pairs[i].line, question);
        cr_expect_eq(answer, pairs[i].answer, "%s: %d", pairs[i].line, answer);
    }
}

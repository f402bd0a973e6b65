#include <string.h>
#include <strings.h>

#include "ingest/parse/csv.h"

#define SNIFF_BYTES (64 * 1024)
#define LINES_BYTES (4 << 20)
#define RECORDS     200
#define FIELDS      2000 /* a count beyond is this one */
#define PROSE_ROWS  4    /* "one, two" is a sentence unless there are more of both */
#define PROSE_WIDTH 3

/* What a text looks like when it is parted by one delimiter. */
struct look {
    int records, same; /* with text; with the usual number of fields */
    size_t width;
    bool sentences; /* blanks follow the delimiter */
};

/* "sep=;" in the first line says it all, as Excel does. */
static bool is_declared(const char *text, size_t len, char *ret_delimiter, size_t *ret_from)
{
    size_t at = len && text[0] == '"' ? 1 : 0;

    if (len < at + 6 || strncasecmp(text + at, "sep=", 4) || !strchr(",;\t|", text[at + 4]))
        return false;
    *ret_delimiter = text[at + 4];
    at += 5;
    at += text[at] == '"';
    if (at >= len || text[at] != '\n')
        return false;
    *ret_from = at + 1;
    return true;
}

static size_t usual(const int *widths)
{
    size_t width = 0;

    for (size_t i = 0; i <= FIELDS; i++)
        if (widths[i] > widths[width])
            width = i;
    return width;
}

/* Fields but for an empty last one: lines of a program end with ';', too. */
static size_t count_fields(const struct cc_sheet_row *row)
{
    size_t n = row->n < FIELDS ? row->n : FIELDS;

    return n == 2 && !row->cells[1].len ? 1 : n;
}

static bool is_prose(const char *text, size_t len, char delimiter)
{
    size_t all = 0, blanks = 0;

    for (size_t i = 0; i + 1 < len; i++)
        if (text[i] == delimiter) {
            all++;
            blanks += text[i + 1] == ' ' || text[i + 1] == '\n';
        }
    return 4 * blanks > 3 * all;
}

static struct look look_at(const char *text, size_t len, char delimiter, struct cc_arena *mem)
{
    int *widths = cc_arena_array(mem, FIELDS + 1, sizeof *widths);
    struct look look = {.sentences = is_prose(text, len, delimiter)};
    struct cc_sheet_row row = {0, 0, NULL};
    struct cc_csv csv;

    cc_csv_init(&csv, cc_arena_dupn(mem, text, len), len, delimiter, mem);
    while (look.records < RECORDS && cc_csv_next(&csv, &row)) {
        if (row.n == 1 && !row.cells[0].len)
            continue;
        look.records++;
        widths[count_fields(&row)]++;
    }
    look.width = usual(widths);
    look.same = widths[look.width];
    return look;
}

/* Nine of ten records alike; of few records all but one. */
static bool is_table(const struct look *look)
{
    if (look->records < 2 || look->width < 2)
        return false;
    if (look->sentences && (look->records < PROSE_ROWS || look->width < PROSE_WIDTH))
        return false;
    return look->same >= 2 && (10 * look->same >= 9 * look->records ||
                               (look->records <= 10 && look->same >= look->records - 1));
}

/* The steadier one; of two alike the one asked first (numbers may have a comma in them) unless the
 * other one makes far more columns. */
static bool is_better(const struct look *look, const struct look *best)
{
    long here = (long)look->same * best->records, there = (long)best->same * look->records;

    if (!best->width || here > there)
        return true;
    return here == there && look->width >= 2 * best->width;
}

/* What was cut off in the middle of a line says nothing; of endless lines two are looked at. */
static size_t whole_lines(const char *text, size_t len)
{
    size_t most = len < LINES_BYTES ? len : LINES_BYTES;
    const char *end;

    if (len <= SNIFF_BYTES)
        return len;
    end = memrchr(text, '\n', SNIFF_BYTES);
    if (end && end != memchr(text, '\n', SNIFF_BYTES))
        return (size_t)(end - text);
    end = memchr(text, '\n', most);
    if (end)
        end = memchr(end + 1, '\n', most - (size_t)(end + 1 - text));
    return end ? (size_t)(end - text) : most;
}

bool cc_csv_sniff(const char *text, size_t len, char *ret_delimiter, size_t *ret_from)
{
    struct cc_arena *mem;
    struct look best = {0};

    if (is_declared(text, len, ret_delimiter, ret_from))
        return true;
    mem = cc_arena_new(128 << 20);
    for (const char *d = "\t;|,"; *d; d++) {
        struct look look = look_at(text, whole_lines(text, len), *d, mem);

        if (is_table(&look) && is_better(&look, &best)) {
            best = look;
            *ret_delimiter = *d;
            *ret_from = 0;
        }
    }
    cc_arena_free(&mem);
    return best.width > 0;
}

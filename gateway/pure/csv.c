#include "gateway/pure/csv.h"

#include <string.h>

/* A spreadsheet whose lists are separated by ; or tabs begins a cell of its own behind one,
 * whatever is quoted. */
static bool begins_formula(const char *text, const char *at)
{
    bool first = at == text || at[-1] == ';' || at[-1] == '\t';

    return *at && first && strchr(at == text ? "=+-@\t\r\n" : "=+-@", *at);
}

static void put_cell(struct cc_buf *out, const char *text)
{
    const char *quoted = strpbrk(text, "\",\r\n"), *at = text;

    if (quoted)
        cc_buf_char(out, '"');
    for (; *at; at++) {
        if (begins_formula(text, at))
            cc_buf_char(out, '\'');
        if (*at == '"')
            cc_buf_char(out, '"');
        cc_buf_char(out, *at);
    }
    if (quoted)
        cc_buf_char(out, '"');
}

void cc_csv_row(struct cc_buf *out, const char *const *cells, int n)
{
    for (int i = 0; i < n; i++) {
        if (i > 0)
            cc_buf_char(out, ',');
        if (cells[i])
            put_cell(out, cells[i]);
    }
    cc_buf_text(out, "\r\n");
}

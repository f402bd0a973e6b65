#include "gateway/pure/csv.h"

#include <string.h>

static void put_cell(struct cc_buf *out, const char *text)
{
    const char *quoted = strpbrk(text, "\",\r\n");

    if (quoted)
        cc_buf_char(out, '"');
    if (*text && strchr("=+-@\t\r", *text))
        cc_buf_char(out, '\'');
    for (; *text; text++) {
        if (*text == '"')
            cc_buf_char(out, '"');
        cc_buf_char(out, *text);
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

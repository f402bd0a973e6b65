/* Reading results in binary form; writing array parameters. */
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/store/pg_run.h"

void cc_rows_done(struct cc_rows *rows)
{
    for (int i = 0; i < CC_STEPS_MAX; i++)
        PQclear(rows->of[i]);
    *rows = (struct cc_rows){0};
}

int64_t cc_rows_changed(const struct cc_rows *rows, int step)
{
    return strtoll(PQcmdTuples(rows->of[step]), NULL, 10);
}

static uint64_t big_endian(const char *bytes, int len)
{
    uint64_t v = 0;

    for (int i = 0; i < len; i++)
        v = v << 8 | (unsigned char)bytes[i];
    return v;
}

const void *cc_row_bytes(struct cc_row *row, size_t *ret_len)
{
    int col = row->col++;

    *ret_len = (size_t)PQgetlength(row->res, row->row, col);
    return PQgetvalue(row->res, row->row, col);
}

const char *cc_row_text(struct cc_row *row)
{
    size_t len;
    const char *bytes = cc_row_bytes(row, &len);

    return cc_arena_dupn(row->mem, bytes, len);
}

int64_t cc_row_int(struct cc_row *row)
{
    size_t len;
    const char *bytes = cc_row_bytes(row, &len);

    switch (len) {
    case 2: return (int16_t)big_endian(bytes, 2);
    case 4: return (int32_t)big_endian(bytes, 4);
    case 8: return (int64_t)big_endian(bytes, 8);
    default: return 0;
    }
}

double cc_row_real(struct cc_row *row)
{
    int64_t bits = cc_row_int(row);
    double real;

    memcpy(&real, &bits, sizeof real);
    return real;
}

bool cc_row_bool(struct cc_row *row)
{
    size_t len;
    const char *bytes = cc_row_bytes(row, &len);

    return len == 1 && *bytes;
}

#define ARRAY_HEAD                                                                                 \
    20 /* dimensions, NULLs, type of the elements, their count, the first's index                  \
        */
#define ARRAY_COUNT 12

const char *const *cc_row_texts(struct cc_row *row, int *ret_n)
{
    size_t len, n, at = ARRAY_HEAD;
    const char *bytes = cc_row_bytes(row, &len), **texts;

    n = len < ARRAY_HEAD ? 0 : (size_t)big_endian(bytes + ARRAY_COUNT, 4);
    texts = cc_arena_array(row->mem, n, sizeof *texts);
    for (size_t i = 0; i < n; i++) {
        int32_t text_len = (int32_t)big_endian(bytes + at, 4);

        text_len = text_len < 0 ? 0 : text_len; /* NULL */
        texts[i] = cc_arena_dupn(row->mem, bytes + at + 4, (size_t)text_len);
        at += 4 + (size_t)text_len;
    }
    *ret_n = (int)n;
    return texts;
}

static size_t quoted_length(const char *text)
{
    size_t n = 3; /* two quotes and a comma */

    for (; *text; text++)
        n += *text == '"' || *text == '\\' ? 2 : 1;
    return n;
}

static char *put_quoted(char *to, const char *text)
{
    *to++ = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            *to++ = '\\';
        *to++ = *text;
    }
    *to++ = '"';
    return to;
}

char *cc_array_texts(struct cc_arena *mem, const char *const *texts, int n)
{
    size_t room = 3;
    char *out, *to;

    for (int i = 0; i < n; i++)
        room += quoted_length(texts[i]);
    out = to = cc_arena_get(mem, room);
    *to++ = '{';
    for (int i = 0; i < n; i++) {
        if (i)
            *to++ = ',';
        to = put_quoted(to, texts[i]);
    }
    *to++ = '}';
    *to = '\0';
    return out;
}

char *cc_array_ints(struct cc_arena *mem, const int64_t *ints, int n)
{
    struct cc_buf buf;
    char *out;

    cc_buf_init(&buf, (size_t)n * 21 + 3);
    cc_buf_char(&buf, '{');
    for (int i = 0; i < n; i++)
        cc_buf_printf(&buf, "%s%lld", i ? "," : "", (long long)ints[i]);
    cc_buf_char(&buf, '}');
    out = cc_arena_dupn(mem, buf.bytes, buf.len);
    cc_buf_done(&buf);
    return out;
}

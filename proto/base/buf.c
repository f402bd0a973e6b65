#include "proto/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

static char nothing[1]; /* what an empty buffer shows; never written */

void cc_buf_init(struct cc_buf *buf, size_t cap_bytes)
{
    *buf = (struct cc_buf){.bytes = nothing, .cap = cap_bytes};
}

void cc_buf_done(struct cc_buf *buf)
{
    if (buf->room)
        free(buf->bytes);
    cc_buf_init(buf, buf->cap);
}

void cc_buf_reset(struct cc_buf *buf)
{
    buf->len = 0;
    buf->over = false;
    if (buf->room)
        buf->bytes[0] = '\0';
}

static void grow(struct cc_buf *buf, size_t want)
{
    size_t room = buf->room ? buf->room : FIRST_ROOM;

    while (room < want)
        room *= 2;
    if (room > buf->cap + 1)
        room = buf->cap + 1;
    char *bytes = realloc(buf->room ? buf->bytes : NULL, room);
    if (!bytes)
        abort(); /* out of memory ends the process: the job comes back */
    buf->bytes = bytes;
    buf->room = room;
}

/* Where len more bytes go, with room for the NUL after them; NULL when that is over the cap. */
static char *make_room(struct cc_buf *buf, size_t len)
{
    if (buf->over || len > buf->cap - buf->len) {
        buf->over = true;
        return NULL;
    }
    if (buf->len + len + 1 > buf->room)
        grow(buf, buf->len + len + 1);
    return buf->bytes + buf->len;
}

static void added(struct cc_buf *buf, size_t len)
{
    buf->len += len;
    buf->bytes[buf->len] = '\0';
}

void cc_buf_add(struct cc_buf *buf, const void *bytes, size_t len)
{
    char *to = len ? make_room(buf, len) : NULL;

    if (to) {
        memcpy(to, bytes, len);
        added(buf, len);
    }
}

void cc_buf_text(struct cc_buf *buf, const char *text)
{
    cc_buf_add(buf, text, strlen(text));
}

void cc_buf_char(struct cc_buf *buf, char c)
{
    cc_buf_add(buf, &c, 1);
}

void cc_buf_printf(struct cc_buf *buf, const char *fmt, ...)
{
    va_list args, again;

    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    assert(n >= 0);
    char *to = make_room(buf, (size_t)n);
    if (to && vsnprintf(to, (size_t)n + 1, fmt, again) == n)
        added(buf, (size_t)n);
    va_end(again);
    va_end(args);
}

void cc_buf_drop(struct cc_buf *buf, size_t len)
{
    assert(len <= buf->len);
    if (len == 0)
        return;
    memmove(buf->bytes, buf->bytes + len, buf->len - len + 1);
    buf->len -= len;
}

static void add_escape(struct cc_buf *buf, unsigned char c)
{
    static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
    const char *p = c ? strchr(from, c) : NULL;

    if (p)
        cc_buf_add(buf, (char[]){'\\', to[p - from]}, 2);
    else
        cc_buf_printf(buf, "\\u%04x", c);
}

void cc_buf_json(struct cc_buf *buf, const char *text, size_t len)
{
    size_t before = buf->len, plain = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        cc_buf_add(buf, text + plain, i - plain);
        add_escape(buf, c);
        plain = i + 1;
    }
    cc_buf_add(buf, text + plain, len - plain);
    if (buf->over && buf->room) { /* nothing of what did not fit whole */
        buf->len = before;
        buf->bytes[before] = '\0';
    }
}

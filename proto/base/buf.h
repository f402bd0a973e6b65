/*
 * buf.h - a growing byte buffer that is born with its largest size.
 *
 * Once an append would pass the cap the buffer is "over": it keeps what fitted
 * whole before, refuses everything after, and cc_buf_over() says so.  So a writer may append
 * without looking and check once at the end.  bytes is always NUL-terminated.
 */
#ifndef CC_BASE_BUF_H
#define CC_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct cc_buf {
    char *bytes; /* "" until something is appended */
    size_t len, room, cap;
    bool over;
};

void cc_buf_init(struct cc_buf *buf, size_t cap_bytes);
void cc_buf_done(struct cc_buf *buf);  /* frees; may be used again after another init */
void cc_buf_reset(struct cc_buf *buf); /* len 0, not over; keeps the memory */

void cc_buf_add(struct cc_buf *buf, const void *bytes, size_t len);
void cc_buf_text(struct cc_buf *buf, const char *text);
void cc_buf_char(struct cc_buf *buf, char c);
void cc_buf_printf(struct cc_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Removes the first len bytes. */
void cc_buf_drop(struct cc_buf *buf, size_t len);

/* text as the inside of a JSON string (RFC 8259 escapes; no quotes).  Bytes must be valid UTF-8. */
void cc_buf_json(struct cc_buf *buf, const char *text, size_t len);

static inline bool cc_buf_over(const struct cc_buf *buf)
{
    return buf->over;
}

#endif

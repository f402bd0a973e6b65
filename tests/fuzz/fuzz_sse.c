/* The same body whole and in pieces must give the same events. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/http/sse.h"

static void collect(const uint8_t *bytes, size_t len, size_t piece, struct cc_buf *out)
{
    struct cc_sse sse;

    cc_sse_init(&sse);
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        const char *p = (const char *)bytes + at;
        struct cc_sse_event e;

        while (cc_sse_take(&sse, &p, &n, &e) == 1) {
            cc_buf_text(out, e.event);
            cc_buf_char(out, '\0');
            cc_buf_add(out, e.data, e.len);
            cc_buf_char(out, '\0');
        }
    }
    cc_sse_done(&sse);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_buf whole, cut;

    if (size < 1)
        return 0;
    cc_buf_init(&whole, 1 << 20);
    cc_buf_init(&cut, 1 << 20);
    collect(data + 1, size - 1, size, &whole);
    collect(data + 1, size - 1, 1 + data[0] % 16, &cut);
    if (whole.len != cut.len || memcmp(whole.bytes, cut.bytes, whole.len) != 0)
        abort();
    cc_buf_done(&whole);
    cc_buf_done(&cut);
    return 0;
}

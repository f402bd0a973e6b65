/*
 * provider.h - what is asked of the reader of any model's stream, for fuzz_provider_*.c.
 */
#ifndef CC_TESTS_FUZZ_PROVIDER_H
#define CC_TESTS_FUZZ_PROVIDER_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"
#include "worker/llm/reader.h"

struct fuzz_result {
    struct cc_buf text;
    int rc; /* 1: a good end */
};

static inline void fuzz_read(const struct cc_dialect *dialect, const uint8_t *data, size_t size,
                             size_t piece, struct fuzz_result *ret)
{
    struct cc_reader reader;
    struct cc_llm_piece p;
    int rc = 0;

    cc_buf_init(&ret->text, 4 << 20);
    cc_reader_init(&reader, dialect);
    for (size_t at = 0; at < size && rc == 0; at += piece) {
        const char *bytes = (const char *)data + at;
        size_t len = size - at < piece ? size - at : piece;

        while ((rc = cc_reader_take(&reader, &bytes, &len, &p)) == 1 && !p.end)
            cc_buf_add(&ret->text, p.text, p.len);
    }
    if (rc == 0)
        while ((rc = cc_reader_end(&reader, &p)) == 1 && !p.end)
            cc_buf_add(&ret->text, p.text, p.len);
    ret->rc = rc;
    cc_reader_done(&reader);
}

static inline int fuzz_provider(const struct cc_dialect *dialect, const uint8_t *data, size_t size)
{
    struct fuzz_result whole, cut;

    if (size < 1)
        return 0;
    fuzz_read(dialect, data + 1, size - 1, size, &whole);
    fuzz_read(dialect, data + 1, size - 1, 1 + data[0] % 32, &cut);
    if (whole.rc != cut.rc || whole.text.len != cut.text.len ||
        memcmp(whole.text.bytes, cut.text.bytes, whole.text.len) != 0)
        abort();
    if (!cc_utf8_valid(whole.text.bytes, whole.text.len) ||
        memchr(whole.text.bytes, '\0', whole.text.len))
        abort();
    cc_buf_done(&whole.text);
    cc_buf_done(&cut.text);
    return 0;
}

#endif

/* fuzz_text.c - proto/base/text.h and the escapes of buf.h hold what they promise for any bytes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/json.h"
#include "proto/base/text.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Characters one by one: their number, and whether all were good. */
static size_t walk(const char *s, size_t len, bool *ret_good)
{
    size_t count = 0, n;

    *ret_good = true;
    for (size_t i = 0; i < len; i += n, count++) {
        char bytes[4];
        uint32_t cp = cc_utf8_next(s + i, len - i, &n);

        must(n >= 1 && n <= 4 && i + n <= len && cp <= 0x10FFFF);
        if (cc_utf8_put(cp, bytes) != n || memcmp(bytes, s + i, n) != 0)
            *ret_good = false;
    }
    return count;
}

static void check_valid(const char *s, size_t len)
{
    size_t cut = cc_utf8_cut(s, len, len / 2);

    must(cut <= len / 2 && len / 2 - cut < 4 && cc_utf8_valid(s, cut));
}

/* jansson reads our escapes back as what they were. */
static void check_escapes(const char *s, size_t len)
{
    struct cc_buf buf;
    json_error_t error;

    cc_buf_init(&buf, 6 * len + 2);
    cc_buf_char(&buf, '"');
    cc_buf_json(&buf, s, len);
    cc_buf_char(&buf, '"');
    must(!cc_buf_over(&buf));
    json_t *value = json_loadb(buf.bytes, buf.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    must(value && json_string_length(value) == len);
    must(memcmp(json_string_value(value), s, len) == 0);
    json_decref(value);
    cc_buf_done(&buf);
}

static void check_number(const char *s, size_t len)
{
    char *text = strndup(s, len), again[32];
    int64_t value;

    if (cc_text_int(text, INT64_MIN, INT64_MAX, &value)) {
        int64_t back;

        snprintf(again, sizeof(again), "%lld", (long long)value);
        must(cc_text_int(again, value, value, &back) && back == value);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const char *s = (const char *)data;
    bool good;
    size_t n, count = walk(s, len, &good);

    must(good == cc_utf8_valid(s, len));
    const char *trimmed = cc_text_trim(s, len, &n);
    must(trimmed >= s && trimmed + n <= s + len);
    if (good) {
        must(count == cc_utf8_count(s, len) && cc_utf8_valid(trimmed, n));
        check_valid(s, len);
        check_escapes(s, len);
    }
    check_number(s, len);
    return 0;
}

/* fuzz_json.c - what cc_json_parse() takes is printed and read back unchanged; the log stays JSON.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/json.h"
#include "proto/base/log_mask.h"
#include "proto/base/text.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_round_trip(const json_t *value)
{
    json_t *once = NULL, *twice = NULL;
    struct cc_buf first, second;

    cc_buf_init(&first, 1 << 20);
    cc_buf_init(&second, 1 << 20);
    cc_json_print(value, &first);
    must(!cc_buf_over(&first) && cc_json_parse(first.bytes, first.len, &once) == 0);
    cc_json_print(once, &second); /* numbers are rounded once, not again */
    must(cc_json_parse(second.bytes, second.len, &twice) == 0);
    must(json_equal(once, twice));
    json_decref(once);
    json_decref(twice);
    cc_buf_done(&first);
    cc_buf_done(&second);
}

static void check_readers(const json_t *value)
{
    cc_json_str(value, "a", "");
    cc_json_int(value, "a", 0);
    cc_json_bool(value, "a", false);
}

static void check_mask(const char *s, size_t len)
{
    char *text = strndup(s, len), out[CC_LOG_TEXT];

    cc_log_mask(text, out);
    must(strlen(out) < CC_LOG_TEXT && cc_utf8_valid(out, strlen(out)));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    json_t *value = NULL;

    if (cc_json_parse((const char *)data, len, &value) == 0) {
        check_round_trip(value);
        check_readers(value);
        json_decref(value);
    }
    check_mask((const char *)data, len);
    return 0;
}

/* Frames of a client: however they are cut, the same comes out, and never more than the cap. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/wsframe.h"
#include "proto/base/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
    uint32_t sum;
    int n, rc, code;
};

static struct told read_all(const uint8_t *data, size_t size, size_t step)
{
    char *message = malloc(CC_WS_MESSAGE_MAX + 1);
    struct told told = {.rc = 0};
    struct cc_ws_in in;

    assert(message);
    cc_ws_in_init(&in, message);
    for (size_t at = 0; at < size && in.code == 0; at += step) {
        const uint8_t *bytes = data + at;
        size_t len = size - at < step ? size - at : step;
        struct cc_ws_said said;

        while ((told.rc = cc_ws_in_read(&in, &bytes, &len, &said)) == 0) {
            assert(said.len <= CC_WS_MESSAGE_MAX && said.bytes[said.len] == '\0');
            told.sum = told.sum * 31 + cc_crc32(said.bytes, said.len) + (uint32_t)said.op;
            told.n++;
        }
    }
    told.code = in.code;
    free(message);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct told whole = read_all(data, size, size + 1), bytes = read_all(data, size, 1);

    assert(whole.n == bytes.n && whole.sum == bytes.sum && whole.code == bytes.code);
    return 0;
}

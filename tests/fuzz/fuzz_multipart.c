/* Any body and content type; parts must lie within the body. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "gateway/pure/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(64 << 20);
    size_t cut = size ? data[0] % size : 0;
    const char *type = cc_arena_dupn(mem, (const char *)data + (size > 0), size ? cut : 0);
    const char *body = (const char *)data + (size ? cut : 0);
    size_t len = size - (size ? cut : 0);
    static const char *const types[] = {"multipart/form-data; boundary=X",
                                        "multipart/form-data; boundary=\"a b\""};
    const char *tried[] = {type, types[0], types[1]};

    for (size_t i = 0; i < 3; i++) {
        struct cc_multipart it;
        struct cc_part part;
        int rc = cc_multipart_open(tried[i], body, len, &it);

        while (rc == 0 && (rc = cc_multipart_next(&it, mem, &part)) == 0) {
            assert(part.bytes >= body && part.bytes + part.len <= body + len);
            assert(part.name != NULL && part.type != NULL);
        }
    }
    cc_arena_free(&mem);
    return 0;
}

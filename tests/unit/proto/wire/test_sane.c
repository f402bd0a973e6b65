#include <criterion/criterion.h>
#include <string.h>

#include "proto/wire/job.h"

struct sample {
    const char *what, *bytes;
    size_t len;
    bool sane;
};
#define S(what, text, sane)                                                                        \
    {                                                                                              \
        what, text, sizeof text - 1, sane                                                          \
    }
static const struct sample samples[] = {
    S("nothing", "", false),
    S("small number", "\x07", true),
    S("negative number", "\xff", true),
    S("nil", "\xc0", true),
    S("the byte that means nothing", "\xc1", false),
    S("two values", "\x07\x07", false),
    S("uint 32", "\xce\x01\x02\x03\x04", true),
    S("uint 32 cut", "\xce\x01\x02\x03", false),
    S("float 64", "\xcb\x01\x02\x03\x04\x05\x06\x07\x08", true),
    S("fixext 16 cut", "\xd8\x01\x02\x03", false),
    S("ext 8", "\xc7\x02\x01\xaa\xbb", true),
    S("ext 8 cut", "\xc7\x02\x01\xaa", false),
    S("fixstr",
      "\xa3"
      "abc",
      true),
    S("fixstr cut",
      "\xa3"
      "ab",
      false),
    S("str 8 longer than the bytes", "\xd9\xff", false),
    S("str 32 of 4 GiB", "\xdb\xff\xff\xff\xff", false),
    S("array 32 of 4 milliard", "\xdd\xff\xff\xff\xff", false),
    S("map 32 of 4 milliard", "\xdf\xff\xff\xff\xff", false),
    S("map 32 of 2 milliard pairs", "\xdf\x80\x00\x00\x00", false),
    S("empty array", "\x90", true),
    S("empty map", "\x80", true),
    S("map without its value", "\x81\x01", false),
    S("map of one", "\x81\x01\x02", true),
    S("eight deep", "\x91\x91\x91\x91\x91\x91\x91\x91\x01", true),
    S("eight deep and an empty one", "\x91\x91\x91\x91\x91\x91\x91\x91\x90", true),
    S("nine deep", "\x91\x91\x91\x91\x91\x91\x91\x91\x91\x01", false),
    S("one after the other is not deep",
      "\x9a\x91\x01\x91\x01\x91\x01\x91\x01\x91\x01"
      "\x91\x01\x91\x01\x91\x01\x91\x01\x91\x01",
      true),
};

Test(cc_msgpack_sane, tells_whole_values_from_lies)
{
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const struct sample *s = &samples[i];
        cr_expect_eq(cc_msgpack_sane(s->bytes, s->len), s->sane, "%s", s->what);
    }
}

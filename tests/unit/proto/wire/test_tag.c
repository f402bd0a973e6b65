#include <criterion/criterion.h>

#include "proto/base/clean.h"
#include "proto/wire/tag.h"

Test(tag, names_the_version_and_the_hash_of_its_bytes)
{
    char version[CC_TAG_VERSION], integrity[CC_TAG_INTEGRITY];

    /* printf abc | sha256sum; printf abc | openssl dgst -sha384 -binary | base64 */
    cr_expect_str_eq(cc_tag_version("abc", 3, version), "ba7816bf");
    cr_expect_str_eq(cc_tag_integrity("abc", 3, integrity),
                     "sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn");
}

Test(tag, is_one_line_for_a_page)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(4096);
    const struct cc_tag of = {"https://chat.example.com", "bot_1", "1a2b3c4d", "sha384-x"};

    cr_expect_str_eq(cc_tag_print(&of, mem),
                     "<script async src=\"https://chat.example.com/widget.js?v=1a2b3c4d\""
                     " integrity=\"sha384-x\" crossorigin=\"anonymous\""
                     " data-bot-id=\"bot_1\"></script>");
}

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/ask.h"
#include "proto/base/buf.h"
#include "proto/base/error.h"

static struct cc_arena *mem;

static void begin(void)
{
    mem = cc_arena_new(1 << 20);
}

static void end(void)
{
    cc_arena_free(&mem);
}

TestSuite(ask, .init = begin, .fini = end);

static int parse(const char *body, struct cc_ask *ret)
{
    return cc_ask_parse(body, strlen(body), mem, ret);
}

static int with_letters(const char *letter, size_t n, struct cc_ask *ret)
{
    struct cc_buf body;
    int rc;

    cc_buf_init(&body, 1 << 20);
    cc_buf_text(&body, "{\"message\": \"");
    for (size_t i = 0; i < n; i++)
        cc_buf_text(&body, letter);
    cc_buf_text(&body, "\"}");
    rc = parse(body.bytes, ret);
    cc_buf_done(&body);
    return rc;
}

Test(ask, takes_all_members)
{
    struct cc_ask ask;

    cr_assert_eq(parse("{\"message\": \"  Hi!\\n \", \"sessionId\": \"visitor-1\", "
                       "\"messageId\": \"m.1:2\", \"metadata\": {\"page\": \"/a\"}, "
                       "\"stream\": true, \"other\": [1, 2]}",
                       &ask),
                 0);

    cr_expect_str_eq(ask.message, "Hi!");
    cr_expect_str_eq(ask.session, "visitor-1");
    cr_expect_str_eq(ask.message_id, "m.1:2");
    cr_expect_str_eq(ask.metadata, "{\"page\":\"/a\"}");
    cr_expect(ask.stream);
}

Test(ask, leaves_out_what_is_not_given)
{
    struct cc_ask ask;

    cr_assert_eq(parse("{\"message\": \"Hi\", \"sessionId\": null}", &ask), 0);

    cr_expect_str_eq(ask.session, "");
    cr_expect_str_eq(ask.message_id, "");
    cr_expect_str_eq(ask.metadata, "");
    cr_expect_not(ask.stream);
}

Test(ask, counts_characters_not_bytes)
{
    struct cc_ask ask;

    cr_expect_eq(with_letters("a", 1, &ask), 0);
    cr_expect_eq(with_letters("a", 2000, &ask), 0);
    cr_expect_eq(with_letters("a", 2001, &ask), CC_E_MESSAGE);
    cr_expect_eq(with_letters("\xF0\x9F\x98\x80", 2000, &ask), 0);
    cr_expect_eq(with_letters("\xF0\x9F\x98\x80", 2001, &ask), CC_E_MESSAGE);
    cr_expect_eq(with_letters("a", 0, &ask), CC_E_MESSAGE);
    cr_expect_eq(with_letters(" ", 10, &ask), CC_E_MESSAGE);
    cr_expect_eq(with_letters("\xC2\xA0", 10, &ask), CC_E_MESSAGE);
}

Test(ask, refuses_bodies_that_are_something_else)
{
    static const struct {
        const char *body;
        int rc;
    } table[] = {
        {"", CC_E_INVALID},
        {"[]", CC_E_INVALID},
        {"\"hi\"", CC_E_INVALID},
        {"{\"message\": \"hi\"", CC_E_INVALID},
        {"{\"message\": \"hi\"} x", CC_E_INVALID},
        {"{\"message\": \"hi\", \"message\": \"ho\"}", CC_E_INVALID},
        {"{\"message\": 5}", CC_E_INVALID},
        {"{}", CC_E_MESSAGE},
        {"{\"message\": null}", CC_E_MESSAGE},
        {"{\"message\": \"a\\u0000b\"}", CC_E_INVALID},
        {"{\"message\": \"hi\", \"sessionId\": 5}", CC_E_INVALID},
        {"{\"message\": \"hi\", \"sessionId\": \"short\"}", CC_E_INVALID},
        {"{\"message\": \"hi\", \"sessionId\": \"with space in it\"}", CC_E_INVALID},
        {"{\"message\": \"hi\", \"sessionId\": \"ses_1\"}", CC_E_SESSION},
        {"{\"message\": \"hi\", \"messageId\": \"a b\"}", CC_E_INVALID},
        {"{\"message\": \"hi\", \"metadata\": []}", CC_E_INVALID},
        {"{\"message\": \"hi\", \"stream\": \"true\"}", CC_E_INVALID},
        {"{\"message\": \"hi\", \"stream\": 1}", CC_E_INVALID},
        {"{\"message\": \"hi\", \"stream\": null}", 0},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct cc_ask ask;

        cr_expect_eq(parse(table[i].body, &ask), table[i].rc, "%s", table[i].body);
    }
}

Test(ask, keeps_metadata_within_its_cap)
{
    struct cc_buf body;
    struct cc_ask ask;

    cc_buf_init(&body, 1 << 20);
    cc_buf_text(&body, "{\"message\": \"hi\", \"metadata\": {\"a\": \"");
    for (int i = 0; i < CC_ASK_METADATA_MAX; i++)
        cc_buf_char(&body, 'a');
    cc_buf_text(&body, "\"}}");

    cr_expect_eq(parse(body.bytes, &ask), CC_E_TOOBIG);
    cc_buf_done(&body);
}

Test(session, is_ours_or_a_name_of_8_to_128_letters)
{
    char name[200];

    memset(name, 'a', sizeof name);
    name[128] = '\0';
    cr_expect(cc_session_valid(name));
    name[128] = 'a';
    name[129] = '\0';
    cr_expect_not(cc_session_valid(name));
    cr_expect(cc_session_valid("Visitor_1-"));
    cr_expect(cc_session_valid("12345678"));
    cr_expect_not(cc_session_valid("1234567"));
    cr_expect_not(cc_session_valid(""));
    cr_expect(cc_session_valid("ses_0123456789abcdef0123456789abcdef"));
    cr_expect_not(cc_session_valid("ses_0123456789abcdef0123456789abcde"));
    cr_expect_not(cc_session_valid("ses_my_own_name"));
    cr_expect_not(cc_session_valid("../../../etc"));
}

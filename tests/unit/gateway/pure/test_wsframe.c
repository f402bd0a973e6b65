#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "gateway/pure/wsframe.h"
#include "proto/base/error.h"

static struct cc_arena *mem;
static struct cc_ws_in in;
static uint8_t wire[80000];
static size_t wire_len;

static void begin(void)
{
    mem = cc_arena_new(1 << 20);
    cc_ws_in_init(&in, cc_arena_get(mem, CC_WS_MESSAGE_MAX + 1));
    wire_len = 0;
}

static void end(void)
{
    cc_arena_free(&mem);
}

static void anew(void)
{
    end();
    begin();
}

TestSuite(wsframe, .init = begin, .fini = end);

/* A client's frame behind those that are there: first byte, then length, mask and payload. */
static void add(unsigned first, const void *payload, size_t len)
{
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t head[CC_WS_HEAD_MAX];
    size_t n = cc_ws_head(CC_WS_TEXT, len, head);

    head[0] = (uint8_t)first;
    head[1] |= 0x80;
    memcpy(wire + wire_len, head, n);
    memcpy(wire + wire_len + n, mask, 4);
    wire_len += n + 4;
    for (size_t i = 0; i < len; i++)
        wire[wire_len++] = ((const uint8_t *)payload)[i] ^ mask[i % 4];
}

static void add_text(unsigned first, const char *text)
{
    add(first, text, strlen(text));
}

/* Reads all, step bytes at a time; says what came as "op:bytes ..." and returns the last code. */
static int read_all(size_t step, char *told, size_t room)
{
    int rc = CC_E_NOTFOUND;

    *told = '\0';
    for (size_t at = 0; at < wire_len && rc == CC_E_NOTFOUND; at += step) {
        const uint8_t *bytes = wire + at;
        size_t len = wire_len - at < step ? wire_len - at : step;
        struct cc_ws_said said;

        while ((rc = cc_ws_in_read(&in, &bytes, &len, &said)) == 0) {
            size_t n = strlen(told);
            snprintf(told + n, room - n, "%d:%.40s/%d ", (int)said.op, said.bytes, said.code);
        }
    }
    return rc;
}

Test(wsframe, of_any_kind_are_read_however_they_are_cut)
{
    static const char *const wanted = "1:Hello/0 9:hey/0 2:ab/0 10:/0 1:one two/0 8:bye/1000 ";
    char told[400];

    for (size_t step = 1; step < 80; step++) {
        anew();
        add_text(0x81, "Hello");
        add_text(0x89, "hey");
        add_text(0x82, "ab");
        add_text(0x8a, "");
        add_text(0x01, "one");
        add_text(0x80, " two");
        add(0x88,
            "\x03\xe8"
            "bye",
            5);
        cr_expect_eq(read_all(step, told, sizeof told), CC_E_NOTFOUND, "step %zu", step);
        cr_expect_str_eq(told, wanted, "step %zu", step);
    }
}

Test(wsframe, control_may_come_between_pieces)
{
    char told[200];

    add_text(0x01, "one");
    add_text(0x89, "ping");
    add_text(0x00, "");
    add_text(0x80, "two");

    cr_expect_eq(read_all(1000, told, sizeof told), CC_E_NOTFOUND);
    cr_expect_str_eq(told, "9:ping/0 1:onetwo/0 ");
}

Test(wsframe, that_are_none_are_refused_with_their_code)
{
    static const struct {
        const char *bytes;
        size_t len;
        int code;
    } table[] = {
        {"\x81\x05Hello", 7, CC_WS_PROTOCOL},    /* not masked */
        {"\xc1\x80\0\0\0\0", 6, CC_WS_PROTOCOL}, /* an extension */
        {"\x83\x80\0\0\0\0", 6, CC_WS_PROTOCOL}, /* unknown kinds */
        {"\x8b\x80\0\0\0\0", 6, CC_WS_PROTOCOL},
        {"\x80\x80\0\0\0\0", 6, CC_WS_PROTOCOL},                  /* a piece of nothing */
        {"\x01\x80\0\0\0\0\x81\x80\0\0\0\0", 12, CC_WS_PROTOCOL}, /* a message in another */
        {"\x09\x80\0\0\0\0", 6, CC_WS_PROTOCOL},                  /* control in pieces */
        {"\x89\xfe\0\x7e\0\0\0\0", 8, CC_WS_PROTOCOL},            /* large control */
        {"\x81\xfe\0\x7d\0\0\0\0", 8, CC_WS_PROTOCOL},            /* a length too long */
        {"\x81\xff\0\0\0\0\0\0\xff\xff\0\0\0\0", 14, CC_WS_PROTOCOL},
        {"\x81\xfe\x40\x01\0\0\0\0", 8, CC_WS_TOO_BIG},
        {"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14, CC_WS_TOO_BIG},
        {"\x81\x81\0\0\0\0\xff", 7, CC_WS_NO_TEXT},
        {"\x88\x81\0\0\0\0\x03", 7, CC_WS_PROTOCOL},     /* half a code */
        {"\x88\x82\0\0\0\0\x03\xed", 8, CC_WS_PROTOCOL}, /* 1005 */
        {"\x88\x82\0\0\0\0\x07\xd0", 8, CC_WS_PROTOCOL}, /* 2000 */
        {"\x88\x83\0\0\0\0\x03\xe8\xff", 9, CC_WS_NO_TEXT},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        for (size_t step = 1; step <= 14; step += 13) {
            char told[100];

            anew();
            memcpy(wire, table[i].bytes, table[i].len);
            wire_len = table[i].len;
            cr_expect_eq(read_all(step, told, sizeof told), CC_E_INVALID, "row %zu", i);
            cr_expect_eq(in.code, table[i].code, "row %zu: %d", i, in.code);
        }
}

Test(wsframe, after_a_broken_one_are_not_read)
{
    char told[100];

    wire[0] = 0x83;
    wire[1] = 0x80;
    wire_len = 2;
    cr_expect_eq(read_all(2, told, sizeof told), CC_E_INVALID);
    wire_len = 0;
    add_text(0x81, "Hello");

    cr_expect_eq(read_all(100, told, sizeof told), CC_E_INVALID);
    cr_expect_str_eq(told, "");
}

Test(wsframe, of_the_largest_message_are_read_and_one_byte_more_is_refused)
{
    static char text[CC_WS_MESSAGE_MAX + 1];
    char told[100];
    memset(text, 'x', sizeof text);

    add(0x01, text, CC_WS_MESSAGE_MAX - 1);
    add(0x80, text, 1);
    cr_expect_eq(read_all(4096, told, sizeof told), CC_E_NOTFOUND);
    cr_expect_eq(strncmp(told, "1:xxxx", 6), 0);
    anew();
    add(0x01, text, CC_WS_MESSAGE_MAX - 1);
    add(0x80, text, 2);
    cr_expect_eq(read_all(4096, told, sizeof told), CC_E_INVALID);
    cr_expect_eq(in.code, CC_WS_TOO_BIG);
}

Test(wsframe, of_ours_have_the_shortest_length)
{
    static const struct {
        size_t len, head;
        uint8_t second;
    } table[] = {{0, 2, 0}, {125, 2, 125}, {126, 4, 126}, {65535, 4, 126}, {65536, 10, 127}};

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint8_t out[CC_WS_HEAD_MAX];

        cr_expect_eq(cc_ws_head(CC_WS_TEXT, table[i].len, out), table[i].head);
        cr_expect_eq(out[0], 0x81);
        cr_expect_eq(out[1], table[i].second);
    }
}

/* The example of RFC 6455, 1.3. */
Test(wshandshake, answers_the_key_as_the_standard_does)
{
    char out[CC_WS_ACCEPT];

    cr_assert_not_null(cc_ws_accept("dGhlIHNhbXBsZSBub25jZQ==", out));
    cr_expect_str_eq(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    cr_expect_null(cc_ws_accept("dGhlIHNhbXBsZSBub25jZQ=", out));
    cr_expect_null(cc_ws_accept("dGhlIHNhbXBsZSBub25jZQ==x", out));
    cr_expect_null(cc_ws_accept("dGhlIHNhbXBsZSBub25j!Q==", out));
    cr_expect_null(cc_ws_accept("", out));
}

Test(wshandshake, finds_words_in_lists)
{
    struct cc_arena *own = cc_arena_new(10000);

    cr_expect(cc_ws_names("keep-alive, Upgrade", "upgrade"));
    cr_expect(cc_ws_names("Upgrade", "upgrade"));
    cr_expect(cc_ws_names(" , upgrade ,", "upgrade"));
    cr_expect_not(cc_ws_names("upgraded, up grade", "upgrade"));
    cr_expect_not(cc_ws_names(NULL, "upgrade"));
    cr_expect_str_eq(cc_ws_word("cc.v1, cc.key.sk_1 ", "cc.key.", own), "cc.key.sk_1");
    cr_expect_null(cc_ws_word("cc.v1", "cc.key.", own));
    cr_expect_null(cc_ws_word(NULL, "cc.key.", own));
    cc_arena_free(&own);
}

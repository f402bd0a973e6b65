#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/wire/event.h"

/* ---- ids ---- */
static const char *const not_ids[] = {
    "",
    "-",
    "1",
    "1-",
    "-1",
    "--1",
    "1--1",
    "01-1",
    "1-01",
    "00-0",
    "1-1 ",
    " 1-1",
    "+1-1",
    "1-1-1",
    "1-a",
    "0x1-1",
    "9223372036854775808-1",
    "1-9223372036854775808",
    "99999999999999999999999999999999-1",
    "1-1\n",
};

Test(event_id, is_read_strictly)
{
    for (size_t i = 0; i < sizeof not_ids / sizeof not_ids[0]; i++) {
        struct cc_event_id id;
        cr_expect_not(cc_event_id_parse(not_ids[i], &id), "\"%s\"", not_ids[i]);
    }
}

Test(event_id, comes_back_as_it_was)
{
    static const struct cc_event_id ids[] = {{0, 0}, {1, 1}, {2, 10}, {INT64_MAX, INT64_MAX}};

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        char text[CC_EVENT_ID_MAX];
        struct cc_event_id id;

        cr_assert(cc_event_id_parse(cc_event_id_print(ids[i], text), &id), "%s", text);
        cr_assert_eq(cc_event_id_compare(ids[i], id), 0);
    }
}

Test(event_id, of_a_later_attempt_is_larger_whatever_its_number)
{
    struct cc_event_id early = {1, 57}, late = {2, 1};

    cr_assert_lt(cc_event_id_compare(early, late), 0);
    cr_assert_gt(cc_event_id_compare(late, early), 0);
    cr_assert_lt(cc_event_id_compare((struct cc_event_id){1, 9}, (struct cc_event_id){1, 10}), 0);
}

Test(event_id, follows_without_a_gap_or_begins_a_later_attempt)
{
    struct cc_event_id last = {2, 7};

    cr_assert(cc_event_id_follows(last, (struct cc_event_id){2, 8}));
    cr_assert(cc_event_id_follows(last, (struct cc_event_id){3, 1}));
    cr_assert(cc_event_id_follows(last, (struct cc_event_id){5, 1}));
    cr_assert(cc_event_id_follows((struct cc_event_id){0, 0}, (struct cc_event_id){1, 1}));
    cr_assert_not(cc_event_id_follows(last, (struct cc_event_id){2, 9}));
    cr_assert_not(cc_event_id_follows(last, (struct cc_event_id){2, 7}));
    cr_assert_not(cc_event_id_follows(last, (struct cc_event_id){3, 2}));
    cr_assert_not(cc_event_id_follows(last, (struct cc_event_id){1, 8}));
    cr_assert_not(cc_event_id_follows(last, (struct cc_event_id){1, 1}));
}

/* ---- events ---- */
Test(event, names_are_what_the_widget_listens_to)
{
    cr_assert_str_eq(cc_event_name(CC_EV_ACCEPTED), "accepted");
    cr_assert_str_eq(cc_event_name(CC_EV_TOKEN), "token");
    cr_assert_str_eq(cc_event_name(CC_EV_ERROR), "error");
}

Test(event, ends_the_answer_when_done_or_in_error)
{
    for (int kind = 0; kind < CC_EV_COUNT; kind++) {
        bool ends = kind == CC_EV_DONE || kind == CC_EV_ERROR;
        cr_expect_eq(cc_event_ends((enum cc_event_kind)kind), ends);
    }
}

Test(event, comes_back_as_it_was)
{
    static const char data[] = "{\"text\":\"gr\xc3\xbc\xc3\x9f dich\"}";

    for (int kind = CC_EV_START; kind < CC_EV_COUNT; kind++) {
        struct cc_buf buf;
        struct cc_event event;

        cc_buf_init(&buf, 1024);
        cc_event_encode((enum cc_event_kind)kind, data, strlen(data), &buf);
        cr_assert_eq(cc_event_decode(buf.bytes, buf.len, &event), 0);
        cr_expect_eq((int)event.kind, kind);
        cr_expect_eq(event.len, strlen(data));
        cr_expect_str_eq(event.data, data);
        cc_buf_done(&buf);
    }
}

struct stored {
    const char *what, *bytes;
    size_t len;
};
#define B(what, bytes)                                                                             \
    {                                                                                              \
        what, bytes, sizeof bytes - 1                                                              \
    }
static const struct stored not_events[] = {
    B("nothing", ""),
    B("the gateway's own kind", "a{}"),
    B("a kind that is not there yet", "i{}"),
    B("no kind", "{}"),
    B("a newline, which would end the line", "d{}\n\n"),
    B("a carriage return", "d{\r}"),
    B("a NUL", "d{\0}"),
    B("half a character", "d\"\xc3\""),
    B("a surrogate", "d\"\xed\xa0\x80\""),
};

Test(event, that_would_break_the_stream_is_refused)
{
    for (size_t i = 0; i < sizeof not_events / sizeof not_events[0]; i++) {
        const struct stored *s = &not_events[i];
        struct cc_event event;
        cr_expect_eq(cc_event_decode(s->bytes, s->len, &event), CC_E_INVALID, "%s", s->what);
    }
}

Test(event, above_the_cap_is_refused)
{
    char *bytes = malloc(CC_EVENT_MAX + 3);
    struct cc_event event;

    memset(bytes, 'd', CC_EVENT_MAX + 2);
    bytes[CC_EVENT_MAX + 2] = '\0';

    cr_expect_eq(cc_event_decode(bytes, CC_EVENT_MAX + 1, &event), 0);
    cr_expect_eq(cc_event_decode(bytes, CC_EVENT_MAX + 2, &event), CC_E_TOOBIG);
    free(bytes);
}

/* ---- notices ---- */
#define NOTICE "ans_1 2-17 d{\"text\":\"a b\"}"

Test(notice, is_taken_apart)
{
    struct cc_notice n;

    cr_assert_eq(cc_notice_decode(NOTICE, strlen(NOTICE), &n), 0, "%s", cc_fail_text());
    cr_expect_eq(n.answer_len, 5);
    cr_expect_eq(memcmp(n.answer, "ans_1", 5), 0);
    cr_expect_eq(n.id.attempt, 2);
    cr_expect_eq(n.id.seq, 17);
    cr_expect_eq(n.event.kind, CC_EV_TOKEN);
    cr_expect_str_eq(n.event.data, "{\"text\":\"a b\"}");
}

Test(notice, is_refused_when_its_head_is_cut_anywhere)
{
    struct cc_notice n;

    for (size_t len = 0; len <= strlen("ans_1 2-17 "); len++)
        cr_expect_eq(cc_notice_decode(NOTICE, len, &n), CC_E_INVALID, "cut at %zu", len);
    cr_expect_eq(cc_notice_decode(" 2-17 d{}", 9, &n), CC_E_INVALID);
    cr_expect_eq(cc_notice_decode("ans_1  2-17 d{}", 15, &n), CC_E_INVALID);
}

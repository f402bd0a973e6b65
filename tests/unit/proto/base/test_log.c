#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/log.h"

#define MUCH (32 * 1024)

static int ends[2];
static char line[2 * MUCH];

static void open_log(void)
{
    cr_assert_eq(pipe(ends), 0);
    cc_log_fd(ends[1]);
    cc_log_open("test", "debug");
}

/* What one cc_log() wrote with its one write(2). */
static const char *written(void)
{
    ssize_t n = read(ends[0], line, sizeof(line) - 1);

    cr_assert_gt(n, 0);
    line[n] = '\0';
    return line;
}

static json_t *object(void)
{
    json_t *value = NULL;
    const char *text = written();

    cr_assert_eq(text[strlen(text) - 1], '\n');
    cr_assert_eq(strchr(text, '\n'), text + strlen(text) - 1, "one line");
    cr_assert_eq(cc_json_parse(text, strlen(text), &value), 0, "%s", text);
    return value;
}

Test(log, writes_one_JSON_object_in_a_line, .init = open_log)
{
    cc_log(CC_INFO, "chat_done", cc_s("tenant", "t\"1"), cc_i("i", -5), cc_u("ms", 12),
           cc_d("score", 0.5), cc_b("cached", 1));

    CC_AUTO(json_decref)
    json_t *o = object();
    cr_assert_str_eq(cc_json_str(o, "level", ""), "info");
    cr_assert_str_eq(cc_json_str(o, "event", ""), "chat_done");
    cr_assert_str_eq(cc_json_str(o, "process", ""), "test");
    cr_assert_eq(cc_json_int(o, "pid", 0), getpid());
    cr_assert_eq(strlen(cc_json_str(o, "time", "")), 24);
    cr_assert_str_eq(cc_json_str(o, "tenant", ""), "t\"1");
    cr_assert_eq(cc_json_int(o, "i", 0), -5);
    cr_assert_eq(cc_json_int(o, "ms", 0), 12);
    cr_assert_float_eq(json_number_value(json_object_get(o, "score")), 0.5, 0);
    cr_assert(cc_json_bool(o, "cached", false));
    cr_assert_null(json_object_get(o, "trace"));
}

Test(log, stays_JSON_whatever_the_values_are, .init = open_log)
{
    char big[MUCH];

    memset(big, '"', sizeof(big));
    big[sizeof(big) - 1] = '\0';
    cc_log(CC_INFO, "odd", cc_s("null", NULL), cc_s("bad", "a\xff\xc0z\n\x01"), cc_d("nan", NAN),
           cc_d("inf", INFINITY), cc_s("big", big));

    CC_AUTO(json_decref)
    json_t *o = object();
    cr_assert(json_is_null(json_object_get(o, "null")));
    cr_assert_str_eq(cc_json_str(o, "bad", ""), "a\xef\xbf\xbd\xef\xbf\xbdz\n\x01");
    cr_assert(json_is_null(json_object_get(o, "nan")));
    cr_assert(json_is_null(json_object_get(o, "inf")));
    cr_assert_lt(strlen(cc_json_str(o, "big", "")), 4096);
    cr_assert_gt(strlen(cc_json_str(o, "big", "")), 1000);
}

Test(log, leaves_out_what_is_below_its_level, .init = open_log)
{
    cc_log_open("test", "warn");
    cc_log(CC_DEBUG, "no");
    cc_log(CC_INFO, "no");
    cc_log(CC_WARN, "yes");
    cr_assert_not_null(strstr(written(), "\"yes\""));

    cc_log_open("test", "no such level"); /* means info */
    cc_log(CC_DEBUG, "no");
    cc_log(CC_INFO, "again");
    cr_assert_not_null(strstr(written(), "\"again\""));
}

Test(log, carries_the_trace_until_it_is_taken_away, .init = open_log)
{
    char task[CC_TRACE_TEXT] = "", longer[200];

    cc_log_trace("ans_1");
    cc_log(CC_INFO, "x");
    cr_assert_not_null(strstr(written(), "\"trace\":\"ans_1\""));

    cc_log_trace_buffer(task);
    cr_assert_str_eq(cc_log_trace_get(), "");
    memset(longer, 'l', sizeof(longer));
    longer[199] = '\0';
    cc_log_trace(longer);
    cr_assert_eq(strlen(cc_log_trace_get()), 63);

    cc_log_trace_buffer(NULL);
    cr_assert_str_eq(cc_log_trace_get(), "ans_1");
    cc_log_trace("");
    cc_log(CC_INFO, "x");
    cr_assert_null(strstr(written(), "trace"));
}

Test(log, names_code_and_words_of_a_failure, .init = open_log)
{
    int rc = cc_fail(CC_E_DOWN, "no connection");

    cc_log_failure("job_failed", rc, cc_i("attempt", 2));

    CC_AUTO(json_decref)
    json_t *o = object();
    cr_assert_str_eq(cc_json_str(o, "level", ""), "warn");
    cr_assert_str_eq(cc_json_str(o, "code", ""), "unavailable");
    cr_assert_str_eq(cc_json_str(o, "why", ""), "no connection");
    cr_assert_eq(cc_json_int(o, "attempt", 0), 2);
}

Test(log, masks_what_looks_like_a_secret, .init = open_log)
{
    static const struct {
        const char *value, *shown;
    } cases[] = {
        {"pk_live_abcdefghij0123456789", "***key***"},
        {"key sk_live_abcdefghij0123456789, sent", "key ***key***, sent"},
        {"x=sk-ant-api03-AbCdEf_gh", "x=***key***"},
        {"Authorization: Bearer eyJhbGciOi.J9.abc-_", "Authorization: Bearer ***"},
        {"a_sk_live_abcdefghij0123456789", "a_***key***"},
        {"bearer x", "Bearer ***"},
        {"mail to jo.doe+x@mail.example.com!", "mail to ***mail***!"},
        {"<a@b.de>", "<***mail***>"},
        {"postgres://u:p@localhost", "postgres://u:p@localhost"},
        {"a task_live_or_not", "a task_live_or_not"},
        {"sk_ is short", "sk_ is short"},
        {"bearers of news", "bearers of news"},
        {"at 5 @ noon", "at 5 @ noon"},
        {"gr\xc3\xbc\xc3\x9f"
         "e",
         "gr\xc3\xbc\xc3\x9f"
         "e"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cc_log(CC_INFO, "x", cc_s("v", cases[i].value));

        CC_AUTO(json_decref)
        json_t *o = object();
        cr_expect_str_eq(cc_json_str(o, "v", ""), cases[i].shown);
    }
}

Test(log, shows_no_half_of_a_secret_where_a_long_text_is_cut, .init = open_log)
{
    char text[3000];

    for (size_t at = 1990; at < 2060; at++) {
        memset(text, '.', sizeof(text));
        memcpy(text + at, " sk_live_abcdefghij0123456789 ", 30);
        text[sizeof(text) - 1] = '\0';
        cc_log(CC_INFO, "x", cc_s("v", text));
        cr_assert_null(strstr(written(), "sk_"));
    }
}

Test(log, goes_on_when_it_cannot_write, .init = open_log)
{
    cc_log_fd(-1);

    cc_log(CC_INFO, "lost");

    cc_log_fd(ends[1]);
    cc_log(CC_INFO, "found");
    cr_assert_not_null(strstr(written(), "found"));
}

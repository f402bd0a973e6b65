#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/bus/redis_link.h"

static const char *const not_urls[] = {
    "",
    "localhost:6379",
    "redis://",
    "redis://127.0.0.1",
    "redis://127.0.0.1:",
    "redis://127.0.0.1:0",
    "redis://127.0.0.1:65536",
    "redis://127.0.0.1:6379/3",
    "redis://redis.example:6379",
    "redis://secret@127.0.0.1:6379",
    "redis://:@127.0.0.1:6379",
    "unix:",
    "http://127.0.0.1:6379",
};

Test(redis_url, that_would_need_a_look_up_or_makes_no_sense_is_refused)
{
    for (size_t i = 0; i < sizeof not_urls / sizeof not_urls[0]; i++) {
        struct cc_redis_url url;
        cr_expect_eq(cc_redis_url_parse(not_urls[i], &url), CC_E_INVALID, "%s", not_urls[i]);
    }
}

Test(redis_url, is_taken_apart)
{
    struct cc_redis_url url;

    cr_assert_eq(cc_redis_url_parse("redis://me:p@ss:word@[::1]:7000/", &url), 0);
    cr_expect_str_eq(url.host, "::1");
    cr_expect_eq(url.port, 7000);
    cr_expect_str_eq(url.user, "me");
    cr_expect_str_eq(url.password, "p@ss:word");
    cr_assert_eq(cc_redis_url_parse("redis://localhost:6379", &url), 0);
    cr_expect_str_eq(url.host, "127.0.0.1");
    cr_expect_str_eq(url.password, "");
    cr_assert_eq(cc_redis_url_parse("unix:/run/redis.sock", &url), 0);
    cr_expect_str_eq(url.host, "/run/redis.sock");
    cr_expect_eq(url.port, 0);
}

Test(redis_url, without_its_at_sign_does_not_tell_the_password)
{
    struct cc_redis_url url;

    cr_assert_eq(cc_redis_url_parse("redis://:hidden", &url), CC_E_INVALID);
    cr_expect_null(strstr(cc_fail_text(), "hidden"));
    cr_assert_eq(cc_redis_url_parse("redis://hidden:6379", &url), CC_E_INVALID);
    cr_expect_null(strstr(cc_fail_text(), "hidden"));
}

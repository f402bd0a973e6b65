#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/email.h"

static const char *key_of(const char *email)
{
    static char out[CC_EMAIL_MAX + 1];

    return cc_email_key(email, out) ? out : "";
}

Test(email, is_the_same_whatever_its_capitals)
{
    cr_assert_str_eq(key_of("Ada.Lovelace+x@Example.COM"), "ada.lovelace+x@example.com");
    cr_assert_str_eq(key_of("O'Neil_7@a-b.c-d.io"), "o'neil_7@a-b.c-d.io");
}

Test(email, is_refused_when_it_is_none)
{
    static const char *const wrong[] = {"",
                                        "@",
                                        "ada",
                                        "ada@",
                                        "@example.com",
                                        "a@b@c",
                                        "a da@example.com",
                                        "ada@exam ple.com",
                                        "ada@example.com\n",
                                        "ada@example.com\r\nBcc: all",
                                        "<ada@example.com>",
                                        "ada@example.com,ben@example.com",
                                        "\"ada\"@example.com",
                                        ".ada@example.com",
                                        "ada.@example.com",
                                        "a..b@example.com",
                                        "ada@.example.com",
                                        "ada@example.com.",
                                        "ada@-example.com",
                                        "ada@example-.com",
                                        "ada@localhost",
                                        "ada\xff@example.com"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_str_eq(key_of(wrong[i]), "", "%s", wrong[i]);
}

/* Labels of 61, the last one as long as is needed. */
static const char *of_length(char *email, size_t local, size_t len)
{
    memset(email, 'a', len);
    email[local] = '@';
    for (size_t i = local + 62; i + 1 < len; i += 62)
        email[i] = '.';
    email[len] = '\0';
    return email;
}

Test(email, is_refused_one_character_beyond_its_length)
{
    char email[CC_EMAIL_MAX + 3];

    cr_assert_str_eq(key_of(of_length(email, 64, CC_EMAIL_MAX)), email);
    cr_assert_str_eq(key_of(of_length(email, 65, CC_EMAIL_MAX)), "");
    cr_assert_str_eq(key_of(of_length(email, 64, CC_EMAIL_MAX + 1)), "");
}

#include <criterion/criterion.h>

#include "gateway/pure/origin.h"

#define LIST                                                                                       \
    "[\"https://good.com\", \"https://*.wild.com\", \"http://localhost:3000\", "                   \
    "\"https://b\xC3\xBC"                                                                          \
    "cher.example\", \"HTTPS://Upper.Example:8443\", \"http://[::1]:8080\", "                      \
    "\"https://*.com\", \"noscheme.com\", \"https://slash.com/\"]"

static const struct {
    const char *origin;
    bool allowed;
} table[] = {
    {"https://good.com", true},
    {"HTTPS://GOOD.COM", true},
    {"https://good.com:443", true},
    {"http://good.com", false},
    {"https://good.com:8443", false},
    {"https://good.com.", false},
    {"https://good.com.evil.com", false},
    {"https://evilgood.com", false},
    {"https://evil-good.com", false},
    {"https://www.good.com", false},
    {"https://good.co", false},
    {"https://good.com/", false},
    {"https://good.com/path", false},
    {"https://good.com?x", false},
    {"https://good.com#x", false},
    {"https://user@good.com", false},
    {"https://good.com@evil.com", false},
    {"https://good.com\\.evil.com", false},
    {"https://good.com evil.com", false},
    {"https://good.com:", false},
    {"https://good.com:0443", false},
    {"https://good.com:443x", false},
    {"https://good.com:99999", false},
    {"https://go\xC3\xB6"
     "d.com",
     false},
    {"https://a.wild.com", true},
    {"https://a.b.wild.com", true},
    {"https://A.Wild.Com", true},
    {"https://wild.com", false},
    {"https://.wild.com", false},
    {"https://awild.com", false},
    {"https://a.wild.com.evil.com", false},
    {"http://a.wild.com", false},
    {"https://*.wild.com", false},
    {"http://localhost:3000", true},
    {"http://localhost", false},
    {"http://localhost:3001", false},
    {"https://xn--bcher-kva.example", true},
    {"https://b\xC3\x9C"
     "cher.example",
     true},
    {"https://bucher.example", false},
    {"https://upper.example:8443", true},
    {"http://[::1]:8080", true},
    {"http://[::2]:8080", false},
    {"https://any.com", false},
    {"https://noscheme.com", false},
    {"https://slash.com", false},
    {"null", false},
    {"", false},
    {"*", false},
    {"file://", false},
    {"chrome-extension://abcdefgh", false},
    {"javascript:alert(1)", false},
    {"https://", false},
    {"//good.com", false},
};

Test(origin, is_allowed_only_when_scheme_host_and_port_are_the_same)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        cr_expect_eq(cc_origin_allowed(LIST, table[i].origin), table[i].allowed, "%s",
                     table[i].origin);
}

Test(origin, is_any_web_page_when_the_star_stands_alone)
{
    cr_expect(cc_origin_allowed("[\"*\"]", "https://any.example"));
    cr_expect_not(cc_origin_allowed("[\"*\"]", "null"));
    cr_expect_not(cc_origin_allowed("[\"*\", \"https://a.com\"]", "https://any.example"));
}

Test(origin, is_refused_by_lists_that_say_nothing)
{
    static const char *const lists[] = {"[]",     "",           "{}", "null", "[1]",
                                        "[\"\"]", "[\"null\"]", "[",  "\"*\""};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        cr_expect_not(cc_origin_allowed(lists[i], "https://good.com"), "%s", lists[i]);
        cr_expect_not(cc_origin_allowed(lists[i], "null"), "%s", lists[i]);
    }
}

Test(origin, is_ours_when_it_is_how_visitors_call_us)
{
    cr_expect(cc_origin_ours("https://chat.example", "10.0.0.1:8080", "https://chat.example"));
    cr_expect_not(cc_origin_ours("https://chat.example", "evil.com", "http://evil.com"));
    cr_expect_not(cc_origin_ours("https://chat.example", "chat.example", "http://chat.example"));
}

Test(origin, is_ours_without_a_name_only_at_an_address)
{
    cr_expect(cc_origin_ours("", "127.0.0.1:8080", "http://127.0.0.1:8080"));
    cr_expect(cc_origin_ours("", "localhost:8080", "http://localhost:8080"));
    cr_expect(cc_origin_ours("", "[::1]:8080", "http://[::1]:8080"));
    cr_expect_not(cc_origin_ours("", "127.0.0.1:8080", "http://127.0.0.1:8081"));
    cr_expect_not(cc_origin_ours("", "evil.com", "http://evil.com"));
    cr_expect_not(cc_origin_ours("", "127.0.0.1:8080", "https://127.0.0.1:8080"));
}

Test(host, is_ours_by_name_or_at_an_address)
{
    cr_expect(cc_host_ours("https://chat.example", "chat.example"));
    cr_expect(cc_host_ours("https://chat.example", "Chat.Example:443"));
    cr_expect_not(cc_host_ours("https://chat.example", "evil.com"));
    cr_expect(cc_host_ours("", "127.0.0.1"));
    cr_expect_not(cc_host_ours("", "evil.com"));
    cr_expect_not(cc_host_ours("", ""));
}

Test(origin, says_whether_it_is_one_at_all)
{
    cr_expect(cc_origin_valid("https://a.example"));
    cr_expect_not(cc_origin_valid("null"));
    cr_expect_not(cc_origin_valid("https://a.example\r\nx: y"));
}

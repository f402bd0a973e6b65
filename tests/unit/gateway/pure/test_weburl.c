#include <criterion/criterion.h>

#include "gateway/pure/weburl.h"

Test(weburl, is_http_with_a_host_and_without_a_user)
{
    static const struct {
        const char *url;
        bool valid;
    } table[] = {
        {"https://example.com", true},
        {"HTTP://example.com:8080/a?b#c", true},
        {"https://\xC3\xBC"
         "ber.example/\xC3\xA4",
         true},
        {"http://127.0.0.1/x@y", true},
        {"http://[::1]:8080/", true},
        {"example.com", false},
        {"ftp://example.com/", false},
        {"file:///etc/passwd", false},
        {"javascript:alert(1)", false},
        {"https://", false},
        {"https:///a", false},
        {"https://:80/", false},
        {"https://user@example.com/", false},
        {"https://user:secret@example.com/", false},
        {"https://a\\b/", false},
        {"https://exa mple.com/", false},
        {"https://example.com/a\nb", false},
        {"", false},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        cr_expect_eq(cc_weburl_valid(table[i].url), table[i].valid, "%s", table[i].url);
}

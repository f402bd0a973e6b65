#include "proto/http/allow.h"

#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/error.h"

Test(base_url, is_of_the_web_and_carries_nothing_secret)
{
    static const struct {
        const char *url;
        bool good;
    } table[] = {
        {"https://api.example/v1", true},
        {"http://127.0.0.1:11434", true},
        {"http://[::1]:8080/x", true},
        {"https://user@api.example/v1", false},
        {"https://user:pass@api.example/v1", false},
        {"https://:pass@api.example/v1", false},
        {"https://api.example/v1?key=1", false},
        {"https://api.example/v1#x", false},
        {"ftp://api.example/", false},
        {"file:///etc/passwd", false},
        {"gopher://api.example/", false},
        {"api.example/v1", false},
        {"https://", false},
        {"https://a b/", false},
        {"", false},
    };
    char longest[CC_URL_BASE_MAX + 2] = "https://api.example/";

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        cr_expect_eq(cc_url_check_base("baseUrl", table[i].url), table[i].good ? 0 : CC_E_INVALID,
                     "%s", table[i].url);
    memset(longest + strlen(longest), 'a', sizeof longest - 1 - strlen(longest));
    cr_expect_eq(cc_url_check_base("baseUrl", longest), CC_E_INVALID);
    cr_expect_eq(strncmp(cc_fail_text(), "baseUrl: ", 9), 0);
}

Test(base_url, is_allowed_by_host_and_port_exactly)
{
    static const char list[] = "ollama.lan:11434, 127.0.0.1:80,[::1]:9";
    static const struct {
        const char *url;
        bool allowed;
    } table[] = {
        {"http://ollama.lan:11434/api", true},
        {"http://OLLAMA.lan:11434", true},
        {"http://127.0.0.1", true},
        {"http://[::1]:9/", true},
        {"https://127.0.0.1", false},
        {"http://127.0.0.1:8", false},
        {"http://127.0.0.1:800", false},
        {"http://ollama.lan:1143", false},
        {"http://ollama.lan.evil.example:11434", false},
        {"http://evil-ollama.lan:11434", false},
        {"http://evil.example/ollama.lan:11434", false},
        {"nonsense", false},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        cr_expect_eq(cc_url_allowed(list, table[i].url), table[i].allowed, "%s", table[i].url);
    cr_expect_not(cc_url_allowed("", "http://127.0.0.1"));
}

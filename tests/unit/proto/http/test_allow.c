#include "proto/http/allow.h"

#include <criterion/criterion.h>

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

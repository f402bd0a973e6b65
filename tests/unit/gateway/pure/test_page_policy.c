#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "gateway/pure/page_policy.h"

static struct cc_arena *mem;

static void begin(void)
{
    mem = cc_arena_new(1 << 20);
}

static void end(void)
{
    cc_arena_free(&mem);
}

TestSuite(page_policy, .init = begin, .fini = end);

static const char *print(const char *origins, const char *widget)
{
    return cc_page_policy_print(&(struct cc_page_policy){origins, widget, "", "chat.example"}, mem);
}

/* The sources of a directive, with the name. */
static const char *directive(const char *policy, const char *name)
{
    const char *at = strstr(policy, name);

    cr_assert_not_null(at, "%s in %s", name, policy);
    return cc_arena_dupn(mem, at, strcspn(at, ";"));
}

Test(page_policy, allows_nothing_but_our_own_files)
{
    const char *policy = print("[]", "{}");

    cr_expect_str_eq(directive(policy, "default-src"), "default-src 'none'");
    cr_expect_str_eq(directive(policy, "script-src"), "script-src 'self'");
    cr_expect_str_eq(directive(policy, "style-src"), "style-src 'self'");
    cr_expect_str_eq(directive(policy, "base-uri"), "base-uri 'none'");
    cr_expect_str_eq(directive(policy, "form-action"), "form-action 'none'");
    cr_expect_str_eq(directive(policy, "require-trusted-types-for"),
                     "require-trusted-types-for 'script'");
    cr_expect_str_eq(directive(policy, "trusted-types 'none'"), "trusted-types 'none'");
    cr_expect_str_eq(directive(policy, "img-src"), "img-src 'self' data:");
}

Test(page_policy, names_who_may_frame_it)
{
    static const struct {
        const char *origins, *ancestors;
    } table[] = {
        {"[]", "frame-ancestors 'self'"},
        {"[\"https://shop.example\"]", "frame-ancestors 'self' https://shop.example"},
        {"[\"https://*.wild.example\"]", "frame-ancestors 'self' https://*.wild.example"},
        {"[\"https://a.example\", \"http://localhost:3000\"]",
         "frame-ancestors 'self' https://a.example http://localhost:3000"},
        {"[\"https://b\xc3\xbc"
         "cher.example\"]",
         "frame-ancestors 'self' https://xn--bcher-kva.example"},
        {"[\"HTTPS://SHOP.example:443\"]", "frame-ancestors 'self' https://shop.example"},
        {"[\"*\"]", "frame-ancestors *"},
        {"[\"*\", \"https://a.example\"]", "frame-ancestors 'self' https://a.example"},
        {"[\"http://[::1]:8080\"]", "frame-ancestors 'self'"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        cr_expect_str_eq(directive(print(table[i].origins, "{}"), "frame-ancestors"),
                         table[i].ancestors);
}

Test(page_policy, lets_nothing_out_of_its_place)
{
    static const char *const bad[] = {
        "https://a.example; script-src *",
        "https://a.example script-src",
        "https://a.example\\r\\nset-cookie: a=b",
        "https://a.example,https://b.example",
        "https://a.example/;x",
        "https://a.example\\u0000",
        "'unsafe-inline'",
        "data:",
        "https:",
        "https://*",
        "https://*.com",
        "https://a.example:*",
        "https://",
        "",
        "* https://a.example",
        "https://a.*.example",
    };
    char origins[200], widget[400];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(origins, sizeof origins, "[\"%s\"]", bad[i]);
        snprintf(widget, sizeof widget, "{\"logo\": \"%s\", \"avatar\": \"https://x@%s\"}", bad[i],
                 bad[i]);
        const char *policy = print(origins, widget);

        cr_expect_str_eq(directive(policy, "frame-ancestors"), "frame-ancestors 'self'", "%s",
                         bad[i]);
        cr_expect_null(strpbrk(policy, "\r\n"), "%s", policy);
        cr_expect_null(strstr(policy, "script-src *"), "%s", policy);
    }
}

Test(page_policy, is_printed_for_settings_that_are_no_settings)
{
    static const char *const odd[] = {
        "", "{", "null", "5", "[1, null, {}, [\"https://a.example\"]]", "{\"logo\": 5}"};

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        const char *policy = print(odd[i], odd[i]);

        cr_expect_str_eq(directive(policy, "frame-ancestors"), "frame-ancestors 'self'");
        cr_expect_str_eq(directive(policy, "img-src"), "img-src 'self' data:");
    }
}

Test(page_policy, shows_the_pictures_of_the_bot_and_no_others)
{
    static const struct {
        const char *widget, *sources;
    } table[] = {
        {"{\"logo\": \"https://cdn.example/a.png?v=1\"}",
         "img-src 'self' data: https://cdn.example"},
        {"{\"avatar\": \"HTTPS://CDN.example:8443/a;b c\"}",
         "img-src 'self' data: https://cdn.example:8443"},
        {"{\"logo\": \"https://a.example\", \"avatar\": \"https://b.example#x\"}",
         "img-src 'self' data: https://a.example https://b.example"},
        {"{\"logo\": \"http://a.example/a.png\"}", "img-src 'self' data:"},
        {"{\"logo\": \"https://*.example.com/a.png\"}", "img-src 'self' data:"},
        {"{\"logo\": \"https://user@a.example/a.png\"}", "img-src 'self' data:"},
        {"{\"privacyUrl\": \"https://a.example/\"}", "img-src 'self' data:"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        cr_expect_str_eq(directive(print("[]", table[i].widget), "img-src"), table[i].sources);
}

Test(page_policy, says_where_its_sockets_go)
{
    static const struct {
        const char *url, *host, *sources;
    } table[] = {
        {"https://chat.example.com", "x", "connect-src 'self' wss://chat.example.com"},
        {"http://10.0.0.1:8080", "x", "connect-src 'self' ws://10.0.0.1:8080"},
        {"", "127.0.0.1:8080", "connect-src 'self' ws://127.0.0.1:8080 wss://127.0.0.1:8080"},
        {"", "a.example; script-src *", "connect-src 'self'"},
        {"", "*.example.com", "connect-src 'self'"},
        {"", "", "connect-src 'self'"},
        {"", "[::1]:8080", "connect-src 'self'"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct cc_page_policy of = {"[]", "{}", table[i].url, table[i].host};

        cr_expect_str_eq(directive(cc_page_policy_print(&of, mem), "connect-src"),
                         table[i].sources);
    }
}

Test(page_policy, grows_no_longer_than_a_header_may)
{
    char *origins = cc_arena_get(mem, 400 * 260);
    size_t len = 0;
    const char *policy;

    for (int i = 0; i < 400; i++)
        len += (size_t)snprintf(origins + len, 260, "%s\"https://%063d.%063d.%060d.example\"",
                                i ? "," : "[", i, i, i);
    memcpy(origins + len, "]", 2);
    policy = print(origins, "{}");

    cr_expect_leq(strlen(policy), CC_PAGE_POLICY_MAX);
    cr_expect_str_eq(policy + strlen(policy) - 8, ".example", "the last one is whole");
}

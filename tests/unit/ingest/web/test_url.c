#include "ingest/web/url.h"

#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/error.h"

static struct cc_arena *mem;

static void setup(void)
{
    mem = cc_arena_new(1 << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(url, .init = setup, .fini = teardown);

static const char *resolve(const char *base, const char *reference)
{
    const char *url = "";

    return cc_url_resolve(base, reference, strlen(reference), mem, &url) ? "INVALID" : url;
}

/* RFC 3986, 5.4, with http for its example's scheme and without fragments. */
static const struct {
    const char *reference, *url;
} examples[] = {
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g/"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q"},
    {"g#s", "http://a/b/c/g"},
    {"g?y#s", "http://a/b/c/g?y"},
    {";x", "http://a/b/c/;x"},
    {"g;x", "http://a/b/c/g;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g?y/../x", "http://a/b/c/g?y/../x"},
    {"https://h/x", "https://h/x"},
};

Test(url, is_resolved_as_the_standard_shows)
{
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        cr_expect_str_eq(resolve("http://a/b/c/d;p?q", examples[i].reference), examples[i].url,
                         "%s gave %s", examples[i].reference,
                         resolve("http://a/b/c/d;p?q", examples[i].reference));
}

static const struct {
    const char *written, *url;
} spellings[] = {
    {"HTTP://Example.COM", "http://example.com/"},
    {"http://example.com:80/", "http://example.com/"},
    {"https://example.com:443/a", "https://example.com/a"},
    {"https://example.com:80/a", "https://example.com:80/a"},
    {"http://example.com:/a", "http://example.com/a"},
    {"http://example.com./a", "http://example.com/a"},
    {"http://example.com?a=1", "http://example.com/?a=1"},
    {"http://example.com/?", "http://example.com/"},
    {"http://example.com/a?&&b=1&", "http://example.com/a?b=1"},
    {"http://example.com/%7euser/%41%2f%2e%2E/x", "http://example.com/~user/A%2F../x"},
    {"http://example.com/a/%2e%2e/b", "http://example.com/b"},
    {"http://example.com/a b\"<>", "http://example.com/a%20b%22%3C%3E"},
    {"http://example.com/100%", "http://example.com/100%25"},
    {"http://example.com/\xC3\xBC?q=\xC3\xA4", "http://example.com/%C3%BC?q=%C3%A4"},
    {"http://example.com/\xFF", "http://example.com/%FF"},
    {"http://b\xC3\xBC"
     "cher.example/",
     "http://xn--bcher-kva.example/"},
    {"http://B\xC3\x9C"
     "CHER.example/",
     "http://xn--bcher-kva.example/"},
    {"  http://example.com/a \n", "http://example.com/a"},
    {"http://exam\nple.com/a\tb", "http://example.com/ab"},
    {"http:\\\\example.com\\a\\b?c\\d", "http://example.com/a/b?c%5Cd"},
    {"http://example.com/a?utm_source=x&b=2&UTM_Medium=y&gclid=1&fbclid=2",
     "http://example.com/a?b=2"},
    {"http://example.com/a?b=2&a=1", "http://example.com/a?b=2&a=1"},
    {"http://example.com/a?utm_source=x", "http://example.com/a"},
    {"http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"},
    {"http://[::1]/", "http://[::1]/"},
    {"http://r3---sn-x.example/", "http://r3---sn-x.example/"},
    {"http://a_b.example/", "http://a_b.example/"},
};

Test(url, has_one_spelling)
{
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        const char *url = resolve(NULL, spellings[i].written);

        cr_expect_str_eq(url, spellings[i].url, "%s gave %s", spellings[i].written, url);
        cr_expect_str_eq(resolve(NULL, url), url, "and keeps it");
    }
}

static const char *const wrong[] = {
    "",
    "/a",
    "example.com",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "mailto:a@b.example",
    "data:text/html,x",
    "tel:123",
    "http:",
    "http://",
    "http:///a",
    "http:example.com",
    "http://user@example.com/",
    "http://user:word@example.com/",
    "http://:word@example.com/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:8x/",
    "http://example.com:-1/",
    "http://exa mple.com/",
    "http://exa%6dple.com/",
    "http://[::1/",
    "http://[::1]x/",
    "http://[x]/",
    "http://./",
    "http://a..b/",
    "httpx://example.com/",
    "gopher://example.com/",
    "http://ex<ample.com/",
};

Test(url, that_is_none_of_the_web_is_refused)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_str_eq(resolve(NULL, wrong[i]), "INVALID", "%s gave %s", wrong[i],
                         resolve(NULL, wrong[i]));
}

Test(url, beyond_its_length_is_refused)
{
    char text[CC_URL_MAX + 2] = "http://example.com/";
    size_t n = strlen(text);

    memset(text + n, 'a', CC_URL_MAX - n);
    cr_expect_str_eq(resolve(NULL, text), text);
    text[CC_URL_MAX] = 'a';
    cr_expect_str_eq(resolve(NULL, text), "INVALID");
}

Test(url, of_a_site_is_known_by_host_and_port)
{
    cr_expect(cc_url_same_site("http://example.com/", "https://www.example.com/a"));
    cr_expect(cc_url_same_site("http://example.com:8080/", "http://www.example.com:8080/"));
    cr_expect_not(cc_url_same_site("http://example.com/", "http://example.com:8080/"));
    cr_expect_not(cc_url_same_site("http://example.com/", "http://docs.example.com/"));
    cr_expect_not(cc_url_same_site("http://example.com/", "http://example.com.evil.example/"));
    cr_expect_not(cc_url_same_site("http://www.example/", "http://w.example/"));
}

Test(url, gives_its_parts)
{
    cr_expect_str_eq(cc_url_target("https://example.com/a/b?c"), "/a/b?c");
    cr_expect_str_eq(cc_url_origin("https://example.com:8443/a", mem), "https://example.com:8443");
    cr_expect_str_eq(cc_url_place("https://example.com/a", mem), "example.com:443");
    cr_expect_str_eq(cc_url_place("http://example.com:81/a", mem), "example.com:81");
    cr_expect_str_eq(cc_url_place("http://[::1]/a", mem), "[::1]:80");
    cr_expect_str_eq(cc_url_filename("https://example.com/a/b.pdf?x", mem), "b.pdf");
    cr_expect_str_eq(cc_url_filename("https://example.com/a/", mem), "a");
    cr_expect_str_eq(cc_url_filename("https://example.com/", mem), "example.com");
    cr_expect_str_eq(cc_url_filename("https://example.com/%C3%BC%20x", mem), "\xC3\xBC x");
    cr_expect_str_eq(cc_url_filename("https://example.com/%FF", mem), "%FF");
    cr_expect_str_eq(cc_url_filename("https://example.com/a%2Fb%00", mem), "a%2Fb%00");
}

static const struct {
    const char *pattern, *url;
    bool matches;
} patterns[] = {
    {"/docs/*", "http://x/docs/a", true},
    {"/docs/*", "http://x/docs/", true},
    {"/docs/*", "http://x/docs", false},
    {"/docs*", "http://x/docs", true},
    {"*", "http://x/", true},
    {"/a", "http://x/a?b=1", true},
    {"/a?b=*", "http://x/a?b=1", true},
    {"/a?b=*", "http://x/a", false},
    {"*.pdf", "http://x/a/b.pdf", true},
    {"*.pdf", "http://x/a/b.pdf?x=1", true},
    {"*.pdf", "http://x/a/b.pdfx", false},
    {"/a*c*e", "http://x/abcde", true},
    {"/a*c*e", "http://x/abcd", false},
    {"/**", "http://x/", true},
    {"", "http://x/", false},
    {"/a", "http://x/b", false},
};

Test(url, is_matched_by_patterns_of_its_path)
{
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        cr_expect_eq(cc_url_matches(patterns[i].url, patterns[i].pattern), patterns[i].matches,
                     "%s and %s", patterns[i].pattern, patterns[i].url);
}

#include "ingest/web/links.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct cc_arena *mem;
static struct cc_links links;

static void setup(void)
{
    mem = cc_arena_new(64 << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(links, .init = setup, .fini = teardown);

static void read_page(const char *html)
{
    const struct cc_links_page page = {html, "https://x.example/dir/page", strlen(html),
                                       "ChatConnect"};

    cc_links_read(&page, mem, &links);
}

/* All URLs, with blanks between. */
static const char *all(void)
{
    const char *text = "";

    for (size_t i = 0; i < links.n; i++)
        text = cc_arena_printf(mem, "%s%s%s", text, i ? " " : "", links.url[i]);
    return text;
}

static const struct {
    const char *html, *urls;
} pages[] = {
    {"<a href=\"a\">x</a><A HREF='/b'>y</A><a href=c>z</a>",
     "https://x.example/dir/a https://x.example/b https://x.example/dir/c"},
    {"<area shape=rect href='m'>", "https://x.example/dir/m"},
    {"<a class=\"x\" title='a > b' href=\"q?a=1&amp;b=2#f\">", "https://x.example/dir/q?a=1&b=2"},
    {"<a href='a'><a href='./a'><a href='a#b'>", "https://x.example/dir/a"},
    {"<base href='https://y.example/z/'><base href='/no'><a href=a>", "https://y.example/z/a"},
    {"<base href='/sub/'><a href=a>", "https://x.example/sub/a"},
    {"<a rel=nofollow href=a><a rel='noopener NOFOLLOW' href=b><a rel=next href=c>",
     "https://x.example/dir/c"},
    {"<a href='mailto:a@b.example'><a href='javascript:x()'><a href='ftp://x/'><a>", ""},
    {"<!-- <a href=a> --><a href=b>", "https://x.example/dir/b"},
    {"<script>document.write('<a href=a>')</script><a href=b>", "https://x.example/dir/b"},
    {"<style><a href=a></style><textarea><a href=b></textarea><title><a href=c></title>"
     "<a href=d>",
     "https://x.example/dir/d"},
    {"<a\nhref\n=\n'a'\n>", "https://x.example/dir/a"},
    {"<a href=\"a", ""},
    {"<a href=a", ""},
    {"< a href=a><a href=b>", "https://x.example/dir/b"},
    {"<abbr href=a><a data-href=b href=&#x63;>", "https://x.example/dir/c"},
    {"<a href=a/><a href='b'/>", "https://x.example/dir/a/ https://x.example/dir/b"},
    {"<link href=a><img src=b><form action=c>", ""},
    {"", ""},
    {"<", ""},
};

Test(links, are_found_in_pages_as_people_write_them)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        read_page(pages[i].html);
        cr_expect_str_eq(all(), pages[i].urls, "%s gave %s", pages[i].html, all());
    }
}

static const struct {
    const char *html;
    bool no_index, no_follow;
} metas[] = {
    {"<meta name=robots content=noindex>", true, false},
    {"<meta name='ROBOTS' content='NoIndex, NoFollow'>", true, true},
    {"<meta name=robots content=none>", true, true},
    {"<meta content='nofollow' name='robots'>", false, true},
    {"<meta name=chatconnect content=noindex>", true, false},
    {"<meta name=otherbot content=noindex>", false, false},
    {"<meta name=robots content='index,follow,noindexing'>", false, false},
    {"<meta name=robots>", false, false},
    {"<meta name=description content=noindex>", false, false},
};

Test(links, tell_what_the_page_asks_of_robots)
{
    for (size_t i = 0; i < sizeof metas / sizeof *metas; i++) {
        read_page(cc_arena_printf(mem, "%s<a href=a>", metas[i].html));
        cr_expect_eq(links.no_index, metas[i].no_index, "%s", metas[i].html);
        cr_expect_eq(links.no_follow, metas[i].no_follow, "%s", metas[i].html);
        cr_expect_eq(links.n, !metas[i].no_follow, "%s", metas[i].html);
    }
}

static const struct {
    const char *value;
    bool no_index, no_follow;
} headers[] = {
    {"noindex", true, false},
    {"noindex, nofollow", true, true},
    {"otherbot: noindex", false, false},
    {"ChatConnect: noindex", true, false},
    {"chatconnect: none", true, true},
    {"unavailable_after: 25 Jun 2010 15:00:00 PST", false, false},
    {"max-snippet:20, noindex", true, false},
    {"noindex, unavailable_after: 25 Jun 2010", true, false},
    {"", false, false},
    {NULL, false, false},
};

Test(links, heed_the_header_as_well)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        read_page("<a href=a>");
        cc_links_header(headers[i].value, "ChatConnect", &links);
        cr_expect_eq(links.no_index, headers[i].no_index, "%s", headers[i].value);
        cr_expect_eq(links.no_follow, headers[i].no_follow, "%s", headers[i].value);
        cr_expect_eq(links.n, !headers[i].no_follow);
    }
}

Test(links, beyond_the_cap_are_not_looked_at)
{
    char *html = cc_arena_get(mem, 40 * (CC_LINKS_MAX + 100)), *to = html;

    for (int i = 0; i < CC_LINKS_MAX + 100; i++)
        to += snprintf(to, 40, "<a href=p%d>", i);
    read_page(html);

    cr_expect_eq(links.n, CC_LINKS_MAX);
}

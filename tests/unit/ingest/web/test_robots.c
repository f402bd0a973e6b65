#include "ingest/web/robots.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"

static struct cc_arena *mem;
static struct cc_robots robots;

static void setup(void)
{
    mem = cc_arena_new(16 << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(robots, .init = setup, .fini = teardown);

static void read_as(const char *agent, const char *text)
{
    cc_robots_read(text, strlen(text), agent, mem, &robots);
}

static bool allows(const char *target)
{
    return cc_robots_allows(&robots, target);
}

/* RFC 9309, 5.1. */
static const char simple[] = "User-Agent: *\n"
                             "Disallow: *.gif$\n"
                             "Disallow: /example/\n"
                             "Allow: /publications/\n"
                             "\n"
                             "User-Agent: foobot\n"
                             "Disallow:/\n"
                             "Allow:/example/page.html\n"
                             "Allow:/example/allowed.gif\n"
                             "\n"
                             "User-Agent: barbot\n"
                             "User-Agent: bazbot\n"
                             "Disallow: /example/page.html\n"
                             "\n"
                             "User-Agent: quxbot\n"
                             "\n"
                             "EOF\n";

static const struct {
    const char *agent, *target;
    bool allowed;
} answers[] = {
    {"other", "/", true},
    {"other", "/a.gif", false},
    {"other", "/a.gif?x", true},
    {"other", "/example/x", false},
    {"other", "/publications/x", true},
    {"foobot", "/", false},
    {"FooBot", "/publications/x", false},
    {"foobot", "/example/page.html", true},
    {"foobot", "/example/allowed.gif", true},
    {"foobot", "/example/other.gif", false},
    {"barbot", "/example/page.html", false},
    {"bazbot", "/example/page.html", false},
    {"bazbot", "/example/", true},
    {"quxbot", "/example/", true},
    {"quxbot", "/a.gif", true},
};

Test(robots, groups_are_read_as_in_the_standards_example)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        read_as(answers[i].agent, simple);
        cr_expect_eq(allows(answers[i].target), answers[i].allowed, "%s on %s", answers[i].agent,
                     answers[i].target);
    }
}

/* RFC 9309, 5.2. */
Test(robots, longest_match_decides)
{
    read_as("foobot", "User-Agent: foobot\n"
                      "Allow: /example/page/\n"
                      "Disallow: /example/page/disallowed.gif\n");

    cr_expect_not(allows("/example/page/disallowed.gif"));
    cr_expect(allows("/example/page/x"));
    cr_expect(allows("/"));
}

Test(robots, groups_that_name_us_are_put_together)
{
    read_as("me", "User-agent: me\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n\n"
                  "User-agent: ME/2.0\nDisallow: /c\n\nUser-agent: me-too\nDisallow: /d\n");

    cr_expect_not(allows("/a"));
    cr_expect(allows("/b"));
    cr_expect_not(allows("/c"));
    cr_expect(allows("/d"));
}

static const struct {
    const char *rules, *target;
    bool allowed;
} rules[] = {
    {"Disallow: /", "/robots.txt", true},
    {"Disallow:", "/a", true},
    {"Disallow: /a\nAllow: /a", "/a", true},
    {"Allow: /a\nDisallow: /a", "/a", true},
    {"Disallow: /fish", "/fish.html", false},
    {"Disallow: /fish", "/Fish", true},
    {"Disallow: /fish*", "/fishheads", false},
    {"Disallow: /fish/", "/fish", true},
    {"Disallow: /*.php", "/folder/a.php?x", false},
    {"Disallow: /*.php$", "/a.php?x", true},
    {"Disallow: /*.php$", "/a.php", false},
    {"Disallow: /$", "/", false},
    {"Disallow: /$", "/a", true},
    {"Disallow: /\nAllow: /$", "/", true},
    {"Disallow: /*?", "/a?b", false},
    {"Disallow: /*?", "/a", true},
    {"Disallow: /%7efoo", "/~foo", false},
    {"Disallow: /b\xC3\xA4r", "/b%C3%A4r", false},
    {"Disallow: /a%3cd.html", "/a%3Cd.html", false},
    {"  DISALLOW :  /a   # not for all", "/a", false},
    {"Disallow /a", "/a", true},
    {"Disallow: a", "/a", true},
    {"Disallow: /a\rDisallow: /b", "/b", false},
    {"Disallow: /a\r\nDisallow: /b", "/a", false},
    {"Crawl-delay: 5\nDisallow: /a", "/a", false},
};

Test(robots, rules_fit_as_written)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        read_as("me", cc_arena_printf(mem, "\xEF\xBB\xBFUser-agent: *\n%s", rules[i].rules));
        cr_expect_eq(allows(rules[i].target), rules[i].allowed, "%s on %s", rules[i].rules,
                     rules[i].target);
    }
}

Test(robots, delay_and_sitemaps_are_read)
{
    read_as("me",
            "Sitemap: https://x.example/a.xml\nUser-agent: *\nCrawl-delay: 9\n"
            "User-agent: me\nCrawl-Delay: 1.5\nDisallow: /x\nSITEMAP:https://x.example/b.xml");

    cr_expect_eq(robots.delay_ms, 1500);
    cr_expect_eq(robots.maps, 2);
    cr_expect_str_eq(robots.map[1], "https://x.example/b.xml");
    read_as("me", "User-agent: *\nCrawl-delay: -1");
    cr_expect_eq(robots.delay_ms, 0);
    read_as("me", "User-agent: *\nCrawl-delay: nan\nCrawl-delay: inf");
    cr_expect_leq(robots.delay_ms, 3600000);
}

Test(robots, another_line_does_not_end_the_names_of_a_group)
{
    read_as("a", "User-agent: a\nSitemap: /s\nCrawl-delay: 3\nUser-agent: b\nDisallow: /x\n");

    cr_expect_not(allows("/x"));
}

Test(robots, empty_or_garbage_allows_everything)
{
    static const char garbage[] = "\0\xFF<html>:::\n\0User-agent";

    read_as("me", "");
    cr_expect(allows("/a"));
    read_as("me", "Disallow: /");
    cr_expect(allows("/a"), "of no group");
    cc_robots_read(garbage, sizeof garbage, "me", mem, &robots);
    cr_expect(allows("/a"));
}

Test(robots, full_of_stars_is_judged_in_time)
{
    size_t len = CC_ROBOTS_MAX;
    char *text = cc_arena_get(mem, len + 1), *target = cc_arena_get(mem, 2049);
    size_t n = 0;
    int64_t began;

    n += (size_t)snprintf(text, len, "User-agent: *\n");
    while (n + 1100 < len) {
        n += (size_t)snprintf(text + n, len - n, "Disallow: /");
        for (int i = 0; i < 500; i++, n += 2)
            memcpy(text + n, "*a", 2);
        text[n++] = 'b';
        text[n++] = '\n';
    }
    memset(target, 'a', 2048);
    target[0] = '/';
    read_as("me", text);

    began = cc_clock_ms();
    allows(target);

    cr_expect_lt(cc_clock_ms() - began, 2000);
}

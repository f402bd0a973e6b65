#include "ingest/web/sitemap.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "proto/base/error.h"

static struct cc_arena *mem;
static struct cc_sitemap map;

static void setup(void)
{
    mem = cc_arena_new(128 << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
}

TestSuite(sitemap, .init = setup, .fini = teardown);

static int read_text(const char *text)
{
    return cc_sitemap_read(text, strlen(text), "https://x.example/sitemap.xml", mem, &map);
}

static const char *all(void)
{
    const char *text = "";

    for (size_t i = 0; i < map.n; i++)
        text = cc_arena_printf(mem, "%s%s%s", text, i ? " " : "", map.url[i]);
    return text;
}

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define NS  " xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""

static const struct {
    const char *text, *urls;
    bool index;
} maps[] = {
    {XML "<urlset" NS "><url><loc>https://x.example/a?b=1&amp;c=2</loc>"
         "<lastmod>2026-01-01</lastmod></url><url><loc>\n https://x.example/d \n</loc></url>"
         "</urlset>",
     "https://x.example/a?b=1&c=2 https://x.example/d", false},
    {XML "<sitemapindex" NS "><sitemap><loc>https://x.example/s1.xml.gz</loc></sitemap>"
         "</sitemapindex>",
     "https://x.example/s1.xml.gz", true},
    {XML "<!-- ours --><sm:urlset xmlns:sm='x'><sm:url><sm:loc>https://x.example/a</sm:loc>"
         "</sm:url></sm:urlset>",
     "https://x.example/a", false},
    {"<urlset xmlns:image='x'><url><loc>https://x.example/a</loc><image:image>"
     "<image:loc>https://x.example/a.png</image:loc></image:image></url></urlset>",
     "https://x.example/a", false},
    {"\xEF\xBB\xBF<urlset><url><loc><![CDATA[https://x.example/a?b&c]]></loc></url></urlset>",
     "https://x.example/a?b&c", false},
    {"<urlset><!--<url><loc>https://x.example/old</loc></url>--><url><loc>/b</loc></url></urlset>",
     "https://x.example/b", false},
    {"<urlset><url><loc>ftp://x.example/</loc></url><url><loc></loc></url></urlset>", "", false},
    {"<urlset><url><loc>https://x.example/cut", "", false},
    {"https://x.example/a\r\n\r\nhttps://x.example/b\nnonsense\n",
     "https://x.example/a https://x.example/b", false},
};

Test(sitemap, is_read_in_all_its_forms)
{
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        cr_assert_eq(read_text(maps[i].text), 0, "%s: %s", maps[i].text, cc_fail_text());
        cr_expect_str_eq(all(), maps[i].urls, "%s gave %s", maps[i].text, all());
        cr_expect_eq(map.index, maps[i].index, "%s", maps[i].text);
    }
}

Test(sitemap, is_no_other_text)
{
    static const char *const others[] = {"",
                                         "<html><body>404</body></html>",
                                         "not found",
                                         "<?xml version='1.0'?>",
                                         "<rss><link>x</link></rss>",
                                         "<a:urlset2>"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_eq(read_text(others[i]), CC_E_INVALID, "%s", others[i]);
}

static size_t pack(const char *text, size_t len, char *out, size_t room)
{
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)text,
                  .avail_in = (unsigned)len,
                  .next_out = (unsigned char *)out,
                  .avail_out = (unsigned)room};

    cr_assert_eq(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

Test(sitemap, may_be_packed)
{
    char packed[1000];
    size_t n = pack(maps[0].text, strlen(maps[0].text), packed, sizeof packed);

    cr_assert_eq(cc_sitemap_read(packed, n, "https://x.example/s.xml.gz", mem, &map), 0, "%s",
                 cc_fail_text());
    cr_expect_str_eq(all(), maps[0].urls);
    cr_expect_eq(cc_sitemap_read(packed, n / 2, "https://x.example/", mem, &map), CC_E_INVALID);
}

Test(sitemap, that_grows_beyond_measure_is_refused)
{
    size_t len = CC_SITEMAP_BYTES + 1, room = 1 << 20;
    char *blanks = cc_arena_get(mem, len), *packed = cc_arena_get(mem, room);

    memset(blanks, ' ', len);
    size_t n = pack(blanks, len, packed, room);

    cr_expect_eq(cc_sitemap_read(packed, n, "https://x.example/", mem, &map), CC_E_TOOBIG);
}

Test(sitemap, of_millions_of_bad_addresses_takes_neither_time_nor_memory, .timeout = 20)
{
    static const char head[] = "<urlset>", row[] = "<loc>http:";
    char *text = malloc(CC_SITEMAP_BYTES);
    size_t len = sizeof head - 1;

    cr_assert_not_null(text);
    memcpy(text, head, len);
    for (; len + sizeof row <= CC_SITEMAP_BYTES; len += sizeof row - 1)
        memcpy(text + len, row, sizeof row - 1);
    cr_expect_eq(cc_sitemap_read(text, len, "https://x.example/", mem, &map), 0);
    free(text);

    cr_expect_eq(map.n, 0);
    cr_expect_eq(map.looked, CC_SITEMAP_URLS);
    cr_expect_lt(cc_arena_used(mem), (size_t)8 << 20, "%zu", cc_arena_used(mem));
}

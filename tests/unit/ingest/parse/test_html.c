#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ingest/parse/parse.h"
#include "proto/base/error.h"
#include "tests/unit/ingest/parse/blocks.h"

static const struct row {
    const char *page, *blocks;
} rows[] = {
    {"<p>one<p>two", "P0 p0 [] one\nP0 p0 [] two\n"},
    {"plain & simple", "P0 p0 [] plain & simple\n"},
    {"<h1>A</h1><p>x</p><h2>B</h2><p>y</p><h1>C</h1>z",
     "H1 p0 [A] A\nP0 p0 [A] x\nH2 p0 [A › B] B\nP0 p0 [A › B] y\nH1 p0 [C] C\nP0 p0 [C] z\n"},
    {"<ul><li>a<li>b<ol><li>c<li>d</ol></ul>",
     "L0 p0 [] a\nL0 p0 [] b\nL0 p0 [] 1. c\nL0 p0 [] 2. d\n"},
    {"<ol start=4><li>a</li><li value=9>b</li><li><p>c</p><p>d</p></li></ol>",
     "L0 p0 [] 4. a\nL0 p0 [] 9. b\nL0 p0 [] 10. c/d\n"},
    {"<table><tr><th>Day<th>Open</tr><tr><td>Mo<td>8 to <b>17</b></table>",
     "T0 p0 [] Day | Open/Mo | 8 to 17\n"},
    {"<table><caption>Hours</caption><tr><th colspan=2>A<th>B<tr><td>1<td>2<td>3</table>",
     "P0 p0 [] Hours\nT0 p0 [] A | | B/1 | 2 | 3\n"},
    {"<table><tr><td><p>left</p><td><table><tr><td>1<td>2<tr><td>3<td>4</table></table>",
     "P0 p0 [] left\nT0 p0 [] 1 | 2/3 | 4\n"},
    {"<pre>a\n  b</pre>", "C0 p0 [] a/  b\n"},
    {"<dl><dt>Tea<dd>hot<dt>Why?<dd>So.</dl>", "L0 p0 [] Tea/hot\nQ0 p0 [] Why?/So.\n"},
    {"<details><summary>May I return it?</summary><p>Yes.</p><p>Within a month.</p></details>",
     "Q0 p0 [] May I return it?/Yes./Within a month.\n"},
    {"<details><summary>More</summary><p>words</p></details>", "P0 p0 [] More\nP0 p0 [] words\n"},
    {"<div itemscope itemtype='https://schema.org/Question'><h3 itemprop=name>Open on Sunday</h3>"
     "<div itemtype='https://schema.org/Answer'><p itemprop=text>No, closed.</p></div></div>",
     "Q0 p0 [] Open on Sunday/No, closed.\n"},
    {"<p>seen</p><p hidden>a</p><p style='display : none'>b</p><script>c</script><style>d</style>"
     "<!-- e --><template>f</template>",
     "P0 p0 [] seen\n"},
    {"one<br>two <b>th</b>ree <img alt='a dog' src=x>", "P0 p0 [] one/two three [a dog]\n"},
    {"<p>a<button>Buy</button><button>Why this?</button><h2><button>b</button></h2>",
     "P0 p0 [] a\nP0 p0 [] Why this?\nH2 p0 [b] b\n"},
    {"<div role=tabpanel hidden>a</div><div hidden=until-found>b</div><div hidden>c</div>",
     "P0 p0 [] a\nP0 p0 [] b\n"},
    {"<my-box>one</my-box><my-box>two</my-box>", "P0 p0 [] one\nP0 p0 [] two\n"},
    {"&lt;b&gt; &euro; &#x1F600; &auml;", "P0 p0 [] <b> € 😀 ä\n"},
    {"<!--[if IE]>old<![endif]--><p>a<!-- > --><!--->b<![if x]>c<![endif]>", "P0 p0 [] abc\n"},
    {"<script><!-- x </script>seen", "P0 p0 [] seen\n"},
    {"", ""},
    {"<html><head><title>only</title></head></html>", ""},
    {"<ul><li></ul><table><tr></table><p> </p>", ""},
};

Test(html, becomes_blocks)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        blocks_expect(cc_parse_html, rows[i].page, rows[i].blocks);
}

/* A page of a shop: n paragraphs between a menu, a box of links, comments and a footer. */
static const char *shop_page(size_t n, struct cc_arena *mem)
{
    struct cc_buf page;
    const char *copy;

    cc_buf_init(&page, 1 << 16);
    cc_buf_text(&page,
                "<html><head><title>Returns - Shop</title></head><body><div class=cookie-bar>"
                "We use cookies. <a href=/c>More</a></div><nav><ul>");
    for (int i = 0; i < 30; i++)
        cc_buf_printf(&page, "<li><a href='/s/%d'>Department number %d</a>", i, i);
    cc_buf_text(&page, "</ul></nav><div class=breadcrumb><a href=/>Home</a></div><div class=layout>"
                       "<div class=content><h1>Returns</h1><h2>Deadlines</h2>");
    for (size_t i = 0; i < n; i++)
        cc_buf_printf(&page,
                      "<p>Rule %zu: goods go back within thirty days, unworn, in the box they came "
                      "in, and the money follows within a week, whatever way it was paid.</p>",
                      i);
    cc_buf_text(&page, "<ul><li>Shoes<li>Shirts</ul></div><div class=sidebar><a href=/x>Sale</a> "
                       "<a href=/y>New arrivals for everybody</a></div></div><div class=comments>"
                       "<p>First!</p></div><div class=social-share>Tweet</div>"
                       "<footer><a href=/i>Imprint</a> Copyright</footer></body></html>");
    copy = cc_arena_dupn(mem, page.bytes, page.len);
    cc_buf_done(&page);
    return copy;
}

static bool has(const struct cc_extract *doc, const char *words)
{
    for (size_t i = 0; i < doc->n; i++)
        if (strstr(doc->blocks[i].text, words))
            return true;
    return false;
}

Test(html, main_text_comes_without_the_frame_of_its_page)
{
    static const char *const around[] = {"cookies", "Department", "Home",    "Sale",
                                         "First!",  "Tweet",      "Imprint", "Copyright"};
    struct cc_arena *mem = cc_arena_new(8 << 20);
    const char *page = shop_page(12, mem);
    struct cc_extract doc;

    cc_extract_init(&doc, CC_FILE_HTML, mem);
    cr_assert_eq(cc_parse_html(page, strlen(page), &doc), 0);

    for (size_t i = 0; i < sizeof around / sizeof *around; i++)
        cr_expect_not(has(&doc, around[i]), "%s", around[i]);
    cr_expect(has(&doc, "Rule 0") && has(&doc, "Rule 11") && has(&doc, "Shirts"));
    cr_expect_str_eq(doc.blocks[1].section, "Returns \xe2\x80\xba Deadlines");
    cr_expect_str_eq(doc.title, "Returns - Shop");
    cc_arena_free(&mem);
}

/* The help of a shop: one long part and several short ones, in <main>. */
static const char *help_page(int paragraphs, struct cc_arena *mem)
{
    struct cc_buf page;
    const char *copy;

    cc_buf_init(&page, 1 << 16);
    cc_buf_text(&page, "<header class=site-header><nav class=main-nav><a href=/a>Women</a> <a "
                       "href=/b>Men</a></nav></header><div class=consent>We use cookies, as all "
                       "do.</div><main><h1>Help</h1><section class=shipping><h2>Shipping</h2>");
    for (int i = 0; i < paragraphs; i++)
        cc_buf_text(&page, "<p>How long it takes depends on the country, the weight, and the "
                           "weather, but mostly it is a matter of a few days.</p>");
    cc_buf_text(&page, "</section><section class=contact><h2>Contact</h2><p>Call 030 1234</p>"
                       "<address>1 Main Street</address></section><section class=share-hint><h2>"
                       "Ratings</h2><p>After a purchase, everybody may share what they think, the "
                       "number of the order is enough.</p></section></main><aside class=sidebar>"
                       "<a href=/s>Sale</a></aside><footer class=foot><a href=/i>Imprint</a>"
                       "</footer><div class=social><a href=/t>Follow</a></div>");
    copy = cc_arena_dupn(mem, page.bytes, page.len);
    cc_buf_done(&page);
    return copy;
}

Test(html, what_a_page_calls_its_main_part_comes_whole)
{
    static const char *const around[] = {"Women", "cookies", "Sale", "Imprint", "Follow"};
    static const int paragraphs[] = {2, 40};

    for (size_t k = 0; k < 2; k++) {
        struct cc_arena *mem = cc_arena_new(8 << 20);
        const char *page = help_page(paragraphs[k], mem);
        struct cc_extract doc;

        cc_extract_init(&doc, CC_FILE_HTML, mem);
        cr_assert_eq(cc_parse_html(page, strlen(page), &doc), 0);

        for (size_t i = 0; i < sizeof around / sizeof *around; i++)
            cr_expect_not(has(&doc, around[i]), "%s", around[i]);
        cr_expect(has(&doc, "Help") && has(&doc, "030 1234") && has(&doc, "1 Main Street"));
        cr_expect(has(&doc, "After a purchase"));
        cc_arena_free(&mem);
    }
}

Test(html, page_whose_text_stands_in_many_places_comes_whole)
{
    struct cc_arena *mem = cc_arena_new(8 << 20);
    struct cc_buf page;
    struct cc_extract doc;

    cc_buf_init(&page, 1 << 16);
    for (int i = 0; i < 12; i++)
        cc_buf_printf(&page,
                      "<section><div><h2>Part %d</h2><div><p>Of this part, and of no other, the "
                      "manual says something long enough to be read, with care, by people.</p>"
                      "</div></div></section><table><tr><th>Size<td>%d<tr><th>Colour<td>red"
                      "</table><p>See <a href=/%d>below</a></p>",
                      i, i, i);
    cc_extract_init(&doc, CC_FILE_HTML, mem);
    cr_assert_eq(cc_parse_html(page.bytes, page.len, &doc), 0);

    cr_expect_eq(doc.n, 12 * 4u, "%zu", doc.n);
    cr_expect(has(&doc, "Part 0") && has(&doc, "Part 11") && has(&doc, "Size | 11"));
    cc_buf_done(&page);
    cc_arena_free(&mem);
}

Test(html, answers_that_open_at_a_click_all_come_with_their_questions)
{
    struct cc_arena *mem = cc_arena_new(8 << 20);
    struct cc_buf page;
    struct cc_extract doc;
    char question[64];

    cc_buf_init(&page, 1 << 16);
    for (int i = 0; i < 8; i++)
        cc_buf_printf(&page, "<div class=menu-%d><a href=/m/%d>Department</a></div>", i, i);
    cc_buf_text(&page, "<div class=wrap><div class=faq-list><button>Open all</button>");
    for (int i = 0; i < 12; i++)
        cc_buf_printf(
            &page,
            "<div class=item><h3 class=head><button>Question %d about it</button></h3>"
            "<div class=panel role=region hidden><div class=inner><div class=copy><p>The "
            "answer to that is long, well thought, and given by people who know, as every "
            "answer here is, whatever the question was.</p><p>It goes on, too, for the "
            "sake of those who read on, and want all of it, in words, at length, here."
            "</p></div></div></div></div>",
            i);
    cc_buf_text(&page, "</div></div>");
    cc_extract_init(&doc, CC_FILE_HTML, mem);
    cr_assert_eq(cc_parse_html(page.bytes, page.len, &doc), 0);

    cr_expect_eq(doc.n, 12 * 3u, "%s", blocks_show(&doc, mem));
    for (size_t i = 0; i < doc.n; i += 3) {
        snprintf(question, sizeof question, "Question %zu about it", i / 3);
        cr_expect_str_eq(doc.blocks[i].text, question);
        cr_expect_str_eq(doc.blocks[i + 2].section, question);
    }
    cc_buf_done(&page);
    cc_arena_free(&mem);
}

#define FAQ(name, text)                                                                            \
    "{\"@type\":\"Question\",\"name\":\"" name "\",\"acceptedAnswer\":{\"@type\":\"Answer\","      \
    "\"text\":\"" text "\"}}"

Test(html, questions_of_linked_data_are_pairs_unless_the_page_shows_them)
{
    static const char page[] =
        "<script type='application/ld+json'>{\"@type\":\"FAQPage\","
        "\"mainEntity\":[" FAQ("How long?", "<p>30&nbsp;days</p>") "," FAQ(
            "Shown?", "Yes") "]}</script><h3>Shown?</h3><p>Of course</p>"
                             "<script type='application/ld+json'>{broken</script>";
    struct cc_arena *mem = cc_arena_new(8 << 20);
    struct cc_extract doc;

    cc_extract_init(&doc, CC_FILE_HTML, mem);
    cr_assert_eq(cc_parse_html(page, sizeof page - 1, &doc), 0);

    cr_expect_str_eq(blocks_show(&doc, mem), "H3 p0 [Shown?] Shown?\nP0 p0 [Shown?] Of course\n"
                                             "Q0 p0 [Shown?] How long?/30 days\n");
    cc_arena_free(&mem);
}

static const struct title {
    const char *page, *title;
} titles[] = {
    {"<title> A\n b </title><h1>C</h1>", "A b"},
    {"<title>A</title><meta property=og:title content='Better &amp; shorter'>", "Better & shorter"},
    {"<h1>Only <b>this</b></h1>", "Only this"},
    {"<h2>not this</h2>", ""},
};

Test(html, title_comes_from_the_page)
{
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        struct cc_arena *mem = cc_arena_new(8 << 20);
        struct cc_extract doc;

        cc_extract_init(&doc, CC_FILE_HTML, mem);
        cr_expect_eq(cc_parse_html(titles[i].page, strlen(titles[i].page), &doc), 0);
        cr_expect_str_eq(doc.title, titles[i].title);
        cc_arena_free(&mem);
    }
}

static const struct page_charset {
    const char *page, *text;
} charsets[] = {
    {"<meta charset=iso-8859-1>Gr\xfc\xdf"
     "e \x80",
     "Gr\xc3\xbc\xc3\x9f"
     "e \xe2\x82\xac"},
    {"<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>\xcf\xf0\xe8",
     "\xd0\x9f\xd1\x80\xd0\xb8"},
    {"<?xml version='1.0' encoding='ISO-8859-2'?><p>\xb1</p>", "\xc4\x85"},
    {"<meta charset=iso-8859-1>\xc3\xbc", "\xc3\xbc"}, /* not true: it is UTF-8 */
    {"<meta charset=no-such-thing>caf\xe9 et th\xe9 pour les deux \xe0 No\xebl",
     "caf\xc3\xa9 et th\xc3\xa9 pour les deux \xc3\xa0 No\xc3\xabl"},
    {"\xef\xbb\xbf<meta charset=koi8-r>\xc3\xbc", "\xc3\xbc"},
};

Test(html, charset_is_what_the_page_says_unless_its_bytes_say_otherwise)
{
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++) {
        struct cc_arena *mem = cc_arena_new(8 << 20);
        struct cc_extract doc;

        cc_extract_init(&doc, CC_FILE_HTML, mem);
        cr_expect_eq(cc_parse_html(charsets[i].page, strlen(charsets[i].page), &doc), 0);
        cr_assert_eq(doc.n, 1, "%zu", i);
        cr_expect_str_eq(doc.blocks[0].text, charsets[i].text, "%zu: %s", i, doc.blocks[0].text);
        cc_arena_free(&mem);
    }
}

Test(html, parts_nested_beyond_measure_still_give_their_text)
{
    struct cc_arena *mem = cc_arena_new(256 << 20);
    struct cc_buf page;
    struct cc_extract doc;

    cc_buf_init(&page, 4 << 20);
    for (int i = 0; i < 20000; i++)
        cc_buf_text(&page, "<div><b>");
    cc_buf_text(&page, "deep");
    cc_extract_init(&doc, CC_FILE_HTML, mem);
    cr_assert_eq(cc_parse_html(page.bytes, page.len, &doc), 0);

    cr_expect_str_eq(blocks_show(&doc, mem), "P0 p0 [] deep\n");
    cc_buf_done(&page);
    cc_arena_free(&mem);
}

Test(html, page_of_too_many_parts_is_refused)
{
    struct cc_arena *mem = cc_arena_new(384 << 20);
    struct cc_buf page;
    struct cc_extract doc;

    cc_buf_init(&page, 8 << 20);
    for (int i = 0; i < 700000; i++)
        cc_buf_text(&page, "<b>x</b>");
    cc_extract_init(&doc, CC_FILE_HTML, mem);

    cr_expect_eq(cc_parse_html(page.bytes, page.len, &doc), CC_E_LIMIT);
    cc_buf_done(&page);
    cc_arena_free(&mem);
}

Test(html, page_of_unfinished_conditions_takes_no_time, .timeout = 20)
{
    struct cc_arena *mem = cc_arena_new(256 << 20);
    struct cc_buf page;
    struct cc_extract doc;

    cc_buf_init(&page, 8 << 20);
    cc_buf_text(&page, "<p>seen</p>");
    for (int i = 0; i < 2500000; i++)
        cc_buf_text(&page, "<![");
    cc_extract_init(&doc, CC_FILE_HTML, mem);

    cr_assert_eq(cc_parse_html(page.bytes, page.len, &doc), 0);
    cr_expect_str_eq(doc.blocks[0].text, "seen");
    cc_buf_done(&page);
    cc_arena_free(&mem);
}

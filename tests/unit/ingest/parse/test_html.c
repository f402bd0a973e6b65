#include <criterion/criterion.h>
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
    {"<my-box>one</my-box><my-box>two</my-box>", "P0 p0 [] one\nP0 p0 [] two\n"},
    {"&lt;b&gt; &euro; &#x1F600; &auml;", "P0 p0 [] <b> € 😀 ä\n"},
    {"", ""},
    {"<html><head><title>only</title></head></html>", ""},
    {"<ul><li></ul><table><tr></table><p> </p>", ""},
};

Test(html, becomes_blocks)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cc_arena *mem = cc_arena_new(8 << 20);
        struct cc_extract doc;

        cc_extract_init(&doc, CC_FILE_HTML, mem);
        cr_expect_eq(cc_parse_html(rows[i].page, strlen(rows[i].page), &doc), 0);
        cr_expect_str_eq(blocks_show(&doc, mem), rows[i].blocks, "%s\n-> %s", rows[i].page,
                         blocks_show(&doc, mem));
        cc_arena_free(&mem);
    }
}

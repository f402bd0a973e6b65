#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/parse.h"
#include "tests/unit/ingest/parse/blocks.h"

static const struct row {
    const char *text, *blocks;
} rows[] = {
    {"words *with* **weight** and `code`", "P0 p0 [] words with weight and code\n"},
    {"# A\none\n## B\ntwo\n# C\nthree", "H1 p0 [A] A\nP0 p0 [A] one\nH2 p0 [A › B] B\nP0 p0 [A › "
                                        "B] two\nH1 p0 [C] C\nP0 p0 [C] three\n"},
    {"### Deep\nx\n# Top\ny",
     "H3 p0 [Deep] Deep\nP0 p0 [Deep] x\nH1 p0 [Top] Top\nP0 p0 [Top] y\n"},
    {"Title\n=====\ntext", "H1 p0 [Title] Title\nP0 p0 [Title] text\n"},
    {"- a\n- b\n  - c\n- d", "L0 p0 [] a\nL0 p0 [] b\nL0 p0 [] c\nL0 p0 [] d\n"},
    {"1. a\n\n   more\n2. b\n\nafter", "L0 p0 [] a\nL0 p0 [] more\nL0 p0 [] b\nP0 p0 [] after\n"},
    {"|a|b|\n|---|---|\n|1|2|\n|3|4|", "T0 p0 [] a | b/1 | 2/3 | 4\n"},
    {"```c\nint x;\n  y();\n```", "C0 p0 [] int x;/  y();\n"},
    {"> quoted\n\nplain", "P0 p0 [] quoted\nP0 p0 [] plain\n"},
    {"[link](https://example.com) ![picture](x.png)", "P0 p0 [] link picture\n"},
    {"a&amp;b &lt; &#228; &#x1F600; &bogus;", "P0 p0 [] a&b < ä 😀 &bogus;\n"},
    {"<b>bold</b> and <!-- hidden --> text", "P0 p0 [] bold and text\n"},
    {"<div align=\"center\">\n<h1>Name</h1>\n</div>", "P0 p0 [] Name\n"},
    {"---\ntitle: T\n---\n# H\nx", "P0 p0 [] title: T\nH1 p0 [H] H\nP0 p0 [H] x\n"},
    {"line\nnext  \nhard", "P0 p0 [] line/next/hard\n"},
    {"", ""},
    {"   \n\n", ""},
    {"***\n\n---", ""},
};

Test(markdown, becomes_blocks)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        blocks_expect(cc_parse_markdown, rows[i].text, rows[i].blocks);
}

#include <md4c.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/parse/parse.h"
#include "proto/base/buf.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define FRONT_MATTER 8192 /* bytes within which it must end */

/* The text of the innermost open block; flushed whenever another one begins or this one ends. */
struct reader {
    struct cc_extract *doc;
    struct cc_buf text;
    enum cc_block_kind kind;
    int level, lists, rc;
    bool in_tag; /* of raw HTML, whose text we keep and whose tags we drop */
    bool first_cell;
};

static int flush(struct reader *r)
{
    if (cc_buf_over(&r->text))
        r->rc = cc_fail(CC_E_LIMIT, "a block of more than %d bytes", CC_EXTRACT_TEXT);
    else if (r->text.len)
        r->rc = cc_extract_add(r->doc, r->kind, r->level, 0, r->text.bytes, r->text.len);
    cc_buf_reset(&r->text);
    r->kind = r->lists ? CC_BLOCK_LIST : CC_BLOCK_PARAGRAPH;
    r->level = 0;
    r->in_tag = false;
    return r->rc;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct reader *r = arg;

    switch (type) {
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY: return 0;
    case MD_BLOCK_TR: r->first_cell = true; return 0;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        if (!r->first_cell)
            cc_buf_text(&r->text, " | ");
        r->first_cell = false;
        return 0;
    default: break;
    }
    if (flush(r))
        return r->rc;
    switch (type) {
    case MD_BLOCK_UL:
    case MD_BLOCK_OL: r->lists++; break;
    case MD_BLOCK_LI: r->kind = CC_BLOCK_LIST; break;
    case MD_BLOCK_CODE: r->kind = CC_BLOCK_CODE; break;
    case MD_BLOCK_TABLE: r->kind = CC_BLOCK_TABLE; break;
    case MD_BLOCK_H:
        r->kind = CC_BLOCK_HEADING;
        r->level = (int)((MD_BLOCK_H_DETAIL *)detail)->level;
        break;
    default: break;
    }
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
    struct reader *r = arg;

    (void)detail;
    switch (type) {
    case MD_BLOCK_TR: cc_buf_char(&r->text, '\n'); return 0;
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
    case MD_BLOCK_TH:
    case MD_BLOCK_TD: return 0;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        if (flush(r))
            return r->rc;
        r->lists--;
        r->kind = r->lists ? CC_BLOCK_LIST : CC_BLOCK_PARAGRAPH;
        return 0;
    default: return flush(r);
    }
}

static int span(MD_SPANTYPE type, void *detail, void *arg)
{
    (void)type, (void)detail, (void)arg;
    return 0;
}

static void add_html(struct reader *r, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '<')
            r->in_tag = true;
        else if (!r->in_tag)
            cc_buf_char(&r->text, s[i]);
        else if (s[i] == '>')
            r->in_tag = false;
    }
}

static const struct entity {
    const char *name;
    uint32_t cp;
} entities[] = {
    {"&amp;", '&'},      {"&lt;", '<'},        {"&gt;", '>'},       {"&quot;", '"'},
    {"&apos;", '\''},    {"&nbsp;", ' '},      {"&copy;", 0xa9},    {"&reg;", 0xae},
    {"&trade;", 0x2122}, {"&euro;", 0x20ac},   {"&pound;", 0xa3},   {"&mdash;", 0x2014},
    {"&ndash;", 0x2013}, {"&hellip;", 0x2026}, {"&rarr;", 0x2192},  {"&larr;", 0x2190},
    {"&times;", 0xd7},   {"&deg;", 0xb0},      {"&lsquo;", 0x2018}, {"&rsquo;", 0x2019},
    {"&ldquo;", 0x201c}, {"&rdquo;", 0x201d},
};

/* "&#x27;", "&#39;" and the names of the table; others stay as they are written. */
static void add_entity(struct reader *r, const char *s, size_t len)
{
    uint32_t cp = 0;
    char utf8[4];
    unsigned long n;

    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (strlen(entities[i].name) == len && !memcmp(entities[i].name, s, len))
            cp = entities[i].cp;
    if (len > 3 && len < 12 && s[1] == '#') {
        n = s[2] == 'x' || s[2] == 'X' ? strtoul(s + 3, NULL, 16) : strtoul(s + 2, NULL, 10);
        cp = n <= 0x10ffff && (n < 0xd800 || n > 0xdfff) ? (uint32_t)n : 0xfffd;
    }
    if (cp)
        cc_buf_add(&r->text, utf8, cc_utf8_put(cp, utf8));
    else
        cc_buf_add(&r->text, s, len);
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE len, void *arg)
{
    struct reader *r = arg;

    switch (type) {
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR: cc_buf_char(&r->text, '\n'); break;
    case MD_TEXT_HTML: add_html(r, s, len); break;
    case MD_TEXT_ENTITY: add_entity(r, s, len); break;
    case MD_TEXT_NULLCHAR: break;
    default: cc_buf_add(&r->text, s, len);
    }
    return 0;
}

/* "---\ntitle: …\n---\n" at the top: its length, 0 when there is none. */
static size_t front_matter(const char *text, size_t len)
{
    const char *end;

    if (len < 8 || memcmp(text, "---\n", 4))
        return 0;
    end = memmem(text + 3, (len < FRONT_MATTER ? len : FRONT_MATTER) - 3, "\n---\n", 5);
    return end ? (size_t)(end - text) + 5 : 0;
}

int cc_parse_markdown(const char *text, size_t len, struct cc_extract *doc)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS |
                 MD_FLAG_PERMISSIVEATXHEADERS,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = span,
        .leave_span = span,
        .text = add_text,
    };
    struct reader r = {.doc = doc, .kind = CC_BLOCK_PARAGRAPH};
    size_t front = front_matter(text, len);
    int rc;

    if (front > 8) {
        rc = cc_extract_add(doc, CC_BLOCK_PARAGRAPH, 0, 0, text + 4, front - 9);
        if (rc)
            return rc;
    }
    cc_buf_init(&r.text, CC_EXTRACT_TEXT);
    rc = md_parse(text + front, (MD_SIZE)(len - front), &parser, &r);
    if (!rc)
        rc = flush(&r);
    cc_buf_done(&r.text);
    if (!rc || r.rc)
        return r.rc;
    return cc_fail(CC_E_PARSER, "the Markdown reader gave up");
}

#include <stdbool.h>
#include <string.h>

#include "ingest/parse/parse.h"
#include "ingest/parse/pdf_edges.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define TITLE_BYTES 80
#define TEXT_BYTES  120 /* what a heading stands above is longer */
#define PLAIN_LEVEL 3   /* of headings without a number: below most numbered ones */

/* Bytes of longer characters pass for lower-case letters: most of them are. */
static bool is_lower(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || c >= 0x80;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The bytes of a hyphen ("-" or U+2010) at i. */
static size_t hyphen(const char *s, size_t len, size_t i)
{
    if (s[i] == '-')
        return 1;
    return len - i >= 3 && !memcmp(s + i, "\xe2\x80\x90", 3) ? 3 : 0;
}

/* "exam-\nple" is one word, "Jean-\nPaul" and "2024-\n25" are not. */
static size_t join_words(const char *s, size_t len, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        size_t h = hyphen(s, len, i);
        bool cut = h && i > 0 && i + h + 1 < len && s[i + h] == '\n' &&
                   is_lower((unsigned char)s[i - 1]) && is_lower((unsigned char)s[i + h + 1]);

        if (cut)
            i += h;
        else
            out[n++] = s[i];
    }
    return n;
}

/* ---- headings ---- */

/* Lines without an empty one between; first is the first of them, without blanks around. */
struct run {
    const char *s, *first;
    size_t len, first_len, lines;
};

static struct run next_run(const char *text, size_t len, size_t *at)
{
    struct run run = {0};

    while (*at < len) {
        const char *s = text + *at, *end = memchr(s, '\n', len - *at), *line;
        size_t n = end ? (size_t)(end - s) : len - *at, line_len;

        line = cc_text_trim(s, n, &line_len);
        if (!line_len && run.lines)
            break;
        *at += n + (end != NULL);
        if (!line_len)
            continue;
        if (!run.lines++)
            run = (struct run){.s = s, .first = line, .first_len = line_len, .lines = 1};
        run.len = (size_t)(line + line_len - run.s);
    }
    return run;
}

/* "3.1" alone: its level, and 0 for others. */
static int lone_number(const struct run *run)
{
    int level = 1;

    if (run->lines != 1 || run->first_len > 8 || !is_digit(run->first[0]))
        return 0;
    for (size_t i = 1; i < run->first_len; i++) {
        if (run->first[i] == '.' && !is_digit(run->first[i - 1]))
            return 0;
        if (run->first[i] != '.' && !is_digit(run->first[i]))
            return 0;
        level += run->first[i] == '.' && i + 1 < run->first_len;
    }
    return run->first_len <= 2 || level > 1 ? level : 0;
}

/* "Closer Connection to": it goes on below. */
static bool is_broken(const char *s, size_t len)
{
    const char *last = memrchr(s, ' ', len);
    size_t n = last ? len - (size_t)(last + 1 - s) : len;

    return n <= 3 && last && is_lower((unsigned char)last[1]);
}

/* Short, begins like a sentence, does not end like one, and is made of words. */
static bool is_title(const char *s, size_t len)
{
    size_t letters = 0;

    if (len < 3 || len > TITLE_BYTES || !is_upper(s[0]) || strchr(".,;:!-", s[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (strchr(",;=@/|_{}[]<>\t", s[i]))
            return false;
        letters += is_upper(s[i]) || is_lower((unsigned char)s[i]) || s[i] == ' ';
    }
    return letters >= len - len / 8 && !is_broken(s, len);
}

/* "Where to Apply": words of more than three letters begin with capitals, and there are two. */
static bool is_capitalised(const char *s, size_t len)
{
    size_t words = 0;

    for (size_t i = 0; i < len;) {
        const char *end = memchr(s + i, ' ', len - i);
        size_t n = end ? (size_t)(end - s) - i : len - i;

        if (n > 3 && !is_upper(s[i]))
            return false;
        words += n > 0;
        i += n + 1;
    }
    return words >= 2;
}

static bool is_text(const struct run *run)
{
    return run->len >= TEXT_BYTES && !is_lower((unsigned char)run->first[0]);
}

static bool ends_sentence(const struct run *run)
{
    return !run->lines || strchr(".:!?)", run->s[run->len - 1]);
}

struct page {
    struct cc_extract *doc;
    int number;
    struct run before; /* none at the page's top */
};

static int add_text(const struct page *page, const char *s, size_t len)
{
    return cc_parse_plain(s, len, page->number, page->doc);
}

static int add_heading(const struct page *page, int level, const char *s, size_t len)
{
    return cc_extract_add(page->doc, CC_BLOCK_HEADING, level, page->number, s, len);
}

/* "2" above "Where to apply", above text: *ret is what follows the heading. */
static int numbered(const struct page *page, const struct run *run, const char *text, size_t len,
                    size_t *at)
{
    size_t behind = *at, after;
    struct run title = next_run(text, len, &behind), body;
    char line[TITLE_BYTES + 16];
    int level = page->before.lines ? lone_number(run) : 0;

    after = behind;
    body = next_run(text, len, &after);
    if (!level || title.lines != 1 || !is_title(title.first, title.first_len) ||
        body.len < TEXT_BYTES)
        return 0;
    memcpy(line, run->first, run->first_len);
    line[run->first_len] = ' ';
    memcpy(line + run->first_len + 1, title.first, title.first_len);
    *at = behind;
    level = add_heading(page, level, line, run->first_len + 1 + title.first_len);
    return level ? level : 1;
}

static int titled(const struct page *page, const struct run *run, const char *text, size_t len,
                  size_t at)
{
    struct run body = next_run(text, len, &at);
    int rc;

    if (run->lines != 1 || !is_title(run->first, run->first_len) || !ends_sentence(&page->before) ||
        !is_text(&body))
        return 0;
    rc = add_heading(page, PLAIN_LEVEL, run->first, run->first_len);
    return rc ? rc : 1;
}

/* A heading without an empty line below it. */
static int leading(const struct page *page, const struct run *run)
{
    const char *rest = run->first + run->first_len;
    size_t len = (size_t)(run->s + run->len - rest), line_len;
    const char *line = cc_text_trim(rest, len, &line_len);
    int rc;

    if (run->lines < 3 || run->len < TEXT_BYTES || !is_title(run->first, run->first_len) ||
        !is_capitalised(run->first, run->first_len) || !is_upper(line[0]))
        return 0;
    rc = add_heading(page, PLAIN_LEVEL, run->first, run->first_len);
    if (!rc)
        rc = add_text(page, rest, len);
    return rc ? rc : 1;
}

/* Text, and the headings that plain.c cannot see: a page has less order than a typed text. */
static int add_page(struct page *page, const char *text, size_t len)
{
    size_t at = 0;

    while (at < len) {
        struct run run = next_run(text, len, &at);
        int rc;

        if (!run.lines)
            break;
        rc = numbered(page, &run, text, len, &at);
        if (!rc)
            rc = titled(page, &run, text, len, at);
        if (!rc)
            rc = leading(page, &run);
        if (!rc && (rc = add_text(page, run.s, run.len)))
            return rc;
        if (rc < 0)
            return rc;
        page->before = run;
    }
    return 0;
}

static size_t split_pages(const char *text, size_t len, struct cc_pdf_page *pages)
{
    size_t n = 0;

    for (size_t at = 0; at < len; n++) {
        const char *end = memchr(text + at, '\f', len - at);
        size_t bytes = end ? (size_t)(end - text) - at : len - at;

        if (pages)
            pages[n] = (struct cc_pdf_page){text + at, bytes};
        at += bytes + (end != NULL);
    }
    return n;
}

int cc_parse_pdf_text(const char *text, size_t len, struct cc_extract *doc)
{
    size_t n = split_pages(text, len, NULL);
    struct cc_pdf_page *pages;

    if (n > CC_EXTRACT_PAGES)
        return cc_fail(CC_E_LIMIT, "more than %d pages", CC_EXTRACT_PAGES);
    pages = cc_arena_array(doc->mem, n + 1, sizeof *pages);
    split_pages(text, len, pages);
    cc_pdf_trim_edges(pages, n, doc->mem);
    for (size_t i = 0; i < n; i++) {
        struct page page = {.doc = doc, .number = (int)i + 1};
        char *joined = cc_arena_get(doc->mem, pages[i].len + 1);
        int rc = add_page(&page, joined, join_words(pages[i].s, pages[i].len, joined));

        if (rc)
            return rc;
    }
    doc->pages = (int)n;
    return 0;
}

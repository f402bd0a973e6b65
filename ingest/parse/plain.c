#include <string.h>

#include "ingest/parse/charset.h"
#include "ingest/parse/csv.h"
#include "ingest/parse/json_doc.h"
#include "ingest/parse/parse.h"
#include "ingest/parse/type.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define HEADING_BYTES   120
#define TEXT_LINE_BYTES 40          /* a line of running text is rarely shorter */
#define PARAGRAPH_BYTES (32 * 1024) /* longer ones are cut at a line's or word's end */

struct line {
    const char *s;
    size_t len;
};

static struct line next_line(const char *text, size_t len, size_t *at)
{
    const char *s = text + *at, *end = memchr(s, '\n', len - *at);
    size_t n = end ? (size_t)(end - s) : len - *at;

    *at += n + (end != NULL);
    s = cc_text_trim(s, n, &n);
    return (struct line){s, n};
}

/* "=====" or "-----": a heading of level 1 or 2 stands above. */
static int underline_level(struct line line)
{
    if (line.len < 3 || (line.s[0] != '=' && line.s[0] != '-'))
        return 0;
    for (size_t i = 1; i < line.len; i++)
        if (line.s[i] != line.s[0])
            return 0;
    return line.s[0] == '=' ? 1 : 2;
}

/* "4.2 Returns" is of level 2: digits and dots, a blank, a capital, no full stop at the end. */
static int number_level(struct line line)
{
    size_t i = 0;
    int level = 0;

    while (i < line.len && line.s[i] >= '0' && line.s[i] <= '9') {
        size_t digits = i;

        while (i < line.len && line.s[i] >= '0' && line.s[i] <= '9')
            i++;
        if (i - digits > 2)
            return 0;
        level++;
        if (i < line.len && line.s[i] == '.')
            i++;
    }
    if (!level || i + 2 >= line.len || line.s[i] != ' ')
        return 0;
    i++;
    if (!((line.s[i] >= 'A' && line.s[i] <= 'Z') || (unsigned char)line.s[i] >= 0xc3))
        return 0;
    return strchr(".,;:?!", line.s[line.len - 1]) ? 0 : level;
}

/* Level 1, so that shouting titles stand above numbered ones only when they come first. */
static int capitals_level(struct line line)
{
    size_t letters = 0;

    for (size_t i = 0; i < line.len; i++) {
        if (line.s[i] >= 'a' && line.s[i] <= 'z')
            return 0;
        letters += line.s[i] >= 'A' && line.s[i] <= 'Z';
    }
    return letters >= 4 && 2 * letters >= line.len ? 1 : 0;
}

static int heading_level(struct line line)
{
    int level;

    if (!line.len || line.len > HEADING_BYTES)
        return 0;
    level = number_level(line);
    return level ? level : capitals_level(line);
}

/* Behind the last line, else the last word, of the second half of what may be taken. */
static size_t paragraph_cut(const char *text, size_t len)
{
    size_t most = cc_utf8_cut(text, len, PARAGRAPH_BYTES);

    for (const char *end = "\n "; *end; end++) {
        const char *at = memrchr(text + most / 2, *end, most - most / 2);

        if (at)
            return (size_t)(at - text) + 1;
    }
    return most;
}

int cc_parse_paragraph(const char *text, size_t len, int page, struct cc_extract *doc)
{
    while (len > PARAGRAPH_BYTES) {
        size_t cut = paragraph_cut(text, len);
        int rc = cc_extract_add(doc, CC_BLOCK_PARAGRAPH, 0, page, text, cut);

        if (rc)
            return rc;
        text += cut;
        len -= cut;
    }
    return cc_extract_add(doc, CC_BLOCK_PARAGRAPH, 0, page, text, len);
}

/* "3 Service plans" right above its text: the next line is long and does not count on. */
static bool heads_text(struct line next)
{
    return next.len >= TEXT_LINE_BYTES && !(next.s[0] >= '0' && next.s[0] <= '9');
}

/* The level of the heading that a run begins with, and where its text begins. */
static int leading_heading(const char *text, size_t len, struct line *first, size_t *after)
{
    size_t at = 0, second_end;
    struct line second;
    int level;

    *first = next_line(text, len, &at);
    *after = second_end = at;
    if (first->len > HEADING_BYTES)
        return 0;
    if (at >= len)
        return heading_level(*first);
    second = next_line(text, len, &second_end);
    level = underline_level(second);
    if (level)
        *after = second_end;
    return level || !heads_text(second) ? level : number_level(*first);
}

/* One run of lines without an empty one between; it may begin with a heading. */
static int add_run(struct cc_extract *doc, int page, const char *text, size_t len)
{
    struct line first;
    size_t after;
    int level = leading_heading(text, len, &first, &after), rc;

    if (!level)
        return cc_parse_paragraph(text, len, page, doc);
    rc = cc_extract_add(doc, CC_BLOCK_HEADING, level, page, first.s, first.len);
    return rc || after >= len ? rc : cc_parse_paragraph(text + after, len - after, page, doc);
}

int cc_parse_plain(const char *text, size_t len, int page, struct cc_extract *doc)
{
    size_t at = 0, run = 0;

    while (at < len) {
        size_t start = at;
        struct line line = next_line(text, len, &at);
        int rc = 0;

        if (!line.len) {
            if (start > run)
                rc = add_run(doc, page, text + run, start - run);
            run = at;
        }
        if (rc)
            return rc;
    }
    return len > run ? add_run(doc, page, text + run, len - run) : 0;
}

/* Old Macs ended lines with a lone '\r', DOS with "\r\n". */
static void unify_lines(char *s, size_t *len)
{
    size_t n = 0;

    for (size_t i = 0; i < *len; i++) {
        if (s[i] == '\r' && i + 1 < *len && s[i + 1] == '\n')
            continue;
        s[n++] = s[i] == '\r' || s[i] == '\f' ? '\n' : s[i];
    }
    *len = n;
}

/* What a text is shows in it; what is none of the others is plain. */
static int parse_text(char *text, size_t len, struct cc_extract *doc)
{
    char delimiter;
    size_t from;

    int rc;

    if (cc_json_may_be(text, len) && (rc = cc_parse_json(text, len, doc)) != CC_E_TYPE)
        return rc;
    if (cc_csv_sniff(text, len, &delimiter, &from))
        return cc_parse_csv(text, len, doc);
    if (!cc_type_is_markdown(text, len))
        return cc_parse_plain(text, len, 0, doc);
    doc->type = CC_FILE_MARKDOWN;
    return cc_parse_markdown(text, len, doc);
}

int cc_parse_file(struct cc_magic *magic, const char *bytes, size_t len, struct cc_extract *doc)
{
    const char *text;
    char *own;
    size_t n;
    int rc = cc_type_find(magic, bytes, len, &doc->type);

    if (rc)
        return rc;
    if (doc->type != CC_FILE_TEXT)
        return cc_parse_office(bytes, len, doc->type, doc);
    rc = cc_charset_decode(bytes, len, doc->mem, &text, &n, NULL);
    if (rc)
        return rc;
    if (cc_type_is_html(text, n)) {
        doc->type = CC_FILE_HTML;
        return cc_parse_html(bytes, len, doc);
    }
    own = cc_arena_dupn(doc->mem, text, n);
    unify_lines(own, &n);
    return parse_text(own, n, doc);
}

int cc_parse_text_file(struct cc_magic *magic, const char *bytes, size_t len,
                       struct cc_extract *doc)
{
    return cc_parse_file(magic, bytes, len, doc);
}

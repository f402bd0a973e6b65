#include "ingest/parse/pdf_edges.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/text.h"

#define EDGE_LINES  4   /* at most so many are looked at, above and below */
#define EDGE_BYTES  160 /* a longer line is text */
#define PAGE_LINES  12  /* a page with fewer has no edges to speak of */
#define LEAST_PAGES 3   /* that show a line, and a third of all */

/* One line at an edge; equal but for their digits means equal. */
struct line {
    uint64_t shape; /* 0: none */
    size_t page, len;
    const char *s;
    bool words;        /* has letters */
    long number;       /* its only number, less the page's; words must not be there */
    bool head, repeat; /* head: first of its shape */
};

struct edge {
    struct line lines[EDGE_LINES]; /* from outside inwards */
};

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void mix(struct line *line, unsigned char c)
{
    line->shape = (line->shape ^ c) * 1099511628211u;
}

static struct line look(const char *s, size_t len, size_t page)
{
    struct line line = {.shape = 14695981039346656037u, .page = page, .s = s, .len = len};
    long number = 0;
    int numbers = 0;

    for (size_t i = 0; i < len; i++) {
        bool inside = i > 0 && is_digit(s[i - 1]);

        if (is_digit(s[i])) {
            numbers += !inside;
            number = number < 1000000 ? number * 10 + (s[i] - '0') : number;
        }
        if (!is_digit(s[i]) || !inside)
            mix(&line, is_digit(s[i]) ? '#' : (unsigned char)s[i]);
        line.words |= is_letter((unsigned char)s[i]);
    }
    line.number = numbers == 1 ? number - (long)page : -1;
    return line;
}

static struct line first_line(struct cc_pdf_page page, size_t at)
{
    while (page.len) {
        const char *end = memchr(page.s, '\n', page.len), *s;
        size_t n = end ? (size_t)(end - page.s) : page.len, len;

        s = cc_text_trim(page.s, n, &len);
        if (len)
            return look(s, len, at);
        page.s += n + (end != NULL);
        page.len -= n + (end != NULL);
    }
    return (struct line){0};
}

static struct line last_line(struct cc_pdf_page page, size_t at)
{
    while (page.len) {
        const char *before = memrchr(page.s, '\n', page.len), *s;
        size_t from = before ? (size_t)(before - page.s) + 1 : 0, len;

        s = cc_text_trim(page.s + from, page.len - from, &len);
        if (len)
            return look(s, len, at);
        page.len = from - (from > 0);
    }
    return (struct line){0};
}

static struct cc_pdf_page without(struct cc_pdf_page page, const struct line *line, bool top)
{
    const char *end = page.s + page.len;

    if (!top)
        return (struct cc_pdf_page){page.s, (size_t)(line->s - page.s)};
    return (struct cc_pdf_page){line->s + line->len, (size_t)(end - (line->s + line->len))};
}

static size_t count_lines(struct cc_pdf_page page)
{
    size_t lines = 0;
    bool filled = false;

    for (size_t i = 0; i < page.len; i++) {
        lines += filled && page.s[i] == '\n';
        filled = page.s[i] != '\n' && (filled || page.s[i] != ' ');
    }
    return lines + filled;
}

static void read_edge(struct cc_pdf_page page, size_t at, bool top, struct edge *ret)
{
    for (int i = 0; i < EDGE_LINES; i++) {
        struct line line = top ? first_line(page, at) : last_line(page, at);

        if (!line.shape || line.len > EDGE_BYTES)
            return;
        ret->lines[i] = line;
        page = without(page, &line, top);
    }
}

/* By shape; numbers of pages by how far they are off, too. */
static int compare(const void *left, const void *right)
{
    const struct line *a = *(struct line *const *)left, *b = *(struct line *const *)right;

    if (a->shape != b->shape)
        return a->shape < b->shape ? -1 : 1;
    if (!a->words && a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->page < b->page ? -1 : a->page > b->page;
}

static bool alike(const struct line *a, const struct line *b)
{
    return a->shape == b->shape && (a->words || (a->number == b->number && a->number != -1));
}

static void mark_group(struct line **lines, size_t n, size_t pages)
{
    size_t seen = 1;

    for (size_t i = 1; i < n; i++)
        seen += lines[i]->page != lines[i - 1]->page;
    if (seen < LEAST_PAGES || seen < pages / 3)
        return;
    for (size_t i = 0; i < n; i++)
        lines[i]->repeat = true;
    lines[0]->head = lines[0]->words;
}

static void mark(struct edge *edges, size_t n, struct cc_arena *mem)
{
    struct line **all = cc_arena_array(mem, n * EDGE_LINES, sizeof *all);
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < EDGE_LINES; k++)
            if (edges[i].lines[k].shape)
                all[count++] = &edges[i].lines[k];
    if (count)
        qsort(all, count, sizeof *all, compare);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && alike(all[from], all[to]); to++)
            ;
        mark_group(all + from, to - from, n);
    }
}

/* From outside inwards, as long as lines come again. */
static void trim(struct cc_pdf_page *page, const struct edge *edge, bool top)
{
    for (int i = 0; i < EDGE_LINES && edge->lines[i].repeat && !edge->lines[i].head; i++)
        *page = without(*page, &edge->lines[i], top);
}

void cc_pdf_trim_edges(struct cc_pdf_page *pages, size_t n, struct cc_arena *mem)
{
    if (n < LEAST_PAGES)
        return;
    for (int top = 0; top < 2; top++) {
        struct edge *edges = cc_arena_array(mem, n, sizeof *edges);

        for (size_t i = 0; i < n; i++)
            if (count_lines(pages[i]) >= PAGE_LINES)
                read_edge(pages[i], i, top, &edges[i]);
        mark(edges, n, mem);
        for (size_t i = 0; i < n; i++)
            trim(&pages[i], &edges[i], top);
    }
}

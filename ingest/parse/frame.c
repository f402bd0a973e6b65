#include "ingest/parse/frame.h"

#include <limits.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/text.h"

#define MAGIC      "CCP1"
#define HEAD       5  /* kind and length */
#define BLOCK_HEAD 10 /* kind, level, page, row */

static void put_u32(struct cc_buf *out, size_t n)
{
    const unsigned char b[4] = {(unsigned char)n, (unsigned char)(n >> 8), (unsigned char)(n >> 16),
                                (unsigned char)(n >> 24)};

    cc_buf_add(out, b, 4);
}

static uint32_t get_u32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_block(const struct cc_block *block, struct cc_buf *out)
{
    if (block->apart) {
        cc_buf_char(out, 'L');
        put_u32(out, 0);
    }
    cc_buf_char(out, 'B');
    put_u32(out, BLOCK_HEAD + block->len);
    cc_buf_char(out, (char)block->kind);
    cc_buf_char(out, (char)block->level);
    put_u32(out, (size_t)block->page);
    put_u32(out, (size_t)block->row);
    cc_buf_add(out, block->text, block->len);
}

static void put_title(const char *title, struct cc_buf *out)
{
    if (!*title)
        return;
    cc_buf_char(out, 'T');
    put_u32(out, strlen(title));
    cc_buf_text(out, title);
}

void cc_frame_begin(struct cc_buf *out)
{
    cc_buf_text(out, MAGIC);
}

void cc_frame_page(int page, struct cc_buf *out)
{
    cc_buf_char(out, 'P');
    put_u32(out, 4);
    put_u32(out, (size_t)page);
}

void cc_frame_end(const struct cc_extract *doc, int code, const char *words, struct cc_buf *out)
{
    const char *name = cc_error_name(code);

    cc_buf_char(out, 'D');
    put_u32(out, 1);
    cc_buf_char(out, (char)doc->type);
    if (!code)
        put_title(doc->title, out);
    for (size_t i = 0; !code && i < doc->n; i++)
        put_block(&doc->blocks[i], out);
    cc_buf_char(out, 'E');
    put_u32(out, 4 + strlen(name) + 1 + strlen(words));
    put_u32(out, (size_t)doc->pages);
    cc_buf_add(out, name, strlen(name) + 1);
    cc_buf_text(out, words);
}

void cc_frame_encode(const struct cc_extract *doc, int code, const char *words, struct cc_buf *out)
{
    cc_frame_begin(out);
    cc_frame_end(doc, code, words, out);
}

struct record {
    char kind;
    const unsigned char *p;
    size_t len;
};

static int bad(const char *what)
{
    return cc_fail(CC_E_PARSER, "the parser's answer is damaged: %s", what);
}

static int next_record(const char *bytes, size_t len, size_t *at, struct record *ret)
{
    const unsigned char *p = (const unsigned char *)bytes + *at;
    size_t left = len - *at;

    if (left < HEAD)
        return bad("it ends early");
    *ret = (struct record){(char)p[0], p + HEAD, get_u32(p + 1)};
    if (ret->len > left - HEAD)
        return bad("a record is cut");
    *at += HEAD + ret->len;
    return 0;
}

static bool is_page(const struct record *r)
{
    return r->kind == 'P' && r->len == 4 && get_u32(r->p) <= CC_EXTRACT_PAGES;
}

/* The next record that is no P. */
static int next_content(const char *bytes, size_t len, size_t *at, struct record *ret)
{
    int rc;

    while (!(rc = next_record(bytes, len, at, ret)) && ret->kind == 'P')
        if (!is_page(ret))
            return bad("the page it reads");
    return rc;
}

int cc_frame_last_page(const char *bytes, size_t len)
{
    size_t at = strlen(MAGIC);
    int page = 0;
    struct record r = {0};

    if (len < at || memcmp(bytes, MAGIC, at))
        return 0;
    while (at < len && !next_record(bytes, len, &at, &r))
        if (is_page(&r))
            page = (int)get_u32(r.p);
    return page;
}

static int read_type(const struct record *r, struct cc_extract *doc)
{
    if (r->kind != 'D' || r->len != 1 || r->p[0] >= CC_FILE_COUNT)
        return bad("no type of file");
    doc->type = (enum cc_file_type)r->p[0];
    return 0;
}

static int read_block(const struct record *r, struct cc_extract *doc)
{
    uint32_t page, row;

    if (r->len < BLOCK_HEAD || r->p[0] >= CC_BLOCK_COUNT || r->p[1] > CC_EXTRACT_LEVELS)
        return bad("a block's head");
    page = get_u32(r->p + 2);
    if (page > CC_EXTRACT_PAGES || (int)page < doc->pages)
        return bad("a page number");
    row = get_u32(r->p + 6);
    if (row > INT_MAX)
        return bad("a row number");
    doc->row = (int)row;
    return cc_extract_add(doc, (enum cc_block_kind)r->p[0], r->p[1], (int)page,
                          (const char *)r->p + BLOCK_HEAD, r->len - BLOCK_HEAD);
}

static int read_content(const struct record *r, struct cc_extract *doc)
{
    if (r->kind == 'B')
        return read_block(r, doc);
    if (r->len)
        return bad("the end of a section");
    cc_extract_leave(doc);
    return 0;
}

/* A file that has its parser in hand must not say that a server is away: it would be tried for
 * ever. */
static bool may_tell(int code)
{
    static const int codes[] = {CC_E_NOTEXT, CC_E_ENCRYPTED, CC_E_PARSER,
                                CC_E_LIMIT,  CC_E_TYPE,      CC_E_INTERNAL};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == code)
            return true;
    return false;
}

/* Its words reach a log and an owner's screen: one line of clean text. */
static int fail_as_told(const char *name, const char *words, size_t len)
{
    char text[160];
    size_t n = 0;
    int code = cc_error_from_name(name);

    if (!may_tell(code))
        return bad("why it failed");
    for (size_t i = 0; i < len && n + 1 < sizeof text; i++)
        text[n++] = words[i] >= ' ' && words[i] <= '~' ? words[i] : '?';
    text[n] = '\0';
    return cc_fail(code, "%s", text);
}

static int read_end(const struct record *r, struct cc_extract *doc)
{
    const char *name = (const char *)r->p + 4, *end;
    uint32_t pages;

    if (r->len < 5 || !(end = memchr(name, 0, r->len - 4)))
        return bad("its end");
    pages = get_u32(r->p);
    if (pages > CC_EXTRACT_PAGES || (int)pages < doc->pages)
        return bad("the number of pages");
    doc->pages = (int)pages;
    if (!strcmp(name, cc_error_name(0)))
        return 0;
    return fail_as_told(name, end + 1, r->len - 4 - (size_t)(end + 1 - name));
}

int cc_frame_decode(const char *bytes, size_t len, struct cc_arena *mem, struct cc_extract *doc)
{
    size_t at = strlen(MAGIC);
    struct record r;
    int rc;

    cc_extract_init(doc, CC_FILE_TEXT, mem);
    if (len < at || memcmp(bytes, MAGIC, at))
        return bad("its beginning");
    if ((rc = next_content(bytes, len, &at, &r)) || (rc = read_type(&r, doc)) ||
        (rc = next_content(bytes, len, &at, &r)))
        return rc;
    if (r.kind == 'T') {
        cc_extract_title(doc, (const char *)r.p, r.len);
        rc = next_content(bytes, len, &at, &r);
    }
    for (; !rc && (r.kind == 'B' || r.kind == 'L'); rc = next_content(bytes, len, &at, &r))
        if ((rc = read_content(&r, doc)))
            return rc;
    if (rc)
        return rc;
    if (r.kind != 'E' || at != len)
        return bad("something after its end");
    rc = read_end(&r, doc);
    if (rc)
        return rc;
    return doc->n ? 0 : cc_fail(CC_E_NOTEXT, "the file has no text in it");
}

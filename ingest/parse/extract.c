#include "ingest/parse/extract.h"

#include <assert.h>
#include <string.h>

#include "ingest/parse/clean_text.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define INDENT 16               /* blanks at most */
#define JOINT  " \xe2\x80\xba " /* › */

void cc_extract_init(struct cc_extract *doc, enum cc_file_type type, struct cc_arena *mem)
{
    *doc = (struct cc_extract){.type = type, .mem = mem, .section = "", .title = ""};
}

/* Doubles; the halves left behind stay in the arena until the document goes. */
static void make_room(struct cc_extract *doc)
{
    struct cc_block *more;

    if (doc->n < doc->room)
        return;
    doc->room = doc->room ? doc->room * 2 : 64;
    more = cc_arena_array(doc->mem, doc->room, sizeof *more);
    if (doc->n)
        memcpy(more, doc->blocks, doc->n * sizeof *more);
    doc->blocks = more;
}

/* Adds as much as fits; whole characters. */
static size_t append(char *path, size_t at, const char *text)
{
    size_t len = cc_utf8_cut(text, strlen(text), CC_EXTRACT_SECTION - at);

    memcpy(path + at, text, len);
    return at + len;
}

static const char *join_path(struct cc_extract *doc)
{
    char path[CC_EXTRACT_SECTION];
    size_t len = 0;

    for (int i = 0; i < CC_EXTRACT_LEVELS; i++) {
        if (!doc->heading[i])
            continue;
        if (len)
            len = append(path, len, JOINT);
        len = append(path, len, doc->heading[i]);
    }
    return cc_arena_dupn(doc->mem, path, len);
}

static void make_line(char *text)
{
    for (; *text; text++)
        if (*text == '\n' || *text == '\t')
            *text = ' ';
}

/* A heading ends the sections of its own level and of all below. */
static void enter_section(struct cc_extract *doc, int level, const char *text, size_t len)
{
    char *title = cc_arena_dupn(doc->mem, text, cc_utf8_cut(text, len, CC_EXTRACT_SECTION));

    make_line(title);
    doc->heading[level - 1] = title;
    for (int i = level; i < CC_EXTRACT_LEVELS; i++)
        doc->heading[i] = NULL;
    doc->section = join_path(doc);
}

static int within_caps(const struct cc_extract *doc, size_t len, int page)
{
    if (doc->n >= CC_EXTRACT_BLOCKS)
        return cc_fail(CC_E_LIMIT, "more than %d blocks of text", CC_EXTRACT_BLOCKS);
    if (len > CC_EXTRACT_TEXT - doc->bytes)
        return cc_fail(CC_E_LIMIT, "more than %d bytes of text", CC_EXTRACT_TEXT);
    if (page > CC_EXTRACT_PAGES)
        return cc_fail(CC_E_LIMIT, "more than %d pages", CC_EXTRACT_PAGES);
    return 0;
}

/* Layout is kept where blanks or line ends carry meaning, or are an author's own bytes. */
static bool has_layout(enum cc_block_kind kind)
{
    return kind == CC_BLOCK_CODE || kind == CC_BLOCK_TABLE || kind == CC_BLOCK_ROW ||
           kind == CC_BLOCK_PAIR;
}

static size_t count_blanks(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && n < INDENT && text[n] == ' ')
        n++;
    return n;
}

/* The blanks an item of a list begins with are its depth. */
static char *indent(struct cc_extract *doc, size_t blanks, char *clean, size_t *len)
{
    char *deeper;

    if (!blanks)
        return clean;
    deeper = cc_arena_get(doc->mem, blanks + *len + 1);
    memset(deeper, ' ', blanks);
    memcpy(deeper + blanks, clean, *len);
    *len += blanks;
    return deeper;
}

int cc_extract_add(struct cc_extract *doc, enum cc_block_kind kind, int level, int page,
                   const char *text, size_t len)
{
    size_t clean_len;
    char *clean;
    int rc = within_caps(doc, len, page);

    if (rc)
        return rc;
    clean = cc_text_clean(text, len, has_layout(kind), doc->mem, &clean_len);
    if (!clean_len)
        return 0;
    if (kind == CC_BLOCK_ROW)
        make_line(clean);
    if (kind == CC_BLOCK_LIST)
        clean = indent(doc, count_blanks(text, len), clean, &clean_len);
    if (kind == CC_BLOCK_HEADING) {
        level = level < 1 ? 1 : level > CC_EXTRACT_LEVELS ? CC_EXTRACT_LEVELS : level;
        enter_section(doc, level, clean, clean_len);
    } else {
        level = 0;
    }
    make_room(doc);
    doc->blocks[doc->n++] =
        (struct cc_block){kind, level, page, doc->row, doc->section, clean, clean_len, doc->apart};
    doc->apart = false;
    doc->bytes += clean_len;
    if (page > doc->pages)
        doc->pages = page;
    return 0;
}

void cc_extract_leave(struct cc_extract *doc)
{
    for (int i = 0; i < CC_EXTRACT_LEVELS; i++)
        doc->heading[i] = NULL;
    doc->section = "";
    doc->apart = true;
}

void cc_extract_page(struct cc_extract *doc, int page)
{
    if (doc->on_page)
        doc->on_page(page);
}

void cc_extract_title(struct cc_extract *doc, const char *text, size_t len)
{
    size_t clean_len;
    char *clean = cc_text_clean(text, len, false, doc->mem, &clean_len);

    make_line(clean);
    clean[cc_utf8_cut(clean, clean_len, CC_EXTRACT_SECTION)] = '\0';
    if (*clean)
        doc->title = clean;
}

const char *cc_file_mime(enum cc_file_type type)
{
    static const char *const mime[] = {
#define X(name, mime) [CC_FILE_##name] = mime,
        CC_FILE_TYPES(X)
#undef X
    };
    assert(type < CC_FILE_COUNT);
    return mime[type];
}

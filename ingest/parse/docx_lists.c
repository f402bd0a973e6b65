#include "ingest/parse/docx_lists.h"

#include <stdio.h>
#include <string.h>

#include "ingest/parse/opc.h"

#define LISTS      4000
#define TEXT_BYTES 32
#define MOST       100000 /* a start beyond is none */

enum format { NONE, DECIMAL, LOWER_LETTER, UPPER_LETTER, LOWER_ROMAN, UPPER_ROMAN };

static const struct {
    const char *name;
    enum format format;
} formats[] = {
    {"decimal", DECIMAL},          {"decimalZero", DECIMAL},    {"lowerLetter", LOWER_LETTER},
    {"upperLetter", UPPER_LETTER}, {"lowerRoman", LOWER_ROMAN}, {"upperRoman", UPPER_ROMAN},
};

struct level {
    enum format format;
    int start;
    char text[TEXT_BYTES]; /* "%1.%2)" */
};

/* How a list looks; lists that look alike count together. */
struct look {
    int id;
    struct level levels[CC_DOCX_LIST_LEVELS];
    int counted[CC_DOCX_LIST_LEVELS]; /* 0: not begun */
};

struct list {
    int id, look;
    int starts[CC_DOCX_LIST_LEVELS]; /* -1: as it looks */
};

struct cc_docx_lists {
    int n_looks, n_lists;
    struct look *looks;
    struct list *lists;
    int rooms[2];
    struct cc_arena *mem;
    int level; /* that is being read; -1: none */
    bool in_look, in_list;
};

static void *grown(struct cc_arena *mem, void *all, int n, int *room, size_t each)
{
    char *more;

    if (n < *room)
        return all;
    *room = *room ? 2 * *room : 16;
    more = cc_arena_array(mem, (size_t)*room, each);
    if (n)
        memcpy(more, all, (size_t)n * each);
    return more;
}

static void add_look(struct cc_docx_lists *l, const char *const *attributes)
{
    l->in_look = l->n_looks < LISTS;
    if (!l->in_look)
        return;
    l->looks = grown(l->mem, l->looks, l->n_looks, &l->rooms[0], sizeof *l->looks);
    memset(&l->looks[l->n_looks], 0, sizeof *l->looks);
    l->looks[l->n_looks++].id = cc_xml_number(attributes, "abstractNumId", -1);
}

static void add_list(struct cc_docx_lists *l, const char *const *attributes)
{
    struct list *list;

    l->in_list = l->n_lists < LISTS;
    if (!l->in_list)
        return;
    l->lists = grown(l->mem, l->lists, l->n_lists, &l->rooms[1], sizeof *l->lists);
    list = &l->lists[l->n_lists++];
    *list = (struct list){.id = cc_xml_number(attributes, "numId", -1), .look = -1};
    for (int i = 0; i < CC_DOCX_LIST_LEVELS; i++)
        list->starts[i] = -1;
}

static void take_look(struct level *level, const char *name, const char *const *attributes)
{
    const char *value = cc_xml_attribute(attributes, "val");

    if (!value)
        return;
    if (!strcmp(name, "start"))
        level->start = cc_xml_number(attributes, "val", 1);
    else if (!strcmp(name, "lvlText"))
        snprintf(level->text, sizeof level->text, "%s", strlen(value) < TEXT_BYTES ? value : "");
    for (size_t i = 0; !strcmp(name, "numFmt") && i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(value, formats[i].name))
            level->format = formats[i].format;
}

static void take_list(struct cc_docx_lists *l, const char *name, const char *const *attributes)
{
    struct list *list = &l->lists[l->n_lists - 1];

    if (!strcmp(name, "abstractNumId"))
        list->look = cc_xml_number(attributes, "val", -1);
    else if (!strcmp(name, "startOverride") && l->level >= 0)
        list->starts[l->level] = cc_xml_number(attributes, "val", -1);
}

static int begin(void *arg, const char *name, const char *const *attributes)
{
    struct cc_docx_lists *l = arg;

    if (!strcmp(name, "abstractNum")) {
        add_look(l, attributes);
    } else if (!strcmp(name, "num")) {
        add_list(l, attributes);
    } else if (!strcmp(name, "lvl") || !strcmp(name, "lvlOverride")) {
        l->level = cc_xml_number(attributes, "ilvl", -1);
        if (l->level >= CC_DOCX_LIST_LEVELS)
            l->level = -1;
    } else if (l->in_list) {
        take_list(l, name, attributes);
    } else if (l->in_look && l->level >= 0) {
        take_look(&l->looks[l->n_looks - 1].levels[l->level], name, attributes);
    }
    return 0;
}

static int end(void *arg, const char *name)
{
    struct cc_docx_lists *l = arg;

    if (!strcmp(name, "abstractNum"))
        l->in_look = false;
    else if (!strcmp(name, "num"))
        l->in_list = false;
    if (!strcmp(name, "lvlOverride") || (!strcmp(name, "lvl") && l->in_look))
        l->level = -1;
    return 0;
}

int cc_docx_lists_read(const struct cc_archive *archive, const char *part, struct cc_arena *mem,
                       struct cc_docx_lists **ret)
{
    static const struct cc_xml_events events = {.begin = begin, .end = end};
    struct cc_docx_lists *l = cc_arena_get(mem, sizeof *l);
    int rc;

    *l = (struct cc_docx_lists){.mem = mem, .level = -1};
    rc = cc_opc_try(archive, part, &events, l);
    if (!rc)
        *ret = l;
    return rc;
}

/* 27 is "aa", as Word counts. */
static void show_letters(int n, char first, char *out, size_t room)
{
    size_t times = (size_t)(n - 1) / 26 + 1;

    for (size_t i = 0; i < times && i + 1 < room; i++, *out = '\0')
        *out++ = (char)(first + (n - 1) % 26);
}

static void show_roman(int n, bool upper, char *out, size_t room)
{
    static const struct {
        int value;
        const char *lower, *upper;
    } digits[] = {
        {1000, "m", "M"}, {900, "cm", "CM"}, {500, "d", "D"},  {400, "cd", "CD"}, {100, "c", "C"},
        {90, "xc", "XC"}, {50, "l", "L"},    {40, "xl", "XL"}, {10, "x", "X"},    {9, "ix", "IX"},
        {5, "v", "V"},    {4, "iv", "IV"},   {1, "i", "I"},
    };
    size_t len = 0;

    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++)
        for (; n >= digits[i].value && len + 3 < room; n -= digits[i].value)
            len += (size_t)snprintf(out + len, room - len, "%s",
                                    upper ? digits[i].upper : digits[i].lower);
}

static void show(int n, enum format format, char *out, size_t room)
{
    out[0] = '\0';
    switch (format) {
    case LOWER_LETTER: show_letters(n < 1 ? 1 : n, 'a', out, room); break;
    case UPPER_LETTER: show_letters(n < 1 ? 1 : n, 'A', out, room); break;
    case LOWER_ROMAN: show_roman(n, false, out, room); break;
    case UPPER_ROMAN: show_roman(n, true, out, room); break;
    default: snprintf(out, room, "%d", n);
    }
}

static struct list *find_list(struct cc_docx_lists *l, int id)
{
    for (int i = 0; i < l->n_lists; i++)
        if (l->lists[i].id == id)
            return &l->lists[i];
    return NULL;
}

static struct look *find_look(struct cc_docx_lists *l, int id)
{
    for (int i = 0; i < l->n_looks; i++)
        if (l->looks[i].id == id)
            return &l->looks[i];
    return NULL;
}

/* What counts has begun; deeper levels begin anew.  A list's own start counts once. */
static void count(struct list *list, struct look *look, int level)
{
    int start = list->starts[level];

    if (start >= 0 && start < MOST) {
        look->counted[level] = start;
        list->starts[level] = -1;
    } else if (!look->counted[level]) {
        start = look->levels[level].start;
        look->counted[level] = start > 0 && start < MOST ? start : 1;
    } else {
        look->counted[level]++;
    }
    for (int i = level + 1; i < CC_DOCX_LIST_LEVELS; i++)
        look->counted[i] = 0;
}

void cc_docx_lists_next(struct cc_docx_lists *lists, int list_id, int level, char ret[CC_DOCX_MARK])
{
    struct list *list = find_list(lists, list_id);
    struct look *look = list ? find_look(lists, list->look) : NULL;
    size_t len = 0;

    ret[0] = '\0';
    if (!look || level < 0 || level >= CC_DOCX_LIST_LEVELS || look->levels[level].format == NONE)
        return;
    count(list, look, level);
    for (const char *s = look->levels[level].text; *s && len + 1 < CC_DOCX_MARK; s++) {
        int of = s[0] == '%' && s[1] >= '1' && s[1] <= '9' ? s[1] - '1' : -1;

        if (of < 0) {
            ret[len++] = *s;
            ret[len] = '\0';
            continue;
        }
        show(look->counted[of] ? look->counted[of] : 1, look->levels[of].format, ret + len,
             CC_DOCX_MARK - len);
        len = strlen(ret);
        s++;
    }
}

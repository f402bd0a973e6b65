#include "ingest/parse/docx_styles.h"

#include <string.h>
#include <strings.h>

#include "ingest/parse/opc.h"

#define STYLES     4000
#define BASES      12 /* styles based on styles based on ... */
#define BODY_LEVEL 9  /* w:outlineLvl of text that is no heading */

struct reading {
    struct cc_docx_styles found;
    struct cc_arena *mem;
    bool in_style;
};

/* Word keeps "heading 1" in every language; identifiers without styles say "Heading1". */
static int heading_by_name(const char *name)
{
    static const char *const words[] = {"heading", "berschrift", "titre", "encabezado", "titolo"};

    if (!strcasecmp(name, "title"))
        return 1;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strcasestr(name, words[i]);
        const char *digit = at ? at + strlen(words[i]) : "";

        if (*digit == ' ')
            digit++;
        if (at && at - name <= 2 && *digit >= '1' && *digit <= '9' && !digit[1])
            return *digit - '0';
    }
    return -1;
}

static struct cc_docx_style *add_style(struct reading *r, const char *const *attributes)
{
    const char *id = cc_xml_attribute(attributes, "styleId");
    struct cc_docx_styles *s = &r->found;

    if (s->n == s->room) {
        struct cc_docx_style *more;

        s->room = s->room ? 2 * s->room : 64;
        more = cc_arena_array(r->mem, s->room, sizeof *more);
        if (s->n)
            memcpy(more, s->all, s->n * sizeof *more);
        s->all = more;
    }
    s->all[s->n] = (struct cc_docx_style){cc_arena_dup(r->mem, id ? id : ""), "", "", -1, -1, -1};
    return &s->all[s->n++];
}

static void take(struct reading *r, struct cc_docx_style *style, const char *name,
                 const char *const *attributes)
{
    const char *value = cc_xml_attribute(attributes, "val");
    int number = cc_xml_number(attributes, "val", -1);

    if (!value)
        return;
    if (!strcmp(name, "name")) {
        style->name = cc_arena_dup(r->mem, value);
        if (style->heading < 0)
            style->heading = heading_by_name(value);
    } else if (!strcmp(name, "basedOn")) {
        style->based_on = cc_arena_dup(r->mem, value);
    } else if (!strcmp(name, "outlineLvl")) {
        style->heading = number >= 0 && number < BODY_LEVEL ? number + 1 : 0;
    } else if (!strcmp(name, "numId")) {
        style->list = number;
    } else if (!strcmp(name, "ilvl")) {
        style->depth = number;
    }
}

static int begin(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;

    if (!strcmp(name, "style") && r->found.n < STYLES) {
        add_style(r, attributes);
        r->in_style = true;
    } else if (r->in_style) {
        take(r, &r->found.all[r->found.n - 1], name, attributes);
    }
    return 0;
}

static int end(void *arg, const char *name)
{
    if (!strcmp(name, "style"))
        ((struct reading *)arg)->in_style = false;
    return 0;
}

int cc_docx_styles_read(const struct cc_archive *archive, const char *part, struct cc_arena *mem,
                        struct cc_docx_styles *ret)
{
    static const struct cc_xml_events events = {.begin = begin, .end = end};
    struct reading r = {.mem = mem};
    int rc = cc_opc_try(archive, part, &events, &r);

    if (!rc)
        *ret = r.found;
    return rc;
}

static const struct cc_docx_style *find(const struct cc_docx_styles *styles, const char *id)
{
    for (unsigned i = 0; *id && i < styles->n; i++)
        if (!strcmp(styles->all[i].id, id))
            return &styles->all[i];
    return NULL;
}

struct cc_docx_style cc_docx_style(const struct cc_docx_styles *styles, const char *id)
{
    const struct cc_docx_style *at = find(styles, id);
    struct cc_docx_style style = {id, id, "", -1, -1, -1};

    if (at)
        style.name = at->name;
    else
        style.heading = heading_by_name(id);
    for (int i = 0; at && i < BASES; i++, at = find(styles, at->based_on)) {
        style.heading = style.heading < 0 ? at->heading : style.heading;
        style.list = style.list < 0 ? at->list : style.list;
        style.depth = style.depth < 0 ? at->depth : style.depth;
    }
    style.heading = style.heading < 0 ? 0 : style.heading;
    style.list = style.list < 0 ? 0 : style.list;
    style.depth = style.depth < 0 ? 0 : style.depth;
    return style;
}

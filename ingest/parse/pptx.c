#include "ingest/parse/pptx.h"

#include <string.h>

#include "ingest/parse/flow.h"
#include "ingest/parse/opc.h"
#include "proto/base/error.h"

#define USUAL   "ppt/presentation.xml"
#define SLIDES  CC_EXTRACT_PAGES
#define CHOICES 16

/* What a shape is for, by the type of its placeholder. */
enum role { TEXT, BODY, TITLE, LEFT_OUT };

static const struct {
    const char *type;
    enum role role;
} roles[] = {
    {"title", TITLE},  {"ctrTitle", TITLE},  {"body", BODY},    {"subTitle", TEXT},
    {"obj", BODY},     {"dt", LEFT_OUT},     {"ftr", LEFT_OUT}, {"sldNum", LEFT_OUT},
    {"hdr", LEFT_OUT}, {"sldImg", LEFT_OUT},
};

/* A part of a slide, into an extract of its own: the title may come last and is a heading first. */
struct reading {
    struct cc_flow flow;
    struct cc_buf title;
    enum role role;
    int level, in_text, skip;
    bool item;  /* the paragraph has a bullet or a number */
    bool notes; /* of the notes only what the speaker wrote */
    size_t texts, before[CHOICES];
    int choices;
};

static void take_placeholder(struct reading *r, const char *const *attributes)
{
    const char *type = cc_xml_attribute(attributes, "type");

    r->role = BODY;
    for (size_t i = 0; type && i < sizeof roles / sizeof *roles; i++)
        if (!strcmp(type, roles[i].type))
            r->role = roles[i].role;
    if (r->notes && r->role == BODY)
        r->role = TEXT;
}

static void begin_choice(struct reading *r)
{
    if (r->choices < CHOICES)
        r->before[r->choices] = r->texts;
    r->choices++;
}

/* What a layout's body holds has bullets unless it says otherwise. */
static void begin_paragraph(struct reading *r)
{
    cc_flow_open(&r->flow);
    r->item = r->role == BODY;
    r->level = 0;
}

static void take_bullet(struct reading *r, const char *name)
{
    if (!strcmp(name, "buNone"))
        r->item = false;
    else if (!strcmp(name, "buChar") || !strcmp(name, "buAutoNum"))
        r->item = true;
}

static bool is_left_out(const struct reading *r, const char *name)
{
    int i = r->choices < CHOICES ? r->choices : CHOICES;

    return !strcmp(name, "Fallback") && i && r->before[i - 1] != r->texts;
}

static int begin(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;

    if (r->skip || is_left_out(r, name)) {
        r->skip++;
        return 0;
    }
    if (!strcmp(name, "sp") || !strcmp(name, "graphicFrame"))
        r->role = TEXT;
    else if (!strcmp(name, "ph"))
        take_placeholder(r, attributes);
    else if (!strcmp(name, "tbl"))
        cc_flow_table(&r->flow);
    else if (!strcmp(name, "p"))
        begin_paragraph(r);
    else if (!strcmp(name, "pPr"))
        r->level = cc_xml_number(attributes, "lvl", 0);
    else if (!strncmp(name, "bu", 2))
        take_bullet(r, name);
    else if (!strcmp(name, "br"))
        cc_flow_text(&r->flow, "\n", 1);
    else if (!strcmp(name, "AlternateContent"))
        begin_choice(r);
    r->in_text += !strcmp(name, "t");
    return 0;
}

/* A title of several paragraphs is one heading. */
static int end_paragraph(struct reading *r)
{
    if (r->item)
        cc_flow_kind(&r->flow, CC_BLOCK_LIST, r->level > 0 ? r->level : 0);
    if (r->role == TITLE || r->role == LEFT_OUT) {
        if (r->role == TITLE && r->title.len)
            cc_buf_char(&r->title, ' ');
        if (r->role == TITLE && r->flow.open)
            cc_buf_text(&r->title, r->flow.paragraphs[0].text.bytes);
        cc_buf_reset(&r->flow.paragraphs[0].text);
    }
    return cc_flow_close(&r->flow);
}

static int end(void *arg, const char *name)
{
    struct reading *r = arg;

    if (r->skip) {
        r->skip--;
        return 0;
    }
    r->in_text -= !strcmp(name, "t");
    if (!strcmp(name, "p"))
        return end_paragraph(r);
    if (!strcmp(name, "tc"))
        cc_flow_cell_end(&r->flow);
    else if (!strcmp(name, "tr"))
        cc_flow_row_end(&r->flow);
    else if (!strcmp(name, "AlternateContent"))
        r->choices--;
    return strcmp(name, "tbl") ? 0 : cc_flow_table_end(&r->flow);
}

static int text(void *arg, const char *s, size_t len)
{
    struct reading *r = arg;

    if (!r->in_text || r->skip)
        return 0;
    r->texts += len;
    cc_flow_text(&r->flow, s, len);
    return 0;
}

static int copy_blocks(const struct cc_extract *from, struct cc_extract *to, int page)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < from->n; i++) {
        const struct cc_block *b = &from->blocks[i];

        rc = cc_extract_add(to, b->kind, b->level, page, b->text, b->len);
    }
    return rc;
}

/* The slide itself has to be readable, what belongs to it need not be. */
static int read_part(const struct cc_archive *archive, const char *part, bool notes,
                     struct cc_extract *doc, int page)
{
    static const struct cc_xml_events events = {begin, end, text};
    struct reading r = {.notes = notes};
    struct cc_extract side;
    int rc;

    cc_extract_init(&side, CC_FILE_PPTX, doc->mem);
    cc_flow_init(&r.flow, &side);
    cc_buf_init(&r.title, CC_EXTRACT_TEXT);
    rc = notes ? cc_opc_try(archive, part, &events, &r) : cc_opc_read(archive, part, &events, &r);
    if (!rc && r.title.len)
        rc = cc_extract_add(doc, CC_BLOCK_HEADING, 1, page, r.title.bytes, r.title.len);
    if (!rc)
        rc = copy_blocks(&side, doc, page);
    cc_buf_done(&r.title);
    cc_flow_done(&r.flow);
    return rc;
}

static int read_slide(const struct cc_archive *archive, const char *part, struct cc_extract *doc,
                      int page)
{
    struct cc_opc_relations relations = cc_opc_relations(archive, part, doc->mem);
    int rc;

    cc_extract_page(doc, page);
    cc_extract_leave(doc);
    rc = read_part(archive, part, false, doc, page);
    for (size_t i = 0; !rc && i < relations.n; i++)
        if (!strcmp(relations.all[i].type, "diagramData") ||
            !strcmp(relations.all[i].type, "notesSlide"))
            rc = read_part(archive, relations.all[i].part, true, doc, page);
    return rc;
}

struct show {
    const struct cc_opc_relations *relations;
    const char **slides;
    size_t n;
};

static int begin_show(void *arg, const char *name, const char *const *attributes)
{
    struct show *show = arg;
    const char *part;

    if (strcmp(name, "sldId") || show->n >= SLIDES)
        return 0;
    part = cc_opc_by_id(show->relations, cc_xml_prefixed(attributes, "id"));
    if (!part)
        return cc_fail(CC_E_PARSER, "slide %zu of the presentation is missing", show->n + 1);
    show->slides[show->n++] = part;
    return 0;
}

int cc_pptx_read(const struct cc_archive *archive, struct cc_extract *doc)
{
    static const struct cc_xml_events events = {.begin = begin_show};
    const char *part = cc_opc_main(archive, USUAL, doc->mem);
    struct cc_opc_relations relations = cc_opc_relations(archive, part, doc->mem);
    struct show show = {&relations, cc_arena_array(doc->mem, SLIDES, sizeof(char *)), 0};
    int rc = cc_opc_read(archive, part, &events, &show);

    for (size_t i = 0; !rc && i < show.n; i++)
        rc = read_slide(archive, show.slides[i], doc, (int)i + 1);
    if (!rc && doc->pages < (int)show.n)
        doc->pages = (int)show.n;
    return rc;
}

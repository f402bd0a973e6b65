#include "ingest/parse/docx_part.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ingest/parse/flow.h"
#include "ingest/parse/opc.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define NOTES       20000
#define CHOICES     16 /* alternatives within alternatives */
#define BODY_LEVEL  9
#define FIRST_GLYPH 0xf000 /* of fonts whose characters are pictures */
#define LAST_GLYPH  0xf0ff

/* What is read of a part: the body, a header, the notes. */
struct reading {
    struct cc_flow flow;
    struct cc_arena *mem;
    const struct cc_docx_styles *styles;
    struct cc_docx_lists *lists;
    struct cc_docx_notes *notes;
    int skip; /* depth within an element that is left out */
    int runs, in_text, in_props;
    bool hidden, titled; /* the run; the paragraph: it is the document's title */
    /* of the paragraph whose properties are being read */
    const char *style;
    int outline, list, depth;
    /* alternatives: how much text there was before; a fallback is read when there is no more */
    size_t texts, before[CHOICES];
    int choices;
    /* of the note that is being read */
    bool in_note;
    struct cc_docx_note note;
    size_t note_from;
};

/* Left out with all that is in them.  Names that end in "Change" hold earlier formatting. */
static bool is_left_out(const struct reading *r, const char *name)
{
    static const char *const names[] = {"del", "moveFrom", "rt", "binData"};
    size_t len = strlen(name);
    int i = r->choices < CHOICES ? r->choices : CHOICES;

    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (!strcmp(name, names[k]))
            return true;
    if (len > 6 && !strcmp(name + len - 6, "Change"))
        return true;
    return !strcmp(name, "Fallback") && i && r->before[i - 1] != r->texts;
}

static void add_text(struct reading *r, const char *s, size_t len)
{
    if (r->hidden)
        return;
    r->texts += len;
    cc_flow_text(&r->flow, s, len);
}

static void add_symbol(struct reading *r, const char *const *attributes)
{
    const char *hex = cc_xml_attribute(attributes, "char");
    unsigned long cp = hex ? strtoul(hex, NULL, 16) : 0;
    char utf8[4];

    if (cp < ' ' || cp > 0xffff || (cp >= 0xd800 && cp <= 0xdfff) ||
        (cp >= FIRST_GLYPH && cp <= LAST_GLYPH))
        return;
    add_text(r, utf8, cc_utf8_put((uint32_t)cp, utf8));
}

static void add_reference(struct reading *r, bool endnote, const char *id)
{
    for (size_t i = 0; id && r->notes && i < r->notes->n; i++)
        if (r->notes->all[i].endnote == endnote && !strcmp(r->notes->all[i].id, id))
            cc_flow_note(&r->flow, r->notes->all[i].text);
}

static void begin_paragraph(struct reading *r)
{
    cc_flow_open(&r->flow);
    r->style = NULL;
    r->outline = r->list = r->depth = -1;
}

static void begin_item(struct reading *r, int list, int depth)
{
    char mark[CC_DOCX_MARK] = "";

    cc_flow_kind(&r->flow, CC_BLOCK_LIST, depth);
    if (r->lists)
        cc_docx_lists_next(r->lists, list, depth, mark);
    if (!*mark)
        return;
    cc_flow_mark(&r->flow, mark);
}

/* Its properties stand before all else that is in a paragraph. */
static void judge_paragraph(struct reading *r)
{
    struct cc_docx_style style = {"", "", "", 0, 0, 0};

    if (r->style && r->styles)
        style = cc_docx_style(r->styles, r->style);
    r->titled = !strcasecmp(style.name, "title");
    if (r->outline >= 0)
        style.heading = r->outline < BODY_LEVEL ? r->outline + 1 : 0;
    if (r->list >= 0)
        style.list = r->list;
    if (r->depth >= 0)
        style.depth = r->depth;
    if (style.heading)
        cc_flow_kind(&r->flow, CC_BLOCK_HEADING, style.heading);
    else if (style.list)
        begin_item(r, style.list, style.depth);
}

static void take_property(struct reading *r, const char *name, const char *const *attributes)
{
    if (!strcmp(name, "pStyle")) {
        const char *id = cc_xml_attribute(attributes, "val");

        r->style = id ? cc_arena_dup(r->mem, id) : NULL;
    } else if (!strcmp(name, "outlineLvl")) {
        r->outline = cc_xml_number(attributes, "val", -1);
    } else if (!strcmp(name, "numId")) {
        r->list = cc_xml_number(attributes, "val", -1);
    } else if (!strcmp(name, "ilvl")) {
        r->depth = cc_xml_number(attributes, "val", -1);
    }
}

static void begin_note(struct reading *r, bool endnote, const char *const *attributes)
{
    const char *id = cc_xml_attribute(attributes, "id");

    if (cc_xml_attribute(attributes, "type"))
        return; /* a separator line */
    r->in_note = id != NULL;
    r->note = (struct cc_docx_note){endnote, id ? cc_arena_dup(r->mem, id) : "", ""};
    r->note_from = r->flow.doc->n;
}

/* What elements within a run stand for. */
static void take_run(struct reading *r, const char *name, const char *const *attributes)
{
    static const struct {
        const char *name, *text;
    } marks[] = {{"tab", "\t"}, {"ptab", "\t"}, {"br", "\n"}, {"cr", "\n"}, {"noBreakHyphen", "-"}};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (!strcmp(name, marks[i].name))
            add_text(r, marks[i].text, 1);
    if (!strcmp(name, "vanish"))
        r->hidden = cc_xml_is_on(attributes, "val");
    else if (!strcmp(name, "sym"))
        add_symbol(r, attributes);
    else if (!strcmp(name, "footnoteReference"))
        add_reference(r, false, cc_xml_attribute(attributes, "id"));
    else if (!strcmp(name, "endnoteReference"))
        add_reference(r, true, cc_xml_attribute(attributes, "id"));
}

static void begin_choice(struct reading *r)
{
    if (r->choices < CHOICES)
        r->before[r->choices] = r->texts;
    r->choices++;
}

enum element { OTHER, P, PPR, R, T, TBL, ALTERNATE, FOOTNOTE, ENDNOTE, TEXTPATH, TR, TC };

static enum element which(const char *name)
{
    static const struct {
        const char *name;
        enum element element;
    } known[] = {
        {"p", P},
        {"pPr", PPR},
        {"r", R},
        {"t", T},
        {"tbl", TBL},
        {"AlternateContent", ALTERNATE},
        {"tr", TR},
        {"footnote", FOOTNOTE},
        {"tc", TC},
        {"endnote", ENDNOTE},
        {"textpath", TEXTPATH},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(name, known[i].name))
            return known[i].element;
    return OTHER;
}

static void begin_element(struct reading *r, const char *name, const char *const *attributes)
{
    const char *string;

    switch (which(name)) {
    case P: begin_paragraph(r); break;
    case PPR: r->in_props++; break;
    case R:
        r->runs++;
        r->hidden = false;
        break;
    case T: r->in_text++; break;
    case TBL: cc_flow_table(&r->flow); break;
    case ALTERNATE: begin_choice(r); break;
    case FOOTNOTE: begin_note(r, false, attributes); break;
    case ENDNOTE: begin_note(r, true, attributes); break;
    case TEXTPATH:
        string = cc_xml_attribute(attributes, "string");
        if (string)
            add_text(r, string, strlen(string));
        break;
    default:
        if (r->in_props)
            take_property(r, name, attributes);
        else if (r->runs)
            take_run(r, name, attributes);
    }
}

static int begin(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;

    if (r->skip || is_left_out(r, name))
        r->skip++;
    else
        begin_element(r, name, attributes);
    return 0;
}

/* A note's blocks were read into an extract of their own: they become one text. */
static void end_note(struct reading *r)
{
    struct cc_extract *side = r->flow.doc;
    struct cc_docx_notes *notes = r->notes;
    struct cc_buf text;

    if (!r->in_note || !notes || notes->n >= NOTES)
        return;
    cc_buf_init(&text, CC_EXTRACT_TEXT);
    for (size_t i = r->note_from; i < side->n; i++)
        cc_buf_printf(&text, "%s%s", text.len ? "\n" : "", side->blocks[i].text);
    r->note.text = cc_arena_dupn(r->mem, text.bytes, text.len);
    cc_buf_done(&text);
    if (notes->n == notes->room) {
        struct cc_docx_note *more;

        notes->room = notes->room ? 2 * notes->room : 32;
        more = cc_arena_array(r->mem, notes->room, sizeof *more);
        if (notes->n)
            memcpy(more, notes->all, notes->n * sizeof *more);
        notes->all = more;
    }
    notes->all[notes->n++] = r->note;
    r->in_note = false;
}

/* A title in the text is better than none in the file's properties. */
static int end_paragraph(struct reading *r)
{
    struct cc_extract *doc = r->flow.doc;
    size_t before = doc->n;
    int rc = cc_flow_close(&r->flow);

    if (r->titled && doc->n > before && !*doc->title)
        cc_extract_title(doc, doc->blocks[before].text, doc->blocks[before].len);
    r->titled = false;
    return rc;
}

static int end(void *arg, const char *name)
{
    struct reading *r = arg;

    if (r->skip) {
        r->skip--;
        return 0;
    }
    switch (which(name)) {
    case P: return end_paragraph(r);
    case PPR:
        if (!--r->in_props)
            judge_paragraph(r);
        break;
    case R:
        r->runs--;
        r->hidden = false;
        break;
    case T: r->in_text--; break;
    case TC: cc_flow_cell_end(&r->flow); break;
    case TR: cc_flow_row_end(&r->flow); break;
    case TBL: return cc_flow_table_end(&r->flow);
    case ALTERNATE: r->choices--; break;
    case FOOTNOTE:
    case ENDNOTE: end_note(r); break;
    default: break;
    }
    return 0;
}

static int text(void *arg, const char *s, size_t len)
{
    struct reading *r = arg;

    if (r->in_text && !r->skip)
        add_text(r, s, len);
    return 0;
}

static const struct cc_xml_events events = {begin, end, text};

int cc_docx_part_read(const struct cc_docx_part *part, struct cc_extract *doc)
{
    struct reading r = {
        .mem = doc->mem, .styles = part->styles, .lists = part->lists, .notes = part->notes};
    int rc;

    cc_flow_init(&r.flow, doc);
    rc = part->must ? cc_opc_read(part->archive, part->name, &events, &r)
                    : cc_opc_try(part->archive, part->name, &events, &r);
    cc_flow_done(&r.flow);
    return rc;
}

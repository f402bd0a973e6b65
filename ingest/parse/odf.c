#include "ingest/parse/odf.h"

#include <string.h>
#include <strings.h>

#include "ingest/parse/flow.h"
#include "ingest/parse/opc.h"
#include "ingest/parse/parse.h"
#include "proto/base/error.h"

#define CONTENT  "content.xml"
#define STYLES   "styles.xml"
#define BLANKS   200 /* that one element may stand for */
#define REPEATED 64  /* cells that one element may stand for */

struct reading {
    struct cc_flow flow;
    int skip; /* depth within an element that is left out */
    int body; /* depth within what is to be read */
    int lists, columns;
    bool slides;  /* pages and titles */
    bool margins; /* headers and footers are what is to be read */
    bool item;    /* the next paragraph begins an item of a list */
    bool titled;  /* a presentation's shape is the title */
    struct cc_buf note;
    int notes, paragraphs;
};

/* What is not to be seen in the text: deleted text, remarks, the note's number. */
static bool is_left_out(const char *name)
{
    static const char *const names[] = {
        "tracked-changes", "annotation",     "note-citation",        "forms", "ruby-text",
        "sequence-decls",  "variable-decls", "dde-connection-decls", "desc",  "user-field-decls",
        "event-listeners"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

static void add_text(struct reading *r, const char *s, size_t len)
{
    if (r->notes)
        cc_buf_add(&r->note, s, len);
    else
        cc_flow_text(&r->flow, s, len);
}

static void add_blanks(struct reading *r, int n)
{
    for (int i = 0; i < n && i < BLANKS; i++)
        add_text(r, " ", 1);
}

/* Paragraphs of a note are lines of it. */
static void begin_paragraph(struct reading *r)
{
    r->paragraphs++;
    if (r->notes) {
        if (r->note.len)
            cc_buf_char(&r->note, '\n');
        return;
    }
    cc_flow_open(&r->flow);
    if (r->titled)
        cc_flow_kind(&r->flow, CC_BLOCK_HEADING, 1);
    else if (r->lists)
        cc_flow_kind(&r->flow, r->item ? CC_BLOCK_LIST : CC_BLOCK_PARAGRAPH, r->lists - 1);
    r->item = false;
}

static int end_paragraph(struct reading *r)
{
    r->paragraphs--;
    return r->notes ? 0 : cc_flow_close(&r->flow);
}

static void begin_heading(struct reading *r, const char *const *attributes)
{
    begin_paragraph(r);
    if (!r->notes)
        cc_flow_kind(&r->flow, CC_BLOCK_HEADING, cc_xml_number(attributes, "outline-level", 1));
}

static void begin_page(struct reading *r)
{
    if (r->flow.page < CC_EXTRACT_PAGES)
        r->flow.page++;
    cc_extract_page(r->flow.doc, r->flow.page);
    cc_extract_leave(r->flow.doc);
}

static void begin_frame(struct reading *r, const char *const *attributes)
{
    const char *class = cc_xml_attribute(attributes, "class");

    r->titled = r->slides && class && !strcmp(class, "title");
}

static void begin_inline(struct reading *r, const char *name, const char *const *attributes)
{
    if (!strcmp(name, "s"))
        add_blanks(r, cc_xml_number(attributes, "c", 1));
    else if (!strcmp(name, "tab"))
        add_text(r, "\t", 1);
    else if (!strcmp(name, "line-break"))
        add_text(r, "\n", 1);
}

static void begin_element(struct reading *r, const char *name, const char *const *attributes)
{
    if (!strcmp(name, "p"))
        begin_paragraph(r);
    else if (!strcmp(name, "h"))
        begin_heading(r, attributes);
    else if (!strcmp(name, "list"))
        r->lists++;
    else if (!strcmp(name, "list-item") || !strcmp(name, "list-header"))
        r->item = true;
    else if (!strcmp(name, "table"))
        cc_flow_table(&r->flow);
    else if (!strcmp(name, "table-cell") || !strcmp(name, "covered-table-cell"))
        r->columns = cc_xml_number(attributes, "number-columns-repeated", 1);
    else if (!strcmp(name, "note"))
        r->notes++;
    else if (!strcmp(name, "page") && r->slides)
        begin_page(r);
    else if (!strcmp(name, "frame") || !strcmp(name, "custom-shape"))
        begin_frame(r, attributes);
    else if (r->paragraphs)
        begin_inline(r, name, attributes);
}

/* The body; of styles.xml the headers and footers. */
static bool is_body(const struct reading *r, const char *name)
{
    if (r->margins)
        return !strncmp(name, "header", 6) || !strncmp(name, "footer", 6);
    return !strcmp(name, "body");
}

static int begin(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;

    if (r->body)
        r->body++;
    else if (is_body(r, name))
        r->body = 1;
    if (r->body < 2)
        return 0;
    if (r->skip || is_left_out(name))
        r->skip++;
    else
        begin_element(r, name, attributes);
    return 0;
}

static void end_note(struct reading *r)
{
    if (--r->notes)
        return;
    cc_flow_note(&r->flow, r->note.bytes);
    cc_buf_reset(&r->note);
}

static void end_cell(struct reading *r)
{
    for (int i = 0; i < r->columns && i < REPEATED; i++)
        cc_flow_cell_end(&r->flow);
    r->columns = 1;
}

static int end_element(struct reading *r, const char *name)
{
    if (!strcmp(name, "p") || !strcmp(name, "h"))
        return end_paragraph(r);
    if (!strcmp(name, "table"))
        return cc_flow_table_end(&r->flow);
    if (!strcmp(name, "list"))
        r->lists--;
    else if (!strcmp(name, "table-cell") || !strcmp(name, "covered-table-cell"))
        end_cell(r);
    else if (!strcmp(name, "table-row"))
        cc_flow_row_end(&r->flow);
    else if (!strcmp(name, "note"))
        end_note(r);
    else if (!strcmp(name, "frame") || !strcmp(name, "custom-shape"))
        r->titled = false;
    return 0;
}

static int end(void *arg, const char *name)
{
    struct reading *r = arg;
    int rc = 0;

    if (r->body > 1 && r->skip)
        r->skip--;
    else if (r->body > 1)
        rc = end_element(r, name);
    if (r->body)
        r->body--;
    return rc;
}

static int text(void *arg, const char *s, size_t len)
{
    struct reading *r = arg;

    if (r->paragraphs && !r->skip)
        add_text(r, s, len);
    return 0;
}

static const struct cc_xml_events events = {begin, end, text};

/* A note's paragraphs count like others; within one they end inside of it. */
static int read_part(const struct cc_archive *archive, struct reading *r, struct cc_extract *doc)
{
    int rc;

    cc_flow_init(&r->flow, doc);
    cc_buf_init(&r->note, CC_EXTRACT_TEXT);
    rc = r->margins ? cc_opc_try(archive, STYLES, &events, r)
                    : cc_opc_read(archive, CONTENT, &events, r);
    cc_buf_done(&r->note);
    cc_flow_done(&r->flow);
    return rc;
}

/* Headers and footers of all kinds of pages: each text once, below no heading. */
static int read_margins(const struct cc_archive *archive, struct cc_extract *doc)
{
    struct reading r = {.margins = true};
    struct cc_extract side;
    int rc;

    cc_extract_init(&side, doc->type, doc->mem);
    rc = read_part(archive, &r, &side);
    cc_extract_leave(doc);
    for (size_t i = 0; !rc && i < side.n; i++) {
        size_t k = 0;

        while (k < i && strcmp(side.blocks[k].text, side.blocks[i].text) != 0)
            k++;
        if (k == i)
            rc = cc_parse_paragraph(side.blocks[i].text, side.blocks[i].len, 0, doc);
    }
    return rc;
}

/* The manifest tells which parts only a password opens; their bytes are no XML then. */
static int refuse_encrypted(const struct cc_archive *archive)
{
    const char *bytes;
    size_t len;

    if (!cc_archive_part(archive, "META-INF/manifest.xml", &bytes, &len) &&
        memmem(bytes, len, "encryption-data", 15))
        return cc_fail(CC_E_ENCRYPTED, "the file wants a password");
    return 0;
}

int cc_odf_read(const struct cc_archive *archive, struct cc_extract *doc)
{
    struct reading r = {.slides = doc->type == CC_FILE_ODP};
    int rc = refuse_encrypted(archive);

    if (rc)
        return rc;
    cc_opc_title(archive, "meta.xml", doc);
    if (doc->type == CC_FILE_ODS)
        return cc_odf_sheets(archive, CONTENT, doc);
    rc = read_part(archive, &r, doc);
    if (!rc && r.slides && doc->pages < r.flow.page)
        doc->pages = r.flow.page;
    return rc || r.slides || !doc->n ? rc : read_margins(archive, doc);
}

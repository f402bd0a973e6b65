#include "ingest/parse/docx.h"

#include <string.h>

#include "ingest/parse/docx_part.h"
#include "ingest/parse/opc.h"
#include "ingest/parse/parse.h"
#include "proto/base/buf.h"

#define USUAL "word/document.xml"

struct document {
    const struct cc_archive *archive;
    struct cc_docx_styles styles;
    struct cc_docx_lists *lists;
    struct cc_opc_relations relations;
    struct cc_docx_notes notes;
};

/* A part beside the body, into an extract of its own. */
static int read_aside(struct document *d, const char *name, struct cc_extract *side,
                      struct cc_arena *mem)
{
    const struct cc_docx_part part = {.archive = d->archive, .name = name, .notes = &d->notes};

    cc_extract_init(side, CC_FILE_DOCX, mem);
    return cc_docx_part_read(&part, side);
}

static const char *join(const struct cc_extract *side, struct cc_arena *mem)
{
    const char *joined;
    struct cc_buf text;

    cc_buf_init(&text, CC_EXTRACT_TEXT);
    for (size_t i = 0; i < side->n; i++)
        cc_buf_printf(&text, "%s%s", i ? "\n" : "", side->blocks[i].text);
    joined = cc_arena_dupn(mem, text.bytes, text.len);
    cc_buf_done(&text);
    return joined;
}

static bool was_said(const struct cc_extract *doc, size_t from, const char *text)
{
    for (size_t i = from; i < doc->n; i++)
        if (!strcmp(doc->blocks[i].text, text))
            return true;
    return false;
}

/* Headers of first, odd and even pages mostly say the same: each text once, below no heading. */
static int add_parts(struct document *d, const char *type, struct cc_extract *doc)
{
    size_t from = doc->n;
    int rc = 0;

    cc_extract_leave(doc);
    for (size_t i = 0; !rc && i < d->relations.n; i++) {
        struct cc_extract side;
        const char *joined;

        if (strcmp(d->relations.all[i].type, type))
            continue;
        rc = read_aside(d, d->relations.all[i].part, &side, doc->mem);
        joined = rc ? "" : join(&side, doc->mem);
        if (!rc && !was_said(doc, from, joined))
            rc = cc_parse_paragraph(joined, strlen(joined), 0, doc);
    }
    return rc;
}

static int read_notes(struct document *d, struct cc_arena *mem)
{
    static const char *const types[] = {"footnotes", "endnotes"};
    int rc = 0;

    for (size_t i = 0; !rc && i < sizeof types / sizeof *types; i++) {
        struct cc_extract side;

        rc = read_aside(d, cc_opc_by_type(&d->relations, types[i]), &side, mem);
    }
    return rc;
}

/* Drawn diagrams, headers and footers; alone they are no text of a document. */
static int read_margins(struct document *d, struct cc_extract *doc)
{
    static const char *const types[] = {"diagramData", "header", "footer"};
    int rc = 0;

    for (size_t i = 0; !rc && doc->n && i < sizeof types / sizeof *types; i++)
        rc = add_parts(d, types[i], doc);
    return rc;
}

int cc_docx_read(const struct cc_archive *archive, struct cc_extract *doc)
{
    struct document d = {.archive = archive};
    struct cc_docx_part body = {.archive = archive,
                                .name = cc_opc_main(archive, USUAL, doc->mem),
                                .must = true,
                                .styles = &d.styles,
                                .notes = &d.notes};
    int rc;

    d.relations = cc_opc_relations(archive, body.name, doc->mem);
    if ((rc = cc_docx_styles_read(archive, cc_opc_by_type(&d.relations, "styles"), doc->mem,
                                  &d.styles)) ||
        (rc = cc_docx_lists_read(archive, cc_opc_by_type(&d.relations, "numbering"), doc->mem,
                                 &d.lists)) ||
        (rc = read_notes(&d, doc->mem)))
        return rc;
    body.lists = d.lists;
    rc = cc_docx_part_read(&body, doc);
    if (rc)
        return rc;
    return read_margins(&d, doc);
}

/*
 * Any bytes as an office file.  The first byte says how: as a container, or as the one XML part
 * that matters of a container which is made around it (mutations seldom survive a checksum).
 */
#include <archive.h>
#include <archive_entry.h>
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "ingest/parse/office.h"
#include "ingest/parse/parse.h"
#include "proto/base/text.h"

#define ZIP_BYTES (1u << 20)
#define SLIDES                                                                                     \
    "<p:presentation><p:sldId id='1' r:id='r1'/><p:sldId id='2' r:id='r1'/></p:presentation>"
#define BOOK "<workbook><sheet name='a' r:id='r1'/><sheet name='b' r:id='r1'/></workbook>"
#define RELATIONS(type, to)                                                                        \
    "<Relationships><Relationship Id='r1' Type='x/" type "' Target='" to "'/></Relationships>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The part that is made of the input, and two that lead to it. */
static const struct {
    enum cc_file_type type;
    const char *part, *main, *main_text, *relations, *relations_text;
} ways[] = {
    {CC_FILE_DOCX, "word/document.xml", "a", "", "b", ""},
    {CC_FILE_DOCX, "word/styles.xml", "word/document.xml",
     "<d><p><pPr><pStyle val='a'/></pPr><r><t>x</t></r></p></d>", "word/_rels/document.xml.rels",
     RELATIONS("styles", "styles.xml")},
    {CC_FILE_DOCX, "word/numbering.xml", "word/document.xml",
     "<d><p><pPr><numPr><ilvl val='1'/><numId val='1'/></numPr></pPr><r><t>x</t></r></p></d>",
     "word/_rels/document.xml.rels", RELATIONS("numbering", "numbering.xml")},
    {CC_FILE_DOCX, "word/footnotes.xml", "word/document.xml",
     "<d><p><r><footnoteReference id='1'/><t>x</t></r></p></d>", "word/_rels/document.xml.rels",
     RELATIONS("footnotes", "footnotes.xml")},
    {CC_FILE_XLSX, "xl/s.xml", "xl/workbook.xml", BOOK, "xl/_rels/workbook.xml.rels",
     RELATIONS("worksheet", "s.xml")},
    {CC_FILE_XLSX, "xl/workbook.xml", "a", "", "xl/_rels/workbook.xml.rels",
     RELATIONS("sharedStrings", "workbook.xml")},
    {CC_FILE_XLSX, "xl/styles.xml", "xl/workbook.xml", BOOK, "xl/_rels/workbook.xml.rels",
     RELATIONS("styles", "styles.xml")},
    {CC_FILE_PPTX, "ppt/s.xml", "ppt/presentation.xml", SLIDES, "ppt/_rels/presentation.xml.rels",
     RELATIONS("slide", "s.xml")},
    {CC_FILE_ODT, "content.xml", "a", "", "b", ""},
    {CC_FILE_ODS, "content.xml", "a", "", "b", ""},
    {CC_FILE_ODP, "content.xml", "a", "", "b", ""},
    {CC_FILE_DOCX, "word/_rels/document.xml.rels", "word/document.xml", "<d/>", "b", ""},
};
#define WAYS (sizeof ways / sizeof *ways)

static void add_part(struct archive *a, const char *name, const void *bytes, size_t len)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, (la_int64_t)len);
    archive_write_header(a, entry);
    archive_write_data(a, bytes, len);
    archive_entry_free(entry);
}

static size_t make_zip(size_t way, const void *bytes, size_t len, char *zip)
{
    struct archive *a = archive_write_new();
    size_t used = 0;

    archive_write_set_format_zip(a);
    archive_write_set_options(a, "zip:compression=store");
    archive_write_open_memory(a, zip, ZIP_BYTES, &used);
    add_part(a, ways[way].part, bytes, len);
    add_part(a, ways[way].main, ways[way].main_text, strlen(ways[way].main_text));
    add_part(a, ways[way].relations, ways[way].relations_text, strlen(ways[way].relations_text));
    archive_write_close(a);
    archive_write_free(a);
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem;
    struct cc_extract doc;
    enum cc_file_type type;
    size_t way = size ? data[0] % (WAYS + 1) : WAYS;
    const char *bytes = (const char *)data + 1;

    if (!size || size > 16384)
        return 0;
    mem = cc_arena_new(256 << 20);
    size--;
    if (way < WAYS) {
        char *zip = cc_arena_get(mem, ZIP_BYTES);

        size = make_zip(way, bytes, size, zip);
        bytes = zip;
    }
    cc_extract_init(&doc, CC_FILE_TEXT, mem);
    type = way < WAYS ? ways[way].type : CC_FILE_COUNT;
    if (type == CC_FILE_COUNT && cc_office_type(bytes, size, &type))
        type = CC_FILE_DOCX;
    if (!cc_parse_office(bytes, size, type, &doc))
        for (size_t i = 0; i < doc.n; i++)
            assert(doc.blocks[i].len && cc_utf8_valid(doc.blocks[i].text, doc.blocks[i].len));
    cc_arena_free(&mem);
    return 0;
}

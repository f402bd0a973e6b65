#include "ingest/parse/office.h"

#include <string.h>
#include <strings.h>

#include "ingest/parse/archive.h"
#include "ingest/parse/docx.h"
#include "ingest/parse/odf.h"
#include "ingest/parse/opc.h"
#include "ingest/parse/parse.h"
#include "ingest/parse/pptx.h"
#include "ingest/parse/xlsx.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"

#define COMPOUND "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#define DAMAGED  "the file is a ZIP container that is damaged"
#define CONTENTS "[Content_Types].xml"

bool cc_office_is_zip(const char *bytes, size_t len)
{
    return len >= 4 && bytes[0] == 'P' && bytes[1] == 'K' &&
           (!memcmp(bytes + 2, "\3\4", 2) || !memcmp(bytes + 2, "\5\6", 2) ||
            !memcmp(bytes + 2, "\7\x08", 2));
}

bool cc_office_is_compound(const char *bytes, size_t len)
{
    return len >= 8 && !memcmp(bytes, COMPOUND, 8);
}

/* Names in a compound file are UTF-16. */
static bool has_wide(const char *bytes, size_t len, const char *name)
{
    char wide[64];
    size_t n = strlen(name);

    for (size_t i = 0; i < n; i++) {
        wide[2 * i] = name[i];
        wide[2 * i + 1] = '\0';
    }
    return memmem(bytes, len, wide, 2 * n);
}

static const struct {
    const char *stream, *words;
} compounds[] = {
    {"WordDocument", "an old Word file (DOC): save it as DOCX or PDF"},
    {"Workbook", "an old Excel file (XLS): save it as XLSX or PDF"},
    {"PowerPoint Document", "an old PowerPoint file (PPT): save it as PPTX or PDF"},
    {"__nameid_version1.0", "a mail of Outlook (MSG): save it as text or PDF"},
    {"Book", "an old Excel file (XLS): save it as XLSX or PDF"},
};

int cc_office_refuse_compound(const char *bytes, size_t len)
{
    if (has_wide(bytes, len, "EncryptedPackage") || has_wide(bytes, len, "EncryptionInfo"))
        return cc_fail(CC_E_ENCRYPTED, "the file wants a password");
    for (size_t i = 0; i < sizeof compounds / sizeof *compounds; i++)
        if (has_wide(bytes, len, compounds[i].stream))
            return cc_fail(CC_E_TYPE, "this is %s", compounds[i].words);
    return cc_fail(CC_E_TYPE, "this is an old Office file: save it as DOCX, XLSX, PPTX or PDF");
}

/* Content types of main parts, and names they have in practice; `words` refuses. */
static const struct kind {
    const char *content, *part;
    enum cc_file_type type;
    const char *words;
} kinds[] = {
    {"sheet.binary.macroEnabled.main", "xl/workbook.bin", 0,
     "a binary Excel file (XLSB): save it as XLSX or PDF"},
    {"wordprocessingml.document.main+xml", "word/document.xml", CC_FILE_DOCX, NULL},
    {"wordprocessingml.template.main+xml", NULL, CC_FILE_DOCX, NULL},
    {"ms-word.document.macroEnabled.main+xml", NULL, CC_FILE_DOCX, NULL},
    {"ms-word.template.macroEnabledTemplate.main+xml", NULL, CC_FILE_DOCX, NULL},
    {"spreadsheetml.sheet.main+xml", "xl/workbook.xml", CC_FILE_XLSX, NULL},
    {"spreadsheetml.template.main+xml", NULL, CC_FILE_XLSX, NULL},
    {"ms-excel.sheet.macroEnabled.main+xml", NULL, CC_FILE_XLSX, NULL},
    {"ms-excel.template.macroEnabled.main+xml", NULL, CC_FILE_XLSX, NULL},
    {"presentationml.presentation.main+xml", "ppt/presentation.xml", CC_FILE_PPTX, NULL},
    {"presentationml.slideshow.main+xml", NULL, CC_FILE_PPTX, NULL},
    {"presentationml.template.main+xml", NULL, CC_FILE_PPTX, NULL},
    {"ms-powerpoint.presentation.macroEnabled.main+xml", NULL, CC_FILE_PPTX, NULL},
    {"ms-powerpoint.slideshow.macroEnabled.main+xml", NULL, CC_FILE_PPTX, NULL},
    {NULL, "Index/Document.iwa", 0,
     "a Pages, Numbers or Keynote file: export it as DOCX, XLSX, PPTX or PDF"},
    {NULL, "Index.zip", 0,
     "a Pages, Numbers or Keynote file: export it as DOCX, XLSX, PPTX or PDF"},
    {NULL, "META-INF/MANIFEST.MF", 0, "a Java archive: it holds no document"},
    {NULL, "AndroidManifest.xml", 0, "an Android program: it holds no document"},
    {NULL, "FixedDocSeq.fdseq", 0, "an XPS file: save it as PDF"},
};

/* By the beginning of the part `mimetype`. */
static const struct {
    const char *mime;
    enum cc_file_type type;
    const char *words;
} mimes[] = {
    {"application/vnd.oasis.opendocument.text", CC_FILE_ODT, NULL},
    {"application/vnd.oasis.opendocument.spreadsheet", CC_FILE_ODS, NULL},
    {"application/vnd.oasis.opendocument.presentation", CC_FILE_ODP, NULL},
    {"application/vnd.oasis.opendocument", 0,
     "an OpenDocument drawing, formula or database: save it as PDF"},
    {"application/epub+zip", 0, "an EPUB book: convert it to PDF or DOCX"},
};

static int found(const char *words, enum cc_file_type type, enum cc_file_type *ret)
{
    if (words)
        return cc_fail(CC_E_TYPE, "this is %s", words);
    *ret = type;
    return 0;
}

static bool is_key_part(const char *name)
{
    return !strcasecmp(name, CONTENTS) || !strcasecmp(name, "mimetype");
}

static int type_of(const struct cc_archive *archive, enum cc_file_type *ret)
{
    const char *part;
    size_t len;

    if (!cc_archive_part(archive, "mimetype", &part, &len))
        for (size_t i = 0; i < sizeof mimes / sizeof *mimes; i++)
            if (len >= strlen(mimes[i].mime) && !memcmp(part, mimes[i].mime, strlen(mimes[i].mime)))
                return found(mimes[i].words, mimes[i].type, ret);
    if (cc_archive_part(archive, CONTENTS, &part, &len))
        len = 0;
    for (size_t i = 0; len && i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].content && memmem(part, len, kinds[i].content, strlen(kinds[i].content)))
            return found(kinds[i].words, kinds[i].type, ret);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].part && cc_archive_has(archive, kinds[i].part))
            return found(kinds[i].words, kinds[i].type, ret);
    if (cc_archive_is_damaged(archive))
        return cc_fail(CC_E_PARSER, "%s", DAMAGED);
    return cc_fail(CC_E_TYPE, "this is a ZIP archive: upload the files that are in it");
}

int cc_office_type(const char *bytes, size_t len, enum cc_file_type *ret)
{
    CC_AUTOP(cc_archive_free) struct cc_archive *archive = NULL;
    int rc = cc_archive_open(bytes, len, is_key_part, &archive);

    return rc ? rc : type_of(archive, ret);
}

/* All that may hold text; pictures, fonts and embedded files stay deflated. */
static bool may_hold_text(const char *name)
{
    static const char *const not [] = {"theme/", "customXml/", "embeddings/", "media/", "charts/"};
    size_t len = strlen(name);

    if (len < 4 ||
        (strcasecmp(name + len - 4, ".xml") && (len < 5 || strcasecmp(name + len - 5, ".rels"))))
        return false;
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++)
        if (strcasestr(name, not [i]))
            return false;
    return true;
}

int cc_parse_office(const char *bytes, size_t len, enum cc_file_type type, struct cc_extract *doc)
{
    static int (*const readers[CC_FILE_COUNT])(const struct cc_archive *, struct cc_extract *) = {
        [CC_FILE_DOCX] = cc_docx_read, [CC_FILE_XLSX] = cc_xlsx_read, [CC_FILE_PPTX] = cc_pptx_read,
        [CC_FILE_ODT] = cc_odf_read,   [CC_FILE_ODS] = cc_odf_read,   [CC_FILE_ODP] = cc_odf_read,
    };
    CC_AUTOP(cc_archive_free) struct cc_archive *archive = NULL;
    int rc = cc_archive_open(bytes, len, may_hold_text, &archive);

    if (rc)
        return rc;
    doc->type = type;
    cc_opc_title(archive, "docProps/core.xml", doc);
    if (type >= CC_FILE_COUNT || !readers[type])
        return cc_fail(CC_E_TYPE, "files of type %s are not read", cc_file_mime(type));
    rc = readers[type](archive, doc);
    if (!rc && !doc->n && cc_archive_is_damaged(archive))
        return cc_fail(CC_E_PARSER, "%s", DAMAGED);
    return rc == CC_E_NOTFOUND ? cc_fail(CC_E_PARSER, "%s", cc_fail_text()) : rc;
}

#include "gateway/pure/upload.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/text.h"

#define SNIFF_MAX 4096
#define OFFICE    "application/vnd.openxmlformats-officedocument."
#define OPEN      "application/vnd.oasis.opendocument."
#define OLE       "application/x-ole-storage"

const char cc_upload_kinds[] = "text, Markdown, HTML, PDF, CSV, JSON, Word, Excel, PowerPoint and "
                               "OpenDocument files are read";

/* Names a client may give a type by: its MIME type, or the end of the file's name. */
static const struct {
    const char *mime, *end;
} types[] = {
    {"text/plain", ".txt"},
    {"text/plain", ".text"},
    {"text/plain", ".log"},
    {"text/markdown", ".md"},
    {"text/markdown", ".markdown"},
    {"text/x-markdown", ".md"},
    {"application/pdf", ".pdf"},
    {"application/x-pdf", ".pdf"},
    {"text/html", ".html"},
    {"text/html", ".htm"},
    {"application/xhtml+xml", ".xhtml"},
    {"text/csv", ".csv"},
    {"text/tab-separated-values", ".tsv"},
    {"application/csv", ".csv"},
    {"application/json", ".json"},
    {"application/x-ndjson", ".jsonl"},
    {"application/jsonl", ".jsonl"},
    {OFFICE "wordprocessingml.document", ".docx"},
    {OFFICE "spreadsheetml.sheet", ".xlsx"},
    {OFFICE "presentationml.presentation", ".pptx"},
    {OPEN "text", ".odt"},
    {OPEN "spreadsheet", ".ods"},
    {OPEN "presentation", ".odp"},
    {"image/png", ".png"},
    {"image/jpeg", ".jpg"},
    {"image/jpeg", ".jpeg"},
    {"image/tiff", ".tif"},
    {"image/tiff", ".tiff"},
};
#define TYPES (sizeof types / sizeof types[0])

/* Several types may have one end: the first of them counts. */
static bool repeated(size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(types[i].end, types[row].end) == 0)
            return true;
    return false;
}

const char *cc_upload_end(size_t nth, bool ocr)
{
    for (size_t i = 0; i < TYPES; i++)
        if (!repeated(i) && (ocr || strncmp(types[i].mime, "image/", 6) != 0) && nth-- == 0)
            return types[i].end;
    return NULL;
}

/* First bytes that settle it. */
static const struct {
    const char *bytes;
    size_t len;
    const char *mime;
} marks[] = {
    {"%PDF-", 5, "application/pdf"},
    {"PK\x03\x04", 4, "application/zip"},
    {"PK\x05\x06", 4, "application/zip"},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, OLE},
    {"\x89PNG\r\n\x1a\n", 8, "image/png"},
    {"\xff\xd8\xff", 3, "image/jpeg"},
    {"II*\0", 4, "image/tiff"},
    {"MM\0*", 4, "image/tiff"},
};

/* The first row with the same end names the type: rows that follow are other spellings. */
static const char *by_end(const char *end)
{
    for (size_t i = 0; i < TYPES; i++)
        if (strcasecmp(types[i].end, end) == 0)
            return types[i].mime;
    return NULL;
}

const char *cc_upload_declared(const char *filename, const char *declared)
{
    const char *dot = strrchr(filename, '.');
    size_t len = declared ? strcspn(declared, "; \t") : 0;

    if (dot && by_end(dot))
        return by_end(dot);
    for (size_t i = 0; i < TYPES; i++) {
        if (strlen(types[i].mime) == len && strncasecmp(types[i].mime, declared, len) == 0)
            return by_end(types[i].end);
        if (declared && strcasecmp(types[i].end + 1, declared) == 0)
            return by_end(types[i].end);
    }
    return NULL;
}

/* UTF-16 with its mark: no half unit, and no NUL, which a file of numbers is full of. */
static bool is_wide_text(const unsigned char *b, size_t len)
{
    bool little = len >= 2 && b[0] == 0xff && b[1] == 0xfe;
    bool big = len >= 2 && b[0] == 0xfe && b[1] == 0xff;

    if ((!little && !big) || len % 2)
        return false;
    for (size_t i = 2; i + 1 < len; i += 2) {
        unsigned unit = little ? b[i] | (unsigned)b[i + 1] << 8 : b[i + 1] | (unsigned)b[i] << 8;

        if (unit == 0 || (unit < 0x20 && unit != '\t' && unit != '\n' && unit != '\r'))
            return false;
    }
    return len > 2;
}

/* UTF-8 without controls; where we stop looking a character may be cut. */
static bool is_text(const char *bytes, size_t len, bool cut)
{
    size_t valid = len;

    for (size_t i = 0; i < len; i++)
        if ((unsigned char)bytes[i] < 0x20 && !memchr("\t\n\r\f", bytes[i], 4))
            return false;
    for (int i = 0; cut && i < 3 && !cc_utf8_valid(bytes, valid); i++)
        valid--;
    return len > 0 && cc_utf8_valid(bytes, valid);
}

const char *cc_upload_content(const char *bytes, size_t len)
{
    size_t looked = len < SNIFF_MAX ? len : SNIFF_MAX;

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (len >= marks[i].len && memcmp(bytes, marks[i].bytes, marks[i].len) == 0)
            return marks[i].mime;
    if (is_wide_text((const unsigned char *)bytes, looked) || is_text(bytes, looked, looked < len))
        return "text/plain";
    return NULL;
}

static bool is_picture(const char *type)
{
    return strncmp(type, "image/", 6) == 0;
}

const char *cc_upload_type(const struct cc_upload *file, const char *declared, bool ocr)
{
    const char *content = cc_upload_content(file->bytes, file->len);
    const char *said = cc_upload_declared(file->filename, declared);

    if (content && is_picture(content))
        return ocr ? content : NULL;
    if (said && is_picture(said))
        said = ocr && !content ? said : NULL;
    if (content && strcmp(content, "text/plain") != 0 && strcmp(content, "application/zip") != 0)
        return content;
    return said ? said : content;
}

const char *cc_filename_clean(const char *name, struct cc_arena *mem)
{
    const char *slash = strrchr(name, '/'), *back = strrchr(name, '\\');
    char *out;
    size_t n = 0;

    name = slash ? slash + 1 : name;
    name = back && back >= name ? back + 1 : name;
    out = cc_arena_get(mem, strlen(name) + 1);
    for (; *name; name++)
        if ((unsigned char)*name >= 0x20 && *name != 0x7f)
            out[n++] = *name;
    if (!cc_utf8_valid(out, n))
        return "file";
    out[cc_utf8_cut(out, n, CC_FILENAME_MAX)] = '\0';
    return *out && strcmp(out, ".") != 0 && strcmp(out, "..") != 0 ? out : "file";
}

/* RFC 4648, both alphabets, line ends allowed, padding optional. */
static int base64(const char *text, size_t cap, struct cc_arena *mem, struct cc_upload *ret)
{
    size_t len = strlen(text), n = 0, bits = 0;
    uint32_t word = 0;
    char *out;

    if (len / 4 * 3 > cap + cap / 16 + 64)
        return cc_fail(CC_E_TOOBIG, "the file is larger than %zu bytes", cap);
    out = cc_arena_get(mem, len / 4 * 3 + 4);
    while (len > 0 && (text[len - 1] == '=' || text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    for (size_t i = 0; i < len; i++) {
        int v = cc_base64_digit(text[i]);

        if (text[i] == '\n' || text[i] == '\r')
            continue;
        if (v < 0)
            return cc_fail(CC_E_INVALID, "fileData is no base64");
        word = word << 6 | (uint32_t)v;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (char)(word >> bits);
        }
    }
    if (bits == 6 || n > cap)
        return n > cap ? cc_fail(CC_E_TOOBIG, "the file is larger than %zu bytes", cap)
                       : cc_fail(CC_E_INVALID, "fileData is no base64");
    ret->bytes = out;
    ret->len = n;
    return 0;
}

int cc_upload_parse(const json_t *body, size_t cap, struct cc_arena *mem, struct cc_upload *ret)
{
    struct cc_upload upload;
    const char *data = cc_json_str(body, "fileData", NULL), *comma;
    const json_t *type = json_object_get(body, "fileType");
    int rc;

    if (!data || !cc_json_str(body, "filename", NULL))
        return cc_fail(CC_E_INVALID, "filename and fileData are wanted");
    if (type && !json_is_null(type) && !json_is_string(type))
        return cc_fail(CC_E_INVALID, "fileType: wants a text");
    upload.filename = cc_filename_clean(cc_json_str(body, "filename", ""), mem);
    upload.type = cc_arena_dup(mem, cc_json_str(body, "fileType", NULL));
    if (cc_text_starts(data, "data:")) {
        comma = strchr(data, ',');
        data = comma ? comma + 1 : data;
    }
    rc = base64(data, cap, mem, &upload);
    if (rc == 0)
        *ret = upload;
    return rc;
}

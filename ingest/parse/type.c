#include "ingest/parse/type.h"

#include <magic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ingest/parse/charset.h"
#include "ingest/parse/office.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define SNIFF_BYTES (256 * 1024)
#define PDF_WITHIN  1024

struct cc_magic {
    magic_t handle;
};

int cc_magic_open(struct cc_magic **ret)
{
    magic_t handle = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF |
                                MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_CDF);

    if (!handle)
        return cc_fail(CC_E_INTERNAL, "libmagic does not start");
    if (magic_load(handle, NULL)) {
        cc_fail(CC_E_INTERNAL, "libmagic: %s", magic_error(handle));
        magic_close(handle);
        return CC_E_INTERNAL;
    }
    *ret = malloc(sizeof **ret);
    if (!*ret)
        abort();
    (*ret)->handle = handle;
    return 0;
}

void cc_magic_free(struct cc_magic **magic)
{
    if (*magic)
        magic_close((*magic)->handle);
    free(*magic);
    *magic = NULL;
}

bool cc_type_is_pdf(const char *bytes, size_t len)
{
    size_t near = len < PDF_WITHIN ? len : PDF_WITHIN;

    if (memmem(bytes, near, "%PDF-", 5))
        return true;
    return memmem(bytes + len - near, near, "startxref", 9) && !cc_utf8_valid(bytes, len);
}

#define ARCHIVE "an archive: upload the files that are in it"
#define PROGRAM "a program: it holds no document"

/* Beginnings of MIME types that are no text, or text of a kind that wants its own reader. */
static const struct {
    const char *mime, *words;
} refused[] = {
    {"image/svg", "a drawing (SVG): save it as PDF"},
    {"image/", "an image: upload a PDF with text in it, or the text itself"},
    {"audio/", "a sound: upload what is said as text"},
    {"video/", "a film: upload what is said as text"},
    {"font/", "a font: it holds no document"},
    {"application/vnd.ms-opentype", "a font: it holds no document"},
    {"model/", "a model of a body: it holds no document"},
    {"text/rtf", "an RTF file: save it as DOCX or PDF"},
    {"application/rtf", "an RTF file: save it as DOCX or PDF"},
    {"application/msword", "an old Word file (DOC): save it as DOCX or PDF"},
    {"application/vnd.ms-excel", "an old Excel file (XLS): save it as XLSX or PDF"},
    {"application/vnd.", "a file of a kind that is not read: save it as PDF"},
    {"application/postscript", "a PostScript file: convert it to PDF"},
    {"application/epub", "an EPUB book: convert it to PDF or DOCX"},
    {"application/zip", ARCHIVE},
    {"application/x-tar", ARCHIVE},
    {"application/gzip", ARCHIVE},
    {"application/x-7z", ARCHIVE},
    {"application/x-rar", ARCHIVE},
    {"application/x-bzip2", ARCHIVE},
    {"application/x-xz", ARCHIVE},
    {"application/zstd", ARCHIVE},
    {"application/x-executable", PROGRAM},
    {"application/x-pie-executable", PROGRAM},
    {"application/x-sharedlib", PROGRAM},
    {"application/x-object", PROGRAM},
    {"application/x-mach-binary", PROGRAM},
    {"application/x-dosexec", PROGRAM},
    {"application/x-sqlite3", "a database: export its tables as CSV"},
    {"application/x-ole-storage", "an old Office file: save it as DOCX, XLSX, PPTX or PDF"},
    {"application/CDFV2", "an old Office file: save it as DOCX, XLSX, PPTX or PDF"},
};

/* A text may show many bytes, but hardly ever these; sets of 16 or 32 bits have them all over. */
static bool looks_binary(const char *bytes, size_t len)
{
    size_t n = len < SNIFF_BYTES ? len : SNIFF_BYTES, odd = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];

        odd += c < 0x20 && !strchr("\t\n\r\f\b\v\x0e\x0f\x1b", c ? c : 0x01);
    }
    return odd > n / 100;
}

static int refuse_by_magic(struct cc_magic *magic, const char *bytes, size_t len)
{
    const char *mime = magic_buffer(magic->handle, bytes, len < SNIFF_BYTES ? len : SNIFF_BYTES);

    for (size_t i = 0; mime && i < sizeof refused / sizeof *refused; i++)
        if (!strncmp(mime, refused[i].mime, strlen(refused[i].mime)))
            return cc_fail(CC_E_TYPE, "this is %s", refused[i].words);
    return 0;
}

int cc_type_find(struct cc_magic *magic, const char *bytes, size_t len, enum cc_file_type *ret)
{
    int rc;

    if (!len)
        return cc_fail(CC_E_NOTEXT, "the file is empty");
    if (cc_type_is_pdf(bytes, len)) {
        *ret = CC_FILE_PDF;
        return 0;
    }
    if (cc_office_is_zip(bytes, len))
        return cc_office_type(bytes, len, ret);
    if (cc_office_is_compound(bytes, len))
        return cc_office_refuse_compound(bytes, len);
    if (magic && (rc = refuse_by_magic(magic, bytes, len)))
        return rc;
    if (!cc_charset_is_wide(bytes, len) && looks_binary(bytes, len) && !cc_type_is_html(bytes, len))
        return cc_fail(CC_E_TYPE, "the file is neither text nor a document: save it as PDF");
    *ret = CC_FILE_TEXT; /* which kind of text is seen once it is UTF-8 */
    return 0;
}

static const char *skip_blanks(const char *s, const char *end)
{
    while (s < end && strchr(" \t\r\n\f", *s ? *s : 'x'))
        s++;
    return s;
}

/* Behind white space, the XML declaration, processing instructions and comments. */
static const char *skip_prologue(const char *s, const char *end)
{
    for (;;) {
        const char *close, *mark;

        s = skip_blanks(s, end);
        if (end - s >= 4 && !memcmp(s, "<!--", 4))
            mark = "-->";
        else if (end - s >= 2 && !memcmp(s, "<?", 2))
            mark = "?>";
        else
            return s;
        close = memmem(s, (size_t)(end - s), mark, strlen(mark));
        if (!close)
            return s;
        s = close + strlen(mark);
    }
}

bool cc_type_is_html(const char *text, size_t len)
{
    static const char *const tags[] = {
        "!doctype html", "html",   "head",     "body",  "title", "meta",    "table",
        "div",           "p",      "h1",       "h2",    "h3",    "ul",      "ol",
        "span",          "a",      "br",       "font",  "form",  "section", "article",
        "main",          "center", "script",   "style", "link",  "img",     "b",
        "header",        "nav",    "noscript",
    };
    const char *end = text + len, *s = skip_prologue(text, end);

    if (end - s < 3 || *s++ != '<')
        return false;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        size_t n = strlen(tags[i]);

        if ((size_t)(end - s) > n && !strncasecmp(s, tags[i], n) && strchr(" \t\r\n>/", s[n]))
            return i < 2 || memmem(s, (size_t)(end - s), "</", 2);
    }
    return false;
}

/* What one line says about Markdown: points. */
static int line_points(const char *s, size_t len)
{
    size_t i = 0, marks = 0;

    while (i < len && i < 3 && s[i] == ' ')
        i++;
    while (i + marks < len && s[i + marks] == '#')
        marks++;
    if (marks >= 1 && marks <= 6 && i + marks + 1 < len && s[i + marks] == ' ')
        return 1;
    if (len - i >= 3 && (!memcmp(s + i, "```", 3) || !memcmp(s + i, "~~~", 3)))
        return 1;
    if (memmem(s, len, "|---", 4) || memmem(s, len, "| ---", 5) || memmem(s, len, "|:--", 4))
        return 2;
    return memmem(s, len, "](http", 6) || memmem(s, len, "](#", 3) || memmem(s, len, "](/", 3) ||
           memmem(s, len, "](.", 3);
}

bool cc_type_is_markdown(const char *text, size_t len)
{
    size_t n = len < SNIFF_BYTES ? len : SNIFF_BYTES;
    int points = 0;

    for (size_t i = 0; i < n && points < 2;) {
        const char *end = memchr(text + i, '\n', n - i);
        size_t line = end ? (size_t)(end - text) - i : n - i;

        points += line_points(text + i, line);
        i += line + 1;
    }
    return points >= 2;
}

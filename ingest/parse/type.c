#include "ingest/parse/type.h"

#include <magic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ingest/parse/charset.h"
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

/* Beginnings of MIME types that are no text, or text of a kind that wants its own reader. */
static const char *const refused[] = {
    "image/",
    "audio/",
    "video/",
    "font/",
    "model/",
    "text/rtf",
    "application/vnd.",
    "application/zip",
    "application/x-tar",
    "application/gzip",
    "application/x-7z",
    "application/x-rar",
    "application/x-bzip2",
    "application/x-xz",
    "application/msword",
    "application/postscript",
    "application/x-executable",
    "application/x-pie-executable",
    "application/x-sharedlib",
    "application/x-dosexec",
    "application/epub",
    "application/x-ole-storage",
    "application/CDFV2",
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

static bool is_web_page(const char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len && strchr(" \t\r\n\xef\xbb\xbf", bytes[at]))
        at++;
    return (len - at >= 14 && !strncasecmp(bytes + at, "<!doctype html", 14)) ||
           (len - at >= 5 && !strncasecmp(bytes + at, "<html", 5));
}

static int refuse_by_magic(struct cc_magic *magic, const char *bytes, size_t len)
{
    const char *mime = magic_buffer(magic->handle, bytes, len < SNIFF_BYTES ? len : SNIFF_BYTES);

    for (size_t i = 0; mime && i < sizeof refused / sizeof *refused; i++)
        if (!strncmp(mime, refused[i], strlen(refused[i])))
            return cc_fail(CC_E_TYPE, "files of type %s are not read", mime);
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
    if (is_web_page(bytes, len))
        return cc_fail(CC_E_TYPE, "files of type text/html are not read");
    if (magic && (rc = refuse_by_magic(magic, bytes, len)))
        return rc;
    if (!cc_charset_is_wide(bytes, len) && looks_binary(bytes, len))
        return cc_fail(CC_E_TYPE, "the file is neither text nor PDF");
    *ret = CC_FILE_TEXT; /* whether it is Markdown is seen once it is UTF-8 */
    return 0;
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

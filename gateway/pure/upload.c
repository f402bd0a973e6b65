#include "gateway/pure/upload.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/text.h"

/* Names a client may give a type by: its MIME type, or the end of the file's name. */
static const struct {
    const char *mime, *end;
} types[] = {
    {"text/plain", ".txt"},      {"text/plain", ".text"},        {"text/plain", ".log"},
    {"text/markdown", ".md"},    {"text/markdown", ".markdown"}, {"text/x-markdown", ".md"},
    {"application/pdf", ".pdf"}, {"application/x-pdf", ".pdf"},
};
#define TYPES (sizeof types / sizeof types[0])

/* The first row with the same end names the type: rows that follow are other spellings. */
static const char *by_end(const char *end)
{
    for (size_t i = 0; i < TYPES; i++)
        if (strcasecmp(types[i].end, end) == 0)
            return types[i].mime;
    return NULL;
}

const char *cc_upload_type(const char *filename, const char *declared)
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

int cc_upload_parse(const char *body, size_t len, size_t cap, struct cc_arena *mem,
                    struct cc_upload *ret)
{
    CC_AUTO(json_decref)
    json_t *json = NULL;
    struct cc_upload upload;
    const char *data, *comma;
    int rc = cc_json_parse(body, len, &json);

    if (rc != 0)
        return rc;
    data = cc_json_str(json, "fileData", NULL);
    if (!data || !cc_json_str(json, "filename", NULL))
        return cc_fail(CC_E_INVALID, "filename and fileData are wanted");
    upload.filename = cc_filename_clean(cc_json_str(json, "filename", ""), mem);
    upload.type = cc_upload_type(upload.filename, cc_json_str(json, "fileType", NULL));
    if (!upload.type)
        return cc_fail(CC_E_TYPE, "files of this kind cannot be read");
    if (cc_text_starts(data, "data:")) {
        comma = strchr(data, ',');
        data = comma ? comma + 1 : data;
    }
    rc = base64(data, cap, mem, &upload);
    if (rc == 0)
        *ret = upload;
    return rc;
}

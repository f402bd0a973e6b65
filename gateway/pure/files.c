#include "gateway/pure/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "proto/base/log.h"

#define FILE_MAX (4 * 1024 * 1024)

static struct cc_file files[] = {
    {.path = "/widget.js", .name = "widget.js", .type = "text/javascript; charset=utf-8"},
    {.path = "/widget-app.js", .name = "widget-app.js", .type = "text/javascript; charset=utf-8"},
    {.path = "/page.html", .name = "page.html", .type = "text/html; charset=utf-8", .page = true},
    {.path = "/page.css", .name = "page.css", .type = "text/css; charset=utf-8"},
    {.path = "/demo", .name = "demo.html", .type = "text/html; charset=utf-8", .page = true},
    {.path = "/demo.css", .name = "demo.css", .type = "text/css; charset=utf-8"},
    {.path = "/demo.js", .name = "demo.js", .type = "text/javascript; charset=utf-8"},
    {.path = "/docs", .name = "docs.html", .type = "text/html; charset=utf-8", .page = true},
    {.path = "/docs/page.js", .name = "docs.js", .type = "text/javascript; charset=utf-8"},
    {.path = "/docs/page.css", .name = "docs.css", .type = "text/css; charset=utf-8"},
    {.path = "/docs/viewer.js", .name = "docs-viewer.js", .type = "text/javascript; charset=utf-8"},
    {.path = "/docs/viewer.css", .name = "docs-viewer.css", .type = "text/css; charset=utf-8"},
    {.path = "/docs/openapi.yaml", .name = "openapi.yaml", .type = "application/yaml"},
};
#define FILES (sizeof files / sizeof files[0])

static struct {
    struct text {
        struct cc_file file;
        char name[32], path[48];
    } at[CC_FILES_TEXTS];
    size_t n;
} texts;

static char *read_whole(const char *path, size_t *ret_len)
{
    FILE *in = fopen(path, "rb");
    char *bytes = in ? malloc(FILE_MAX) : NULL;

    *ret_len = bytes ? fread(bytes, 1, FILE_MAX, in) : 0;
    if (in)
        fclose(in);
    if (*ret_len == 0 || *ret_len == FILE_MAX) {
        free(bytes);
        return NULL;
    }
    return realloc(bytes, *ret_len);
}

static void squeeze(struct cc_file *file)
{
    z_stream z = {0};
    size_t room = file->len;

    file->gzip = malloc(room);
    if (!file->gzip || deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return;
    z.next_in = (unsigned char *)file->bytes;
    z.avail_in = (unsigned)file->len;
    z.next_out = (unsigned char *)file->gzip;
    z.avail_out = (unsigned)room;
    if (deflate(&z, Z_FINISH) == Z_STREAM_END)
        file->gzip_len = (size_t)z.total_out;
    deflateEnd(&z);
    if (file->gzip_len == 0) {
        free(file->gzip);
        file->gzip = NULL;
    }
}

/* Takes the bytes. */
static void fill(struct cc_file *file, char *bytes, size_t len)
{
    char sum[CC_SHA256_HEX];

    file->bytes = bytes;
    file->len = len;
    snprintf(file->etag, sizeof file->etag, "\"%s\"", cc_sha256_hex(bytes, len, sum));
    squeeze(file);
}

static bool load(const char *folder, struct cc_file *file)
{
    char path[1024], *bytes;
    size_t len;

    snprintf(path, sizeof path, "%s/%s", folder, file->name);
    bytes = read_whole(path, &len);
    if (bytes)
        fill(file, bytes, len);
    else
        cc_log(CC_WARN, "static_file_missing", cc_s("file", path));
    return bytes != NULL;
}

/* ---- texts of the widget ---- */

/* text-de.js, text-zh-hant.js: a name out of a folder that becomes a path. */
static bool is_text_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    size_t len;

    if (strncmp(name, "text-", 5) != 0)
        return false;
    len = 5 + strspn(name + 5, letters);
    if (len < 7 || len > 8)
        return false;
    if (name[len] == '-')
        len += 1 + strspn(name + len + 1, letters);
    return len < 20 && strcmp(name + len, ".js") == 0 && name[len - 1] != '-';
}

static void load_text(const char *folder, const char *name)
{
    struct text *text = &texts.at[texts.n];

    snprintf(text->name, sizeof text->name, "%.31s", name);
    snprintf(text->path, sizeof text->path, "/widget/%.31s", name);
    text->file = (struct cc_file){
        .path = text->path, .name = text->name, .type = "text/javascript; charset=utf-8"};
    if (load(folder, &text->file))
        texts.n++;
}

static void load_texts(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    while (dir && texts.n < CC_FILES_TEXTS && (entry = readdir(dir)))
        if (is_text_name(entry->d_name))
            load_text(folder, entry->d_name);
    if (dir)
        closedir(dir);
}

/* ---- all of them ---- */

void cc_files_load(const char *folder)
{
    for (size_t i = 0; i < FILES; i++)
        load(folder, &files[i]);
    load_texts(folder);
}

static void drop(struct cc_file *file)
{
    free(file->bytes);
    free(file->gzip);
    file->bytes = file->gzip = NULL;
    file->len = file->gzip_len = 0;
}

void cc_files_free(void)
{
    for (size_t i = 0; i < FILES; i++)
        drop(&files[i]);
    while (texts.n > 0)
        drop(&texts.at[--texts.n].file);
}

const struct cc_file *cc_files_find(const char *path)
{
    for (size_t i = 0; i < FILES; i++)
        if (strcmp(files[i].path, path) == 0)
            return files[i].bytes ? &files[i] : NULL;
    for (size_t i = 0; i < texts.n; i++)
        if (strcmp(texts.at[i].path, path) == 0)
            return &texts.at[i].file;
    return NULL;
}

struct cc_file cc_file_copy(const struct cc_file *file, struct cc_arena *mem)
{
    struct cc_file copy = *file;

    copy.bytes = cc_arena_dupn(mem, file->bytes, file->len);
    copy.gzip = file->gzip ? cc_arena_dupn(mem, file->gzip, file->gzip_len) : NULL;
    return copy;
}

struct cc_file cc_file_of(const struct cc_file *kind, const void *bytes, size_t len,
                          struct cc_arena *mem)
{
    struct cc_file file = {
        .path = kind->path, .name = kind->name, .type = kind->type, .page = kind->page};
    char *packed;

    fill(&file, cc_arena_dupn(mem, bytes, len), len);
    packed = file.gzip;
    file.gzip = packed ? cc_arena_dupn(mem, packed, file.gzip_len) : NULL;
    free(packed);
    return file;
}

bool cc_file_is(const struct cc_file *file, const char *version)
{
    size_t len = strlen(version);

    return len >= 8 && len < CC_SHA256_HEX && strncmp(file->etag + 1, version, len) == 0;
}

/* "q=0", "q=0.0": the client does not want it. */
static bool switched_off(const char *parameters)
{
    const char *q = strstr(parameters, "q=");

    return q && q[2] == '0' && q[2 + strspn(q + 2, "0.")] == '\0';
}

/* A list of codings with "gzip" or "*" in it that is not switched off. */
static bool takes_gzip(const char *accept)
{
    char item[64];

    while (accept && *accept) {
        size_t len, name;

        accept += strspn(accept, " \t,");
        len = strcspn(accept, ",");
        snprintf(item, sizeof item, "%.*s", (int)(len < sizeof item ? len : sizeof item - 1),
                 accept);
        name = strcspn(item, " \t;");
        if ((name == 4 && strncasecmp(item, "gzip", 4) == 0) || (name == 1 && *item == '*'))
            return !switched_off(item + name);
        accept += len;
    }
    return false;
}

/* A list of ETags, weak ones included, or "*". */
static bool names_etag(const char *list, const char *etag)
{
    const char *at = list ? strstr(list, etag) : NULL;

    return at || (list && strcmp(list, "*") == 0);
}

struct cc_file_answer cc_file_pick(const struct cc_file *file, const char *if_none_match,
                                   const char *accept_encoding, const char *version)
{
    struct cc_file_answer answer = {.status = 200, .bytes = file->bytes, .len = file->len};

    answer.cache = file->page ? "no-cache" : "public, max-age=300";
    if (version && cc_file_is(file, version))
        answer.cache = "public, max-age=31536000, immutable";
    if (names_etag(if_none_match, file->etag)) {
        answer.status = 304;
        answer.bytes = "";
        answer.len = 0;
    } else if (file->gzip && takes_gzip(accept_encoding)) {
        answer.bytes = file->gzip;
        answer.len = file->gzip_len;
        answer.gzipped = true;
    }
    return answer;
}

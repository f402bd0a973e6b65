#include "gateway/pure/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "proto/base/log.h"

#define FILE_MAX (4 * 1024 * 1024)

static struct cc_file files[] = {
    {.path = "/widget.js", .name = "widget.js", .type = "text/javascript; charset=utf-8"},
    {.path = "/widget-app.js", .name = "widget-app.js", .type = "text/javascript; charset=utf-8"},
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

void cc_files_load(const char *folder)
{
    for (size_t i = 0; i < FILES; i++) {
        char path[1024], sum[CC_SHA256_HEX];

        snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
        files[i].bytes = read_whole(path, &files[i].len);
        if (!files[i].bytes) {
            cc_log(CC_WARN, "static_file_missing", cc_s("file", path));
            continue;
        }
        snprintf(files[i].etag, sizeof files[i].etag, "\"%s\"",
                 cc_sha256_hex(files[i].bytes, files[i].len, sum));
        squeeze(&files[i]);
    }
}

void cc_files_free(void)
{
    for (size_t i = 0; i < FILES; i++) {
        free(files[i].bytes);
        free(files[i].gzip);
        files[i].bytes = files[i].gzip = NULL;
        files[i].len = files[i].gzip_len = 0;
    }
}

const struct cc_file *cc_files_find(const char *path)
{
    for (size_t i = 0; i < FILES; i++)
        if (strcmp(files[i].path, path) == 0)
            return files[i].bytes ? &files[i] : NULL;
    return NULL;
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
    if (version && strlen(version) >= 8 && strncmp(file->etag + 1, version, strlen(version)) == 0)
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

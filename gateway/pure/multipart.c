#include "gateway/pure/multipart.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/base/error.h"
#include "proto/base/text.h"

/*
 * Finds "; key=value" in a header value.  The value may be a quoted string, in which a
 * backslash escapes only a quote or itself: browsers send backslashes of file names bare.
 */
static const char *skip_value(const char *p)
{
    if (*p != '"')
        return p + strcspn(p, ";");
    for (p++; *p && *p != '"'; p++)
        if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
    return *p ? p + 1 : p;
}

static char *unquote(const char *p, struct cc_arena *mem)
{
    size_t max = (size_t)(skip_value(p) - p), n = 0;
    char *out = cc_arena_get(mem, max + 1);

    if (*p != '"') {
        memcpy(out, p, max);
        for (n = max; n > 0 && (out[n - 1] == ' ' || out[n - 1] == '\t'); n--)
            ;
        out[n] = '\0';
        return out;
    }
    for (p++; *p && *p != '"'; p++) {
        if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
        out[n++] = *p;
    }
    out[n] = '\0';
    return out;
}

static char *parameter(const char *value, const char *key, struct cc_arena *mem)
{
    size_t want = strlen(key);
    const char *p = value + strcspn(value, ";");

    while (*p == ';') {
        p += 1 + strspn(p + 1, " \t");
        if (strncasecmp(p, key, want) == 0 && p[want] == '=')
            return unquote(p + want + 1, mem);
        p += strcspn(p, "=;");
        if (*p == '=')
            p = skip_value(p + 1);
        p += strcspn(p, ";");
    }
    return NULL;
}

static bool boundary_valid(const char *b)
{
    size_t len = b ? strlen(b) : 0;

    if (len == 0 || len > 70 || b[len - 1] == ' ')
        return false;
    for (size_t i = 0; i < len; i++)
        if (b[i] < 0x20 || b[i] > 0x7e)
            return false;
    return true;
}

int cc_multipart_open(const char *content_type, const char *body, size_t len,
                      struct cc_multipart *ret)
{
    struct cc_arena *mem;
    struct cc_multipart it = {.end = body + len};
    const char *boundary;
    bool ok;

    if (strncasecmp(content_type, "multipart/form-data", 19) != 0 || strlen(content_type) > 1000)
        return cc_fail(CC_E_TYPE, "the body is no multipart/form-data");
    mem = cc_arena_new(8192);
    boundary = parameter(content_type, "boundary", mem);
    ok = boundary_valid(boundary);
    if (ok)
        it.mark_len = (size_t)snprintf(it.mark, sizeof it.mark, "\r\n--%s", boundary);
    cc_arena_free(&mem);
    if (!ok)
        return cc_fail(CC_E_INVALID, "multipart: no boundary, or not a valid one");

    /* The first boundary has no line end before it; what comes before it is ignored. */
    if (len + 2 >= it.mark_len && memcmp(body, it.mark + 2, it.mark_len - 2) == 0) {
        it.at = body + it.mark_len - 2;
    } else {
        it.at = memmem(body, len, it.mark, it.mark_len);
        if (!it.at)
            return cc_fail(CC_E_INVALID, "multipart: no boundary in the body");
        it.at += it.mark_len;
    }
    *ret = it;
    return 0;
}

static void read_line(const char *line, struct cc_arena *mem, struct cc_part *part)
{
    const char *value = strchr(line, ':');
    size_t len = value ? (size_t)(value - line) : 0;

    if (!value)
        return;
    value += 1 + strspn(value + 1, " \t");
    if (len == 12 && strncasecmp(line, "content-type", len) == 0)
        part->type = value;
    if (len != 19 || strncasecmp(line, "content-disposition", len) != 0)
        return;
    part->filename = parameter(value, "filename", mem);
    part->name = parameter(value, "name", mem);
}

/* The lines between a boundary and the empty line. */
static int read_head(struct cc_multipart *it, struct cc_arena *mem, struct cc_part *part)
{
    size_t room = (size_t)(it->end - it->at);
    const char *stop =
        memmem(it->at, room < CC_MULTIPART_HEAD_MAX ? room : CC_MULTIPART_HEAD_MAX, "\r\n\r\n", 4);
    char *line, *next;

    if (!stop)
        return cc_fail(CC_E_INVALID, "multipart: a part's header does not end");
    line = cc_arena_dupn(mem, it->at, (size_t)(stop - it->at));
    if (strlen(line) != (size_t)(stop - it->at) || !cc_utf8_valid(line, strlen(line)))
        return cc_fail(CC_E_INVALID, "multipart: a part's header is no text");
    for (; line; line = next) {
        next = strstr(line, "\r\n");
        if (next) {
            *next = '\0';
            next += 2;
        }
        read_line(line, mem, part);
    }
    it->at = stop + 4;
    return 0;
}

int cc_multipart_next(struct cc_multipart *it, struct cc_arena *mem, struct cc_part *ret)
{
    struct cc_part part = {.name = "", .type = ""};
    const char *stop;
    int rc;

    if (it->end - it->at >= 2 && memcmp(it->at, "--", 2) == 0)
        return CC_E_NOTFOUND;
    if (it->end - it->at < 2 || memcmp(it->at, "\r\n", 2) != 0)
        return cc_fail(CC_E_INVALID, "multipart: a boundary line goes on");
    if (++it->parts > CC_MULTIPART_PARTS_MAX)
        return cc_fail(CC_E_TOOBIG, "multipart: more than %d parts", CC_MULTIPART_PARTS_MAX);
    rc = read_head(it, mem, &part);
    if (rc != 0)
        return rc;

    /* an empty part: its last line end is also the mark's first */
    stop = memmem(it->at - 2, (size_t)(it->end - it->at) + 2, it->mark, it->mark_len);
    if (!stop)
        return cc_fail(CC_E_INVALID, "multipart: the last part does not end");
    part.bytes = it->at;
    part.len = stop < it->at ? 0 : (size_t)(stop - it->at);
    part.name = part.name ? part.name : "";
    it->at = stop + it->mark_len;
    *ret = part;
    return 0;
}

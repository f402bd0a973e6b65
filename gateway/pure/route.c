#include "gateway/pure/route.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static size_t segment(const char *at)
{
    return strcspn(at, "/");
}

static bool is_name(const char *pattern, size_t len)
{
    return len > 2 && pattern[0] == '{' && pattern[len - 1] == '}';
}

static bool take_segment(const char *pattern, size_t want, const char *path, size_t have,
                         struct cc_params *params)
{
    if (!is_name(pattern, want))
        return want == have && memcmp(pattern, path, want) == 0;
    if (have == 0 || params->n == CC_PARAMS_MAX)
        return false;
    params->at[params->n].name = pattern + 1;
    params->at[params->n].name_len = want - 2;
    params->at[params->n].value = path;
    params->at[params->n].len = have;
    params->n++;
    return true;
}

static bool matches(const char *pattern, const char *path, struct cc_params *params)
{
    params->n = 0;
    while (*pattern == '/' && *path == '/') {
        size_t want = segment(++pattern), have = segment(++path);

        if (!take_segment(pattern, want, path, have, params))
            return false;
        pattern += want;
        path += have;
    }
    return *pattern == '\0' && *path == '\0';
}

const struct cc_route *cc_route_find(const struct cc_route *rows, size_t n, unsigned method,
                                     const char *path, struct cc_match *ret)
{
    struct cc_params params;

    *ret = (struct cc_match){0};
    if (method == CC_HEAD)
        method = CC_GET;
    for (size_t i = 0; i < n; i++) {
        if (!matches(rows[i].pattern, path, &params))
            continue;
        ret->methods |= rows[i].methods;
        if (rows[i].methods & method) {
            ret->params = params;
            return &rows[i];
        }
    }
    return NULL;
}

char *cc_methods_print(unsigned methods, char *out)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{CC_GET, "GET"},        {CC_HEAD, "HEAD"},   {CC_POST, "POST"},
                 {CC_PUT, "PUT"},        {CC_PATCH, "PATCH"}, {CC_DELETE, "DELETE"},
                 {CC_OPTIONS, "OPTIONS"}};
    size_t len = 0;

    methods |= CC_OPTIONS | (methods & CC_GET ? CC_HEAD : 0);
    out[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (methods & names[i].bit)
            len += (size_t)snprintf(out + len, 64 - len, "%s%s", len ? ", " : "", names[i].name);
    return out;
}

#include "gateway/pure/page_policy.h"

#include <stdio.h>
#include <string.h>

#include "gateway/pure/origin.h"
#include "proto/base/buf.h"
#include "proto/base/json.h"

/* Only our own files, and nothing inline: what a model or a document says can load nothing.  And no
 * text becomes markup or code by a mistake of ours: browsers refuse the very assignment. */
#define FIXED                                                                                      \
    "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; "                   \
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

/* All or nothing: what is left out narrows the policy. */
static void add_source(struct cc_buf *out, const char *origin)
{
    if (!strchr(origin, '['))
        cc_buf_printf(out, " %s", origin);
}

static json_t *parse(const char *text)
{
    json_t *json = NULL;

    return cc_json_parse(text, strlen(text), &json) == 0 ? json : NULL;
}

/* ---- who may frame it ---- */

static bool anybody(const json_t *list)
{
    const char *only = json_string_value(json_array_get(list, 0));

    return json_array_size(list) == 1 && only && strcmp(only, "*") == 0;
}

static void add_ancestors(struct cc_buf *out, const char *origins)
{
    CC_AUTO(json_decref)
    json_t *list = parse(origins);
    char pattern[CC_ORIGIN_MAX];

    if (anybody(list)) {
        cc_buf_text(out, "; frame-ancestors *");
        return;
    }
    cc_buf_text(out, "; frame-ancestors 'self'");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (text && cc_origin_pattern(text, pattern))
            add_source(out, pattern);
    }
}

/* ---- what it shows, and whom it asks ---- */

/* The origin of an https address. */
static void add_picture(struct cc_buf *out, const json_t *address)
{
    const char *text = json_string_value(address);
    char origin[CC_ORIGIN_MAX];
    size_t len;

    if (!text || strncasecmp(text, "https://", 8) != 0)
        return;
    len = 8 + strcspn(text + 8, "/?#");
    if (len >= sizeof origin)
        return;
    snprintf(origin, sizeof origin, "%.*s", (int)len, text);
    if (cc_origin_valid(origin) && cc_origin_pattern(origin, origin))
        add_source(out, origin);
}

static void add_pictures(struct cc_buf *out, const char *widget)
{
    CC_AUTO(json_decref)
    json_t *json = parse(widget);

    cc_buf_text(out, "; img-src 'self' data:");
    add_picture(out, json_object_get(json, "logo"));
    add_picture(out, json_object_get(json, "avatar"));
}

/* Older browsers do not take 'self' for WebSockets, too.  Behind a proxy nobody says which scheme
 * it is: then both. */
static void add_sockets(struct cc_buf *out, const struct cc_page_policy *of)
{
    char url[300], origin[CC_ORIGIN_MAX];
    const char *host;
    bool known = *of->public_url != '\0';

    cc_buf_text(out, "; connect-src 'self'");
    snprintf(url, sizeof url, "%s%s", known ? "" : "http://", known ? of->public_url : of->host);
    if (!cc_origin_valid(url) || !cc_origin_pattern(url, origin))
        return;
    host = strstr(origin, "://");
    if (!known || strncmp(origin, "https", 5) != 0) {
        snprintf(url, sizeof url, "ws%s", host);
        add_source(out, url);
    }
    if (!known || strncmp(origin, "https", 5) == 0) {
        snprintf(url, sizeof url, "wss%s", host);
        add_source(out, url);
    }
}

const char *cc_page_policy_print(const struct cc_page_policy *of, struct cc_arena *mem)
{
    struct cc_buf out;
    const char *text;

    cc_buf_init(&out, CC_PAGE_POLICY_MAX);
    cc_buf_text(&out, FIXED);
    add_sockets(&out, of);
    add_pictures(&out, of->widget);
    add_ancestors(&out, of->origins);
    text = cc_arena_dupn(mem, out.bytes, out.len);
    cc_buf_done(&out);
    return text;
}

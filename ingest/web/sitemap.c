#include "ingest/web/sitemap.h"

#include <string.h>
#include <strings.h>

#include "ingest/web/markup.h"
#include "ingest/web/url.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/gzip.h"
#include "proto/base/text.h"

/* One that comes to nothing counts, too: a map of millions of them is read no further. */
static void keep(const char *text, size_t len, const char *own_url, struct cc_arena *mem,
                 struct cc_sitemap *ret)
{
    const char *url;

    ret->looked++;
    if (len && len <= CC_URL_MAX && cc_url_resolve(own_url, text, len, mem, &url) == 0)
        ret->url[ret->n++] = url;
}

/* Up to the next tag; a CDATA section as it is. */
static void keep_element(const struct cc_tag *tag, const char *end, const char *own_url,
                         struct cc_arena *mem, struct cc_sitemap *ret)
{
    static const char cdata[] = "<![CDATA[";
    const char *text = tag->text, *close;
    size_t len;

    text = cc_text_trim(text, (size_t)(end - text), &len);
    end = text + len;
    if (len >= sizeof cdata - 1 && memcmp(text, cdata, sizeof cdata - 1) == 0) {
        text += sizeof cdata - 1;
        close = memmem(text, (size_t)(end - text), "]]>", 3);
        if (close)
            keep(text, (size_t)(close - text), own_url, mem, ret);
        return;
    }
    close = memchr(text, '<', len);
    if (close && close - text <= CC_URL_MAX) {
        const char *plain = cc_markup_plain(text, (size_t)(close - text), mem);
        keep(plain, strlen(plain), own_url, mem, ret);
    }
}

/* Bytes of the prefix of a name with its colon: "sm:urlset". */
static size_t prefix_of(const struct cc_tag *tag)
{
    const char *colon = memchr(tag->name, ':', tag->name_len);

    return colon ? (size_t)(colon - tag->name) + 1 : 0;
}

/* The name without the prefix; only of the root's own namespace: <image:loc> is no page. */
static bool is_named(const struct cc_tag *tag, const struct cc_tag *root, const char *name)
{
    size_t n = prefix_of(root);

    return tag->name_len == n + strlen(name) && memcmp(tag->name, root->name, n) == 0 &&
           strncasecmp(tag->name + n, name, strlen(name)) == 0;
}

static int read_xml(const char *bytes, size_t len, const char *own_url, struct cc_arena *mem,
                    struct cc_sitemap *ret)
{
    struct cc_markup markup = {bytes, bytes + len, false};
    struct cc_tag root, tag;

    if (!cc_markup_next(&markup, &root))
        return cc_fail(CC_E_INVALID, "that is no sitemap");
    ret->index = is_named(&root, &root, "sitemapindex");
    if (!ret->index && !is_named(&root, &root, "urlset"))
        return cc_fail(CC_E_INVALID, "that is no sitemap but <%.*s>", (int)(root.name_len % 32),
                       root.name);
    while (ret->looked < CC_SITEMAP_URLS && cc_markup_next(&markup, &tag))
        if (!tag.closing && is_named(&tag, &root, "loc"))
            keep_element(&tag, bytes + len, own_url, mem, ret);
    return 0;
}

static int read_lines(const char *bytes, size_t len, const char *own_url, struct cc_arena *mem,
                      struct cc_sitemap *ret)
{
    const char *line, *end = bytes + len;
    size_t n;

    for (; bytes < end && ret->looked < CC_SITEMAP_URLS; bytes += n + 1) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t line_len;

        n = stop ? (size_t)(stop - bytes) : (size_t)(end - bytes);
        line = cc_text_trim(bytes, n, &line_len);
        if (line_len > 8 && strncasecmp(line, "http", 4) == 0)
            keep(line, line_len, own_url, mem, ret);
    }
    return ret->n ? 0 : cc_fail(CC_E_INVALID, "that is no sitemap");
}

static int read_plain(const char *bytes, size_t len, const char *own_url, struct cc_arena *mem,
                      struct cc_sitemap *ret)
{
    *ret = (struct cc_sitemap){.url = cc_arena_array(mem, CC_SITEMAP_URLS, sizeof *ret->url)};
    bytes = cc_text_trim(bytes, len, &len); /* a byte order mark counts as white space */
    if (len && *bytes == '<')
        return read_xml(bytes, len, own_url, mem, ret);
    return read_lines(bytes, len, own_url, mem, ret);
}

static int read_packed(const char *bytes, size_t len, const char *own_url, struct cc_arena *mem,
                       struct cc_sitemap *ret)
{
    CC_AUTOP(cc_buf_done) struct cc_buf plain;
    int rc;

    cc_buf_init(&plain, CC_SITEMAP_BYTES);
    rc = cc_gunzip(bytes, len, &plain);
    return rc ? rc : read_plain(plain.bytes, plain.len, own_url, mem, ret);
}

int cc_sitemap_read(const char *bytes, size_t len, const char *own_url, struct cc_arena *mem,
                    struct cc_sitemap *ret)
{
    return cc_gzip_is(bytes, len) ? read_packed(bytes, len, own_url, mem, ret)
                                  : read_plain(bytes, len, own_url, mem, ret);
}

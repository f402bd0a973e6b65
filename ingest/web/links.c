#include "ingest/web/links.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "ingest/web/markup.h"
#include "ingest/web/url.h"

#define SEEN_SLOTS 16384 /* a power of two, above twice CC_LINKS_MAX */

struct reader {
    const char *base, *agent;
    struct cc_arena *mem;
    struct cc_links *ret;
    size_t looked;
    uint16_t *seen; /* open hashing: number of the link + 1; 0: free */
    bool has_base;
};

static bool is_separator(char c)
{
    return c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Is the word in a list of them? */
static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);

    while (list && *list) {
        size_t len = strcspn(list, ", \t\r\n");

        if (len == n && strncasecmp(list, word, n) == 0)
            return true;
        for (list += len; is_separator(*list); list++)
            ;
    }
    return false;
}

static void take_directives(const char *list, struct cc_links *ret)
{
    bool none = has_word(list, "none");

    ret->no_index = ret->no_index || none || has_word(list, "noindex");
    ret->no_follow = ret->no_follow || none || has_word(list, "nofollow");
}

static uint32_t hash_of(const char *s)
{
    uint32_t h = 2166136261u; /* FNV-1a: whoever makes it collide slows down CC_LINKS_MAX links */

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

static void keep(struct reader *r, const char *url)
{
    uint32_t slot = hash_of(url) % SEEN_SLOTS;

    for (; r->seen[slot]; slot = (slot + 1) % SEEN_SLOTS)
        if (strcmp(r->ret->url[r->seen[slot] - 1], url) == 0)
            return;
    r->ret->url[r->ret->n++] = url;
    r->seen[slot] = (uint16_t)r->ret->n;
}

static void take_link(struct reader *r, const struct cc_tag *tag)
{
    const char *url, *href = cc_tag_attribute(tag, "href", r->mem);

    if (!href || r->looked == CC_LINKS_MAX ||
        has_word(cc_tag_attribute(tag, "rel", r->mem), "nofollow"))
        return;
    r->looked++;
    if (cc_url_resolve(r->base, href, strlen(href), r->mem, &url) == 0)
        keep(r, url);
}

/* The first one counts. */
static void take_base(struct reader *r, const struct cc_tag *tag)
{
    const char *href = cc_tag_attribute(tag, "href", r->mem);

    if (href && !r->has_base) {
        r->has_base = true;
        cc_url_resolve(r->base, href, strlen(href), r->mem, &r->base);
    }
}

static void take_meta(struct reader *r, const struct cc_tag *tag)
{
    const char *name = cc_tag_attribute(tag, "name", r->mem);

    if (name && (strcasecmp(name, "robots") == 0 || strcasecmp(name, r->agent) == 0))
        take_directives(cc_tag_attribute(tag, "content", r->mem), r->ret);
}

static void take(struct reader *r, const struct cc_tag *tag)
{
    static const struct {
        const char *name;
        void (*fn)(struct reader *r, const struct cc_tag *tag);
    } tags[] = {{"a", take_link}, {"area", take_link}, {"base", take_base}, {"meta", take_meta}};

    for (size_t i = 0; i < sizeof tags / sizeof *tags && !tag->closing; i++)
        if (cc_tag_is(tag, tags[i].name))
            tags[i].fn(r, tag);
}

void cc_links_read(const struct cc_links_page *page, struct cc_arena *mem, struct cc_links *ret)
{
    struct reader r = {.base = page->url, .agent = page->agent, .mem = mem, .ret = ret};
    struct cc_markup markup = {page->html, page->html + page->len, true};
    struct cc_tag tag;

    *ret = (struct cc_links){.url = cc_arena_array(mem, CC_LINKS_MAX, sizeof *ret->url)};
    r.seen = cc_arena_array(mem, SEEN_SLOTS, sizeof *r.seen);
    while (cc_markup_next(&markup, &tag))
        take(&r, &tag);
    if (ret->no_follow)
        ret->n = 0;
}

/* "noindex", or "agent: noindex" for one alone; but a few directives have a colon themselves. */
static bool is_name(const char *text, size_t len)
{
    static const char *const others[] = {"unavailable_after", "max-snippet", "max-image-preview",
                                         "max-video-preview"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (len == strlen(others[i]) && strncasecmp(text, others[i], len) == 0)
            return false;
    return !memchr(text, ',', len);
}

void cc_links_header(const char *value, const char *agent, struct cc_links *links)
{
    const char *colon = value ? strchr(value, ':') : NULL;
    size_t n = colon ? (size_t)(colon - value) : 0;

    if (colon && is_name(value, n)) {
        if (n != strlen(agent) || strncasecmp(value, agent, n) != 0)
            return;
        value = colon + 1;
    }
    if (value)
        take_directives(value, links);
    if (links->no_follow)
        links->n = 0;
}

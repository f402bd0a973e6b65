#include "ingest/web/robots.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ingest/web/url.h"
#include "proto/base/buf.h"
#include "proto/base/clean.h"
#include "proto/base/text.h"

#define DELAY_MAX_S 3600
/* Matching takes pattern times URL steps where there are stars: 64 KiB of them is far above what
 * sites have, and a bound on what a hostile one can cost. */
#define STARRED_MAX ((size_t)64 * 1024)

enum field { AGENT, ALLOW, DISALLOW, DELAY, SITEMAP, OTHER };

struct line {
    enum field field;
    const char *value;
    size_t len;
};

/* Reads twice: whether a group names us is known at the end only. */
struct reader {
    const char *agent;
    struct cc_arena *mem;
    struct cc_robots *ret;
    size_t room, starred;
    bool names_us;  /* groups that name us count, else those for all */
    bool in_agents; /* the last line was a User-agent */
    bool ours;      /* the group we are in */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

static enum field field_of(const char *name, size_t len)
{
    static const struct {
        const char *name;
        enum field field;
    } fields[] = {{"user-agent", AGENT},  {"useragent", AGENT},   {"allow", ALLOW},
                  {"disallow", DISALLOW}, {"crawl-delay", DELAY}, {"sitemap", SITEMAP},
                  {"site-map", SITEMAP}};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (len == strlen(fields[i].name) && strncasecmp(name, fields[i].name, len) == 0)
            return fields[i].field;
    return OTHER;
}

/* A line without its comment and the blanks around; false when it is no "field: value". */
static bool read_line(const char *s, size_t len, struct line *ret)
{
    const char *hash = memchr(s, '#', len), *colon;

    len = hash ? (size_t)(hash - s) : len;
    colon = memchr(s, ':', len);
    if (!colon)
        return false;
    const char *end = s + len, *value = colon + 1, *name_end = colon;

    while (s < name_end && is_blank(*s))
        s++;
    while (name_end > s && is_blank(name_end[-1]))
        name_end--;
    while (value < end && is_blank(*value))
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    *ret = (struct line){field_of(s, (size_t)(name_end - s)), value, (size_t)(end - value)};
    return true;
}

/* "ChatConnect/1.0" names ChatConnect, "ChatConnect-Images" does not. */
static bool names(const char *value, size_t len, const char *agent)
{
    size_t n = 0;

    while (n < len &&
           (value[n] == '-' || value[n] == '_' || (value[n] >= '0' && value[n] <= '9') ||
            (value[n] >= 'a' && value[n] <= 'z') || (value[n] >= 'A' && value[n] <= 'Z')))
        n++;
    return n && n == strlen(agent) && strncasecmp(value, agent, n) == 0;
}

static void take_agent(struct reader *r, const struct line *line)
{
    bool all = line->len && *line->value == '*', us = names(line->value, line->len, r->agent);

    if (!r->in_agents)
        r->ours = false;
    r->in_agents = true;
    r->ours = r->ours || (r->names_us ? us : all);
}

static void keep_rule(struct reader *r, struct cc_robots_rule rule)
{
    if (r->ret->n == r->room) {
        size_t room = r->room ? 2 * r->room : 16;
        struct cc_robots_rule *more = cc_arena_array(r->mem, room, sizeof *more);

        if (r->ret->n)
            memcpy(more, r->ret->rule, r->ret->n * sizeof *more);
        r->ret->rule = more;
        r->room = room;
    }
    r->ret->rule[r->ret->n++] = rule;
}

/* Rules are compared with URLs in the one spelling that these have.  An empty one says nothing. */
static void take_rule(struct reader *r, const struct line *line)
{
    struct cc_robots_rule rule = {.allow = line->field == ALLOW, .octets = line->len};
    size_t len = line->len;
    bool whole = len && line->value[len - 1] == '$';
    CC_AUTOP(cc_buf_done) struct cc_buf out;

    cc_buf_init(&out, 3 * CC_URL_MAX + 1);

    if (!r->ours || len == 0 || len > CC_URL_MAX || !(*line->value == '/' || *line->value == '*'))
        return;
    cc_url_escape(line->value, len - whole, &out);
    if (memchr(out.bytes, '*', out.len))
        r->starred += out.len;
    if (!whole)
        cc_buf_char(&out, '*');
    rule.pattern = cc_arena_dupn(r->mem, out.bytes, out.len);
    rule.len = out.len;
    if (r->starred <= STARRED_MAX)
        keep_rule(r, rule);
}

/* Seconds, perhaps with a fraction. */
static void take_delay(struct reader *r, const struct line *line)
{
    char text[16] = "", *end;

    if (!r->ours || line->len == 0 || line->len >= sizeof text)
        return;
    memcpy(text, line->value, line->len);
    double s = strtod(text, &end);
    if (*end || !(s > 0))
        return;
    r->ret->delay_ms = s > DELAY_MAX_S ? DELAY_MAX_S * 1000 : (int64_t)(s * 1000);
}

static void take_map(struct reader *r, const struct line *line)
{
    struct cc_robots *ret = r->ret;

    if (!ret->map)
        ret->map = cc_arena_array(r->mem, CC_ROBOTS_MAPS, sizeof *ret->map);
    if (ret->maps < CC_ROBOTS_MAPS && line->len && line->len <= CC_URL_MAX)
        ret->map[ret->maps++] = cc_arena_dupn(r->mem, line->value, line->len);
}

static void take(struct reader *r, const struct line *line)
{
    switch (line->field) {
    case AGENT: take_agent(r, line); return;
    case ALLOW:
    case DISALLOW:
        take_rule(r, line);
        r->in_agents = false;
        return;
    case DELAY: take_delay(r, line); return; /* no part of the standard: it ends no list of names */
    case SITEMAP: take_map(r, line); return; /* of all groups */
    case OTHER: return;
    }
}

typedef void line_fn(struct reader *r, const struct line *line);

static void each_line(struct reader *r, const char *text, size_t len, line_fn *fn)
{
    for (size_t i = 0, n; i < len; i += n + 1) {
        struct line line;

        for (n = 0; i + n < len && text[i + n] != '\n' && text[i + n] != '\r'; n++)
            ;
        if (read_line(text + i, n, &line))
            fn(r, &line);
    }
}

static void look_for_us(struct reader *r, const struct line *line)
{
    if (line->field == AGENT && names(line->value, line->len, r->agent))
        r->names_us = true;
}

void cc_robots_read(const char *text, size_t len, const char *agent, struct cc_arena *mem,
                    struct cc_robots *ret)
{
    struct reader r = {.agent = agent, .mem = mem, .ret = ret};

    *ret = (struct cc_robots){0};
    if (len > CC_ROBOTS_MAX)
        len = CC_ROBOTS_MAX;
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3, len -= 3;
    each_line(&r, text, len, look_for_us);
    each_line(&r, text, len, take);
}

bool cc_robots_allows(const struct cc_robots *robots, const char *target)
{
    const struct cc_robots_rule *best = NULL;
    size_t len = strlen(target);

    if (strcmp(target, "/robots.txt") == 0)
        return true;
    for (size_t i = 0; i < robots->n; i++) {
        const struct cc_robots_rule *rule = &robots->rule[i];

        if (best && (rule->octets < best->octets || (rule->octets == best->octets && best->allow)))
            continue;
        if (cc_url_like(rule->pattern, rule->len, target, len))
            best = rule;
    }
    return !best || best->allow;
}

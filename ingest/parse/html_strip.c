#include <string.h>
#include <strings.h>

#include "ingest/parse/html_tree.h"

struct scan {
    const char *at, *end;
    char *out;
    bool open; /* a comment that never ends was met: the rest is libxml2's to judge */
    bool bare; /* no '>' is left: nobody has to look for one again */
};

static bool starts(const struct scan *scan, const char *what)
{
    size_t n = strlen(what);

    return (size_t)(scan->end - scan->at) >= n && !strncasecmp(scan->at, what, n);
}

static void keep_to(struct scan *scan, const char *to)
{
    size_t n = (size_t)(to - scan->at);

    memcpy(scan->out, scan->at, n);
    scan->out += n;
    scan->at = to;
}

/* "<!-->" and "<!--->" are whole comments. */
static void drop_comment(struct scan *scan)
{
    const char *from = scan->at + 2;
    const char *end = memmem(from, (size_t)(scan->end - from), "-->", 3);

    if (starts(scan, "<!-->"))
        end = from;
    if (end) {
        scan->at = end + 3;
        return;
    }
    scan->open = true;
    keep_to(scan, scan->at + 1);
}

static void drop_condition(struct scan *scan)
{
    const char *end = NULL;

    if (starts(scan, "<![CDATA[")) {
        scan->at += 9;
        return;
    }
    if (!scan->bare)
        end = memchr(scan->at, '>', (size_t)(scan->end - scan->at));
    scan->bare = !end;
    if (end)
        scan->at = end + 1;
    else
        keep_to(scan, scan->at + 1);
}

/* To where the raw text of an element ends: "<!--" in a script is no comment. */
static void keep_raw(struct scan *scan, const char *closing)
{
    struct scan ahead = *scan;

    do {
        ahead.at = memchr(ahead.at + 1, '<', (size_t)(ahead.end - ahead.at) - 1);
    } while (ahead.at && !starts(&ahead, closing));
    keep_to(scan, ahead.at ? ahead.at : scan->end);
}

static void step(struct scan *scan)
{
    if (!scan->open && starts(scan, "<!--"))
        drop_comment(scan);
    else if (starts(scan, "<!["))
        drop_condition(scan);
    else if (starts(scan, "<script"))
        keep_raw(scan, "</script");
    else if (starts(scan, "<style"))
        keep_raw(scan, "</style");
    else
        keep_to(scan, scan->at + 1);
}

const char *cc_html_strip(const char *text, size_t *len, struct cc_arena *mem)
{
    struct scan scan = {.at = text, .end = text + *len};
    char *copy;

    if (!memmem(text, *len, "<!-", 3) && !memmem(text, *len, "<![", 3))
        return text;
    copy = scan.out = cc_arena_get(mem, *len + 1);
    while (scan.at < scan.end) {
        const char *next = memchr(scan.at, '<', (size_t)(scan.end - scan.at));

        keep_to(&scan, next ? next : scan.end);
        if (next)
            step(&scan);
    }
    *len = (size_t)(scan.out - copy);
    return copy;
}

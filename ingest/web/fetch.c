#include "ingest/web/fetch.h"

#include <string.h>
#include <strings.h>

#include "ingest/web/url.h"
#include "proto/base/buf.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/bus/turn.h"

#define TOTAL_MS   30000
#define FIRST_MS   15000
#define WAIT_MAX_S 60 /* of Retry-After */
#define HEADER_MAX 1000

#define ACCEPT                                                                                     \
    "Accept: text/html, application/xhtml+xml, application/pdf, text/*;q=0.9, application/*;q=0.5"

bool cc_web_is_own(const char *allow, const char *url, struct cc_arena *mem)
{
    const char *place = cc_url_place(url, mem);
    size_t n = strlen(place);

    while (*allow) {
        size_t len = strcspn(allow, ", ");

        if (len == n && strncasecmp(allow, place, n) == 0)
            return true;
        allow += len;
        allow += strspn(allow, ", ");
    }
    return false;
}

/* ---- the site's turn ---- */

/* The site's row, or that which has been free for longest. */
static struct cc_web_turn *turn_of(struct cc_web_client *client, const char *site)
{
    struct cc_web_turn *oldest = client->turn;

    for (int i = 0; i < CC_WEB_SITES; i++) {
        struct cc_web_turn *t = &client->turn[i];

        if (strncmp(t->site, site, sizeof t->site - 1) == 0)
            return t;
        if (t->next_ms < oldest->next_ms)
            oldest = t;
    }
    *oldest = (struct cc_web_turn){.next_ms = 0};
    memcpy(oldest->site, site, strnlen(site, sizeof oldest->site - 1));
    return oldest;
}

/* Our own turns hold also while Redis is away, which knows those of all processes. */
static int await_turn(struct cc_web_client *client, const char *site, int64_t pause_ms)
{
    struct cc_web_turn *t = turn_of(client, site);
    char who[CC_SHA256_HEX];
    int64_t wait_ms = 0, at;

    if (pause_ms < client->pause_ms)
        pause_ms = client->pause_ms;
    cc_sha256_hex(site, strlen(site), who);
    if (client->live && cc_turn_take(client->live, who, pause_ms, &wait_ms) == CC_E_CANCELLED)
        return CC_E_CANCELLED;
    at = cc_now() + wait_ms;
    if (at < t->next_ms)
        at = t->next_ms;
    t->next_ms = at + pause_ms;
    return at > cc_now() ? cc_sleep(at - cc_now()) : 0;
}

/* ---- one exchange ---- */

static const char *header(struct cc_stream *stream, const char *name, struct cc_arena *mem)
{
    const char *value = cc_stream_header(stream, name);

    return cc_arena_dup(mem, value ? value : "");
}

/* One that is kept or sent back: "" unless it is short and printable. */
static const char *kept_header(struct cc_stream *stream, const char *name, struct cc_arena *mem)
{
    const char *value = header(stream, name, mem);

    for (const char *p = value; *p; p++)
        if (*p < ' ' || *p > '~' || p - value >= HEADER_MAX)
            return "";
    return value;
}

static const char *plain_type(const char *type, struct cc_arena *mem)
{
    char *plain = cc_arena_dupn(mem, type, strcspn(type, "; \t,"));

    for (char *p = plain; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p |= 0x20;
    return plain;
}

static int read_body(struct cc_stream *stream, const struct cc_web_ask *ask, struct cc_arena *mem,
                     struct cc_web_page *ret)
{
    CC_AUTOP(cc_buf_done) struct cc_buf body;
    int64_t deadline_ms = cc_now() + TOTAL_MS;
    const char *bytes;
    size_t len, room;
    int rc;

    cc_buf_init(&body, ask->cap);
    while ((rc = cc_stream_read(stream, deadline_ms, &bytes, &len)) == 0 && len > 0) {
        room = ask->cap - body.len;
        cc_buf_add(&body, bytes, len < room ? len : room);
        if (len > room && !ask->cut)
            return cc_fail(CC_E_TOOBIG, "the page is longer than %zu bytes", ask->cap);
        if (len > room)
            break;
    }
    if (rc == CC_E_TIMEOUT && cc_now() >= deadline_ms)
        return cc_fail(rc, "the page did not come in %d s", TOTAL_MS / 1000);
    ret->body = cc_arena_dupn(mem, body.bytes, body.len);
    ret->len = body.len;
    return rc;
}

struct hop {
    struct cc_web_page page;
    const char *location;
    int retry_after_s;
};

static int exchange(struct cc_web_client *client, const struct cc_web_ask *ask,
                    struct cc_arena *mem, struct hop *ret)
{
    CC_AUTOP(cc_stream_close) struct cc_stream *stream = NULL;
    const char *headers[6] = {client->agent, ACCEPT};
    int n = 2, rc;

    if (ask->etag && *ask->etag)
        headers[n++] = cc_arena_printf(mem, "If-None-Match: %s", ask->etag);
    if (ask->modified && *ask->modified)
        headers[n++] = cc_arena_printf(mem, "If-Modified-Since: %s", ask->modified);
    const struct cc_http_req req = {.url = ask->url,
                                    .headers = headers,
                                    .first_ms = FIRST_MS,
                                    .idle_ms = FIRST_MS,
                                    .ahead_bytes = ask->cap + 1, /* unpacking may not be paused */
                                    .packed = true,
                                    .trusted = cc_web_is_own(client->allow, ask->url, mem)};
    if ((rc = cc_http_start(client->http, &req, &stream)) != 0)
        return rc;
    *ret = (struct hop){.page = {.status = cc_stream_status(stream),
                                 .url = ask->url,
                                 .etag = kept_header(stream, "etag", mem),
                                 .modified = kept_header(stream, "last-modified", mem),
                                 .robots = kept_header(stream, "x-robots-tag", mem),
                                 .body = ""},
                        .location = header(stream, "location", mem),
                        .retry_after_s = cc_stream_retry_after(stream)};
    ret->page.type = plain_type(kept_header(stream, "content-type", mem), mem);
    return ret->page.status == 200 ? read_body(stream, ask, mem, &ret->page) : 0;
}

/* Is it worth asking once more? */
static bool may_come_right(int rc, const struct hop *hop)
{
    if (rc)
        return rc == CC_E_UPSTREAM || rc == CC_E_TIMEOUT;
    return hop->page.status == 429 || hop->page.status >= 500;
}

static int ask_often(struct cc_web_client *client, const struct cc_web_ask *ask, int64_t pause_ms,
                     struct cc_arena *mem, struct hop *ret)
{
    static const int pauses_ms[] = {1000, 4000};
    const char *site = cc_url_origin(ask->url, mem);
    int rc;

    for (size_t i = 0;; i++) {
        rc = await_turn(client, site, pause_ms);
        if (rc == 0)
            rc = exchange(client, ask, mem, ret);
        if (i == sizeof pauses_ms / sizeof *pauses_ms || !may_come_right(rc, ret))
            return rc;
        int wait_ms = pauses_ms[i];
        if (rc == 0 && ret->retry_after_s > 0)
            wait_ms = 1000 * (ret->retry_after_s < WAIT_MAX_S ? ret->retry_after_s : WAIT_MAX_S);
        if ((rc = cc_sleep(wait_ms)) != 0)
            return rc;
    }
}

static bool is_redirect(const struct hop *hop)
{
    int s = hop->page.status;

    return *hop->location && (s == 301 || s == 302 || s == 303 || s == 307 || s == 308);
}

int cc_web_fetch(struct cc_web_client *client, const struct cc_web_ask *ask, struct cc_arena *mem,
                 struct cc_web_page *ret)
{
    struct cc_web_ask now = *ask;
    int most = ask->hops ? ask->hops : CC_WEB_HOPS;
    struct hop hop;

    for (int hops = 0; hops <= most; hops++) {
        int64_t pause_ms = 0;
        int rc = ask->may ? ask->may(ask->arg, now.url, &pause_ms) : 0;

        if (rc == 0)
            rc = ask_often(client, &now, pause_ms, mem, &hop);
        if (rc)
            return rc;
        if (!is_redirect(&hop)) {
            *ret = hop.page;
            return 0;
        }
        rc = cc_url_resolve(now.url, hop.location, strlen(hop.location), mem, &now.url);
        if (rc)
            return rc;
        now.etag = now.modified = ""; /* they are of another page */
    }
    return cc_fail(CC_E_REFUSED, "more than %d redirects", most);
}

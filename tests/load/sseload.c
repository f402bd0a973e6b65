/*
 * sseload - asks many questions at once and measures every token of every stream.
 *
 *     sseload PORT KEY STREAMS PER_SECOND SECONDS TOKENS
 *
 * PER_SECOND 0: STREAMS connections ask again and again (closed loop); else streams begin at that
 * rate, at most STREAMS at once (open loop).  The first second is not counted.  Tokens carry the
 * marks of mockllm; the text of each stream is compared with its `done` event.  Prints one JSON
 * line: times in microseconds; added_first is what the path adds to the time to the first token.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/buf.h"
#include "proto/base/json.h"
#include "proto/base/text.h"
#include "proto/http/sse.h"
#include "tests/load/net.h"

struct sample {
    double *v;
    size_t n, room;
};
static struct sample added_first, token_delay, whole;
static int64_t port, most, per_second, seconds, tokens;
static const char *key;
static uint64_t count_from, count_to, asked;
static int64_t open_now, ok, inexact, short_of, refused, broken, counted_tokens;
static bool stopping;

static void sample_add(struct sample *s, double x)
{
    if (s->n == s->room) {
        s->room = s->room ? s->room * 2 : 65536;
        s->v = realloc(s->v, s->room * sizeof *s->v);
        if (s->v == NULL)
            abort();
    }
    s->v[s->n++] = x;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static json_t *sample_json(struct sample *s)
{
    if (s->n == 0)
        return json_null();
    qsort(s->v, s->n, sizeof *s->v, by_size);
#define AT(p) s->v[(size_t)((double)(s->n - 1) * (p))]
    return json_pack("{s:I,s:f,s:f,s:f,s:f}", "n", (json_int_t)s->n, "p50", AT(.5), "p90", AT(.9),
                     "p99", AT(.99), "max", AT(1));
#undef AT
}

/* ---- one stream ---- */
struct stream {
    uint64_t asked_ns;
    int64_t seen;
    struct cc_buf text;
    bool ended, exact;
    int status;
};

static bool counts(uint64_t t)
{
    return t >= count_from && t < count_to;
}

/* "@R<ns>@" and "@<ns>@" in one token's text */
static void read_marks(struct stream *s, const char *text, const char *end_of, uint64_t t)
{
    uint64_t request = 0;

    for (const char *p = text; (p = memchr(p, '@', (size_t)(end_of - p))) != NULL;) {
        bool is_request = p[1] == 'R';
        char *end;
        uint64_t ns = strtoull(p + 1 + is_request, &end, 10);

        p = *end == '@' && end > p + 1 ? end + 1 : p + 1;
        if (ns < 1000000000u)
            continue;
        if (is_request) {
            request = ns;
            continue;
        }
        double late = (double)(int64_t)(t - ns) / 1e3;
        if (s->seen++ == 0 && request != 0 && counts(s->asked_ns))
            sample_add(&added_first, late + (double)(int64_t)(request - s->asked_ns) / 1e3);
        if (counts(t)) {
            sample_add(&token_delay, late);
            counted_tokens++;
        }
    }
}

/* The text as it stands in the JSON, escapes and all: what a token costs us must not be what we
 * measure.  Both sides of the comparison come from the same printer. */
static bool raw_text(const char *data, const char **ret, size_t *ret_len)
{
    static const char KEY[] = "\"text\":\"";
    const char *from = strstr(data, KEY), *to;

    if (from == NULL)
        return false;
    from += sizeof KEY - 1;
    for (to = from; *to != '"' && *to != '\0'; to++)
        if (*to == '\\')
            to++;
    *ret = from;
    *ret_len = (size_t)(to - from);
    return *to == '"';
}

static void take_event(struct stream *s, const struct cc_sse_event *e, uint64_t t)
{
    const char *text;
    size_t len;

    if (strcmp(e->event, "token") == 0 && raw_text(e->data, &text, &len)) {
        cc_buf_add(&s->text, text, len);
        read_marks(s, text, text + len, t);
    } else if (strcmp(e->event, "done") == 0 && raw_text(e->data, &text, &len)) {
        s->ended = true;
        s->exact = len == s->text.len && memcmp(text, s->text.bytes, len) == 0;
    } else if (strcmp(e->event, "error") == 0) {
        s->ended = true;
        fprintf(stderr, "error: %s\n", e->data);
    }
}

/* Takes the chunk framing off: what is left goes to the SSE reader. */
struct unchunk {
    size_t left;
    int state; /* 0 size line, 1 body, 2 line end */
    size_t size;
    bool last;
};
static void feed(struct stream *s, struct unchunk *u, struct cc_sse *sse, const char *p, size_t n)
{
    uint64_t t = net_ns();

    while (n > 0) {
        if (u->state == 1) {
            size_t take = n < u->left ? n : u->left, rest = take;
            const char *q = p;
            struct cc_sse_event e;
            while (cc_sse_take(sse, &q, &rest, &e) == 1)
                take_event(s, &e, t);
            p += take, n -= take, u->left -= take;
            if (u->left == 0)
                u->state = 2;
            continue;
        }
        char c = *p++;
        n--;
        if (c == '\n') {
            u->last = u->state == 0 && u->size == 0;
            u->left = u->size;
            u->state = u->state == 0 && u->size > 0 ? 1 : 0;
            u->size = 0;
        } else if (u->state == 0 && c != '\r') {
            char hex[2] = {c, 0};
            u->size = u->size * 16 + strtoul(hex, NULL, 16);
        }
    }
}

static int send_question(int fd)
{
    struct cc_buf q;
    char number[24];
    CC_AUTO(json_decref)
    json_t *body = NULL;

    snprintf(number, sizeof number, "%llu", (unsigned long long)++asked);
    body = json_pack("{s:s}", "message", number);
    cc_buf_init(&q, 4096);
    cc_buf_printf(&q,
                  "POST /api/widget/chat/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: %s\r\n"
                  "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                  key, json_dumpb(body, NULL, 0, JSON_COMPACT));
    cc_json_print(body, &q);
    int rc = net_send(fd, q.bytes, q.len);
    cc_buf_done(&q);
    return rc;
}

/* Reads one whole response; true when the connection can be used again. */
static bool read_stream(struct cc_fdwait *f, struct stream *s)
{
    struct unchunk u = {.state = 0};
    struct cc_sse sse;
    char bytes[4096];
    size_t have = 0;
    int64_t n;
    bool head = false;

    cc_sse_init(&sse);
    while (!u.last &&
           (n = net_recv(f, bytes + have, sizeof bytes - 1 - have, cc_now() + 60000)) > 0) {
        have += (size_t)n;
        bytes[have] = '\0';
        const char *from = bytes;
        if (!head) {
            const char *end = strstr(bytes, "\r\n\r\n");
            if (end == NULL)
                continue;
            head = true;
            s->status = (int)strtol(bytes + 9, NULL, 10);
            if (s->status != 200)
                break;
            from = end + 4;
        }
        feed(s, &u, &sse, from, have - (size_t)(from - bytes));
        have = 0;
    }
    cc_sse_done(&sse);
    return u.last;
}

static void tell(const struct stream *s)
{
    uint64_t t = net_ns();

    if (s->status != 200 && s->status != 0)
        refused++;
    else if (!s->ended)
        broken++;
    else if (!s->exact)
        inexact++;
    else if (tokens > 0 && s->seen != tokens)
        short_of++;
    else if (counts(s->asked_ns)) {
        ok++;
        sample_add(&whole, (double)(t - s->asked_ns) / 1e3);
    }
}

static bool ask_once(struct cc_fdwait *f)
{
    struct stream s = {.asked_ns = net_ns()};
    bool again;

    cc_buf_init(&s.text, 1 << 20);
    again = send_question(f->watch.fd) == 0 && read_stream(f, &s);
    tell(&s);
    cc_buf_done(&s.text);
    return again;
}

static void visitor(void *arg)
{
    bool once = arg != NULL, again = true;

    open_now++;
    while (again && !stopping) {
        struct cc_fdwait f;
        int fd = net_connect((int)port, cc_now() + 10000);
        if (fd < 0) {
            broken++;
            break;
        }
        cc_fdwait_init(&f, fd);
        do
            again = ask_once(&f);
        while (again && !once && !stopping);
        cc_fdwait_done(&f);
        close(fd);
        again = !once;
    }
    open_now--;
}

static void drive(void *arg)
{
    int64_t begin = cc_now(), end = begin + (seconds + 1) * 1000, begun = 0;

    for (int64_t i = 0; per_second == 0 && i < most; i++)
        cc_task_spawn("visitor", visitor, NULL, NULL);
    while (cc_now() < end) {
        int64_t due = per_second * (cc_now() - begin) / 1000;
        for (; begun < due; begun++)
            if (open_now < most)
                cc_task_spawn("visitor", visitor, &begun, NULL);
        cc_sleep(2);
    }
    stopping = true;
    for (int64_t late = cc_now() + 60000; open_now > 0 && cc_now() < late;)
        cc_sleep(20);
    *(bool *)arg = true;
}

static void report(void)
{
    json_t *j = json_pack(
        "{s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:o,s:o,s:o}", "ok", (json_int_t)ok, "inexact",
        (json_int_t)inexact, "short", (json_int_t)short_of, "refused", (json_int_t)refused,
        "broken", (json_int_t)broken, "streams_per_s", (double)ok / (double)seconds, "tokens_per_s",
        (double)counted_tokens / (double)seconds, "added_first_us", sample_json(&added_first),
        "token_us", sample_json(&token_delay), "whole_us", sample_json(&whole));

    json_dumpf(j, stdout, JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(j);
}

int main(int argc, char **argv)
{
    static bool done;

    if (argc != 7 || !cc_text_int(argv[1], 1, 65535, &port) ||
        !cc_text_int(argv[3], 1, 20000, &most) || !cc_text_int(argv[4], 0, 100000, &per_second) ||
        !cc_text_int(argv[5], 1, 3600, &seconds) || !cc_text_int(argv[6], 0, 100000, &tokens)) {
        fprintf(stderr, "usage: sseload PORT KEY STREAMS PER_SECOND SECONDS TOKENS\n");
        return 2;
    }
    key = argv[2];
    net_many_files();
    cc_task_opts(64 * 1024, 8192, false);
    cc_loop_init(NULL);
    count_from = net_ns() + 1000000000u;
    count_to = count_from + (uint64_t)seconds * 1000000000u;
    cc_task_spawn("drive", drive, &done, NULL);
    cc_loop_run(&done);
    report();
    return refused + broken + inexact + short_of > 0;
}

/*
 * house.h - a gateway and a worker as processes of their own, on a Redis of their own, and a
 * client that speaks HTTP to them.  Runs under tests/support/servers (for PostgreSQL).
 *
 * The gateway's standard error goes to a file: a report of a sanitizer in it fails the test.
 */
#ifndef CC_TESTS_GATEWAY_HOUSE_H
#define CC_TESTS_GATEWAY_HOUSE_H

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "proto/base/config.h"
#include "proto/base/json.h"
#include "proto/seal/key.h"
#include "tests/integration/bus/redis_server.h"
#include "tests/support/store.h"

#define ORIGIN   "Origin: https://good.example\r\n"
#define ANSWER_S 60

struct house {
    struct store store;
    struct server redis;
    struct cc_redis *live;
    pid_t gateway, worker;
    int port;
    char bot[CC_ID_MAX], pub[CC_KEY_MAX], sec[CC_KEY_MAX], pub_id[CC_ID_MAX];
    char log[128];
};

struct answer {
    int status;
    char *head, *body; /* in the house's memory; body de-chunked */
    size_t len;
    int64_t took_ms;
    bool whole; /* the answer came to its end */
};

/* ---- processes ---- */

static inline int free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    close(fd);
    return ntohs(at.sin_port);
}

static inline const char *binary(struct house *h, const char *name)
{
    return cc_arena_printf(h->store.mem, "%s/%s", store_env("CC_BIN"), name);
}

/* settings: NAME=value, ..., NULL, over our own environment. */
static inline pid_t house_run(struct house *h, const char *name, const char *const *settings)
{
    const char *path = binary(h, name);
    pid_t pid = fork();
    int fd;

    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fd = open(h->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    for (int i = 0; settings && settings[i]; i++)
        putenv((char *)(uintptr_t)settings[i]);
    execl(path, path, (char *)NULL);
    _exit(127);
}

static inline void add_bot(struct house *h, const char *model)
{
    struct cc_bot bot = {.id = cc_id_sorted("bot", h->bot),
                         .tenant = h->store.tenant,
                         .name = "Bot",
                         .system = "",
                         .provider = "scripted",
                         .model = model,
                         .temperature = -1,
                         .max_tokens = 500,
                         .top_k = 5,
                         .origins = "[\"https://good.example\"]",
                         .widget = "{\"greeting\": \"Hello\"}",
                         .refusal = ""};
    char id[CC_ID_MAX];

    cr_assert_eq(cc_bot_add(h->store.pg, &bot), 0, "%s", cc_fail_text());
    cc_key_make(CC_KEY_PUBLIC, h->pub);
    cc_key_make(CC_KEY_SECRET, h->sec);
    cr_assert_eq(cc_api_key_add(h->store.pg, h->store.tenant, h->bot,
                                cc_id_sorted("key", h->pub_id), h->pub),
                 0);
    cr_assert_eq(
        cc_api_key_add(h->store.pg, h->store.tenant, h->bot, cc_id_sorted("key", id), h->sec), 0);
}

/* Another tenant with a bot and keys of its own, behind the same gateway. */
static inline struct house house_other(struct house *h, const char *model)
{
    struct house other = *h;

    store_other(&h->store, &other.store);
    add_bot(&other, model);
    return other;
}

static inline struct answer get(struct house *h, const char *path, const char *headers);

static inline void house_await(struct house *h)
{
    int64_t end = cc_clock_ms() + 20000;

    while (get(h, "/health/ready", "").status != 200) {
        cr_assert_eq(waitpid(h->gateway, NULL, WNOHANG), 0, "the gateway ended: see %s", h->log);
        cr_assert_lt(cc_clock_ms(), end, "the gateway does not become ready: see %s", h->log);
        poll(NULL, 0, 10);
    }
}

/* model: of the scripted provider; settings may be NULL; worker: start one, too. */
static inline void house_open(struct house *h, const char *model, const char *const *settings,
                              bool worker)
{
    char supp[512];

    memset(h, 0, sizeof *h);
    store_open(&h->store);
    server_start(&h->redis, "no", "");
    snprintf(h->log, sizeof h->log, "%s/log", h->redis.dir);
    cr_assert_eq(cc_config_load(), 0, "%s", cc_fail_text());
    h->live = server_client(&h->redis);
    chmod(h->redis.dir, 0755); /* as root the gateway's workers are nobody */
    chmod(h->redis.socket, 0777);
    add_bot(h, model);
    h->port = free_port();
    snprintf(supp, sizeof supp, "suppressions=%.*s/gateway/asan/lsan.supp",
             (int)(strstr(__FILE__, "/tests/integration/") - __FILE__), __FILE__);
    setenv("LSAN_OPTIONS", supp, 1);
    setenv("CC_REDIS_QUEUE", h->redis.url, 1);
    setenv("CC_REDIS_LIVE", h->redis.url, 1);
    setenv("CC_GATEWAY_PORT", cc_arena_printf(h->store.mem, "%d", h->port), 1);
    setenv("CC_EMBED", "hash", 1);
    setenv("CC_GRACE_MS", "500", 1);
    setenv("CC_STATIC_DIR", h->redis.dir, 1);
    h->gateway = house_run(h, "cc-gateway", settings);
    if (worker)
        h->worker = house_run(h, "cc-worker", NULL);
    house_await(h);
}

/* Exit code, or minus the signal. */
static inline int house_end(pid_t *pid, int sig)
{
    int status = 0;

    if (*pid <= 0)
        return 0;
    kill(*pid, sig);
    waitpid(*pid, &status, 0);
    *pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline void house_check_log(struct house *h)
{
    char *text = cc_arena_get(h->store.mem, 4 << 20);
    FILE *in = fopen(h->log, "r");
    const char *bad;

    cr_assert_not_null(in);
    text[fread(text, 1, (4 << 20) - 1, in)] = '\0';
    fclose(in);
    bad = strstr(text, "ERROR: ");
    cr_expect_null(bad, "%.3000s", bad);
    bad = strstr(text, "runtime error:");
    cr_expect_null(bad, "%.3000s", bad);
    cr_expect_null(strstr(text, h->pub), "a key stands in the log");
    cr_expect_null(strstr(text, h->sec), "a key stands in the log");
}

static inline void house_close(struct house *h)
{
    cr_expect_eq(house_end(&h->gateway, SIGTERM), 0, "the gateway ends in good order");
    house_end(&h->worker, SIGKILL); /* its own tests see it end in good order */
    house_check_log(h);
    cc_redis_close(&h->live);
    server_end(&h->redis);
    store_close(&h->store);
}

/* ---- HTTP ---- */

static inline int dial(const struct house *h)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)h->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

static inline void send_text(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        text += n;
        len -= (size_t)n;
    }
}

/* Reads until the peer closes, or until stop is in what came; false: nothing for a minute. */
static inline bool read_until(int fd, struct cc_buf *in, const char *stop)
{
    char part[65536];
    struct pollfd p = {.fd = fd, .events = POLLIN};

    while (!(stop && strstr(in->bytes, stop))) {
        ssize_t n;

        if (poll(&p, 1, ANSWER_S * 1000) != 1)
            return false;
        n = recv(fd, part, sizeof part, 0);
        if (n <= 0)
            return stop == NULL;
        cc_buf_add(in, part, (size_t)n);
    }
    return true;
}

static inline void unchunk(struct answer *a, const char *at)
{
    char *out = a->body;

    a->len = 0;
    a->whole = false;
    while (*at) {
        char *end;
        size_t n = strtoul(at, &end, 16);

        if (end == at || strncmp(end, "\r\n", 2) != 0 || strlen(end + 2) < n + 2)
            return; /* cut */
        memmove(out + a->len, end + 2, n);
        a->len += n;
        out[a->len] = '\0';
        at = end + 2 + n + 2;
        a->whole |= n == 0;
    }
}

static inline struct answer parse_answer(struct house *h, const struct cc_buf *in)
{
    struct answer a = {.head = cc_arena_dupn(h->store.mem, in->bytes, in->len)};
    char *end = strstr(a.head, "\r\n\r\n");

    if (!end || sscanf(a.head, "HTTP/1.1 %d", &a.status) != 1)
        return (struct answer){.head = (char *)(uintptr_t) "", .body = (char *)(uintptr_t) ""};
    *end = '\0';
    a.body = end + 4;
    a.len = in->len - (size_t)(a.body - a.head);
    a.whole = true;
    if (strcasestr(a.head, "transfer-encoding: chunked"))
        unchunk(&a, cc_arena_dup(h->store.mem, a.body));
    return a;
}

struct asking {
    const char *method, *path, *headers, *body;
    size_t len;       /* of body; 0: it is text */
    const char *stop; /* leave when this was received; NULL: read to the end */
};

static inline struct answer ask(struct house *h, const struct asking *q)
{
    size_t len = q->body ? (q->len ? q->len : strlen(q->body)) : 0;
    char *head = cc_arena_printf(h->store.mem,
                                 "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n"
                                 "%s",
                                 q->method, q->path, h->port, q->headers ? q->headers : "");
    int64_t begun = cc_clock_ms();
    struct answer a = {.head = (char *)(uintptr_t) "", .body = (char *)(uintptr_t) ""};
    struct cc_buf in;
    int fd = dial(h);

    if (fd < 0)
        return a;
    cc_buf_init(&in, 16 << 20);
    send_text(fd, head, strlen(head));
    if (q->body) {
        char *length = cc_arena_printf(h->store.mem, "Content-Length: %zu\r\n\r\n", len);

        send_text(fd, length, strlen(length));
        send_text(fd, q->body, len);
    } else {
        send_text(fd, "\r\n", 2);
    }
    cr_expect(read_until(fd, &in, q->stop), "%s %s does not answer", q->method, q->path);
    close(fd);
    a = parse_answer(h, &in);
    a.took_ms = cc_clock_ms() - begun;
    cc_buf_done(&in);
    return a;
}

static inline struct answer get(struct house *h, const char *path, const char *headers)
{
    return ask(h, &(struct asking){.method = "GET", .path = path, .headers = headers});
}

static inline const char *visitor(struct house *h)
{
    return cc_arena_printf(h->store.mem, ORIGIN "x-api-key: %s\r\n", h->pub);
}

static inline const char *owner(struct house *h)
{
    return cc_arena_printf(h->store.mem, "Authorization: Bearer %s\r\n", h->sec);
}

static inline struct answer post(struct house *h, const char *path, const char *headers,
                                 const char *body)
{
    return ask(h,
               &(struct asking){.method = "POST", .path = path, .headers = headers, .body = body});
}

/* A header's value; NULL when absent. */
static inline const char *header(struct house *h, const struct answer *a, const char *name)
{
    const char *at = strcasestr(a->head, cc_arena_printf(h->store.mem, "\r\n%s: ", name));

    at = at ? at + strlen(name) + 4 : NULL;
    return at ? cc_arena_dupn(h->store.mem, at, strcspn(at, "\r")) : NULL;
}

/* A text member of the body, "" when absent. */
static inline const char *member(struct house *h, const struct answer *a, const char *key)
{
    json_t *body = NULL;
    const char *text = "";

    if (cc_json_parse(a->body, a->len, &body) == 0)
        text = cc_arena_dup(h->store.mem, cc_json_str(body, key, ""));
    json_decref(body);
    return text;
}

/* ---- event streams ---- */

struct told {
    char *tokens;     /* of the last attempt, joined */
    const char *done; /* text of the done event, NULL: none came */
    const char *answer, *session, *last, *error, *finish;
    int events, ends, repeated;
};

static inline void take_event(struct house *h, struct told *t, const char *name, const char *data)
{
    json_t *json = NULL;

    cr_assert_eq(cc_json_parse(data, strlen(data), &json), 0, "%s", data);
    t->events++;
    if (strcmp(name, "accepted") == 0) {
        t->answer = cc_arena_dup(h->store.mem, cc_json_str(json, "answerId", ""));
        t->session = cc_arena_dup(h->store.mem, cc_json_str(json, "sessionId", ""));
    } else if (strcmp(name, "start") == 0) {
        t->tokens[0] = '\0';
    } else if (strcmp(name, "token") == 0) {
        char *end = t->tokens + strlen(t->tokens);

        memcpy(end, cc_json_str(json, "text", ""), strlen(cc_json_str(json, "text", "")) + 1);
    } else if (strcmp(name, "done") == 0) {
        t->done = cc_arena_dup(h->store.mem, cc_json_str(json, "text", ""));
        t->finish = cc_arena_dup(h->store.mem, cc_json_str(json, "finishReason", ""));
        t->ends++;
    } else if (strcmp(name, "error") == 0) {
        t->error = cc_arena_dup(h->store.mem, cc_json_str(json, "code", ""));
        t->ends++;
    }
    json_decref(json);
}

/* Goes on with *t: a resumed stream continues the tokens of the broken one. */
static inline void take_stream(struct house *h, struct told *t, const struct answer *a)
{
    char *at = cc_arena_dupn(h->store.mem, a->body, a->len), *next;
    const char *name = NULL, *data = NULL, *id = NULL;

    if (!t->tokens)
        t->tokens = cc_arena_get(h->store.mem, 1 << 20);
    for (; at; at = next) {
        next = strchr(at, '\n');
        if (!next)
            return; /* cut within a line */
        *next++ = '\0';
        if (strncmp(at, "id: ", 4) == 0)
            id = at + 4;
        else if (strncmp(at, "event: ", 7) == 0)
            name = at + 7;
        else if (strncmp(at, "data: ", 6) == 0)
            data = at + 6;
        if (*at || !name || !data)
            continue;
        t->repeated += id && t->last && strcmp(id, t->last) == 0;
        take_event(h, t, name, data);
        t->last = id ? id : t->last;
        name = data = id = NULL;
    }
}

static inline struct told chat(struct house *h, const char *headers, const char *body)
{
    struct answer a = post(h, "/api/widget/chat/stream", headers, body);
    struct told t = {0};

    cr_assert_eq(a.status, 200, "%s", a.body);
    take_stream(h, &t, &a);
    return t;
}

#endif

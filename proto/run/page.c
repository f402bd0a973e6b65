#include "proto/run/page.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/buf.h"
#include "proto/base/metrics.h"
#include "proto/run/run.h"
#include "proto/task/task.h"

#define CONNS_MAX   16
#define REQUEST_MAX 4096
#define METRICS_MAX (16 * 1024 * 1024)
#define SERVE_MS    2000
#define PAUSE_MS    100 /* after an accept() that failed for want of something */

struct conn {
    struct cc_page *page;
    struct cc_task_ref task;
    int fd; /* -1: free */
};
struct cc_page {
    int fd, port;
    struct cc_task_ref accepter;
    int tasks; /* that use us */
    struct cc_wait idle;
    struct conn conns[CONNS_MAX];
};

static void task_ends(struct cc_page *page)
{
    if (--page->tasks == 0)
        cc_wait_done(&page->idle);
}

/* ---- the answer ---- */
static void say_metrics(struct cc_buf *out)
{
    cc_run_measure();
    cc_metrics_render(out);
}

static void say_alive(struct cc_buf *out)
{
    cc_buf_text(out, "ok\n");
}

static const struct route {
    const char *path, *type;
    void (*say)(struct cc_buf *out);
} routes[] = {
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", say_metrics},
    {"/health/live", "text/plain; charset=utf-8", say_alive},
};

static void answer(const char *status, const struct route *route, struct cc_buf *out)
{
    struct cc_buf body;

    cc_buf_init(&body, METRICS_MAX);
    if (route)
        route->say(&body);
    cc_buf_printf(out, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n", status,
                  route ? route->type : "text/plain; charset=utf-8", body.len);
    cc_buf_text(out, "Cache-Control: no-store\r\nConnection: close\r\n\r\n");
    cc_buf_add(out, body.bytes, body.len);
    cc_buf_done(&body);
}

/* line: "METHOD PATH VERSION", cut at its end. */
static void answer_line(char *line, struct cc_buf *out)
{
    char *path = strchr(line, ' '), *version = path ? strchr(path + 1, ' ') : NULL;

    if (!version || strncmp(version + 1, "HTTP/1.", 7) != 0) {
        answer("400 Bad Request", NULL, out);
        return;
    }
    *path++ = '\0';
    *version = '\0';
    if (strcmp(line, "GET") != 0) {
        answer("405 Method Not Allowed", NULL, out);
        return;
    }
    path[strcspn(path, "?")] = '\0';
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(path, routes[i].path) == 0) {
            answer("200 OK", &routes[i], out);
            return;
        }
    }
    answer("404 Not Found", NULL, out);
}

/* ---- one connection ---- */

/* Until the empty line.  TOOBIG, DOWN when the client went. */
static int read_head(int fd, int64_t end_ms, struct cc_buf *in)
{
    char bytes[1024];

    while (!strstr(in->bytes, "\r\n\r\n")) {
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return CC_E_DOWN;
        if (n > 0)
            cc_buf_add(in, bytes, (size_t)n);
        if (cc_buf_over(in))
            return CC_E_TOOBIG;
        int rc = n < 0 ? cc_wait_fd(fd, CC_READ, end_ms) : 0;
        if (rc)
            return rc;
    }
    return 0;
}

static void write_all(int fd, int64_t end_ms, struct cc_buf *out)
{
    size_t at = 0;

    while (at < out->len) {
        ssize_t n = send(fd, out->bytes + at, out->len - at, MSG_NOSIGNAL);
        if (n > 0)
            at += (size_t)n;
        else if (errno != EAGAIN && errno != EINTR)
            return;
        else if (cc_wait_fd(fd, CC_WRITE, end_ms))
            return;
    }
}

static void serve(void *arg)
{
    struct conn *conn = arg;
    int64_t end_ms = cc_now() + SERVE_MS;
    struct cc_buf in, out;

    cc_buf_init(&in, REQUEST_MAX);
    cc_buf_init(&out, METRICS_MAX + 1024);
    int rc = read_head(conn->fd, end_ms, &in);
    if (rc == CC_E_TOOBIG) {
        answer("431 Request Header Fields Too Large", NULL, &out);
    } else if (rc == 0) {
        in.bytes[strcspn(in.bytes, "\r\n")] = '\0';
        answer_line(in.bytes, &out);
    }
    write_all(conn->fd, end_ms, &out);
    cc_buf_done(&in);
    cc_buf_done(&out);
    close(conn->fd);
    conn->fd = -1;
    task_ends(conn->page);
}

/* ---- the door ---- */
static struct conn *find_free(struct cc_page *page)
{
    for (int i = 0; i < CONNS_MAX; i++) {
        if (page->conns[i].fd < 0)
            return &page->conns[i];
    }
    return NULL;
}

static void admit(struct cc_page *page, int fd)
{
    struct conn *conn = find_free(page);

    if (!conn) {
        close(fd);
        return;
    }
    conn->fd = fd;
    page->tasks++;
    if (cc_task_spawn("page", serve, conn, &conn->task)) {
        close(fd);
        conn->fd = -1;
        page->tasks--;
    }
}

static void accept_all(void *arg)
{
    struct cc_page *page = arg;
    int rc = 0;

    while (rc == 0) {
        int fd = accept4(page->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            admit(page, fd);
        else if (errno == EAGAIN)
            rc = cc_wait_fd(page->fd, CC_READ, CC_NEVER);
        else if (errno != EINTR && errno != ECONNABORTED)
            rc = cc_sleep(PAUSE_MS);
    }
    task_ends(page);
}

static int listen_on(int port, int *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, CONNS_MAX) ||
        getsockname(fd, (struct sockaddr *)&at, &len)) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return cc_fail(CC_E_DOWN, "port %d of 127.0.0.1: %s", port, strerror(why));
    }
    *ret_port = ntohs(at.sin_port);
    return fd;
}

int cc_page_open(int port, struct cc_page **ret)
{
    int bound = 0, fd = listen_on(port, &bound);

    if (fd < 0)
        return fd;
    struct cc_page *page = calloc(1, sizeof *page);
    assert(page);
    page->fd = fd;
    page->port = bound;
    for (int i = 0; i < CONNS_MAX; i++)
        page->conns[i] = (struct conn){.page = page, .fd = -1};
    page->tasks = 1;
    int rc = cc_task_spawn("page-door", accept_all, page, &page->accepter);
    if (rc) {
        close(fd);
        free(page);
        return rc;
    }
    *ret = page;
    return 0;
}

int cc_page_port(const struct cc_page *page)
{
    return page->port;
}

void cc_page_close(struct cc_page **p)
{
    struct cc_page *page = *p;

    if (!page)
        return;
    cc_task_cancel(page->accepter);
    for (int i = 0; i < CONNS_MAX; i++) {
        if (page->conns[i].fd >= 0)
            cc_task_cancel(page->conns[i].task);
    }
    if (page->tasks > 0)
        cc_wait_for(&page->idle, CC_NEVER); /* cancelled: they end in the next turn */
    close(page->fd);
    free(page);
    *p = NULL;
}

/*
 * server.h - an HTTP server that does as the path says, in a process of its own, for tests of the
 * client.  One process per connection.  What both sides know lies in shared memory.
 */
#ifndef CC_TESTS_HTTP_SERVER_H
#define CC_TESTS_HTTP_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct server {
    pid_t pid;
    int port;
    int go[2]; /* a byte lets /step send its next piece */
    struct server_shared {
        atomic_long sent;                  /* bytes of /flood that left */
        atomic_int blocked, gone, accepts; /* /flood met a full socket; a client hung up */
    } * shared;
};

static inline void server_say(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        _exit(0);
}

static inline void server_step(const struct server *s, int fd)
{
    char byte;

    server_say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 1; i <= 3; i++) {
        char piece[32];

        if (read(s->go[0], &byte, 1) != 1)
            _exit(0);
        snprintf(piece, sizeof piece, "5\r\npart%d\r\n", i);
        server_say(fd, piece);
    }
    server_say(fd, "0\r\n\r\n");
}

/* Never silent for long, and never done. */
static inline void server_drip(int fd)
{
    server_say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (;;) {
        server_say(fd, "1\r\n.\r\n");
        poll(NULL, 0, 10);
    }
}

static inline void server_flood(const struct server *s, int fd)
{
    static char block[65536];
    long left = 64 << 20;

    memset(block, 'f', sizeof block);
    server_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n");
    while (left > 0) {
        ssize_t n = send(fd, block, sizeof block, MSG_NOSIGNAL | MSG_DONTWAIT);
        struct pollfd p = {.fd = fd, .events = POLLOUT};

        if (n > 0) {
            left -= n;
            atomic_fetch_add(&s->shared->sent, n);
        } else if (poll(&p, 1, 400) == 0) {
            atomic_store(&s->shared->blocked, 1);
        } else if (p.revents & (POLLERR | POLLHUP)) {
            atomic_store(&s->shared->gone, 1);
            return;
        }
    }
}

static inline void server_wait_gone(const struct server *s, int fd)
{
    char byte;

    if (recv(fd, &byte, 1, 0) <= 0)
        atomic_store(&s->shared->gone, 1);
    _exit(0);
}

static inline void server_echo(int fd, const char *request)
{
    char answer[1024];
    const char *body = strstr(request, "\r\n\r\n") + 4;
    int method = (int)strcspn(request, " ");

    snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%.*s %.500s",
             strlen(body) + (size_t)method + 1, method, request, body);
    server_say(fd, answer);
}

static inline void server_redirect(int fd, const char *request)
{
    char answer[512];
    const char *to = strstr(request, "to=") + 3;

    snprintf(answer, sizeof answer,
             "HTTP/1.1 302 Found\r\nLocation: %.*s\r\nContent-Length: 4\r\n\r\nmove",
             (int)strcspn(to, " "), to);
    server_say(fd, answer);
}

struct server_page {
    const char *path, *answer;
};
static const struct server_page server_pages[] = {
    {"/hello",
     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Twice: a\r\nContent-Length: 5\r\n\r\nhello"},
    {"/nobody", "HTTP/1.1 204 No Content\r\n\r\n"},
    {"/cut", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n0123456789"},
    {"/cutchunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n"},
    {"/silent", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"},
    {"/early", "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
               "2\r\n\r\nok"},
    {"/busy", "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy"},
    {"/later", "HTTP/1.1 503 No\r\nRetry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\nContent-Length: "
               "0\r\n\r\n"},
    {"/garbage", "220 smtp ready\r\n"},
};

static inline void server_answer(const struct server *s, int fd, const char *request)
{
    const char *path = strchr(request, ' ') + 1;

    for (size_t i = 0; i < sizeof server_pages / sizeof *server_pages; i++) {
        const struct server_page *page = &server_pages[i];
        size_t n = strlen(page->path);

        if (strncmp(path, page->path, n) == 0 && (path[n] == ' ' || path[n] == '?')) {
            server_say(fd, page->answer);
            if (strncmp(page->path, "/cut", 4) == 0 || strcmp(page->path, "/garbage") == 0)
                _exit(0);
            return;
        }
    }
    if (strncmp(path, "/step", 5) == 0)
        server_step(s, fd);
    else if (strncmp(path, "/drip", 5) == 0)
        server_drip(fd);
    else if (strncmp(path, "/flood", 6) == 0)
        server_flood(s, fd);
    else if (strncmp(path, "/mute", 5) == 0)
        server_wait_gone(s, fd);
    else if (strncmp(path, "/echo", 5) == 0)
        server_echo(fd, request);
    else if (strncmp(path, "/redirect", 9) == 0)
        server_redirect(fd, request);
    else
        server_say(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

static inline size_t server_declared(const char *request)
{
    const char *p = strcasestr(request, "content-length:");

    return p ? strtoul(p + 15, NULL, 10) : 0;
}

static inline void server_connection(const struct server *s, int fd)
{
    static char request[65536];

    for (;;) {
        size_t len = 0;
        char *end = NULL;

        do {
            ssize_t n = recv(fd, request + len, sizeof request - 1 - len, 0);
            if (n <= 0) {
                atomic_store(&s->shared->gone, 1);
                return;
            }
            len += (size_t)n;
            request[len] = '\0';
            end = strstr(request, "\r\n\r\n");
        } while (!end || len < (size_t)(end + 4 - request) + server_declared(request));
        server_answer(s, fd, request);
    }
}

static inline void server_serve(const struct server *s, int listener)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);

        atomic_fetch_add(&s->shared->accepts, 1);
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            server_connection(s, fd);
            _exit(0);
        }
        close(fd);
    }
}

/* On a port of its own of all IPv4 and IPv6 addresses. */
static inline struct server server_start(void)
{
    struct server s = {0};
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    socklen_t size = sizeof any;
    int off = 0, listener = socket(AF_INET6, SOCK_STREAM, 0);

    setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(listener, (struct sockaddr *)&any, sizeof any) || listen(listener, 64) ||
        getsockname(listener, (struct sockaddr *)&any, &size) || pipe(s.go))
        abort();
    s.port = ntohs(any.sin6_port);
    s.shared =
        mmap(NULL, sizeof *s.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    s.pid = fork();
    if (s.pid == 0)
        server_serve(&s, listener);
    close(listener);
    return s;
}

static inline void server_stop(struct server *s)
{
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    munmap(s->shared, sizeof *s->shared);
    close(s->go[0]);
    close(s->go[1]);
}

#endif

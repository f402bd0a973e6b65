/*
 * scripted.h - an HTTP server that gives prepared answers one after another (the last one for
 * ever), in a process of its own, and remembers what it was asked.
 */
#ifndef CC_TESTS_VEC_SCRIPTED_H
#define CC_TESTS_VEC_SCRIPTED_H

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRIPTED_REQUEST 65536

struct scripted_answer {
    int status;
    const char *headers; /* each ended by CRLF; "" for none */
    const char *body;
};
struct scripted {
    pid_t pid;
    int port;
    struct scripted_seen {
        atomic_int requests;
        char last[SCRIPTED_REQUEST]; /* head and body of the last one */
    } * seen;
};

static inline bool scripted_read(int fd, char *request)
{
    size_t len = 0;

    for (;;) {
        ssize_t n = recv(fd, request + len, SCRIPTED_REQUEST - 1 - len, 0);
        const char *end, *declared;

        if (n <= 0)
            return false;
        len += (size_t)n;
        request[len] = '\0';
        end = strstr(request, "\r\n\r\n");
        declared = strcasestr(request, "content-length:");
        if (end && declared && len >= (size_t)(end + 4 - request) + strtoul(declared + 15, 0, 10))
            return true;
    }
}

static inline void scripted_say(int fd, const struct scripted_answer *answer)
{
    char head[512];

    snprintf(head, sizeof head,
             "HTTP/1.1 %d Scripted\r\nConnection: close\r\n%s"
             "Content-Length: %zu\r\n\r\n",
             answer->status, answer->headers, strlen(answer->body));
    send(fd, head, strlen(head), MSG_NOSIGNAL);
    send(fd, answer->body, strlen(answer->body), MSG_NOSIGNAL);
}

static inline void scripted_serve(struct scripted *s, int listener,
                                  const struct scripted_answer *answer, int n)
{
    static char request[SCRIPTED_REQUEST];

    for (;;) {
        int fd = accept(listener, NULL, NULL);

        if (fd >= 0 && scripted_read(fd, request)) {
            int at = atomic_load(&s->seen->requests);

            memcpy(s->seen->last, request, sizeof request);
            atomic_fetch_add(&s->seen->requests, 1);
            scripted_say(fd, &answer[at < n ? at : n - 1]);
        }
        close(fd);
    }
}

static inline struct scripted scripted_start(const struct scripted_answer *answer, int n)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof any;
    struct scripted s = {0};
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(bind(listener, (struct sockaddr *)&any, sizeof any), 0);
    cr_assert_eq(listen(listener, 16), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&any, &len), 0);
    s.port = ntohs(any.sin_port);
    s.seen = mmap(NULL, sizeof *s.seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    s.pid = fork();
    if (s.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        scripted_serve(&s, listener, answer, n);
    }
    close(listener);
    return s;
}

static inline void scripted_stop(struct scripted *s)
{
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    munmap(s->seen, sizeof *s->seen);
}

#endif

#include "tests/load/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

int net_listen(int port)
{
    struct sockaddr_in a = loopback(port);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 4096) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int net_accept(struct cc_fdwait *listener)
{
    int one = 1;

    for (;;) {
        int fd = accept4(listener->watch.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd != -1) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            return fd;
        }
        int rc = cc_fdwait(listener, CC_READ, CC_NEVER);
        if (rc != 0)
            return rc;
    }
}

int net_connect(int port, int64_t deadline_ms)
{
    struct sockaddr_in a = loopback(port);
    int one = 1, error = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t len = sizeof error;

    if (fd == -1)
        return CC_E_BUSY;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int rc = connect(fd, (struct sockaddr *)&a, sizeof a);
    if (rc != 0 && errno == EINPROGRESS)
        rc = cc_wait_fd(fd, CC_WRITE, deadline_ms);
    if (rc != 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
        close(fd);
        return CC_E_DOWN;
    }
    return fd;
}

int net_send(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
            continue;
        }
        if (errno != EAGAIN)
            return CC_E_DOWN;
        int rc = cc_wait_fd(fd, CC_WRITE, CC_NEVER);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int64_t net_recv(struct cc_fdwait *f, char *bytes, size_t room, int64_t deadline_ms)
{
    for (;;) {
        ssize_t n = recv(f->watch.fd, bytes, room, 0);

        if (n >= 0)
            return n;
        if (errno != EAGAIN)
            return CC_E_DOWN;
        int rc = cc_fdwait(f, CC_READ, deadline_ms);
        if (rc != 0)
            return rc;
    }
}

void net_many_files(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

uint64_t net_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

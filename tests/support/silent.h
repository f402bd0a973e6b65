/*
 * silent.h - a service that takes connections and never answers.
 *
 *     int service = silent_open(&port);
 *     ...
 *     silent_count(service)    how often somebody connected since
 *     close(service)
 */
#ifndef CC_TESTS_SILENT_H
#define CC_TESTS_SILENT_H

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int silent_open(int *ret_port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof any;
    int service = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    cr_assert_eq(bind(service, (struct sockaddr *)&any, sizeof any), 0);
    cr_assert_eq(listen(service, 16), 0);
    cr_assert_eq(getsockname(service, (struct sockaddr *)&any, &len), 0);
    *ret_port = ntohs(any.sin_port);
    return service;
}

static inline int silent_count(int service)
{
    int n = 0;

    for (int fd; (fd = accept(service, NULL, NULL)) >= 0; n++)
        close(fd);
    return n;
}

#endif

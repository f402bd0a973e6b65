/*
 * redis_server.h - a Redis server of a test's own, to be killed and flushed as it likes.
 *
 * It listens on a socket in a new folder and dies with the test's process.
 */
#ifndef CC_TESTS_BUS_REDIS_SERVER_H
#define CC_TESTS_BUS_REDIS_SERVER_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/bus/redis.h"

struct server {
    char dir[64], socket[96], url[128];
    const char *append_only, *password;
    pid_t pid;
};

static inline void server_run(struct server *s)
{
    s->pid = fork();
    cr_assert_geq(s->pid, 0);
    if (s->pid > 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 1);
    dup2(null, 2);
    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", s->socket, "--dir",
           s->dir, "--save", "", "--appendonly", s->append_only, "--appendfsync", "always",
           "--requirepass", s->password, (char *)NULL);
    _exit(127);
}

static inline void server_start(struct server *s, const char *append_only, const char *password)
{
    *s = (struct server){
        .dir = "/tmp/cc-bus.XXXXXX", .append_only = append_only, .password = password};
    cr_assert_not_null(mkdtemp(s->dir));
    snprintf(s->socket, sizeof s->socket, "%s/redis.sock", s->dir);
    snprintf(s->url, sizeof s->url, "unix:%s", s->socket);
    server_run(s);
}

static inline void server_kill(struct server *s)
{
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
}

static inline int server_remove_file(const char *path, const struct stat *st, int type,
                                     struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline void server_end(struct server *s)
{
    server_kill(s);
    nftw(s->dir, server_remove_file, 8, FTW_DEPTH | FTW_PHYS);
}

static inline int64_t in_ms(int64_t ms)
{
    return cc_clock_ms() + ms;
}

/* A client of ours, connected. */
static inline struct cc_redis *server_client(const struct server *s)
{
    struct cc_redis *redis = NULL;

    cr_assert_eq(cc_redis_open(s->url, &redis), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_redis_ready(redis, in_ms(10000)), 0, "%s", cc_fail_text());
    return redis;
}

/* The server dies and comes back; the client knows of both. */
static inline void server_crash(struct server *s, struct cc_redis *const *clients, int n)
{
    server_kill(s);
    for (int i = 0; i < n; i++)
        cr_assert_eq(cc_redis_ping(clients[i], 5000), CC_E_DOWN);
    server_run(s);
    for (int i = 0; i < n; i++)
        cr_assert_eq(cc_redis_ready(clients[i], in_ms(10000)), 0, "%s", cc_fail_text());
}

/* What the server itself says, past our code: the number, or the length of what came. */
__attribute__((format(printf, 2, 3))) static inline int64_t server_ask(const struct server *s,
                                                                       const char *fmt, ...)
{
    redisContext *c = redisConnectUnix(s->socket);
    va_list ap;

    cr_assert(c && !c->err);
    va_start(ap, fmt);
    redisReply *r = redisvCommand(c, fmt, ap);
    va_end(ap);
    cr_assert_not_null(r);
    int64_t n = r->type == REDIS_REPLY_INTEGER  ? r->integer
                : r->type == REDIS_REPLY_ARRAY  ? (int64_t)r->elements
                : r->type == REDIS_REPLY_STRING ? strtoll(r->str, NULL, 10)
                : r->type == REDIS_REPLY_NIL    ? -1
                                                : 0;
    cr_assert_neq(r->type, REDIS_REPLY_ERROR, "%s", r->str);
    freeReplyObject(r);
    redisFree(c);
    return n;
}

#endif

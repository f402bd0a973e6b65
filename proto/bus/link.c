/* hiredis is entered from the loop's stack; tasks only append commands, or give a link up. */
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "proto/base/clock.h"
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/bus/redis_link.h"

#define BACKOFF_MIN_MS 50
#define BACKOFF_MAX_MS 1000
#define GREETING_MS    3000
#define READ_IDLE      (256 * 1024) /* bytes hiredis keeps for the next read */

/* hiredis 0.14 frees a reply after its callback; the one kept is left alone. */
static redisReply *kept;

void cc_link_keep(redisReply *reply)
{
    kept = reply;
}

static void free_unless_kept(void *reply)
{
    if (reply == kept)
        kept = NULL;
    else
        freeReplyObject(reply);
}

/* ---- the end of a connection ---- */
static void try_later(struct cc_link *link)
{
    cc_timer_set(&link->timer, cc_now() + link->backoff_ms);
    link->backoff_ms *= 2;
    if (link->backoff_ms > BACKOFF_MAX_MS)
        link->backoff_ms = BACKOFF_MAX_MS;
}

static void lose(struct cc_link *link)
{
    bool was_up = link->up;

    if (!link->ac)
        return;
    link->ac = NULL; /* hiredis frees it */
    link->up = false;
    if (link->closing)
        return;
    try_later(link);
    if (!link->complained)
        cc_log(CC_WARN, was_up ? "redis_lost" : "redis_unreachable",
               cc_s("server", link->url->host), cc_i("port", link->url->port));
    link->complained = true;
    if (was_up) {
        cc_metric_add(CC_M_REDIS_LOST, NULL, 1);
        link->on_lost(link);
    }
}

void cc_link_drop(struct cc_link *link)
{
    if (link->ac)
        redisAsyncFree(link->ac); /* in one of its callbacks: done after it */
    lose(link);
}

static void on_disconnect(const redisAsyncContext *ac, int status)
{
    struct cc_link *link = ac->data;

    (void)status;
    if (link->ac == ac)
        lose(link);
}

/* ---- hiredis's wishes, on our loop ---- */
static void on_add_read(void *p)
{
    struct cc_link *link = p;

    cc_watch_want(&link->watch, link->watch.want | CC_READ);
}

static void on_del_read(void *p)
{
    struct cc_link *link = p;

    link->watch.want &= ~(unsigned)CC_READ;
}

/* epoll is not asked yet: the hook writes at the end of this turn, once for all tasks. */
static void on_add_write(void *p)
{
    struct cc_link *link = p;

    link->watch.want |= CC_WRITE;
    cc_hook_set(&link->flush);
}

static void on_del_write(void *p)
{
    struct cc_link *link = p;

    link->watch.want &= ~(unsigned)CC_WRITE;
}

static void on_cleanup(void *p)
{
    struct cc_link *link = p;

    cc_watch_done(&link->watch);
}

static void on_flush(struct cc_hook *hook)
{
    struct cc_link *link = hook->arg;

    if (link->ac && link->ac->c.flags & REDIS_CONNECTED)
        redisAsyncHandleWrite(link->ac);
    if (link->ac && link->watch.want & CC_WRITE) /* connecting, or the socket is full */
        cc_watch_want(&link->watch, link->watch.want);
}

static void on_event(struct cc_watch *watch, unsigned events)
{
    struct cc_link *link = watch->arg;

    link->heard_ms = cc_now();
    if (events & (CC_READ | CC_HUP) && link->ac)
        redisAsyncHandleRead(link->ac);
    if (events & CC_WRITE && link->ac && link->watch.want & CC_WRITE)
        redisAsyncHandleWrite(link->ac);
}

/* ---- the beginning of one ---- */
static void refuse(struct cc_link *link, const char *event, const redisReply *reply)
{
    if (reply) { /* NULL: lost meanwhile */
        if (!link->complained)
            cc_log(CC_WARN, event, cc_s("server", link->url->host), cc_s("why", reply->str));
        link->complained = true;
    }
    cc_link_drop(link);
}

static void on_auth(redisAsyncContext *ac, void *reply, void *arg)
{
    struct cc_link *link = arg;
    const redisReply *r = reply;

    if (link->ac == ac && (!r || r->type == REDIS_REPLY_ERROR))
        refuse(link, "redis_login_refused", r);
}

static void on_pong(redisAsyncContext *ac, void *reply, void *arg)
{
    struct cc_link *link = arg;
    const redisReply *r = reply;

    if (link->ac != ac)
        return;
    if (!r || r->type == REDIS_REPLY_ERROR) {
        refuse(link, "redis_not_ready", r);
        return;
    }
    cc_timer_stop(&link->timer);
    if (link->complained)
        cc_log(CC_INFO, "redis_back", cc_s("server", link->url->host));
    link->complained = false;
    link->backoff_ms = BACKOFF_MIN_MS;
    link->up = true;
    link->epoch += link->was_up;
    link->was_up = true;
    link->on_up(link);
}

/* Another host that vanished says nothing: after about 10 s the kernel gives up for us. */
static void tune_tcp(int fd)
{
    static const struct {
        int level, name, value;
    } opts[] = {
        {IPPROTO_TCP, TCP_NODELAY, 1},  {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 4}, {IPPROTO_TCP, TCP_KEEPINTVL, 2},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},  {IPPROTO_TCP, TCP_USER_TIMEOUT, 10000},
    };

    for (size_t i = 0; i < sizeof opts / sizeof opts[0]; i++)
        setsockopt(fd, opts[i].level, opts[i].name, &opts[i].value, sizeof opts[i].value);
}

static void on_connect(const redisAsyncContext *ac, int status)
{
    struct cc_link *link = ac->data;

    if (status != REDIS_OK)
        lose(link); /* hiredis frees it */
    else if (link->url->port)
        tune_tcp(ac->c.fd);
}

static void greet(struct cc_link *link)
{
    const struct cc_redis_url *url = link->url;

    if (url->user[0])
        redisAsyncCommand(link->ac, on_auth, link, "AUTH %s %s", url->user, url->password);
    else if (url->password[0])
        redisAsyncCommand(link->ac, on_auth, link, "AUTH %s", url->password);
    redisAsyncCommand(link->ac, on_pong, link, "PING");
}

static void attach(struct cc_link *link)
{
    redisAsyncContext *ac = link->ac;

    link->objects = *ac->c.reader->fn;
    link->objects.freeObject = free_unless_kept;
    ac->c.reader->fn = &link->objects;
    ac->c.reader->maxbuf = READ_IDLE;
    ac->data = link;
    cc_watch_init(&link->watch, ac->c.fd, on_event, link);
    ac->ev.data = link;
    ac->ev.addRead = on_add_read;
    ac->ev.delRead = on_del_read;
    ac->ev.addWrite = on_add_write;
    ac->ev.delWrite = on_del_write;
    ac->ev.cleanup = on_cleanup;
    redisAsyncSetConnectCallback(ac, on_connect);
    redisAsyncSetDisconnectCallback(ac, on_disconnect);
}

static void connect_now(struct cc_link *link)
{
    const struct cc_redis_url *url = link->url;

    link->ac =
        url->port ? redisAsyncConnect(url->host, url->port) : redisAsyncConnectUnix(url->host);
    assert(link->ac); /* no memory */
    if (link->ac->err) {
        redisAsyncContext *failed = link->ac;
        lose(link);
        redisAsyncFree(failed);
        return;
    }
    attach(link);
    cc_timer_set(&link->timer, cc_now() + GREETING_MS);
    greet(link);
}

static void on_timer(struct cc_timer *timer)
{
    struct cc_link *link = timer->arg;

    if (link->ac)
        cc_link_drop(link); /* it took too long to answer */
    else
        connect_now(link);
}

void cc_link_open(struct cc_link *link)
{
    link->flush = (struct cc_hook){.fn = on_flush, .arg = link};
    link->timer = (struct cc_timer){.fn = on_timer, .arg = link};
    link->backoff_ms = BACKOFF_MIN_MS;
    connect_now(link);
}

void cc_link_close(struct cc_link *link)
{
    link->closing = true;
    cc_timer_stop(&link->timer);
    cc_link_drop(link);
    cc_hook_drop(&link->flush);
}

#include "proto/http/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/http/http_run.h"

struct sock {
    struct cc_watch watch;
    struct cc_http *http;
};

/* Transfers that are over wake their task. */
static void reap(struct cc_http *http)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct cc_stream *stream = NULL;

        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&stream);
        stream->result = msg->data.result;
        stream->done = true;
        cc_wait_done(&stream->wait);
    }
}

static void on_socket_event(struct cc_watch *watch, unsigned events)
{
    struct sock *sock = watch->arg;
    struct cc_http *http = sock->http;
    int running, what = (events & CC_READ ? CURL_CSELECT_IN : 0) |
                        (events & CC_WRITE ? CURL_CSELECT_OUT : 0) |
                        (events & CC_HUP ? CURL_CSELECT_ERR : 0);

    curl_multi_socket_action(http->multi, watch->fd, what, &running); /* may free sock */
    reap(http);
}

static struct sock *sock_new(struct cc_http *http, curl_socket_t fd)
{
    struct sock *sock = calloc(1, sizeof *sock);

    if (!sock)
        abort();
    sock->http = http;
    cc_watch_init(&sock->watch, fd, on_socket_event, sock);
    curl_multi_assign(http->multi, fd, sock);
    return sock;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sockp)
{
    struct cc_http *http = arg;
    struct sock *sock = sockp;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (sock)
            cc_watch_done(&sock->watch);
        free(sock);
        curl_multi_assign(http->multi, fd, NULL);
        return 0;
    }
    if (!sock)
        sock = sock_new(http, fd);
    cc_watch_want(&sock->watch, (what & CURL_POLL_IN ? (unsigned)CC_READ : 0) |
                                    (what & CURL_POLL_OUT ? (unsigned)CC_WRITE : 0));
    return 0;
}

static void time_is_up(struct cc_http *http)
{
    int running;

    curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    reap(http);
}

static void on_kick(struct cc_hook *hook)
{
    time_is_up(hook->arg);
}

static void on_timer(struct cc_timer *timer)
{
    time_is_up(timer->arg);
}

static int on_want_timer(CURLM *multi, long ms, void *arg)
{
    struct cc_http *http = arg;

    (void)multi;
    if (ms < 0)
        cc_timer_stop(&http->timer);
    else if (ms == 0)
        cc_hook_set(&http->kick);
    else
        cc_timer_set(&http->timer, cc_now() + ms);
    return 0;
}

static void set_multi(struct cc_http *http)
{
    CURLM *m = http->multi;

    curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(m, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, on_want_timer);
    curl_multi_setopt(m, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(m, CURLMOPT_MAXCONNECTS,
                      (long)(http->opts.max_idle ? http->opts.max_idle : 64));
    curl_multi_setopt(m, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)http->opts.max_conns);
}

int cc_http_open(const struct cc_http_opts *opts, struct cc_http **ret)
{
    struct cc_http *http = calloc(1, sizeof *http);

    if (!http)
        abort();
    if (opts)
        http->opts = *opts;
    if (http->opts.ca_file)
        http->ca_file = strdup(http->opts.ca_file);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(http->multi = curl_multi_init())) {
        free(http->ca_file);
        free(http);
        return cc_fail(CC_E_INTERNAL, "http: libcurl does not start");
    }
    http->opts.ca_file = http->ca_file;
    http->timer.fn = on_timer;
    http->timer.arg = http;
    http->kick.fn = on_kick;
    http->kick.arg = http;
    set_multi(http);
    *ret = http;
    return 0;
}

void cc_http_close(struct cc_http **p)
{
    struct cc_http *http = *p;

    if (!http)
        return;
    assert(http->streams == 0);
    for (int i = 0; i < http->spare_n; i++)
        curl_easy_cleanup(http->spare[i]);
    curl_multi_cleanup(http->multi);
    cc_timer_stop(&http->timer);
    cc_hook_drop(&http->kick);
    curl_global_cleanup();
    free(http->ca_file);
    free(http);
    *p = NULL;
}

CURL *cc_http_easy(struct cc_http *http)
{
    CURL *easy = http->spare_n ? http->spare[--http->spare_n] : curl_easy_init();

    if (!easy)
        abort();
    return easy;
}

void cc_http_easy_back(struct cc_http *http, CURL *easy)
{
    if (http->spare_n == CC_HTTP_SPARE) {
        curl_easy_cleanup(easy);
        return;
    }
    curl_easy_reset(easy);
    http->spare[http->spare_n++] = easy;
}

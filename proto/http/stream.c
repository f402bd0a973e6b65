#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "proto/http/guard.h"
#include "proto/http/http_run.h"

#define AHEAD_BYTES (64 * 1024)
#define PIECE_BYTES (64 * 1024)  /* what libcurl may hand over at once, and more */
#define LITTLE      (16 * 1024)  /* who reads no further ahead gets by with a small buffer */
#define HEAD_BYTES  (256 * 1024) /* all header lines of an exchange */
#define CONNECT_MS  5000
#define IDLE_MS     30000

/* ---- libcurl's callbacks: on the loop's stack, they never wait ---- */

static size_t on_write(char *data, size_t one, size_t n, void *arg)
{
    struct cc_stream *stream = arg;

    (void)one;
    if (stream->in.len >= stream->ahead_bytes) {
        stream->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    cc_buf_add(&stream->in, data, n);
    stream->heard_ms = cc_now();
    cc_wait_done(&stream->wait);
    return cc_buf_over(&stream->in) ? 0 : n;
}

/* A 1xx answer is followed by another head, and so is a redirect that libcurl will follow. */
static bool head_is_last(const struct cc_stream *stream)
{
    struct curl_header *where;

    if (stream->status < 200)
        return false;
    return stream->redirects == 0 || stream->status / 100 != 3 ||
           curl_easy_header(stream->easy, "location", 0, CURLH_HEADER, -1, &where) != CURLHE_OK;
}

static size_t on_header(char *data, size_t one, size_t n, void *arg)
{
    struct cc_stream *stream = arg;

    (void)one;
    stream->head_bytes += n;
    if (stream->head_bytes > HEAD_BYTES)
        return 0;
    if (stream->head || n > 2 || (data[0] != '\r' && data[0] != '\n'))
        return n;
    curl_easy_getinfo(stream->easy, CURLINFO_RESPONSE_CODE, &stream->status);
    if (head_is_last(stream)) {
        stream->head = true;
        stream->heard_ms = cc_now();
        cc_wait_done(&stream->wait);
    }
    return n;
}

static int port_of(const struct sockaddr *address)
{
    struct sockaddr_in in; /* an IPv6 address has its port at the same place */

    memcpy(&in, address, sizeof in);
    return ntohs(in.sin_port);
}

static bool passes(const struct cc_stream *stream, const struct sockaddr *address, int port)
{
    return stream->trusted || (cc_guard_port(stream->ports, port) && cc_guard_allows(address));
}

/* The guard stands where the address is known: whatever a name or a redirect led to. */
static curl_socket_t on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct cc_stream *stream = arg;

    (void)purpose;
    if (!passes(stream, &to->addr, port_of(&to->addr))) {
        stream->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static bool parse_address(const char *text, struct sockaddr_storage *ret)
{
    struct sockaddr_in *in = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

    memset(ret, 0, sizeof *ret);
    ret->ss_family = AF_INET;
    if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
        return true;
    ret->ss_family = AF_INET6;
    return inet_pton(AF_INET6, text, &in6->sin6_addr) == 1;
}

/* The same guard for a connection that a trusted request opened and that lay idle since. */
static int on_before_request(void *arg, char *ip, char *own_ip, int port, int own_port)
{
    struct cc_stream *stream = arg;
    struct sockaddr_storage address;

    (void)own_ip, (void)own_port;
    stream->refused = !parse_address(ip, &address) || /* whatever other addresses the name had */
                      !passes(stream, (struct sockaddr *)&address, port);
    if (!stream->refused)
        return CURL_PREREQFUNC_OK;
    return CURL_PREREQFUNC_ABORT;
}

static void on_resume(struct cc_hook *hook)
{
    struct cc_stream *stream = hook->arg;

    stream->paused = false;
    curl_easy_pause(stream->easy, CURLPAUSE_CONT);
}

/* ---- describing the transfer to libcurl ---- */

static void set_callbacks(struct cc_stream *stream)
{
    CURL *e = stream->easy;

    curl_easy_setopt(e, CURLOPT_PRIVATE, stream);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, stream->error);
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, stream);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, stream);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, stream);
    if (!stream->trusted) {
        curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_before_request);
        curl_easy_setopt(e, CURLOPT_PREREQDATA, stream);
    }
}

static void set_transport(struct cc_stream *stream, const struct cc_http_req *req)
{
    const struct cc_http_opts *opts = &stream->http->opts;
    CURL *e = stream->easy;

    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L); /* a look-up under way is left to its thread:
                                                    joined, it would hold up the whole process */
    curl_easy_setopt(e, CURLOPT_PROXY, ""); /* the environment's proxy would get round the guard */
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, req->redirects > 0 ? 1L : 0L);
    curl_easy_setopt(e, CURLOPT_MAXREDIRS, (long)req->redirects);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(req->connect_ms ? req->connect_ms : CONNECT_MS));
    curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, 16384L); /* the least: memory per answer */
    curl_easy_setopt(e, CURLOPT_BUFFERSIZE,
                     stream->ahead_bytes <= LITTLE ? LITTLE / 2L : (long)CURL_MAX_WRITE_SIZE);
    curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (opts->ca_file)
        curl_easy_setopt(e, CURLOPT_CAINFO, opts->ca_file);
    if (req->packed)
        curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
}

static void set_request(struct cc_stream *stream, const struct cc_http_req *req)
{
    CURL *e = stream->easy;

    stream->headers = curl_slist_append(NULL, "Expect:"); /* no round trip before a large body */
    for (int i = 0; req->headers && req->headers[i]; i++)
        stream->headers = curl_slist_append(stream->headers, req->headers[i]);
    curl_easy_setopt(e, CURLOPT_URL, req->url);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "ChatConnect");
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, stream->headers);
    if (req->body) {
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len);
        curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, req->body);
    }
    if (req->method && strcmp(req->method, "HEAD") == 0)
        curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
    else if (req->method)
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, req->method);
}

static struct cc_stream *stream_new(struct cc_http *http, const struct cc_http_req *req)
{
    struct cc_stream *stream = calloc(1, sizeof *stream);

    if (!stream)
        abort();
    stream->http = http;
    stream->ahead_bytes = req->ahead_bytes ? req->ahead_bytes : AHEAD_BYTES;
    stream->first_ms = req->first_ms ? req->first_ms : CC_HTTP_FIRST_MS;
    stream->idle_ms = req->idle_ms ? req->idle_ms : IDLE_MS;
    stream->redirects = req->redirects;
    stream->trusted = req->trusted;
    stream->ports = req->ports;
    stream->resume.fn = on_resume;
    stream->resume.arg = stream;
    cc_buf_init(&stream->in, stream->ahead_bytes + PIECE_BYTES);
    cc_buf_init(&stream->out, stream->ahead_bytes + PIECE_BYTES);
    stream->easy = cc_http_easy(http);
    set_callbacks(stream);
    set_transport(stream, req);
    set_request(stream, req);
    http->streams++;
    return stream;
}

/* ---- what went wrong ---- */

struct meaning {
    CURLcode result;
    int code;
};
static const struct meaning meanings[] = {
    {CURLE_OPERATION_TIMEDOUT, CC_E_TIMEOUT},
    {CURLE_URL_MALFORMAT, CC_E_INVALID},
    {CURLE_UNSUPPORTED_PROTOCOL, CC_E_INVALID},
};

static int meaning_of(const struct cc_stream *stream)
{
    const char *ip = NULL;

    curl_easy_getinfo(stream->easy, CURLINFO_PRIMARY_IP, &ip);
    if (stream->result == CURLE_UNSUPPORTED_PROTOCOL && stream->status == 0 && ip && *ip)
        return CC_E_UPSTREAM; /* not the URL: the other side does not speak HTTP */
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].result == stream->result)
            return meanings[i].code;
    return CC_E_UPSTREAM;
}

static int outcome(const struct cc_stream *stream)
{
    if (stream->result == CURLE_OK)
        return 0;
    if (stream->refused)
        return cc_fail(CC_E_FORBIDDEN,
                       "http: the URL leads to an address that is not public, or to another port");
    return cc_fail(meaning_of(stream), "http: %s",
                   stream->error[0] ? stream->error : curl_easy_strerror(stream->result));
}

/* ---- the task's side ---- */

static int wait_until(struct cc_stream *stream, int64_t deadline_ms)
{
    stream->wait.done = false;
    return cc_wait_for(&stream->wait, deadline_ms);
}

static int wait_head(struct cc_stream *stream)
{
    int64_t deadline = cc_now() + stream->first_ms;

    while (!stream->head && !stream->done) {
        int rc = wait_until(stream, deadline);

        if (rc == CC_E_TIMEOUT && cc_now() >= deadline) /* else the task's own has passed */
            return cc_fail(rc, "http: no answer in %d ms", stream->first_ms);
        if (rc)
            return rc;
    }
    if (!stream->head)
        return stream->result ? outcome(stream) : cc_fail(CC_E_UPSTREAM, "http: no answer");
    return 0;
}

/* libcurl would send them, and they would come to lie in logs and rows. */
static int check_credentials(const char *url)
{
    CURLU *parts = curl_url();
    char *user = NULL, *password = NULL;

    if (!parts)
        abort();
    bool bad = curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK;
    bool has = !bad && (curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK ||
                        curl_url_get(parts, CURLUPART_PASSWORD, &password, 0) == CURLUE_OK);
    curl_free(user);
    curl_free(password);
    curl_url_cleanup(parts);
    if (bad)
        return cc_fail(CC_E_INVALID, "http: that is no URL");
    return has ? cc_fail(CC_E_INVALID, "http: a URL may not carry a name or password") : 0;
}

int cc_http_start(struct cc_http *http, const struct cc_http_req *req, struct cc_stream **ret)
{
    int rc = req->trusted ? 0 : check_credentials(req->url);
    struct cc_stream *stream;

    if (rc)
        return rc;
    stream = stream_new(http, req);
    if (curl_multi_add_handle(http->multi, stream->easy) != CURLM_OK)
        rc = cc_fail(CC_E_INTERNAL, "http: libcurl takes no more transfers");
    if (rc == 0)
        rc = wait_head(stream);
    if (rc) {
        cc_stream_close(&stream);
        return rc;
    }
    *ret = stream;
    return 0;
}

int cc_stream_status(const struct cc_stream *stream)
{
    return (int)stream->status;
}

const char *cc_stream_header(const struct cc_stream *stream, const char *name)
{
    struct curl_header *header;

    if (curl_easy_header(stream->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return header->value;
}

int cc_stream_retry_after(const struct cc_stream *stream)
{
    curl_off_t seconds = 0;

    if (!cc_stream_header(stream, "retry-after"))
        return -1;
    curl_easy_getinfo(stream->easy, CURLINFO_RETRY_AFTER, &seconds);
    return seconds > INT32_MAX ? INT32_MAX : (int)seconds;
}

static int wait_more(struct cc_stream *stream, int64_t deadline_ms)
{
    int64_t silent_at = stream->heard_ms + stream->idle_ms;
    int rc = wait_until(stream, deadline_ms < silent_at ? deadline_ms : silent_at);

    if (rc == CC_E_TIMEOUT && cc_now() >= silent_at)
        return cc_fail(rc, "http: silent for %d ms", stream->idle_ms);
    return rc;
}

int cc_stream_read(struct cc_stream *stream, int64_t deadline_ms, const char **ret, size_t *ret_len)
{
    while (stream->in.len == 0) {
        if (stream->done) {
            int rc = outcome(stream);

            if (rc == 0)
                *ret = "", *ret_len = 0;
            return rc;
        }
        int rc = wait_more(stream, deadline_ms);
        if (rc)
            return rc;
    }
    struct cc_buf filled = stream->in;

    stream->in = stream->out;
    stream->out = filled;
    cc_buf_reset(&stream->in);
    if (stream->paused) {
        stream->heard_ms = cc_now(); /* the silence was ours */
        cc_hook_set(&stream->resume);
    }
    *ret = stream->out.bytes;
    *ret_len = stream->out.len;
    return 0;
}

void cc_stream_close(struct cc_stream **p)
{
    struct cc_stream *stream = *p;

    if (!stream)
        return;
    curl_multi_remove_handle(stream->http->multi, stream->easy);
    cc_hook_drop(&stream->resume);
    cc_http_easy_back(stream->http, stream->easy);
    stream->http->streams--;
    curl_slist_free_all(stream->headers);
    cc_buf_done(&stream->in);
    cc_buf_done(&stream->out);
    free(stream);
    *p = NULL;
}

/*
 * http.h - requests to model and vector services; bodies arrive piece by piece.
 *
 * libcurl's multi interface runs on the loop's stack; a task only takes what
 * has arrived.  Names are looked up by libcurl's own threads.
 *
 * The guard is on unless a request says that its URL is the operator's own: then only public
 * addresses and the ports of web servers are connected to, whatever the name resolved to, also
 * after redirects, and a URL with a name or password in it is refused.
 */
#ifndef CC_HTTP_HTTP_H
#define CC_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/task/task.h"

struct cc_http; /* one per process */

struct cc_http_opts {
    int max_conns, max_idle; /* 0: no limit / 64 */
    const char *ca_file;
};
int cc_http_open(const struct cc_http_opts *opts, struct cc_http **ret); /* opts NULL: defaults */
void cc_http_close(struct cc_http **http);                               /* no stream may be open */

struct cc_http_req {
    const char *url, *body; /* body NULL: GET */
    const char *method;     /* NULL: GET or POST */
    size_t body_len;
    const char *const *headers;        /* "Name: value", NULL-terminated; NULL: none */
    int connect_ms, first_ms, idle_ms; /* first: head; idle: longest silence; 0: defaults */
    size_t ahead_bytes;                /* reading pauses beyond; 0: 64 KiB */
    int total_ms;                      /* cc_http_fetch: the whole exchange; 0: 60 s */
    bool trusted;                      /* the operator named this URL: no guard */
    const int *ports; /* what the guard lets pass, up to a 0; NULL: 80, 443, 8080 and 8443 */
    bool packed;      /* asks for gzip or deflate; what is read is unpacked already */
    int redirects; /* followed at most; 0: none.  Headers go along: not with credentials in them */
};
struct cc_stream;

/* Waits for the response's head.  TIMEOUT, UPSTREAM, FORBIDDEN (the guard), INVALID (the URL).
 * Headers of the request win over our own (User-Agent, Accept). */
int cc_http_start(struct cc_http *http, const struct cc_http_req *req, struct cc_stream **ret);
int cc_stream_status(const struct cc_stream *stream);
const char *cc_stream_header(const struct cc_stream *stream, const char *name); /* NULL: absent */
int cc_stream_retry_after(const struct cc_stream *stream); /* seconds; -1: not said */

/* Waits for more; *ret_len 0 is the end.  The bytes stay until the next call.
 * deadline_ms: TIMEOUT without harm, the stream can be read again (CC_NEVER: only idle_ms counts).
 */
int cc_stream_read(struct cc_stream *stream, int64_t deadline_ms, const char **ret,
                   size_t *ret_len);
void cc_stream_close(struct cc_stream **stream); /* never waits; stops the transfer */

/* One whole exchange; TOOBIG beyond cap_bytes, TIMEOUT after total_ms.  body is NUL-terminated in
 * mem. */
struct cc_http_answer {
    int status, retry_after_s; /* -1: no Retry-After */
    const char *body, *type;
    size_t len;
};
int cc_http_fetch(struct cc_http *http, const struct cc_http_req *req, size_t cap_bytes,
                  struct cc_arena *mem, struct cc_http_answer *ret); /* Waits. */

#endif

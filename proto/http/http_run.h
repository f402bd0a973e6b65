/*
 * http_run.h - what http.c (libcurl on our loop), stream.c (one transfer) and fetch.c (a whole
 * one) know of each other.  For these files only.
 */
#ifndef CC_HTTP_HTTP_RUN_H
#define CC_HTTP_HTTP_RUN_H

#include <curl/curl.h>

#include "proto/base/buf.h"
#include "proto/http/http.h"

#define CC_HTTP_SPARE    64 /* easy handles kept for reuse */
#define CC_HTTP_FIRST_MS 60000

struct cc_http {
    CURLM *multi;
    struct cc_timer timer;
    struct cc_hook kick; /* libcurl wants to be called soon, but never from inside itself */
    struct cc_http_opts opts;
    char *ca_file;
    CURL *spare[CC_HTTP_SPARE];
    int spare_n, streams;
};

struct cc_stream {
    struct cc_http *http;
    CURL *easy;
    struct curl_slist *headers;
    struct cc_buf in, out; /* libcurl fills in, the task reads out; they swap */
    size_t ahead_bytes, head_bytes;
    int first_ms, idle_ms, redirects;
    int64_t heard_ms; /* when bytes came last, or we let it go on */
    long status;
    const int *ports;
    bool trusted, refused; /* refused: the guard kept us from connecting */
    bool head, done, paused;
    CURLcode result;
    struct cc_wait wait;
    struct cc_hook resume;
    char error[CURL_ERROR_SIZE];
};

CURL *cc_http_easy(struct cc_http *http); /* a fresh or spare handle */
void cc_http_easy_back(struct cc_http *http, CURL *easy);

#endif

/*
 * mockllm - a model service on loopback whose tokens carry the moment they left.
 *
 *     mockllm PORT FIRST_MS GAP_MS TOKENS
 *
 * Speaks OpenAI's chat completions and Anthropic's messages, streaming.  The first token is
 * "@R<ns>@@<ns>@": when the request was whole and when the token was written; each further one
 * " word @<ns>@".  sseload reads the marks and so knows how long each token was under way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "proto/base/buf.h"
#include "proto/base/text.h"
#include "tests/load/net.h"

static int64_t port, first_ms, gap_ms, tokens;

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n";

struct dialect {
    const char *path, *begin, *before, *after, *end;
};
static const struct dialect DIALECTS[] = {
    {"/messages",
     "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\","
     "\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":10,"
     "\"output_tokens\":1}}}\n\n",
     "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
     "\"delta\":{\"type\":\"text_delta\",\"text\":\"",
     "\"}}\n\n",
     "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
     "\"end_turn\"},\"usage\":{\"output_tokens\":10}}\n\n"
     "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"},
    {"", "",
     "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\","
     "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"",
     "\"},\"finish_reason\":null}]}\n\n",
     "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"mock\","
     "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":"
     "{\"prompt_tokens\":10,\"completion_tokens\":10,\"total_tokens\":20}}\n\ndata: [DONE]\n\n"},
};

static void put_chunk(struct cc_buf *out, const struct cc_buf *event)
{
    cc_buf_printf(out, "%zx\r\n", event->len);
    cc_buf_add(out, event->bytes, event->len);
    cc_buf_text(out, "\r\n");
}

static void put_token(struct cc_buf *out, struct cc_buf *event, const struct dialect *d,
                      uint64_t arrived)
{
    unsigned long long t = (unsigned long long)net_ns();

    cc_buf_reset(event);
    cc_buf_text(event, d->before);
    if (arrived != 0)
        cc_buf_printf(event, "@R%llu@@%llu@", (unsigned long long)arrived, t);
    else
        cc_buf_printf(event, " word @%llu@", t);
    cc_buf_text(event, d->after);
    put_chunk(out, event);
}

/* Tokens at their times; without a gap all in one piece. */
static int stream(int fd, const struct dialect *d, uint64_t arrived)
{
    struct cc_buf out, event;
    int64_t due = cc_now() + first_ms;
    int rc = 0;

    cc_buf_init(&out, 1 << 20);
    cc_buf_init(&event, 1 << 16);
    cc_buf_text(&out, HEAD);
    cc_buf_text(&event, d->begin);
    if (event.len > 0)
        put_chunk(&out, &event);
    for (int64_t i = 0; i < tokens && rc == 0; i++, due += gap_ms) {
        if (due > cc_now()) {
            rc = net_send(fd, out.bytes, out.len);
            cc_buf_reset(&out);
            if (rc == 0)
                rc = cc_sleep(due - cc_now());
        }
        put_token(&out, &event, d, i == 0 ? arrived : 0);
    }
    cc_buf_reset(&event);
    cc_buf_text(&event, d->end);
    put_chunk(&out, &event);
    cc_buf_text(&out, "0\r\n\r\n");
    if (rc == 0)
        rc = net_send(fd, out.bytes, out.len);
    cc_buf_done(&out);
    cc_buf_done(&event);
    return rc;
}

/* Bytes of the first whole request in the buffer, 0 when it is not whole yet. */
static size_t whole_request(const struct cc_buf *in)
{
    const char *end = memmem(in->bytes, in->len, "\r\n\r\n", 4);
    const char *length = end ? strcasestr(in->bytes, "\r\ncontent-length:") : NULL;
    size_t need = end ? (size_t)(end + 4 - in->bytes) : 0;

    if (length != NULL && length < end)
        need += strtoul(length + 17, NULL, 10);
    return need != 0 && in->len >= need ? need : 0;
}

static const struct dialect *dialect_of(const char *request)
{
    const char *line_end = strchr(request, '\r');
    const struct dialect *d = DIALECTS;

    while (d->path[0] != '\0') {
        const char *at = strstr(request, d->path);
        if (at != NULL && at < line_end)
            break;
        d++;
    }
    return d;
}

static void serve(void *arg)
{
    int fd = (int)(intptr_t)arg;
    struct cc_fdwait f;
    struct cc_buf in;
    char bytes[4096];
    int64_t n;

    cc_fdwait_init(&f, fd);
    cc_buf_init(&in, 1 << 20);
    while ((n = net_recv(&f, bytes, sizeof bytes, CC_NEVER)) > 0) {
        size_t need;

        cc_buf_add(&in, bytes, (size_t)n);
        while ((need = whole_request(&in)) > 0) {
            if (stream(fd, dialect_of(in.bytes), net_ns()) != 0)
                goto out;
            cc_buf_drop(&in, need);
        }
    }
out:
    cc_fdwait_done(&f);
    cc_buf_done(&in);
    close(fd);
}

static void accept_all(void *arg)
{
    struct cc_fdwait *listener = arg;
    int fd;

    while ((fd = net_accept(listener)) >= 0)
        if (cc_task_spawn("serve", serve, (void *)(intptr_t)fd, NULL) != 0)
            close(fd);
}

int main(int argc, char **argv)
{
    struct cc_fdwait listener;
    bool stop = false;

    if (argc != 5 || !cc_text_int(argv[1], 1, 65535, &port) ||
        !cc_text_int(argv[2], 0, 60000, &first_ms) || !cc_text_int(argv[3], 0, 60000, &gap_ms) ||
        !cc_text_int(argv[4], 1, 100000, &tokens)) {
        fprintf(stderr, "usage: mockllm PORT FIRST_MS GAP_MS TOKENS\n");
        return 2;
    }
    net_many_files();
    cc_task_opts(64 * 1024, 8192, false);
    cc_loop_init(NULL);
    int fd = net_listen((int)port);
    if (fd == -1) {
        perror("mockllm: listen");
        return 1;
    }
    cc_fdwait_init(&listener, fd);
    cc_task_spawn("accept", accept_all, &listener, NULL);
    cc_loop_run(&stop);
    return 0;
}

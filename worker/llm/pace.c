#include "worker/llm/pace.h"

#include <string.h>

#include "proto/base/text.h"

#define WORD_MAX 64 /* bytes: in some languages spaces are rare */

struct cc_pace *cc_pace_new(const struct cc_llm_request *req, const struct cc_buf *text)
{
    struct cc_pace *pace = cc_arena_get(req->mem, sizeof *pace);

    *pace = (struct cc_pace){
        .text = cc_arena_dupn(req->mem, text->bytes, text->len),
        .len = text->len,
        .cut = -1,
        .max = req->max_tokens > 0 ? req->max_tokens : INT64_MAX,
        .usage.input = (int64_t)(strlen(req->context) + strlen(req->message)) / 4,
    };
    return pace;
}

/* Waits until the next piece is due; TIMEOUT without harm when deadline_ms is before. */
static int wait_due(struct cc_pace *pace, int64_t deadline_ms)
{
    if (pace->next_ms == 0)
        pace->next_ms = cc_now() + pace->first_ms;
    int64_t until = deadline_ms < pace->next_ms ? deadline_ms : pace->next_ms;

    if (until > cc_now()) {
        int rc = cc_sleep(until - cc_now());

        if (rc)
            return rc;
    }
    if (cc_now() < pace->next_ms)
        return cc_fail(CC_E_TIMEOUT, "not due yet");
    pace->next_ms = cc_now() + pace->gap_ms;
    return 0;
}

static const char *take_word(struct cc_pace *pace, size_t *ret_len)
{
    const char *p = pace->text + pace->at;
    size_t left = pace->len - pace->at, n = 0;

    while (n < left && p[n] == ' ')
        n++;
    while (n < left && p[n] != ' ')
        n++;
    if (n > WORD_MAX)
        n = cc_utf8_cut(p, left, WORD_MAX);
    pace->at += n;
    *ret_len = n;
    return p;
}

int cc_pace_read(void *self, int64_t deadline_ms, struct cc_llm_piece *ret)
{
    struct cc_pace *pace = self;
    int rc = wait_due(pace, deadline_ms);

    if (rc)
        return rc;
    if (pace->cut == pace->usage.output)
        return cc_fail(CC_E_UPSTREAM, "cut off in the middle");
    bool full = pace->usage.output >= pace->max && pace->at < pace->len;
    *ret = (struct cc_llm_piece){.text = "", .finish = full ? "length" : "stop"};
    if (!full)
        ret->text = take_word(pace, &ret->len);
    ret->end = ret->len == 0;
    pace->usage.output += !ret->end;
    ret->usage = pace->usage;
    return 0;
}

void cc_pace_close(void *self)
{
    (void)self; /* lies in the request's arena */
}

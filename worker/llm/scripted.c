/*
 * A model for tests, told by its name what to do: mock-ttft500-itl20-len400
 *
 *     ttftN  milliseconds to the first token      itlN   milliseconds between two; 0: none
 *     lenN   tokens (50)                          cutN   fails after N tokens
 *     errN   is refused with HTTP status N        echo   says what it was asked: passages, question
 *
 * Without echo the text is the same for the same question: the first 16 hex digits of its SHA-256,
 * then " 1", " 2" ...; every tenth token has more than ASCII in it.
 */
#include <stddef.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/clean.h"
#include "proto/base/hash.h"
#include "proto/base/text.h"
#include "worker/llm/pace.h"

#define TEXT_MAX (512 * 1024)

struct script {
    int64_t ttft, itl, len, cut, err, echo;
};
static const struct {
    const char *name;
    size_t member;
} knobs[] = {
    {"ttft", offsetof(struct script, ttft)}, {"itl", offsetof(struct script, itl)},
    {"len", offsetof(struct script, len)},   {"cut", offsetof(struct script, cut)},
    {"err", offsetof(struct script, err)},   {"echo", offsetof(struct script, echo)},
};

/* One part between two hyphens; what it does not know is part of the name. */
static void read_knob(struct script *script, const char *part)
{
    for (size_t i = 0; i < sizeof knobs / sizeof *knobs; i++) {
        size_t n = strlen(knobs[i].name);
        int64_t value = 1;

        if (strncmp(part, knobs[i].name, n) != 0)
            continue;
        if (part[n] && !cc_text_int(part + n, 0, 10000000, &value))
            continue;
        memcpy((char *)script + knobs[i].member, &value, sizeof value);
    }
}

static struct script read_script(const char *model, struct cc_arena *mem)
{
    struct script script = {.len = 50, .cut = -1};

    for (const char *at = model; at; at = strchr(at, '-')) {
        at += *at == '-';
        read_knob(&script, cc_arena_dupn(mem, at, strcspn(at, "-")));
    }
    return script;
}

static void write_counted(const char *message, int64_t len, struct cc_buf *out)
{
    char sum[CC_SHA256_HEX];

    cc_sha256_hex(message, strlen(message), sum);
    sum[16] = '\0';
    cc_buf_text(out, sum);
    for (int64_t i = 1; i < len; i++)
        cc_buf_printf(out, i % 10 ? " %lld" : " %lld\xc3\xbc\xe6\xbc\xa2\xf0\x9f\x98\x80",
                      (long long)i);
}

static void write_text(const struct cc_llm_request *req, const struct script *script,
                       struct cc_buf *out)
{
    if (script->echo) {
        cc_buf_text(out, req->message);
        cc_buf_text(out, " ");
        cc_buf_text(out, req->context);
    } else if (script->len > 0) {
        write_counted(req->message, script->len, out);
    }
}

static int refuse(int64_t status, struct cc_llm_started *ret)
{
    bool later = status == 429 || status >= 500;

    ret->busy = status == 429;
    return cc_fail(later ? CC_E_UPSTREAM : CC_E_REFUSED, "scripted: HTTP %lld", (long long)status);
}

static int start(const struct cc_llm_request *req, struct cc_llm_started *ret)
{
    CC_AUTOP(cc_buf_done) struct cc_buf text;
    struct script script = read_script(req->model, req->mem);

    cc_buf_init(&text, TEXT_MAX);
    if (script.err)
        return refuse(script.err, ret);
    write_text(req, &script, &text);
    struct cc_pace *pace = cc_pace_new(req, &text);
    pace->first_ms = (int)script.ttft;
    pace->gap_ms = (int)script.itl;
    pace->cut = script.cut;
    ret->call = pace;
    return 0;
}

const struct cc_llm_provider cc_llm_scripted = {
    .name = "scripted",
    .start = start,
    .read = cc_pace_read,
    .close = cc_pace_close,
};

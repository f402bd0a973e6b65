/* A frame of a visitor's WebSocket, and an event's data on its way to one: what is taken keeps the
 * promises of the headers, what is told is one object that is about what it says. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "gateway/pure/chat_frame.h"
#include "proto/base/error.h"
#include "proto/base/id.h"

#define ANSWER "ans_0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_said(int rc, const struct cc_chat_said *said)
{
    assert(!*said->answer || cc_id_valid(said->answer, "ans"));
    assert(!*said->message_id || cc_message_id_valid(said->message_id));
    if (rc != 0) {
        assert(rc == CC_E_INVALID || rc == CC_E_MESSAGE || rc == CC_E_SESSION || rc == CC_E_TOOBIG);
        assert(*cc_fail_text());
        return;
    }
    assert(said->kind == CC_SAID_MESSAGE ? *said->ask.message != '\0' : !said->ask.message);
    assert(said->kind != CC_SAID_RESUME || *said->answer);
    assert(said->after.attempt >= 0 && said->after.seq >= 0);
}

static void check_told(enum cc_event_kind kind, const char *data, size_t len)
{
    const struct cc_event event = {.kind = kind, .data = data, .len = len};
    const struct cc_event_id id = {1, 2};
    struct cc_buf out;
    json_t *frame = NULL;

    cc_buf_init(&out, (size_t)1 << 20);
    cc_chat_frame_event(&out, ANSWER, &id, &event);
    assert(cc_json_parse(out.bytes, out.len, &frame) == 0);
    assert(strcmp(cc_json_str(frame, "type", ""), cc_event_name(kind)) == 0);
    assert(strcmp(cc_json_str(frame, "id", ""), "1-2") == 0);
    assert(strcmp(cc_json_str(frame, "answerId", ""), ANSWER) == 0);
    json_decref(frame);
    cc_buf_done(&out);
}

/* Data of the kinds that are passed on as they are is made by our workers: here of any object. */
static void tell(const char *text, size_t size)
{
    static const enum cc_event_kind kinds[] = {CC_EV_ERROR, CC_EV_TOOL, CC_EV_HANDOFF};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        check_told(kinds[i], text, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(64 << 20);
    char *text = cc_arena_dupn(mem, (const char *)data, size);
    struct cc_chat_said said;

    cc_fail_reset();
    check_said(cc_chat_said_parse(text, size, mem, &said), &said);
    tell(text, size);
    cc_arena_free(&mem);
    return 0;
}

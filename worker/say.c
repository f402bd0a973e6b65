/* What the visitor is told while the answer is being made. */
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/json.h"
#include "worker/chat.h"
#include "worker/hold.h"
#include "worker/say.h"

#define BURST 3 /* token events that may come before their time */

/* {"text":"..."} around a text: printed once, as a tree for every token would cost more than all
 * the rest of its way. */
static struct {
    char text[32];
    size_t head; /* bytes before the text */
} frame;

static void make_frame(void)
{
    CC_AUTO(json_decref)
    json_t *empty = json_pack("{s:s}", "text", "");
    CC_AUTOP(cc_buf_done) struct cc_buf out;

    cc_buf_init(&out, sizeof frame.text - 1);
    cc_json_print(empty, &out);
    memcpy(frame.text, out.bytes, out.len + 1);
    frame.head = out.len - 2; /* the closing quote and brace */
}

static int put_token(struct cc_chat *chat, const char *text, size_t len)
{
    struct cc_buf *data = cc_events_open(&chat->events, CC_EV_TOKEN);

    if (!frame.head)
        make_frame();
    cc_buf_add(data, frame.text, frame.head);
    cc_buf_json(data, text, len);
    cc_buf_text(data, frame.text + frame.head);
    return cc_events_close(&chat->events);
}

int cc_say_rest(struct cc_chat *chat)
{
    size_t from = chat->told;

    if (from == chat->text.len)
        return 0;
    if (!chat->first_unix_ms)
        chat->first_unix_ms = cc_unix_ms();
    chat->told = chat->text.len;
    return put_token(chat, chat->text.bytes + from, chat->text.len - from);
}

/*
 * One event every CC_FLUSH_MS in the long run, up to BURST of them early: so that tokens which come
 * just as often are not held up by the jitter of the clock.
 */
static void set_pace(struct cc_chat *chat)
{
    int64_t gap = cc_cfg_int(CC_CFG_FLUSH_MS), now = cc_now();

    chat->pace_ms = (chat->pace_ms > now ? chat->pace_ms : now) + gap;
    chat->flush_ms = chat->pace_ms - BURST * gap;
}

int cc_say(struct cc_chat *chat)
{
    set_pace(chat);
    int rc = cc_events_owes(&chat->events) ? cc_events_send(&chat->events) : 0;

    if (rc == 0 && !cc_events_owes(&chat->events))
        rc = cc_say_rest(chat);
    cc_hold_heard(chat);
    if (rc == 0 && chat->events.cancelled) {
        chat->stop = CC_STOP_CANCEL;
        rc = cc_fail(CC_E_CANCELLED, "stopped by the visitor");
    }
    return rc;
}

int cc_say_json(struct cc_chat *chat, enum cc_event_kind kind, json_t *data)
{
    char *text = cc_json_dup(data, chat->work);

    json_decref(data);
    return cc_events_put(&chat->events, kind, text, strlen(text));
}

int cc_say_start(struct cc_chat *chat)
{
    return cc_say_json(chat, CC_EV_START, json_pack("{s:I}", "attempt", (json_int_t)chat->attempt));
}

int cc_say_sources(struct cc_chat *chat)
{
    json_t *items = NULL;

    if (cc_json_parse(chat->sources, strlen(chat->sources), &items) ||
        json_array_size(items) == 0) {
        json_decref(items);
        return 0;
    }
    return cc_say_json(chat, CC_EV_SOURCES, json_pack("{s:o}", "items", items));
}

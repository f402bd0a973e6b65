#include "gateway/pure/chat_frame.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/id.h"

/* ---- in ---- */

/* "" where there is none; what is no text of that kind is a fault. */
static int take(const json_t *said, const char *name, struct cc_arena *mem, const char **ret)
{
    const json_t *value = json_object_get(said, name);

    *ret = "";
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return cc_fail(CC_E_INVALID, "%s is no text", name);
    *ret = cc_arena_dup(mem, json_string_value(value));
    return 0;
}

static int take_answer(const json_t *said, struct cc_arena *mem, struct cc_chat_said *ret)
{
    const char *answer;
    int rc = take(said, "answerId", mem, &answer);

    if (rc == 0 && *answer && !cc_id_valid(answer, "ans"))
        rc = cc_fail(CC_E_INVALID, "answerId: ans_ and 32 hex digits");
    if (rc == 0)
        ret->answer = answer;
    return rc;
}

static int read_message(const json_t *said, struct cc_arena *mem, struct cc_chat_said *ret)
{
    const char *id;
    int rc = take(said, "messageId", mem, &id);

    if (rc == 0 && *id && cc_message_id_valid(id))
        ret->message_id = id;
    return rc ? rc : cc_ask_read(said, mem, &ret->ask);
}

static int read_resume(const json_t *said, struct cc_arena *mem, struct cc_chat_said *ret)
{
    const char *after;
    int rc = take_answer(said, mem, ret);

    if (rc == 0 && !*ret->answer)
        rc = cc_fail(CC_E_INVALID, "answerId is wanted");
    if (rc == 0)
        rc = take(said, "after", mem, &after);
    if (rc == 0 && *after && !cc_event_id_parse(after, &ret->after))
        rc = cc_fail(CC_E_INVALID, "after: an event id such as 1-57");
    return rc;
}

static int read_stop(const json_t *said, struct cc_arena *mem, struct cc_chat_said *ret)
{
    return take_answer(said, mem, ret);
}

static int read_ping(const json_t *said, struct cc_arena *mem, struct cc_chat_said *ret)
{
    (void)said;
    (void)mem;
    (void)ret;
    return 0;
}

static const struct {
    const char *type;
    int (*read)(const json_t *said, struct cc_arena *mem, struct cc_chat_said *ret);
} kinds[] = {
    [CC_SAID_MESSAGE] = {"message", read_message},
    [CC_SAID_RESUME] = {"resume", read_resume},
    [CC_SAID_STOP] = {"stop", read_stop},
    [CC_SAID_PING] = {"ping", read_ping},
};

static int read_kind(const json_t *said, struct cc_arena *mem, struct cc_chat_said *ret)
{
    const char *type = cc_json_str(said, "type", "");

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].type, type) == 0) {
            ret->kind = (enum cc_said_kind)i;
            return kinds[i].read(said, mem, ret);
        }
    return cc_fail(CC_E_INVALID, "type: message, resume, stop or ping");
}

int cc_chat_said_parse(const char *text, size_t len, struct cc_arena *mem, struct cc_chat_said *ret)
{
    CC_AUTO(json_decref)
    json_t *said = NULL;
    int rc = cc_json_parse(text, len, &said);

    *ret = (struct cc_chat_said){.kind = CC_SAID_PING, .message_id = "", .answer = ""};
    if (rc == 0 && !json_is_object(said))
        rc = cc_fail(CC_E_INVALID, "the frame is no JSON object");
    return rc ? rc : read_kind(said, mem, ret);
}

/* ---- out ---- */

/* Whose data has no member of the names that a frame has itself: it is passed on as it is. */
static const bool plain[CC_EV_COUNT] = {
    [CC_EV_START] = true, [CC_EV_SOURCES] = true, [CC_EV_TOKEN] = true, [CC_EV_DONE] = true};

static bool is_plain(const struct cc_event *event)
{
    return plain[event->kind] && event->len > 2 && event->data[0] == '{';
}

static json_t *frame_of(const char *type, const char *answer)
{
    json_t *frame = json_pack("{s:s}", "type", type);

    if (*answer)
        json_object_set_new(frame, "answerId", json_string(answer));
    return frame;
}

static void put(struct cc_buf *out, json_t *frame)
{
    cc_json_print(frame, out);
    json_decref(frame);
}

static void merge(json_t *frame, const struct cc_event *event)
{
    CC_AUTO(json_decref)
    json_t *data = NULL;

    if (cc_json_parse(event->data, event->len, &data) == 0)
        json_object_update_missing(frame, data);
}

/* A token's text, or a whole answer's, need not be read for it. */
static void put_before(struct cc_buf *out, json_t *frame, const struct cc_event *event)
{
    char *head = json_dumps(frame, JSON_COMPACT);

    cc_buf_add(out, head, strlen(head) - 1);
    cc_buf_char(out, ',');
    cc_buf_add(out, event->data + 1, event->len - 1);
    free(head);
    json_decref(frame);
}

void cc_chat_frame_event(struct cc_buf *out, const char *answer, const struct cc_event_id *id,
                         const struct cc_event *event)
{
    json_t *frame = frame_of(cc_event_name(event->kind), answer);
    char text[CC_EVENT_ID_MAX];

    if (id)
        json_object_set_new(frame, "id", json_string(cc_event_id_print(*id, text)));
    if (is_plain(event)) {
        put_before(out, frame, event);
    } else {
        merge(frame, event);
        put(out, frame);
    }
}

void cc_chat_frame_refusal(struct cc_buf *out, const struct cc_chat_refusal *refusal)
{
    json_t *frame = frame_of(cc_event_name(CC_EV_ERROR), refusal->answer);

    if (*refusal->message_id)
        json_object_set_new(frame, "messageId", json_string(refusal->message_id));
    if (refusal->retry_s > 0)
        json_object_set_new(frame, "retryAfter", json_integer(refusal->retry_s));
    json_object_update_missing(frame, refusal->problem);
    put(out, frame);
}

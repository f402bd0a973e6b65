#include "gateway/pure/ask.h"

#include <string.h>

#include "proto/base/error.h"
#include "proto/base/id.h"
#include "proto/base/text.h"

#define WORD "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

static bool word_of(const char *text, const char *letters, size_t min, size_t max)
{
    size_t len = strlen(text);

    return len >= min && len <= max && strspn(text, letters) == len;
}

bool cc_session_is_ours(const char *session)
{
    return cc_text_starts(session, "ses_");
}

bool cc_session_valid(const char *session)
{
    if (cc_session_is_ours(session))
        return cc_id_valid(session, "ses");
    return word_of(session, WORD, 8, CC_ASK_SESSION_MAX);
}

bool cc_message_id_valid(const char *id)
{
    return word_of(id, WORD ".:", 1, CC_ASK_ID_MAX);
}

/* Copies an optional string member; INVALID when it is there and no string. */
static int take_text(const json_t *body, const char *key, struct cc_arena *mem, const char **ret)
{
    json_t *value = json_object_get(body, key);

    *ret = NULL;
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return cc_fail(CC_E_INVALID, "%s is no text", key);
    *ret = cc_arena_dup(mem, json_string_value(value));
    return 0;
}

static int take_metadata(const json_t *body, struct cc_arena *mem, const char **ret)
{
    json_t *value = json_object_get(body, "metadata");

    *ret = "";
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_object(value))
        return cc_fail(CC_E_INVALID, "metadata is no object");
    *ret = cc_json_dup(value, mem);
    if (strlen(*ret) > CC_ASK_METADATA_MAX)
        return cc_fail(CC_E_TOOBIG, "metadata is larger than %d bytes", CC_ASK_METADATA_MAX);
    return 0;
}

static int take_switch(const json_t *body, const char *key, bool *ret)
{
    json_t *value = json_object_get(body, key);

    if (value && !json_is_null(value) && !json_is_boolean(value))
        return cc_fail(CC_E_INVALID, "%s: wants true or false", key);
    *ret = json_is_true(value);
    return 0;
}

int cc_ask_make(const char *message, const char *session, const char *message_id,
                struct cc_arena *mem, struct cc_ask *ret)
{
    struct cc_ask ask = {.session = session ? session : "",
                         .message_id = message_id ? message_id : "",
                         .metadata = ""};
    const char *text;
    size_t len, letters;

    text = cc_text_trim(message ? message : "", message ? strlen(message) : 0, &len);
    letters = cc_utf8_count(text, len);
    if (letters == 0 || letters > CC_ASK_MESSAGE_MAX)
        return cc_fail(CC_E_MESSAGE, "the message has %zu characters; 1 to %d are allowed", letters,
                       CC_ASK_MESSAGE_MAX);
    ask.message = cc_arena_dupn(mem, text, len);
    if (*ask.session && !cc_session_valid(ask.session))
        return cc_session_is_ours(ask.session)
                   ? cc_fail(CC_E_SESSION, "there is no such session")
                   : cc_fail(CC_E_INVALID, "sessionId: 8 to 128 of A-Z a-z 0-9 _ -");
    if (*ask.message_id && !cc_message_id_valid(ask.message_id))
        return cc_fail(CC_E_INVALID, "messageId: 1 to 64 of A-Z a-z 0-9 _ - . :");
    *ret = ask;
    return 0;
}

int cc_ask_read(const json_t *body, struct cc_arena *mem, struct cc_ask *ret)
{
    const char *message, *session, *id, *metadata;
    struct cc_ask ask;
    bool stream = false;
    int rc = json_is_object(body) ? 0 : cc_fail(CC_E_INVALID, "the body is no JSON object");

    if (rc == 0)
        rc = take_text(body, "message", mem, &message);
    if (rc == 0)
        rc = take_text(body, "sessionId", mem, &session);
    if (rc == 0)
        rc = take_text(body, "messageId", mem, &id);
    if (rc == 0)
        rc = take_metadata(body, mem, &metadata);
    if (rc == 0)
        rc = take_switch(body, "stream", &stream);
    if (rc == 0)
        rc = cc_ask_make(message, session, id, mem, &ask);
    if (rc != 0)
        return rc;
    ask.metadata = metadata;
    ask.stream = stream;
    *ret = ask;
    return 0;
}

int cc_ask_parse(const char *body, size_t len, struct cc_arena *mem, struct cc_ask *ret)
{
    CC_AUTO(json_decref)
    json_t *json = NULL;
    int rc = cc_json_parse(body, len, &json);

    return rc ? rc : cc_ask_read(json, mem, ret);
}

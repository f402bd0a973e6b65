#include "proto/wire/call_text.h"

#include <assert.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/text.h"

/* Enough for a float to come out as it was.  All 17 would make 64 long vectors more than a call
 * holds.
 */
#define DIGITS 9

/* Takes the reference. */
static char *print(json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));

    assert(text); /* our own texts, checked before */
    json_decref(json);
    return text;
}

char *cc_call_ask_text(const struct cc_call_ask *ask)
{
    json_t *request = ask->request ? json_incref(ask->request) : json_object();

    return print(json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:s}", "id", ask->id, "reply",
                           ask->reply, "method", ask->method, "tenant", ask->tenant, "trace",
                           ask->trace, "until", (json_int_t)ask->until_ms, "request", request,
                           "actor", ask->actor ? ask->actor : ""));
}

/* Words are cut at a number of bytes, and may quote what came in. */
static size_t valid_len(const char *words)
{
    size_t len = strlen(words), at = 0, n;

    while (at < len && cc_utf8_next(words + at, len - at, &n) && cc_utf8_valid(words + at, n))
        at += n;
    return at;
}

char *cc_call_answer_text(const struct cc_call_answer *answer)
{
    if (answer->answer)
        return print(json_pack("{s:s, s:O}", "id", answer->id, "answer", answer->answer));
    return print(json_pack("{s:s, s:{s:s, s:s%}}", "id", answer->id, "error", "code",
                           cc_error_name(answer->code), "words", answer->words,
                           valid_len(answer->words)));
}

int cc_call_ask_read(const char *text, size_t len, json_t **ret_json, struct cc_call_ask *ret)
{
    CC_AUTO(json_decref)
    json_t *json = NULL;
    struct cc_call_ask ask;
    int rc = cc_json_parse(text, len, &json);

    if (rc)
        return rc;
    ask = (struct cc_call_ask){.id = cc_json_str(json, "id", ""),
                               .reply = cc_json_str(json, "reply", ""),
                               .method = cc_json_str(json, "method", ""),
                               .tenant = cc_json_str(json, "tenant", ""),
                               .trace = cc_json_str(json, "trace", ""),
                               .until_ms = cc_json_int(json, "until", 0),
                               .request = json_object_get(json, "request"),
                               .actor = cc_json_str(json, "actor", "")};
    if (!*ask.id || !*ask.reply || !*ask.method || !json_is_object(ask.request))
        return cc_fail(CC_E_INVALID, "a call without id, reply, method or request");
    *ret = ask;
    *ret_json = CC_TAKE(json);
    return 0;
}

int cc_call_answer_read(const char *text, size_t len, json_t **ret_json, struct cc_call_answer *ret)
{
    CC_AUTO(json_decref)
    json_t *json = NULL;
    struct cc_call_answer answer;
    const json_t *error;
    int rc = cc_json_parse(text, len, &json);

    if (rc)
        return rc;
    error = json_object_get(json, "error");
    answer = (struct cc_call_answer){.id = cc_json_str(json, "id", ""),
                                     .answer = json_object_get(json, "answer"),
                                     .words = cc_json_str(error, "words", "")};
    if (!*answer.id || (!json_is_object(answer.answer) && !json_is_object(error)))
        return cc_fail(CC_E_INVALID, "an answer without id, answer or error");
    if (!json_is_object(answer.answer)) {
        answer.answer = NULL;
        answer.code = cc_error_from_name(cc_json_str(error, "code", ""));
    }
    *ret = answer;
    *ret_json = CC_TAKE(json);
    return 0;
}

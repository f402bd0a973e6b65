/* Calls and answers from Redis: whatever is read is written to a text that reads the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/call_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip_ask(const struct cc_call_ask *ask)
{
    char *text = cc_call_ask_text(ask);
    struct cc_call_ask again;
    json_t *json;

    if (cc_call_ask_read(text, strlen(text), &json, &again) == 0) { /* else nested too deeply */
        assert(strcmp(ask->id, again.id) == 0 && json_equal(ask->request, again.request));
        assert(strcmp(ask->actor, again.actor) == 0);
        json_decref(json);
    }
    free(text);
}

static void round_trip_answer(const struct cc_call_answer *answer)
{
    char *text = cc_call_answer_text(answer);
    struct cc_call_answer again;
    json_t *json;

    if (cc_call_answer_read(text, strlen(text), &json, &again) == 0) {
        assert(strcmp(answer->id, again.id) == 0 && answer->code == again.code);
        json_decref(json);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_call_ask ask;
    struct cc_call_answer answer;
    json_t *json;

    if (cc_call_ask_read((const char *)data, size, &json, &ask) == 0) {
        round_trip_ask(&ask);
        json_decref(json);
    }
    if (cc_call_answer_read((const char *)data, size, &json, &answer) == 0) {
        round_trip_answer(&answer);
        json_decref(json);
    }
    return 0;
}

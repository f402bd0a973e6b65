/* Any body of a question or of an upload: what is accepted keeps the promises of the headers. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "gateway/pure/ask.h"
#include "gateway/pure/upload.h"
#include "proto/base/json.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ask(const struct cc_ask *ask)
{
    size_t len = strlen(ask->message), letters = cc_utf8_count(ask->message, len), trimmed;

    assert(cc_utf8_valid(ask->message, len));
    assert(letters >= 1 && letters <= CC_ASK_MESSAGE_MAX);
    cc_text_trim(ask->message, len, &trimmed);
    assert(trimmed == len);
    assert(!*ask->session || cc_session_valid(ask->session));
    assert(!*ask->message_id || cc_message_id_valid(ask->message_id));
    assert(strlen(ask->metadata) <= CC_ASK_METADATA_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new(64 << 20);
    struct cc_upload upload;
    struct cc_ask ask;
    json_t *json = NULL;

    if (cc_ask_parse((const char *)data, size, mem, &ask) == 0)
        check_ask(&ask);
    if (cc_json_parse((const char *)data, size, &json) == 0 &&
        cc_upload_parse(json, 1000, mem, &upload) == 0) {
        assert(upload.len <= 1000);
        cc_upload_type(&upload, upload.type, false);
        assert(*upload.filename && strlen(upload.filename) <= CC_FILENAME_MAX);
        assert(!strchr(upload.filename, '/'));
    }
    json_decref(json);
    cc_arena_free(&mem);
    return 0;
}

/* Notices and ids: what is accepted prints to what was read. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_notice(const char *text, size_t len)
{
    struct cc_notice n;
    struct cc_event_id again;
    char id[CC_EVENT_ID_MAX];

    if (cc_notice_decode(text, len, &n))
        return;
    assert(n.answer == text && n.answer_len > 0 && n.answer_len < len);
    assert(n.event.data + n.event.len == text + len);
    cc_event_id_print(n.id, id);
    assert(memcmp(text + n.answer_len + 1, id, strlen(id)) == 0);
    assert(cc_event_id_parse(id, &again) && cc_event_id_compare(n.id, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), id[CC_EVENT_ID_MAX];
    struct cc_event event;
    struct cc_event_id parsed;

    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    check_notice(text, size);
    if (cc_event_decode(text, size, &event) == 0)
        assert(event.data == text + 1 && event.len == size - 1);
    if (cc_event_id_parse(text, &parsed))
        assert(strcmp(cc_event_id_print(parsed, id), text) == 0);
    free(text);
    return 0;
}

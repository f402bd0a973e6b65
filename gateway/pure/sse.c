#include "gateway/pure/sse.h"

void cc_sse_frame(struct cc_buf *out, const struct cc_event_id *id, const struct cc_event *event)
{
    char text[CC_EVENT_ID_MAX];

    if (id)
        cc_buf_printf(out, "id: %s\n", cc_event_id_print(*id, text));
    cc_buf_printf(out, "event: %s\ndata: ", cc_event_name(event->kind));
    cc_buf_add(out, event->data, event->len);
    cc_buf_text(out, "\n\n");
}

#include <criterion/criterion.h>

#include "gateway/pure/sse.h"

Test(sse, writes_id_event_and_data)
{
    struct cc_event_id id = {2, 57};
    struct cc_event event = {CC_EV_TOKEN, "{\"text\":\"hi\"}", 13};
    struct cc_buf out;

    cc_buf_init(&out, 1000);
    cc_sse_frame(&out, &id, &event);

    cr_expect_str_eq(out.bytes, "id: 2-57\nevent: token\ndata: {\"text\":\"hi\"}\n\n");
    cc_buf_done(&out);
}

Test(sse, leaves_the_id_out_where_there_is_none)
{
    struct cc_event event = {CC_EV_ACCEPTED, "{}", 2};
    struct cc_buf out;

    cc_buf_init(&out, 1000);
    cc_sse_frame(&out, NULL, &event);

    cr_expect_str_eq(out.bytes, "event: accepted\ndata: {}\n\n");
    cc_buf_done(&out);
}

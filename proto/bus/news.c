#include "proto/bus/news.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/json.h"
#include "proto/wire/names.h"

void cc_news_conversation(struct cc_redis *live, const struct cc_conversation_news *news)
{
    CC_AUTO(json_decref)
    json_t *frame = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*}", "type", "conversation", "id",
                              news->session, "botId", news->bot, "event", news->event, "answerId",
                              news->answer, "state", news->state);
    char channel[CC_NAME_MAX], *text = json_dumps(frame, JSON_COMPACT);

    if (!text)
        abort();
    cc_publish_soon(live, cc_name_events(news->tenant, channel), text, strlen(text));
    free(text);
}

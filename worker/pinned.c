/*
 * The owner's own answer to this question, if there is one: by the same words, else by a vector
 * that is near enough.  It is told as it is, and no model is asked.
 */
#include "proto/base/log.h"
#include "proto/base/metrics.h"
#include "proto/store/pin.h"
#include "proto/vec/question.h"
#include "worker/chat.h"
#include "worker/find.h"
#include "worker/say.h"

static int take(struct cc_chat *chat, const struct cc_pin_match *match)
{
    chat->pin = match->id;
    chat->cache_key[0] = '\0'; /* kept answers would not be counted */
    cc_metric_add(CC_M_PIN_HITS, NULL, 1);
    cc_buf_text(&chat->text, match->answer);
    return cc_say(chat);
}

int cc_pinned(struct cc_chat *chat)
{
    struct cc_finder finder = cc_chat_finder(chat);
    struct cc_pin_match match;
    int rc;

    if (!chat->turn.tenant.pins)
        return 0;
    rc = cc_find_pin(&finder, chat->work, &chat->asked, &match);
    if (rc == CC_E_NOTFOUND)
        return 0;
    return rc ? rc : take(chat, &match);
}

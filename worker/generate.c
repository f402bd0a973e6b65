/* From the model to the visitor, token by token. */
#include <string.h>

#include "proto/base/clean.h"
#include "proto/base/clock.h"
#include "worker/chat.h"
#include "worker/say.h"
#include "worker/spend.h"

/* The first text goes at once, later ones at most every CC_FLUSH_MS. */
static bool is_due(const struct cc_chat *chat)
{
    return chat->told < chat->text.len && cc_now() >= chat->flush_ms;
}

static int take(struct cc_chat *chat, const struct cc_llm_piece *piece)
{
    chat->usage = piece->usage;
    cc_buf_add(&chat->text, piece->text, piece->len);
    return is_due(chat) ? cc_say(chat) : 0;
}

/* More, or the moment when what we have is due.  0 and piece->len 0 when that came first. */
static int read_more(struct cc_chat *chat, struct cc_llm_call *call, struct cc_llm_piece *piece)
{
    bool pending = chat->told < chat->text.len;
    int rc = cc_llm_read(call, pending ? chat->flush_ms : CC_NEVER, piece);

    if (rc != CC_E_TIMEOUT || !is_due(chat) || cc_unix_ms() >= chat->job.deadline_ms)
        return rc;
    *piece = (struct cc_llm_piece){.text = "", .usage = chat->usage};
    return 0;
}

static int pump(struct cc_chat *chat, struct cc_llm_call *call)
{
    struct cc_llm_piece piece = {.text = ""};
    int rc = 0;

    while (rc == 0 && !piece.end && !cc_buf_over(&chat->text)) {
        rc = read_more(chat, call, &piece);
        if (rc == 0)
            rc = take(chat, &piece);
    }
    if (rc == 0)
        chat->finish = piece.end ? piece.finish : "length";
    return rc;
}

/* ---- what nobody has counted ---- */

#define TOKEN_BYTES 4 /* of a usual text */

/* Most services count at the end alone, so of an answer that was cut short we can only say about
 * how much it was; our count of pieces is too small, as there may be several tokens in one. */
static void guess_usage(struct cc_chat *chat, bool cut_short)
{
    int64_t output = (int64_t)chat->text.len / TOKEN_BYTES;

    if (chat->usage.input == 0)
        chat->usage.input = cc_spend_prompt_bytes(&chat->request) / TOKEN_BYTES;
    if (cut_short && chat->usage.output < output)
        chat->usage.output = output;
}

/* We were told to stop, or it was too late, while the service was at work on the prompt: that has
 * its price, too.  Whom a service turns away or fails before is taken to pay nothing. */
static bool was_left(const struct cc_chat *chat, int rc)
{
    return rc == CC_E_CANCELLED || (rc == CC_E_TIMEOUT && cc_unix_ms() >= chat->job.deadline_ms);
}

int cc_generate(struct cc_chat *chat)
{
    CC_AUTOP(cc_llm_close) struct cc_llm_call *call = NULL;
    int rc = cc_spend_hold(chat);

    if (rc)
        return rc;
    rc = cc_llm_start(&chat->choice, &chat->request, &call);
    if (rc == 0)
        rc = pump(chat, call);
    if (chat->text.len > 0 || was_left(chat, rc))
        guess_usage(chat, rc != 0);
    return rc;
}

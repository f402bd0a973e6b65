/*
 * tuning.c - how a bot searches and how its documents are cut: two JSON objects of its row.
 */
#include <stdio.h>
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/guests.h"
#include "gateway/input.h"
#include "gateway/routes.h"
#include "proto/base/log.h"
#include "proto/vec/tuning.h"
#include "proto/wire/names.h"

#define OBJECT_MAX 8192

static int no_bot(int rc)
{
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such bot") : rc;
}

/* Waits.  Whether the key is good for it. */
static int choose(struct cc_rq *rq)
{
    return no_bot(cc_guest_choose(&rq->guest, cc_rq_param(rq, "id"), rq->mem));
}

/* Waits. */
static int load(struct cc_rq *rq, struct cc_bot *ret)
{
    int rc = choose(rq);

    if (rc != 0)
        return rc;
    return no_bot(
        cc_bot_get(cc_gateway()->pg, rq->guest.tenant, cc_rq_param(rq, "id"), rq->mem, ret));
}

/* Other processes keep bots for a while; who misses it learns it then. */
static void tell_change(const char *bot)
{
    char notice[CC_NAME_MAX];
    int n = snprintf(notice, sizeof notice, "bot %s", bot);
    int rc = cc_publish(cc_gateway()->live, CC_CHANNEL_INVALID, notice, (size_t)n);

    if (rc != 0)
        cc_log_failure("notice_unsent", rc, cc_s("bot", bot));
}

static int read_object(struct cc_rq *rq, const char **ret)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    int rc = cc_input_json(rq, &body);

    if (rc != 0)
        return rc;
    *ret = cc_json_dup(body, rq->mem);
    return strlen(*ret) <= OBJECT_MAX
               ? 0
               : cc_fail(CC_E_TOOBIG, "the object has more than %d bytes", OBJECT_MAX);
}

/* Waits. */
static int save(struct cc_rq *rq, enum cc_bot_part part, const char *object)
{
    const char *bot = cc_rq_param(rq, "id");
    int rc = choose(rq);

    if (rc == 0)
        rc = no_bot(cc_bot_set_part(cc_gateway()->pg, rq->guest.tenant, bot, part, object));
    if (rc != 0)
        return rc;
    tell_change(bot);
    return cc_reply_json(rq, 200, cc_json_object_of(object));
}

int cc_get_bot_retrieval(struct cc_rq *rq)
{
    struct cc_bot bot;
    int rc = load(rq, &bot);

    return rc ? rc : cc_reply_json(rq, 200, cc_json_object_of(bot.retrieval));
}

int cc_put_bot_retrieval(struct cc_rq *rq)
{
    struct cc_tuning tuning;
    const char *object = "";
    int rc = read_object(rq, &object);

    if (rc == 0)
        rc = cc_tuning_read(object, rq->mem, &tuning);
    return rc ? rc : save(rq, CC_BOT_RETRIEVAL, object);
}

int cc_get_bot_chunking(struct cc_rq *rq)
{
    struct cc_bot bot;
    int rc = load(rq, &bot);

    return rc ? rc : cc_reply_json(rq, 200, cc_json_object_of(bot.chunking));
}

int cc_put_bot_chunking(struct cc_rq *rq)
{
    const char *object = "";
    int rc = read_object(rq, &object);

    if (rc == 0)
        rc = cc_chunking_check(object);
    return rc ? rc : save(rq, CC_BOT_CHUNKING, object);
}

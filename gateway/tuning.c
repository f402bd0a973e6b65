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

/* Waits. */
static int load(struct cc_rq *rq, struct cc_bot *ret)
{
    const char *id = cc_rq_param(rq, "id");
    int rc = cc_guest_choose(&rq->guest, id, rq->mem);

    if (rc == 0)
        rc = cc_bot_get(cc_gateway()->pg, rq->guest.tenant, id, rq->mem, ret);
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "there is no such bot") : rc;
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
static int save(struct cc_rq *rq, const struct cc_bot *bot, const char *object)
{
    int rc = cc_bot_set(cc_gateway()->pg, bot);

    if (rc != 0)
        return rc;
    tell_change(bot->id);
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
    struct cc_bot bot;
    struct cc_tuning tuning;
    const char *object = "";
    int rc = read_object(rq, &object);

    if (rc == 0)
        rc = cc_tuning_read(object, rq->mem, &tuning);
    if (rc == 0)
        rc = load(rq, &bot);
    if (rc != 0)
        return rc;
    bot.retrieval = object;
    return save(rq, &bot, object);
}

int cc_get_bot_chunking(struct cc_rq *rq)
{
    struct cc_bot bot;
    int rc = load(rq, &bot);

    return rc ? rc : cc_reply_json(rq, 200, cc_json_object_of(bot.chunking));
}

int cc_put_bot_chunking(struct cc_rq *rq)
{
    struct cc_bot bot;
    const char *object = "";
    int rc = read_object(rq, &object);

    if (rc == 0)
        rc = cc_chunking_check(object);
    if (rc == 0)
        rc = load(rq, &bot);
    if (rc != 0)
        return rc;
    bot.chunking = object;
    return save(rq, &bot, object);
}

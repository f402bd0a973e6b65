/*
 * tuning.c - how a bot searches and how its documents are cut: two JSON objects among its settings.
 */
#include "gateway/bots.h"
#include "gateway/input.h"
#include "gateway/routes.h"

/* The one member of the bot that the route is about, set to the body. */
static int save(struct cc_rq *rq, const char *member, struct cc_bot_entry *ret)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    CC_AUTO(json_decref)
    json_t *members = json_object();
    int rc = cc_input_json(rq, &body);

    json_object_set(members, member, body);
    return rc ? rc : cc_bots_publish(rq, cc_rq_param(rq, "id"), cc_bots_lay_members, members, ret);
}

int cc_get_bot_retrieval(struct cc_rq *rq)
{
    struct cc_bot_entry entry;
    int rc = cc_bots_load(rq, cc_rq_param(rq, "id"), &entry);

    return rc ? rc : cc_reply_json(rq, 200, cc_json_object_of(entry.bot.retrieval));
}

int cc_put_bot_retrieval(struct cc_rq *rq)
{
    struct cc_bot_entry entry;
    int rc = save(rq, "retrieval", &entry);

    return rc ? rc : cc_reply_json(rq, 200, cc_json_object_of(entry.bot.retrieval));
}

int cc_get_bot_chunking(struct cc_rq *rq)
{
    struct cc_bot_entry entry;
    int rc = cc_bots_load(rq, cc_rq_param(rq, "id"), &entry);

    return rc ? rc : cc_reply_json(rq, 200, cc_json_object_of(entry.bot.chunking));
}

int cc_put_bot_chunking(struct cc_rq *rq)
{
    struct cc_bot_entry entry;
    int rc = save(rq, "chunking", &entry);

    return rc ? rc : cc_reply_json(rq, 200, cc_json_object_of(entry.bot.chunking));
}

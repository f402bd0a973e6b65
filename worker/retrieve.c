/* The passages that speak of the question, and what the visitor is told of them. */
#include "proto/base/json.h"
#include "worker/chat.h"
#include "worker/find.h"

static json_t *source(int n, const struct cc_found *found)
{
    const struct cc_passage *p = &found->passage;
    json_t *item = json_pack("{s:i, s:s, s:s, s:s, s:f}", "n", n, "documentId", p->document,
                             "title", *p->title ? p->title : p->filename, "snippet", found->snippet,
                             "score", found->fused);

    cc_find_place(p, item);
    return item;
}

static const char *sources(const struct cc_chat *chat)
{
    CC_AUTO(json_decref)
    json_t *list = json_array();

    for (int i = 0; i < chat->found_n; i++)
        json_array_append_new(list, source(i + 1, &chat->found[i]));
    return cc_json_dup(list, chat->work);
}

struct cc_finder cc_chat_finder(const struct cc_chat *chat)
{
    return (struct cc_finder){.worker = chat->worker,
                              .tenant = chat->job.tenant,
                              .bot = chat->job.bot,
                              .text = chat->job.message,
                              .top = (int)chat->turn.bot.top_k,
                              .threshold = chat->turn.bot.threshold,
                              .tuning = &chat->tuning,
                              .state = &chat->turn.tenant};
}

static int search(struct cc_chat *chat)
{
    struct cc_finder finder = cc_chat_finder(chat);
    struct cc_search_result result;
    int rc = cc_find(&finder, &chat->asked, chat->work, &result);

    if (rc)
        return rc;
    chat->found = result.found;
    chat->found_n = result.n;
    return 0;
}

int cc_retrieve(struct cc_chat *chat)
{
    int rc = chat->turn.tenant.knowledge > 0 ? search(chat) : 0;

    if (rc == 0 && chat->turn.claimed.files)
        rc = cc_own_files(chat);
    if (rc == 0 && chat->found_n > 0)
        chat->sources = sources(chat);
    return rc;
}

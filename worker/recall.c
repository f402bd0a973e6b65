/*
 * The answer cache: the same first question to the same bot gets the same answer, for a while.
 *
 * The key holds all that an answer depends on, so that a published document, a pinned answer,
 * another prompt, search or model find nothing.  Later questions of a session depend on what was
 * said before, those of a session with files on what the visitor has given: they are never in it.
 */
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"
#include "proto/base/metrics.h"
#include "proto/bus/cache.h"
#include "proto/vec/question.h"
#include "worker/chat.h"

#define KIND "answer"

static struct cc_cache_key key_of(const struct cc_chat *chat)
{
    return (struct cc_cache_key){KIND, chat->job.tenant, chat->cache_key};
}

static void add(struct cc_sha256 *sum, const char *text)
{
    cc_sha256_add(sum, text, strlen(text) + 1);
}

static int make_key(struct cc_chat *chat)
{
    const struct cc_bot *bot = &chat->turn.bot;
    const char *question;
    int rc = cc_question_normal(chat->job.message, chat->work, &question);

    if (rc)
        return rc;
    struct cc_sha256 *sum = cc_sha256_new();
    add(sum, bot->id);
    add(sum, question);
    add(sum, chat->choice.provider->name);
    add(sum, chat->choice.model);
    add(sum, chat->choice.base);
    add(sum, bot->system);
    add(sum, bot->refusal);
    add(sum, bot->retrieval);
    add(sum,
        cc_arena_printf(chat->work, "%lld %lld %lld %a %a", (long long)chat->turn.tenant.knowledge,
                        (long long)bot->top_k, (long long)chat->choice.max_tokens, bot->threshold,
                        chat->choice.temperature));
    cc_sha256_end(&sum, chat->cache_key);
    return 0;
}

static int take_answer(struct cc_chat *chat, const void *bytes, size_t len)
{
    CC_AUTO(json_decref)
    json_t *root = NULL;

    if (cc_json_parse(bytes, len, &root))
        return CC_E_NOTFOUND;
    const char *text = cc_json_str(root, "text", "");
    if (!*text)
        return cc_fail(CC_E_NOTFOUND, "no text in a kept answer");
    cc_buf_text(&chat->text, text);
    chat->sources = cc_arena_dup(chat->work, cc_json_str(root, "sources", "[]"));
    chat->from_cache = true;
    chat->cache_key[0] = '\0'; /* it is there already, and is to grow old */
    cc_metric_add(CC_M_ANSWER_HITS, NULL, 1);
    return 0;
}

int cc_recall(struct cc_chat *chat)
{
    const void *bytes;
    size_t len;

    if (chat->history_n > 0 || chat->turn.claimed.files || cc_cfg_int(CC_CFG_CACHE_ANSWER_S) == 0)
        return CC_E_NOTFOUND;
    int rc = make_key(chat);
    if (rc)
        return rc;
    struct cc_cache_key key = key_of(chat);
    rc = cc_cache_get(chat->worker->run->live, &key, chat->work, &bytes, &len);
    if (rc == CC_E_CANCELLED)
        return rc;
    return rc ? CC_E_NOTFOUND : take_answer(chat, bytes, len);
}

void cc_remember(struct cc_chat *chat)
{
    if (!*chat->cache_key || strcmp(chat->finish, "stop") != 0)
        return;
    CC_AUTO(json_decref)
    json_t *root = json_pack("{s:s, s:s}", "text", chat->text.bytes, "sources", chat->sources);
    char *text = cc_json_dup(root, chat->work);
    struct cc_cache_key key = key_of(chat);

    (void)cc_cache_put(chat->worker->run->live, &key, text, strlen(text),
                       (int)cc_cfg_int(CC_CFG_CACHE_ANSWER_S));
}

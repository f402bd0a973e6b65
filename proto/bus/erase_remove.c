/* Removing what was found, and its traces in streams and files. */
#include <string.h>

#include "proto/base/clock.h"
#include "proto/base/json.h"
#include "proto/bus/erase_inside.h"
#include "proto/wire/event.h"
#include "proto/wire/names.h"

#define KEYS_AT_ONCE (CC_CMD_MAX - 1)
#define TOLD_S       600 /* how long whoever comes back hears that it was erased */
#define LOOK_MS      50  /* between two looks at how far a server is with its files */

/* ---- entries ---- */

/* KEYS: stream, inflight.  ARGV: group, entry.  The count of open answers falls only for who
 * removes the entry. */
static struct cc_script drop_entry = {
    .lua = "local e = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]\n"
           "if not e then return 0 end\n"
           "local t = ''\n"
           "for i = 1, #e[2], 2 do if e[2][i] == 't' then t = e[2][i + 1] end end\n"
           "pcall(redis.call, 'XACK', KEYS[1], ARGV[1], ARGV[2])\n"
           "redis.call('XDEL', KEYS[1], ARGV[2])\n"
           "if KEYS[2] ~= '' and t ~= '' and redis.call('HINCRBY', KEYS[2], t, -1) <= 0 then\n"
           "  redis.call('HDEL', KEYS[2], t)\n"
           "end\n"
           "return 1"};

/*
 * A stream keeps the bytes of a removed entry until all entries of its block have gone.  So what is
 * there is written into a new one, with its group and who is at work on what, which takes its
 * place. KEYS: stream, a name for the new one.
 */
static struct cc_script write_anew = {
    .lua =
        "if redis.call('XLEN', KEYS[1]) == 0 then return 0 end\n"
        "redis.call('DEL', KEYS[2])\n"
        "local from, page = '-', nil\n"
        "repeat\n"
        "  page = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 100)\n"
        "  for _, e in ipairs(page) do\n"
        "    from = '(' .. e[1]\n"
        "    redis.call('XADD', KEYS[2], e[1], unpack(e[2]))\n"
        "  end\n"
        "until #page < 100\n"
        "local info = redis.call('XINFO', 'STREAM', KEYS[1])\n"
        "for i = 1, #info, 2 do\n"
        "  if info[i] == 'last-generated-id' then redis.call('XSETID', KEYS[2], info[i + 1]) end\n"
        "end\n"
        "for _, g in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do\n"
        "  local f = {}\n"
        "  for i = 1, #g, 2 do f[g[i]] = g[i + 1] end\n"
        "  redis.call('XGROUP', 'CREATE', KEYS[2], f.name, f['last-delivered-id'])\n"
        "  from = '-'\n"
        "  repeat\n"
        "    page = redis.call('XPENDING', KEYS[1], f.name, from, '+', 100)\n"
        "    for _, p in ipairs(page) do\n"
        "      from = '(' .. p[1]\n"
        "      redis.call('XCLAIM', KEYS[2], f.name, p[2], 0, p[1], 'IDLE', p[3], 'RETRYCOUNT',\n"
        "                 p[4], 'FORCE', 'JUSTID')\n"
        "    end\n"
        "  until #page < 100\n"
        "end\n"
        "redis.call('RENAME', KEYS[2], KEYS[1])\n"
        "return 1"};

static int rewrite_stream(struct cc_redis *queue, const char *stream, struct cc_arena *mem)
{
    struct cc_cmd cmd;

    cc_script_cmd(&cmd, &write_anew, 2);
    CC_CMD_TEXTS(&cmd, stream, cc_arena_printf(mem, "%s:anew", stream));
    return cc_script_call(queue, &write_anew, &cmd, NULL);
}

static int drop_entries(struct cc_redis *queue, const char *stream, const char *inflight,
                        const struct cc_erase_list *entries, struct cc_arena *mem)
{
    int rc = 0;

    for (int i = 0; i < entries->n && rc == 0; i++) {
        struct cc_cmd cmd;

        cc_script_cmd(&cmd, &drop_entry, 2);
        CC_CMD_TEXTS(&cmd, stream, inflight, CC_GROUP, entries->at[i]);
        rc = cc_script_call(queue, &drop_entry, &cmd, NULL);
    }
    return rc ? rc : rewrite_stream(queue, stream, mem);
}

static int remove_entries(struct cc_redis *queue, const struct cc_erase_found *found)
{
    char dead[CC_NAME_MAX], dead_ingest[CC_NAME_MAX];
    int rc = drop_entries(queue, CC_STREAM_CHAT, CC_INFLIGHT_CHAT, &found->entries, found->mem);

    if (rc == 0)
        rc = drop_entries(queue, cc_name_dead(CC_STREAM_CHAT, dead), "", &found->dead, found->mem);
    if (rc == 0 && found->dead_ingest.n)
        rc = drop_entries(queue, cc_name_dead(CC_STREAM_INGEST, dead_ingest), "",
                          &found->dead_ingest, found->mem);
    return rc;
}

/* ---- keys ---- */

static int unlink_some(struct cc_redis *redis, const char *const *keys, int n)
{
    struct cc_cmd cmd;

    cc_cmd_init(&cmd, "UNLINK");
    for (int i = 0; i < n; i++)
        cc_cmd_text(&cmd, keys[i]);
    return cc_redis_call(redis, &cmd, NULL, CC_REDIS_MS);
}

static int unlink_all(struct cc_redis *redis, const struct cc_erase_list *keys)
{
    int rc = 0;

    for (int i = 0; i < keys->n && rc == 0; i += KEYS_AT_ONCE)
        rc = unlink_some(redis, keys->at + i,
                         keys->n - i < KEYS_AT_ONCE ? keys->n - i : KEYS_AT_ONCE);
    return rc;
}

static int unlink_each(struct cc_erase_found *found, struct cc_redis *redis, const redisReply *keys)
{
    const char *some[KEYS_AT_ONCE];
    int n = 0, rc = 0;

    (void)found;
    for (size_t i = 0; i < keys->elements && rc == 0; i++) {
        some[n++] = keys->element[i]->str;
        if (n < KEYS_AT_ONCE && i + 1 < keys->elements)
            continue;
        rc = unlink_some(redis, some, n);
        n = 0;
    }
    return rc;
}

/* A kept answer is found by its question's hash, which tells nobody who asked: all go. */
static int remove_cached(struct cc_redis *live, const struct cc_erase_found *found)
{
    struct cc_erase_found all = {.what = found->what, .mem = found->mem};

    return cc_erase_scan(&all, live,
                         cc_arena_printf(found->mem, "cc:cache:*:%s:*", found->what->tenant),
                         unlink_each);
}

/* ---- answers ---- */

/* KEYS: stream, viewers, cancel.  ARGV: the last event, its id, seconds, answer. */
static struct cc_script end_answer = {
    .lua = "local viewers = redis.call('SMEMBERS', KEYS[2])\n"
           "redis.call('DEL', KEYS[1], KEYS[2])\n"
           "redis.call('XADD', KEYS[1], ARGV[2], 'd', ARGV[1])\n"
           "redis.call('EXPIRE', KEYS[1], ARGV[3])\n"
           "redis.call('SET', KEYS[3], '1', 'EX', ARGV[3])\n"
           "local notice = ARGV[4] .. ' ' .. ARGV[2] .. ' ' .. ARGV[1]\n"
           "for _, viewer in ipairs(viewers) do redis.call('PUBLISH', viewer, notice) end\n"
           "return 1"};

static void last_event(struct cc_arena *mem, struct cc_buf *ret)
{
    const char *name = cc_error_name(CC_E_NOTFOUND), *title = "The conversation has been erased";
    json_t *problem = json_pack("{s:o, s:s, s:i, s:s, s:s, s:b, s:s}", "type",
                                json_sprintf("urn:chatconnect:error:%s", name), "title", title,
                                "status", cc_error_http(CC_E_NOTFOUND), "detail", title, "code",
                                name, "retryable", 0, "traceId", "");
    const char *text = cc_json_dup(problem, mem);

    json_decref(problem);
    cc_buf_init(ret, CC_EVENT_MAX);
    cc_event_encode(CC_EV_ERROR, text, strlen(text), ret);
}

static int end_answers(struct cc_redis *live, const struct cc_erase_list *answers,
                       const struct cc_buf *event)
{
    char stream[CC_NAME_MAX], viewers[CC_NAME_MAX], cancel[CC_NAME_MAX];
    int rc = 0;

    for (int i = 0; i < answers->n && rc == 0; i++) {
        const char *answer = answers->at[i];
        struct cc_cmd cmd;

        cc_script_cmd(&cmd, &end_answer, 3);
        CC_CMD_TEXTS(&cmd, cc_name_answer(answer, stream), cc_name_viewers(answer, viewers),
                     cc_name_cancel(answer, cancel));
        cc_cmd_bytes(&cmd, event->bytes, event->len);
        cc_cmd_text(&cmd, CC_ERASED_EVENT);
        cc_cmd_number(&cmd, TOLD_S);
        cc_cmd_text(&cmd, answer);
        rc = cc_script_call(live, &end_answer, &cmd, NULL);
    }
    return rc;
}

int cc_erase_remove(struct cc_redis *queue, struct cc_redis *live,
                    const struct cc_erase_found *found)
{
    struct cc_buf event;
    int rc;

    last_event(found->mem, &event);
    rc = end_answers(live, &found->open, &event);
    if (rc == 0)
        rc = remove_entries(queue, found);
    if (rc == 0)
        rc = end_answers(live, &found->streams, &event);
    if (rc == 0)
        rc = unlink_all(queue, &found->queue);
    if (rc == 0)
        rc = unlink_all(live, &found->live);
    if (rc == 0 && found->counts.cached > 0)
        rc = remove_cached(live, found);
    cc_buf_done(&event);
    return rc;
}

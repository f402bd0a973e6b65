/* What there is to remove. */
#include "proto/bus/erase.h"

#include <string.h>

#include "proto/base/hash.h"
#include "proto/base/text.h"
#include "proto/bus/admit.h"
#include "proto/bus/erase_inside.h"
#include "proto/wire/job.h"
#include "proto/wire/names.h"

#define PAGE       50 /* entries of a stream at once */
#define PAGE_BYTES (PAGE * (CC_JOB_MAX + 4096))
#define SCAN_COUNT 500

/* ---- lists ---- */

static void add(struct cc_erase_found *found, struct cc_erase_list *list, const char *text)
{
    if (list->n == CC_ERASE_MAX) {
        found->counts.more = true;
        return;
    }
    if (list->n == list->room) {
        const char **more = cc_arena_array(found->mem, (size_t)list->room * 2 + 16, sizeof *more);

        if (list->n)
            memcpy(more, list->at, (size_t)list->n * sizeof *more);
        list->at = more;
        list->room = list->room * 2 + 16;
    }
    list->at[list->n++] = cc_arena_dup(found->mem, text);
}

static bool holds(const struct cc_erase_list *list, const char *text)
{
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->at[i], text) == 0)
            return true;
    return false;
}

static void add_once(struct cc_erase_found *found, struct cc_erase_list *list, const char *text)
{
    if (!holds(list, text))
        add(found, list, text);
}

/* ---- whose is it? ---- */

static bool is_session(const struct cc_erase_found *found, const char *name)
{
    char sum[CC_SHA256_HEX];

    return found->what->all || holds(&found->sessions, cc_sha256_hex(name, strlen(name), sum));
}

static bool is_subject(const struct cc_erase_found *found, const char *id)
{
    char sum[CC_SHA256_HEX];

    return found->what->all ||
           strcmp(cc_sha256_hex(id, strlen(id), sum), found->what->subject) == 0;
}

static void know_session(struct cc_erase_found *found, const char *name)
{
    char sum[CC_SHA256_HEX];

    add_once(found, &found->sessions, cc_sha256_hex(name, strlen(name), sum));
}

static bool is_job(const struct cc_erase_found *found, const struct cc_chat_job *job)
{
    if (strcmp(job->tenant, found->what->tenant) != 0)
        return false;
    if (found->what->all)
        return true;
    return job->asked_ms <= found->what->asked_ms &&
           (is_subject(found, job->visitor) || is_session(found, job->session));
}

/* ---- streams ---- */

static const redisReply *field_of(const redisReply *entry, const char *name)
{
    const redisReply *fields = cc_reply_at(entry, 1);

    for (size_t i = 0; i + 1 < fields->elements; i += 2)
        if (strcmp(cc_reply_at(fields, i)->str, name) == 0)
            return cc_reply_at(fields, i + 1);
    return cc_reply_at(fields, SIZE_MAX);
}

static void take_job(struct cc_erase_found *found, const redisReply *entry,
                     struct cc_erase_list *into, struct cc_arena *page)
{
    const redisReply *body = field_of(entry, "j");
    struct cc_chat_job job;

    if (!cc_reply_has_text(body) || cc_chat_job_decode(body->str, body->len, page, &job) != 0 ||
        !is_job(found, &job))
        return;
    add(found, into, cc_reply_at(entry, 0)->str);
    know_session(found, job.session);
    add_once(found, &found->open, job.answer);
}

/* Of documents' jobs only the tenant matters. */
static void take_tenants(struct cc_erase_found *found, const redisReply *entry,
                         struct cc_erase_list *into, struct cc_arena *page)
{
    const redisReply *tenant = field_of(entry, "tenant");

    (void)page;
    if (cc_reply_has_text(tenant) && strcmp(tenant->str, found->what->tenant) == 0)
        add(found, into, cc_reply_at(entry, 0)->str);
}

typedef void take_fn(struct cc_erase_found *found, const redisReply *entry,
                     struct cc_erase_list *into, struct cc_arena *page);

static int look_through(struct cc_erase_found *found, struct cc_redis *queue, const char *stream,
                        struct cc_erase_list *into, take_fn *take)
{
    struct cc_arena *page = cc_arena_new(PAGE_BYTES);
    char from[64] = "-";
    size_t n = PAGE;
    int rc = 0;

    while (n == PAGE && rc == 0) {
        CC_AUTO(freeReplyObject)
        redisReply *reply = NULL;
        struct cc_cmd cmd;

        cc_cmd_init(&cmd, "XRANGE");
        CC_CMD_TEXTS(&cmd, stream, from, "+", "COUNT");
        cc_cmd_number(&cmd, PAGE);
        rc = cc_redis_call(queue, &cmd, &reply, CC_REDIS_MS);
        n = rc == 0 ? reply->elements : 0;
        for (size_t i = 0; i < n; i++)
            take(found, reply->element[i], into, page);
        if (n > 0)
            snprintf(from, sizeof from, "(%s", cc_reply_at(reply->element[n - 1], 0)->str);
        cc_arena_reset(page);
    }
    cc_arena_free(&page);
    return rc;
}

static int find_jobs(struct cc_erase_found *found, struct cc_redis *queue)
{
    char dead[CC_NAME_MAX], dead_ingest[CC_NAME_MAX];
    int rc = look_through(found, queue, CC_STREAM_CHAT, &found->entries, take_job);

    if (rc == 0)
        rc = look_through(found, queue, cc_name_dead(CC_STREAM_CHAT, dead), &found->dead, take_job);
    if (rc == 0 && found->what->all)
        rc = look_through(found, queue, cc_name_dead(CC_STREAM_INGEST, dead_ingest),
                          &found->dead_ingest, take_tenants);
    return rc;
}

/* ---- keys ---- */

int cc_erase_scan(struct cc_erase_found *found, struct cc_redis *redis, const char *pattern,
                  cc_erase_each_fn *each)
{
    char cursor[24] = "0";
    int rc = 0;

    do {
        CC_AUTO(freeReplyObject)
        redisReply *reply = NULL;
        struct cc_cmd cmd;

        cc_cmd_init(&cmd, "SCAN");
        CC_CMD_TEXTS(&cmd, cursor, "MATCH", pattern, "COUNT");
        cc_cmd_number(&cmd, SCAN_COUNT);
        rc = cc_redis_call(redis, &cmd, &reply, CC_REDIS_MS);
        if (rc == 0)
            rc = each(found, redis, cc_reply_at(reply, 1));
        if (rc == 0)
            snprintf(cursor, sizeof cursor, "%s", cc_reply_at(reply, 0)->str);
    } while (rc == 0 && strcmp(cursor, "0") != 0);
    return rc;
}

/* "cc:<kind>:<tenant>:<rest>": the rest, or NULL. */
static const char *rest_of(const struct cc_erase_found *found, const char *key, const char *kind)
{
    const char *tenant = found->what->tenant;
    size_t kind_len = strlen(kind), tenant_len = strlen(tenant);

    if (!cc_text_starts(key, "cc:") || !cc_text_starts(key + 3, kind) || key[3 + kind_len] != ':' ||
        !cc_text_starts(key + 4 + kind_len, tenant) || key[4 + kind_len + tenant_len] != ':')
        return NULL;
    return key + 5 + kind_len + tenant_len;
}

static int asked_by(struct cc_redis *queue, const char *key, struct cc_arena *mem,
                    struct cc_asked_by *ret)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    struct cc_cmd cmd;
    int rc;

    cc_cmd_init(&cmd, "GET");
    cc_cmd_text(&cmd, key);
    rc = cc_redis_call(queue, &cmd, &reply, CC_REDIS_MS);
    *ret = (struct cc_asked_by){"", ""};
    if (rc == 0 && cc_reply_has_text(reply))
        cc_asked_by_read(reply->str, reply->len, mem, ret);
    return rc;
}

/* What a question and a new session are remembered by tells whose they are. */
static int take_asked(struct cc_erase_found *found, struct cc_redis *queue, const redisReply *keys)
{
    struct cc_arena *page = cc_arena_new(1 << 20);
    int rc = 0;

    for (size_t i = 0; i < keys->elements && rc == 0; i++) {
        const char *key = keys->element[i]->str;
        const char *answer = rest_of(found, key, "asked"),
                   *session = rest_of(found, key, "session");
        struct cc_asked_by by;

        if (!answer && !session)
            continue;
        cc_arena_reset(page);
        rc = asked_by(queue, key, page, &by);
        bool ours = rc == 0 && ((answer && holds(&found->open, answer)) ||
                                (session && is_session(found, session)) || found->what->all ||
                                is_subject(found, by.visitor));
        if (!ours)
            continue;
        add(found, &found->queue, key);
        if (session)
            know_session(found, session);
        if (answer && found->what->all)
            add_once(found, &found->open, answer);
    }
    cc_arena_free(&page);
    return rc;
}

static int take_idem(struct cc_erase_found *found, struct cc_redis *queue, const redisReply *keys)
{
    (void)queue;
    for (size_t i = 0; i < keys->elements; i++) {
        const char *key = keys->element[i]->str, *rest = rest_of(found, key, "idem");
        size_t len = rest ? strcspn(rest, ":") : 0;

        if (rest && is_session(found, cc_arena_dupn(found->mem, rest, len)))
            add(found, &found->queue, key);
    }
    return 0;
}

static int take_all(struct cc_erase_found *found, struct cc_redis *queue, const redisReply *keys)
{
    (void)queue;
    for (size_t i = 0; i < keys->elements; i++)
        add_once(found, &found->queue, keys->element[i]->str);
    return 0;
}

/* "cc:gate:<kind>:<tenant>:<who>" */
static int take_gates(struct cc_erase_found *found, struct cc_redis *live, const redisReply *keys)
{
    char tenant[CC_NAME_MAX];
    int n = snprintf(tenant, sizeof tenant, ":%s:", found->what->tenant);

    (void)live;
    for (size_t i = 0; i < keys->elements; i++) {
        const char *key = keys->element[i]->str, *at = strstr(key, tenant);

        if (at && (is_session(found, at + n) || is_subject(found, at + n)))
            add(found, &found->live, key);
    }
    return 0;
}

static int count_cached(struct cc_erase_found *found, struct cc_redis *live, const redisReply *keys)
{
    (void)live;
    found->counts.cached += (int64_t)keys->elements;
    return 0;
}

/* ---- answers ---- */

static int find_stream(struct cc_erase_found *found, struct cc_redis *live, const char *answer)
{
    CC_AUTO(freeReplyObject)
    redisReply *reply = NULL;
    char name[CC_NAME_MAX];
    struct cc_cmd cmd;
    const redisReply *last;
    int rc;

    cc_cmd_init(&cmd, "XREVRANGE");
    CC_CMD_TEXTS(&cmd, cc_name_answer(answer, name), "+", "-", "COUNT", "1");
    rc = cc_redis_call(live, &cmd, &reply, CC_REDIS_MS);
    if (rc)
        return rc;
    last = cc_reply_at(cc_reply_at(reply, 0), 0);
    if (cc_reply_has_text(last) && strcmp(last->str, CC_ERASED_EVENT) != 0)
        add(found, &found->streams, answer);
    return 0;
}

static int find_streams(struct cc_erase_found *found, struct cc_redis *live)
{
    int rc = 0;

    for (int i = 0; i < found->what->answers_n && rc == 0; i++)
        if (!holds(&found->open, found->what->answers[i]))
            rc = find_stream(found, live, found->what->answers[i]);
    for (int i = 0; i < found->open.n && rc == 0; i++)
        rc = find_stream(found, live, found->open.at[i]);
    return rc;
}

/* ---- together ---- */

static const char *pattern(struct cc_erase_found *found, const char *kind)
{
    return cc_arena_printf(found->mem, "cc:%s:%s:*", kind, found->what->tenant);
}

/* A session that only its key tells of is known before its questions are looked for. */
static int find_keys(struct cc_erase_found *found, struct cc_redis *queue)
{
    int rc = cc_erase_scan(found, queue, pattern(found, "session"), take_asked);

    if (rc == 0)
        rc = cc_erase_scan(found, queue, pattern(found, "asked"), take_asked);
    if (rc == 0)
        rc = cc_erase_scan(found, queue, pattern(found, "idem"), take_idem);
    if (rc == 0 && found->what->all)
        rc = cc_erase_scan(found, queue, pattern(found, "*"), take_all);
    return rc;
}

static int find_live(struct cc_erase_found *found, struct cc_redis *live)
{
    int rc = cc_erase_scan(found, live, pattern(found, "gate:*"), take_gates);

    if (rc == 0 && (found->what->answered || found->what->all || found->open.n > 0))
        rc = cc_erase_scan(found, live, pattern(found, "cache:*"), count_cached);
    return rc ? rc : find_streams(found, live);
}

int cc_erase_find(struct cc_redis *queue, struct cc_redis *live, const struct cc_erase_what *what,
                  struct cc_arena *mem, struct cc_erase_found **ret)
{
    struct cc_erase_found *found = cc_arena_get(mem, sizeof *found);
    int rc;

    found->what = what;
    found->mem = mem;
    for (int i = 0; i < what->sessions_n; i++)
        add(found, &found->sessions, what->sessions[i]);
    rc = find_jobs(found, queue);
    if (rc == 0)
        rc = find_keys(found, queue);
    if (rc == 0)
        rc = find_live(found, live);
    if (rc)
        return rc;
    found->counts.questions = found->entries.n;
    found->counts.dead = found->dead.n + found->dead_ingest.n;
    found->counts.names = found->queue.n + found->live.n;
    found->counts.streams = found->streams.n;
    *ret = found;
    return 0;
}

struct cc_erase_counts cc_erase_counts(const struct cc_erase_found *found)
{
    return found->counts;
}

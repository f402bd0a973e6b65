/*
 * stage.h - a tenant, workers as processes of their own, and visitors who look on: for tests of
 * the whole way of an answer.  Runs under tests/support/servers.
 *
 * A visitor reads as the gateway does: it is told of an event, then reads the replay stream after
 * the last id it knows.  Each event is checked: ids grow by one within an attempt, a later attempt
 * clears the text.
 */
#ifndef CC_TESTS_WORKER_STAGE_H
#define CC_TESTS_WORKER_STAGE_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"
#include "proto/bus/admit.h"
#include "proto/bus/queue.h"
#include "proto/bus/replay.h"
#include "proto/wire/names.h"
#include "tests/support/store.h"

#define WORKERS_MAX 4

struct stage {
    struct store store;
    struct cc_redis *queue, *live;
    char channel[64];
    struct cc_sub *sub;
    pid_t worker[WORKERS_MAX];
    int workers;
    const char *binary;
};

struct visitor {
    struct stage *stage;
    char answer[CC_ID_MAX], session[CC_ID_MAX];
    struct cc_event_id last;
    char text[65536];
    int64_t attempt;
    int tokens, sources, ends;
    json_t *done, *error, *source_items;
};

/* ---- the stage ---- */

static inline const char *stage_binary(void)
{
    static char path[4096];
    const char *bin = getenv("CC_BIN");
    ssize_t n;

    if (bin) {
        snprintf(path, sizeof path, "%s/cc-worker", bin);
        return path;
    }
    n = readlink("/proc/self/exe", path, sizeof path - 32);
    cr_assert_gt(n, 0);
    path[n] = '\0';
    snprintf(strrchr(path, '/'), 32, "/bin/cc-worker");
    return path;
}

static inline void stage_open(struct stage *s)
{
    char id[CC_ID_MAX];

    memset(s, 0, sizeof *s);
    store_open(&s->store);
    cr_assert_eq(cc_config_load(), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_redis_open(store_env("CC_REDIS_QUEUE"), &s->queue), 0);
    cr_assert_eq(cc_redis_open(store_env("CC_REDIS_LIVE"), &s->live), 0);
    cr_assert_eq(cc_redis_ready(s->queue, cc_now() + 5000), 0);
    cr_assert_eq(cc_redis_ready(s->live, cc_now() + 5000), 0);
    snprintf(s->channel, sizeof s->channel, "cc:gw:test:%s", cc_id_random("gtw", id));
    cr_assert_eq(cc_sub_open(s->live, s->channel, 10000, &s->sub), 0);
    s->binary = stage_binary();
}

/* NAME=value, ..., NULL, over our own environment.  Returns its number. */
static inline int stage_worker(struct stage *s, const char *const *settings)
{
    int n = s->workers++;

    cr_assert_lt(n, WORKERS_MAX);
    s->worker[n] = fork();
    if (s->worker[n] == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (int i = 0; settings && settings[i]; i++)
            putenv((char *)settings[i]);
        execl(s->binary, s->binary, (char *)NULL);
        perror(s->binary);
        _exit(127);
    }
    return n;
}

/* Its exit code, or minus the signal that ended it. */
static inline int stage_end_worker(struct stage *s, int n, int sig)
{
    int status = 0;

    if (s->worker[n] <= 0)
        return 0;
    kill(s->worker[n], sig);
    kill(s->worker[n], SIGCONT);
    waitpid(s->worker[n], &status, 0);
    s->worker[n] = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline void stage_close(struct stage *s)
{
    for (int i = 0; i < s->workers; i++)
        stage_end_worker(s, i, SIGTERM);
    cc_sub_close(&s->sub);
    cc_redis_close(&s->queue);
    cc_redis_close(&s->live);
    store_close(&s->store);
}

static inline const char *stage_bot(struct stage *s, const char *provider, const char *model,
                                    const char *refusal)
{
    char *id = cc_arena_get(s->store.mem, CC_ID_MAX);
    struct cc_bot bot = {.id = cc_id_sorted("bot", id),
                         .tenant = s->store.tenant,
                         .name = "Bot",
                         .system = "Be kind.",
                         .provider = provider,
                         .model = model,
                         .temperature = 0.5,
                         .max_tokens = 500,
                         .top_k = 5,
                         .origins = "[\"*\"]",
                         .widget = "{}",
                         .refusal = refusal};

    cr_assert_eq(cc_bot_add(s->store.pg, &bot), 0, "%s", cc_fail_text());
    return id;
}

/* ---- visitors ---- */

struct asking {
    const char *bot, *session, *message; /* session NULL: a new one */
    int64_t deadline_ms;                 /* from now; 0: two minutes */
};

static inline void visitor_ask(struct stage *s, const struct asking *what, struct visitor *v)
{
    struct cc_admitted admitted;

    memset(v, 0, sizeof *v);
    v->stage = s;
    cc_id_random("ans", v->answer);
    cc_id_random("ses", v->session);
    if (what->session)
        snprintf(v->session, sizeof v->session, "%s", what->session);
    cr_assert_eq(cc_session_open(s->store.pg, s->store.tenant, what->bot, v->session, ""), 0, "%s",
                 cc_fail_text());
    struct cc_chat_job job = {
        .answer = v->answer,
        .tenant = s->store.tenant,
        .bot = what->bot,
        .session = v->session,
        .client_message = "",
        .message = what->message,
        .tier = "free",
        .reply = s->channel,
        .trace = "test",
        .metadata = "",
        .asked_ms = cc_unix_ms(),
        .deadline_ms = cc_unix_ms() + (what->deadline_ms ? what->deadline_ms : 120000),
    };
    struct cc_admit admit = {&job, 1000, 100000, 600, false};
    cr_assert_eq(cc_admit(s->queue, &admit, &admitted), 0, "%s", cc_fail_text());
}

static inline void visitor_done(struct visitor *v)
{
    json_decref(v->done);
    json_decref(v->error);
    json_decref(v->source_items);
}

static inline void visitor_take(struct visitor *v, const struct cc_replay_entry *e)
{
    json_t *data = NULL;

    cr_expect(cc_event_id_follows(v->last, e->id), "%lld-%lld after %lld-%lld",
              (long long)e->id.attempt, (long long)e->id.seq, (long long)v->last.attempt,
              (long long)v->last.seq);
    cr_expect_eq(v->ends, 0, "nothing may follow the end");
    v->last = e->id;
    cr_assert_eq(cc_json_parse(e->event.data, e->event.len, &data), 0, "%s", e->event.data);
    switch (e->event.kind) {
    case CC_EV_START:
        v->text[0] = '\0';
        v->attempt = cc_json_int(data, "attempt", 0);
        cr_expect_eq(v->attempt, e->id.attempt);
        break;
    case CC_EV_SOURCES:
        v->sources++;
        json_decref(v->source_items);
        v->source_items = json_incref(json_object_get(data, "items"));
        break;
    case CC_EV_TOKEN: {
        const char *text = cc_json_str(data, "text", "");
        size_t at = strlen(v->text);
        v->tokens++;
        cr_assert_lt(at + strlen(text), sizeof v->text);
        memcpy(v->text + at, text, strlen(text) + 1);
        break;
    }
    case CC_EV_DONE: v->ends++, v->done = json_incref(data); break;
    case CC_EV_ERROR: v->ends++, v->error = json_incref(data); break;
    default: cr_assert_fail("an event of kind %d", e->event.kind);
    }
    json_decref(data);
}

static inline void visitor_read(struct visitor *v)
{
    struct cc_arena *mem = cc_arena_new(64 << 20);
    struct cc_replay_entry *e = cc_arena_array(mem, 256, sizeof *e);
    int n = 0;

    if (cc_replay_read(v->stage->live, v->answer, v->last, 256, mem, e, &n) == 0)
        for (int i = 0; i < n; i++)
            visitor_take(v, &e[i]);
    cc_arena_free(&mem);
}

/* Until the end, or until at least `bytes` of text are there (0: the end); false when late. */
static inline bool visitor_watch(struct visitor *v, size_t bytes, int64_t within_ms)
{
    int64_t until = cc_clock_ms() + within_ms;

    while (cc_clock_ms() < until) {
        char *text = NULL;
        size_t len;

        visitor_read(v);
        if (v->ends || (bytes && strlen(v->text) >= bytes))
            return true;
        if (cc_sub_next(v->stage->sub, cc_now() + 100, &text, &len) == 0)
            free(text);
    }
    return false;
}

/* The text that scripted says without echo; see worker/llm/scripted.c. */
static inline const char *scripted_text(struct stage *s, const char *message, int len)
{
    char sum[65];
    struct cc_buf out;

    cc_buf_init(&out, 65536);
    cc_sha256_hex(message, strlen(message), sum);
    sum[16] = '\0';
    cc_buf_text(&out, sum);
    for (int i = 1; i < len; i++)
        cc_buf_printf(&out, i % 10 ? " %d" : " %d\xc3\xbc\xe6\xbc\xa2\xf0\x9f\x98\x80", i);
    const char *text = cc_arena_dup(s->store.mem, out.bytes);
    cc_buf_done(&out);
    return text;
}

/* How many rows with answer_id (of the assistant, for messages) a table has. */
static inline long long stage_count(struct stage *s, const char *table, const char *answer)
{
    char sql[512];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE answer_id = '%s'%s", table, answer,
             strcmp(table, "messages") == 0 ? " AND role = 'assistant'" : "");
    const char *value = store_sql(&s->store, "CC_PG_SUPER", sql);
    return value ? strtoll(value, NULL, 10) : -1;
}

/* The row says the same as the visitor saw; one message, one charge. */
static inline void visitor_expect_whole(struct visitor *v, const char *state)
{
    struct stage *s = v->stage;
    struct cc_answer_view view;

    cr_assert_not_null(v->done, "%s", v->error ? cc_json_str(v->error, "code", "") : "no end");
    cr_expect_str_eq(v->text, cc_json_str(v->done, "text", "-"));
    cr_assert_eq(cc_answer_read(s->store.pg, s->store.tenant, v->answer, s->store.mem, &view), 0);
    cr_expect_str_eq(view.state, state);
    cr_expect_str_eq(view.text, v->text);
    cr_expect_str_eq(view.message, cc_json_str(v->done, "messageId", ""));
    cr_expect_eq(stage_count(s, "messages", v->answer), 1);
    cr_expect_eq(stage_count(s, "usage_ledger", v->answer), 1);
}

/* Waits until nothing is left on the work stream. */
static inline void stage_expect_empty(struct stage *s)
{
    struct cc_queue_state state = {.depth = 1};
    int64_t until = cc_clock_ms() + 5000;

    while (state.depth > 0 && cc_clock_ms() < until) {
        cr_assert_eq(cc_queue_look(s->queue, CC_STREAM_CHAT, &state), 0);
        cc_loop_turn(5);
    }
    cr_expect_eq(state.depth, 0);
}

#endif

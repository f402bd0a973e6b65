#include <criterion/criterion.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/http/http.h"
#include "proto/task/task.h"
#include "proto/vec/embed.h"
#include "tests/integration/vec/scripted.h"
#include "tests/support/silent.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* [3, 4] and [0, -2], as base64 and as numbers */
#define OPENAI_ONE "{\"data\":[{\"index\":0,\"embedding\":\"AABAQAAAgEA=\"}]}"
#define OPENAI_TWO                                                                                 \
    "{\"data\":[{\"index\":1,\"embedding\":\"AAAAAAAAAMA=\"},"                                     \
    "{\"index\":0,\"embedding\":\"AABAQAAAgEA=\"}]}"
#define OLLAMA_ONE "{\"embeddings\":[[3,4]]}"
#define OLLAMA_TWO "{\"embeddings\":[[3,4],[0,-2]]}"

static const struct scripted_answer openai_answers[] = {{200, "", OPENAI_ONE},
                                                        {200, "", OPENAI_TWO}};

static struct cc_http *http;
static struct cc_embedder *embedder;
static struct scripted server;
static struct cc_arena *mem;

static void begin(void)
{
    cr_assert_eq(cc_config_load(), 0);
    cc_loop_init(NULL);
    cr_assert_eq(cc_http_open(NULL, &http), 0);
    mem = cc_arena_new(1 << 20);
}

static void end(void)
{
    cc_embedder_free(&embedder);
    cc_http_close(&http);
    cc_loop_done();
    scripted_stop(&server);
    cc_arena_free(&mem);
}

TestSuite(embedding_service, .init = begin, .fini = end, .timeout = 30);

static void open_service(const char *spec, const struct scripted_answer *answer, int n)
{
    struct cc_embed_opts opts = {.spec = spec, .http = http};

    server = scripted_start(answer, n);
    cc_config_set(CC_CFG_OPENAI_URL, cc_arena_printf(mem, "http://127.0.0.1:%d/v1", server.port));
    cc_config_set(CC_CFG_OLLAMA_URL, cc_arena_printf(mem, "http://127.0.0.1:%d", server.port));
    cr_assert_eq(cc_embedder_open(&opts, &embedder), 0, "%s", cc_fail_text());
}

static int embed_two(float out[4])
{
    const char *texts[] = {"first", "second"};

    return cc_embed(embedder, texts, 2, out);
}

static void expect_two(const float v[4])
{
    cr_expect_float_eq(v[0], 0.6f, 1e-6f);
    cr_expect_float_eq(v[1], 0.8f, 1e-6f);
    cr_expect_float_eq(v[2], 0, 1e-6f);
    cr_expect_float_eq(v[3], -1, 1e-6f);
}

static json_t *last_body(void)
{
    json_t *body = NULL;
    const char *text = strstr(server.seen->last, "\r\n\r\n") + 4;

    cr_assert_eq(cc_json_parse(text, strlen(text), &body), 0);
    return body;
}

Test(embedding_service, of_openai_is_asked_for_base64_with_key_and_model)
{
    CC_AUTO(json_decref)
    json_t *body = NULL;
    float v[4];

    cc_config_set(CC_CFG_OPENAI_KEY, "sk-test");
    open_service("openai:text-embedding-3-small", openai_answers, COUNT(openai_answers));
    cr_assert_eq(embed_two(v), 0, "%s", cc_fail_text());

    expect_two(v);
    cr_expect_str_eq(cc_embedder_name(embedder), "openai:text-embedding-3-small");
    cr_expect_eq(strncmp(server.seen->last, "POST /v1/embeddings ", 20), 0);
    cr_expect_not_null(strcasestr(server.seen->last, "Authorization: Bearer sk-test\r\n"));
    body = last_body();
    cr_expect_str_eq(cc_json_str(body, "model", ""), "text-embedding-3-small");
    cr_expect_str_eq(cc_json_str(body, "encoding_format", ""), "base64");
    cr_expect_eq(json_array_size(json_object_get(body, "input")), 2);
}

Test(embedding_service, of_ollama_is_asked_its_own_way)
{
    static const struct scripted_answer answers[] = {{200, "", OLLAMA_ONE}, {200, "", OLLAMA_TWO}};
    CC_AUTO(json_decref)
    json_t *body = NULL;
    float v[4];

    open_service("ollama:nomic-embed-text", answers, COUNT(answers));
    cr_assert_eq(embed_two(v), 0, "%s", cc_fail_text());

    expect_two(v);
    cr_expect_eq(strncmp(server.seen->last, "POST /api/embed ", 16), 0);
    body = last_body();
    cr_expect_null(json_object_get(body, "encoding_format"));
}

Test(embedding_service, is_asked_for_its_dimension_once)
{
    size_t dim = 0;

    open_service("openai:m", openai_answers, COUNT(openai_answers));
    cr_assert_eq(cc_embedder_dim(embedder, &dim), 0);
    cr_assert_eq(cc_embedder_dim(embedder, &dim), 0);

    cr_expect_eq(dim, 2);
    cr_expect_eq(atomic_load(&server.seen->requests), 1);
}

Test(embedding_service, that_is_busy_is_asked_again_when_it_said)
{
    static const struct scripted_answer answers[] = {
        {200, "", OPENAI_ONE}, {429, "Retry-After: 1\r\n", "{}"}, {200, "", OPENAI_TWO}};
    float v[4];
    int64_t began;

    open_service("openai:m", answers, COUNT(answers));
    cr_assert_eq(cc_embedder_dim(embedder, &(size_t){0}), 0);
    began = cc_clock_ms();
    cr_assert_eq(embed_two(v), 0, "%s", cc_fail_text());

    expect_two(v);
    cr_expect_geq(cc_clock_ms() - began, 1000);
    cr_expect_eq(atomic_load(&server.seen->requests), 3);
}

Test(embedding_service, that_breaks_is_asked_again_but_not_for_ever)
{
    static const struct scripted_answer answers[] = {{500, "", "{}"}};
    float v[4];

    open_service("openai:m", answers, COUNT(answers));

    cr_expect_eq(embed_two(v), CC_E_UPSTREAM);
    cr_expect_eq(atomic_load(&server.seen->requests), 4);
}

Test(embedding_service, that_refuses_is_not_asked_again)
{
    static const struct scripted_answer answers[] = {{401, "", "{}"}};
    float v[4];

    open_service("openai:m", answers, COUNT(answers));

    cr_expect_eq(embed_two(v), CC_E_REFUSED);
    cr_expect_eq(atomic_load(&server.seen->requests), 1);
}

Test(embedding_service, that_answers_too_few_vectors_is_not_believed)
{
    static const struct scripted_answer answers[] = {{200, "", OPENAI_ONE}};
    float v[4];

    open_service("openai:m", answers, COUNT(answers));

    cr_expect_eq(embed_two(v), CC_E_UPSTREAM);
}

Test(embedding_service, that_changes_its_dimension_is_refused)
{
    static const struct scripted_answer answers[] = {
        {200, "", OPENAI_ONE}, {200, "", "{\"embeddings\":[[1,2,3],[4,5,6]]}"}};
    float v[4];

    open_service("openai:m", answers, COUNT(answers));

    cr_expect_eq(embed_two(v), CC_E_REFUSED);
}

static int rc_in_task;
static bool over;

static void embed_in_task(void *arg)
{
    float v[4];

    (void)arg;
    rc_in_task = embed_two(v);
    over = true;
}

static void embed_late(void *arg)
{
    (void)arg;
    cc_task_deadline(cc_now() + 300);
    embed_in_task(NULL);
}

Test(embedding_service, is_given_up_at_the_deadline_of_the_task)
{
    static const struct scripted_answer answers[] = {{429, "Retry-After: 60\r\n", "{}"}};

    open_service("openai:m", answers, COUNT(answers));
    cr_assert_eq(cc_task_spawn("embed", embed_late, NULL, NULL), 0);
    cc_loop_run(&over);

    cr_expect_eq(rc_in_task, CC_E_BUSY, "neither the task nor the service is at fault");
    while (cc_task_live() > 0)
        cc_loop_turn(0);
}

Test(embedding_service, that_refuses_for_long_is_waited_for)
{
    static const struct scripted_answer no = {429, "Retry-After: 0\r\n", "{}"};
    const struct scripted_answer answers[] = {
        {200, "", OPENAI_ONE}, no, no, no, no, no, no, no, no, no, no, no, no, no, no,
        {200, "", OPENAI_TWO}};
    float v[4];

    open_service("openai:m", answers, COUNT(answers));
    cr_assert_eq(embed_two(v), 0, "%s", cc_fail_text());

    expect_two(v);
    cr_expect_eq(atomic_load(&server.seen->requests), COUNT(answers));
}

/* A pacer that writes down what it was asked and told. */
static struct {
    int entered, ok, busy, fails;
    int64_t retry_after_ms, wait_ms;
    char name[64];
} paced;

static int note_enter(void *arg, const char *name, int64_t *ret_wait_ms)
{
    (void)arg;
    paced.entered++;
    snprintf(paced.name, sizeof paced.name, "%s", name);
    *ret_wait_ms = paced.entered == 1 ? paced.wait_ms : 0;
    return paced.fails ? CC_E_DOWN : 0;
}

static void note_tell(void *arg, const char *name, bool busy, int64_t retry_after_ms)
{
    (void)arg;
    cr_expect_str_eq(name, paced.name);
    *(busy ? &paced.busy : &paced.ok) += 1;
    if (busy)
        paced.retry_after_ms = retry_after_ms;
}

static void open_paced(const struct scripted_answer *answer, int n)
{
    static const struct cc_embed_pacer pacer = {.enter = note_enter, .tell = note_tell};
    struct cc_embed_opts opts = {.spec = "openai:m", .http = http, .pacer = &pacer};

    open_service("openai:m", answer, n);
    cc_embedder_free(&embedder);
    cr_assert_eq(cc_embedder_open(&opts, &embedder), 0, "%s", cc_fail_text());
}

Test(embedding_service, is_asked_at_the_pace_that_all_agree_on)
{
    static const struct scripted_answer answers[] = {
        {200, "", OPENAI_ONE}, {429, "Retry-After: 1\r\n", "{}"}, {200, "", OPENAI_TWO}};
    int64_t began = cc_clock_ms();
    float v[4];

    cc_config_set(CC_CFG_OPENAI_KEY, "sk-test");
    paced.wait_ms = 400;
    open_paced(answers, COUNT(answers));
    cr_assert_eq(embed_two(v), 0, "%s", cc_fail_text());

    cr_expect_geq(cc_clock_ms() - began, 1400);
    cr_expect_eq(paced.entered, 4, "one was told to wait");
    cr_expect_eq(paced.ok, 2);
    cr_expect_eq(paced.busy, 1);
    cr_expect_eq(paced.retry_after_ms, 1000);
    cr_expect_eq(strncmp(paced.name, "embed:", 6), 0);
    cr_expect_null(strstr(paced.name, "sk-test"), "the key stays here");
}

Test(embedding_service, is_asked_all_the_same_when_nobody_can_tell_the_pace)
{
    float v[4];

    paced.fails = true;
    paced.wait_ms = 60000;
    open_paced(openai_answers, COUNT(openai_answers));

    cr_expect_eq(embed_two(v), 0, "%s", cc_fail_text());
}

static int silent_service(void)
{
    int port, service = silent_open(&port);

    cc_config_set(CC_CFG_OPENAI_URL, cc_arena_printf(mem, "http://127.0.0.1:%d/v1", port));
    return service;
}

static void run_late_task(void)
{
    rc_in_task = 0;
    cr_assert_eq(cc_task_spawn("embed", embed_late, NULL, NULL), 0);
    while (cc_task_live() > 0)
        cc_loop_turn(10);
    cr_assert_eq(rc_in_task, CC_E_TIMEOUT);
}

Test(embedding_service, that_was_too_slow_for_one_task_is_asked_by_the_next_at_once)
{
    open_service("openai:m", openai_answers, COUNT(openai_answers));
    cc_embedder_free(&embedder);
    int listener = silent_service();
    cr_assert_eq(
        cc_embedder_open(&(struct cc_embed_opts){.spec = "openai:m", .http = http}, &embedder), 0);

    for (int i = 0; i < 6; i++) { /* each would have made the others wait longer */
        run_late_task();
        cr_expect_eq(silent_count(listener), 1, "task %d", i);
    }
    close(listener);
}

#define LONG_REFUSAL (6 << 20)

Test(embedding_service, may_refuse_at_length_as_often_as_it_likes)
{
    struct cc_arena *large = cc_arena_new(LONG_REFUSAL + 1024);
    char *words = cc_arena_get(large, LONG_REFUSAL + 1);
    float v[4];

    memset(words, 'x', LONG_REFUSAL);
    const struct scripted_answer no = {429, "Retry-After: 0\r\n", words};
    const struct scripted_answer answers[] = {{200, "", OPENAI_ONE}, no, no, no, no, no,
                                              {200, "", OPENAI_TWO}};

    open_service("openai:m", answers, COUNT(answers));
    cr_expect_eq(embed_two(v), 0, "%s", cc_fail_text());
    cc_arena_free(&large);
}

static int tasks_over;
static bool all_over;

static void embed_beside(void *arg)
{
    float v[4];

    (void)arg;
    cr_expect_eq(embed_two(v), 0);
    all_over = ++tasks_over == 3;
}

/* one 429 is enough: the others have waited, too, instead of being refused in turn */
Test(embedding_service, that_is_busy_is_left_alone_by_all_tasks)
{
    static const struct scripted_answer answers[] = {
        {200, "", OPENAI_ONE}, {429, "Retry-After: 1\r\n", "{}"}, {200, "", OPENAI_TWO}};

    open_service("openai:m", answers, COUNT(answers));
    cr_assert_eq(cc_embedder_dim(embedder, &(size_t){0}), 0);
    cr_assert_eq(cc_task_spawn("first", embed_in_task, NULL, NULL), 0);
    while (atomic_load(&server.seen->requests) < 2)
        cc_loop_turn(10);
    for (int64_t until = cc_clock_ms() + 100; cc_clock_ms() < until;)
        cc_loop_turn(10); /* the 429 is read */
    for (int i = 0; i < 3; i++)
        cr_assert_eq(cc_task_spawn("beside", embed_beside, NULL, NULL), 0);
    cr_expect_eq(atomic_load(&server.seen->requests), 2);
    cc_loop_run(&all_over);
    while (cc_task_live() > 0)
        cc_loop_turn(10);

    cr_expect_eq(rc_in_task, 0);
    cr_expect_eq(atomic_load(&server.seen->requests), 6);
}

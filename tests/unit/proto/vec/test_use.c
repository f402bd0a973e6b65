/* The values are those of the original network under TensorFlow.js. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/vector.h"
#include "proto/task/offload.h"
#include "proto/task/task.h"
#include "proto/vec/embed.h"

#define DIM  512
#define NEAR 2e-5f
#define HERE "tests/unit/proto/vec/test_use.c"

static struct cc_embedder *embedder;
static struct cc_arena *mem;

/* var/models/use of the sources, or CC_EMBED_MODEL_DIR; infra/models/fetch lays it out. */
static const char *model_folder(void)
{
    static char path[1024];

    if (getenv("CC_EMBED_MODEL_DIR"))
        return getenv("CC_EMBED_MODEL_DIR");
    snprintf(path, sizeof path, "%.*svar/models/use", (int)(strlen(__FILE__) - strlen(HERE)),
             __FILE__);
    return path;
}

static void open_use(void)
{
    struct cc_embed_opts opts = {.spec = "use", .model_dir = model_folder()};
    int rc;

    cr_assert_eq(cc_config_load(), 0);
    mem = cc_arena_new((size_t)8 << 20);
    rc = cc_embedder_open(&opts, &embedder);
    if (rc == CC_E_NOTFOUND)
        cr_skip_test("no weights in %s: run infra/models/fetch", opts.model_dir);
    cr_assert_eq(rc, 0, "%s", cc_fail_text());
}

static void close_use(void)
{
    cc_embedder_free(&embedder);
    cc_arena_free(&mem);
}

TestSuite(use, .init = open_use, .fini = close_use);

static void expect_values(const char *text, const float want[8])
{
    float v[DIM];

    cr_assert_eq(cc_embed(embedder, &text, 1, v), 0);
    cr_expect_float_eq(cc_vector_dot(v, v, DIM), 1.0f, NEAR);
    for (size_t i = 0; i < 8; i++)
        cr_expect_float_eq(v[i], want[i], NEAR, "%.20s: number %zu is %f, not %f", text, i,
                           (double)v[i], (double)want[i]);
}

Test(use, gives_the_values_of_the_original)
{
    expect_values("How many points did the Panthers defense surrender?",
                  (float[]){0.056804f, 0.057495f, 0.019058f, 0.034260f, -0.044069f, -0.001191f,
                            -0.032737f, -0.057813f});
    expect_values("The cat sat on the mat.",
                  (float[]){0.048480f, -0.003794f, -0.060885f, -0.059278f, 0.032546f, 0.040554f,
                            0.057118f, -0.048996f});
    expect_values("Wie viele Punkte erzielte die Verteidigung?",
                  (float[]){-0.052376f, 0.048351f, -0.000043f, 0.000879f, -0.051730f, 0.039049f,
                            0.023221f, -0.053948f});
}

Test(use, merges_characters_it_does_not_know)
{
    expect_values("\xe4\xbd\xa0\xe5\xa5\xbd, world \xf0\x9f\x98\x80\xf0\x9f\x98\x80!",
                  (float[]){-0.057873f, -0.034580f, 0.027314f, -0.002129f, -0.050053f, -0.043865f,
                            0.051274f, -0.052641f});
}

Test(use, reads_compatible_characters_as_the_plain_ones)
{
    expect_values("\xef\xac\x81le", (float[]){-0.049880f, -0.049860f, 0.047197f, 0.047506f,
                                              0.049779f, 0.036205f, 0.049185f, -0.049111f});
}

Test(use, looks_at_128_tokens_of_a_long_text)
{
    const char *text = "";

    for (int i = 0; i < 300; i++)
        text = cc_arena_printf(mem, "%sword ", text);
    expect_values(text, (float[]){-0.052354f, -0.040618f, -0.041020f, 0.051311f, 0.029315f,
                                  -0.053580f, -0.040739f, 0.009810f});
}

static const char *const questions[] = {"How do I get my money back?",
                                        "What is your refund policy?",
                                        "Where is the nearest train station?"};

static void expect_cosines(const float *v)
{
    cr_expect_float_eq(cc_vector_dot(v, v + DIM, DIM), 0.598344f, NEAR);
    cr_expect_float_eq(cc_vector_dot(v, v + 2 * DIM, DIM), 0.155776f, NEAR);
    cr_expect_float_eq(cc_vector_dot(v + DIM, v + 2 * DIM, DIM), 0.132713f, NEAR);
}

Test(use, puts_paraphrases_nearer_than_other_questions)
{
    float v[3 * DIM];

    cr_assert_eq(cc_embed(embedder, questions, 3, v), 0);
    expect_cosines(v);
}

Test(use, of_an_empty_text_is_zero)
{
    const char *text = "";
    float v[DIM];

    cr_assert_eq(cc_embed(embedder, &text, 1, v), 0);
    cr_expect_eq(cc_vector_dot(v, v, DIM), 0);
}

Test(use, splits_a_chunk_into_sentences_and_keeps_small_ones_with_the_next)
{
    const char *text = "Yes. The refund is paid within ten days of your letter. Other "
                       "things take longer than that.";
    struct cc_part *part;
    size_t n;

    cr_assert_eq(cc_embed_split(embedder, text, strlen(text), mem, &part, &n), 0);

    cr_assert_eq(n, 2);
    cr_expect_str_eq(part[0].text, "Yes. The refund is paid within ten days of your letter.");
    cr_expect_str_eq(part[1].text, "Other things take longer than that.");
    cr_expect_eq(part[1].from, strlen(part[0].text) + 1);
}

Test(use, splits_nothing_into_one_empty_part)
{
    struct cc_part *part;
    size_t n;

    cr_assert_eq(cc_embed_split(embedder, " ", 1, mem, &part, &n), 0);
    cr_expect_eq(n, 1);
}

/* ---- on tasks ---- */

static float in_task[40 * DIM];
static int rc_in_task, turns;
static bool over;

static void embed_in_task(void *arg)
{
    const char *texts[40];

    (void)arg;
    for (size_t i = 0; i < 40; i++)
        texts[i] = questions[i % 3];
    rc_in_task = cc_embed(embedder, texts, 40, in_task);
    over = true;
}

static void count_turns(void *arg)
{
    (void)arg;
    while (!over && cc_yield() == 0)
        turns++;
}

Test(use, lets_other_tasks_run_while_it_computes)
{
    cc_loop_init(NULL);
    cr_assert_eq(cc_offload_open(1, 16), 0);
    cr_assert_eq(cc_task_spawn("embed", embed_in_task, NULL, NULL), 0);
    cr_assert_eq(cc_task_spawn("count", count_turns, NULL, NULL), 0);

    cc_loop_run(&over);
    while (cc_task_live() > 0)
        cc_loop_turn(0);

    cr_expect_eq(rc_in_task, 0);
    expect_cosines(in_task);
    expect_cosines(in_task + 36 * DIM);
    cr_expect_gt(turns, 10);
    cc_offload_close();
    cc_loop_done();
}

Test(use, stops_when_its_task_is_cancelled)
{
    struct cc_task_ref ref;

    cc_loop_init(NULL);
    cr_assert_eq(cc_offload_open(1, 16), 0);
    cr_assert_eq(cc_task_spawn("embed", embed_in_task, NULL, &ref), 0);

    cc_task_cancel(ref);
    cc_loop_run(&over);

    cr_expect_eq(rc_in_task, CC_E_CANCELLED);
    cc_offload_close(); /* waits for the thread, which still computes */
    cc_loop_done();
}

#include <criterion/criterion.h>
#include <ctype.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/config.h"
#include "proto/base/metrics.h"

extern char **environ;

static struct cc_buf page;

static void one_slot(void)
{
    cr_assert_eq(cc_metrics_open(1), 0);
    cc_buf_init(&page, 8 << 20);
}

static void close_all(void)
{
    cc_buf_done(&page);
    cc_metrics_close();
}

TestSuite(metrics, .init = one_slot, .fini = close_all);

static const char *rendered(void)
{
    cc_buf_reset(&page);
    cc_metrics_render(&page);
    cr_assert_not(cc_buf_over(&page));
    return page.bytes;
}

/* The value on the line that starts with this series; -1 when there is no such line. */
static double value_of(const char *series)
{
    size_t n = strlen(series);

    for (const char *p = rendered(); p; p = strchr(p, '\n')) {
        p += *p == '\n';
        if (strncmp(p, series, n) == 0 && p[n] == ' ')
            return strtod(p + n, NULL);
    }
    return -1;
}

static void in_child(int slot, void (*fn)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        cc_metrics_slot(slot);
        fn();
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0);
}

Test(metrics, start_at_zero_where_there_are_no_labels)
{
    cr_assert_float_eq(value_of("fenced_writes_total{kind=\"chat\"}"), -1, 0);
    cr_assert_float_eq(value_of("stream_resumes_total"), 0, 0);
    cr_assert_float_eq(value_of("open_streams"), 0, 0);
    cr_assert_float_eq(value_of("vector_search_duration_seconds_count"), 0, 0);
}

Test(metrics, count_each_set_of_labels_by_itself)
{
    cc_metric_add(CC_M_JOBS, CC_LABELS("chat", "done"), 1);
    cc_metric_add(CC_M_JOBS, CC_LABELS("chat", "done"), 2);
    cc_metric_add(CC_M_JOBS, CC_LABELS("chat", "dead"), 1);
    cc_metric_add(CC_M_RESUMES, NULL, 1);

    cr_assert_float_eq(value_of("jobs_total{kind=\"chat\",outcome=\"done\"}"), 3, 0);
    cr_assert_float_eq(value_of("jobs_total{kind=\"chat\",outcome=\"dead\"}"), 1, 0);
    cr_assert_float_eq(value_of("stream_resumes_total"), 1, 0);
}

Test(metrics, put_an_observation_into_all_buckets_above_it)
{
    cc_metric_observe(CC_M_STAGE, CC_LABELS("embed"), 0.003);
    cc_metric_observe(CC_M_STAGE, CC_LABELS("embed"), 0.1); /* a bound belongs to its bucket */
    cc_metric_observe(CC_M_STAGE, CC_LABELS("embed"), 1000);

    cr_assert_float_eq(value_of("answer_stage_seconds_bucket{stage=\"embed\",le=\"0.001\"}"), 0, 0);
    cr_assert_float_eq(value_of("answer_stage_seconds_bucket{stage=\"embed\",le=\"0.005\"}"), 1, 0);
    cr_assert_float_eq(value_of("answer_stage_seconds_bucket{stage=\"embed\",le=\"0.1\"}"), 2, 0);
    cr_assert_float_eq(value_of("answer_stage_seconds_bucket{stage=\"embed\",le=\"60\"}"), 2, 0);
    cr_assert_float_eq(value_of("answer_stage_seconds_bucket{stage=\"embed\",le=\"+Inf\"}"), 3, 0);
    cr_assert_float_eq(value_of("answer_stage_seconds_count{stage=\"embed\"}"), 3, 0);
    cr_assert_float_eq(value_of("answer_stage_seconds_sum{stage=\"embed\"}"), 1000.103, 1e-9);
}

Test(metrics, escape_label_values)
{
    cc_metric_add(CC_M_LLM_ERRORS, CC_LABELS("a\"b\\c", "x\ny"), 1);

    cr_assert_not_null(
        strstr(rendered(), "\nllm_errors_total{provider=\"a\\\"b\\\\c\",code=\"x\\ny\"} 1\n"));
}

Test(metrics, cut_long_label_values_between_characters)
{
    char text[200];

    memset(text, 'x', sizeof(text));
    memcpy(text + 61, "\xe2\x82\xac", 3);
    text[199] = '\0';
    cc_metric_add(CC_M_TAKEOVERS, CC_LABELS(text), 1);

    text[61] = '\0';
    cr_assert_not_null(strstr(rendered(), text));
    cr_assert_null(strstr(page.bytes, "\xe2"));
}

Test(metrics, go_to_other_beyond_the_cap_and_lose_nothing)
{
    enum { EXTRA = 100 };
    char name[32];

    for (int i = 0; i < CC_METRIC_SERIES + EXTRA; i++) {
        snprintf(name, sizeof(name), "k%d", i);
        cc_metric_add(CC_M_TAKEOVERS, CC_LABELS(name), 1);
    }
    cc_metric_add(CC_M_TAKEOVERS, CC_LABELS("k5"), 1); /* those that are known go on */
    cc_metric_add(CC_M_JOBS, CC_LABELS("new", "new"), 1);

    cr_assert_float_eq(value_of("job_takeovers_total{kind=\"other\"}"), EXTRA, 0);
    cr_assert_float_eq(value_of("job_takeovers_total{kind=\"k5\"}"), 2, 0);
    cr_assert_float_eq(value_of("jobs_total{kind=\"other\",outcome=\"other\"}"), 1, 0);
}

Test(metrics, hide_the_client_when_told_to)
{
    cc_config_set(CC_CFG_METRICS_CLIENT_ID, "0");

    cc_metric_add(CC_M_CHAT_REQUESTS, CC_LABELS("tenant-7", "free", "200"), 1);
    cc_metric_add(CC_M_CHAT_REQUESTS, CC_LABELS("tenant-8", "free", "200"), 1);

    cr_assert_float_eq(value_of("chat_requests_total{client_id=\"\",tier=\"free\",status=\"200\"}"),
                       2, 0);
    cr_assert_null(strstr(page.bytes, "tenant-"));
}

static void child_work(void)
{
    cc_metric_add(CC_M_JOBS, CC_LABELS("chat", "done"), 5);
    cc_metric_set(CC_M_STREAMS, NULL, 7);
    cc_metric_observe(CC_M_STAGE, CC_LABELS("embed"), 0.2);
}

static void no_work(void)
{
}

Test(metrics, are_the_sum_over_all_processes)
{
    cr_assert_eq(cc_metrics_open(3), 0);
    in_child(1, child_work);
    in_child(2, child_work);
    cc_metrics_slot(0);
    cc_metric_add(CC_M_JOBS, CC_LABELS("chat", "done"), 1);

    cr_assert_float_eq(value_of("jobs_total{kind=\"chat\",outcome=\"done\"}"), 11, 0);
    cr_assert_float_eq(value_of("open_streams"), 14, 0);
    cr_assert_float_eq(value_of("answer_stage_seconds_count{stage=\"embed\"}"), 2, 0);
}

Test(metrics, keep_counts_but_not_gauges_when_a_process_follows_a_dead_one)
{
    cr_assert_eq(cc_metrics_open(2), 0);
    in_child(1, child_work);
    in_child(1, no_work);

    cr_assert_float_eq(value_of("jobs_total{kind=\"chat\",outcome=\"done\"}"), 5, 0);
    cr_assert_float_eq(value_of("open_streams"), 0, 0);
}

Test(metrics, are_ignored_before_they_are_opened)
{
    cc_metrics_close();

    cc_metric_add(CC_M_RESUMES, NULL, 1);
    cc_metric_set(CC_M_STREAMS, NULL, 1);
    cc_metric_observe(CC_M_VECTOR_SEARCH, NULL, 1);

    cr_assert_float_eq(value_of("stream_resumes_total"), 0, 0);
}

/* ---- the format, read strictly ---- */

static const char *name_end(const char *p)
{
    cr_assert(isalpha((unsigned char)*p) || *p == '_', "%.40s", p);
    while (isalnum((unsigned char)*p) || *p == '_')
        p++;
    return p;
}

static const char *label_end(const char *p)
{
    p = name_end(p);
    cr_assert_eq(*p++, '=');
    cr_assert_eq(*p++, '"');
    for (; *p != '"'; p++) {
        cr_assert(*p && *p != '\n', "a label value ends in its line");
        if (*p == '\\')
            cr_assert(strchr("\\\"n", *++p));
    }
    return p + 1;
}

static const char *sample_end(const char *p)
{
    char *end;

    p = name_end(p);
    if (*p == '{') {
        do
            p = label_end(p + 1);
        while (*p == ',');
        cr_assert_eq(*p++, '}');
    }
    cr_assert_eq(*p++, ' ');
    strtod(p, &end);
    cr_assert(end > p && *end == '\n', "%.40s", p);
    return end + 1;
}

static void fill(void)
{
    cc_metric_add(CC_M_JOBS, CC_LABELS("chat", "done"), 1);
    cc_metric_add(CC_M_LLM_ERRORS, CC_LABELS("a\"b\\c", "x\ny"), 1);
    cc_metric_observe(CC_M_STAGE, CC_LABELS("embed"), 0.2);
    cc_metric_observe(CC_M_VECTOR_SEARCH, NULL, 0.2);
    cc_metric_set(CC_M_QUEUE_DEPTH, CC_LABELS("chat"), 1e15);
    cc_metric_set(CC_M_QUEUE_OLDEST, CC_LABELS("chat"), 0.25);
}

Test(metrics, are_text_of_version_0_0_4)
{
    int types = 0;

    fill();
    for (const char *p = rendered(); *p;) {
        types += strncmp(p, "# TYPE ", 7) == 0;
        p = *p == '#' ? strchr(p, '\n') + 1 : sample_end(p);
    }
    cr_assert_eq(types, CC_M_COUNT);
}

/* The judge of the format's makers, where it is installed. */
Test(metrics, please_promtool)
{
    int in[2], status;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    char *const argv[] = {"promtool", "check", "metrics", NULL};

    fill();
    rendered();
    cr_assert_eq(pipe(in), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    int rc = posix_spawnp(&pid, "promtool", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (rc)
        cr_skip_test("promtool is not installed");
    close(in[0]);
    cr_assert_eq(write(in[1], page.bytes, page.len), (ssize_t)page.len);
    close(in[1]);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0);
}

/* A whole process from start to end, beside real servers (tests/support/servers). */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/base/config.h"
#include "proto/run/run.h"
#include "proto/store/migrate.h"

/* ---- the program under test: what it does goes to the pipe, word by word ---- */
static int told[2];
static bool stuck, refuses;

static void tell(const char *word)
{
    if (write(told[1], word, strlen(word)) < 0)
        _exit(70);
}

static struct cc_task_ref background;

static void sleep_on(void *arg)
{
    (void)arg;
    while (cc_sleep(1000) == 0) {
    }
    tell("cancelled ");
}

static int start(struct cc_run *run)
{
    if (refuses)
        return cc_fail(CC_E_INVALID, "no model is set");
    if (cc_redis_ping(run->queue, 2000) || cc_redis_ping(run->live, 2000) ||
        cc_redis_ping(run->blocking, 2000) || cc_pg_ping(run->pg, 2000) || !run->http)
        return cc_fail(CC_E_INTERNAL, "a store is missing");
    int rc = cc_task_spawn("background", sleep_on, NULL, &background);
    tell("started ");
    return rc;
}

static void drain(struct cc_run *run)
{
    tell(run->stopping ? "draining " : "draining too early ");
    if (stuck)
        cc_sleep(60000);
    cc_sleep(50);
    cc_task_cancel(background);
    tell("drained ");
}

static const struct cc_program program = {"cc-test", start, drain};

/* ---- driving it ---- */
static int said[2]; /* its standard output and error */

static pid_t run_with(const char *option)
{
    char *argv[] = {"cc-test", (char *)(uintptr_t)option, NULL};

    cr_assert_eq(pipe(told), 0);
    cr_assert_eq(pipe(said), 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(said[1], 1);
        dup2(said[1], 2);
        int code = cc_run_main(option ? 2 : 1, argv, &program);
        fflush(stdout);
        _exit(code);
    }
    close(told[1]);
    close(said[1]);
    return pid;
}

static void read_until(int fd, const char *word, char *out, size_t room)
{
    size_t len = 0;

    out[0] = '\0';
    while (len + 1 < room && (!word || !strstr(out, word))) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        cr_assert_eq(poll(&p, 1, 20000), 1, "no \"%s\" in \"%s\"", word ? word : "end", out);
        ssize_t n = read(fd, out + len, room - 1 - len);
        if (n <= 0)
            break;
        len += (size_t)n;
        out[len] = '\0';
    }
    if (word)
        cr_assert(strstr(out, word), "no \"%s\" in \"%s\"", word, out);
}

static int exit_code_of(pid_t pid)
{
    int status;

    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static char text[1 << 16];

/* ---- options ---- */
static const struct {
    const char *option, *words;
    int code;
} options[] = {
    {"--version", "cc-test " CC_VERSION "\n", 0},
    {"--help", "--config", 0},
    {"--config", "CC_LEASE_MS=", 0},
    {"--config-markdown", "`CC_LEASE_MS`", 0},
    {"--nonsense", "usage: cc-test", 2},
};

Test(run, serves_its_options_without_any_store)
{
    setenv("CC_REDIS_QUEUE", "nowhere", 1);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        pid_t pid = run_with(options[i].option);
        read_until(said[0], NULL, text, sizeof text);
        cr_expect(strstr(text, options[i].words), "%s: %s", options[i].option, text);
        cr_expect_eq(exit_code_of(pid), options[i].code, "%s", options[i].option);
        close(told[0]);
        close(said[0]);
    }
}

Test(run, prints_no_secret_with_its_settings)
{
    setenv("CC_OPENAI_KEY", "sk-very-secret", 1);
    pid_t pid = run_with("--config");
    read_until(said[0], NULL, text, sizeof text);

    cr_expect(strstr(text, "CC_OPENAI_KEY="));
    cr_expect_null(strstr(text, "very-secret"));
    cr_expect_eq(exit_code_of(pid), 0);
}

Test(run, refuses_a_setting_that_makes_no_sense)
{
    setenv("CC_LEASE_MS", "soon", 1);
    pid_t pid = run_with(NULL);
    read_until(said[0], NULL, text, sizeof text);

    cr_expect(strstr(text, "CC_LEASE_MS"), "%s", text);
    cr_expect_eq(exit_code_of(pid), 1);
}

Test(run, says_what_is_wrong_with_a_store)
{
    setenv("CC_REDIS_QUEUE", "redis://:hidden@redis.example:6379", 1);
    pid_t pid = run_with(NULL);
    read_until(said[0], NULL, text, sizeof text);

    cr_expect(strstr(text, "no numeric address"), "%s", text);
    cr_expect_null(strstr(text, "hidden"));
    cr_expect_eq(exit_code_of(pid), 1);
}

/* ---- a life ---- */
static void need_servers(void)
{
    if (!getenv("CC_TEST_DIR") || !getenv("CC_PG_OWNER"))
        cr_skip_test("runs under tests/support/servers");
    struct cc_migrated migrated;
    cr_assert_eq(cc_migrate(getenv("CC_PG_OWNER"), &migrated), 0, "%s", cc_fail_text());
}

static int free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    getsockname(fd, (struct sockaddr *)&at, &len);
    close(fd);
    return ntohs(at.sin_port);
}

static void ask_page(int port, const char *path)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    dprintf(fd, "GET %s HTTP/1.1\r\n\r\n", path);
    read_until(fd, NULL, text, sizeof text);
    close(fd);
}

Test(run, starts_serves_drains_and_ends, .timeout = 60)
{
    char port[16];

    need_servers();
    int number = free_port();
    snprintf(port, sizeof port, "%d", number);
    setenv("CC_METRICS_PORT", port, 1);
    pid_t pid = run_with(NULL);
    read_until(told[0], "started ", text, sizeof text);
    read_until(said[0], "\"started\"", text, sizeof text);
    ask_page(number, "/health/live");
    cr_expect(strstr(text, "\r\n\r\nok\n"), "%s", text);
    kill(pid, SIGTERM);

    read_until(told[0], NULL, text, sizeof text);
    cr_expect_str_eq(text, "draining drained cancelled ");
    cr_expect_eq(exit_code_of(pid), 0);
}

Test(run, ends_at_once_when_told_again, .timeout = 60)
{
    need_servers();
    stuck = true;
    pid_t pid = run_with(NULL);
    read_until(told[0], "started ", text, sizeof text);
    read_until(said[0], "\"started\"", text, sizeof text);
    kill(pid, SIGTERM);
    read_until(told[0], "draining ", text, sizeof text);
    kill(pid, SIGTERM);

    cr_expect_eq(exit_code_of(pid), 1);
}

Test(run, ends_with_words_when_the_program_cannot_start, .timeout = 60)
{
    need_servers();
    refuses = true;
    pid_t pid = run_with(NULL);
    read_until(said[0], NULL, text, sizeof text);

    cr_expect(strstr(text, "cc-test: no model is set\n"), "%s", text);
    cr_expect_eq(exit_code_of(pid), 1);
}

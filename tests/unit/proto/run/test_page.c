#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/clock.h"
#include "proto/base/metrics.h"
#include "proto/run/page.h"
#include "proto/task/task.h"

static struct cc_page *page;

static void set_up(void)
{
    cc_loop_init(NULL);
    cr_assert_eq(cc_metrics_open(1), 0);
    cr_assert_eq(cc_page_open(0, &page), 0, "%s", cc_fail_text());
}

static void tear_down(void)
{
    cc_page_close(&page);
    cr_assert_eq(cc_task_live(), 0);
    cc_metrics_close();
    cc_loop_done();
}

TestSuite(page, .init = set_up, .fini = tear_down, .timeout = 60);

static int visit(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)cc_page_port(page)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* All that comes until the page closes; the loop turns meanwhile. */
static size_t receive(int fd, char *out, size_t room)
{
    int64_t end_ms = cc_clock_ms() + 10000;
    size_t len = 0;

    for (;;) {
        ssize_t n = recv(fd, out + len, room - 1 - len, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno == ECONNRESET))
            break;
        if (n > 0)
            len += (size_t)n;
        else
            cc_loop_turn(10);
        cr_assert_lt(cc_clock_ms(), end_ms);
    }
    out[len] = '\0';
    close(fd);
    return len;
}

static char answer[1 << 18];

static const char *ask(const char *request)
{
    int fd = visit();

    send(fd, request, strlen(request), MSG_NOSIGNAL);
    receive(fd, answer, sizeof answer);
    return answer;
}

static const struct {
    const char *request, *status;
} requests[] = {
    {"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
    {"GET /metrics?x=1 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
    {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "},
    {"GET /metrics/ HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "},
    {"GET /../etc/passwd HTTP/1.1\r\n\r\n", "HTTP/1.1 404 "},
    {"POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
    {"DELETE /health/live HTTP/1.1\r\n\r\n", "HTTP/1.1 405 "},
    {"GET /metrics\r\n\r\n", "HTTP/1.1 400 "},
    {"\r\n\r\n", "HTTP/1.1 400 "},
    {"GET /metrics SMTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
};

Test(page, answers_two_paths_and_nothing_else)
{
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        const char *got = ask(requests[i].request), *want = requests[i].status;
        cr_expect_eq(strncmp(got, want, strlen(want)), 0, "%s: %s", requests[i].request, got);
    }
}

Test(page, shows_the_metrics_of_the_process)
{
    cc_metric_add(CC_M_JOBS, CC_LABELS("chat", "done"), 3);
    const char *got = ask("GET /metrics HTTP/1.1\r\n\r\n");

    cr_expect(strstr(got, "jobs_total{kind=\"chat\",outcome=\"done\"} 3\n"), "%s", got);
    const char *memory = strstr(got, "\nprocess_resident_memory_bytes ");
    cr_assert(memory);
    cr_expect_gt(strtod(memory + strlen("\nprocess_resident_memory_bytes "), NULL), 1e6);
    cr_expect(strstr(got, "\nprocess_open_fds "));
    cr_expect(strstr(got, "\ntasks_live "));
}

Test(page, refuses_a_head_without_end)
{
    static char head[8192];
    int fd = visit();

    memset(head, 'x', sizeof head);
    send(fd, head, sizeof head, MSG_NOSIGNAL);
    receive(fd, answer, sizeof answer);
    cr_expect(strncmp(answer, "HTTP/1.1 431 ", 13) == 0 || answer[0] == '\0', "%s", answer);
}

Test(page, gives_up_who_says_nothing)
{
    int64_t since_ms = cc_clock_ms();
    int fd = visit();

    send(fd, "GET /metr", 9, MSG_NOSIGNAL);
    cr_expect_eq(receive(fd, answer, sizeof answer), 0);
    cr_expect_lt(cc_clock_ms() - since_ms, 5000);
}

Test(page, serves_no_more_than_sixteen_at_once_and_again_when_they_left)
{
    int fds[16];

    for (int i = 0; i < 16; i++)
        fds[i] = visit();
    int late = visit();
    cr_expect_eq(receive(late, answer, sizeof answer), 0, "closed at once");
    for (int i = 0; i < 16; i++)
        close(fds[i]);
    while (cc_task_live() > 1)
        cc_loop_turn(10);
    cr_expect(strstr(ask("GET /health/live HTTP/1.1\r\n\r\n"), "\r\n\r\nok\n"));
}

Test(page, ends_while_somebody_is_connected)
{
    int fd = visit();

    while (cc_task_live() < 2)
        cc_loop_turn(10);
    cc_page_close(&page);
    cr_expect_eq(cc_task_live(), 0);
    close(fd);
}

Test(page, says_when_its_port_is_taken)
{
    struct cc_page *other = NULL;

    cr_expect_eq(cc_page_open(cc_page_port(page), &other), CC_E_DOWN);
    cr_expect_null(other);
}

#include "ingest/parse/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ingest/parse/extract.h"
#include "ingest/parse/sandbox.h"
#include "proto/base/error.h"

/*
 * What stdbuf(1) does: a page is written when the next one begins, not when four kilobytes are
 * full. Without that library pages are only known later.
 */
#define STDBUF       "/usr/libexec/coreutils/libstdbuf.so"
#define LINE_BY_LINE "LD_PRELOAD=" STDBUF

#define PAUSE_MS 20

/* In the grandchild: never returns.  One page more than a document may have: then it is seen. */
static void become(const char *path, int out, int err)
{
    char last[16];
    const char *const argv[] = {path, "-enc", "UTF-8", "-l", last, "-", "-", NULL};
    const char *const env[] = {"LC_ALL=C.UTF-8", "_STDBUF_O=L", LINE_BY_LINE, NULL};

    snprintf(last, sizeof last, "%d", CC_EXTRACT_PAGES + 1);
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
        _exit(126);
    close(out);
    close(err);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || cc_sandbox_calls(CC_CALLS_PROGRAM))
        _exit(126);
    execve(path, (char *const *)argv, (char *const *)env);
    _exit(127);
}

int cc_reader_start(const char *path, struct cc_reader *ret)
{
    int out[2], err[2];

    if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
        return cc_fail(CC_E_INTERNAL, "jail: pipe: %s", strerror(errno));
    ret->pid = fork();
    if (ret->pid < 0)
        return cc_fail(CC_E_INTERNAL, "jail: fork: %s", strerror(errno));
    if (!ret->pid)
        become(path, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    ret->out = out[0];
    ret->err = err[0];
    return 0;
}

/* False at the end of the stream. */
static bool drain(int fd, struct cc_buf *into)
{
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof bytes);

    if (n < 0 && errno == EINTR)
        return true;
    if (n <= 0)
        return false;
    cc_buf_add(into, bytes, (size_t)n);
    return true;
}

/*
 * A page's text is written when the page is done; its form feed may come with the next one.  That
 * there is a next one is known when the reader is at it for a while, or dies over it.
 */
struct pages {
    size_t seen; /* bytes of text that were looked at */
    int done;    /* pages of which there is text */
    int told;
    void (*on_page)(int page);
};

static void tell_page(struct pages *pages, int page)
{
    if (page <= pages->told || page > CC_EXTRACT_PAGES || !pages->on_page)
        return;
    pages->told = page;
    pages->on_page(page);
}

static void count_pages(struct pages *pages, const struct cc_buf *text)
{
    for (; pages->seen < text->len; pages->seen++)
        pages->done += pages->seen == 0 || text->bytes[pages->seen - 1] == '\f';
    tell_page(pages, pages->done);
}

static int wait_for_more(struct pollfd at[2], struct pages *pages)
{
    int n = poll(at, 2, PAUSE_MS);

    if (n)
        return n;
    tell_page(pages, pages->done + 1);
    return poll(at, 2, -1);
}

static void read_both(const struct cc_reader *reader, struct cc_buf *text, struct cc_buf *words,
                      struct pages *pages)
{
    struct pollfd at[2] = {{.fd = reader->out, .events = POLLIN},
                           {.fd = reader->err, .events = POLLIN}};
    struct cc_buf *into[2] = {text, words};

    while ((at[0].fd >= 0 || at[1].fd >= 0) && !cc_buf_over(text)) {
        count_pages(pages, text);
        if (wait_for_more(at, pages) < 0 && errno != EINTR)
            return;
        for (int i = 0; i < 2; i++)
            if (at[i].fd >= 0 && at[i].revents && !drain(at[i].fd, into[i]))
                at[i].fd = -1;
    }
    count_pages(pages, text);
}

static int judge_death(int signal, struct pages *pages)
{
    int page = pages->done + 1;

    tell_page(pages, page);
    if (signal == SIGXCPU || signal == SIGKILL)
        return cc_fail(CC_E_LIMIT, "the parser was stopped after %d s of computing at page %d",
                       CC_SANDBOX_CPU, page);
    if (signal == SIGABRT)
        return cc_fail(CC_E_LIMIT, "the PDF takes too much memory to read at page %d", page);
    return cc_fail(CC_E_PARSER, "the PDF reader died of signal %d at page %d", signal, page);
}

static int judge(int status, const char *words)
{
    if (strstr(words, "Incorrect password"))
        return cc_fail(CC_E_ENCRYPTED, "the PDF wants a password");
    if (WEXITSTATUS(status) == 3)
        return cc_fail(CC_E_ENCRYPTED, "the PDF does not allow its text to be copied");
    if (WEXITSTATUS(status) >= 126)
        return cc_fail(CC_E_INTERNAL, "the PDF reader cannot be started");
    if (WEXITSTATUS(status))
        return cc_fail(CC_E_PARSER, "the PDF is damaged");
    return 0;
}

int cc_reader_read(struct cc_reader *reader, struct cc_buf *text, void (*on_page)(int page))
{
    struct pages pages = {.on_page = on_page};
    struct cc_buf words;
    int status = 0, rc;

    cc_buf_init(&words, CC_READER_WORDS);
    read_both(reader, text, &words, &pages);
    close(reader->out);
    close(reader->err);
    while (waitpid(reader->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (cc_buf_over(text))
        rc = cc_fail(CC_E_LIMIT, "more than %zu bytes of text", text->cap);
    else if (WIFSIGNALED(status))
        rc = judge_death(WTERMSIG(status), &pages);
    else
        rc = judge(status, words.bytes);
    cc_buf_done(&words);
    return rc;
}

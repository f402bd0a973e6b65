#include "ingest/jail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ingest/child.h"
#include "ingest/parse/frame.h"
#include "ingest/parse/reader.h"
#include "ingest/parse/sandbox.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/task/task.h"

#define PATH_BYTES 4096
#define AT_PAGE    24 /* bytes of " at page 5000" */
/* P records (parse/frame.h) of all pages there may be, and some more */
#define PAGES_BYTES ((size_t)16 * CC_EXTRACT_PAGES)

/* The folder of this very program, then its bin/: so tests find what was built with them. */
static int find_beside(char path[PATH_BYTES])
{
    static const char *const names[] = {"cc-parse", "bin/cc-parse", "../bin/cc-parse"};
    ssize_t n = readlink("/proc/self/exe", path, PATH_BYTES - 32);

    while (n > 0 && path[n - 1] != '/')
        n--;
    if (n <= 0)
        return cc_fail(CC_E_INTERNAL, "jail: /proc/self/exe: %s", strerror(errno));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        memcpy(path + n, names[i], strlen(names[i]) + 1);
        if (!access(path, X_OK))
            return 0;
    }
    path[n] = '\0';
    return cc_fail(CC_E_NOTFOUND, "no cc-parse in %s", path);
}

static const char *pdftotext_of(const struct cc_jail *jail)
{
    return jail->pdftotext ? jail->pdftotext : cc_cfg(CC_CFG_PDFTOTEXT);
}

int cc_jail_check(const struct cc_jail *jail)
{
    char path[PATH_BYTES];
    int rc = jail->program ? 0 : find_beside(path);

    if (rc)
        return rc;
    if (jail->program && access(jail->program, X_OK))
        return cc_fail(CC_E_NOTFOUND, "%s: %s", jail->program, strerror(errno));
    if (access(pdftotext_of(jail), X_OK))
        return cc_fail(CC_E_NOTFOUND, "%s: %s (package poppler-utils)", pdftotext_of(jail),
                       strerror(errno));
    return 0;
}

/* Pages come first, and all the rest when the child has read them: only the beginning is scanned.
 */
static void look_at_page(const struct cc_jail_file *file, struct cc_jail_result *ret)
{
    int page = ret->out.len > PAGES_BYTES ? 0 : cc_frame_last_page(ret->out.bytes, ret->out.len);

    if (!page || page == ret->page)
        return;
    ret->page = page;
    if (file->on_page)
        file->on_page(file->arg, page);
}

static int read_all(struct cc_child *child, const struct cc_jail_file *file, int64_t deadline_ms,
                    struct cc_jail_result *ret)
{
    int rc;

    while (!(rc = cc_child_read(child, deadline_ms, &ret->out)))
        look_at_page(file, ret);
    return rc == CC_E_NOTFOUND ? 0 : rc;
}

static const char *at_page(int page, char out[AT_PAGE])
{
    out[0] = '\0';
    if (page)
        snprintf(out, AT_PAGE, " at page %d", page);
    return out;
}

static int judge(int status, int page)
{
    int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    char at[AT_PAGE];

    at_page(page, at);
    if (sig == SIGXCPU || sig == SIGKILL)
        return cc_fail(CC_E_LIMIT, "the parser was stopped after %d s of computing%s",
                       CC_SANDBOX_CPU, at);
    if (sig == SIGABRT)
        return cc_fail(CC_E_LIMIT, "the file takes too much memory to read%s", at);
    if (sig)
        return cc_fail(CC_E_PARSER, "the parser died of signal %d%s", sig, at);
    if (WEXITSTATUS(status))
        return cc_fail(CC_E_PARSER, "the parser ended with %d%s", WEXITSTATUS(status), at);
    return 0;
}

static int watch_over(const struct cc_jail *jail, const struct cc_jail_file *file,
                      struct cc_child *child, struct cc_jail_result *ret)
{
    int wall_ms = jail->wall_ms ? jail->wall_ms : CC_JAIL_WALL_MS;
    int rc = read_all(child, file, cc_now() + wall_ms, ret);
    int status = cc_child_end(child, rc != 0);
    char at[AT_PAGE];

    if (rc == CC_E_TIMEOUT)
        return cc_fail(CC_E_LIMIT, "the parser was stopped after %g s%s", wall_ms / 1000.0,
                       at_page(ret->page, at));
    if (rc == CC_E_LIMIT)
        return cc_fail(CC_E_LIMIT, "more than %zu bytes of text", ret->out.cap);
    return rc ? rc : judge(status, ret->page);
}

static const char *how_to_read(const struct cc_jail *jail, const struct cc_jail_file *file)
{
    switch (file->what) {
    case CC_JAIL_PAGES: return CC_PARSE_PAGES;
    case CC_JAIL_PICTURE: return CC_PARSE_PICTURE;
    default: return pdftotext_of(jail);
    }
}

int cc_jail_run(const struct cc_jail *jail, const struct cc_jail_file *file,
                struct cc_jail_result *ret)
{
    char beside[PATH_BYTES];
    const char *const argv[] = {jail->program ? jail->program : beside, how_to_read(jail, file),
                                NULL};
    struct cc_child child;
    int rc = jail->program ? 0 : find_beside(beside);

    *ret = (struct cc_jail_result){.page = 0};
    if (rc || (rc = cc_child_start(argv, file->bytes, file->len, &child)))
        return rc;
    cc_buf_init(&ret->out, jail->cap_bytes ? jail->cap_bytes : CC_JAIL_CAP_BYTES);
    rc = watch_over(jail, file, &child, ret);
    if (rc)
        cc_buf_done(&ret->out);
    return rc;
}

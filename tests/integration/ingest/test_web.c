/* Sources of the web through cc-ingest, against a small site: tests/integration/ingest/site.py. */
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/bus/redis.h"
#include "proto/http/http.h"
#include "proto/store/source.h"
#include "proto/wire/names.h"
#include "tests/integration/ingest/process.h"
#include "tests/support/store.h"

#define SOON_MS 60000

static struct store s;
static struct cc_http *http;
static pid_t ingest, site;
static int site_port, site_stdin, canary, canary_port;
static char id[CC_ID_MAX];

/* ---- the site ---- */

static void start_site(void)
{
    const char *path = files_path("tests/integration/ingest/site.py");
    int in[2], out[2];
    char line[32] = "";

    cr_assert(pipe(in) == 0 && pipe(out) == 0);
    site = fork();
    if (site == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]); /* that we end is seen by its end */
        execlp("python3", "python3", path, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    for (size_t n = 0; n < sizeof line - 1 && !strchr(line, '\n'); n++)
        cr_assert_eq(read(out[0], line + n, 1), 1, "the site does not start");
    close(out[0]);
    site_stdin = in[1];
    site_port = (int)strtol(line, NULL, 10);
}

static const char *own(const char *path)
{
    return cc_arena_printf(s.mem, "http://127.0.0.1:%d%s", site_port, path);
}

static const char *ask(const char *path, const char *body)
{
    const struct cc_http_req req = {
        .url = own(path), .body = body, .body_len = body ? strlen(body) : 0, .trusted = true};
    struct cc_http_answer answer;

    cr_assert_eq(cc_http_fetch(http, &req, 1 << 20, s.mem, &answer), 0, "%s", cc_fail_text());
    cr_assert_eq(answer.status, 200);
    return answer.body;
}

/* Also forgets what was asked so far. */
static void set(const char *name, const char *value)
{
    ask(cc_arena_printf(s.mem, "/-/set?%s=%s", name, value), "");
}

/* How often a path was asked for, with that status; 0: with any. */
static int asked(const char *path, int status)
{
    const char *want = cc_arena_printf(s.mem, " %s ", path), *log = ask("/-/log", NULL);
    int n = 0;

    for (const char *at = strstr(log, want); at; at = strstr(at + 1, want))
        n += status == 0 || strtol(at + strlen(want), NULL, 10) == status;
    return n;
}

/* Something that nobody may connect to. */
static void start_canary(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof any;

    canary = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    cr_assert(bind(canary, (struct sockaddr *)&any, sizeof any) == 0 && listen(canary, 16) == 0 &&
              getsockname(canary, (struct sockaddr *)&any, &size) == 0);
    canary_port = ntohs(any.sin_port);
}

static bool canary_is_alone(void)
{
    int fd = accept(canary, NULL, NULL);

    if (fd >= 0)
        close(fd);
    return fd < 0;
}

/* ---- before and after ---- */

static void setup(void)
{
    char allow[64];

    cc_config_load();
    store_open(&s);
    cr_assert_eq(cc_http_open(NULL, &http), 0);
    start_site();
    start_canary();
    set("canary", cc_arena_printf(s.mem, "%d", canary_port));
    snprintf(allow, sizeof allow, "127.0.0.1:%d,localhost:%d", site_port, site_port);
    setenv("CC_WEB_ALLOW", allow, 1);
    setenv("CC_WEB_PAUSE_MS", "0", 1);
    setenv("CC_WEB_PAGE_MAX", "250000", 1);
    setenv("CC_EMBED", "hash", 1);
    setenv("CC_LEASE_MS", "1500", 1);
    setenv("CC_SWEEP_MS", "1000", 1);
    setenv("CC_PUBLIC_URL", "https://chat.example", 1);
    ingest = 0;
    *id = '\0';
}

static void teardown(void)
{
    if (*id) /* so that the next test's process does not go on with it */
        cc_source_delete(s.pg, s.tenant, id);
    if (ingest)
        process_end(ingest, SIGKILL); /* how it ends in order is a test of its own */
    close(site_stdin);
    waitpid(site, NULL, 0);
    close(canary);
    cc_http_close(&http);
    store_close(&s);
}

TestSuite(web, .init = setup, .fini = teardown, .timeout = 120);

/* ---- sources ---- */

static struct cc_source crawl(const char *kind, const char *url)
{
    static const char *const tags[] = {"web"}, *const exclude[] = {"/admin/*"};

    return (struct cc_source){.id = cc_id_sorted("src", id),
                              .tenant = s.tenant,
                              .bot = s.bot,
                              .kind = kind,
                              .url = url,
                              .title = "",
                              .tags = {tags, 1},
                              .exclude = {exclude, 1},
                              .depth = 2,
                              .max_pages = 100};
}

static void add(const struct cc_source *source)
{
    cr_assert_eq(cc_source_add(s.pg, source), 0, "%s", cc_fail_text());
}

static struct cc_source look(void)
{
    struct cc_source got;

    cr_assert_eq(cc_source_get(s.pg, s.tenant, id, s.mem, &got), 0, "%s", cc_fail_text());
    return got;
}

/* Of our tenant. */
static int64_t number(const char *what, const char *where)
{
    const char *sql =
        cc_arena_printf(s.mem, "SELECT %s WHERE tenant_id = '%s' AND %s", what, s.tenant, where);

    return strtoll(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

/* Until the visit is over and its documents are through; the rows say when, so they are asked. */
static struct cc_source await_visit(void)
{
    int64_t until_ms = cc_clock_ms() + SOON_MS;
    struct cc_source got = look();

    while (strcmp(got.status, "ready") != 0 && strcmp(got.status, "failed") != 0) {
        cr_assert_lt(cc_clock_ms(), until_ms, "the visit is still %s", got.status);
        cc_sleep(20);
        got = look();
    }
    const char *theirs = cc_arena_printf(s.mem,
                                         "status IN ('pending', 'parsing', 'chunking', 'embedding',"
                                         " 'storing') AND source_id = '%s'",
                                         id);
    while (number("count(*) FROM documents", theirs)) {
        cr_assert_lt(cc_clock_ms(), until_ms, "documents are still on their way");
        cc_sleep(20);
    }
    return got;
}

static struct cc_source visit_again(void)
{
    cr_assert_eq(cc_source_visit(s.pg, s.tenant, id), 0);
    return await_visit();
}

/* Paths of all documents in order, with blanks between. */
static const char *documents(void)
{
    return store_sql(&s, "CC_PG_SUPER",
                     cc_arena_printf(s.mem,
                                     "SELECT string_agg(regexp_replace(url, '^http://[^/]*', ''), "
                                     "' ' ORDER BY url COLLATE \"C\") FROM documents"
                                     " WHERE tenant_id = '%s' AND status = 'ready'",
                                     s.tenant));
}

static struct cc_source_page page(const char *path)
{
    struct cc_source_page *pages;
    const char *url = own(path);
    int n;

    cr_assert_eq(cc_source_pages(s.pg, s.tenant, id, "", 500, s.mem, &pages, &n), 0);
    for (int i = 0; i < n; i++)
        if (strcmp(pages[i].url, url) == 0)
            return pages[i];
    return (struct cc_source_page){.url = "", .state = "unknown", .error = "", .document = ""};
}

#define ALL                                                                                        \
    "/ /docs/a /docs/a1 /docs/b /docs/behind /docs/c /docs/new /files/list.txt /flaky /many/1"     \
    " /many/2 /nofollow /packed"
#define WITHOUT_C                                                                                  \
    "/ /docs/a /docs/a1 /docs/b /docs/behind /docs/new /files/list.txt /flaky /many/1"             \
    " /many/2 /nofollow /packed"

static const struct {
    const char *path, *state, *words;
} refusals[] = {
    {"/private/plan", "refused", "robots.txt"},
    {"/old", "refused", "leads to"},
    {"/loop1", "refused", "more than 3 redirects"},
    {"/away", "refused", "another site"},
    {"/noindex", "refused", "not to be indexed"},
    {"/image.png", "refused", "image/png is not read"},
    {"/missing", "gone", "gone"},
    {"/empty", "refused", "empty"},
    {"/long", "refused", "longer than"},
};

Test(web, site_is_read_as_far_as_it_and_its_owner_want)
{
    struct cc_source source = crawl("crawl", own("/"));

    add(&source);
    ingest = process_start();
    struct cc_source got = await_visit();

    cr_expect_str_eq(got.status, "ready", "%s", got.error);
    cr_expect_str_eq(documents(), ALL, "%s", documents());
    cr_expect_eq(got.documents, 13);
    cr_expect_eq(got.waiting, 0);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        cr_expect_str_eq(page(refusals[i].path).state, refusals[i].state, "%s is %s: %s",
                         refusals[i].path, page(refusals[i].path).state,
                         page(refusals[i].path).error);
        cr_expect(strstr(page(refusals[i].path).error, refusals[i].words), "%s: %s",
                  refusals[i].path, page(refusals[i].path).error);
    }
    cr_expect_eq(asked("/private/plan", 0), 0);
    cr_expect_eq(asked("/admin/users", 0), 0);
    cr_expect_eq(asked("/docs/a2", 0), 0, "deeper than wanted");
    cr_expect_eq(asked("/docs/hidden", 0), 0, "behind a page that says nofollow");
    cr_expect_eq(asked("/docs/a", 0), 1, "one page, however it is written");
    cr_expect_eq(asked("/robots.txt", 0), 1);
    cr_expect(strstr(ask("/-/log", NULL), "ChatConnect/"), "who asks says his name");
    cr_expect(strstr(ask("/-/log", NULL), "(+https://chat.example)"));
    cr_expect(canary_is_alone());
    cr_expect_eq(number("count(*) FROM documents", "tags = '{web}'"), 13);
}

Test(web, unchanged_site_costs_only_questions)
{
    struct cc_source source = crawl("crawl", own("/"));

    add(&source);
    ingest = process_start();
    await_visit();
    int64_t generation = number("max(generation) FROM documents", "true");
    set("canary", "1");

    struct cc_source got = visit_again();

    cr_expect_str_eq(got.status, "ready", "%s", got.error);
    cr_expect_str_eq(documents(), ALL, "%s", documents());
    cr_expect_eq(asked("/", 304), 1);
    cr_expect_eq(asked("/docs/a", 304), 1);
    cr_expect_eq(asked("/docs/a1", 304), 1, "found by the links of an unchanged page");
    cr_expect_eq(asked("/files/list.txt", 304), 1, "known by its date");
    cr_expect_str_eq(page("/docs/b").state, "unchanged");
    cr_expect_str_eq(page("/packed").state, "unchanged");
    cr_expect_eq(number("max(generation) FROM documents", "true"), generation,
                 "nothing is taken in again");
}

Test(web, changed_page_is_embedded_where_it_changed_and_a_missing_one_goes)
{
    struct cc_source source = crawl("crawl", own("/"));
    struct cc_document_change *changes;
    int n;

    add(&source);
    ingest = process_start();
    await_visit();
    const char *document = page("/docs/b").document;
    int64_t chunks =
        number("count(*) FROM chunks", cc_arena_printf(s.mem, "document_id = '%s'", document));
    set("version", "2");

    struct cc_source got = visit_again();

    cr_expect_str_eq(got.status, "ready", "%s", got.error);
    cr_expect_str_eq(documents(), WITHOUT_C, "%s", documents());
    cr_expect_str_eq(page("/docs/c").state, "unknown");
    cr_expect_str_eq(page("/docs/b").state, "fetched");
    cr_expect_str_eq(page("/docs/b").document, document, "the same document");
    cr_assert_eq(cc_document_changes(s.pg, s.tenant, document, 10, s.mem, &changes, &n), 0, "%s",
                 cc_fail_text());
    cr_assert_eq(n, 2);
    cr_expect(changes[0].embedded >= 1 && changes[0].embedded <= 2, "%d of %d embedded",
              (int)changes[0].embedded, (int)chunks);
    cr_expect_gt(chunks, 10);
    cr_expect_eq(changes[0].added, changes[0].embedded);
    cr_expect_eq(changes[0].removed, changes[0].added);
    cr_expect_eq(changes[0].kept, chunks - changes[0].removed);
    cr_expect(strstr(changes[0].detail, "hall"), "%s", changes[0].detail);
}

static double gap_s(const char **log)
{
    char *end;
    double first = strtod(*log, &end), second;

    *log = strchr(end, '\n') + 1;
    if (!**log)
        return -1;
    second = strtod(*log, NULL);
    return second - first;
}

Test(web, is_asked_as_slowly_as_robots_txt_wants)
{
    struct cc_source source = crawl("crawl", own("/docs/a"));
    const char *log;
    int gaps = 0;

    set("delay", "0.4");
    source.depth = 1;
    add(&source);
    ingest = process_start();
    await_visit();

    log = ask("/-/log", NULL);
    gap_s(&log); /* what comes after robots.txt itself cannot know */
    for (double gap = gap_s(&log); gap >= 0; gap = gap_s(&log), gaps++)
        cr_expect_gt(gap, 0.35, "%.3f s", gap);
    cr_expect_eq(gaps, 2);
}

Test(web, visit_of_a_killed_process_is_gone_on_with)
{
    struct cc_source source = crawl("crawl", own("/"));
    int64_t until_ms = cc_clock_ms() + SOON_MS;

    set("slow", "0.15");
    add(&source);
    ingest = process_start();
    while (look().documents < 5) {
        cr_assert_lt(cc_clock_ms(), until_ms);
        cc_sleep(5);
    }
    process_end(ingest, SIGKILL);
    cr_assert_str_eq(look().status, "running");
    ingest = process_start();
    struct cc_source got = await_visit();

    cr_expect_str_eq(got.status, "ready", "%s", got.error);
    cr_expect_str_eq(documents(), ALL, "%s", documents());
    cr_expect_eq(asked("/", 0), 1, "what was settled is not asked for again");
    cr_expect_eq(asked("/robots.txt", 0), 2);
    cr_expect_eq(number("visit FROM sources", "true"), 1);
    cr_expect_eq(number("count(*) - count(DISTINCT url) FROM documents", "true"), 0);
}

Test(web, visit_is_handed_back_by_a_process_that_ends)
{
    struct cc_source source = crawl("crawl", own("/"));
    int64_t until_ms = cc_clock_ms() + SOON_MS;

    setenv("CC_LEASE_MS", "60000", 1);
    set("slow", "0.15");
    add(&source);
    ingest = process_start();
    while (look().documents < 3) {
        cr_assert_lt(cc_clock_ms(), until_ms);
        cc_sleep(5);
    }
    cr_expect_eq(process_end(ingest, SIGTERM), 0);
    ingest = process_start();

    cr_expect_str_eq(await_visit().status, "ready");
    cr_expect_str_eq(documents(), ALL, "%s", documents());
}

Test(web, sitemaps_name_the_pages)
{
    struct cc_source source = crawl("sitemap", own("/"));

    add(&source);
    ingest = process_start();
    struct cc_source got = await_visit();

    cr_expect_str_eq(got.status, "ready", "%s", got.error);
    cr_expect_str_eq(documents(), "/docs/a /docs/b /only/mapped", "%s", documents());
    cr_expect_str_eq(page("/private/plan").state, "refused");
    cr_expect_eq(asked("/", 0), 0);
}

Test(web, single_page_may_have_moved)
{
    struct cc_source source = crawl("page", own("/moved"));

    source.title = "Our alpha";
    add(&source);
    ingest = process_start();
    struct cc_source got = await_visit();

    cr_expect_str_eq(got.status, "ready", "%s", got.error);
    cr_expect_str_eq(documents(), "/docs/a", "%s", documents());
    cr_expect_eq(number("count(*) FROM documents", "title = 'Our alpha'"), 1);
}

Test(web, large_sites_step_back_for_a_page_that_is_due)
{
    char large[2][CC_ID_MAX];

    set("slow", "0.5");
    for (int i = 0; i < 2; i++) {
        struct cc_source source = crawl("crawl", own("/many/1"));

        source.depth = 1000;
        add(&source);
        memcpy(large[i], id, sizeof large[i]);
    }
    ingest = process_start();
    while (number("count(*) FROM sources", "status = 'running'") < 2)
        cc_sleep(20);
    struct cc_source one = crawl("page", own("/docs/a"));
    add(&one);

    cr_expect_str_eq(await_visit().status, "ready");

    cr_expect_eq(number("count(*) FROM sources", "kind = 'crawl' AND status = 'running'"), 2);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(cc_source_delete(s.pg, s.tenant, large[i]), 0, "%s", cc_fail_text());
}

/* The visit of the source that `id` names. */
static void expect_failure(const char *url, const char *words)
{
    struct cc_source got = await_visit();

    cr_expect_str_eq(got.status, "failed", "%s", url);
    cr_expect(strstr(got.error, words), "%s: %s", url, got.error);
    cr_expect_eq(got.documents, 0);
    cr_assert_eq(cc_source_delete(s.pg, s.tenant, id), 0);
}

Test(web, source_that_cannot_be_read_says_why)
{
    const struct {
        const char *url, *words;
    } rows[] = {
        {cc_arena_printf(s.mem, "http://127.0.0.1:%d/", canary_port), "not public"},
        {cc_arena_printf(s.mem, "http://localhost:%d/", canary_port), "not public"},
        {cc_arena_printf(s.mem, "http://[::1]:%d/", canary_port), "not public"},
        {cc_arena_printf(s.mem, "http://2130706433:%d/", canary_port), "not public"},
        {own("/away"), "not public"},
        {own("/missing"), "gone"},
        {own("/noindex"), "not to be indexed"},
        {own("/private/plan"), "robots.txt"},
        {"ftp://example.com/", "http or https"},
        {"http://somebody:word@example.com/", "name or password"},
    };
    const size_t n = sizeof rows / sizeof *rows;
    char ids[sizeof rows / sizeof *rows][CC_ID_MAX];

    for (size_t i = 0; i < n; i++) {
        struct cc_source source = crawl("page", rows[i].url);

        add(&source);
        memcpy(ids[i], id, sizeof ids[i]);
    }
    ingest = process_start();
    for (size_t i = 0; i < n; i++) {
        memcpy(id, ids[i], sizeof id);
        expect_failure(rows[i].url, rows[i].words);
    }
    *id = '\0';
    cr_expect(canary_is_alone());
}

Test(web, site_whose_robots_txt_does_not_come_is_left_alone)
{
    struct cc_source source = crawl("page", own("/"));

    set("robots", "503");
    add(&source);
    ingest = process_start();
    expect_failure(own("/"), "robots.txt cannot be read");
    cr_expect_eq(asked("/", 0), 0);

    set("robots", "404");
    source = crawl("page", own("/"));
    add(&source);

    cr_expect_str_eq(await_visit().status, "ready", "without the file all is allowed");
}

Test(web, robots_txt_is_looked_for_behind_more_redirects_than_a_page)
{
    struct cc_source source = crawl("page", own("/private/plan"));

    set("robots", "302");
    add(&source);
    ingest = process_start();
    expect_failure(own("/private/plan"), "does not want it to be read");

    source = crawl("page", own("/hops/4"));
    add(&source);
    expect_failure(own("/hops/4"), "more than 3 redirects");
}

Test(web, visit_is_told_to_who_listens)
{
    struct cc_source source = crawl("page", own("/docs/a"));
    struct cc_redis *live;
    struct cc_sub *sub;
    char channel[CC_NAME_MAX], *text;
    bool told = false;
    size_t len;

    cr_assert_eq(cc_redis_open(store_env("CC_REDIS_LIVE"), &live), 0);
    cr_assert_eq(cc_redis_ready(live, cc_now() + 5000), 0);
    cr_assert_eq(cc_sub_open(live, cc_name_events(s.tenant, channel), 1000, &sub), 0);
    add(&source);
    ingest = process_start();
    while (!told) {
        cr_assert_eq(cc_sub_next(sub, cc_now() + SOON_MS, &text, &len), 0, "%s", cc_fail_text());
        told = strstr(text, "\"source\"") && strstr(text, id) && strstr(text, "\"ready\"") &&
               strstr(text, "\"documents\":1");
        free(text);
    }
    cc_sub_close(&sub);
    cc_redis_close(&live);
}

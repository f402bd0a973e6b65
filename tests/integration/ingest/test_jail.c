#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/jail.h"
#include "ingest/parse/frame.h"
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/task/group.h"
#include "tests/integration/ingest/files.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1 /* its shadow counts as memory */
#else
#define SANITIZED 0
#endif

static struct cc_arena *mem;
static struct cc_extract doc;

static void setup(void)
{
    cc_config_load();
    cc_loop_init(NULL);
    mem = cc_arena_new(256 << 20);
}

static void teardown(void)
{
    cc_arena_free(&mem);
    cc_loop_done();
}

TestSuite(jail, .init = setup, .fini = teardown, .timeout = 60);

static int open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static struct cc_jail_result last;

static int parse(const struct cc_jail *jail, const void *bytes, size_t len)
{
    const struct cc_jail_file file = {.bytes = bytes, .len = len};
    int rc = cc_jail_run(jail, &file, &last);

    if (rc)
        return rc;
    rc = cc_frame_decode(last.out.bytes, last.out.len, mem, &doc);
    cc_buf_done(&last.out);
    return rc;
}

static int parse_file(const char *within)
{
    struct cc_jail jail = {0};
    struct cc_buf file;
    int rc;

    files_read(within, &file);
    rc = parse(&jail, file.bytes, file.len);
    cc_buf_done(&file);
    return rc;
}

static const struct cc_block *find(const char *words)
{
    for (size_t i = 0; i < doc.n; i++)
        if (strstr(doc.blocks[i].text, words))
            return &doc.blocks[i];
    cr_assert_fail("no block has '%s'", words);
    return NULL;
}

Test(jail, is_complete)
{
    struct cc_jail jail = {0};

    cr_expect_eq(cc_jail_check(&jail), 0, "%s", cc_fail_text());
    jail.program = "/nonexistent";
    cr_expect_eq(cc_jail_check(&jail), CC_E_NOTFOUND);
    jail = (struct cc_jail){.pdftotext = "/nonexistent"};
    cr_expect_eq(cc_jail_check(&jail), CC_E_NOTFOUND);
}

Test(jail, reads_a_pdf_with_pages_and_sections)
{
    cr_assert_eq(parse_file("docs/sample/oakmoor-price-list.pdf"), 0, "%s", cc_fail_text());

    cr_expect_eq(doc.type, CC_FILE_PDF);
    cr_expect_eq(doc.pages, 3);
    cr_expect_eq(find("The plan Blaze costs 9 euros")->page, 2);
    cr_expect_str_eq(find("The plan Blaze costs 9 euros")->section, "3 Service plans");
}

Test(jail, reads_markdown)
{
    cr_assert_eq(parse_file("docs/sample/oakmoor-handbook.md"), 0, "%s", cc_fail_text());

    cr_expect_eq(doc.type, CC_FILE_MARKDOWN);
    cr_expect_eq(find("blinks yellow |")->kind, CC_BLOCK_TABLE);
    cr_expect(strstr(find("93 % of its weight")->section, "5 Taking it apart"));
}

Test(jail, reads_text)
{
    cr_assert_eq(parse_file("docs/sample/oakmoor-faq.txt"), 0, "%s", cc_fail_text());

    cr_expect_eq(doc.type, CC_FILE_TEXT);
    cr_expect_str_eq(find("You have 45 days")->section, "RETURNS AND REFUNDS");
}

static const struct {
    const char *file;
    int rc;
} refused[] = {
    {"tests/fixtures/ingest/password.pdf", CC_E_ENCRYPTED},
    {"tests/fixtures/ingest/drawing.pdf", CC_E_NOTEXT},
    {"tests/fixtures/ingest/damaged.pdf", CC_E_PARSER},
};

Test(jail, tells_why_a_file_cannot_be_read)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        int rc = parse_file(refused[i].file);

        cr_expect_eq(rc, refused[i].rc, "%s: %s (%s)", refused[i].file, cc_error_name(rc),
                     cc_fail_text());
    }
    cr_expect_eq(parse(&(struct cc_jail){0}, "", 0), CC_E_NOTEXT);
    cr_expect_eq(parse(&(struct cc_jail){0}, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16), CC_E_TYPE);
}

Test(jail, ends_a_child_that_hangs)
{
    struct cc_jail jail = {.program = "/bin/sleep", .pdftotext = "1000", .wall_ms = 200};
    int64_t began = cc_clock_ms();

    int rc = parse(&jail, "x", 1);

    cr_expect_eq(rc, CC_E_LIMIT, "%s", cc_fail_text());
    cr_expect_lt(cc_clock_ms() - began, 5000);
}

Test(jail, ends_a_child_that_talks_too_much)
{
    struct cc_jail jail = {.program = "/usr/bin/yes", .pdftotext = "y", .cap_bytes = 1 << 20};

    cr_expect_eq(parse(&jail, "x", 1), CC_E_LIMIT, "%s", cc_fail_text());
}

static int run_script(const char *script)
{
    char path[] = "/tmp/cc-jail-XXXXXX";
    int fd = mkstemp(path), rc;
    struct cc_jail jail = {.program = "/bin/sh", .pdftotext = path, .wall_ms = 2000};

    cr_assert_eq(write(fd, script, strlen(script)), (ssize_t)strlen(script));
    close(fd);
    rc = parse(&jail, "x", 1);
    unlink(path);
    return rc;
}

Test(jail, survives_a_child_that_crashes)
{
    cr_expect_eq(run_script("kill -SEGV $$"), CC_E_PARSER);
    cr_expect_eq(run_script("exit 3"), CC_E_PARSER);
    cr_expect_eq(run_script("kill -KILL $$"), CC_E_LIMIT);
    cr_expect_eq(run_script("echo nonsense"), CC_E_PARSER);
}

/* What a child says before it comes to grief: it was at page 17. */
#define AT_17 "printf 'CCP1P\\004\\000\\000\\000\\021\\000\\000\\000'; "

static const struct {
    const char *script;
    int rc;
    const char *words;
} deaths[] = {
    {AT_17 "kill -SEGV $$", CC_E_PARSER, "died of signal 11 at page 17"},
    {AT_17 "kill -ABRT $$", CC_E_LIMIT, "too much memory to read at page 17"},
    {AT_17 "exit 3", CC_E_PARSER, "ended with 3 at page 17"},
    {AT_17 "sleep 1000", CC_E_LIMIT, "stopped after 2 s at page 17"},
    {"kill -SEGV $$", CC_E_PARSER, "died of signal 11"},
};

Test(jail, tells_at_which_page_a_child_died)
{
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        cr_expect_eq(run_script(deaths[i].script), deaths[i].rc, "%s", deaths[i].script);
        cr_expect(strstr(cc_fail_text(), deaths[i].words), "%s", cc_fail_text());
        cr_expect_eq(last.page, i < 4 ? 17 : 0);
    }
}

static void remember(void *arg, int page)
{
    int *heard = arg;

    cr_expect_gt(page, heard[0], "pages come in order");
    heard[0] = page;
    heard[1]++;
}

Test(jail, says_while_it_reads_how_far_it_is)
{
    int heard[2] = {0};
    struct cc_buf pdf;

    files_read("docs/sample/oakmoor-price-list.pdf", &pdf);
    const struct cc_jail_file file = {
        .bytes = pdf.bytes, .len = pdf.len, .on_page = remember, .arg = heard};

    cr_assert_eq(cc_jail_run(&(struct cc_jail){0}, &file, &last), 0, "%s", cc_fail_text());

    cr_expect_eq(heard[0], 3);
    cr_expect_eq(last.page, 3);
    cr_expect_geq(heard[1], 1);
    cc_buf_done(&last.out);
    cc_buf_done(&pdf);
}

/*
 * A PDF of three pages.  The third draws a form that draws the next one ten times, and so on; the
 * last one draws what `leaf` says.  No table of objects: poppler makes one.
 */
static void bomb(int depth, const char *leaf, struct cc_buf *out)
{
    static const char head[] =
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Count 3/Kids[3 0 R 4 0 R 5 0 R]/MediaBox[0 0 600 800]>>endobj\n"
        "6 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/Contents 7 0 R/Resources<</Font<</F 6 0 R>>>>>>endobj\n"
        "4 0 obj<</Type/Page/Parent 2 0 R/Contents 7 0 R/Resources<</Font<</F 6 0 R>>>>>>endobj\n"
        "5 0 obj<</Type/Page/Parent 2 0 R/Contents 8 0 R/Resources<</XObject<</X 10 0 "
        "R>>>>>>endobj\n"
        "7 0 obj<</Length 40>>stream\nBT /F 12 Tf 50 700 Td (Some words) Tj ET \nendstream endobj\n"
        "8 0 obj<</Length 6>>stream\n/X Do \nendstream endobj\n";
    static const char ten[] = "/X Do /X Do /X Do /X Do /X Do /X Do /X Do /X Do /X Do /X Do ";

    cc_buf_init(out, 1 << 20);
    cc_buf_text(out, head);
    for (int i = 0; i <= depth; i++) {
        const char *draws = i < depth ? ten : leaf;

        cc_buf_printf(out,
                      "%d 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Length %zu/Resources"
                      "<</Font<</F 6 0 R>>/XObject<</X %d 0 R>>>>>>stream\n%s\nendstream endobj\n",
                      10 + i, strlen(draws), 11 + i, draws);
    }
    cc_buf_text(out, "trailer<</Root 1 0 R>>\n%%EOF\n");
}

Test(jail, tells_at_which_page_of_a_pdf_it_lost_patience)
{
    struct cc_buf pdf;
    int64_t began = cc_clock_ms();

    bomb(9, "q Q", &pdf);

    cr_expect_eq(parse(&(struct cc_jail){.wall_ms = 3000}, pdf.bytes, pdf.len), CC_E_LIMIT, "%s",
                 cc_fail_text());

    cr_expect_eq(last.page, 3, "page %d", last.page);
    cr_expect(strstr(cc_fail_text(), "stopped after 3 s at page 3"), "%s", cc_fail_text());
    cr_expect_lt(cc_clock_ms() - began, 6000);
    cc_buf_done(&pdf);
}

Test(jail, bounds_the_memory_of_the_largest_files)
{
    static const char *const units[] = {"words and more words ", "\n# x\n", "<p>x"};
    size_t len = 60 << 20;
    char *bytes = malloc(len);
    struct rusage used;

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t unit = strlen(units[i]);
        int rc;

        for (size_t at = 0; at < len; at++)
            bytes[at] = units[i][at % unit];
        rc = parse(&(struct cc_jail){.wall_ms = 20000}, bytes, len);
        cr_expect_eq(rc, CC_E_LIMIT, "%s: %d: %s", units[i], rc, cc_fail_text());
    }

    free(bytes);
    getrusage(RUSAGE_CHILDREN, &used);
    if (!SANITIZED)
        cr_expect_leq(used.ru_maxrss, 512 << 10, "%ld kB", used.ru_maxrss);
}

Test(jail, leaves_no_grandchild_that_holds_the_pipe)
{
    int64_t began = cc_clock_ms();

    cr_expect_eq(run_script("sleep 1000 & exit 0"), CC_E_LIMIT);
    cr_expect_lt(cc_clock_ms() - began, 10000);
}

Test(jail, leaks_no_descriptor)
{
    int before;

    parse(&(struct cc_jail){0}, "text", 4);
    before = open_descriptors();
    for (int i = 0; i < 10; i++)
        parse(&(struct cc_jail){0}, "text", 4);
    run_script("kill -SEGV $$");
    parse(&(struct cc_jail){.program = "/nonexistent"}, "text", 4);

    cr_expect_eq(open_descriptors(), before);
}

/* Two at once on tasks: one hangs, the other is not held up; then the first is cancelled. */
struct side {
    int rc;
    int64_t took_ms;
};

static int hang(void *arg)
{
    struct side *side = arg;
    struct cc_jail jail = {.program = "/bin/sleep", .pdftotext = "1000"};

    side->rc = parse(&jail, "x", 1);
    return side->rc;
}

static int read_and_fail(void *arg)
{
    struct side *side = arg;
    struct cc_jail_result result;
    int64_t began = cc_clock_ms();

    side->rc = cc_jail_run(&(struct cc_jail){0}, &(struct cc_jail_file){.bytes = "text", .len = 4},
                           &result);
    if (!side->rc)
        cc_buf_done(&result.out);
    side->took_ms = cc_clock_ms() - began;
    return CC_E_CONFLICT; /* cancels the other one */
}

static void both(void *arg)
{
    struct side *side = arg;
    struct cc_group group;

    cc_group_init(&group);
    cc_group_add(&group, "hang", hang, &side[0]);
    cc_group_add(&group, "read", read_and_fail, &side[1]);
    cc_group_join(&group);
    side[0].took_ms = 1;
}

Test(jail, of_one_document_does_not_hold_up_another_and_can_be_cancelled)
{
    struct side side[2] = {{0}};

    cc_task_spawn("both", both, side, NULL);
    while (!side[0].took_ms)
        cc_loop_turn(100);

    cr_expect_eq(side[1].rc, 0);
    cr_expect_lt(side[1].took_ms, 5000);
    cr_expect_eq(side[0].rc, CC_E_CANCELLED);
}

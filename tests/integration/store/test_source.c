/* Sources, their pages and the documents that come of them: proto/store/source.h. */
#include "proto/store/source.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/hash.h"
#include "tests/support/store.h"

static struct store s;
static char id[CC_ID_MAX];

static struct cc_source source(char out[CC_ID_MAX])
{
    static const char *const tags[] = {"web", "a \"b\", c"}, *const exclude[] = {"/private/*"};

    return (struct cc_source){.id = cc_id_sorted("src", out),
                              .tenant = s.tenant,
                              .bot = s.bot,
                              .kind = "crawl",
                              .url = "https://site.example/",
                              .title = "Site",
                              .tags = {tags, 2},
                              .exclude = {exclude, 1},
                              .depth = 2,
                              .max_pages = 5};
}

static void setup(void)
{
    store_open(&s);
    struct cc_source made = source(id);
    cr_assert_eq(cc_source_add(s.pg, &made), 0, "%s", cc_fail_text());
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(source, .init = setup, .fini = teardown, .timeout = 60);

static struct cc_source get(void)
{
    struct cc_source got;

    cr_assert_eq(cc_source_get(s.pg, s.tenant, id, s.mem, &got), 0, "%s", cc_fail_text());
    return got;
}

static int claim_as(const char *owner, int lease_ms, struct cc_source_hold *ret)
{
    struct cc_source_due due = {s.tenant, id};

    return cc_source_claim(s.pg, &due, owner, lease_ms, 3, s.mem, ret);
}

static struct cc_source_hold claim(void)
{
    struct cc_source_hold hold;

    cr_assert_eq(claim_as("one", 60000, &hold), 0, "%s", cc_fail_text());
    return hold;
}

static bool due(void)
{
    struct cc_source_due *list;
    int n;

    cr_assert_eq(cc_source_sweep(s.sweep, 1000, s.mem, &list, &n), 0, "%s", cc_fail_text());
    for (int i = 0; i < n; i++)
        if (strcmp(list[i].id, id) == 0 && strcmp(list[i].tenant, s.tenant) == 0)
            return true;
    return false;
}

static int found(const struct cc_source_hold *hold, const char *url, int64_t depth)
{
    struct cc_source_page page = {.url = url, .depth = depth};

    return cc_source_found(s.pg, hold, &page, 1);
}

static struct cc_source_page next(const struct cc_source_hold *hold)
{
    struct cc_source_page page = {0};

    cr_assert_eq(cc_source_next(s.pg, hold, s.mem, &page), 0, "%s", cc_fail_text());
    return page;
}

static struct cc_source_page came(const char *url, const char *state)
{
    return (struct cc_source_page){.url = url,
                                   .state = state,
                                   .etag = "\"1\"",
                                   .modified = "",
                                   .error = "",
                                   .http_status = 200};
}

/* Settles the page with a document of that text; the document to enqueue, or "". */
static const char *settle(const struct cc_source_hold *hold, const char *url, const char *text)
{
    static const char *const tags[] = {"web"};
    char *new_id = cc_arena_get(s.mem, CC_ID_MAX), *sha256 = cc_arena_get(s.mem, CC_SHA256_HEX);
    struct cc_source_page page = came(url, "fetched");
    const struct cc_document file = {.id = cc_id_sorted("doc", new_id),
                                     .tenant = s.tenant,
                                     .bot = s.bot,
                                     .filename = "page",
                                     .title = url,
                                     .url = url,
                                     .type = "text/html",
                                     .sha256 = cc_sha256_hex(text, strlen(text), sha256),
                                     .bytes = text,
                                     .size = (int64_t)strlen(text),
                                     .tags = tags,
                                     .tags_n = 1};
    const char *document;
    int64_t generation;

    cr_assert_eq(cc_source_settle(s.pg, hold, &page, &file, s.mem, &document, &generation), 0, "%s",
                 cc_fail_text());
    return document;
}

static struct cc_source_page page_of(const char *url)
{
    struct cc_source_page *pages;
    int n;

    cr_assert_eq(cc_source_pages(s.pg, s.tenant, id, "", 100, s.mem, &pages, &n), 0, "%s",
                 cc_fail_text());
    for (int i = 0; i < n; i++)
        if (strcmp(pages[i].url, url) == 0)
            return pages[i];
    return (struct cc_source_page){.url = "", .state = ""};
}

static int64_t rows(const char *table)
{
    const char *sql =
        cc_arena_printf(s.mem, "SELECT count(*) FROM %s WHERE tenant_id = '%s'", table, s.tenant);

    return strtoll(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

/* Another visit, as if it had been asked for. */
static struct cc_source_hold visit_again(const struct cc_source_hold *hold)
{
    cr_assert_eq(cc_source_end(s.pg, hold, ""), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_source_visit(s.pg, s.tenant, id), 0);
    return claim();
}

#define A "https://site.example/a"
#define B "https://site.example/b"

Test(source, comes_back_as_it_was_added)
{
    struct cc_source got = get();

    cr_expect_str_eq(got.kind, "crawl");
    cr_expect_str_eq(got.url, "https://site.example/");
    cr_expect_str_eq(got.bot, s.bot);
    cr_expect_eq(got.tags.n, 2);
    cr_expect_str_eq(got.tags.at[1], "a \"b\", c");
    cr_expect_eq(got.include.n, 0);
    cr_expect_str_eq(got.exclude.at[0], "/private/*");
    cr_expect_eq(got.depth, 2);
    cr_expect_eq(got.max_pages, 5);
    cr_expect_str_eq(got.status, "pending");
    cr_expect_eq(got.visited_ms, 0);
    cr_expect_gt(got.next_ms, 0);
    cr_expect(due());
}

Test(source, list_is_paged_newest_first)
{
    char second[CC_ID_MAX];
    struct cc_source more = source(second), *list;
    int n;

    cr_assert_eq(cc_source_add(s.pg, &more), 0);

    cr_assert_eq(cc_source_list(s.pg, s.tenant, "", 1, s.mem, &list, &n), 0);
    cr_expect_eq(n, 1);
    cr_expect_str_eq(list[0].id, second);
    cr_assert_eq(cc_source_list(s.pg, s.tenant, second, 10, s.mem, &list, &n), 0);
    cr_expect_eq(n, 1);
    cr_expect_str_eq(list[0].id, id);
}

Test(source, of_a_bot_of_another_tenant_is_refused)
{
    char mine[CC_ID_MAX];
    struct store other;
    struct cc_source wrong = source(mine);

    store_other(&s, &other);
    wrong.bot = other.bot;

    cr_assert_eq(cc_source_add(s.pg, &wrong), CC_E_NOTFOUND);
}

Test(source, is_visited_by_one_and_taken_over_after_the_lease)
{
    struct cc_source_hold first, second;

    cr_assert_eq(claim_as("one", 60000, &first), 0);
    cr_expect(first.first);
    cr_expect_not(due());
    cr_expect_eq(claim_as("two", 60000, &second), CC_E_NOTFOUND);
    cr_assert_eq(cc_source_beat(s.pg, &first, 0), 0);
    cr_expect(due());

    cr_assert_eq(claim_as("two", 60000, &second), 0, "%s", cc_fail_text());

    cr_expect_not(second.first);
    cr_expect_eq(second.visit, first.visit);
    cr_expect_eq(second.run, first.run + 1);
}

Test(source, lost_to_another_is_closed_to_the_first)
{
    struct cc_source_hold first, second;
    struct cc_source_page page = came(A, "failed");
    const char *document;
    int64_t generation;

    cr_assert_eq(claim_as("one", 0, &first), 0);
    cr_assert_eq(claim_as("two", 60000, &second), 0);
    cr_assert_eq(found(&second, A, 0), 0);

    cr_expect_eq(cc_source_beat(s.pg, &first, 1000), CC_E_FENCED);
    cr_expect_eq(found(&first, B, 0), CC_E_FENCED);
    cr_expect_eq(cc_source_next(s.pg, &first, s.mem, &page), CC_E_FENCED);
    cr_expect_eq(cc_source_settle(s.pg, &first, &page, NULL, s.mem, &document, &generation),
                 CC_E_FENCED);
    cr_expect_eq(cc_source_end(s.pg, &first, ""), CC_E_FENCED);
    cr_expect_eq(cc_source_release(s.pg, &first), CC_E_FENCED);
    cr_expect_eq(rows("source_pages"), 1);
}

Test(source, that_comes_to_nothing_three_times_is_given_up)
{
    struct cc_source_hold hold;

    for (int i = 0; i < 3; i++)
        cr_assert_eq(claim_as("dies", 0, &hold), 0, "%s", cc_fail_text());

    cr_assert_eq(claim_as("dies", 0, &hold), CC_E_DEAD);

    cr_expect_str_eq(get().status, "failed");
    cr_expect(strstr(get().error, "3 attempts"), "%s", get().error);
    cr_expect_not(due());
    cr_assert_eq(cc_source_visit(s.pg, s.tenant, id), 0);
    cr_expect_eq(claim_as("lives", 0, &hold), 0);
}

Test(source, that_goes_on_is_not_given_up)
{
    struct cc_source_hold hold;
    struct cc_source_page page = came(A, "failed");
    const char *document;
    int64_t generation;

    for (int i = 0; i < 8; i++) {
        cr_assert_eq(claim_as("dies", 0, &hold), 0, "claim %d: %s", i, cc_fail_text());
        if (i == 0)
            cr_assert_eq(found(&hold, A, 0), 0);
        cr_assert_eq(cc_source_settle(s.pg, &hold, &page, NULL, s.mem, &document, &generation), 0);
    }
}

Test(source, handed_back_does_not_count)
{
    struct cc_source_hold hold;

    for (int i = 0; i < 6; i++) {
        cr_assert_eq(claim_as("stops", 60000, &hold), 0, "claim %d: %s", i, cc_fail_text());
        cr_expect_eq(hold.first, i == 0);
        cr_assert_eq(cc_source_release(s.pg, &hold), 0);
    }
}

Test(source, gives_its_pages_nearest_first_and_no_more_than_allowed)
{
    struct cc_source_hold hold = claim();
    struct cc_source_page page, many[7], none;
    const char *document;
    int64_t generation;

    for (int i = 0; i < 7; i++)
        many[i] = (struct cc_source_page){
            .url = cc_arena_printf(s.mem, "https://site.example/%d", 9 - i), .depth = i / 2};
    cr_assert_eq(cc_source_found(s.pg, &hold, many, 7), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_source_found(s.pg, &hold, many, 7), 0, "again is fine");

    cr_expect_eq(rows("source_pages"), 5);
    for (int i = 0; i < 5; i++) {
        static const char *const order[] = {"/8", "/9", "/6", "/7", "/5"};
        page = next(&hold);
        cr_expect_str_eq(strrchr(page.url, '/'), order[i]);
        page.state = "failed";
        cr_assert_eq(cc_source_settle(s.pg, &hold, &page, NULL, s.mem, &document, &generation), 0);
    }
    cr_expect_eq(cc_source_next(s.pg, &hold, s.mem, &none), CC_E_NOTFOUND);
    cr_expect_eq(get().failed, 5);
}

Test(source, handed_back_waits_behind_others)
{
    char second[CC_ID_MAX];
    struct cc_source more = source(second);
    struct cc_source_hold hold = claim();
    struct cc_source_due *list;
    int n, ours = -1, other = -1;

    cr_assert_eq(cc_source_add(s.pg, &more), 0);
    cr_assert_eq(cc_source_release(s.pg, &hold), 0);

    cr_assert_eq(cc_source_sweep(s.sweep, 1000, s.mem, &list, &n), 0);
    for (int i = 0; i < n; i++) {
        ours = strcmp(list[i].id, id) == 0 ? i : ours;
        other = strcmp(list[i].id, second) == 0 ? i : other;
    }
    cr_expect(0 <= other && other < ours, "at %d and %d", other, ours);
}

Test(source, single_page_may_lead_to_one_other)
{
    struct cc_source one = source(id);
    struct cc_source_hold hold;

    one.kind = "page";
    one.max_pages = 1;
    cr_assert_eq(cc_source_add(s.pg, &one), 0);
    hold = claim();
    cr_assert_eq(found(&hold, A, 0), 0);
    cr_assert_eq(found(&hold, B, 0), 0);
    cr_assert_eq(found(&hold, B "2", 0), 0);

    cr_expect_eq(rows("source_pages"), 2);
}

Test(source, page_becomes_a_document_and_the_same_bytes_leave_it_alone)
{
    struct cc_source_hold hold = claim();
    struct cc_document_status status;
    const char *document;

    cr_assert_eq(found(&hold, A, 0), 0);
    document = settle(&hold, A, "text one");
    cr_assert(cc_id_valid(document, "doc"));
    cr_assert_eq(cc_document_status(s.pg, s.tenant, document, s.mem, &status), 0);
    cr_expect_str_eq(status.status, "pending");
    cr_expect_str_eq(status.source, id);
    cr_expect_str_eq(status.url, A);
    cr_expect_eq(status.tags_n, 1);
    cr_expect_str_eq(page_of(A).state, "fetched");
    cr_expect_str_eq(page_of(A).document, document);
    cr_expect_eq(get().documents, 1);

    cr_expect_str_eq(settle(&hold, A, "text one"), "");
    cr_expect_str_eq(page_of(A).state, "unchanged");
    cr_expect_eq(rows("documents"), 1);
    cr_expect_eq(rows("document_files"), 1);
}

Test(source, page_that_changed_gives_its_document_a_new_generation)
{
    struct cc_source_hold hold = claim();
    struct cc_document_status before, after;
    struct cc_document loaded;
    const char *document;

    cr_assert_eq(found(&hold, A, 0), 0);
    document = settle(&hold, A, "text one");
    cr_assert_eq(cc_document_status(s.pg, s.tenant, document, s.mem, &before), 0);
    struct cc_document_hold at_work = store_claim(&s, document);

    cr_expect_str_eq(settle(&hold, A, "text two"), document);

    cr_assert_eq(cc_document_status(s.pg, s.tenant, document, s.mem, &after), 0);
    cr_expect_gt(after.generation, before.generation);
    cr_expect_str_eq(after.status, "pending");
    cr_assert_eq(cc_document_load(s.pg, s.tenant, document, s.mem, &loaded), 0);
    cr_expect_eq(loaded.size, 8);
    cr_expect_eq(memcmp(loaded.bytes, "text two", 8), 0);
    cr_expect_str_eq(page_of(A).state, "fetched");
    cr_expect_eq(cc_document_release(s.pg, &at_work), CC_E_FENCED, "the old bytes are nobody's");
}

Test(source, page_whose_document_was_deleted_by_its_owner_stays_away)
{
    struct cc_source_hold hold = claim();
    const char *document;

    cr_assert_eq(found(&hold, A, 0), 0);
    document = settle(&hold, A, "text one");
    cr_assert_eq(cc_document_delete(s.pg, s.tenant, document), 0);
    hold = visit_again(&hold);
    cr_assert_eq(found(&hold, A, 0), 0);
    cr_expect_str_eq(next(&hold).etag, "", "without its text an unchanged page is of no use");

    cr_expect_str_eq(settle(&hold, A, "text two"), "");

    cr_expect_str_eq(page_of(A).state, "refused");
    cr_expect_eq(rows("documents"), 0);
}

Test(source, page_that_a_later_visit_does_not_see_goes_with_its_document)
{
    struct cc_source_hold hold = claim();
    struct cc_source_page page;

    cr_assert_eq(found(&hold, A, 0), 0);
    cr_assert_eq(found(&hold, B, 1), 0);
    settle(&hold, A, "text a");
    settle(&hold, B, "text b");
    hold = visit_again(&hold);
    cr_expect_eq(cc_source_next(s.pg, &hold, s.mem, &page), CC_E_NOTFOUND, "nothing is found yet");
    cr_assert_eq(found(&hold, A, 0), 0);
    cr_expect_str_eq(next(&hold).etag, "\"1\"", "what was learned is there");
    settle(&hold, A, "text a");

    cr_assert_eq(cc_source_end(s.pg, &hold, ""), 0, "%s", cc_fail_text());

    cr_expect_str_eq(get().status, "ready");
    cr_expect_gt(get().visited_ms, 0);
    cr_expect_eq(rows("documents"), 1);
    cr_expect_str_eq(page_of(B).url, "");
}

Test(source, visit_that_failed_takes_nothing_away)
{
    struct cc_source_hold hold = claim();

    cr_assert_eq(found(&hold, A, 0), 0);
    settle(&hold, A, "text a");
    hold = visit_again(&hold);

    cr_assert_eq(cc_source_end(s.pg, &hold, "the site does not answer"), 0);

    cr_expect_str_eq(get().status, "failed");
    cr_expect_str_eq(get().error, "the site does not answer");
    cr_expect_eq(rows("documents"), 1);
}

Test(source, whose_first_page_failed_keeps_what_lies_behind_it)
{
    struct cc_source_hold hold = claim();
    struct cc_source_page page = came(A, "failed");
    const char *document;
    int64_t generation;

    cr_assert_eq(found(&hold, A, 0), 0);
    cr_assert_eq(found(&hold, B, 1), 0);
    settle(&hold, B, "text b");
    hold = visit_again(&hold);
    cr_assert_eq(found(&hold, A, 0), 0);
    cr_assert_eq(cc_source_settle(s.pg, &hold, &page, NULL, s.mem, &document, &generation), 0);

    cr_assert_eq(cc_source_end(s.pg, &hold, ""), 0);

    cr_expect_eq(rows("documents"), 1);
    cr_expect_str_eq(page_of(B).state, "fetched");
}

Test(source, is_due_again_in_its_rhythm)
{
    struct cc_source changed = get();
    struct cc_source_hold hold = claim();

    changed.every_s = 3600;
    cr_assert_eq(cc_source_set(s.pg, &changed), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_source_end(s.pg, &hold, ""), 0);
    int64_t wait_s = (get().next_ms - get().visited_ms) / 1000;
    cr_expect(wait_s > 3590 && wait_s < 3610, "%d s", (int)wait_s);
    cr_expect_not(due());
    cr_assert_eq(cc_source_visit(s.pg, s.tenant, id), 0);
    cr_expect(due());
    hold = claim();
    cr_assert_eq(cc_source_end(s.pg, &hold, ""), 0);

    changed.every_s = 0;
    cr_assert_eq(cc_source_set(s.pg, &changed), 0);

    cr_expect_eq(get().next_ms, 0, "only when asked");
}

Test(source, that_is_deleted_takes_documents_passages_and_pages_along)
{
    static const char *const words[] = {"apple pie"};
    static const float v[] = {1, 0, 0, 0};
    struct cc_source_hold hold = claim();
    const char *document;

    cr_assert_eq(found(&hold, A, 0), 0);
    document = settle(&hold, A, "apple pie");
    struct cc_document_hold at_work = store_claim(&s, document);
    store_publish(&s, &at_work, words, 1, v);
    cr_expect_eq(rows("chunks"), 1);

    cr_assert_eq(cc_source_delete(s.pg, s.tenant, id), 0, "%s", cc_fail_text());

    cr_expect_eq(rows("documents"), 0);
    cr_expect_eq(rows("chunks"), 0);
    cr_expect_eq(rows("postings"), 0);
    cr_expect_eq(rows("chunk_vectors"), 0);
    cr_expect_eq(rows("source_pages"), 0);
    cr_expect_eq(cc_source_beat(s.pg, &hold, 1000), CC_E_FENCED);
    cr_expect_eq(cc_source_delete(s.pg, s.tenant, id), CC_E_NOTFOUND);
}

Test(source, of_another_tenant_is_not_found_by_any_call)
{
    struct store other;
    struct cc_source got, *list;
    struct cc_source_page *pages;
    struct cc_source_hold hold;
    int n;

    store_other(&s, &other);
    struct cc_source foreign = get();
    struct cc_source_due there = {other.tenant, id};
    foreign.tenant = other.tenant;

    cr_expect_eq(cc_source_get(s.pg, other.tenant, id, s.mem, &got), CC_E_NOTFOUND);
    cr_expect_eq(cc_source_set(s.pg, &foreign), CC_E_NOTFOUND);
    cr_expect_eq(cc_source_visit(s.pg, other.tenant, id), CC_E_NOTFOUND);
    cr_expect_eq(cc_source_delete(s.pg, other.tenant, id), CC_E_NOTFOUND);
    cr_expect_eq(cc_source_claim(s.pg, &there, "x", 1000, 3, s.mem, &hold), CC_E_NOTFOUND);
    cr_assert_eq(cc_source_list(s.pg, other.tenant, "", 10, s.mem, &list, &n), 0);
    cr_expect_eq(n, 0);
    cr_assert_eq(cc_source_pages(s.pg, other.tenant, id, "", 10, s.mem, &pages, &n), 0);
    cr_expect_eq(n, 0);
}

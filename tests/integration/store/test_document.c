/* Documents and their generations: proto/store/document.h. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/hash.h"
#include "tests/support/store.h"

static struct store s;
static char doc[CC_ID_MAX];

static void setup(void)
{
    store_open(&s);
    store_document(&s, "Some text.", doc);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(document, .init = setup, .fini = teardown, .timeout = 60);

static struct cc_document_claimed claim(int lease_ms, int attempts_max)
{
    struct cc_document_lease lease = {s.tenant, doc, "ingest-1", lease_ms, attempts_max};
    struct cc_document_claimed got;

    cr_assert_eq(cc_document_claim(s.pg, &lease, &got), 0, "%s", cc_fail_text());
    return got;
}

static struct cc_document_status status(void)
{
    struct cc_document_status got;

    cr_assert_eq(cc_document_status(s.pg, s.tenant, doc, s.mem, &got), 0, "%s", cc_fail_text());
    return got;
}

static int64_t rows(const char *table)
{
    char sql[200];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE tenant_id = '%s'", table, s.tenant);
    return strtoll(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

static bool waits(void)
{
    struct cc_document_waiting *list;
    int n;

    cr_assert_eq(cc_document_sweep(s.sweep, 0, 1000, s.mem, &list, &n), 0, "%s", cc_fail_text());
    for (int i = 0; i < n; i++)
        if (strcmp(list[i].id, doc) == 0 && strcmp(list[i].tenant, s.tenant) == 0)
            return true;
    return false;
}

Test(document, file_comes_back_byte_for_byte)
{
    char id[CC_ID_MAX];
    static unsigned char bytes[70000];
    struct cc_document got, d = {.id = cc_id_sorted("doc", id),
                                 .tenant = s.tenant,
                                 .bot = s.bot,
                                 .filename = "ä b.pdf",
                                 .title = "T",
                                 .url = "https://x.example/",
                                 .sha256 = "00",
                                 .type = "application/pdf",
                                 .bytes = bytes,
                                 .size = sizeof bytes};

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 31);
    cr_assert_eq(cc_document_add(s.pg, &d), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_document_load(s.pg, s.tenant, id, s.mem, &got), 0);

    cr_assert_eq(got.size, sizeof bytes);
    cr_assert_arr_eq((const unsigned char *)got.bytes, bytes, sizeof bytes);
    cr_assert_str_eq(got.filename, "ä b.pdf");
    cr_assert_str_eq(got.bot, s.bot);
    cr_assert_str_eq(got.type, "application/pdf");
}

Test(document, that_is_new_is_pending_and_waits)
{
    cr_assert_str_eq(status().status, "pending");
    cr_assert(waits());
}

Test(document, of_ten_megabytes_is_stored_in_one_call)
{
    char id[CC_ID_MAX];
    size_t size = 10 << 20;
    char *bytes = cc_arena_get(s.mem, size);
    struct cc_document got, d = {.id = cc_id_sorted("doc", id),
                                 .tenant = s.tenant,
                                 .bot = "",
                                 .filename = "big",
                                 .title = "",
                                 .url = "",
                                 .sha256 = "00",
                                 .type = "text/plain",
                                 .bytes = bytes,
                                 .size = (int64_t)size};

    cr_assert_eq(cc_document_add(s.pg, &d), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_document_load(s.pg, s.tenant, id, s.mem, &got), 0);
    cr_assert_eq(got.size, (int64_t)size);
}

Test(document, that_is_claimed_is_not_claimed_twice_and_does_not_wait)
{
    struct cc_document_claimed first = claim(60000, 3);

    cr_assert_eq(first.outcome, CC_DOC_OURS);
    cr_assert_eq(first.attempt, 1);
    cr_assert_eq(claim(60000, 3).outcome, CC_DOC_RUNNING);
    cr_assert_not(waits());
}

Test(document, whose_lease_is_over_is_the_next_ones_and_the_first_is_fenced)
{
    struct cc_document_claimed first = claim(0, 3), second;
    struct cc_document_hold old = {s.tenant, doc, first.attempt, first.generation};
    struct cc_document_progress progress = {"embedding", "embedding", 50, 10, 5};
    struct cc_chunk chunk = store_chunk(&s, 0, "late", NULL);
    struct cc_chunk_batch batch = {&chunk, 1, 4, "test"};

    cr_assert(waits());
    second = claim(60000, 3);

    cr_assert_eq(second.outcome, CC_DOC_OURS);
    cr_assert_eq(second.attempt, first.attempt + 1);
    cr_assert_eq(second.generation, first.generation, "what is stored can be gone on with");
    cr_assert_eq(cc_document_progress(s.pg, &old, &progress, 1000), CC_E_FENCED);
    cr_assert_eq(
        cc_document_end(s.pg, &old, &(struct cc_document_end){.status = "failed", .error = "x"}),
        CC_E_FENCED);
    cr_assert_eq(cc_document_release(s.pg, &old), CC_E_FENCED);
    cr_assert_eq(cc_chunk_put(s.pg, &old, &batch), CC_E_FENCED);
    cr_assert_eq(cc_chunk_publish(s.pg, &old, 0, 0), CC_E_FENCED);
    cr_assert_eq(rows("chunks"), 0);
}

Test(document, is_dead_after_the_last_attempt)
{
    for (int i = 0; i < 3; i++)
        cr_assert_eq(claim(0, 3).outcome, CC_DOC_OURS);

    cr_assert_eq(claim(0, 3).outcome, CC_DOC_DEAD);
    cr_assert_eq(claim(0, 3).outcome, CC_DOC_OVER);
    cr_assert_str_eq(status().status, "dead");
    cr_assert_neq(strlen(status().error), 0);
    cr_assert_not(waits());
}

Test(document, that_was_handed_back_does_not_count_as_an_attempt)
{
    for (int i = 0; i < 5; i++) {
        struct cc_document_claimed got = claim(60000, 3);
        struct cc_document_hold hold = {s.tenant, doc, got.attempt, got.generation};

        cr_assert_eq(got.outcome, CC_DOC_OURS);
        cr_assert_eq(cc_document_release(s.pg, &hold), 0);
    }
}

Test(document, shows_its_progress)
{
    struct cc_document_hold hold = store_claim(&s, doc);
    struct cc_document_progress progress = {"embedding", "embedding 5 of 10", 50, 10, 5};

    cr_assert_eq(cc_document_progress(s.pg, &hold, &progress, 60000), 0);

    struct cc_document_status got = status();
    cr_assert_str_eq(got.status, "embedding");
    cr_assert_str_eq(got.step, "embedding 5 of 10");
    cr_assert_eq(got.progress, 50);
    cr_assert_eq(got.chunks_total, 10);
    cr_assert_eq(got.chunks_done, 5);
    cr_assert_gt(got.updated_ms, 1700000000000);
}

Test(document, that_failed_is_tried_again_under_a_new_generation)
{
    struct cc_document_hold hold = store_claim(&s, doc);

    cr_assert_eq(cc_document_retry(s.pg, s.tenant, doc), CC_E_CONFLICT, "it is being worked on");
    cr_assert_eq(
        cc_document_end(s.pg, &hold,
                        &(struct cc_document_end){.status = "no_text", .error = "nothing to read"}),
        0);
    cr_assert_eq(
        cc_document_end(s.pg, &hold,
                        &(struct cc_document_end){.status = "no_text", .error = "nothing to read"}),
        0, "again is fine");
    cr_assert_str_eq(status().error, "nothing to read");
    cr_assert_eq(claim(0, 3).outcome, CC_DOC_OVER);

    cr_assert_eq(cc_document_retry(s.pg, s.tenant, doc), 0);
    cr_assert_str_eq(status().status, "pending");
    cr_assert_gt(claim(60000, 3).generation, hold.generation);
    cr_assert_eq(cc_document_retry(s.pg, s.tenant, "doc_none"), CC_E_NOTFOUND);
}

Test(document, that_is_deleted_takes_everything_along_and_wins_over_its_job)
{
    static const char *const texts[] = {"one two", "three"};
    static const float vectors[] = {1, 0, 0, 0, 0, 1, 0, 0};
    char other[CC_ID_MAX];
    struct cc_document_hold hold = store_claim(&s, doc), second;
    struct cc_chunk chunk = store_chunk(&s, 0, "late", vectors);
    struct cc_chunk_batch batch = {&chunk, 1, 4, "test"};

    store_publish(&s, &hold, texts, 2, vectors);
    store_document(&s, "x", other);
    second = store_claim(&s, other);
    cr_assert_eq(cc_chunk_put(s.pg, &second, &batch), 0);

    cr_assert_eq(cc_document_delete(s.pg, s.tenant, doc), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_document_delete(s.pg, s.tenant, other), 0);

    cr_assert_eq(rows("documents"), 0);
    cr_assert_eq(rows("document_files"), 0);
    cr_assert_eq(rows("chunks"), 0);
    cr_assert_eq(rows("postings"), 0);
    cr_assert_eq(rows("chunk_vectors"), 0);
    cr_assert_eq(cc_chunk_put(s.pg, &second, &batch), CC_E_FENCED);
    cr_assert_eq(cc_chunk_publish(s.pg, &second, 1, 0), CC_E_FENCED);
    cr_assert_eq(rows("chunks"), 0);
    cr_assert_eq(cc_document_delete(s.pg, s.tenant, doc), CC_E_NOTFOUND);
}

Test(document, list_is_paged_newest_first)
{
    char two[CC_ID_MAX];
    struct cc_document_status *list;
    int n;

    store_document(&s, "y", two);
    cr_assert_eq(cc_document_list(s.pg, s.tenant, NULL, "", 1, s.mem, &list, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(list[0].id, two);
    cr_assert_eq(cc_document_list(s.pg, s.tenant, NULL, two, 10, s.mem, &list, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(list[0].id, doc);
}

Test(document, of_another_tenant_is_not_found_by_any_call)
{
    struct store other;
    struct cc_document got;
    struct cc_document_status st, *list;
    struct cc_document_claimed claimed;
    int n;

    store_other(&s, &other);
    struct cc_document_lease lease = {other.tenant, doc, "ingest-1", 1000, 3};

    cr_assert_eq(cc_document_load(s.pg, other.tenant, doc, s.mem, &got), CC_E_NOTFOUND);
    cr_assert_eq(cc_document_status(s.pg, other.tenant, doc, s.mem, &st), CC_E_NOTFOUND);
    cr_assert_eq(cc_document_delete(s.pg, other.tenant, doc), CC_E_NOTFOUND);
    cr_assert_eq(cc_document_retry(s.pg, other.tenant, doc), CC_E_NOTFOUND);
    cr_assert_eq(cc_document_claim(s.pg, &lease, &claimed), CC_E_NOTFOUND);
    cr_assert_eq(cc_document_list(s.pg, other.tenant, NULL, "", 10, s.mem, &list, &n), 0);
    cr_assert_eq(n, 0);
}

Test(document, for_a_bot_that_is_not_the_tenants_is_refused)
{
    struct store other;
    char id[CC_ID_MAX];

    store_other(&s, &other);
    struct cc_document d = {.id = cc_id_sorted("doc", id),
                            .tenant = s.tenant,
                            .bot = other.bot,
                            .filename = "",
                            .title = "",
                            .url = "",
                            .sha256 = "",
                            .type = "",
                            .bytes = "",
                            .size = 0};

    cr_assert_eq(cc_document_add(s.pg, &d), CC_E_NOTFOUND);
}

/* ---- new bytes, another try, edits ---- */

static struct cc_document bytes_of(const char *id, const char *text)
{
    char *sha256 = cc_arena_get(s.mem, CC_SHA256_HEX);

    return (struct cc_document){.id = id,
                                .tenant = s.tenant,
                                .bot = "",
                                .filename = "b.txt",
                                .title = "B",
                                .url = "",
                                .sha256 = cc_sha256_hex(text, strlen(text), sha256),
                                .type = "text/plain",
                                .bytes = text,
                                .size = (int64_t)strlen(text)};
}

Test(document, keeps_what_its_owner_says_of_it)
{
    static const char *const tags[] = {"faq", "with \"quotes\" and, comma"};
    char id[CC_ID_MAX];
    struct cc_document got, d = bytes_of(cc_id_sorted("doc", id), "x");
    struct cc_document_status is;
    struct cc_document_edit edit = {.description = "new", .tags_n = -1, .enabled = 0};

    d.description = "old";
    d.metadata = "{\"lang\": \"en\"}";
    d.chunking = "{\"tokens\": 200}";
    d.tags = tags;
    d.tags_n = 2;
    d.titled = true;
    cr_assert_eq(cc_document_add(s.pg, &d), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_document_set(s.pg, s.tenant, id, &edit), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_document_load(s.pg, s.tenant, id, s.mem, &got), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_document_status(s.pg, s.tenant, id, s.mem, &is), 0, "%s", cc_fail_text());
    cr_assert_eq(got.tags_n, 2);
    cr_assert_str_eq(got.tags[1], tags[1]);
    cr_assert_str_eq(got.chunking, d.chunking);
    cr_assert(got.titled);
    cr_assert_str_eq(is.description, "new");
    cr_assert_str_eq(is.metadata, d.metadata);
    cr_assert_eq(is.tags_n, 2);
    cr_assert_not(is.enabled);
    cr_assert_eq(is.waiting, 1, "one of ours waits since before");
}

Test(document, with_metadata_that_is_no_object_is_refused)
{
    char id[CC_ID_MAX];
    struct cc_document d = bytes_of(cc_id_sorted("doc", id), "x");

    d.metadata = "[1]";

    cr_assert_eq(cc_document_add(s.pg, &d), CC_E_INVALID, "%s", cc_fail_text());
}

Test(document, of_the_same_bytes_is_found_while_it_has_not_failed)
{
    struct cc_document d = bytes_of(doc, "Some text.");
    struct cc_document_end end = {
        .status = "failed", .error = "damaged", .code = "parser_failed", .page = 7};
    const char *same;

    cr_assert_eq(cc_document_same(s.pg, s.tenant, "", d.sha256, s.mem, &same), 0);
    cr_assert_str_eq(same, doc);
    cr_assert_eq(cc_document_same(s.pg, s.tenant, s.bot, d.sha256, s.mem, &same), CC_E_NOTFOUND);

    struct cc_document_hold hold = store_claim(&s, doc);
    cr_assert_eq(cc_document_end(s.pg, &hold, &end), 0);
    cr_assert_eq(cc_document_same(s.pg, s.tenant, "", d.sha256, s.mem, &same), CC_E_NOTFOUND);
    cr_assert_str_eq(status().error_code, "parser_failed");
    cr_assert_eq(status().error_page, 7);
}

Test(document, with_new_bytes_is_found_as_it_was_until_they_are_published)
{
    static const char *const old[] = {"one", "two", "two"}, *const new[] = {"one", "two", "three"};
    static const float v[12] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
    struct cc_document d = bytes_of(doc, "Other text."), loaded;
    struct cc_document_change *change;
    int64_t generation;
    int n;

    struct cc_document_hold first = store_claim(&s, doc);
    store_publish(&s, &first, old, 3, v);
    cr_assert_eq(cc_document_replace(s.pg, &d, &generation), 0, "%s", cc_fail_text());
    cr_assert_gt(generation, first.generation);
    cr_assert_eq(cc_document_replace(s.pg, &d, &generation), CC_E_CONFLICT, "the same bytes");
    cr_assert_eq(rows("chunks"), 3);
    cr_assert_str_eq(status().status, "pending");
    cr_assert_eq(cc_document_load(s.pg, s.tenant, doc, s.mem, &loaded), 0);
    cr_assert_eq(loaded.size, 11);

    struct cc_document_hold second = store_claim(&s, doc);
    cr_assert_eq(second.generation, generation);
    store_publish(&s, &second, new, 3, v);

    cr_assert_eq(rows("chunks"), 3);
    cr_assert_eq(rows("vector_garbage"), 1);
    cr_assert_eq(cc_document_changes(s.pg, s.tenant, doc, 10, s.mem, &change, &n), 0);
    cr_assert_eq(n, 2);
    cr_assert_eq(change[0].added, 1);
    cr_assert_eq(change[0].removed, 1);
    cr_assert_eq(change[0].kept, 2);
    cr_assert_str_eq(change[0].detail, "{\"added\" : [{\"index\" : 2, \"text\" : \"three\"}], "
                                       "\"removed\" : [{\"index\" : 2, \"text\" : \"two\"}]}");
    cr_assert_eq(change[1].added, 3);
}

Test(document, that_is_being_worked_on_can_get_new_bytes_and_the_worker_is_fenced)
{
    struct cc_document_hold hold = store_claim(&s, doc);
    struct cc_document d = bytes_of(doc, "Other text.");
    struct cc_chunk chunk = store_chunk(&s, 0, "late", NULL);
    struct cc_chunk_batch batch = {&chunk, 1, 4, "test"};
    int64_t generation;

    cr_assert_eq(cc_document_again(s.pg, s.tenant, doc, &generation), CC_E_CONFLICT);
    cr_assert_eq(cc_document_replace(s.pg, &d, &generation), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_chunk_put(s.pg, &hold, &batch), CC_E_FENCED);
    cr_assert_eq(claim(1000, 3).outcome, CC_DOC_OURS);
}

Test(document, can_go_through_all_steps_again)
{
    static const char *const text[] = {"one"};
    int64_t generation, repeated;

    struct cc_document_hold first = store_claim(&s, doc);
    store_publish(&s, &first, text, 1, NULL);
    cr_assert_eq(cc_document_again(s.pg, s.tenant, doc, &generation), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_document_again(s.pg, s.tenant, doc, &repeated), 0);

    cr_assert_eq(repeated, generation, "it waits already");
    cr_assert_gt(generation, first.generation);
    cr_assert_eq(rows("chunks"), 1, "found until then");
}

Test(document, that_is_dead_can_be_skipped)
{
    struct cc_document_hold hold = store_claim(&s, doc);
    struct cc_document_end end = {.status = "dead", .error = "it crashed the parser"};

    cr_assert_eq(cc_document_skip(s.pg, s.tenant, doc), CC_E_CONFLICT);
    cr_assert_eq(cc_document_end(s.pg, &hold, &end), 0);
    cr_assert_eq(cc_document_skip(s.pg, s.tenant, doc), 0);

    cr_assert_str_eq(status().status, "failed");
    cr_assert_str_eq(status().error, "it crashed the parser");
}

Test(document, attempt_that_failed_counts_and_the_next_one_comes_at_once)
{
    struct cc_document_hold hold = store_claim(&s, doc);
    struct cc_document_claimed next;

    cr_assert_eq(cc_document_wait(s.pg, &hold), 0);
    cr_assert_str_eq(status().status, "pending");
    next = claim(60000, 3);

    cr_assert_eq(next.outcome, CC_DOC_OURS);
    cr_assert_eq(next.tries, 2);
    cr_assert_eq(next.generation, hold.generation);
}

Test(document, learns_type_and_pages_but_not_a_title_over_its_owners)
{
    struct cc_document_learned learned = {"application/pdf", "The file's own", 12};
    struct cc_document_hold hold = store_claim(&s, doc);
    struct cc_document_edit edit = {.title = "Mine", .tags_n = -1, .enabled = -1};

    cr_assert_eq(cc_document_learn(s.pg, &hold, &learned), 0, "%s", cc_fail_text());
    cr_assert_str_eq(status().title, "The file's own");
    cr_assert_str_eq(status().type, "application/pdf");
    cr_assert_eq(status().pages, 12);
    cr_assert_eq(cc_document_set(s.pg, s.tenant, doc, &edit), 0);
    cr_assert_eq(cc_document_learn(s.pg, &hold, &learned), 0);

    cr_assert_str_eq(status().title, "Mine");
}

/* Else an edit that came between cutting and publishing would be lost with the old passages. */
Test(document, edited_by_hand_since_it_was_cut_is_not_published)
{
    struct cc_document_hold hold = store_claim(&s, doc);
    struct cc_document_progress cutting = {"chunking", "chunking", 10, 0, 0},
                                parsing = {"parsing", "parsing", 2, 0, 0};
    struct cc_chunk chunk = store_chunk(&s, 0, "one", NULL);
    struct cc_chunk_batch batch = {&chunk, 1, 4, "test"};
    char sql[300];

    cr_assert_eq(cc_document_progress(s.pg, &hold, &cutting, 1000), 0);
    cr_assert_eq(cc_chunk_put(s.pg, &hold, &batch), 0);
    snprintf(sql, sizeof sql,
             "INSERT INTO chunk_edits (tenant_id, document_id, text_sha256, text)"
             " VALUES ('%s', '%s', '', 'mine')",
             s.tenant, doc);
    store_sql(&s, "CC_PG_SUPER", sql);
    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 1, 0), CC_E_CONFLICT);
    cr_assert_eq(cc_document_progress(s.pg, &hold, &cutting, 1000), 0);
    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 1, 0), CC_E_CONFLICT, "that was only a beat");
    cr_assert_eq(cc_document_progress(s.pg, &hold, &parsing, 1000), 0);
    cr_assert_eq(cc_document_progress(s.pg, &hold, &cutting, 1000), 0, "cut anew");
    cr_assert_eq(cc_chunk_publish(s.pg, &hold, 1, 0), 0, "%s", cc_fail_text());
}

Test(document, that_waits_longest_has_an_age)
{
    char sql[200];
    int64_t age;

    snprintf(sql, sizeof sql,
             "UPDATE documents SET asked_at = now() - interval '3 hours' WHERE id = '%s'", doc);
    store_sql(&s, "CC_PG_SUPER", sql);

    cr_assert_eq(cc_document_oldest(s.sweep, &age), 0, "%s", cc_fail_text());
    cr_assert_geq(age, 3 * 3600);
}

Test(document, garbage_is_noted_until_it_is_gone)
{
    static const char *const text[] = {"one"};
    struct cc_garbage *garbage;
    int n, ours = -1;

    struct cc_document_hold hold = store_claim(&s, doc);
    store_publish(&s, &hold, text, 1, NULL);
    cr_assert_eq(cc_document_delete(s.pg, s.tenant, doc), 0);
    cr_assert_eq(cc_garbage_sweep(s.sweep, 1000, s.mem, &garbage, &n), 0, "%s", cc_fail_text());
    for (int i = 0; i < n; i++)
        if (garbage[i].generation == hold.generation)
            ours = i;
    cr_assert_geq(ours, 0);
    cr_assert_eq(cc_garbage_gone(s.pg, &garbage[ours]), 0);

    cr_assert_eq(rows("vector_garbage"), 0);
}

Test(document, list_is_filtered)
{
    static const char *const tags[] = {"faq"};
    char id[CC_ID_MAX];
    struct cc_document d = bytes_of(cc_id_sorted("doc", id), "x");
    static const struct cc_document_filter filters[] = {
        {.tag = "faq"}, {.text = "SPECIAL"}, {.status = "pending", .tag = "faq"}};
    struct cc_document_status *list;
    int n;

    d.tags = tags;
    d.tags_n = 1;
    d.title = "A special one";
    cr_assert_eq(cc_document_add(s.pg, &d), 0);
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        cr_assert_eq(cc_document_list(s.pg, s.tenant, &filters[i], "", 10, s.mem, &list, &n), 0);
        cr_assert_eq(n, 1, "filter %zu", i);
        cr_assert_str_eq(list[0].id, id);
    }
    cr_assert_eq(cc_document_list(s.pg, s.tenant, &(struct cc_document_filter){.status = "dead"},
                                  "", 10, s.mem, &list, &n),
                 0);
    cr_assert_eq(n, 0);
}

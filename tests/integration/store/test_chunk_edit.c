/* Passages as their owner sees and changes them.  proto/store/chunk.h */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "tests/support/store.h"

static struct store s;
static char doc[CC_ID_MAX];
static struct cc_document_hold hold;
static const float east[4] = {1, 0, 0, 0}, north[4] = {0, 1, 0, 0};

static void setup(void)
{
    static const char *const texts[] = {"apple one", "pear two", "plum three"};
    static const float vectors[12] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};

    store_open(&s);
    store_document(&s, "Some text.", doc);
    hold = store_claim(&s, doc);
    store_publish(&s, &hold, texts, 3, vectors);
}

static void teardown(void)
{
    store_close(&s);
}

TestSuite(passages, .init = setup, .fini = teardown, .timeout = 60);

static struct cc_chunk_view *list(int *n)
{
    struct cc_chunk_view *all;

    cr_assert_eq(cc_chunk_list(s.pg, s.tenant, doc, -1, 100, s.mem, &all, n), 0, "%s",
                 cc_fail_text());
    return all;
}

static int64_t id_of(int index)
{
    int n;
    struct cc_chunk_view *all = list(&n);

    cr_assert_lt(index, n);
    return all[index].id;
}

static struct cc_chunk_view get(int64_t id)
{
    struct cc_chunk_view view = {0};

    cr_assert_eq(cc_chunk_get(s.pg, s.tenant, doc, id, s.mem, &view), 0, "%s", cc_fail_text());
    return view;
}

static int change(int64_t id, const char *text, int64_t *ret_id)
{
    struct cc_chunk chunk = store_chunk(&s, 0, text, north);
    const struct cc_chunk_change it = {s.tenant, doc, id, &chunk, 4, "test"};

    return cc_chunk_change(s.pg, &it, ret_id);
}

static int lexical(const char *term)
{
    struct cc_scope here = {.tenant = s.tenant, .bot = s.bot};
    struct cc_chunk_hit *hits;
    int n;

    cr_assert_eq(cc_chunk_lexical(s.pg, &here, &term, 1, 100, s.mem, &hits, &n), 0, "%s",
                 cc_fail_text());
    return n;
}

static int64_t number(const char *expression)
{
    char sql[400];

    snprintf(sql, sizeof sql, "SELECT %s tenant_id = '%s'", expression, s.tenant);
    return strtoll(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

static struct cc_chunk_edit *edits(int *n)
{
    struct cc_chunk_edit *all;

    cr_assert_eq(cc_chunk_edits(s.pg, s.tenant, doc, s.mem, &all, n), 0, "%s", cc_fail_text());
    return all;
}

static const char *hash(const char *text)
{
    return cc_sha256_hex(text, strlen(text), cc_arena_get(s.mem, CC_SHA256_HEX));
}

Test(passages, are_listed_in_order_from_where_one_wants)
{
    struct cc_chunk_view *all;
    int n;

    all = list(&n);
    cr_assert_eq(n, 3);
    cr_expect_str_eq(all[0].text, "apple one");
    cr_expect_str_eq(all[0].section, "S");
    cr_expect_eq(all[0].page, 1);
    cr_expect(all[0].enabled && !all[0].edited);

    cr_assert_eq(cc_chunk_list(s.pg, s.tenant, doc, 0, 1, s.mem, &all, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(all[0].text, "pear two");
}

Test(passages, of_another_tenant_or_document_are_not_there)
{
    struct store other;
    struct cc_chunk_view *all, view;
    int64_t id = id_of(0), made;
    struct cc_chunk chunk = store_chunk(&s, 0, "stolen", north);
    char second[CC_ID_MAX];
    int n;

    store_other(&s, &other);
    store_document(&s, "Other text.", second);
    const struct cc_chunk_change theirs = {other.tenant, doc, id, &chunk, 4, "test"},
                                 elsewhere = {s.tenant, second, id, &chunk, 4, "test"};

    cr_expect_eq(cc_chunk_list(s.pg, other.tenant, doc, -1, 9, s.mem, &all, &n), CC_E_NOTFOUND);
    cr_expect_eq(cc_chunk_get(s.pg, other.tenant, doc, id, s.mem, &view), CC_E_NOTFOUND);
    cr_expect_eq(cc_chunk_get(s.pg, s.tenant, second, id, s.mem, &view), CC_E_NOTFOUND);
    cr_expect_eq(cc_chunk_enable(s.pg, other.tenant, doc, id, false), CC_E_NOTFOUND);
    cr_expect_eq(cc_chunk_enable(s.pg, s.tenant, second, id, false), CC_E_NOTFOUND);
    cr_expect_eq(cc_chunk_change(s.pg, &theirs, &made), CC_E_NOTFOUND);
    cr_expect_eq(cc_chunk_change(s.pg, &elsewhere, &made), CC_E_CONFLICT);
    cr_expect_eq(cc_chunk_remove(s.pg, other.tenant, doc, id), CC_E_NOTFOUND);
    cr_assert_eq(cc_chunk_edits(s.pg, other.tenant, doc, s.mem, &(struct cc_chunk_edit *){0}, &n),
                 0);
    cr_expect_eq(n, 0);
    cr_expect_str_eq(get(id).text, "apple one");
    cr_expect(get(id).enabled);
    edits(&n);
    cr_expect_eq(n, 0);
}

Test(passages, that_are_switched_off_are_noted_for_the_next_taking_in)
{
    int64_t id = id_of(1), before = number("knowledge FROM tenants WHERE");
    struct cc_chunk_edit *all;
    int n;

    cr_assert_eq(cc_chunk_enable(s.pg, s.tenant, doc, id, false), 0, "%s", cc_fail_text());

    cr_expect_not(get(id).enabled);
    cr_expect_not(get(id).edited, "its text is the file's");
    cr_expect(get(id_of(0)).enabled);
    all = edits(&n);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(all[0].text_sha256, hash("pear two"));
    cr_expect_str_eq(all[0].text, "");
    cr_expect_not(all[0].enabled);
    cr_expect_gt(number("knowledge FROM tenants WHERE"), before, "cached answers are old now");

    cr_assert_eq(cc_chunk_enable(s.pg, s.tenant, doc, id, true), 0);
    cr_assert_eq(cc_chunk_enable(s.pg, s.tenant, doc, id, true), 0);

    cr_expect(get(id).enabled);
    all = edits(&n);
    cr_assert_eq(n, 1);
    cr_expect(all[0].enabled);
}

Test(passages, that_say_the_same_have_one_switch)
{
    static const char *const twice[] = {"apple", "apple", "pear"};

    hold = (struct cc_document_hold){0};
    cr_assert_eq(cc_document_again(s.pg, s.tenant, doc, &(int64_t){0}), 0, "%s", cc_fail_text());
    hold = store_claim(&s, doc);
    store_publish(&s, &hold, twice, 3, NULL);

    cr_assert_eq(cc_chunk_enable(s.pg, s.tenant, doc, id_of(0), false), 0, "%s", cc_fail_text());

    cr_expect_not(get(id_of(0)).enabled);
    cr_expect_not(get(id_of(1)).enabled);
    cr_expect(get(id_of(2)).enabled);
}

Test(passages, that_are_changed_are_found_by_their_new_words_only)
{
    int64_t id = id_of(0), changed, words = number("active_words FROM documents WHERE");
    struct cc_chunk_edit *all;
    int n;

    cr_assert_eq(change(id, "quince and more", &changed), 0, "%s", cc_fail_text());

    cr_expect_eq(changed, id);
    cr_expect_str_eq(get(id).text, "quince and more");
    cr_expect(get(id).edited);
    cr_expect_eq(lexical("apple"), 0);
    cr_expect_eq(lexical("quince"), 1);
    cr_expect_eq(number("count(*) FROM chunk_vectors WHERE"), 3);
    cr_expect_eq(number("active_words FROM documents WHERE"), words + 1);
    all = edits(&n);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(all[0].text_sha256, hash("apple one"), "that of the text as parsed");
    cr_expect_str_eq(all[0].text, "quince and more");
}

Test(passages, that_are_changed_again_are_still_one_note)
{
    int64_t id = id_of(0);
    struct cc_chunk_edit *all;
    int n;

    cr_assert_eq(change(id, "quince", &id), 0);
    cr_assert_eq(cc_chunk_enable(s.pg, s.tenant, doc, id, false), 0);
    cr_assert_eq(change(id, "medlar", &id), 0);

    all = edits(&n);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(all[0].text_sha256, hash("apple one"));
    cr_expect_str_eq(all[0].text, "medlar");
    cr_expect_not(all[0].enabled, "a change switches nothing on");
    cr_expect_not(get(id).enabled);
}

Test(passages, by_hand_are_added_once_even_if_told_twice)
{
    int64_t id, again;
    struct cc_chunk_edit *all;
    int n;

    cr_assert_eq(change(0, "quince", &id), 0, "%s", cc_fail_text());
    cr_assert_eq(change(0, "quince", &again), 0, "%s", cc_fail_text());
    cr_expect_eq(id, again);
    cr_assert_eq(change(0, "medlar", &again), 0);

    cr_expect_neq(id, again);
    list(&n);
    cr_expect_eq(n, 5);
    cr_expect_eq(get(id).index, 3);
    cr_expect(get(id).edited);
    cr_expect_eq(lexical("quince"), 1);
    cr_expect_eq(number("active_chunks FROM documents WHERE"), 5);
    all = edits(&n);
    cr_assert_eq(n, 2);
    cr_expect_str_eq(all[0].text_sha256, "");
    cr_expect_str_eq(all[0].text, "quince");
}

Test(passages, cannot_be_added_before_the_first_taking_in_ends)
{
    char fresh[CC_ID_MAX];
    struct cc_chunk chunk = store_chunk(&s, 0, "early", north);
    struct cc_chunk_change it = {s.tenant, fresh, 0, &chunk, 4, "test"};
    int64_t id;
    int n;

    store_document(&s, "Another text.", fresh);

    cr_expect_eq(cc_chunk_change(s.pg, &it, &id), CC_E_CONFLICT);
    cr_assert_eq(cc_chunk_edits(s.pg, s.tenant, fresh, s.mem, &(struct cc_chunk_edit *){0}, &n), 0);
    cr_expect_eq(n, 0);
    it.document = "doc_none";
    cr_expect_eq(cc_chunk_change(s.pg, &it, &id), CC_E_NOTFOUND);
}

Test(passages, of_a_generation_that_has_gone_are_not_changed)
{
    static const char *const new[] = {"quince"};
    int64_t old = id_of(0), id;

    cr_assert_eq(cc_document_again(s.pg, s.tenant, doc, &id), 0, "%s", cc_fail_text());
    hold = store_claim(&s, doc);
    store_publish(&s, &hold, new, 1, east);

    cr_expect_eq(change(old, "late", &id), CC_E_CONFLICT);
    cr_expect_eq(lexical("late"), 0);
}

Test(passages, of_the_file_cannot_be_removed_but_what_was_done_to_them_can)
{
    int64_t id = id_of(0);
    struct cc_chunk_edit *all;
    int n;

    cr_expect_eq(cc_chunk_remove(s.pg, s.tenant, doc, id), CC_E_CONFLICT);
    cr_assert_eq(change(id, "quince", &id), 0);

    cr_assert_eq(cc_chunk_remove(s.pg, s.tenant, doc, id), 0, "%s", cc_fail_text());

    all = edits(&n);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(all[0].text, "", "the next taking-in brings the file's own back");
    cr_expect_eq(cc_chunk_remove(s.pg, s.tenant, doc, id), CC_E_CONFLICT);
    cr_expect_eq(cc_chunk_remove(s.pg, s.tenant, doc, 1), CC_E_NOTFOUND);
}

Test(passages, by_hand_can_be_removed_with_all_that_is_theirs)
{
    int64_t id, postings = number("count(*) FROM postings WHERE");
    int n;

    cr_assert_eq(change(0, "quince", &id), 0);
    cr_assert_eq(cc_chunk_remove(s.pg, s.tenant, doc, id), 0, "%s", cc_fail_text());

    list(&n);
    cr_expect_eq(n, 3);
    edits(&n);
    cr_expect_eq(n, 0);
    cr_expect_eq(number("count(*) FROM postings WHERE"), postings);
    cr_expect_eq(number("count(*) FROM chunk_vectors WHERE"), 3);
    cr_expect_eq(number("active_chunks FROM documents WHERE"), 3);
}

/* Bots, their versions and drafts, and what goes with one that is deleted: proto/store/bot.h. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/actor.h"
#include "proto/base/json.h"
#include "proto/seal/key.h"
#include "proto/store/pin.h"
#include "proto/store/source.h"
#include "proto/store/tenant.h"
#include "tests/support/store.h"

static struct store s;

static void setup(void)
{
    store_open(&s);
}

static void teardown(void)
{
    cc_actor_set("", "", "");
    store_close(&s);
}

TestSuite(bot_versions, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(bot_draft, .init = setup, .fini = teardown, .timeout = 60);
TestSuite(deleted_bot, .init = setup, .fini = teardown, .timeout = 60);

static struct cc_bot read_bot(void)
{
    struct cc_bot bot;

    cr_assert_eq(cc_bot_get(s.pg, s.tenant, s.bot, s.mem, &bot), 0, "%s", cc_fail_text());
    return bot;
}

static struct cc_bot_entry read_entry(void)
{
    struct cc_bot_entry entry;

    cr_assert_eq(cc_bot_read(s.pg, s.tenant, s.bot, s.mem, &entry), 0, "%s", cc_fail_text());
    return entry;
}

static const char *sql(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static const char *sql(const char *fmt, ...)
{
    char text[600];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return store_sql(&s, "CC_PG_SUPER", text);
}

/* ---- versions ---- */

Test(bot_versions, begin_with_the_first_and_keep_what_each_was)
{
    struct cc_bot bot = read_bot();
    struct cc_bot_version *list, one;
    CC_AUTO(json_decref)
    json_t *config = NULL;
    int n;

    cr_expect_eq(bot.version, 1);
    bot.name = "Second";
    bot.temperature = 0.5;
    bot.widget = "{\"greeting\":\"Hi\"}";
    cc_actor_set("usr_x", "192.0.2.1", "t");
    cr_assert_eq(cc_bot_publish(s.pg, &bot, &(struct cc_bot_publication){.note = "why"}), 0);

    cr_assert_eq(cc_bot_version_list(s.pg, &bot, 0, 10, s.mem, &list, &n), 0);
    cr_assert_eq(n, 2);
    cr_expect_eq(list[0].version, 2);
    cr_expect_str_eq(list[0].note, "why");
    cr_expect_str_eq(list[0].actor, "usr_x");
    cr_expect_str_eq(list[1].note, "");
    cr_assert_eq(cc_bot_version_list(s.pg, &bot, 2, 10, s.mem, &list, &n), 0);
    cr_expect_eq(n, 1);
    cr_assert_eq(cc_bot_version_get(s.pg, &bot, 2, s.mem, &one), 0);
    cr_assert_eq(cc_json_parse(one.config, strlen(one.config), &config), 0);
    cr_expect_str_eq(cc_json_str(config, "name", ""), "Second");
    cr_expect_eq(json_number_value(json_object_get(config, "temperature")), 0.5);
    cr_expect_str_eq(cc_json_str(json_object_get(config, "widget"), "greeting", ""), "Hi");
    cr_assert_eq(cc_bot_version_get(s.pg, &bot, 1, s.mem, &one), 0);
    cr_expect_not_null(strstr(one.config, "\"temperature\" : null"), "%s", one.config);
    cr_expect_eq(cc_bot_version_get(s.pg, &bot, 3, s.mem, &one), CC_E_NOTFOUND);
}

Test(bot_versions, of_whoever_was_late_are_a_conflict_and_lose_nothing)
{
    struct cc_bot mine = read_bot(), theirs = mine;

    mine.name = "Mine";
    theirs.model = "theirs";
    cr_assert_eq(cc_bot_set(s.pg, &mine), 0);

    cr_expect_eq(cc_bot_set(s.pg, &theirs), CC_E_CONFLICT);
    cr_expect_str_eq(read_bot().name, "Mine");
    cr_expect_str_eq(read_bot().model, "");
    theirs.version = 0;
    cr_expect_eq(cc_bot_set(s.pg, &theirs), 0, "whichever it is");
    cr_expect_eq(read_bot().version, 3);
}

Test(bot_versions, stay_two_hundred)
{
    struct cc_bot bot = read_bot();
    struct cc_bot_version *list;
    int n;

    sql("UPDATE bots SET version = 199 WHERE id = '%s'", s.bot);
    sql("INSERT INTO bot_versions (tenant_id, bot_id, version, config) SELECT tenant_id, id, n, "
        "'{}'"
        " FROM bots, generate_series(2, 198) n WHERE id = '%s'",
        s.bot);
    bot.version = 0;
    for (int i = 0; i < 3; i++)
        cr_assert_eq(cc_bot_set(s.pg, &bot), 0, "%s", cc_fail_text());

    cr_assert_eq(cc_bot_version_list(s.pg, &bot, 0, 500, s.mem, &list, &n), 0);
    cr_assert_eq(n, 200);
    cr_expect_eq(list[0].version, 202);
    cr_expect_eq(list[199].version, 3);
}

Test(bot_versions, of_another_tenant_are_not_there)
{
    struct cc_bot bot = read_bot();
    struct cc_bot_version one;
    struct store other;

    store_other(&s, &other);
    bot.tenant = other.tenant;

    cr_expect_eq(cc_bot_version_get(s.pg, &bot, 1, s.mem, &one), CC_E_NOTFOUND);
    cr_expect_eq(cc_bot_set(s.pg, &bot), CC_E_NOTFOUND);
}

/* ---- drafts ---- */

static int put_draft(const char *was, const char *now)
{
    return cc_bot_draft_put(s.pg, &(struct cc_bot_draft){s.tenant, s.bot, was, now});
}

Test(bot_draft, changes_nothing_until_it_is_published)
{
    struct cc_bot bot;

    cr_expect_str_eq(read_entry().draft, "");
    cr_assert_eq(put_draft("", "{\"name\":\"Next\"}"), 0);
    cr_expect_str_eq(read_entry().draft, "{\"name\":\"Next\"}");
    cr_expect_eq(read_entry().bot.version, 1);
    cr_expect_eq(put_draft("", "{\"name\":\"Other\"}"), CC_E_CONFLICT, "it is another by now");
    bot = read_bot();
    bot.name = "Next";

    cr_assert_eq(
        cc_bot_publish(s.pg, &bot, &(struct cc_bot_publication){.draft = "{\"name\":\"Else\"}"}),
        CC_E_CONFLICT);
    cr_assert_eq(
        cc_bot_publish(s.pg, &bot, &(struct cc_bot_publication){.draft = "{\"name\":\"Next\"}"}),
        0);

    cr_expect_str_eq(read_entry().draft, "");
    cr_expect_str_eq(read_entry().bot.name, "Next");
}

Test(bot_draft, stays_when_something_else_is_published)
{
    struct cc_bot bot = read_bot();

    cr_assert_eq(put_draft("", "{\"name\":\"Next\"}"), 0);
    bot.model = "m";
    cr_assert_eq(cc_bot_set(s.pg, &bot), 0);

    cr_expect_str_eq(read_entry().draft, "{\"name\":\"Next\"}");
    cr_assert_eq(put_draft("{\"name\":\"Next\"}", ""), 0);
    cr_expect_str_eq(read_entry().draft, "");
    cr_expect_eq(put_draft("", "[]"), CC_E_INVALID);
}

/* ---- deleting ---- */

static void delete_bot(void)
{
    const char *const *hashes;
    int n;

    cr_assert_eq(cc_bot_delete(s.pg, s.tenant, s.bot, s.mem, &hashes, &n), 0, "%s", cc_fail_text());
}

Test(deleted_bot, is_found_by_nobody_and_another_becomes_the_default)
{
    struct cc_bot bot = read_bot(), got;
    struct cc_bot_entry entry, *list;
    const char *const *hashes;
    char id[CC_ID_MAX];
    int n;

    bot.id = cc_id_sorted("bot", id);
    cr_assert_eq(cc_bot_add(s.pg, &bot), 0);
    delete_bot();

    cr_expect_eq(cc_bot_get(s.pg, s.tenant, s.bot, s.mem, &got), CC_E_NOTFOUND);
    cr_expect_eq(cc_bot_read(s.pg, s.tenant, s.bot, s.mem, &entry), CC_E_NOTFOUND);
    cr_assert_eq(cc_bot_list(s.pg, s.tenant, "", 10, s.mem, &list, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_str_eq(list[0].bot.id, id);
    cr_expect(list[0].oldest);
    cr_assert_eq(cc_bot_default(s.pg, s.tenant, s.mem, &got), 0);
    cr_expect_str_eq(got.id, id);
    bot.id = s.bot;
    cr_expect_eq(cc_bot_set(s.pg, &bot), CC_E_NOTFOUND);
    cr_expect_eq(put_draft("", "{}"), CC_E_NOTFOUND);
    cr_expect_eq(cc_bot_delete(s.pg, s.tenant, s.bot, s.mem, &hashes, &n), CC_E_NOTFOUND);
}

Test(deleted_bot, takes_its_keys_with_it_and_no_others)
{
    char own[CC_KEY_MAX], all[CC_KEY_MAX], id[CC_ID_MAX], hash[CC_SHA256_HEX];
    const char *const *hashes;
    struct cc_caller caller;
    int n;

    cc_key_make(CC_KEY_PUBLIC, own);
    cc_key_make(CC_KEY_SECRET, all);
    cr_assert_eq(cc_api_key_add(s.pg, s.tenant, s.bot, cc_id_sorted("key", id), own), 0);
    cr_assert_eq(cc_api_key_add(s.pg, s.tenant, "", cc_id_sorted("key", id), all), 0);

    cr_assert_eq(cc_bot_delete(s.pg, s.tenant, s.bot, s.mem, &hashes, &n), 0);

    cr_assert_eq(n, 1);
    cr_expect_str_eq(hashes[0], cc_key_hash(own, hash));
    cr_expect_eq(cc_api_key_find(s.pg, hashes[0], s.mem, &caller), CC_E_NOTFOUND);
    cr_expect_eq(cc_api_key_find(s.pg, cc_key_hash(all, hash), s.mem, &caller), 0);
}

static int claim(const char *session)
{
    char answer[CC_ID_MAX];
    struct cc_answer_claim claim = {.tenant = s.tenant,
                                    .answer = cc_id_random("ans", answer),
                                    .bot = s.bot,
                                    .session = session,
                                    .client_message = answer,
                                    .owner = "w",
                                    .question = "Hello?",
                                    .tier = "free",
                                    .asked_ms = 1763620000000,
                                    .lease_ms = 60000};
    struct cc_turn turn;

    return cc_turn_begin(s.pg, &claim, 0, s.mem, &turn);
}

Test(deleted_bot, answers_nothing_and_is_given_nothing)
{
    struct cc_document document = {.tenant = s.tenant,
                                   .bot = s.bot,
                                   .filename = "a.txt",
                                   .title = "A",
                                   .url = "",
                                   .sha256 = "x",
                                   .type = "text/plain",
                                   .bytes = "a",
                                   .size = 1};
    struct cc_source source = {.tenant = s.tenant,
                               .bot = s.bot,
                               .kind = "page",
                               .url = "https://x.example/",
                               .title = "x",
                               .max_pages = 1};
    char doc[CC_ID_MAX], src[CC_ID_MAX], key[CC_KEY_MAX], id[CC_ID_MAX], fresh[CC_ID_MAX];

    delete_bot();

    document.id = cc_id_sorted("doc", doc);
    source.id = cc_id_sorted("src", src);
    cr_expect_eq(claim(s.session), CC_E_NOTFOUND, "a session that is there");
    cr_expect_eq(claim(cc_id_random("ses", fresh)), CC_E_NOTFOUND, "a new one");
    cr_expect_eq(cc_document_add(s.pg, &document), CC_E_NOTFOUND);
    cr_expect_eq(cc_source_add(s.pg, &source), CC_E_NOTFOUND);
    cr_expect_eq(cc_api_key_add(s.pg, s.tenant, s.bot, cc_id_sorted("key", id),
                                cc_key_make(CC_KEY_PUBLIC, key)),
                 CC_E_NOTFOUND);
    cr_expect_str_eq(sql("SELECT count(*) FROM answers WHERE bot_id = '%s'", s.bot), "0");
}

Test(deleted_bot, leaves_documents_and_sources_to_the_sweep)
{
    char doc[CC_ID_MAX], all[CC_ID_MAX], src[CC_ID_MAX];
    struct cc_source source = {.id = cc_id_sorted("src", src),
                               .tenant = s.tenant,
                               .bot = s.bot,
                               .kind = "page",
                               .url = "https://x.example/",
                               .title = "x",
                               .max_pages = 1};
    struct cc_document_status status, *list;
    struct cc_source got, *sources;
    struct cc_pin pin = {.id = "pin_00000000000000000000000000000001",
                         .tenant = s.tenant,
                         .bot = s.bot,
                         .answer = "a"};
    int n, done;

    store_document(&s, "of all bots", all);
    store_document(&s, "its own", doc);
    sql("UPDATE documents d SET bot_id = b.id FROM bots b WHERE b.tenant_id = d.tenant_id"
        " AND d.id = '%s'",
        doc);
    cr_assert_eq(cc_source_add(s.pg, &source), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_pin_put(s.pg, &pin), 0, "%s", cc_fail_text());

    delete_bot();

    cr_expect_eq(cc_document_status(s.pg, s.tenant, doc, s.mem, &status), CC_E_NOTFOUND);
    cr_expect_eq(cc_source_get(s.pg, s.tenant, src, s.mem, &got), CC_E_NOTFOUND);
    cr_expect_eq(cc_source_visit(s.pg, s.tenant, src), CC_E_NOTFOUND);
    cr_assert_eq(cc_document_list(s.pg, s.tenant, NULL, "", 10, s.mem, &list, &n), 0);
    cr_expect_eq(n, 1);
    cr_assert_eq(cc_source_list(s.pg, s.tenant, "", 10, s.mem, &sources, &n), 0);
    cr_expect_eq(n, 0);
    cr_expect_str_eq(sql("SELECT count(*) FROM pins WHERE bot_id = '%s'", s.bot), "0");

    cr_assert_eq(cc_sweep_deleting(s.sweep, s.pg, 100, &done), 0, "%s", cc_fail_text());

    cr_expect_geq(done, 2);
    cr_expect_str_eq(sql("SELECT count(*) FROM documents WHERE id = '%s'", doc), "0");
    cr_expect_str_eq(sql("SELECT count(*) FROM sources WHERE id = '%s'", src), "0");
    cr_expect_str_eq(sql("SELECT count(*) FROM documents WHERE id = '%s'", all), "1");
    cr_expect_str_eq(sql("SELECT count(*) FROM sessions WHERE id = '%s'", s.session), "1");
}

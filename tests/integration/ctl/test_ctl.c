/* cc-ctl, called as its main() does: infra/ctl. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/base/config.h"
#include "proto/bus/queue.h"
#include "proto/seal/key.h"
#include "proto/wire/names.h"
#include "tests/integration/ctl/run.h"
#include "tests/support/store.h"

/* A member of the object that the command showed. */
static const char *run_for(const char *member, const char *fmt, const char *a, const char *b)
{
    static char results[8][100], words[1000];
    static int next;
    char *result = results[next++ % 8];

    snprintf(words, sizeof words, "--json|%s|%s|%s", fmt, a, b);
    cr_assert_eq(ctl(words), 0, "%s", words);
    json_t *value = shown_json();
    snprintf(result, sizeof results[0], "%s", cc_json_str(value, member, ""));
    json_decref(value);
    return result;
}

static void setup(void)
{
    store_env("CC_PG_OWNER");
    cr_assert_eq(ctl("migrate"), 0);
}

TestSuite(ctl, .init = setup, .timeout = 60);

Test(ctl, makes_a_tenant_a_bot_and_keys_that_work)
{
    const char *tenant = run_for("tenantId", "tenant|add", "Acme & Söhne", "--tier|paid");
    const char *bot = run_for("botId", "bot|add", tenant,
                              "Helper|--origin|https://a.example|--origin|https://b.example"
                              "|--model|scripted:mock-ttft5|--server-use");
    char words[300];

    snprintf(words, sizeof words, "--secret|--bot|%s", bot);
    const char *key = run_for("key", "key|add", tenant, words);
    enum cc_key_kind kind;
    cr_assert(cc_key_parse(key, &kind));
    cr_assert_eq(kind, CC_KEY_SECRET);

    struct cc_pg_opts opts = {.conninfo = store_env("CC_PG")};
    struct cc_pg *pg;
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_caller caller;
    struct cc_bot got;
    char hash[CC_SHA256_HEX];
    cc_loop_init(NULL);
    cr_assert_eq(cc_pg_open(&opts, &pg), 0);
    cr_assert_eq(cc_api_key_find(pg, cc_key_hash(key, hash), mem, &caller), 0);
    cr_assert_str_eq(caller.tenant, tenant);
    cr_assert_str_eq(caller.tier, "paid");
    cr_assert_str_eq(caller.bot, bot);
    cr_assert_eq(cc_bot_get(pg, tenant, bot, mem, &got), 0);
    cr_assert_str_eq(got.origins, "[\"https://a.example\",\"https://b.example\"]");
    cr_assert_str_eq(got.provider, "scripted");
    cr_assert_str_eq(got.model, "mock-ttft5");
    cr_assert(got.server_use);
    cc_pg_close(&pg);
    cc_arena_free(&mem);
    cc_loop_done();
}

Test(ctl, changes_what_it_is_told_and_nothing_else_of_a_bot)
{
    const char *tenant = run_for("tenantId", "tenant|add", "A", "--tier|free");
    const char *bot = run_for("botId", "bot|add", tenant, "Helper|--system|Be kind.");
    char words[500];

    snprintf(words, sizeof words, "--json|bot|set|%s|%s|--model|builtin|--greeting|Hi \"you\"",
             tenant, bot);
    cr_assert_eq(ctl(words), 0);
    snprintf(words, sizeof words, "--json|bot|show|%s|%s", tenant, bot);
    cr_assert_eq(ctl(words), 0);

    json_t *value = shown_json();
    cr_assert_str_eq(cc_json_str(value, "system", ""), "Be kind.");
    cr_assert_str_eq(cc_json_str(value, "provider", ""), "builtin");
    cr_assert_str_eq(cc_json_str(json_object_get(value, "widget"), "greeting", ""), "Hi \"you\"");
    json_decref(value);
    snprintf(words, sizeof words, "bot|set|%s|%s|--top-k|many", tenant, bot);
    cr_assert_eq(ctl(words), 2);
    snprintf(words, sizeof words, "bot|set|%s|%s|--colour|red", tenant, bot);
    cr_assert_eq(ctl(words), 2);
}

Test(ctl, changes_what_it_is_told_and_nothing_else_of_a_tenant)
{
    const char *tenant = run_for("tenantId", "tenant|add", "Acme", "--tier|free");
    char words[300];

    snprintf(words, sizeof words, "tenant|set|%s|--ceiling-requests|60|--ceiling-spend|1.5",
             tenant);
    cr_assert_eq(ctl(words), 0);
    snprintf(words, sizeof words, "--json|tenant|set|%s|--ceiling-requests|none|--tier|paid",
             tenant);
    cr_assert_eq(ctl(words), 0);

    json_t *value = shown_json(), *ceiling = json_object_get(value, "ceiling");
    cr_assert_str_eq(cc_json_str(value, "name", ""), "Acme");
    cr_assert_str_eq(cc_json_str(value, "tier", ""), "paid");
    cr_assert_eq(json_object_size(ceiling), 1);
    cr_assert_eq(json_number_value(json_object_get(ceiling, "dailySpend")), 1.5);
    json_decref(value);
    snprintf(words, sizeof words, "tenant|set|%s|--ceiling-tokens|many", tenant);
    cr_assert_eq(ctl(words), 2);
    snprintf(words, sizeof words, "tenant|set|%s|--ceiling-tokens|-1", tenant);
    cr_assert_eq(ctl(words), 2);
}

Test(ctl, rotates_a_key_and_lists_both)
{
    const char *tenant = run_for("tenantId", "tenant|add", "A", "--tier|free");
    char words[300], old[100];

    snprintf(words, sizeof words, "--secret|--scope|read|--name|Shop|--requests|9");
    snprintf(old, sizeof old, "%s", run_for("keyId", "key|add", tenant, words));
    snprintf(words, sizeof words, "--json|key|rotate|%s|%s|--grace|60", tenant, old);
    cr_assert_eq(ctl(words), 0);
    snprintf(words, sizeof words, "key|rotate|%s|%s", tenant, old);
    cr_assert_eq(ctl(words), 1, "only once");
    snprintf(words, sizeof words, "--json|key|list|%s", tenant);
    cr_assert_eq(ctl(words), 0);

    json_t *list = shown_json(), *last = json_array_get(list, 1);
    cr_assert_eq(json_array_size(list), 2);
    cr_assert_str_eq(cc_json_str(last, "keyId", ""), old);
    cr_assert_str_eq(cc_json_str(last, "replacedBy", ""),
                     cc_json_str(json_array_get(list, 0), "keyId", "x"));
    cr_assert_str_eq(cc_json_str(json_array_get(list, 0), "name", ""), "Shop");
    cr_assert_eq(json_array_size(json_object_get(json_array_get(list, 0), "scopes")), 1);
    json_decref(list);
    snprintf(words, sizeof words, "key|add|%s|--secret|--scope|rule", tenant);
    cr_assert_eq(ctl(words), 2);
}

/* A listener with nothing of ours in it: Redis's inline protocol on its socket. */
static int listen_to(const char *channel)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char line[200];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(at.sun_path, sizeof at.sun_path, "%s", store_env("CC_REDIS_LIVE") + strlen("unix:"));
    cr_assert_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    int n = snprintf(line, sizeof line, "SUBSCRIBE %s\r\n", channel);
    cr_assert_eq(write(fd, line, (size_t)n), n);
    cr_assert_gt(read(fd, line, sizeof line), 0);
    return fd;
}

Test(ctl, tells_all_processes_of_a_revoked_key)
{
    const char *tenant = run_for("tenantId", "tenant|add", "A", "--tier|free");
    char words[300], heard[500], hash[CC_SHA256_HEX];
    int fd = listen_to(CC_CHANNEL_INVALID);

    snprintf(words, sizeof words, "--json|key|add|%s|--public", tenant);
    cr_assert_eq(ctl(words), 0);
    json_t *value = shown_json();
    cc_key_hash(cc_json_str(value, "key", ""), hash);
    snprintf(words, sizeof words, "key|revoke|%s|%s", tenant, cc_json_str(value, "keyId", ""));
    json_decref(value);
    cr_assert_eq(ctl(words), 0);

    bool ours = false;
    while (!ours) { /* tests beside us revoke, too */
        ssize_t n = read(fd, heard, sizeof heard - 1);
        cr_assert_gt(n, 0);
        heard[n] = '\0';
        ours = strstr(heard, hash) && strstr(heard, "key ");
    }
    close(fd);
    cr_assert_eq(ctl("key|revoke|ten_none|key_none"), 1);
}

Test(ctl, lists_documents_and_tries_a_failed_one_again)
{
    struct store s;
    char doc[CC_ID_MAX], words[300];

    store_open(&s);
    store_document(&s, "text", doc);
    struct cc_document_hold hold = store_claim(&s, doc);
    cr_assert_eq(cc_document_end(s.pg, &hold,
                                 &(struct cc_document_end){.status = "failed", .error = "no luck"}),
                 0);
    char tenant[CC_ID_MAX];
    memcpy(tenant, s.tenant, sizeof tenant);
    store_close(&s);

    snprintf(words, sizeof words, "--json|document|list|%s", tenant);
    cr_assert_eq(ctl(words), 0);
    json_t *list = shown_json();
    cr_assert_eq(json_array_size(list), 1);
    cr_assert_str_eq(cc_json_str(json_array_get(list, 0), "error", ""), "no luck");
    json_decref(list);
    cr_assert_str_eq(run_for("status", "document|retry", tenant, doc), "pending");
    cr_assert_str_eq(run_for("status", "document|status", tenant, doc), "pending");
    snprintf(words, sizeof words, "document|delete|%s|%s", tenant, doc);
    cr_assert_eq(ctl(words), 0);
    snprintf(words, sizeof words, "document|status|%s|%s", tenant, doc);
    cr_assert_eq(ctl(words), 1);
}

static size_t rows_of(const char *command, const char *tenant, const char *doc)
{
    char words[300];
    json_t *list;
    size_t n;

    snprintf(words, sizeof words, "--json|document|%s|%s|%s", command, tenant, doc);
    cr_assert_eq(ctl(words), 0, "%s", words);
    list = shown_json();
    n = json_array_size(list);
    json_decref(list);
    return n;
}

Test(ctl, shows_what_a_document_has_and_takes_it_in_again)
{
    static const char *const texts[] = {"one", "two"};
    struct store s;
    char doc[CC_ID_MAX], tenant[CC_ID_MAX];

    store_open(&s);
    store_document(&s, "text", doc);
    struct cc_document_hold hold = store_claim(&s, doc);
    store_publish(&s, &hold, texts, 2, NULL);
    memcpy(tenant, s.tenant, sizeof tenant);
    store_close(&s);

    cr_expect_eq(rows_of("chunks", tenant, doc), 2);
    cr_expect_eq(rows_of("changes", tenant, doc), 1);
    cr_expect_str_eq(run_for("status", "document|again", tenant, doc), "pending");
    cr_expect_eq(rows_of("chunks", tenant, doc), 2, "found until then");
}

Test(ctl, takes_a_dead_document_off_the_list)
{
    struct store s;
    char doc[CC_ID_MAX], tenant[CC_ID_MAX];

    store_open(&s);
    store_document(&s, "text", doc);
    struct cc_document_hold hold = store_claim(&s, doc);
    cr_assert_eq(cc_document_end(s.pg, &hold,
                                 &(struct cc_document_end){
                                     .status = "dead", .error = "it hung", .code = "parser_limit"}),
                 0);
    memcpy(tenant, s.tenant, sizeof tenant);
    store_close(&s);

    cr_expect_eq(rows_of("list|--status|dead", tenant, "--max|10"), 1);
    cr_expect_str_eq(run_for("status", "document|skip", tenant, doc), "failed");
    cr_expect_str_eq(run_for("errorCode", "document|status", tenant, doc), "parser_limit");
}

Test(ctl, adds_files_of_its_own_disk_once)
{
    const char *tenant = run_for("tenantId", "tenant|add", "Files", "--tier|free");
    char path[] = "/tmp/cc-file.XXXXXX", words[300], id[100];
    int fd = mkstemp(path);
    json_t *list;

    cr_assert_eq(write(fd, "Some words.", 11), 11);
    close(fd);
    snprintf(words, sizeof words, "--json|document|add|%s|%s", tenant, path);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(ctl(words), 0);
        list = shown_json();
        const json_t *row = json_array_get(list, 0);
        cr_expect_eq(cc_json_bool(row, "duplicate", false), i == 1);
        if (i)
            cr_expect_str_eq(cc_json_str(row, "documentId", ""), id);
        snprintf(id, sizeof id, "%s", cc_json_str(row, "documentId", ""));
        json_decref(list);
    }
    unlink(path);

    cr_expect_str_eq(run_for("status", "document|status", tenant, id), "pending");
    cr_expect_eq(ctl(words), 1, "it is not there any more");
}

static const char *state_of(const json_t *rows, const char *what)
{
    size_t i;
    const json_t *row;

    json_array_foreach(rows, i, row) if (strcmp(cc_json_str(row, "what", ""), what) ==
                                         0) return cc_json_str(row, "state", "");
    return "";
}

Test(ctl, adds_shows_asks_for_and_deletes_a_source_of_the_web)
{
    const char *tenant = run_for("tenantId", "tenant|add", "Web", "--tier|free");
    const char *id = run_for("id", "source|add", tenant,
                             "https://a.example/docs/|--kind|crawl|--include|/docs/*|--tag|web"
                             "|--depth|2|--max-pages|7|--every|3600");
    char words[300];

    cr_expect_str_eq(run_for("url", "source|show", tenant, id), "https://a.example/docs/");
    json_t *value = shown_json();
    cr_expect_eq(cc_json_int(value, "maxPages", 0), 7);
    cr_expect_eq(json_array_size(json_object_get(value, "include")), 1);
    cr_expect_eq(json_array_size(json_object_get(value, "pages")), 0);
    json_decref(value);
    cr_expect_str_eq(run_for("status", "source|visit", tenant, id), "pending");
    snprintf(words, sizeof words, "--json|source|list|%s", tenant);
    cr_assert_eq(ctl(words), 0);
    value = shown_json();
    cr_expect_eq(json_array_size(value), 1);
    json_decref(value);

    cr_expect_str_eq(run_for("id", "source|delete", tenant, id), id);

    snprintf(words, sizeof words, "source|show|%s|%s", tenant, id);
    cr_expect_neq(ctl(words), 0);
    snprintf(words, sizeof words, "source|add|%s|ftp://a.example/", tenant);
    cr_expect_neq(ctl(words), 0);
    snprintf(words, sizeof words, "source|add|%s|https://a.example/|--every|5", tenant);
    cr_expect_neq(ctl(words), 0);
}

Test(ctl, doctor_finds_a_sound_installation_sound)
{
    ctl("--json|doctor");

    json_t *rows = shown_json();
    cr_assert_str_eq(state_of(rows, "PostgreSQL"), "ok");
    cr_assert_str_eq(state_of(rows, "application role"), "ok");
    cr_assert_str_eq(state_of(rows, "row-level security"), "ok");
    cr_assert_str_eq(state_of(rows, "schema"), "ok");
    cr_assert_str_eq(state_of(rows, "sweeping role"), "ok");
    cr_assert_str_eq(state_of(rows, "Redis queue"), "ok");
    cr_assert_str_eq(state_of(rows, "Redis queue: appendfsync"), "ok");
    cr_assert_str_eq(state_of(rows, "Redis live: maxmemory-policy"), "ok");
    json_decref(rows);
}

Test(ctl, doctor_warns_of_models_that_no_price_is_known_of)
{
    static const struct {
        const char *prices, *state;
    } table[] = {{"*=1/1/1", "ok"}, {"m=1/1/1", "warn"}, {"m=1/1/1,*=0/0/0", "ok"}, {"", "warn"}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        setenv("CC_PRICES", table[i].prices, 1);
        ctl("--json|doctor");
        json_t *rows = shown_json();
        cr_expect_str_eq(state_of(rows, "prices of models"), table[i].state, "row %zu", i);
        json_decref(rows);
    }
}

Test(ctl, doctor_names_what_is_wrong)
{
    setenv("CC_PG", store_env("CC_PG_SUPER"), 1);
    setenv("CC_REDIS_QUEUE", store_env("CC_REDIS_LIVE"), 1);
    setenv("CC_REDIS_LIVE", "unix:/nonexistent", 1);
    setenv("CC_PDFTOTEXT", "/nonexistent", 1);

    cr_assert_eq(ctl("--json|doctor"), 1);

    json_t *rows = shown_json();
    cr_assert_str_eq(state_of(rows, "application role"), "fail");
    cr_assert_str_eq(state_of(rows, "Redis queue: appendonly"), "fail");
    cr_assert_str_eq(state_of(rows, "Redis queue: maxmemory-policy"), "fail");
    cr_assert_str_eq(state_of(rows, "Redis live"), "fail");
    cr_assert_str_eq(state_of(rows, "pdf reader"), "fail");
    json_decref(rows);
}

Test(ctl, lists_and_requeues_what_was_given_up)
{
    struct cc_redis *queue, *blocking;
    struct cc_queue *work;
    struct cc_arena *mem = cc_arena_new(1 << 20);
    struct cc_claim claim;
    char words[200];
    int n;

    /* the other server, where no test beside us takes our job, nor we theirs */
    setenv("CC_REDIS_QUEUE", store_env("CC_REDIS_LIVE"), 1);
    cc_loop_init(NULL);
    cr_assert_eq(cc_redis_open(store_env("CC_REDIS_QUEUE"), &queue), 0);
    cr_assert_eq(cc_redis_open(store_env("CC_REDIS_QUEUE"), &blocking), 0);
    cr_assert_eq(cc_redis_ready(blocking, cc_now() + 3000), 0);
    struct cc_queue_opts opts = {.commands = queue,
                                 .blocking = blocking,
                                 .stream = CC_STREAM_INGEST,
                                 .consumer = "test",
                                 .lease_ms = 60000};
    cr_assert_eq(cc_queue_open(&opts, &work), 0);
    cr_assert_eq(cc_queue_put(queue, CC_STREAM_INGEST, "job", 3, NULL), 0);
    cr_assert_eq(cc_queue_take(work, 1, 3000, mem, &claim, &n), 0);
    cr_assert_eq(cc_queue_bury(work, &claim, "ten_x", "doc_x", "the parser died"), 0, "%s",
                 cc_fail_text());
    cc_queue_free(&work);
    cc_redis_close(&queue);
    cc_redis_close(&blocking);
    cc_arena_free(&mem);
    cc_loop_done();

    cr_assert_eq(ctl("--json|dead|list|ingest"), 0);
    json_t *rows = shown_json();
    cr_assert_eq(json_array_size(rows), 1);
    cr_assert_str_eq(cc_json_str(json_array_get(rows, 0), "reason", ""), "the parser died");
    snprintf(words, sizeof words, "dead|requeue|ingest|%s",
             cc_json_str(json_array_get(rows, 0), "entry", ""));
    json_decref(rows);
    cr_assert_eq(ctl(words), 0);
    cr_assert_eq(ctl("--json|dead|list"), 0);
    cr_assert_str_eq(shown, "[]\n");
    cr_assert_eq(ctl(words), 1);
}

Test(ctl, that_is_misused_says_how_to_use_it)
{
    cr_assert_eq(ctl("nonsense"), 2);
    cr_assert_eq(ctl("tenant|add"), 2);
    cr_assert_eq(ctl("key|add|ten_x|--public|--secret"), 2);
    cr_assert_eq(ctl("dead|list|mail"), 2);
    cr_assert_eq(ctl("--help"), 0);
    cr_assert(strstr(shown, "document retry"));
}

Test(ctl, refuses_settings_that_no_search_could_use)
{
    const char *tenant = run_for("tenantId", "tenant|add", "A", "--tier|free");
    const char *bot = run_for("botId", "bot|add", tenant,
                              "Helper|--retrieval|{\"rerank\":true}|--chunking|{\"tokens\":200}");
    static const char *const bad[] = {"--retrieval|{\"rerank\":1}", "--retrieval|[]",
                                      "--chunking|{\"tokens\":1}", "--chunking|{\"size\":100}"};
    char words[500];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(words, sizeof words, "bot|set|%s|%s|%s", tenant, bot, bad[i]);
        cr_expect_eq(ctl(words), 2, "%s", bad[i]);
    }
    snprintf(words, sizeof words, "--json|bot|set|%s|%s|--retrieval|{\"weightWords\":2}", tenant,
             bot);
    cr_assert_eq(ctl(words), 0);
    json_t *value = shown_json();
    cr_expect_eq(cc_json_int(json_object_get(value, "retrieval"), "weightWords", 0), 2);
    cr_expect_eq(cc_json_int(json_object_get(value, "chunking"), "tokens", 0), 200);
    json_decref(value);
}

Test(ctl, pins_answers_and_takes_them_back)
{
    const char *tenant = run_for("tenantId", "tenant|add", "A", "--tier|free");
    const char *bot = run_for("botId", "bot|add", tenant, "Helper");
    char words[500];

    snprintf(words, sizeof words, "%s|--question|When?|--question|Opening hours|Nine to five.",
             bot);
    const char *pin = run_for("id", "pin|add", tenant, words);
    snprintf(words, sizeof words, "--json|pin|list|%s|--bot|%s", tenant, bot);
    cr_assert_eq(ctl(words), 0);
    json_t *value = shown_json(), *first = json_array_get(value, 0);
    cr_expect_eq(json_array_size(value), 1);
    cr_expect_str_eq(cc_json_str(first, "id", ""), pin);
    cr_expect_str_eq(cc_json_str(first, "answer", ""), "Nine to five.");
    cr_expect_eq(json_array_size(json_object_get(first, "questions")), 2);
    json_decref(value);
    snprintf(words, sizeof words, "pin|add|%s|%s|--question|when|Never.", tenant, bot);
    cr_expect_neq(ctl(words), 0, "another pin has the question");
    snprintf(words, sizeof words, "pin|add|%s|%s|Never.", tenant, bot);
    cr_expect_eq(ctl(words), 2);
    snprintf(words, sizeof words, "pin|delete|%s|%s", tenant, pin);
    cr_expect_eq(ctl(words), 0);
    cr_expect_neq(ctl(words), 0);
}

#include "tests/integration/bus/redis_server.h"

#include <glob.h>

#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/bus/admit.h"
#include "proto/bus/erase.h"
#include "proto/bus/queue.h"
#include "proto/bus/replay.h"
#include "proto/wire/names.h"

static struct server server;
static struct cc_redis *redis;
static struct cc_arena *mem;

static void set_up(void)
{
    cc_loop_init(NULL);
    server_start(&server, "yes", "");
    redis = server_client(&server);
    server_ask(&server, "CONFIG SET rdbcompression no"); /* else a file hides what is in it */
    mem = cc_arena_new(64 << 20);
}

static void tear_down(void)
{
    cc_arena_free(&mem);
    cc_redis_close(&redis);
    server_end(&server);
    cc_loop_done();
}

TestSuite(erase, .init = set_up, .fini = tear_down, .timeout = 60);

static char answer[CC_ID_MAX];

static void ask(const char *tenant, const char *session, const char *visitor, const char *message)
{
    struct cc_chat_job job = {.answer = cc_id_random("ans", answer),
                              .tenant = tenant,
                              .bot = "bot_1",
                              .session = session,
                              .client_message = message,
                              .message = message,
                              .visitor = visitor,
                              .asked_ms = 1000};
    struct cc_admit what = {
        .job = &job, .tenant_cap = 100, .total_cap = 100, .remember_s = 60, .new_session = true};
    struct cc_admitted in;

    cr_assert_eq(cc_admit(redis, &what, &in), 0, "%s", cc_fail_text());
}

static const char *sha256(const char *text)
{
    return cc_sha256_hex(text, strlen(text), cc_arena_get(mem, CC_SHA256_HEX));
}

static struct cc_erase_what about(const char *tenant, const char *visitor)
{
    return (struct cc_erase_what){.tenant = tenant, .subject = sha256(visitor), .asked_ms = 2000};
}

static struct cc_erase_counts erase(const struct cc_erase_what *what)
{
    struct cc_erase_found *found;

    cr_assert_eq(cc_erase_find(redis, redis, what, mem, &found), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_erase_remove(redis, redis, found), 0, "%s", cc_fail_text());
    return cc_erase_counts(found);
}

static bool in_a_file(const char *text)
{
    char pattern[128];
    bool found = false;
    glob_t files;

    snprintf(pattern, sizeof pattern, "%s/appendonlydir/*", server.dir);
    cr_assert_eq(glob(pattern, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        char *bytes = calloc(1, 1 << 20);
        FILE *f = fopen(files.gl_pathv[i], "rb");
        size_t n = fread(bytes, 1, (1 << 20) - 1, f);

        fclose(f);
        found |= memmem(bytes, n, text, strlen(text)) != NULL;
        free(bytes);
    }
    globfree(&files);
    return found;
}

Test(erase, removes_a_visitors_questions_and_what_they_are_remembered_by)
{
    struct cc_erase_what what = about("ten_1", "vis_1");

    ask("ten_1", "ses_a", "vis_1", "planted-one");
    ask("ten_1", "ses_b", "vis_2", "neighbour-one");
    ask("ten_2", "ses_c", "vis_1", "neighbour-two");
    struct cc_erase_counts n = erase(&what);

    cr_expect_eq(n.questions, 1);
    cr_expect_eq(n.names, 3, "asked, session, idem");
    cr_expect_eq(server_ask(&server, "XLEN " CC_STREAM_CHAT), 2);
    cr_expect_eq(server_ask(&server, "HGET " CC_INFLIGHT_CHAT " ten_1"), 1);
    cr_expect_eq(server_ask(&server, "EXISTS cc:session:ten_1:ses_a"), 0);
    cr_expect_eq(server_ask(&server, "EXISTS cc:idem:ten_1:ses_a:planted-one"), 0);
    cr_expect_eq(server_ask(&server, "EXISTS cc:session:ten_1:ses_b"), 1);
    cr_expect_eq(server_ask(&server, "EXISTS cc:session:ten_2:ses_c"), 1);
    n = erase(&what);
    cr_expect_eq(n.questions + n.names + n.streams, 0, "again: nothing is left");
}

Test(erase, leaves_what_was_asked_afterwards)
{
    struct cc_erase_what what = about("ten_1", "vis_1");

    what.asked_ms = 999;
    ask("ten_1", "ses_a", "vis_1", "later");

    cr_expect_eq(erase(&what).questions, 0);
    cr_expect_eq(server_ask(&server, "XLEN " CC_STREAM_CHAT), 1);
}

Test(erase, leaves_no_bytes_in_the_servers_files)
{
    struct cc_erase_what what = about("ten_1", "vis_1");

    ask("ten_1", "ses_before", "vis_2", "neighbour-one");
    ask("ten_1", "ses_a", "vis_1", "planted-one");
    ask("ten_1", "ses_after", "vis_2", "neighbour-two");
    cr_assert(in_a_file("planted-one"), "it was there");
    erase(&what);
    cr_assert_eq(cc_erase_files(redis, in_ms(20000)), 0, "%s", cc_fail_text());

    cr_expect_not(in_a_file("planted-one"));
    cr_expect(in_a_file("neighbour-one"));
    cr_expect(in_a_file("neighbour-two"));
}

/* XDEL alone would leave them: so what the file says depends on the stream being written anew. */
Test(erase, control_a_removed_entry_stays_in_the_file_beside_others)
{
    ask("ten_1", "ses_before", "vis_2", "neighbour-one");
    ask("ten_1", "ses_a", "vis_1", "planted-one");
    cr_assert_eq(server_ask(&server, "EVAL %s 1 " CC_STREAM_CHAT,
                            "local e = redis.call('XRANGE', KEYS[1], '-', '+') "
                            "redis.call('DEL', 'cc:idem:ten_1:ses_a:planted-one') "
                            "return redis.call('XDEL', KEYS[1], e[2][1])"),
                 1);
    cr_assert_eq(cc_erase_files(redis, in_ms(20000)), 0);

    cr_expect(in_a_file("planted-one"));
}

Test(erase, lets_others_go_on_with_what_they_are_at)
{
    struct cc_queue_opts opts = {redis, redis, CC_STREAM_CHAT, "me", CC_INFLIGHT_CHAT, 1000};
    struct cc_erase_what what = about("ten_1", "vis_1");
    struct cc_queue *queue;
    struct cc_claim claim[3];
    int n;

    cr_assert_eq(cc_queue_open(&opts, &queue), 0);
    ask("ten_1", "ses_b", "vis_2", "at work");
    ask("ten_1", "ses_a", "vis_1", "planted, at work");
    cr_assert_eq(cc_queue_take(queue, 3, 100, mem, claim, &n), 0);
    cr_assert_eq(n, 2);
    ask("ten_1", "ses_b", "vis_2", "waiting");
    ask("ten_1", "ses_a", "vis_1", "planted, waiting");

    cr_expect_eq(erase(&what).questions, 2);
    cr_expect_eq(server_ask(&server, "XLEN " CC_STREAM_CHAT), 2);
    cr_expect_eq(cc_queue_touch(queue, claim[0].entry), 0, "still ours");
    struct cc_queue_state state;
    cr_assert_eq(cc_queue_look(redis, CC_STREAM_CHAT, &state), 0);
    cr_expect_eq(state.pending, 1);
    cr_assert_eq(cc_queue_take(queue, 3, 100, mem, &claim[1], &n), 0, "the one that waits");
    cr_expect_eq(n, 1);
    cr_expect_eq(cc_queue_ack(queue, claim[0].entry, "ten_1"), 0);
    cr_expect_eq(cc_queue_ack(queue, claim[1].entry, "ten_1"), 0);
    cr_expect_eq(server_ask(&server, "XLEN " CC_STREAM_CHAT), 0);
    cr_expect_eq(server_ask(&server, "HEXISTS " CC_INFLIGHT_CHAT " ten_1"), 0);
    cc_queue_free(&queue);
}

Test(erase, ends_an_answer_and_refuses_what_its_worker_adds)
{
    struct cc_replay_entry entry[4];
    struct cc_replay_put put = {
        .id = {1, 1}, .stored = "aplanted", .len = 8, .expect = 0, .keep_s = 60};
    struct cc_erase_what what = about("ten_1", "vis_1");
    bool cancel;
    int n;

    ask("ten_1", "ses_a", "vis_1", "planted-one");
    put.answer = answer;
    cr_assert_eq(cc_replay_put(redis, &put, &cancel), 0);
    cr_expect_eq(erase(&what).streams, 1);

    put.id.seq = 2;
    put.expect = 1;
    cr_expect_eq(cc_replay_put(redis, &put, &cancel), CC_E_FENCED);
    put.id.seq = 1;
    put.expect = 0;
    cr_expect_eq(cc_replay_put(redis, &put, &cancel), CC_E_FENCED, "nor from the beginning");
    cr_assert_eq(cc_replay_read(redis, answer, (struct cc_event_id){0, 0}, 4, mem, entry, &n), 0);
    cr_assert_eq(n, 1);
    cr_expect_eq(entry[0].event.kind, CC_EV_ERROR);
    cr_expect_eq(erase(&what).streams, 0, "again: it is no event of an answer");
}

Test(erase, forgets_names_of_sessions_and_the_tenants_caches)
{
    const char *sessions[] = {sha256("a-name-of-his-own")};
    struct cc_erase_what what = about("ten_1", "vis_1");

    what.sessions = sessions;
    what.sessions_n = 1;
    what.answered = true;
    server_ask(&server, "SET cc:gate:session:ten_1:a-name-of-his-own 1");
    server_ask(&server, "SET cc:gate:session:ten_1:a-name-of-anothers 1");
    server_ask(&server, "SET cc:cache:answer:ten_1:00 planted");
    server_ask(&server, "SET cc:cache:answer:ten_2:00 kept");
    struct cc_erase_counts n = erase(&what);

    cr_expect_eq(n.names, 1);
    cr_expect_eq(n.cached, 1);
    cr_expect_eq(server_ask(&server, "EXISTS cc:gate:session:ten_1:a-name-of-his-own"), 0);
    cr_expect_eq(server_ask(&server, "EXISTS cc:gate:session:ten_1:a-name-of-anothers"), 1);
    cr_expect_eq(server_ask(&server, "EXISTS cc:cache:answer:ten_1:00"), 0);
    cr_expect_eq(server_ask(&server, "EXISTS cc:cache:answer:ten_2:00"), 1);
}

Test(erase, spares_the_caches_where_nothing_was_asked)
{
    struct cc_erase_what what = about("ten_1", "vis_1");

    server_ask(&server, "SET cc:cache:answer:ten_1:00 kept");
    cr_expect_eq(erase(&what).cached, 0);
    cr_expect_eq(server_ask(&server, "EXISTS cc:cache:answer:ten_1:00"), 1);
    ask("ten_1", "ses_a", "vis_1", "planted-one");
    cr_expect_eq(erase(&what).cached, 1, "a question that waits may be at work, too");
    cr_expect_eq(server_ask(&server, "EXISTS cc:cache:answer:ten_1:00"), 0);
}

Test(erase, of_a_tenant_leaves_nothing_of_it_and_all_of_others)
{
    struct cc_erase_what what = {.tenant = "ten_1", .all = true, .subject = ""};

    ask("ten_1", "ses_a", "vis_1", "planted-one");
    ask("ten_1", "ses_b", "", "planted-two");
    ask("ten_2", "ses_c", "", "neighbour");
    cr_expect_eq(erase(&what).questions, 2);
    cr_assert_eq(cc_erase_files(redis, in_ms(20000)), 0);

    cr_expect_not(in_a_file("ten_1"));
    cr_expect_not(in_a_file("planted"));
    cr_expect(in_a_file("neighbour"));
}

/* cc-ingest against real servers: from a row to passages that are found, whatever happens. */
#include "proto/base/clock.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"
#include "proto/bus/line_up.h"
#include "proto/bus/queue.h"
#include "proto/vec/terms.h"
#include "proto/wire/job.h"
#include "proto/wire/names.h"
#include "tests/integration/ingest/process.h"
#include "tests/support/store.h"

#define SOON_MS 60000
#if defined(__SANITIZE_ADDRESS__)
#define SLOWER 4 /* so many times slower the encoder is then */
#else
#define SLOWER 1
#endif

static struct store s;
static struct cc_redis *queue;
static pid_t ingest;

static void setup(void)
{
    cc_config_load();
    setenv("CC_EMBED", "hash", 1);
    setenv("CC_LEASE_MS", "1500", 1);
    setenv("CC_RECLAIM_MS", "100", 1);
    setenv("CC_SWEEP_MS", "3600000", 1);
    store_open(&s);
    cr_assert_eq(cc_redis_open(store_env("CC_REDIS_QUEUE"), &queue), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_redis_ready(queue, cc_now() + 5000), 0);
    ingest = 0;
}

static void teardown(void)
{
    if (ingest)
        process_end(ingest, SIGTERM);
    cc_redis_close(&queue);
    store_close(&s);
}

TestSuite(ingest, .init = setup, .fini = teardown, .timeout = 120);

static const char *add_row(const char *name, const void *bytes, size_t len)
{
    char *id = cc_arena_get(s.mem, CC_ID_MAX);
    struct cc_document d = {.id = cc_id_sorted("doc", id),
                            .tenant = s.tenant,
                            .bot = s.bot,
                            .filename = name,
                            .title = name,
                            .url = "",
                            .type = "",
                            .bytes = bytes,
                            .size = (int64_t)len,
                            .sha256 =
                                cc_sha256_hex(bytes, len, cc_arena_get(s.mem, CC_SHA256_HEX))};

    cr_assert_eq(cc_document_add(s.pg, &d), 0, "%s", cc_fail_text());
    return id;
}

static void put_job(const char *id)
{
    const struct cc_ingest_job job = {id, s.tenant, id, 1};
    struct cc_buf body;

    cc_buf_init(&body, CC_JOB_MAX);
    cc_ingest_job_encode(&job, &body);
    cr_assert_eq(cc_queue_put(queue, CC_STREAM_INGEST, body.bytes, body.len, NULL), 0, "%s",
                 cc_fail_text());
    cc_buf_done(&body);
}

static const char *upload(const char *name, const void *bytes, size_t len)
{
    const char *id = add_row(name, bytes, len);

    put_job(id);
    return id;
}

static const char *upload_file(const char *within)
{
    struct cc_buf file;
    const char *id;

    files_read(within, &file);
    id = upload(strrchr(within, '/') + 1, file.bytes, file.len);
    cc_buf_done(&file);
    return id;
}

static struct cc_document_status look(const char *id)
{
    struct cc_document_status status;

    cr_assert_eq(cc_document_status(s.pg, s.tenant, id, s.mem, &status), 0, "%s", cc_fail_text());
    return status;
}

static bool has_ended(const struct cc_document_status *status)
{
    static const char *const ends[] = {"ready", "failed", "no_text", "encrypted", "dead"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (!strcmp(status->status, ends[i]))
            return true;
    return false;
}

/* Asks the row until it has ended, or shows that passages are being stored. */
static struct cc_document_status await(const char *id, bool only_begun)
{
    int64_t until_ms = cc_clock_ms() + SOON_MS;
    struct cc_document_status status = look(id);

    while (!has_ended(&status) && !(only_begun && status.chunks_done)) {
        cr_assert_lt(cc_clock_ms(), until_ms, "%s is still %s", id, status.status);
        cc_sleep(10);
        status = look(id);
    }
    return status;
}

static struct cc_document_status await_end(const char *id)
{
    return await(id, false);
}

/* The best passage for some words, by BM25. */
static struct cc_passage find(const char *words)
{
    const struct cc_scope scope = {.tenant = s.tenant, .bot = s.bot};
    struct cc_terms terms;
    const char *text[32];
    struct cc_chunk_hit *hit;
    struct cc_passage *passage;
    int n;

    cr_assert_eq(cc_terms(words, strlen(words), NULL, s.mem, &terms), 0);
    for (size_t i = 0; i < terms.n; i++)
        text[i] = terms.term[i].text;
    cr_assert_eq(cc_chunk_lexical(s.pg, &scope, text, (int)terms.n, 1, s.mem, &hit, &n), 0);
    cr_assert_eq(n, 1, "nothing found for '%s'", words);
    cr_assert_eq(cc_chunk_load(s.pg, &scope, &hit->chunk, 1, s.mem, &passage, &n), 0);
    cr_assert_eq(n, 1);
    return *passage;
}

/* what ends with "... = " */
static int64_t count(const char *what, const char *id)
{
    const char *sql = cc_arena_printf(s.mem, "%s'%s'", what, id);

    return strtol(store_sql(&s, "CC_PG_SUPER", sql), NULL, 10);
}

#define CHUNKS_OF "SELECT count(*) FROM chunks WHERE document_id = "

/* A text whose sentences take a while: some 150 ms a passage with the encoder. */
static const char *long_text(int sentences)
{
    struct cc_buf text;
    const char *copy;

    cc_buf_init(&text, 4 << 20);
    for (int i = 0; i < sentences; i++)
        cc_buf_printf(&text,
                      "Sentence number %d of %s says that shelf %d in hall %d holds %d bowls.%s", i,
                      s.tenant, i * 7 % 1000, i % 13, i * 31 % 977, i % 6 == 5 ? "\n\n" : " ");
    copy = cc_arena_dupn(s.mem, text.bytes, text.len);
    cc_buf_done(&text);
    return copy;
}

Test(ingest, makes_passages_of_pdf_markdown_and_text_that_are_found)
{
    const char *id[3];

    ingest = process_start();
    id[0] = upload_file("docs/sample/oakmoor-price-list.pdf");
    id[1] = upload_file("docs/sample/oakmoor-handbook.md");
    id[2] = upload_file("docs/sample/oakmoor-faq.txt");

    for (int i = 0; i < 3; i++) {
        struct cc_document_status status = await_end(id[i]);

        cr_expect_str_eq(status.status, "ready", "%s", status.error);
        cr_expect_eq(status.progress, 100);
        cr_expect_eq(status.chunks_done, status.chunks_total);
        cr_expect_eq(count(CHUNKS_OF, id[i]), status.chunks_total);
        cr_expect_eq(status.attempt, 1);
    }
    struct cc_passage passage = find("What does the plan Blaze cost?");
    cr_expect_str_eq(passage.document, id[0]);
    cr_expect_eq(passage.page, 2);
    cr_expect(strstr(passage.text, "9 euros"), "%s", passage.text);
    cr_expect_str_eq(find("descaling citric acid").document, id[1]);
    cr_expect_str_eq(find("parcel lockers").filename, "oakmoor-faq.txt");
}

static const struct {
    const char *file, *status, *words;
} unreadable[] = {
    {"tests/fixtures/ingest/password.pdf", "encrypted", "password"},
    {"tests/fixtures/ingest/drawing.pdf", "no_text", "no text"},
    {"tests/fixtures/ingest/damaged.pdf", "failed", "damaged"},
};

Test(ingest, says_why_a_file_cannot_be_read)
{
    ingest = process_start();
    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        struct cc_document_status status = await_end(upload_file(unreadable[i].file));

        cr_expect_str_eq(status.status, unreadable[i].status, "%s", unreadable[i].file);
        cr_expect(strstr(status.error, unreadable[i].words), "%s: %s", unreadable[i].file,
                  status.error);
        cr_expect_eq(status.attempt, 1);
    }
    struct cc_document_status picture =
        await_end(upload("x.txt", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
    cr_expect_str_eq(picture.status, "failed");
    cr_expect(strstr(picture.error, "image"), "%s", picture.error);
    cr_expect_str_eq(picture.error_code, "unsupported_type");
}

/* ---- parsers that die, documents that change ---- */

#define EACH_TRY "SELECT tries FROM documents WHERE id = "

static const struct {
    const char *script, *words, *code;
} killers[] = {
    {"#!/bin/sh\nkill -SEGV $$\n", "died of signal 11", "parser_failed"},
    {"#!/bin/sh\nexec sleep 100\n", "stopped after", "parser_limit"},
    {"#!/bin/sh\nexec yes\n", "bytes of text", "parser_limit"},
};

Test(ingest, gives_a_file_that_kills_its_parser_three_tries_and_then_its_reason)
{
    setenv("CC_PARSE_MS", "300", 1);
    for (size_t i = 0; i < sizeof killers / sizeof *killers; i++) {
        ingest = process_start_with_parser(killers[i].script);
        const char *id = upload("killer.txt", killers[i].script, strlen(killers[i].script));
        struct cc_document_status status = await_end(id);

        cr_expect_str_eq(status.status, "dead");
        cr_expect(strstr(status.error, killers[i].words), "%s", status.error);
        cr_expect_str_eq(status.error_code, killers[i].code);
        cr_expect_eq(count(EACH_TRY, id), 3);
        process_end(ingest, SIGTERM);
        ingest = 0;
    }
}

Test(ingest, shows_the_page_it_is_at_and_says_at_which_one_the_parser_hung)
{
    int64_t until_ms = cc_clock_ms() + SOON_MS;
    struct cc_document_status status;
    const char *id;

    setenv("CC_PARSE_MS", "2500", 1);
    setenv("CC_ATTEMPTS", "1", 1);
    ingest = process_start_with_parser("#!/bin/sh\n"
                                       "printf 'CCP1P\\004\\000\\000\\000\\007\\000\\000\\000'\n"
                                       "exec sleep 100\n");
    id = upload("slow.pdf", "%PDF-1.4", 8);
    while ((status = look(id)).progress <= 2 && !has_ended(&status)) {
        cr_assert_lt(cc_clock_ms(), until_ms);
        cc_sleep(10);
    }

    cr_expect_str_eq(status.status, "parsing");
    cr_expect_gt(status.progress, 2);
    status = await_end(id);
    cr_expect_str_eq(status.status, "dead");
    cr_expect_eq(status.error_page, 7);
    cr_expect(strstr(status.error, "page 7"), "%s", status.error);
}

/* About ten passages; the word stands in one of them alone. */
static const char *text_with(const char *word)
{
    struct cc_buf text;
    const char *copy;

    cc_buf_init(&text, 1 << 20);
    for (int i = 0; i < 120; i++)
        cc_buf_printf(&text,
                      "Paragraph %d tells of the %s that stands in hall %d, and of what is "
                      "kept in it since the year %d, when somebody counted %d of them.\n\n",
                      i, i == 60 ? word : "shelf", i * 7, 1500 + i, i * i);
    copy = cc_arena_dupn(s.mem, text.bytes, text.len);
    cc_buf_done(&text);
    return copy;
}

static void take_in_anew(const char *id, const char *text)
{
    struct cc_document d = {.id = id,
                            .tenant = s.tenant,
                            .filename = "b.txt",
                            .title = "",
                            .url = "",
                            .type = "",
                            .bytes = text,
                            .size = (int64_t)strlen(text)};
    int64_t generation;

    d.sha256 = cc_sha256_hex(text, strlen(text), cc_arena_get(s.mem, CC_SHA256_HEX));
    cr_assert_eq(cc_document_replace(s.pg, &d, &generation), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_ingest_enqueue(queue, s.tenant, id, generation), 0, "%s", cc_fail_text());
    cr_assert_str_eq(await_end(id).status, "ready", "%s", look(id).error);
}

Test(ingest, embeds_only_what_changed_when_a_document_comes_anew)
{
    const char *first = text_with("zither"), *second = text_with("ocarina"), *id;
    struct cc_document_change *change;
    int n;

    ingest = process_start();
    id = upload("a.txt", first, strlen(first));
    await_end(id);
    take_in_anew(id, second);

    cr_assert_eq(cc_document_changes(s.pg, s.tenant, id, 2, s.mem, &change, &n), 0);
    cr_assert_eq(n, 2);
    cr_expect_gt(change[0].kept, 5);
    cr_expect_leq(change[0].added, 2, "%s", change[0].detail);
    cr_expect_eq(change[0].embedded, change[0].added);
    cr_expect_str_eq(find("ocarina").document, id);
}

Test(ingest, keeps_off_what_its_owner_switched_off_when_a_document_comes_anew)
{
    const char *text = text_with("zither"), *id;
    struct cc_chunk_view *before, *after;
    int n, n_after, off = 0;

    ingest = process_start();
    id = upload("a.txt", text, strlen(text));
    await_end(id);
    cr_assert_eq(cc_chunk_list(s.pg, s.tenant, id, -1, 100, s.mem, &before, &n), 0);
    cr_assert_gt(n, 3);
    cr_assert_eq(cc_chunk_enable(s.pg, s.tenant, id, before[1].id, false), 0, "%s", cc_fail_text());
    take_in_anew(id, text_with("ocarina"));

    cr_assert_eq(cc_chunk_list(s.pg, s.tenant, id, -1, 100, s.mem, &after, &n_after), 0);
    for (int i = 0; i < n_after; i++)
        off += !after[i].enabled;
    cr_expect_eq(off, 1);
    cr_expect_not(after[1].enabled);
    cr_expect_str_eq(after[1].text, before[1].text);
    cr_expect_neq(after[1].id, before[1].id, "a row of the new generation");
}

Test(ingest, tells_its_tenants_channel_how_far_it_is)
{
    char channel[CC_NAME_MAX], *text;
    struct cc_redis *live;
    struct cc_sub *sub;
    size_t len;
    const char *id;
    bool ready = false, embedding = false;

    cr_assert_eq(cc_redis_open(store_env("CC_REDIS_LIVE"), &live), 0);
    cr_assert_eq(cc_redis_ready(live, cc_now() + 5000), 0);
    cr_assert_eq(cc_sub_open(live, cc_name_events(s.tenant, channel), 100, &sub), 0);
    ingest = process_start();
    id = upload("told.txt", "A document whose way is watched.", 32);
    while (!ready) {
        CC_AUTO(json_decref)
        json_t *frame = NULL;

        cr_assert_eq(cc_sub_next(sub, cc_now() + SOON_MS, &text, &len), 0, "%s", cc_fail_text());
        frame = json_loads(text, 0, NULL);
        free(text);
        cr_assert_str_eq(cc_json_str(frame, "id", ""), id);
        ready = !strcmp(cc_json_str(frame, "status", ""), "ready");
        embedding |= !strcmp(cc_json_str(frame, "status", ""), "embedding");
        if (ready)
            cr_expect_eq(cc_json_int(frame, "progress", 0), 100);
    }
    cc_sub_close(&sub);
    cc_redis_close(&live);

    cr_expect(embedding);
}

Test(ingest, goes_on_where_a_killed_process_stopped)
{
    const char *text = long_text(1400 / SLOWER), *id;
    struct cc_document_status status;
    int64_t killed_ms;

    setenv("CC_EMBED", "use", 1);
    ingest = process_start();
    id = upload("long.txt", text, strlen(text));
    status = await(id, true);
    cr_assert(!has_ended(&status), "it was over before it could be killed");
    process_end(ingest, SIGKILL);
    killed_ms = cc_clock_ms();
    cr_expect_eq(count("SELECT count(active) FROM documents WHERE id = ", id), 0);

    ingest = process_start();
    status = await_end(id);

    cr_expect_str_eq(status.status, "ready", "%s", status.error);
    cr_expect_eq(status.attempt, 2);
    cr_expect_lt(cc_clock_ms() - killed_ms, SOON_MS);
    cr_expect_eq(count(CHUNKS_OF, id), status.chunks_total);
    cr_expect_eq(count("SELECT count(DISTINCT idx) FROM chunks WHERE document_id = ", id),
                 status.chunks_total);
}

Test(ingest, ends_what_it_has_begun_before_it_stops)
{
    const char *text = long_text(260 / SLOWER), *id;

    setenv("CC_EMBED", "use", 1);
    ingest = process_start();
    id = upload("long.txt", text, strlen(text));
    await(id, true);

    int code = process_end(ingest, SIGTERM);
    ingest = 0;

    cr_expect_eq(code, 0);
    cr_expect_str_eq(look(id).status, "ready");
    cr_expect_eq(look(id).attempt, 1);
}

Test(ingest, never_brings_a_deleted_document_back)
{
    const char *text = long_text(1400 / SLOWER), *id;

    setenv("CC_EMBED", "use", 1);
    ingest = process_start();
    id = upload("long.txt", text, strlen(text));
    await(id, true);

    cr_assert_eq(cc_document_delete(s.pg, s.tenant, id), 0);
    int code = process_end(ingest, SIGTERM); /* whatever it still wanted to do is done now */
    ingest = 0;

    cr_expect_eq(code, 0);
    cr_expect_eq(count("SELECT count(*) FROM documents WHERE id = ", id), 0);
    cr_expect_eq(count(CHUNKS_OF, id), 0);
}

Test(ingest, finds_a_row_that_has_no_entry)
{
    const char *id = add_row("lost.txt", "Nobody put a job for these words.", 33);

    setenv("CC_SWEEP_MS", "300", 1);
    ingest = process_start();

    cr_expect_str_eq(await_end(id).status, "ready");
}

/* One that never lives as long as the pause between two sweeps must sweep, too. */
Test(ingest, looks_for_lost_rows_as_soon_as_it_starts)
{
    const char *id = add_row("lost.txt", "Nobody put a job for these words.", 33);

    store_sql(&s, "CC_PG_SUPER",
              cc_arena_printf(s.mem,
                              "UPDATE documents SET updated_at = now() - interval '2 hours'"
                              " WHERE id = '%s'",
                              id));
    ingest = process_start();

    cr_expect_str_eq(await_end(id).status, "ready");
}

Test(ingest, gives_up_after_three_attempts)
{
    const char *id = add_row("poison.txt", "Each process that claims me dies.", 33);
    const struct cc_document_lease lease = {s.tenant, id, "somebody", 1, 3};
    struct cc_document_claimed claimed;
    struct cc_queue_state before, after;

    for (int i = 0; i < 3; i++) {
        cr_assert_eq(cc_document_claim(s.pg, &lease, &claimed), 0);
        cr_assert_eq(claimed.outcome, CC_DOC_OURS);
        cc_sleep(5);
    }
    cr_assert_eq(cc_queue_look(queue, CC_STREAM_INGEST, &before), 0);
    ingest = process_start();
    put_job(id);

    struct cc_document_status status = await_end(id);

    cr_expect_str_eq(status.status, "dead");
    cr_expect(strstr(status.error, "3 attempts"), "%s", status.error);
    process_end(ingest, SIGTERM);
    ingest = 0;
    cr_assert_eq(cc_queue_look(queue, CC_STREAM_INGEST, &after), 0);
    cr_expect_eq(after.dead, before.dead + 1);
}

Test(ingest, does_not_mind_an_entry_that_comes_twice)
{
    const char *id;

    ingest = process_start();
    id = upload("twice.txt", "Twice in the queue, once in the store.", 38);
    put_job(id);
    await_end(id);
    put_job(id);
    process_end(ingest, SIGTERM);
    ingest = process_start();
    await_end(upload("next.txt", "The one behind it.", 18));

    cr_expect_eq(look(id).attempt, 1);
    cr_expect_eq(count(CHUNKS_OF, id), 1);
}

Test(ingest, embeds_no_text_twice)
{
    const char *text = long_text(400 / SLOWER), *first, *second;
    int64_t began, first_ms, second_ms;

    setenv("CC_EMBED", "use", 1);
    ingest = process_start();
    began = cc_clock_ms();
    first = upload("a.txt", text, strlen(text));
    await_end(first);
    first_ms = cc_clock_ms() - began;
    began = cc_clock_ms();
    second = upload("b.txt", text, strlen(text));
    await_end(second);
    second_ms = cc_clock_ms() - began;

    cr_expect_lt(3 * second_ms, first_ms, "%d ms, then %d ms", (int)first_ms, (int)second_ms);
    cr_expect_eq(count(CHUNKS_OF, first), count(CHUNKS_OF, second));
}

Test(ingest, does_not_start_without_its_rank_files)
{
    int status;

    setenv("CC_TOKENS_DIR", "/nonexistent", 1);
    pid_t pid = process_start();
    unsetenv("CC_TOKENS_DIR");

    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

#include <criterion/criterion.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/wire/job.h"

static const struct cc_chat_job question = {
    .answer = "ans_0123456789abcdef0123456789abcdef",
    .tenant = "ten_1",
    .bot = "bot_2",
    .session = "ses_3",
    .client_message = "m-4",
    .message = "Wann habt ihr ge\xc3\xb6"
               "ffnet?",
    .tier = "paid",
    .reply = "cc:gw:host-1-2:0",
    .trace = "req-5",
    .metadata = "{\"page\":\"/\"}",
    .visitor = "vis_6",
    .visitor_external = "J\xc3\xb6rg 7",
    .visitor_name = "J\xc3\xb6rg",
    .visitor_email = "j@x.example",
    .asked_ms = 1763625600123,
    .deadline_ms = -1,
};

static struct cc_buf buf;
static struct cc_arena *mem;

static void set_up(void)
{
    cc_buf_init(&buf, CC_JOB_MAX);
    mem = cc_arena_new(1 << 20);
}

static void tear_down(void)
{
    cc_buf_done(&buf);
    cc_arena_free(&mem);
}

TestSuite(chat_job, .init = set_up, .fini = tear_down);
TestSuite(ingest_job, .init = set_up, .fini = tear_down);

static void assert_same(const struct cc_chat_job *a, const struct cc_chat_job *b)
{
    cr_assert_str_eq(a->answer, b->answer);
    cr_assert_str_eq(a->tenant, b->tenant);
    cr_assert_str_eq(a->bot, b->bot);
    cr_assert_str_eq(a->session, b->session);
    cr_assert_str_eq(a->client_message, b->client_message);
    cr_assert_str_eq(a->message, b->message);
    cr_assert_str_eq(a->tier, b->tier);
    cr_assert_str_eq(a->reply, b->reply);
    cr_assert_str_eq(a->trace, b->trace);
    cr_assert_str_eq(a->metadata, b->metadata);
    cr_assert_str_eq(a->visitor, b->visitor);
    cr_assert_str_eq(a->visitor_external, b->visitor_external);
    cr_assert_str_eq(a->visitor_name, b->visitor_name);
    cr_assert_str_eq(a->visitor_email, b->visitor_email);
    cr_assert_eq(a->asked_ms, b->asked_ms);
    cr_assert_eq(a->deadline_ms, b->deadline_ms);
}

Test(chat_job, comes_back_as_it_was)
{
    struct cc_chat_job job;

    cc_chat_job_encode(&question, &buf);

    cr_assert_eq(cc_chat_job_decode(buf.bytes, buf.len, mem, &job), 0, "%s", cc_fail_text());
    assert_same(&job, &question);
}

Test(chat_job, is_refused_when_cut_anywhere)
{
    struct cc_chat_job job;

    cc_chat_job_encode(&question, &buf);

    for (size_t len = 0; len < buf.len; len++) {
        char *cut = malloc(len + 1); /* of its own, so that a sanitizer sees a read behind it */
        memcpy(cut, buf.bytes, len);
        cr_expect_eq(cc_chat_job_decode(cut, len, mem, &job), CC_E_INVALID, "cut at %zu", len);
        free(cut);
    }
}

Test(chat_job, is_refused_with_something_behind_it)
{
    struct cc_chat_job job;

    cc_chat_job_encode(&question, &buf);
    cc_buf_char(&buf, '\x01');

    cr_assert_eq(cc_chat_job_decode(buf.bytes, buf.len, mem, &job), CC_E_INVALID);
}

Test(chat_job, too_large_for_its_buffer_says_so_at_the_end)
{
    struct cc_buf small;

    cc_buf_init(&small, 64);
    cc_chat_job_encode(&question, &small);

    cr_assert(cc_buf_over(&small));
    cc_buf_done(&small);
}

Test(chat_job, above_the_cap_is_refused_before_anything_is_read)
{
    struct cc_chat_job job;
    char *bytes = calloc(1, CC_JOB_MAX + 1);

    cr_assert_eq(cc_chat_job_decode(bytes, CC_JOB_MAX + 1, mem, &job), CC_E_TOOBIG);
    free(bytes);
}

/* ---- what other versions write ---- */
static int write_to_buf(void *data, const char *bytes, size_t len)
{
    cc_buf_add(data, bytes, len);
    return 0;
}

static void text(msgpack_packer *pk, const char *s)
{
    msgpack_pack_str(pk, strlen(s));
    msgpack_pack_str_body(pk, s, strlen(s));
}

static void begin(msgpack_packer *pk, size_t members, int version)
{
    msgpack_packer_init(pk, &buf, write_to_buf);
    msgpack_pack_map(pk, members);
    text(pk, "v");
    msgpack_pack_int(pk, version);
}

Test(chat_job, may_hold_members_that_we_do_not_know)
{
    struct cc_chat_job job;
    msgpack_packer pk;

    begin(&pk, 4, CC_JOB_VERSION);
    text(&pk, "mood");
    msgpack_pack_map(&pk, 1);
    text(&pk, "kind");
    msgpack_pack_array(&pk, 2);
    msgpack_pack_nil(&pk);
    msgpack_pack_double(&pk, 0.5);
    msgpack_pack_int(&pk, 7); /* a key that is no text */
    msgpack_pack_true(&pk);
    text(&pk, "tenant");
    text(&pk, "ten_1");

    cr_assert_eq(cc_chat_job_decode(buf.bytes, buf.len, mem, &job), 0, "%s", cc_fail_text());
    cr_assert_str_eq(job.tenant, "ten_1");
}

Test(chat_job, has_zero_values_for_what_is_missing)
{
    struct cc_chat_job job;
    msgpack_packer pk;

    begin(&pk, 1, CC_JOB_VERSION);

    cr_assert_eq(cc_chat_job_decode(buf.bytes, buf.len, mem, &job), 0);
    cr_assert_str_eq(job.answer, "");
    cr_assert_str_eq(job.metadata, "");
    cr_assert_eq(job.deadline_ms, 0);
}

Test(chat_job, of_a_later_version_is_left_to_a_newer_worker)
{
    struct cc_chat_job job = {.answer = "untouched"};
    msgpack_packer pk;

    begin(&pk, 1, CC_JOB_VERSION + 1);

    cr_assert_eq(cc_chat_job_decode(buf.bytes, buf.len, mem, &job), CC_E_INVALID);
    cr_assert_str_eq(job.answer, "untouched");
}

static int64_t version_of(const struct cc_chat_job *job)
{
    msgpack_unpacked unpacked;
    int64_t version;

    cc_buf_reset(&buf);
    cc_chat_job_encode(job, &buf);
    msgpack_unpacked_init(&unpacked);
    cr_assert_eq(msgpack_unpack_next(&unpacked, buf.bytes, buf.len, NULL), MSGPACK_UNPACK_SUCCESS);
    version = unpacked.data.via.map.ptr[0].val.via.i64;
    msgpack_unpacked_destroy(&unpacked);
    return version;
}

/* One that knows nothing of visitors would let everybody read the session. */
Test(chat_job, of_a_visitor_is_left_alone_by_an_older_worker)
{
    struct cc_chat_job anonymous = question;

    anonymous.visitor = "";
    cr_assert_eq(version_of(&anonymous), 1);
    cr_assert_eq(version_of(&question), 2);
}

Test(chat_job, of_an_older_gateway_has_no_visitor)
{
    struct cc_chat_job job;
    msgpack_packer pk;

    begin(&pk, 2, 1);
    text(&pk, "tenant");
    text(&pk, "ten_1");

    cr_assert_eq(cc_chat_job_decode(buf.bytes, buf.len, mem, &job), 0);
    cr_assert_str_eq(job.visitor, "");
    cr_assert_str_eq(job.visitor_external, "");
}

Test(chat_job, without_a_version_is_none)
{
    struct cc_chat_job job;
    msgpack_packer pk;

    msgpack_packer_init(&pk, &buf, write_to_buf);
    msgpack_pack_map(&pk, 0);

    cr_assert_eq(cc_chat_job_decode(buf.bytes, buf.len, mem, &job), CC_E_INVALID);
}

struct wrong {
    const char *what, *name, *bytes;
    size_t len;
};
#define W(what, name, bytes)                                                                       \
    {                                                                                              \
        what, name, bytes, sizeof bytes - 1                                                        \
    }
static const struct wrong wrongs[] = {
    W("a number as text", "tenant", "\x07"),
    W("text as a number", "asked_ms", "\xa1x"),
    W("a number beyond int64", "asked_ms", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
    W("a lonely continuation byte", "message", "\xa1\x80"),
    W("an overlong slash", "message", "\xa2\xc0\xaf"),
    W("a NUL inside", "message", "\xa3x\0y"),
    W("bytes instead of text", "message", "\xc4\x01x"),
};

Test(chat_job, with_members_of_another_kind_is_refused)
{
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        struct cc_chat_job job;
        msgpack_packer pk;

        cc_buf_reset(&buf);
        begin(&pk, 2, CC_JOB_VERSION);
        text(&pk, wrongs[i].name);
        cc_buf_add(&buf, wrongs[i].bytes, wrongs[i].len);

        cr_expect_eq(cc_chat_job_decode(buf.bytes, buf.len, mem, &job), CC_E_INVALID, "%s",
                     wrongs[i].what);
    }
}

Test(ingest_job, comes_back_as_it_was)
{
    const struct cc_ingest_job in = {"doc_1", "ten_2", "req-3", INT64_MAX};
    struct cc_ingest_job out;

    cc_ingest_job_encode(&in, &buf);

    cr_assert_eq(cc_ingest_job_decode(buf.bytes, buf.len, mem, &out), 0);
    cr_assert_str_eq(out.document, in.document);
    cr_assert_str_eq(out.tenant, in.tenant);
    cr_assert_str_eq(out.trace, in.trace);
    cr_assert_eq(out.generation, in.generation);
}

Test(ingest_job, is_refused_when_cut_anywhere)
{
    const struct cc_ingest_job in = {"doc_1", "ten_2", "req-3", 4};
    struct cc_ingest_job out;

    cc_ingest_job_encode(&in, &buf);

    for (size_t len = 0; len < buf.len; len++)
        cr_expect_eq(cc_ingest_job_decode(buf.bytes, len, mem, &out), CC_E_INVALID);
}

/* What each service's stream means, wherever its bytes are cut. */
#include "worker/llm/reader.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"

/* Recorded forms of the three services' documentation. */
#define A_START                                                                                    \
    "event: message_start\n"                                                                       \
    "data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\","        \
    "\"role\":\"assistant\",\"content\":[],\"model\":\"claude\",\"stop_reason\":null,"             \
    "\"usage\":{\"input_tokens\":25,\"cache_creation_input_tokens\":10,"                           \
    "\"cache_read_input_tokens\":100,\"output_tokens\":1}}}\n\n"                                   \
    "event: content_block_start\n"                                                                 \
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\","    \
    "\"text\":\"\"}}\n\n"                                                                          \
    "event: ping\ndata: {\"type\": \"ping\"}\n\n"
#define A_TEXT(t)                                                                                  \
    "event: content_block_delta\n"                                                                 \
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","      \
    "\"text\":\"" t "\"}}\n\n"
#define A_SPACED(t)                                                                                \
    "event: content_block_delta\n"                                                                 \
    "data: {\"type\": \"content_block_delta\", \"index\": 0, \"delta\": {\"type\": "               \
    "\"text_delta\", \"text\": \"" t "\"}}\n\n"
#define A_END(reason)                                                                              \
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"           \
    "event: message_delta\n"                                                                       \
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason "\","                 \
    "\"stop_sequence\":null},\"usage\":{\"output_tokens\":15}}\n\n"                                \
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"

#define O_HEAD                                                                                     \
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
#define O_ROLE                                                                                     \
    O_HEAD "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"        \
           "\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n"
#define O_TEXT(t)                                                                                  \
    O_HEAD "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" t "\"},\"logprobs\":null,"        \
           "\"finish_reason\":null}],\"usage\":null}\n\n"
#define O_END(reason)                                                                              \
    O_HEAD "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" reason "\"}],"            \
           "\"usage\":null}\n\n" O_HEAD                                                            \
           "\"choices\":[],\"usage\":{\"prompt_tokens\":135,\"completion_tokens\":15,"             \
           "\"total_tokens\":150,\"prompt_tokens_details\":{\"cached_tokens\":100}}}\n\n"          \
           "data: [DONE]\n\n"

#define L_TEXT(t)                                                                                  \
    "{\"model\":\"l\",\"created_at\":\"2026-11-20T08:00:00Z\",\"message\":{\"role\":"              \
    "\"assistant\",\"content\":\"" t "\"},\"done\":false}\n"
#define L_END(reason)                                                                              \
    "{\"model\":\"l\",\"created_at\":\"2026-11-20T08:00:00Z\",\"message\":{\"role\":"              \
    "\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"" reason "\","                \
    "\"prompt_eval_count\":135,\"eval_count\":15}\n"

struct row {
    const struct cc_dialect *dialect;
    const char *body, *text, *finish;
    int64_t input, output, cached;
    int rc; /* of the end */
};
#define TEXT       "Hi \"you\" \xc3\xbc\n\xf0\x9f\x98\x80."
#define TEXT_IN(M) M("Hi") M(" \\\"you\\\" ") M("\xc3\xbc\\n") M("\\ud83d") M("\\ude00.")

static const struct row rows[] = {
    {&cc_dialect_anthropic, A_START TEXT_IN(A_TEXT) A_END("end_turn"), TEXT, "stop", 135, 15, 100,
     0},
    {&cc_dialect_anthropic, A_START A_SPACED("Hi") A_TEXT(" \\u00fc") A_END("max_tokens"),
     "Hi \xc3\xbc", "length", 135, 15, 100, 0},
    {&cc_dialect_anthropic, A_START A_END("refusal"), "", "content_filter", 135, 15, 100, 0},
    {&cc_dialect_anthropic,
     A_START "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
             "\"thinking_delta\",\"thinking\":\"hidden\"}}\n\n" A_TEXT("x") A_END("stop_sequence"),
     "x", "stop", 135, 15, 100, 0},
    {&cc_dialect_anthropic, A_START A_TEXT("part"), "part", "", 0, 0, 0, CC_E_UPSTREAM},
    {&cc_dialect_anthropic,
     A_START A_TEXT("part") "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
                            "\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
     "part", "", 0, 0, 0, CC_E_UPSTREAM},
    {&cc_dialect_anthropic,
     "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\"}}\n\n",
     "", "", 0, 0, 0, CC_E_REFUSED},
    {&cc_dialect_anthropic, A_START "data: {broken\n\n", "", "", 0, 0, 0, CC_E_UPSTREAM},
    {&cc_dialect_openai, O_ROLE TEXT_IN(O_TEXT) O_END("stop"), TEXT, "stop", 135, 15, 100, 0},
    {&cc_dialect_openai, O_ROLE O_TEXT("x") O_END("length"), "x", "length", 135, 15, 100, 0},
    {&cc_dialect_openai, O_ROLE O_TEXT("x") O_END("content_filter"), "x", "content_filter", 135, 15,
     100, 0},
    /* an end in the same message as the last text, no [DONE], no usage: pieces are counted */
    {&cc_dialect_openai,
     O_TEXT("x") O_HEAD "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"y\"},"
                        "\"finish_reason\":\"stop\"}]}\n\n",
     "xy", "stop", 0, 2, 0, 0},
    {&cc_dialect_openai, O_ROLE O_TEXT("part"), "part", "", 0, 0, 0, CC_E_UPSTREAM},
    {&cc_dialect_openai,
     "data: {\"error\":{\"message\":\"no\",\"type\":\"server_error\",\"code\":null}}\n\n", "", "",
     0, 0, 0, CC_E_UPSTREAM},
    {&cc_dialect_openai,
     "data: "
     "{\"error\":{\"message\":\"no\",\"type\":\"x\",\"code\":\"context_length_exceeded\"}}\n\n",
     "", "", 0, 0, 0, CC_E_REFUSED},
    {&cc_dialect_ollama, TEXT_IN(L_TEXT) L_END("stop"), TEXT, "stop", 135, 15, 0, 0},
    {&cc_dialect_ollama, L_TEXT("x") L_END("length"), "x", "length", 135, 15, 0, 0},
    {&cc_dialect_ollama, L_TEXT("part"), "part", "", 0, 0, 0, CC_E_UPSTREAM},
    {&cc_dialect_ollama, L_TEXT("part") "{\"error\":\"model crashed\"}\n", "part", "", 0, 0, 0,
     CC_E_UPSTREAM},
};

struct result {
    struct cc_buf text;
    struct cc_llm_piece end;
    int rc;
};

/* 1: the end or a failure is there. */
static int note(struct result *r, int rc, const struct cc_llm_piece *piece)
{
    if (rc == 1 && !piece->end) {
        cr_expect_gt(piece->len, 0, "no empty pieces");
        cc_buf_add(&r->text, piece->text, piece->len);
        return 0;
    }
    r->end = *piece;
    r->rc = rc;
    return rc != 0;
}

static void read_in_pieces(const struct row *row, size_t cut, struct result *r)
{
    struct cc_reader reader;
    struct cc_llm_piece piece = {0};
    size_t all = strlen(row->body);
    int over = 0;

    cc_reader_init(&reader, row->dialect);
    for (size_t at = 0; at < all && !over; at += cut) {
        size_t len = all - at < cut ? all - at : cut;
        char *copy = malloc(len); /* exact size: ASan sees a read beyond it */
        const char *bytes = memcpy(copy, row->body + at, len);
        int rc;

        do {
            rc = cc_reader_take(&reader, &bytes, &len, &piece);
            over = note(r, rc, &piece);
        } while (rc == 1 && !over);
        free(copy);
    }
    for (int rc = 1; !over && rc == 1;) {
        rc = cc_reader_end(&reader, &piece);
        over = note(r, rc, &piece);
    }
    cc_reader_done(&reader);
}

Test(reader, reads_the_same_wherever_the_body_is_cut)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t cut = 1; cut <= strlen(rows[i].body); cut += cut < 40 ? 1 : 97) {
            struct result r = {0};

            cc_buf_init(&r.text, 4096);
            read_in_pieces(&rows[i], cut, &r);
            cr_expect_str_eq(r.text.bytes, rows[i].text, "row %zu cut %zu", i, cut);
            cr_assert_eq(r.rc, rows[i].rc ? rows[i].rc : 1, "row %zu cut %zu: %d %s", i, cut, r.rc,
                         cc_fail_text());
            if (rows[i].rc == 0) {
                cr_expect_str_eq(r.end.finish, rows[i].finish, "row %zu", i);
                cr_expect_eq(r.end.usage.input, rows[i].input, "row %zu", i);
                cr_expect_eq(r.end.usage.output, rows[i].output, "row %zu", i);
                cr_expect_eq(r.end.usage.cached, rows[i].cached, "row %zu", i);
            }
            cc_buf_done(&r.text);
        }
}

Test(reader, refuses_a_line_without_end)
{
    static char filler[65536];
    struct cc_reader reader;
    struct cc_llm_piece piece;
    int rc = 0;

    memset(filler, 'x', sizeof filler);
    cc_reader_init(&reader, &cc_dialect_ollama);
    for (int i = 0; i < 20 && rc == 0; i++) {
        const char *bytes = filler;
        size_t len = sizeof filler;
        rc = cc_reader_take(&reader, &bytes, &len, &piece);
    }

    cr_expect_eq(rc, CC_E_TOOBIG);
    cc_reader_done(&reader);
}

#include "proto/http/sse.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"

/* Events of a body fed in pieces of at most `piece` bytes, as "[name|data]" one after another. */
static void read_in_pieces(const char *body, size_t len, size_t piece, struct cc_buf *out)
{
    struct cc_sse sse;

    cc_sse_init(&sse);
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        char *copy = malloc(n); /* exact size: ASan sees a read beyond it */
        const char *p = memcpy(copy, body + at, n);
        struct cc_sse_event e;

        while (cc_sse_take(&sse, &p, &n, &e) == 1) {
            cc_buf_printf(out, "[%s|%s]", e.event, e.data);
            cr_assert_eq(strlen(e.data), e.len);
        }
        cr_assert_eq(n, 0);
        free(copy);
    }
    cc_sse_done(&sse);
}

struct row {
    const char *body, *want;
};
static const struct row rows[] = {
    {"data: hi\n\n", "[message|hi]"},
    {"data:hi\n\n", "[message|hi]"},
    {"data:  two\n\n", "[message| two]"},
    {"event: a\ndata: 1\n\ndata: 2\n\n", "[a|1][message|2]"},
    {"data: 1\r\n\r\ndata: 2\r\n\r\n", "[message|1][message|2]"},
    {"data: 1\r\rdata: 2\r\r", "[message|1][message|2]"},
    {"data: 1\r\n\ndata: 2\n\r\n", "[message|1][message|2]"},
    {"\xef\xbb\xbf"
     "data: bom\n\n",
     "[message|bom]"},
    {"data: a\xef\xbb\xbf"
     "b\n\n\xef\xbb\xbf"
     "data: not a field\n\n",
     "[message|a\xef\xbb\xbf"
     "b]"},
    {"data: a\ndata: b\ndata:\n\n", "[message|a\nb\n]"},
    {"data\n\n", "[message|]"},
    {"data:\n\n", "[message|]"},
    {": comment\n\nevent: lost\n\ndata: x\n\n", "[message|x]"},
    {"id: 7\nretry: 9\ndatax: no\n data: no\ndata: yes\n\n", "[message|yes]"},
    {"data: unfinished\n", ""},
    {"data: gr\xc3\xbc\xc3\x9f"
     "e\n\n",
     "[message|gr\xc3\xbc\xc3\x9f"
     "e]"},
    {"\n\n\r\n\rdata: late\n\n", "[message|late]"},
};

Test(sse, reads_the_same_events_wherever_the_body_is_cut)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece <= strlen(rows[i].body); piece++) {
            struct cc_buf out;

            cc_buf_init(&out, 4096);
            read_in_pieces(rows[i].body, strlen(rows[i].body), piece, &out);
            cr_expect_str_eq(out.bytes, rows[i].want, "row %zu in pieces of %zu", i, piece);
            cc_buf_done(&out);
        }
}

Test(sse, names_at_most_63_bytes_of_an_event)
{
    char body[200] = "event: ", want[80] = "[";
    struct cc_buf out;

    memset(body + 7, 'x', 100);
    memcpy(body + 107, "\ndata: 1\n\n", 11);
    memset(want + 1, 'x', 63);
    memcpy(want + 64, "|1]", 4);
    cc_buf_init(&out, 4096);

    read_in_pieces(body, strlen(body), 13, &out);

    cr_expect_str_eq(out.bytes, want);
    cc_buf_done(&out);
}

static int feed(struct cc_sse *sse, const char *text, size_t len)
{
    struct cc_sse_event e;

    return cc_sse_take(sse, &text, &len, &e);
}

Test(sse, refuses_an_event_above_the_cap_in_one_line_or_in_many)
{
    char *filler = malloc(1001);
    struct cc_sse sse;
    int rc = 0;

    memset(filler, 'x', 1000);
    filler[1000] = '\n';
    cc_sse_init(&sse);
    for (int i = 0; i < 1100 && rc == 0; i++)
        rc = feed(&sse, filler, 1000); /* one endless line */
    cr_expect_eq(rc, CC_E_TOOBIG);
    cc_sse_done(&sse);

    cc_sse_init(&sse);
    memcpy(filler, "data:", 5);
    rc = 0;
    for (int i = 0; i < 1100 && rc == 0; i++)
        rc = feed(&sse, filler, 1001);
    cr_expect_eq(rc, CC_E_TOOBIG);
    cc_sse_done(&sse);
    free(filler);
}

/*
 * The model without a model: answers with the sentences of the passages that fit best, quoted and
 * cited, at the pace of speech.  Says so when there is nothing to quote.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/clean.h"
#include "worker/llm/pace.h"
#include "worker/llm/quote.h"

#define QUOTES_MAX   3
#define ANSWER_MAX   (16 * 1024) /* bytes */
#define GAP_MS       8           /* between two words */
#define SHARE_MIN    0.34        /* of the question's words in a quote that may answer it */
#define LIKE_MIN     0.45        /* cosine of a passage that may, in other words */
#define STRETCH_MIN  0.5         /* of the question's words, in lines that are no sentences */
#define STRETCH_MORE 0.25        /* than any sentence */
#define NOTHING      "I found nothing about this in the documents that I can read."

static void write_quote(const struct cc_llm_passage *passage, const struct cc_quote *quote,
                        struct cc_buf *out)
{
    if (out->len)
        cc_buf_text(out, "\n\n");
    cc_buf_printf(out, "\xe2\x80\x9c%s\xe2\x80\x9d \xe2\x80\x94 %s", quote->text, passage->title);
    if (passage->page > 0)
        cc_buf_printf(out, ", page %lld", (long long)passage->page);
    cc_buf_printf(out, " [%d]", passage->n);
}

/* Rather nothing than something that merely came first. */
static bool may_answer(const struct cc_llm_request *req, const struct cc_quote *quote)
{
    return quote->share >= SHARE_MIN || req->passages[quote->passage].likeness >= LIKE_MIN;
}

/* A form's lines say little each; together they may say what no sentence does. */
static bool says_more(const struct cc_quote *stretch, double share)
{
    return stretch->share >= STRETCH_MIN && stretch->share >= share + STRETCH_MORE;
}

static int write_answer(const struct cc_llm_request *req, struct cc_buf *out)
{
    struct cc_quote quotes[QUOTES_MAX], stretch;
    double share = 0;
    int n, rc = cc_quotes(req, QUOTES_MAX, quotes, &n);

    if (rc == 0)
        rc = cc_quote_stretch(req, &stretch);
    if (rc)
        return rc;
    for (int i = 0; i < n; i++)
        share = quotes[i].share > share ? quotes[i].share : share;
    if (says_more(&stretch, share))
        write_quote(&req->passages[stretch.passage], &stretch, out);
    for (int i = 0; i < n && !says_more(&stretch, share); i++)
        if (may_answer(req, &quotes[i]))
            write_quote(&req->passages[quotes[i].passage], &quotes[i], out);
    if (out->len == 0)
        cc_buf_text(out, NOTHING);
    return 0;
}

static int start(const struct cc_llm_request *req, struct cc_llm_started *ret)
{
    CC_AUTOP(cc_buf_done) struct cc_buf answer;

    cc_buf_init(&answer, ANSWER_MAX);
    int rc = write_answer(req, &answer);
    if (rc)
        return rc;
    struct cc_pace *pace = cc_pace_new(req, &answer);
    pace->gap_ms = GAP_MS;
    ret->call = pace;
    return 0;
}

const struct cc_llm_provider cc_llm_builtin = {
    .name = "builtin",
    .start = start,
    .read = cc_pace_read,
    .close = cc_pace_close,
};

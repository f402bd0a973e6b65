#include "worker/llm/quote.h"

#include <math.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/vec/sentence.h"
#include "proto/vec/terms.h"

#define SENTENCES_MAX 400 /* of all passages */
#define SENTENCE_MAX  600 /* bytes */
#define QUOTE_MAX     900 /* bytes */
#define WORDS_MAX     64  /* of the question that are looked at */

struct sentence {
    int passage;
    struct cc_span span;
    uint64_t has; /* bit i: the question's word i */
    int64_t words;
    bool last; /* of its passage */
    bool taken;
    double score;
};
struct pool {
    const struct cc_llm_request *req;
    struct cc_terms question;
    struct sentence *sentence;
    int n;
};

/* Both lists are sorted: which words of the question are in these terms? */
static uint64_t common(const struct cc_terms *question, const struct cc_terms *terms)
{
    uint64_t has = 0;
    size_t i = 0, j = 0;

    while (i < question->n && i < WORDS_MAX && j < terms->n) {
        int order = strcmp(question->term[i].text, terms->term[j].text);

        if (order == 0)
            has |= UINT64_C(1) << i;
        if (order <= 0)
            i++;
        if (order >= 0)
            j++;
    }
    return has;
}

static int add_passage(struct pool *pool, int index)
{
    const char *text = pool->req->passages[index].text;
    struct cc_span *span;
    size_t n;
    int rc = cc_sentences(text, strlen(text), SENTENCE_MAX, pool->req->mem, &span, &n);

    for (size_t i = 0; i < n && pool->n < SENTENCES_MAX && rc == 0; i++) {
        struct sentence *s = &pool->sentence[pool->n++];
        struct cc_terms terms;

        rc = cc_terms(text + span[i].from, span[i].len, NULL, pool->req->mem, &terms);
        if (rc)
            return rc;
        *s = (struct sentence){.passage = index,
                               .span = span[i],
                               .has = common(&pool->question, &terms),
                               .words = terms.words,
                               .last = i + 1 == n};
    }
    return rc;
}

/* A word that few sentences have says more; long sentences and later passages count a little less.
 */
static void score(struct pool *pool)
{
    double weight[WORDS_MAX] = {0};

    for (size_t i = 0; i < pool->question.n && i < WORDS_MAX; i++) {
        int in = 0;

        for (int k = 0; k < pool->n; k++)
            in += (int)(pool->sentence[k].has >> i & 1);
        weight[i] = in ? log(1.0 + (double)pool->n / in) : 0;
    }
    for (int k = 0; k < pool->n; k++) {
        struct sentence *s = &pool->sentence[k];

        for (int i = 0; i < WORDS_MAX; i++)
            s->score += s->has >> i & 1 ? weight[i] : 0;
        s->score /= (1 + 0.05 * s->passage) * (1 + 0.004 * (double)s->words);
    }
}

/* A heading or a question: what it announces is in the next sentence. */
static bool announces(const char *text, size_t len)
{
    char last = len ? text[len - 1] : '?';

    return last == '?' || last == ':' || (last != '.' && last != '!' && len < 80 && last > 0);
}

/* Bytes of the sentence, with those after it when it only announces them. */
static size_t extent(const struct pool *pool, int k)
{
    const struct sentence *s = &pool->sentence[k];
    const char *text = pool->req->passages[s->passage].text;
    size_t end = s->span.from + s->span.len;

    for (int more = 1; more <= 2 && announces(text + s->span.from, end - s->span.from); more++) {
        if (pool->sentence[k + more - 1].last || k + more >= pool->n)
            break;
        const struct cc_span *next = &pool->sentence[k + more].span;
        if (next->from + next->len - s->span.from > QUOTE_MAX)
            break;
        end = next->from + next->len;
        if (!announces(text + next->from, next->len))
            break;
    }
    return end - s->span.from;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f';
}

static const char *on_one_line(const char *text, size_t len, struct cc_arena *mem)
{
    char *out = cc_arena_get(mem, len + 1);
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (!is_space(text[i]))
            out[n++] = text[i];
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    return out;
}

static int best(const struct pool *pool)
{
    int at = -1;

    for (int k = 0; k < pool->n; k++)
        if (!pool->sentence[k].taken &&
            (at < 0 || pool->sentence[k].score > pool->sentence[at].score))
            at = k;
    return at;
}

static void take(struct pool *pool, int k, struct cc_quote *ret)
{
    struct sentence *s = &pool->sentence[k];
    size_t len = extent(pool, k);

    *ret = (struct cc_quote){
        .passage = s->passage,
        .text =
            on_one_line(pool->req->passages[s->passage].text + s->span.from, len, pool->req->mem),
        .score = s->score,
        .share = (double)__builtin_popcountll(s->has) /
                 (double)(pool->question.n ? pool->question.n : 1),
    };
    for (int i = k; i < pool->n && pool->sentence[i].passage == s->passage &&
                    pool->sentence[i].span.from < s->span.from + len;
         i++)
        pool->sentence[i].taken = true;
}

int cc_quotes(const struct cc_llm_request *req, int max, struct cc_quote *ret, int *ret_n)
{
    struct pool pool = {.req = req};
    int n = 0, rc = cc_terms_of_question(req->message, strlen(req->message), NULL, req->mem,
                                         &pool.question);

    pool.sentence = cc_arena_array(req->mem, SENTENCES_MAX, sizeof *pool.sentence);
    for (int i = 0; i < req->passages_n && rc == 0; i++)
        rc = add_passage(&pool, i);
    if (rc)
        return rc;
    score(&pool);
    for (int k; n < max && (k = best(&pool)) >= 0; n++) {
        if (n > 0 && pool.sentence[k].score < 0.6 * ret[0].score)
            break;
        if (n > 0 && ret[0].score <= 0)
            break;
        take(&pool, k, &ret[n]);
    }
    *ret_n = n;
    return 0;
}

#include "worker/llm/quote.h"

#include <math.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/vec/sentence.h"
#include "proto/vec/terms.h"

#define SENTENCES_MAX 400 /* of all passages */
#define SENTENCE_MAX  600 /* bytes */
#define QUOTE_MAX     900 /* bytes */
#define STRETCH_MAX   400 /* bytes of lines that are quoted together */
#define WORDS_MAX     64  /* of the question that are looked at */

struct sentence {
    int passage;
    struct cc_span span;
    uint64_t has; /* bit i: the question's word i */
    int64_t words;
    bool taken;
    double score;
};
struct pool {
    const struct cc_llm_request *req;
    const char *language; /* of the question: the sentences are read as it is */
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

        rc = cc_terms(text + span[i].from, span[i].len, pool->language, pool->req->mem, &terms);
        if (rc)
            return rc;
        *s = (struct sentence){.passage = index,
                               .span = span[i],
                               .has = common(&pool->question, &terms),
                               .words = terms.words};
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

static const char *text_of(const struct pool *pool, int k)
{
    return pool->req->passages[pool->sentence[k].passage].text + pool->sentence[k].span.from;
}

static char last_of(const struct pool *pool, int k)
{
    return text_of(pool, k)[pool->sentence[k].span.len - 1];
}

/* No full stop and the like: a heading, or a line of a page that goes on in the next. */
static bool is_open(const struct pool *pool, int k)
{
    char last = last_of(pool, k);

    return last > 0 && !strchr(".!?)\"'", last);
}

static bool begins_small(const struct pool *pool, int k)
{
    char first = *text_of(pool, k);

    return (first >= 'a' && first <= 'z') || (first >= '0' && first <= '9');
}

static bool same_passage(const struct pool *pool, int a, int b)
{
    return b >= 0 && b < pool->n && pool->sentence[a].passage == pool->sentence[b].passage;
}

/* The first sentence of the quote around k: before a line that goes on from the one above. */
static int begin_of(const struct pool *pool, int k)
{
    for (int more = 0; more < 2; more++) {
        if (!same_passage(pool, k, k - 1) || pool->sentence[k - 1].taken ||
            !begins_small(pool, k) || !is_open(pool, k - 1))
            break;
        k--;
    }
    return k;
}

/* A question or an open line wants what follows; so does a word of the question that was not said
 * yet. */
static bool wants_next(const struct pool *pool, int k, uint64_t said)
{
    return is_open(pool, k) || last_of(pool, k) == '?' || (pool->sentence[k + 1].has & ~said) != 0;
}

/* Bytes from the first sentence to the last one of the quote. */
static size_t extent(const struct pool *pool, int first, int k)
{
    size_t from = pool->sentence[first].span.from;
    uint64_t said = 0;

    for (int i = first; i <= k; i++)
        said |= pool->sentence[i].has;
    for (int more = 0; more < 3 && same_passage(pool, k, k + 1); more++) {
        const struct cc_span *next = &pool->sentence[k + 1].span;

        if (pool->sentence[k + 1].taken || !wants_next(pool, k, said) ||
            next->from + next->len - from > QUOTE_MAX)
            break;
        said |= pool->sentence[++k].has;
    }
    return pool->sentence[k].span.from + pool->sentence[k].span.len - from;
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

static double share_of(const struct pool *pool, uint64_t said)
{
    return (double)__builtin_popcountll(said) / (double)(pool->question.n ? pool->question.n : 1);
}

/* false: a question whose answer has been quoted already. */
static bool take(struct pool *pool, int k, struct cc_quote *ret)
{
    int first = begin_of(pool, k);
    size_t len = extent(pool, first, k), end = pool->sentence[first].span.from + len;
    uint64_t said = 0;
    int last = first;

    for (int i = first; same_passage(pool, first, i) && pool->sentence[i].span.from < end; i++) {
        said |= pool->sentence[i].has;
        pool->sentence[i].taken = true;
        last = i;
    }
    if (last_of(pool, last) == '?')
        return false;
    *ret = (struct cc_quote){
        .passage = pool->sentence[k].passage,
        .text = on_one_line(text_of(pool, first), len, pool->req->mem),
        .score = pool->sentence[k].score,
        .share = share_of(pool, said),
    };
    return true;
}

static int fill(const struct cc_llm_request *req, struct pool *pool)
{
    size_t len = strlen(req->message);
    int rc;

    pool->req = req;
    pool->language = cc_terms_language(req->message, len);
    rc = cc_terms_of_question(req->message, len, pool->language, req->mem, &pool->question);
    pool->sentence = cc_arena_array(req->mem, SENTENCES_MAX, sizeof *pool->sentence);
    for (int i = 0; i < req->passages_n && rc == 0; i++)
        rc = add_passage(pool, i);
    return rc;
}

int cc_quotes(const struct cc_llm_request *req, int max, struct cc_quote *ret, int *ret_n)
{
    struct pool pool = {0};
    int n = 0, rc = fill(req, &pool);

    if (rc)
        return rc;
    score(&pool);
    for (int k; n < max && (k = best(&pool)) >= 0;) {
        if (n > 0 && pool.sentence[k].score < 0.6 * ret[0].score)
            break;
        if (n > 0 && ret[0].score <= 0)
            break;
        n += take(&pool, k, &ret[n]);
    }
    *ret_n = n;
    return 0;
}

/* ---- where lines are no sentences ---- */

/* From a line with a word of the question as far as new ones come; the line after the last goes
 * along, as a value follows its label. */
static struct cc_quote stretch_from(const struct pool *pool, int first)
{
    size_t from = pool->sentence[first].span.from, end = from;
    uint64_t said = 0;
    bool label = false;

    for (int k = first; same_passage(pool, first, k); k++) {
        const struct sentence *s = &pool->sentence[k];
        bool news = (s->has & ~said) != 0;

        if (s->span.from + s->span.len - from > STRETCH_MAX)
            break;
        if (news || label)
            end = s->span.from + s->span.len;
        said |= s->has;
        label = news;
    }
    return (struct cc_quote){.passage = pool->sentence[first].passage,
                             .text = on_one_line(text_of(pool, first), end - from, pool->req->mem),
                             .share = share_of(pool, said)};
}

int cc_quote_stretch(const struct cc_llm_request *req, struct cc_quote *ret)
{
    struct pool pool = {0};
    int rc = fill(req, &pool);

    if (rc)
        return rc;
    *ret = (struct cc_quote){.text = ""};
    for (int k = 0; k < pool.n; k++) {
        if (!pool.sentence[k].has)
            continue;
        struct cc_quote found = stretch_from(&pool, k);
        if (found.share > ret->share)
            *ret = found;
    }
    return 0;
}

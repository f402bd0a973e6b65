#include "proto/vec/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/clean.h"

#define ASKED_MAX  64 /* words of a question that are looked for; the rest would change little */
#define LINE_MAX   (CC_TERM_MAX + 24)
#define LIKELY     1024
#define HITS_BYTES ((size_t)32 << 20) /* a ceiling: passages behind it are not ranked */
#define COUNT_MAX  1000000            /* beyond: no count of ours */
#define K1         1.2
#define B          0.75

const char *cc_rank_words(const struct cc_terms *terms, struct cc_arena *mem)
{
    CC_AUTOP(cc_buf_done) struct cc_buf out;

    cc_buf_init(&out, terms->n * LINE_MAX + 1);
    for (size_t i = 0; i < terms->n; i++)
        cc_buf_printf(&out, "%lld %s\n", (long long)terms->term[i].count, terms->term[i].text);
    return cc_arena_dupn(mem, out.len ? out.bytes : "", out.len);
}

/* Where an asked word stands. */
struct hit {
    int passage, asked;
    double count;
};
struct ranking {
    const struct cc_terms *asked;
    int asked_n;
    int n;               /* passages */
    struct cc_buf hits;  /* struct hit, passage by passage */
    double *length;      /* words of each passage */
    double average;      /* of them */
    int *with;           /* how many passages have each asked word */
    bool likely[LIKELY]; /* what no asked word looks like needs no search */
};

/* By the ends and the length: they are there without looking at the rest. */
static size_t looks_like(const char *word, size_t len)
{
    size_t first = (unsigned char)word[0], last = (unsigned char)word[len - 1];

    return (first * 131 + last * 31 + len) % LIKELY;
}

/* Which of the asked words it is; they are sorted by bytes.  -1: none of them. */
static int find(const struct ranking *r, const char *word, size_t len)
{
    int low = 0, high = r->asked_n - 1;

    if (!r->likely[looks_like(word, len)])
        return -1;
    while (low <= high) {
        int middle = (low + high) / 2;
        const char *text = r->asked->term[middle].text;
        int order = strncmp(word, text, len);

        if (order == 0 && text[len] == '\0')
            return middle;
        if (order > 0)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
}

/* "3 lantern" */
static void count_line(struct ranking *r, int passage, const char *line, const char *end)
{
    struct hit hit = {.passage = passage, .count = 0};

    while (line < end && *line >= '0' && *line <= '9' && hit.count < COUNT_MAX)
        hit.count = hit.count * 10 + (*line++ - '0');
    if (hit.count < 1 || end - line < 2 || *line != ' ')
        return;
    line++;
    r->length[passage] += hit.count;
    hit.asked = find(r, line, (size_t)(end - line));
    if (hit.asked < 0)
        return;
    r->with[hit.asked]++;
    cc_buf_add(&r->hits, &hit, sizeof hit);
}

static void count(struct ranking *r, const char *const *words)
{
    for (int i = 0; i < r->n; i++) {
        for (const char *line = words[i], *end; *line; line = end + (*end == '\n')) {
            end = strchrnul(line, '\n');
            count_line(r, i, line, end);
        }
        r->average += r->length[i] / r->n;
    }
}

static double worth_of(const struct ranking *r, const struct hit *hit)
{
    double norm = K1 * (1 - B + B * r->length[hit->passage] / r->average);
    double rare = log(1 + (r->n - r->with[hit->asked] + 0.5) / (r->with[hit->asked] + 0.5));

    return rare * hit->count * (K1 + 1) / (hit->count + norm);
}

/* A passage's hits stand together. */
static int score(const struct ranking *r, struct cc_ranked *out)
{
    const struct hit *hit = (const struct hit *)(const void *)r->hits.bytes;
    size_t n = r->hits.len / sizeof *hit;
    int found = 0;

    for (size_t i = 0; i < n; i++) {
        if (i == 0 || hit[i].passage != hit[i - 1].passage)
            out[found++] = (struct cc_ranked){hit[i].passage, 0};
        out[found - 1].score += worth_of(r, &hit[i]);
    }
    return found;
}

static int by_score(const void *a, const void *b)
{
    const struct cc_ranked *x = a, *y = b;

    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return x->index - y->index;
}

int cc_rank(const char *question, const char *const *words, int n, struct cc_arena *mem,
            struct cc_ranked **ret, int *ret_n)
{
    struct cc_terms asked;
    struct ranking r = {.asked = &asked, .n = n};
    int rc = cc_terms_of_question(question, strlen(question), NULL, mem, &asked);

    if (rc)
        return rc;
    r.asked_n = asked.n < ASKED_MAX ? (int)asked.n : ASKED_MAX;
    for (int i = 0; i < r.asked_n; i++)
        r.likely[looks_like(asked.term[i].text, strlen(asked.term[i].text))] = true;
    r.length = cc_arena_array(mem, (size_t)n + 1, sizeof *r.length);
    r.with = cc_arena_array(mem, (size_t)r.asked_n + 1, sizeof *r.with);
    cc_buf_init(&r.hits, HITS_BYTES);
    count(&r, words);
    *ret = cc_arena_array(mem, (size_t)n + 1, sizeof **ret);
    *ret_n = score(&r, *ret);
    cc_buf_done(&r.hits);
    qsort(*ret, (size_t)*ret_n, sizeof **ret, by_score);
    return 0;
}

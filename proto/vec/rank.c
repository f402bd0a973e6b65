#include "proto/vec/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/clean.h"

#define ASKED_MAX 64 /* words of a question that are looked for; the rest would change little */
#define LINE_MAX  (CC_TERM_MAX + 24)
#define K1        1.2
#define B         0.75

const char *cc_rank_words(const struct cc_terms *terms, struct cc_arena *mem)
{
    CC_AUTOP(cc_buf_done) struct cc_buf out;

    cc_buf_init(&out, terms->n * LINE_MAX + 1);
    for (size_t i = 0; i < terms->n; i++)
        cc_buf_printf(&out, "%lld %s\n", (long long)terms->term[i].count, terms->term[i].text);
    return cc_arena_dupn(mem, out.len ? out.bytes : "", out.len);
}

struct ranking {
    const struct cc_terms *asked;
    int asked_n;
    int n;          /* passages */
    float *count;   /* [passage][asked] */
    double *length; /* words of each passage */
    double average; /* of them */
    double *worth;  /* of each asked word */
};

/* Which of the asked words it is; they are sorted by bytes.  -1: none of them. */
static int find(const struct ranking *r, const char *word, size_t len)
{
    int low = 0, high = r->asked_n - 1;

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

/* One line; returns where the next begins. */
static const char *count_line(struct ranking *r, int passage, const char *line)
{
    size_t len = strcspn(line, "\n");
    char *word;
    double count = (double)strtol(line, &word, 10);

    if (count > 0 && *word == ' ' && word < line + len) {
        int asked = find(r, word + 1, (size_t)(line + len - word - 1));

        r->length[passage] += count;
        if (asked >= 0)
            r->count[passage * r->asked_n + asked] = (float)count;
    }
    return line + len + (line[len] == '\n');
}

static void count(struct ranking *r, const char *const *words)
{
    for (int i = 0; i < r->n; i++) {
        for (const char *line = words[i]; *line;)
            line = count_line(r, i, line);
        r->average += r->length[i] / r->n;
    }
}

static void weigh(struct ranking *r)
{
    for (int t = 0; t < r->asked_n; t++) {
        int with = 0;

        for (int i = 0; i < r->n; i++)
            with += r->count[i * r->asked_n + t] > 0;
        r->worth[t] = log(1 + (r->n - with + 0.5) / (with + 0.5));
    }
}

static double score(const struct ranking *r, int passage)
{
    double norm = K1 * (1 - B + B * r->length[passage] / r->average), sum = 0;

    for (int t = 0; t < r->asked_n; t++) {
        double count = (double)r->count[passage * r->asked_n + t];

        if (count > 0)
            sum += r->worth[t] * count * (K1 + 1) / (count + norm);
    }
    return sum;
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
    struct cc_ranked *out = cc_arena_array(mem, (size_t)n + 1, sizeof *out);
    int found = 0, rc = cc_terms_of_question(question, strlen(question), NULL, mem, &asked);

    if (rc)
        return rc;
    r.asked_n = asked.n < ASKED_MAX ? (int)asked.n : ASKED_MAX;
    r.count = cc_arena_array(mem, (size_t)n * (size_t)r.asked_n + 1, sizeof *r.count);
    r.length = cc_arena_array(mem, (size_t)n + 1, sizeof *r.length);
    r.worth = cc_arena_array(mem, (size_t)r.asked_n + 1, sizeof *r.worth);
    count(&r, words);
    weigh(&r);
    for (int i = 0; i < n; i++) {
        double worth = score(&r, i);

        if (worth > 0)
            out[found++] = (struct cc_ranked){i, worth};
    }
    qsort(out, (size_t)found, sizeof *out, by_score);
    *ret = out;
    *ret_n = found;
    return 0;
}

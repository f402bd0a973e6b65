/*
 * snippet.c - the sentences of a passage that a reader should see first.
 *
 * A sentence is worth the question's words in it; a word that many sentences have is worth less.
 * Words are recognised by how they begin: a stem is nearly always a beginning, and this costs a
 * fraction of stemming the passage again.
 */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "proto/base/text.h"
#include "proto/vec/search.h"
#include "proto/vec/sentence.h"
#include "proto/vec/terms.h"

#define TERMS_MAX 64 /* bits of a mask */
#define STEM_MIN  4  /* "polici" must meet "policy": from here on the last letter may differ */

struct sight {
    const char *text;
    struct cc_span *span;
    uint64_t *has; /* of each sentence: which words */
    size_t n;
    double worth[TERMS_MAX];
    size_t terms_n;
};

static bool is_letter(char c)
{
    unsigned char u = (unsigned char)c;

    return u >= 0x80 || (u >= '0' && u <= '9') || ((u | 0x20) >= 'a' && (u | 0x20) <= 'z');
}

static bool begins_with(const char *word, size_t room, const char *stem, size_t len)
{
    if (len > STEM_MIN)
        len--;
    return len <= room && strncasecmp(word, stem, len) == 0;
}

static uint64_t words_at(const char *word, size_t room, const struct cc_terms *terms)
{
    uint64_t mask = 0;

    for (size_t t = 0; t < terms->n && t < TERMS_MAX; t++)
        if (begins_with(word, room, terms->term[t].text, strlen(terms->term[t].text)))
            mask |= (uint64_t)1 << t;
    return mask;
}

static uint64_t words_in(const char *text, size_t len, const struct cc_terms *terms)
{
    uint64_t mask = 0;

    for (size_t i = 0; i < len; i++)
        if (is_letter(text[i]) && (i == 0 || !is_letter(text[i - 1])))
            mask |= words_at(text + i, len - i, terms);
    return mask;
}

static void weigh(struct sight *s, const struct cc_terms *terms)
{
    s->terms_n = terms->n < TERMS_MAX ? terms->n : TERMS_MAX;
    for (size_t i = 0; i < s->n; i++)
        s->has[i] = words_in(s->text + s->span[i].from, s->span[i].len, terms);
    for (size_t t = 0; t < s->terms_n; t++) {
        size_t with = 0;

        for (size_t i = 0; i < s->n; i++)
            with += s->has[i] >> t & 1;
        s->worth[t] = log(1.0 + (double)s->n / (double)(with + 1));
    }
}

static double worth_of(const struct sight *s, uint64_t mask)
{
    double sum = 0;

    for (size_t t = 0; t < s->terms_n; t++)
        if (mask >> t & 1)
            sum += s->worth[t];
    return sum;
}

static size_t chars_between(const struct sight *s, size_t first, size_t last)
{
    size_t from = s->span[first].from, end = s->span[last].from + s->span[last].len;

    return cc_utf8_count(s->text + from, end - from);
}

/* As many sentences from `first` on as fit; what they are worth together. */
static double window(const struct sight *s, size_t first, size_t *ret_last)
{
    uint64_t mask = s->has[first];
    size_t last = first;

    while (last + 1 < s->n && chars_between(s, first, last + 1) <= CC_SNIPPET_CHARS)
        mask |= s->has[++last];
    *ret_last = last;
    return worth_of(s, mask);
}

/* The best window; of equals the first that begins with one of the words. */
static void choose(const struct sight *s, size_t *ret_first, size_t *ret_last)
{
    double best = -1;

    for (size_t i = 0; i < s->n; i++) {
        size_t last;
        double worth = window(s, i, &last) + (s->has[i] ? 1e-6 : 0);

        if (worth > best + 1e-9) {
            best = worth;
            *ret_first = i;
            *ret_last = last;
        }
    }
}

/* Of these sentences the one with most of the words; of equals the first. */
static size_t best_of(const struct sight *s, size_t first, size_t last)
{
    size_t best = first;

    for (size_t i = first + 1; i <= last; i++)
        if (worth_of(s, s->has[i]) > worth_of(s, s->has[best]) + 1e-9)
            best = i;
    return best;
}

static const char *copy(const struct sight *s, size_t first, size_t last, struct cc_arena *mem)
{
    size_t from = s->span[first].from, end = s->span[last].from + s->span[last].len;

    return cc_arena_dupn(mem, s->text + from, end - from);
}

int cc_snippet(const char *text, const char *question, struct cc_arena *mem, const char **ret,
               const char **ret_best)
{
    struct sight s = {.text = text};
    struct cc_terms terms;
    size_t first = 0, last = 0, best;
    int rc = cc_sentences(text, strlen(text), CC_SNIPPET_CHARS, mem, &s.span, &s.n);

    if (!rc)
        rc = cc_terms_of_question(question, strlen(question),
                                  cc_terms_language(question, strlen(question)), mem, &terms);
    if (rc)
        return rc;
    if (s.n == 0) {
        *ret = *ret_best = "";
        return 0;
    }
    s.has = cc_arena_array(mem, s.n, sizeof *s.has);
    weigh(&s, &terms);
    choose(&s, &first, &last);
    best = best_of(&s, first, last);
    *ret = copy(&s, first, last, mem);
    *ret_best = copy(&s, best, best, mem);
    return 0;
}

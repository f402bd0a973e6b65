#include "proto/vec/terms.h"

#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ustring.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/text.h"
#include "proto/vec/function_words.h"
#include "proto/vec/language.h"
#include "proto/vec/unicode.h"

#define STEMMERS_MAX 16
#define FALLBACK     "en" /* where the language cannot be told */

struct counting {
    struct sb_stemmer *stemmer[STEMMERS_MAX]; /* one after the other; none: words as they are */
    int stemmers;
    struct cc_arena *mem;
    bool telling; /* leave out what says little */
    const char **word;
    size_t n;
};

/* Spaces and punctuation have the status UBRK_WORD_NONE. */
static bool is_word(UBreakIterator *it)
{
    int32_t status = ubrk_getRuleStatus(it);

    return status >= UBRK_WORD_NONE_LIMIT;
}

static void add_term(struct counting *c, const char *term, size_t size)
{
    size = cc_utf8_cut(term, size, CC_TERM_MAX);
    if (size > 0)
        c->word[c->n++] = cc_arena_dupn(c->mem, term, size);
}

static void take_word(struct counting *c, const UChar *wide, int32_t len)
{
    char text[4 * CC_TERM_MAX];
    int32_t n = 0;
    UErrorCode err = U_ZERO_ERROR;

    if (len > CC_TERM_MAX)
        len = CC_TERM_MAX;
    u_strToUTF8WithSub(text, sizeof text, &n, wide, len, 0xfffd, NULL, &err);
    if (U_FAILURE(err) || n == 0 || (c->telling && cc_terms_says_little(text)))
        return;
    if (c->stemmers == 0)
        add_term(c, text, (size_t)n);
    for (int i = 0; i < c->stemmers; i++) {
        const sb_symbol *stem = sb_stemmer_stem(c->stemmer[i], (const sb_symbol *)text, n);

        add_term(c, (const char *)stem, (size_t)sb_stemmer_length(c->stemmer[i]));
    }
}

static int cut_into_words(struct counting *c, const UChar *wide, size_t len)
{
    UErrorCode err = U_ZERO_ERROR;
    UBreakIterator *it;
    int rc = cc_unicode_iterator(CC_BREAK_WORDS, &it);

    if (rc)
        return rc;
    ubrk_setText(it, wide, (int32_t)len, &err);
    if (U_FAILURE(err))
        return cc_fail(CC_E_INTERNAL, "words: %s", u_errorName(err));
    for (int32_t from = ubrk_first(it), to = ubrk_next(it); to != UBRK_DONE;
         from = to, to = ubrk_next(it))
        if (is_word(it))
            take_word(c, wide + from, to - from);
    return 0;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void count(struct counting *c, struct cc_terms *ret)
{
    struct cc_terms terms = {.term = cc_arena_array(c->mem, c->n + 1, sizeof *terms.term),
                             .words = (int64_t)c->n};

    if (c->n > 1)
        qsort(c->word, c->n, sizeof *c->word, by_bytes);
    for (size_t i = 0; i < c->n; i++) {
        struct cc_chunk_term *last = terms.n > 0 ? &terms.term[terms.n - 1] : NULL;

        if (last && strcmp(last->text, c->word[i]) == 0)
            last->count++;
        else
            terms.term[terms.n++] = (struct cc_chunk_term){c->word[i], 1};
    }
    *ret = terms;
}

static int read_terms(const char *text, size_t len, struct counting *c, struct cc_terms *ret)
{
    UChar *wide;
    size_t n;
    int rc = cc_unicode_normalize(CC_NFKC_FOLDED, text, len, c->mem, &wide, &n);

    if (rc)
        return rc;
    c->word = cc_arena_array(c->mem, (n + 1) * (size_t)(c->stemmers + 1), sizeof *c->word);
    rc = cut_into_words(c, wide, n);
    if (rc)
        return rc;
    count(c, ret);
    return 0;
}

/* ---- languages ---- */

static bool is_auto(void)
{
    return strcmp(cc_cfg(CC_CFG_SEARCH_LANGUAGE), "auto") == 0;
}

const char *cc_terms_language(const char *text, size_t len)
{
    const char *language = is_auto() ? cc_language_of(text, len) : cc_cfg(CC_CFG_SEARCH_LANGUAGE);

    return is_auto() && !*language ? FALLBACK : language;
}

static void add_language(struct counting *c, const char *language)
{
    struct sb_stemmer *stemmer = *language ? sb_stemmer_new(language, "UTF_8") : NULL;

    if (stemmer && c->stemmers < STEMMERS_MAX)
        c->stemmer[c->stemmers++] = stemmer;
    else
        sb_stemmer_delete(stemmer);
}

/* All that passages with the question's words may have been read in. */
static void add_languages(struct counting *c, const char *text, size_t len)
{
    const char *own = cc_language_of(text, len), *each;

    add_language(c, FALLBACK);
    for (int i = 0; (each = cc_language_at(i)); i++)
        if (strcmp(each, FALLBACK) != 0 && (!*own || strcmp(each, own) == 0))
            add_language(c, each);
}

static void close_stemmers(struct counting *c)
{
    while (c->stemmers > 0)
        sb_stemmer_delete(c->stemmer[--c->stemmers]);
}

int cc_terms(const char *text, size_t len, const char *language, struct cc_arena *mem,
             struct cc_terms *ret)
{
    struct counting c = {.mem = mem};
    int rc;

    add_language(&c, language ? language : cc_terms_language(text, len));
    rc = read_terms(text, len, &c, ret);
    close_stemmers(&c);
    return rc;
}

int cc_terms_of_question(const char *text, size_t len, const char *language, struct cc_arena *mem,
                         struct cc_terms *ret)
{
    struct counting c = {.mem = mem, .telling = true};
    struct cc_terms terms;
    int rc;

    if (!language && is_auto())
        add_languages(&c, text, len);
    else
        add_language(&c, language ? language : cc_cfg(CC_CFG_SEARCH_LANGUAGE));
    rc = read_terms(text, len, &c, &terms);
    if (rc == 0 && terms.n == 0) {
        c.telling = false;
        c.n = 0;
        rc = read_terms(text, len, &c, &terms);
    }
    close_stemmers(&c);
    if (rc == 0)
        *ret = terms;
    return rc;
}

static int by_text(const void *word, const void *entry)
{
    return strcmp(word, *(const char *const *)entry);
}

bool cc_terms_says_little(const char *word)
{
    return bsearch(word, function_words, sizeof function_words / sizeof *function_words,
                   sizeof *function_words, by_text) != NULL;
}

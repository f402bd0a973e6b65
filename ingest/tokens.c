#include "ingest/tokens.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/bpe.h"
#include "proto/base/arena.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

CC_CLEANER(FILE *, fclose)
CC_CLEANER(pcre2_match_data *, pcre2_match_data_free)

/* How each encoding cuts a text into pieces before it merges bytes. */
static const struct pattern {
    const char *encoding, *pattern;
} patterns[] = {
    {"o200k_base", "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
                   "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
                   "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
                   "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
                   "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
    {"cl100k_base", "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
                    " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
};

struct cc_tokens {
    struct cc_bpe *bpe;
    pcre2_code *cut;
};

static int compile(const char *encoding, struct cc_tokens *tokens)
{
    int code;
    PCRE2_SIZE at;

    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        if (strcmp(patterns[i].encoding, encoding))
            continue;
        tokens->cut = pcre2_compile((PCRE2_SPTR)patterns[i].pattern, PCRE2_ZERO_TERMINATED,
                                    PCRE2_UTF | PCRE2_UCP, &code, &at, NULL);
        if (!tokens->cut)
            return cc_fail(CC_E_INTERNAL, "tokens: PCRE2 error %d at %zu", code, at);
        pcre2_jit_compile(tokens->cut, PCRE2_JIT_COMPLETE); /* without it: slower, the same */
        return 0;
    }
    return cc_fail(CC_E_INVALID, "tokens: no encoding %s", encoding);
}

static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Base64 without line breaks.  Returns the number of bytes, 0 for anything else. */
static size_t decode(const char *s, size_t len, char out[CC_BPE_TOKEN_MAX])
{
    unsigned bits = 0, held = 0;
    size_t n = 0;

    while (len && s[len - 1] == '=')
        len--;
    for (size_t i = 0; i < len; i++) {
        int six = digit(s[i]);

        if (six < 0 || n == CC_BPE_TOKEN_MAX)
            return 0;
        bits = bits << 6 | (unsigned)six;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (char)(bits >> held);
        }
    }
    return n;
}

static int add_line(struct cc_bpe *bpe, char *line)
{
    char token[CC_BPE_TOKEN_MAX];
    char *blank = strchr(line, ' ');
    int64_t rank;
    size_t n;

    line[strcspn(line, "\r\n")] = '\0';
    if (!*line)
        return 0;
    if (!blank || !(n = decode(line, (size_t)(blank - line), token)) ||
        !cc_text_int(blank + 1, 0, INT32_MAX, &rank))
        return CC_E_INVALID;
    cc_bpe_add(bpe, token, n, (int)rank);
    return 0;
}

static int load(const char *path, struct cc_bpe *bpe)
{
    CC_AUTO(fclose)
    FILE *file = fopen(path, "re");
    char line[2 * CC_BPE_TOKEN_MAX];

    if (!file)
        return cc_fail(CC_E_NOTFOUND, "tokens: %s: %s (infra/models/fetch brings it)", path,
                       strerror(errno));
    while (fgets(line, sizeof line, file))
        if (add_line(bpe, line))
            return cc_fail(CC_E_INVALID, "tokens: %s is no rank file", path);
    if (cc_bpe_size(bpe) < 256) /* each byte is a token */
        return cc_fail(CC_E_INVALID, "tokens: %s is cut short", path);
    return 0;
}

int cc_tokens_open(const char *folder, const char *encoding, struct cc_tokens **ret)
{
    struct cc_tokens *tokens = calloc(1, sizeof *tokens);
    struct cc_arena *mem = cc_arena_new(64 * 1024);
    int rc;

    if (!tokens)
        abort();
    tokens->bpe = cc_bpe_new();
    rc = compile(encoding, tokens);
    if (!rc)
        rc = load(cc_arena_printf(mem, "%s/%s.tiktoken", folder, encoding), tokens->bpe);
    cc_arena_free(&mem);
    if (rc)
        cc_tokens_free(&tokens);
    else
        *ret = tokens;
    return rc;
}

void cc_tokens_free(struct cc_tokens **tokens)
{
    if (*tokens) {
        cc_bpe_free(&(*tokens)->bpe);
        pcre2_code_free((*tokens)->cut);
    }
    free(*tokens);
    *tokens = NULL;
}

size_t cc_tokens_encode(const struct cc_tokens *tokens, const char *text, size_t len, int *ids,
                        size_t max)
{
    CC_AUTO(pcre2_match_data_free)
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(tokens->cut, NULL);
    size_t n = 0, at = 0;

    if (!match)
        abort();
    while (at < len) {
        int rc =
            pcre2_match(tokens->cut, (PCRE2_SPTR)text, len, at, PCRE2_NO_UTF_CHECK, match, NULL);
        size_t end = rc > 0 ? pcre2_get_ovector_pointer(match)[1] : len;
        size_t left = n < max ? max - n : 0;

        /* no match (PCRE2 gave up on a monstrous piece): the rest is one piece */
        n += cc_bpe_encode(tokens->bpe, text + at, end - at, left ? ids + n : NULL, left);
        at = end;
    }
    return n;
}

size_t cc_tokens_count(const struct cc_tokens *tokens, const char *text, size_t len)
{
    return cc_tokens_encode(tokens, text, len, NULL, 0);
}

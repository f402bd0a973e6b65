#include "ingest/tokens.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/bpe.h"
#include "ingest/piece.h"
#include "proto/base/arena.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

CC_CLEANER(FILE *, fclose)
CC_CLEANER(pcre2_match_data *, pcre2_match_data_free)

/* How each encoding cuts a text into pieces before it merges bytes. */
static const struct pattern {
    const char *encoding, *pattern;
    size_t (*ascii)(const char *s, size_t len); /* the same for most of ASCII; NULL: none */
} patterns[] = {
    {"o200k_base",
     "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
     "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
     "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
     "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
     "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
     cc_piece_ascii},
    {"cl100k_base",
     "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
     " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
     NULL},
};

struct cc_tokens {
    struct cc_bpe *bpe;
    pcre2_code *cut;
    bool jit;
    const struct pattern *pattern;
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
        tokens->pattern = &patterns[i];
        /* without it: slower, the same */
        tokens->jit = !pcre2_jit_compile(tokens->cut, PCRE2_JIT_COMPLETE);
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
        !cc_text_int(blank + 1, 0, CC_BPE_RANK_MAX, &rank))
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

/* Where the piece that begins at `at` ends.  PCRE2 gives up on monstrous ones: then all is one. */
static size_t piece_end(const struct cc_tokens *tokens, const char *text, size_t len, size_t at,
                        pcre2_match_data *match)
{
    PCRE2_SPTR s = (PCRE2_SPTR)text;
    int rc = tokens->jit ? pcre2_jit_match(tokens->cut, s, len, at, 0, match, NULL)
                         : pcre2_match(tokens->cut, s, len, at, PCRE2_NO_UTF_CHECK, match, NULL);

    return rc > 0 ? pcre2_get_ovector_pointer(match)[1] : len;
}

static pcre2_match_data *new_match(const struct cc_tokens *tokens)
{
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(tokens->cut, NULL);

    if (!match)
        abort();
    return match;
}

size_t cc_tokens_encode(const struct cc_tokens *tokens, const char *text, size_t len, int *ids,
                        size_t max)
{
    CC_AUTO(pcre2_match_data_free)
    pcre2_match_data *match = new_match(tokens);
    size_t n = 0;

    for (size_t at = 0, end; at < len; at = end) {
        size_t left = n < max ? max - n : 0;

        end = piece_end(tokens, text, len, at, match);
        n += cc_bpe_encode(tokens->bpe, text + at, end - at, left ? ids + n : NULL, left);
    }
    return n;
}

size_t cc_tokens_count(const struct cc_tokens *tokens, const char *text, size_t len)
{
    return cc_tokens_encode(tokens, text, len, NULL, 0);
}

/*
 * Most pieces of a text are few words again and again.  Each is known by its bytes, so that what is
 * remembered is never wrong; those that are too long to be are counted anew.
 */
#define PIECE_BITS                                                                                 \
    16 /* a language has more words than one thinks; 1.5 MB, as far as they are used */
#define PIECE_BYTES 16

struct known_piece {
    uint64_t head, tail; /* its bytes, zeros behind them */
    uint32_t len, tokens;
};
struct cc_counter {
    const struct cc_tokens *tokens;
    pcre2_match_data *match;
    struct known_piece known[1 << PIECE_BITS];
};

struct cc_counter *cc_counter_new(const struct cc_tokens *tokens)
{
    struct cc_counter *counter = calloc(1, sizeof *counter);

    if (!counter)
        abort();
    counter->tokens = tokens;
    counter->match = new_match(tokens);
    return counter;
}

void cc_counter_free(struct cc_counter **counter)
{
    if (*counter)
        pcre2_match_data_free((*counter)->match);
    free(*counter);
    *counter = NULL;
}

static size_t count_piece(struct cc_counter *counter, const char *s, size_t len)
{
    struct known_piece piece = {.len = (uint32_t)len}, *known;

    if (len > PIECE_BYTES)
        return cc_bpe_encode(counter->tokens->bpe, s, len, NULL, 0);
    memcpy(&piece.head, s, len < 8 ? len : 8);
    if (len > 8)
        memcpy(&piece.tail, s + 8, len - 8);
    known =
        &counter
             ->known[((piece.head ^ piece.tail * 31) * 0x9e3779b97f4a7c15ULL) >> (64 - PIECE_BITS)];
    if (known->len == piece.len && known->head == piece.head && known->tail == piece.tail)
        return known->tokens;
    piece.tokens = (uint32_t)cc_bpe_encode(counter->tokens->bpe, s, len, NULL, 0);
    *known = piece;
    return piece.tokens;
}

size_t cc_counter_count(struct cc_counter *counter, const char *text, size_t len)
{
    size_t (*ascii)(const char *s, size_t len) = counter->tokens->pattern->ascii;
    size_t n = 0;

    for (size_t at = 0, piece; at < len; at += piece) {
        piece = ascii ? ascii(text + at, len - at) : 0;
        if (!piece)
            piece = piece_end(counter->tokens, text, len, at, counter->match) - at;
        n += count_piece(counter, text + at, piece);
    }
    return n;
}

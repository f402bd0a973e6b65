#include "proto/vec/use_vocab.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/text.h"

#define FILE_MAX     ((size_t)8 << 20)
#define PIECES_MAX   65536
#define CONTROL      6  /* pieces that no text consists of */
#define UNKNOWN      0  /* the piece for what no other covers */
#define PIECE_CHARS  16 /* longest piece */
#define CHARS_MAX    (CC_USE_TOKENS * PIECE_CHARS)
#define SPACE_MARK   0x2581 /* stands for a space and for the beginning */
#define DIRECT_CHARS 0x3000 /* first characters found without a search */

/* A letter in the tree of pieces; children hang in a list. */
struct node {
    uint32_t cp;
    int32_t piece; /* that ends here; -1: none */
    int32_t child, next;
    double score;
};
struct cc_use_vocab {
    struct node *node; /* 0 is the root */
    size_t nodes, room, pieces;
    unsigned char *chars;        /* of each piece */
    int32_t first[DIRECT_CHARS]; /* the root's children; 0: none */
};

static int32_t add_node(struct cc_use_vocab *v, uint32_t cp)
{
    if (v->nodes == v->room) {
        v->room = v->room ? 2 * v->room : 32768;
        v->node = realloc(v->node, v->room * sizeof *v->node);
        if (!v->node)
            abort();
    }
    v->node[v->nodes] = (struct node){.cp = cp, .piece = -1};
    return (int32_t)v->nodes++;
}

/* 0 when there is none: nobody's child is the root. */
static int32_t find_child(const struct cc_use_vocab *v, int32_t parent, uint32_t cp)
{
    int32_t at;

    if (parent == 0 && cp < DIRECT_CHARS)
        return v->first[cp];
    for (at = v->node[parent].child; at > 0; at = v->node[at].next)
        if (v->node[at].cp == cp)
            break;
    return at;
}

static int32_t make_child(struct cc_use_vocab *v, int32_t parent, uint32_t cp)
{
    int32_t at = find_child(v, parent, cp);

    if (at)
        return at;
    at = add_node(v, cp);
    v->node[at].next = v->node[parent].child;
    v->node[parent].child = at;
    if (parent == 0 && cp < DIRECT_CHARS)
        v->first[cp] = at;
    return at;
}

static int add_piece(struct cc_use_vocab *v, size_t index, const json_t *row)
{
    const char *text = json_string_value(json_array_get(row, 0));
    double score = json_number_value(json_array_get(row, 1));
    int32_t at = 0;
    size_t len = text ? strlen(text) : 0, chars = text ? cc_utf8_count(text, len) : 0;

    if (index < CONTROL) {
        v->chars[index] = 1;
        return 0;
    }
    if (chars < 1 || chars > PIECE_CHARS)
        return cc_fail(CC_E_INVALID, "vocabulary: piece %zu is no text we know", index);
    for (size_t i = 0, step; i < len; i += step)
        at = make_child(v, at, cc_utf8_next(text + i, len - i, &step));
    v->node[at].piece = (int32_t)index;
    v->node[at].score = score;
    v->chars[index] = (unsigned char)chars;
    return 0;
}

static int read_file(const char *path, struct cc_buf *out)
{
    char piece[4096];
    size_t n;
    FILE *file = fopen(path, "re");

    if (!file)
        return cc_fail(CC_E_NOTFOUND, "%s: cannot be opened", path);
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        cc_buf_add(out, piece, n);
    fclose(file);
    return cc_buf_over(out) ? cc_fail(CC_E_TOOBIG, "%s: too large", path) : 0;
}

static int read_rows(const char *path, json_t **ret)
{
    struct cc_buf bytes;
    int rc;

    cc_buf_init(&bytes, FILE_MAX);
    rc = read_file(path, &bytes);
    if (!rc)
        rc = cc_json_parse(bytes.bytes, bytes.len, ret);
    cc_buf_done(&bytes);
    return rc;
}

static int fill(struct cc_use_vocab *v, const json_t *rows)
{
    int rc = 0;

    v->pieces = json_array_size(rows);
    if (v->pieces <= CONTROL || v->pieces > PIECES_MAX)
        return cc_fail(CC_E_INVALID, "vocabulary: %zu pieces", v->pieces);
    v->chars = calloc(v->pieces, 1);
    if (!v->chars)
        abort();
    add_node(v, 0);
    for (size_t i = 0; i < v->pieces && !rc; i++)
        rc = add_piece(v, i, json_array_get(rows, i));
    return rc;
}

int cc_use_vocab_load(const char *path, struct cc_use_vocab **ret)
{
    CC_AUTO(json_decref)
    json_t *rows = NULL;
    struct cc_use_vocab *v;
    int rc = read_rows(path, &rows);

    if (rc)
        return rc;
    v = calloc(1, sizeof *v);
    if (!v)
        abort();
    rc = fill(v, rows);
    if (rc) {
        cc_use_vocab_free(&v);
        return rc;
    }
    *ret = v;
    return 0;
}

void cc_use_vocab_free(struct cc_use_vocab **vocab)
{
    struct cc_use_vocab *v = *vocab;

    if (!v)
        return;
    free(v->node);
    free(v->chars);
    free(v);
    *vocab = NULL;
}

size_t cc_use_vocab_count(const struct cc_use_vocab *vocab)
{
    return vocab->pieces;
}

/* The best way to each character: which piece ends there, and the sum of scores up to it. */
struct lattice {
    uint32_t cp[CHARS_MAX];
    double best[CHARS_MAX + 1]; /* 0: not reached yet */
    int32_t piece[CHARS_MAX + 1];
    size_t n;
};

static void offer_way(struct lattice *l, size_t to, double score, int32_t piece)
{
    if (l->best[to] < 0 && score < l->best[to])
        return;
    l->best[to] = score;
    l->piece[to] = piece;
}

static void go_on_from(const struct cc_use_vocab *v, struct lattice *l, size_t from)
{
    int32_t at = find_child(v, 0, l->cp[from]);
    bool any = false;

    for (size_t i = from; at > 0;) {
        if (v->node[at].piece >= 0) {
            any = true;
            offer_way(l, i + 1, l->best[from] + v->node[at].score, v->node[at].piece);
        }
        if (++i >= l->n)
            break;
        at = find_child(v, at, l->cp[i]);
    }
    if (!any)
        offer_way(l, from + 1, l->best[from], UNKNOWN);
}

/* ICU's macros for this do not survive -Wconversion.  Normalised text has no half pairs. */
static uint32_t next_char(const UChar *text, size_t len, size_t *at)
{
    uint32_t cp = text[(*at)++];

    if (cp >= 0xd800 && cp < 0xdc00 && *at < len)
        cp = 0x10000 + ((cp - 0xd800) << 10) + (text[(*at)++] - 0xdc00u);
    return cp;
}

static void fill_lattice(struct lattice *l, const UChar *text, size_t len)
{
    l->n = 0;
    if (len > 0)
        l->cp[l->n++] = SPACE_MARK;
    for (size_t i = 0; i < len && l->n < CHARS_MAX;) {
        uint32_t cp = next_char(text, len, &i);

        l->cp[l->n++] = cp == ' ' ? SPACE_MARK : cp;
    }
}

/* Walks back over the best way; unknown characters in a row are one token. */
static size_t read_back(const struct cc_use_vocab *v, struct lattice *l, int ids[CC_USE_TOKENS])
{
    size_t n = 0, out = 0;
    int32_t before = -1;

    for (size_t at = l->n; at > 0;) {
        int32_t piece = l->piece[at];

        at -= v->chars[piece] < at ? v->chars[piece] : at;
        if (piece != UNKNOWN || before != UNKNOWN)
            l->cp[n++] = (uint32_t)piece; /* no longer needed: n <= what was passed */
        before = piece;
    }
    while (n > 0 && out < CC_USE_TOKENS)
        ids[out++] = (int)l->cp[--n];
    return out;
}

size_t cc_use_tokens(const struct cc_use_vocab *vocab, const UChar *text, size_t len,
                     int ids[CC_USE_TOKENS])
{
    struct lattice *l = calloc(1, sizeof *l);
    size_t n;

    if (!l)
        abort();
    fill_lattice(l, text, len);
    for (size_t i = 0; i < l->n; i++)
        go_on_from(vocab, l, i);
    n = read_back(vocab, l, ids);
    free(l);
    return n;
}

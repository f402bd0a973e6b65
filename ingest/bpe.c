#include "ingest/bpe.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/*
 * One look at one place of memory for most: a token of up to eight bytes is its head, and a longer
 * one whose head and length are right is nearly always the one looked for.
 */
struct entry {
    uint64_t head;     /* the first eight bytes; zeros behind a shorter one */
    uint32_t at;       /* in pool */
    unsigned len : 11; /* 0: the slot is free */
    unsigned rank : 21;
};

struct cc_bpe {
    struct entry *entry;
    size_t slots, n; /* slots: a power of two */
    char *pool;
    size_t pool_len, pool_room;
    uint64_t *seen; /* which hashes there are: most of what a merge asks for is no token */
};

#define SEEN_BITS ((size_t)1 << 21) /* ten for each token */

static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

struct cc_bpe *cc_bpe_new(void)
{
    struct cc_bpe *bpe = must(calloc(1, sizeof *bpe));

    bpe->slots = 1024;
    bpe->entry = must(calloc(bpe->slots, sizeof *bpe->entry));
    bpe->seen = must(calloc(SEEN_BITS / 64, sizeof *bpe->seen));
    return bpe;
}

void cc_bpe_free(struct cc_bpe **bpe)
{
    if (*bpe) {
        free((*bpe)->entry);
        free((*bpe)->pool);
        free((*bpe)->seen);
    }
    free(*bpe);
    *bpe = NULL;
}

size_t cc_bpe_size(const struct cc_bpe *bpe)
{
    return bpe->n;
}

static uint64_t head_of(const char *s, size_t len)
{
    uint64_t head = 0;

    memcpy(&head, s, len < 8 ? len : 8);
    return head;
}

static uint64_t mix(uint64_t h, uint64_t more)
{
    h = (h ^ more) * 0x9e3779b97f4a7c15ULL;
    return h ^ h >> 32;
}

static size_t hash_of(const char *s, size_t len)
{
    uint64_t h = mix(len, head_of(s, len));

    for (size_t i = 8; i < len; i += 8)
        h = mix(h, head_of(s + i, len - i));
    return (size_t)(h ^ h >> 15);
}

static struct entry *find(const struct cc_bpe *bpe, const char *s, size_t len, size_t hash)
{
    uint64_t head = head_of(s, len);

    for (size_t i = hash & (bpe->slots - 1);; i = (i + 1) & (bpe->slots - 1)) {
        struct entry *e = &bpe->entry[i];

        if (!e->len || (e->head == head && e->len == len &&
                        (len <= 8 || !memcmp(bpe->pool + e->at + 8, s + 8, len - 8))))
            return e;
    }
}

static void grow_table(struct cc_bpe *bpe)
{
    struct entry *old = bpe->entry;
    size_t slots = bpe->slots;

    bpe->slots *= 2;
    bpe->entry = must(calloc(bpe->slots, sizeof *bpe->entry));
    for (size_t i = 0; i < slots; i++)
        if (old[i].len) {
            const char *token = bpe->pool + old[i].at;

            *find(bpe, token, old[i].len, hash_of(token, old[i].len)) = old[i];
        }
    free(old);
}

/* The bits that do not choose the slot. */
static size_t seen_bit(size_t hash)
{
    return (hash >> 40) & (SEEN_BITS - 1);
}

void cc_bpe_add(struct cc_bpe *bpe, const char *token, size_t len, int rank)
{
    size_t hash = hash_of(token, len);
    struct entry *e;

    assert(len && len <= CC_BPE_TOKEN_MAX && rank >= 0 && rank <= CC_BPE_RANK_MAX);
    if (2 * (bpe->n + 1) > bpe->slots)
        grow_table(bpe);
    e = find(bpe, token, len, hash);
    if (e->len)
        return;
    if (bpe->pool_len + len > bpe->pool_room) {
        bpe->pool_room = 2 * bpe->pool_room + 4096 + len;
        bpe->pool = must(realloc(bpe->pool, bpe->pool_room));
    }
    memcpy(bpe->pool + bpe->pool_len, token, len);
    *e = (struct entry){.head = head_of(token, len),
                        .at = (uint32_t)bpe->pool_len,
                        .len = (unsigned)len & 0x7ff,
                        .rank = (unsigned)rank & CC_BPE_RANK_MAX};
    bpe->seen[seen_bit(hash) / 64] |= 1ULL << seen_bit(hash) % 64;
    bpe->pool_len += len;
    bpe->n++;
}

static int rank_of(const struct cc_bpe *bpe, const char *s, size_t len)
{
    const struct entry *e;
    size_t hash;

    if (len > CC_BPE_TOKEN_MAX)
        return -1;
    hash = hash_of(s, len);
    if (!(bpe->seen[seen_bit(hash) / 64] >> seen_bit(hash) % 64 & 1))
        return -1;
    e = find(bpe, s, len, hash);
    return e->len ? (int)e->rank : -1;
}

/*
 * Tokens under way are a list of where they begin.  The heap holds candidate merges by (rank,
 * beginning); one whose rank is no longer what `pair` says is stale and skipped.
 */
struct merge {
    const struct cc_bpe *bpe;
    const char *s;
    uint32_t len, heap_n;
    uint32_t *next, *before; /* NONE at the ends; next[i] == len for the last */
    int *pair;               /* rank of merging i with its successor; -1: none */
    uint64_t *heap;
};

static void push(struct merge *m, uint32_t at)
{
    uint64_t key = (uint64_t)(uint32_t)m->pair[at] << 32 | at;
    uint32_t i = m->heap_n++;

    for (; i && m->heap[(i - 1) / 2] > key; i = (i - 1) / 2)
        m->heap[i] = m->heap[(i - 1) / 2];
    m->heap[i] = key;
}

static uint64_t pop(struct merge *m)
{
    uint64_t top = m->heap[0], last = m->heap[--m->heap_n];
    uint32_t i = 0, child;

    while ((child = 2 * i + 1) < m->heap_n) {
        if (child + 1 < m->heap_n && m->heap[child + 1] < m->heap[child])
            child++;
        if (m->heap[child] >= last)
            break;
        m->heap[i] = m->heap[child];
        i = child;
    }
    m->heap[i] = last;
    return top;
}

static void rate_pair(struct merge *m, uint32_t at)
{
    uint32_t second = m->next[at];

    m->pair[at] = second == m->len ? -1 : rank_of(m->bpe, m->s + at, m->next[second] - at);
    if (m->pair[at] >= 0)
        push(m, at);
}

static void merge_pair(struct merge *m, uint32_t at)
{
    uint32_t gone = m->next[at];

    m->next[at] = m->next[gone];
    if (m->next[at] != m->len)
        m->before[m->next[at]] = at;
    m->pair[gone] = -1;
    rate_pair(m, at);
    if (m->before[at] != NONE)
        rate_pair(m, m->before[at]);
}

static void merge_all(struct merge *m)
{
    for (uint32_t i = 0; i < m->len; i++) {
        m->next[i] = i + 1;
        m->before[i] = i ? i - 1 : NONE;
    }
    for (uint32_t i = 0; i < m->len; i++)
        rate_pair(m, i);
    while (m->heap_n) {
        uint64_t top = pop(m);
        uint32_t at = (uint32_t)top;

        if (m->pair[at] == (int)(top >> 32))
            merge_pair(m, at);
    }
}

static size_t collect(const struct merge *m, int *ids, size_t max)
{
    size_t n = 0;

    for (uint32_t at = 0; at < m->len; at = m->next[at], n++)
        if (n < max)
            ids[n] = rank_of(m->bpe, m->s + at, m->next[at] - at);
    return n;
}

/* Most pieces are short words: their lists lie on the stack. */
#define SHORT 64

size_t cc_bpe_encode(const struct cc_bpe *bpe, const char *piece, size_t len, int *ids, size_t max)
{
    uint32_t next[SHORT], before[SHORT];
    int pair[SHORT], whole = rank_of(bpe, piece, len);
    uint64_t heap[3 * SHORT];
    struct merge m = {bpe, piece, (uint32_t)len, 0, next, before, pair, heap};
    size_t n;
    bool is_long = len > SHORT;

    assert(len < NONE / 4);
    if (whole >= 0) {
        if (max)
            ids[0] = whole;
        return 1;
    }
    if (is_long) { /* each of at most len merges pushes two, on top of len at first */
        m.next = must(malloc(len * sizeof *next));
        m.before = must(malloc(len * sizeof *before));
        m.pair = must(malloc(len * sizeof *pair));
        m.heap = must(malloc(3 * len * sizeof *heap));
    }
    merge_all(&m);
    n = collect(&m, ids, max);
    if (is_long) {
        free(m.next);
        free(m.before);
        free(m.pair);
        free(m.heap);
    }
    return n;
}

#include "gateway/pure/memo.h"

#include <stdlib.h>
#include <string.h>

#include "proto/base/hash.h"

struct place {
    struct cc_arena *mem; /* key and value; NULL: empty */
    const char *key;
    const void *value;
    int64_t until_ms;
};
struct cc_memo {
    size_t places;
    struct place at[];
};

struct cc_memo *cc_memo_new(size_t places)
{
    struct cc_memo *memo = calloc(1, sizeof *memo + places * sizeof(struct place));

    if (!memo)
        abort();
    memo->places = places;
    return memo;
}

static void empty(struct place *place)
{
    cc_arena_free(&place->mem);
    *place = (struct place){0};
}

void cc_memo_clear(struct cc_memo *memo)
{
    for (size_t i = 0; i < memo->places; i++)
        empty(&memo->at[i]);
}

void cc_memo_free(struct cc_memo **memo)
{
    if (!*memo)
        return;
    cc_memo_clear(*memo);
    free(*memo);
    *memo = NULL;
}

static size_t index_of(const struct cc_memo *memo, const char *key)
{
    return cc_crc32(key, strlen(key)) % memo->places;
}

const void *cc_memo_get(const struct cc_memo *memo, const char *key, int64_t now_ms)
{
    const struct place *place = &memo->at[index_of(memo, key)];

    if (!place->mem || now_ms >= place->until_ms || strcmp(place->key, key) != 0)
        return NULL;
    return place->value;
}

void cc_memo_put(struct cc_memo *memo, const char *key, const void *value, struct cc_arena *mem,
                 int64_t until_ms)
{
    struct place *place = &memo->at[index_of(memo, key)];

    empty(place);
    *place = (struct place){mem, cc_arena_dup(mem, key), value, until_ms};
}

void cc_memo_drop(struct cc_memo *memo, const char *key)
{
    struct place *place = &memo->at[index_of(memo, key)];

    if (place->mem && strcmp(place->key, key) == 0)
        empty(place);
}

/* A visitor's proof as a word of a WebSocket's subprotocols: it is a token as it stands, or three
 * parts of which the first gives its id back; nobody is let in by what he made up. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "gateway/pure/identity.h"
#include "proto/base/error.h"

#define SECRET "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a"
#define NOW    1790000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Four characters for three bytes, and none that is not needed. */
static void encode(const char *text, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0, held = 0;

    for (; *text; text++) {
        bits = bits << 8 | (unsigned char)*text;
        for (held += 8; held >= 6; held -= 6)
            *out++ = digits[bits >> (held - 6) & 63];
    }
    if (held > 0)
        *out++ = digits[bits << (6 - held) & 63];
    *out = '\0';
}

static void check_parts(const char *word, const struct cc_proof *proof, struct cc_arena *mem)
{
    char *id = cc_arena_get(mem, strlen(proof->id) * 2 + 2);

    encode(proof->id, id);
    assert(strcmp(cc_arena_printf(mem, "%s.%s.%s", id, proof->exp, proof->hash), word) == 0);
    assert(*proof->exp && strspn(proof->exp, "0123456789") == strlen(proof->exp));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new((size_t)8 << 20);
    const char *word = cc_arena_dupn(mem, (const char *)data, size);
    struct cc_proof proof;
    struct cc_identity who;
    int rc = cc_proof_word(word, mem, &proof);

    assert(rc == 0 || rc == CC_E_AUTH);
    if (rc == 0) {
        assert(!proof.token == (proof.id != NULL));
        if (proof.id)
            check_parts(word, &proof, mem);
        else
            assert(strcmp(proof.token, word) == 0);
        assert(cc_proof_check(&proof, SECRET, NOW, mem, &who) == CC_E_AUTH);
    }
    cc_arena_free(&mem);
    return 0;
}

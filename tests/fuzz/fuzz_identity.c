/* A visitor's proof: four lines (token, id, exp, hash; empty: absent).  Nobody is let in by what he
 * made up, whoever is signed is let in exactly as he is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/identity.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define SECRET "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a"
#define NOW    1790000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *line(char **at)
{
    char *text = *at, *end = strchr(text, '\n');

    *at = end ? end + 1 : text + strlen(text);
    if (end)
        *end = '\0';
    return *text ? text : NULL;
}

static void sign(const struct cc_proof *made_up, struct cc_arena *mem)
{
    char hash[CC_HMAC_HEX];
    struct cc_proof proof = {.id = made_up->id, .exp = "1790000600", .hash = hash};
    struct cc_identity who;

    cc_hmac_hex((struct cc_secret){SECRET, strlen(SECRET)},
                cc_arena_printf(mem, "%s.%s", proof.id, proof.exp), hash);
    if (cc_proof_check(&proof, SECRET, NOW, mem, &who) != 0)
        return; /* it is no id */
    if (strcmp(who.external, made_up->id) != 0 ||
        !cc_utf8_valid(who.external, strlen(who.external)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new((size_t)8 << 20);
    char *at = cc_arena_dupn(mem, (const char *)data, size), visitor[CC_ID_MAX];
    struct cc_proof proof;
    struct cc_identity who;

    proof.token = line(&at);
    proof.id = line(&at);
    proof.exp = line(&at);
    proof.hash = line(&at);
    if (cc_proof_check(&proof, SECRET, NOW, mem, &who) == 0)
        abort();
    if (proof.id) {
        sign(&proof, mem);
        cc_visitor_id("ten_1", proof.id, visitor);
    }
    cc_arena_free(&mem);
    return 0;
}

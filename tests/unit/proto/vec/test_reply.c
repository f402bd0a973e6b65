#include <criterion/criterion.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/vec/embed.h"
#include "proto/vec/reply.h"

static struct cc_arena *mem;

static void open_arena(void)
{
    mem = cc_arena_new((size_t)8 << 20);
}

static void close_arena(void)
{
    cc_arena_free(&mem);
}

TestSuite(embed_reply, .init = open_arena, .fini = close_arena);

static int read_reply(const char *body, size_t n, struct cc_embed_reply *ret)
{
    return cc_embed_reply_read(body, strlen(body), n, mem, ret);
}

/* AACAPwAAAMA= is 1, -2; AABAQAAAgD4= is 3, 0.25 */
Test(embed_reply, is_read_in_every_form_a_service_uses)
{
    static const char *const body[] = {
        "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":"
        "\"AACAPwAAAMA=\"},{\"object\":\"embedding\",\"index\":1,\"embedding\":\"AABAQAAAgD4=\"}],"
        "\"model\":\"m\",\"usage\":{\"prompt_tokens\":3,\"total_tokens\":3}}",
        "{\"data\":[{\"embedding\":\"AABAQAAAgD4=\",\"index\":1},{\"embedding\":"
        "\"AACAPwAAAMA=\",\"index\":0}]}",
        "{ \"data\" : [ { \"embedding\" : [ 1.0 , -2e0 ] , \"index\" : 0 } ,\n"
        "{ \"embedding\" : [3, 2.5E-1], \"index\" : 1 } ] }",
        "{\"data\":[{\"embedding\":[1,-2]},{\"embedding\":[0.3e+1,0.25000000000000000000000]}]}",
        "{\"model\":\"nomic\",\"embeddings\":[[1,-2.0],[3,0.25]],\"total_duration\":14143917,"
        "\"load_duration\":1019500,\"prompt_eval_count\":8}",
        /* what the scan does not follow: escapes, objects within an item */
        "{\"model\":\"a\\/b\",\"data\":[{\"embedding\":\"AACAPwAAAMA=\",\"index\":0},"
        "{\"embedding\":\"AABAQAAAgD4=\",\"index\":1}]}",
        "{\"data\":[{\"embedding\":[1,-2],\"meta\":{\"a\":1},\"index\":0},"
        "{\"embedding\":[3,0.25],\"meta\":{},\"index\":1}]}",
        "{\"model\":\"a\\nb\",\"embeddings\":[[1,-2],[3,0.25]]}",
    };
    static const float want[] = {1, -2, 3, 0.25f};

    for (size_t i = 0; i < sizeof body / sizeof *body; i++) {
        struct cc_embed_reply reply;

        cr_assert_eq(read_reply(body[i], 2, &reply), 0, "body %zu: %s", i, cc_fail_text());
        cr_assert_eq(reply.dim, 2, "body %zu", i);
        for (size_t k = 0; k < 4; k++)
            cr_expect_eq(reply.v[k], want[k], "body %zu: number %zu is %f", i, k,
                         (double)reply.v[k]);
    }
}

Test(embed_reply, that_is_not_what_was_asked_for_is_refused)
{
    static const char *const body[] = {
        "",
        "{}",
        "null",
        "[",
        "{\"data\":[]}",
        "{\"embeddings\":[]}",
        "{\"embeddings\":[[1,2]]}",             /* one too few */
        "{\"embeddings\":[[1,2],[1,2],[1,2]]}", /* one too many */
        "{\"embeddings\":[[1,2],[1,2,3]]}",     /* two dimensions */
        "{\"embeddings\":[[],[]]}",             /* none */
        "{\"embeddings\":[[1,null],[1,2]]}",    /* no numbers */
        "{\"embeddings\":[[1e999,0],[1,2]]}",   /* not finite */
        "{\"embeddings\":[[1e60,0],[1,2]]}",    /* not in a float */
        "{\"embeddings\":[[1,2],[1,2]",         /* cut off */
        "{\"data\":[{\"embedding\":[1],\"index\":0},{\"embedding\":[1],\"index\":0}]}",
        "{\"data\":[{\"embedding\":[1],\"index\":0},{\"embedding\":[1],\"index\":2}]}",
        "{\"data\":[{\"embedding\":[1],\"index\":-1},{\"embedding\":[1],\"index\":1}]}",
        "{\"data\":[{\"embedding\":\"AACAPw\",\"index\":0},{\"embedding\":\"AACA\",\"index\":1}]}",
        "{\"data\":[{\"embedding\":\"AAC*\",\"index\":0},{\"embedding\":\"AAC*\",\"index\":1}]}",
        ("{\"data\":[{\"embedding\":\"AADAfw==\",\"index\":0},{\"embedding\":\"AADAfw==\","
         "\"index\":1}]}"), /* NaN */
        "{\"error\":{\"message\":\"no\"}}",
    };

    for (size_t i = 0; i < sizeof body / sizeof *body; i++) {
        struct cc_embed_reply reply;

        cr_expect_eq(read_reply(body[i], 2, &reply), CC_E_UPSTREAM, "body %zu", i);
    }
}

Test(embed_reply, of_more_numbers_than_the_cap_is_refused)
{
    char *body = cc_arena_get(mem, 2 * (CC_EMBED_DIM_MAX + 1) + 32);
    size_t at = strlen("{\"embeddings\":[[");
    struct cc_embed_reply reply;

    memcpy(body, "{\"embeddings\":[[", at);
    for (size_t i = 0; i <= CC_EMBED_DIM_MAX; i++) {
        body[at++] = '1';
        body[at++] = ',';
    }
    memcpy(body + at - 1, "]]}", 3);

    cr_expect_eq(read_reply(body, 1, &reply), CC_E_UPSTREAM);
}

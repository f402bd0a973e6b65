/* Settings that owners write: what is taken keeps within its bounds.  And texts in any bytes have
 * one of the languages there are, or none. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/vec/language.h"
#include "proto/vec/question.h"
#include "proto/vec/tuning.h"

static void check_tuning(const struct cc_tuning *t)
{
    if (!(t->by_words >= -1 && t->by_words <= 100) ||
        !(t->by_meaning >= -1 && t->by_meaning <= 100) ||
        !(t->pin_threshold >= 0 && t->pin_threshold <= 2))
        abort();
    for (int i = 0; i < t->filter.tags_n; i++)
        if (!*t->filter.tags[i] || strlen(t->filter.tags[i]) > 200)
            abort();
}

static void check_language(const char *language)
{
    const char *each;
    int n = 0;

    while (*language && (each = cc_language_at(n++)))
        if (strcmp(each, language) == 0)
            return;
    if (*language)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new((size_t)64 << 20);
    char *text = cc_arena_dupn(mem, (const char *)data, size < 65536 ? size : 65536);
    struct cc_chunking chunking = CC_CHUNKING;
    struct cc_tuning tuning;
    const char *normal;

    if (cc_tuning_read(text, mem, &tuning) == 0)
        check_tuning(&tuning);
    if (cc_chunking_read(text, &chunking) == 0 &&
        (chunking.tokens < 32 || chunking.tokens > 2000 || 2 * chunking.overlap >= chunking.tokens))
        abort();
    check_language(cc_language_of(text, strlen(text)));
    if (cc_question_normal(text, mem, &normal) == 0 && strchr(normal, '\n'))
        abort();
    cc_arena_free(&mem);
    return 0;
}

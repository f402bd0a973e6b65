/* Settings of an owner, as they lie in the database, and a Host header: whatever they are, the
 * policy has its own directives, each once, and sources that are origins or keywords. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/origin.h"
#include "gateway/pure/page_policy.h"
#include "proto/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"default-src",    "script-src",  "style-src",
                                    "base-uri",       "form-action", "require-trusted-types-for",
                                    "trusted-types",  "connect-src", "img-src",
                                    "frame-ancestors"};
static const char *const words[] = {"'none'", "'self'", "'script'", "data:", "*"};

static int is_word(const char *source)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], source) == 0)
            return 1;
    return 0;
}

static void check_source(const char *source)
{
    char again[CC_ORIGIN_MAX];
    int socket = cc_text_starts(source, "ws://") || cc_text_starts(source, "wss://");

    if (is_word(source))
        return;
    if (socket) {
        if (strspn(source, "abcdefghijklmnopqrstuvwxyz0123456789.:/-") != strlen(source))
            abort();
    } else if (!cc_origin_pattern(source, again) || strcmp(again, source) != 0) {
        abort();
    }
}

static void check_policy(char *policy)
{
    char *rest = policy, *part;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *word;

        part = strsep(&rest, ";");
        if (!part)
            abort();
        part += *part == ' ';
        word = strsep(&part, " ");
        if (strcmp(word, names[i]) != 0)
            abort();
        while ((word = strsep(&part, " ")))
            check_source(word);
    }
    if (rest)
        abort();
}

/* origins, widget, host and public URL, a NUL between each. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cc_arena *mem = cc_arena_new((size_t)64 << 20);
    const char *at = cc_arena_dupn(mem, (const char *)data, size < 65536 ? size : 65536), *part[4];
    const char *end = at + (size < 65536 ? size : 65536);
    struct cc_page_policy of;

    for (size_t i = 0; i < 4; i++) {
        part[i] = at;
        at += at < end ? strlen(at) + (at + strlen(at) < end) : 0;
    }
    of = (struct cc_page_policy){part[0], part[1], part[3], part[2]};
    check_policy((char *)(uintptr_t)cc_page_policy_print(&of, mem));
    cc_arena_free(&mem);
    return 0;
}

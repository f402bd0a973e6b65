#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pure/route.h"

static int handler(struct cc_rq *rq)
{
    return rq == NULL;
}

static const struct cc_route rows[] = {
    {CC_GET, "/health", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, handler, "health"},
    {CC_GET, "/", CC_DOOR_OPEN, CC_RIGHT_NONE, CC_COUNT_NONE, 0, handler, "root"},
    {CC_POST, "/chat/message", CC_DOOR_VISITOR, CC_RIGHT_NONE, CC_COUNT_CHAT, 10, handler,
     "message"},
    {CC_POST, "/chat/{botId}", CC_DOOR_VISITOR, CC_RIGHT_NONE, CC_COUNT_CHAT, 10, handler, "bot"},
    {CC_GET | CC_DELETE, "/chat/{botId}/session/{sessionId}", CC_DOOR_VISITOR, CC_RIGHT_NONE,
     CC_COUNT_NONE, 0, handler, "session"},
};

static const char *find(unsigned method, const char *path, struct cc_match *match)
{
    const struct cc_route *row =
        cc_route_find(rows, sizeof rows / sizeof rows[0], method, path, match);

    return row ? row->name : "none";
}

Test(route, is_found_by_method_and_path)
{
    static const struct {
        unsigned method;
        const char *path, *name;
        unsigned known;
    } table[] = {
        {CC_GET, "/health", "health", CC_GET},
        {CC_HEAD, "/health", "health", CC_GET},
        {CC_POST, "/health", "none", CC_GET},
        {CC_GET, "/", "root", CC_GET},
        {CC_GET, "", "none", 0},
        {CC_GET, "/health/", "none", 0},
        {CC_GET, "//health", "none", 0},
        {CC_GET, "/healthy", "none", 0},
        {CC_GET, "/heal", "none", 0},
        {CC_GET, "health", "none", 0},
        {CC_POST, "/chat/message", "message", CC_POST},
        {CC_POST, "/chat/messages", "bot", CC_POST},
        {CC_POST, "/chat/bot_1", "bot", CC_POST},
        {CC_POST, "/chat/", "none", 0},
        {CC_POST, "/chat/a/b", "none", 0},
        {CC_GET, "/chat/a/session/b", "session", CC_GET | CC_DELETE},
        {CC_PUT, "/chat/a/session/b", "none", CC_GET | CC_DELETE},
        {CC_DELETE, "/chat//session/b", "none", 0},
        {CC_OPTIONS, "/chat/a/session/b", "none", CC_GET | CC_DELETE},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct cc_match match;
        const char *name = find(table[i].method, table[i].path, &match);

        cr_expect_str_eq(name, table[i].name, "%s: %s", table[i].path, name);
        if (strcmp(name, "none") == 0)
            cr_expect_eq(match.methods, table[i].known, "%s: methods %u", table[i].path,
                         match.methods);
    }
}

Test(route, gives_the_segments_that_names_stand_for)
{
    struct cc_match match;

    find(CC_DELETE, "/chat/bot_1/session/ses%201", &match);

    cr_assert_eq(match.params.n, 2);
    cr_expect_eq(strncmp(match.params.at[0].name, "botId", match.params.at[0].name_len), 0);
    cr_expect_eq(strncmp(match.params.at[0].value, "bot_1", match.params.at[0].len), 0);
    cr_expect_eq(match.params.at[1].len, 7);
    cr_expect_eq(strncmp(match.params.at[1].value, "ses%201", 7), 0);
}

Test(route, forgets_the_segments_of_rows_that_did_not_fit)
{
    struct cc_match match;

    find(CC_POST, "/chat/message", &match);

    cr_expect_eq(match.params.n, 0);
}

Test(methods, are_printed_with_those_that_come_by_themselves)
{
    char text[64];

    cr_expect_str_eq(cc_methods_print(CC_GET | CC_DELETE, text), "GET, HEAD, DELETE, OPTIONS");
    cr_expect_str_eq(cc_methods_print(CC_POST, text), "POST, OPTIONS");
}

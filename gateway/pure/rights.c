#include "gateway/pure/rights.h"

#include <stddef.h>
#include <string.h>

#define VIEWER (CC_RIGHT_READ)
#define AGENT  (VIEWER | CC_RIGHT_CONVERSE)
#define EDITOR (AGENT | CC_RIGHT_EDIT)
#define ADMIN  (EDITOR | CC_RIGHT_MANAGE)
#define OWNER  (ADMIN | CC_RIGHT_OWN)

static const struct {
    const char *role;
    unsigned rights;
} roles[] = {
    {"owner", OWNER}, {"admin", ADMIN}, {"editor", EDITOR}, {"agent", AGENT}, {"viewer", VIEWER}};

static const char *const words[] = {
#define X(name, word) [CC_RB_##name] = word,
    CC_RIGHTS(X)
#undef X
};

unsigned cc_rights_of_role(const char *role)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(roles[i].role, role) == 0)
            return roles[i].rights;
    return 0;
}

bool cc_rights_may_give(unsigned rights, const char *role)
{
    unsigned given = cc_rights_of_role(role);

    return given && (rights & CC_RIGHT_MANAGE) && (given & ~rights) == 0;
}

unsigned cc_right_of_word(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], word) == 0)
            return 1u << i;
    return 0;
}

const char *cc_right_word(unsigned right)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (right == 1u << i)
            return words[i];
    return "";
}

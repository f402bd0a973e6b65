/* Which conversations are asked for, and where a list of them goes on. */
#include <string.h>

#include "gateway/conversations.h"
#include "gateway/gateway.h"
#include "gateway/input.h"
#include "gateway/pure/ask.h"
#include "gateway/pure/when.h"
#include "proto/base/clock.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/text.h"

#define QUERY_MAX  200 /* characters */
#define LABEL_MAX  50
#define RANGE_DAYS 90
#define END_MS     INT64_C(253402300800000) /* the year 10000 */

static const char *asked(struct cc_rq *rq, const char *name)
{
    const char *value = cc_rq_query(rq, name);

    return value ? value : "";
}

/* ---- filters ---- */

/* Words between blanks, in an array of rq->mem. */
static int split_words(struct cc_rq *rq, const char *text, struct cc_conversation_filter *f)
{
    const char **words = cc_arena_array(rq->mem, CC_CONVERSATION_WORDS, sizeof *words);
    size_t len;

    f->words = words;
    for (text += strspn(text, " \t\r\n"); *text; text += strspn(text, " \t\r\n")) {
        if (f->words_n == CC_CONVERSATION_WORDS)
            return cc_fail(CC_E_INVALID, "q: at most %d words", CC_CONVERSATION_WORDS);
        len = strcspn(text, " \t\r\n");
        words[f->words_n++] = cc_arena_dupn(rq->mem, text, len);
        text += len;
    }
    return 0;
}

static int read_words(struct cc_rq *rq, struct cc_conversation_filter *f)
{
    const struct cc_form_field field = {.max = QUERY_MAX};
    const char *q = asked(rq, "q");
    int rc = cc_form_text("q", q, strlen(q), &field, rq->mem, &q);

    return rc ? rc : split_words(rq, q, f);
}

static int read_label(struct cc_rq *rq, struct cc_conversation_filter *f)
{
    const struct cc_form_field field = {.max = LABEL_MAX};
    const char *label = asked(rq, "label");

    return cc_form_text("label", label, strlen(label), &field, rq->mem, &f->label);
}

/* One of the words up to a NULL, or none. */
static int read_choice(struct cc_rq *rq, const char *name, const char *const *words,
                       const char **ret)
{
    const char *value = asked(rq, name);
    int at = 0;

    while (*value && words[at] && strcmp(value, words[at]) != 0)
        at++;
    if (*value && !words[at])
        return cc_fail(CC_E_INVALID, "%s: wants one of its words, such as \"%s\"", name, words[0]);
    *ret = value;
    return 0;
}

static int read_choices(struct cc_rq *rq, struct cc_conversation_filter *f)
{
    static const char *const statuses[] = {"open", "closed", NULL},
                             *const ratings[] = {"up", "down", NULL},
                             *const wishes[] = {"waiting", "joined", "ended", NULL},
                             *const switches[] = {"true", "false", NULL};
    const char *flagged = "";
    int rc = read_choice(rq, "status", statuses, &f->status);

    if (rc == 0)
        rc = read_choice(rq, "rating", ratings, &f->rating);
    if (rc == 0)
        rc = read_choice(rq, "handoff", wishes, &f->handoff);
    if (rc == 0)
        rc = read_choice(rq, "flagged", switches, &flagged);
    f->flagged = *flagged ? strcmp(flagged, "true") == 0 : -1;
    return rc;
}

static int read_range(struct cc_rq *rq, struct cc_conversation_filter *f)
{
    const char *from = asked(rq, "from"), *until = asked(rq, "to");
    int64_t from_ms, until_ms = END_MS, now = cc_unix_ms();
    int rc = *until ? cc_when_read("to", until, CC_WHEN_UNTIL, &until_ms) : 0;

    from_ms = (until_ms < now ? until_ms : now) - RANGE_DAYS * CC_DAY_MS;
    if (rc == 0 && *from)
        rc = cc_when_read("from", from, CC_WHEN_FROM, &from_ms);
    if (rc == 0 && until_ms < from_ms)
        rc = cc_fail(CC_E_INVALID, "to: is before from");
    f->from_us = from_ms * 1000;
    f->until_us = until_ms * 1000;
    return rc;
}

static int read_visitor(struct cc_rq *rq, struct cc_conversation_filter *f)
{
    f->visitor = asked(rq, "visitorId");
    if (*f->visitor && !cc_id_valid(f->visitor, "vis"))
        return cc_fail(CC_E_INVALID, "visitorId: wants an id such as vis_...");
    return 0;
}

int cc_conversations_bot(struct cc_rq *rq, const char **ret)
{
    const char *bot = asked(rq, "botId"), *own = rq->guest.bound ? rq->guest.bot.id : "";
    bool foreign = *own && *bot && strcmp(own, bot) != 0;

    if (*bot && (foreign || !cc_id_valid(bot, "bot")))
        return cc_fail(CC_E_NOTFOUND, "there is no such bot");
    *ret = *bot ? bot : own;
    return *bot ? cc_conversation_knows_bot(cc_gateway()->pg, rq->guest.tenant, bot) : 0;
}

int cc_conversations_filter(struct cc_rq *rq, struct cc_conversation_filter *ret)
{
    static int (*const read[])(struct cc_rq * rq, struct cc_conversation_filter * f) = {
        read_words, read_label, read_choices, read_range, read_visitor};
    struct cc_conversation_filter f = {.flagged = -1};
    int rc = 0;

    for (size_t i = 0; i < sizeof read / sizeof *read && rc == 0; i++)
        rc = read[i](rq, &f);
    if (rc == 0)
        rc = cc_conversations_bot(rq, &f.bot);
    if (rc == 0)
        *ret = f;
    return rc;
}

/* ---- cursors: where, a check of whose list it is, and which conversation ---- */

#define AT_DIGITS    16
#define CHECK_DIGITS 16

static const char *check_of(struct cc_rq *rq, const struct cc_conversation_place *place)
{
    static const char *const names[] = {"q",      "botId",   "visitorId", "from",   "to",
                                        "status", "flagged", "label",     "rating", "handoff"};
    struct cc_sha256 *sum = cc_sha256_new();
    char *hex = cc_arena_get(rq->mem, CC_SHA256_HEX);

    cc_sha256_add(sum, rq->guest.tenant, strlen(rq->guest.tenant) + 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = asked(rq, names[i]);

        cc_sha256_add(sum, value, strlen(value) + 1);
    }
    cc_sha256_add(sum, &place->at_us, sizeof place->at_us);
    cc_sha256_add(sum, place->id, strlen(place->id));
    cc_sha256_end(&sum, hex);
    hex[CHECK_DIGITS] = '\0';
    return hex;
}

const char *cc_conversations_next(struct cc_rq *rq, const struct cc_conversation_place *place)
{
    return cc_arena_printf(rq->mem, "%0*llx%s%s", AT_DIGITS, (long long)place->at_us,
                           check_of(rq, place), place->id);
}

/* -1: these are no such digits. */
static int64_t read_hex(const char *text, int n)
{
    int64_t value = 0;

    for (int i = 0; i < n; i++) {
        const char *digit = text[i] ? strchr("0123456789abcdef", text[i]) : NULL;

        if (!digit || value > INT64_MAX >> 4)
            return -1;
        value = value << 4 | (digit - "0123456789abcdef");
    }
    return value;
}

int cc_conversations_cursor(struct cc_rq *rq, struct cc_conversation_place *ret)
{
    const char *cursor = asked(rq, "cursor");
    struct cc_conversation_place place = {0, ""};
    size_t head = AT_DIGITS + CHECK_DIGITS;
    bool good = !*cursor;

    if (strlen(cursor) > head) {
        place.at_us = read_hex(cursor, AT_DIGITS);
        place.id = cursor + head;
        good = place.at_us > 0 && place.at_us < END_MS * 1000 && cc_session_valid(place.id) &&
               strncmp(cursor + AT_DIGITS, check_of(rq, &place), CHECK_DIGITS) == 0;
    }
    if (!good)
        return cc_fail(CC_E_INVALID, "cursor: the nextCursor of a page with the same filters");
    *ret = place;
    return 0;
}

#include "proto/store/prices.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define MILLION 1000000
#define PLACES  6
#define ROW_MAX 256 /* bytes */

/* ---- reading ---- */

/* "0.14": digits with at most six places behind a point. */
static bool read_amount(const char *text, int64_t *ret)
{
    const char *point = strchr(text, '.');
    size_t whole = point ? (size_t)(point - text) : strlen(text);
    size_t places = point ? strlen(point + 1) : 0;
    char digits[32] = "0";
    int64_t n;

    if (whole + places == 0 || whole > 5 || places > PLACES || (point && places == 0))
        return false;
    snprintf(digits + 1, sizeof digits - 1, "%.*s%s%.*s", (int)whole, text, point ? point + 1 : "",
             (int)(PLACES - places), "000000");
    if (strspn(digits, "0123456789") != strlen(digits) ||
        !cc_text_int(digits, 0, (int64_t)CC_PRICE_MAX * MILLION, &n))
        return false;
    *ret = n;
    return true;
}

/* Cuts text at the mark; NULL when there is none. */
static char *cut(char *text, char mark)
{
    char *at = text ? strchr(text, mark) : NULL;

    if (!at)
        return NULL;
    *at = '\0';
    return at + 1;
}

static bool read_price(char *text, struct cc_price *ret)
{
    char *cached = cut(text, '/'), *output = cut(cached, '/');

    return output && read_amount(text, &ret->input) && read_amount(cached, &ret->cached) &&
           read_amount(output, &ret->output);
}

static bool is_there(const struct cc_prices *prices, const char *model)
{
    for (int i = 0; i < prices->n; i++)
        if (strcmp(prices->row[i].model, model) == 0)
            return true;
    return false;
}

static int read_row(const char *text, size_t len, struct cc_prices *ret)
{
    char row[ROW_MAX], *price;
    size_t name;

    if (len >= sizeof row || ret->n == CC_PRICES_MAX)
        return cc_fail(CC_E_INVALID, "CC_PRICES: at most %d rows of %d bytes", CC_PRICES_MAX,
                       ROW_MAX - 1);
    snprintf(row, sizeof row, "%.*s", (int)len, text);
    price = cut(row, '=');
    name = strlen(row);
    if (!price || name == 0 || name >= CC_MODEL_NAME || strchr(row, ' ') || is_there(ret, row) ||
        !read_price(price, &ret->row[ret->n].price))
        return cc_fail(CC_E_INVALID,
                       "CC_PRICES: \"%.*s\" is not MODEL=INPUT/CACHED/OUTPUT, each 0 to %d with at "
                       "most 6 places, one row per model",
                       (int)(len > 80 ? 80 : len), text, CC_PRICE_MAX);
    memcpy(ret->row[ret->n++].model, row, name + 1);
    return 0;
}

int cc_prices_read(const char *text, struct cc_prices *ret)
{
    ret->n = 0;
    while (*text) {
        size_t len = strcspn(text, ",");
        int rc = read_row(text, len, ret);

        if (rc != 0)
            return rc;
        text += len;
        if (*text == ',' && !*++text)
            return cc_fail(CC_E_INVALID, "CC_PRICES: nothing behind the last comma");
    }
    return 0;
}

/* ---- asking ---- */

struct cc_price cc_prices_find(const struct cc_prices *prices, const char *model)
{
    struct cc_price other = {0, 0, 0};

    for (int i = 0; i < prices->n; i++) {
        if (strcmp(prices->row[i].model, model) == 0)
            return prices->row[i].price;
        if (strcmp(prices->row[i].model, "*") == 0)
            other = prices->row[i].price;
    }
    return other;
}

static struct cc_prices own; /* of this process; set once, before anybody asks */

int cc_prices_open(void)
{
    return cc_prices_read(cc_cfg(CC_CFG_PRICES), &own);
}

struct cc_price cc_price_of(const char *model)
{
    return cc_prices_find(&own, model);
}

/* Counts come from outside. */
static int64_t sane(int64_t tokens, int64_t max)
{
    return tokens < 0 ? 0 : tokens > max ? max : tokens;
}

int64_t cc_price_cost(struct cc_price price, int64_t input, int64_t cached, int64_t output)
{
    int64_t in = sane(input, CC_TOKENS_MAX), hit = sane(cached, in);
    int64_t parts = (in - hit) * price.input + hit * price.cached +
                    sane(output, CC_TOKENS_MAX) * price.output; /* at most 2 * 10^18 */

    return (parts + MILLION - 1) / MILLION;
}

int64_t cc_price_bound(struct cc_price price, int64_t input, int64_t output)
{
    if (price.cached > price.input)
        price.input = price.cached;
    return cc_price_cost(price, input, 0, output);
}

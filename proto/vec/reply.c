#include "proto/vec/reply.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/text.h"
#include "proto/vec/embed.h"

/* Vectors as they are found; the first one's length is everybody's. */
struct sink {
    struct cc_arena *mem;
    float *v;
    bool *seen;
    size_t n, dim, found;
    float one[CC_EMBED_DIM_MAX]; /* the vector being read */
    size_t one_n;
};

static struct sink *sink_new(size_t n, struct cc_arena *mem)
{
    struct sink *s = cc_arena_get(mem, sizeof *s);

    s->mem = mem;
    s->n = n;
    s->seen = cc_arena_array(mem, n, sizeof *s->seen);
    return s;
}

static bool sink_number(struct sink *s, double number)
{
    float narrow = (float)number;

    if (s->one_n == CC_EMBED_DIM_MAX || !isfinite(narrow))
        return false;
    s->one[s->one_n++] = narrow;
    return true;
}

/* The vector that was read is number `index` of the answer. */
static bool sink_vector(struct sink *s, size_t index)
{
    size_t dim = s->one_n;

    s->one_n = 0;
    if (index >= s->n || s->seen[index] || dim == 0)
        return false;
    if (!s->v) {
        s->dim = dim;
        s->v = cc_arena_array(s->mem, s->n * dim, sizeof *s->v);
    }
    if (dim != s->dim)
        return false;
    memcpy(s->v + index * dim, s->one, dim * sizeof *s->v);
    s->seen[index] = true;
    s->found++;
    return true;
}

static bool sink_bits(struct sink *s, uint32_t bits)
{
    float number;

    memcpy(&number, &bits, sizeof number);
    return sink_number(s, (double)number);
}

/* Little-endian floats, four bytes each. */
static bool sink_base64(struct sink *s, const char *text, size_t len)
{
    uint32_t group = 0, word = 0;
    int bits = 0, bytes = 0;

    while (len > 0 && text[len - 1] == '=')
        len--;
    for (size_t i = 0; i < len; i++) {
        int value = cc_base64_digit(text[i]);

        if (value < 0)
            return false;
        group = group << 6 | (uint32_t)value;
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        word |= (group >> bits & 0xff) << (8 * bytes);
        if (++bytes == 4) {
            if (!sink_bits(s, word))
                return false;
            bytes = 0;
            word = 0;
        }
    }
    return bytes == 0;
}

/* ---- the scan ---- */

struct scan {
    const char *at, *end;
    struct sink *sink;
    size_t vectors; /* passed so far, for answers that do not number them */
};

static void skip_space(struct scan *s)
{
    while (s->at < s->end && strchr(" \t\r\n", *s->at) && *s->at)
        s->at++;
}

static bool take(struct scan *s, char c)
{
    skip_space(s);
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

/* The inside of a string without escapes; *s->at is behind its opening quote. */
static bool take_string(struct scan *s, const char **ret, size_t *ret_len)
{
    const char *quote = memchr(s->at, '"', (size_t)(s->end - s->at));

    if (!quote || memchr(s->at, '\\', (size_t)(quote - s->at)))
        return false;
    *ret = s->at;
    *ret_len = (size_t)(quote - s->at);
    s->at = quote + 1;
    return true;
}

static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define TENS_MAX 22

static bool is_digit(const struct scan *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

/* Digits into *mantissa; those beyond what it holds are dropped. Returns how many were dropped. */
static int take_digits(struct scan *s, uint64_t *mantissa)
{
    int dropped = 0;

    for (; is_digit(s); s->at++) {
        if (*mantissa < UINT64_MAX / 10 - 1)
            *mantissa = *mantissa * 10 + (uint64_t)(*s->at - '0');
        else
            dropped++;
    }
    return dropped;
}

static int take_exponent(struct scan *s)
{
    uint64_t exponent = 0;
    bool minus;

    if (s->at == s->end || (*s->at != 'e' && *s->at != 'E'))
        return 0;
    s->at++;
    minus = s->at < s->end && *s->at == '-';
    if (s->at < s->end && (*s->at == '-' || *s->at == '+'))
        s->at++;
    take_digits(s, &exponent);
    if (exponent > 400)
        exponent = 400;
    return minus ? -(int)exponent : (int)exponent;
}

static double scale(double number, int exponent)
{
    int size = exponent < 0 ? -exponent : exponent;

    if (size > TENS_MAX)
        return number * pow(10, exponent);
    return exponent < 0 ? number / tens[size] : number * tens[size];
}

/* A JSON number, rounded well enough for a float. */
static bool take_number(struct scan *s, double *ret)
{
    uint64_t mantissa = 0;
    bool minus = take(s, '-');
    int exponent;

    if (!is_digit(s))
        return false;
    exponent = take_digits(s, &mantissa);
    if (s->at < s->end && *s->at == '.') {
        const char *point = ++s->at;
        int dropped = take_digits(s, &mantissa);

        exponent -= (int)(s->at - point) - dropped;
    }
    exponent += take_exponent(s);
    *ret = scale((double)mantissa, exponent);
    if (minus)
        *ret = -*ret;
    return true;
}

/* [numbers], behind the bracket */
static bool take_numbers(struct scan *s)
{
    double number;

    do {
        if (!take_number(s, &number) || !sink_number(s->sink, number))
            return false;
    } while (take(s, ','));
    return take(s, ']');
}

/* "embeddings": [[..], [..]] */
static bool take_many(struct scan *s)
{
    if (!take(s, '['))
        return false;
    do {
        if (!take(s, '[') || !take_numbers(s) || !sink_vector(s->sink, s->vectors++))
            return false;
    } while (take(s, ','));
    return take(s, ']');
}

/* "embedding": "base64" or [numbers] */
static bool take_one(struct scan *s)
{
    const char *text;
    size_t len;

    if (take(s, '['))
        return take_numbers(s);
    return take(s, '"') && take_string(s, &text, &len) && sink_base64(s->sink, text, len);
}

static bool is_key(const char *text, size_t len, const char *key)
{
    return len == strlen(key) && memcmp(text, key, len) == 0;
}

/* An object of "data": its number and its vector come in either order. */
struct item {
    bool vector, numbered;
    double index;
};

static bool take_member(struct scan *s, struct item *item)
{
    const char *text;
    size_t len;

    if (!take_string(s, &text, &len))
        return false;
    if (!take(s, ':'))
        return true; /* a string as a value */
    if (is_key(text, len, "embeddings"))
        return take_many(s);
    if (is_key(text, len, "embedding"))
        return item->vector = take_one(s);
    if (is_key(text, len, "index"))
        return item->numbered = take_number(s, &item->index);
    return true;
}

static bool end_item(struct scan *s, struct item *item)
{
    struct item ended = *item;
    size_t at = s->vectors;

    *item = (struct item){0};
    if (!ended.vector)
        return true;
    s->vectors++;
    if (ended.numbered)
        at =
            ended.index >= 0 && ended.index < (double)s->sink->n ? (size_t)ended.index : s->sink->n;
    return sink_vector(s->sink, at);
}

/* Every string and brace is looked at, numbers and words of no interest are passed over. */
static bool scan_body(struct scan *s)
{
    struct item item = {0};

    while (s->at < s->end) {
        char c = *s->at++;

        if (c == '"' && !take_member(s, &item))
            return false;
        if (c == '{')
            item = (struct item){0};
        if (c == '}' && !end_item(s, &item))
            return false;
    }
    return s->sink->found == s->sink->n;
}

/* ---- the tree ---- */

static bool tree_vector(struct sink *s, const json_t *value, size_t index)
{
    size_t i;
    json_t *number;

    if (json_is_string(value))
        return sink_base64(s, json_string_value(value), json_string_length(value)) &&
               sink_vector(s, index);
    json_array_foreach(value, i, number)
    {
        if (!json_is_number(number) || !sink_number(s, json_number_value(number)))
            return false;
    }
    return sink_vector(s, index);
}

static bool tree_data(struct sink *s, const json_t *data)
{
    size_t i;
    json_t *item;

    json_array_foreach(data, i, item)
    {
        int64_t index = cc_json_int(item, "index", (int64_t)i);

        if (index < 0 || !tree_vector(s, json_object_get(item, "embedding"), (size_t)index))
            return false;
    }
    return s->found == s->n;
}

static bool tree_arrays(struct sink *s, const json_t *arrays)
{
    size_t i;
    json_t *array;

    json_array_foreach(arrays, i, array)
    {
        if (!tree_vector(s, array, i))
            return false;
    }
    return s->found == s->n;
}

static bool read_tree(const char *body, size_t len, struct sink *s)
{
    CC_AUTO(json_decref)
    json_t *tree = NULL;

    if (cc_json_parse(body, len, &tree))
        return false;
    if (json_object_get(tree, "data"))
        return tree_data(s, json_object_get(tree, "data"));
    return tree_arrays(s, json_object_get(tree, "embeddings"));
}

int cc_embed_reply_read(const char *body, size_t len, size_t n, struct cc_arena *mem,
                        struct cc_embed_reply *ret)
{
    struct sink *s = sink_new(n, mem);
    struct scan scan = {.at = body, .end = body + len, .sink = s};

    if (!scan_body(&scan)) {
        s = sink_new(n, mem);
        if (!read_tree(body, len, s))
            return cc_fail(CC_E_UPSTREAM, "embed: the answer does not hold %zu vectors", n);
    }
    *ret = (struct cc_embed_reply){.v = s->v, .dim = s->dim};
    return 0;
}

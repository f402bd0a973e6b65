#include "gateway/pure/wsframe.h"

#include <string.h>
#include <strings.h>

#include "proto/base/error.h"
#include "proto/base/hash.h"
#include "proto/base/text.h"

#define FIN     0x80
#define RSV     0x70
#define OP      0x0f
#define MASKED  0x80
#define LENGTH  0x7f
#define CONTROL 0x08

void cc_ws_in_init(struct cc_ws_in *in, char *message)
{
    *in = (struct cc_ws_in){.message = message};
}

static int broken(struct cc_ws_in *in, int code, const char *why)
{
    in->code = code;
    return cc_fail(CC_E_INVALID, "websocket: %s", why);
}

static enum cc_ws_op op_of(const struct cc_ws_in *in)
{
    return (enum cc_ws_op)(in->head[0] & OP);
}

static bool is_control(const struct cc_ws_in *in)
{
    return in->head[0] & CONTROL;
}

/* Length of the head as far as it is known; a client's frames are always masked. */
static size_t head_wanted(const struct cc_ws_in *in)
{
    uint8_t len = in->head[1] & LENGTH;

    if (in->head_len < 2)
        return 2;
    return 2 + (len == 126 ? 2u : len == 127 ? 8u : 0u) + 4;
}

static uint64_t number(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

static int check_control(struct cc_ws_in *in)
{
    enum cc_ws_op op = op_of(in);

    if (op != CC_WS_CLOSE && op != CC_WS_PING && op != CC_WS_PONG)
        return broken(in, CC_WS_PROTOCOL, "unknown kind of frame");
    if (!(in->head[0] & FIN) || (in->head[1] & LENGTH) > CC_WS_CONTROL_MAX)
        return broken(in, CC_WS_PROTOCOL, "a control frame is small and whole");
    return 0;
}

static int check_data(struct cc_ws_in *in)
{
    enum cc_ws_op op = op_of(in);

    if (op > CC_WS_BINARY)
        return broken(in, CC_WS_PROTOCOL, "unknown kind of frame");
    if ((op == CC_WS_CONT) != (in->kind != CC_WS_CONT))
        return broken(in, CC_WS_PROTOCOL, "a piece of no message, or a message in another");
    return 0;
}

/* What the first two bytes tell. */
static int check_start(struct cc_ws_in *in)
{
    if (in->head[0] & RSV)
        return broken(in, CC_WS_PROTOCOL, "no extension was agreed on");
    if (!(in->head[1] & MASKED))
        return broken(in, CC_WS_PROTOCOL, "a client's frame is masked");
    return is_control(in) ? check_control(in) : check_data(in);
}

static int begin_payload(struct cc_ws_in *in)
{
    uint8_t small = in->head[1] & LENGTH;
    uint64_t len = small;

    if (small == 126 && (len = number(in->head + 2, 2)) < 126)
        return broken(in, CC_WS_PROTOCOL, "a length in too many bytes");
    if (small == 127 && (len = number(in->head + 2, 8)) < 65536)
        return broken(in, CC_WS_PROTOCOL, "a length in too many bytes");
    if (!is_control(in) && len > CC_WS_MESSAGE_MAX - in->len)
        return broken(in, CC_WS_TOO_BIG, "a message is too long");
    if (!is_control(in) && op_of(in) != CC_WS_CONT)
        in->kind = op_of(in);
    in->left = (size_t)len;
    in->masked = in->control_len = 0;
    in->in_payload = true;
    return 0;
}

static int read_head(struct cc_ws_in *in, const uint8_t **bytes, size_t *len)
{
    int rc = 0;

    while (rc == 0 && *len > 0 && in->head_len < head_wanted(in)) {
        in->head[in->head_len++] = *(*bytes)++;
        --*len;
        if (in->head_len == 2)
            rc = check_start(in);
    }
    if (rc == 0 && in->head_len >= 2 && in->head_len == head_wanted(in))
        rc = begin_payload(in);
    return rc;
}

static void read_payload(struct cc_ws_in *in, const uint8_t **bytes, size_t *len)
{
    const uint8_t *mask = in->head + in->head_len - 4;
    char *out = is_control(in) ? in->control : in->message;
    size_t *at = is_control(in) ? &in->control_len : &in->len;

    for (; *len > 0 && in->left > 0; in->left--, --*len)
        out[(*at)++] = (char)(*(*bytes)++ ^ mask[in->masked++ % 4]);
    out[*at] = '\0';
}

/* RFC 6455, 7.4: which a client may send. */
static bool code_valid(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static int end_control(struct cc_ws_in *in, struct cc_ws_said *ret)
{
    *ret = (struct cc_ws_said){.op = op_of(in), .bytes = in->control, .len = in->control_len};
    if (ret->op != CC_WS_CLOSE)
        return 0;
    ret->code = CC_WS_NO_CODE;
    if (ret->len == 0)
        return 0;
    if (ret->len == 1 || !code_valid((int)number((const uint8_t *)in->control, 2)))
        return broken(in, CC_WS_PROTOCOL, "a close without a known code");
    ret->code = (int)number((const uint8_t *)in->control, 2);
    ret->bytes += 2;
    ret->len -= 2;
    if (!cc_utf8_valid(ret->bytes, ret->len))
        return broken(in, CC_WS_NO_TEXT, "a reason that is no UTF-8");
    return 0;
}

static int end_message(struct cc_ws_in *in, struct cc_ws_said *ret)
{
    *ret = (struct cc_ws_said){.op = in->kind, .bytes = in->message, .len = in->len};
    in->kind = CC_WS_CONT;
    in->len = 0;
    if (ret->op == CC_WS_TEXT && !cc_utf8_valid(ret->bytes, ret->len))
        return broken(in, CC_WS_NO_TEXT, "a text that is no UTF-8");
    return 0;
}

/* NOTFOUND after a piece that is not the last. */
static int end_frame(struct cc_ws_in *in, struct cc_ws_said *ret)
{
    in->in_payload = false;
    in->head_len = 0;
    if (is_control(in))
        return end_control(in, ret);
    return in->head[0] & FIN ? end_message(in, ret) : CC_E_NOTFOUND;
}

int cc_ws_in_read(struct cc_ws_in *in, const uint8_t **bytes, size_t *len, struct cc_ws_said *ret)
{
    int rc = CC_E_NOTFOUND;

    if (in->code)
        return broken(in, in->code, "it was broken before");
    while (rc == CC_E_NOTFOUND && *len > 0) {
        if (!in->in_payload && (rc = read_head(in, bytes, len)) != 0)
            return rc;
        rc = CC_E_NOTFOUND;
        if (!in->in_payload)
            continue;
        read_payload(in, bytes, len);
        if (in->left == 0)
            rc = end_frame(in, ret);
    }
    return rc;
}

size_t cc_ws_head(enum cc_ws_op op, size_t len, uint8_t out[CC_WS_HEAD_MAX])
{
    size_t extra = len < 126 ? 0 : len < 65536 ? 2 : 8;

    out[0] = (uint8_t)(FIN | op);
    out[1] = (uint8_t)(extra == 0 ? len : extra == 2 ? 126 : 127);
    for (size_t i = 0; i < extra; i++)
        out[2 + i] = (uint8_t)((uint64_t)len >> 8 * (extra - 1 - i));
    return 2 + extra;
}

/* ---- the handshake ---- */

static void base64(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < n; i += 3) {
        uint32_t word = (uint32_t)bytes[i] << 16 | (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0) |
                        (i + 2 < n ? bytes[i + 2] : 0u);

        *out++ = digits[word >> 18];
        *out++ = digits[word >> 12 & 63];
        *out++ = i + 1 < n ? digits[word >> 6 & 63] : '=';
        *out++ = i + 2 < n ? digits[word & 63] : '=';
    }
    *out = '\0';
}

static uint8_t hex_digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

const char *cc_ws_accept(const char *key, char out[CC_WS_ACCEPT])
{
    static const char mark[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[24 + sizeof mark], hex[CC_SHA1_HEX];
    uint8_t sum[20];

    if (strlen(key) != 24 || strcmp(key + 22, "==") != 0)
        return NULL;
    for (size_t i = 0; i < 22; i++)
        if (cc_base64_digit(key[i]) < 0)
            return NULL;
    memcpy(text, key, 24);
    memcpy(text + 24, mark, sizeof mark);
    cc_sha1_hex(text, 24 + sizeof mark - 1, hex);
    for (size_t i = 0; i < sizeof sum; i++)
        sum[i] = (uint8_t)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    base64(sum, sizeof sum, out);
    return out;
}

/* The next word of a list with commas; NULL at the end. */
static const char *next_word(const char **list, size_t *ret_len)
{
    const char *word = *list + strspn(*list, " \t,");
    size_t len = strcspn(word, ",");

    *list = word + len;
    while (len > 0 && (word[len - 1] == ' ' || word[len - 1] == '\t'))
        len--;
    *ret_len = len;
    return len > 0 ? word : NULL;
}

bool cc_ws_names(const char *header, const char *word)
{
    const char *at = header ? header : "", *next;
    size_t len;

    while ((next = next_word(&at, &len)))
        if (strlen(word) == len && strncasecmp(next, word, len) == 0)
            return true;
    return false;
}

const char *cc_ws_word(const char *header, const char *prefix, struct cc_arena *mem)
{
    const char *at = header ? header : "", *next;
    size_t len;

    while ((next = next_word(&at, &len)))
        if (len >= strlen(prefix) && memcmp(next, prefix, strlen(prefix)) == 0)
            return cc_arena_dupn(mem, next, len);
    return NULL;
}

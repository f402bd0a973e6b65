#include "ingest/parse/sheet_number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/base/text.h"

#define DAY_SECONDS 86400
#define DAYS_1904   1462    /* from the usual beginning to the other one */
#define LAST_DAY    2958465 /* 9999-12-31 */
#define LEAP_BUG    60      /* 1900-02-29, which never was */

static const struct {
    int from, to;
    const char *code;
} builtin[] = {
    {1, 1, "0"},
    {2, 2, "0.00"},
    {3, 3, "0"},
    {4, 4, "0.00"},
    {5, 8, "0.00"},
    {9, 9, "0%"},
    {10, 10, "0.00%"},
    {14, 17, "yyyy-mm-dd"},
    {18, 21, "hh:mm"},
    {22, 22, "yyyy-mm-dd hh:mm"},
    {27, 31, "yyyy-mm-dd"},
    {32, 33, "hh:mm"},
    {34, 36, "yyyy-mm-dd"},
    {37, 38, "0"},
    {39, 40, "0.00"},
    {45, 47, "hh:mm"},
    {50, 58, "yyyy-mm-dd"},
};

struct cc_number_format cc_number_builtin(int id)
{
    for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++)
        if (id >= builtin[i].from && id <= builtin[i].to)
            return cc_number_format(builtin[i].code);
    return cc_number_format(NULL);
}

static void add_sign(struct cc_number_format *f, bool digits_seen, const char *s, size_t len)
{
    char *to = digits_seen ? f->after : f->before;
    size_t at = strlen(to);

    if (len >= sizeof f->before - at)
        return;
    memcpy(to + at, s, len);
    to[at + len] = '\0';
}

/* "[$€-407]" is a currency, "[h]" a time, "[Red]" and "[>100]" nothing. */
static const char *take_bracket(struct cc_number_format *f, const char *s, bool digits_seen)
{
    const char *end = strchr(s, ']');

    if (!end)
        return s + strlen(s) - 1;
    if (s[1] == '$')
        add_sign(f, digits_seen, s + 2, strcspn(s + 2, "-]"));
    else if (end - s <= 3 && strchr("hms", s[1] | 0x20))
        f->time = true;
    return end;
}

/* What is quoted is a sign when it is short and no blank: "€", but not "pieces of". */
static const char *take_quoted(struct cc_number_format *f, const char *s, bool digits_seen)
{
    const char *end = strchr(s + 1, '"');

    if (!end)
        return s + strlen(s) - 1;
    add_sign(f, digits_seen, s + 1, (size_t)(end - s - 1));
    return end;
}

static void take_digit(struct cc_number_format *f, bool *fraction, char c)
{
    if (*fraction && (c == '0' || c == '?'))
        f->decimals++;
    else if (f->decimals < 0 && c == '0')
        f->decimals = 0;
}

static const char *take_sign(struct cc_number_format *f, const char *s, bool digits_seen)
{
    static const char *const signs[] = {"$", "€", "£", "¥"};

    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (!strncmp(s, signs[i], strlen(signs[i]))) {
            add_sign(f, digits_seen, signs[i], strlen(signs[i]));
            return s + strlen(signs[i]) - 1;
        }
    return s;
}

struct cc_number_format cc_number_format(const char *code)
{
    struct cc_number_format f = {.decimals = -1};
    bool fraction = false, digits_seen = false, months = false;

    if (!code || !strncasecmp(code, "general", 7) || !strcmp(code, "@"))
        return f;
    for (const char *s = code; *s && *s != ';'; s++) { /* behind ';': negative numbers */
        char c = *s >= 'A' && *s <= 'Z' ? (char)(*s | 0x20) : *s;

        switch (c) {
        case '[': s = take_bracket(&f, s, digits_seen); break;
        case '"': s = take_quoted(&f, s, digits_seen); break;
        case '\\':
        case '_':
        case '*': s += s[1] != '\0'; break;
        case 'y':
        case 'd': f.date = true; break;
        case 'h':
        case 's': f.time = true; break;
        case 'm': months = true; break; /* or minutes */
        case '%': f.percent = true; break;
        case '.': fraction = digits_seen; break;
        case '0':
        case '#':
        case '?':
            take_digit(&f, &fraction, c);
            digits_seen = true;
            break;
        default: s = take_sign(&f, s, digits_seen);
        }
    }
    f.date = f.date || (months && !f.time);
    return f;
}

/* Days since 1970-01-01 as a date of our calendar (Howard Hinnant's civil_from_days). */
static void civil(int64_t z, int64_t *year, int64_t *month, int64_t *day)
{
    z += 719468;
    int64_t era = z / 146097, doe = z % 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = yoe + era * 400 + (*month <= 2);
}

static size_t show_date(double value, const struct cc_number_format *f, bool since_1904,
                        char ret[CC_NUMBER_BYTES])
{
    int64_t seconds = llround(value * DAY_SECONDS), days = seconds / DAY_SECONDS;
    int64_t year, month, day, rest = seconds % DAY_SECONDS;
    int n = 0;

    days += since_1904 ? DAYS_1904 : 0;
    if (f->date && days > 0) {
        civil(days - 25569 + (days < LEAP_BUG), &year, &month, &day);
        n = snprintf(ret, CC_NUMBER_BYTES, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
    }
    if (f->time || (rest && !n))
        n += snprintf(ret + n, CC_NUMBER_BYTES - (size_t)n, "%s%02d:%02d", n ? " " : "",
                      (int)(f->date ? rest / 3600 : seconds / 3600), (int)(rest % 3600 / 60));
    if (n && f->time && rest % 60)
        n += snprintf(ret + n, CC_NUMBER_BYTES - (size_t)n, ":%02d", (int)(rest % 60));
    return (size_t)n;
}

static size_t show_number(double value, const struct cc_number_format *f, char ret[CC_NUMBER_BYTES])
{
    char digits[40];

    value = f->percent ? value * 100 : value;
    if (f->decimals >= 0 && f->decimals <= 10 && fabs(value) < 1e15)
        snprintf(digits, sizeof digits, "%.*f", f->decimals, value);
    else
        snprintf(digits, sizeof digits, "%.15g", value);
    return (size_t)snprintf(ret, CC_NUMBER_BYTES, "%s%s%s%s%s%s", f->before,
                            strlen(f->before) > 2 && *f->before ? " " : "", digits,
                            f->percent ? "%" : "", *f->after && *f->after != ' ' ? " " : "",
                            f->after);
}

size_t cc_number_show(const char *text, const struct cc_number_format *format, bool since_1904,
                      char ret[CC_NUMBER_BYTES])
{
    char *end;
    double value = strtod(text, &end);
    size_t len;

    if (end == text || *end || !isfinite(value)) {
        len = cc_utf8_cut(text, strlen(text), CC_NUMBER_BYTES - 1);
        memcpy(ret, text, len);
        ret[len] = '\0';
        return len;
    }
    if ((format->date || format->time) && value >= 0 && value <= LAST_DAY &&
        (len = show_date(value, format, since_1904, ret)))
        return len;
    return show_number(value, format, ret);
}

#include "ingest/parse/sheet_header.h"

#include <string.h>
#include <strings.h>

#define LABEL_BYTES 100 /* a name of a column is shorter */
#define ENOUGH(n)   (((n) + 1) / 2)

size_t cc_sheet_filled(const struct cc_sheet_row *row)
{
    size_t n = 0;

    for (size_t i = 0; i < row->n; i++)
        n += row->cells[i].len > 0;
    return n;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Numbers, amounts, dates, times: as many digits as other characters, or more. */
static bool is_figure(struct cc_cell cell)
{
    size_t digits = 0, others = 0;

    for (size_t i = 0; i < cell.len; i++) {
        if (is_digit(cell.s[i]))
            digits++;
        else if (!strchr(" .,-+/:'%", cell.s[i] ? cell.s[i] : 'x'))
            others++;
    }
    return digits && digits >= others;
}

static bool is_year(struct cc_cell cell)
{
    return cell.len == 4 && (!memcmp(cell.s, "19", 2) || !memcmp(cell.s, "20", 2)) &&
           is_digit(cell.s[2]) && is_digit(cell.s[3]);
}

static bool is_label(struct cc_cell cell)
{
    if (cell.len > LABEL_BYTES || memchr(cell.s, '@', cell.len) ||
        memmem(cell.s, cell.len, "://", 3))
        return false;
    return !is_figure(cell) || is_year(cell);
}

static bool equal(struct cc_cell a, struct cc_cell b)
{
    return a.len == b.len && (!a.len || !strncasecmp(a.s, b.s, a.len));
}

/* Names are labels, most of them said once, and not years alone. */
static bool may_name(const struct cc_sheet_row *row)
{
    size_t words = 0, repeated = 0, filled = cc_sheet_filled(row);

    for (size_t i = 0; i < row->n; i++) {
        if (!row->cells[i].len)
            continue;
        if (!is_label(row->cells[i]))
            return false;
        words += !is_figure(row->cells[i]);
        for (size_t k = i + 1; k < row->n && k < i + 64; k++)
            if (equal(row->cells[i], row->cells[k])) {
                repeated++;
                break;
            }
    }
    return words && repeated * 2 <= filled;
}

bool cc_sheet_repeats(const struct cc_sheet_row *header, const struct cc_sheet_row *row)
{
    size_t n = header->n < row->n ? header->n : row->n;

    for (size_t i = 0; i < n; i++)
        if (!equal(header->cells[i], row->cells[i]))
            return false;
    return n > 1 && cc_sheet_filled(header) == cc_sheet_filled(row);
}

struct column {
    int filled, figures, like_name;
};

/* again[i]: row i says the header once more. */
static struct column look_down(const struct cc_sheet_row *rows, int n, int header, size_t at,
                               const bool *again)
{
    struct column column = {0, 0, 0};

    for (int i = header + 1; i < n; i++) {
        if (at >= rows[i].n || !rows[i].cells[at].len || again[i])
            continue;
        column.filled++;
        column.figures += is_figure(rows[i].cells[at]);
        column.like_name += equal(rows[i].cells[at], rows[header].cells[at]);
    }
    return column;
}

/* Below a word stand figures: then it is a name.  Below it stands the word itself: then not. */
static bool names_columns(const struct cc_sheet_row *rows, int n, int header)
{
    const struct cc_sheet_row *row = &rows[header];
    size_t filled = cc_sheet_filled(row), length = 0;
    bool again[CC_SHEET_FIRST] = {false};
    int question, answer, sure = 0;

    for (int i = header + 1; i < n; i++)
        again[i] = cc_sheet_repeats(row, &rows[i]);
    for (size_t i = 0; i < row->n; i++) {
        struct column column = look_down(rows, n, header, i, again);

        if (!row->cells[i].len)
            continue;
        if (column.like_name)
            return false;
        length += row->cells[i].len;
        sure += column.filled && 2 * column.figures >= column.filled && !is_figure(row->cells[i]);
    }
    if (sure || cc_sheet_pair(row, &question, &answer))
        return true;
    return filled >= 3 && length / filled <= LABEL_BYTES / 2;
}

/* Titles, each alone in its row, may stand above. */
int cc_sheet_header(const struct cc_sheet_row *rows, int n)
{
    size_t width = 0;

    for (int i = 0; i < n; i++)
        width = cc_sheet_filled(&rows[i]) > width ? cc_sheet_filled(&rows[i]) : width;
    for (int i = 0; i < n; i++) {
        size_t filled = cc_sheet_filled(&rows[i]);

        if (filled < ENOUGH(width) || (filled < 2 && width > 1)) {
            if (filled > 1)
                return -1;
            continue;
        }
        return may_name(&rows[i]) && names_columns(rows, n, i) ? i : -1;
    }
    return -1;
}

static const char *const questions[] = {
    "question", "questions", "frage",   "fragen",    "pregunta", "preguntas", "pergunta",
    "domanda",  "vraag",     "fråga",   "spørgsmål", "pytanie",  "otázka",    "soru",
    "вопрос",   "питання",   "kysymys", "întrebare", "问题",     "問題",      "質問",
    "질문",     "سؤال",      "q",       "faq",       NULL,
};
static const char *const answers[] = {
    "answer",    "answers", "antwort",  "antworten", "respuesta", "respuestas",
    "resposta",  "réponse", "reponse",  "risposta",  "antwoord",  "svar",
    "odpowiedź", "odpověď", "cevap",    "yanıt",     "ответ",     "відповідь",
    "vastaus",   "răspuns", "response", "reply",     "答案",      "回答",
    "答え",      "답변",    "إجابة",    "جواب",      "a",         NULL,
};

/* Letters of the ASCII alphabet in either case; other letters as they are written, or with the
 * first one a capital: its last byte differs by 0x20 in Latin and in most of Cyrillic. */
static bool is_word(const char *s, size_t len, const char *word)
{
    if (strlen(word) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char a = (unsigned char)s[i], b = (unsigned char)word[i];

        if (a != b && !(a < 0x80 && (a | 0x20) == b) && !(i == 1 && (a ^ b) == 0x20))
            return false;
    }
    return true;
}

/* 2: the whole name is one of the words; 1: its first or last word is (but for single letters). */
static int rate(struct cc_cell name, const char *const *words)
{
    size_t len = name.len, first, last;

    while (len && strchr(" ?:.*#", name.s[len - 1]))
        len--;
    for (first = 0; first < len && !strchr(" _-/(", name.s[first]); first++)
        ;
    for (last = len; last && !strchr(" _-/(", name.s[last - 1]); last--)
        ;
    for (; *words; words++) {
        if (is_word(name.s, len, *words))
            return 2;
        if ((*words)[1] &&
            (is_word(name.s, first, *words) || is_word(name.s + last, len - last, *words)))
            return 1;
    }
    return 0;
}

static int best(const struct cc_sheet_row *names, const char *const *words)
{
    int found = -1, points = 0;

    for (size_t i = 0; i < names->n; i++) {
        int here = rate(names->cells[i], words);

        if (here > points) {
            points = here;
            found = (int)i;
        }
    }
    return found;
}

bool cc_sheet_pair(const struct cc_sheet_row *names, int *ret_question, int *ret_answer)
{
    *ret_question = best(names, questions);
    *ret_answer = best(names, answers);
    if (*ret_question >= 0 && *ret_answer >= 0 && *ret_question != *ret_answer)
        return true;
    *ret_question = *ret_answer = -1;
    return false;
}

static bool ends_with(struct cc_cell cell, const char *mark)
{
    size_t len = strlen(mark);

    return cell.len > len && !memcmp(cell.s + cell.len - len, mark, len);
}

bool cc_sheet_asks(const struct cc_sheet_row *rows, int n)
{
    int asking = 0;

    for (int i = 0; i < n; i++) {
        if (rows[i].n < 2 || cc_sheet_filled(&rows[i]) != 2 || !rows[i].cells[0].len ||
            !rows[i].cells[1].len)
            return false;
        asking += ends_with(rows[i].cells[0], "?") || ends_with(rows[i].cells[0], "\xef\xbc\x9f");
    }
    return asking >= 2 && 4 * asking >= 3 * n;
}

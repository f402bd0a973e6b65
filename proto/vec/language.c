#include "proto/vec/language.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#define LOOK_BYTES 4096
#define WORD_BYTES 24 /* longer ones are in no list */
#define LEAD       1.15
#define WORDS_MAX  2048

enum { EN, DE, FR, ES, IT, PT, NL, SV, DA, RU, LANGUAGES };

/* clang-format off */
static const struct {
    const char *code, *words, *letters; /* letters that others seldom have */
} languages[LANGUAGES] = {
    [EN] = {"en",
            "the of and to in is that for it was on are as with his they at be this have from "
            "or had by but what were when we there can an your which their said if do will "
            "each about how up out them then she many some these would other into has her two "
            "like him see could no make than been who its did my more most did does where why "
            "whom whose which name i a you he not all our us me should may must after before "
            "during between",
            ""},
    [DE] = {"de",
            "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als "
            "auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie "
            "einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein "
            "wurde sei kann gegen vom können schon wenn ihr ihre mich wir ich was wer wie wen "
            "wem worauf woran worin wovon wogegen weshalb wozu womit wodurch woher wohin wann "
            "wo warum welche welcher welches welchem welchen wieviel wessen gibt wurden hatte "
            "worden unter zwischen viele viel eines diese dieser dieses keine kein muss soll "
            "mein meine",
            "ßäöü"},
    [FR] = {"fr",
            "le la les de des du un une et est en que qui dans pour pas sur plus par au aux "
            "avec ce il elle on se son sa ses ne nous vous ils elles mais ou où comme tout "
            "être avoir fait cette ces leur leurs quel quelle quels quelles combien quand "
            "comment pourquoi quoi était sont ont été a d l qu c j n à y entre après avant "
            "sans sous je tu mon ma mes votre notre aussi",
            "çèêœàùûî"},
    [ES] = {"es",
            "el la los las de del que y en un una es se no por con su sus para como más pero "
            "al lo le les ha fue son era está este esta estos estas ese esa qué cuál cuáles "
            "quién quiénes cuándo cuánto cuánta cuántos cuántas cómo dónde también entre "
            "cuando muy sin sobre hay ser tiene desde todo nos durante uno porque hasta donde "
            "quien mi yo había fueron han puede a o",
            "ñ¿¡óíáú"},
    [IT] = {"it",
            "il lo la i gli le di del della dei delle dello degli e è che in un una per con "
            "non si su al alla ai alle dal dalla da come più ma anche sono era suo sua suoi "
            "nel nella nei nelle chi cosa quale quali quanto quanti quanta quante quando dove "
            "perché cui questo questa questi ha hanno stato stata essere fu o sul sulla tra "
            "fra ci io mi",
            "òì"},
    [PT] = {"pt",
            "o a os as de do da dos das que e em um uma é para com não por no na nos nas se "
            "mais como mas foi ao ele ela são seu sua seus suas ou quando muito também pelo "
            "pela até isso qual quais quem quantos quantas quanto onde porque já está eu tem "
            "à às entre era depois sem mesmo aos ter você foram",
            "ãõçê"},
    [NL] = {"nl",
            "de het een en van in is dat op te zijn met voor niet aan er om ook als dan maar "
            "bij nog uit door over ze hij zij wordt naar heeft hebben werd deze die dit wat "
            "wie waar wanneer waarom welke hoe hoeveel kan kunnen of mijn je ik we wij geen "
            "meer tot worden waren hun tegen onder",
            "ĳ"},
    [SV] = {"sv",
            "och i att det som en på är av för med till den har de inte om ett han men var "
            "jag sig från vi så kan när år under också efter eller nu sin där vid mot ska "
            "skulle kommer ut får finns vara hade alla andra mycket än här då vad vem vilken "
            "vilket vilka varför hur många",
            "åäö"},
    [DA] = {"da",
            "og i at det som en på er af for med til den har de ikke om et han men var jeg "
            "sig fra vi så kan når efter eller nu sin der ved mod skal skulle kommer ud får "
            "være havde alle andre meget end her da hvad hvem hvilken hvilket hvilke hvorfor "
            "hvordan hvor mange",
            "åæø"},
    [RU] = {"ru",
            "и в не на что он с как это по но из за то от так о для же все был его она они мы "
            "вы я у к бы только или если когда уже кто где почему сколько какой какая какие "
            "чем при до был была было были",
            "ыэъ"},
};
/* clang-format on */

struct word {
    char text[WORD_BYTES + 1];
    uint32_t of; /* a bit for each language */
};
static struct word words[WORDS_MAX];
static size_t words_n;
static once_flag once = ONCE_FLAG_INIT;

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct word *)a)->text, ((const struct word *)b)->text);
}

static void add_words(int language)
{
    const char *at = languages[language].words;

    while (*at && words_n < WORDS_MAX) {
        size_t len = strcspn(at, " ");

        if (len > 0 && len <= WORD_BYTES) {
            memcpy(words[words_n].text, at, len);
            words[words_n++].of = UINT32_C(1) << language;
        }
        at += len;
        at += strspn(at, " ");
    }
}

static void make_list(void)
{
    size_t n = 0;

    for (int i = 0; i < LANGUAGES; i++)
        add_words(i);
    qsort(words, words_n, sizeof *words, by_text);
    for (size_t i = 0; i < words_n; i++) {
        if (n > 0 && strcmp(words[n - 1].text, words[i].text) == 0)
            words[n - 1].of |= words[i].of;
        else
            words[n++] = words[i];
    }
    words_n = n;
}

struct count {
    double of[LANGUAGES];
};

/* What several languages have speaks less for each of them. */
static void count_word(struct count *c, const char *text, size_t len)
{
    struct word key = {.of = 0}, *found;

    if (len == 0 || len > WORD_BYTES)
        return;
    memcpy(key.text, text, len);
    found = bsearch(&key, words, words_n, sizeof *words, by_text);
    for (int i = 0; found && i < LANGUAGES; i++)
        if (found->of >> i & 1)
            c->of[i] += 1.0 / __builtin_popcount(found->of);
}

static void count_letter(struct count *c, const char *text, size_t len)
{
    char letter[5] = {0};
    uint32_t of = 0;

    memcpy(letter, text, len);
    for (int i = 0; i < LANGUAGES; i++)
        if (strstr(languages[i].letters, letter))
            of |= UINT32_C(1) << i;
    for (int i = 0; i < LANGUAGES && of; i++)
        if (of >> i & 1)
            c->of[i] += 0.3 / __builtin_popcount(of);
}

/* Bytes of the character at text if it belongs to a word, else 0; *ret_len always. */
static size_t letter_at(const char *text, size_t len, size_t *ret_len)
{
    unsigned char c = (unsigned char)*text, next = len > 1 ? (unsigned char)text[1] : 0;
    size_t size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    *ret_len = size < len ? size : len;
    if (c < 0x80)
        return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ? 1 : 0;
    if ((c == 0xc2 && next < 0xc0) || c == 0xe2) /* signs of Latin-1, quotes and dashes */
        return 0;
    return *ret_len;
}

static void count_text(struct count *c, const char *text, size_t len)
{
    char word[WORD_BYTES + 1];
    size_t n = 0, size;

    for (size_t i = 0; i < len; i += size) {
        size_t letter = letter_at(text + i, len - i, &size);

        if (size > 1)
            count_letter(c, text + i, size);
        if (letter == 0) {
            count_word(c, word, n);
            n = 0;
            continue;
        }
        for (size_t k = 0; k < letter; k++, n += n <= WORD_BYTES)
            if (n < WORD_BYTES)
                word[n] = letter == 1 ? (char)(text[i] | 0x20) : text[i + k];
    }
    count_word(c, word, n);
}

const char *cc_language_of(const char *text, size_t len)
{
    struct count c = {{0}};
    int first = 0;
    double second = 0;

    call_once(&once, make_list);
    count_text(&c, text, len < LOOK_BYTES ? len : LOOK_BYTES);
    for (int i = 1; i < LANGUAGES; i++)
        if (c.of[i] > c.of[first])
            first = i;
    for (int i = 0; i < LANGUAGES; i++)
        if (i != first && c.of[i] > second)
            second = c.of[i];
    return c.of[first] > 0 && c.of[first] >= LEAD * second ? languages[first].code : "";
}

const char *cc_language_at(int n)
{
    return n >= 0 && n < LANGUAGES ? languages[n].code : NULL;
}

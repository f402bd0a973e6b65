/* proto/vec/language.h */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/vec/language.h"

static const char *language_of(const char *text)
{
    return cc_language_of(text, strlen(text));
}

Test(language, is_told_by_small_words)
{
    static const struct {
        const char *text, *language;
    } rows[] = {
        {"How long does the delivery of a bicycle take?", "en"},
        {"Wie lange dauert die Lieferung eines Fahrrads?", "de"},
        {"WIE LANGE DAUERT DIE LIEFERUNG UND WAS KOSTET SIE?", "de"},
        {"Combien de temps prend la livraison d’un vélo ?", "fr"},
        {"¿Cuánto tarda la entrega de una bicicleta?", "es"},
        {"Quanto tempo ci vuole per la consegna della bicicletta?", "it"},
        {"Quanto tempo demora a entrega de uma bicicleta?", "pt"},
        {"Hoe lang duurt de levering van een fiets?", "nl"},
        {"Hur lång tid tar det att leverera en cykel?", "sv"},
        {"Hvor lang tid tager det, og hvad koster det at få den leveret?", "da"},
        {"Сколько времени занимает доставка и что это стоит?", "ru"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_str_eq(language_of(rows[i].text), rows[i].language, "%s: %s", rows[i].text,
                         language_of(rows[i].text));
}

Test(language, of_what_no_list_knows_is_not_told)
{
    static const char *const rows[] = {"",
                                       " ",
                                       "ZX-81",
                                       "42",
                                       "配送にはどのくらいかかりますか",
                                       "Panthers Sacks 2015",
                                       "\xff\xfe\x80",
                                       "\xc3"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_str_eq(language_of(rows[i]), "", "%s", rows[i]);
}

Test(language, ends_where_the_length_says)
{
    cr_expect_str_eq(cc_language_of("the und und und", 3), "en");
    cr_expect_str_eq(cc_language_of("the \xc3\xbc", 5), "en", "half a letter at the end");
}

Test(language, has_a_list_that_ends)
{
    int n = 0;

    while (cc_language_at(n))
        n++;
    cr_expect_geq(n, 7);
    cr_expect_null(cc_language_at(-1));
}

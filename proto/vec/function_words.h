/*
 * function_words.h - words that say little in English, German, French, Spanish, Italian,
 * Portuguese and Dutch, case-folded, sorted by bytes.  Part of the index: see hash.c.
 */
#ifndef CC_VEC_FUNCTION_WORDS_H
#define CC_VEC_FUNCTION_WORDS_H

/* clang-format off */
static const char *const function_words[] = {
    "a", "aan", "aber", "about", "after", "al", "algunos", "all", "alla", "alle", "als", "also",
    "am", "an", "anche", "and", "ante", "any", "ao", "aos", "are", "as", "at", "até", "au",
    "auch", "auf", "aus", "aux", "avait", "avec", "be", "been", "bei", "bij", "bis", "but", "by",
    "c", "can", "ce", "ces", "cette", "che", "chi", "ci", "com", "combien", "come", "comment",
    "como", "con", "cosa", "could", "cual", "cuando", "cuanta", "cuantas", "cuanto", "cuantos",
    "cuál", "cuáles", "cuándo", "cuánta", "cuántas", "cuánto", "cuántos", "cómo", "d", "da",
    "dal", "dalla", "dan", "dans", "das", "dass", "dat", "de", "dei", "del", "della", "delle",
    "dello", "dem", "den", "der", "des", "desde", "deze", "di", "did", "die", "dies", "diese",
    "diesem", "diesen", "dieser", "dieses", "dit", "do", "does", "donde", "door", "dos", "dove",
    "du", "durante", "durch", "dónde", "e", "een", "ein", "eine", "einem", "einen", "einer",
    "eines", "el", "ela", "ele", "ella", "elle", "elles", "ellos", "em", "en", "entre", "er",
    "era", "eran", "erano", "es", "essere", "est", "esta", "estaba", "este", "esto", "et", "eu",
    "foi", "for", "foram", "from", "fu", "fue", "fueron", "für", "gibt", "ha", "haar", "haben",
    "había", "had", "han", "hanno", "has", "hasta", "hat", "hatte", "hatten", "have", "hay", "he",
    "heeft", "her", "het", "hij", "his", "hoe", "how", "hun", "há", "i", "ich", "if", "ihr",
    "ihre", "ihrem", "ihren", "ihrer", "ik", "il", "ils", "im", "in", "into", "io", "is", "isso",
    "ist", "it", "its", "je", "kan", "kann", "können", "l", "la", "las", "le", "les", "leur",
    "leurs", "lo", "los", "lui", "ma", "maar", "mais", "man", "many", "mas", "me", "mehr", "mein",
    "met", "mi", "mit", "more", "most", "much", "muy", "my", "más", "n", "na", "naar", "nach",
    "nas", "ne", "nel", "nella", "nicht", "niet", "no", "noch", "nog", "non", "nos", "not",
    "nous", "nur", "não", "o", "oder", "of", "om", "on", "one", "ont", "ook", "op", "or", "os",
    "other", "ou", "our", "over", "où", "par", "para", "pas", "pela", "pelo", "per", "perché",
    "pero", "più", "plus", "por", "porque", "pour", "pourquoi", "puede", "qu", "quais", "qual",
    "quale", "quali", "quand", "quando", "quanti", "quanto", "quantos", "que", "quel", "quelle",
    "quelles", "quels", "quem", "questa", "questo", "qui", "quien", "quién", "quiénes", "quoi",
    "qué", "sa", "se", "sein", "seine", "seinem", "seinen", "seiner", "sem", "ser", "ses", "seu",
    "she", "should", "si", "sich", "sie", "sin", "sind", "so", "sobre", "some", "son", "sono",
    "sont", "su", "sua", "such", "sul", "suo", "sur", "sus", "são", "también", "também", "te",
    "tem", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "tiene", "tienen", "to", "tot", "tuvo", "uit", "um", "uma", "un", "una", "unas",
    "und", "une", "uno", "unos", "uns", "unser", "unter", "up", "us", "van", "veel", "viel",
    "viele", "vom", "von", "voor", "vor", "vous", "waar", "waarom", "wanneer", "war", "waren",
    "warum", "was", "wat", "we", "welche", "welchem", "welchen", "welcher", "welches", "welke",
    "wem", "wen", "wenn", "wer", "werd", "werden", "were", "what", "when", "where", "which",
    "while", "who", "whom", "whose", "why", "wie", "wieviel", "wieviele", "wij", "will", "wir",
    "wird", "with", "wo", "worden", "wordt", "would", "wurde", "wurden", "y", "ya", "you", "your",
    "zal", "ze", "zich", "zij", "zijn", "zu", "zum", "zur", "à", "è", "était", "été", "être",
    "über",
};
/* clang-format on */

#endif

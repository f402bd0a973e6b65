/*
 * csv.h - records of delimited text: RFC 4180 and its wild relatives.
 *
 * A quote that is never closed, or stands within a field, is a character like others; text behind
 * a closing quote belongs to the field; "" and \" within quotes are a quote.
 */
#ifndef CC_INGEST_PARSE_CSV_H
#define CC_INGEST_PARSE_CSV_H

#include "ingest/parse/sheet_header.h"
#include "proto/base/arena.h"

#define CC_CSV_COLUMNS 200000

struct cc_csv {
    char *text; /* fields are made in place */
    size_t len, at;
    char delimiter;
    struct cc_arena *mem;
    /* below: for csv.c */
    bool broken; /* a quote was never closed: from there on each ends in its line */
    size_t room;
    struct cc_cell *cells;
};

/* text is UTF-8 with '\n' at line ends, and is written to. */
void cc_csv_init(struct cc_csv *csv, char *text, size_t len, char delimiter, struct cc_arena *mem);

/* False at the end.  Fields live until the text goes, their array until the next call.  Columns
 * beyond CC_CSV_COLUMNS are dropped. */
bool cc_csv_next(struct cc_csv *csv, struct cc_sheet_row *ret);

/* Is the text delimited, by what, and from which byte on ("sep=;" is skipped)?  Several records
 * with nearly always the same number of fields are. */
bool cc_csv_sniff(const char *text, size_t len, char *ret_delimiter, size_t *ret_from);

#endif

/*
 * sheet_number.h - numbers of a worksheet as their format shows them: dates, shares, amounts.
 */
#ifndef CC_INGEST_PARSE_SHEET_NUMBER_H
#define CC_INGEST_PARSE_SHEET_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define CC_NUMBER_BYTES 64

/* What a format code asks for.  Digits are grouped by nobody: "1234.5" is found, "1,234.5" not. */
struct cc_number_format {
    bool date, time, percent;
    int decimals;   /* -1: as many as there are */
    char before[8]; /* a currency's sign */
    char after[8];
};

/* code is Excel's ("yyyy\-mm\-dd", "#,##0.00 [$€-407]"); NULL: General. */
struct cc_number_format cc_number_format(const char *code);

/* The same of one of the formats that are known by number only; General for unknown ones. */
struct cc_number_format cc_number_builtin(int id);

/* text as it is stored; what is no number stays as it is.  Dates become 2024-03-01, 14:30,
 * 2024-03-01 14:30.  since_1904: the file counts its days from there.  Returns ret's length. */
size_t cc_number_show(const char *text, const struct cc_number_format *format, bool since_1904,
                      char ret[CC_NUMBER_BYTES]);

#endif

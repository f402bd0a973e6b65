/*
 * ocr.h - the text of pictures, by a program of the operator's choice (CC_OCR); without one, none.
 *
 *     file --standard input--> CC_OCR --standard output: UTF-8, a form feed between pages--> jail
 *
 * The program is the operator's and runs outside of the jail, in a session of its own with a wall
 * clock (CC_OCR_MS), a cap on what it writes, and an environment without keys.  What it wrote is
 * parsed in the jail like any other file.
 */
#ifndef CC_INGEST_OCR_H
#define CC_INGEST_OCR_H

#include "ingest/jail.h"

/* At start: INVALID when CC_OCR is no absolute path, NOTFOUND when nothing is there. */
int cc_ocr_check(const struct cc_jail *jail);

/*
 * Waits.  cc_jail_run, and again with the program's text when the file is a PDF without text or an
 * image.  LIMIT: the program took too long or wrote too much; PARSER: it failed.
 */
int cc_ocr_read(const struct cc_jail *jail, const struct cc_jail_file *file,
                struct cc_jail_result *ret);

#endif

/*
 * reader.h - pdftotext as a child of the jailed parser, in a tighter jail still.
 */
#ifndef CC_INGEST_PARSE_READER_H
#define CC_INGEST_PARSE_READER_H

#include "proto/base/buf.h"

/* What cc-parse is told instead of a program: the input is a text that was read off a PDF's pages,
 * or off a picture. */
#define CC_PARSE_PAGES   "pages"
#define CC_PARSE_PICTURE "picture"

#define CC_READER_WORDS 4096 /* bytes of its complaints that are kept */

struct cc_reader {
    int pid, out, err;
};

/* Starts path on standard input; what it may do is set by CC_CALLS_PROGRAM.  INTERNAL. */
int cc_reader_start(const char *path, struct cc_reader *ret);

/*
 * Reads until it is through; on_page (or NULL) hears as it begins with the next page.  0 when it
 * ended well.  ENCRYPTED, PARSER by what it said and how it ended; LIMIT when it wrote more than
 * text holds.
 */
int cc_reader_read(struct cc_reader *reader, struct cc_buf *text, void (*on_page)(int page));

#endif

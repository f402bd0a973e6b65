/*
 * jail.h - runs cc-parse on a file, and survives whatever that file does to it.
 *
 * One child per document: the file goes in as a sealed memory file, records (parse/frame.h)
 * come out through a pipe.  A hang, a crash or a bomb costs this one document.
 */
#ifndef CC_INGEST_JAIL_H
#define CC_INGEST_JAIL_H

#include <stddef.h>

#include "proto/base/buf.h"

#define CC_JAIL_WALL_MS   60000
#define CC_JAIL_CAP_BYTES (25u << 20) /* a little more than cc-parse ever writes */

struct cc_jail {
    const char *program;   /* NULL: cc-parse beside this program */
    const char *pdftotext; /* NULL: CC_PDFTOTEXT */
    int wall_ms;           /* 0: CC_JAIL_WALL_MS */
    size_t cap_bytes;      /* 0: CC_JAIL_CAP_BYTES */
    const char *ocr;       /* NULL: CC_OCR; for ocr.h */
    int ocr_ms;            /* 0: CC_OCR_MS */
};

/* NOTFOUND with words when cc-parse or pdftotext is missing.  To be called at start. */
int cc_jail_check(const struct cc_jail *jail);

struct cc_jail_file {
    const void *bytes;
    size_t len;
    /* or a text that ocr.h got from one: UTF-8, form feeds between pages */
    enum { CC_JAIL_FILE, CC_JAIL_PAGES, CC_JAIL_PICTURE } what;
    /* Called as the child begins with a page; must not wait.  NULL: nobody asks. */
    void (*on_page)(void *arg, int page);
    void *arg;
};
struct cc_jail_result {
    struct cc_buf out; /* what the child wrote; only after 0, and the caller's to cc_buf_done */
    int page;          /* the last one that was begun, on failure, too; 0: unknown */
};

/*
 * Waits.  LIMIT: too long, too much, or no memory; PARSER: the child crashed; CANCELLED; INTERNAL.
 * The words name the page, where it is known.
 */
int cc_jail_run(const struct cc_jail *jail, const struct cc_jail_file *file,
                struct cc_jail_result *ret);

#endif

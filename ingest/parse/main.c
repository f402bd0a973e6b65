/*
 * cc-parse PDFTOTEXT | pages | picture - the jailed child of cc-ingest: a file on standard input
 * becomes records (frame.h) on standard output.  It has no network, no database, no key, and little
 * time.  "pages", "picture": the input is a text that was read off one, form feeds between pages.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/parse/charset.h"
#include "ingest/parse/frame.h"
#include "ingest/parse/parse.h"
#include "ingest/parse/reader.h"
#include "ingest/parse/sandbox.h"
#include "ingest/parse/type.h"
#include "proto/base/error.h"

#define FILE_BYTES   (64u << 20)
#define OUTPUT_BYTES (24u << 20) /* of text and heads; the parent reads no more */
#define ARENA_BYTES  (384u << 20)

/* One parser, one document: what it was at is the process's own. */
static struct cc_buf records;
static bool begun; /* and sent: what comes now is added to it */
static int page_now;

struct input {
    const char *bytes;
    size_t len;
};

static int map_input(struct input *ret)
{
    struct stat st;
    void *bytes;

    if (fstat(STDIN_FILENO, &st))
        return cc_fail(CC_E_INTERNAL, "input: %s", strerror(errno));
    if (!st.st_size)
        return cc_fail(CC_E_NOTEXT, "the file is empty");
    if (st.st_size > FILE_BYTES)
        return cc_fail(CC_E_LIMIT, "the file has more than %u bytes", FILE_BYTES);
    bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    if (bytes == MAP_FAILED)
        return cc_fail(CC_E_INTERNAL, "input: %s", strerror(errno));
    *ret = (struct input){bytes, (size_t)st.st_size};
    return 0;
}

static int read_pdf(const char *pdftotext, struct cc_extract *doc)
{
    struct cc_reader reader;
    struct cc_buf text;
    int rc;

    doc->type = CC_FILE_PDF;
    rc = cc_reader_start(pdftotext, &reader);
    if (rc || (rc = cc_sandbox_calls(CC_CALLS_PARSER)))
        return rc;
    cc_buf_init(&text, CC_EXTRACT_TEXT);
    rc = cc_reader_read(&reader, &text, doc->on_page);
    page_now = 0; /* the reader's words name it where it matters */
    if (!rc)
        rc = cc_parse_pdf_text(text.bytes, text.len, doc);
    cc_buf_done(&text);
    return rc;
}

static int read_other(const struct input *input, struct cc_extract *doc)
{
    struct cc_magic *magic = NULL;
    int rc = cc_magic_open(&magic);

    if (rc || (rc = cc_sandbox_calls(CC_CALLS_PARSER)))
        return rc;
    rc = cc_parse_file(magic, input->bytes, input->len, doc);
    cc_magic_free(&magic);
    return rc;
}

/* What a program outside of the jail read off a picture. */
static int read_pages(const struct input *input, enum cc_file_type type, struct cc_extract *doc)
{
    const char *text;
    size_t len;
    int rc = cc_sandbox_calls(CC_CALLS_PARSER);

    doc->type = type;
    if (!rc)
        rc = cc_charset_decode(input->bytes, input->len, doc->mem, &text, &len, NULL);
    return rc ? rc : cc_parse_pdf_text(text, len, doc);
}

static int parse(const char *how, struct cc_extract *doc)
{
    struct input input = {0};
    int rc;

    if ((rc = cc_sandbox_limits()) || (rc = cc_sandbox_files(how)) || (rc = map_input(&input)))
        return rc;
    if (!strcmp(how, CC_PARSE_PAGES))
        rc = read_pages(&input, CC_FILE_PDF, doc);
    else if (!strcmp(how, CC_PARSE_PICTURE))
        rc = read_pages(&input, CC_FILE_TEXT, doc);
    else if (cc_type_is_pdf(input.bytes, input.len))
        rc = read_pdf(how, doc);
    else
        rc = read_other(&input, doc);
    if (!rc && !doc->n)
        return cc_fail(CC_E_NOTEXT, "the file has no text in it");
    return rc;
}

static int send_all(const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(STDOUT_FILENO, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return 1;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

static int send_out(struct cc_buf *out)
{
    int rc = send_all(out->bytes, out->len);

    cc_buf_reset(out);
    return rc;
}

static void say_page(int page)
{
    page_now = page;
    if (!begun)
        cc_frame_begin(&records);
    begun = true;
    cc_frame_page(page, &records);
    if (send_out(&records))
        _exit(1); /* nobody listens any more */
}

/* A reason that has to do with a place names it. */
static int with_page(int rc)
{
    char words[CC_FAIL_TEXT];

    if (!page_now || (rc != CC_E_PARSER && rc != CC_E_LIMIT))
        return rc;
    memccpy(words, cc_fail_text(), '\0', sizeof words);
    return cc_fail(rc, "%s at page %d", words, page_now);
}

static void write_end(const struct cc_extract *doc, int rc)
{
    if (!begun)
        cc_frame_begin(&records);
    cc_frame_end(doc, rc, rc ? cc_fail_text() : "", &records);
}

/* Nothing of the file's making runs after it. */
static void send_end(const struct cc_extract *doc, int rc)
{
    write_end(doc, rc);
    if (cc_buf_over(&records)) {
        cc_buf_reset(&records);
        write_end(doc, cc_fail(CC_E_LIMIT, "more than %u bytes of text", OUTPUT_BYTES));
    }
    _exit(send_out(&records));
}

int main(int argc, char **argv)
{
    struct cc_arena *mem = cc_arena_new(ARENA_BYTES);
    struct cc_extract doc;
    int rc;

    cc_buf_init(&records, OUTPUT_BYTES);
    cc_extract_init(&doc, CC_FILE_TEXT, mem);
    doc.on_page = say_page;
    rc = with_page(parse(argc > 1 ? argv[1] : "/usr/bin/pdftotext", &doc));
    send_end(&doc, rc);
}

/*
 * cc-parse PDFTOTEXT - the jailed child of cc-ingest: a file on standard input becomes records
 * (frame.h) on standard output.  It has no network, no database, no key, and little time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/parse/frame.h"
#include "ingest/parse/parse.h"
#include "ingest/parse/reader.h"
#include "ingest/parse/sandbox.h"
#include "ingest/parse/type.h"
#include "proto/base/error.h"

#define FILE_BYTES   (64u << 20)
#define OUTPUT_BYTES (24u << 20) /* of text and heads; the parent reads no more */
#define ARENA_BYTES  (384u << 20)

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
    rc = cc_reader_read(&reader, &text);
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
    rc = cc_parse_text_file(magic, input->bytes, input->len, doc);
    cc_magic_free(&magic);
    return rc;
}

static int parse(const char *pdftotext, struct cc_extract *doc)
{
    struct input input = {0};
    int rc;

    if ((rc = cc_sandbox_limits()) || (rc = cc_sandbox_files(pdftotext)) ||
        (rc = map_input(&input)))
        return rc;
    rc =
        cc_type_is_pdf(input.bytes, input.len) ? read_pdf(pdftotext, doc) : read_other(&input, doc);
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

int main(int argc, char **argv)
{
    struct cc_arena *mem = cc_arena_new(ARENA_BYTES);
    struct cc_extract doc;
    struct cc_buf out;
    int rc;

    cc_extract_init(&doc, CC_FILE_TEXT, mem);
    rc = parse(argc > 1 ? argv[1] : "/usr/bin/pdftotext", &doc);
    cc_buf_init(&out, OUTPUT_BYTES);
    cc_frame_encode(&doc, rc, rc ? cc_fail_text() : "", &out);
    if (cc_buf_over(&out)) {
        cc_buf_reset(&out);
        cc_fail(CC_E_LIMIT, "more than %u bytes of text", OUTPUT_BYTES);
        cc_frame_encode(&doc, CC_E_LIMIT, cc_fail_text(), &out);
    }
    _exit(send_all(out.bytes, out.len)); /* nothing of the file's making runs after main */
}

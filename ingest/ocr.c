#include "ingest/ocr.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ingest/child.h"
#include "ingest/parse/frame.h"
#include "proto/base/config.h"
#include "proto/base/error.h"

#define REFUSAL_BYTES ((size_t)128 << 10) /* a child's answer without a block is shorter */
#define REFUSAL_ARENA ((size_t)4 << 20)

static const char *program_of(const struct cc_jail *jail)
{
    return jail->ocr ? jail->ocr : cc_cfg(CC_CFG_OCR);
}

int cc_ocr_check(const struct cc_jail *jail)
{
    const char *path = program_of(jail);

    if (!*path)
        return 0;
    if (*path != '/')
        return cc_fail(CC_E_INVALID, "CC_OCR: %s is no absolute path", path);
    if (access(path, X_OK))
        return cc_fail(CC_E_NOTFOUND, "CC_OCR: %s: %s", path, strerror(errno));
    return 0;
}

/* How pictures begin: only to know what an OCR program can be asked for. */
static const struct {
    size_t at, len;
    const char *bytes;
} pictures[] = {
    {0, 8, "\x89PNG\r\n\x1a\n"},
    {0, 3, "\xff\xd8\xff"},
    {0, 4, "GIF8"},
    {0, 4, "II*\0"},
    {0, 4, "MM\0*"},
    {8, 4, "WEBP"},
    {4, 8, "ftypheic"},
};

static bool is_picture(const struct cc_jail_file *file)
{
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        if (file->len >= pictures[i].at + pictures[i].len &&
            !memcmp((const char *)file->bytes + pictures[i].at, pictures[i].bytes, pictures[i].len))
            return true;
    return false;
}

/* The child's reason for no text; 0 when there is some. */
static int refusal_of(const struct cc_buf *frames, enum cc_file_type *ret_type)
{
    struct cc_arena *mem;
    struct cc_extract doc;
    int rc;

    if (frames->len > REFUSAL_BYTES)
        return 0;
    mem = cc_arena_new(REFUSAL_ARENA);
    rc = cc_frame_decode(frames->bytes, frames->len, mem, &doc);
    *ret_type = doc.type;
    cc_arena_free(&mem);
    return rc;
}

static bool is_wanted(const struct cc_jail *jail, const struct cc_jail_file *file,
                      const struct cc_buf *frames)
{
    enum cc_file_type type;
    int code;

    if (!*program_of(jail))
        return false;
    code = refusal_of(frames, &type);
    return (code == CC_E_NOTEXT && type == CC_FILE_PDF) || (code == CC_E_TYPE && is_picture(file));
}

static int judge(int status)
{
    if (WIFSIGNALED(status))
        return cc_fail(CC_E_PARSER, "the OCR program died of signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status))
        return cc_fail(CC_E_PARSER, "the OCR program ended with %d", WEXITSTATUS(status));
    return 0;
}

static int run_program(const struct cc_jail *jail, const struct cc_jail_file *file,
                       struct cc_buf *text)
{
    const char *const argv[] = {program_of(jail), NULL};
    int wall_ms = jail->ocr_ms ? jail->ocr_ms : (int)cc_cfg_int(CC_CFG_OCR_MS), status;
    int64_t deadline = cc_now() + wall_ms;
    struct cc_child child;
    int rc = cc_child_start(argv, file->bytes, file->len, &child);

    if (rc)
        return rc;
    while (!(rc = cc_child_read(&child, deadline, text)))
        ;
    rc = rc == CC_E_NOTFOUND ? 0 : rc;
    status = cc_child_end(&child, rc != 0);
    if (rc == CC_E_TIMEOUT)
        return cc_fail(CC_E_LIMIT, "the OCR program was stopped after %g s", wall_ms / 1000.0);
    if (rc == CC_E_LIMIT)
        return cc_fail(CC_E_LIMIT, "more than %zu bytes of text", text->cap);
    return rc ? rc : judge(status);
}

/* In place of the result there was; without a word from the program that one stands. */
static int read_again(const struct cc_jail *jail, const struct cc_jail_file *file,
                      struct cc_jail_result *ret)
{
    struct cc_buf text;
    int rc;

    cc_buf_init(&text, CC_EXTRACT_TEXT);
    rc = run_program(jail, file, &text);
    if (!rc && !text.len) {
        cc_buf_done(&text);
        return 0;
    }
    cc_buf_done(&ret->out);
    if (!rc)
        rc = cc_jail_run(
            jail,
            &(struct cc_jail_file){.bytes = text.bytes,
                                   .len = text.len,
                                   .what = is_picture(file) ? CC_JAIL_PICTURE : CC_JAIL_PAGES,
                                   .on_page = file->on_page,
                                   .arg = file->arg},
            ret);
    cc_buf_done(&text);
    return rc;
}

int cc_ocr_read(const struct cc_jail *jail, const struct cc_jail_file *file,
                struct cc_jail_result *ret)
{
    int rc = cc_jail_run(jail, file, ret);

    if (rc || !is_wanted(jail, file, &ret->out))
        return rc;
    return read_again(jail, file, ret);
}

#include "ingest/parse/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/base/buf.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"

#define NAME_BYTES  512
#define NAMES_BYTES (4u << 20) /* of all names together */

enum fate { WHOLE, UNREAD, DAMAGED, TOO_LARGE, ENCRYPTED };

struct part {
    char *name;
    struct cc_buf data;
    enum fate fate;
};

struct cc_archive {
    struct part *parts;
    size_t n, room, kept, names;
    const char *bytes;
    size_t len;
    bool (*wanted)(const char *name);
    bool damaged;
};

typedef struct archive *archive_handle;
CC_CLEANER(archive_handle, archive_read_free)

static void forget(struct cc_archive *a)
{
    for (size_t i = 0; i < a->n; i++) {
        free(a->parts[i].name);
        cc_buf_done(&a->parts[i].data);
    }
    a->n = a->kept = a->names = 0;
}

void cc_archive_free(struct cc_archive **archive)
{
    if (!*archive)
        return;
    forget(*archive);
    free((*archive)->parts);
    free(*archive);
    *archive = NULL;
}

static struct part *add_part(struct cc_archive *a, const char *name)
{
    struct part *part;

    if (a->n == a->room) {
        a->room = a->room ? 2 * a->room : 64;
        a->parts = realloc(a->parts, a->room * sizeof *a->parts);
        if (!a->parts)
            abort();
    }
    part = &a->parts[a->n];
    part->name = strdup(name);
    if (!part->name)
        abort();
    part->fate = UNREAD;
    cc_buf_init(&part->data, CC_ARCHIVE_PART < CC_ARCHIVE_TOTAL - a->kept
                                 ? CC_ARCHIVE_PART
                                 : CC_ARCHIVE_TOTAL - a->kept);
    a->n++;
    a->names += strlen(name);
    return part;
}

static bool is_bomb(const struct cc_archive *a, size_t inflated)
{
    return inflated > CC_ARCHIVE_FREELY && inflated / CC_ARCHIVE_RATIO > a->len;
}

static enum fate inflate_part(const struct cc_archive *a, struct archive *reader,
                              struct cc_buf *data)
{
    const void *bytes;
    la_int64_t offset;
    size_t n;
    int rc;

    while ((rc = archive_read_data_block(reader, &bytes, &n, &offset)) == ARCHIVE_OK) {
        cc_buf_add(data, bytes, n);
        if (cc_buf_over(data) || is_bomb(a, data->len)) {
            cc_buf_done(data);
            return TOO_LARGE;
        }
    }
    return rc == ARCHIVE_EOF ? WHOLE : DAMAGED;
}

static const char *plain_name(const char *name, char copy[NAME_BYTES])
{
    size_t n = 0;

    while (*name == '/' || *name == '\\')
        name++;
    for (; *name && n + 1 < NAME_BYTES; name++)
        copy[n++] = *name == '\\' ? '/' : *name;
    copy[n] = '\0';
    return copy;
}

static int take(struct cc_archive *a, struct archive *reader, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);
    char copy[NAME_BYTES];
    struct part *part;

    if (a->n >= CC_ARCHIVE_ENTRIES || a->names > NAMES_BYTES)
        return cc_fail(CC_E_LIMIT, "the container has more than %d parts", CC_ARCHIVE_ENTRIES);
    part = add_part(a, plain_name(name ? name : "", copy));
    if (!a->wanted(part->name))
        return 0;
    part->fate =
        archive_entry_is_data_encrypted(entry) ? ENCRYPTED : inflate_part(a, reader, &part->data);
    a->kept += part->data.len;
    return 0;
}

/* 1: the container ended before its end. */
static int read_through(struct cc_archive *a, int (*format)(struct archive *))
{
    CC_AUTO(archive_read_free)
    archive_handle reader = archive_read_new();
    struct archive_entry *entry;
    int rc, taken = 0;

    if (!reader)
        abort();
    if (format(reader) || archive_read_open_memory(reader, a->bytes, a->len))
        return 1;
    do {
        rc = archive_read_next_header(reader, &entry);
        if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN)
            taken = take(a, reader, entry);
    } while (!taken && (rc == ARCHIVE_OK || rc == ARCHIVE_WARN));
    return taken ? taken : rc != ARCHIVE_EOF;
}

int cc_archive_open(const char *bytes, size_t len, bool (*wanted)(const char *name),
                    struct cc_archive **ret)
{
    struct cc_archive *a = calloc(1, sizeof *a);
    int rc;

    if (!a)
        abort();
    *a = (struct cc_archive){.bytes = bytes, .len = len, .wanted = wanted};
    rc = read_through(a, archive_read_support_format_zip_seekable);
    if (rc == 1 || !a->n) {
        forget(a);
        a->damaged = true;
        rc = read_through(a, archive_read_support_format_zip_streamable);
    }
    if (rc >= 0 && !a->n)
        rc = cc_fail(CC_E_PARSER, "the file is a ZIP container that is damaged or empty");
    if (rc < 0) {
        cc_archive_free(&a);
        return rc;
    }
    *ret = a;
    return 0;
}

bool cc_archive_is_damaged(const struct cc_archive *archive)
{
    return archive->damaged;
}

const char *cc_archive_name(const struct cc_archive *archive, size_t i)
{
    return i < archive->n ? archive->parts[i].name : NULL;
}

static const struct part *find(const struct cc_archive *archive, const char *name)
{
    for (size_t i = 0; i < archive->n; i++)
        if (!strcasecmp(archive->parts[i].name, name))
            return &archive->parts[i];
    return NULL;
}

bool cc_archive_has(const struct cc_archive *archive, const char *name)
{
    return find(archive, name);
}

static int judge(const struct part *part)
{
    switch (part->fate) {
    case WHOLE: return 0;
    case ENCRYPTED: return cc_fail(CC_E_ENCRYPTED, "the file wants a password");
    case TOO_LARGE: return cc_fail(CC_E_LIMIT, "%.60s inflates beyond all measure", part->name);
    default: return cc_fail(CC_E_PARSER, "%.60s inside the file is damaged", part->name);
    }
}

int cc_archive_part(const struct cc_archive *archive, const char *name, const char **ret,
                    size_t *ret_len)
{
    const struct part *part = find(archive, name);
    int rc = part ? judge(part) : cc_fail(CC_E_NOTFOUND, "there is no %.60s in the file", name);

    if (rc)
        return rc;
    *ret = part->data.bytes;
    *ret_len = part->data.len;
    return 0;
}

/*
 * archive.h - the parts of a ZIP container, in memory.
 *
 * One pass over the container keeps the parts whose names are wanted; the others are not even
 * inflated.  A container whose directory is damaged is read from its beginning instead.  A part
 * that is too large, damaged or encrypted is kept by name alone and fails when it is asked for:
 * one that nobody needs costs nothing.
 */
#ifndef CC_INGEST_PARSE_ARCHIVE_H
#define CC_INGEST_PARSE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>

#define CC_ARCHIVE_ENTRIES 20000
#define CC_ARCHIVE_PART    (128u << 20) /* bytes of one part, inflated */
#define CC_ARCHIVE_TOTAL   (192u << 20) /* of all that are kept */
#define CC_ARCHIVE_RATIO   200          /* inflated to deflated, looked at beyond */
#define CC_ARCHIVE_FREELY  (16u << 20)  /* these bytes of a part */

struct cc_archive;

/* PARSER: not one entry can be read.  LIMIT: too many entries. */
int cc_archive_open(const char *bytes, size_t len, bool (*wanted)(const char *name),
                    struct cc_archive **ret);
void cc_archive_free(struct cc_archive **archive); /* NULL is fine; sets NULL */

/* It had to be read from its beginning: parts may be missing. */
bool cc_archive_is_damaged(const struct cc_archive *archive);

/* Names without a leading slash, parted by '/'; NULL beyond the last. */
const char *cc_archive_name(const struct cc_archive *archive, size_t i);

/* Letter case does not count. */
bool cc_archive_has(const struct cc_archive *archive, const char *name);

/* *ret lives as long as the archive.  NOTFOUND; ENCRYPTED, LIMIT, PARSER: the part's own fate. */
int cc_archive_part(const struct cc_archive *archive, const char *name, const char **ret,
                    size_t *ret_len);

#endif

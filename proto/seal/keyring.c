/* The operator's secret keys in a file: lines "kid hex", the current one first. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/error.h"
#include "proto/seal/seal.h"

#define KEYS_MAX  32
#define KID_CHARS (CC_SEAL_KID - 1)
#define HEX_CHARS (2 * CC_SEAL_HALF)
#define LINE      (KID_CHARS + 1 + HEX_CHARS + 1) /* with the newline */
#define FILE_MAX  (KEYS_MAX * LINE)
#define PATH_ROOM 1024

struct cc_keyring {
    int n;
    struct cc_seal_secret key[KEYS_MAX];
};

void cc_keyring_free(struct cc_keyring **p)
{
    if (*p)
        sodium_memzero(*p, sizeof **p);
    free(*p);
    *p = NULL;
}

int cc_keyring_n(const struct cc_keyring *keyring)
{
    return keyring->n;
}

const struct cc_seal_secret *cc_keyring_at(const struct cc_keyring *keyring, int i)
{
    return i >= 0 && i < keyring->n ? &keyring->key[i] : NULL;
}

const struct cc_seal_secret *cc_keyring_find(const struct cc_keyring *keyring, const char *kid)
{
    for (int i = 0; i < keyring->n; i++)
        if (strcmp(keyring->key[i].public.kid, kid) == 0)
            return &keyring->key[i];
    return NULL;
}

/* ---- reading ---- */

/* As cc_seal_pair() makes them; any other bits would be the same key by another spelling. */
static bool is_plain(const unsigned char *half)
{
    return (half[0] & 7) == 0 && (half[CC_SEAL_HALF - 1] & 0xc0) == 0x40;
}

/* The name must be that of the key: a line that was mixed up is noticed here, not when a tenant's
 * credential does not open. */
static int read_line(const char *line, int number, struct cc_keyring *ring)
{
    unsigned char half[CC_SEAL_HALF];
    struct cc_seal_secret *key = &ring->key[ring->n];
    size_t len = 0;
    int rc = 0;

    if (line[KID_CHARS] != ' ' || line[LINE - 1] != '\n' ||
        sodium_hex2bin(half, sizeof half, line + KID_CHARS + 1, HEX_CHARS, NULL, &len, NULL) ||
        len != sizeof half || !is_plain(half))
        rc = cc_fail(CC_E_INVALID, "keyring: line %d is not \"kid hex\"", number);
    if (rc == 0)
        rc = cc_seal_secret_of(half, sizeof half, key);
    sodium_memzero(half, sizeof half);
    if (rc == 0 && memcmp(key->public.kid, line, KID_CHARS) != 0)
        rc = cc_fail(CC_E_INVALID, "keyring: line %d has another key than it says", number);
    if (rc == 0 && cc_keyring_find(ring, key->public.kid))
        rc = cc_fail(CC_E_INVALID, "keyring: line %d repeats a key", number);
    if (rc == 0)
        ring->n++;
    return rc;
}

static int read_lines(const char *text, size_t len, struct cc_keyring *ring)
{
    int rc = 0;

    if (len == 0 || len % LINE != 0)
        return cc_fail(CC_E_INVALID, "keyring: not a file of lines \"kid hex\"");
    for (size_t at = 0; at < len && rc == 0; at += LINE)
        rc = read_line(text + at, (int)(at / LINE) + 1, ring);
    return rc;
}

/* Nobody else may read it: whoever can, opens every tenant's credentials. */
static int check_mode(int fd, const char *path)
{
    struct stat st;

    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        return cc_fail(CC_E_INVALID, "keyring %s: not a file", path);
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return cc_fail(CC_E_INVALID, "keyring %s: others may read it; it wants mode 0600", path);
    if (st.st_size > FILE_MAX)
        return cc_fail(CC_E_INVALID, "keyring %s: more than %d keys", path, KEYS_MAX);
    return 0;
}

static int read_whole(int fd, char *text, size_t room, size_t *ret_len)
{
    size_t len = 0;
    ssize_t n;

    while ((n = read(fd, text + len, room - len)) > 0)
        len += (size_t)n;
    if (n < 0)
        return cc_fail(CC_E_INVALID, "keyring: %s", strerror(errno));
    *ret_len = len;
    return 0;
}

int cc_keyring_parse(const char *text, size_t len, struct cc_keyring **ret)
{
    struct cc_keyring *ring;

    if (len > FILE_MAX)
        return cc_fail(CC_E_INVALID, "keyring: more than %d keys", KEYS_MAX);
    ring = calloc(1, sizeof *ring);
    if (!ring)
        abort();
    int rc = read_lines(text, len, ring);
    if (rc)
        cc_keyring_free(&ring);
    else
        *ret = ring;
    return rc;
}

int cc_keyring_read(const char *path, struct cc_keyring **ret)
{
    char text[FILE_MAX];
    size_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return cc_fail(errno == ENOENT ? CC_E_NOTFOUND : CC_E_INVALID, "keyring %s: %s", path,
                       strerror(errno));
    int rc = check_mode(fd, path);
    if (rc == 0)
        rc = read_whole(fd, text, sizeof text, &len);
    if (rc == 0)
        rc = cc_keyring_parse(text, len, ret);
    sodium_memzero(text, sizeof text);
    close(fd);
    return rc;
}

/* ---- writing ---- */

static size_t write_lines(const struct cc_seal_secret *const *keys, int n, char *out)
{
    for (int i = 0; i < n; i++) {
        char *line = out + (size_t)i * LINE;

        memcpy(line, keys[i]->public.kid, KID_CHARS);
        line[KID_CHARS] = ' ';
        sodium_bin2hex(line + KID_CHARS + 1, HEX_CHARS + 1, keys[i]->half, CC_SEAL_HALF);
        line[LINE - 1] = '\n';
    }
    return (size_t)n * LINE;
}

/* Whose the file was stays: workers read it, and an operator may write it as root. */
static int keep_owner(int fd, const char *path)
{
    struct stat st;

    if (stat(path, &st))
        return errno == ENOENT ? 0 : -1;
    return st.st_uid == geteuid() && st.st_gid == getegid() ? 0 : fchown(fd, st.st_uid, st.st_gid);
}

static int write_whole(const char *path, const char *beside, const char *text, size_t len)
{
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return -1;
    if (keep_owner(fd, path)) {
        close(fd);
        return -1;
    }
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, text + done, len - done);

        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    int rc = fsync(fd);
    return close(fd) || rc ? -1 : 0;
}

/* The name is on the disk only when its folder is. */
static int sync_folder(const char *path)
{
    char name[PATH_ROOM];

    if (strlen(path) >= sizeof name)
        return -1;
    memcpy(name, path, strlen(path) + 1);
    int fd = open(dirname(name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int rc = fsync(fd);
    close(fd);
    return rc;
}

int cc_keyring_write(const char *path, const struct cc_seal_secret *const *keys, int n)
{
    char text[FILE_MAX + 1], beside[PATH_ROOM];
    int rc = 0;

    if (n < 1 || n > KEYS_MAX)
        return cc_fail(CC_E_INVALID, "keyring: wants 1 to %d keys", KEYS_MAX);
    if (snprintf(beside, sizeof beside, "%s.%d", path, (int)getpid()) >= (int)sizeof beside)
        return cc_fail(CC_E_INVALID, "keyring: its path is too long");
    size_t len = write_lines(keys, n, text);
    unlink(beside);
    if (write_whole(path, beside, text, len) || rename(beside, path) || sync_folder(path)) {
        rc = cc_fail(CC_E_INTERNAL, "keyring %s: %s", path, strerror(errno));
        unlink(beside);
    }
    sodium_memzero(text, sizeof text);
    return rc;
}

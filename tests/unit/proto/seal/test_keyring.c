#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/error.h"
#include "proto/seal/seal.h"

#define LINE 82 /* "kid hex\n" */

static char folder[] = "/tmp/cc-keyring-XXXXXX", path[64];
static struct cc_seal_secret key[3];
static const struct cc_seal_secret *const keys[] = {&key[0], &key[1], &key[2]};

static void begin(void)
{
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/ring", folder);
    for (int i = 0; i < 3; i++)
        cc_seal_pair(&key[i]);
    cr_assert_eq(cc_keyring_write(path, keys, 3), 0, "%s", cc_fail_text());
}

static void end(void)
{
    unlink(path);
    rmdir(folder);
}

TestSuite(keyring, .init = begin, .fini = end, .timeout = 60);

static size_t file(char *out, size_t room)
{
    FILE *f = fopen(path, "r");
    size_t n = fread(out, 1, room, f);

    fclose(f);
    return n;
}

static int parse(const char *text, size_t len)
{
    struct cc_keyring *ring = NULL;
    int rc = cc_keyring_parse(text, len, &ring);

    cr_expect_eq(ring != NULL, rc == 0);
    cc_keyring_free(&ring);
    return rc;
}

Test(keyring, reads_what_it_wrote_in_the_same_order)
{
    struct cc_keyring *ring;

    cr_assert_eq(cc_keyring_read(path, &ring), 0, "%s", cc_fail_text());
    cr_assert_eq(cc_keyring_n(ring), 3);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(memcmp(cc_keyring_at(ring, i), &key[i], sizeof key[i]), 0);
        cr_expect_eq(cc_keyring_find(ring, key[i].public.kid), cc_keyring_at(ring, i));
    }
    cr_expect_null(cc_keyring_at(ring, 3));
    cr_expect_null(cc_keyring_find(ring, "0123456789abcdef"));
    cc_keyring_free(&ring);
    cr_expect_null(ring);
}

Test(keyring, is_refused_when_others_may_read_it)
{
    static const mode_t bad[] = {0640, 0604, 0660, 0610, 0601};
    struct cc_keyring *ring;
    struct stat st;

    cr_assert_eq(stat(path, &st), 0);
    cr_expect_eq(st.st_mode & 07777, 0600);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        chmod(path, bad[i]);
        cr_expect_eq(cc_keyring_read(path, &ring), CC_E_INVALID, "mode %o", bad[i]);
        cr_expect_null(strstr(cc_fail_text(), key[0].public.kid));
    }
    cr_expect_eq(cc_keyring_read("/nowhere/ring", &ring), CC_E_NOTFOUND);
    cr_expect_eq(cc_keyring_read(folder, &ring), CC_E_INVALID);
}

Test(keyring, is_refused_when_cut_anywhere)
{
    char text[400];
    size_t len = file(text, sizeof text);

    cr_assert_eq(len, 3 * LINE);
    for (size_t n = 0; n < len; n++)
        cr_expect_eq(parse(text, n), n > 0 && n % LINE == 0 ? 0 : CC_E_INVALID, "%zu bytes", n);
}

Test(keyring, notices_every_changed_byte)
{
    char text[400];
    size_t len = file(text, sizeof text);

    for (size_t i = 0; i < len; i++) {
        char was = text[i];

        text[i] = was == '0' ? '1' : '0';
        cr_expect_eq(parse(text, len), CC_E_INVALID, "byte %zu", i);
        text[i] = was;
    }
    cr_expect_eq(parse(text, len), 0);
}

Test(keyring, refuses_a_key_that_is_there_twice)
{
    char text[400];
    size_t len = file(text, sizeof text);

    memcpy(text + len, text, LINE);

    cr_expect_eq(parse(text, len + LINE), CC_E_INVALID);
}

Test(keyring, holds_a_limited_number_of_keys)
{
    const struct cc_seal_secret *many[33];

    for (int i = 0; i < 33; i++)
        many[i] = &key[0];

    cr_expect_eq(cc_keyring_write(path, many, 33), CC_E_INVALID);
    cr_expect_eq(cc_keyring_write(path, many, 0), CC_E_INVALID);
    cr_expect_neq(cc_keyring_write("/nowhere/ring", many, 1), 0);
}

/* proto/seal/key.c.  The vectors were computed with Python's zlib.crc32 and hashlib. */
#include <criterion/criterion.h>
#include <string.h>

#include "proto/seal/key.h"

#define PUBLIC_KEY "pk_live_ABCDEFGHIJKLMNOPQRSTUVWXYZabcd4VmWcm"
#define SECRET_KEY "sk_live_0000000000000000000000000000001yMVfD"

Test(key, with_the_right_checksum_is_a_key)
{
    enum cc_key_kind kind;

    cr_assert(cc_key_parse(PUBLIC_KEY, &kind));
    cr_assert_eq(kind, CC_KEY_PUBLIC);
    cr_assert(cc_key_parse(SECRET_KEY, &kind));
    cr_assert_eq(kind, CC_KEY_SECRET);
}

Test(key, that_was_made_parses_and_is_never_the_same)
{
    char one[CC_KEY_MAX], two[CC_KEY_MAX];
    enum cc_key_kind kind;

    cc_key_make(CC_KEY_SECRET, one);
    cc_key_make(CC_KEY_SECRET, two);

    cr_assert_eq(strlen(one), 44);
    cr_assert_neq(strcmp(one, two), 0);
    cr_assert(cc_key_parse(one, &kind));
    cr_assert_eq(kind, CC_KEY_SECRET);
}

Test(key, with_any_one_character_changed_is_none)
{
    char key[CC_KEY_MAX];
    enum cc_key_kind kind;

    for (size_t i = 0; i < 44; i++) {
        memcpy(key, PUBLIC_KEY, sizeof key);
        key[i] = key[i] == 'x' ? 'y' : 'x';
        cr_assert_not(cc_key_parse(key, &kind), "%s", key);
    }
}

Test(key, of_another_form_is_none)
{
    static const char *const none[] = {
        "",
        "pk_live_",
        "pk_test_ABCDEFGHIJKLMNOPQRSTUVWXYZabcd4VmWcm",
        "pk_live_ABCDEFGHIJKLMNOPQRSTUVWXYZabcd4VmWc",
        "pk_live_ABCDEFGHIJKLMNOPQRSTUVWXYZabcd4VmWcm0",
        "pk_live_ABCDEFGHIJKLMNOPQRSTUVWXYZabc_4VmWcm",
        "sk_live_ABCDEFGHIJKLMNOPQRSTUVWXYZabcd4VmWcm",
        " pk_live_ABCDEFGHIJKLMNOPQRSTUVWXYZabcd4VmWc",
    };
    enum cc_key_kind kind = CC_KEY_SECRET;

    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_assert_not(cc_key_parse(none[i], &kind), "%s", none[i]);
    cr_assert_eq(kind, CC_KEY_SECRET, "is untouched");
}

Test(key, is_hashed_with_sha256)
{
    char hash[CC_SHA256_HEX];

    cr_assert_str_eq(cc_key_hash(SECRET_KEY, hash),
                     "b9dbfd28548c2213eb3758926635528d28ffe3a567c9b238bc3fc27d1e5e779b");
}

Test(key, hint_shows_both_ends_only)
{
    char hint[24];

    cr_assert_str_eq(cc_key_hint(PUBLIC_KEY, hint), "pk_live_AB\xE2\x80\xA6mWcm");
}

Test(secret, is_the_same_only_with_length_and_bytes)
{
    cr_assert(cc_same_secret("abc", "abc"));
    cr_assert_not(cc_same_secret("abc", "abd"));
    cr_assert_not(cc_same_secret("abc", "abcd"));
    cr_assert_not(cc_same_secret("", "a"));
    cr_assert(cc_same_secret("", ""));
}

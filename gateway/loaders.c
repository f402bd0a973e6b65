#include "gateway/loaders.h"

#include <string.h>

#include "gateway/gateway.h"
#include "gateway/pure/memo.h"
#include "proto/base/clean.h"
#include "proto/base/clock.h"
#include "proto/base/error.h"
#include "proto/base/log.h"
#include "proto/store/loader.h"
#include "proto/task/task.h"

#define LOADER    "/widget.js"
#define DIGITS    8
#define AGAIN_MS  5000
#define FRESH_MS  1000 /* a version that is new is known to all after that */
#define KEEP_MS   86400000
#define KEPT      64
#define ENTRY_CAP (1024 * 1024)

static struct {
    struct cc_task_ref keeper;
    struct cc_memo *kept;
    struct cc_arena *mem; /* of the versions */
    const char *const *versions;
    int n;
    int64_t read_ms; /* 0: never */
} loaders;

/* ---- ours ---- */

static void keep_ours(void *arg)
{
    const struct cc_file *file = cc_files_find(LOADER);
    int rc = file ? CC_E_DOWN : 0;
    char version[DIGITS + 1] = "";

    (void)arg;
    if (file)
        memcpy(version, file->etag + 1, DIGITS);
    while (rc != 0 && rc != CC_E_CANCELLED) {
        rc = cc_loader_put(cc_gateway()->pg, &(struct cc_loader){version, file->bytes, file->len});
        if (rc != 0 && rc != CC_E_CANCELLED) {
            cc_log_failure("loader_not_stored", rc, cc_s("version", version));
            rc = cc_sleep(AGAIN_MS) == CC_E_CANCELLED ? CC_E_CANCELLED : rc;
        }
    }
}

int cc_loaders_open(void)
{
    loaders.kept = cc_memo_new(KEPT);
    return cc_task_spawn("loader", keep_ours, NULL, &loaders.keeper);
}

void cc_loaders_close(void)
{
    cc_task_cancel(loaders.keeper);
    cc_memo_free(&loaders.kept);
    cc_arena_free(&loaders.mem);
    loaders.n = 0;
}

/* ---- others ---- */

static bool listed(const char *digits)
{
    for (int i = 0; i < loaders.n; i++)
        if (strcmp(loaders.versions[i], digits) == 0)
            return true;
    return false;
}

static int read_list(void)
{
    struct cc_arena *mem = cc_arena_new(ENTRY_CAP);
    const char *const *versions;
    int n, rc = cc_loader_versions(cc_gateway()->pg, mem, &versions, &n);

    if (rc == 0) {
        cc_arena_free(&loaders.mem);
        loaders.mem = CC_TAKE(mem);
        loaders.versions = versions;
        loaders.n = n;
        loaders.read_ms = cc_clock_ms();
    }
    cc_arena_free(&mem);
    return rc;
}

/* Waits.  Nobody can make us look each version up that he makes up: the list tells. */
static int is_there(const char *digits)
{
    bool fresh = loaders.read_ms && cc_clock_ms() - loaders.read_ms < FRESH_MS;
    int rc = listed(digits) || fresh ? 0 : read_list();

    if (rc == 0 && !listed(digits))
        rc = cc_fail(CC_E_NOTFOUND, "no such version of the loader");
    return rc;
}

/* Waits.  The bytes are whatever the table says only if they are what they are called. */
static int read_one(const char *digits)
{
    struct cc_arena *mem = cc_arena_new(ENTRY_CAP);
    struct cc_file *file = cc_arena_get(mem, sizeof *file);
    struct cc_loader row;
    int rc = cc_loader_get(cc_gateway()->pg, digits, mem, &row);

    if (rc == 0)
        *file = cc_file_of(cc_files_find(LOADER), row.bytes, row.len, mem);
    if (rc == 0 && strncmp(file->etag + 1, digits, DIGITS) != 0)
        rc = cc_fail(CC_E_NOTFOUND, "a stored loader is not what it is called");
    if (rc == 0)
        cc_memo_put(loaders.kept, digits, file, CC_TAKE(mem), cc_clock_ms() + KEEP_MS);
    cc_arena_free(&mem);
    return rc;
}

static bool is_version(const char *text)
{
    size_t len = strspn(text, "0123456789abcdef");

    return text[len] == '\0' && len >= DIGITS && len < CC_SHA256_HEX;
}

int cc_loaders_find(const char *version, struct cc_arena *mem, struct cc_file *ret)
{
    const struct cc_file *kept;
    const char *digits;
    int rc = 0;

    if (!is_version(version))
        return cc_fail(CC_E_NOTFOUND, "that is no version");
    digits = cc_arena_dupn(mem, version, DIGITS);
    if (!cc_memo_get(loaders.kept, digits, cc_clock_ms())) {
        rc = is_there(digits);
        if (rc == 0)
            rc = read_one(digits);
    }
    kept = rc == 0 ? cc_memo_get(loaders.kept, digits, cc_clock_ms()) : NULL;
    if (rc == 0 && (!kept || strncmp(kept->etag + 1, version, strlen(version)) != 0))
        rc = cc_fail(CC_E_NOTFOUND, "no such version of the loader");
    if (rc == 0)
        *ret = cc_file_copy(kept, mem);
    return rc;
}

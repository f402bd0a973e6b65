/* Files of the operator's own disk become documents, as if they were uploaded. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "infra/ctl/ctl.h"
#include "proto/base/config.h"
#include "proto/base/hash.h"
#include "proto/base/id.h"
#include "proto/base/json.h"
#include "proto/store/document.h"

struct file {
    char *bytes; /* NULL until read */
    size_t len;
};

static int read_open(int fd, const char *path, struct cc_arena *mem, struct file *ret)
{
    struct stat st;
    size_t cap = (size_t)cc_cfg_int(CC_CFG_UPLOAD_MAX);

    if (fd < 0 || fstat(fd, &st) != 0)
        return cc_fail(CC_E_NOTFOUND, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return cc_fail(CC_E_INVALID, "%s is empty, or no file", path);
    if ((size_t)st.st_size > cap)
        return cc_fail(CC_E_TOOBIG, "%s is larger than CC_UPLOAD_MAX (%zu bytes)", path, cap);
    ret->bytes = cc_arena_get(mem, (size_t)st.st_size);
    while (ret->len < (size_t)st.st_size) {
        ssize_t n = read(fd, ret->bytes + ret->len, (size_t)st.st_size - ret->len);

        if (n <= 0)
            return cc_fail(CC_E_INVALID, "%s: %s", path, n ? strerror(errno) : "it shrank");
        ret->len += (size_t)n;
    }
    return 0;
}

static int read_file(const char *path, struct cc_arena *mem, struct file *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = read_open(fd, path, mem, ret);

    if (fd >= 0)
        close(fd);
    return rc;
}

/* *ret_id: the new one's, or that of a document with the same bytes. */
static int add(struct cc_ctl *ctl, const struct cc_document *like, const char *path, char *ret_id,
               bool *ret_known)
{
    CC_AUTOP(cc_arena_free)
    struct cc_arena *mem = cc_arena_new((size_t)cc_cfg_int(CC_CFG_UPLOAD_MAX) + (1 << 20));
    struct cc_document d = *like;
    struct file file = {0};
    char sum[CC_SHA256_HEX];
    const char *same;
    int rc = read_file(path, mem, &file);

    if (rc)
        return rc;
    d.filename = d.title = basename(cc_arena_dup(mem, path));
    d.bytes = file.bytes;
    d.size = (int64_t)file.len;
    d.sha256 = cc_sha256_hex(file.bytes, file.len, sum);
    rc = cc_document_same(ctl->pg, d.tenant, d.bot, d.sha256, mem, &same);
    *ret_known = rc == 0;
    if (rc == 0)
        memccpy(ret_id, same, '\0', CC_ID_MAX);
    if (rc != CC_E_NOTFOUND)
        return rc;
    d.id = cc_id_sorted("doc", ret_id);
    return cc_document_add(ctl->pg, &d);
}

static int add_all(struct cc_ctl *ctl, const struct cc_document *like, json_t *shown)
{
    const char *path;
    int rc = 0;

    while (rc == 0 && ctl->argc > 0) {
        char id[CC_ID_MAX];
        bool known;

        rc = cc_ctl_word(ctl, "FILE", &path);
        if (rc == 0)
            rc = add(ctl, like, path, id, &known);
        if (rc)
            return rc;
        if (!known)
            cc_ctl_line_up(ctl, like->tenant, id);
        json_array_append_new(shown, json_pack("{ss ss sb}", "file", path, "documentId", id,
                                               "duplicate", (int)known));
    }
    return rc;
}

int cc_ctl_document_add(struct cc_ctl *ctl)
{
    CC_AUTO(json_decref)
    json_t *shown = json_array();
    const char *bot = cc_ctl_option(ctl, "--bot"), *tenant;
    int rc = cc_ctl_word(ctl, "TENANT", &tenant);

    if (rc == 0 && ctl->argc == 0)
        rc = cc_fail(CC_E_INVALID, "FILE is missing");
    if (rc == 0)
        rc = cc_ctl_pg(ctl);
    if (rc)
        return rc;
    const struct cc_document like = {
        .tenant = tenant, .bot = bot ? bot : "", .url = "", .type = "application/octet-stream"};
    rc = add_all(ctl, &like, shown);
    cc_ctl_show(ctl, shown);
    return rc;
}

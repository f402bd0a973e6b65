#include "ingest/own_file.h"

#include <string.h>

#include "ingest/ocr.h"
#include "ingest/passage.h"
#include "ingest/prepare.h"
#include "ingest/work.h"
#include "proto/base/config.h"
#include "proto/base/error.h"
#include "proto/base/json.h"
#include "proto/base/log.h"
#include "proto/bus/call.h"
#include "proto/store/session_file.h"
#include "proto/task/group.h"
#include "proto/vec/rank.h"

#define SLOTS       2    /* files at once */
#define LEASE_MS    9000 /* whoever died at it is missed for no longer */
#define SCRATCH     ((size_t)64 << 20)
#define YIELD_AFTER 8 /* passages whose words are counted in one go */

/* One file at work. */
struct reading {
    struct cc_ingest *ingest;
    struct cc_arena *mem;
    struct cc_session_file_hold hold;
    struct cc_session_file_bytes file;
    struct cc_prepared prepared;
    struct cc_session_file_passages passages;
    struct cc_wait over; /* the heart waits for this */
};

static struct cc_call_server *server; /* of this process */

/* ---- from bytes to passages ---- */

static int cut(struct reading *r)
{
    const struct cc_prepare_opts opts = {.tokens = r->ingest->tokens, .shape = CC_SHAPE};
    struct cc_jail_result parsed;
    int rc =
        cc_ocr_read(&r->ingest->jail,
                    &(struct cc_jail_file){.bytes = r->file.bytes, .len = r->file.len}, &parsed);

    if (!rc)
        rc = cc_prepare(&opts, &parsed.out, &r->prepared);
    if (!rc && r->prepared.n == 0)
        rc = cc_fail(CC_E_NOTEXT, "there is no text in the file");
    return rc;
}

static int words_of(const struct reading *r, const struct cc_slice *slice, struct cc_arena *scratch,
                    const char **ret)
{
    const char *text = cc_passage_text(slice->section, slice->text, scratch);
    struct cc_terms terms;
    int rc = cc_terms(text, strlen(text), NULL, scratch, &terms);

    if (!rc)
        *ret = cc_rank_words(&terms, r->mem);
    return rc;
}

/* As many passages as are kept of one file. */
static int count_words(struct reading *r, struct cc_arena *scratch)
{
    const struct cc_prepared *p = &r->prepared;
    const char **texts = cc_arena_array(r->mem, p->n, sizeof *texts);
    const char **terms = cc_arena_array(r->mem, p->n, sizeof *terms);
    int64_t *pages = cc_arena_array(r->mem, p->n, sizeof *pages);
    size_t text = 0, words = 0, i;
    int rc = 0;

    for (i = 0; i < p->n && !rc; i++) {
        text += p->slice[i].len;
        rc = words_of(r, &p->slice[i], scratch, &terms[i]);
        words += rc ? 0 : strlen(terms[i]);
        if (text > CC_SESSION_FILE_TEXT || words > CC_SESSION_FILE_TERMS)
            break;
        texts[i] = p->slice[i].text;
        pages[i] = p->slice[i].page;
        cc_arena_reset(scratch);
        if (!rc && i % YIELD_AFTER == YIELD_AFTER - 1)
            rc = cc_yield();
    }
    r->passages = (struct cc_session_file_passages){texts, terms, pages, (int)i, i < p->n};
    return rc;
}

static int keep(struct reading *r)
{
    struct cc_arena *scratch = cc_arena_new(SCRATCH);
    int rc = count_words(r, scratch);

    cc_arena_free(&scratch);
    return rc ? rc : cc_session_file_ready(r->ingest->run->pg, &r->hold, &r->passages);
}

/* ---- holding the row meanwhile ---- */

static int work(void *arg)
{
    struct reading *r = arg;
    int rc = cut(r);

    if (!rc)
        rc = keep(r);
    cc_wait_done(&r->over);
    return rc;
}

/* A store that is down for a moment does not end it: the lease lasts three beats. */
static int heart(void *arg)
{
    struct reading *r = arg;
    int rc;

    while ((rc = cc_wait_for(&r->over, cc_now() + LEASE_MS / 3)) == CC_E_TIMEOUT) {
        rc = cc_session_file_beat(r->ingest->run->pg, &r->hold, LEASE_MS);
        if (rc == CC_E_FENCED || rc == CC_E_CANCELLED)
            return rc;
    }
    return rc;
}

static int work_and_beat(struct reading *r)
{
    struct cc_group group;
    int rc, joined;

    cc_group_init(&group);
    rc = cc_group_add(&group, "file-work", work, r);
    if (!rc)
        rc = cc_group_add(&group, "file-heart", heart, r);
    if (rc)
        cc_group_cancel(&group);
    joined = cc_group_join(&group);
    return rc ? rc : joined;
}

/* ---- the call ---- */

/* What is wrong with the file, and not with us or the moment. */
static bool is_final(int rc)
{
    return cc_error_http(rc) < 500 && rc != CC_E_CANCELLED && rc != CC_E_FENCED;
}

/* A file whose readers died, one after the other, is not begun again. */
static int read_held(struct reading *r)
{
    int rc = r->file.attempt > cc_cfg_int(CC_CFG_ATTEMPTS)
                 ? cc_fail(CC_E_DEAD, "each attempt to read it failed")
                 : work_and_beat(r);

    cc_arena_free(&r->prepared.mem);
    if (!rc || (!is_final(rc) && rc != CC_E_DEAD))
        return rc;
    cc_log_failure("visitor_file_failed", rc, cc_s("tenant", r->hold.tenant),
                   cc_s("file", r->hold.id));
    return cc_session_file_failed(r->ingest->run->pg, &r->hold, cc_error_name(rc));
}

/* NOTFOUND, FENCED: there is nothing to be read, or somebody else does. */
static int file_read(void *self, const struct cc_call_request *call, json_t **ret)
{
    struct reading r = {.ingest = self,
                        .mem = cc_arena_new(CC_WORK_BYTES),
                        .hold = {call->tenant, cc_json_str(call->body, "fileId", ""), 0}};
    int rc = cc_session_file_claim(r.ingest->run->pg, r.hold.tenant, r.hold.id, LEASE_MS, r.mem,
                                   &r.file);

    r.hold.attempt = r.file.attempt;
    if (!rc)
        rc = read_held(&r);
    cc_arena_free(&r.mem);
    if (!rc)
        *ret = json_object();
    return rc;
}

int cc_own_files_start(struct cc_ingest *ingest)
{
    static const struct cc_call_method methods[] = {{"file_read", file_read}, {NULL, NULL}};
    const struct cc_call_server_opts opts = {.live = ingest->run->live,
                                             .queue_url = cc_cfg(CC_CFG_REDIS_QUEUE),
                                             .kind = CC_CALL_FILES,
                                             .methods = methods,
                                             .self = ingest,
                                             .slots = SLOTS};

    return cc_call_serve(&opts, &server);
}

void cc_own_files_stop(void)
{
    cc_call_stop(&server);
}

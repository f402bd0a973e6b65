/*
 * work.h - one document on its way: from an entry of the stream to its end.
 *
 *     outcome of the claim   OURS go on · RUNNING leave or drop the entry · OVER drop it ·
 *                            DEAD bury it
 *     the steps              parse > chunk > embed > publish, beside them a heart that renews row
 *                            and entry, and stops the steps when the fence is lost
 *     the end                ready, failed, no_text, encrypted: entry dropped · dead: buried
 *                            the parser died: pending again, at the end of the line
 *                            lost to another: nothing · not our fault: lease given back
 */
#ifndef CC_INGEST_WORK_H
#define CC_INGEST_WORK_H

#include "ingest/ingest.h"
#include "proto/store/document.h"
#include "proto/wire/job.h"

#define CC_WORK_BYTES ((size_t)512 << 20) /* memory of one document, all steps together */

#define CC_WORK_AWAY_MS 500 /* between two looks whether PostgreSQL is back */

struct cc_work {
    struct cc_ingest *ingest;
    struct cc_arena *mem;
    struct cc_claim claim; /* body in mem */
    struct cc_ingest_job job;
    struct cc_document_hold hold;
    struct cc_document_progress progress; /* as the row should show it */
    int64_t tries;
    int64_t embedded;       /* passages that had to be, by this attempt */
    int page;               /* at which the parser is or was; 0: unknown */
    int slot;               /* of intake.c */
    struct cc_wait over;    /* the heart waits for this */
    int64_t beaten_ms;      /* when row and entry were renewed last */
    bool moved;             /* progress is further than the row shows */
    bool beating;           /* the heart waits for the row */
    struct cc_wait *beaten; /* who waits for it to have beaten; NULL: nobody */
    bool crashed;           /* the parser died of this file: it may have been bad luck */
    bool publishing;        /* from now on only the publish asks the fence */
};

/* Copies the claim; the work is in its own arena.  run frees it. */
struct cc_work *cc_work_new(struct cc_ingest *ingest, const struct cc_claim *claim);
void cc_work_run(struct cc_work *work); /* Waits. */

/* The steps (steps.c): 0, or why the document has ended.  Waits. */
int cc_work_steps(struct cc_work *work);

/* Tells the row (and so the owner) how far it is, and renews lease and entry.  FENCED.  Waits. */
int cc_work_report(struct cc_work *work, const char *status, int64_t progress);

#endif

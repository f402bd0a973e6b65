/*
 * prepare.h - what the jailed child wrote becomes passages, on a thread of the pool: a large
 * document takes a second, and the loop has others to serve.
 */
#ifndef CC_INGEST_PREPARE_H
#define CC_INGEST_PREPARE_H

#include "ingest/chunker.h"
#include "proto/base/buf.h"

struct cc_prepared {
    struct cc_arena *mem; /* the caller's to free, with all below */
    enum cc_file_type type;
    int pages;
    struct cc_slice *slice;
    size_t n;
};

/*
 * Waits.  Takes frames over (cc_buf_done is done here).  tokens must outlive the thread's work,
 * which a cancelled task does not wait for.  Codes: those of cc_frame_decode and the chunker.
 */
int cc_prepare(const struct cc_tokens *tokens, struct cc_buf *frames, struct cc_prepared *ret);

#endif

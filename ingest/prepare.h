/*
 * prepare.h - what the jailed child wrote becomes passages, on a thread of the pool: a large
 * document takes a second, and the loop has others to serve.
 */
#ifndef CC_INGEST_PREPARE_H
#define CC_INGEST_PREPARE_H

#include "ingest/chunker.h"
#include "proto/base/buf.h"
#include "proto/store/chunk.h"

struct cc_prepare_opts {
    const struct cc_tokens *tokens; /* must outlive the thread's work */
    struct cc_shape shape;
    /*
     * What the owner did to passages (cc_chunk_edits).  A passage whose text has an edit's hash
     * gets its text, section and switch; an edit without a hash is a passage of its own, behind the
     * others.  Copied.
     */
    const struct cc_chunk_edit *edits;
    int edits_n;
};

/*
 * Waits.  Fills shape (the house's, over it the bot's, over it the document's) and edits, in mem,
 * as they are now.  INVALID for settings that cannot be read.
 */
int cc_prepare_load(struct cc_pg *pool, const struct cc_document *document, struct cc_arena *mem,
                    struct cc_prepare_opts *ret);

struct cc_prepared {
    struct cc_arena *mem; /* the caller's to free, with all below */
    enum cc_file_type type;
    int pages;
    const char *title; /* the file's own; "" for none */
    struct cc_slice *slice;
    size_t n;
};

/*
 * Waits.  Takes frames over (cc_buf_done is done here).  A cancelled task does not wait for the
 * thread.  Codes: those of cc_frame_decode and the chunker.
 */
int cc_prepare(const struct cc_prepare_opts *opts, struct cc_buf *frames, struct cc_prepared *ret);

#endif

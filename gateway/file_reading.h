/*
 * file_reading.h - asks an ingest process to read a visitor's file, whoever still waits for it.
 *
 * A call is lost with the process that took it (proto/bus/call.h), and takes as long as the file
 * does; requests are shorter.  So it is asked on a task of its own, and once: whoever looks at a
 * file that nobody reads any more asks again.
 */
#ifndef CC_GATEWAY_FILE_READING_H
#define CC_GATEWAY_FILE_READING_H

#include "gateway/request.h"
#include "proto/store/session_file.h"

/* Asks for a pending file that nobody holds, unless it was asked for and nobody has taken it yet,
 * or unless many are asked for, of this tenant or at all: then whoever looks again asks. */
void cc_file_reading_ask(const struct cc_rq *rq, const struct cc_session_file *file);

/* Waits.  Until it is no longer asked for, or until then; 0 also when it never was. */
int cc_file_reading_await(const char *file, int64_t until_ms);

/* How many one conversation of the guest's bot may have: CC_VISITOR_FILES, within what the code can
 * do; 0 where the owner wants none. */
int cc_file_reading_most(const struct cc_rq *rq);

#endif

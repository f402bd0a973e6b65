/*
 * own_file.h - reads the files that visitors give to their conversations (proto/bus/call.h, kind
 * "files").
 *
 *     file_read  {fileId} -> {}   claim the row, parse in the jail, cut, keep passages and words
 *
 * The row says what came of it.  Nothing is embedded: such a file is searched by words, in memory
 * (proto/vec/rank.h).  A call of their own kind, so that visitors' files never hold up what owners
 * ask for.
 */
#ifndef CC_INGEST_OWN_FILE_H
#define CC_INGEST_OWN_FILE_H

#include "ingest/ingest.h"

/* Waits.  One server per process. */
int cc_own_files_start(struct cc_ingest *ingest);

/* Waits: lets what is being read end for a moment; the rest is another's when its lease is over. */
void cc_own_files_stop(void);

#endif

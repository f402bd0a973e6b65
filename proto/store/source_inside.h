/*
 * source_inside.h - pieces of SQL that the two sides of sources share.  Only for proto/store.
 */
#ifndef CC_STORE_SOURCE_INSIDE_H
#define CC_STORE_SOURCE_INSIDE_H

#include "proto/store/pg_run.h"
#include "proto/store/source.h"

/* When an ended visit is followed by the next one; of a row of sources. */
#define CC_SOURCE_NEXT                                                                             \
    " CASE WHEN every_s = 0 THEN 'infinity' ELSE now() + every_s * interval '1 s' END"

/* Columns in the order of struct cc_source_page. */
void cc_source_page_row(struct cc_row *row, struct cc_source_page *ret);

/* Deletes one document after another, as many as the statement names at a time, until it names
 * none.  The statement's first column is the document's id.  Waits. */
int cc_source_drop(struct cc_pg *pool, const char *tenant, struct cc_step named);

#endif

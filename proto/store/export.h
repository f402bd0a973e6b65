/*
 * export.h - all that is stored of a tenant but secrets, and what can be made of the rest anew
 * (vectors, the index of words): line by line.  Waits.
 *
 * Parts come in the order of cc_export_parts(), the rows of each by their key.
 */
#ifndef CC_STORE_EXPORT_H
#define CC_STORE_EXPORT_H

#include "proto/store/pg.h"

int cc_export_parts(void);

struct cc_export_line {
    const char *key;  /* where to go on */
    const char *json; /* {"kind": name of the table, "row": {...}} */
};
/* From behind `after` ("": from the first); files come one at a time.  *ret_n 0: this part is over.
 */
int cc_export_read(struct cc_pg *pool, const char *tenant, int part, const char *after,
                   struct cc_arena *mem, struct cc_export_line **ret, int *ret_n);

#endif

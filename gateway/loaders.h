/*
 * loaders.h - widget.js as earlier and later releases ship it.
 *
 * A page that pins the loader by its hash names its version, ?v=12345678, and gets these very bytes
 * for ever (docs/decisions/0018).  Each gateway stores its own loader when it starts, so that all
 * know it.
 */
#ifndef CC_GATEWAY_LOADERS_H
#define CC_GATEWAY_LOADERS_H

#include "gateway/pure/files.h"
#include "proto/base/arena.h"

int cc_loaders_open(void); /* begins to store ours */
void cc_loaders_close(void);

/*
 * Waits, unless it is kept or known not to be there: whatever is asked for, PostgreSQL hears of it
 * about once a second.  version: 8 to 64 digits of SHA-256.  NOTFOUND: nobody has shipped it.
 * What *ret points to lives in mem.
 */
int cc_loaders_find(const char *version, struct cc_arena *mem, struct cc_file *ret);

#endif

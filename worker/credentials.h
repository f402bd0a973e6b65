/*
 * credentials.h - what tenants' own keys for model services open to (proto/seal/seal.h).
 *
 *     CC_SEAL_KEYRING --opens--> tenant_keys.sealed --opens--> providers.sealed
 *
 * What is opened is kept for a minute at most, is dropped when a notice says that the tenant
 * changed, and is zeroed then.  The keyring's file is read again when it is another one, or when a
 * key is wanted that it lacked.
 */
#ifndef CC_WORKER_CREDENTIALS_H
#define CC_WORKER_CREDENTIALS_H

#include "proto/run/run.h"
#include "worker/llm/llm.h"

struct cc_credentials; /* one per process */

/* Begins to listen for notices. */
int cc_credentials_open(struct cc_run *run, struct cc_credentials **ret);
void cc_credentials_close(struct cc_credentials **credentials); /* Waits.  NULL is fine */

/* Waits, seldom: which model, where and with whose key.  The choice lives in mem.  As
 * cc_llm_choose(); DOWN: the tenant's key cannot be opened here. */
int cc_credentials_choose(struct cc_credentials *credentials, const struct cc_llm_wish *wish,
                          struct cc_arena *mem, struct cc_llm_choice *ret);

/* For tests: how many tenants' keys are kept. */
int cc_credentials_kept(const struct cc_credentials *credentials);

#endif

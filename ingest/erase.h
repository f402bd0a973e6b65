/*
 * erase.h - finishes what was asked to be forgotten (proto/store/erasure.h): a closed tenant's
 * rows, and what both Redis servers and their files hold of a visitor, a conversation or a tenant.
 *
 *     claim --> rows, batch by batch --> find, note how much, remove, write files anew --> done
 *                                         ^------- until nothing is found -------|
 *
 * A lease says who is at it; whoever takes over begins again, as all steps may be repeated.
 */
#ifndef CC_INGEST_ERASE_H
#define CC_INGEST_ERASE_H

/* A task of its own, until run->stopping.  Waits. */
void cc_erase(void *ingest);

#endif

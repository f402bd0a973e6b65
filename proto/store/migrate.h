/*
 * migrate.h - applies schema/NNN_name.sql, forward only, each in a transaction, under an advisory
 * lock.
 *
 * The files are compiled in.  Runs as the owner, on a connection of its own, blocking: only cc-ctl
 * does it.
 */
#ifndef CC_STORE_MIGRATE_H
#define CC_STORE_MIGRATE_H

struct cc_migrated {
    int from, to; /* newest applied before and after */
};
int cc_migrate(const char *owner_conninfo, struct cc_migrated *ret);
int cc_schema_newest(void); /* the number this binary was built with */

#endif

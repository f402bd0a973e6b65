/* schema_files.h - the migrations as bytes of the program; schema/embed.cmake writes the .c. */
#ifndef CC_STORE_SCHEMA_FILES_H
#define CC_STORE_SCHEMA_FILES_H

struct cc_schema_file {
    int number;
    const char *name, *sql; /* sql NULL ends the list */
};
extern const struct cc_schema_file cc_schema_files[];

#endif

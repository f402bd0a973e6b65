/*
 * opc.h - how the parts of an OOXML container (Open Packaging Conventions) refer to each other.
 */
#ifndef CC_INGEST_PARSE_OPC_H
#define CC_INGEST_PARSE_OPC_H

#include "ingest/parse/archive.h"
#include "ingest/parse/extract.h"
#include "ingest/parse/xml.h"

struct cc_opc_relation {
    const char *id;
    const char *type; /* the last word of its URI: "slide", "styles" */
    const char *part; /* the whole name of what it points to */
};

struct cc_opc_relations {
    size_t n;
    struct cc_opc_relation *all;
};

/* Those of a part; of the container itself for "".  None when they are missing or damaged. */
struct cc_opc_relations cc_opc_relations(const struct cc_archive *archive, const char *part,
                                         struct cc_arena *mem);

/* NULL when there is none.  The type's first one. */
const char *cc_opc_by_id(const struct cc_opc_relations *relations, const char *id);
const char *cc_opc_by_type(const struct cc_opc_relations *relations, const char *type);

/* The main part by the container's relations, else usual (which need not be there). */
const char *cc_opc_main(const struct cc_archive *archive, const char *usual, struct cc_arena *mem);

/* Reads a part.  The codes of cc_archive_part and cc_xml_read. */
int cc_opc_read(const struct cc_archive *archive, const char *part,
                const struct cc_xml_events *events, void *arg);

/* The same for a part the document can do without (NULL: none): whatever is wrong with it, what
 * came before was read.  Only LIMIT of the document itself is passed on. */
int cc_opc_try(const struct cc_archive *archive, const char *part,
               const struct cc_xml_events *events, void *arg);

/* dc:title of a part with Dublin Core in it, as docProps/core.xml and meta.xml are. */
void cc_opc_title(const struct cc_archive *archive, const char *part, struct cc_extract *doc);

#endif

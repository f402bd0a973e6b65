/*
 * xml.h - the events of an XML document, names without their prefix.
 *
 * Nothing outside of the document is ever read, entities grow no further than expat's own measure
 * allows, elements nest no deeper than CC_XML_DEPTH.
 */
#ifndef CC_INGEST_PARSE_XML_H
#define CC_INGEST_PARSE_XML_H

#include <stdbool.h>
#include <stddef.h>

#define CC_XML_DEPTH 400

/* Each returns 0, or a code that ends the reading and is returned by cc_xml_read.  text (may be
 * NULL) gets pieces of any length.  name is the local one: "p" of "w:p". */
struct cc_xml_events {
    int (*begin)(void *arg, const char *name, const char *const *attributes);
    int (*end)(void *arg, const char *name);
    int (*text)(void *arg, const char *s, size_t len);
};

/* what names the part in the words of PARSER. */
int cc_xml_read(const char *bytes, size_t len, const char *what, const struct cc_xml_events *events,
                void *arg);

/* By local name; NULL when it is not there. */
const char *cc_xml_attribute(const char *const *attributes, const char *name);

/* The one whose whole name is prefixed: "id" of another namespace is not asked for ("r:id"). */
const char *cc_xml_prefixed(const char *const *attributes, const char *name);

/* A whole number, otherwise as given.  Out of range is missing too. */
int cc_xml_number(const char *const *attributes, const char *name, int otherwise);

/* "0", "false", "off" and "none" are no; an element without the attribute says yes. */
bool cc_xml_is_on(const char *const *attributes, const char *name);

#endif

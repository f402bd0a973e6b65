/*
 * html_hints.h - what the attributes of an element tell about its part in the page.
 */
#ifndef CC_INGEST_PARSE_HTML_HINTS_H
#define CC_INGEST_PARSE_HTML_HINTS_H

#include <stdbool.h>

/* atts: name, value (may be NULL), name, value ..., NULL; may be NULL itself. */

/* CC_HINT_ bits. */
unsigned cc_html_hints(const char *name, const char **atts);

/* Nobody sees it: `hidden`, display:none, visibility:hidden, a size of nothing. */
bool cc_html_hidden(const char **atts);

#endif

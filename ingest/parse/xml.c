#include "ingest/parse/xml.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

#define FEED_BYTES (4 << 20) /* expat counts in int */

CC_CLEANER(XML_Parser, XML_ParserFree)

struct reading {
    XML_Parser parser;
    const struct cc_xml_events *events;
    void *arg;
    const char *what;
    int depth, rc;
};

static const char *local(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? colon + 1 : name;
}

static void stop(struct reading *r, int rc)
{
    r->rc = rc;
    XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL begin(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *r = arg;
    int rc;

    if (r->rc)
        return;
    if (++r->depth > CC_XML_DEPTH) {
        stop(r, cc_fail(CC_E_LIMIT, "%s nests deeper than %d elements", r->what, CC_XML_DEPTH));
        return;
    }
    rc = r->events->begin(r->arg, local(name), (const char *const *)attributes);
    if (rc)
        stop(r, rc);
}

static void XMLCALL end(void *arg, const XML_Char *name)
{
    struct reading *r = arg;
    int rc;

    if (r->rc)
        return;
    r->depth--;
    rc = r->events->end ? r->events->end(r->arg, local(name)) : 0;
    if (rc)
        stop(r, rc);
}

static void XMLCALL text(void *arg, const XML_Char *s, int len)
{
    struct reading *r = arg;
    int rc = r->rc ? 0 : r->events->text(r->arg, s, (size_t)len);

    if (rc)
        stop(r, rc);
}

static int judge(const struct reading *r)
{
    enum XML_Error error = XML_GetErrorCode(r->parser);

    if (error == XML_ERROR_NO_MEMORY)
        abort();
    if (error == XML_ERROR_AMPLIFICATION_LIMIT_BREACH)
        return cc_fail(CC_E_LIMIT, "%s inflates its entities beyond all measure", r->what);
    return cc_fail(CC_E_PARSER, "%s is damaged: %s in line %lu", r->what, XML_ErrorString(error),
                   XML_GetCurrentLineNumber(r->parser));
}

int cc_xml_read(const char *bytes, size_t len, const char *what, const struct cc_xml_events *events,
                void *arg)
{
    CC_AUTO(XML_ParserFree)
    XML_Parser parser = XML_ParserCreate(NULL);
    struct reading r = {parser, events, arg, what, 0, 0};
    enum XML_Status status = XML_STATUS_OK;

    if (!parser)
        abort();
    XML_SetUserData(parser, &r);
    XML_SetElementHandler(parser, begin, end);
    if (events->text)
        XML_SetCharacterDataHandler(parser, text);
    for (size_t at = 0, n; at < len && status == XML_STATUS_OK && !r.rc; at += n) {
        n = len - at < FEED_BYTES ? len - at : FEED_BYTES;
        status = XML_Parse(parser, bytes + at, (int)n, at + n == len);
    }
    if (r.rc)
        return r.rc;
    if (!len)
        return cc_fail(CC_E_PARSER, "%s is empty", what);
    return status == XML_STATUS_OK ? 0 : judge(&r);
}

const char *cc_xml_attribute(const char *const *attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (!strcmp(local(attributes[0]), name))
            return attributes[1];
    return NULL;
}

const char *cc_xml_prefixed(const char *const *attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strchr(attributes[0], ':') && !strcmp(local(attributes[0]), name))
            return attributes[1];
    return NULL;
}

int cc_xml_number(const char *const *attributes, const char *name, int otherwise)
{
    const char *value = cc_xml_attribute(attributes, name);
    int64_t n;

    return value && cc_text_int(value, INT_MIN, INT_MAX, &n) ? (int)n : otherwise;
}

bool cc_xml_is_on(const char *const *attributes, const char *name)
{
    static const char *const no[] = {"0", "false", "off", "none"};
    const char *value = cc_xml_attribute(attributes, name);

    for (size_t i = 0; value && i < sizeof no / sizeof *no; i++)
        if (!strcmp(value, no[i]))
            return false;
    return true;
}

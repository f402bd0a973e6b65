#include <criterion/criterion.h>
#include <string.h>

#include "ingest/parse/xml.h"
#include "proto/base/buf.h"
#include "proto/base/error.h"

static struct cc_buf seen;

static void setup(void)
{
    cc_buf_init(&seen, 1 << 20);
}

static void teardown(void)
{
    cc_buf_done(&seen);
}

TestSuite(xml, .init = setup, .fini = teardown);

static int begin(void *arg, const char *name, const char *const *attributes)
{
    (void)arg;
    cc_buf_printf(&seen, "<%s id=%s r=%s n=%d %s>", name,
                  cc_xml_attribute(attributes, "id") ? cc_xml_attribute(attributes, "id") : "-",
                  cc_xml_prefixed(attributes, "id") ? cc_xml_prefixed(attributes, "id") : "-",
                  cc_xml_number(attributes, "n", -1),
                  cc_xml_is_on(attributes, "on") ? "on" : "off");
    return strcmp(name, "stop") ? 0 : CC_E_NOTEXT;
}

static int end(void *arg, const char *name)
{
    (void)arg;
    cc_buf_printf(&seen, "</%s>", name);
    return 0;
}

static int text(void *arg, const char *s, size_t len)
{
    (void)arg;
    cc_buf_add(&seen, s, len);
    return 0;
}

static const struct cc_xml_events events = {begin, end, text};

static int read_text(const char *s)
{
    return cc_xml_read(s, strlen(s), "part.xml", &events, NULL);
}

Test(xml, tells_elements_and_attributes_by_local_names)
{
    int rc = read_text("<w:a id='1' r:id='2' n='-7'>x<b on='0' n='1x'/>&lt;</w:a>");

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_str_eq(seen.bytes, "<a id=1 r=2 n=-7 on>x<b id=- r=- n=-1 off></b><</a>");
}

Test(xml, stops_where_it_is_told_to)
{
    cr_expect_eq(read_text("<a><stop/><b/></a>"), CC_E_NOTEXT);
    cr_expect_null(strstr(seen.bytes, "<b"));
}

Test(xml, that_is_damaged_is_refused_by_its_name)
{
    static const char *const broken[] = {"", "<a>", "<a></b>", "no xml", "<a>&nothing;</a>"};

    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        cr_expect_eq(read_text(broken[i]), CC_E_PARSER, "%s", broken[i]);
        cr_expect_not_null(strstr(cc_fail_text(), "part.xml"));
    }
}

Test(xml, reads_nothing_from_outside)
{
    int rc = read_text("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>[&x;]</a>");

    cr_assert_eq(rc, 0, "%s", cc_fail_text());
    cr_expect_str_eq(seen.bytes, "<a id=- r=- n=-1 on>[]</a>");
}

Test(xml, does_not_grow_its_entities_beyond_measure)
{
    struct cc_buf laughs;

    cc_buf_init(&laughs, 1 << 20);
    cc_buf_text(&laughs, "<!DOCTYPE a [<!ENTITY e0 'laughlaughlaughlaugh'>");
    for (int i = 1; i < 10; i++) {
        cc_buf_printf(&laughs, "<!ENTITY e%d '", i);
        for (int k = 0; k < 10; k++)
            cc_buf_printf(&laughs, "&e%d;", i - 1);
        cc_buf_text(&laughs, "'>");
    }
    cc_buf_text(&laughs, "]><a>&e9;</a>");

    cr_expect_eq(read_text(laughs.bytes), CC_E_LIMIT, "%s", cc_fail_text());
    cc_buf_done(&laughs);
}

Test(xml, does_not_nest_beyond_measure)
{
    struct cc_buf deep;

    cc_buf_init(&deep, 1 << 20);
    for (int i = 0; i <= CC_XML_DEPTH; i++)
        cc_buf_text(&deep, "<a>");

    cr_expect_eq(read_text(deep.bytes), CC_E_LIMIT);
    cc_buf_done(&deep);
}

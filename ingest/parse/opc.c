#include "ingest/parse/opc.h"

#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/error.h"

#define RELATIONS  20000 /* of one part */
#define NAME_BYTES 512

struct reading {
    struct cc_opc_relations found;
    size_t room;
    const char *folder;
    size_t folder_len;
    struct cc_arena *mem;
};

/* "a/b/../c" without its "..", "." and double slashes; never above the root. */
static char *tidy(const char *path, struct cc_arena *mem)
{
    char *out = cc_arena_get(mem, strlen(path) + 2);
    size_t len = 0;

    while (*path) {
        size_t n = strcspn(path, "/\\");

        if (n == 2 && !memcmp(path, "..", 2)) {
            while (len && out[--len] != '/')
                ;
        } else if (n && !(n == 1 && *path == '.')) {
            if (len)
                out[len++] = '/';
            memcpy(out + len, path, n);
            len += n;
        }
        path += n + (path[n] != '\0');
    }
    out[len] = '\0';
    return out;
}

static const char *resolve(const struct reading *r, const char *target)
{
    if (*target == '/')
        return tidy(target, r->mem);
    return tidy(cc_arena_printf(r->mem, "%.*s%s", (int)r->folder_len, r->folder, target), r->mem);
}

static const char *last_word(const char *uri)
{
    const char *slash = strrchr(uri, '/');

    return slash ? slash + 1 : uri;
}

static void make_room(struct reading *r)
{
    struct cc_opc_relation *more;

    if (r->found.n < r->room)
        return;
    r->room = r->room ? 2 * r->room : 16;
    more = cc_arena_array(r->mem, r->room, sizeof *more);
    if (r->found.n)
        memcpy(more, r->found.all, r->found.n * sizeof *more);
    r->found.all = more;
}

static int begin(void *arg, const char *name, const char *const *attributes)
{
    struct reading *r = arg;
    const char *id = cc_xml_attribute(attributes, "Id");
    const char *type = cc_xml_attribute(attributes, "Type");
    const char *target = cc_xml_attribute(attributes, "Target");
    const char *mode = cc_xml_attribute(attributes, "TargetMode");

    if (strcmp(name, "Relationship") || !id || !type || !target || r->found.n >= RELATIONS ||
        strlen(target) > NAME_BYTES || (mode && !strcmp(mode, "External")))
        return 0;
    make_room(r);
    r->found.all[r->found.n++] = (struct cc_opc_relation){
        cc_arena_dup(r->mem, id), cc_arena_dup(r->mem, last_word(type)), resolve(r, target)};
    return 0;
}

struct cc_opc_relations cc_opc_relations(const struct cc_archive *archive, const char *part,
                                         struct cc_arena *mem)
{
    static const struct cc_xml_events events = {.begin = begin};
    const char *name = last_word(part);
    struct reading r = {.folder = part, .folder_len = (size_t)(name - part), .mem = mem};

    (void)cc_opc_try(archive,
                     cc_arena_printf(mem, "%.*s_rels/%s.rels", (int)r.folder_len, part, name),
                     &events, &r);
    return r.found;
}

const char *cc_opc_by_id(const struct cc_opc_relations *relations, const char *id)
{
    for (size_t i = 0; id && i < relations->n; i++)
        if (!strcmp(relations->all[i].id, id))
            return relations->all[i].part;
    return NULL;
}

const char *cc_opc_by_type(const struct cc_opc_relations *relations, const char *type)
{
    for (size_t i = 0; i < relations->n; i++)
        if (!strcmp(relations->all[i].type, type))
            return relations->all[i].part;
    return NULL;
}

const char *cc_opc_main(const struct cc_archive *archive, const char *usual, struct cc_arena *mem)
{
    struct cc_opc_relations root = cc_opc_relations(archive, "", mem);
    const char *part = cc_opc_by_type(&root, "officeDocument");

    return part && cc_archive_has(archive, part) ? part : usual;
}

int cc_opc_read(const struct cc_archive *archive, const char *part,
                const struct cc_xml_events *events, void *arg)
{
    const char *bytes;
    size_t len;
    int rc = cc_archive_part(archive, part, &bytes, &len);

    return rc ? rc : cc_xml_read(bytes, len, part, events, arg);
}

int cc_opc_try(const struct cc_archive *archive, const char *part,
               const struct cc_xml_events *events, void *arg)
{
    const char *bytes;
    size_t len;
    int rc;

    if (!part || cc_archive_part(archive, part, &bytes, &len))
        return 0;
    rc = cc_xml_read(bytes, len, part, events, arg);
    return rc == CC_E_LIMIT ? rc : 0;
}

struct title {
    bool inside;
    struct cc_buf text;
};

static int begin_title(void *arg, const char *name, const char *const *attributes)
{
    (void)attributes;
    ((struct title *)arg)->inside = !strcmp(name, "title");
    return 0;
}

static int end_title(void *arg, const char *name)
{
    (void)name;
    ((struct title *)arg)->inside = false;
    return 0;
}

static int add_title(void *arg, const char *s, size_t len)
{
    struct title *t = arg;

    if (t->inside)
        cc_buf_add(&t->text, s, len);
    return 0;
}

void cc_opc_title(const struct cc_archive *archive, const char *part, struct cc_extract *doc)
{
    static const struct cc_xml_events events = {begin_title, end_title, add_title};
    struct title t = {.inside = false};

    cc_buf_init(&t.text, 4096);
    (void)cc_opc_try(archive, part, &events, &t);
    cc_extract_title(doc, t.text.bytes, t.text.len);
    cc_buf_done(&t.text);
}

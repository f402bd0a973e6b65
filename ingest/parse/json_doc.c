#include "ingest/parse/json_doc.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/parse/parse.h"
#include "ingest/parse/sheet.h"
#include "proto/base/clean.h"
#include "proto/base/error.h"
#include "proto/base/text.h"

CC_CLEANER(json_t *, json_decref)

#define PATH_BYTES 1024
#define JOINT      ", " /* between the values of a list in one line */

struct writing {
    struct cc_extract *doc;
    struct cc_sheet sheet;
    struct cc_buf lines; /* "path.key: value", one below the other */
    struct cc_sheet_row names, values;
    struct cc_arena *mem; /* of one record */
};

static bool is_simple(const json_t *value)
{
    return !json_is_object(value) && !json_is_array(value);
}

bool cc_json_may_be(const char *text, size_t len)
{
    const char *s = cc_text_trim(text, len, &len);

    return len >= 2 && len <= CC_JSON_BYTES && (*s == '{' || *s == '[');
}

/* "" for null. */
static struct cc_cell show(const json_t *value, struct cc_arena *mem)
{
    struct cc_cell cell = {"", 0};

    switch (json_typeof(value)) {
    case JSON_STRING:
        cell.s = cc_text_trim(json_string_value(value), json_string_length(value), &cell.len);
        return cell;
    case JSON_INTEGER:
        cell.s = cc_arena_printf(mem, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL: cell.s = cc_arena_printf(mem, "%.15g", json_real_value(value)); break;
    case JSON_TRUE: cell.s = "true"; break;
    case JSON_FALSE: cell.s = "false"; break;
    default: break;
    }
    cell.len = strlen(cell.s);
    return cell;
}

/* A list of simple values reads as one: "red, green". */
static bool is_list(const json_t *value)
{
    size_t i;
    json_t *item;

    if (!json_is_array(value))
        return false;
    json_array_foreach(value, i, item) if (!is_simple(item)) return false;
    return true;
}

static struct cc_cell show_list(const json_t *list, struct cc_arena *mem)
{
    struct cc_cell cell;
    struct cc_buf text;
    size_t i;
    json_t *item;

    cc_buf_init(&text, CC_EXTRACT_TEXT);
    json_array_foreach(list, i, item)
    {
        struct cc_cell one = show(item, mem);

        if (text.len && one.len)
            cc_buf_text(&text, JOINT);
        cc_buf_add(&text, one.s, one.len);
    }
    cell = (struct cc_cell){cc_arena_dupn(mem, text.bytes, text.len), text.len};
    cc_buf_done(&text);
    return cell;
}

static struct cc_cell show_as_written(const json_t *value, struct cc_arena *mem)
{
    char *text = json_dumps(value, JSON_COMPACT);
    struct cc_cell cell = {"", 0};

    if (text)
        cell = (struct cc_cell){cc_arena_dup(mem, text), strlen(text)};
    free(text);
    return cell;
}

static const char *join_path(const char *path, const char *key, struct cc_arena *mem)
{
    size_t room = PATH_BYTES - 1 - cc_utf8_cut(path, strlen(path), PATH_BYTES / 2);

    return cc_arena_printf(mem, "%.*s%s%.*s", (int)cc_utf8_cut(path, strlen(path), PATH_BYTES / 2),
                           path, *path && *key ? "." : "", (int)cc_utf8_cut(key, strlen(key), room),
                           key);
}

static void add_cell(struct writing *w, const char *path, struct cc_cell value)
{
    size_t n = w->names.n;

    if (!value.len || n >= CC_JSON_CELLS)
        return;
    w->names.cells[n] = (struct cc_cell){path, strlen(path)};
    w->values.cells[n] = value;
    w->names.n = w->values.n = n + 1;
}

/* Members of members become cells of the one record. */
static void collect(struct writing *w, const char *path, const json_t *value, int depth)
{
    const char *key;
    size_t i;
    json_t *item;

    if (is_simple(value)) {
        add_cell(w, path, show(value, w->mem));
    } else if (is_list(value)) {
        add_cell(w, path, show_list(value, w->mem));
    } else if (depth >= CC_JSON_DEPTH) {
        add_cell(w, path, show_as_written(value, w->mem));
    } else if (json_is_object(value)) {
        json_object_foreach((json_t *)value, key, item)
            collect(w, join_path(path, key, w->mem), item, depth + 1);
    } else {
        json_array_foreach(value, i, item) collect(w, path, item, depth + 1);
    }
}

static int add_record(struct writing *w, const json_t *value, size_t number)
{
    w->names.n = w->values.n = 0;
    w->values.number = (int)number;
    collect(w, "", value, 0);
    return w->names.n ? cc_sheet_record(&w->sheet, &w->names, &w->values) : 0;
}

/* An array of arrays is a sheet, with or without a header. */
static int add_sheet(struct writing *w, const json_t *rows)
{
    struct cc_sheet sheet;
    size_t i, k;
    json_t *row, *cell;
    int rc = 0;

    cc_sheet_init(&sheet, w->doc, 0);
    json_array_foreach(rows, i, row)
    {
        w->values.number = (int)i + 1;
        w->values.n = 0;
        json_array_foreach(row, k, cell) if (w->values.n < CC_JSON_CELLS)
            w->values.cells[w->values.n++] = show(cell, w->mem);
        rc = rc ? rc : cc_sheet_add(&sheet, &w->values);
        cc_arena_reset(w->mem);
    }
    rc = rc ? rc : cc_sheet_end(&sheet);
    cc_sheet_done(&sheet);
    return rc;
}

static bool is_sheet(const json_t *array)
{
    size_t i;
    json_t *row;

    json_array_foreach(array, i, row) if (!is_list(row)) return false;
    return json_array_size(array) > 0;
}

static int add_array(struct writing *w, const json_t *array)
{
    size_t i;
    json_t *item;
    int rc = 0;

    if (is_sheet(array))
        return add_sheet(w, array);
    json_array_foreach(array, i, item)
    {
        struct cc_cell cell;

        if (rc)
            return rc;
        w->doc->row = 0;
        if (is_simple(item)) {
            cell = show(item, w->mem);
            rc = cc_extract_add(w->doc, CC_BLOCK_LIST, 0, 0, cell.s, cell.len);
        } else {
            rc = add_record(w, item, i + 1);
        }
        cc_arena_reset(w->mem);
    }
    return rc;
}

static int flush_lines(struct writing *w)
{
    int rc = cc_parse_paragraph(w->lines.bytes, w->lines.len, 0, w->doc);

    cc_buf_reset(&w->lines);
    return rc;
}

static void add_line(struct writing *w, const char *path, struct cc_cell value)
{
    if (!value.len)
        return;
    if (w->lines.len)
        cc_buf_char(&w->lines, '\n');
    if (*path)
        cc_buf_printf(&w->lines, "%s: ", path);
    cc_buf_add(&w->lines, value.s, value.len);
}

static int add_object(struct writing *w, const char *path, const json_t *object, int depth);

/* Lines so far end where records begin. */
static int add_member(struct writing *w, const char *path, const json_t *value, int depth)
{
    int rc;

    if (is_simple(value)) {
        add_line(w, path, show(value, w->mem));
    } else if (is_list(value)) {
        add_line(w, path, show_list(value, w->mem));
    } else if (depth >= CC_JSON_DEPTH) {
        add_line(w, path, show_as_written(value, w->mem));
    } else if (json_is_object(value)) {
        return add_object(w, path, value, depth + 1);
    } else {
        rc = flush_lines(w);
        return rc ? rc : add_array(w, value);
    }
    return 0;
}

static int add_object(struct writing *w, const char *path, const json_t *object, int depth)
{
    struct cc_arena *mem = w->doc->mem; /* a path outlives the records below it */
    const char *key;
    json_t *value;
    int rc = 0;

    json_object_foreach((json_t *)object, key, value)
    {
        rc = add_member(w, join_path(path, key, mem), value, depth);
        if (rc)
            return rc;
    }
    return rc;
}

/* Simple members stand below no heading, each other one below its own key. */
static int add_top(struct writing *w, const json_t *object)
{
    bool below = false;
    const char *key;
    json_t *value;
    int rc = 0;

    json_object_foreach((json_t *)object, key, value)
    {
        bool flat = is_simple(value) || is_list(value);

        if (!flat || below)
            rc = flush_lines(w);
        if (!rc && !flat)
            rc = cc_extract_add(w->doc, CC_BLOCK_HEADING, 1, 0, key, strlen(key));
        else if (below)
            cc_extract_leave(w->doc);
        below = !flat;
        if (!rc)
            rc = add_member(w, flat ? key : "", value, 0);
        if (rc)
            return rc;
    }
    return flush_lines(w);
}

/* One value, or several one behind the other (JSON Lines): then as an array. */
static json_t *load(const char *text, size_t len)
{
    CC_AUTO(json_decref)
    json_t *all = json_array();
    json_error_t error;

    for (size_t at = 0; at < len;) {
        json_t *one =
            json_loadb(text + at, len - at, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &error);

        if (!one || json_array_append_new(all, one))
            return NULL;
        at += (size_t)error.position;
        while (at < len && strchr(" \t\r\n,", text[at] ? text[at] : 'x'))
            at++;
    }
    if (json_array_size(all) == 1)
        return json_incref(json_array_get(all, 0));
    return CC_TAKE(all);
}

static int write_blocks(struct writing *w, const json_t *root)
{
    const json_t *title = json_object_get(root, "title");

    if (json_is_string(title))
        cc_extract_title(w->doc, json_string_value(title), json_string_length(title));
    return json_is_array(root) ? add_array(w, root) : add_top(w, root);
}

int cc_parse_json(const char *text, size_t len, struct cc_extract *doc)
{
    CC_AUTO(json_decref)
    json_t *root = NULL;
    struct writing w = {.doc = doc};
    int rc;

    text = cc_text_trim(text, len, &len);
    root = len <= CC_JSON_BYTES ? load(text, len) : NULL;
    if (!root)
        return cc_fail(CC_E_TYPE, "the text is no JSON");
    doc->type = CC_FILE_JSON;
    w.mem = cc_arena_new(256u << 20);
    w.names.cells = cc_arena_array(doc->mem, CC_JSON_CELLS, sizeof *w.names.cells);
    w.values.cells = cc_arena_array(doc->mem, CC_JSON_CELLS, sizeof *w.values.cells);
    cc_buf_init(&w.lines, CC_EXTRACT_TEXT);
    cc_sheet_init(&w.sheet, doc, 0);
    rc = write_blocks(&w, root);
    cc_sheet_done(&w.sheet);
    cc_buf_done(&w.lines);
    cc_arena_free(&w.mem);
    doc->row = 0;
    return rc;
}

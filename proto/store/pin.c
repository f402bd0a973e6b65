#include "proto/store/pin.h"

#include <string.h>

#include "proto/base/vector.h"
#include "proto/store/chunk_inside.h"

#define PIN_BYTES ((size_t)16 << 20) /* questions of one pin and their vectors */

/* Whatever the passages' are stored as: a bot has few pins, and they are compared here. */
static const struct cc_vector_store as_bytes = {.name = "exact", .oid = 17 /* bytea */};

static const struct cc_stmt
    PUT = {"INSERT INTO pins (tenant_id, id, bot_id, answer, enabled) VALUES ($1, $2, $3, $4, $5)"
           " ON CONFLICT (tenant_id, id) DO UPDATE SET bot_id = excluded.bot_id,"
           " answer = excluded.answer, enabled = excluded.enabled, updated_at = now()"},
    CLEAR = {"DELETE FROM pin_questions WHERE tenant_id = $1 AND pin_id = $2"},
    /* The same question twice in one pin is one; in another pin of the bot it is a conflict. */
    PUT_QUESTIONS = {
        "INSERT INTO pin_questions (tenant_id, pin_id, bot_id, normal, question, model, v)"
        " SELECT DISTINCT ON (x.normal) $1, $2, $3, x.normal, x.question, x.model,"
        " CASE WHEN x.model = '' THEN '' ELSE x.v END"
        " FROM unnest($4::text[], $5::text[], $6::text[], $7::bytea[])"
        " WITH ORDINALITY AS x(normal, question, model, v, place) ORDER BY x.normal, x.place"};

struct wordings {
    const char **normal, **question, **model;
    struct cc_vector_array vectors;
};

static void take_wordings(const struct cc_pin *pin, struct cc_arena *mem, struct wordings *ret)
{
    size_t n = (size_t)pin->questions_n;
    float *none = cc_arena_array(mem, (size_t)pin->dimension + 1, sizeof *none);

    ret->normal = cc_arena_array(mem, n + 1, sizeof *ret->normal);
    ret->question = cc_arena_array(mem, n + 1, sizeof *ret->question);
    ret->model = cc_arena_array(mem, n + 1, sizeof *ret->model);
    cc_vector_array_begin(&ret->vectors, &as_bytes, pin->questions_n, pin->dimension, mem);
    for (size_t i = 0; i < n; i++) {
        const struct cc_pin_question *q = &pin->questions[i];

        ret->normal[i] = q->normal;
        ret->question[i] = q->question;
        ret->model[i] = q->v && pin->model ? pin->model : "";
        cc_vector_array_add(&ret->vectors, &as_bytes, q->v ? q->v : none);
    }
}

static int check_questions(const struct cc_pin *pin)
{
    for (int i = 0; i < pin->questions_n; i++)
        if (strlen(pin->questions[i].normal) > CC_PIN_NORMAL)
            return cc_fail(CC_E_TOOBIG, "questions: number %d is too long", i + 1);
    return 0;
}

int cc_pin_put(struct cc_pg *pool, const struct cc_pin *pin)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(PIN_BYTES);
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int n = pin->questions_n, rc = check_questions(pin);
    struct wordings w;

    if (rc)
        return rc;
    take_wordings(pin, mem, &w);
    return cc_pg_run(pool, pin->tenant, &rows,
                     CC_STEPS(CC_STEP(PUT, cc_at(pin->tenant), cc_at(pin->id), cc_at(pin->bot),
                                      cc_at(pin->answer), cc_ab(pin->enabled)),
                              CC_STEP(CLEAR, cc_at(pin->tenant), cc_at(pin->id)),
                              CC_STEP(PUT_QUESTIONS, cc_at(pin->tenant), cc_at(pin->id),
                                      cc_at(pin->bot), cc_at(cc_array_texts(mem, w.normal, n)),
                                      cc_at(cc_array_texts(mem, w.question, n)),
                                      cc_at(cc_array_texts(mem, w.model, n)),
                                      cc_abytes(w.vectors.bytes, w.vectors.len)),
                              CC_STEP(CC_NEW_KNOWLEDGE, cc_at(pin->tenant))));
}

/* ---- reading: a row per question, those of a pin together ---- */

#define COLUMNS                                                                                    \
    "p.id, p.tenant_id, p.bot_id, p.answer, p.enabled, p.hits,"                                    \
    " coalesce((extract(epoch FROM p.hit_at) * 1000)::bigint, 0),"                                 \
    " (extract(epoch FROM p.created_at) * 1000)::bigint, q.question, q.normal, q.model"
#define QUESTIONS " LEFT JOIN pin_questions q ON q.tenant_id = p.tenant_id AND q.pin_id = p.id"

static void read_pin(struct cc_row *row, struct cc_pin *ret)
{
    ret->id = cc_row_text(row);
    ret->tenant = cc_row_text(row);
    ret->bot = cc_row_text(row);
    ret->answer = cc_row_text(row);
    ret->enabled = cc_row_bool(row);
    ret->hits = cc_row_int(row);
    ret->hit_ms = cc_row_int(row);
    ret->created_ms = cc_row_int(row);
}

static int read_pins(const struct cc_rows *rows, struct cc_arena *mem, struct cc_pin *ret)
{
    int all = cc_rows_n(rows, 0), n = 0;
    struct cc_pin_question *questions = cc_arena_array(mem, (size_t)all + 1, sizeof *questions);

    for (int i = 0; i < all; i++) {
        struct cc_row row = cc_row(rows, 0, i, mem);
        struct cc_pin pin = {.questions = &questions[i]};

        read_pin(&row, &pin);
        if (n == 0 || strcmp(ret[n - 1].id, pin.id) != 0)
            ret[n++] = pin;
        questions[i].question = cc_row_text(&row);
        questions[i].normal = cc_row_text(&row);
        ret[n - 1].model = cc_row_text(&row);
        ret[n - 1].questions_n += *questions[i].normal != '\0';
    }
    return n;
}

int cc_pin_get(struct cc_pg *pool, const char *tenant, const char *id, struct cc_arena *mem,
               struct cc_pin *ret)
{
    static const struct cc_stmt GET = {"SELECT " COLUMNS " FROM pins p" QUESTIONS
                                       " WHERE p.tenant_id = $1 AND p.id = $2"
                                       " ORDER BY q.normal"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(GET, cc_at(tenant), cc_at(id))));

    if (rc)
        return rc;
    if (cc_rows_n(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such pinned answer");
    struct cc_pin *one = cc_arena_array(mem, (size_t)cc_rows_n(&rows, 0), sizeof *one);
    read_pins(&rows, mem, one);
    *ret = *one;
    return 0;
}

/* OFFSET 0: else PostgreSQL may read the questions of all pins. */
#define PAGE(where)                                                                                \
    "SELECT " COLUMNS " FROM (SELECT * FROM pins WHERE tenant_id = $1 AND id < $2" where           \
    " ORDER BY id DESC LIMIT $3) p LEFT JOIN LATERAL (SELECT * FROM pin_questions"                 \
    " WHERE tenant_id = $1 AND pin_id = p.id OFFSET 0) q ON true ORDER BY p.id DESC, q.normal"

int cc_pin_list(struct cc_pg *pool, const char *tenant, const char *bot, const char *after, int max,
                struct cc_arena *mem, struct cc_pin **ret, int *ret_n)
{
    static const struct cc_stmt ALL = {PAGE("")}, OF_BOT = {PAGE(" AND bot_id = $4")};
    const struct cc_arg args[] = {cc_at(tenant), cc_abehind(after), cc_ai(max), cc_at(bot)};
    const struct cc_step all = {&ALL, args, 3}, of_bot = {&OF_BOT, args, 4};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, (struct cc_steps){*bot ? &of_bot : &all, 1});

    if (rc)
        return rc;
    *ret = cc_arena_array(mem, (size_t)cc_rows_n(&rows, 0) + 1, sizeof **ret);
    *ret_n = read_pins(&rows, mem, *ret);
    return 0;
}

int cc_pin_delete(struct cc_pg *pool, const char *tenant, const char *id)
{
    static const struct cc_stmt DELETE = {"DELETE FROM pins WHERE tenant_id = $1 AND id = $2"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows,
                       CC_STEPS(CC_STEP(DELETE, cc_at(tenant), cc_at(id)),
                                CC_STEP(CC_NEW_KNOWLEDGE, cc_at(tenant))));

    if (rc == 0 && cc_rows_changed(&rows, 0) == 0)
        return cc_fail(CC_E_NOTFOUND, "no such pinned answer");
    return rc;
}

/* ---- asking ---- */

#define ENABLED                                                                                    \
    " FROM pin_questions q JOIN pins p ON p.tenant_id = q.tenant_id AND p.id = q.pin_id"           \
    " WHERE q.tenant_id = $1 AND q.bot_id = $2 AND p.enabled"

/* Without the answers, which may be long. */
static const struct cc_stmt
    SAME = {"SELECT p.id, q.question, p.answer" ENABLED " AND q.normal = $3"},
    NEAR = {"SELECT q.pin_id, q.normal, CASE WHEN q.model = $3 THEN q.v ELSE '' END" ENABLED},
    WINNER = {"SELECT p.id, q.question, p.answer" ENABLED " AND q.pin_id = $3 AND q.normal = $4"};

static int read_match(const struct cc_rows *rows, double score, struct cc_arena *mem,
                      struct cc_pin_match *ret)
{
    if (cc_rows_n(rows, 0) == 0)
        return CC_E_NOTFOUND;
    struct cc_row row = cc_row(rows, 0, 0, mem);
    ret->id = cc_row_text(&row);
    ret->question = cc_row_text(&row);
    ret->answer = cc_row_text(&row);
    ret->score = score;
    return 0;
}

static int find_same(struct cc_pg *pool, const struct cc_pin_query *q, struct cc_arena *mem,
                     struct cc_pin_match *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, q->tenant, &rows,
                       CC_STEPS(CC_STEP(SAME, cc_at(q->tenant), cc_at(q->bot), cc_at(q->normal))));

    return rc ? rc : read_match(&rows, 1, mem, ret);
}

struct nearest {
    const char *pin, *normal;
    double score;
};

static void choose(const struct cc_rows *rows, const struct cc_pin_query *q, struct cc_arena *mem,
                   struct nearest *ret)
{
    size_t dim = (size_t)q->dimension;
    float *unit = cc_arena_array(mem, dim, sizeof *unit), *v = cc_arena_array(mem, dim, sizeof *v);

    cc_vector_write(&as_bytes, q->v, q->dimension, (char *)unit);
    for (int i = 0; i < cc_rows_n(rows, 0); i++) {
        struct cc_row row = cc_row(rows, 0, i, mem);
        struct nearest one = {.pin = cc_row_text(&row)};
        size_t len;

        one.normal = cc_row_text(&row);
        const void *bytes = cc_row_bytes(&row, &len);

        if (len == 0 && q->lacking)
            *q->lacking = true;
        if (!cc_vector_read(&as_bytes, bytes, len, q->dimension, v))
            continue;
        one.score = (double)cc_vector_dot(unit, v, dim);
        if (one.score >= q->threshold && (!ret->pin || one.score > ret->score))
            *ret = one;
    }
}

static int find_near(struct cc_pg *pool, const struct cc_pin_query *q, struct cc_arena *mem,
                     struct cc_pin_match *ret)
{
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    CC_AUTOP(cc_rows_done) struct cc_rows winner = {0};
    struct nearest best = {0};
    int rc = cc_pg_run(pool, q->tenant, &rows,
                       CC_STEPS(CC_STEP(NEAR, cc_at(q->tenant), cc_at(q->bot), cc_at(q->model))));

    if (rc)
        return rc;
    choose(&rows, q, mem, &best);
    if (!best.pin)
        return CC_E_NOTFOUND;
    rc = cc_pg_run(pool, q->tenant, &winner,
                   CC_STEPS(CC_STEP(WINNER, cc_at(q->tenant), cc_at(q->bot), cc_at(best.pin),
                                    cc_at(best.normal))));
    return rc ? rc : read_match(&winner, best.score, mem, ret);
}

int cc_pin_find(struct cc_pg *pool, const struct cc_pin_query *query, struct cc_arena *mem,
                struct cc_pin_match *ret)
{
    int rc = *query->normal ? find_same(pool, query, mem, ret) : CC_E_NOTFOUND;

    if (rc == CC_E_NOTFOUND && query->v && query->threshold <= 1)
        rc = find_near(pool, query, mem, ret);
    return rc == CC_E_NOTFOUND ? cc_fail(rc, "no pinned answer for this") : rc;
}

int cc_pin_lacking(struct cc_pg *pool, const struct cc_pin_query *q, int max, struct cc_arena *mem,
                   struct cc_pin_question **ret, int *ret_n)
{
    static const struct cc_stmt LACKING = {"SELECT q.question, q.normal" ENABLED
                                           " AND q.model <> $3 ORDER BY q.normal LIMIT $4"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(
        pool, q->tenant, &rows,
        CC_STEPS(CC_STEP(LACKING, cc_at(q->tenant), cc_at(q->bot), cc_at(q->model), cc_ai(max))));

    if (rc)
        return rc;
    *ret_n = cc_rows_n(&rows, 0);
    *ret = cc_arena_array(mem, (size_t)*ret_n + 1, sizeof **ret);
    for (int i = 0; i < *ret_n; i++) {
        struct cc_row row = cc_row(&rows, 0, i, mem);
        (*ret)[i].question = cc_row_text(&row);
        (*ret)[i].normal = cc_row_text(&row);
    }
    return 0;
}

int cc_pin_set_vectors(struct cc_pg *pool, const struct cc_pin *pin)
{
    static const struct cc_stmt SET = {
        "UPDATE pin_questions q SET model = x.model, v = x.v"
        " FROM unnest($3::text[], $4::text[], $5::bytea[]) AS x(normal, model, v)"
        " WHERE q.tenant_id = $1 AND q.bot_id = $2 AND q.normal = x.normal AND x.model <> ''"};
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(PIN_BYTES);
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    struct wordings w;

    take_wordings(pin, mem, &w);
    return cc_pg_run(pool, pin->tenant, &rows,
                     CC_STEPS(CC_STEP(SET, cc_at(pin->tenant), cc_at(pin->bot),
                                      cc_at(cc_array_texts(mem, w.normal, pin->questions_n)),
                                      cc_at(cc_array_texts(mem, w.model, pin->questions_n)),
                                      cc_abytes(w.vectors.bytes, w.vectors.len))));
}

int cc_pin_hit(struct cc_pg *pool, const char *tenant, const char *id)
{
    static const struct cc_stmt HIT = {
        "UPDATE pins SET hits = hits + 1, hit_at = now() WHERE tenant_id = $1 AND id = $2"};

    return cc_pg_must(pool, tenant, (struct cc_step)CC_STEP(HIT, cc_at(tenant), cc_at(id)),
                      CC_E_NOTFOUND, "no such pinned answer");
}

int cc_pin_count(struct cc_pg *pool, const char *tenant, const char *bot, int64_t *ret)
{
    static const struct cc_stmt COUNT = {
        "SELECT count(*) FROM pins WHERE tenant_id = $1 AND bot_id = $2 AND enabled"};
    CC_AUTOP(cc_rows_done) struct cc_rows rows = {0};
    int rc = cc_pg_run(pool, tenant, &rows, CC_STEPS(CC_STEP(COUNT, cc_at(tenant), cc_at(bot))));

    if (rc)
        return rc;
    struct cc_row row = cc_row(&rows, 0, 0, NULL);
    *ret = cc_row_int(&row);
    return 0;
}

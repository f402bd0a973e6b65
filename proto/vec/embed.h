/*
 * embed.h - texts become vectors; which way is one table of functions.
 *
 *     auto            use if the weight files are there, else hash
 *     use             Universal Sentence Encoder lite, computed here (English, 512 numbers)
 *     hash            hashed stems and letter groups (any language, no model, 1024 numbers)
 *     openai:MODEL    an OpenAI-compatible service (CC_OPENAI_URL, CC_OPENAI_KEY)
 *     ollama:MODEL    Ollama (CC_OLLAMA_URL)
 *
 * An embedder never changes after it was opened: all tasks of a process share one.
 * Name and dimension belong to every index made with it; vectors of different names
 * must never be compared.
 */
#ifndef CC_VEC_EMBED_H
#define CC_VEC_EMBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"

#define CC_EMBED_DIM_MAX   4096
#define CC_EMBED_TEXTS_MAX 256   /* of one cc_embed() */
#define CC_EMBED_TEXT_MAX  65536 /* bytes of one text; beyond: TOOBIG */

struct cc_embedder; /* one per process */
struct cc_http;

/*
 * When a service may be asked, agreed on with all other processes (proto/bus/pace.h; a process
 * gives its own functions, since this layer knows no Redis).  name: service and hash of its key.
 */
struct cc_embed_pacer {
    int (*enter)(void *arg, const char *name, int64_t *ret_wait_ms); /* Waits; 0 ms: ask now */
    void (*tell)(void *arg, const char *name, bool busy, int64_t retry_after_ms); /* Waits. */
    void *arg;
};

struct cc_embed_opts {
    const char *spec;                   /* NULL: CC_EMBED */
    const char *model_dir;              /* NULL: CC_EMBED_MODEL_DIR */
    struct cc_http *http;               /* only for services; must outlive the embedder */
    const struct cc_embed_pacer *pacer; /* NULL: this process alone */
};

/* INVALID for an unknown kind, NOTFOUND when `use` was asked for and its files are not there. */
int cc_embedder_open(const struct cc_embed_opts *opts, struct cc_embedder **ret);
/* The same by the name that vectors are stored under; opts->spec does not count. */
int cc_embedder_open_named(const char *name, const struct cc_embed_opts *opts,
                           struct cc_embedder **ret);
void cc_embedder_free(struct cc_embedder **embedder); /* NULL is fine; sets NULL */

/* Such as "use-lite", "hash-1", "openai:text-embedding-3-small". */
const char *cc_embedder_name(const struct cc_embedder *embedder);

/*
 * How much its order counts in a fused search beside the order by words, which counts 1: one that
 * knows meanings more than one that sees letters.  Measured with infra/eval.
 */
double cc_embedder_weight(const struct cc_embedder *embedder);

/* Does it know this language ("en", ...)?  What it makes of others says little.  "": not told, yes.
 */
bool cc_embedder_knows(const struct cc_embedder *embedder, const char *language);

/* Waits, and only the first time, for a service whose dimension is not known. */
int cc_embedder_dim(struct cc_embedder *embedder, size_t *ret);

/* Part of a text that gets a vector of its own; text is NUL-terminated, in the arena. */
struct cc_part {
    const char *text;
    size_t from, len; /* bytes of the whole */
};

/*
 * Cuts a chunk (valid UTF-8) into what the embedder reads well: sentences for `use`,
 * which sees only 128 tokens, else the chunk as a whole.  At least one part, in order, the text of
 * none is empty unless the chunk is.
 */
int cc_embed_split(const struct cc_embedder *embedder, const char *text, size_t len,
                   struct cc_arena *mem, struct cc_part **ret, size_t *ret_n);

/*
 * Waits.  out has room for n x dimension numbers; each vector has length 1 (or is all zero for a
 * text without a word).  A service that is busy is asked again, as it tells us to, as long as the
 * task's deadline (else half an hour) allows it: then BUSY.  On failure out is undefined.
 */
int cc_embed(struct cc_embedder *embedder, const char *const *texts, size_t n, float *out);

/* What an implementation fills: one file each, rows of the table in embed.c. */
struct cc_embed_kind {
    const char *prefix; /* of the setting; "openai:" is followed by a model */
    int (*open)(const struct cc_embed_opts *opts, const char *model, void **ret_self);
    void (*free)(void *self);
    int (*dim)(void *self, size_t *ret); /* Waits. */
    int (*split)(const char *text, size_t len, struct cc_arena *mem, struct cc_part **ret,
                 size_t *ret_n);
    int (*run)(void *self, const char *const *texts, size_t n, float *out); /* Waits. */
    const char *name; /* NULL: the setting itself */
    double weight;
    const char *language; /* the only one it knows; NULL: any */
};
extern const struct cc_embed_kind cc_embed_use, cc_embed_hash, cc_embed_openai, cc_embed_ollama;

/* split of those that take a text as it is */
int cc_embed_split_whole(const char *text, size_t len, struct cc_arena *mem, struct cc_part **ret,
                         size_t *ret_n);

#endif

/*
 * The passages of what the visitor has given to this conversation, behind those of the owner's
 * documents.  All of it, if it is little; else those with the question's words; else how each file
 * begins, which is what "what is this about?" needs.
 */
#include <string.h>

#include "proto/base/clean.h"
#include "proto/store/session_file.h"
#include "proto/vec/rank.h"
#include "worker/chat.h"

#define READ_BYTES  ((size_t)256 << 20) /* a ceiling; 5 full files take 12 MB for a moment */
#define OWN_BYTES   ((size_t)16 << 10)  /* of their text in a prompt */
#define OWN_MAX     12                  /* passages */
#define HEAD_BYTES  300                 /* around a passage in the prompt */
#define INTRO_BYTES 1024                /* before all of them */
#define RANK_BASE   10                  /* as search.h fuses */

/* All passages of all files, in order. */
struct shelf {
    const struct cc_session_file_read *file;
    int files;
    const char **words;
    struct {
        const struct cc_session_file_read *file;
        int index;
    } * at;
    int n;
    size_t bytes;
};

static void fill(struct shelf *shelf, struct cc_arena *mem)
{
    size_t n = 1;

    for (int i = 0; i < shelf->files; i++)
        n += (size_t)shelf->file[i].passages.n;
    shelf->words = cc_arena_array(mem, n, sizeof *shelf->words);
    shelf->at = cc_arena_array(mem, n, sizeof *shelf->at);
    for (int i = 0; i < shelf->files; i++)
        for (int k = 0; k < shelf->file[i].passages.n; k++) {
            shelf->words[shelf->n] = shelf->file[i].passages.terms[k];
            shelf->at[shelf->n].file = &shelf->file[i];
            shelf->at[shelf->n++].index = k;
            shelf->bytes += strlen(shelf->file[i].passages.texts[k]);
        }
}

/* Of equal worth: they come as they stand. */
static int take_all(const struct shelf *shelf, struct cc_ranked *out)
{
    for (int i = 0; i < shelf->n; i++)
        out[i] = (struct cc_ranked){i, 0};
    return shelf->n;
}

static int take_beginnings(const struct shelf *shelf, struct cc_ranked *out)
{
    int n = 0;

    for (int i = 0; i < shelf->n; i++)
        if (shelf->at[i].index == 0)
            out[n++] = (struct cc_ranked){i, 0};
    return n;
}

static int choose(const struct cc_chat *chat, const struct shelf *shelf, struct cc_arena *mem,
                  struct cc_ranked **ret, int *ret_n)
{
    int rc = 0;

    if (shelf->n <= OWN_MAX && shelf->bytes <= OWN_BYTES) {
        *ret = cc_arena_array(mem, (size_t)shelf->n + 1, sizeof **ret);
        *ret_n = take_all(shelf, *ret);
        return 0;
    }
    rc = cc_rank(chat->job.message, shelf->words, shelf->n, mem, ret, ret_n);
    if (rc == 0 && *ret_n == 0)
        *ret_n = take_beginnings(shelf, *ret);
    return rc;
}

/* What is kept of it lies in the chat's memory. */
static int take(struct cc_chat *chat, const struct shelf *shelf, const struct cc_ranked *ranked,
                int place, struct cc_found *ret)
{
    const struct cc_session_file_read *file = shelf->at[ranked->index].file;
    int index = shelf->at[ranked->index].index;
    struct cc_found found = {.lexical = ranked->score, .fused = 1.0 / (RANK_BASE + place)};

    found.passage = (struct cc_passage){
        .index = index,
        .page = file->passages.pages[index],
        .document = cc_arena_dup(chat->work, file->id),
        .title = "",
        .filename = cc_arena_dup(chat->work, file->filename),
        .url = "",
        .section = "",
        .text = cc_arena_dup(chat->work, file->passages.texts[index]),
    };
    found.rerank = -1;
    *ret = found;
    return cc_snippet(found.passage.text, chat->job.message, chat->work, &ret->snippet, &ret->best);
}

static size_t room_of(const struct cc_found *found)
{
    return strlen(found->passage.text) + HEAD_BYTES;
}

/* The owner's passages leave room for the visitor's: the last of them are the least. */
static void make_room(struct cc_chat *chat, size_t own)
{
    size_t bytes = own + INTRO_BYTES;
    int n = 0;

    while (n < chat->found_n && bytes + room_of(&chat->found[n]) <= CC_CHAT_CONTEXT_BYTES)
        bytes += room_of(&chat->found[n++]);
    chat->found_n = n;
}

static int add(struct cc_chat *chat, const struct shelf *shelf, const struct cc_ranked *ranked,
               int n)
{
    struct cc_found *own = cc_arena_array(chat->work, OWN_MAX, sizeof *own), *all;
    size_t bytes = 0;
    int rc = 0, own_n = 0;

    for (int i = 0; i < n && own_n < OWN_MAX && rc == 0; i++) {
        rc = take(chat, shelf, &ranked[i], i + 1, &own[own_n]);
        bytes += rc ? 0 : room_of(&own[own_n]);
        if (own_n > 0 && bytes > OWN_BYTES + OWN_MAX * HEAD_BYTES)
            break;
        own_n++;
    }
    if (rc)
        return rc;
    make_room(chat, bytes);
    all = cc_arena_array(chat->work, (size_t)(chat->found_n + own_n) + 1, sizeof *all);
    if (chat->found_n > 0)
        memcpy(all, chat->found, (size_t)chat->found_n * sizeof *all);
    memcpy(all + chat->found_n, own, (size_t)own_n * sizeof *all);
    chat->found = all;
    chat->found_n += own_n;
    chat->own_n = own_n;
    return 0;
}

/* Files may be large, and what is taken from them is not: they are read into memory of their own,
 * which goes before anything waits again. */
int cc_own_files(struct cc_chat *chat)
{
    CC_AUTOP(cc_arena_free) struct cc_arena *mem = cc_arena_new(READ_BYTES);
    struct cc_session_file_read *files;
    struct shelf shelf = {0};
    struct cc_ranked *ranked;
    int n, rc = cc_session_file_contents(chat->worker->run->pg, chat->job.tenant, chat->job.session,
                                         mem, &files, &n);

    if (rc)
        return rc;
    shelf.file = files;
    shelf.files = n;
    fill(&shelf, mem);
    if (shelf.n == 0)
        return 0;
    rc = choose(chat, &shelf, mem, &ranked, &n);
    return rc ? rc : add(chat, &shelf, ranked, n);
}

/*
 * use_net.h - the network of the Universal Sentence Encoder lite: two transformer layers over at
 * most 128 tokens, averaged, one dense layer, 512 numbers.
 */
#ifndef CC_VEC_USE_NET_H
#define CC_VEC_USE_NET_H

#include <stddef.h>

#define CC_USE_DIM    512
#define CC_USE_PIECES 8002 /* embeddings; ids are below */

struct cc_use_net; /* read-only after open, its weights mapped: threads and processes share them */

/* weights.bin as infra/models/flatten.mjs lays it out.  NOTFOUND, INVALID (another size). */
int cc_use_net_open(const char *path, struct cc_use_net **ret);
void cc_use_net_free(struct cc_use_net **net);

/* Room to compute in, 2 MB; one per thread at a time. */
struct cc_use_room;
struct cc_use_room *cc_use_room_new(void);
void cc_use_room_free(struct cc_use_room **room);

/* About 0.2 ms a token on one core. */
void cc_use_net_run(const struct cc_use_net *net, const int *ids, size_t n,
                    struct cc_use_room *room, float out[CC_USE_DIM]);

#endif

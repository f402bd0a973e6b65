#include "proto/vec/use_net.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/error.h"
#include "proto/base/vector.h"
#include "proto/vec/use_vocab.h"

enum {
    EMBED = 256, /* width before the first layer's output */
    WIDE = CC_USE_DIM,
    INNER = 1536, /* width inside the feed-forward part, and of q, k and v together */
    TOKENS = CC_USE_TOKENS,
    HEADS = 4,
    LAYERS = 2
};

struct norm {
    const float *scale, *bias;
};
struct dense {
    const float *kernel, *bias;
    size_t in, out;
};
struct layer {
    struct norm before, middle;
    struct dense qkv, output, up, down;
};
struct cc_use_net {
    void *map;
    size_t size;
    const float *embeddings;
    struct dense widen, last;
    struct layer layer[LAYERS];
    float timing[TOKENS][EMBED];
};
/* x: what flows; y: its normalised copy; the others by their use */
struct cc_use_room {
    float x[TOKENS * WIDE], y[TOKENS * WIDE], keep[TOKENS * WIDE], attended[TOKENS * WIDE];
    float inner[TOKENS * INNER], weight[TOKENS];
};

/* Takes the tensors one after another from the mapped file. */
struct reader {
    const float *at;
};

static const float *take(struct reader *r, size_t n)
{
    const float *tensor = r->at;

    r->at += n;
    return tensor;
}

static struct norm take_norm(struct reader *r, size_t width)
{
    struct norm norm;

    norm.scale = take(r, width);
    norm.bias = take(r, width);
    return norm;
}

static struct dense take_dense(struct reader *r, size_t in, size_t out)
{
    struct dense dense = {.in = in, .out = out};

    dense.kernel = take(r, in * out);
    dense.bias = take(r, out);
    return dense;
}

static struct layer take_layer(struct reader *r, size_t width)
{
    struct layer layer;

    layer.before = take_norm(r, width);
    layer.qkv = take_dense(r, width, 3 * width);
    layer.output = take_dense(r, width, WIDE);
    layer.middle = take_norm(r, WIDE);
    layer.up = take_dense(r, WIDE, INNER);
    layer.down = take_dense(r, INNER, WIDE);
    return layer;
}

/* Each position is marked by waves of 128 lengths: sines, then cosines. */
static void fill_timing(struct cc_use_net *net, const float *inverse_scales)
{
    for (size_t t = 0; t < TOKENS; t++)
        for (size_t i = 0; i < EMBED / 2; i++) {
            float angle = (float)t * inverse_scales[i];

            net->timing[t][i] = sinf(angle);
            net->timing[t][EMBED / 2 + i] = cosf(angle);
        }
}

static int read_tensors(struct cc_use_net *net, const char *path)
{
    struct reader r = {.at = net->map};
    const float *scales;

    net->embeddings = take(&r, (size_t)CC_USE_PIECES * EMBED);
    scales = take(&r, EMBED / 2);
    net->widen = take_dense(&r, EMBED, WIDE);
    net->layer[0] = take_layer(&r, EMBED);
    net->layer[1] = take_layer(&r, WIDE);
    net->last = take_dense(&r, WIDE, WIDE);
    if ((const char *)r.at - (const char *)net->map != (ptrdiff_t)net->size)
        return cc_fail(CC_E_INVALID, "%s: %zu bytes are not the model we know", path, net->size);
    fill_timing(net, scales);
    return 0;
}

static int map_file(struct cc_use_net *net, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0)
            close(fd);
        return cc_fail(CC_E_NOTFOUND, "%s: cannot be opened", path);
    }
    net->size = (size_t)st.st_size;
    net->map = mmap(NULL, net->size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (net->map == MAP_FAILED) {
        net->map = NULL;
        return cc_fail(CC_E_INVALID, "%s: cannot be mapped", path);
    }
    return 0;
}

int cc_use_net_open(const char *path, struct cc_use_net **ret)
{
    struct cc_use_net *net = calloc(1, sizeof *net);
    int rc;

    if (!net)
        abort();
    rc = map_file(net, path);
    if (!rc)
        rc = read_tensors(net, path);
    if (rc)
        cc_use_net_free(&net);
    else
        *ret = net;
    return rc;
}

void cc_use_net_free(struct cc_use_net **net)
{
    if (!*net)
        return;
    if ((*net)->map)
        munmap((*net)->map, (*net)->size);
    free(*net);
    *net = NULL;
}

struct cc_use_room *cc_use_room_new(void)
{
    struct cc_use_room *room = malloc(sizeof *room);

    if (!room)
        abort();
    return room;
}

void cc_use_room_free(struct cc_use_room **room)
{
    free(*room);
    *room = NULL;
}

static void multiply(const struct dense *dense, const float *in, size_t rows, float *out)
{
    cc_vector_multiply(&(struct cc_vector_product){.a = in,
                                                   .b = dense->kernel,
                                                   .bias = dense->bias,
                                                   .out = out,
                                                   .m = rows,
                                                   .k = dense->in,
                                                   .n = dense->out});
}

static void normalize_row(const struct norm *norm, const float *in, size_t width, float *out)
{
    float mean = 0, variance = 0, scale;

    for (size_t i = 0; i < width; i++)
        mean += in[i];
    mean /= (float)width;
    for (size_t i = 0; i < width; i++)
        variance += (in[i] - mean) * (in[i] - mean);
    scale = 1.0f / sqrtf(variance / (float)width + 1e-6f);
    for (size_t i = 0; i < width; i++)
        out[i] = (in[i] - mean) * scale * norm->scale[i] + norm->bias[i];
}

static void normalize(const struct norm *norm, const float *in, size_t rows, size_t width,
                      float *out)
{
    for (size_t t = 0; t < rows; t++)
        normalize_row(norm, in + t * width, width, out + t * width);
}

static void softmax(float *v, size_t n)
{
    float top = v[0], sum = 0;

    for (size_t i = 1; i < n; i++)
        top = v[i] > top ? v[i] : top;
    for (size_t i = 0; i < n; i++)
        sum += v[i] = expf(v[i] - top);
    for (size_t i = 0; i < n; i++)
        v[i] /= sum;
}

/* One head of one token: which other tokens it looks at, and the mix of what they say. */
static void attend_one(struct cc_use_room *room, size_t rows, size_t width, size_t t, size_t head)
{
    size_t part = width / HEADS, row = 3 * width;
    const float *query = room->inner + t * row + head * part;
    const float *keys = room->inner + width + head * part, *values = keys + width;
    float *out = room->attended + t * width + head * part;
    float scale = 1.0f / sqrtf((float)part);

    for (size_t u = 0; u < rows; u++)
        room->weight[u] = scale * cc_vector_dot(query, keys + u * row, part);
    softmax(room->weight, rows);
    memset(out, 0, part * sizeof *out);
    for (size_t u = 0; u < rows; u++)
        for (size_t i = 0; i < part; i++)
            out[i] += room->weight[u] * values[u * row + i];
}

static void add(float *to, const float *more, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += more[i];
}

/* The result in x; in: width wide, x: always WIDE wide. */
static void run_attention(const struct layer *layer, struct cc_use_room *room, size_t rows,
                          const float *residual)
{
    size_t width = layer->qkv.in;

    normalize(&layer->before, room->x, rows, width, room->y);
    multiply(&layer->qkv, room->y, rows, room->inner);
    for (size_t t = 0; t < rows; t++)
        for (size_t head = 0; head < HEADS; head++)
            attend_one(room, rows, width, t, head);
    multiply(&layer->output, room->attended, rows, room->x);
    add(room->x, residual, rows * WIDE);
}

static void run_feed_forward(const struct layer *layer, struct cc_use_room *room, size_t rows)
{
    normalize(&layer->middle, room->x, rows, WIDE, room->y);
    multiply(&layer->up, room->y, rows, room->inner);
    for (size_t i = 0; i < rows * INNER; i++)
        room->inner[i] = room->inner[i] > 0 ? room->inner[i] : 0;
    multiply(&layer->down, room->inner, rows, room->attended);
    add(room->x, room->attended, rows * WIDE);
}

static void look_up(const struct cc_use_net *net, const int *ids, size_t n, float *out)
{
    for (size_t t = 0; t < n; t++)
        for (size_t i = 0; i < EMBED; i++)
            out[t * EMBED + i] =
                2 * net->embeddings[(size_t)ids[t] * EMBED + i] + net->timing[t][i];
}

static void average(const float *rows, size_t n, float *out)
{
    memset(out, 0, WIDE * sizeof *out);
    for (size_t t = 0; t < n; t++)
        add(out, rows + t * WIDE, WIDE);
    for (size_t i = 0; i < WIDE; i++)
        out[i] /= (float)n;
}

void cc_use_net_run(const struct cc_use_net *net, const int *ids, size_t n,
                    struct cc_use_room *room, float out[CC_USE_DIM])
{
    memset(out, 0, CC_USE_DIM * sizeof *out);
    if (n == 0)
        return;
    look_up(net, ids, n, room->x);
    multiply(&net->widen, room->x, n, room->keep);
    run_attention(&net->layer[0], room, n, room->keep);
    run_feed_forward(&net->layer[0], room, n);
    memcpy(room->keep, room->x, n * WIDE * sizeof *room->keep);
    run_attention(&net->layer[1], room, n, room->keep);
    run_feed_forward(&net->layer[1], room, n);
    average(room->x, n, room->y);
    multiply(&net->last, room->y, 1, out);
    for (size_t i = 0; i < CC_USE_DIM; i++)
        out[i] = tanhf(out[i]);
    cc_vector_normalize(out, CC_USE_DIM);
}

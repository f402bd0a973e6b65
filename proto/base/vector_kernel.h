/*
 * vector_kernel.h - the inner loops of vector.c, included once for each generation of processors
 * with NAME(x) naming the copy and CPU its target attribute.  Nobody else includes it, so it has no
 * guard.
 *
 * Eight sums at once: the compiler may not reorder one sum of floats, but may keep eight apart.
 * GCC lowers vector types before it clones functions (target_clones would make them scalar):
 * hence two inclusions instead.
 */

CPU static float NAME(dot)(const float *a, const float *b, size_t dim)
{
    lanes s0 = {0}, s1 = s0, s2 = s0, s3 = s0;
    float sum = 0;
    size_t i = 0;

    for (; i + 4 * LANES <= dim; i += 4 * LANES) {
        s0 += AT(a + i) * AT(b + i);
        s1 += AT(a + i + LANES) * AT(b + i + LANES);
        s2 += AT(a + i + 2 * LANES) * AT(b + i + 2 * LANES);
        s3 += AT(a + i + 3 * LANES) * AT(b + i + 3 * LANES);
    }
    s0 += s1 + s2 + s3;
    for (; i < dim; i++)
        sum += a[i] * b[i];
    for (size_t lane = 0; lane < LANES; lane++)
        sum += s0[lane];
    return sum;
}

/*
 * Four rows of a against two registers of columns of b: what is fetched of b is used four times,
 * and the eight sums stay in registers (an array of them would not).
 */
CPU static void NAME(tile_of_four)(const struct cc_vector_product *g, size_t row, size_t col)
{
    const float *a0 = g->a + row * g->k, *a1 = a0 + g->k, *a2 = a1 + g->k, *a3 = a2 + g->k;
    const float *b = g->b + col;
    float *out = g->out + row * g->n + col;
    lanes left = AT(g->bias + col), right = AT(g->bias + col + LANES);
    lanes l0 = left, l1 = left, l2 = left, l3 = left;
    lanes r0 = right, r1 = right, r2 = right, r3 = right;

    for (size_t k = 0; k < g->k; k++, b += g->n) {
        lanes x = AT(b), y = AT(b + LANES);

        l0 += a0[k] * x, r0 += a0[k] * y;
        l1 += a1[k] * x, r1 += a1[k] * y;
        l2 += a2[k] * x, r2 += a2[k] * y;
        l3 += a3[k] * x, r3 += a3[k] * y;
    }
    AT_OUT(out) = l0, AT_OUT(out + LANES) = r0, out += g->n;
    AT_OUT(out) = l1, AT_OUT(out + LANES) = r1, out += g->n;
    AT_OUT(out) = l2, AT_OUT(out + LANES) = r2, out += g->n;
    AT_OUT(out) = l3, AT_OUT(out + LANES) = r3;
}

CPU static void NAME(tile_of_one)(const struct cc_vector_product *g, size_t row, size_t col)
{
    const float *a = g->a + row * g->k;
    const float *b = g->b + col;
    float *out = g->out + row * g->n + col;
    lanes left = AT(g->bias + col), right = AT(g->bias + col + LANES);

    for (size_t k = 0; k < g->k; k++, b += g->n) {
        left += a[k] * AT(b);
        right += a[k] * AT(b + LANES);
    }
    AT_OUT(out) = left;
    AT_OUT(out + LANES) = right;
}

CPU static void NAME(multiply)(const struct cc_vector_product *g)
{
    for (size_t col = 0; col < g->n; col += 2 * LANES) {
        size_t row = 0;

        for (; row + 4 <= g->m; row += 4)
            NAME(tile_of_four)(g, row, col);
        for (; row < g->m; row++)
            NAME(tile_of_one)(g, row, col);
    }
}

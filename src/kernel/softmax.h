/* softmax.h -- responsibilities, and the sums over rows that a bound needs. */

/* A sum with its rounding error beside it, one for every lane. */
typedef struct {
  vec high, low;
} pair;

INLINE void
add_pair (pair *p, vec v)
{
  const vec sum = p->high + v;
  const vec rest = sum - p->high;
  p->low += (p->high - (sum - rest)) + (v - rest);
  p->high = sum;
}

/* Add the lanes of p to sum = (high, low) in their order.  An infinite sum has no error: without
   the tests it would become not-a-number. */
static void
add_to (double sum[2], const pair *p)
{
  for (int l = 0; l < LANES; l++)
    {
      const double v = p->high[l], s = sum[0] + v, rest = s - sum[0];
      const double error = (sum[0] - (s - rest)) + (v - rest);
      sum[0] = s;
      if (isfinite (s))
        sum[1] += error + p->low[l];
    }
}

/* What the rows of a tile need between the two passes over their components. */
typedef struct {
  double weight[ELBO_TILE]; /* 0 in the padding                                    */
  double scale[ELBO_TILE];  /* from exp (t - max) to a weighted responsibility     */
  double least[ELBO_TILE];  /* exp (t - max) below this is a responsibility of 0   */
  pair evidence, energy, entropy;
} softmax_rows;

/* Give row i of score, whose maximum is not finite, scores that the arithmetic of the other rows
   can take.  Only -inf: any, since the row will not count.  Components at +inf share the row. */
static void
repair (size_t ncomp, double *score, double peak)
{
  for (size_t k = 0; k < ncomp && peak > 0; k++)
    if (score[k * ELBO_TILE] < peak)
      score[k * ELBO_TILE] = -INFINITY;
    else if (score[k * ELBO_TILE] == peak)
      score[k * ELBO_TILE] = 0;
}

/* score += add for one vector of rows, and the maximum over components. */
INLINE void
peak_rows (size_t ncomp, const double *add, double *score, vec peak[3])
{
  peak[0] = peak[1] = peak[2] = all (-INFINITY);
  for (size_t k = 0; k < ncomp; k++)
    {
      const vec a = all (add[k]);
      UNROLL
      for (size_t u = 0; u < 3; u++)
        {
          double *s = score + k * ELBO_TILE + u * LANES;
          const vec t = load (s) + a;
          store (s, t);
          peak[u] = larger (t, peak[u]);
        }
    }
}

/* From score to exp (score + add - max) for one unit of rows, and their shares of the sums. */
static void
softmax_unit (size_t ncomp, const double *add, size_t i, double *score, softmax_rows *rows)
{
  vec peak[3], shift[3], sum[3], energy[3];
  peak_rows (ncomp, add, score + i, peak);
  const vec odd = (peak[0] - peak[0]) + (peak[1] - peak[1]) + (peak[2] - peak[2]);
  double any = 0;
  UNROLL
  for (int l = 0; l < LANES; l++)
    any += odd[l];
  UNROLL
  for (size_t u = 0; u < 3; u++)
    {
      shift[u] = peak[u];
      sum[u] = energy[u] = all (0);
    }
  if (isnan (any))
    for (size_t r = 0; r < UNIT; r++)
      if (isinf (peak[r / LANES][r % LANES]))
        {
          repair (ncomp, score + i + r, peak[r / LANES][r % LANES]);
          shift[r / LANES][r % LANES] = 0;
        }
  for (size_t k = 0; k < ncomp; k++)
    UNROLL
    for (size_t u = 0; u < 3; u++)
      {
        double *s = score + k * ELBO_TILE + i + u * LANES;
        const vec t = larger (all (EXP_LEAST), load (s) - shift[u]);
        const vec e = exp_negative (t);
        store (s, e);
        sum[u] += e;
        energy[u] += e * t;
      }
  UNROLL
  for (size_t u = 0; u < 3; u++)
    {
      const size_t at = i + u * LANES;
      const vec w = load (rows->weight + at);
      const bits counts = (bits) (w != 0.0), lives = counts & (bits) (peak[u] != -INFINITY);
      const vec inverse = 1.0 / sum[u], mean = energy[u] * inverse;
      /* log_positive works on the bits and would make a number of what is not one */
      const vec size = log_positive (sum[u]) + (sum[u] - sum[u]);
      store (rows->scale + at, keep (lives, w * inverse));
      store (rows->least + at, 1e-100 * sum[u]);
      add_pair (&rows->evidence, keep (counts, w * (peak[u] + size)));
      add_pair (&rows->energy, keep (lives, w * (peak[u] + mean)));
      add_pair (&rows->entropy, keep (lives, w * (size - mean)));
    }
}

/* Scale the rows of some components and count them; comps <= WIDE is known at compile time. */
INLINE void
softmax_scale (const size_t comps, size_t used, const softmax_rows *rows, double *score,
               double *count)
{
  vec sum[WIDE];
  double total[WIDE] = { 0 };
  UNROLL
  for (size_t q = 0; q < WIDE; q++)
    sum[q] = all (0);
  for (size_t i = 0; i < used; i += LANES)
    {
      const vec scale = load (rows->scale + i), floor = load (rows->least + i);
      UNROLL
      for (size_t q = 0; q < comps; q++)
        {
          double *s = score + q * ELBO_TILE + i;
          const vec e = load (s), r = keep ((bits) (e >= floor), e * scale);
          store (s, r);
          sum[q] += r;
        }
    }
  add_lanes (sum, total);
  UNROLL
  for (size_t q = 0; q < comps; q++)
    count[q] += total[q];
}

static void
softmax (size_t n, size_t ncomp, const double *add, const double *weight, double *score,
         double *count, double *evidence, double *energy, double *entropy)
{
  _Alignas (64) softmax_rows rows;
  const pair zero = { all (0), all (0) };
  const size_t used = padded (n);
  size_t k = 0;
  rows.evidence = rows.energy = rows.entropy = zero;
  for (size_t i = 0; i < n; i++)
    rows.weight[i] = weight ? weight[i] : 1;
  for (size_t i = n; i < used; i++)
    rows.weight[i] = 0;
  for (size_t i = 0; i < used; i += UNIT)
    softmax_unit (ncomp, add, i, score, &rows);
  for (; k + WIDE <= ncomp; k += WIDE)
    softmax_scale (WIDE, used, &rows, score + k * ELBO_TILE, count + k);
  for (; k < ncomp; k++)
    softmax_scale (1, used, &rows, score + k * ELBO_TILE, count + k);
  for (k = 0; k < ncomp; k++)
    for (size_t i = used; i < ELBO_TILE; i++)
      score[k * ELBO_TILE + i] = 0;
  add_to (evidence, &rows.evidence);
  add_to (energy, &rows.energy);
  add_to (entropy, &rows.entropy);
}

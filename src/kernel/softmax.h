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

/* What the rows of a tile leave behind; the sums over them come last, all at once. */
typedef struct {
  double weight[ELBO_TILE]; /* 0 in the padding                                */
  double peak[ELBO_TILE];   /* the largest t = score + add                     */
  double sum[ELBO_TILE];    /* sum_k e, e = exp (t - peak)                     */
  double mean[ELBO_TILE];   /* sum_k e (t - peak) / sum_k e                    */
} softmax_rows;

/* Give a row of score, whose maximum is infinite, scores that the arithmetic of the other rows can
   take: components at +inf share the row, and -inf may stay, since the row will not count. */
static void
repair (size_t ncomp, double *score, double peak)
{
  for (size_t k = 0; k < ncomp && peak > 0; k++)
    if (score[k * ELBO_TILE] < peak)
      score[k * ELBO_TILE] = -INFINITY;
    else if (score[k * ELBO_TILE] == peak)
      score[k * ELBO_TILE] = 0;
}

/* score += add for one unit of rows, and the maximum over components. */
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

/* Whether all maxima are finite. */
INLINE bool
all_finite (const vec peak[3])
{
  const vec zero = (peak[0] - peak[0]) + (peak[1] - peak[1]) + (peak[2] - peak[2]);
  double sum = 0;
  UNROLL
  for (int l = 0; l < LANES; l++)
    sum += zero[l];
  return sum == 0;
}

/* Repair the rows of a unit that need it; shift becomes what to subtract from their scores. */
static void
repair_unit (size_t ncomp, double *score, const vec peak[3], vec shift[3])
{
  for (size_t r = 0; r < UNIT; r++)
    if (isinf (peak[r / LANES][r % LANES]))
      {
        repair (ncomp, score + r, peak[r / LANES][r % LANES]);
        shift[r / LANES][r % LANES] = 0;
      }
}

/* exp (score - shift) in place, its sum over components and that of its product with score -
   shift. */
INLINE void
exp_rows (size_t ncomp, const vec shift[3], double *score, vec sum[3], vec mean[3])
{
  UNROLL
  for (size_t u = 0; u < 3; u++)
    sum[u] = mean[u] = all (0);
  for (size_t k = 0; k < ncomp; k++)
    UNROLL
    for (size_t u = 0; u < 3; u++)
      {
        double *s = score + k * ELBO_TILE + u * LANES;
        const vec t = larger (all (EXP_LEAST), load (s) - shift[u]);
        const vec e = exp_negative (t);
        store (s, e);
        sum[u] += e;
        mean[u] += e * t;
      }
}

/* From exponentials to weighted responsibilities, and their counts; an exponential below least is
   a responsibility of 0.  comps <= WIDE is known at compile time. */
INLINE void
scale_rows (const size_t comps, const vec scale[3], const vec least[3], double *score,
            double *count)
{
  vec sum[WIDE];
  UNROLL
  for (size_t q = 0; q < WIDE; q++)
    {
      sum[q] = all (0);
      UNROLL
      for (size_t u = 0; u < 3; u++)
        if (q < comps)
          {
            double *s = score + q * ELBO_TILE + u * LANES;
            const vec e = load (s), r = keep ((bits) (e >= least[u]), e * scale[u]);
            store (s, r);
            sum[q] += r;
          }
    }
  add_lanes (comps, sum, count);
}

/* UNIT rows from row i on. */
INLINE void
softmax_unit (size_t ncomp, const double *add, size_t i, softmax_rows *rows, double *score,
              double *count)
{
  vec peak[3], shift[3], sum[3], mean[3], scale[3], least[3];
  size_t k = 0;
  peak_rows (ncomp, add, score, peak);
  UNROLL
  for (size_t u = 0; u < 3; u++)
    shift[u] = peak[u];
  if (!all_finite (peak))
    repair_unit (ncomp, score, peak, shift);
  exp_rows (ncomp, shift, score, sum, mean);
  UNROLL
  for (size_t u = 0; u < 3; u++)
    {
      const size_t at = i + u * LANES;
      const vec inverse = 1.0 / sum[u];
      scale[u] = keep ((bits) (peak[u] != -INFINITY), load (rows->weight + at) * inverse);
      least[u] = 1e-100 * sum[u];
      store (rows->peak + at, peak[u]);
      store (rows->sum + at, sum[u]);
      store (rows->mean + at, mean[u] * inverse);
    }
  for (; k + WIDE <= ncomp; k += WIDE)
    scale_rows (WIDE, scale, least, score + k * ELBO_TILE, count + k);
  for (; k + 2 <= ncomp; k += 2)
    scale_rows (2, scale, least, score + k * ELBO_TILE, count + k);
  if (k < ncomp)
    scale_rows (1, scale, least, score + k * ELBO_TILE, count + k);
}

/* Rows of weight 0 add nothing whatever their values, impossible ones only to the evidence. */
static void
sum_rows (size_t used, const softmax_rows *rows, double *evidence, double *energy,
          double *entropy)
{
  const pair zero = { all (0), all (0) };
  pair total = zero, inner = zero, spread = zero;
  for (size_t i = 0; i < used; i += LANES)
    {
      const vec w = load (rows->weight + i), peak = load (rows->peak + i),
                sum = load (rows->sum + i), mean = load (rows->mean + i);
      const bits counts = (bits) (w != 0.0), lives = counts & (bits) (peak != -INFINITY);
      /* log_positive works on the bits and would make a number of what is not one */
      const vec size = log_positive (sum) + (sum - sum);
      add_pair (&total, keep (counts, w * (peak + size)));
      add_pair (&inner, keep (lives, w * (peak + mean)));
      add_pair (&spread, keep (lives, w * (size - mean)));
    }
  add_to (evidence, &total);
  add_to (energy, &inner);
  add_to (entropy, &spread);
}

static void
softmax (size_t n, size_t ncomp, const double *add, const double *weight, double *score,
         double *count, double *evidence, double *energy, double *entropy)
{
  _Alignas (64) softmax_rows rows;
  const size_t used = padded (n);
  for (size_t i = 0; i < used; i++)
    rows.weight[i] = i < n;
  if (weight)
    memcpy (rows.weight, weight, n * sizeof *weight);
  for (size_t i = 0; i < used; i += UNIT)
    softmax_unit (ncomp, add, i, &rows, score + i, count);
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = used; i < ELBO_TILE; i++)
      score[k * ELBO_TILE + i] = 0;
  sum_rows (used, &rows, evidence, energy, entropy);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsibilities, and the sums over rows that a bound needs. */

/* A sum with its rounding error beside it, one for every lane. */
typedef struct
{
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
typedef struct
{
  double weight[ELBO_TILE]; /* 0 in the padding                                   */
  double peak[ELBO_TILE];   /* the largest score                                  */
  double sum[ELBO_TILE];    /* sum_k e, e = exp (score - peak)                    */
  double mean[ELBO_TILE];   /* sum_k e (score - peak) / sum_k e                   */
  double scale[ELBO_TILE];  /* from e to a weighted responsibility                */
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

/* The maximum over components. */
INLINE void
peak_rows (size_t ncomp, const double *score, vec peak[3])
{
  UNROLL
  for (size_t u = 0; u < 3; u++)
    peak[u] = all (-INFINITY);
  for (size_t k = 0; k < ncomp; k++)
    UNROLL
  for (size_t u = 0; u < 3; u++)
    peak[u] = larger (load (score + k * ELBO_TILE + u * LANES), peak[u]);
}

/* Whether all maxima are finite. */
INLINE bool
all_finite (const vec peak[3])
{
  const vec zero = (peak[0] - peak[0]) + (peak[1] - peak[1]) + (peak[2] - peak[2]);
  return !any (differ (zero, all (0)));
}

/* exp (score - shift) in place, 0 where score - shift is below lowest; its sum over components and
   that of its product with score - shift. */
INLINE void
exp_rows (size_t ncomp, const vec shift[3], double lowest, double *score, vec sum[3], vec mean[3])
{
  UNROLL
  for (size_t u = 0; u < 3; u++)
    sum[u] = mean[u] = all (0);
  for (size_t k = 0; k < ncomp; k++)
    UNROLL
  for (size_t u = 0; u < 3; u++)
    {
      double *s = score + k * ELBO_TILE + u * LANES;
      const vec t = load (s) - shift[u];
      const lanes counts = not_below (t, all (lowest));
      const vec e = keep (counts, exp_negative (t));
      store (s, e);
      sum[u] += e;
      mean[u] = add_product (counts, mean[u], e, t);
    }
}

/* Clear the exponentials of the rows of a unit that hold what is not a number; their sums keep it. */
static void
clear_unit (size_t ncomp, double *score, const vec sum[3])
{
  for (size_t r = 0; r < UNIT; r++)
    for (size_t k = 0; k < ncomp && isnan (sum[r / LANES][r % LANES]); k++)
      score[k * ELBO_TILE + r] = 0;
}

/* UNIT rows from row i on: from scores to exponentials. */
INLINE void
softmax_unit (size_t ncomp, double lowest, size_t i, softmax_rows *rows, double *score)
{
  vec peak[3], shift[3], sum[3], mean[3];
  peak_rows (ncomp, score, peak);
  UNROLL
  for (size_t u = 0; u < 3; u++)
    shift[u] = peak[u];
  if (!all_finite (peak))
    repair_unit (ncomp, score, peak, shift);
  exp_rows (ncomp, shift, lowest, score, sum, mean);
  const vec all_sums = sum[0] + sum[1] + sum[2];
  if (any (differ (all_sums, all_sums)))
    clear_unit (ncomp, score, sum);
  UNROLL
  for (size_t u = 0; u < 3; u++)
    {
      const size_t at = i + u * LANES;
      const vec inverse = 1.0 / sum[u];
      const lanes lives = differ (peak[u], all (-INFINITY));
      store (rows->peak + at, peak[u]);
      store (rows->sum + at, sum[u]);
      store (rows->mean + at, mean[u] * inverse);
      /* the larger of what is not a number and 0 is 0 */
      store (rows->scale + at, keep (lives, larger (load (rows->weight + at) * inverse, all (0))));
    }
}

/* From exponentials to weighted responsibilities, and their counts.  comps <= WIDE is known at
   compile time. */
INLINE void
scale_block (const size_t comps, size_t rows, const double *scale, double *score, double *count)
{
  vec sum[WIDE];
  UNROLL
  for (size_t q = 0; q < WIDE; q++)
    sum[q] = all (0);
  for (size_t i = 0; i < rows; i += LANES)
    {
      const vec s = load (scale + i);
      UNROLL
      for (size_t q = 0; q < WIDE; q++)
        if (q < comps)
          {
            double *at = score + q * ELBO_TILE + i;
            const vec r = load (at) * s;
            store (at, r);
            sum[q] += r;
          }
    }
  add_lanes (comps, sum, count);
}

static void
scale_rows (size_t ncomp, size_t rows, const double *scale, double *score, double *count)
{
  size_t k = 0;
  for (; k + WIDE <= ncomp; k += WIDE)
    scale_block (WIDE, rows, scale, score + k * ELBO_TILE, count + k);
  for (; k + 2 <= ncomp; k += 2)
    scale_block (2, rows, scale, score + k * ELBO_TILE, count + k);
  if (k < ncomp)
    scale_block (1, rows, scale, score + k * ELBO_TILE, count + k);
}

/* The sums over rows: the vectors of a unit plainly, units with their rounding errors.  Rows of
   weight 0 add nothing whatever their values, impossible ones only to the evidence.  Where rows
   have no weights, the logarithm of a product of sums does for three. */
INLINE void
sum_rows (const bool weighted, size_t used, const softmax_rows *rows, double *evidence,
          double *energy, double *entropy)
{
  const pair zero = { all (0), all (0) };
  pair total = zero, inner = zero, spread = zero;
  for (size_t i = 0; i < used; i += UNIT)
    {
      vec level = all (0), peak = all (0), mean = all (0), size = all (0), product = all (1);
      UNROLL
      for (size_t u = 0; u < 3; u++)
        {
          const size_t at = i + u * LANES;
          const vec w = load (rows->weight + at), top = load (rows->peak + at),
                    sum = load (rows->sum + at);
          const lanes counts = differ (w, all (0)), lives = counts & differ (top, all (-INFINITY));
          /* log_positive works on the bits and would make a number of what is not one */
          level += keep (counts, w * top + (sum - sum));
          peak += keep (lives, w * top);
          mean += keep (lives, w * load (rows->mean + at));
          if (weighted)
            size += keep (lives, w * log_positive (sum));
          else
            product *= choose (lives, sum, all (1));
        }
      if (!weighted)
        size = log_positive (product);
      add_pair (&total, level + size);
      add_pair (&inner, peak + mean);
      add_pair (&spread, size - mean);
    }
  add_to (evidence, &total);
  add_to (energy, &inner);
  add_to (entropy, &spread);
}

/* Rows that are worked on before their exponentials are scaled: as many as the first-level cache
   holds, so that the counts of a component are summed across lanes seldom. */
static size_t
span_of (size_t ncomp)
{
  const size_t units = 2048 / UNIT / ncomp;
  return UNIT * (units < 1 ? 1 : units);
}

static void
softmax (size_t n, size_t ncomp, const double *weight, double *score, double *count,
         double *evidence, double *energy, double *entropy)
{
  _Alignas(64) softmax_rows rows;
  const size_t used = padded (n), span = span_of (ncomp);
  const double lowest = least_exponent (ncomp);
  for (size_t i = 0; i < used; i++)
    rows.weight[i] = i < n;
  if (weight)
    memcpy (rows.weight, weight, n * sizeof *weight);
  for (size_t i = 0; i < used; i += span)
    {
      const size_t end = i + span < used ? i + span : used;
      for (size_t at = i; at < end; at += UNIT)
        softmax_unit (ncomp, lowest, at, &rows, score + at);
      scale_rows (ncomp, end - i, rows.scale + i, score + i, count);
    }
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = used; i < ELBO_TILE; i++)
      score[k * ELBO_TILE + i] = 0;
  if (weight)
    sum_rows (true, used, &rows, evidence, energy, entropy);
  else
    sum_rows (false, used, &rows, evidence, energy, entropy);
}

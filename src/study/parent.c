/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a fit tells of better ones with one component more or less.

   Each component is cut in two in four ways: between the means of 2-means, begun along the leading
   axis of its rows; rows outside the shell that holds 70 % of a Gaussian apart from those inside; and
   twice between two rows drawn with probability proportional to their responsibility.  Rows that the
   mixture explains worst form a component of their own.  For one component less, pairs are joined,
   the nearest first (Bhattacharyya distance of the features).

   Rows are points of the features (feature.c), of which only projections are needed: side (i) =
   direction . (z_i - mean) > cut.  Anchors: SMEM (Ueda et al. 2000), random swap EM (Zhao, Hautamaki,
   Karkkainen & Franti 2012), recursive initialisation (Baudry & Celeux 2015). */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_cdf.h>
#include "study/study.h"

enum
{
  AXIS_STEPS = 20,
  MEANS_STEPS = 10,
  DRAWN_CUTS = 2,
  MOST_PAIRS = 36
};
#define SHELL 0.7          /* the share of a Gaussian inside */
#define WORST 0.05         /* the share of rows that are explained worst */
#define LEAST_SPREAD 1e-12 /* of a feature of one value */
#define LEAST_ROWS 2.0     /* of a component that is cut */

typedef struct
{
  const elbo_search *search;
  const elbo_model *model;
  elbo_source source;
  elbo_features features;
  size_t run, n, ntile, ncomp;
  double *resp;     /* [ntile x K x ELBO_TILE], weight times responsibility */
  double *score;    /* the same of scores, nats */
  double *evidence; /* [ntile x ELBO_TILE] log of the summed exp of a row's scores */
  double *count;    /* [K] */
  double *mean;     /* [K x nfeature] */
  double *spread;   /* [K x nfeature] variances */
} parent;

static void
parent_clear (parent *p)
{
  elbo_features_clear (&p->features);
  free (p->resp);
  free (p->score);
  free (p->evidence);
  free (p->count);
  free (p->mean);
  free (p->spread);
}

/* --- the rows under the fit ---------------------------------------------------------------------- */

/* Scores and responsibilities of one tile. */
static int
look_at_tile (parent *p, size_t t, elbo_workspace *w, double *ignored)
{
  const elbo_model *m = p->model;
  const size_t size = p->ncomp * ELBO_TILE;
  elbo_tile tile;
  int status = elbo_workspace_tile (w, &p->source, t, &tile);
  if (status == GSL_SUCCESS)
    status = elbo_score_tile (m, &tile, w);
  if (status != GSL_SUCCESS)
    return status;
  memcpy (p->score + t * size, w->score, size * sizeof *w->score);
  for (size_t i = 0; i < tile.n; i++)
    p->evidence[t * ELBO_TILE + i] = elbo_log_sum (w->score, p->ncomp, i);
  status = m->latent.assign (&m->part->shape, m->part->coef, &tile, w->score, w->count, ignored);
  memcpy (p->resp + t * size, w->score, size * sizeof *w->score);
  return status;
}

static int
look_at_rows (parent *p)
{
  elbo_workspace w;
  double *ignored = elbo_doubles (p->model->part->nstat);
  int status = elbo_workspace_init (p->model, &w);
  if (!ignored)
    status = GSL_ENOMEM;
  for (size_t t = 0; t < p->ntile && status == GSL_SUCCESS; t++)
    status = look_at_tile (p, t, &w, ignored);
  elbo_workspace_clear (&w);
  free (ignored);
  return status;
}

/* --- points and projections ------------------------------------------------------------------------ */

/* What works on the rows of one component, in a thread of its own. */
typedef struct
{
  const parent *p;
  size_t k;
  double *buffer; /* [(dim + 1) x ELBO_TILE] */
  double *side;   /* [ELBO_TILE] projections of a tile */
} rows_of;

/* side (i) = direction . (z_i - origin), z the features. */
static void
project (const rows_of *r, const elbo_tile *tile, const double *origin, const double *direction)
{
  memset (r->side, 0, ELBO_TILE * sizeof *r->side);
  for (size_t d = 0; d < tile->dim; d++)
    {
      const elbo_feature *f = r->p->features.column + d;
      const double *x = tile->x + d * ELBO_TILE;
      double offset = 0;
      for (size_t l = 0; l < f->size; l++)
        offset += direction[f->at + l] * origin[f->at + l];
      for (size_t i = 0; i < tile->n; i++)
        r->side[i] += f->unit
                      * ((f->size > 1 ? direction[f->at + (size_t)x[i]] : direction[f->at] * x[i])
                         - offset);
    }
}

/* sum [nfeature] += sum over rows of by (i) times its features; *total += sum of by. */
static void
add_rows (const rows_of *r, const elbo_tile *tile, const double *by, double *sum, double *total)
{
  for (size_t d = 0; d < tile->dim; d++)
    {
      const elbo_feature *f = r->p->features.column + d;
      const double *x = tile->x + d * ELBO_TILE;
      for (size_t i = 0; i < tile->n; i++)
        if (f->size > 1)
          sum[f->at + (size_t)x[i]] += by[i];
        else
          sum[f->at] += by[i] * x[i];
    }
  for (size_t i = 0; i < tile->n; i++)
    *total += by[i];
}

static const double *
resp_of (const rows_of *r, size_t t)
{
  return r->p->resp + (t * r->p->ncomp + r->k) * ELBO_TILE;
}

static elbo_tile
tile_at (const rows_of *r, size_t t)
{
  elbo_tile tile;
  r->p->source.tile (&r->p->source, t, r->buffer, &tile); /* rows in memory are always there */
  return tile;
}

/* Mean and variances of the features of a component. */
static void
take_moments (const rows_of *r, double *mean, double *spread, double *count)
{
  const parent *p = r->p;
  const size_t F = p->features.n;
  *count = 0;
  for (size_t t = 0; t < p->ntile; t++)
    {
      const elbo_tile tile = tile_at (r, t);
      add_rows (r, &tile, resp_of (r, t), mean, count);
    }
  for (size_t f = 0; f < F; f++)
    mean[f] /= *count > 0 ? *count : 1;
  for (size_t t = 0; t < p->ntile; t++)
    {
      const elbo_tile tile = tile_at (r, t);
      const double *resp = resp_of (r, t);
      for (size_t d = 0; d < tile.dim; d++)
        {
          const elbo_feature *f = p->features.column + d;
          for (size_t i = 0; f->size == 1 && i < tile.n; i++)
            {
              const double far = tile.x[d * ELBO_TILE + i] - mean[f->at];
              spread[f->at] += resp[i] * far * far;
            }
        }
    }
  for (size_t d = 0; d < p->source.dim; d++)
    {
      const elbo_feature *f = p->features.column + d;
      for (size_t l = f->at; l < f->at + f->size; l++)
        spread[l] = f->size > 1 ? mean[l] * (1 - mean[l]) : spread[l] / (*count > 0 ? *count : 1);
    }
}

/* The unit of feature f, which is that of its column. */
static void
unit_list (const parent *p, double *unit)
{
  for (size_t d = 0; d < p->source.dim; d++)
    for (size_t l = 0; l < p->features.column[d].size; l++)
      unit[p->features.column[d].at + l] = p->features.column[d].unit;
}

/* --- cuts -------------------------------------------------------------------------------------------- */

/* A cut of a component: rows with direction . (z - origin) > at go apart. */
typedef struct
{
  double *origin, *direction; /* [nfeature] */
  double at;
} cut;

/* One step of the power iteration: direction <- covariance x unit x direction, of length 1 in the metric
   of the units; returns the variance along it. */
static double
axis_step (const rows_of *r, const double *mean, const double *unit, double *direction,
           double *next)
{
  const parent *p = r->p;
  const size_t F = p->features.n;
  double total = 0, along = 0, length = 0;
  memset (next, 0, F * sizeof *next);
  for (size_t t = 0; t < p->ntile; t++)
    {
      const elbo_tile tile = tile_at (r, t);
      const double *resp = resp_of (r, t);
      project (r, &tile, mean, direction);
      for (size_t i = 0; i < tile.n; i++)
        {
          along += resp[i] * r->side[i] * r->side[i];
          r->side[i] *= resp[i];
        }
      add_rows (r, &tile, r->side, next, &total);
    }
  for (size_t f = 0; f < F; f++)
    {
      next[f] -= total * mean[f];
      length += unit[f] * next[f] * next[f];
    }
  for (size_t f = 0; f < F && length > 0; f++)
    direction[f] = next[f] / sqrt (length);
  return along;
}

/* The leading axis of a component's rows in feature space, begun at the widest feature; its sign is
   that of its largest entry. */
static double
find_axis (const rows_of *r, const double *mean, const double *spread, const double *unit,
           double *direction, double *work)
{
  const size_t F = r->p->features.n;
  size_t widest = 0;
  double along = 0;
  for (size_t f = 1; f < F; f++)
    if (unit[f] * spread[f] > unit[widest] * spread[widest])
      widest = f;
  memset (direction, 0, F * sizeof *direction);
  direction[widest] = unit[widest] > 0 ? 1 / sqrt (unit[widest]) : 0;
  for (int step = 0; step < AXIS_STEPS; step++)
    along = axis_step (r, mean, unit, direction, work);
  size_t largest = 0;
  for (size_t f = 1; f < F; f++)
    if (sqrt (unit[f]) * fabs (direction[f])
        > (1 + 1e-9) * sqrt (unit[largest]) * fabs (direction[largest]))
      largest = f;
  for (size_t f = 0; direction[largest] < 0 && f < F; f++)
    direction[f] = -direction[f];
  return sqrt (along / r->p->count[r->k]);
}

/* Halfway between two points, at right angles to their line. */
static void
cut_between (size_t F, const double *a, const double *b, cut *c)
{
  for (size_t f = 0; f < F; f++)
    {
      c->origin[f] = (a[f] + b[f]) / 2;
      c->direction[f] = b[f] - a[f];
    }
  c->at = 0;
}

/* The means of the rows on the two sides, [2 x nfeature]; 0 when one has none. */
static int
side_means (const rows_of *r, const cut *c, double *means)
{
  const parent *p = r->p;
  const size_t F = p->features.n;
  double total[2] = { 0, 0 }, part[2][ELBO_TILE];
  memset (means, 0, 2 * F * sizeof *means);
  for (size_t t = 0; t < p->ntile; t++)
    {
      const elbo_tile tile = tile_at (r, t);
      const double *resp = resp_of (r, t);
      project (r, &tile, c->origin, c->direction);
      for (size_t i = 0; i < tile.n; i++)
        {
          const int apart = r->side[i] > c->at;
          part[apart][i] = resp[i];
          part[!apart][i] = 0;
        }
      for (int s = 0; s < 2; s++)
        add_rows (r, &tile, part[s], means + (size_t)s * F, total + s);
    }
  for (size_t f = 0; f < 2 * F && total[0] > 0 && total[1] > 0; f++)
    means[f] /= total[f / F];
  return total[0] > 0 && total[1] > 0;
}

/* 2-means along the leading axis. */
static void
cut_by_means (const rows_of *r, const double *unit, cut *c, double *work)
{
  const size_t F = r->p->features.n;
  const double *mean = r->p->mean + r->k * F, *spread = r->p->spread + r->k * F;
  double *means = work, *spare = work + 2 * F;
  find_axis (r, mean, spread, unit, c->direction, spare);
  memcpy (c->origin, mean, F * sizeof *mean);
  c->at = 0;
  for (int step = 0; step < MEANS_STEPS && side_means (r, c, means); step++)
    cut_between (F, means, means + F, c);
}

/* The row that wins an exponential race whose rates are the responsibilities: a draw that depends on
   the canonical rank of rows and on nothing else of their order. */
static size_t
draw_row (const rows_of *r, uint64_t stream)
{
  const parent *p = r->p;
  const elbo_ranks *ranks = p->search->ranks;
  double least = INFINITY;
  size_t drawn = 0;
  for (size_t i = 0; i < p->n; i++)
    {
      const double resp = resp_of (r, i / ELBO_TILE)[i % ELBO_TILE];
      if (!(resp > 0))
        continue;
      const double weight = elbo_data_weight (p->search->data, i);
      const double rate = resp / weight * ranks->copies[i];
      const double time = -log (elbo_uniform (elbo_key (stream, ranks->rank[i], r->k))) / rate;
      if (time < least)
        {
          least = time;
          drawn = i;
        }
    }
  return drawn;
}

static void
point_at (const rows_of *r, size_t row, double *point)
{
  const elbo_tile tile = tile_at (r, row / ELBO_TILE);
  elbo_features_at (&r->p->features, &tile, row % ELBO_TILE, point);
}

static void
cut_by_draw (const rows_of *r, size_t trial, cut *c, double *work)
{
  const size_t F = r->p->features.n;
  const elbo_search *s = r->p->search;
  const uint64_t stream
      = elbo_key (elbo_key (s->options.seed, r->p->ncomp, r->p->run), 2 * trial, 0x5eed);
  point_at (r, draw_row (r, stream), work);
  point_at (r, draw_row (r, stream + 1), work + F);
  cut_between (F, work, work + F, c);
}

/* --- children ---------------------------------------------------------------------------------------- */

static elbo_child *
add_child (elbo_children *children, const parent *p, size_t from, size_t into, int rows)
{
  elbo_child *list = realloc (children->list, (children->n + 1) * sizeof *list);
  uint64_t *bits = rows ? elbo_calloc ((p->n + 63) / 64, sizeof *bits) : NULL;
  if (list)
    children->list = list;
  if (!list || (rows && !bits))
    {
      free (bits);
      elbo_fail (GSL_ENOMEM, "out of memory: %zu changes of a fit", children->n + 1);
      return NULL;
    }
  elbo_child *child = list + children->n++;
  *child = (elbo_child){ p->model, from, into, bits };
  return child;
}

static void
set_bit (uint64_t *bits, size_t i)
{
  bits[i / 64] |= (uint64_t)1 << i % 64;
}

static void
mark_cut (const rows_of *r, const cut *c, uint64_t *bits)
{
  for (size_t t = 0; t < r->p->ntile; t++)
    {
      const elbo_tile tile = tile_at (r, t);
      project (r, &tile, c->origin, c->direction);
      for (size_t i = 0; i < tile.n; i++)
        if (r->side[i] > c->at)
          set_bit (bits, t * ELBO_TILE + i);
    }
}

/* A score is a constant less half a squared distance whose mean is D and whose quantile of a Gaussian is
   that of chi-squared. */
static void
mark_shell (const rows_of *r, uint64_t *bits)
{
  const parent *p = r->p;
  const double dim = (double)p->source.dim;
  double total = 0;
  for (size_t i = 0; i < p->n; i++)
    {
      const size_t at = (i / ELBO_TILE * p->ncomp + r->k) * ELBO_TILE + i % ELBO_TILE;
      if (p->resp[at] > 0)
        total += p->resp[at] * p->score[at];
    }
  const double least = total / p->count[r->k] - (gsl_cdf_chisq_Pinv (SHELL, dim) - dim) / 2;
  for (size_t i = 0; i < p->n; i++)
    if (p->score[(i / ELBO_TILE * p->ncomp + r->k) * ELBO_TILE + i % ELBO_TILE] < least)
      set_bit (bits, i);
}

/* The four cuts of component k, whose children stand at `child`. */
static int
cut_component (const parent *p, size_t k, const double *unit, elbo_child *child)
{
  const size_t F = p->features.n;
  double *room = elbo_doubles (elbo_times (5, F) + ELBO_TILE * (p->source.dim + 2));
  if (!room)
    return GSL_ENOMEM;
  rows_of r = { p, k, room + 5 * F + ELBO_TILE, room + 5 * F };
  cut c = { room, room + F, 0 };
  cut_by_means (&r, unit, &c, room + 2 * F);
  mark_cut (&r, &c, child[0].rows);
  mark_shell (&r, child[1].rows);
  for (size_t trial = 0; trial < DRAWN_CUTS; trial++)
    {
      cut_by_draw (&r, trial, &c, room + 2 * F);
      mark_cut (&r, &c, child[2 + trial].rows);
    }
  free (room);
  return GSL_SUCCESS;
}

typedef struct
{
  double evidence, weight;
} explained;

static int
by_evidence (const void *a, const void *b)
{
  const double x = ((const explained *)a)->evidence, y = ((const explained *)b)->evidence;
  return (x > y) - (x < y);
}

/* The rows that are explained worst: the worst, and the worst WORST of all weight. */
static int
add_births (const parent *p, elbo_children *children)
{
  explained *row = elbo_calloc (p->n, sizeof *row);
  if (!row)
    return GSL_ENOMEM;
  double total = 0, sum = 0;
  size_t n = 0, last = 0;
  for (size_t i = 0; i < p->n; i++)
    {
      const double weight = elbo_data_weight (p->search->data, i);
      if (weight > 0)
        row[n++] = (explained){ p->evidence[i], weight };
      total += weight;
    }
  qsort (row, n, sizeof *row, by_evidence);
  while (last + 1 < n && (sum += row[last].weight) < WORST * total)
    last++;
  const double below[2] = { row[0].evidence, row[last].evidence };
  free (row);
  for (int b = 0; b < 2; b++)
    {
      const elbo_child *child = add_child (children, p, p->ncomp, 0, 1);
      if (!child)
        return GSL_ENOMEM;
      for (size_t i = 0; i < p->n; i++)
        if (p->evidence[i] <= below[b])
          set_bit (child->rows, i);
    }
  return GSL_SUCCESS;
}

static int
parent_make (parent *p, const elbo_search *s, size_t run)
{
  *p = (parent){ .search = s, .model = s->outcome[run].model, .run = run, .n = s->data->n };
  p->ncomp = p->model->ncomp;
  p->ntile = elbo_data_ntile (s->data);
  elbo_source_data (&p->source, p->model, s->data);
  int status = elbo_features_make (&p->features, p->model, s->data);
  if (status != GSL_SUCCESS)
    return status;
  const size_t K = p->ncomp, F = p->features.n;
  p->resp = elbo_doubles (elbo_times (K * ELBO_TILE, p->ntile));
  p->score = elbo_doubles (elbo_times (K * ELBO_TILE, p->ntile));
  p->evidence = elbo_doubles (p->ntile * ELBO_TILE);
  p->count = elbo_doubles (K);
  p->mean = elbo_doubles (elbo_times (K, F));
  p->spread = elbo_doubles (elbo_times (K, F));
  if (!p->resp || !p->score || !p->evidence || !p->count || !p->mean || !p->spread)
    return GSL_ENOMEM;
  status = look_at_rows (p);
  double *buffer = elbo_doubles ((p->source.dim + 2) * ELBO_TILE);
  if (!buffer)
    status = GSL_ENOMEM;
  for (size_t k = 0; k < K && status == GSL_SUCCESS; k++)
    {
      const rows_of r = { p, k, buffer, buffer + (p->source.dim + 1) * ELBO_TILE };
      take_moments (&r, p->mean + k * F, p->spread + k * F, p->count + k);
    }
  free (buffer);
  return status;
}

/* Every component with rows to cut, in threads. */
static int
add_cuts (const parent *p, elbo_children *children)
{
  const size_t first = children->n, K = p->ncomp;
  size_t *comp = elbo_calloc (K, sizeof *comp), n = 0;
  double *unit = elbo_doubles (p->features.n);
  int status = comp && unit ? GSL_SUCCESS : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    unit_list (p, unit);
  for (size_t k = 0; k < K && status == GSL_SUCCESS; k++)
    if (p->count[k] >= LEAST_ROWS)
      {
        comp[n++] = k;
        for (int c = 0; c < 2 + DRAWN_CUTS && status == GSL_SUCCESS; c++)
          status = add_child (children, p, k, 0, 1) ? GSL_SUCCESS : GSL_ENOMEM;
      }
  const int threads = elbo_cores (p->search->options.threads);
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) if (threads > 1 && n > 1)
  for (size_t i = 0; i < n; i++)
    if (status == GSL_SUCCESS
        && cut_component (p, comp[i], unit, children->list + first + i * (2 + DRAWN_CUTS))
               != GSL_SUCCESS)
#pragma omp atomic write
      status = GSL_ENOMEM;
  free (comp);
  free (unit);
  return status;
}

int
elbo_split_children (const elbo_search *search, size_t run, elbo_children *children)
{
  parent p;
  int status = parent_make (&p, search, run);
  if (status == GSL_SUCCESS)
    status = add_cuts (&p, children);
  if (status == GSL_SUCCESS)
    status = add_births (&p, children);
  /* the same fit and a component without rows, which a prior makes possible */
  if (status == GSL_SUCCESS && p.model->method == ELBO_VB
      && !add_child (children, &p, p.ncomp, 0, 1))
    status = GSL_ENOMEM;
  parent_clear (&p);
  return status;
}

/* --- pairs --------------------------------------------------------------------------------------------- */

typedef struct
{
  size_t a, b;
  double distance;
} pair;

static int
by_distance (const void *x, const void *y)
{
  const pair *p = x, *q = y;
  if (p->distance < q->distance || p->distance > q->distance)
    return p->distance < q->distance ? -1 : 1;
  return p->a != q->a ? (p->a < q->a ? -1 : 1) : (p->b > q->b) - (p->b < q->b);
}

/* Bhattacharyya distance of two Gaussians with independent features. */
static double
distance (const parent *p, size_t a, size_t b)
{
  const size_t F = p->features.n;
  double sum = 0;
  for (size_t f = 0; f < F; f++)
    {
      const double u = p->spread[a * F + f] + LEAST_SPREAD, v = p->spread[b * F + f] + LEAST_SPREAD;
      const double far = p->mean[a * F + f] - p->mean[b * F + f], both = (u + v) / 2;
      sum += far * far / both / 8 + log (both / sqrt (u * v)) / 2;
    }
  return sum;
}

int
elbo_merge_children (const elbo_search *search, size_t run, elbo_children *children)
{
  parent p;
  int status = parent_make (&p, search, run);
  const size_t K = p.ncomp, n = K * (K - 1) / 2;
  pair *list = elbo_calloc (n, sizeof *list);
  if (!list)
    status = GSL_ENOMEM;
  size_t at = 0;
  for (size_t a = 0; a < K && status == GSL_SUCCESS; a++)
    for (size_t b = a + 1; b < K; b++)
      list[at++] = (pair){ a, b, distance (&p, a, b) };
  if (status == GSL_SUCCESS)
    qsort (list, n, sizeof *list, by_distance);
  for (size_t i = 0; i < n && i < MOST_PAIRS && status == GSL_SUCCESS; i++)
    status = add_child (children, &p, list[i].b, list[i].a, 0) ? GSL_SUCCESS : GSL_ENOMEM;
  free (list);
  parent_clear (&p);
  return status;
}

void
elbo_children_clear (elbo_children *children)
{
  for (size_t i = 0; i < children->n; i++)
    free (children->list[i].rows);
  free (children->list);
  *children = (elbo_children){ NULL, 0 };
}

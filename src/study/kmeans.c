/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Greedy k-means++ (Arthur & Vassilvitskii 2007, "k-means++: the advantages of careful seeding",
   SODA) and a few Lloyd steps.

   Distances are those of the features (feature.c).  Points are the distinct rows, each with the
   weight of its copies, in canonical order: neither the order of rows nor their units nor weights
   written as copies change what is drawn.

   Restarts are worth having when they differ.  The first start is k-means as anyone knows it; of
   the others one half are the seeds without Lloyd steps, which keeps them apart, and one half
   are blurred: nine tenths of each row's responsibility are drawn from the flat Dirichlet
   distribution.  Hard starts find many separate groups; blurred ones, which begin near the one-
   component solution and only lean towards the seeds, find overlapping groups that no hard
   partition resembles. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

enum
{
  LLOYD_STEPS = 10
};
#define BLUR 0.9

typedef struct
{
  const elbo_data *data;
  const elbo_ranks *ranks;
  elbo_source source; /* the data in the model's units */
  const elbo_kernel *kernel;
  size_t ncomp, ncandidate, nfeature;
  elbo_features features;
  int threads;
  uint64_t stream;
  const elbo_feature *column; /* [dim], of the features */
  size_t *row;                /* [ndistinct] a row of each rank */
  double *centre;             /* [(K + candidates) x nfeature] */
  double *nearest;            /* [n] squared distance to the nearest centre */
  double *mass;               /* [ndistinct] copies times squared distance, in canonical order */
  double *potential;          /* [ntile x candidates] sums of a sweep, one a tile: added in order */
  size_t *label;              /* [n] */
  double *buffer;             /* [(dim + 1) x ELBO_TILE] */
} seeding;

static void
seeding_clear (seeding *s)
{
  elbo_features_clear (&s->features);
  free (s->row);
  free (s->centre);
  free (s->nearest);
  free (s->mass);
  free (s->potential);
  free (s->buffer);
}

static int
seeding_make (seeding *s, const elbo_model *model, const elbo_data *data, const elbo_ranks *ranks)
{
  const size_t n = data->n, K = model->ncomp;
  s->data = data;
  s->ranks = ranks;
  s->ncomp = K;
  elbo_source_data (&s->source, model, data);
  s->ncandidate = 2 + (size_t)log ((double)K);
  s->row = elbo_calloc (ranks->ndistinct, sizeof *s->row);
  if (!s->row || elbo_features_make (&s->features, model, data) != GSL_SUCCESS)
    return GSL_ENOMEM;
  s->column = s->features.column;
  s->nfeature = s->features.n;
  for (size_t i = n; i-- > 0;)
    if (ranks->rank[i] != (size_t)-1)
      s->row[ranks->rank[i]] = i;
  s->centre = elbo_doubles (elbo_times (K + s->ncandidate, s->nfeature));
  s->nearest = elbo_doubles (n);
  s->mass = elbo_doubles (ranks->ndistinct);
  s->potential = elbo_doubles (elbo_times (elbo_data_ntile (data), s->ncandidate));
  s->label = elbo_calloc (n, sizeof *s->label);
  s->buffer = elbo_doubles (elbo_times (data->dim + 1, ELBO_TILE));
  return s->centre && s->nearest && s->mass && s->potential && s->label && s->buffer ? GSL_SUCCESS
                                                                                     : GSL_ENOMEM;
}

/* --- distances --------------------------------------------------------------------------- */

/* Several centres as the kernel reads them, and room for one tile of distances. */
typedef struct
{
  const seeding *s;
  size_t n;                   /* centres */
  const double *centre;       /* [n x nfeature] */
  double *mean, *unit, *zero; /* [n x dim], [n x dim], [n] */
} targets;

static int
targets_make (const seeding *s, const double *centre, size_t n, targets *to)
{
  const size_t D = s->data->dim;
  *to = (targets){ .s = s, .n = n, .centre = centre };
  to->mean = elbo_doubles (elbo_times (n, 2 * D + 1));
  if (!to->mean)
    return GSL_ENOMEM;
  to->unit = to->mean + n * D;
  to->zero = to->unit + n * D;
  for (size_t j = 0; j < n; j++)
    for (size_t d = 0; d < D; d++)
      if (s->column[d].size == 1)
        {
          to->mean[j * D + d] = centre[j * s->nfeature + s->column[d].at];
          to->unit[j * D + d] = -2 * s->column[d].unit; /* the kernel halves and negates */
        }
  return GSL_SUCCESS;
}

/* Squared distances of the rows of tile t from every centre, out [n x ELBO_TILE]. */
static void
distances (const targets *to, size_t t, double *buffer, double *scratch, double *out)
{
  const seeding *s = to->s;
  elbo_tile tile;
  s->source.tile (&s->source, t, buffer, &tile); /* rows in memory are always there */
  memset (out, 0, to->n * ELBO_TILE * sizeof *out);
  s->kernel->distance (tile.n, tile.dim, to->n, tile.x, to->mean, to->unit, to->zero, scratch, out);
  for (size_t d = 0; d < tile.dim; d++)
    {
      const elbo_feature *f = s->column + d;
      for (size_t j = 0; f->size > 1 && j < to->n; j++)
        {
          const double *c = to->centre + j * s->nfeature + f->at;
          double square = 1;
          for (size_t l = 0; l < f->size; l++)
            square += c[l] * c[l];
          for (size_t i = 0; i < tile.n; i++)
            out[j * ELBO_TILE + i] += f->unit * (square - 2 * c[(size_t)tile.x[d * ELBO_TILE + i]]);
        }
    }
}

/* Is distance a less than b, in squared standard deviations, by more than rounding?  Ties are
   common on a grid or among categories, and neither the order of rows nor units may break them. */
static int
nearer (double a, double b)
{
  return a < b * ELBO_NEARER_SCALE - ELBO_NEARER_SHIFT;
}

/* What a sweep does with the distances of one tile. */
typedef void action (seeding *s, const targets *to, size_t t, const double *distance);

/* Visit every tile; tiles are independent, so threads change nothing. */
static int
sweep (seeding *s, const double *centre, size_t n, action *act)
{
  const size_t ntile = elbo_data_ntile (s->data);
  targets to;
  int status = targets_make (s, centre, n, &to);
#pragma omp parallel num_threads(s->threads) if (s->threads > 1 && status == GSL_SUCCESS)
  {
    const size_t dim = s->data->dim;
    double *scratch = elbo_doubles ((2 * dim + 5 + n) * ELBO_TILE);
    double *buffer = scratch ? scratch + (dim + 4) * ELBO_TILE : NULL;
    double *out = scratch ? buffer + (dim + 1) * ELBO_TILE : NULL;
#pragma omp for schedule(static)
    for (size_t t = 0; t < ntile; t++)
      if (scratch && to.mean)
        {
          distances (&to, t, buffer, scratch, out);
          act (s, &to, t, out);
        }
    if (!scratch)
#pragma omp atomic write
      status = GSL_ENOMEM;
    free (scratch);
  }
  free (to.mean);
  return status;
}

/* --- seeds ------------------------------------------------------------------------------- */

static void
centre_at (const seeding *s, size_t row, double *centre)
{
  elbo_tile tile;
  s->source.tile (&s->source, row / ELBO_TILE, s->buffer, &tile);
  elbo_features_at (&s->features, &tile, row % ELBO_TILE, centre);
}

/* What each distinct row weighs in a draw; returns the sum. */
static double
weigh_points (seeding *s)
{
  double total = 0;
  for (size_t g = 0; g < s->ranks->ndistinct; g++)
    total += s->mass[g] = s->ranks->copies[s->row[g]] * s->nearest[s->row[g]];
  return total;
}

/* The row at which the running sum of masses passes share of their total. */
static size_t
draw_point (const seeding *s, double total, double share)
{
  double sum = 0;
  size_t last = 0;
  for (size_t g = 0; g < s->ranks->ndistinct; g++)
    if (s->mass[g] > 0)
      {
        last = g;
        sum += s->mass[g];
        if (sum > share * total)
          break;
      }
  return s->row[last];
}

/* The smaller of two distances, of which the second may have been rounded below 0. */
static double
closer (double a, double b)
{
  b = b > 0 ? b : 0;
  return a < b ? a : b;
}

/* The weighted sums of distances to the nearest centre if each candidate joined. */
static void
weigh_candidates (seeding *s, const targets *to, size_t t, const double *distance)
{
  const elbo_tile tile = elbo_data_tile (s->data, t);
  for (size_t j = 0; j < to->n; j++)
    {
      double sum = 0;
      for (size_t i = 0; i < tile.n; i++)
        sum += (tile.weight ? tile.weight[i] : 1)
               * closer (s->nearest[tile.first + i], distance[j * ELBO_TILE + i]);
      s->potential[t * s->ncandidate + j] = sum;
    }
}

static void
join (seeding *s, const targets *to, size_t t, const double *distance)
{
  const elbo_tile tile = elbo_data_tile (s->data, t);
  (void)to;
  for (size_t i = 0; i < tile.n; i++)
    s->nearest[tile.first + i] = closer (s->nearest[tile.first + i], distance[i]);
}

static size_t
best_candidate (const seeding *s, size_t n)
{
  size_t best = 0;
  double least = 0;
  for (size_t j = 0; j < n; j++)
    {
      double total[2] = { 0, 0 };
      for (size_t t = 0; t < elbo_data_ntile (s->data); t++)
        elbo_sum_add (total, s->potential[t * s->ncandidate + j]);
      if (j == 0 || nearer (total[0] + total[1], least))
        {
          least = total[0] + total[1];
          best = j;
        }
    }
  return best;
}

/* Candidates for one more centre; all distances are 1 before there is one. */
static void
draw_candidates (seeding *s, size_t k, size_t n, double *candidate)
{
  const double total = weigh_points (s);
  for (size_t c = 0; c < n; c++)
    centre_at (s, draw_point (s, total, elbo_uniform (elbo_key (s->stream, k, c))),
               candidate + c * s->nfeature);
}

static int
seed_centres (seeding *s)
{
  double *candidate = s->centre + s->ncomp * s->nfeature;
  int status = GSL_SUCCESS;
  for (size_t i = 0; i < s->data->n; i++)
    s->nearest[i] = 1;
  for (size_t k = 0; k < s->ncomp && status == GSL_SUCCESS; k++)
    {
      const size_t n = k == 0 ? 1 : s->ncandidate;
      draw_candidates (s, k, n, candidate);
      for (size_t i = 0; k == 0 && i < s->data->n; i++)
        s->nearest[i] = INFINITY;
      if (k > 0)
        status = sweep (s, candidate, n, weigh_candidates);
      const size_t chosen = k == 0 || status != GSL_SUCCESS ? 0 : best_candidate (s, n);
      memcpy (s->centre + k * s->nfeature, candidate + chosen * s->nfeature,
              s->nfeature * sizeof *candidate);
      if (status == GSL_SUCCESS)
        status = sweep (s, s->centre + k * s->nfeature, 1, join);
    }
  return status;
}

/* --- Lloyd ------------------------------------------------------------------------------- */

/* Label each row with its nearest centre, ties to the lowest. */
static void
label_rows (seeding *s, const targets *to, size_t t, const double *distance)
{
  const elbo_tile tile = elbo_data_tile (s->data, t);
  _Alignas(64) double label[ELBO_TILE];
  s->kernel->nearest (to->n, distance, label);
  for (size_t i = 0; i < tile.n; i++)
    s->label[tile.first + i] = (size_t)label[i];
}

/* Room for the sums of a chunk of tiles. */
typedef struct
{
  double *resp, *scratch; /* [K x ELBO_TILE], [(dim + 4) x ELBO_TILE] */
  double *buffer, *first; /* [(dim + 1) x ELBO_TILE], [K x dim] */
} sums;

static int
sums_make (const seeding *s, sums *u)
{
  const size_t D = s->data->dim, K = s->ncomp;
  u->resp = elbo_doubles (elbo_times (K + 2 * D + 5, ELBO_TILE) + elbo_times (K, D));
  if (!u->resp)
    return GSL_ENOMEM;
  u->scratch = u->resp + K * ELBO_TILE;
  u->buffer = u->scratch + (D + 4) * ELBO_TILE;
  u->first = u->buffer + (D + 1) * ELBO_TILE;
  return GSL_SUCCESS;
}

/* Add the categories of one column of a tile to the sums of its features. */
static void
add_levels (const seeding *s, const elbo_tile *tile, size_t d, double *to)
{
  const size_t *label = s->label + tile->first;
  for (size_t i = 0; i < tile->n; i++)
    to[label[i] * s->nfeature + s->column[d].at + (size_t)tile->x[d * ELBO_TILE + i]]
        += tile->weight ? tile->weight[i] : 1;
}

/* Sums of the features of labelled rows [K x nfeature] and their weights [K] over some tiles. */
static void
add_tiles (const seeding *s, size_t first, size_t last, sums *u, double *to)
{
  const size_t D = s->data->dim, K = s->ncomp;
  double *count = to + K * s->nfeature;
  memset (u->first, 0, K * D * sizeof *u->first);
  for (size_t t = first; t < last; t++)
    {
      elbo_tile tile;
      s->source.tile (&s->source, t, u->buffer, &tile);
      memset (u->resp, 0, K * ELBO_TILE * sizeof *u->resp);
      for (size_t i = 0; i < tile.n; i++)
        {
          const size_t k = s->label[tile.first + i];
          const double w = tile.weight ? tile.weight[i] : 1;
          u->resp[k * ELBO_TILE + i] = w;
          count[k] += w;
        }
      s->kernel->moments_diagonal (tile.n, D, K, tile.x, NULL, u->resp, u->scratch, u->first, NULL);
      for (size_t d = 0; d < D; d++)
        if (s->column[d].size > 1)
          add_levels (s, &tile, d, to);
    }
  for (size_t k = 0; k < K; k++)
    for (size_t d = 0; d < D; d++)
      if (s->column[d].size == 1)
        to[k * s->nfeature + s->column[d].at] = u->first[k * D + d];
}

/* Means of the labelled rows from their sums; when a centre has none, all centres stay. */
static void
set_centres (seeding *s, const double *sum)
{
  const double *count = sum + s->ncomp * s->nfeature;
  for (size_t k = 0; k < s->ncomp; k++)
    if (!(count[k] > 0))
      return;
  for (size_t j = 0; j < s->ncomp * s->nfeature; j++)
    s->centre[j] = sum[j] / count[j / s->nfeature];
}

/* Chunks of tiles are summed apart and added in order: threads change nothing. */
static int
move_centres (seeding *s)
{
  enum
  {
    CHUNK = 64
  };
  const size_t ntile = elbo_data_ntile (s->data), nchunk = (ntile + CHUNK - 1) / CHUNK;
  const size_t length = s->ncomp * (s->nfeature + 1);
  double *part = elbo_doubles (elbo_times (nchunk, length));
  int status = part ? GSL_SUCCESS : GSL_ENOMEM;
#pragma omp parallel num_threads(s->threads) if (s->threads > 1 && part)
  {
    sums u = { NULL, NULL, NULL, NULL };
    const int ready = part && sums_make (s, &u) == GSL_SUCCESS;
#pragma omp for schedule(static)
    for (size_t c = 0; c < nchunk; c++)
      if (ready)
        add_tiles (s, c * CHUNK, (c + 1) * CHUNK < ntile ? (c + 1) * CHUNK : ntile, &u,
                   part + c * length);
    if (!ready)
#pragma omp atomic write
      status = GSL_ENOMEM;
    free (u.resp);
  }
  for (size_t c = 1; status == GSL_SUCCESS && c < nchunk; c++)
    for (size_t j = 0; j < length; j++)
      part[j] += part[c * length + j];
  if (status == GSL_SUCCESS)
    set_centres (s, part);
  free (part);
  return status;
}

/* --- as a start ---------------------------------------------------------------------------------- */

typedef struct
{
  size_t *label;
  double share;     /* of a row that its label has */
  elbo_start *rest; /* draws what the others have; NULL: all alike */
} leaning;

static int
assign_leaning (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const leaning *from = start->state;
  const double rest = 1 - from->share;
  if (from->rest)
    from->rest->assign (from->rest, tile, ncomp, resp);
  for (size_t j = 0; j < ncomp * ELBO_TILE; j++)
    resp[j] = rest * (from->rest ? resp[j] : 1 / (double)ncomp);
  for (size_t i = 0; i < tile->n; i++)
    resp[from->label[tile->first + i] * ELBO_TILE + i] += from->share;
  return GSL_SUCCESS;
}

static void
release_leaning (elbo_start *start)
{
  leaning *state = start->state;
  elbo_start_free (state->rest);
  free (state->label);
  free (state);
}

/* Takes over label and rest. */
static elbo_start *
lean (const char *name, size_t n, size_t ncomp, leaning to)
{
  leaning *state = elbo_calloc (1, sizeof *state);
  if (!state)
    {
      elbo_start_free (to.rest);
      free (to.label);
      return NULL;
    }
  *state = to;
  return elbo_start_new ((elbo_start){ .name = name,
                                       .n = n,
                                       .ncomp = ncomp,
                                       .assign = assign_leaning,
                                       .release = release_leaning,
                                       .state = state });
}

/* Seeds, and for the first start Lloyd steps; s->label receives the nearest centres. */
static int
seed_labels (seeding *s, size_t number)
{
  int status = seed_centres (s);
  if (status == GSL_SUCCESS)
    status = sweep (s, s->centre, s->ncomp, label_rows);
  for (size_t step = 0; number == 0 && step < LLOYD_STEPS && status == GSL_SUCCESS; step++)
    {
      status = move_centres (s);
      if (status == GSL_SUCCESS)
        status = sweep (s, s->centre, s->ncomp, label_rows);
    }
  return status;
}

/* Which seeds, from which of them to what. */
typedef int labeller (seeding *s, size_t number);

/* Labels of all rows; NULL with a message. */
static size_t *
label_all (const elbo_model *model, const elbo_data *data, const elbo_ranks *ranks, uint64_t seed,
           size_t number, int threads, labeller *label)
{
  if (elbo_start_check (model, data, ranks) != GSL_SUCCESS)
    return NULL;
  const size_t ntile = elbo_data_ntile (data);
  threads = elbo_cores (threads);
  seeding s = { .kernel = elbo_kernel_pick (),
                .stream = elbo_key (seed, model->ncomp, number),
                .threads = (size_t)threads < ntile ? threads : (int)ntile };
  int status = seeding_make (&s, model, data, ranks);
  if (status == GSL_SUCCESS)
    status = label (&s, number);
  seeding_clear (&s);
  if (status == GSL_SUCCESS)
    return s.label;
  free (s.label);
  if (status == GSL_ENOMEM)
    elbo_fail (status, "out of memory: a start of %zu rows", data->n);
  return NULL;
}

elbo_start *
elbo_start_kmeans (const elbo_model *model, const elbo_data *data, const elbo_ranks *ranks,
                   uint64_t seed, size_t number, int threads)
{
  const int blurred = number % 2 == 1;
  size_t *label = label_all (model, data, ranks, seed, number, threads, seed_labels);
  elbo_start *flat = label && blurred ? elbo_start_flat (model, ranks, seed, number) : NULL;
  if (label && (flat || !blurred))
    return lean (blurred ? "kmeans++, blurred" : "kmeans++", ranks->n, model->ncomp,
                 (leaning){ label, blurred ? 1 - BLUR : 1, flat });
  free (label);
  return NULL;
}

/* --- random seeds -------------------------------------------------------------------------------- */

/* Rows that differ, each as likely as its copies are many. */
static int
random_labels (seeding *s, size_t number)
{
  (void)number;
  for (size_t i = 0; i < s->data->n; i++)
    s->nearest[i] = 1;
  for (size_t k = 0; k < s->ncomp; k++)
    {
      const double total = weigh_points (s);
      const size_t row = draw_point (s, total, elbo_uniform (elbo_key (s->stream, k, 0)));
      centre_at (s, row, s->centre + k * s->nfeature);
      s->nearest[row] = 0; /* not again */
    }
  return sweep (s, s->centre, s->ncomp, label_rows);
}

/* What a seed shares with the others keeps a lonely one from a component of a single row. */
#define SPREAD 0.1

elbo_start *
elbo_start_random (const elbo_model *model, const elbo_ranks *ranks, uint64_t seed, size_t number)
{
  if (!model || !ranks)
    {
      elbo_fail (GSL_EFAULT, "a random start needs a model and ranks, not null pointers");
      return NULL;
    }
  size_t *label = label_all (model, ranks->data, ranks, seed, number, 1, random_labels);
  return label ? lean ("random", ranks->n, model->ncomp, (leaning){ label, 1 - SPREAD, NULL })
               : NULL;
}

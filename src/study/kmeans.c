/* Greedy k-means++ (Arthur & Vassilvitskii 2007, "k-means++: the advantages of careful seeding",
   SODA) and a few Lloyd steps.

   A column counts in units of its standard deviation, a category as indicator columns that
   together have variance 1.  Points are the distinct rows, each with the weight of its copies, in
   canonical order: neither the order of rows nor their units nor weights written as copies
   change what is drawn.

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

enum { LLOYD_STEPS = 10 };
#define BLUR 0.9

/* One data column as features of the distance. */
typedef struct {
  size_t at, size;  /* first feature; 1, or the number of categories */
  double unit;      /* what a difference, or the sum over indicators, is multiplied by (squared) */
} feature;

typedef struct {
  const elbo_data *data;
  const elbo_ranks *ranks;
  size_t ncomp, nfeature;
  uint64_t stream;
  feature *column;    /* [dim] */
  size_t *row;        /* [ndistinct] a row of each rank */
  double *centre;     /* [K x nfeature] */
  double *nearest;    /* [n] squared distance to the nearest centre */
  double *trial;      /* [n] the same with a candidate */
  size_t *label;      /* [n] */
} seeding;

static void
seeding_clear (seeding *s)
{
  free (s->column);
  free (s->row);
  free (s->centre);
  free (s->nearest);
  free (s->trial);
}

/* 1 / variance of a numeric column, 1 / sum p (1 - p) of a category, in standardised units. */
static double
unit_of (const elbo_data *data, size_t d, size_t level)
{
  double mean = 0, sd = 0;
  if (level == 0)
    {
      elbo_data_moments (data, d, &mean, &sd);
      sd /= data->scale[d];
      return sd > 0 ? 1 / (sd * sd) : 0;
    }
  double *count = elbo_doubles (level), spread = 1;
  for (size_t i = 0; count && i < data->n; i++)
    count[(size_t) elbo_data_value (data, i, d)] += elbo_data_weight (data, i) / data->total;
  for (size_t l = 0; count && l < level; l++)
    spread -= count[l] * count[l];
  free (count);
  return spread > 1e-12 ? 1 / spread : 0;
}

static int
seeding_make (seeding *s, const elbo_model *model, const elbo_data *data, const elbo_ranks *ranks)
{
  const size_t n = data->n, K = model->ncomp;
  s->data = data;
  s->ranks = ranks;
  s->ncomp = K;
  s->column = elbo_room (data->dim, sizeof *s->column);
  s->row = elbo_room (ranks->ndistinct, sizeof *s->row);
  if (!s->column || !s->row)
    return GSL_ENOMEM;
  for (size_t b = 0; b < model->nblock; b++)
    for (size_t d = model->block[b].column; d < model->block[b].column + model->block[b].dim; d++)
      {
        const size_t level = model->block[b].level;
        s->column[d] = (feature){ s->nfeature, level ? level : 1, unit_of (data, d, level) };
        s->nfeature += s->column[d].size;
      }
  for (size_t i = n; i-- > 0;)
    if (ranks->rank[i] != (size_t) -1)
      s->row[ranks->rank[i]] = i;
  s->centre = elbo_doubles (elbo_times (K, s->nfeature));
  s->nearest = elbo_doubles (n);
  s->trial = elbo_doubles (n);
  s->label = elbo_room (n, sizeof *s->label);
  return s->centre && s->nearest && s->trial && s->label ? GSL_SUCCESS : GSL_ENOMEM;
}

/* Squared distances of the rows of tile t from a centre. */
static void
distances (const seeding *s, size_t t, const double *centre, double *out)
{
  const elbo_tile tile = elbo_data_tile (s->data, t);
  memset (out, 0, ELBO_TILE * sizeof *out);
  for (size_t d = 0; d < tile.dim; d++)
    {
      const feature *f = s->column + d;
      const double *x = tile.x + d * ELBO_TILE, *c = centre + f->at;
      double square = 1;
      for (size_t l = 0; l < f->size; l++)
        square += c[l] * c[l];
      if (f->size == 1)
        for (size_t i = 0; i < ELBO_TILE; i++)
          out[i] += f->unit * (x[i] - c[0]) * (x[i] - c[0]);
      else
        for (size_t i = 0; i < tile.n; i++)
          out[i] += f->unit * (square - 2 * c[(size_t) x[i]]);
    }
}

static void
centre_at (const seeding *s, size_t row, double *centre)
{
  const elbo_tile tile = elbo_data_tile (s->data, row / ELBO_TILE);
  memset (centre, 0, s->nfeature * sizeof *centre);
  for (size_t d = 0; d < tile.dim; d++)
    {
      const feature *f = s->column + d;
      const double x = tile.x[d * ELBO_TILE + row % ELBO_TILE];
      centre[f->at + (f->size > 1 ? (size_t) x : 0)] = f->size > 1 ? 1 : x;
    }
}

/* The rank at which the running sum of copies times squared distance passes share of its total;
   for the first centre all distances are 1. */
static size_t
draw_point (const seeding *s, double share)
{
  double total = 0, sum = 0;
  size_t last = 0;
  for (size_t g = 0; g < s->ranks->ndistinct; g++)
    total += s->ranks->copies[s->row[g]] * s->nearest[s->row[g]];
  for (size_t g = 0; g < s->ranks->ndistinct; g++)
    {
      const double p = s->ranks->copies[s->row[g]] * s->nearest[s->row[g]];
      if (!(p > 0))
        continue;
      last = g;
      sum += p;
      if (sum > share * total)
        break;
    }
  return s->row[last];
}

/* Distances to the nearest centre if this one joined; returns their weighted sum. */
static double
join (const seeding *s, const double *centre, double *to)
{
  double part[ELBO_TILE], total[2] = { 0, 0 };
  for (size_t t = 0; t < elbo_data_ntile (s->data); t++)
    {
      const elbo_tile tile = elbo_data_tile (s->data, t);
      double sum = 0;
      distances (s, t, centre, part);
      for (size_t i = 0; i < tile.n; i++)
        {
          const double near = fmin (s->nearest[tile.first + i], fmax (part[i], 0));
          to[tile.first + i] = near;
          sum += (tile.weight ? tile.weight[i] : 1) * near;
        }
      elbo_pair_add (total, sum);
    }
  return total[0] + total[1];
}

static void
seed_centres (seeding *s)
{
  const size_t candidates = 2 + (size_t) log ((double) s->ncomp);
  for (size_t i = 0; i < s->data->n; i++)
    s->nearest[i] = 1;
  for (size_t k = 0; k < s->ncomp; k++)
    {
      double best = INFINITY, *centre = s->centre + k * s->nfeature;
      size_t chosen = s->row[0];
      for (size_t c = 0; c < (k == 0 ? 1 : candidates); c++)
        {
          const size_t row = draw_point (s, elbo_uniform (elbo_key (s->stream, k, c)));
          centre_at (s, row, centre);
          if (k == 0)
            for (size_t i = 0; i < s->data->n; i++)
              s->nearest[i] = INFINITY;
          const double potential = join (s, centre, s->trial);
          if (potential < best)
            {
              best = potential;
              chosen = row;
            }
        }
      centre_at (s, chosen, centre);
      join (s, centre, s->nearest);
    }
}

/* Label each row with its nearest centre, ties to the lowest; returns how many labels changed. */
static size_t
label_rows (seeding *s)
{
  size_t changed = 0;
  for (size_t t = 0; t < elbo_data_ntile (s->data); t++)
    {
      const elbo_tile tile = elbo_data_tile (s->data, t);
      double part[ELBO_TILE], best[ELBO_TILE];
      size_t label[ELBO_TILE];
      for (size_t k = 0; k < s->ncomp; k++)
        {
          distances (s, t, s->centre + k * s->nfeature, part);
          for (size_t i = 0; i < tile.n; i++)
            if (k == 0 || part[i] < best[i])
              {
                best[i] = part[i];
                label[i] = k;
              }
        }
      for (size_t i = 0; i < tile.n; i++)
        {
          changed += label[i] != s->label[tile.first + i];
          s->label[tile.first + i] = label[i];
        }
    }
  return changed;
}

/* Means of the labelled rows; 0 when a centre has none, and then all centres stay. */
static int
move_centres (seeding *s)
{
  double *sum = elbo_doubles (elbo_times (s->ncomp, s->nfeature + 1));
  double *count = sum ? sum + s->ncomp * s->nfeature : NULL;
  int all = sum != NULL;
  for (size_t i = 0; sum && i < s->data->n; i++)
    {
      const elbo_tile tile = elbo_data_tile (s->data, i / ELBO_TILE);
      const double w = elbo_data_weight (s->data, i);
      const size_t k = s->label[i];
      count[k] += w;
      for (size_t d = 0; d < tile.dim; d++)
        {
          const feature *f = s->column + d;
          const double x = tile.x[d * ELBO_TILE + i % ELBO_TILE];
          sum[k * s->nfeature + f->at + (f->size > 1 ? (size_t) x : 0)]
              += f->size > 1 ? w : w * x;
        }
    }
  for (size_t k = 0; all && k < s->ncomp; k++)
    all = count[k] > 0;
  for (size_t j = 0; all && j < s->ncomp * s->nfeature; j++)
    s->centre[j] = sum[j] / count[j / s->nfeature];
  free (sum);
  return all;
}

/* --- as a start -------------------------------------------------------------------------- */

typedef struct {
  size_t *label;
  elbo_start random; /* the blur, or unused */
} leaning;

static void
assign_leaning (const elbo_start *start, const elbo_tile *tile, size_t ncomp, double *resp)
{
  const leaning *from = start->state;
  from->random.assign (&from->random, tile, ncomp, resp);
  for (size_t j = 0; j < ncomp * ELBO_TILE; j++)
    resp[j] *= BLUR;
  for (size_t i = 0; i < tile->n; i++)
    resp[from->label[tile->first + i] * ELBO_TILE + i] += 1 - BLUR;
}

static void
release_leaning (elbo_start *start)
{
  leaning *state = start->state;
  elbo_start_release (&state->random);
  free (state->label);
  free (state);
}

static void
release_labels (elbo_start *start)
{
  free (start->state);
}

/* Takes over label. */
static int
blur (elbo_start *start, const elbo_model *model, const elbo_data *data, const elbo_ranks *ranks,
      uint64_t seed, size_t number, size_t *label)
{
  leaning *state = elbo_room (1, sizeof *state);
  if (!state)
    {
      free (label);
      return GSL_ENOMEM;
    }
  state->label = label;
  *start = (elbo_start){ .name = "kmeans++, blurred",
                         .assign = assign_leaning,
                         .release = release_leaning,
                         .state = state };
  return elbo_start_random (&state->random, model, data, ranks, seed, number);
}

int
elbo_start_kmeans (elbo_start *start, const elbo_model *model, const elbo_data *data,
                   const elbo_ranks *ranks, uint64_t seed, size_t number)
{
  seeding s = { .stream = elbo_key (seed, model->ncomp, number) };
  const int status = seeding_make (&s, model, data, ranks);
  if (status != GSL_SUCCESS)
    {
      free (s.label);
      seeding_clear (&s);
      return status;
    }
  seed_centres (&s);
  label_rows (&s);
  for (size_t step = 0; number == 0 && step < LLOYD_STEPS && move_centres (&s); step++)
    if (label_rows (&s) == 0)
      break;
  seeding_clear (&s);
  if (number % 2 == 1)
    return blur (start, model, data, ranks, seed, number, s.label);
  elbo_start_labels (start, s.label, data->n, model->ncomp);
  start->name = "kmeans++";
  start->release = release_labels;
  return GSL_SUCCESS;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random problems: shapes, rows, weights, priors and starts, all functions of one seed.

   Random numbers are keyed (elbo/rng.h), so that problem number 17 is the same problem in every
   program and on every machine, and a failure is named by its number. */
#ifndef ELBO_GEN_H
#define ELBO_GEN_H

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <elbo/elbo.h>
#include "made.h"
#include "study/study.h"

enum
{
  GEN_BLOCKS = 4
};

/* An assertion that costs nothing while it holds: those of Check write to a file every time. */
#define gen_need(condition, ...) \
  do \
    if (!(condition)) \
      ck_abort_msg (__VA_ARGS__); \
  while (0)

/* How many problems of a usual number: few under valgrind, many in make check-long. */
static inline int
gen_many (int usual)
{
  return getenv ("ELBO_LONG") ? 50 * usual : getenv ("ELBO_QUICK") ? 1 + usual / 50 : usual;
}

/* Run the tests of a suite, reporting in TAP; returns what main returns. */
static inline int
gen_run (Suite *suite)
{
  SRunner *runner = srunner_create (suite);
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  const int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* How far a problem may go. */
typedef struct
{
  size_t rows, comps, dims; /* at most: rows; components; columns of one Gaussian block */
  double scale, offset;     /* log10 of the widest unit, and of the farthest origin */
  int hard;                 /* 1: constant and collinear columns, outliers, tiny weights */
} gen_limits;

typedef struct
{
  uint64_t seed, count; /* the stream of random numbers */
  size_t n, dim, ncomp, nblock;
  elbo_block block[GEN_BLOCKS];
  const elbo_latent *latent;
  elbo_method method;
  double *x, *weight;    /* [n x dim]; [n] or NULL */
  size_t *label;         /* [n], of a random partition */
  elbo_start_kind start; /* ELBO_START_GIVEN: the labels */
  double far;            /* largest |origin / unit| of a column */
} gen_problem;

static inline double
gen_uniform (gen_problem *p)
{
  return elbo_uniform (elbo_key (p->seed, 77, p->count++));
}

static inline size_t
gen_below (gen_problem *p, size_t n)
{
  return (size_t)(gen_uniform (p) * (double)n);
}

static inline int
gen_chance (gen_problem *p, double share)
{
  return gen_uniform (p) < share;
}

/* Box & Muller (1958). */
static inline double
gen_normal (gen_problem *p)
{
  const double u = gen_uniform (p), v = gen_uniform (p);
  return sqrt (-2 * log (u)) * cos (2 * M_PI * v);
}

/* A power of ten between -most and most. */
static inline double
gen_power (gen_problem *p, double most)
{
  return pow (10, most * (2 * gen_uniform (p) - 1));
}

/* --- rows ---------------------------------------------------------------------------------- */

/* Columns of a Gaussian block: clusters of unequal spread, columns that may lean on the one
   before, then the unit and the origin of each column. */
static inline void
gen_gauss (gen_problem *p, const elbo_block *b, const size_t *cluster, const gen_limits *most)
{
  const double apart = gen_chance (p, 0.2) ? 50 : 3 * gen_uniform (p);
  const int whole = gen_chance (p, 0.1); /* whole numbers: many ties */
  for (size_t d = b->column; d < b->column + b->dim; d++)
    {
      double centre[16], spread[16];
      const double unit = gen_power (p, most->scale);
      const double lean = gen_chance (p, 0.5) ? 0 : 2 * gen_uniform (p) - 1;
      const int flat = most->hard && gen_chance (p, 0.05);
      const int copy = most->hard && d > b->column && gen_chance (p, 0.05);
      const double origin = gen_chance (p, 0.5) ? 0 : gen_power (p, most->offset);
      p->far = fmax (p->far, fabs (origin / unit));
      for (size_t c = 0; c < 16; c++)
        {
          centre[c] = apart * gen_normal (p);
          spread[c] = exp (0.7 * gen_normal (p));
        }
      for (size_t i = 0; i < p->n; i++)
        {
          const size_t c = cluster[i] % 16;
          double *x = p->x + i * p->dim + d;
          double y = centre[c] + spread[c] * gen_normal (p);
          y = whole ? round (y) : y;
          x[0] = flat ? origin : y * unit + origin;
          if (copy)
            x[0] = 3 * x[-1];
          else if (d > b->column && lean != 0 && !flat)
            x[0] += lean * unit * (double)(cluster[i] % 3);
        }
    }
}

static inline void
gen_counts (gen_problem *p, const elbo_block *b, const size_t *cluster)
{
  for (size_t d = b->column; d < b->column + b->dim; d++)
    {
      const double bend = 0.5 + gen_uniform (p);
      const double top
          = b->family == elbo_poisson ? gen_power (p, 1.5) + 1 : (double)(b->level ? b->level : 2);
      for (size_t i = 0; i < p->n; i++)
        {
          const double u = pow (gen_uniform (p), bend * (1 + (double)(cluster[i] % 3)));
          p->x[i * p->dim + d] = floor (u * top);
        }
    }
}

static inline void
gen_rows (gen_problem *p, const gen_limits *most)
{
  size_t *cluster = malloc (p->n * sizeof *cluster);
  const size_t nclusters = 1 + gen_below (p, 5);
  const double again = gen_chance (p, 0.3) ? gen_uniform (p) : 0;
  for (size_t i = 0; i < p->n; i++)
    cluster[i] = gen_below (p, nclusters);
  for (size_t b = 0; b < p->nblock; b++)
    if (strncmp (p->block[b].family->base->name, "gauss", 5) == 0)
      gen_gauss (p, p->block + b, cluster, most);
    else
      gen_counts (p, p->block + b, cluster);
  for (size_t i = 1; i < p->n; i++) /* duplicates */
    if (gen_chance (p, again))
      memcpy (p->x + i * p->dim, p->x + gen_below (p, i) * p->dim, p->dim * sizeof *p->x);
  free (cluster);
}

static inline void
gen_weights (gen_problem *p, const gen_limits *most)
{
  const size_t kind = gen_below (p, most->hard ? 5 : 4); /* 0, 1: none */
  const double unit = kind == 4 ? gen_power (p, 6) : 1;
  if (kind < 2)
    return;
  p->weight = malloc (p->n * sizeof *p->weight);
  for (size_t i = 0; i < p->n; i++)
    p->weight[i] = kind == 2 ? (double)gen_below (p, 4) : unit * 3 * gen_uniform (p);
  p->weight[gen_below (p, p->n)] = unit; /* not all of them 0 */
}

/* --- shapes -------------------------------------------------------------------------------- */

static inline void
gen_block (gen_problem *p, const elbo_family *family, size_t dim)
{
  const size_t level = family == elbo_categorical ? 2 + gen_below (p, 4) : 0;
  p->block[p->nblock++] = (elbo_block)ELBO_BLOCK (family, p->dim, level ? 1 : dim, level);
  p->dim += level ? 1 : dim;
}

static inline void
gen_blocks (gen_problem *p, const gen_limits *most)
{
  const elbo_family *const gauss[]
      = { elbo_gauss_full, elbo_gauss_tied, elbo_gauss_diag, elbo_gauss_iso };
  const elbo_family *const other[] = { elbo_bernoulli, elbo_categorical, elbo_poisson };
  const int mixed = gen_chance (p, 0.3);
  if (gen_chance (p, 0.85))
    gen_block (p, gauss[gen_below (p, 4)], 1 + gen_below (p, most->dims));
  if (mixed || p->nblock == 0)
    gen_block (p, other[gen_below (p, 3)], 1 + gen_below (p, 3));
  if (mixed && gen_chance (p, 0.3))
    gen_block (p, other[gen_below (p, 3)], 1 + gen_below (p, 2));
  if (mixed && gen_chance (p, 0.2))
    gen_block (p, gauss[gen_below (p, 4)], 1 + gen_below (p, 2));
}

/* Problem number `number` of a family of problems.  Free with gen_free. */
static inline void
gen_make (gen_problem *p, uint64_t family, uint64_t number, const gen_limits *most)
{
  const elbo_latent *const latents[] = { elbo_mixture_dirichlet, elbo_mixture_fixed,
                                         elbo_mixture_stick, elbo_mixture_stick_closed };
  memset (p, 0, sizeof *p);
  p->seed = elbo_key (family, number, 0);
  p->method = (elbo_method)gen_below (p, 3);
  p->latent = latents[gen_chance (p, 0.5) ? 0 : gen_below (p, p->method == ELBO_VB ? 4 : 2)];
  p->n = 1 + gen_below (p, gen_chance (p, 0.2) ? 10 : most->rows);
  p->ncomp = 1 + gen_below (p, most->comps);
  p->start = (elbo_start_kind)gen_below (p, 3);
  gen_blocks (p, most);
  p->x = calloc (p->n * p->dim, sizeof *p->x);
  gen_rows (p, most);
  gen_weights (p, most);
  p->label = malloc (p->n * sizeof *p->label);
  for (size_t i = 0; i < p->n; i++)
    p->label[i] = gen_below (p, p->ncomp);
}

static inline void
gen_free (gen_problem *p)
{
  free (p->x);
  free (p->weight);
  free (p->label);
}

/* The same problem, priors included, with other rows: rows [n], numbers of rows of `from`. */
static inline void
gen_pick (const gen_problem *from, const size_t *rows, size_t n, gen_problem *p)
{
  *p = *from;
  p->n = n;
  p->x = malloc (n * p->dim * sizeof *p->x);
  p->label = malloc (n * sizeof *p->label);
  p->weight = from->weight ? malloc (n * sizeof *p->weight) : NULL;
  for (size_t i = 0; i < n; i++)
    {
      memcpy (p->x + i * p->dim, from->x + rows[i] * p->dim, p->dim * sizeof *p->x);
      p->label[i] = from->label[rows[i]];
      if (p->weight)
        p->weight[i] = from->weight[rows[i]];
    }
}

/* --- from a problem to a fit --------------------------------------------------------------- */

static inline const char *gen_tell (const gen_problem *p);

static inline elbo_data *
gen_data (const gen_problem *p)
{
  gsl_matrix_const_view x = gsl_matrix_const_view_array (p->x, p->n, p->dim);
  if (!p->weight)
    return elbo_data_from_matrix (&x.matrix, NULL);
  gsl_vector_const_view w = gsl_vector_const_view_array (p->weight, p->n);
  return elbo_data_from_matrix (&x.matrix, &w.vector);
}

/* Multiply an array of the prior of factor f, found by name, by powers of ten; keep it at least
   `least` and, from there, `more` above. */
static inline void
gen_vary (gen_problem *p, elbo_model *model, size_t f, const char *name, double least, double power)
{
  const elbo_factor *factor = elbo_model_factor (model, f);
  const elbo_shape *shape = elbo_model_shape (model, f);
  size_t at = 0;
  const elbo_field *field = elbo_field_find (factor->prior, shape, name, &at);
  double *prior = malloc ((elbo_field_total (factor->prior, shape) + 1) * sizeof *prior);
  elbo_model_prior (model, f, prior);
  for (size_t i = 0; field && i < elbo_field_size (field, shape); i++)
    prior[at + i] = least + (prior[at + i] - least) * gen_power (p, power)
                    + (prior[at + i] == least ? gen_uniform (p) : 0);
  if (field)
    elbo_model_set_prior (model, f, prior);
  free (prior);
}

/* Priors other than the default ones, for MAP and VB. */
static inline void
gen_priors (gen_problem *p, elbo_model *model)
{
  const int vb = p->method == ELBO_VB;
  if (p->method == ELBO_ML || gen_chance (p, 0.4))
    return;
  if (p->latent->order == ELBO_ORDER_FREE && p->latent == elbo_mixture_dirichlet)
    gen_vary (p, model, 0, "alpha", vb ? 0 : 1, vb ? 2 : 0.5);
  if (p->latent->order != ELBO_ORDER_FREE)
    gen_vary (p, model, 0, "alpha", 0, 1);
  for (size_t b = 0; b < p->nblock; b++)
    {
      gen_vary (p, model, 1 + b, "kappa", 0, 2);
      gen_vary (p, model, 1 + b, "df", (double)p->block[b].dim - 1, 0.5);
      gen_vary (p, model, 1 + b, "rate", 0, 1);
      gen_vary (p, model, 1 + b, "shape", 1, 0.5);
      gen_vary (p, model, 1 + b, "a", 1, 0);
      gen_vary (p, model, 1 + b, "b", 1, 0);
    }
}

/* A model with priors, prepared for the data; NULL with a message. */
static inline elbo_model *
gen_model (gen_problem *p, elbo_data *data)
{
  elbo_model *model = elbo_model_alloc (p->ncomp, p->latent, p->block, p->nblock, p->method);
  if (model && elbo_model_prepare (model, data) != GSL_SUCCESS)
    {
      elbo_model_free (model);
      return NULL;
    }
  if (model)
    gen_priors (p, model);
  return model;
}

/* The start of a problem; ranks must outlive it. */
static inline int
gen_start (const gen_problem *p, const elbo_model *model, const elbo_data *data,
           const elbo_ranks *ranks, elbo_start **start)
{
  switch (p->start)
    {
    case ELBO_START_KMEANS:
      return start_made (start, elbo_start_kmeans (model, data, ranks, p->seed, 0, 1));
    case ELBO_START_RANDOM:
      return start_made (start, elbo_start_random (model, ranks, p->seed, 0));
    case ELBO_START_GIVEN:
    default:
      return start_made (start, elbo_start_labels (p->label, p->n, p->ncomp));
    }
}

/* A problem with everything that a fit needs. */
typedef struct
{
  gen_problem problem;
  elbo_data *data;
  elbo_model *model;
  elbo_ranks *ranks;
} gen_case;

static inline void
gen_open (gen_case *c, uint64_t family, uint64_t number, const gen_limits *most)
{
  gen_make (&c->problem, family, number, most);
  c->data = gen_data (&c->problem);
  c->model = c->data ? gen_model (&c->problem, c->data) : NULL;
  gen_need (c->model && (c->ranks = elbo_ranks_alloc (c->data)), "problem %llu (%s): %s",
            (unsigned long long)number, gen_tell (&c->problem), elbo_message ());
}

static inline void
gen_close (gen_case *c)
{
  elbo_ranks_free (c->ranks);
  elbo_model_free (c->model);
  elbo_data_free (c->data);
  gen_free (&c->problem);
}

/* One line that says what a problem is, for messages; static storage. */
static inline const char *
gen_tell (const gen_problem *p)
{
  static char line[512];
  size_t at = (size_t)snprintf (line, sizeof line, "%s N=%zu K=%zu %s start %d%s:",
                                p->method == ELBO_ML    ? "ML"
                                : p->method == ELBO_MAP ? "MAP"
                                                        : "VB",
                                p->n, p->ncomp, p->latent->base->name, (int)p->start,
                                p->weight ? " weighted" : "");
  for (size_t b = 0; b < p->nblock; b++)
    at += (size_t)snprintf (line + at, sizeof line - at, " %s x %zu",
                            p->block[b].family->base->name, p->block[b].dim);
  return line;
}

#endif

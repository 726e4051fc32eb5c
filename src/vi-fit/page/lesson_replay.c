/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chosen start, run once more with someone watching.  A fit has the same bits every time, so
   the records are those of the search; that they are is checked.  After a pass the parameters are
   those of its M half-step, for E does not move them, and the responsibilities those of its E. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/page/page.h"

typedef struct
{
  lesson *l;
  const elbo_model *model;
  elbo_data *points;    /* the rows that are shown */
  double *before, *now; /* [nshown x K] responsibilities after the last pass, after this one */
  size_t pass, record;  /* so far */
  size_t q;             /* the number of q before this pass */
  int status;
} replay;

/* --- what a half-step believes ------------------------------------------------------------- */

/* The covariances of the columns shown: rows of the lower triangle, component by component. */
static void
take_covariance (const lesson *l, const elbo_model *model, const double *covariance, double *to)
{
  const size_t dim = elbo_model_block (model, place_block (l->subject->model))->dim;
  for (size_t k = 0; k < elbo_model_ncomp (model); k++)
    for (size_t i = 0; i < l->ncolumn; i++)
      for (size_t j = 0; j <= i; j++)
        *to++ = covariance[(k * dim + l->column[i]) * dim + l->column[j]];
}

static int
take_belief (lesson *l, const elbo_model *model)
{
  const size_t ncomp = elbo_model_ncomp (model), triangle = l->ncolumn * (l->ncolumn + 1) / 2;
  lesson_belief *b = &l->belief[l->nbelief++];
  number_table now;
  double *covariance = l->ncolumn ? covariances (model, place_block (model)) : NULL;
  b->value = calloc (l->nrow * ncomp, sizeof *b->value);
  b->covariance = calloc (ncomp * triangle + 1, sizeof *b->covariance);
  int status = table_make (&now, model, l->subject->record);
  if (!b->value || !b->covariance || (l->ncolumn && !covariance))
    status = GSL_ENOMEM;
  for (size_t i = 0; i < l->nrow && !status; i++)
    memcpy (b->value + i * ncomp, now.row[l->row[i]].value, ncomp * sizeof *b->value);
  if (covariance && !status)
    take_covariance (l, model, covariance, b->covariance);
  table_free (&now);
  free (covariance);
  return status;
}

static lesson_tone
tone_of (const double *resp, size_t ncomp)
{
  const size_t first = largest (resp, ncomp);
  size_t second = first ? 0 : ncomp - 1;
  for (size_t k = 0; k < ncomp; k++)
    if (k != first && resp[k] > resp[second])
      second = k;
  const double both = second == first ? resp[first] : resp[first] + resp[second];
  return (lesson_tone){ (unsigned char)first, (unsigned char)second,
                        (unsigned char)(both > 0 ? lround (63 * resp[first] / both) : 63) };
}

/* A new q with room for its numbers; NULL without memory. */
static lesson_q *
add_q (lesson *l)
{
  lesson_q *q = &l->q[l->nq++];
  q->count = calloc (elbo_model_ncomp (l->subject->model), sizeof *q->count);
  q->tone = calloc (l->nshown + 1, sizeof *q->tone);
  return q->count && q->tone ? q : NULL;
}

static int
take_q (lesson *l, const double *resp, const double *count)
{
  const size_t ncomp = elbo_model_ncomp (l->subject->model);
  lesson_q *q = add_q (l);
  if (!q)
    return GSL_ENOMEM;
  memcpy (q->count, count, ncomp * sizeof *count);
  for (size_t i = 0; i < l->nshown; i++)
    q->tone[i] = tone_of (resp + i * ncomp, ncomp);
  return GSL_SUCCESS;
}

/* --- the same component under another number ----------------------------------------------- */

static double
distance (const double *a, size_t i, const double *b, size_t j, size_t n, size_t ncomp)
{
  double sum = 0;
  for (size_t row = 0; row < n; row++)
    sum += fabs (a[row * ncomp + i] - b[row * ncomp + j]);
  return sum;
}

/* Column i of a is column to[i] of b: the nearest pair first. */
static int
match (const double *a, const double *b, size_t n, size_t ncomp, size_t *to)
{
  double *apart = calloc (ncomp * ncomp, sizeof *apart);
  if (!apart)
    return GSL_ENOMEM;
  for (size_t i = 0; i < ncomp; i++)
    for (size_t j = 0; j < ncomp; j++)
      apart[i * ncomp + j] = distance (a, i, b, j, n, ncomp);
  for (size_t pair = 0; pair < ncomp; pair++)
    {
      size_t best = 0;
      for (size_t at = 1; at < ncomp * ncomp; at++)
        if (apart[at] < apart[best])
          best = at;
      to[best / ncomp] = best % ncomp;
      for (size_t k = 0; k < ncomp; k++)
        apart[best / ncomp * ncomp + k] = apart[k * ncomp + best % ncomp] = INFINITY;
    }
  free (apart);
  return GSL_SUCCESS;
}

/* Sticks were reordered between the last pass and this one: the q before, in the new order. */
static int
take_reordered (replay *r)
{
  lesson *l = r->l;
  const size_t ncomp = elbo_model_ncomp (r->model), old = r->q;
  size_t to[LESSON_COMPONENTS];
  lesson_q *q = add_q (l);
  if (!q || match (r->before, r->now, l->nshown, ncomp, to))
    return GSL_ENOMEM;
  for (size_t k = 0; k < ncomp; k++)
    q->count[to[k]] = l->q[old].count[k];
  for (size_t i = 0; i < l->nshown; i++)
    {
      const lesson_tone t = l->q[old].tone[i];
      q->tone[i]
          = (lesson_tone){ (unsigned char)to[t.first], (unsigned char)to[t.second], t.share };
    }
  r->q = l->nq - 1;
  return GSL_SUCCESS;
}

/* --- the run ------------------------------------------------------------------------------- */

static int
check_records (const replay *r, const elbo_fit *fit, size_t first, size_t nrecord)
{
  if (r->record + nrecord > r->l->nrecord)
    return GSL_ESANITY;
  for (size_t i = 0; i < nrecord; i++)
    {
      const elbo_trace *now = elbo_fit_record (fit, first + i),
                       *then = r->l->record + r->record + i;
      if (memcmp (&now->elbo, &then->elbo, sizeof now->elbo))
        return GSL_ESANITY;
    }
  return GSL_SUCCESS;
}

/* The half-steps of a pass that is shown; all but the E have the q of before. */
static int
take_pass (replay *r, const elbo_fit *fit, size_t first, size_t nrecord)
{
  lesson *l = r->l;
  int status = take_belief (l, r->model);
  for (size_t i = 0; i < nrecord && !status; i++)
    {
      const elbo_trace *record = elbo_fit_record (fit, first + i);
      const char half = record->half;
      if (half == 'V' && strcmp (record->move, "reorder") == 0)
        status = take_reordered (r);
      else if (half == 'E')
        {
          status = take_q (l, r->now, elbo_fit_counts (fit));
          r->q = l->nq - 1;
        }
      l->step[l->nstep++] = (lesson_step){ r->record + i, l->nbelief - 1, r->q };
    }
  return status;
}

static int
watch_pass (const elbo_fit *fit, size_t first, size_t nrecord, void *arg)
{
  replay *r = arg;
  const lesson *l = r->l;
  const size_t pass = r->pass++;
  const int shown = pass < l->npass && l->kept[pass];
  const int next = pass + 1 < l->npass && l->kept[pass + 1];
  r->status = check_records (r, fit, first, nrecord);
  if (!r->status && (shown || next))
    r->status = elbo_predict_data (r->model, r->points, 1, r->now, NULL);
  if (!r->status && shown)
    r->status = take_pass (r, fit, first, nrecord);
  else if (!r->status && next)
    {
      r->status = take_q (r->l, r->now, elbo_fit_counts (fit));
      r->q = l->nq - 1;
    }
  double *swap = r->before;
  r->before = r->now;
  r->now = swap;
  r->record += nrecord;
  return r->status || signal_caught || r->record >= l->nrecord;
}

/* The responsibilities of a start. */
static int
take_start (replay *r, const elbo_start *start)
{
  const lesson *l = r->l;
  const elbo_data *data = l->subject->data;
  const size_t ncomp = elbo_model_ncomp (r->model), n = elbo_data_rows (data);
  double *resp = calloc (ncomp * ELBO_TILE, sizeof *resp), count[LESSON_COMPONENTS] = { 0 };
  int status = resp ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t first = 0, at = 0; first < n && !status; first += ELBO_TILE)
    {
      const size_t some = n - first < ELBO_TILE ? n - first : ELBO_TILE;
      status = elbo_start_part (start, r->model, data, first, some, resp);
      for (size_t i = 0; i < some && !status; i++)
        {
          const int shown = at < l->nshown && l->shown[at] == first + i;
          for (size_t k = 0; k < ncomp; k++)
            {
              count[k] += elbo_data_weight (data, first + i) * resp[i * ncomp + k];
              if (shown)
                r->before[at * ncomp + k] = resp[i * ncomp + k];
            }
          at += (size_t)shown;
        }
    }
  free (resp);
  return status ? status : take_q (r->l, r->before, count);
}

/* The start of a number; NULL where it is given, or where memory is short. */
static elbo_start *
make_start (const settings *s, const dataset *set, const elbo_model *model,
            const elbo_search_options *options, size_t number)
{
  if (options->kind == ELBO_START_RANDOM)
    return elbo_start_random (model, set->ranks, options->seed, number);
  if (options->kind == ELBO_START_KMEANS)
    return elbo_start_kmeans (model, set->data, set->ranks, options->seed, number,
                              threads_used (s->threads));
  return NULL;
}

/* The rows that are shown as a data set of their own, standardised for this model. */
static int
take_points (replay *r)
{
  const lesson *l = r->l;
  const elbo_data *data = l->subject->data;
  const size_t dim = elbo_data_dim (data), ncomp = elbo_model_ncomp (r->model);
  r->points = elbo_data_alloc (l->nshown, dim);
  r->before = calloc (l->nshown, ncomp * sizeof *r->before);
  r->now = calloc (l->nshown, ncomp * sizeof *r->now);
  if (!r->points || !r->before || !r->now)
    return GSL_ENOMEM;
  for (size_t i = 0; i < l->nshown; i++)
    for (size_t j = 0; j < dim; j++)
      elbo_data_put (r->points, i, j, elbo_data_value (data, l->shown[i], j));
  return elbo_model_adopt (r->model, r->points);
}

static int
run (replay *r, const settings *s, const dataset *set, const candidate *chosen, elbo_model *model,
     const elbo_search_options *options)
{
  elbo_fit_options how;
  elbo_fit_options_init (&how);
  how.max_pass = options->max_pass;
  how.tol = options->tol;
  how.threads = options->threads;
  how.accelerate = options->accelerate;
  elbo_fit *fit = elbo_fit_alloc (model, set->data, &how);
  elbo_start *own = make_start (s, set, model, options, elbo_search_best (chosen->search));
  const elbo_start *start = own ? own : options->given;
  int status = !fit || (!own && options->kind != ELBO_START_GIVEN) ? GSL_ENOMEM : GSL_SUCCESS;
  if (!status && start)
    status = elbo_fit_start (fit, start);
  if (!status && start)
    status = take_start (r, start);
  if (!status)
    elbo_fit_run (fit, watch_pass, r);
  elbo_start_free (own);
  elbo_fit_free (fit);
  return status ? status : r->status;
}

/* The search sorted the components of its model; the page numbers them as that does. */
static int
find_places (replay *r)
{
  int status = elbo_predict_data (r->l->subject->model, r->points, 1, r->now, NULL);
  return status ? status
                : match (r->before, r->now, r->l->nshown, elbo_model_ncomp (r->model), r->l->place);
}

int
lesson_replay (lesson *l, const settings *s, const dataset *set, given_start *given,
               const candidate *chosen)
{
  elbo_search_options options = search_options (s);
  elbo_model *model = build_model (s, set, chosen->gauss, chosen->ncomp);
  if (!model)
    return EXIT_DATA;
  replay r = { .l = l, .model = model };
  int status = given->ready ? given_start_use (given, model, set, &options) : GSL_SUCCESS;
  if (!status)
    status = take_points (&r);
  if (!status)
    status = run (&r, s, set, chosen, model, &options);
  if (!status && !signal_caught)
    status = find_places (&r);
  if (status == GSL_ESANITY)
    complain ("the second run of start %zu differs from the first; this is a bug in vi-fit; please "
              "report it with the data",
              chosen->offset + elbo_search_best (chosen->search) + 1);
  else if (status == GSL_ENOMEM)
    complain ("out of memory");
  else if (status)
    complain_status ();
  elbo_data_free (r.points);
  free (r.before);
  free (r.now);
  elbo_model_free (model);
  return status ? EXIT_DATA : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many starts of one model: run them, keep the best, say how often it was found. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

/* Two starts found the same optimum when they end within this many nats. */
#define SAME_OPTIMUM 0.01

/* Short runs pay where a pass costs more than this many multiplications; small data are run to the
   end from every start, which is the better search. */
#define SHORT_COST 5e7
#define SHORT_GAIN 0.01
enum
{
  SHORT_PASSES = 50
};

elbo_search_options
elbo_search_defaults (void)
{
  elbo_search_options o
      = { .size = sizeof o, .starts = 10, .kind = ELBO_START_KMEANS, .seed = 1, .short_runs = 1 };
  elbo_fit_options_init (&o.fit);
  return o;
}

/* One start while the search runs. */
typedef struct
{
  elbo_model *model;
  double *count;
  double entropy, log_likelihood;
} finish;

/* A start that is under way. */
typedef struct
{
  elbo_model *model;
  elbo_fit *fit;
} attempt;

typedef struct
{
  const elbo_model *prepared;
  const elbo_data *data;
  const elbo_ranks *ranks;
  elbo_search_options options;
  elbo_search_watch *watch;
  void *arg;
  elbo_outcome *outcome;
  finish *finish;
  attempt *attempt;
  int brief; /* short runs first */
  int stop;
} search_job;

typedef struct
{
  search_job *job;
  size_t start;
  int brief;
} watcher;

static int
tell (search_job *job, size_t start, const elbo_fit *fit, const elbo_outcome *outcome)
{
  int stop = 0;
  if (job->watch)
#pragma omp critical(elbo_search_watch)
    {
      if (!job->stop && job->watch (start, fit, outcome, job->arg) != 0)
        job->stop = 1;
      stop = job->stop;
    }
  return stop;
}

/* The end of a short run: the last pass gained less than a hundredth of all gain so far
   (Biernacki, Celeux & Govaert 2003, small-EM). */
static int
brief_enough (const elbo_fit *fit)
{
  size_t n = 0, last;
  const elbo_trace *trace = elbo_fit_trace (fit, &n);
  if (elbo_fit_iterations (fit) >= SHORT_PASSES)
    return 1;
  for (last = n - 1; last > 0 && trace[last - 1].half != 'E';)
    last--;
  return last > 0
         && trace[n - 1].elbo - trace[last - 1].elbo
                < SHORT_GAIN * (trace[n - 1].elbo - trace[0].elbo);
}

static int
watch_pass (const elbo_fit *fit, size_t first, size_t nrecord, void *arg)
{
  const watcher *w = arg;
  (void)first;
  (void)nrecord;
  return tell (w->job, w->start, fit, NULL) || (w->brief && brief_enough (fit));
}

static int
begin (const search_job *job, size_t number, const elbo_model *model, int threads,
       elbo_start *start)
{
  memset (start, 0, sizeof *start);
  switch (job->options.kind)
    {
    case ELBO_START_RANDOM:
      return elbo_start_random (start, model, job->data, job->ranks, job->options.seed, number);
    case ELBO_START_GIVEN:
      if (job->options.given)
        *start = *job->options.given;
      start->release = NULL; /* the caller's */
      return GSL_SUCCESS;
    case ELBO_START_KMEANS:
    default:
      return elbo_start_kmeans (start, model, job->data, job->ranks, job->options.seed, number,
                                threads);
    }
}

/* The first rows that belong to a collapsed component. */
static void
name_rows (const elbo_model *model, const elbo_data *data, elbo_outcome *outcome)
{
  const size_t K = model->ncomp, most = sizeof outcome->row / sizeof *outcome->row;
  double *resp = elbo_doubles (elbo_times (K, ELBO_TILE));
  for (size_t t = 0; resp && t < elbo_data_ntile (data) && outcome->nrow < most; t++)
    {
      const elbo_tile tile = elbo_data_tile (data, t);
      if (elbo_predict_part (model, data, tile.first, tile.n, 1, resp, NULL) != GSL_SUCCESS)
        break;
      for (size_t i = 0; i < tile.n && outcome->nrow < most; i++)
        if (resp[i * K + outcome->collapsed] > 0.5)
          outcome->row[outcome->nrow++] = tile.first + i;
    }
  free (resp);
}

/* Keep what the search may report of a finished fit. */
static int
keep (const search_job *job, const elbo_fit *fit, elbo_model *model, elbo_outcome *outcome,
      finish *end)
{
  const size_t K = model->ncomp;
  const elbo_trace *trace = elbo_fit_trace (fit, &outcome->nrecord);
  outcome->value = elbo_fit_value (fit);
  outcome->iterations = elbo_fit_iterations (fit);
  outcome->collapsed = elbo_fit_collapsed (fit);
  outcome->count = outcome->collapsed < K ? elbo_fit_counts (fit)[outcome->collapsed] : NAN;
  if (outcome->collapsed < K)
    name_rows (model, job->data, outcome);
  outcome->trace = elbo_room (outcome->nrecord, sizeof *trace);
  end->count = elbo_doubles (K);
  if (!outcome->trace || !end->count)
    return GSL_ENOMEM;
  if (outcome->nrecord > 0)
    {
      memcpy (outcome->trace, trace, outcome->nrecord * sizeof *trace);
      end->log_likelihood = trace[outcome->nrecord - 1].log_likelihood;
    }
  memcpy (end->count, elbo_fit_counts (fit), K * sizeof *end->count);
  end->entropy = elbo_fit_entropy (fit);
  end->model = model;
  return GSL_SUCCESS;
}

/* End a start: what is reported of it is kept, the rest freed. */
static void
close_start (search_job *job, size_t number, int status)
{
  elbo_outcome *outcome = job->outcome + number;
  attempt *at = job->attempt + number;
  if (status != GSL_SUCCESS)
    outcome->message = strdup (elbo_message ());
  if (at->fit && keep (job, at->fit, at->model, outcome, job->finish + number) == GSL_SUCCESS)
    at->model = NULL;
  outcome->status = status;
  tell (job, number, at->fit, outcome);
  elbo_fit_free (at->fit);
  elbo_model_free (at->model);
  *at = (attempt){ NULL, NULL };
}

/* Make the fit of a start and its first M half-step. */
static int
open_start (const search_job *job, size_t number, int threads)
{
  attempt *at = job->attempt + number;
  elbo_fit_options options = job->options.fit;
  elbo_start start;
  options.threads = threads;
  at->model = elbo_model_clone (job->prepared);
  at->fit = at->model ? elbo_fit_alloc (at->model, job->data, &options) : NULL;
  int status = at->fit ? begin (job, number, at->model, threads, &start) : GSL_EFAILED;
  if (status == GSL_SUCCESS)
    {
      if (start.assign)
        status = elbo_fit_start (at->fit, &start);
      elbo_start_release (&start);
    }
  return status;
}

/* Run a start, briefly or to the end; a short run that is not over stays open. */
static void
run_start (search_job *job, size_t number, int brief)
{
  watcher w = { job, number, brief };
  const int status = elbo_fit_run (job->attempt[number].fit, watch_pass, &w);
  if (brief && status == ELBO_ESTOP && !job->stop)
    {
      job->outcome[number].status = GSL_CONTINUE;
      job->outcome[number].value = elbo_fit_value (job->attempt[number].fit);
    }
  else
    close_start (job, number, status);
}

/* Results are usable, with or without convergence. */
static int
usable (const elbo_outcome *outcome, const finish *end)
{
  return end->model && isfinite (outcome->value)
         && (outcome->status == GSL_SUCCESS || outcome->status == GSL_EMAXITER
             || outcome->status == ELBO_ESTOP || outcome->status == ELBO_EFALL);
}

/* The best start; those that end as close as the stop rule can tell count as equal and the lowest
   of them wins, so that the choice does not hang on rounding. */
static size_t
find_best (const search_job *job, size_t nstart)
{
  const double slack = 4 * fmax (job->options.fit.tol, 1e-10) * job->data->total;
  double most = -INFINITY;
  for (size_t i = 0; i < nstart; i++)
    if (usable (job->outcome + i, job->finish + i))
      most = fmax (most, job->outcome[i].value);
  for (size_t i = 0; i < nstart; i++)
    if (usable (job->outcome + i, job->finish + i) && job->outcome[i].value >= most - slack)
      return i;
  return nstart;
}

/* --- components in order ----------------------------------------------------------------- */

/* The order of two numbers, 0 when rounding could have parted them: what is the same but for
   the order of rows or the units must be listed in the same order. */
static int
compare_numbers (double x, double y)
{
  if (fabs (x - y) <= 1e-9 * (fabs (x) + fabs (y)) + 1e-12)
    return 0;
  return x < y ? -1 : 1;
}

/* Compare what components a and b believe, number by number: breaks ties of equal counts. */
static int
compare_beliefs (const elbo_model *model, size_t a, size_t b)
{
  for (size_t f = 1; f <= model->nblock; f++)
    {
      const elbo_part *part = model->part + f;
      const double *v = part->param;
      for (const elbo_field *field = part->belief->param; field->name; field++)
        {
          const size_t size = elbo_field_size (field, &part->shape), each = size / model->ncomp;
          for (size_t i = 0; field->extent[0] == ELBO_COMP && i < each; i++)
            {
              const int order = compare_numbers (v[a * each + i], v[b * each + i]);
              if (order != 0)
                return order;
            }
          v += size;
        }
    }
  return 0;
}

static int
comes_before (const elbo_model *model, const double *count, size_t a, size_t b)
{
  const int order = compare_numbers (count[a], count[b]);
  return order != 0 ? order > 0 : compare_beliefs (model, a, b) < 0;
}

/* Sort by expected rows, largest first; sticks keep the order that is part of the model. */
static int
sort_components (elbo_model *model, double *count)
{
  const size_t K = model->ncomp;
  if (model->latent.order != ELBO_ORDER_FREE)
    return GSL_SUCCESS;
  size_t *order = elbo_room (K, sizeof *order);
  double *sorted = elbo_doubles (K);
  int status = order && sorted ? GSL_SUCCESS : GSL_ENOMEM;
  for (size_t k = 0; status == GSL_SUCCESS && k < K; k++)
    {
      size_t at = k;
      for (; at > 0 && comes_before (model, count, k, order[at - 1]); at--)
        order[at] = order[at - 1];
      order[at] = k;
    }
  if (status == GSL_SUCCESS)
    status = elbo_model_permute (model, order);
  if (status == GSL_SUCCESS)
    {
      for (size_t k = 0; k < K; k++)
        sorted[k] = count[order[k]];
      memcpy (count, sorted, K * sizeof *count);
    }
  free (order);
  free (sorted);
  return status;
}

/* --- the whole search -------------------------------------------------------------------- */

/* How threads are shared: starts are independent and even, so they use the cores best when there
   are enough of them. */
static int
outer_threads (const search_job *job, size_t nstart)
{
  const int threads = elbo_cores (job->options.fit.threads);
  return nstart >= (size_t)threads && nstart > 1 ? threads : 1;
}

static void
run_all (search_job *job, size_t nstart)
{
  const int outer = outer_threads (job, nstart);
  const int inner = outer > 1 ? 1 : elbo_cores (job->options.fit.threads);
#pragma omp parallel for schedule(dynamic, 1) num_threads(outer) if (outer > 1)
  for (size_t i = 0; i < nstart; i++)
    if (job->stop)
      job->outcome[i].status = ELBO_ESTOP;
    else
      {
        const int status = open_start (job, i, inner);
        if (status == GSL_SUCCESS)
          run_start (job, i, job->brief);
        else
          close_start (job, i, status);
      }
}

/* The starts whose short runs promise most, the best first; returns how many there are. */
static size_t
choose_promising (const search_job *job, size_t nstart, size_t *chosen)
{
  const size_t most = (nstart + 2) / 3;
  size_t n = 0;
  for (size_t i = 0; i < nstart; i++)
    if (job->attempt[i].fit)
      {
        size_t at = n < most ? n++ : most;
        for (; at > 0 && job->outcome[chosen[at - 1]].value < job->outcome[i].value; at--)
          if (at < most)
            chosen[at] = chosen[at - 1];
        if (at < most)
          chosen[at] = i;
      }
  return n;
}

static void
run_chosen (search_job *job, const size_t *chosen, size_t n)
{
  const int outer = outer_threads (job, n);
  const int inner = outer > 1 ? 1 : elbo_cores (job->options.fit.threads);
#pragma omp parallel for schedule(dynamic, 1) num_threads(outer) if (outer > 1)
  for (size_t i = 0; i < n; i++)
    {
      elbo_fit_set_threads (job->attempt[chosen[i]].fit, inner);
      run_start (job, chosen[i], 0);
    }
}

/* After short runs: the most promising starts to the end, more of them while all collapse; the
   others are closed as they are. */
static int
run_promising (search_job *job, size_t nstart)
{
  size_t *chosen = elbo_room (nstart + 1, sizeof *chosen), n;
  if (!chosen)
    return GSL_ENOMEM;
  do
    {
      n = choose_promising (job, nstart, chosen);
      run_chosen (job, chosen, n);
    }
  while (n > 0 && find_best (job, nstart) == nstart);
  for (size_t i = 0; i < nstart; i++)
    if (job->attempt[i].fit)
      {
        elbo_fail (GSL_CONTINUE, "not carried on after a short run");
        close_start (job, i, GSL_CONTINUE);
      }
  free (chosen);
  return GSL_SUCCESS;
}

/* What the search as a whole came to. */
static int
verdict (const search_job *job, const elbo_search *result)
{
  size_t collapsed = 0;
  for (size_t i = 0; i < result->nstart; i++)
    {
      const elbo_outcome *o = result->outcome + i;
      if (o->status == ELBO_EFALL)
        return elbo_fail (ELBO_EFALL, "start %zu: %s", i + 1, o->message ? o->message : "");
      collapsed += o->status == ELBO_EDEGENERATE;
    }
  if (job->stop)
    return elbo_fail (ELBO_ESTOP, "stopped by the caller");
  if (result->best < result->nstart)
    return result->outcome[result->best].status;
  if (collapsed == result->nstart)
    return elbo_fail (ELBO_EDEGENERATE, "every start collapsed");
  for (size_t i = 0; i < result->nstart; i++)
    if (result->outcome[i].status != ELBO_EDEGENERATE)
      return elbo_fail (result->outcome[i].status, "start %zu: %s", i + 1,
                        result->outcome[i].message ? result->outcome[i].message : "failed");
  return GSL_EFAILED;
}

static void
take_best (const search_job *job, elbo_search *result)
{
  const size_t best = result->best = find_best (job, result->nstart);
  if (best == result->nstart)
    return;
  for (size_t i = 0; i < result->nstart; i++)
    if (usable (result->outcome + i, job->finish + i)
        && result->outcome[i].value >= result->outcome[best].value - SAME_OPTIMUM)
      result->found_again++;
  finish *end = job->finish + best;
  result->model = end->model;
  result->count = end->count;
  result->entropy = end->entropy;
  result->log_likelihood = end->log_likelihood;
  end->model = NULL;
  end->count = NULL;
}

int
elbo_search_run (const elbo_model *prepared, const elbo_data *data, const elbo_ranks *ranks,
                 const elbo_search_options *options, elbo_search_watch *watch, void *arg,
                 elbo_search *result)
{
  search_job job = { .prepared = prepared,
                     .data = data,
                     .ranks = ranks,
                     .options = options ? *options : elbo_search_defaults (),
                     .watch = watch,
                     .arg = arg };
  memset (result, 0, sizeof *result);
  result->nstart = job.options.kind == ELBO_START_GIVEN ? 1 : job.options.starts;
  if (result->nstart == 0)
    return elbo_fail (GSL_EINVAL, "a search needs at least one start");
  if (job.options.kind != ELBO_START_GIVEN && !ranks)
    return elbo_fail (GSL_EINVAL, "these starts need the ranks of the rows");
  result->outcome = job.outcome = elbo_room (result->nstart, sizeof *job.outcome);
  job.finish = elbo_room (result->nstart, sizeof *job.finish);
  job.attempt = elbo_room (result->nstart, sizeof *job.attempt);
  job.brief = job.options.short_runs && result->nstart > 1
              && (double)data->n * (double)prepared->nstat > SHORT_COST;
  int status = job.outcome && job.finish && job.attempt ? GSL_SUCCESS : GSL_ENOMEM;
  if (status == GSL_SUCCESS)
    {
      run_all (&job, result->nstart);
      if (job.brief)
        status = run_promising (&job, result->nstart);
    }
  if (status == GSL_SUCCESS)
    {
      for (size_t i = 0; i < result->nstart; i++)
        result->carried += job.outcome[i].status != GSL_CONTINUE;
      take_best (&job, result);
      status = verdict (&job, result);
      if (result->model && sort_components (result->model, result->count) != GSL_SUCCESS)
        status = GSL_ENOMEM;
      for (size_t i = 0; i < result->nstart; i++)
        {
          elbo_model_free (job.finish[i].model);
          free (job.finish[i].count);
        }
    }
  free (job.finish);
  free (job.attempt);
  return status;
}

void
elbo_search_free (elbo_search *result)
{
  for (size_t i = 0; result->outcome && i < result->nstart; i++)
    {
      free (result->outcome[i].message);
      free (result->outcome[i].trace);
    }
  free (result->outcome);
  elbo_model_free (result->model);
  free (result->count);
  memset (result, 0, sizeof *result);
}

int
elbo_criteria_of (const elbo_search *result, const elbo_data *data, elbo_criteria *criteria)
{
  double hard = 0;
  const double l = result->log_likelihood;
  const int status = elbo_hardness (result->model, data, &hard);
  const double p = (double)elbo_model_freedom (result->model);
  criteria->parameters = elbo_model_freedom (result->model);
  criteria->bic = -2 * l + p * log (data->total);
  criteria->aic = -2 * l + 2 * p;
  criteria->icl = criteria->bic + 2 * result->entropy;
  criteria->icl_hard = criteria->bic + 2 * hard;
  return status;
}

static int
check_front_door (const gsl_matrix *x, const gsl_vector *weight, size_t ncomp,
                  const elbo_family *covariance, elbo_model **model)
{
  if (!x || !covariance || !model)
    return elbo_fail (GSL_EINVAL, "a fit needs rows, a family and a place for the model");
  *model = NULL;
  if (ncomp == 0)
    return elbo_fail (GSL_EINVAL, "the number of components must be at least 1");
  if (weight && weight->size != x->size1)
    return elbo_fail (GSL_EBADLEN, "there are %zu weights for %zu rows", weight->size, x->size1);
  return GSL_SUCCESS;
}

int
elbo_mixture_fit (const gsl_matrix *x, const gsl_vector *weight, size_t ncomp,
                  const elbo_family *covariance, elbo_method method,
                  const elbo_search_options *options, elbo_model **model, double *value)
{
  const int refused = check_front_door (x, weight, ncomp, covariance, model);
  if (value)
    *value = NAN;
  if (refused != GSL_SUCCESS)
    return refused;
  elbo_data *data = elbo_data_from_matrix (x, weight);
  const elbo_block block = ELBO_BLOCK (covariance, 0, x->size2, 0);
  elbo_model *prepared
      = data ? elbo_model_alloc (ncomp, elbo_mixture_dirichlet, &block, 1, method) : NULL;
  elbo_ranks ranks = { NULL, NULL, 0 };
  elbo_search result = { .nstart = 0 };
  int status = prepared ? elbo_model_prepare (prepared, data) : data ? GSL_EINVAL : ELBO_EDATA;
  if (status == GSL_SUCCESS)
    status = elbo_ranks_make (data, &ranks);
  if (status == GSL_SUCCESS)
    status = elbo_search_run (prepared, data, &ranks, options, NULL, NULL, &result);
  *model = result.model;
  result.model = NULL;
  if (value && *model)
    *value = result.outcome[result.best].value;
  elbo_search_free (&result);
  elbo_ranks_free (&ranks);
  elbo_model_free (prepared);
  elbo_data_free (data);
  return status;
}

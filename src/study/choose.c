/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many K and families, and which of them to believe. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "study/study.h"

typedef struct
{
  size_t ncomp;
  const elbo_family *family;
  elbo_model *prepared;
  elbo_search *search;
  double score, log_p, probability, criterion[ELBO_NCRITERION];
} candidate;

struct elbo_selection
{
  candidate *list;
  size_t n, best;
  int stopped;
};

/* What one comparison reads. */
typedef struct
{
  elbo_data *data;
  const elbo_ranks *ranks;
  const elbo_latent *latent;
  elbo_block *block; /* [nblock], a copy whose first family changes */
  size_t nblock;
  elbo_method method;
  elbo_choose_options options;
  elbo_selection *result;
} plan;

void
elbo_choose_options_fill (elbo_choose_options *options, size_t size)
{
  const elbo_choose_options known = { .size = sizeof known, .least = 1, .most = 5 };
  elbo_copy_sized (options, size, &known, sizeof known);
  options->size = size;
}

void
elbo_selection_free (elbo_selection *selection)
{
  if (!selection)
    return;
  for (size_t i = 0; i < selection->n; i++)
    {
      elbo_search_free (selection->list[i].search);
      elbo_model_free (selection->list[i].prepared);
    }
  free (selection->list);
  free (selection);
}

/* --- one candidate ----------------------------------------------------------------------------- */

/* A place for one more candidate, with what is known of it. */
static candidate *
add (elbo_selection *s, size_t ncomp, const elbo_family *family)
{
  candidate *list = realloc (s->list, (s->n + 1) * sizeof *list);
  if (!list)
    {
      elbo_fail (GSL_ENOMEM, "out of memory: %zu candidates", s->n + 1);
      return NULL;
    }
  s->list = list;
  candidate *c = list + s->n++;
  *c = (candidate){ ncomp, family, NULL, NULL, NAN, NAN, NAN, { 0 } };
  for (size_t i = 0; i < ELBO_NCRITERION; i++)
    c->criterion[i] = NAN;
  /* what is the best moves up with the list, not out of it */
  return c;
}

static int
make_search (const plan *p, candidate *c)
{
  elbo_search_options options;
  elbo_search_options_init (&options);
  if (p->options.search
      && elbo_sized_read (&options, sizeof options, p->options.search, "elbo_search_options"))
    return GSL_EINVAL;
  p->block[0].family = c->family;
  c->prepared = elbo_model_alloc (c->ncomp, p->latent, p->block, p->nblock, p->method);
  int status = c->prepared ? elbo_model_prepare (c->prepared, p->data) : elbo_message_status ();
  if (status == GSL_SUCCESS && p->options.before)
    status = p->options.before (p->result->n - 1, c->prepared, &options, p->options.arg);
  if (status != GSL_SUCCESS)
    return status;
  c->search = elbo_search_alloc (c->prepared, p->data, p->ranks, &options);
  return c->search ? GSL_SUCCESS : elbo_message_status ();
}

/* Score a candidate that has a model. */
static int
judge (candidate *c)
{
  const elbo_model *model = elbo_search_model (c->search);
  c->log_p = elbo_model_multiplicity (model);
  c->score = elbo_search_value (c->search) + c->log_p;
  if (model->method == ELBO_VB)
    return GSL_SUCCESS;
  const int status = elbo_search_criteria (c->search, ELBO_NCRITERION, c->criterion);
  c->score = -c->criterion[ELBO_BIC];
  return status;
}

/* A search that leaves no model may be the end of a candidate, not of the comparison. */
static int
goes_on (int status)
{
  return status == GSL_SUCCESS || status == GSL_EMAXITER || status == ELBO_EDEGENERATE;
}

/* Fit a candidate and compare it with the best; *better is set when it is better. */
static int
try (const plan *p, size_t ncomp, const elbo_family *family, int *better)
{
  elbo_selection *s = p->result;
  candidate *c = add (s, ncomp, family);
  int status = c ? make_search (p, c) : GSL_ENOMEM;
  if (status != GSL_SUCCESS)
    return status;
  status = elbo_search_run (c->search, p->options.watch, p->options.arg);
  if (elbo_search_model (c->search))
    {
      const int judged = judge (c);
      if (judged != GSL_SUCCESS && goes_on (status))
        status = judged;
      if (judged == GSL_SUCCESS && (s->best == (size_t)-1 || c->score > s->list[s->best].score))
        {
          s->best = s->n - 1;
          *better = 1;
        }
    }
  if (p->options.after && p->options.after (s->n - 1, c->search, status, p->options.arg) != 0
      && goes_on (status))
    status = elbo_fail (ELBO_ESTOP, "stopped by the caller");
  return goes_on (status) ? GSL_SUCCESS : status;
}

/* --- all of them ------------------------------------------------------------------------------- */

static int
try_families (const plan *p, size_t ncomp, int *better)
{
  const elbo_family *const own = p->block[0].family;
  const elbo_family *const *family = p->options.family ? p->options.family : &own;
  const size_t n = p->options.family ? p->options.nfamily : 1;
  int status = GSL_SUCCESS;
  for (size_t i = 0; i < n && status == GSL_SUCCESS; i++)
    status = try (p, ncomp, family[i], better);
  return status;
}

static int
try_all (const plan *p)
{
  const elbo_choose_options *o = &p->options;
  size_t idle = 0;
  int status = GSL_SUCCESS;
  for (size_t k = o->least; k <= o->most && status == GSL_SUCCESS && !p->result->stopped; k++)
    {
      int better = 0;
      status = try_families (p, k, &better);
      idle = better ? 0 : idle + 1;
      p->result->stopped = o->patience > 0 && idle == o->patience && k < o->most;
    }
  if (status == GSL_SUCCESS && p->result->best == (size_t)-1)
    return elbo_fail (ELBO_EDEGENERATE, "every start of every candidate collapsed");
  return status;
}

/* P (candidate | data) by VB, each as probable as the others beforehand. */
static void
set_probabilities (elbo_selection *s, elbo_method method)
{
  double total = 0;
  for (size_t i = 0; i < s->n; i++)
    if (!isnan (s->list[i].score))
      total += exp (s->list[i].score - s->list[s->best].score);
  for (size_t i = 0; i < s->n && method == ELBO_VB; i++)
    if (!isnan (s->list[i].score))
      s->list[i].probability = exp (s->list[i].score - s->list[s->best].score) / total;
}

static int
read_options (plan *p, const elbo_choose_options *options)
{
  elbo_choose_options *o = &p->options;
  elbo_choose_options_init (o);
  if (options && elbo_sized_read (o, sizeof *o, options, "elbo_choose_options") != GSL_SUCCESS)
    return GSL_EINVAL;
  if (o->least == 0 || o->most < o->least)
    return elbo_fail (GSL_EINVAL, "%zu to %zu components cannot be compared", o->least, o->most);
  if (o->family && o->nfamily == 0)
    return elbo_fail (GSL_EINVAL, "there are no families to compare");
  return GSL_SUCCESS;
}

static int
copy_blocks (plan *p, const elbo_block *block)
{
  size_t size;
  memcpy (&size, block, sizeof size);
  if (size < sizeof size)
    return elbo_fail (GSL_EINVAL, "blocks begin with ELBO_BLOCK");
  p->block = elbo_room (p->nblock, sizeof *p->block);
  for (size_t b = 0; p->block && b < p->nblock; b++)
    elbo_sized_read (p->block + b, sizeof *block, (const char *)block + b * size, "elbo_block");
  return p->block ? GSL_SUCCESS : GSL_ENOMEM;
}

int
elbo_choose (elbo_data *data, const elbo_ranks *ranks, const elbo_latent *latent,
             const elbo_block *block, size_t nblock, elbo_method method,
             const elbo_choose_options *options, elbo_selection **selection)
{
  if (!selection)
    return elbo_fail (GSL_EFAULT, "a comparison needs a place for what it finds");
  *selection = NULL;
  if (!data || !latent || !block || nblock == 0)
    return elbo_fail (GSL_EFAULT, "a comparison needs data, a latent structure and a block");
  plan p = { .data = data, .ranks = ranks, .latent = latent, .nblock = nblock, .method = method };
  elbo_ranks *own = ranks ? NULL : elbo_ranks_alloc (data);
  int status = ranks || own ? read_options (&p, options) : elbo_message_status ();
  if (!ranks)
    p.ranks = own;
  if (status == GSL_SUCCESS)
    status = copy_blocks (&p, block);
  if (status == GSL_SUCCESS)
    *selection = p.result = elbo_room (1, sizeof *p.result);
  if (p.result)
    {
      p.result->best = (size_t)-1;
      status = try_all (&p);
      set_probabilities (p.result, method);
      if (p.result->best == (size_t)-1)
        p.result->best = p.result->n;
    }
  else if (status == GSL_SUCCESS)
    status = GSL_ENOMEM;
  free (p.block);
  elbo_ranks_free (own);
  return status;
}

/* --- access ------------------------------------------------------------------------------------ */

static const candidate *
find (const elbo_selection *s, size_t i)
{
  return s && i < s->n ? s->list + i : NULL;
}

size_t
elbo_selection_size (const elbo_selection *s)
{
  return s ? s->n : 0;
}

size_t
elbo_selection_best (const elbo_selection *s)
{
  return s ? s->best : 0;
}

int
elbo_selection_stopped (const elbo_selection *s)
{
  return s && s->stopped;
}

size_t
elbo_selection_components (const elbo_selection *s, size_t i)
{
  const candidate *c = find (s, i);
  return c ? c->ncomp : 0;
}

const elbo_family *
elbo_selection_family (const elbo_selection *s, size_t i)
{
  const candidate *c = find (s, i);
  return c ? c->family : NULL;
}

const elbo_search *
elbo_selection_search (const elbo_selection *s, size_t i)
{
  const candidate *c = find (s, i);
  return c ? c->search : NULL;
}

double
elbo_selection_score (const elbo_selection *s, size_t i)
{
  const candidate *c = find (s, i);
  return c ? c->score : NAN;
}

double
elbo_selection_log_p (const elbo_selection *s, size_t i)
{
  const candidate *c = find (s, i);
  return c ? c->log_p : NAN;
}

double
elbo_selection_probability (const elbo_selection *s, size_t i)
{
  const candidate *c = find (s, i);
  return c ? c->probability : NAN;
}

double
elbo_selection_criterion (const elbo_selection *s, size_t i, elbo_criterion criterion)
{
  const candidate *c = find (s, i);
  return c && (size_t)criterion < ELBO_NCRITERION ? c->criterion[criterion] : NAN;
}

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
  elbo_doubt doubt;
  int status; /* of its search */
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
  elbo_ladder *ladder;  /* [families], or NULL where searches do not help each other */
  elbo_search *climber; /* the first search, whose stop is that of all */
} plan;

void
elbo_choose_options_fill (elbo_choose_options *options, size_t size)
{
  const elbo_choose_options known = { .size = sizeof known, .least = 1, .most = 5 };
  elbo_sized_fill (options, size, &known, sizeof known);
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
  *c = (candidate){
    .ncomp = ncomp, .family = family, .score = NAN, .log_p = NAN, .probability = NAN
  };
  for (size_t i = 0; i < ELBO_NCRITERION; i++)
    c->criterion[i] = NAN;
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

/* Is a fit what it says?  Components that hold less than a row are not there, but sticks may be empty;
   where all do the weights of the rows are small numbers. */
static elbo_doubt
doubt_of (const elbo_search *s, const elbo_model *model)
{
  const double *count = elbo_search_counts (s);
  size_t occupied = 0;
  for (size_t k = 0; k < model->ncomp; k++)
    occupied += count[k] >= 1;
  if (elbo_outcome_spurious (elbo_search_outcome (s, elbo_search_best (s))))
    return ELBO_SPURIOUS;
  return model->latent.order == ELBO_ORDER_FREE && occupied > 0 && occupied < model->ncomp
             ? ELBO_EMPTY
             : ELBO_SOUND;
}

/* Score a candidate that has a model. */
static int
judge (candidate *c)
{
  const elbo_model *model = elbo_search_model (c->search);
  c->doubt = doubt_of (c->search, model);
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

/* Can candidate c be chosen over the best so far?  An unsound one only while there is no other. */
static int
is_better (const candidate *c, const candidate *best)
{
  if (!best)
    return 1;
  const int sound = c->doubt == ELBO_SOUND;
  return sound != (best->doubt == ELBO_SOUND) ? sound : c->score > best->score;
}

/* A search has ended: judge what it found and tell.  *better is set when it is the best so far. */
static int
finish (const plan *p, size_t number, int status, int *better)
{
  elbo_selection *s = p->result;
  candidate *c = s->list + number;
  c->status = status;
  if (elbo_search_model (c->search))
    {
      const int judged = judge (c);
      if (judged != GSL_SUCCESS && goes_on (status))
        status = judged;
      if (judged == GSL_SUCCESS && is_better (c, s->best == (size_t)-1 ? NULL : s->list + s->best))
        {
          s->best = number;
          *better = 1;
        }
    }
  if (p->options.after && p->options.after (number, c->search, status, p->options.arg) != 0
      && goes_on (status))
    status = elbo_fail (ELBO_ESTOP, "stopped by the caller");
  return goes_on (status) ? GSL_SUCCESS : status;
}

/* --- searches one after the other --------------------------------------------------------------- */

/* Fit a candidate and compare it with the best. */
static int
try (const plan *p, size_t ncomp, const elbo_family *family, int *better)
{
  candidate *c = add (p->result, ncomp, family);
  int status = c ? make_search (p, c) : GSL_ENOMEM;
  if (status != GSL_SUCCESS)
    return status;
  status = elbo_search_run (c->search, p->options.watch, p->options.arg);
  return finish (p, p->result->n - 1, status, better);
}

/* --- searches that help each other ----------------------------------------------------------------- */

/* A search on the way to the first K that is asked for. */
static int
climb_below (plan *p, elbo_ladder *ladder, const elbo_search *first)
{
  int status = GSL_SUCCESS;
  for (size_t k = 1; k < first->prepared->ncomp && status == GSL_SUCCESS; k++)
    {
      ladder->pool[k] = ladder->own[k] = elbo_search_beside (p->climber, first->prepared, k);
      if (ladder->pool[k])
        status = elbo_ladder_climb (ladder, k, 0);
      else if (elbo_message_status () != ELBO_EUNSUP)
        status = elbo_message_status ();
    }
  return status;
}

/* What a candidate is worth while it may still get better; -INFINITY without a fit. */
static double
worth (const plan *p, const candidate *c)
{
  const elbo_search *s = c->search;
  if (!s || s->nkept == 0)
    return -INFINITY;
  const elbo_outcome *best = s->outcome + s->kept[0];
  if (best->spurious)
    return -INFINITY;
  if (p->method == ELBO_VB)
    return best->value + elbo_model_multiplicity (best->model);
  return best->log_likelihood
         - 0.5 * (double)elbo_model_freedom (best->model) * log (p->data->total);
}

static int
climb (plan *p, size_t ncomp, size_t family, const elbo_family *which, double *most, int *better)
{
  elbo_ladder *ladder = p->ladder + family;
  candidate *c = add (p->result, ncomp, which);
  int status = c ? make_search (p, c) : GSL_ENOMEM;
  if (status != GSL_SUCCESS)
    return status;
  if (!p->climber)
    p->climber = c->search;
  c->search->master = p->climber;
  status = elbo_search_begin (c->search, p->options.watch, p->options.arg);
  if (status == GSL_SUCCESS && ncomp == p->options.least)
    status = climb_below (p, ladder, c->search);
  ladder->pool[ncomp] = c->search;
  if (status == GSL_SUCCESS)
    status = elbo_ladder_climb (ladder, ncomp, 1);
  if (p->options.found && c->search->nkept > 0)
    p->options.found (p->result->n - 1, ncomp, c->search->outcome[c->search->kept[0]].value,
                      p->options.arg);
  const double now = worth (p, c);
  if (now > *most)
    {
      *most = now;
      *better = 1;
    }
  return status;
}

/* One more component than asked for, whose fits can be merged. */
static int
climb_above (const plan *p, elbo_ladder *ladder)
{
  const size_t k = ladder->top + 1;
  if (k > ladder->room || elbo_search_stopped (p->climber))
    return GSL_SUCCESS;
  ladder->pool[k] = ladder->own[k]
      = elbo_search_beside (p->climber, ladder->pool[k - 1]->prepared, k);
  if (ladder->pool[k])
    return elbo_ladder_climb (ladder, k, 0);
  return elbo_message_status () == ELBO_EUNSUP ? GSL_SUCCESS : elbo_message_status ();
}

/* Down and up, and the end of all searches. */
static int
conclude (plan *p, size_t nfamily, int failed)
{
  int status = failed;
  for (size_t i = 0; i < nfamily && status == GSL_SUCCESS; i++)
    {
      if (p->options.least == p->options.most && p->options.least > 1)
        status = climb_above (p, p->ladder + i);
      if (status == GSL_SUCCESS)
        status = elbo_ladder_settle (p->ladder + i);
    }
  for (size_t i = 0; i < p->result->n; i++)
    if (p->result->list[i].search && p->result->list[i].search->begun)
      {
        int better = 0;
        const int ended = elbo_search_conclude (p->result->list[i].search, status);
        const int told = finish (p, i, ended, &better);
        status = status == GSL_SUCCESS ? told : status;
      }
  return status;
}

/* --- all of them ------------------------------------------------------------------------------- */

/* Are the searches of a kind that helps others? */
static int
helps (const plan *p)
{
  elbo_search_options o;
  elbo_search_options_init (&o);
  if (p->options.search
      && elbo_sized_read (&o, sizeof o, p->options.search, "elbo_search_options") != GSL_SUCCESS)
    return 0;
  elbo_model *largest
      = elbo_model_alloc (p->options.most, p->latent, p->block, p->nblock, p->method);
  const int climbs = largest && elbo_climbs (&o, largest, p->data);
  elbo_model_free (largest);
  return climbs;
}

static int
try_families (plan *p, size_t ncomp, double *most, int *better)
{
  const elbo_family *const own = p->block[0].family;
  const elbo_family *const *family = p->options.family ? p->options.family : &own;
  const size_t n = p->options.family ? p->options.nfamily : 1;
  int status = GSL_SUCCESS;
  for (size_t i = 0; i < n && status == GSL_SUCCESS; i++)
    if (p->climber && elbo_search_stopped (p->climber))
      break;
    else
      status = p->ladder ? climb (p, ncomp, i, family[i], most, better)
                         : try (p, ncomp, family[i], better);
  return status;
}

static int
try_each (plan *p)
{
  const elbo_choose_options *o = &p->options;
  double most = -INFINITY;
  size_t idle = 0;
  int status = GSL_SUCCESS;
  for (size_t k = o->least; k <= o->most && status == GSL_SUCCESS && !p->result->stopped; k++)
    {
      int better = 0;
      status = try_families (p, k, &most, &better);
      idle = better ? 0 : idle + 1;
      p->result->stopped = o->patience > 0 && idle == o->patience && k < o->most;
      if (p->climber && elbo_search_stopped (p->climber))
        break;
    }
  return status;
}

/* Ladders, one a family, where the searches are to help each other. */
static int
try_all (plan *p)
{
  const elbo_choose_options *o = &p->options;
  const size_t n = o->family ? o->nfamily : 1;
  int status = GSL_SUCCESS;
  if (helps (p))
    {
      p->ladder = elbo_calloc (n, sizeof *p->ladder);
      status = p->ladder ? GSL_SUCCESS : GSL_ENOMEM;
      for (size_t i = 0; i < n && status == GSL_SUCCESS; i++)
        status = elbo_ladder_make (p->ladder + i, o->most + 1);
    }
  if (status == GSL_SUCCESS)
    status = try_each (p);
  if (p->ladder)
    {
      status = conclude (p, n, status);
      for (size_t i = 0; i < n; i++)
        {
          for (size_t k = 0; p->climber && p->ladder[i].own && k <= p->ladder[i].room; k++)
            p->climber->passes += elbo_search_passes (p->ladder[i].own[k]);
          elbo_ladder_free (p->ladder + i);
        }
      free (p->ladder);
    }
  if (status == GSL_SUCCESS && p->result->best == (size_t)-1)
    return elbo_fail (ELBO_EDEGENERATE, "every start of every candidate collapsed");
  return status;
}

/* Does a candidate count, beside the best? */
static int
counts (const plan *p, const candidate *c)
{
  const candidate *best = p->result->list + p->result->best;
  return !isnan (c->score) && (c->doubt == ELBO_SOUND || best->doubt != ELBO_SOUND);
}

/* P (candidate | data) by VB, each that counts as probable as the others beforehand. */
static void
set_probabilities (const plan *p)
{
  elbo_selection *s = p->result;
  double total = 0;
  if (s->best == (size_t)-1 || p->method != ELBO_VB)
    return;
  const double best = s->list[s->best].score;
  for (size_t i = 0; i < s->n; i++)
    total += counts (p, s->list + i) ? exp (s->list[i].score - best) : 0;
  for (size_t i = 0; i < s->n; i++)
    if (!isnan (s->list[i].score))
      s->list[i].probability = counts (p, s->list + i) ? exp (s->list[i].score - best) / total : 0;
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
  p->block = elbo_calloc (p->nblock, sizeof *p->block);
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
    *selection = p.result = elbo_calloc (1, sizeof *p.result);
  if (p.result)
    {
      p.result->best = (size_t)-1;
      status = try_all (&p);
      set_probabilities (&p);
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

elbo_doubt
elbo_selection_doubt (const elbo_selection *s, size_t i)
{
  const candidate *c = find (s, i);
  return c ? c->doubt : ELBO_SOUND;
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

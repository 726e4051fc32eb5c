/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slow tails made short: squared extrapolation (Varadhan & Roland 2008, SQUAREM) of statistics.

   One pass maps statistics to statistics, s -> E (M (s)).  Near its limit the error shrinks by a
   factor lambda, the gain of the bound by its square.  Of three in a row

       s* = s0 - 2 a (s1 - s0) + a^2 ((s2 - s1) - (s1 - s0)),   a = -1 / (1 - lambda)

   removes the error of that factor; a = -1 is s2 itself.  Gains do not change with the units of the
   columns, so neither does the step.  Statistics form a vector space and M makes beliefs of them,
   which are valid or fail; s* is of no q(z), so an E half-step at its beliefs comes first: only if
   its bound is higher do the statistics of this E take the place of the present ones, and the M
   half-step that follows is recorded as X.  Otherwise the plain pass goes on as if nothing had
   been tried. */
#include <config.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "engine/engine.h"

/* Nats that may be left to gain: with more the fit is not in its tail, and a step might lead to
   another optimum. */
#define TAIL 1.0

/* What the tolerance stands for in nats: a tail ends when less than this many tolerances, or this
   share of what two passes that end a run gain, are left. */
#define LEFT_TOLERANCES 50
#define LEFT_SHARE 1e-3

/* The longest step at first; twice as long after one of that length that was taken, half of one that
   was refused. */
#define LONGEST 4.0

/* Slower than this, of which the square root is lambda, a step pays for its pass. */
#define SLOW 0.3

enum
{
  WINDOW = 16,  /* passes that tell how slow a tail is */
  HALVINGS = 4, /* of a step whose statistics are none */
  REFUSALS = 5  /* in a row: the passes are not geometric */
};

/* --- memory --------------------------------------------------------------------------------------- */

int
elbo_past_alloc (elbo_past *past, const elbo_model *model)
{
  past->longest = LONGEST;
  past->stat[0] = elbo_doubles (model->nstat);
  past->stat[1] = elbo_doubles (model->nstat);
  past->trial = elbo_doubles (model->nstat);
  past->saved = elbo_beliefs_alloc (model);
  return past->stat[0] && past->stat[1] && past->trial && past->saved ? GSL_SUCCESS : GSL_ENOMEM;
}

void
elbo_past_clear (elbo_past *past)
{
  free (past->stat[0]);
  free (past->stat[1]);
  free (past->trial);
  free (past->saved);
}

/* --- what the passes before tell ------------------------------------------------------------------ */

/* The ratio of the last two gains, and the last; 0 where rounding is all that is left of it. */
static double
ratio_of (const elbo_fit *fit, double *gain)
{
  const elbo_past *past = &fit->past;
  const double before = past->elbo[1] - past->elbo[0];
  *gain = elbo_fit_value (fit) - past->elbo[1];
  if (!(*gain > 16 * DBL_EPSILON * fit->size))
    return 0;
  return before > 0 ? *gain / before : INFINITY;
}

/* Aitken's estimate of what is left to gain (Lindsay 1995); infinite where gains grow. */
static double
left_of (double ratio, double gain)
{
  return ratio < 1 ? gain * ratio / (1 - ratio) : INFINITY;
}

static double
enough (const elbo_fit *fit)
{
  const double tol = fit->options.tol;
  return fmax (LEFT_TOLERANCES * tol, LEFT_SHARE * tol * fit->source.total);
}

/* The largest ratio below 1 of two gains running among the last passes.  Right after a step the slow
   error is small beside faster ones, which the last ratio alone would take for all there is. */
static double
slowest (const elbo_fit *fit)
{
  double ratio = 0, later = NAN, value = elbo_fit_value (fit);
  int plain = 1;
  size_t seen = 0;
  for (size_t i = fit->nrecord - 1; i-- > 0 && seen < WINDOW;)
    if (fit->trace[i].half == 'E')
      {
        const double gain = plain ? value - fit->trace[i].elbo : NAN;
        if (later > 0 && later < gain)
          ratio = fmax (ratio, later / gain);
        later = gain;
        value = fit->trace[i].elbo;
        plain = 1;
        seen++;
      }
    else if (fit->trace[i].half == 'X' || fit->trace[i].half == 'V')
      plain = 0;
  return ratio;
}

int
elbo_fit_unfinished (const elbo_fit *fit)
{
  double gain;
  if (!fit->options.accelerate || fit->past.refused >= REFUSALS)
    return 0;
  if (fit->past.n < 2)
    return 1;
  const double ratio = ratio_of (fit, &gain);
  return ratio > 0 && left_of (fmax (ratio, slowest (fit)), gain) > enough (fit);
}

void
elbo_past_push (elbo_fit *fit)
{
  elbo_past *past = &fit->past;
  if (!fit->options.accelerate)
    return;
  double *oldest = past->stat[0];
  past->stat[0] = past->stat[1];
  past->stat[1] = oldest;
  past->elbo[0] = past->elbo[1];
  memcpy (oldest, fit->stat, fit->model->nstat * sizeof *oldest);
  past->elbo[1] = elbo_fit_value (fit);
  past->n += past->n < 2;
}

/* --- a step ------------------------------------------------------------------------------------------ */

/* Is a step worth its pass?  Writes its length a. */
static int
is_due (elbo_fit *fit, double *a)
{
  elbo_past *past = &fit->past;
  double gain;
  if (!fit->options.accelerate || past->n < 2 || past->refused >= REFUSALS)
    return 0;
  if (past->pause > 0)
    return past->pause--, 0;
  const double ratio = ratio_of (fit, &gain), left = left_of (ratio, gain);
  *a = -fmin (1 / (1 - sqrt (ratio)), past->longest);
  return ratio > SLOW && left < TAIL && elbo_fit_unfinished (fit);
}

/* Write s* of length a; 0 when a component would have less than no rows. */
static int
combine (elbo_fit *fit, double a)
{
  const elbo_model *model = fit->model;
  const double *s0 = fit->past.stat[0], *s1 = fit->past.stat[1], *s2 = fit->stat;
  double *trial = fit->past.trial;
  for (size_t i = 0; i < model->nstat; i++)
    trial[i] = s2[i] + (a + 1) * ((a + 1) * (s0[i] - s1[i]) + (a - 1) * (s2[i] - s1[i]));
  for (size_t k = 0; k < model->ncomp; k++)
    if (!(trial[k] >= 0))
      return 0;
  return 1;
}

/* Beliefs from s*, of the longest step that has some. */
static int
step (elbo_fit *fit, double a)
{
  int status = GSL_EDOM;
  elbo_stat_rebase (fit->model, fit->past.stat[0]);
  elbo_stat_rebase (fit->model, fit->past.stat[1]);
  for (int i = 0; i < HALVINGS && status != GSL_SUCCESS && status != GSL_ENOMEM; i++)
    {
      if (combine (fit, a))
        status = elbo_global (fit->model, fit->past.trial);
      a = 0.5 * (a - 1);
    }
  return status;
}

static void
take (elbo_fit *fit, double a, double value)
{
  double *swap = fit->stat;
  fit->stat = fit->spare;
  fit->spare = swap;
  fit->past.n = 0;
  fit->past.refused = 0;
  if (-a >= fit->past.longest)
    fit->past.longest *= 2;
  elbo_past_push (fit);
  fit->past.elbo[1] = value;
}

int
elbo_fit_extrapolate (elbo_fit *fit, int *taken)
{
  double a, value = NAN;
  *taken = 0;
  if (!is_due (fit, &a))
    return GSL_SUCCESS;
  elbo_beliefs_save (fit->model, fit->past.saved);
  int status = step (fit, a);
  if (status == GSL_SUCCESS)
    status = elbo_fit_look (fit, &value);
  *taken = status == GSL_SUCCESS && value > elbo_fit_value (fit);
  if (*taken)
    take (fit, a, value);
  else
    {
      elbo_beliefs_restore (fit->model, fit->past.saved);
      fit->past.longest = fmax (-0.5 * a, 2);
      fit->past.pause = fit->past.refused++;
    }
  return status == GSL_ENOMEM ? status : GSL_SUCCESS; /* other failures: s* was none */
}

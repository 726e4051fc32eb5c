/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The iterations of a fit: a table that stays readable at any length, or every half-step. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/view/view.h"

/* 0 to 5, then 10, 20, 50, 100, 200, 500, ... */
static int
is_landmark (size_t pass)
{
  if (pass <= 5)
    return 1;
  while (pass % 10 == 0)
    pass /= 10;
  return pass == 1 || pass == 2 || pass == 5;
}

/* What rounds to zero, with 6 or 4 decimals, is printed without a sign. */
static double
plain (double gain)
{
  return fabs (gain) < 5e-7 ? 0 : gain;
}

static double
plain4 (double v)
{
  return fabs (v) < 5e-5 ? 0 : v;
}

/* A number in a cell of a table, empty when there is none. */
static void
put_fixed (int width, int digits, double v)
{
  char text[CELL_TEXT];
  printf (" %*s", width, isfinite (v) ? fixed_text (v, digits, text) : "");
}

void
report_iterations (const settings *s, const elbo_model *model, const elbo_outcome *outcome,
                   size_t start)
{
  const size_t n = elbo_outcome_records (outcome);
  printf ("\nELBO%s, K = %zu, start %zu\n",
          elbo_model_method (model) == ELBO_ML    ? " (after E the log-likelihood)"
          : elbo_model_method (model) == ELBO_MAP ? " (after E the log-posterior)"
                                                  : "",
          elbo_model_ncomp (model), start);
  printf ("  iteration            ELBO          gain\n");
  double before = NAN;
  for (size_t i = 0; i < n; i++)
    {
      const elbo_trace *t = elbo_outcome_record (outcome, i);
      const int first = t->pass == 0 && t->half == 'M', last = i + 1 == n;
      if (t->half != 'E' && !first)
        continue;
      if (first || last || s->verbose || is_landmark (t->pass))
        {
          char text[CELL_TEXT];
          printf ("  %9zu %15s", t->pass, fixed_text (t->elbo, 6, text));
          if (isfinite (before))
            printf (" %13s", fixed_text (plain (t->elbo - before), 6, text));
          if (first)
            printf ("                       (first M)");
          if (last && elbo_outcome_status (outcome) == GSL_SUCCESS)
            printf ("   converged (two passes under %g per row)", s->tol);
          putchar ('\n');
        }
      before = t->elbo;
    }
  if (can_draw ())
    draw_sparkline (outcome);
}

static void
step_note (const elbo_trace *t, size_t i, size_t n, int converged)
{
  if (i == 0 && t->half == 'M')
    printf ("      q fixed by the start: parameters move, bound not tight");
  else if (t->pass == 1 && t->half == 'E')
    printf ("      q = posterior: the bound touches the log-likelihood");
  else if (i + 1 == n && converged)
    printf ("      converged");
  putchar ('\n');
}

void
report_steps (const elbo_model *model, const elbo_outcome *outcome)
{
  const size_t n = elbo_outcome_records (outcome);
  const int posterior = elbo_model_method (model) == ELBO_VB;
  double least = INFINITY;
  int falls = 0;
  if (posterior)
    printf ("\n half  step            ELBO          gain   reconstruction    KL assign."
            "   KL weights   KL components\n");
  else
    printf ("\n half  step            ELBO   log-likelihood      KL(q||posterior)\n");
  for (size_t i = 0; i < n; i++)
    {
      const elbo_trace *t = elbo_outcome_record (outcome, i);
      printf ("%5zu  %c", i + 1, t->half);
      put_fixed (16, 4, t->elbo);
      if (posterior)
        {
          put_fixed (13, 6, plain (t->gain));
          put_fixed (16, 4, t->term[ELBO_RECONSTRUCTION]);
          put_fixed (13, 4, plain4 (t->term[ELBO_KL_ASSIGNMENTS]));
          put_fixed (12, 4, plain4 (t->term[ELBO_KL_WEIGHTS]));
          put_fixed (15, 4, plain4 (t->term[ELBO_KL_COMPONENTS]));
          putchar ('\n');
        }
      else
        {
          put_fixed (16, 4, t->log_likelihood);
          put_fixed (19, 4, plain4 (t->gap));
          step_note (t, i, n, elbo_outcome_status (outcome) == GSL_SUCCESS);
        }
      if (isfinite (t->gain))
        {
          least = t->gain < least ? t->gain : least;
          falls += t->gain < -t->tau;
        }
    }
  if (falls == 0 && isfinite (least))
    printf ("every half-step raised the ELBO, to rounding (smallest gain %.2g)\n", least);
  if (posterior && n)
    {
      const elbo_trace *last = elbo_outcome_record (outcome, n - 1);
      const double *term = last->term;
      printf ("%.4f (reconstruction) - %.4f (KL assignments) - %.4f (KL weights) - %.4f "
              "(KL components) = %.4f\n",
              term[ELBO_RECONSTRUCTION], plain4 (term[ELBO_KL_ASSIGNMENTS]),
              plain4 (term[ELBO_KL_WEIGHTS]), plain4 (term[ELBO_KL_COMPONENTS]), last->elbo);
    }
}

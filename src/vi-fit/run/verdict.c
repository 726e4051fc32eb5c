/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is doubtful about a fit, and how sure its labels are. */
#include <config.h>
#include <stdlib.h>
#include "vi-fit/run/run.h"

/* Components of a fit with less than one row.  With sticks they are the rule. */
static size_t
count_empty (const candidate *c)
{
  size_t empty = 0;
  const double *count = elbo_search_counts (c->search);
  if (!count || elbo_model_latent (elbo_search_model (c->search))->order != ELBO_ORDER_FREE)
    return 0;
  for (size_t k = 0; k < c->ncomp; k++)
    empty += count[k] < 1;
  return empty < c->ncomp ? empty : 0; /* all: the weights of rows are small numbers */
}

/* Said before the record is made, which quotes it. */
void
warn_about_fit (const settings *s, double rows, const sweep *result)
{
  const candidate *c = sweep_chosen (result);
  const elbo_outcome *best = sweep_outcome (result);
  const size_t empty = count_empty (c), nrecord = elbo_outcome_records (best);
  size_t first = 0, again = 0;
  const size_t repeated = count_repeated (c, &first, &again);
  if (elbo_outcome_status (best) == GSL_EMAXITER)
    warn ("not converged after %zu iteration%s (last gain %.2g); results are %s, exit status "
          "3; try --max-iter=%zu",
          elbo_outcome_iterations (best), plural (elbo_outcome_iterations (best)),
          nrecord ? elbo_outcome_record (best, nrecord - 1)->gain : 0,
          s->output ? "written" : "shown", 5 * s->max_iter);
  /* a ladder that has settled has looked from above and below; starts alone have not */
  const int alone = search_options (s).plan == ELBO_SEARCH_STARTS;
  if (alone && elbo_search_found_again (c->search) == 1 && elbo_search_carried (c->search) > 1
      && !result->interrupted)
    warn ("the best fit for K = %zu was found by only 1 of %zu starts; try --starts=%zu", c->ncomp,
          elbo_search_starts (c->search), 5 * elbo_search_starts (c->search));
  if (c->ncomp == s->most && !s->range && c->ncomp > 1)
    warn ("the largest K tried was chosen; try -k %zu..%zu", c->ncomp, 2 * c->ncomp);
  if (repeated)
    warn ("components %zu and %zu are equal (%zu different among %zu): a saddle, where a fit can "
          "stand still; try another start or -k %zu",
          first + 1, again + 1, c->ncomp - repeated, c->ncomp, c->ncomp - repeated);
  if (empty)
    warn ("%zu of %zu components hold%s less than one row: this is a mixture of %zu", empty,
          c->ncomp, empty == 1 ? "s" : "", c->ncomp - empty);
  if (c->choice.doubt == ELBO_SPURIOUS)
    warn ("a component of this fit rests on few rows: a spurious maximum of the likelihood, and "
          "there "
          "was no other; use -m vb or fewer components");
  if (chosen_method (s) == ELBO_ML && (double)c->choice.parameters > rows)
    warn ("%zu free parameters for %.10g rows: the likelihood says little about them; use -m vb, "
          "fewer components or a simpler --covariance",
          c->choice.parameters, rows);
}

/* Both ledgers of the half-steps between which the bound fell. */
int
report_fall (const sweep *result)
{
  int fell = 0;
  for (size_t i = 0; i < result->n; i++)
    for (size_t k = 0; k < elbo_search_starts (result->list[i].search); k++)
      {
        const elbo_outcome *o = elbo_search_outcome (result->list[i].search, k);
        const size_t nrecord = elbo_outcome_records (o);
        if (elbo_outcome_status (o) != ELBO_EFALL)
          continue;
        fell = 1;
        complain ("K = %zu, start %zu: %s\nthis is a bug in vi-fit; please report it with the data",
                  result->list[i].ncomp, k + 1,
                  elbo_outcome_message (o) ? elbo_outcome_message (o)
                                           : elbo_status_text (ELBO_EFALL));
        if (nrecord >= 2)
          trace_write (stderr, result->list[i].ncomp, k + 1, o, nrecord - 2);
      }
  return fell;
}

static void
judge_row (const dataset *set, size_t row, double p, certainty *c)
{
  const double weight = elbo_data_weight (set->data, row);
  if (!(weight > 0))
    return;
  c->counted += weight;
  c->certain += p > 0.9 ? weight : 0;
  if (p < c->least)
    {
      c->least = p;
      c->line = elbo_table_line (set->table, row);
    }
}

int
measure_certainty (const dataset *set, scores *rows, certainty *sure)
{
  int more;
  *sure = (certainty){ .least = 2 };
  if (rows->ncomp == 1)
    return 0;
  scores_rewind (rows, 0);
  while ((more = scores_next (rows)) > 0)
    for (size_t i = 0; i < rows->n; i++)
      {
        const double *resp = rows->resp + i * rows->ncomp;
        judge_row (set, rows->first + i, resp[largest (resp, rows->ncomp)], sure);
      }
  return more < 0 ? EXIT_DATA : 0;
}

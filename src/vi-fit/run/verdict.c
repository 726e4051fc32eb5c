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
  if (!c->search.count || elbo_model_latent (c->search.model)->order != ELBO_ORDER_FREE)
    return 0;
  for (size_t k = 0; k < c->ncomp; k++)
    empty += c->search.count[k] < 1;
  return empty < c->ncomp ? empty : 0; /* all: the weights of rows are small numbers */
}

/* Said before the record is made, which quotes it. */
void
warn_about_fit (const settings *s, const sweep *result)
{
  const candidate *c = sweep_chosen (result);
  const elbo_outcome *best = sweep_outcome (result);
  const size_t empty = count_empty (c);
  if (best->status == GSL_EMAXITER)
    warn ("not converged after %zu iterations (last gain %.2g); results are %s, exit status "
          "3; try --max-iter=%zu",
          best->iterations, best->nrecord ? best->trace[best->nrecord - 1].gain : 0,
          s->output ? "written" : "shown", 5 * s->max_iter);
  if (c->search.found_again == 1 && c->search.carried > 1 && !result->interrupted)
    warn ("the best fit for K = %zu was found by only 1 of %zu starts; try --starts=%zu", c->ncomp,
          c->search.nstart, 5 * c->search.nstart);
  if (c->ncomp == s->most && !s->range && c->ncomp > 1)
    warn ("the largest K tried was chosen; try -k %zu..%zu", c->ncomp, 2 * c->ncomp);
  if (empty)
    warn (
        "%zu of %zu components hold%s less than one row: the rows are in %zu; compare with -k %zu",
        empty, c->ncomp, empty == 1 ? "s" : "", c->ncomp - empty, c->ncomp - empty);
}

/* Both ledgers of the half-steps between which the bound fell. */
int
report_fall (const sweep *result)
{
  int fell = 0;
  for (size_t i = 0; i < result->n; i++)
    for (size_t k = 0; k < result->list[i].search.nstart; k++)
      {
        const elbo_outcome *o = &result->list[i].search.outcome[k];
        if (o->status != ELBO_EFALL)
          continue;
        fell = 1;
        complain ("K = %zu, start %zu: %s\nthis is a bug in vi-fit; please report it with the data",
                  result->list[i].ncomp, k + 1,
                  o->message ? o->message : elbo_status_text (o->status));
        if (o->nrecord >= 2)
          elbo_trace_write (stderr, result->list[i].ncomp, k + 1, o->trace + o->nrecord - 2, 2);
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

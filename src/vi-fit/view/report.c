/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report: what was fitted, the table of the search, the components. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/view/view.h"

enum
{
  LABEL = 22,      /* least width of the left column ... */
  LABEL_MOST = 40, /* ... which grows with the names up to this */
  CELL = 19,       /* least width of a component, with the blank before it */
  MOST_LINES = 10  /* of the table of the search */
};

void
report_title (const elbo_model *model)
{
  static const char *const how[] = { [ELBO_ML] = "by maximum likelihood (EM)",
                                     [ELBO_MAP] = "by posterior mode (MAP-EM)",
                                     [ELBO_VB] = "by variational inference" };
  const elbo_method method = elbo_model_method (model);
  const char *covariance = covariance_of (model);
  const char *word = method == ELBO_VB ? "Bayesian " : "";
  if (!covariance)
    printf ("%s%s %s\n", word, method == ELBO_VB ? "mixture" : "Mixture", how[method]);
  else
    printf ("%s%s mixture, %s covariance, %s\n", word,
            elbo_model_nblock (model) > 1 ? "mixed-type" : "Gaussian", covariance, how[method]);
}

/* Order of the lines that are printed: as tried, or the best ten when there are more. */
static const elbo_record *sorted_record;
static int sorted_by_bic;

static double
quality (size_t i)
{
  const elbo_choice *c = sorted_record->choice[i];
  return sorted_by_bic ? -c->bic : c->elbo + c->log_p;
}

static int
by_quality (const void *a, const void *b)
{
  const size_t i = *(const size_t *)a, j = *(const size_t *)b;
  return quality (i) < quality (j) ? 1 : quality (i) > quality (j) ? -1 : i < j ? -1 : i > j;
}

static size_t
line_order (const elbo_record *record, int bic, size_t *order)
{
  size_t n = record->nchoice;
  for (size_t i = 0; i < n; i++)
    order[i] = i;
  sorted_record = record;
  sorted_by_bic = bic;
  if (n > MOST_LINES)
    {
      qsort (order, n, sizeof *order, by_quality);
      n = MOST_LINES;
    }
  return n;
}

static void
choice_line (const elbo_record *record, size_t i, int posterior, int structures, int chosen)
{
  const elbo_choice *c = record->choice[i];
  const double number[] = { c->elbo, c->elbo + c->log_p, c->bic, c->icl, c->aic };
  char again[48], text[5][CELL_TEXT];
  for (size_t n = 0; n < 5; n++)
    fixed_text (number[n], 2, text[n]);
  snprintf (again, sizeof again, "%zu/%zu", c->found_again, c->runs ? c->runs : record->starts);
  const char *doubt = elbo_doubt_name (c->doubt);
  char remark[40] = "";
  if (c->doubt != ELBO_SOUND)
    snprintf (remark, sizeof remark, "   (%s)", doubt);
  printf ("%s%3zu", chosen && use_color () ? "\033[1m" : "", c->components);
  if (structures)
    printf ("  %-9s", c->covariance ? c->covariance : "-");
  if (posterior)
    printf (" %11s %11s %11.3f %13s %12zu%s", text[0], text[1], c->probability, again,
            c->iterations, chosen ? "   <- chosen" : remark);
  else
    printf (" %11s %5zu %11s %11s %11s %8s %6zu%s", text[0], c->parameters, text[2], text[3],
            text[4], again, c->iterations, chosen ? "  <- lowest BIC" : remark);
  puts (chosen && use_color () ? "\033[0m" : "");
}

/* The best of the others that count, or NULL. */
static const elbo_choice *
runner_up (const elbo_model *model, const elbo_record *record, int bic)
{
  const elbo_choice *best = NULL;
  for (size_t i = 0; i < record->nchoice; i++)
    {
      const elbo_choice *c = record->choice[i];
      if (c->doubt != ELBO_SOUND || is_chosen (model, c))
        continue;
      if (!best || (bic ? c->bic < best->bic : c->elbo + c->log_p > best->elbo + best->log_p))
        best = c;
    }
  return best;
}

/* "2 components, with probability 0.867 (next: 3, 0.133); 15 of 19 runs found this fit." */
static void
report_choice (const elbo_model *model, const elbo_record *record)
{
  const int bic = elbo_model_method (model) != ELBO_VB;
  const elbo_choice *chosen = NULL, *next = runner_up (model, record, bic);
  for (size_t i = 0; i < record->nchoice; i++)
    if (is_chosen (model, record->choice[i]))
      chosen = record->choice[i];
  if (!chosen)
    return;
  printf ("%zu component%s", chosen->components, plural (chosen->components));
  if (next && bic)
    printf (", the lowest BIC (by %.1f; next: %zu%s%s)", next->bic - chosen->bic, next->components,
            next->covariance && next->covariance != chosen->covariance ? " " : "",
            next->covariance && next->covariance != chosen->covariance ? next->covariance : "");
  else if (next)
    printf (", with probability %.3f (next: %zu%s%s, %.3f)", chosen->probability, next->components,
            next->covariance && next->covariance != chosen->covariance ? " " : "",
            next->covariance && next->covariance != chosen->covariance ? next->covariance : "",
            next->probability);
  else
    printf (record->nchoice > 1 ? ", since all other fits leave components empty" : ", as asked");
  printf ("; %zu of %zu runs found this fit\n", chosen->found_again,
          chosen->runs ? chosen->runs : record->starts);
}

/* Which K another criterion would choose. */
static void
note_criteria (const elbo_record *record)
{
  size_t bic = 0, icl = 0, aic = 0;
  for (size_t i = 1; i < record->nchoice; i++)
    {
      const elbo_choice *c = record->choice[i];
      bic = c->bic < record->choice[bic]->bic ? i : bic;
      icl = c->icl < record->choice[icl]->icl ? i : icl;
      aic = c->aic < record->choice[aic]->aic ? i : aic;
    }
  if (aic != bic)
    printf ("  AIC would choose K = %zu", record->choice[aic]->components);
  if (icl != bic)
    printf ("%sICL would choose K = %zu", aic != bic ? "; " : "  ",
            record->choice[icl]->components);
  else if (aic != bic)
    printf ("; ICL agrees with BIC");
  if (aic != bic || icl != bic)
    putchar ('\n');
}

int
report_selection (const elbo_model *model, const elbo_record *record)
{
  const int posterior = elbo_model_method (model) == ELBO_VB;
  int structures = 0;
  size_t *order = calloc (record->nchoice + 1, sizeof *order);
  if (!order)
    return complain_memory ();
  for (size_t i = 1; i < record->nchoice; i++)
    structures |= record->choice[i]->covariance != record->choice[0]->covariance;
  const size_t n = line_order (record, !posterior, order);
  report_choice (model, record);
  printf ("\n  K%s", structures ? "  covariance" : "");
  if (posterior)
    printf (" %*s %11s %11s %13s %12s\n", structures ? 10 : 11, "ELBO", "+log P", "P(K|data)",
            "found again", "iterations");
  else
    printf (" %*s %5s %11s %11s %11s %8s %6s   (lower is better)\n", structures ? 10 : 11,
            elbo_model_method (model) == ELBO_MAP ? "log-post." : "log-lik.", "par.", "BIC", "ICL",
            "AIC", "found", "iter.");
  for (size_t i = 0; i < n; i++)
    {
      const int chosen = is_chosen (model, record->choice[order[i]]);
      choice_line (record, order[i], posterior, structures, chosen && record->nchoice > 1);
    }
  if (n < record->nchoice)
    printf ("  (the best %zu of %zu)\n", n, record->nchoice);
  if (!posterior && record->nchoice > 1)
    note_criteria (record);
  free (order);
  return 0;
}

/* A part of the components that fits on the screen. */
typedef struct
{
  const number_table *t;
  const size_t *comp; /* [n] components */
  size_t n;
  int label; /* width of the left column */
  int cell;  /* width of a component, with the blank before it */
} part;

static void
label (const part *p, int indent, const char *text)
{
  const char *safe = clean (text);
  const int room = p->label - indent - letters (safe);
  if (room >= 0)
    printf ("%*s%s%*s", indent, "", safe, room, "");
  else /* a long name has a line of its own */
    printf ("%*s%s\n%*s", indent, "", safe, p->label, "");
}

static int
indent (const table_row *row)
{
  return row->heading ? 4 : 2;
}

/* Widths of the left column and of a component: columns far from zero, or of tiny units, take
   more. */
static void
set_widths (const number_table *t, int *left, int *across)
{
  *left = LABEL;
  *across = CELL;
  for (size_t i = 0; i < t->nrow; i++)
    {
      const int name = indent (&t->row[i]) + 1 + letters (clean (t->row[i].name));
      *left = name > *left ? name : *left;
      for (size_t k = 0; k < t->ncomp; k++)
        {
          char text[CELL_TEXT];
          const int width = table_text (&t->row[i], k, text) + 2;
          *across = width > *across ? width : *across;
        }
    }
  *left = *left > LABEL_MOST ? LABEL_MOST : *left;
}

static void
print_row (const part *p, const table_row *row)
{
  label (p, indent (row), row->name);
  for (size_t k = 0; k < p->n; k++)
    {
      char text[CELL_TEXT];
      table_text (row, p->comp[k], text);
      printf (" %*s", p->cell - 1, text);
    }
  putchar ('\n');
}

static void
print_bars (const part *p, const table_row *weight)
{
  label (p, 2, "");
  for (size_t k = 0; k < p->n; k++)
    draw_bar (weight->value[p->comp[k]], p->cell);
  putchar ('\n');
}

static void
print_part (const part *p)
{
  const number_table *t = p->t;
  putchar ('\n');
  label (p, 0, "Components");
  for (size_t k = 0; k < p->n; k++)
    printf (" %*zu", p->cell - 1, p->comp[k] + 1);
  putchar ('\n');
  for (size_t i = 0; i < t->nrow; i++)
    {
      if (table_heads (t, i))
        printf ("  %s\n", clean (t->row[i].heading));
      print_row (p, &t->row[i]);
      if (i + 1 == t->nweight && can_draw ())
        print_bars (p, &t->row[0]);
    }
}

/* The components that hold rows, or all where that is not known or where there is no prior that the
   others would merely repeat; comp [K].  Returns how many. */
static size_t
choose_components (const elbo_model *model, const elbo_record *record, size_t *comp)
{
  const size_t ncomp = elbo_model_ncomp (model);
  const int known = record->count && elbo_model_method (model) != ELBO_ML;
  size_t n = 0;
  for (size_t k = 0; k < ncomp; k++)
    if (!known || record->count[k] >= 0.5)
      comp[n++] = k;
  if (n > 0)
    return n;
  for (size_t k = 0; k < ncomp; k++)
    comp[k] = k;
  return ncomp;
}

/* As many components beside each other as fit on the screen, and what is not shown. */
static void
print_table (const number_table *t, const size_t *comp, size_t n)
{
  const char *columns = getenv ("COLUMNS");
  int left, across;
  set_widths (t, &left, &across);
  const int wide = columns ? atoi (columns) : 80;
  const size_t fit = wide > left + across ? (size_t)((wide - left) / across) : 1;
  for (size_t first = 0; first < n; first += fit)
    print_part (&(part){ t, comp + first, n - first < fit ? n - first : fit, left, across });
  if (t->nhidden)
    printf ("  (%zu correlations are not shown; --correlations shows them)\n", t->nhidden);
  if (n < t->ncomp)
    printf ("\n%zu component%s hold%s no rows (prior)\n", t->ncomp - n, plural (t->ncomp - n),
            t->ncomp - n == 1 ? "s" : "");
}

int
report_components (const elbo_model *model, const elbo_record *record, int correlations)
{
  number_table t;
  size_t *comp = calloc (elbo_model_ncomp (model), sizeof *comp);
  int status = correlations ? table_make_all (&t, model, record) : table_make (&t, model, record);
  if (!comp || status)
    status = complain_memory ();
  else
    {
      print_table (&t, comp, choose_components (model, record, comp));
      report_learned (model, record);
    }
  table_free (&t);
  free (comp);
  return status;
}

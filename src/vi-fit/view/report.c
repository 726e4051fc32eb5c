/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report: what was fitted, the table of the search, the components. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/view/view.h"

enum
{
  LABEL = 22,         /* least width of the left column ... */
  LABEL_MOST = 40,    /* ... which grows with the names up to this */
  CELL = 19,          /* least width of a component, with the blank before it */
  MOST_LINES = 10,    /* of the table of the search */
  MOST_CORRELATED = 6 /* columns up to which correlations are printed */
};

void
report_title (const elbo_model *model)
{
  static const char *const how[] = { [ELBO_ML] = "by maximum likelihood (EM)",
                                     [ELBO_MAP] = "by posterior mode (MAP-EM)",
                                     [ELBO_VB] = "by variational inference" };
  const elbo_method method = elbo_model_method (model);
  const size_t g = gauss_block (model), nblock = elbo_model_nblock (model);
  const char *word = method == ELBO_VB ? "Bayesian " : "";
  if (g == nblock)
    printf ("%s%s %s\n", word, method == ELBO_VB ? "mixture" : "Mixture", how[method]);
  else
    printf ("%s%s mixture, %s covariance, %s\n", word, nblock > 1 ? "mixed-type" : "Gaussian",
            elbo_covariance_name (elbo_model_block (model, g)->family), how[method]);
}

/* Order of the lines that are printed: as tried, or the best ten when there are more. */
static const elbo_record *sorted_record;
static int sorted_by_bic;

static double
quality (size_t i)
{
  const elbo_choice *c = &sorted_record->choice[i];
  return sorted_by_bic ? -c->criteria.bic : c->elbo + c->log_p;
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
  const elbo_choice *c = &record->choice[i];
  char again[48];
  snprintf (again, sizeof again, "%zu/%zu", c->found_again, record->starts);
  printf ("%s%3zu", chosen && use_color () ? "\033[1m" : "", c->components);
  if (structures)
    printf ("  %-9s", c->covariance ? c->covariance : "-");
  if (posterior)
    printf (" %11.2f %11.2f %11.3f %13s %12zu%s", c->elbo, c->elbo + c->log_p, c->probability,
            again, c->iterations, chosen ? "   <- chosen" : "");
  else
    printf (" %11.2f %5zu %11.2f %11.2f %11.2f %8s %6zu%s", c->elbo, c->criteria.parameters,
            c->criteria.bic, c->criteria.icl, c->criteria.aic, again, c->iterations,
            chosen ? "  <- lowest BIC" : "");
  puts (chosen && use_color () ? "\033[0m" : "");
}

/* Which K another criterion would choose. */
static void
note_criteria (const elbo_record *record)
{
  size_t bic = 0, icl = 0, aic = 0;
  for (size_t i = 1; i < record->nchoice; i++)
    {
      const elbo_criteria *c = &record->choice[i].criteria;
      bic = c->bic < record->choice[bic].criteria.bic ? i : bic;
      icl = c->icl < record->choice[icl].criteria.icl ? i : icl;
      aic = c->aic < record->choice[aic].criteria.aic ? i : aic;
    }
  if (aic != bic)
    printf ("  AIC would choose K = %zu", record->choice[aic].components);
  if (icl != bic)
    printf ("%sICL would choose K = %zu", aic != bic ? "; " : "  ", record->choice[icl].components);
  else if (aic != bic)
    printf ("; ICL agrees with BIC");
  if (aic != bic || icl != bic)
    putchar ('\n');
}

void
report_selection (const elbo_model *model, const elbo_record *record)
{
  const int posterior = elbo_model_method (model) == ELBO_VB;
  const size_t g = gauss_block (model);
  const char *covariance = g < elbo_model_nblock (model)
                               ? elbo_covariance_name (elbo_model_block (model, g)->family)
                               : NULL;
  int structures = 0;
  size_t *order = calloc (record->nchoice + 1, sizeof *order);
  if (!order)
    return;
  for (size_t i = 1; i < record->nchoice; i++)
    structures |= record->choice[i].covariance != record->choice[0].covariance;
  const size_t n = line_order (record, !posterior, order);
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
      const elbo_choice *c = &record->choice[order[i]];
      const int chosen = c->components == elbo_model_ncomp (model)
                         && (!structures || !covariance || !c->covariance
                             || strcmp (covariance, c->covariance) == 0);
      choice_line (record, order[i], posterior, structures, chosen && record->nchoice > 1);
    }
  if (n < record->nchoice)
    printf ("  (the best %zu of %zu)\n", n, record->nchoice);
  if (!posterior && record->nchoice > 1)
    note_criteria (record);
  free (order);
}

/* A part of the components that fits on the screen. */
typedef struct
{
  const elbo_model *model;
  const elbo_record *record;
  size_t first, last; /* components */
  int label;          /* width of the left column */
  int cell;           /* width of a component, with the blank before it */
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

/* Room for the names of columns and of pairs of them. */
static int
label_width (const elbo_model *model, const elbo_record *record)
{
  size_t longest = 0, second = 0;
  const size_t g = gauss_block (model);
  const int pairs
      = g < elbo_model_nblock (model) && elbo_model_block (model, g)->dim <= MOST_CORRELATED;
  for (size_t j = 0; j < record->ncolumn; j++)
    {
      const size_t length = (size_t)letters (clean (record->column[j].name));
      second = length > longest ? longest : length > second ? length : second;
      longest = length > longest ? length : longest;
    }
  const size_t width = 5 + longest + (pairs ? second + 1 : 0);
  return width < LABEL ? LABEL : width > LABEL_MOST ? LABEL_MOST : (int)width;
}

/* A label with nothing beside it. */
static void
heading (const char *text)
{
  printf ("  %s\n", text);
}

/* Digits after the point so that `error` shows two significant ones. */
static int
decimals (double error)
{
  const double n = 1 - floor (log10 (error));
  return n < 0 ? 0 : n > 12 ? 12 : (int)n;
}

/* Is a number of this precision readable without an exponent? */
static int
is_plain (double value, double error)
{
  return error >= 1e-6 && error < 1e15 && fabs (value) < 1e15;
}

/* A value with the digits that its error leaves it, but no more than doubles have. */
static void
to_precision (char *text, size_t size, double value, double error)
{
  const double place = value != 0 ? floor (log10 (fabs (value))) : floor (log10 (error));
  if (is_plain (value, error))
    {
      const int most = place > 0 ? 15 - (int)place : 15, n = decimals (error);
      snprintf (text, size, "%.*f", n < most ? n : most, value);
    }
  else
    {
      const double n = place - floor (log10 (error)) + 1;
      snprintf (text, size, "%.*e", n < 1 ? 1 : n > 15 ? 15 : (int)n, value);
    }
}

/* "value +- error". */
void
cell_text (char *text, size_t size, double value, double error)
{
  char number[40];
  if (!(error > 0) || !isfinite (error))
    {
      snprintf (text, size, "%.6g", value);
      return;
    }
  to_precision (number, sizeof number, value, error);
  if (is_plain (value, error))
    snprintf (text, size, "%s +- %.*f", number, decimals (error), error);
  else
    snprintf (text, size, "%s +- %.1e", number, error);
}

static void
cell (const part *p, double value, double error)
{
  char text[80];
  cell_text (text, sizeof text, value, error);
  printf (" %*s", p->cell - 1, text);
}

/* Three significant digits, as a plain number where that is readable. */
static void
cell_digits (const part *p, double value)
{
  char text[64];
  const double size = fabs (value);
  if (size >= 1e-4 && size < 1e7)
    snprintf (text, sizeof text, "%.*f", size < 1000 ? decimals (size) + 1 : 0, value);
  else
    snprintf (text, sizeof text, size > 0 ? "%.2e" : "%g", value);
  printf (" %*s", p->cell - 1, text);
}

static int
weights (const part *p)
{
  double *weight = calloc (elbo_model_ncomp (p->model), sizeof *weight);
  if (!weight)
    return EXIT_DATA;
  elbo_model_weights (p->model, weight);
  label (p, 2, "weight");
  for (size_t k = p->first; k < p->last; k++)
    {
      const double error = weight_error (p->model, k);
      if (error > 0)
        cell (p, weight[k], error);
      else
        printf (" %*.3f", p->cell - 1, weight[k]);
    }
  putchar ('\n');
  if (p->record->count)
    {
      char text[48];
      snprintf (text, sizeof text, "rows (of %.10g)", p->record->weight);
      label (p, 2, text);
      for (size_t k = p->first; k < p->last; k++)
        printf (" %*.1f", p->cell - 1, p->record->count[k]);
      putchar ('\n');
    }
  if (can_draw ())
    {
      label (p, 2, "");
      for (size_t k = p->first; k < p->last; k++)
        draw_bar (weight[k], p->cell);
      putchar ('\n');
    }
  free (weight);
  return 0;
}

/* The mean of column j in component k, from the covariances [K x D x D]: with its error, or to a
   tenth of the standard deviation. */
void
mean_text (const elbo_model *model, size_t b, const double *covariance, size_t k, size_t j,
           char *text, size_t size)
{
  const size_t dim = elbo_model_block (model, b)->dim;
  size_t extent[3];
  const double error = mean_error (model, b, k, j);
  const double mean = block_field (model, b, "mean", extent)[k * dim + j];
  if (error > 0)
    cell_text (text, size, mean, error);
  else
    to_precision (text, size, mean, sqrt (covariance[(k * dim + j) * dim + j]) / 10);
}

/* The three tables of the Gaussian columns, from the covariances [K x D x D]. */
static void
gauss_tables (const part *p, size_t b, const double *covariance)
{
  const elbo_block *block = elbo_model_block (p->model, b);
  const size_t dim = block->dim, square = dim * dim;
  const elbo_column *column = p->record->column + block->column;
  heading ("mean");
  for (size_t j = 0; j < dim; j++)
    {
      label (p, 4, column[j].name);
      for (size_t k = p->first; k < p->last; k++)
        {
          char text[80];
          mean_text (p->model, b, covariance, k, j, text, sizeof text);
          printf (" %*s", p->cell - 1, text);
        }
      putchar ('\n');
    }
  heading ("standard deviation");
  for (size_t j = 0; j < dim; j++)
    {
      label (p, 4, column[j].name);
      for (size_t k = p->first; k < p->last; k++)
        cell_digits (p, sqrt (covariance[k * square + j * dim + j]));
      putchar ('\n');
    }
  if (dim < 2 || dim > MOST_CORRELATED || block->family == elbo_gauss_diag
      || block->family == elbo_gauss_iso)
    return;
  heading ("correlation");
  for (size_t i = 0; i < dim; i++)
    for (size_t j = i + 1; j < dim; j++)
      {
        char text[240];
        snprintf (text, sizeof text, "%.110s,%.110s", clean (column[i].name),
                  clean (column[j].name));
        label (p, 4, text);
        for (size_t k = p->first; k < p->last; k++)
          {
            const double *c = covariance + k * square;
            printf (" %*.3f", p->cell - 1, c[i * dim + j] / sqrt (c[i * dim + i] * c[j * dim + j]));
          }
        putchar ('\n');
      }
}

static void
gauss (const part *p, size_t b)
{
  double *covariance = covariances (p->model, b);
  if (covariance)
    gauss_tables (p, b, covariance);
  free (covariance);
}

/* Room for the widest mean: columns far from zero, or of tiny units, take more. */
static int
cell_width (const elbo_model *model)
{
  const size_t b = gauss_block (model);
  int widest = CELL;
  if (b == elbo_model_nblock (model))
    return widest;
  double *covariance = covariances (model, b);
  for (size_t k = 0; covariance && k < elbo_model_ncomp (model); k++)
    for (size_t j = 0; j < elbo_model_block (model, b)->dim; j++)
      {
        char text[80];
        mean_text (model, b, covariance, k, j, text, sizeof text);
        const int width = (int)strlen (text) + 2;
        widest = width > widest ? width : widest;
      }
  free (covariance);
  return widest;
}

static void
discrete (const part *p, size_t b)
{
  const elbo_block *block = elbo_model_block (p->model, b);
  const int categories = block->family == elbo_categorical;
  const int counts = block->family == elbo_poisson;
  for (size_t j = 0; j < block->dim; j++)
    {
      const elbo_column *column = &p->record->column[block->column + j];
      char text[240];
      snprintf (text, sizeof text, "%s%.200s", counts ? "mean of " : "", clean (column->name));
      if (!categories && !counts && column->nlevel == 2)
        snprintf (text, sizeof text, "%.110s = %.110s", clean (column->name),
                  clean (column->level[1]));
      if (categories)
        heading (clean (text));
      else
        label (p, 2, text);
      for (size_t k = p->first; k < p->last && !categories; k++)
        if (counts)
          cell_digits (p, expected (p->model, b, k, j, 0));
        else
          printf (" %*.3f", p->cell - 1, expected (p->model, b, k, j, 0));
      if (!categories)
        putchar ('\n');
      for (size_t l = 0; l < block->level && categories; l++)
        {
          label (p, 4, l < column->nlevel ? column->level[l] : "?");
          for (size_t k = p->first; k < p->last; k++)
            printf (" %*.3f", p->cell - 1, expected (p->model, b, k, j, l));
          putchar ('\n');
        }
    }
}

void
report_components (const elbo_model *model, const elbo_record *record)
{
  const size_t ncomp = elbo_model_ncomp (model);
  const char *columns = getenv ("COLUMNS");
  const int wide = columns ? atoi (columns) : 80, left = label_width (model, record);
  const int across = cell_width (model);
  const size_t fit = wide > left + across ? (size_t)((wide - left) / across) : 1;
  for (size_t first = 0; first < ncomp; first += fit)
    {
      const part p
          = { model, record, first, first + fit < ncomp ? first + fit : ncomp, left, across };
      putchar ('\n');
      label (&p, 0, "Components");
      for (size_t k = p.first; k < p.last; k++)
        printf (" %*zu", p.cell - 1, k + 1);
      putchar ('\n');
      if (weights (&p))
        return;
      for (size_t b = 0; b < elbo_model_nblock (model); b++)
        if (elbo_covariance_name (elbo_model_block (model, b)->family))
          gauss (&p, b);
        else
          discrete (&p, b);
    }
}

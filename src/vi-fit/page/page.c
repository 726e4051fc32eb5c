/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report of a fit as one page that opens anywhere: no scripts, nothing from elsewhere. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/page/page.h"

enum
{
  MOST_LEVELS = 12
};

const char *
page_file (const elbo_record *r)
{
  const char *slash = r->data_file ? strrchr (r->data_file, '/') : NULL;
  return slash ? slash + 1 : r->data_file ? r->data_file : "data";
}

void
page_fitted (FILE *f, const subject *s)
{
  static const char *const how[] = { [ELBO_ML] = "maximum likelihood (EM)",
                                     [ELBO_MAP] = "posterior mode (MAP-EM)",
                                     [ELBO_VB] = "variational inference" };
  const elbo_record *r = s->record;
  fprintf (f, "Fitted by %s to %zu rows and %zu column%s", how[elbo_model_method (s->model)],
           r->rows, r->ncolumn, r->ncolumn == 1 ? "" : "s");
  if (covariance_of (s->model))
    fprintf (f, ", %s covariance", covariance_of (s->model));
}

static void
write_head (FILE *f, const subject *s)
{
  static const char *const *const style[] = { asset_page_css, NULL };
  const elbo_record *r = s->record;
  const size_t ncomp = elbo_model_ncomp (s->model);
  const elbo_method method = elbo_model_method (s->model);
  char title[320];
  snprintf (title, sizeof title, "%.280s: a mixture of %zu component%s", page_file (r), ncomp,
            ncomp == 1 ? "" : "s");
  html_begin (f, title, style, 0);
  fputs ("<p>", f);
  page_fitted (f, s);
  fprintf (f, ". %s ",
           method == ELBO_VB   ? "ELBO"
           : method == ELBO_ML ? "Log-likelihood"
                               : "Log-posterior");
  html_number (f, r->elbo, "%.6f", r->elbo);
  fprintf (f, " nats, %s after %zu iterations.</p>\n", r->converged ? "converged" : "NOT converged",
           r->iterations);
}

void
page_warnings (FILE *f, const elbo_record *r)
{
  for (size_t i = 0; i < r->nwarning; i++)
    {
      fputs ("<p class=\"warning\">Warning: ", f);
      html_text (f, r->warning[i]);
      fputs ("</p>\n", f);
    }
}

/* The command as a shell would take it, and what it leaves to defaults. */
void
page_asked (FILE *f, const subject *s)
{
  const elbo_record *r = s->record;
  fputs ("<h2>What was asked</h2>\n<pre><code>", f);
  for (size_t i = 0; i < r->ncommand; i++)
    {
      html_text (f, i ? " " : "");
      html_text (f, shell_quoted (r->command[i]));
    }
  fputs ("</code></pre>\n", f);
  html_table (f);
  fputs ("<tbody>\n", f);
  html_fact (f, "method", elbo_method_name (elbo_model_method (s->model)));
  if (covariance_of (s->model))
    html_fact (f, "covariance", covariance_of (s->model));
  html_fact (f, "weights", elbo_weights_name (elbo_model_latent (s->model)));
  if (elbo_model_method (s->model) != ELBO_ML)
    page_prior (f, s->model);
  html_fact_number (f, "starts for each K", (double)r->starts, "%.0f");
  html_fact_number (f, "seed", (double)r->seed, "%.0f");
  html_table_end (f);
}

/* levels: the table has a column for categories. */
static void
column_row (FILE *f, const elbo_column *column, const char *type, int levels)
{
  const int gauss = strcmp (type, "gaussian") == 0;
  fputs ("<tr><td>", f);
  html_text (f, column->name);
  fprintf (f, "</td><td>%s</td><td>", type);
  if (gauss)
    html_number (f, column->mean, "%.6g", column->mean);
  fputs ("</td><td>", f);
  if (gauss)
    html_number (f, column->sd, "%.6g", column->sd);
  fputs (levels ? "</td><td>" : "</td>", f);
  for (size_t l = 0; l < column->nlevel && l < MOST_LEVELS; l++)
    {
      html_text (f, l ? ", " : "");
      html_text (f, column->level[l]);
    }
  fputs (column->nlevel > MOST_LEVELS ? ", ..." : "", f);
  fputs (levels ? "</td></tr>\n" : "</tr>\n", f);
}

static void
write_data (FILE *f, const subject *s)
{
  const elbo_record *r = s->record;
  int levels = 0;
  fputs ("<h2>Data</h2>\n", f);
  html_table (f);
  fputs ("<tbody>\n", f);
  html_fact (f, "file", r->data_file);
  html_fact_number (f, "rows", (double)r->rows, "%.0f");
  if (r->weight < (double)r->rows || r->weight > (double)r->rows)
    html_fact_number (f, "sum of weights", r->weight, "%.10g");
  html_fact_number (f, "rows with missing cells", (double)r->rows_with_missing, "%.0f");
  html_table_end (f);
  for (size_t j = 0; j < r->ncolumn; j++)
    levels |= r->column[j]->nlevel > 0;
  html_table (f);
  fprintf (f,
           "<thead><tr><th>column</th><th>modelled as</th><th>mean</th><th>sd</th>%s</tr>"
           "</thead><tbody>\n",
           levels ? "<th>categories</th>" : "");
  for (size_t b = 0; b < elbo_model_nblock (s->model); b++)
    {
      const elbo_block *block = elbo_model_block (s->model, b);
      for (size_t j = block->column; j < block->column + block->dim; j++)
        column_row (f, r->column[j],
                    block->family->structure ? "gaussian" : block->family->base->name, levels);
    }
  html_table_end (f);
}

static void
number_cell (FILE *f, double value, const char *format)
{
  char text[60];
  snprintf (text, sizeof text, format, value);
  fputs ("<td>", f);
  html_number (f, value, "%s", text);
  fputs ("</td>", f);
}

static void
choice_row (FILE *f, const subject *s, const elbo_choice *c)
{
  const int chosen = is_chosen (s->model, c);
  fprintf (f, "<tr%s><td>%zu</td><td>%s</td>", chosen ? " class=\"chosen\"" : "", c->components,
           c->covariance ? c->covariance : "-");
  number_cell (f, c->elbo, "%.2f");
  if (elbo_model_method (s->model) == ELBO_VB)
    {
      number_cell (f, c->elbo + c->log_p, "%.2f");
      number_cell (f, c->probability, "%.3f");
    }
  else
    {
      number_cell (f, (double)c->parameters, "%.0f");
      number_cell (f, c->bic, "%.2f");
      number_cell (f, c->icl, "%.2f");
      number_cell (f, c->aic, "%.2f");
    }
  fprintf (f, "<td>%zu/%zu</td><td>%zu</td><td>%s</td></tr>\n", c->found_again,
           c->runs ? c->runs : s->record->starts, c->iterations,
           chosen ? "chosen" : elbo_doubt_name (c->doubt));
}

static void
write_selection (FILE *f, const subject *s)
{
  const int posterior = elbo_model_method (s->model) == ELBO_VB;
  fputs ("<h2>Selection</h2>\n", f);
  fputs (posterior
             ? "<p>By ELBO + log P; higher is better. The ELBO counts one of the P ways to number "
               "the components, which fit alike (K! where all differ); log P adds the others. "
               "P(K | data) is each K's share of exp(ELBO + log P): its posterior probability if "
               "the K tried were equally likely before.</p>\n"
             : "<p>By BIC; the criteria are lower for a better fit.</p>\n",
         f);
  html_table (f);
  fprintf (f,
           "<thead><tr><th>K</th><th>covariance</th>%s<th>found again</th><th>iterations</th>"
           "<th></th></tr></thead><tbody>\n",
           posterior ? "<th>ELBO</th><th>+ log P</th><th>P(K | data)</th>"
                     : "<th>objective</th><th>parameters</th><th>BIC</th><th>ICL</th><th>AIC</th>");
  for (size_t i = 0; i < s->record->nchoice; i++)
    choice_row (f, s, s->record->choice[i]);
  html_table_end (f);
}

static int
write_components (FILE *f, const subject *s)
{
  number_table t;
  const int status = table_make (&t, s->model, s->record);
  fputs ("<h2>Components</h2>\n", f);
  html_table (f);
  html_components (f, t.ncomp);
  for (size_t i = 0; i < t.nrow && !status; i++)
    {
      const table_row *row = &t.row[i];
      if (table_heads (&t, i))
        html_heading (f, row->heading, t.ncomp);
      html_row (f, row->name, row->heading != NULL);
      for (size_t k = 0; k < t.ncomp; k++)
        {
          char text[CELL_TEXT];
          table_text (row, k, text);
          fputs ("<td>", f);
          html_number (f, row->value[k], "%s", text);
          fputs ("</td>", f);
        }
      fputs ("</tr>\n", f);
    }
  html_table_end (f);
  if (elbo_model_method (s->model) == ELBO_VB)
    fputs ("<p class=\"small\">&plusmn;: for weights the standard deviation of the posterior, for "
           "means the scale of its Student t.</p>\n",
           f);
  table_free (&t);
  return status;
}

static void
write_diagnostics (FILE *f, const page *p)
{
  static const char *const name[ELBO_NTERM]
      = { "reconstruction", "&minus; KL assignments", "&minus; KL weights", "&minus; KL components",
          "+ log prior" };
  const elbo_record *r = p->subject->record;
  fputs ("<h2>Diagnostics</h2>\n", f);
  html_table (f);
  fputs ("<tbody>\n", f);
  html_fact (f, "stopped by", r->reason);
  html_fact_number (f, "iterations", (double)r->iterations, "%.0f");
  html_fact_number (f, "chosen start", (double)r->start, "%.0f");
  html_fact_number (f, "starts that found it again", (double)r->found_again, "%.0f");
  for (size_t i = 0; i < ELBO_NTERM; i++)
    html_fact_number (f, name[i], r->term[i] + 0.0, "%.6f");
  html_fact_number (f, "<b>sum: the bound</b>", r->elbo, "%.6f");
  html_table_end (f);
  if (p->sure.counted > 0)
    {
      fputs ("<p>", f);
      html_number (f, p->sure.certain, "%.10g", p->sure.certain);
      fputs (" of ", f);
      html_number (f, p->sure.counted, "%.10g", p->sure.counted);
      fprintf (f,
               " rows belong to one component with probability above 0.9; the least certain is "
               "line %zu (",
               p->sure.line);
      html_number (f, p->sure.least, "%.3f", p->sure.least);
      fputs (").</p>\n", f);
    }
}

void
page_again (FILE *f, const elbo_record *r, double seconds)
{
  fputs ("<h2>To get this again</h2>\n", f);
  html_table (f);
  fputs ("<tbody>\n", f);
  html_fact (f, "written by", r->written_by);
  html_fact (f, "SHA-256 of the data", r->data_sha256);
  html_fact_number (f, "seed", (double)r->seed, "%.0f");
  html_fact_number (f, "seconds", seconds, "%.1f");
  html_table_end (f);
  fputs ("<p class=\"small\">The same data, options and seed give the same numbers on any number "
         "of threads and for any order of the rows.</p>\n",
         f);
}

/* A picture, if it can be drawn; 0 or an exit code with the message said. */
static int
write_picture (FILE *f, const page *p, picture_kind kind, const char *title)
{
  char *svg = NULL;
  int status = 0;
  if (!picture_lacks (kind, p->subject))
    status = picture_text (kind, p->subject, "a picture of the page", &svg);
  if (svg)
    html_picture (f, svg, title, (int)kind + 1);
  free (svg);
  return status;
}

/* The rows and the bound, as far as they are drawn. */
static int
write_fit (FILE *f, const page *p)
{
  const subject *s = p->subject;
  char title[400], columns[80] = "";
  size_t column[MOST_SCATTER];
  const size_t n = scatter_columns (s, column), b = place_block (s->model);
  const size_t dim = n ? elbo_model_block (s->model, b)->dim : 0;
  if (n < dim)
    snprintf (columns, sizeof columns, "%zu of %zu columns, those that differ most. ", n, dim);
  snprintf (title, sizeof title, "%s%s%s", columns,
            n > 1    ? "Rows in the colour of their most likely component, with the ellipses that "
                       "hold 50 % and 95 % of each"
            : n == 1 ? "Grey: histogram of the rows; lines: the density of each component times "
                       "its weight, dashes: their sum"
                     : "",
            !subject_chosen (s) ? "."
            : n                 ? "; the bound of every start, the chosen one dark."
                                : "The bound of every start, the chosen one dark.");
  return write_picture (f, p, PICTURE_FIT, title);
}

int
page_write (FILE *f, const page *p)
{
  const subject *s = p->subject;
  write_head (f, s);
  page_warnings (f, s->record);
  int drawn = write_fit (f, p);
  page_asked (f, s);
  write_data (f, s);
  write_selection (f, s);
  if (s->record->nchoice > 1)
    drawn |= write_picture (f, p, PICTURE_SELECTION,
                            "The criteria against the number of components.");
  const int status = write_components (f, s);
  drawn |= write_picture (f, p, PICTURE_INTERVALS,
                          elbo_model_method (s->model) == ELBO_VB
                              ? "Weights and means with 95 % posterior intervals."
                              : "Weights and means: point estimates, without intervals.");
  write_diagnostics (f, p);
  drawn |= write_picture (f, p, PICTURE_TERMS,
                          "The terms of the bound; they sum to the first panel.");
  drawn |= write_picture (f, p, PICTURE_UNCERTAINTY,
                          "Responsibilities of the rows, and what is left to "
                          "other components.");
  page_again (f, s->record, p->seconds);
  html_end (f);
  if (status || ferror (f))
    complain ("out of memory");
  return drawn || status || ferror (f) ? EXIT_DATA : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of vi-fit steps: records and beliefs as JSON, and a script that shows one half-step of
   them at a time (lesson.js).  Without scripts the table of half-steps is there to be read. */
#include <config.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "vi-fit/page/page.h"

enum
{
  FEW_STEPS = 6 /* half-steps that are seen to move, below which another start teaches more */
};

static const char *const method_title[] = {
  [ELBO_ML] = "EM", [ELBO_MAP] = "EM for the posterior mode", [ELBO_VB] = "variational Bayes"
};

/* --- words ----------------------------------------------------------------------------------- */

static void
write_lead (FILE *f, const lesson *l)
{
  const elbo_record *r = l->subject->record;
  fputs ("<p>", f);
  page_fitted (f, l->subject);
  fprintf (f, ": K&nbsp;= %zu, start %zu of %zu, %s after %zu half-steps.</p>\n",
           elbo_model_ncomp (l->subject->model), r->start, r->starts,
           r->converged ? "converged" : "NOT converged", l->nrecord);
  page_warnings (f, r);
}

/* What is going to be seen, and the identity behind it. */
static void
write_idea (FILE *f, elbo_method method)
{
  const char *top = method == ELBO_MAP ? "log-posterior" : "log-likelihood";
  if (method == ELBO_VB)
    fputs (
        "<p>Every pass has two half-steps. <b>E</b> chooses the best q(z), the responsibilities; "
        "<b>M</b> the best q(&theta;), the belief about weights and components. Each raises the "
        "ELBO as far as that factor can, so the ELBO climbs a staircase, and the KL from q to the "
        "exact posterior shrinks by the same amounts.</p>\n",
        f);
  else
    fprintf (f,
             "<p>Every pass has two half-steps. <b>E</b> sets q(z) to the posterior of the labels: "
             "the ELBO rises until it touches the %s, and the gap, a KL divergence, is 0. <b>M</b> "
             "sets the parameters &theta; to their best for this q: the ELBO rises again, the %s "
             "still more, and the gap opens. The ELBO never falls, nor does the %s.</p>\n",
             top, top, top);
}

/* Half-steps that gain a hundredth of all that is gained: what can be seen on the staircase. */
static size_t
visible_steps (const lesson *l)
{
  const double all = l->record[l->nrecord - 1].elbo - l->record[0].elbo;
  size_t n = 0;
  for (size_t i = 1; i < l->nrecord; i++)
    n += l->record[i].elbo - l->record[i - 1].elbo > 0.01 * all;
  return n;
}

/* A start by k-means leaves little to do where components lie apart. */
static void
write_hint (FILE *f, const lesson *l)
{
  const elbo_record *r = l->subject->record;
  for (size_t i = 0; i < r->ncommand; i++)
    if (strncmp (r->command[i], "--start", strlen ("--start")) == 0)
      return;
  if (l->subject->data && elbo_model_ncomp (l->subject->model) > 1 && visible_steps (l) < FEW_STEPS)
    fputs ("<p class=\"small\">The start, by k-means, had done most of the work before the first "
           "half-step. To see the fit find the components by itself, add <code>--start=random"
           "</code>.</p>\n",
           f);
}

static void
write_notes (FILE *f, const lesson *l)
{
  const elbo_model *model = l->subject->model;
  const size_t n = elbo_data_rows (l->subject->data), g = place_block (l->subject->model);
  if (l->nstep < l->nrecord)
    fprintf (f,
             "<p class=\"small\">The fit took %zu half-steps; %zu of them are here: the first "
             "ones all, later ones where the bound moves.</p>\n",
             l->nrecord, l->nstep);
  if (l->stride > 1 && l->ncolumn)
    fprintf (f, "<p class=\"small\">%zu of %zu rows are drawn, each %zuth; all were fitted.</p>\n",
             l->nshown, n, l->stride);
  if (!l->ncolumn)
    fputs ("<p class=\"small\">The model has no numeric columns, so there are no ellipses to draw: "
           "the staircase, the bound and the parameters of the components are shown.</p>\n",
           f);
  else if (elbo_model_nblock (model) > 1)
    fputs (
        "<p class=\"small\">Numeric columns are drawn; the others take part in the fit, and their "
        "parameters are in the table of components.</p>\n",
        f);
  if (l->ncolumn && l->ncolumn < elbo_model_block (model, g)->dim)
    fprintf (f,
             "<p class=\"small\">Of %zu numeric columns the %zu that separate the components best "
             "are shown.</p>\n",
             elbo_model_block (model, g)->dim, l->ncolumn);
}

/* --- the table of components, its cells empty --------------------------------------------------- */

static void
write_cells (FILE *f, size_t ncomp, const char *row)
{
  for (size_t k = 0; k < ncomp; k++)
    fprintf (f, "<td data-cell=\"%s,%zu\"></td>", row, k);
  fputs ("</tr>\n", f);
}

static void
write_components (FILE *f, const lesson *l)
{
  const size_t ncomp = elbo_model_ncomp (l->subject->model);
  const char *before = NULL;
  fputs ("<section>\n<h2>Components at this half-step</h2>\n", f);
  html_table (f);
  html_components (f, ncomp);
  for (size_t i = 0; i < l->nrow; i++)
    {
      const table_row *row = &l->table.row[l->row[i]];
      char number[24];
      if (row->heading && row->heading != before)
        html_heading (f, row->heading, ncomp);
      before = row->heading;
      html_row (f, row->name, row->heading != NULL);
      snprintf (number, sizeof number, "%zu", i);
      write_cells (f, ncomp, number);
      if (i == 0)
        {
          html_row (f, "rows (expected)", 0);
          write_cells (f, ncomp, "count");
        }
    }
  html_table_end (f);
  if (l->nleft)
    fprintf (f, "<p class=\"small\">(%zu more parameters are left out)</p>\n", l->nleft);
  if (elbo_model_method (l->subject->model) == ELBO_VB)
    fputs ("<p class=\"small\">Expected values under q(&theta;).</p>\n", f);
  /* this one, and what lesson.html opened */
  fputs ("</section>\n</div>\n</section>\n", f);
}

/* --- the table of half-steps -------------------------------------------------------------------- */

/* The numbers of a record in the order of a trace file, and what a page calls them. */
enum
{
  AT_ELBO,
  AT_GAIN,
  AT_TERM,
  AT_LIKELIHOOD = AT_TERM + ELBO_NTERM,
  AT_GAP,
  NUMBERS
};
static const char *const number_key[NUMBERS]
    = { "elbo",           "gain",           "reconstruction",
        "kl_assignments", "kl_weights",     "kl_components",
        "log_prior",      "log_likelihood", "gap" };
static const char *const number_title[NUMBERS]
    = { "ELBO",           "gain",           "reconstruction",
        "KL assignments", "KL weights",     "KL components",
        "log prior",      "log-likelihood", "gap" };

static void
numbers_of (const elbo_trace *t, double number[NUMBERS])
{
  number[AT_ELBO] = t->elbo;
  number[AT_GAIN] = t->gain;
  memcpy (number + AT_TERM, t->term, sizeof t->term);
  number[AT_LIKELIHOOD] = t->log_likelihood;
  number[AT_GAP] = t->gap;
}

/* Does a method know this number?  What is 0 or unknown throughout has no column. */
static int
is_known (elbo_method method, int number)
{
  const int belief = number == AT_TERM + ELBO_KL_WEIGHTS || number == AT_TERM + ELBO_KL_COMPONENTS;
  const int likelihood = number == AT_LIKELIHOOD || number == AT_GAP;
  return method == ELBO_VB    ? !likelihood && number != AT_TERM + ELBO_LOG_PRIOR
         : method == ELBO_MAP ? !belief
                              : !belief && number != AT_TERM + ELBO_LOG_PRIOR;
}

/* What rounds to 0 in six decimals is written with an exponent. */
static void
nats_cell (FILE *f, double value)
{
  fputs ("<td>", f);
  if (isfinite (value))
    html_number (f, value, fabs (value) < 5e-5 && (value < 0 || value > 0) ? "%.2e" : "%.6f",
                 value + 0.0);
  fputs ("</td>", f);
}

static void
write_steps (FILE *f, const lesson *l)
{
  const elbo_method method = elbo_model_method (l->subject->model);
  fputs (
      "<h2 id=\"all-heading\">All half-steps</h2>\n<details><summary>One line for each, as in the "
      "trace file</summary>\n",
      f);
  html_table (f);
  fputs ("<thead><tr><th>half-step</th><th>pass</th><th>half</th>", f);
  for (int i = 0; i < NUMBERS; i++)
    if (is_known (method, i))
      fprintf (f, "<th>%s</th>", number_title[i]);
  fputs ("</tr></thead><tbody id=\"all\">\n", f);
  for (size_t i = 0; i < l->nstep; i++)
    {
      const elbo_trace *t = &l->record[l->step[i].record];
      const size_t number = l->step[i].record + 1;
      double v[NUMBERS];
      numbers_of (t, v);
      fprintf (f, "<tr><td><a href=\"#step=%zu\">%zu</a></td><td>%zu</td><td>%c</td>", number,
               number, t->pass, t->half);
      for (int n = 0; n < NUMBERS; n++)
        if (is_known (method, n))
          nats_cell (f, v[n]);
      fputs ("</tr>\n", f);
    }
  html_table_end (f);
  fputs ("</details>\n", f);
}

/* --- what the script reads ---------------------------------------------------------------------- */

static void
json_numbers (FILE *f, const double *v, size_t n, const char *format)
{
  putc ('[', f);
  for (size_t i = 0; i < n; i++)
    {
      fputs (i ? "," : "", f);
      html_json_number (f, v[i], format);
    }
  putc (']', f);
}

/* The columns that are drawn: name, rows and histogram. */
static void
json_columns (FILE *f, const lesson *l)
{
  const subject *s = l->subject;
  fputs ("\"columns\":[", f);
  for (size_t i = 0; i < l->ncolumn; i++)
    {
      const size_t at = elbo_model_block (s->model, place_block (s->model))->column + l->column[i];
      bars b;
      fputs (i ? ",\n{\"name\":" : "\n{\"name\":", f);
      html_json (f, s->record->column[at]->name);
      fputs (",\"rows\":[", f);
      for (size_t n = 0; n < l->nshown; n++)
        fprintf (f, "%s%.9g", n ? "," : "", elbo_data_value (s->data, l->shown[n], at));
      bars_make (s, at, &b);
      fprintf (f, "],\"low\":%.9g,\"width\":%.9g,\"bars\":", b.low, b.width);
      json_numbers (f, b.height, (size_t)b.n, "%.6g");
      putc ('}', f);
    }
  fputs ("],\n", f);
}

static void
json_steps (FILE *f, const lesson *l)
{
  fputs ("\"steps\":[", f);
  for (size_t i = 0; i < l->nstep; i++)
    {
      const elbo_trace *t = &l->record[l->step[i].record];
      double v[NUMBERS];
      numbers_of (t, v);
      fprintf (f,
               "%s\n{\"n\":%zu,\"pass\":%zu,\"half\":\"%c\",\"tau\":%.3g,\"belief\":%zu,\"q\":%zu",
               i ? "," : "", l->step[i].record + 1, t->pass, t->half, t->tau, l->step[i].belief,
               l->step[i].q);
      if (t->move)
        fprintf (f, ",\"move\":\"%s\"", t->move);
      for (int n = 0; n < NUMBERS; n++)
        {
          fprintf (f, ",\"%s\":", number_key[n]);
          html_json_number (f, v[n], "%.17g");
        }
      putc ('}', f);
    }
  fputs ("],\n", f);
}

/* from[p]: which component of the replay is component p of the page. */
static void
json_beliefs (FILE *f, const lesson *l, const size_t *from)
{
  const size_t ncomp = elbo_model_ncomp (l->subject->model);
  const size_t triangle = l->ncolumn * (l->ncolumn + 1) / 2;
  fputs ("\"beliefs\":[", f);
  for (size_t i = 0; i < l->nbelief; i++)
    {
      const lesson_belief *b = &l->belief[i];
      fprintf (f, "%s\n{\"values\":[", i ? "," : "");
      for (size_t row = 0; row < l->nrow; row++)
        for (size_t p = 0; p < ncomp; p++)
          {
            fputs (row || p ? "," : "", f);
            html_json_number (f, b->value[row * ncomp + from[p]], "%.12g");
          }
      fputs ("],\"covariances\":[", f);
      for (size_t p = 0; p < ncomp && triangle; p++)
        {
          fputs (p ? "," : "", f);
          json_numbers (f, b->covariance + from[p] * triangle, triangle, "%.7g");
        }
      fputs ("]}", f);
    }
  fputs ("],\n", f);
}

/* Three letters a row: the likeliest component, the next, and how they share. */
static void
json_q (FILE *f, const lesson *l, const size_t *from)
{
  static const char letter[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const size_t ncomp = elbo_model_ncomp (l->subject->model);
  fprintf (f, "\"letters\":\"%s\",\n\"q\":[", letter);
  for (size_t i = 0; i < l->nq; i++)
    {
      const lesson_q *q = &l->q[i];
      fprintf (f, "%s\n{\"count\":[", i ? "," : "");
      for (size_t p = 0; p < ncomp; p++)
        {
          fputs (p ? "," : "", f);
          html_json_number (f, q->count[from[p]], "%.12g");
        }
      fputs ("],\"tone\":\"", f);
      for (size_t n = 0; n < l->nshown && l->ncolumn; n++)
        fprintf (f, "%c%c%c", letter[l->place[q->tone[n].first]],
                 letter[l->place[q->tone[n].second]], letter[q->tone[n].share]);
      fputs ("\"}", f);
    }
  fputs ("]\n", f);
}

static void
write_records (FILE *f, const lesson *l)
{
  const size_t ncomp = elbo_model_ncomp (l->subject->model);
  const elbo_record *r = l->subject->record;
  size_t from[LESSON_COMPONENTS];
  for (size_t k = 0; k < ncomp; k++)
    from[l->place[k]] = k;
  fprintf (f,
           "<script type=\"application/json\" id=\"records\">\n{\"method\":\"%s\",\"k\":%zu,"
           "\"start\":%zu,\"total\":%zu,\"converged\":%s,\n\"colours\":[",
           elbo_method_name (elbo_model_method (l->subject->model)), ncomp, r->start, l->nrecord,
           r->converged ? "true" : "false");
  for (size_t k = 0; k < HTML_COLOURS; k++)
    fprintf (f, "%s\"%s\"", k ? "," : "", html_colour (k));
  fputs ("],\n", f);
  json_columns (f, l);
  json_steps (f, l);
  json_beliefs (f, l, from);
  json_q (f, l, from);
  fputs ("}\n</script>\n<script>\n", f);
  html_asset (f, asset_lesson_js);
  fputs ("</script>\n", f);
}

int
lesson_write (FILE *f, const void *arg)
{
  static const char *const *const style[] = { asset_page_css, asset_lesson_css, NULL };
  const lesson *l = arg;
  const elbo_method method = elbo_model_method (l->subject->model);
  char title[320];
  snprintf (title, sizeof title, "%.260s: %s, half-step by half-step",
            page_file (l->subject->record), method_title[method]);
  html_begin (f, title, style, 1);
  write_lead (f, l);
  write_idea (f, method);
  html_asset (f, asset_lesson_html);
  write_components (f, l);
  write_steps (f, l);
  write_notes (f, l);
  write_hint (f, l);
  page_asked (f, l->subject);
  page_again (f, l->subject->record, l->seconds);
  write_records (f, l);
  html_end (f);
  return ferror (f) ? ELBO_EIO : GSL_SUCCESS;
}

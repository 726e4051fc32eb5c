/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Legends: what the curves of a plot are called, and what components there are. */
#include <config.h>
#include "vi-fit/picture/picture.h"

enum
{
  LEGEND_STEP = 98,
  LEGEND_ROW = 18,
  KEY_BELOW = 58, /* from the frame to its legend: ticks and label stand between */
  MOST_LEGEND = 40
};

/* gnuplot drops the titles that it thinks have no room: of an odd number the last one where the
   columns are fixed, none where the rows are.  width: its guess of a title's is generous. */
void
canvas_key (const canvas *c, frame f, int titles)
{
  fprintf (c->script,
           "set key at screen %.5f,%.5f left top vertical Left reverse samplen 3 "
           "width -2 maxrows %d\n",
           (f.left - 30) / c->width, (f.bottom - KEY_BELOW) / c->height,
           titles > 1 ? (titles + 1) / 2 : 1);
}

double
canvas_key_height (int titles)
{
  return KEY_BELOW - 40 + LEGEND_ROW * ((titles + 1) / 2);
}

/* Components in a row of the legend. */
static size_t
legend_across (double wide)
{
  return wide > LEGEND_STEP ? (size_t)(wide / LEGEND_STEP) : 1;
}

double
canvas_legend_height (const subject *s, double wide, const char *remark)
{
  const size_t ncomp = elbo_model_ncomp (s->model), across = legend_across (wide);
  const size_t rows = ncomp > MOST_LEGEND ? 0 : (ncomp + across - 1) / across;
  return LEGEND_ROW * (double)(rows + (*remark != '\0'));
}

void
canvas_legend (const canvas *c, const subject *s, double x, double y, double wide,
               const char *remark)
{
  double weight[MOST_LEGEND];
  const size_t ncomp = elbo_model_ncomp (s->model);
  const size_t across = legend_across (wide);
  if (ncomp <= MOST_LEGEND)
    elbo_model_weights (s->model, weight);
  for (size_t k = 0; k < ncomp && ncomp <= MOST_LEGEND; k++)
    {
      char share[40];
      const double percent = 100 * weight[k];
      if (subject_empty (s, k))
        snprintf (share, sizeof share, "no rows");
      else
        snprintf (share, sizeof share, percent < 10 ? "%.2g %%" : "%.1f %%", percent);
      fprintf (c->script,
               "set label '%zu  %s' at screen %.5f, screen %.5f left point pointtype "
               "shape(%zu) pointsize 0.9 linecolor rgb color(%zu) offset 1,-0.1\n",
               k + 1, share, (x + LEGEND_STEP * (double)(k % across)) / c->width,
               (y - LEGEND_ROW * (double)(k / across)) / c->height, k + 1, k + 1);
    }
  if (*remark)
    fprintf (c->script, "set label '%s' at screen %.5f, screen %.5f left textcolor rgb '#505050'\n",
             remark, (x - 6) / c->width,
             (y + LEGEND_ROW - canvas_legend_height (s, wide, remark)) / c->height);
  /* every plot shows the labels that are set: a plot of nothing shows these, once */
  fputs ("set lmargin at screen 0\nset rmargin at screen 1\nset bmargin at screen 0\n"
         "set tmargin at screen 1\nunset border\nunset tics\nset xrange [0:1]\n"
         "set yrange [0:1]\nplot 2 notitle\n",
         c->script);
}

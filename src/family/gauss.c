/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The structures of covariance of the Gaussian families; see gauss.h.  A structure is a row: its
   letters, its form of scoring, its tables and its beliefs.

   Check: K = 1, X = (0,0),(1,.5),(.5,1.5),(4,4),(5,3.5),(4.5,5.5), mean 0: log evidence of full
   (kappa 1, df 3, scale I) -28.007723671810, of diag and iso (kappa = shape = rate = 1)
   -31.469288382562 and -30.342555194459.  With r_1 = (.9,.8,.6,.4,.2,.1), K = 2, tied after the
   first M: df = 9, scale = (29.76375, 25.76375, 28.26375), bound -30.5238025348. */
#include <config.h>
#include <math.h>
#include "family/gauss.h"

/* Celeux & Govaert (1995), table 1: volumes, shapes and orientations are equal or vary. */
size_t
elbo_gauss_freedom (const elbo_shape *s)
{
  const size_t K = s->ncomp, D = s->dim;
  const size_t part[] = { 1, D - 1, D * (D - 1) / 2 };
  size_t sum = K * D;
  for (size_t i = 0; i < 3; i++)
    sum += part[i] * (elbo_gauss_of (s)->letters[i] == 'V' ? K : 1)
           * (elbo_gauss_of (s)->letters[i] != 'I');
  return sum;
}

int
elbo_gauss_check (const elbo_shape *s, const elbo_tile *tile, size_t *row, size_t *column)
{
  for (size_t d = 0; d < s->dim; d++)
    for (size_t i = 0; i < tile->n; i++)
      if (!(fabs (tile->x[d * ELBO_TILE + i]) < 1e150)) /* rows of weight 0 may lie that far out */
        {
          *row = i;
          *column = d;
          return elbo_fail (ELBO_EDATA,
                            "a Gaussian column needs finite numbers whose squares are finite");
        }
  return GSL_SUCCESS;
}

/* id: of the C names; NAME: what files and options call it; believed: the prior and its posterior. */
#define STRUCTURE(id, code, NAME, scored, statistic, coefficients, before, guessed, pointed, \
                  believed, scales, book) \
  static const elbo_gauss kind_##id = { code, scored }; \
  static const elbo_factor factor_##id = { .size = ELBO_SIZE (elbo_factor), \
                                           .field_size = ELBO_SIZE (elbo_field), \
                                           .name = "gauss_" #id, \
                                           .source = book, \
                                           .kind = &kind_##id, \
                                           .prior = before, \
                                           .stat = statistic, \
                                           .coef = coefficients, \
                                           .guess = guessed, \
                                           .flatten = elbo_gauss_flatten, \
                                           .sum = elbo_gauss_sum, \
                                           .freedom = elbo_gauss_freedom, \
                                           .point = &(pointed), \
                                           .posterior = &(believed), \
                                           .rebase = elbo_gauss_rebase, \
                                           .view = elbo_gauss_view, \
                                           .limits = elbo_gauss_limits }; \
  static const elbo_family family_##id = { .size = ELBO_SIZE (elbo_family), \
                                           .base = &factor_##id, \
                                           .scaling = scales, \
                                           .check = elbo_gauss_check, \
                                           .score = SCORE_##scored, \
                                           .tally = elbo_gauss_tally, \
                                           .far = elbo_gauss_far, \
                                           .data_kind = "number", \
                                           .structure = NAME }; \
  const elbo_family *const elbo_gauss_##id = &family_##id;
#define SCORE_ELBO_FORM_OWN elbo_gauss_score_own
#define SCORE_ELBO_FORM_SHARED elbo_gauss_score_shared
#define SCORE_ELBO_FORM_COLUMN elbo_gauss_score_column

STRUCTURE (full, "VVV", "full", ELBO_FORM_OWN, elbo_gauss_stat, elbo_gauss_coef_own,
           elbo_gauss_wishart_prior, elbo_gauss_wishart_guess, elbo_gauss_point_own,
           elbo_gauss_wishart_own, ELBO_SCALE_COLUMN,
           "Bishop (2006), section 10.2; Fraley & Raftery (2007)")
STRUCTURE (tied, "EEE", "tied", ELBO_FORM_SHARED, elbo_gauss_stat, elbo_gauss_coef_shared,
           elbo_gauss_wishart_prior, elbo_gauss_wishart_guess, elbo_gauss_point_shared,
           elbo_gauss_wishart_shared, ELBO_SCALE_COLUMN,
           "Celeux & Govaert (1995), model EEE; Bishop (2006), section 10.2")
STRUCTURE (diag, "VVI", "diag", ELBO_FORM_COLUMN, elbo_gauss_stat_diagonal, elbo_gauss_coef_column,
           elbo_gauss_gamma_prior_diag, elbo_gauss_gamma_guess, elbo_gauss_point_diag,
           elbo_gauss_gamma_diag, ELBO_SCALE_COLUMN,
           "Celeux & Govaert (1995), model VVI; Bishop (2006), sections 2.3.6, 10.2")
STRUCTURE (iso, "VII", "spherical", ELBO_FORM_COLUMN, elbo_gauss_stat_diagonal,
           elbo_gauss_coef_column, elbo_gauss_gamma_prior_iso, elbo_gauss_gamma_guess,
           elbo_gauss_point_iso, elbo_gauss_gamma_iso, ELBO_SCALE_COMMON,
           "Celeux & Govaert (1995), model VII; Bishop (2006), sections 2.3.6, 10.2")

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fails says so: by a number and a sentence, never by stopping the host.

   The program keeps GSL's default error handler, which prints and aborts, as a host would that has
   never heard of it.  Check runs every test in a process of its own, so an abort is a failure. */
#include <config.h>
#include <float.h>
#include <gsl/gsl_errno.h>
#include "gen.h"

static const elbo_family *const *const gauss[]
    = { &elbo_gauss_full, &elbo_gauss_tied, &elbo_gauss_diag, &elbo_gauss_iso };
enum
{
  STRUCTURES = 4,
  METHODS = 3
};

/* One sentence, as HACKING.md has them: lower case, no full stop, one line. */
static void
check_sentence (const char *message)
{
  const size_t length = strlen (message);
  ck_assert_msg (length > 5, "no sentence: '%s'", message);
  ck_assert_msg (message[length - 1] != '.' && !strchr (message, '\n'), "'%s'", message);
  ck_assert_msg (!(message[0] >= 'A' && message[0] <= 'Z') || strncmp (message, "GSL", 3) == 0,
                 "'%s'", message);
}

/* --- degenerate data ----------------------------------------------------------------------- */

enum
{
  IDENTICAL,
  CONSTANT,
  COPY,
  COLLINEAR,
  ONE_ROW,
  FEW,
  ZEROS,
  HUGE_UNIT,
  TINY_UNIT,
  BEYOND,
  SUBNORMAL,
  OUTLIER,
  LIGHT,
  HEAVY,
  NSHAPE
};

typedef struct
{
  size_t n, dim;
  gsl_matrix *x;
  gsl_vector *weight;
} rows;

static double
wave (size_t i, size_t d)
{
  return elbo_uniform (elbo_key (5, i, d)) + (i % 2 ? 3 : 0);
}

static double
cell (int shape, size_t i, size_t d)
{
  switch (shape)
    {
    case IDENTICAL:
      return 0.1 + (double)d;
    case CONSTANT:
      return d == 1 ? 12.3 : wave (i, d);
    case COPY:
      return wave (i, 0);
    case COLLINEAR:
      return d == 2 ? wave (i, 0) - 2 * wave (i, 1) : wave (i, d);
    case ZEROS:
      return 0;
    case HUGE_UNIT:
      return wave (i, d) * (d == 1 ? 1e130 : 1);
    case TINY_UNIT:
      return wave (i, d) * (d == 1 ? 1e-130 : 1);
    case BEYOND:
      return wave (i, d) * (d == 1 ? 1e307 : 1);
    case SUBNORMAL:
      return wave (i, d) * (d == 1 ? 1e-310 : 1);
    case OUTLIER:
      return i == 0 ? 1e12 : wave (i, d);
    default:
      return wave (i, d);
    }
}

static void
make_rows (int shape, rows *r)
{
  r->n = shape == ONE_ROW ? 1 : shape == FEW ? 3 : 40;
  r->dim = 3;
  r->x = gsl_matrix_alloc (r->n, r->dim);
  r->weight = gsl_vector_alloc (r->n);
  for (size_t i = 0; i < r->n; i++)
    {
      for (size_t d = 0; d < r->dim; d++)
        gsl_matrix_set (r->x, i, d, cell (shape, i, d));
      gsl_vector_set (r->weight, i,
                      shape == LIGHT   ? 1e-200
                      : shape == HEAVY ? 1e15
                      : i % 5 == 4     ? 0
                                       : 1);
    }
}

static void
free_rows (rows *r)
{
  gsl_matrix_free (r->x);
  gsl_vector_free (r->weight);
}

static void
check_finite (const elbo_model *model)
{
  double weight[16], sum = 0;
  elbo_model_weights (model, weight);
  for (size_t k = 0; k < elbo_model_ncomp (model); k++)
    sum += weight[k];
  ck_assert_double_eq_tol (sum, 1, 1e-9);
  for (size_t f = 0; f <= elbo_model_nblock (model); f++)
    {
      const size_t n
          = elbo_field_total (elbo_model_belief (model, f)->param, elbo_model_shape (model, f));
      double *param = malloc (n * sizeof *param);
      elbo_model_param (model, f, param);
      for (size_t i = 0; i < n; i++)
        ck_assert (isfinite (param[i]));
      free (param);
    }
}

/* Rows of the data, and some that no fit ever saw. */
static void
check_prediction (const elbo_model *model, const rows *r)
{
  const size_t K = elbo_model_ncomp (model);
  gsl_matrix *x = gsl_matrix_calloc (r->n + 4, r->dim), *resp = gsl_matrix_alloc (r->n + 4, K);
  gsl_vector *density = gsl_vector_alloc (r->n + 4);
  const double odd[] = { 1e150, -1e300, DBL_MAX, 1e-320 };
  for (size_t i = 0; i < r->n + 4; i++)
    for (size_t d = 0; d < r->dim; d++)
      gsl_matrix_set (x, i, d, i < r->n ? gsl_matrix_get (r->x, i, d) : odd[i - r->n]);
  ck_assert_msg (elbo_predict (model, x, 1, resp, density) == GSL_SUCCESS, "%s", elbo_message ());
  for (size_t i = 0; i < r->n + 4; i++)
    {
      double sum = 0;
      for (size_t k = 0; k < K; k++)
        sum += gsl_matrix_get (resp, i, k);
      const double l = gsl_vector_get (density, i);
      ck_assert_msg (!isnan (l) && l < INFINITY && (i >= r->n || isfinite (l)),
                     "log density %g of row %zu", l, i);
      /* a row that no component can have has no responsibilities */
      ck_assert_msg (fabs (sum - 1) < 1e-12 || (i >= r->n && sum == 0),
                     "responsibilities of row %zu sum to %g", i, sum);
    }
  gsl_matrix_free (x);
  gsl_matrix_free (resp);
  gsl_vector_free (density);
}

/* Fit one shape with every structure and method; VB and MAP must not fail where the numbers can
   be squared at all. */
static void
fit_shape (int shape, size_t ncomp)
{
  rows r;
  make_rows (shape, &r);
  for (int s = 0; s < STRUCTURES; s++)
    for (int m = 0; m < METHODS; m++)
      for (int weighted = 0; weighted < 2; weighted++)
        {
          elbo_search_options options;
          elbo_search_options_init (&options);
          elbo_model *model = NULL;
          double value = 0;
          options.starts = 3;
          options.max_pass = 50;
          const int status = elbo_mixture_fit (r.x, weighted ? r.weight : NULL, ncomp, *gauss[s],
                                               (elbo_method)m, &options, &model, &value);
          const int beyond = shape == BEYOND || shape == SUBNORMAL;
          ck_assert_msg (status != ELBO_EFALL && status != ELBO_ENUMERIC && status != GSL_ENOMEM,
                         "shape %d, %s, method %d: %d, %s", shape, (*gauss[s])->base->name, m,
                         status, elbo_message ());
          if (status != GSL_SUCCESS)
            check_sentence (elbo_message ());
          if (beyond)
            ck_assert_int_eq (status, ELBO_EDATA);
          else if (m != ELBO_ML)
            ck_assert_msg (status == GSL_SUCCESS || status == GSL_EMAXITER,
                           "shape %d, %s, method %d: %d, %s", shape, (*gauss[s])->base->name, m,
                           status, elbo_message ());
          ck_assert (!model || isfinite (value));
          if (model)
            {
              check_finite (model);
              check_prediction (model, &r);
            }
          elbo_model_free (model);
        }
  free_rows (&r);
}

START_TEST (test_shape)
{
  const size_t comps[] = { 1, 2, 7 };
  for (size_t i = 0; i < 3; i++)
    fit_shape (_i, comps[i]);
}
END_TEST

/* --- maximum likelihood on the edge -------------------------------------------------------- */

static int
fit_labels (const double *x, size_t n, size_t dim, const size_t *label, size_t ncomp,
            const elbo_family *family, elbo_method method, elbo_search **result)
{
  gsl_matrix_const_view view = gsl_matrix_const_view_array (x, n, dim);
  const elbo_block block = ELBO_BLOCK (family, 0, dim, 0);
  elbo_search_options options;
  elbo_search_options_init (&options);
  elbo_start *start = NULL;
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *model = elbo_model_alloc (ncomp, elbo_mixture_dirichlet, &block, 1, method);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, n, ncomp)), GSL_SUCCESS);
  options.kind = ELBO_START_GIVEN;
  options.given = start;
  const int status = search_made (model, data, NULL, &options, NULL, NULL, result);
  elbo_start_free (start);
  elbo_model_free (model);
  elbo_data_free (data);
  return status;
}

/* Two rows on one point, the rest far off: the second component collapses onto them. */
START_TEST (test_collapse)
{
  double x[40];
  size_t label[20] = { 0 };
  elbo_search *result;
  for (size_t i = 0; i < 20; i++)
    {
      x[2 * i] = i < 18 ? wave (i, 0) : 50;
      x[2 * i + 1] = i < 18 ? wave (i, 1) : -7;
      label[i] = i >= 18;
    }
  ck_assert_int_eq (fit_labels (x, 20, 2, label, 2, *gauss[_i], ELBO_ML, &result),
                    _i == 1 ? GSL_SUCCESS : ELBO_EDEGENERATE);
  if (_i != 1) /* one covariance for all does not collapse */
    {
      ck_assert_uint_eq (result->best, result->nstart);
      ck_assert_ptr_null (result->model);
      ck_assert_int_eq (result->outcome[0].status, ELBO_EDEGENERATE);
      ck_assert_uint_eq (result->outcome[0].collapsed, 1);
      ck_assert_double_eq_tol (result->outcome[0].collapsed_count, 2, 1e-6);
      check_sentence (result->outcome[0].message);
    }
  elbo_search_free (result);
  ck_assert_int_eq (fit_labels (x, 20, 2, label, 2, *gauss[_i], ELBO_VB, &result), GSL_SUCCESS);
  ck_assert_ptr_nonnull (result->model);
  elbo_search_free (result);
}
END_TEST

/* A component without rows cannot start in maximum likelihood, and is told by number. */
START_TEST (test_empty_start)
{
  double x[20];
  size_t label[20] = { 0 };
  elbo_search *result;
  for (size_t i = 0; i < 20; i++)
    x[i] = wave (i, 0);
  const int status = fit_labels (x, 20, 1, label, 2, *gauss[_i], ELBO_ML, &result);
  if (_i == 1)
    ck_assert_int_eq (status, GSL_SUCCESS);
  else
    {
      ck_assert_int_eq (status, GSL_EINVAL);
      ck_assert_ptr_nonnull (strstr (elbo_message (), "component 2"));
    }
  elbo_search_free (result);
}
END_TEST

/* --- arguments ----------------------------------------------------------------------------- */

START_TEST (test_bad_data)
{
  double x[] = { 1, 2, NAN, 4, 5, INFINITY }, w[] = { 1, -1, 1 };
  gsl_matrix_view all = gsl_matrix_view_array (x, 3, 2), good = gsl_matrix_view_array (x, 1, 2);
  gsl_vector_view weight = gsl_vector_view_array (w, 3), one = gsl_vector_view_array (w + 1, 1);
  ck_assert_ptr_null (elbo_data_from_matrix (&all.matrix, NULL));
  ck_assert_str_eq (elbo_message (), "row 2, column 1: nan is not finite");
  x[2] = 3;
  ck_assert_ptr_null (elbo_data_from_matrix (&all.matrix, NULL));
  ck_assert_str_eq (elbo_message (), "row 3, column 2: inf is not finite");
  x[5] = 6;
  ck_assert_ptr_null (elbo_data_from_matrix (&all.matrix, &weight.vector));
  ck_assert_ptr_nonnull (strstr (elbo_message (), "row 2: weight -1"));
  ck_assert_ptr_null (elbo_data_from_matrix (&all.matrix, &one.vector));
  w[1] = 0;
  ck_assert_ptr_null (elbo_data_from_matrix (&good.matrix, &one.vector));
  ck_assert_str_eq (elbo_message (), "the weights are all zero");
  ck_assert_ptr_null (elbo_data_alloc (0, 2));
  ck_assert_ptr_null (elbo_data_alloc (2, 0));
  ck_assert_ptr_null (elbo_data_alloc ((size_t)-1 / 16, 1000));
  check_sentence (elbo_message ());
}
END_TEST

/* A row of weight 0 may lie anywhere, but not where its square is no number. */
START_TEST (test_beyond)
{
  double x[] = { 1, 2, 4, 1e200 }, w[] = { 1, 1, 1, 0 };
  gsl_matrix_view view = gsl_matrix_view_array (x, 4, 1);
  gsl_vector_view weight = gsl_vector_view_array (w, 4);
  for (int s = 0; s < STRUCTURES; s++)
    for (int far = 1; far >= 0; far--)
      {
        elbo_model *model = NULL;
        double value = 0;
        x[3] = far ? 1e200 : 1e100;
        const int status = elbo_mixture_fit (&view.matrix, &weight.vector, 1, *gauss[s], ELBO_VB,
                                             NULL, &model, &value);
        ck_assert_int_eq (status, far ? ELBO_EDATA : GSL_SUCCESS);
        ck_assert (far || isfinite (value));
        elbo_model_free (model);
      }
}
END_TEST

/* The column is named whose unit is not one to be squared. */
START_TEST (test_units)
{
  for (int large = 0; large < 2; large++)
    {
      double x[40];
      const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
      gsl_matrix_view view = gsl_matrix_view_array (x, 20, 2);
      for (size_t i = 0; i < 40; i++)
        x[i] = (i % 2 ? (large ? 1e145 : 1e-145) : 1) * (double)(i / 2 % 2);
      elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
      elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
      ck_assert_int_eq (elbo_model_prepare (model, data), ELBO_EDATA);
      ck_assert_str_eq (elbo_message (),
                        large ? "column 2: a standard deviation of 5.13e+144 is too large to be "
                                "squared, change the unit"
                              : "column 2: a standard deviation of 5.13e-146 is too small to be "
                                "squared, change the unit");
      elbo_model_free (model);
      elbo_data_free (data);
    }
}
END_TEST

/* Weights that were typed with seven digits are weights; those that sum to 1.005 are not. */
START_TEST (test_weights)
{
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 1, 0);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_MAP);
  ck_assert_int_eq (elbo_model_set_param (model, 0, (double[]){ 0.3333333, 0.6666667 }),
                    GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_set_param (model, 0, (double[]){ 0.3, 0.7 + 5e-7 }), GSL_SUCCESS);
  ck_assert_int_ne (elbo_model_set_param (model, 0, (double[]){ 0.3, 0.705 }), GSL_SUCCESS);
  ck_assert_int_ne (elbo_model_set_param (model, 0, (double[]){ 0.3, 0.7 + 2e-6 }), GSL_SUCCESS);
  check_sentence (elbo_message ());
  elbo_model_free (model);
}
END_TEST

START_TEST (test_bad_model)
{
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0), none = ELBO_BLOCK (NULL, 0, 2, 0);
  const elbo_block shared[]
      = { ELBO_BLOCK (elbo_gauss_full, 0, 2, 0), ELBO_BLOCK (elbo_poisson, 1, 1, 0) };
  const elbo_block vast = ELBO_BLOCK (elbo_gauss_full, 0, (size_t)1 << 40, 0);
  ck_assert_ptr_null (elbo_model_alloc (0, elbo_mixture_dirichlet, &block, 1, ELBO_VB));
  ck_assert_ptr_null (elbo_model_alloc (2, NULL, &block, 1, ELBO_VB));
  ck_assert_ptr_null (elbo_model_alloc (2, elbo_mixture_dirichlet, &none, 1, ELBO_VB));
  ck_assert_ptr_null (elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 0, ELBO_VB));
  ck_assert_ptr_null (elbo_model_alloc (2, elbo_mixture_dirichlet, shared, 2, ELBO_VB));
  ck_assert_str_eq (elbo_message (), "blocks 1 and 2 share a column");
  ck_assert_ptr_null (elbo_model_alloc (2, elbo_mixture_stick, &block, 1, ELBO_ML));
  ck_assert_ptr_nonnull (strstr (elbo_message (), "point estimate"));
  ck_assert_ptr_null (elbo_model_alloc (2, elbo_mixture_dirichlet, &vast, 1, ELBO_VB));
  check_sentence (elbo_message ());
}
END_TEST

/* A cell outside the support is named by row and column of the whole data set. */
START_TEST (test_support)
{
  double x[600];
  const elbo_block block[]
      = { ELBO_BLOCK (elbo_gauss_diag, 0, 1, 0), ELBO_BLOCK (elbo_poisson, 1, 1, 0) };
  gsl_matrix_view view = gsl_matrix_view_array (x, 300, 2);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, block, 2, ELBO_VB);
  for (size_t i = 0; i < 600; i++)
    x[i] = (double)(i % 7);
  x[2 * 250 + 1] = 2.5;
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  ck_assert_int_eq (elbo_model_prepare (model, data), ELBO_EDATA);
  ck_assert_msg (strstr (elbo_message (), "row 251, column 2: 2.5") == elbo_message (), "%s",
                 elbo_message ());
  elbo_data_free (data);
  data = elbo_data_alloc (4, 3);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_EBADLEN);
  ck_assert_int_eq (elbo_model_adopt (model, data), GSL_EBADLEN);
  elbo_data_free (data);
  elbo_model_free (model);
}
END_TEST

/* Priors that are not priors, and parameters that are none. */
START_TEST (test_bad_numbers)
{
  double x[8] = { 1, 2, 3, 4, 5, 6, 7, 9 }, v[64] = { 0 };
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  gsl_matrix_view view = gsl_matrix_view_array (x, 4, 2);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  ck_assert_int_eq (elbo_model_set_prior (model, 2, v), GSL_EINVAL);
  ck_assert_int_eq (elbo_model_set_param (model, 2, v), GSL_EINVAL);
  v[0] = NAN;
  ck_assert_int_eq (elbo_model_set_prior (model, 1, v), GSL_EINVAL);
  ck_assert_int_eq (elbo_model_set_param (model, 1, v), GSL_EINVAL);
  v[0] = -1;
  ck_assert_int_ne (elbo_model_set_param (model, 0, v), GSL_SUCCESS);
  check_sentence (elbo_message ());
  v[0] = 0;
  ck_assert_int_ne (elbo_model_set_param (model, 1, v), GSL_SUCCESS);
  check_sentence (elbo_message ());
  ck_assert_ptr_null (elbo_model_field (model, "gauss_full.nonesuch", NULL));
  ck_assert_ptr_null (elbo_model_field (model, "nonesuch", NULL));
  ck_assert_ptr_null (elbo_model_field (model, "gauss_full:1.mean", NULL));
  ck_assert_ptr_nonnull (elbo_model_field (model, "gauss_full.mean", NULL));
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

START_TEST (test_bad_fit)
{
  double x[8] = { 1, 2, 3, 4, 5, 6, 7, 9 };
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  gsl_matrix_view view = gsl_matrix_view_array (x, 4, 2);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, NULL);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  elbo_search *result;
  elbo_start *start = NULL;
  const size_t label[] = { 0, 1, 2, 0 };
  const double resp[] = { 1, 0, 0.5, 0.4, 0, 1, 1, 0 };
  elbo_data *wide = elbo_data_alloc (4, 3);
  ck_assert_ptr_null (elbo_fit_alloc (model, wide, NULL));
  elbo_data_free (wide);
  ck_assert_int_eq (elbo_model_prepare (model, data), GSL_SUCCESS);
  elbo_model *other = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  elbo_fit *fit = elbo_fit_alloc (other, data, NULL); /* data may stand in other units */
  ck_assert_ptr_nonnull (fit);
  elbo_fit_free (fit);
  ck_assert_int_eq (search_made (model, data, NULL, NULL, NULL, NULL, &result), GSL_SUCCESS);
  elbo_search_free (result);
  ck_assert_int_eq (start_made (&start, elbo_start_labels (label, 4, 2)), GSL_EINVAL);
  ck_assert_ptr_nonnull (strstr (elbo_message (), "row 3: label 3"));
  ck_assert_int_eq (start_made (&start, elbo_start_responsibilities (resp, 4, 2)), GSL_EINVAL);
  ck_assert_ptr_nonnull (strstr (elbo_message (), "row 2"));
  elbo_model_free (other);
  elbo_model_free (model);
  elbo_data_free (data);
}
END_TEST

START_TEST (test_texts)
{
#define X(name, value, text) \
  ck_assert_int_eq (name, value); \
  ck_assert_str_eq (elbo_status_text (name), text);
  ELBO_STATUS_LIST (X)
#undef X
  ck_assert_str_eq (elbo_status_text (GSL_SUCCESS), gsl_strerror (GSL_SUCCESS));
  ck_assert_ptr_nonnull (elbo_status_text (-77));
  ck_assert_ptr_nonnull (elbo_message ());
}
END_TEST

/* The proof that the handler is the default one: with it, GSL does abort. */
START_TEST (test_handler) { GSL_ERROR_VOID ("on purpose", GSL_EFAILED); }
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("status");
  TCase *shapes = tcase_create ("shapes"), *arguments = tcase_create ("arguments");
  tcase_add_loop_test (shapes, test_shape, 0, NSHAPE);
  tcase_add_loop_test (shapes, test_collapse, 0, STRUCTURES);
  tcase_add_loop_test (shapes, test_empty_start, 0, STRUCTURES);
  tcase_add_test_raise_signal (arguments, test_handler, 6);
  tcase_add_test (arguments, test_bad_data);
  tcase_add_test (arguments, test_beyond);
  tcase_add_test (arguments, test_units);
  tcase_add_test (arguments, test_weights);
  tcase_add_test (arguments, test_bad_model);
  tcase_add_test (arguments, test_support);
  tcase_add_test (arguments, test_bad_numbers);
  tcase_add_test (arguments, test_bad_fit);
  tcase_add_test (arguments, test_texts);
  suite_add_tcase (suite, shapes);
  suite_add_tcase (suite, arguments);
  return gen_run (suite);
}

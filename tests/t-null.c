/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Null pointers: every pointer argument of every public function is NULL once, the others valid.
   What elbo.h says of them is asserted here, line by line; t-sources.sh fails when a pointer
   argument of a header is NULL in no line. */
#include <config.h>
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <elbo/elbo.h>
#include "scratch.h"

#define BEFORE "what failed before"

static void
begin (void)
{
  elbo_fail (ELBO_EDATA, BEFORE);
}

/* What failed is a null pointer, and a sentence says so. */
static void
said (const char *call)
{
  const char *message = elbo_message ();
  ck_assert_msg (elbo_message_status () == GSL_EFAULT, "%s: %s", call, message);
  ck_assert_msg (strlen (message) > 10 && strcmp (message, BEFORE) != 0, "%s: %s", call, message);
}

static void
silent (const char *call)
{
  ck_assert_msg (strcmp (elbo_message (), BEFORE) == 0, "%s: %s", call, elbo_message ());
}

/* A status, a pointer, a number that cannot be computed: with a sentence. */
#define FAULT(call) \
  (begin (), ck_assert_msg ((call) == GSL_EFAULT, "%s: %s", #call, elbo_message ()), said (#call))
#define GONE(call) (begin (), ck_assert_msg (!(call), "%s", #call), said (#call))
#define NO_NUMBER(call) (begin (), ck_assert_msg (isnan (call), "%s", #call), said (#call))
/* What only reads leaves the sentence alone: NULL or 0, NAN, an empty text; and what does nothing. */
#define NONE(call) (begin (), ck_assert_msg (!(call), "%s", #call), silent (#call))
#define NAN_OF(call) (begin (), ck_assert_msg (isnan (call), "%s", #call), silent (#call))
#define EMPTY(call) (begin (), ck_assert_msg (!*(call), "%s", #call), silent (#call))
#define NOTHING(call) (begin (), (call), silent (#call))
/* Pointers that may be NULL. */
#define FINE(call) ck_assert_msg ((call) == GSL_SUCCESS, "%s: %s", #call, elbo_message ())
#define THERE(call) ck_assert_msg ((call), "%s: %s", #call, elbo_message ())
#define MADE(free, call) \
  do \
    { \
      void *made = (call); \
      ck_assert_msg (made, "%s: %s", #call, elbo_message ()); \
      (free) (made); \
    } \
  while (0)

/* --- what is valid ----------------------------------------------------------------------------- */

enum
{
  N = 60,
  ROOM = 4096
};
static char scratch[] = "/tmp/elbo-null-XXXXXX", nasty[4096];
static gsl_matrix *x, *pair;
static gsl_vector *v, *two, *ones;
static gsl_rng *rng;
static elbo_data *data;
static elbo_block block;
static elbo_model *model;
static elbo_ranks *ranks;
static elbo_start *start;
static elbo_fit *fit;
static elbo_search *search;
static elbo_selection *selection;
static elbo_record *record;
static elbo_table *table;
static elbo_rows rows;
static const elbo_shape *shape;
static const elbo_field *field;
static double a[ROOM], b[ROOM], *stat;
static size_t label[ROOM], rank[ROOM], order[] = { 1, 0 }, column[2], n;
static const char *const level[] = { "a", "b" };
static char text[256];
static const char path[] = "null.csv", json[] = "null.json", prior[] = "prior.json";
static FILE *stream;

static void
write_file (const char *name, const char *what)
{
  FILE *to = fopen (name, "w");
  if (!to || fputs (what, to) == EOF || fclose (to) != 0)
    exit (99);
}

static void
make_arrays (void)
{
  x = gsl_matrix_alloc (N, 2);
  pair = gsl_matrix_alloc (2, 2);
  v = gsl_vector_alloc (N);
  ones = gsl_vector_alloc (N);
  two = gsl_vector_alloc (2);
  rng = gsl_rng_alloc (gsl_rng_taus);
  gsl_vector_set_all (ones, 1);
  gsl_matrix_set_identity (pair);
  for (size_t i = 0; i < N; i++)
    {
      label[i] = i % 2;
      for (size_t d = 0; d < 2; d++)
        gsl_matrix_set (x, i, d, elbo_uniform (elbo_key (3, i, d)) + (i % 2 ? 5 : 0));
    }
  a[0] = a[1] = b[0] = b[1] = 0.5;
  rows = (elbo_rows)ELBO_ROWS (x->data, N, 2);
}

static void
make_fits (void)
{
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.starts = 2;
  block = (elbo_block)ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  data = elbo_data_from_matrix (x, NULL);
  model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_MAP);
  FINE (elbo_model_prepare (model, data));
  ranks = elbo_ranks_alloc (data);
  start = elbo_start_kmeans (model, data, ranks, 1, 0, 1);
  search = elbo_search_alloc (model, data, ranks, &options);
  FINE (elbo_search_run (search, NULL, NULL));
  FINE (elbo_choose (data, ranks, elbo_mixture_dirichlet, &block, 1, ELBO_MAP, NULL, &selection));
  fit = elbo_fit_alloc (model, data, NULL);
  FINE (elbo_fit_start (fit, start));
  FINE (elbo_fit_pass (fit));
  shape = elbo_model_shape (model, 1);
  field = elbo_field_at (elbo_model_belief (model, 1)->param, 0);
  stat = calloc (elbo_model_nstat (model), sizeof *stat);
  FINE (elbo_local (model, &rows, stat));
}

static void
setup (void)
{
  enter_scratch (scratch, nasty);
  make_arrays ();
  make_fits ();
  write_file (path, "x,y\n1,2\n3,4\n5,7\n");
  write_file (prior, "{}");
  FINE (elbo_model_save (json, model, NULL));
  stream = fopen (json, "r+");
  record = elbo_record_alloc ();
  table = elbo_table_open (path, NULL);
  elbo_table_want_digest (table);
  FINE (elbo_table_set_role (table, 0, ELBO_ROLE_NUMBER));
  FINE (elbo_table_read (table, 0));
}

static void
teardown (void)
{
  static const char *const name[] = { path, json, prior, NULL };
  fclose (stream);
  free (stat);
  elbo_table_free (table);
  elbo_record_free (record);
  elbo_selection_free (selection);
  elbo_search_free (search);
  elbo_fit_free (fit);
  elbo_start_free (start);
  elbo_ranks_free (ranks);
  elbo_model_free (model);
  elbo_data_free (data);
  gsl_rng_free (rng);
  gsl_vector_free (two);
  gsl_vector_free (ones);
  gsl_vector_free (v);
  gsl_matrix_free (pair);
  gsl_matrix_free (x);
  leave_scratch (scratch, name);
}

/* --- one test a header ------------------------------------------------------------------------- */

static double
log_density (const double *z, void *arg)
{
  (void)arg;
  return -z[0] * z[0];
}

static void
draw (gsl_rng *from, double *z, void *arg)
{
  (void)arg;
  z[0] = gsl_rng_uniform (from);
}

START_TEST (bound)
{
  const double log_p[] = { -0.7, -0.7 };
  const elbo_own_model own
      = { .dim = 1, .log_joint = log_density, .log_q = log_density, .draw = draw };
  elbo_identity identity;
  elbo_estimate estimate;
  FAULT (elbo_discrete_bound_sized (2, NULL, log_p, a, &identity, sizeof identity));
  FINE (elbo_discrete_bound_sized (2, log_p, NULL, a, &identity, sizeof identity));
  FAULT (elbo_discrete_bound_sized (2, log_p, log_p, NULL, &identity, sizeof identity));
  FAULT (elbo_discrete_bound_sized (2, log_p, log_p, a, NULL, sizeof identity));
  FAULT (elbo_discrete_bound (2, NULL, log_p, a, &identity));
  FINE (elbo_discrete_bound (2, log_p, NULL, a, &identity));
  FAULT (elbo_discrete_bound (2, log_p, log_p, NULL, &identity));
  FAULT (elbo_discrete_bound (2, log_p, log_p, a, NULL));
  FAULT (elbo_discrete_posterior (2, NULL, a));
  FAULT (elbo_discrete_posterior (2, log_p, NULL));
  NO_NUMBER (elbo_kl_discrete (2, NULL, b));
  NO_NUMBER (elbo_kl_discrete (2, a, NULL));
  NO_NUMBER (elbo_kl_normal (1, NULL, a, b, b));
  NO_NUMBER (elbo_kl_normal (1, a, NULL, b, b));
  NO_NUMBER (elbo_kl_normal (1, a, a, NULL, b));
  NO_NUMBER (elbo_kl_normal (1, a, a, b, NULL));
  NO_NUMBER (elbo_kl_dirichlet (2, NULL, b));
  NO_NUMBER (elbo_kl_dirichlet (2, a, NULL));
  NO_NUMBER (elbo_kl_wishart (1, NULL, 3, b, 3));
  NO_NUMBER (elbo_kl_wishart (1, a, 3, NULL, 3));
  FAULT (elbo_monte_carlo_sized (NULL, sizeof own, 9, 1, rng, &estimate, sizeof estimate));
  FAULT (elbo_monte_carlo_sized (&own, sizeof own, 9, 1, NULL, &estimate, sizeof estimate));
  FAULT (elbo_monte_carlo_sized (&own, sizeof own, 9, 1, rng, NULL, sizeof estimate));
  FAULT (elbo_monte_carlo (NULL, 9, 1, rng, &estimate));
  FAULT (elbo_monte_carlo (&own, 9, 1, NULL, &estimate));
  FAULT (elbo_monte_carlo (&own, 9, 1, rng, NULL));
}
END_TEST

START_TEST (rows_in_memory)
{
  GONE (elbo_data_from_matrix (NULL, ones));
  MADE (elbo_data_free, elbo_data_from_matrix (x, NULL));
  NOTHING (elbo_data_free (NULL));
  NOTHING (elbo_data_put (NULL, 0, 0, 1));
  FAULT (elbo_data_put_weight (NULL, 0, 1));
  NAN_OF (elbo_data_value (NULL, 0, 0));
  NAN_OF (elbo_data_weight (NULL, 0));
  NONE (elbo_data_rows (NULL));
  NONE (elbo_data_dim (NULL));
  NAN_OF (elbo_data_total (NULL));
  a[0] = a[1] = 0;
  NOTHING (elbo_data_moments (NULL, 0, a, a + 1));
  ck_assert (isnan (a[0]) && isnan (a[1]));
  NOTHING (elbo_data_moments (data, 0, NULL, a));
  NOTHING (elbo_data_moments (data, 0, a, NULL));
  FAULT (elbo_data_rank (NULL, rank, a, &n));
  FAULT (elbo_data_rank (data, NULL, a, &n));
  FINE (elbo_data_rank (data, rank, NULL, &n));
  FAULT (elbo_data_rank (data, rank, a, NULL));
}
END_TEST

/* Nor is anything read or written outside a data set. */
START_TEST (outside)
{
  elbo_data *own = elbo_data_alloc (1, 1);
  elbo_data_put (own, 1, 0, 7);
  elbo_data_put (own, 0, 1, 7);
  ck_assert (elbo_data_value (own, 0, 0) == 0);
  ck_assert (isnan (elbo_data_value (own, 1, 0)) && isnan (elbo_data_value (own, 0, 1)));
  ck_assert_int_eq (elbo_data_put_weight (own, 1, 2), GSL_EINVAL);
  ck_assert (isnan (elbo_data_weight (own, 1)) && elbo_data_weight (own, 0) == 1);
  elbo_data_moments (own, 1, a, b);
  ck_assert (isnan (a[0]) && isnan (b[0]));
  elbo_data_free (own);
}
END_TEST

START_TEST (tables_of_fields)
{
  const double scale[] = { 1, 1 };
  NOTHING (elbo_sum_add (NULL, 1));
  GONE (elbo_family_find (NULL));
  GONE (elbo_latent_find (NULL));
  NONE (elbo_field_at (NULL, 0));
  NONE (elbo_extent_size (ELBO_DIM, NULL));
  NONE (elbo_field_size (NULL, shape));
  NONE (elbo_field_size (field, NULL));
  NONE (elbo_field_total (NULL, shape));
  NONE (elbo_field_total (field, NULL));
  NONE (elbo_field_find (NULL, shape, "mean", &n));
  GONE (elbo_field_find (field, NULL, "mean", &n));
  GONE (elbo_field_find (field, shape, NULL, &n));
  GONE (elbo_field_find (field, shape, "mean", NULL));
  NOTHING (elbo_field_convert (NULL, shape, a, scale, 0, b));
  NOTHING (elbo_field_convert (field, NULL, a, scale, 0, b));
  NOTHING (elbo_field_convert (field, shape, NULL, scale, 0, b));
  NOTHING (elbo_field_convert (field, shape, a, NULL, 0, b));
  NOTHING (elbo_field_convert (field, shape, a, scale, 0, NULL));
  NOTHING (elbo_field_permute (NULL, shape, order, a, b));
  NOTHING (elbo_field_permute (field, NULL, order, a, b));
  NOTHING (elbo_field_permute (field, shape, NULL, a, b));
  NOTHING (elbo_field_permute (field, shape, order, NULL, b));
  NOTHING (elbo_field_permute (field, shape, order, a, NULL));
}
END_TEST

START_TEST (model_files)
{
  char *out = NULL;
  elbo_method method;
  elbo_record *read;
  const elbo_trace *trace = elbo_fit_record (fit, 0);
  NOTHING (elbo_record_free (NULL));
  GONE (elbo_record_add_column (NULL));
  GONE (elbo_record_add_choice (NULL));
  GONE (elbo_record_of (NULL));
  FAULT (elbo_model_write (NULL, model, record));
  FAULT (elbo_model_write (stream, NULL, record));
  FINE (elbo_model_write (stream, model, NULL));
  rewind (stream);
  FAULT (elbo_model_save (NULL, model, record));
  FAULT (elbo_model_save (json, NULL, record));
  FINE (elbo_model_save (json, model, NULL));
  FAULT (elbo_model_to_text (NULL, record, &out, &n));
  FAULT (elbo_model_to_text (model, record, NULL, &n));
  FINE (elbo_model_to_text (model, NULL, &out, &n));
  free (out);
  FINE (elbo_model_to_text (model, record, &out, NULL));
  GONE (elbo_model_load (NULL, &read));
  MADE (elbo_model_free, elbo_model_load (json, NULL));
  GONE (elbo_model_read (NULL, "name", &read));
  GONE (elbo_model_read (stream, NULL, &read));
  MADE (elbo_model_free, elbo_model_read (stream, "name", NULL));
  GONE (elbo_model_from_text (NULL, strlen (out), "name", &read));
  GONE (elbo_model_from_text (out, strlen (out), NULL, &read));
  MADE (elbo_model_free, elbo_model_from_text (out, strlen (out), "name", NULL));
  free (out);
  NONE (elbo_covariance_name (NULL));
  GONE (elbo_covariance_find (NULL));
  NONE (elbo_weights_name (NULL));
  GONE (elbo_weights_find (NULL));
  FAULT (elbo_method_find (NULL, &method));
  FAULT (elbo_method_find ("em", NULL));
  GONE (elbo_file_create (NULL, 1));
  GONE (elbo_file_stream (NULL));
  FAULT (elbo_file_commit (NULL));
  NOTHING (elbo_file_abandon (NULL));
  FAULT (elbo_trace_write_header (NULL));
  FAULT (elbo_trace_write (NULL, 2, 0, trace));
  FAULT (elbo_trace_write (stream, 2, 0, NULL));
  FAULT (elbo_prior_load (NULL, model));
  FAULT (elbo_prior_load (prior, NULL));
}
END_TEST

START_TEST (fits)
{
  elbo_fit_options options;
  NOTHING (elbo_fit_options_fill (NULL, sizeof options));
  elbo_fit_options_init (&options);
  GONE (elbo_fit_alloc (NULL, data, &options));
  GONE (elbo_fit_alloc (model, NULL, &options));
  MADE (elbo_fit_free, elbo_fit_alloc (model, data, NULL));
  NOTHING (elbo_fit_free (NULL));
  FAULT (elbo_fit_start (NULL, start));
  FAULT (elbo_fit_start (fit, NULL));
  FAULT (elbo_fit_pass (NULL));
  FAULT (elbo_fit_test (NULL));
  FAULT (elbo_fit_run (NULL, NULL, NULL));
  FINE (elbo_fit_run (fit, NULL, NULL));
  NOTHING (elbo_fit_set_threads (NULL, 1));
  NOTHING (elbo_fit_cancel (NULL));
  NONE (elbo_fit_nrecord (NULL));
  NONE (elbo_fit_record (NULL, 0));
  NAN_OF (elbo_fit_value (NULL));
  NONE (elbo_fit_iterations (NULL));
  NONE (elbo_fit_counts (NULL));
  NAN_OF (elbo_fit_entropy (NULL));
  NONE (elbo_fit_model (NULL));
  NONE (elbo_fit_collapsed (NULL));
  FAULT (elbo_fit_permute (NULL, order));
  FAULT (elbo_fit_permute (fit, NULL));
  FAULT (elbo_model_refit (NULL, data, &options, a));
  FAULT (elbo_model_refit (model, NULL, &options, a));
  FINE (elbo_model_refit (model, data, NULL, a));
  FINE (elbo_model_refit (model, data, &options, NULL));
}
END_TEST

START_TEST (models)
{
  size_t extent[3];
  const elbo_latent *latent = elbo_mixture_dirichlet;
  GONE (elbo_model_alloc (2, NULL, &block, 1, ELBO_MAP));
  GONE (elbo_model_alloc (2, latent, NULL, 1, ELBO_MAP));
  GONE (elbo_model_clone (NULL));
  NOTHING (elbo_model_free (NULL));
  FAULT (elbo_model_prepare (NULL, data));
  FAULT (elbo_model_prepare (model, NULL));
  FAULT (elbo_model_adopt (NULL, data));
  FAULT (elbo_model_adopt (model, NULL));
  NONE (elbo_model_ncomp (NULL));
  NONE (elbo_model_dim (NULL));
  NONE (elbo_model_nblock (NULL));
  NONE (elbo_model_block (NULL, 0));
  NONE (elbo_model_latent (NULL));
  NONE (elbo_model_method (NULL));
  NONE (elbo_model_shift (NULL));
  NONE (elbo_model_scale (NULL));
  FAULT (elbo_model_standardise (NULL, a, b));
  FAULT (elbo_model_standardise (model, NULL, b));
  FAULT (elbo_model_standardise (model, a, NULL));
  NONE (elbo_model_factor (NULL, 0));
  NONE (elbo_model_belief (NULL, 0));
  NONE (elbo_model_shape (NULL, 0));
  FAULT (elbo_model_prior (NULL, 0, a));
  FAULT (elbo_model_prior (model, 0, NULL));
  FAULT (elbo_model_param (NULL, 0, a));
  FAULT (elbo_model_param (model, 0, NULL));
  FAULT (elbo_model_set_prior (NULL, 0, a));
  FAULT (elbo_model_set_prior (model, 0, NULL));
  FAULT (elbo_model_set_learned (NULL, 0, a, a));
  FAULT (elbo_model_set_learned (model, 0, NULL, a));
  FAULT (elbo_model_set_learned (model, 0, a, NULL));
  NONE (elbo_model_learned (NULL, 0, a, a));
  NONE (elbo_model_learned (model, 0, NULL, a));
  NONE (elbo_model_learned (model, 0, a, NULL));
  NOTHING (elbo_model_prefer_learned (NULL, 1));
  FAULT (elbo_learn (NULL));
  FAULT (elbo_model_set_param (NULL, 0, a));
  FAULT (elbo_model_set_param (model, 0, NULL));
  FAULT (elbo_model_hold (NULL, 0, (const unsigned char *)text));
  FINE (elbo_model_hold (model, 0, NULL));
  GONE (elbo_model_field (NULL, "gauss_full.mean", extent));
  GONE (elbo_model_field (model, NULL, extent));
  THERE (elbo_model_field (model, "gauss_full.mean", NULL));
  NOTHING (elbo_model_weights (NULL, a));
  NOTHING (elbo_model_weights (model, NULL));
  FAULT (elbo_model_permute (NULL, order));
  FAULT (elbo_model_permute (model, NULL));
  NONE (elbo_model_freedom (NULL));
  FAULT (elbo_model_describe (NULL, 0, 0, a, a, a, a));
  FINE (elbo_model_describe (model, 0, 0, NULL, a, a, a));
  FINE (elbo_model_describe (model, 0, 0, a, NULL, a, a));
  FINE (elbo_model_describe (model, 0, 0, a, a, NULL, a));
  FINE (elbo_model_describe (model, 0, 0, a, a, a, NULL));
  NAN_OF (elbo_model_multiplicity (NULL));
  NONE (elbo_model_nstat (NULL));
}
END_TEST

START_TEST (verbs)
{
  double *other = calloc (elbo_model_nstat (model), sizeof *other);
  FAULT (elbo_local (NULL, &rows, stat));
  FAULT (elbo_local (model, NULL, stat));
  FAULT (elbo_local (model, &rows, NULL));
  FAULT (elbo_global (NULL, stat));
  FAULT (elbo_global (model, NULL));
  NO_NUMBER (elbo_bound (NULL, stat, a, 1));
  NO_NUMBER (elbo_bound (model, NULL, a, 1));
  NO_NUMBER (elbo_bound (model, stat, NULL, 1));
  FAULT (elbo_stat_merge (NULL, stat, other));
  FAULT (elbo_stat_merge (model, NULL, other));
  FAULT (elbo_stat_merge (model, stat, NULL));
  FAULT (elbo_local_given (NULL, &rows, a, 2, stat));
  FAULT (elbo_local_given (model, NULL, a, 2, stat));
  FAULT (elbo_local_given (model, &rows, NULL, 2, stat));
  FAULT (elbo_local_given (model, &rows, a, 2, NULL));
  free (other);
}
END_TEST

START_TEST (predictions)
{
  gsl_matrix *resp = gsl_matrix_alloc (N, 2);
  FAULT (elbo_predict_data (NULL, data, 1, a, b));
  FAULT (elbo_predict_data (model, NULL, 1, a, b));
  FINE (elbo_predict_data (model, data, 1, NULL, b));
  FINE (elbo_predict_data (model, data, 1, a, NULL));
  FAULT (elbo_predict_part (NULL, data, 0, N, 1, a, b));
  FAULT (elbo_predict_part (model, NULL, 0, N, 1, a, b));
  FINE (elbo_predict_part (model, data, 0, N, 1, NULL, b));
  FINE (elbo_predict_part (model, data, 0, N, 1, a, NULL));
  FAULT (elbo_predict (NULL, x, 1, resp, v));
  FAULT (elbo_predict (model, NULL, 1, resp, v));
  FINE (elbo_predict (model, x, 1, NULL, v));
  FINE (elbo_predict (model, x, 1, resp, NULL));
  FAULT (elbo_predict_row (NULL, x->data, a, b));
  FAULT (elbo_predict_row (model, NULL, a, b));
  FINE (elbo_predict_row (model, x->data, NULL, b));
  FINE (elbo_predict_row (model, x->data, a, NULL));
  FAULT (elbo_sample (NULL, rng, a, &n));
  FAULT (elbo_sample (model, NULL, a, &n));
  FAULT (elbo_sample (model, rng, NULL, &n));
  FINE (elbo_sample (model, rng, a, NULL));
  FAULT (elbo_component_weights (NULL, two));
  FAULT (elbo_component_weights (model, NULL));
  FAULT (elbo_component_mean (NULL, 0, 0, two));
  FAULT (elbo_component_mean (model, 0, 0, NULL));
  FAULT (elbo_component_covariance (NULL, 0, 0, pair));
  FAULT (elbo_component_covariance (model, 0, 0, NULL));
  gsl_matrix_free (resp);
}
END_TEST

START_TEST (searches)
{
  elbo_search_options options;
  NOTHING (elbo_search_options_fill (NULL, sizeof options));
  elbo_search_options_init (&options);
  GONE (elbo_search_alloc (NULL, data, ranks, &options));
  GONE (elbo_search_alloc (model, NULL, ranks, &options));
  MADE (elbo_search_free, elbo_search_alloc (model, data, NULL, &options));
  MADE (elbo_search_free, elbo_search_alloc (model, data, ranks, NULL));
  NOTHING (elbo_search_free (NULL));
  FAULT (elbo_search_run (NULL, NULL, NULL));
  NOTHING (elbo_search_cancel (NULL));
  NONE (elbo_search_model (NULL));
  NONE (elbo_search_take_model (NULL));
  NAN_OF (elbo_search_value (NULL));
  NAN_OF (elbo_search_log_likelihood (NULL));
  NAN_OF (elbo_search_entropy (NULL));
  NONE (elbo_search_counts (NULL));
  NONE (elbo_search_starts (NULL));
  NONE (elbo_search_best (NULL));
  NONE (elbo_search_carried (NULL));
  NONE (elbo_search_found_again (NULL));
  NONE (elbo_search_passes (NULL));
  NONE (elbo_search_outcome (NULL, 0));
  FAULT (elbo_outcome_status (NULL));
  NONE (elbo_outcome_message (NULL));
  NAN_OF (elbo_outcome_value (NULL));
  NONE (elbo_outcome_iterations (NULL));
  NONE (elbo_outcome_collapsed (NULL));
  NAN_OF (elbo_outcome_count (NULL));
  NONE (elbo_outcome_rows (NULL));
  NONE (elbo_outcome_spurious (NULL));
  NAN_OF (elbo_outcome_least_rows (NULL));
  ck_assert_uint_eq (elbo_outcome_row (NULL, 0), (size_t)-1);
  NONE (elbo_outcome_records (NULL));
  NONE (elbo_outcome_record (NULL, 0));
  FAULT (elbo_search_criteria (NULL, 1, a));
  FAULT (elbo_search_criteria (search, 1, NULL));
  FAULT (elbo_criteria_of (NULL, data, 1, 1, a));
  FAULT (elbo_criteria_of (model, NULL, 1, 1, a));
  FAULT (elbo_criteria_of (model, data, 1, 1, NULL));
}
END_TEST

START_TEST (selections)
{
  elbo_choose_options options;
  elbo_selection *found;
  const elbo_latent *latent = elbo_mixture_dirichlet;
  NOTHING (elbo_choose_options_fill (NULL, sizeof options));
  elbo_choose_options_init (&options);
  options.most = 1;
  FAULT (elbo_choose (NULL, ranks, latent, &block, 1, ELBO_MAP, &options, &found));
  FINE (elbo_choose (data, NULL, latent, &block, 1, ELBO_MAP, &options, &found));
  elbo_selection_free (found);
  FAULT (elbo_choose (data, ranks, NULL, &block, 1, ELBO_MAP, &options, &found));
  FAULT (elbo_choose (data, ranks, latent, NULL, 1, ELBO_MAP, &options, &found));
  FINE (elbo_choose (data, ranks, latent, &block, 1, ELBO_MAP, NULL, &found));
  elbo_selection_free (found);
  FAULT (elbo_choose (data, ranks, latent, &block, 1, ELBO_MAP, &options, NULL));
  NOTHING (elbo_selection_free (NULL));
  NONE (elbo_selection_size (NULL));
  NONE (elbo_selection_best (NULL));
  NONE (elbo_selection_stopped (NULL));
  NONE (elbo_selection_components (NULL, 0));
  NONE (elbo_selection_family (NULL, 0));
  NONE (elbo_selection_search (NULL, 0));
  NONE (elbo_selection_doubt (NULL, 0));
  NAN_OF (elbo_selection_score (NULL, 0));
  NAN_OF (elbo_selection_log_p (NULL, 0));
  NAN_OF (elbo_selection_probability (NULL, 0));
  NAN_OF (elbo_selection_criterion (NULL, 0, ELBO_BIC));
}
END_TEST

START_TEST (front_doors)
{
  elbo_search_options options;
  elbo_search *made;
  elbo_model *best;
  const elbo_family *family = elbo_gauss_full;
  elbo_search_options_init (&options);
  options.starts = 1;
  FAULT (elbo_mixture_search (NULL, ones, 1, family, ELBO_ML, &options, &made));
  FINE (elbo_mixture_search (x, NULL, 1, family, ELBO_ML, &options, &made));
  elbo_search_free (made);
  FAULT (elbo_mixture_search (x, ones, 1, NULL, ELBO_ML, &options, &made));
  FINE (elbo_mixture_search (x, ones, 1, family, ELBO_ML, NULL, &made));
  elbo_search_free (made);
  FAULT (elbo_mixture_search (x, ones, 1, family, ELBO_ML, &options, NULL));
  FAULT (elbo_mixture_fit (NULL, ones, 1, family, ELBO_ML, &options, &best, a));
  FINE (elbo_mixture_fit (x, NULL, 1, family, ELBO_ML, &options, &best, a));
  elbo_model_free (best);
  FAULT (elbo_mixture_fit (x, ones, 1, NULL, ELBO_ML, &options, &best, a));
  FINE (elbo_mixture_fit (x, ones, 1, family, ELBO_ML, NULL, &best, a));
  elbo_model_free (best);
  FAULT (elbo_mixture_fit (x, ones, 1, family, ELBO_ML, &options, NULL, a));
  FINE (elbo_mixture_fit (x, ones, 1, family, ELBO_ML, &options, &best, NULL));
  elbo_model_free (best);
}
END_TEST

static int
assign (const elbo_tile *tile, size_t ncomp, double *resp, void *state)
{
  (void)state;
  for (size_t i = 0; i < ELBO_TILE * ncomp; i++)
    resp[i] = i % ELBO_TILE < tile->n ? 1 / (double)ncomp : 0;
  return GSL_SUCCESS;
}

START_TEST (starts)
{
  gsl_matrix_view means = gsl_matrix_submatrix (x, 0, 0, 2, 2);
  GONE (elbo_ranks_alloc (NULL));
  NOTHING (elbo_ranks_free (NULL));
  NONE (elbo_ranks_rows (NULL));
  NONE (elbo_ranks_distinct (NULL));
  NOTHING (elbo_start_free (NULL));
  EMPTY (elbo_start_name (NULL));
  GONE (elbo_start_kmeans (NULL, data, ranks, 1, 0, 1));
  GONE (elbo_start_kmeans (model, NULL, ranks, 1, 0, 1));
  GONE (elbo_start_kmeans (model, data, NULL, 1, 0, 1));
  GONE (elbo_start_random (NULL, ranks, 1, 0));
  GONE (elbo_start_random (model, NULL, 1, 0));
  GONE (elbo_start_means (NULL, data, &means.matrix));
  GONE (elbo_start_means (model, NULL, &means.matrix));
  GONE (elbo_start_means (model, data, NULL));
  GONE (elbo_start_labels (NULL, N, 2));
  GONE (elbo_start_responsibilities (NULL, N, 2));
  FAULT (elbo_start_part (NULL, model, data, 0, N, a));
  FAULT (elbo_start_part (start, NULL, data, 0, N, a));
  FAULT (elbo_start_part (start, model, NULL, 0, N, a));
  FAULT (elbo_start_part (start, model, data, 0, N, NULL));
  GONE (elbo_start_own (NULL, assign, text));
  GONE (elbo_start_own ("mine", NULL, text));
  MADE (elbo_start_free, elbo_start_own ("mine", assign, NULL));
}
END_TEST

START_TEST (statuses)
{
  elbo_fail (ELBO_EDATA, BEFORE);
  ck_assert_int_eq (elbo_fail (ELBO_EIO, NULL), ELBO_EIO);
  ck_assert_str_eq (elbo_message (), "");
  ck_assert_int_eq (elbo_message_status (), ELBO_EIO);
}
END_TEST

static int
watch (const elbo_table *which, void *arg)
{
  (void)which;
  (void)arg;
  return 0;
}

START_TEST (tables_that_are_read)
{
  elbo_table_options options;
  elbo_column_summary summary;
  const size_t numbers[] = { 0 };
  NOTHING (elbo_table_options_fill (NULL, sizeof options));
  elbo_table_options_init (&options);
  GONE (elbo_table_open (NULL, &options));
  MADE (elbo_table_free, elbo_table_open (path, NULL));
  NOTHING (elbo_table_free (NULL));
  EMPTY (elbo_table_file (NULL));
  NONE (elbo_table_separator (NULL));
  NONE (elbo_table_has_header (NULL));
  NONE (elbo_table_header_numbers (NULL));
  NONE (elbo_table_ncolumn (NULL));
  EMPTY (elbo_table_name (NULL, 0));
  NONE (elbo_table_kind (NULL, 0));
  FAULT (elbo_table_numbers (NULL, column, &n));
  FAULT (elbo_table_numbers (table, NULL, &n));
  FAULT (elbo_table_numbers (table, column, NULL));
  NONE (elbo_table_is_number (NULL, 0));
  FAULT (elbo_table_find (NULL, "x", &n));
  FAULT (elbo_table_find (table, NULL, &n));
  FAULT (elbo_table_find (table, "x", NULL));
  FAULT (elbo_table_set_role (NULL, 0, ELBO_ROLE_NUMBER));
  FAULT (elbo_table_need (NULL, 0, level, 2, 0));
  FAULT (elbo_table_need (table, 0, NULL, 2, 0));
  FAULT (elbo_table_read (NULL, 0));
  NOTHING (elbo_table_progress (NULL, &n, &n));
  NOTHING (elbo_table_progress (table, NULL, &n));
  NOTHING (elbo_table_progress (table, &n, NULL));
  NOTHING (elbo_table_watch (NULL, watch, text));
  NOTHING (elbo_table_watch (table, NULL, NULL));
  NONE (elbo_table_nrow (NULL));
  NONE (elbo_table_ndropped (NULL));
  NONE (elbo_table_nincomplete (NULL));
  NONE (elbo_table_nragged (NULL));
  NONE (elbo_table_nmissing (NULL, 0));
  NAN_OF (elbo_table_value (NULL, 0, 0));
  EMPTY (elbo_table_text (NULL, 0, 0));
  NONE (elbo_table_nlevel (NULL, 0));
  EMPTY (elbo_table_level (NULL, 0, 0));
  NONE (elbo_table_level_count (NULL, 0, 0));
  FAULT (elbo_table_summary_sized (NULL, 0, &summary, sizeof summary));
  FAULT (elbo_table_summary_sized (table, 0, NULL, sizeof summary));
  FAULT (elbo_table_summary (NULL, 0, &summary));
  FAULT (elbo_table_summary (table, 0, NULL));
  NONE (elbo_table_line (NULL, 0));
  NONE (elbo_table_number (NULL, 0));
  NOTHING (elbo_table_want_digest (NULL));
  FAULT (elbo_table_digest (NULL, text));
  FAULT (elbo_table_digest (table, NULL));
  GONE (elbo_table_take (NULL, numbers, 1, (size_t)-1));
  GONE (elbo_table_take (table, NULL, 1, (size_t)-1));
  FAULT (elbo_table_cache (NULL, "null.npy"));
  FAULT (elbo_table_cache (table, NULL));
  NONE (elbo_number_text (1.5, NULL));
  NONE (elbo_number_text (0, NULL));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("null");
  TCase *tcase = tcase_create ("null");
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, bound);
  tcase_add_test (tcase, rows_in_memory);
  tcase_add_test (tcase, outside);
  tcase_add_test (tcase, tables_of_fields);
  tcase_add_test (tcase, model_files);
  tcase_add_test (tcase, fits);
  tcase_add_test (tcase, models);
  tcase_add_test (tcase, verbs);
  tcase_add_test (tcase, predictions);
  tcase_add_test (tcase, searches);
  tcase_add_test (tcase, selections);
  tcase_add_test (tcase, front_doors);
  tcase_add_test (tcase, starts);
  tcase_add_test (tcase, statuses);
  tcase_add_test (tcase, tables_that_are_read);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_set_tap (runner, "-");
  srunner_run_all (runner, CK_SILENT);
  const int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program of today for tests/t-growth.sh: it hands every structure of the headers to the library
   or reads one that the library made, and says what came of it.  Its output must not depend on
   members that a later library adds.  The argument is faithful.csv. */
#define main example_main
#include "../examples/08-own-family.c"
#undef main
#include <stdlib.h>
#include <string.h>
#include <gsl/gsl_rng.h>

static void
say (const char *what, double value)
{
  printf ("%s %.8g\n", what, value);
}

static void
say_all (const char *what, const double *value, size_t n)
{
  printf ("%s", what);
  for (size_t i = 0; i < n; i++)
    printf (" %.8g", value[i]);
  printf ("\n");
}

static void
must (int status)
{
  if (status == GSL_SUCCESS)
    return;
  printf ("status %d: %s\n", status, elbo_message ());
  exit (1);
}

static void *
made (void *object)
{
  must (object ? GSL_SUCCESS : elbo_message_status ());
  return object;
}

/* --- descriptors of one's own ---------------------------------------------------------------- */

static const elbo_field view_field[] = { { "rate", { ELBO_ONE }, ELBO_PURE, "Mean rate." }, END };

static void
draw (const elbo_shape *shape, const double *param, const double *coef, size_t comp, gsl_rng *rng,
      double *x)
{
  (void)coef;
  *x = -log (gsl_rng_uniform_pos (rng)) * param[shape->ncomp + comp] / param[comp];
}

static int
describe (const elbo_shape *shape, const double *param, size_t comp, elbo_view *view)
{
  const double a = param[comp], b = param[shape->ncomp + comp];
  view->value[0] = a / b;
  view->error[0] = sqrt (a) / b;
  view->low[0] = a / b - 2 * sqrt (a) / b;
  view->high[0] = a / b + 2 * sqrt (a) / b;
  return GSL_SUCCESS;
}

static elbo_belief own_belief;
static elbo_factor own_factor, own_weights;
static elbo_family own_family;
static elbo_latent own_latent;

/* The family of the example with draw and describe; the library's weights under another name. */
static void
make_descriptors (void)
{
  own_belief = posterior;
  own_belief.draw = draw;
  own_belief.describe = describe;
  own_factor = factor;
  own_factor.posterior = &own_belief;
  own_factor.view = view_field;
  own_family = exponential;
  own_family.base = &own_factor;
  own_weights = *elbo_mixture_dirichlet->base;
  own_weights.size = ELBO_SIZE (elbo_factor);
  own_weights.name = "own_weights";
  own_latent = *elbo_mixture_dirichlet;
  own_latent.size = ELBO_SIZE (elbo_latent);
  own_latent.base = &own_weights;
}

enum
{
  ROWS = 300,
  COMPONENTS = 2,
  MANY = 64 /* more than any vector here has */
};

static elbo_data *
make_data (void)
{
  elbo_data *data = made (elbo_data_alloc (ROWS, 2));
  for (size_t i = 0; i < ROWS; i++)
    {
      const double u = elbo_uniform (elbo_key (1, 2, i)), v = elbo_uniform (elbo_key (1, 3, i));
      elbo_data_put (data, i, 0, -log (u) * (i < ROWS / 2 ? 1 : 20));
      elbo_data_put (data, i, 1, v + (i < ROWS / 2 ? 0 : 0.7));
    }
  return data;
}

/* Two entries: the library steps from one to the next by the size that they give. */
static elbo_model *
make_model (elbo_data *data)
{
  const elbo_block block[]
      = { ELBO_BLOCK (&own_family, 0, 1, 0), ELBO_BLOCK (elbo_gauss_diag, 1, 1, 0) };
  elbo_model *model = made (elbo_model_alloc (COMPONENTS, &own_latent, block, 2, ELBO_VB));
  must (elbo_model_prepare (model, data));
  return model;
}

/* --- one fit ------------------------------------------------------------------------------------ */

static int
halves (const elbo_tile *tile, size_t ncomp, double *resp, void *state)
{
  (void)state;
  for (size_t k = 0; k < ncomp; k++)
    for (size_t i = 0; i < tile->n; i++)
      resp[k * ELBO_TILE + i] = k == (tile->first + i) * ncomp / ROWS;
  return GSL_SUCCESS;
}

/* Each record by its number: its size is the library's. */
static int
watch_fit (const elbo_fit *fit, size_t first, size_t nrecord, void *arg)
{
  for (size_t i = first; i < first + nrecord; i++)
    {
      const elbo_trace *t = elbo_fit_record (fit, i);
      printf ("record %zu %c", t->pass, t->half);
      say ("", t->elbo);
      say_all ("terms", t->term, ELBO_NTERM);
    }
  return ++*(int *)arg == 5; /* ELBO_ESTOP */
}

static void
fit_once (elbo_data *data)
{
  elbo_fit_options options;
  elbo_fit_options_init (&options);
  options.max_pass = 50;
  options.threads = 2;
  elbo_model *model = make_model (data);
  elbo_start *start = made (elbo_start_own ("halves", halves, NULL));
  elbo_fit *fit_ = made (elbo_fit_alloc (model, data, &options));
  int passes = 0;
  must (elbo_fit_start (fit_, start));
  say ("status", elbo_fit_run (fit_, watch_fit, &passes));
  say_all ("counts", elbo_fit_counts (fit_), COMPONENTS);
  elbo_fit_free (fit_);
  elbo_start_free (start);
  elbo_model_free (model);
}

/* --- the three verbs ------------------------------------------------------------------------------ */

static void
step_by_hand (elbo_data *data)
{
  elbo_model *model = make_model (data);
  double x[2 * ROWS], resp[ROWS * COMPONENTS] = { 0 }, term[ELBO_NTERM];
  for (size_t i = 0; i < 2 * ROWS; i++)
    x[i] = elbo_data_value (data, i / 2, i % 2);
  for (size_t i = 0; i < ROWS; i++)
    resp[i * COMPONENTS + i * COMPONENTS / ROWS] = 1;
  const elbo_rows rows = ELBO_ROWS (x, ROWS, 2);
  const size_t nstat = elbo_model_nstat (model);
  double *stat = calloc (nstat, sizeof *stat);
  must (elbo_local_given (model, &rows, resp, COMPONENTS, stat));
  must (elbo_global (model, stat));
  memset (stat, 0, nstat * sizeof *stat);
  must (elbo_local (model, &rows, stat));
  say ("bound", elbo_bound (model, stat, term, ELBO_NTERM));
  say_all ("terms", term, ELBO_NTERM);
  free (stat);
  elbo_model_free (model);
}

/* --- a search and what it found -------------------------------------------------------------------- */

static int
watch_search (size_t start, const elbo_fit *fit_, const elbo_outcome *outcome, void *arg)
{
  (void)start;
  (void)fit_;
  *(size_t *)arg += outcome != NULL;
  return 0;
}

static void
look_at_outcome (const elbo_search *search)
{
  const elbo_outcome *best = elbo_search_outcome (search, elbo_search_best (search));
  for (size_t i = 0; i < elbo_outcome_records (best); i++)
    say ("gain", elbo_outcome_record (best, i)->gain);
  say ("iterations", (double)elbo_outcome_iterations (best));
}

static void
look_at_tables (const elbo_model *model)
{
  for (size_t f = 0; f <= elbo_model_nblock (model); f++)
    {
      const elbo_factor *const base = elbo_model_factor (model, f);
      const elbo_field *const table = elbo_model_belief (model, f)->param;
      const elbo_shape *const shape = elbo_model_shape (model, f);
      double param[MANY];
      for (const char *at = (const char *)table; ((const elbo_field *)at)->name;
           at += base->field_size)
        printf ("%s.%s\n", base->name, ((const elbo_field *)at)->name);
      for (size_t i = 0; elbo_field_at (table, i); i++)
        printf ("%s\n", elbo_field_at (table, i)->name);
      must (elbo_model_param (model, f, param));
      say_all ("param", param, elbo_field_total (table, shape));
    }
}

static void
look_at_model (const elbo_model *model)
{
  const double row[] = { 2, 0.5 };
  double value[MANY], error[MANY], low[MANY], high[MANY], resp[COMPONENTS], density;
  for (size_t b = 0; b < 2; b++)
    for (size_t k = 0; k < COMPONENTS; k++)
      {
        must (elbo_model_describe (model, b, k, value, error, low, high));
        printf ("block %zu component %zu\n", b, k);
        say_all ("value error low high", (double[]){ *value, *error, *low, *high }, 4);
      }
  must (elbo_predict_row (model, row, resp, &density));
  say_all ("responsibilities", resp, COMPONENTS);
  say ("density", density);
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  for (int i = 0; i < 3; i++)
    {
      must (elbo_sample (model, rng, value, NULL));
      say_all ("sample", value, 2);
    }
  gsl_rng_free (rng);
  printf ("block 1: column %zu\n", elbo_model_block (model, 1)->column);
  look_at_tables (model);
}

static void
search_own (elbo_data *data)
{
  elbo_search_options options;
  elbo_search_options_init (&options);
  options.starts = 4;
  options.seed = 7;
  options.in_turn = 1;
  size_t ended = 0;
  elbo_model *model = make_model (data);
  elbo_search *search = made (elbo_search_alloc (model, data, NULL, &options));
  must (elbo_search_run (search, watch_search, &ended));
  say ("value", elbo_search_value (search));
  say ("starts ended", (double)ended);
  look_at_outcome (search);
  look_at_model (elbo_search_model (search));
  elbo_search_free (search);
  elbo_model_free (model);
}

/* --- a comparison, and files ------------------------------------------------------------------------- */

static int
before (size_t candidate, elbo_model *model, elbo_search_options *options, void *arg)
{
  (void)candidate;
  (void)arg;
  options->starts = 2 + elbo_model_ncomp (model);
  return GSL_SUCCESS;
}

static void
look_at_record (elbo_record *record)
{
  for (size_t i = 0; i < record->ncolumn; i++)
    say (record->column[i]->name, record->column[i]->sd);
  elbo_choice *choice = made (elbo_record_add_choice (record));
  choice->components = 2;
  choice->elbo = record->elbo;
  choice = made (elbo_record_add_choice (record));
  choice->components = 3;
  choice->elbo = record->elbo - 1;
  say_all ("terms", record->term, record->nterm);
}

/* Through a text: the record and its arrays, changed by this program. */
static void
round_trip (const elbo_search *search)
{
  elbo_record *record = made (elbo_record_of (search)), *read;
  look_at_record (record);
  char *text;
  size_t length;
  must (elbo_model_to_text (elbo_search_model (search), record, &text, &length));
  elbo_model *model = made (elbo_model_from_text (text, length, "text", &read));
  gsl_vector *weight = gsl_vector_alloc (elbo_model_ncomp (model));
  must (elbo_component_weights (model, weight));
  say_all ("weights", weight->data, weight->size);
  for (size_t i = 0; i < read->nchoice; i++)
    say ("choice", read->choice[i]->elbo);
  gsl_vector_free (weight);
  elbo_model_free (model);
  elbo_record_free (record);
  elbo_record_free (read);
  free (text);
}

static void
compare (elbo_data *data, elbo_method method)
{
  const elbo_family *const family[] = { elbo_gauss_full, elbo_gauss_diag };
  const elbo_block block = ELBO_BLOCK (elbo_gauss_full, 0, 2, 0);
  elbo_search_options search;
  elbo_search_options_init (&search);
  search.starts = 2;
  elbo_choose_options options;
  elbo_choose_options_init (&options);
  options.least = 1;
  options.most = 3;
  options.family = family;
  options.nfamily = 2;
  options.search = &search;
  options.before = before;
  elbo_selection *selection;
  must (elbo_choose (data, NULL, elbo_mixture_dirichlet, &block, 1, method, &options, &selection));
  for (size_t i = 0; i < elbo_selection_size (selection); i++)
    {
      printf ("%s\n", elbo_selection_family (selection, i)->structure);
      say ("score", elbo_selection_score (selection, i));
    }
  const elbo_search *best = elbo_selection_search (selection, elbo_selection_best (selection));
  double criterion[ELBO_NCRITERION];
  if (elbo_search_criteria (best, ELBO_NCRITERION, criterion) == GSL_SUCCESS)
    say_all ("criteria", criterion, ELBO_NCRITERION);
  round_trip (best);
  elbo_selection_free (selection);
}

/* --- tables and the small pieces ----------------------------------------------------------------------- */

static elbo_data *
read_table (const char *path)
{
  elbo_table_options options;
  elbo_table_options_init (&options);
  options.missing = ELBO_MISSING_DROP;
  options.threads = 2;
  elbo_table *table = made (elbo_table_open (path, &options));
  const size_t column[] = { 0, 1 };
  elbo_column_summary summary[2];
  for (size_t i = 0; i < 2; i++)
    must (elbo_table_set_role (table, i, ELBO_ROLE_NUMBER));
  must (elbo_table_read (table, 0));
  for (size_t i = 0; i < 2; i++)
    must (elbo_table_summary (table, i, &summary[i]));
  for (size_t i = 0; i < 2; i++)
    {
      say (elbo_table_name (table, i), summary[i].mean);
      say ("distinct", (double)summary[i].distinct);
    }
  elbo_data *data = made (elbo_table_take (table, column, 2, (size_t)-1));
  elbo_table_free (table);
  return data;
}

static double
log_joint (const double *z, void *arg)
{
  (void)arg;
  return -*z * *z;
}

static double
log_q (const double *z, void *arg)
{
  (void)arg;
  return *z > 0 && *z < 1 ? 0 : -INFINITY;
}

static void
draw_z (gsl_rng *rng, double *z, void *arg)
{
  (void)arg;
  *z = gsl_rng_uniform_pos (rng);
}

static void
small_pieces (void)
{
  const double joint[] = { -1, -2, -3 },
               prior[] = { -0.6931471805599453, -1.3862943611198906, -1.3862943611198906 },
               q[] = { 0.5, 0.3, 0.2 };
  const elbo_own_model own
      = { .dim = 1, .log_joint = log_joint, .log_q = log_q, .draw = draw_z, .arg = NULL };
  elbo_identity identity[2];
  elbo_estimate estimate[2];
  gsl_rng *rng = gsl_rng_alloc (gsl_rng_mt19937);
  for (size_t i = 0; i < 2; i++)
    {
      must (elbo_discrete_bound (3, joint, prior, q, &identity[i]));
      must (elbo_monte_carlo (&own, 1000, 1 + i, rng, &estimate[i]));
    }
  gsl_rng_free (rng);
  for (size_t i = 0; i < 2; i++)
    {
      say ("elbo", identity[i].elbo);
      say ("gap", identity[i].gap);
      say ("mean", estimate[i].mean);
      say ("variance", estimate[i].variance);
    }
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    return 2;
  make_descriptors ();
  elbo_data *data = make_data ();
  fit_once (data);
  step_by_hand (data);
  search_own (data);
  elbo_data_free (data);
  data = read_table (argv[1]);
  compare (data, ELBO_ML);
  compare (data, ELBO_VB);
  elbo_data_free (data);
  small_pieces ();
  return example_main ();
}

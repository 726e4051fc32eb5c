/* SPDX-License-Identifier: GPL-3.0-or-later */
// The public headers in C++: elbo.h twice, and a little use that must compile.

#include <elbo/elbo.h>
#include <elbo/elbo.h>

#include <vector>

static int
count (const elbo_fit *, size_t, size_t nrecord, void *arg)
{
  *static_cast<size_t *> (arg) += nrecord;
  return 0;
}

int
main ()
{
  std::vector<double> x = { 0.1, 1.2, 0.3, 5.1, 6.3, 5.2 };
  gsl_matrix_view view = gsl_matrix_view_array (x.data (), x.size (), 1);
  elbo_data *data = elbo_data_from_matrix (&view.matrix, nullptr);
  const elbo_block block = ELBO_BLOCK (elbo_gauss_diag, 0, 1, 0);
  elbo_model *model = elbo_model_alloc (2, elbo_mixture_dirichlet, &block, 1, ELBO_VB);
  const size_t label[] = { 0, 0, 0, 1, 1, 1 };
  size_t records = 0;
  int status = elbo_model_prepare (model, data);
  elbo_start *start = elbo_start_labels (label, 6, 2);
  elbo_fit *fit = elbo_fit_alloc (model, data, nullptr);
  if (status == GSL_SUCCESS)
    status = elbo_fit_start (fit, start);
  if (status == GSL_SUCCESS)
    status = elbo_fit_run (fit, count, &records);
  const size_t kept = elbo_fit_nrecord (fit);
  elbo_fit_free (fit);
  elbo_start_free (start);
  elbo_model_free (model);
  elbo_data_free (data);
  return status == GSL_SUCCESS && records == kept ? 0 : 1;
}

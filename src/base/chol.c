/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small dense symmetric matrices.  GSL's Cholesky raises its error handler on a matrix that is not
   positive definite, which is an ordinary event for data; this one returns a status. */
#include <config.h>
#include <math.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>
#include "base/base.h"

size_t
elbo_chol (size_t dim, double *a, double *pivot)
{
  for (size_t j = 0; j < dim; j++)
    {
      double *row = a + j * dim, d = row[j];
      for (size_t k = 0; k < j; k++)
        d -= row[k] * row[k];
      if (pivot)
        *pivot = d;
      if (!(d > 0) || !isfinite (d))
        return j + 1;
      row[j] = sqrt (d);
      for (size_t i = j + 1; i < dim; i++)
        {
          double *below = a + i * dim, s = below[j];
          for (size_t k = 0; k < j; k++)
            s -= below[k] * row[k];
          below[j] = s / row[j];
        }
    }
  return 0;
}

void
elbo_chol_inverse (size_t dim, const double *l, double *inverse)
{
  for (size_t i = 0; i < dim; i++)
    {
      double *row = inverse + i * (i + 1) / 2;
      row[i] = 1 / l[i * dim + i];
      for (size_t j = 0; j < i; j++)
        {
          double s = 0;
          for (size_t k = j; k < i; k++)
            s -= l[i * dim + k] * inverse[k * (k + 1) / 2 + j];
          row[j] = s * row[i];
        }
    }
}

double
elbo_chol_logdet (size_t dim, const double *l)
{
  double sum = 0;
  for (size_t j = 0; j < dim; j++)
    sum += log (l[j * dim + j]);
  return 2 * sum;
}

void
elbo_eigen (size_t dim, double *a, double *value, double *vector, double *work)
{
  /* the allocators of GSL raise the error handler when memory runs out, so the workspace is
     laid over the caller's memory */
  gsl_eigen_symmv_workspace space = { dim, work, work + dim, work + 2 * dim, work + 3 * dim };
  gsl_matrix_view m = gsl_matrix_view_array (a, dim, dim);
  gsl_matrix_view v = gsl_matrix_view_array (vector, dim, dim);
  gsl_vector_view e = gsl_vector_view_array (value, dim);
  gsl_eigen_symmv (&m.matrix, &e.vector, &v.matrix, &space);
  gsl_eigen_symmv_sort (&e.vector, &v.matrix, GSL_EIGEN_SORT_VAL_DESC);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VLFeat's vl_gmm (diagonal covariances) from the common start, in double precision.  It has no
   hook between iterations: the time of one is that of n + 1 less that of 1, divided by n.
   Its M step leaves small posteriors out, and it restarts modes with few rows; what is compared is
   therefore the log-likelihood after one M step, before any restart.

   usage: vlfeat DIR CASE ITERATIONS THREADS */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <sys/resource.h>
#include <vl/generic.h>
#include <vl/gmm.h>

typedef struct
{
  size_t n, dim, ncomp;
  double *x, *weight, *mean, *variance;
} problem;

static double *
read_numbers (const char *dir, const char *name, const char *suffix, size_t count)
{
  char path[4096];
  snprintf (path, sizeof path, "%s/%s.%s", dir, name, suffix);
  FILE *f = fopen (path, "rb");
  double *v = malloc (count * sizeof *v);
  if (!f || !v || fread (v, sizeof *v, count, f) != count)
    {
      perror (path);
      exit (EXIT_FAILURE);
    }
  fclose (f);
  return v;
}

static void
read_problem (const char *dir, const char *name, problem *p)
{
  char path[4096];
  snprintf (path, sizeof path, "%s/%s.meta", dir, name);
  FILE *f = fopen (path, "r");
  if (!f || fscanf (f, "%zu %zu %zu", &p->n, &p->dim, &p->ncomp) != 3)
    exit (EXIT_FAILURE);
  fclose (f);
  const size_t K = p->ncomp, D = p->dim;
  p->x = read_numbers (dir, name, "bin", p->n * D);
  p->weight = read_numbers (dir, name, "start", K + K * D + K * D * D);
  p->mean = p->weight + K;
  p->variance = malloc (K * D * sizeof *p->variance);
  for (size_t k = 0; k < K; k++)
    for (size_t d = 0; d < D; d++)
      p->variance[k * D + d] = p->mean[K * D + k * D * D + d * D + d];
}

typedef struct
{
  double seconds, cpu;
} duration;

static duration
seconds_of (const problem *p, size_t iterations, double *value)
{
  VlGMM *gmm = vl_gmm_new (VL_TYPE_DOUBLE, p->dim, p->ncomp);
  struct timespec began, ended;
  vl_gmm_set_max_num_iterations (gmm, iterations);
  vl_gmm_set_initialization (gmm, VlGMMCustom);
  vl_gmm_set_covariance_lower_bound (gmm, 1e-10);
  vl_gmm_set_means (gmm, p->mean);
  vl_gmm_set_covariances (gmm, p->variance);
  vl_gmm_set_priors (gmm, p->weight);
  const clock_t used = clock ();
  clock_gettime (CLOCK_MONOTONIC, &began);
  *value = vl_gmm_cluster (gmm, p->x, p->n) / (double)p->n;
  clock_gettime (CLOCK_MONOTONIC, &ended);
  const duration d
      = { (double)(ended.tv_sec - began.tv_sec) + 1e-9 * (double)(ended.tv_nsec - began.tv_nsec),
          (double)(clock () - used) / CLOCKS_PER_SEC };
  vl_gmm_delete (gmm);
  return d;
}

int
main (int argc, char **argv)
{
  if (argc != 5)
    return EXIT_FAILURE;
  problem p;
  double value, last;
  struct rusage use;
  const int iterations = atoi (argv[3]), threads = atoi (argv[4]);
  read_problem (argv[1], argv[2], &p);
  vl_set_num_threads ((vl_size)threads);
  const duration one = seconds_of (&p, 1, &value);
  const duration all = seconds_of (&p, (size_t)iterations + 1, &last);
  getrusage (RUSAGE_SELF, &use);
  printf ("{\"program\": \"VLFeat %s\", \"case\": \"%s\", \"method\": \"em\", "
          "\"covariance\": \"diag\", \"threads\": %d, \"n\": %zu, \"dim\": %zu, \"ncomp\": %zu, "
          "\"seconds\": %.6g, \"cpu\": %.6g, \"at_pass\": 2, \"loglik_per_row\": %.12g, "
          "\"allowed\": 1e-4, "
          "\"peak_rss_kib\": %ld}\n",
          vl_get_version_string (), argv[2], threads, p.n, p.dim, p.ncomp,
          (all.seconds - one.seconds) / iterations, (all.cpu - one.cpu) / iterations, value,
          use.ru_maxrss);
  return EXIT_SUCCESS;
}

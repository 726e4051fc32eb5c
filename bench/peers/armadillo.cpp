/* SPDX-License-Identifier: GPL-3.0-or-later */
// Armadillo's gmm_full and gmm_diag from the common start.  It has no hook between iterations: the
// time of one is that of n + 1 less that of 1, divided by n.
//
// usage: armadillo DIR CASE full|diag ITERATIONS THREADS
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <armadillo>
#include <sys/resource.h>

struct problem
{
  arma::uword n, dim, ncomp;
  arma::mat x, mean; // a column is a row of ours
  arma::rowvec weight;
  arma::cube covariance;
};

static void
read_numbers (std::ifstream &file, double *to, arma::uword count)
{
  file.read (reinterpret_cast<char *> (to), std::streamsize (count * sizeof *to));
  if (!file)
    throw std::runtime_error ("cannot read the data");
}

static problem
read_problem (const std::string &stem)
{
  problem p;
  std::ifstream meta (stem + ".meta"), rows (stem + ".bin", std::ios::binary);
  std::ifstream start (stem + ".start", std::ios::binary);
  meta >> p.n >> p.dim >> p.ncomp;
  p.x.set_size (p.dim, p.n);
  p.weight.set_size (p.ncomp);
  p.mean.set_size (p.dim, p.ncomp);
  p.covariance.set_size (p.dim, p.dim, p.ncomp);
  read_numbers (rows, p.x.memptr (), p.x.n_elem);
  read_numbers (start, p.weight.memptr (), p.weight.n_elem);
  read_numbers (start, p.mean.memptr (), p.mean.n_elem);
  read_numbers (start, p.covariance.memptr (), p.covariance.n_elem);
  return p;
}

static void
begin (arma::gmm_full &model, const problem &p)
{
  model.set_params (p.mean, p.covariance, p.weight);
}

static void
begin (arma::gmm_diag &model, const problem &p)
{
  arma::mat variance (p.dim, p.ncomp);
  for (arma::uword k = 0; k < p.ncomp; k++)
    variance.col (k) = p.covariance.slice (k).diag ();
  model.set_params (p.mean, variance, p.weight);
}

struct duration
{
  double seconds, cpu;
};

template <class model_type>
static duration
seconds_of (model_type &model, const problem &p, arma::uword iterations)
{
  begin (model, p);
  const std::clock_t used = std::clock ();
  const auto began = std::chrono::steady_clock::now ();
  model.learn (p.x, p.ncomp, arma::maha_dist, arma::keep_existing, 0, iterations, 1e-10, false);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now () - began;
  return { seconds.count (), double (std::clock () - used) / CLOCKS_PER_SEC };
}

template <class model_type>
static void
measure (const problem &p, const char *name, const char *kind, int iterations, int threads)
{
  model_type model;
  const duration one = seconds_of (model, p, 1);
  const duration all = seconds_of (model, p, arma::uword (iterations) + 1);
  const double value = model.avg_log_p (p.x);
  struct rusage use;
  getrusage (RUSAGE_SELF, &use);
  std::printf ("{\"program\": \"Armadillo %d.%d.%d\", \"case\": \"%s\", \"method\": \"em\", "
               "\"covariance\": \"%s\", \"threads\": %d, \"n\": %llu, \"dim\": %llu, "
               "\"ncomp\": %llu, \"seconds\": %.6g, \"cpu\": %.6g, \"at_pass\": %d, "
               "\"loglik_per_row\": %.12g, "
               "\"allowed\": 1e-4, \"peak_rss_kib\": %ld}\n",
               ARMA_VERSION_MAJOR, ARMA_VERSION_MINOR, ARMA_VERSION_PATCH, name, kind, threads,
               (unsigned long long)p.n, (unsigned long long)p.dim, (unsigned long long)p.ncomp,
               (all.seconds - one.seconds) / iterations, (all.cpu - one.cpu) / iterations,
               iterations + 2, value, use.ru_maxrss);
}

int
main (int argc, char **argv)
{
  if (argc != 6)
    return 1;
  const problem p = read_problem (std::string (argv[1]) + "/" + argv[2]);
  const int iterations = std::stoi (argv[4]), threads = std::stoi (argv[5]);
  if (std::string (argv[3]) == "full")
    measure<arma::gmm_full> (p, argv[2], argv[3], iterations, threads);
  else
    measure<arma::gmm_diag> (p, argv[2], argv[3], iterations, threads);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the words of options stand for in the library, which knows them by the same names. */
#include <config.h>
#include <string.h>
#include "vi-fit/option/option.h"

elbo_method
chosen_method (const settings *s)
{
  elbo_method method = ELBO_VB;
  char word[OPTION_WORD];
  elbo_method_find (option_word ("method", s->method, word), &method);
  return method;
}

const elbo_latent *
chosen_weights (const settings *s)
{
  char word[OPTION_WORD];
  return elbo_weights_find (option_word ("weights-prior", s->weights_prior, word));
}

int
prior_is_named (const settings *s)
{
  return s->prior && strcmp (s->prior, FRALEY_RAFTERY) == 0;
}

const elbo_family *
chosen_family (int covariance)
{
  char word[OPTION_WORD];
  return elbo_covariance_find (option_word ("covariance", covariance, word));
}

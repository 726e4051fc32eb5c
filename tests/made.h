/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What constructors make, with the status of what they could not make; and a search in one call. */
#ifndef TESTS_MADE_H
#define TESTS_MADE_H

#include <elbo/select.h>

static inline int
start_made (elbo_start **to, elbo_start *start)
{
  *to = start;
  return start ? GSL_SUCCESS : elbo_message_status ();
}

static inline int
search_made (const elbo_model *model, const elbo_data *data, const elbo_ranks *ranks,
             const elbo_search_options *options, elbo_search_watch *watch, void *arg,
             elbo_search **search)
{
  *search = elbo_search_alloc (model, data, ranks, options);
  return *search ? elbo_search_run (*search, watch, arg) : elbo_message_status ();
}

#endif

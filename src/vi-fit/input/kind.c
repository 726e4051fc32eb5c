/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What columns hold, as the families say that model them: no family is named here. */
#include <config.h>
#include <string.h>
#include "vi-fit/input/input.h"

const elbo_family *
family_of_kind (const char *kind)
{
  const elbo_family *family;
  for (size_t i = 0; (family = elbo_family_at (i)); i++)
    if (strcmp (family->data_kind, kind) == 0)
      return family;
  return NULL;
}

int
stands_alone (const elbo_family *family)
{
  return strcmp (family->data_kind, "category") == 0;
}

int
has_levels (const elbo_family *family)
{
  return stands_alone (family) || strcmp (family->data_kind, "binary") == 0;
}

const char *
kind_word (const elbo_family *family)
{
  return stands_alone (family)                       ? "categorical"
         : strcmp (family->data_kind, "number") == 0 ? "numeric"
                                                     : family->data_kind;
}

/* Fill a tile of one column with up to ELBO_TILE cells from row `first` on. */
static size_t
fill (const elbo_table *table, size_t column, size_t first, double x[ELBO_TILE])
{
  const size_t left = elbo_table_nrow (table) - first, n = left < ELBO_TILE ? left : ELBO_TILE;
  for (size_t i = 0; i < ELBO_TILE; i++)
    x[i] = i < n ? elbo_table_value (table, first + i, column) : 0;
  return n;
}

int
check_support (const elbo_table *table, const char *name, size_t column, const elbo_family *family,
               size_t level)
{
  const elbo_shape shape = { .ncomp = 1, .dim = 1, .level = level };
  _Alignas(64) double x[ELBO_TILE];
  if (family->structure) /* any number, as far as it is one in the units of the model */
    return 0;
  for (size_t first = 0; first < elbo_table_nrow (table); first += ELBO_TILE)
    {
      size_t row = 0, at = 0;
      const elbo_tile tile = { .x = x, .n = fill (table, column, first, x), .dim = 1 };
      if (family->check (&shape, &tile, &row, &at) == GSL_SUCCESS)
        continue;
      complain ("%s:%zu: column '%s': %s", elbo_table_file (table),
                elbo_table_line (table, first + row), clean (name), elbo_message ());
      return EXIT_DATA;
    }
  return 0;
}

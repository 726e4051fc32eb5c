/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading JSON with care: every complaint names the file and the path of the key. */
#include <config.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "data/data.h"
#include "file/file.h"

int
elbo_read_bad (const read_source *source, const char *path, const char *format, ...)
{
  char reason[400];
  va_list arg;
  va_start (arg, format);
  vsnprintf (reason, sizeof reason, format, arg);
  va_end (arg);
  if (!*path)
    return elbo_fail (ELBO_EMODEL, "%s: %s: %s", source->file, source->what, reason);
  return elbo_fail (ELBO_EMODEL, "%s: %s: %s: %s", source->file, source->what, path, reason);
}

int
elbo_read_worse (const read_source *source, const char *path, int status)
{
  char reason[300];
  if (status == GSL_ENOMEM)
    return status;
  snprintf (reason, sizeof reason, "%s", elbo_message ());
  return elbo_read_bad (source, path, "%s", reason);
}

FILE *
elbo_read_open (const char *path)
{
  FILE *stream = fopen (path, "rb");
  if (!stream)
    elbo_fail (errno == ENOMEM ? GSL_ENOMEM : ELBO_EIO, "%s: cannot open: %s", path,
               strerror (errno));
  return stream;
}

int
elbo_is_utf8 (const char *text)
{
  const char *const end = text + strlen (text);
  size_t n = 1;
  for (; text < end && n > 0; text += n)
    n = elbo_utf8 (text, end);
  return n > 0;
}

/* What the JSON library says when it fails; without a line it had no memory to begin. */
static json_t *
read_failed (const read_source *source, const json_error_t *error)
{
  if (error->line < 0 || json_error_code (error) == json_error_out_of_memory)
    elbo_fail (GSL_ENOMEM, "%s: out of memory", source->file);
  else
    elbo_read_bad (source, "", "line %d column %d: %s", error->line, error->column, error->text);
  return NULL;
}

/* A text that could not be read for lack of memory can be read the next time. */
json_t *
elbo_read_stream (const read_source *source, FILE *stream)
{
  json_error_t error = { .line = -1 };
  const long begin = ftell (stream);
  json_t *root = json_loadf (stream, JSON_REJECT_DUPLICATES, &error);
  if (!root && begin >= 0 && fseek (stream, begin, SEEK_SET) == 0)
    root = json_loadf (stream, JSON_REJECT_DUPLICATES, &error);
  return root ? root : read_failed (source, &error);
}

json_t *
elbo_read_memory (const read_source *source, const char *text, size_t length)
{
  json_error_t error = { .line = -1 };
  json_t *root = json_loadb (text, length, JSON_REJECT_DUPLICATES, &error);
  if (!root)
    root = json_loadb (text, length, JSON_REJECT_DUPLICATES, &error);
  return root ? root : read_failed (source, &error);
}

void
elbo_read_path (char out[READ_PATH], const char *path, const char *key)
{
  snprintf (out, READ_PATH, "%s%s%s", path, *path ? "." : "", key);
}

int
elbo_read_keys (const read_source *source, json_t *object, const char *path,
                const char *const *known)
{
  const char *key;
  json_t *value;
  json_object_foreach (object, key, value)
  {
    size_t i = 0;
    while (known[i] && strcmp (known[i], key) != 0)
      i++;
    if (!known[i])
      {
        char at[READ_PATH], list[200] = "";
        size_t used = 0;
        for (i = 0; known[i] && used < 150; i++)
          used += (size_t)snprintf (list + used, sizeof list - used, "%s%.40s", i ? ", " : "",
                                    known[i]);
        elbo_read_path (at, path, key);
        return elbo_read_bad (source, at, "unknown key; known here: %s%s", list,
                              known[i] ? ", ..." : "");
      }
  }
  return GSL_SUCCESS;
}

static const char *
type_text (json_type type)
{
  switch (type)
    {
    case JSON_OBJECT:
      return "an object";
    case JSON_ARRAY:
      return "an array";
    case JSON_STRING:
      return "a text";
    case JSON_INTEGER:
      return "a whole number";
    case JSON_REAL:
      return "a number";
    case JSON_NULL:
      return "null";
    case JSON_TRUE:
    case JSON_FALSE:
    default:
      return "true or false";
    }
}

json_t *
elbo_read_need (const read_source *source, json_t *object, const char *path, const char *key,
                json_type type)
{
  char at[READ_PATH];
  elbo_read_path (at, path, key);
  json_t *value = json_object_get (object, key);
  if (!value)
    elbo_read_bad (source, at, "the key is missing");
  else if (json_typeof (value) == type || (type == JSON_REAL && json_is_number (value))
           || (type == JSON_TRUE && json_is_boolean (value)))
    return value;
  else
    elbo_read_bad (source, at, "%s is expected", type_text (type));
  return NULL;
}

int
elbo_read_real (const read_source *source, json_t *object, const char *path, const char *key,
                double *value)
{
  const json_t *number = elbo_read_need (source, object, path, key, JSON_REAL);
  if (!number)
    return ELBO_EMODEL;
  *value = json_number_value (number);
  return GSL_SUCCESS;
}

int
elbo_read_size (const read_source *source, json_t *object, const char *path, const char *key,
                size_t *value)
{
  const json_t *number = elbo_read_need (source, object, path, key, JSON_INTEGER);
  if (!number)
    return ELBO_EMODEL;
  if (json_integer_value (number) < 0)
    {
      char at[READ_PATH];
      elbo_read_path (at, path, key);
      return elbo_read_bad (source, at, "a number of at least 0 is expected");
    }
  *value = (size_t)json_integer_value (number);
  return GSL_SUCCESS;
}

int
elbo_read_flag (const read_source *source, json_t *object, const char *path, const char *key,
                int *value)
{
  const json_t *flag = elbo_read_need (source, object, path, key, JSON_TRUE);
  if (!flag)
    return ELBO_EMODEL;
  *value = json_is_true (flag);
  return GSL_SUCCESS;
}

int
elbo_read_text (const read_source *source, json_t *object, const char *path, const char *key,
                int null, char **value)
{
  if (null && json_is_null (json_object_get (object, key)))
    return GSL_SUCCESS;
  const json_t *text = elbo_read_need (source, object, path, key, JSON_STRING);
  if (!text)
    return ELBO_EMODEL;
  *value = strdup (json_string_value (text));
  return *value ? GSL_SUCCESS : elbo_fail (GSL_ENOMEM, "out of memory");
}

int
elbo_read_texts (const read_source *source, json_t *object, const char *path, const char *key,
                 char ***text, size_t *ntext)
{
  const json_t *array = elbo_read_need (source, object, path, key, JSON_ARRAY);
  if (!array)
    return ELBO_EMODEL;
  const size_t n = json_array_size (array);
  *text = elbo_calloc (n + 1, sizeof **text);
  if (!*text)
    return GSL_ENOMEM;
  for (*ntext = 0; *ntext < n; ++*ntext)
    {
      const json_t *one = json_array_get (array, *ntext);
      if (!json_is_string (one))
        {
          char at[READ_PATH];
          elbo_read_path (at, path, key);
          return elbo_read_bad (source, at, "a text is expected in place %zu", *ntext);
        }
      (*text)[*ntext] = strdup (json_string_value (one));
      if (!(*text)[*ntext])
        return elbo_fail (GSL_ENOMEM, "out of memory");
    }
  return GSL_SUCCESS;
}

void
elbo_texts_free (char **text, size_t ntext)
{
  for (size_t i = 0; i < ntext; i++)
    free (text[i]);
  free (text);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vi-fit --generate=man|bash|zsh|fish: the man page and the completions of shells, from the tables
   of verbs and options.  Doc strings hold no markup: what a format would read as such is escaped. */
#include <config.h>
#include <ctype.h>
#include <string.h>
#include "vi-fit/option/option.h"

/* Text on one line, with a backslash before the bytes of special. */
static void
put_escaped (const char *text, const char *special)
{
  for (; *text; text++)
    {
      if (strchr (special, *text))
        putchar ('\\');
      putchar (*text == '\n' ? ' ' : *text);
    }
}

/* --- man page -------------------------------------------------------------------------------- */

/* A line feed of the table is a blank; a point must not begin a line. */
static void
man_text (const char *text)
{
  if (*text == '.')
    fputs ("\\&", stdout);
  for (; *text; text++)
    switch (*text)
      {
      case '\\':
        fputs ("\\e", stdout);
        break;
      case '-':
        fputs ("\\-", stdout);
        break;
      case '\'':
        fputs ("\\(aq", stdout);
        break;
      case '\n':
        putchar (' ');
        break;
      default:
        putchar (*text);
        break;
      }
}

/* Words of capitals are arguments: set in italics. */
static void
man_usage (const char *text)
{
  while (*text)
    {
      const size_t n = strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
      if (n)
        printf ("\\fI%.*s\\fR", (int)n, text);
      else
        {
          const char one[2] = { *text, '\0' };
          man_text (one);
        }
      text += n ? n : 1;
    }
}

static void
man_options (int shared)
{
  for (section part = DATA; part < NSECTION; part++)
    {
      const option_row *o;
      int headed = 0;
      for (size_t i = 0; (o = option_at (i)); i++)
        {
          if (o->part != part || ((o->verbs & VERB_FIT) != 0) != shared)
            continue;
          if (!headed++)
            printf (".SS %s\n", option_heading[part]);
          fputs (".TP\n", stdout);
          if (o->letter)
            printf ("\\fB\\-%c\\fR, ", o->letter);
          fputs ("\\fB\\-\\-", stdout);
          man_text (o->name);
          fputs ("\\fR", stdout);
          if (o->arg)
            printf ("=\\fI%s\\fR", o->arg);
          putchar ('\n');
          man_text (o->doc);
          const char *lead = " (";
          for (size_t v = 0; !shared && v < verb_count (); v++)
            if (o->verbs & verbs[v].verb)
              {
                printf ("%s\\fB%s\\fR", lead, verbs[v].name);
                lead = ", ";
              }
          puts (!shared ? ")." : strcmp (o->doc + strlen (o->doc) - 3, "...") == 0 ? "" : ".");
        }
    }
}

static int
generate_man (const instance_row *const *instances)
{
  (void)instances; /* they are listed by vi-fit demo */
  printf (".\\\" Made by vi-fit --generate=man from its table of options; do not edit.\n"
          ".TH VI\\-FIT 1 \"\" \"libelbo %s\" \"User Commands\"\n"
          ".SH NAME\n"
          "vi\\-fit \\- fit mixture models by EM and variational inference\n"
          ".SH SYNOPSIS\n",
          elbo_version ());
  for (size_t v = 0; v < verb_count (); v++)
    {
      printf ("%s.B vi\\-fit %s%s%s\n[\\fIOPTION\\fR]... ", v ? ".br\n" : "", v ? "" : "[",
              verbs[v].name, v ? "" : "]");
      man_usage (verbs[v].usage);
      putchar ('\n');
    }
  puts (".SH DESCRIPTION");
  for (size_t v = 0; v < verb_count (); v++)
    {
      printf (".TP\n.B %s\n", verbs[v].name);
      man_text (verbs[v].doc);
      putchar ('\n');
    }
  puts (".PP\n"
        "A fit writes no files without\n"
        ".BR \\-\\-output ;\n"
        "what draws a picture or a page writes it beside the model or in the current folder.\n"
        "The same data, options and seed give the same result for any number of threads.\n"
        "Long options may be abbreviated; a file named like a verb is given as \\fB./predict\\fR.\n"
        ".SH OPTIONS");
  man_options (1);
  puts (".SH OPTIONS OF OTHER VERBS");
  man_options (0);
  puts (
      ".SH EXIT STATUS\n"
      ".TP\n.B 0\nfitted and converged\n"
      ".TP\n.B 1\nbad data, or input or output failed\n"
      ".TP\n.B 2\nbad usage\n"
      ".TP\n.B 3\nfitted but not converged; results are written\n"
      ".TP\n.B 4\nthe bound fell by more than rounding explains: a bug; results are written\n"
      ".TP\n.BR 130 \", \" 143\ninterrupted by SIGINT or SIGTERM; the best fit so far is written\n"
      ".SH FILES\n"
      "With\n.BR \"\\-o run\" :\n"
      ".TP\n.I run.model.json\neverything needed to predict, refit and audit\n"
      ".TP\n.I run.labels.csv\n"
      "component, responsibilities and log predictive density of each row\n"
      ".TP\n.I run.trace.csv\nthe bound and its terms after every half\\-step of every start\n"
      ".TP\n.IR run.svg \", \" run.gp \", \" run.dat\n"
      "data, components and bound, drawn by gnuplot from script and data\n"
      ".TP\n.I run.html\none page with everything, with \\fB\\-\\-report\\fR\n"
      ".SH ENVIRONMENT\n"
      ".TP\n.B OMP_NUM_THREADS\nthreads, where \\fB\\-\\-threads\\fR is not given\n"
      ".TP\n.B ELBO_ISA\ninstruction set of the kernels, where a smaller one than the "
      "processor\\(aqs is wanted\n"
      ".TP\n.BR NO_COLOR \", \" TERM \", \" COLUMNS\nas usual\n"
      ".SH EXAMPLES\n"
      ".TP\n.B vi\\-fit data.csv\nchoose K, print the report\n"
      ".TP\n.B vi\\-fit \\-k 3 \\-o run data.csv\nthree components, save everything\n"
      ".TP\n.B vi\\-fit predict run.model.json new.csv\nclassify new rows\n"
      ".SH SEE ALSO\nThe manual,\n.BR \"info vi\\-fit\" .\n"
      ".SH COPYRIGHT\nGNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>; "
      "there is NO WARRANTY.");
  return EXIT_DONE;
}

/* --- completions ----------------------------------------------------------------------------- */

/* What stands for an argument: words of the rule, files, or nothing that can be guessed. */
static const char *
argument_words (const option_row *o)
{
  return o->kind == WORD                       ? o->rule
         : strcmp (o->name, "start") == 0      ? "kmeans++|random"
         : strcmp (o->name, "components") == 0 ? "auto"
                                               : NULL;
}

static int
argument_file (const option_row *o)
{
  return o->arg
         && (strncmp (o->arg, "FILE", 4) == 0 || strcmp (o->arg, "PREFIX") == 0
             || strcmp (o->arg, "DIR") == 0 || strcmp (o->name, "start") == 0);
}

/* Words with blanks for the strokes of a rule. */
static void
put_words (const char *rule)
{
  for (; *rule; rule++)
    putchar (*rule == '|' ? ' ' : *rule);
}

static void
bash_words (int verb)
{
  const option_row *o;
  for (size_t i = 0; (o = option_at (i)); i++)
    if (o->verbs & verb)
      {
        if (o->letter)
          printf (" -%c", o->letter);
        printf (" --%s%s", o->name, o->arg ? "=" : "");
      }
}

static void
put_demos (const instance_row *const *instances)
{
  for (size_t i = 0; instances[i]; i++)
    printf ("%s%s", i ? " " : "", instances[i]->name);
}

/* The parameters of the instance that stands on the command line; nothing is known of their
   values, whatever an option of that name takes elsewhere. */
static void
bash_parameters (const instance_row *const *instances)
{
  puts ("  if [ $verb = demo ]; then\n"
        "    for word in \"${words[@]:2}\"; do\n"
        "      case $word in");
  for (size_t i = 0; instances[i]; i++)
    {
      printf ("        %s) parameters='", instances[i]->name);
      for (const parameter_row *p = instances[i]->parameter; p->name; p++)
        printf (" --%s=", p->name);
      puts (" ' ;;");
    }
  puts ("      esac\n"
        "    done\n"
        "    [[ $parameters == *\" $prev= \"* ]] && return\n"
        "  fi");
}

static int
generate_bash (const instance_row *const *instances)
{
  const option_row *o;
  puts ("# bash completion of vi-fit, made by vi-fit --generate=bash; do not edit.\n"
        "_vi_fit ()\n{\n"
        "  local cur prev words cword split verb=fit options word parameters=\n"
        "  _init_completion -s || return\n"
        "  case ${words[1]} in");
  fputs ("    ", stdout);
  for (size_t v = 0; v < verb_count (); v++)
    printf ("%s%s", v ? "|" : "", verbs[v].name);
  puts (") [ \"$cword\" -eq 1 ] || verb=${words[1]} ;;\n  esac");
  bash_parameters (instances);
  puts ("  case $prev in");
  for (size_t i = 0; (o = option_at (i)); i++)
    {
      if (!o->arg)
        continue;
      fputs ("    ", stdout);
      if (o->letter)
        printf ("-%c|", o->letter);
      printf ("--%s) ", o->name);
      if (argument_words (o))
        {
          fputs ("COMPREPLY=($(compgen -W '", stdout);
          put_words (argument_words (o));
          fputs ("' -- \"$cur\")); ", stdout);
        }
      puts (argument_file (o) ? "_filedir; return ;;" : "return ;;");
    }
  puts ("  esac\n  $split && return\n  case $verb in");
  for (size_t v = 0; v < verb_count (); v++)
    {
      printf ("    %s) options='", verbs[v].name);
      bash_words (verbs[v].verb);
      puts ("' ;;");
    }
  puts ("  esac\n"
        "  case $cur in\n"
        "    -*)\n"
        "      COMPREPLY=($(compgen -W \"$options$parameters\" -- \"$cur\"))\n"
        "      [[ ${COMPREPLY-} == *= ]] && compopt -o nospace\n"
        "      ;;\n"
        "    *)");
  fputs ("      [ \"$cword\" -eq 1 ] && COMPREPLY=($(compgen -W '", stdout);
  for (size_t v = 0; v < verb_count (); v++)
    printf ("%s%s", v ? " " : "", verbs[v].name);
  fputs ("' -- \"$cur\"))\n"
         "      if [ $verb = demo ]; then\n"
         "        COMPREPLY=($(compgen -W '",
         stdout);
  put_demos (instances);
  puts ("' -- \"$cur\"))\n"
        "      else\n"
        "        _filedir\n"
        "      fi\n"
        "      ;;\n"
        "  esac\n"
        "} && complete -F _vi_fit vi-fit");
  return EXIT_DONE;
}

/* One line of a doc string, within single quotes. */
static void
put_doc (const char *doc, const char *special)
{
  for (; *doc; doc++)
    if (*doc == '\'')
      fputs ("'\\''", stdout);
    else
      {
        if (strchr (special, *doc))
          putchar ('\\');
        putchar (*doc == '\n' ? ' ' : *doc);
      }
}

static void
zsh_option (const option_row *o)
{
  fputs ("        ", stdout);
  if (o->letter)
    printf ("'(-%c --%s)'{-%c%s,--%s%s}", o->letter, o->name, o->letter, o->arg ? "+" : "", o->name,
            o->arg ? "=" : "");
  else
    printf ("--%s%s", o->name, o->arg ? "=" : "");
  fputs ("'[", stdout);
  put_doc (o->doc, "[]\\:");
  putchar (']');
  if (o->arg)
    {
      putchar (':');
      for (const char *c = o->arg; *c; c++)
        putchar (*c == ':' ? ' ' : tolower ((unsigned char)*c));
      putchar (':');
      if (argument_file (o))
        fputs ("_files", stdout);
      else if (argument_words (o))
        {
          putchar ('(');
          put_words (argument_words (o));
          putchar (')');
        }
    }
  puts ("' \\");
}

/* As an array that goes before the options. */
static void
zsh_parameters (const instance_row *const *instances)
{
  fputs ("    local -a parameters\n    case ${words[(r)(", stdout);
  for (size_t i = 0; instances[i]; i++)
    printf ("%s%s", i ? "|" : "", instances[i]->name);
  puts (")]} in");
  for (size_t i = 0; instances[i]; i++)
    {
      printf ("      %s) parameters=(", instances[i]->name);
      for (const parameter_row *p = instances[i]->parameter; p->name; p++)
        {
          printf ("\n        '--%s=[", p->name);
          put_doc (p->doc, "[]\\:");
          fputs ("]:value: '", stdout);
        }
      puts (") ;;");
    }
  puts ("    esac");
}

static int
generate_zsh (const instance_row *const *instances)
{
  const option_row *o;
  puts ("#compdef vi-fit\n"
        "# zsh completion of vi-fit, made by vi-fit --generate=zsh; do not edit.\n"
        "local verb=fit\n"
        "local -a verbs\nverbs=(");
  for (size_t v = 0; v < verb_count (); v++)
    {
      printf ("  '%s:", verbs[v].name);
      put_doc (verbs[v].doc, ":");
      puts ("'");
    }
  puts (")\n"
        "if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
        "  _describe verb verbs\n"
        "  _files\n"
        "  return\n"
        "fi\n"
        "if (( ${+verbs[(r)$words[2]:*]} )); then\n"
        "  verb=$words[2]\n"
        "  shift words\n"
        "  (( CURRENT-- ))\n"
        "fi\n"
        "case $verb in");
  for (size_t v = 0; v < verb_count (); v++)
    {
      const int demo = verbs[v].verb == VERB_DEMO;
      printf ("  %s)\n", verbs[v].name);
      if (demo)
        zsh_parameters (instances);
      printf ("    _arguments -s %s\\\n", demo ? "$parameters " : "");
      for (size_t i = 0; (o = option_at (i)); i++)
        if (o->verbs & verbs[v].verb)
          zsh_option (o);
      if (demo)
        {
          fputs ("        '*:demo:(", stdout);
          put_demos (instances);
          puts (")' ;;");
        }
      else
        puts ("        '*:file:_files' ;;");
    }
  puts ("esac");
  return EXIT_DONE;
}

static void
fish_parameters (const instance_row *const *instances)
{
  puts ("function __vi_fit_demo\n"
        "    __vi_fit_verb demo; and contains -- $argv (commandline -opc)\n"
        "end");
  for (size_t i = 0; instances[i]; i++)
    for (const parameter_row *p = instances[i]->parameter; p->name; p++)
      {
        printf ("complete -c vi-fit -n '__vi_fit_demo %s' -l %s -x -d '", instances[i]->name,
                p->name);
        put_escaped (p->doc, "'\\");
        puts ("'");
      }
}

static int
generate_fish (const instance_row *const *instances)
{
  const option_row *o;
  puts ("# fish completion of vi-fit, made by vi-fit --generate=fish; do not edit.\n"
        "function __vi_fit_verb\n"
        "    set -l words (commandline -opc)\n"
        "    set -l verb fit");
  fputs ("    if set -q words[2]; and contains -- $words[2]", stdout);
  for (size_t v = 0; v < verb_count (); v++)
    printf (" %s", verbs[v].name);
  puts ("\n        set verb $words[2]\n    end\n    contains -- $verb $argv\nend");
  for (size_t v = 0; v < verb_count (); v++)
    {
      printf ("complete -c vi-fit -n __fish_use_subcommand -a %s -d '", verbs[v].name);
      put_escaped (verbs[v].doc, "'\\");
      puts ("'");
    }
  fputs ("complete -c vi-fit -n '__vi_fit_verb demo' -f -a '", stdout);
  put_demos (instances);
  puts ("'");
  fish_parameters (instances);
  for (size_t i = 0; (o = option_at (i)); i++)
    {
      fputs ("complete -c vi-fit -n '__vi_fit_verb", stdout);
      for (size_t v = 0; v < verb_count (); v++)
        if (o->verbs & verbs[v].verb)
          printf (" %s", verbs[v].name);
      printf ("' -l %s", o->name);
      if (o->letter)
        printf (" -s %c", o->letter);
      if (o->arg)
        fputs (argument_file (o) ? " -rF" : " -x", stdout);
      if (o->arg && argument_words (o))
        {
          fputs (" -a '", stdout);
          put_words (argument_words (o));
          putchar ('\'');
        }
      fputs (" -d '", stdout);
      put_escaped (o->doc, "'\\");
      puts ("'");
    }
  return EXIT_DONE;
}

int
generate (const char *what, const instance_row *const *instances)
{
  static const struct
  {
    const char *name;
    int (*make) (const instance_row *const *instances);
  } list[] = { { "man", generate_man },
               { "bash", generate_bash },
               { "zsh", generate_zsh },
               { "fish", generate_fish } };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    if (strcmp (what, list[i].name) == 0)
      return list[i].make (instances);
  complain ("--generate=%s: one of man|bash|zsh|fish is needed", clean (what));
  return EXIT_USAGE;
}

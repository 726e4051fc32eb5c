dnl SPDX-License-Identifier: GPL-3.0-or-later
# ELBO_ARG_SANITIZE
# -----------------
# --enable-sanitize[=LIST]: compile and link everything with -fsanitize=LIST.
# Sets SANITIZE_FLAGS, which goes into AM_CFLAGS and AM_LDFLAGS.
AC_DEFUN([ELBO_ARG_SANITIZE], [
AC_ARG_ENABLE([sanitize],
  [AS_HELP_STRING([--enable-sanitize@<:@=LIST@:>@], [build with -fsanitize=LIST @<:@address,undefined@:>@])],
  [], [enable_sanitize=no])
AS_CASE([$enable_sanitize], [yes], [enable_sanitize=address,undefined])
AS_IF([test "x$enable_sanitize" != xno],
  [AX_CHECK_COMPILE_FLAG([-fsanitize=$enable_sanitize],
     [SANITIZE_FLAGS="-fsanitize=$enable_sanitize -fno-omit-frame-pointer -fno-sanitize-recover=all"],
     [AC_MSG_ERROR([the compiler has no -fsanitize=$enable_sanitize])])])
AC_SUBST([SANITIZE_FLAGS])
])

dnl SPDX-License-Identifier: GPL-3.0-or-later
# ELBO_NEED_PKG(VARIABLE, MODULE, DEBIAN, FEDORA, HOMEBREW)
# ---------------------------------------------------------
# A library found by pkg-config, or an error that names the package to install.
# Sets VARIABLE_CFLAGS and VARIABLE_LIBS.
AC_DEFUN([ELBO_NEED_PKG], [
PKG_CHECK_MODULES([$1], [$2], [],
  [AC_MSG_ERROR([$2 not found (Debian/Ubuntu: apt install $3; Fedora: $4; Homebrew: $5)])])
])

# ELBO_NEED_LIBCSV
# ----------------
# libcsv ships no pkg-config file.  Sets CSV_LIBS.
AC_DEFUN([ELBO_NEED_LIBCSV], [
AC_CHECK_HEADER([csv.h], [],
  [AC_MSG_ERROR([libcsv not found (Debian/Ubuntu: apt install libcsv-dev; Fedora: libcsv-devel; Homebrew: libcsv)])])
AC_CHECK_LIB([csv], [csv_init], [CSV_LIBS=-lcsv],
  [AC_MSG_ERROR([libcsv not found (Debian/Ubuntu: apt install libcsv-dev; Fedora: libcsv-devel; Homebrew: libcsv)])])
AC_SUBST([CSV_LIBS])
])

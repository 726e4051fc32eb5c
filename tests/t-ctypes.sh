#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# t-ctypes.sh -- the shared library from Python, by ctypes alone (tests/t-ctypes.py): no function that a
# binding needs is only in a header.

top=${srcdir:-.}
build=${top_builddir:-.}
library=$build/.libs/libelbo.so
gsl=$(${PKG_CONFIG:-pkg-config} --variable=libdir gsl 2>/dev/null)/libgsl.so
if ! command -v python3 >/dev/null || ! python3 -c 'import ctypes' 2>/dev/null; then
  echo "1..0 # SKIP no python3 with ctypes"
elif [ ! -f "$library" ] || nm "$library" | grep -q __asan_init; then
  echo "1..0 # SKIP no shared library, or one with the sanitizers"
elif [ ! -f "$gsl" ]; then
  echo "1..0 # SKIP no shared libgsl"
else
  python3 "$top/tests/t-ctypes.py" "$library" "$gsl" "$top/tests/data/faithful.csv"
fi

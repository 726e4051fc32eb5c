noinst_HEADERS += %D%/base.h
libelbo_all_la_SOURCES += %D%/status.c %D%/memory.c %D%/field.c %D%/math.c %D%/chol.c %D%/tree.c \
  %D%/rng.c %D%/threads.c

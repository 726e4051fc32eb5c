noinst_HEADERS += %D%/kernel.h

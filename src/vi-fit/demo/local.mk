# SPDX-License-Identifier: GPL-3.0-or-later
vi_fit_SOURCES += %D%/demo.h %D%/demo_blr.c %D%/demo_diffusion.c %D%/demo_discrete.c \
  %D%/demo_exact.c %D%/demo_gmm1.c %D%/demo_iwae.c %D%/demo_linvae.c %D%/demo_mc.c \
  %D%/demo_page.c %D%/demo_picture.c %D%/demo_table.c %D%/demo_twocoin.c %D%/demo_uninorm.c \
  %D%/demos.c

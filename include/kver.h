/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's version out of a release string. */
#ifndef OOMKIT_KVER_H
#define OOMKIT_KVER_H

#include "facts.h"

/* "6.18.44-cloud-amd64" is {6, 18, 44}, "4.14" {4, 14, 0}, "2.6.32.9" {2, 6, 32}; what follows the
 * numbers is left alone. Returns 0 or -EINVAL. */
int kver_parse(const char *s, struct kver *ret);

#endif

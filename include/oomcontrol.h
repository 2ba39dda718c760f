/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory.oom_control of the cgroups (v1), by an eventfd. */
#ifndef OOMKIT_OOMCONTROL_H
#define OOMKIT_OOMCONTROL_H

#include "source.h"

extern const struct source_ops oomcontrol_source;

#endif

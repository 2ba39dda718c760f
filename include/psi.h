/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Triggers of pressure stall information: /proc/pressure/memory, memory.pressure of a cgroup. */
#ifndef OOMKIT_PSI_H
#define OOMKIT_PSI_H

#include "source.h"

/* "low", "medium", "critical", or "some:PERCENT", "full:PERCENT": the text of the trigger. Pure.
 * Returns 0 or -EINVAL. */
int psi_trigger(const char *level, char *buf, size_t size);

extern const struct source_ops psi_source;

#endif

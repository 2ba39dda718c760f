/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own sum of kills: oom_kill of /proc/vmstat, since 4.13. */
#ifndef OOMKIT_VMSTAT_H
#define OOMKIT_VMSTAT_H

#include "source.h"

/* Returns 0 or -errno; -ENOENT where this kernel does not count them. */
int vmstat_kills(const struct host *h, uint64_t *ret);

extern const struct source_ops vmstat_source;

#endif

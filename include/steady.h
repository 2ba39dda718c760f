/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keeps us working while the machine is out of memory. */
#ifndef OOMKIT_STEADY_H
#define OOMKIT_STEADY_H

#include <stdbool.h>

#include "host.h"

/* The heap never gives back, and takes in large pieces: to be called before anything large is
 * allocated and freed. */
void steady_prepare(void);

/* What is free goes back to the kernel; then so much is made ready, for the heap and the stack, and
 * all memory is locked. Returns 0 or -errno of the lock: -EPERM and -ENOMEM where it is not
 * permitted. */
int steady_lock(void);

/* Lowers our own oom_score_adj where that is permitted; *before is what it was. Returns 0, also
 * where it is low already, or -errno. */
int steady_lower_adj(const struct host *h, int *before);

/* In a child that is to run somebody else's program: the value that we were started with. */
void steady_restore_adj(const struct host *h, int before);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs another program and waits for it. */
#ifndef OOMKIT_CHILD_H
#define OOMKIT_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/* argv[0] is found as a shell finds it; no shell is in between. Returns its exit status, 128 and
 * the signal that ended it, or -errno where it could not be started. */
int child_run(const char *const *argv);

/* Makes sure that a child's end is told to us: where whoever started us ignores SIGCHLD, the kernel
 * would keep it from wait(2). True where that was so. */
bool child_expect(void);

/* Waits for a child. Returns its exit status, 128 and the signal that ended it, or -errno. */
int child_wait(pid_t pid);

#endif

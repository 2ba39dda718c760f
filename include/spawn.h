/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another program at work for us: its output is read, nothing of ours leaks into it, no shell. */
#ifndef OOMKIT_SPAWN_H
#define OOMKIT_SPAWN_H

#include <sys/types.h>

struct spawn {
	pid_t pid;
	int out; /* its standard output */
};

/* Runs argv (found in PATH) with in as its standard input (-1: none). Returns 0 or -errno; a
 * program that is not there is told by spawn_wait(). */
int spawn_reader(struct spawn *s, const char *const *argv, int in);

/* Closes its output and waits. Returns its exit status, 127 where it could not be run, 128 and the
 * signal's number where one ended it, or -errno. */
int spawn_wait(struct spawn *s);

#endif

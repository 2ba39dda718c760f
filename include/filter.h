/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another program at work for us: its output is read, nothing of ours leaks into it, no shell. */
#ifndef OOMKIT_FILTER_H
#define OOMKIT_FILTER_H

#include <sys/types.h>

struct filter {
	pid_t pid;
	int out; /* its standard output */
};

/* Runs argv (found in PATH) with in as its standard input (-1: none). Returns 0 or -errno; a
 * program that is not there is told by filter_wait(). */
int filter_start(struct filter *s, const char *const *argv, int in);

/* Closes its output and waits. Returns its exit status, 127 where it could not be run, 128 and the
 * signal's number where one ended it, or -errno. */
int filter_wait(struct filter *s);

#endif

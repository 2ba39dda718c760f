/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does another program do a piece of work? fork and exec with a pipe between; no shell. */
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "child.h"

static void become(const char *const *argv, int in, int out)
{
	if (in >= 0 && dup2(in, STDIN_FILENO) < 0)
		_exit(127);
	if (in < 0)
		close(STDIN_FILENO);
	if (dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

int filter_start(struct filter *s, const char *const *argv, int in)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child_expect();
	s->pid = fork();
	if (s->pid < 0) {
		int r = -errno;

		close(ends[0]);
		close(ends[1]);
		return r;
	}
	if (s->pid == 0)
		become(argv, in, ends[1]);
	close(ends[1]);
	s->out = ends[0];
	return 0;
}

int filter_wait(struct filter *s)
{
	close(s->out);
	return child_wait(s->pid);
}

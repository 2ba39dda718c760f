/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How did the program end that we had run? Mirrors posix_spawnp(3) and waitpid(2). */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

bool child_expect(void)
{
	struct sigaction old, standard = { .sa_handler = SIG_DFL };

	if (sigaction(SIGCHLD, NULL, &old) < 0 || old.sa_handler != SIG_IGN)
		return false;
	return sigaction(SIGCHLD, &standard, NULL) == 0;
}

int child_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int child_run(const char *const *argv)
{
	pid_t pid;
	int r;

	child_expect();
	r = posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)(uintptr_t)argv, environ);
	if (r != 0)
		return -r;
	return child_wait(pid);
}

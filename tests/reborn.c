/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a command as the process of a chosen pid, once that pid is free: what a reader meets that
 * looks at a process twice. Ends as the command ends; 3 where a pid cannot be chosen, or is not to
 * be had within the time.
 */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CANNOT           3
#define PATIENCE_SECONDS 10

static long fork_as(pid_t pid)
{
	struct clone_args args = { 0 };

	args.exit_signal = SIGCHLD;
	args.set_tid = (uintptr_t)&pid;
	args.set_tid_size = 1;
	return syscall(SYS_clone3, &args, sizeof(args));
}

int main(int argc, char **argv)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	const time_t end = time(NULL) + PATIENCE_SECONDS;
	long child;
	int status;
	pid_t pid;

	if (argc < 3) {
		fputs("Usage: reborn PID COMMAND [ARGUMENT]...\n", stderr);
		return 2;
	}
	pid = (pid_t)strtol(argv[1], NULL, 10);
	while ((child = fork_as(pid)) < 0 && errno == EEXIST && time(NULL) < end)
		nanosleep(&moment, NULL);
	if (child < 0) {
		fprintf(stderr, "reborn: pid %d: %s\n", pid, strerror(errno));
		return CANNOT;
	}
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) < 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

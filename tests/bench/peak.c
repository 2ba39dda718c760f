/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much memory does a program need at its peak? Runs it with its output in /dev/null, stops it
 * at its exit, and prints VmHWM and RssAnon of /proc/PID/status in KiB. wait4() tells the same
 * peak, but newer kernels keep the counter behind it only to within some dozens of pages for each
 * CPU; status sums it up exactly.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noreturn)) static void run_program(char **argv)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0 || ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(126);
	raise(SIGSTOP);
	execvp(argv[0], argv);
	_exit(127);
}

static int print_peak(pid_t pid)
{
	unsigned long hwm = 0, anon = 0;
	char path[32], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "VmHWM:", 6) == 0)
			hwm = strtoul(line + 6, NULL, 10);
		if (strncmp(line, "RssAnon:", 8) == 0)
			anon = strtoul(line + 8, NULL, 10);
	}
	fclose(f);
	if (!hwm)
		return -ENODATA;
	printf("%lu %lu\n", hwm, anon);
	return 0;
}

/* Passes signals on until the exit stop. Returns the program's status, or -errno. */
static int follow(pid_t pid)
{
	int status, sig, err = -ENODATA;

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return -ECHILD;
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL))
		return -errno;
	for (sig = 0;;) {
		if (ptrace(PTRACE_CONT, pid, NULL, sig) || waitpid(pid, &status, 0) != pid)
			return -errno;
		if (WIFEXITED(status))
			return err ? err : WEXITSTATUS(status);
		if (WIFSIGNALED(status))
			return err ? err : 128 + WTERMSIG(status);
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			err = print_peak(pid);
		sig = status >> 16 ? 0 : WSTOPSIG(status);
	}
}

int main(int argc, char **argv)
{
	pid_t pid;
	int ret;

	if (argc < 2) {
		fprintf(stderr, "Usage: peak PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	pid = fork();
	if (pid == 0)
		run_program(argv + 1);
	ret = pid < 0 ? -errno : follow(pid);
	if (ret < 0) {
		fprintf(stderr, "peak: %s\n", strerror(-ret));
		return 125;
	}
	return fflush(stdout) ? 125 : ret;
}

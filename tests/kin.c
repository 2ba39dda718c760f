/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that come in numbers. `kin share`: two processes with one memory, told as "PID PID".
 * `kin thread`: a process with a second thread, told as "PID TID". `kin storm MSEC LIFE`: forks a
 * child each millisecond for MSEC milliseconds, each living LIFE milliseconds, and tells its own
 * pid first. `kin chains MSEC LIFE`: the same, but LIFE chains, in each of which a process forks
 * the next one after LIFE milliseconds and ends. share and thread end when stdin does.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void pause_msec(long msec)
{
	const struct timespec t = { .tv_sec = msec / 1000, .tv_nsec = msec % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void wait_for_end(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) > 0 || errno == EINTR)
		;
}

static int sleep_as_child(void *arg)
{
	(void)arg;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (pause() < 0)
		;
	return 0;
}

static int share(void)
{
	static char stack[65536] __attribute__((aligned(64)));
	pid_t child = clone(sleep_as_child, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);

	if (child < 0)
		return 1;
	printf("%d %d\n", (int)getpid(), (int)child);
	fflush(stdout);
	wait_for_end();
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}

static void *tell_and_sleep(void *arg)
{
	(void)arg;
	printf("%d %ld\n", (int)getpid(), syscall(SYS_gettid));
	fflush(stdout);
	while (pause() < 0)
		;
	return NULL;
}

static int thread(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, tell_and_sleep, NULL) != 0)
		return 1;
	wait_for_end();
	return 0;
}

static int storm(long msec, long life)
{
	struct timespec now, begin;

	signal(SIGCHLD, SIG_IGN);
	printf("%d\n", (int)getpid());
	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		pid_t child = fork();

		if (child == 0) {
			pause_msec(life);
			_exit(0);
		}
		pause_msec(1);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 <
		 msec);
	return 0;
}

static int chains(long msec, long life)
{
	struct timespec now, begin;
	pid_t keeper = getpid();

	/* Who is left alone is this one's to reap, and it need not. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD, SIG_IGN);
	printf("%d\n", (int)getpid());
	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (long i = 0; i < life; i++) {
		if (fork() != 0)
			continue;
		do {
			pause_msec(life);
			if (fork() > 0)
				_exit(0);
			clock_gettime(CLOCK_MONOTONIC, &now);
		} while ((now.tv_sec - begin.tv_sec) * 1000 +
					 (now.tv_nsec - begin.tv_nsec) / 1000000 <
				 msec &&
			 kill(keeper, 0) == 0);
		_exit(0);
	}
	while (wait(NULL) >= 0 || errno == EINTR)
		;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "share") == 0)
		return share();
	if (argc == 2 && strcmp(argv[1], "thread") == 0)
		return thread();
	if (argc == 4 && strcmp(argv[1], "storm") == 0)
		return storm(strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
	if (argc == 4 && strcmp(argv[1], "chains") == 0)
		return chains(strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
	fputs("Usage: kin share | thread | storm MSEC LIFE | chains MSEC LIFE\n", stderr);
	return 2;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long does each of several programs take? Reads one program a line (NAME, a tab, its words
 * separated by blanks, or by tabs where there is another tab), runs them in turns (A B C A B C ...)
 * so that a slow moment of the machine hits all of them, and prints one line each:
 *
 *     NAME  RUNS  MIN_USEC  MEDIAN_USEC  CPU_MIN_USEC  MAXRSS_KIB  STATUS     (separated by tabs)
 *
 * Times go from before the spawn to after the wait, CPU is user and system time.
 * STATUS is the highest exit status of all runs; 127: there is no such program; 128 + N: a signal
 * (137: also one that hung). Input and output are /dev/null, or the file that is named as the
 * output: grep ends at once where it sees that nobody reads what it finds. The file is emptied
 * before each start: to give back the pages of what the program before wrote (cat: the whole log)
 * took 22 ms for 64 MiB, and they were the next program's.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define PROGRAMS_MAX 32
#define WORDS_MAX    24
#define ROUNDS_MAX   1000u
#define ROUNDS_MIN   3u
#define HANG_SECONDS 120

struct program {
	char line[512];
	char *argv[WORDS_MAX];
	unsigned runs;
	int status;
	long maxrss_kib;
	int64_t wall_usec[ROUNDS_MAX], cpu_usec[ROUNDS_MAX];
};

static int64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t timeval_usec(struct timeval tv)
{
	return (int64_t)tv.tv_sec * 1000000 + tv.tv_usec;
}

/* Splits NAME, tab, words. Returns 1 for a program, 0 for an empty line, -1 for anything else. */
static int parse_line(struct program *p)
{
	size_t n = 0;
	const char *between;
	char *words;

	p->line[strcspn(p->line, "\n")] = '\0';
	if (!*p->line)
		return 0;
	words = strchr(p->line, '\t');
	if (!words)
		return -1;
	*words++ = '\0';
	between = strchr(words, '\t') ? "\t" : " ";
	for (char *w = strtok(words, between); w; w = strtok(NULL, between)) {
		if (n == WORDS_MAX - 1)
			return -1;
		p->argv[n++] = w;
	}
	p->argv[n] = NULL;
	return n ? 1 : -1;
}

/* Only there to end the wait for a program that hangs. */
static void on_alarm(int sig)
{
	(void)sig;
}

/* posix_spawn() uses vfork: our own memory is neither copied nor counted as the program's. */
static void run_once(struct program *p, const posix_spawn_file_actions_t *null_files,
		     const char *output, bool keep)
{
	struct rusage usage;
	int status, code;
	int64_t start;
	pid_t pid;

	/* A device has nothing to be cut off, and one that is not there yet is empty. */
	(void)!truncate(output, 0);
	start = now_usec();
	errno = posix_spawnp(&pid, p->argv[0], null_files, NULL, p->argv, environ);
	if (errno) {
		p->status = 127;
		return;
	}
	alarm(HANG_SECONDS);
	while (wait4(pid, &status, 0, &usage) < 0)
		kill(pid, SIGKILL);
	alarm(0);
	code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	if (code > p->status)
		p->status = code;
	if (usage.ru_maxrss > p->maxrss_kib)
		p->maxrss_kib = usage.ru_maxrss;
	if (!keep)
		return;
	p->wall_usec[p->runs] = now_usec() - start;
	p->cpu_usec[p->runs] = timeval_usec(usage.ru_utime) + timeval_usec(usage.ru_stime);
	p->runs++;
}

static int compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void print_program(struct program *p)
{
	if (!p->runs) {
		printf("%s\t0\t-\t-\t-\t-\t%d\n", p->line, p->status);
		return;
	}
	qsort(p->wall_usec, p->runs, sizeof(p->wall_usec[0]), compare);
	qsort(p->cpu_usec, p->runs, sizeof(p->cpu_usec[0]), compare);
	printf("%s\t%u\t%lld\t%lld\t%lld\t%ld\t%d\n", p->line, p->runs, (long long)p->wall_usec[0],
	       (long long)p->wall_usec[p->runs / 2], (long long)p->cpu_usec[0], p->maxrss_kib,
	       p->status);
}

static int read_programs(struct program *programs, size_t *n)
{
	int ret;

	while (*n < PROGRAMS_MAX && fgets(programs[*n].line, sizeof(programs[*n].line), stdin)) {
		ret = parse_line(&programs[*n]);
		if (ret < 0)
			return -EINVAL;
		*n += (size_t)ret;
	}
	return feof(stdin) && *n ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	static struct program programs[PROGRAMS_MAX];
	const bool told = argc == 3 || argc == 4;
	const unsigned long rounds = told ? strtoul(argv[1], NULL, 10) : 0;
	const unsigned long seconds = told ? strtoul(argv[2], NULL, 10) : 0;
	const char *output = argc == 4 ? argv[3] : "/dev/null";
	const struct sigaction alarmed = { .sa_handler = on_alarm };
	posix_spawn_file_actions_t null_files;
	int64_t end;
	size_t n = 0;

	if (!rounds || rounds > ROUNDS_MAX || !seconds || read_programs(programs, &n)) {
		fprintf(stderr,
			"Usage: drive ROUNDS SECONDS [OUTPUT] <PROGRAMS\n"
			"At most ROUNDS (1..%u); after SECONDS no more, but %u at least.\n",
			ROUNDS_MAX, ROUNDS_MIN);
		return 2;
	}
	sigaction(SIGALRM, &alarmed, NULL);
	posix_spawn_file_actions_init(&null_files);
	posix_spawn_file_actions_addopen(&null_files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&null_files, STDOUT_FILENO, output,
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_addopen(&null_files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);

	/* The first turn warms caches of pages and names and is not counted. */
	for (size_t i = 0; i < n; i++)
		run_once(&programs[i], &null_files, output, false);
	end = now_usec() + (int64_t)seconds * 1000000;
	for (unsigned round = 0; round < rounds && (round < ROUNDS_MIN || now_usec() < end);
	     round++)
		for (size_t i = 0; i < n; i++)
			if (programs[i].status != 127)
				run_once(&programs[i], &null_files, output, true);
	for (size_t i = 0; i < n; i++)
		print_program(&programs[i]);
	posix_spawn_file_actions_destroy(&null_files);
	return fflush(stdout) ? 1 : 0;
}

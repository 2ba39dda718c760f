/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that die of a full memory cgroup, and when it was told. `devour kills DIR COUNT` makes
 * COUNT children, one after the other, that enter the cgroup and take memory until the kernel kills
 * them, and prints the pid of each that was. `devour eat DIR` does that itself. `devour stamp`
 * copies lines from stdin to stdout with the time of CLOCK_MONOTONIC, microseconds, before each.
 * `devour later DIR` eats when a line comes on stdin, `devour sleep-in DIR` half a second later.
 * `devour enter DIR COMMAND...` runs a command in it.
 * `devour crowd COUNT` makes as many children that do nothing, and ends them when stdin does.
 * `devour named DIR NAME` eats in a child of that name, of whichever bytes, and prints its pid.
 * `devour listen SOCKET` prints the first datagram that comes to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MEAL ((size_t)256 << 20)

static int enter(const char *dir)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1) {
		perror(path);
		return -1;
	}
	close(fd);
	return 0;
}

static int eat(const char *dir)
{
	volatile char *p;

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (enter(dir) < 0)
		return 1;
	p = mmap(NULL, MEAL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < MEAL; i += 4096)
		p[i] = 1;
	fputs("devour: all of it was given\n", stderr);
	return 1;
}

static int kills(const char *dir, unsigned count)
{
	unsigned done = 0;

	for (unsigned i = 0; i < count; i++) {
		pid_t pid = fork();
		int status;

		if (pid < 0)
			return 1;
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(eat(dir));
		}
		if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGKILL) {
			printf("%d\n", (int)pid);
			done++;
		}
	}
	return done == count ? 0 : 1;
}

static int stamp(void)
{
	char *line = NULL;
	size_t size = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (getline(&line, &size, stdin) > 0) {
		struct timespec t;

		clock_gettime(CLOCK_MONOTONIC, &t);
		printf("%lld %s", (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000, line);
	}
	free(line);
	return 0;
}

static int eat_later(const char *dir)
{
	char byte;

	if (read(STDIN_FILENO, &byte, 1) < 0)
		return 1;
	return eat(dir);
}

static int eat_soon(const char *dir)
{
	usleep(500000);
	return eat(dir);
}

static int eat_named(const char *dir, const char *name)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_NAME, name);
		_exit(eat(dir));
	}
	printf("%d\n", (int)pid);
	return pid > 0 && waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

static int crowd(unsigned count)
{
	const pid_t parent = getpid();
	char byte;
	unsigned made = 0;

	while (made < count) {
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			/* It may be gone before we have said so. */
			while (getppid() == parent)
				pause();
			_exit(1);
		}
		made++;
	}
	printf("%u\n", made);
	fflush(stdout);
	/* They are ours and end with us. */
	return read(STDIN_FILENO, &byte, 1) == 0 && made == count ? 0 : 1;
}

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char buf[256];
	ssize_t n;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		return 1;
	n = recv(fd, buf, sizeof(buf), 0);
	if (n < 0)
		return 1;
	printf("%.*s\n", (int)n, buf);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "kills") == 0)
		return kills(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "eat") == 0)
		return eat(argv[2]);
	if (argc > 3 && strcmp(argv[1], "enter") == 0) {
		if (enter(argv[2]) == 0)
			execvp(argv[3], argv + 3);
		return 1;
	}
	if (argc == 3 && strcmp(argv[1], "later") == 0)
		return eat_later(argv[2]);
	if (argc == 3 && strcmp(argv[1], "sleep-in") == 0)
		return eat_soon(argv[2]);
	if (argc == 3 && strcmp(argv[1], "crowd") == 0)
		return crowd((unsigned)strtoul(argv[2], NULL, 10));
	if (argc == 4 && strcmp(argv[1], "named") == 0)
		return eat_named(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "listen") == 0)
		return listen_at(argv[2]);
	if (argc == 2 && strcmp(argv[1], "stamp") == 0)
		return stamp();
	fputs("Usage: devour kills DIR COUNT | eat|later|sleep-in DIR | named DIR NAME | crowd "
	      "COUNT | stamp | listen SOCKET\n",
	      stderr);
	return 2;
}

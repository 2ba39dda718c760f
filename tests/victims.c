/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom does the kernel kill when a memory cgroup is full? This program fills one and tells: the
 * members that it makes there (pid, adj and MiB of each), "ready" when they have settled and the
 * limit stands a little above what they use, and, after a line on stdin, "killed PID": the first
 * that the kernel log names. Then it takes all of them away.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB         ((size_t)1 << 20)
#define MEMBERS_MAX 64
/* Between what the members use and the limit. The filler takes that and a little more: it is
 * smaller than the first member, and one death is enough for it. */
#define SLACK_BYTES      (8 * MIB)
#define OVERRUN_BYTES    (1 * MIB)
#define FIRST_MEMBER_MIB 12
#define PATIENCE_SECONDS 20

struct options {
	const char *cgroup;
	unsigned count, seed;
	bool equal;
};

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *fmt, ...)
{
	const int err = errno;
	va_list ap;

	va_start(ap, fmt);
	fputs("victims: ", stderr);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(err));
	_exit(1);
}

static int open_at(const char *dir, const char *file, int flags)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path))
		return -1;
	return open(path, flags | O_CLOEXEC);
}

static int put(const char *dir, const char *file, const char *text)
{
	int fd = open_at(dir, file, O_WRONLY), ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	close(fd);
	return ret;
}

static uint64_t get(const char *dir, const char *file)
{
	char buf[32] = "";
	int fd = open_at(dir, file, O_RDONLY);

	if (fd < 0 || read(fd, buf, sizeof(buf) - 1) <= 0)
		die("%s/%s", dir, file);
	close(fd);
	return strtoull(buf, NULL, 10);
}

static unsigned random_below(unsigned *state, unsigned n)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % n;
}

static void take(size_t bytes)
{
	volatile char *p =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	for (size_t i = 0; i < bytes; i += 4096)
		p[i] = 1;
}

static unsigned own_adj(void)
{
	return (unsigned)get("/proc/self", "oom_score_adj");
}

/* A child in the cgroup, which holds so much and waits. It returns to us when it has settled. */
static pid_t member(const struct options *opt, unsigned adj, size_t bytes)
{
	char text[16], byte;
	pid_t parent = getpid(), child;
	int settled[2];

	if (pipe2(settled, O_CLOEXEC))
		die("pipe");
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
		if (getppid() != parent || put(opt->cgroup, "cgroup.procs", "0"))
			die("%s/cgroup.procs", opt->cgroup);
		snprintf(text, sizeof(text), "%u", adj);
		if (put("/proc/self", "oom_score_adj", text))
			die("oom_score_adj %u", adj);
		close(settled[0]);
		/* The filler will not come to an end of this: who waits for it is told before. */
		if (bytes == SLACK_BYTES + OVERRUN_BYTES)
			close(settled[1]);
		take(bytes);
		close(settled[1]);
		for (;;)
			pause();
	}
	close(settled[1]);
	while (read(settled[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(settled[0]);
	return child;
}

static void set_limit(const struct options *opt)
{
	const int v2_fd = open_at(opt->cgroup, "memory.max", O_RDONLY);
	const bool v2 = v2_fd >= 0;
	const uint64_t used = get(opt->cgroup, v2 ? "memory.current" : "memory.usage_in_bytes");
	char text[32];

	if (v2)
		close(v2_fd);

	snprintf(text, sizeof(text), "%llu",
		 (unsigned long long)((used + SLACK_BYTES) & ~UINT64_C(4095)));
	/* Nothing may go to swap in place of a death; without swap or its accounting there is no
	 * such file. */
	if (v2)
		put(opt->cgroup, "memory.swap.max", "0");
	if (put(opt->cgroup, v2 ? "memory.max" : "memory.limit_in_bytes", text))
		die("%s: the limit", opt->cgroup);
	if (!v2)
		put(opt->cgroup, "memory.memsw.limit_in_bytes", text);
}

/* The next record of the kernel log from here on, or NULL when there is none within the time. */
static const char *next_record(int kmsg)
{
	static char record[8192];
	struct pollfd ready = { .fd = kmsg, .events = POLLIN };
	ssize_t n;

	for (;;) {
		n = read(kmsg, record, sizeof(record) - 1);
		if (n > 0) {
			record[n] = '\0';
			return record;
		}
		/* EPIPE: the ring has gone over records that we had not read; go on behind them. */
		if (n < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		if (n == 0 || errno != EAGAIN || poll(&ready, 1, PATIENCE_SECONDS * 1000) <= 0)
			return NULL;
	}
}

/* More than one of them may die, and who ends first need not be who was killed first: the kernel
 * log has their order. */
static void tell_first_death(int kmsg, const pid_t *pids, unsigned count)
{
	static const char key[] = "Killed process ";
	const char *record, *at;
	pid_t pid;

	while ((record = next_record(kmsg))) {
		at = strstr(record, key);
		pid = at ? atoi(at + strlen(key)) : 0;
		for (unsigned i = 0; pid && i < count; i++) {
			if (pids[i] != pid)
				continue;
			printf("killed %d\n", pid);
			goto told;
		}
	}
	puts("no kill");
told:
	fflush(stdout);
	for (unsigned i = 0; i < count; i++)
		kill(pids[i], SIGKILL);
}

int main(int argc, char **argv)
{
	struct options opt = { 0 };
	pid_t pids[MEMBERS_MAX + 1];
	unsigned state, adj, base = own_adj();
	size_t mib;
	int kmsg;
	char line[16];

	if (argc < 4 || argc > 5) {
		fputs("Usage: victims CGROUP_DIR COUNT SEED [equal]\n", stderr);
		return 2;
	}
	opt.cgroup = argv[1];
	opt.count = (unsigned)strtoul(argv[2], NULL, 10);
	opt.seed = (unsigned)strtoul(argv[3], NULL, 10);
	opt.equal = argc == 5;
	if (opt.count < 1 || opt.count > MEMBERS_MAX) {
		fprintf(stderr, "victims: between 1 and %d members\n", MEMBERS_MAX);
		return 2;
	}
	state = opt.seed * 2654435761u;
	for (unsigned i = 0; i < opt.count; i++) {
		adj = random_below(&state, 2) ? random_below(&state, 1001) : 0;
		mib = 2 + random_below(&state, 9);
		if (i == 0 || opt.equal) {
			mib = FIRST_MEMBER_MIB;
			adj = 0;
		}
		/* Below what we were started with we could not go. */
		adj = adj < base ? base : adj;
		pids[i] = member(&opt, adj, mib * MIB);
		printf("%d %u %zu\n", pids[i], adj, mib);
	}
	set_limit(&opt);
	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 0;
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0)
		die("/dev/kmsg");
	pids[opt.count] = member(&opt, base, SLACK_BYTES + OVERRUN_BYTES);
	tell_first_death(kmsg, pids, opt.count + 1);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return 0;
}

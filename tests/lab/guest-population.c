/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who lives in the guest? A population of odd processes, and those that ask for memory when told.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../random.h"
#include "guest.h"

#define SETTLE_MS 40000
/* At most so many populations live at a time. */
#define LISTS 4u
/* How often the filler looks whether somebody has been killed, once memory is short. */
#define LOOK_PAGES 4
/* What is left to the others where most of the memory is taken at once: more than the watermarks,
 * which the kernel raises by some MiB when memory is in pieces. */
#define BALLAST_LEAVES (24 * MIB)
#define QUICK_LEAVES   (12 * MIB)

static unsigned n_lists;

void bind_to(int node, int mode)
{
	const unsigned long mask = 1UL << node;

	if (syscall(SYS_set_mempolicy, mode, &mask, sizeof(mask) * 8))
		_exit(5);
}

static void word(char *buf, size_t size, uint64_t n)
{
	snprintf(buf, size, "%llu", (unsigned long long)n);
}

/* Who is in each of the last populations, as PID KIND. */
static void list_path(unsigned n, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "/tmp/members.%u", n % LISTS);
}

bool is_churning(pid_t pid)
{
	static char buf[65536];
	char path[PATH_SIZE], want[40];

	snprintf(want, sizeof(want), "\n%d churn\n", pid);
	for (unsigned i = 0; i < LISTS; i++) {
		list_path(i, path);
		buf[0] = '\n';
		if (read_file(path, buf + 1, sizeof(buf) - 1) > 0 && strstr(buf, want))
			return true;
	}
	return false;
}

/* cgroups: NULL-terminated, where its members go; NULL: nowhere. */
void populate_bound(struct population *p, uint64_t *random, const char *const *cgroups,
		    unsigned flags, int node, int policy)
{
	char count[24], seed[24], list[PATH_SIZE], line[128];
	const char *argv[64] = { "/population", "--orphans", "--count", count,
				 "--seed",      seed,        "--list",  list };
	size_t n = 8;
	struct pollfd ready = { .events = POLLIN };
	const char *word_end;
	int in[2], out[2];
	ssize_t got;

	list_path(n_lists++, list);
	word(count, sizeof(count), 8 + random_below(random, 28));
	word(seed, sizeof(seed), random_next(random) >> 8);
	/* One in four: all alike. */
	if (random_below(random, 4) || (flags & POP_MIXED)) {
		static const char *const mixed[] = { "--kind", "mixed", "--adj",       "any",
						     "--most", "10",    "--odd-memory" };

		for (size_t i = 0; i < ARRAY_SIZE(mixed); i++)
			argv[n++] = mixed[i];
		/* Two of them may be bound to one node, which is half of the machine. */
		argv[n++] = "--total";
		argv[n++] = node < 0 ? "48" : "12";
		if (random_below(random, 4) == 0 && !(flags & POP_STILL))
			argv[n++] = "--churn";
	}
	for (; cgroups && *cgroups; cgroups++) {
		argv[n++] = "--cgroup";
		argv[n++] = *cgroups;
	}
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		give_up("pipe");
	p->keeper = fork();
	if (p->keeper < 0)
		give_up("fork");
	if (p->keeper == 0) {
		if (node >= 0)
			bind_to(node, policy);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	ready.fd = out[0];
	p->stop_fd = in[1];
	/* One that is killed on its way says nothing. */
	if (poll(&ready, 1, SETTLE_MS) == 0)
		kill(p->keeper, SIGTERM);
	got = read(out[0], line, sizeof(line) - 1);
	close(out[0]);
	line[got > 0 ? got : 0] = '\0';
	/* ready KEEPER MAKER N */
	word_end = strncmp(line, "ready ", 6) == 0 ? strchr(line + 6, ' ') : NULL;
	p->group = word_end ? (pid_t)strtol(word_end, NULL, 10) : 0;
	if (!p->group)
		printf("guest: the population of seed %s did not settle\n", seed);
	/* Who makes them has moved from cgroup to cgroup. */
	if (flags & POP_STAY && write_number(CGROUPS "/cgroup.procs", (uint64_t)p->group))
		give_up(CGROUPS);
}

unsigned pop_in_cgroups(const struct lab *l)
{
	return l->v1 ? POP_STAY : 0;
}

void populate(struct population *p, uint64_t *random, const char *const *cgroups, unsigned flags)
{
	populate_bound(p, random, cgroups, flags, -1, 0);
}

/* The keeper ends all members; where it has been killed itself they have come to us. */
void disperse(struct population *p)
{
	close(p->stop_fd);
	while (waitpid(p->keeper, NULL, 0) < 0 && errno == EINTR)
		;
	if (p->group <= 1)
		return;
	kill(-p->group, SIGKILL);
	while (waitpid(-p->group, NULL, 0) > 0 || errno == EINTR)
		;
}

/* ------------------------------------------------------------------ who takes memory */

static void enter_cgroup(const char *cgroup)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	if (write_file(path, "0"))
		_exit(3);
}

static volatile char *take(uint64_t bytes, int flags)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1,
		       0);

	if (p == MAP_FAILED)
		_exit(4);
	return p;
}

/* Takes memory until somebody is killed: quickly at first, then looking after every few pages. Then
 * it goes, or what the others need would kill the next one, and the next. */
void fill(uint64_t quick_bytes, unsigned look_pages)
{
	const uint64_t before = read_field("/proc/vmstat", "oom_kill");

	for (uint64_t taken = 0; taken < quick_bytes; taken += MIB) {
		take(MIB, MAP_POPULATE);
		if (read_field("/proc/vmstat", "oom_kill") != before)
			_exit(0);
	}
	for (;;) {
		volatile char *p = take(MIB, 0);

		for (size_t i = 0; i < MIB; i += PAGE) {
			if (i / PAGE % look_pages == 0 &&
			    read_field("/proc/vmstat", "oom_kill") != before)
				_exit(0);
			p[i] = 1;
		}
	}
}

bool stand_by(struct filler *f, int *go)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		give_up("pipe");
	f->pid = fork();
	if (f->pid < 0)
		give_up("fork");
	*go = ends[0];
	f->go_fd = ends[1];
	close(f->pid ? ends[0] : ends[1]);
	return f->pid == 0;
}

void await_adj(pid_t pid, const char *adj)
{
	char path[PATH_SIZE], now[16] = "";

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	while (read_file(path, now, sizeof(now)) > 0 &&
	       strtol(now, NULL, 10) != strtol(adj, NULL, 10))
		sleep_ms(1);
}

static uint64_t free_bytes(void)
{
	return read_field("/proc/meminfo", "MemFree") * 1024;
}

void filler_start(struct filler *f, const char *adj, const char *cgroup, uint64_t quick_bytes)
{
	char byte;
	int go;

	if (!stand_by(f, &go)) {
		await_adj(f->pid, adj);
		return;
	}
	if (cgroup)
		enter_cgroup(cgroup);
	if (write_file("/proc/self/oom_score_adj", adj) || read(go, &byte, 1) != 1)
		_exit(2);
	/* Inside a limit nobody else gives memory back: a page too many, and nobody is left. */
	if (cgroup)
		fill(quick_bytes, 1);
	fill(free_bytes() > QUICK_LEAVES ? free_bytes() - QUICK_LEAVES : 0, LOOK_PAGES);
}

void filler_go(const struct filler *f)
{
	if (write(f->go_fd, "g", 1) != 1)
		give_up("the filler");
}

void filler_end(struct filler *f)
{
	close(f->go_fd);
	kill(f->pid, SIGKILL);
	while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

bool machine_is_full(const void *ctx)
{
	(void)ctx;
	return free_bytes() <= BALLAST_LEAVES;
}

void ballast_start(struct filler *f, const char *cgroup, uint64_t step_bytes,
		   bool (*is_full)(const void *), const void *ctx)
{
	char byte;
	int go, full[2];

	if (pipe2(full, O_CLOEXEC))
		give_up("pipe");
	if (!stand_by(f, &go)) {
		close(full[1]);
		if (read(full[0], &byte, 1) != 1)
			printf("guest: the ballast could not be taken\n");
		close(full[0]);
		return;
	}
	if (cgroup)
		enter_cgroup(cgroup);
	if (write_file("/proc/self/oom_score_adj", "-1000"))
		_exit(2);
	while (!is_full(ctx))
		take(step_bytes, MAP_POPULATE);
	if (write(full[1], "f", 1) != 1)
		_exit(2);
	for (;;)
		pause();
}

/* Takes so much more when it is told to. */
void grower_start(struct filler *f, uint64_t bytes)
{
	volatile char *p;
	char byte;
	int go;

	if (!stand_by(f, &go))
		return;
	/* Up to 6.1 a thread keeps what it counts to itself, up to 64 pages, until it unmaps. */
	p = take(PAGE, MAP_POPULATE);
	munmap((void *)p, PAGE);
	p = take(bytes, 0);
	if (read(go, &byte, 1) != 1)
		_exit(2);
	madvise((void *)p, bytes, MADV_NOHUGEPAGE);
	for (uint64_t i = 0; i < bytes; i += PAGE)
		p[i] = 1;
	for (;;)
		pause();
}

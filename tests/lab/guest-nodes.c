/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does one memory node run out of memory while the other has some? For a cpuset, and for a
 * memory policy. */
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../random.h"
#include "guest.h"

#define NODES        2
#define LOOK_PAGES   4
#define LEAVES_BYTES (8 * MIB)

/* One cgroup on each node alone, two on both. The filler goes to one of the first two. */
static const struct {
	const char *path, *mems;
} cpusets[] = {
	{ CGROUPS "/on0", "0" },
	{ CGROUPS "/on1", "1" },
	{ CGROUPS "/onboth", "0-1" },
	{ CGROUPS "/onany", "" },
};
static const char *const paths[] = { CGROUPS "/on0", CGROUPS "/on1", CGROUPS "/onboth",
				     CGROUPS "/onany", NULL };

static uint64_t node_free_bytes(int node)
{
	char path[PATH_SIZE], key[32];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/meminfo", node);
	snprintf(key, sizeof(key), "Node %d MemFree", node);
	return read_field(path, key) * 1024;
}

/* mbind(2): the mapping is bound, the task that asks is not. */
__attribute__((noreturn)) static void fill_bound_mapping(int node, uint64_t quick_bytes)
{
	const uint64_t before = read_field("/proc/vmstat", "oom_kill");
	const unsigned long mask = 1UL << node;
	const size_t size = 512 * MIB;
	volatile char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED || syscall(SYS_mbind, p, size, MPOL_BIND, &mask, sizeof(mask) * 8, 0))
		_exit(5);
	for (size_t i = 0; i < size; i += PAGE) {
		if (i >= quick_bytes && i / PAGE % LOOK_PAGES == 0 &&
		    read_field("/proc/vmstat", "oom_kill") != before)
			break;
		p[i] = 1;
	}
	_exit(0);
}

enum how { BY_CPUSET, BY_TASK, BY_MAPPING };

static void node_filler_start(struct filler *f, int node, enum how how)
{
	uint64_t quick = 0;
	char byte;
	int go;

	if (!stand_by(f, &go)) {
		await_adj(f->pid, "-1000");
		return;
	}
	if (how == BY_CPUSET) {
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s/cgroup.procs", cpusets[node].path);
		if (write_file(path, "0"))
			_exit(3);
	}
	if (how == BY_TASK)
		bind_to(node, MPOL_BIND);
	if (write_file("/proc/self/oom_score_adj", "-1000") || read(go, &byte, 1) != 1)
		_exit(2);
	if (node_free_bytes(node) > LEAVES_BYTES)
		quick = node_free_bytes(node) - LEAVES_BYTES;
	if (how == BY_MAPPING)
		fill_bound_mapping(node, quick);
	fill(quick, LOOK_PAGES);
}

static bool kill_on_node(struct lab *l, uint64_t *random, bool policy)
{
	const int node = (int)random_below(random, NODES);
	const char *const args[] = { policy ? "--mempolicy" : "--nodes", node ? "1" : "0", NULL };
	struct filler filler;
	struct forecast f;
	pid_t killed = 0;

	l->constraint = policy ? "memory_policy" : "cpuset";
	node_filler_start(&filler, node,
			  !policy                   ? BY_CPUSET
			  : random_below(random, 2) ? BY_TASK
						    : BY_MAPPING);
	compare_scores(l);
	forecast(l, &f, args);
	if (may_run_out(&f)) {
		filler_go(&filler);
		killed = first_kill(l);
		/* Others live under a policy, and may run out of another node's memory first. */
		if (killed && l->invoker && l->invoker != filler.pid)
			printf("stray %s %u.%u %d %d\n", l->mode, l->round, l->turn, killed,
			       l->invoker);
		else
			tell(l, &f, f.victim, killed);
		await_dead(&f, killed);
	}
	forecast_end(&f);
	filler_end(&filler);
	return killed != 0;
}

static void make_cpusets(void)
{
	char path[PATH_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(cpusets); i++) {
		if (mkdir(cpusets[i].path, 0755) && errno != EEXIST)
			give_up(cpusets[i].path);
		snprintf(path, sizeof(path), "%s/cpuset.mems", cpusets[i].path);
		if (*cpusets[i].mems && write_file(path, cpusets[i].mems))
			give_up(path);
	}
}

static void remove_cpusets(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cpusets); i++)
		remove_cgroup(cpusets[i].path);
}

void round_cpuset(struct lab *l, uint64_t *random)
{
	struct population p;
	unsigned turns;

	make_cpusets();
	populate(&p, random, paths, POP_MIXED);
	turns = draw_turns(random);
	for (l->turn = 0; l->turn < turns && kill_on_node(l, random, false); l->turn++)
		;
	disperse(&p);
	remove_cpusets();
}

/* Some without a policy, some under one: only a bound one (and up to 5.13 an interleaved one) keeps
 * a task out of another's OOM. */
void round_mempolicy(struct lab *l, uint64_t *random)
{
	static const int policies[] = { MPOL_BIND, MPOL_BIND, MPOL_INTERLEAVE, MPOL_PREFERRED };
	struct population free_ones, bound, other;
	unsigned turns;

	populate(&free_ones, random, NULL, POP_MIXED);
	populate_bound(&bound, random, NULL, POP_MIXED, (int)random_below(random, NODES),
		       MPOL_BIND);
	populate_bound(&other, random, NULL, POP_MIXED, (int)random_below(random, NODES),
		       policies[random_below(random, ARRAY_SIZE(policies))]);
	turns = draw_turns(random);
	for (l->turn = 0; l->turn < turns && kill_on_node(l, random, true); l->turn++)
		;
	disperse(&other);
	disperse(&bound);
	disperse(&free_ones);
}

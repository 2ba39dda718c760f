/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is what oomkit cgroup says of a tree what this kernel did there? Limits are written by oomkit
 * itself, a member is killed, and the counters are held against what was done.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../random.h"
#include "guest-adj.h"

#define TREE      "/sys/fs/cgroup/tree"
#define BOX       TREE "/box"
#define TREE_MIB  128
#define BOX_MIB   64
#define LONG_MS   10000
#define SETTLE_MS 300
#define MEMBERS   8

/* ------------------------------------------------------------------ members */

static void enter(const char *dir)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	if (write_file(path, "0"))
		_exit(3);
}

static void take(uint64_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(4);
	for (uint64_t i = 0; i < bytes; i += 4096)
		p[i] = 1;
}

/* Takes so much in the box and stays; 0: takes more and more. */
static pid_t member(unsigned mib)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready))
		give_up("pipe");
	pid = fork();
	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		enter(BOX);
		if (mib == 0)
			for (;;) // NOLINT(bugprone-infinite-loop): the kernel ends it
				take(MIB);
		take(mib * MIB);
		if (write(ready[1], "r", 1) != 1)
			_exit(5);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (mib && read(ready[0], &byte, 1) != 1)
		give_up("a member of the box");
	close(ready[0]);
	return pid;
}

static void end_member(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ------------------------------------------------------------------ what oomkit says */

/* The object of one cgroup, out of what `cgroup -J --victims /tree` says. */
static json_t *look(json_t **all, const char *path)
{
	static const char *const argv[] = { "/oomkit", "cgroup", "-J", "--victims", "/tree", NULL };
	json_t *node;
	size_t i;

	*all = run_json(argv);
	json_array_foreach(json_object_get(*all, "cgroups"), i,
			   node) if (strcmp(json_string_value(json_object_get(node, "path")),
					    path) == 0) return node;
	return NULL;
}

/* The number at "a.b" of a node; -1: it is null or not there. */
static int64_t number(const json_t *node, const char *object, const char *key)
{
	const json_t *at = object ? json_object_get(node, object) : node;
	const json_t *value = json_object_get(at, key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static bool is_text(const json_t *node, const char *key, const char *want)
{
	const char *text = json_string_value(json_object_get(node, key));

	return text && strcmp(text, want) == 0;
}

/* ------------------------------------------------------------------ the checks */

static const char *limit_file(const struct lab *l, const char *dir, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s", dir, l->v1 ? "memory.limit_in_bytes" : "memory.max");
	return buf;
}

static void check_limits(const struct lab *l)
{
	static const char *const tree[] = { "/oomkit",  "cgroup", "--write",
					    "max=128M", "/tree",  NULL };
	static const char *const box2[] = { "/oomkit", "cgroup",      "--write", "max=64M",
					    "--write", "swap.max=0",  "--write", "high=max",
					    "--write", "oom.group=0", (BOX),       NULL };
	static const char *const box1[] = { "/oomkit", "cgroup",  "--write", "memsw.max=64M",
					    "--write", "max=64M", (BOX),       NULL };
	char path[PATH_SIZE];
	struct said s;

	run_as(BY_ROOT, NULL, tree, &s);
	check(l,
	      s.status == 0 &&
		      read_number(limit_file(l, TREE, path, sizeof(path))) == TREE_MIB * MIB,
	      "a limit is written", &s);
	run_as(BY_ROOT, NULL, l->v1 ? box1 : box2, &s);
	check(l,
	      s.status == 0 && read_number(limit_file(l, BOX, path, sizeof(path))) == BOX_MIB * MIB,
	      "several are, in their order", &s);
}

static void check_tree(const struct lab *l, pid_t largest)
{
	json_t *all, *box = look(&all, "/tree/box"), *tree;
	json_t *other;

	check(l,
	      number(box, NULL, "limit") == BOX_MIB * (int64_t)MIB &&
		      number(box, NULL, "effective_limit") == BOX_MIB * (int64_t)MIB &&
		      is_text(box, "limited_by", "/tree/box"),
	      "the limit of the box is its own", NULL);
	check(l,
	      number(box, NULL, "headroom") > 0 &&
		      number(box, NULL, "headroom") <=
			      BOX_MIB * (int64_t)MIB - number(box, NULL, "current") + (int64_t)MIB,
	      "its headroom is what is left of that", NULL);
	check(l, number(box, "victim", "pid") == largest, "its victim is the largest", NULL);
	check(l, number(box, "events", "oom_kill") == 0, "nobody was killed yet", NULL);
	tree = look(&other, "/tree");
	check(l,
	      number(tree, NULL, "limit") == TREE_MIB * (int64_t)MIB &&
		      number(tree, "victim", "pid") == largest,
	      "nor is the tree's", NULL);
	if (access(BOX "/memory.pressure", R_OK) == 0)
		check(l, number(json_object_get(box, "pressure"), "some", "total") >= 0,
		      "its pressure is told", NULL);
	json_decref(all);
	json_decref(other);
}

/* v2 kills at once where a limit is set below what is used, v1 refuses it. Returns how many were
 * killed. */
static size_t check_write_below(struct lab *l, pid_t largest)
{
	char word[64], path[PATH_SIZE];
	const char *argv[] = { "/oomkit", "cgroup", "--write", word, (BOX), NULL };
	uint64_t used = read_number(l->v1 ? BOX "/memory.usage_in_bytes" : BOX "/memory.current");
	pid_t killed[MEMBERS] = { 0 };
	size_t n;
	struct said s;

	snprintf(word, sizeof(word), "max=%lluK",
		 (unsigned long long)(used / 1024 - UINT64_C(3) * 1024));
	kills_forget(l);
	run_as(BY_ROOT, NULL, argv, &s);
	if (l->v1) {
		check(l,
		      s.status == 1 && strstr(s.err, "busy") &&
			      read_number(limit_file(l, BOX, path, sizeof(path))) == BOX_MIB * MIB,
		      "v1 refuses a limit below what is used", &s);
		return 0;
	}
	n = kills_await(l, killed, MEMBERS, LONG_MS, SETTLE_MS);
	check(l, s.status == 0 && strstr(s.err, "more than the new limit"),
	      "a limit below what is used is warned of", &s);
	check(l, killed[0] == largest, "and takes the victim that was named", &s);
	return n;
}

static size_t check_kill(struct lab *l)
{
	pid_t filler, killed[MEMBERS];
	size_t n;

	if (!l->v1)
		return 0;
	kills_forget(l);
	filler = member(0);
	n = kills_await(l, killed, MEMBERS, LONG_MS, SETTLE_MS);
	check(l, n != 0, "a full box kills", NULL);
	end_member(filler);
	return n;
}

static void check_counters(const struct lab *l, int64_t kills)
{
	json_t *all, *other, *box, *tree;

	box = look(&all, "/tree/box");
	tree = look(&other, "/tree");
	check(l,
	      number(box, "events", "oom_kill") == kills &&
		      number(box, "events_local", "oom_kill") == kills,
	      "each kill is counted where it was", NULL);
	/* v1 does not add it up the tree. */
	check(l,
	      number(tree, "events", "oom_kill") == (l->v1 ? 0 : kills) &&
		      number(tree, "events_local", "oom_kill") == 0,
	      "above it in the sum alone", NULL);
	/* Of v1's two limits, which are alike here, the one of memory and swap is asked first. */
	check(l,
	      l->v1 ? number(box, NULL, "failcnt") > 0 || number(box, "memsw", "failcnt") > 0
		    : number(box, "events", "oom") > 0,
	      "that the limit was hit is counted too", NULL);
	json_decref(all);
	json_decref(other);
}

/* A cgroup that is removed takes its counters along; the sum above it stays. */
static void check_removed(const struct lab *l, int64_t kills)
{
	json_t *all, *tree;

	for (unsigned i = 0; i < 100 && rmdir(BOX) && errno == EBUSY; i++)
		sleep_ms(20);
	tree = look(&all, "/tree");
	check(l, json_array_size(json_object_get(all, "cgroups")) == 1,
	      "what is removed is left out", NULL);
	check(l, number(tree, "events", "oom_kill") == (l->v1 ? 0 : kills), "the sum outlives it",
	      NULL);
	json_decref(all);
	for (unsigned i = 0; i < 100 && rmdir(TREE) && errno == EBUSY; i++)
		sleep_ms(20);
}

void round_cgroup(struct lab *l, uint64_t *random)
{
	unsigned more = 12 + (unsigned)random_below(random, 12);
	pid_t small, large;
	int64_t kills;

	if (mkdir(TREE, 0755))
		give_up(TREE);
	if (!l->v1 && write_file(TREE "/cgroup.subtree_control", "+memory"))
		give_up("the memory controller of a tree");
	if (mkdir(BOX, 0755))
		give_up(BOX);
	check_limits(l);
	small = member(8);
	large = member(8 + more);
	sleep_ms(SETTLE_MS);
	check_tree(l, large);
	kills = (int64_t)check_write_below(l, large);
	kills += (int64_t)check_kill(l);
	check_counters(l, kills);
	end_member(small);
	end_member(large);
	check_removed(l, kills);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cgroup is given a value while a thousand processes a second are forked in it: have all of them
 * the value then, or was it said that some have not? Two storms: one parent whose children live a
 * while, and chains in which each process forks the next and ends, so that nobody stays.
 */
#include "guest-adj.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../random.h"

#define TREE      "/sys/fs/cgroup/storm"
#define FREEZERS  "/tmp/freezer"
#define CHAINS    26
#define LIFE_MS   20
#define CHILD_MS  40
#define EVERY_NS  800000
/* What both are to reach, of the 1,250 and 1,300 that they try. */
#define A_SECOND  1000
#define BEFORE_MS 150
#define READY_MS  20000
#define AFTER_MS  100

struct shared {
	_Atomic unsigned forks;
	_Atomic bool stop;
	_Atomic unsigned ready; /* so many are in the cgroup and have the value they begin with */
};

enum storm_kind { STORM_PARENT, STORM_CHAINS };

static int64_t now_nsec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* One child each EVERY_NS; where the machine was late it catches up. */
static void fork_children(struct shared *s)
{
	int64_t next = now_nsec();

	while (!s->stop) {
		if (fork() == 0) {
			sleep_ms(CHILD_MS);
			_exit(0);
		}
		s->forks++;
		next += EVERY_NS;
		while (!s->stop && now_nsec() < next) {
			struct timespec t = { .tv_nsec = next - now_nsec() };

			if (t.tv_nsec > 0)
				nanosleep(&t, NULL);
		}
	}
}

/* Each process forks the next one and ends. */
static void run_chain(struct shared *s)
{
	while (!s->stop) {
		sleep_ms(LIFE_MS);
		if (fork() > 0)
			_exit(0);
		s->forks++;
	}
}

static void enter(const char *dir)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	if (write_file(path, "0"))
		_exit(3);
}

static unsigned beginners(enum storm_kind kind)
{
	return kind == STORM_CHAINS ? CHAINS : 1;
}

/* All of a storm are descendants of one process, which reaps them and is not in the cgroup. */
static pid_t begin(struct shared *s, enum storm_kind kind, bool v1, int value)
{
	pid_t keeper = fork();

	if (keeper < 0)
		give_up("a storm");
	if (keeper > 0)
		return keeper;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGCHLD, SIG_IGN);
	for (unsigned i = 0; i < beginners(kind); i++)
		if (fork() == 0) {
			enter(TREE);
			if (v1)
				enter(FREEZERS "/storm");
			if (set_value(getpid(), value))
				_exit(4);
			s->ready++;
			if (kind == STORM_CHAINS)
				run_chain(s);
			else
				fork_children(s);
			_exit(0);
		}
	/* Until the last of them has ended: nobody waits for one whose end is ignored. */
	while (wait(NULL) >= 0 || errno == EINTR)
		;
	_exit(0);
}

/* How many members of the cgroup have another value, and how many there are. */
static unsigned count_others(int value, unsigned *members)
{
	static char list[65536];
	unsigned others = 0;
	char *save = NULL;

	*members = 0;
	if (read_file(TREE "/cgroup.procs", list, sizeof(list)) < 0)
		give_up(TREE);
	for (char *w = strtok_r(list, "\n", &save); w; w = strtok_r(NULL, "\n", &save)) {
		int has = value_of((pid_t)strtol(w, NULL, 10));

		if (has == -2147483647 - 1)
			continue;
		++*members;
		others += has != value;
	}
	return others;
}

static bool runs_again(const struct lab *l)
{
	char buf[64];

	if (read_file(l->v1 ? FREEZERS "/storm/freezer.state" : TREE "/cgroup.freeze", buf,
		      sizeof(buf)) <= 0)
		return false;
	return strcmp(buf, l->v1 ? "THAWED\n" : "0\n") == 0;
}

static void make_cgroups(const struct lab *l)
{
	mkdir(TREE, 0755);
	if (!l->v1)
		return;
	mkdir(FREEZERS, 0755);
	if (access(FREEZERS "/cgroup.procs", F_OK))
		mount_at("cgroup", FREEZERS, "freezer");
	mkdir(FREEZERS "/storm", 0755);
}

static void storm(struct lab *l, uint64_t *random, enum storm_kind kind, bool freeze)
{
	const char *name = kind == STORM_CHAINS ? "chains" : "parent";
	int before = (int)random_below(random, 2001) - 1000, to;
	struct shared *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned members, later_members, others, later, forks;
	const char *argv[] = {
		OOMKIT, "adj", "-n", NULL, "/storm", freeze ? "--freeze" : NULL, NULL
	};
	char number[16], what[96];
	struct said said;
	int64_t began, took;
	uint64_t end;
	pid_t keeper;

	if (s == MAP_FAILED)
		give_up("a storm's page");
	do
		to = (int)random_below(random, 2001) - 1000;
	while (to == before);
	snprintf(number, sizeof(number), "%d", to);
	argv[3] = number;
	make_cgroups(l);
	keeper = begin(s, kind, l->v1, before);
	/* Whoever comes later gives himself the old value after the new one was set. */
	end = now_ms() + READY_MS;
	while (s->ready < beginners(kind) && now_ms() < end)
		sleep_ms(5);
	sleep_ms(BEFORE_MS);
	forks = s->forks;
	began = now_nsec();
	run_as(BY_ROOT, NULL, argv, &said);
	took = now_nsec() - began;
	forks = s->forks - forks;
	others = count_others(to, &members);
	sleep_ms(AFTER_MS);
	later = count_others(to, &later_members);
	s->stop = true;
	while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR)
		;
	/* The value at the end of a storm that was not settled is what was said: not certain. */
	snprintf(what, sizeof(what),
		 "storm of %s%s: %d to %d, exit %d, %u and %u of %u and %u differ", name,
		 freeze ? ", frozen" : "", before, to, said.status, others, later, members,
		 later_members);
	check(l,
	      members && later_members &&
		      ((said.status == 0 && others == 0 && later == 0) ||
		       (!freeze && said.status == 64 &&
			strstr(said.err, "/storm: not settled after"))),
	      what, &said);
	if (freeze) {
		check(l, runs_again(l), "and the cgroup runs again", &said);
	} else if (l->counted) {
		snprintf(what, sizeof(what), "storm of %s: %u forks in %lld ms, %d a second", name,
			 forks, (long long)(took / 1000000), A_SECOND);
		check(l, (int64_t)forks * 1000000000 >= took * A_SECOND, what, &said);
	}
	printf("storm %s %u %llu %s%s %d %u %lld %u\n", l->mode, l->round,
	       (unsigned long long)l->seed, name, freeze ? "-frozen" : "", said.status, forks,
	       (long long)(took / 1000000), others + later);
	munmap(s, sizeof(*s));
}

void storms(struct lab *l, uint64_t *random)
{
	for (int freeze = 0; freeze < 2; freeze++) {
		storm(l, random, STORM_PARENT, freeze);
		storm(l, random, STORM_CHAINS, freeze);
	}
}

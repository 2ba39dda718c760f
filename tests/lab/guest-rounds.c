/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which ways does memory run out? One round of each: a population, what oomkit says, the OOM. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../random.h"
#include "guest.h"

#define CGROUPS    "/sys/fs/cgroup"
#define PAGE       4096
#define NO_KILL_MS 30000
#define QUIET_MS   400
/* Between what the members of a cgroup use and its limit: what the filler takes. */
#define SLACK_BYTES (4 * MIB)
/* How often the filler looks whether somebody has been killed, once memory is short. */
#define LOOK_PAGES     16
#define SWAP_BYTES     (48 * MIB)
#define GROW_MAX_MIB   24
#define SEQUENCE_KILLS 5

/* ------------------------------------------------------------------ the population */

static void word(char *buf, size_t size, uint64_t n)
{
	snprintf(buf, size, "%llu", (unsigned long long)n);
}

/* cgroups: NULL-terminated, where its members go; NULL: nowhere. still: nobody in it asks for
 * memory once it has settled. */
static void populate(struct population *p, uint64_t *random, const char *const *cgroups, bool still)
{
	char count[24], seed[24], line[128];
	const char *argv[64] = { "/population", "--orphans", "--count", count, "--seed", seed };
	size_t n = 6;
	int in[2], out[2];
	ssize_t got;

	word(count, sizeof(count), 8 + random_below(random, 28));
	word(seed, sizeof(seed), random_next(random) >> 8);
	/* One in four: all alike. */
	if (random_below(random, 4)) {
		static const char *const mixed[] = { "--kind",  "mixed",  "--adj",
						     "any",     "--most", "14",
						     "--total", "80",     "--odd-memory" };

		for (size_t i = 0; i < ARRAY_SIZE(mixed); i++)
			argv[n++] = mixed[i];
		if (random_below(random, 4) == 0 && !still)
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
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p->stop_fd = in[1];
	got = read(out[0], line, sizeof(line) - 1);
	close(out[0]);
	if (got <= 0 || strncmp(line, "ready", 5) != 0)
		printf("guest: the population of seed %s did not settle\n", seed);
}

static void disperse(struct population *p)
{
	close(p->stop_fd);
	while (waitpid(p->keeper, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ------------------------------------------------------------------ what oomkit says */

static json_t *ask(const char *const *args, const char *top)
{
	const char *argv[24] = { "/oomkit", "rank", "-J", "-N", top };
	size_t n = 5;

	for (; args && *args; args++)
		argv[n++] = *args;
	return run_json(argv);
}

static void forecast(struct forecast *f, const char *const *args)
{
	const json_t *first, *dies;
	json_t *one;

	*f = (struct forecast){ .all = ask(args, "all") };
	kills_learn_threads();
	one = ask(args, "1");
	snprintf(f->outcome, sizeof(f->outcome), "%s",
		 json_string_value(json_object_get(one, "outcome")) ?: "?");
	first = json_array_get(json_object_get(one, "processes"), 0);
	if (strcmp(f->outcome, "kill") == 0)
		f->victim = (pid_t)json_integer_value(json_object_get(first, "pid"));
	dies = json_object_get(first, "killed_with");
	for (size_t i = 0; i < json_array_size(dies) && f->n_with < KILLS_MAX; i++)
		f->with[f->n_with++] = (pid_t)json_integer_value(json_array_get(dies, i));
	json_decref(one);
}

static void forecast_end(struct forecast *f)
{
	json_decref(f->all);
	f->all = NULL;
}

static const json_t *row_of(const struct forecast *f, pid_t pid)
{
	const json_t *rows = json_object_get(f->all, "processes");

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		if (json_integer_value(json_object_get(row, "pid")) == pid)
			return row;
	}
	return NULL;
}

/* How far two candidates stood apart before it, pages; INT64_MAX where one was not told of. */
static int64_t pages_apart(const struct forecast *f, pid_t a, pid_t b)
{
	const json_t *x = json_object_get(row_of(f, a), "badness");
	const json_t *y = json_object_get(row_of(f, b), "badness");
	int64_t d = json_integer_value(x) - json_integer_value(y);

	if (!json_is_integer(x) || !json_is_integer(y))
		return INT64_MAX;
	return d < 0 ? -d : d;
}

static void show_row(const char *what, const struct forecast *f, pid_t pid)
{
	char *text = json_dumps(row_of(f, pid), JSON_COMPACT);

	printf("detail %s %d %s\n", what, pid, text ? text : "was not told of");
	free(text);
}

static void tell(const struct lab *l, const struct forecast *f, pid_t said, pid_t killed)
{
	static const char *const names[] = { "right", "near", "wrong", "none" };
	enum verdict v = VERDICT_RIGHT;
	int64_t apart = 0;

	if (!killed)
		v = VERDICT_NONE;
	else if (killed != said) {
		apart = pages_apart(f, said, killed);
		/* Equals have an order of their own, which no reclaim changes. */
		v = apart > 0 && apart <= NEAR_PAGES ? VERDICT_NEAR : VERDICT_WRONG;
	}
	printf("kill %s %u %llu %s %d %d %lld\n", l->mode, l->round, (unsigned long long)l->seed,
	       names[v], said, killed, (long long)apart);
	if (v == VERDICT_WRONG || v == VERDICT_NONE) {
		printf("detail outcome %s\n", f->outcome);
		show_row("said", f, said);
		show_row("killed", f, killed);
	}
}

/* Does the model say of every process what its oom_score says? */
static void compare_scores(const struct lab *l)
{
	const char *const argv[] = { "/oomkit", "score", "-J", NULL };
	json_t *json = run_json(argv);
	const json_t *rows = json_object_get(json, "processes");
	unsigned n = 0, different = 0;

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const json_t *ours = json_object_get(row, "model_score");
		const json_t *theirs = json_object_get(row, "oom_score");

		if (!json_is_integer(ours) || !json_is_integer(theirs))
			continue;
		n++;
		if (json_integer_value(ours) != json_integer_value(theirs)) {
			char *text = json_dumps(row, JSON_COMPACT);

			different++;
			printf("detail score %s\n", text);
			free(text);
		}
	}
	printf("score %s %u %llu %u %u\n", l->mode, l->round, (unsigned long long)l->seed, n,
	       different);
	json_decref(json);
}

/* ------------------------------------------------------------------ the filler */

struct filler {
	pid_t pid;
	int go_fd;
};

static void enter_cgroup(const char *cgroup)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	if (write_file(path, "0"))
		_exit(3);
}

/* Takes memory until somebody is killed: quickly at first, then looking after every few pages. */
__attribute__((noreturn)) static void fill(uint64_t quick_bytes)
{
	const uint64_t before = read_field("/proc/vmstat", "oom_kill");
	volatile char *p;

	for (uint64_t taken = 0;; taken += MIB) {
		p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			_exit(4);
		for (size_t i = 0; i < MIB; i += PAGE) {
			if (taken >= quick_bytes && i / PAGE % LOOK_PAGES == 0 &&
			    read_field("/proc/vmstat", "oom_kill") != before)
				for (;;)
					pause();
			p[i] = 1;
		}
	}
}

/* Forks. True in the child, which is told to go by a byte on *go. */
static bool stand_by(struct filler *f, int *go)
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

/* Waits in its cgroup until it is told to go. */
static void filler_start(struct filler *f, const char *adj, const char *cgroup, bool global)
{
	uint64_t quick = 0, free_kib;
	char byte;
	int go;

	if (!stand_by(f, &go))
		return;
	if (cgroup)
		enter_cgroup(cgroup);
	if (write_file("/proc/self/oom_score_adj", adj) || read(go, &byte, 1) != 1)
		_exit(2);
	free_kib = read_field("/proc/meminfo", "MemFree");
	if (global && free_kib > 10240)
		quick = free_kib * 1024 - 10 * MIB;
	fill(quick);
}

static void filler_go(const struct filler *f)
{
	if (write(f->go_fd, "g", 1) != 1)
		give_up("the filler");
}

static void filler_end(struct filler *f)
{
	close(f->go_fd);
	kill(f->pid, SIGKILL);
	while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ------------------------------------------------------------------ global OOMs */

static pid_t first_kill(struct lab *l)
{
	pid_t killed;

	return kills_await(l, &killed, 1, NO_KILL_MS, 0) ? killed : 0;
}

static void sysrq(void)
{
	if (write_file("/proc/sysrq-trigger", "f"))
		give_up("/proc/sysrq-trigger");
}

static void sysrq_said(struct lab *l, const struct forecast *f)
{
	pid_t killed;

	kills_forget(l);
	sysrq();
	killed = first_kill(l);
	tell(l, f, f->victim, killed);
}

static void round_sysrq(struct lab *l, uint64_t *random)
{
	struct population p;
	struct forecast f;

	populate(&p, random, NULL, false);
	compare_scores(l);
	forecast(&f, NULL);
	sysrq_said(l, &f);
	forecast_end(&f);
	disperse(&p);
}

static void round_global(struct lab *l, uint64_t *random)
{
	struct population p;
	struct forecast f;
	struct filler filler;

	populate(&p, random, NULL, false);
	filler_start(&filler, "-1000", NULL, true);
	compare_scores(l);
	forecast(&f, NULL);
	kills_forget(l);
	filler_go(&filler);
	tell(l, &f, f.victim, first_kill(l));
	forecast_end(&f);
	filler_end(&filler);
	disperse(&p);
}

/* The one that asks for memory dies, and oomkit says so and names nobody. */
static void round_allocating(struct lab *l, uint64_t *random)
{
	struct population p;
	struct forecast f;
	struct filler filler;

	write_file("/proc/sys/vm/oom_kill_allocating_task", "1");
	populate(&p, random, NULL, true);
	filler_start(&filler, "0", NULL, true);
	forecast(&f, NULL);
	kills_forget(l);
	filler_go(&filler);
	tell(l, &f, strcmp(f.outcome, "allocating_task") == 0 ? filler.pid : 0, first_kill(l));
	forecast_end(&f);
	filler_end(&filler);
	disperse(&p);
	write_file("/proc/sys/vm/oom_kill_allocating_task", "0");
}

static void round_sequence(struct lab *l, uint64_t *random)
{
	char number[8];
	const char *const argv[] = { "/oomkit", "rank", "-J", "--kills", number, NULL };
	struct population p;
	struct forecast f;
	json_t *json, *kills;

	populate(&p, random, NULL, false);
	snprintf(number, sizeof(number), "%u", 2 + random_below(random, SEQUENCE_KILLS - 1));
	forecast(&f, NULL);
	json = run_json(argv);
	kills = json_object_get(json, "kills");
	kills_forget(l);
	for (size_t i = 0; i < json_array_size(kills); i++) {
		const json_t *step = json_array_get(kills, i);
		pid_t said = (pid_t)json_integer_value(json_object_get(step, "pid"));
		pid_t killed;

		sysrq();
		killed = first_kill(l);
		tell(l, &f, said, killed);
		/* What was said of the next ones supposed that this one would die. */
		if (!killed || killed != said || !await_gone(killed))
			break;
	}
	json_decref(json);
	forecast_end(&f);
	disperse(&p);
}

/* ------------------------------------------------------------------ cgroups */

/* The tree of a round: lab holds a, b and f; a holds c and d, b holds e. Members live in c, d, e
 * and f. */
enum node { NODE_LAB, NODE_A, NODE_B, NODE_C, NODE_D, NODE_E, NODE_F, NODE_N };

static const struct {
	const char *path;
	enum node leaf; /* a leaf below, or itself */
	bool inner;
} tree[NODE_N] = {
	[NODE_LAB] = { CGROUPS "/lab", NODE_F, true },
	[NODE_A] = { CGROUPS "/lab/a", NODE_D, true },
	[NODE_B] = { CGROUPS "/lab/b", NODE_E, true },
	[NODE_C] = { CGROUPS "/lab/a/c", NODE_C, false },
	[NODE_D] = { CGROUPS "/lab/a/d", NODE_D, false },
	[NODE_E] = { CGROUPS "/lab/b/e", NODE_E, false },
	[NODE_F] = { CGROUPS "/lab/f", NODE_F, false },
};

static const char *const leaves[] = { CGROUPS "/lab/a/c", CGROUPS "/lab/a/d", CGROUPS "/lab/b/e",
				      CGROUPS "/lab/f", NULL };

static const char *in_node(enum node n, const char *file)
{
	static char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", tree[n].path, file);
	return path;
}

static void make_tree(const struct lab *l)
{
	for (enum node n = 0; n < NODE_N; n++) {
		if (mkdir(tree[n].path, 0755) && errno != EEXIST)
			give_up(tree[n].path);
		if (!l->v1 && tree[n].inner)
			write_file(in_node(n, "cgroup.subtree_control"), "+memory");
	}
}

static void remove_tree(void)
{
	for (int n = NODE_N - 1; n >= 0; n--)
		for (unsigned turn = 0; rmdir(tree[n].path) && turn < 2000; turn++)
			sleep_ms(5);
}

/* What is over the limit goes to the swap where there is one, until that is full too. */
static void set_limit(const struct lab *l, enum node n, uint64_t bytes, bool with_swap)
{
	if (!l->v1) {
		write_number(in_node(n, "memory.swap.max"), with_swap ? 8 * MIB : 0);
		write_number(in_node(n, "memory.max"), bytes);
		return;
	}
	if (!with_swap)
		write_file(in_node(n, "memory.swappiness"), "0");
	write_number(in_node(n, "memory.limit_in_bytes"), bytes);
	write_number(in_node(n, "memory.memsw.limit_in_bytes"), bytes + (with_swap ? 8 * MIB : 0));
}

static uint64_t used_bytes(const struct lab *l, enum node n)
{
	return read_number(in_node(n, l->v1 ? "memory.usage_in_bytes" : "memory.current"));
}

/* Limits that do not bind above and beside the one that does. */
static void set_limits(const struct lab *l, enum node n, uint64_t *random, bool with_swap)
{
	uint64_t limit = (used_bytes(l, n) + SLACK_BYTES) & ~(uint64_t)(PAGE - 1);

	for (enum node other = 0; other < NODE_N; other++)
		if (other != n && random_below(random, 2))
			write_number(in_node(other, l->v1 ? "memory.limit_in_bytes" : "memory.max"),
				     (200 + random_below(random, 100)) * MIB);
	set_limit(l, n, limit, with_swap);
}

/* Where somebody can be killed: lab itself if need be. */
static enum node choose_node(struct forecast *f, uint64_t *random)
{
	enum node n = random_below(random, NODE_N);
	const char *args[] = { "--scope", tree[n].path, NULL };

	forecast(f, args);
	if (f->victim)
		return n;
	forecast_end(f);
	args[1] = tree[NODE_LAB].path;
	forecast(f, args);
	return NODE_LAB;
}

static void run_memcg(struct lab *l, uint64_t *random, bool with_swap)
{
	struct population p;
	struct filler filler;
	struct forecast f;
	const char *args[] = { "--scope", NULL, NULL };
	enum node n;

	make_tree(l);
	populate(&p, random, leaves, false);
	n = choose_node(&f, random);
	forecast_end(&f);
	args[1] = tree[n].path;
	filler_start(&filler, "-1000", tree[tree[n].leaf].path, false);
	sleep_ms(5);
	set_limits(l, n, random, with_swap);
	compare_scores(l);
	forecast(&f, args);
	kills_forget(l);
	filler_go(&filler);
	tell(l, &f, f.victim, first_kill(l));
	forecast_end(&f);
	filler_end(&filler);
	disperse(&p);
	remove_tree();
}

static void round_memcg(struct lab *l, uint64_t *random)
{
	run_memcg(l, random, false);
}

static void round_memcg_swap(struct lab *l, uint64_t *random)
{
	run_memcg(l, random, true);
}

static void round_swap(struct lab *l, uint64_t *random)
{
	if (l->v1 || random_below(random, 2))
		round_sysrq(l, random);
	else
		run_memcg(l, random, true);
}

/* ------------------------------------------------------------------ oom.group */

static bool is_said(const struct forecast *f, pid_t pid)
{
	for (size_t i = 0; i < f->n_with; i++)
		if (f->with[i] == pid)
			return true;
	return pid == f->victim;
}

/* In the cgroup whose members die together. */
static bool is_in_group(const struct lab *l, const struct forecast *f, pid_t pid)
{
	const char *cgroup = json_string_value(json_object_get(row_of(f, pid), "cgroup"));
	const size_t n = strlen(l->group);

	return n && (!cgroup || (strncmp(cgroup, l->group, n) == 0 &&
				 (cgroup[n] == '/' || cgroup[n] == '\0')));
}

/* All members that the kernel killed were said, and all that were said are dead. Whom else it
 * killed died of the next OOM, which came while the dead had not given back enough. */
static void tell_group(const struct lab *l, const struct forecast *f, const pid_t *killed, size_t n)
{
	pid_t odd = 0;

	for (size_t i = 0; i < n && !odd; i++)
		if (!is_said(f, killed[i]) && is_in_group(l, f, killed[i]))
			odd = killed[i];
	for (size_t i = 0; i < f->n_with && !odd; i++)
		if (!await_gone(f->with[i]))
			odd = f->with[i];
	if (!n || killed[0] != f->victim || !odd) {
		tell(l, f, f->victim, n ? killed[0] : 0);
		return;
	}
	printf("detail group %s\n", l->group);
	tell(l, f, f->victim, odd);
}

static void round_group(struct lab *l, uint64_t *random)
{
	const bool global = random_below(random, 2);
	const char *args[] = { "--scope", tree[NODE_LAB].path, NULL };
	pid_t killed[KILLS_MAX];
	struct population p;
	struct filler filler = { 0 };
	struct forecast f;
	size_t n;

	make_tree(l);
	write_file(in_node(random_below(random, NODE_N), "memory.oom.group"), "1");
	write_file(in_node(random_below(random, NODE_N), "memory.oom.group"), "1");
	populate(&p, random, leaves, false);
	if (!global) {
		filler_start(&filler, "-1000", tree[NODE_F].path, false);
		sleep_ms(5);
		set_limits(l, NODE_LAB, random, false);
	}
	forecast(&f, global ? NULL : args);
	kills_forget(l);
	if (global)
		sysrq();
	else
		filler_go(&filler);
	n = kills_await(l, killed, KILLS_MAX, NO_KILL_MS, QUIET_MS);
	tell_group(l, &f, killed, n);
	forecast_end(&f);
	if (!global)
		filler_end(&filler);
	disperse(&p);
	remove_tree();
}

/* ------------------------------------------------------------------ what if */

/* A process that takes so much more when it is told to. */
static void grower_start(struct filler *f, uint64_t bytes)
{
	volatile char *p;
	char byte;
	int go;

	if (!stand_by(f, &go))
		return;
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || read(go, &byte, 1) != 1)
		_exit(2);
	madvise((void *)p, bytes, MADV_NOHUGEPAGE);
	for (uint64_t i = 0; i < bytes; i += PAGE)
		p[i] = 1;
	for (;;)
		pause();
}

static uint64_t rss_kib(pid_t pid)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return read_field(path, "VmRSS");
}

static void whatif_grow(struct lab *l, uint64_t *random)
{
	const uint64_t bytes = (1 + random_below(random, GROW_MAX_MIB)) * MIB;
	char wish[64];
	const char *const args[] = { "--grow", wish, NULL };
	struct filler grower;
	struct population p;
	struct forecast f;
	uint64_t before;

	populate(&p, random, NULL, false);
	grower_start(&grower, bytes);
	sleep_ms(20);
	snprintf(wish, sizeof(wish), "%d=%llu", grower.pid, (unsigned long long)bytes);
	forecast(&f, args);
	before = rss_kib(grower.pid);
	filler_go(&grower);
	while (rss_kib(grower.pid) < before + bytes / 1024 - 256)
		sleep_ms(5);
	sleep_ms(20);
	sysrq_said(l, &f);
	forecast_end(&f);
	filler_end(&grower);
	disperse(&p);
}

static void whatif_set(struct lab *l, uint64_t *random)
{
	char wish[64], path[PATH_SIZE];
	const char *const args[] = { "--set", wish, NULL };
	struct population p;
	struct forecast f;
	const json_t *rows;
	int adj = (int)random_below(random, 2001) - 1000;
	pid_t pid;

	populate(&p, random, NULL, false);
	forecast(&f, NULL);
	/* One of the first few, so that it makes a difference. */
	rows = json_object_get(f.all, "processes");
	pid = (pid_t)json_integer_value(
		json_object_get(json_array_get(rows, random_below(random, 4)), "pid"));
	forecast_end(&f);
	snprintf(wish, sizeof(wish), "%d=%d", pid, adj);
	forecast(&f, args);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	snprintf(wish, sizeof(wish), "%d", adj);
	if (write_file(path, wish))
		printf("guest: %s could not be set\n", path);
	sysrq_said(l, &f);
	forecast_end(&f);
	disperse(&p);
}

/* The limit is a thought only until it is asked about, then it is set. */
static void whatif_limit(struct lab *l, uint64_t *random)
{
	char limit[32];
	const char *const args[] = { "--scope", tree[NODE_LAB].path, "--limit", limit, NULL };
	struct population p;
	struct filler filler;
	struct forecast f;
	uint64_t bytes;

	make_tree(l);
	populate(&p, random, leaves, false);
	filler_start(&filler, "-1000", tree[NODE_F].path, false);
	sleep_ms(5);
	set_limit(l, NODE_LAB, 1024 * MIB, false);
	bytes = (used_bytes(l, NODE_LAB) + SLACK_BYTES) & ~(uint64_t)(PAGE - 1);
	snprintf(limit, sizeof(limit), "%llu", (unsigned long long)bytes);
	forecast(&f, args);
	set_limit(l, NODE_LAB, bytes, false);
	kills_forget(l);
	filler_go(&filler);
	tell(l, &f, f.victim, first_kill(l));
	forecast_end(&f);
	filler_end(&filler);
	disperse(&p);
	remove_tree();
}

static void round_whatif(struct lab *l, uint64_t *random)
{
	static void (*const kinds[])(struct lab *, uint64_t *) = { whatif_grow, whatif_set,
								   whatif_limit };

	kinds[random_below(random, ARRAY_SIZE(kinds))](l, random);
}

const struct mode modes[] = {
	{ "sysrq", false, false, 0, round_sysrq },
	{ "global", false, false, 0, round_global },
	{ "memcg", false, true, 0, round_memcg },
	{ "memcg1", true, false, 0, round_memcg },
	{ "memcg1sw", true, false, SWAP_BYTES, round_memcg_swap },
	{ "group", false, true, 0, round_group },
	{ "allocating", false, false, 0, round_allocating },
	{ "sequence", false, false, 0, round_sequence },
	{ "whatif", false, false, 0, round_whatif },
	{ "swap", false, false, SWAP_BYTES, round_swap },
	{ "adj", false, false, 0, round_adj },
	{ "cgroup", false, false, 0, round_cgroup },
};
const size_t n_modes = ARRAY_SIZE(modes);

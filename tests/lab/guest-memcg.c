/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does a cgroup run out of memory? Limits in a tree of cgroups, and groups that die together.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../random.h"
#include "guest.h"

#define QUIET_MS         300
#define QUICK_BYTES      (SLACK_BYTES - MIB)
#define SWAP_LIMIT_BYTES (8 * MIB)
#define SWAP_REST_BYTES  (UINT64_C(32) * PAGE)
#define REMOVE_TURNS     400

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

const char *const leaves[] = { CGROUPS "/lab/a/c", CGROUPS "/lab/a/d", CGROUPS "/lab/b/e",
			       CGROUPS "/lab/f", NULL };

static const char *in_node(enum node n, const char *file)
{
	static char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", tree[n].path, file);
	return path;
}

void make_tree(const struct lab *l)
{
	for (enum node n = 0; n < NODE_N; n++) {
		if (mkdir(tree[n].path, 0755) && errno != EEXIST)
			give_up(tree[n].path);
		if (!l->v1 && tree[n].inner)
			write_file(in_node(n, "cgroup.subtree_control"), "+memory");
	}
}

/* Whoever has ended may be counted for a while. */
void remove_cgroup(const char *path)
{
	for (unsigned turn = 0; rmdir(path); turn++) {
		if (turn == REMOVE_TURNS) {
			printf("guest: %s is not empty: %s\n", path, strerror(errno));
			return;
		}
		sleep_ms(5);
	}
}

void remove_tree(void)
{
	for (int n = NODE_N - 1; n >= 0; n--)
		remove_cgroup(tree[n].path);
}

static uint64_t used_bytes(const struct lab *l, enum node n)
{
	return read_number(in_node(n, l->v1 ? "memory.usage_in_bytes" : "memory.current"));
}

static uint64_t swapped_bytes(const struct lab *l, enum node n)
{
	uint64_t both;

	if (!l->v1)
		return read_number(in_node(n, "memory.swap.current"));
	both = read_number(in_node(n, "memory.memsw.usage_in_bytes"));
	return both - used_bytes(l, n);
}

/* What is over the limit goes to the swap where there is one, until that is full too. */
static void set_limit(const struct lab *l, enum node n, uint64_t bytes, bool with_swap)
{
	const uint64_t swap = with_swap ? swapped_bytes(l, n) + SWAP_LIMIT_BYTES : 0;

	if (!l->v1) {
		write_number(in_node(n, "memory.swap.max"), swap);
		write_number(in_node(n, "memory.max"), bytes);
		return;
	}
	if (!with_swap)
		write_file(in_node(n, "memory.swappiness"), "0");
	write_number(in_node(n, "memory.limit_in_bytes"), bytes);
	write_number(in_node(n, "memory.memsw.limit_in_bytes"), bytes + swap);
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

/* A limit that no longer binds. */
static void lift_limit(const struct lab *l, enum node n)
{
	if (!l->v1) {
		write_file(in_node(n, "memory.swap.max"), "max");
		write_file(in_node(n, "memory.max"), "max");
		return;
	}
	write_file(in_node(n, "memory.memsw.limit_in_bytes"), "-1");
	write_file(in_node(n, "memory.limit_in_bytes"), "-1");
}

struct swap_limit {
	const struct lab *l;
	enum node n;
	uint64_t bytes;
};

/* But for a rest; or somebody has been killed on the way, which nobody counts. */
static bool swap_is_full(const void *ctx)
{
	static uint64_t kills;
	const struct swap_limit *s = ctx;

	if (!kills)
		kills = read_field("/proc/vmstat", "oom_kill") + 1;
	return swapped_bytes(s->l, s->n) + SWAP_REST_BYTES >= s->bytes ||
	       read_field("/proc/vmstat", "oom_kill") + 1 != kills;
}

/* Where somebody can be killed: lab itself if need be. */
static enum node choose_node(uint64_t *random)
{
	enum node n = random_below(random, NODE_N);
	const char *args[] = { "--scope", tree[n].path, NULL };

	return first_victim(args) ? n : NODE_LAB;
}

static bool kill_in_node(struct lab *l, uint64_t *random, bool with_swap)
{
	const enum node n = choose_node(random);
	const char *args[] = { "--scope", tree[n].path, NULL };
	const char *leaf = tree[tree[n].leaf].path;
	struct filler filler, ballast;
	struct forecast f;
	pid_t killed = 0;

	filler_start(&filler, "-1000", leaf, with_swap ? 0 : QUICK_BYTES);
	set_limits(l, n, random, with_swap);
	/* What is swapped out moves from one counter to another, and both are approximate: threads
	 * keep up to 64 pages to themselves before 6.2, CPUs after. All but a rest of it comes
	 * before oomkit is asked. */
	if (with_swap)
		ballast_start(&ballast, leaf, UINT64_C(4) * PAGE, swap_is_full,
			      &(struct swap_limit){ l, n, swapped_bytes(l, n) + SWAP_LIMIT_BYTES });
	compare_scores(l);
	forecast(l, &f, args);
	if (may_go_on(l, &f)) {
		filler_go(&filler);
		killed = tell(l, &f, f.victim, first_kill(l));
		await_dead(&f, killed);
	}
	forecast_end(&f);
	filler_end(&filler);
	if (with_swap)
		filler_end(&ballast);
	lift_limit(l, n);
	return killed != 0;
}

static void run_memcg(struct lab *l, uint64_t *random, bool with_swap)
{
	struct population p;
	unsigned turns;

	l->constraint = "memcg";
	make_tree(l);
	populate(&p, random, leaves, pop_in_cgroups(l));
	turns = draw_turns(random);
	for (l->turn = 0; l->turn < turns && kill_in_node(l, random, with_swap); l->turn++)
		;
	disperse(&p);
	remove_tree();
}

void round_memcg(struct lab *l, uint64_t *random)
{
	run_memcg(l, random, false);
}

void round_memcg_swap(struct lab *l, uint64_t *random)
{
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
static pid_t tell_group(const struct lab *l, const struct forecast *f, const pid_t *killed,
			size_t n)
{
	pid_t odd = 0;

	for (size_t i = 0; i < n && !odd; i++)
		if (!is_said(f, killed[i]) && is_in_group(l, f, killed[i]) &&
		    !is_born_since(f, killed[i]))
			odd = killed[i];
	for (size_t i = 0; i < f->n_with && !odd; i++)
		if (!await_gone(f->with[i]))
			odd = f->with[i];
	if (!n || killed[0] != f->victim || !odd)
		return tell(l, f, f->victim, n ? killed[0] : 0);
	printf("detail group %s\n", l->group);
	return tell(l, f, f->victim, odd);
}

static bool kill_group(struct lab *l, uint64_t *random)
{
	const bool global = random_below(random, 2);
	const char *args[] = { "--scope", tree[NODE_LAB].path, NULL };
	pid_t all[KILLS_MAX], killed = 0;
	struct filler filler = { 0 };
	struct forecast f;

	l->constraint = global ? "none" : "memcg";
	if (!global) {
		filler_start(&filler, "-1000", tree[NODE_F].path, QUICK_BYTES);
		set_limits(l, NODE_LAB, random, false);
	}
	forecast(l, &f, global ? NULL : args);
	if (may_go_on(l, &f)) {
		if (global)
			sysrq();
		else
			filler_go(&filler);
		killed = tell_group(l, &f, all,
				    kills_await(l, all, KILLS_MAX, NO_KILL_MS, QUIET_MS));
		await_dead(&f, killed);
	}
	forecast_end(&f);
	if (!global) {
		filler_end(&filler);
		lift_limit(l, NODE_LAB);
	}
	return killed != 0;
}

void round_group(struct lab *l, uint64_t *random)
{
	struct population p;
	unsigned turns;

	make_tree(l);
	write_file(in_node(random_below(random, NODE_N), "memory.oom.group"), "1");
	write_file(in_node(random_below(random, NODE_N), "memory.oom.group"), "1");
	populate(&p, random, leaves, pop_in_cgroups(l));
	turns = draw_turns(random);
	for (l->turn = 0; l->turn < turns && kill_group(l, random); l->turn++)
		;
	disperse(&p);
	remove_tree();
}

/* The limit is a thought only until it is asked about, then it is set. */
bool whatif_limit(struct lab *l, uint64_t *random)
{
	char limit[32];
	const char *const args[] = { "--scope", tree[NODE_LAB].path, "--limit", limit, NULL };
	struct filler filler;
	struct forecast f;
	uint64_t bytes;
	pid_t killed = 0;

	(void)random;
	l->constraint = "memcg";
	filler_start(&filler, "-1000", tree[NODE_F].path, QUICK_BYTES);
	set_limit(l, NODE_LAB, 1024 * MIB, false);
	bytes = (used_bytes(l, NODE_LAB) + SLACK_BYTES) & ~(uint64_t)(PAGE - 1);
	snprintf(limit, sizeof(limit), "%llu", (unsigned long long)bytes);
	forecast(l, &f, args);
	if (may_go_on(l, &f)) {
		set_limit(l, NODE_LAB, bytes, false);
		filler_go(&filler);
		killed = tell(l, &f, f.victim, first_kill(l));
		await_dead(&f, killed);
	}
	forecast_end(&f);
	filler_end(&filler);
	lift_limit(l, NODE_LAB);
	return killed != 0;
}

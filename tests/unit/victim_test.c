/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of the kills, ties, what is only supposed, groups, and sums by name. */
#include <stdlib.h>

#include "base.h"
#include "check.h"
#include "tally.h"
#include "victim.h"

#define KNOWN                                                                         \
	(HAVE_COMM | HAVE_STATE | HAVE_PPID | HAVE_START | HAVE_ADJ | HAVE_RSS_STAT | \
	 HAVE_RSS_STATUS | HAVE_SWAP | HAVE_PTE | HAVE_MM | HAVE_CGROUP)

/* pid, its parent, start, rss, adj, flags, cgroup */
#define PROC(p, pp, st, r, a, f, cg)                                                  \
	{                                                                             \
		.have = KNOWN, .pid = (p), .ppid = (pp), .start_ticks = (st),         \
		.rss_stat_pages = (r), .rss_status_pages = (r), .oom_score_adj = (a), \
		.flags = (f), .cgroup = (cg), .comm = "p" #p                          \
	}

static struct proc procs[] = {
	PROC(1, 0, 1, 100, 0, PROC_HAS_MM | PROC_GLOBAL_INIT, "/"),
	PROC(2, 0, 1, 0, 0, PROC_KTHREAD, "/"),
	PROC(10, 1, 50, 500, 0, PROC_HAS_MM, "/a"),
	PROC(11, 1, 40, 500, 0, PROC_HAS_MM, "/a/b"),
	PROC(12, 10, 40, 500, 0, PROC_HAS_MM, "/ab"),
	PROC(13, 10, 60, 900, 0, PROC_HAS_MM, "/a/b"),
	PROC(14, 13, 60, 9000, -1000, PROC_HAS_MM, "/a"),
	PROC(15, 13, 70, 499, 1, PROC_HAS_MM, "/"),
};

static struct snapshot snapshot = {
	.machine = { .page_size = 4096,
		     .pte_table_bytes = 4096,
		     .long_bits = 64,
		     .ram_pages = 100000,
		     .total_pages = 100000 },
	.procs = procs,
	.n_procs = ARRAY_SIZE(procs),
};

static const struct era *era(uint16_t major, uint16_t minor)
{
	return era_for_version((struct kver){ major, minor, 0 });
}

static void check_order(const struct era *e, const struct scope *scope, const struct what_if *w,
			const pid_t *want, size_t n)
{
	struct judged *order = NULL;

	CHECK_INT(victim_order(&snapshot, e, scope, w, &order), 0);
	for (size_t i = 0; i < n; i++) {
		CHECK_INT(snapshot.procs[order[i].index].pid, want[i]);
		CHECK_INT(order[i].rank, i + 1);
	}
	CHECK_INT(order[n].rank, 0);
	free(order);
}

/* 15 has 499 + 1 * (100000 / 1000) = 599. 10, 11 and 12 are equal; 11 and 12 are of one tick, 12 is
 * the younger. */
static void test_order_and_ties(void)
{
	const struct scope machine = { .ctx = snapshot.machine };

	check_order(era(6, 1), &machine, NULL, (const pid_t[]){ 13, 15, 10, 12, 11 }, 5);
	check_order(era(5, 1), &machine, NULL, (const pid_t[]){ 13, 15, 11, 12, 10 }, 5);
	check_order(era(4, 8), &machine, NULL, (const pid_t[]){ 13, 15, 10, 12, 11 }, 5);
	check_order(era(3, 13), &machine, NULL, (const pid_t[]){ 13, 15, 11, 12, 10 }, 5);
}

static void test_scope(void)
{
	struct scope scope = { .ctx = snapshot.machine, .cgroup = "/a" };
	struct judged *order = NULL;

	scope.ctx.constraint = CONSTRAINT_MEMCG;
	scope.ctx.total_pages = 2000;
	check_order(era(6, 1), &scope, NULL, (const pid_t[]){ 13, 10, 11 }, 3);
	/* A memcg's OOM of 4.8 kept the first leader. */
	check_order(era(4, 8), &scope, NULL, (const pid_t[]){ 13, 11, 10 }, 3);

	/* A memcg's members are met cgroup by cgroup, whoever is older: the last one is taken. */
	scope.by_memcg = true;
	procs[2].memcg_order = 2;
	procs[3].memcg_order = UINT64_C(1) << 32;
	check_order(era(6, 1), &scope, NULL, (const pid_t[]){ 13, 11, 10 }, 3);
	check_order(era(4, 8), &scope, NULL, (const pid_t[]){ 13, 10, 11 }, 3);
	/* The machine's OOM has its own list. */
	scope.by_memcg = false;
	check_order(era(6, 1), &scope, NULL, (const pid_t[]){ 13, 10, 11 }, 3);
	CHECK_INT(victim_order(&snapshot, era(6, 1), &scope, NULL, &order), 0);
	/* The badness is the scope's, the score is the machine's: (1000 + 900 * 1000 / 100000) * 2
	 * / 3. */
	CHECK_INT(order[0].badness, 900);
	CHECK_INT(order[0].score, 672);
	for (size_t i = 3; i < snapshot.n_procs; i++)
		CHECK_INT(order[i].fate,
			  FATE_OUT_OF_SCOPE + (snapshot.procs[order[i].index].pid == 14
						       ? FATE_ADJ_MIN - FATE_OUT_OF_SCOPE
						       : 0));
	free(order);
}

static void test_what_if(void)
{
	const struct scope machine = { .ctx = snapshot.machine };
	const struct supposition rows[] = {
		{ .pid = 11, .has_grow = true, .grow_pages = 1000 },
		{ .pid = 14, .has_adj = true, .adj = 0 },
		{ .pid = 15, .has_adj = true, .adj = -1000 },
	};
	const struct what_if w = { rows, ARRAY_SIZE(rows) };
	struct supposed storage;

	check_order(era(6, 1), &machine, &w, (const pid_t[]){ 14, 11, 13, 10, 12 }, 5);
	/* The facts stay as they are. */
	CHECK_INT(procs[3].rss_stat_pages, 500);
	CHECK(victim_suppose(&w, &procs[2], &storage) == &procs[2]);
	CHECK(victim_suppose(NULL, &procs[2], &storage) == &procs[2]);
	CHECK_INT(victim_suppose(&w, &procs[7], &storage)->oom_score_adj, -1000);
}

static void test_cgroup_paths(void)
{
	CHECK(victim_in_cgroup("/a/b", "/a"));
	CHECK(victim_in_cgroup("/a", "/a"));
	CHECK(victim_in_cgroup("/a", "/a/"));
	CHECK(!victim_in_cgroup("/ab", "/a"));
	CHECK(!victim_in_cgroup("/", "/a"));
	CHECK(victim_in_cgroup("/x", "/"));
}

static void test_groups(void)
{
	CHECK(victim_group_counts(era(6, 1), "/a/b", NULL));
	CHECK(victim_group_counts(era(6, 1), "/a/b", "/a"));
	CHECK(!victim_group_counts(era(6, 1), "/c", "/a"));
	CHECK(!victim_group_counts(era(6, 1), "/", NULL));
	CHECK(!victim_group_counts(era(4, 18), "/a", NULL));
	CHECK(victim_dies_with_group(&procs[2]));
	CHECK(!victim_dies_with_group(&procs[0]));
	CHECK(!victim_dies_with_group(&procs[6]));
}

static void test_allocating_task(void)
{
	const struct oom_sysctl on = { .have_oom_kill_allocating_task = true,
				       .oom_kill_allocating_task = 1 };
	const struct oom_sysctl off = { .have_oom_kill_allocating_task = true };

	CHECK(victim_is_allocating_task(era(6, 1), &on, CONSTRAINT_NONE));
	CHECK(!victim_is_allocating_task(era(6, 1), &on, CONSTRAINT_MEMCG));
	CHECK(!victim_is_allocating_task(era(6, 1), &off, CONSTRAINT_NONE));
	CHECK(!victim_is_allocating_task(era_for_version((struct kver){ 2, 6, 23 }), &on,
					 CONSTRAINT_NONE));
}

static void test_sums(void)
{
	const struct scope machine = { .ctx = snapshot.machine };
	const char *names[ARRAY_SIZE(procs)] = { NULL, NULL, "x", "y", "x", "y", "z", "x" };
	struct judged *order = NULL;
	struct tally_row *rows = NULL;

	CHECK_INT(victim_order(&snapshot, era(6, 1), &machine, NULL, &order), 0);
	CHECK_INT(tally_by_name(&snapshot, NULL, order, snapshot.n_procs, names, &rows), 3);
	/* x: 500 + 500 + 599, y: 500 + 900; z has nobody who can be chosen. */
	CHECK_STR(rows[0].name, "x");
	CHECK_INT(rows[0].badness, 1599);
	CHECK_INT(rows[0].rss_pages, 1499);
	CHECK_INT(rows[0].processes, 3);
	CHECK_INT(procs[rows[0].worst->index].pid, 15);
	CHECK_STR(rows[1].name, "y");
	CHECK_INT(rows[1].badness, 1400);
	CHECK_STR(rows[2].name, "z");
	CHECK(!rows[2].worst && rows[2].rss_pages == 9000);
	free(rows);
	CHECK_INT(tally_name_trees(&snapshot, names), 0);
	CHECK_STR(names[7], "p10[10]");
	CHECK_STR(names[3], "p11[11]");
	CHECK_STR(names[0], "p1[1]");
	arena_free(&snapshot.arena);
	free(order);
}

int main(void)
{
	test_order_and_ties();
	test_scope();
	test_what_if();
	test_cgroup_paths();
	test_groups();
	test_allocating_task();
	test_sums();
	return check_done();
}

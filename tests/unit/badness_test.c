/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does every row of the table of eras give the numbers that a reader of the kernel works out by
 * hand? For each row at least three vectors, the working beside each, step by step in integers as
 * the kernel does it. One vector at least must come out otherwise under the rule before and one
 * under the rule after, so that no row can be left out, doubled or replaced by its neighbour
 * without a failure here.
 *
 * Where a change does not show in the number (who of equals, who in whose place, which total), the
 * vector asks the function that reads the cell.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "badness.h"
#include "base.h"
#include "check.h"
#include "era.h"
#include "facts.h"
#include "victim.h"

#define MIB ((uint64_t)1024 * 1024)
#define OFF INT64_MIN /* as badness: there is none, for the process is not chosen */

/* A process and its machine in few words. What is 0 or false is the plain case: see judge(). */
struct input {
	uint64_t total;     /* pages */
	uint32_t page_size; /* 0: 4096 */
	uint32_t pte_table; /* bytes of a page table; 0: the page size */
	uint8_t long_bits;  /* 0: 64 */
	uint16_t hz;        /* 0: 100 */
	uint64_t rss;       /* both readings */
	uint64_t status;    /* status's reading, where it is another one */
	uint64_t swap;
	uint32_t pte_kib, pmd_kib;
	int adj;
	unsigned flags; /* enum proc_flag, beside PROC_HAS_MM */
	bool no_mm;
	bool have_score;
	uint64_t score; /* the kernel's own */
	struct proc_classic classic;
	bool mems_elsewhere; /* no memory node in common */
};

struct vector {
	const char *row;
	const char *name;
	struct input in;
	int64_t badness, score;
	enum fate fate;
	bool (*holds)(const struct era *e); /* instead of all of these */
};

/* ------------------------------------------------------------ what the table must have */

/* Newest first. commit: its first digits; NULL where none is known. */
static const struct row {
	const char *id;
	struct kver since;
	const char *commit;
} rows[] = {
	{ "7.0", { 7, 0, 0 }, NULL },
	{ "6.2", { 6, 2, 0 }, "f1a7941" },
	{ "5.14", { 5, 14, 0 }, NULL },
	{ "5.10", { 5, 10, 0 }, "8d387a5" },
	{ "5.9", { 5, 9, 0 }, "9066e5c" },
	{ "5.7.14", { 5, 7, 14 }, NULL },
	{ "5.4", { 5, 4, 0 }, NULL },
	{ "5.3", { 5, 3, 0 }, "f168a9a" },
	{ "5.1", { 5, 1, 0 }, "bbbe480" },
	{ "4.19", { 4, 19, 0 }, "3d8b38e" },
	{ "4.17", { 4, 17, 0 }, "d46078b" },
	{ "4.15", { 4, 15, 0 }, "af5b0f6" },
	{ "4.9", { 4, 9, 0 }, "7c5f64f" },
	{ "4.8", { 4, 8, 0 }, "b18dc5f" },
	{ "4.7 ties", { 4, 7, 0 }, "f44666b" },
	{ "4.7 reaped", { 4, 7, 0 }, "bb8a4b7" },
	{ "4.5", { 4, 5, 0 }, "37e8435" },
	{ "4.0", { 4, 0, 0 }, "dc6c9a3" },
	{ "3.14", { 3, 14, 0 }, "d49ad93" },
	{ "3.13.10", { 3, 13, 10 }, "778c14a" },
	{ "3.7", { 3, 7, 0 }, "9a5a8f1" },
	{ "3.5", { 3, 5, 0 }, "a7f638f" },
	{ "3.2 long", { 3, 2, 0 }, "ff05b6f" },
	{ "3.2 sharers", { 3, 2, 0 }, "c9f0124" },
	{ "2.6.39 tables", { 2, 6, 39 }, "f755a04" },
	{ "2.6.39 child", { 2, 6, 39 }, "edd4554" },
	{ "2.6.39 memcg", { 2, 6, 39 }, "f3e8eb7" },
	{ "2.6.37", { 2, 6, 37 }, "3d5992d" },
	{ "2.6.36 rewrite", { 2, 6, 36 }, "a63d83f" },
	{ "2.6.36 child", { 2, 6, 36 }, "5e9d834" },
	{ "2.6.32", { 2, 6, 32 }, "495789a" },
	{ "2.6.25", { 2, 6, 25 }, "9782995" },
	{ "2.6.24 allocating", { 2, 6, 24 }, "fe071d7" },
	{ "2.6.24 cpuset", { 2, 6, 24 }, "bbe373f" },
	{ "2.6.22", { 2, 6, 22 }, "9a82782" },
	{ "2.6.19", { 2, 6, 19 }, "7887a3d" },
	{ "2.6.16", { 2, 6, 16 }, "9827b78" },
	{ "2.6.11", { 2, 6, 11 }, NULL },
};

/* ------------------------------------------------------------ memory limits */

/* machine: 1 GiB of swap is 262144 pages. */
static bool memcg_gives(const struct era *e, enum cgroup_version v, const struct cgroup *cg,
			uint64_t swap_pages, uint64_t total, uint64_t swap_counted)
{
	const struct mem_ctx machine = { .ram_pages = 1048576,
					 .swap_pages = swap_pages,
					 .total_pages = 1048576 + swap_pages,
					 .page_size = 4096,
					 .long_bits = 64 };
	uint64_t swap = 0, got = era_memcg_total_pages(e, v, cg, &machine, &swap);

	return got == total && swap == swap_counted;
}

/*
 * v2, memory.max and memory.swap.max unlimited, 1000 pages of swap. The kernel has PAGE_COUNTER_MAX
 * for unlimited: LONG_MAX / 4096 = 9223372036854775807 / 4096 = 2251799813685247 pages. 5.10 on:
 * 2251799813685247 + min(2251799813685247, 1000) = 2251799813686247.
 */
static bool unlimited_v2_grows(const struct era *e)
{
	const struct cgroup cg = { .path = "/a",
				   .limit_bytes = CGROUP_UNLIMITED,
				   .swap_limit_bytes = CGROUP_UNLIMITED,
				   .swappiness = 60,
				   .have_limit = true,
				   .have_swap_limit = true };

	return memcg_gives(e, CGROUP_V2, &cg, 1000, 2251799813686247, 1000);
}

/* The same up to 5.9: min(2251799813685247 + 1000, memsw 2251799813685247) = 2251799813685247: no
 * swap is added. */
static bool unlimited_v2_stays(const struct era *e)
{
	const struct cgroup cg = { .path = "/a",
				   .limit_bytes = CGROUP_UNLIMITED,
				   .swap_limit_bytes = CGROUP_UNLIMITED,
				   .swappiness = 60,
				   .have_limit = true,
				   .have_swap_limit = true };

	return memcg_gives(e, CGROUP_V2, &cg, 1000, 2251799813685247, 0);
}

/* v2: 100 MiB is 25600 pages, swap.max 64 MiB 16384. 25600 + min(16384, 262144) = 41984. */
static bool swap_max_counts(const struct era *e)
{
	const struct cgroup cg = { .path = "/a",
				   .limit_bytes = 100 * MIB,
				   .swap_limit_bytes = 64 * MIB,
				   .swappiness = 60,
				   .have_limit = true,
				   .have_swap_limit = true };

	return memcg_gives(e, CGROUP_V2, &cg, 262144, 41984, 16384);
}

/* The same where nobody asks swap.max: 25600 + 262144 = 287744. */
static bool swap_max_does_not_count(const struct era *e)
{
	const struct cgroup cg = { .path = "/a",
				   .limit_bytes = 100 * MIB,
				   .swap_limit_bytes = 64 * MIB,
				   .swappiness = 60,
				   .have_limit = true,
				   .have_swap_limit = true };

	return memcg_gives(e, CGROUP_V2, &cg, 262144, 287744, 262144);
}

/* v2, swap.max 0: 25600 + min(0, 262144) = 25600. */
static bool swap_max_zero(const struct era *e)
{
	const struct cgroup cg = { .path = "/a",
				   .limit_bytes = 100 * MIB,
				   .swap_limit_bytes = 0,
				   .swappiness = 60,
				   .have_limit = true,
				   .have_swap_limit = true };

	return memcg_gives(e, CGROUP_V2, &cg, 262144, 25600, 0);
}

/* v1, memory+swap 150 MiB is 38400 pages: 25600 + min(38400 - 25600 = 12800, 262144) = 38400. */
static bool memsw_counts(const struct era *e)
{
	const struct cgroup cg = { .path = "/a",
				   .limit_bytes = 100 * MIB,
				   .memsw_limit_bytes = 150 * MIB,
				   .swappiness = 60,
				   .have_limit = true,
				   .have_memsw_limit = true };

	return memcg_gives(e, CGROUP_V1, &cg, 262144, 38400, 12800);
}

/* v1 without memory+swap accounting: 25600 + 262144 = 287744. */
static bool all_swap_counts(const struct era *e)
{
	const struct cgroup cg = {
		.path = "/a", .limit_bytes = 100 * MIB, .swappiness = 60, .have_limit = true
	};

	return memcg_gives(e, CGROUP_V1, &cg, 262144, 287744, 262144);
}

/* swappiness 0: the limit alone, 25600. */
static bool swappiness_0_counts_no_swap(const struct era *e)
{
	const struct cgroup cg = {
		.path = "/a", .limit_bytes = 100 * MIB, .swappiness = 0, .have_limit = true
	};

	return memcg_gives(e, CGROUP_V1, &cg, 262144, 25600, 0);
}

/* swappiness 0 is not asked: 25600 + 262144 = 287744. */
static bool swappiness_0_counts_swap(const struct era *e)
{
	const struct cgroup cg = {
		.path = "/a", .limit_bytes = 100 * MIB, .swappiness = 0, .have_limit = true
	};

	return memcg_gives(e, CGROUP_V1, &cg, 262144, 287744, 262144);
}

/* A limit below one page: 4095 >> 12 = 0, and 0 pages of swap; 0 ?: 1 = 1. */
static bool limit_0_is_1(const struct era *e)
{
	const struct cgroup cg = {
		.path = "/a", .limit_bytes = 4095, .swappiness = 60, .have_limit = true
	};

	return memcg_gives(e, CGROUP_V1, &cg, 0, 1, 0);
}

/*
 * 2.6.36: 262144 PAGES are added to 104857600 bytes: 105119744; memsw 150 MiB = 157286400 does not
 * bind; 105119744 >> 12 = 25664, of which 25664 - 25600 = 64 are taken for swap.
 */
static bool pages_added_to_bytes(const struct era *e)
{
	const struct cgroup cg = { .path = "/a",
				   .limit_bytes = 100 * MIB,
				   .memsw_limit_bytes = 150 * MIB,
				   .swappiness = 60,
				   .have_limit = true,
				   .have_memsw_limit = true };

	return memcg_gives(e, CGROUP_V1, &cg, 262144, 25664, 64);
}

/* memsw 104923136 bytes (64 KiB above the limit) binds: min(105119744, 104923136) >> 12 = 25616. */
static bool pages_added_to_bytes_below_memsw(const struct era *e)
{
	const struct cgroup cg = { .path = "/a",
				   .limit_bytes = 100 * MIB,
				   .memsw_limit_bytes = 100 * MIB + 65536,
				   .swappiness = 60,
				   .have_limit = true,
				   .have_memsw_limit = true };

	return memcg_gives(e, CGROUP_V1, &cg, 262144, 25616, 16);
}

/* ------------------------------------------------------------ memory nodes */

/* mempolicy_in_oom_domain(): a task that is interleaved over other nodes. */
static bool interleaved_is_taken(const struct era *e)
{
	return e->policy == POLICY_BIND;
}

static bool interleaved_is_spared(const struct era *e)
{
	return e->policy == POLICY_BIND_INTERLEAVE;
}

static uint64_t nodes_total(const struct era *e)
{
	const struct mem_ctx machine = { .ram_pages = 1048576,
					 .swap_pages = 1000,
					 .total_pages = 1049576,
					 .page_size = 4096,
					 .long_bits = 64 };

	return era_nodes_total_pages(e, 524288, 520000, &machine);
}

/* The node spans 524288 pages, 520000 of them are there; 1000 of swap: 521000. */
static bool present_pages_count(const struct era *e)
{
	return nodes_total(e) == 521000;
}

/* 524288 + 1000 = 525288. */
static bool spanned_pages_count(const struct era *e)
{
	return nodes_total(e) == 525288;
}

/* ------------------------------------------------------------ ties */

#define PROC_HAVE                                                                                \
	(HAVE_COMM | HAVE_STATE | HAVE_PPID | HAVE_UID | HAVE_START | HAVE_ADJ | HAVE_RSS_STAT | \
	 HAVE_RSS_STATUS | HAVE_SWAP | HAVE_PTE | HAVE_PMD | HAVE_CAPS | HAVE_USERNS | HAVE_MM | \
	 HAVE_CGROUP | HAVE_SIGNALS | HAVE_CLASSIC | HAVE_THREADS | HAVE_VFORK)

static struct proc a_proc(pid_t pid, pid_t ppid, uint64_t start, uint64_t rss,
			  const struct proc_classic *classic)
{
	return (struct proc){ .have = PROC_HAVE,
			      .flags = PROC_HAS_MM,
			      .pid = pid,
			      .mem_tid = pid,
			      .ppid = ppid,
			      .state = 'S',
			      .threads = 1,
			      .start_ticks = start,
			      .rss_stat_pages = rss,
			      .rss_status_pages = rss,
			      .comm = "p",
			      .cgroup = "/a",
			      .cmdline = "",
			      .classic = classic };
}

/* The first three in the order of victim_order(). */
static bool order_is(const struct era *e, struct proc *procs, size_t n, enum constraint c, pid_t a,
		     pid_t b, pid_t d)
{
	const struct mem_ctx machine = { .constraint = c,
					 .where = "system",
					 .ram_pages = 1000000,
					 .total_pages = 1000000,
					 .page_size = 4096,
					 .pte_table_bytes = 4096,
					 .long_bits = 64,
					 .hz = 100,
					 .ram_certain = true };
	const struct snapshot s = { .machine = machine,
				    .era = e,
				    .rss_source = badness_rss_source(e),
				    .procs = procs,
				    .n_procs = n,
				    .n_pids = n };
	const struct scope scope = { .ctx = machine,
				     .cgroup = c == CONSTRAINT_MEMCG ? "/a" : NULL };
	const struct what_if nothing = { .rows = NULL, .n = 0 };
	struct judged *order = NULL;
	bool ok;

	if (victim_order(&s, e, &scope, &nothing, &order) != 0)
		return false;
	ok = procs[order[0].index].pid == a && order[0].rank == 1 &&
	     procs[order[1].index].pid == b && order[1].rank == 2 &&
	     procs[order[2].index].pid == d && order[2].rank == 3;
	free(order);
	return ok;
}

/* Three of 5000 pages each. Pids have wrapped: in the order of the task list they are 20 (started
 * at 50), 10, 30. */
static bool equals_in_order(const struct era *e, enum constraint c, pid_t a, pid_t b, pid_t d)
{
	const struct proc_classic classic = { .total_vm_pages = 5000,
					      .mems_intersect = true,
					      .have_oom_adj = true };
	struct proc procs[] = { a_proc(10, 1, 100, 5000, &classic),
				a_proc(20, 1, 50, 5000, &classic),
				a_proc(30, 1, 200, 5000, &classic) };

	return order_is(e, procs, ARRAY_SIZE(procs), c, a, b, d);
}

static bool youngest_of_equals(const struct era *e)
{
	return equals_in_order(e, CONSTRAINT_NONE, 30, 10, 20);
}

static bool youngest_of_equals_in_memcg(const struct era *e)
{
	return equals_in_order(e, CONSTRAINT_MEMCG, 30, 10, 20);
}

static bool oldest_of_equals(const struct era *e)
{
	return equals_in_order(e, CONSTRAINT_NONE, 20, 10, 30);
}

static bool oldest_of_equals_in_memcg(const struct era *e)
{
	return equals_in_order(e, CONSTRAINT_MEMCG, 20, 10, 30);
}

/*
 * The leader of 20 has exited, a thread of it lives. 3.14 passes over the leader and takes the
 * thread; then 10, as many points and a leader, takes its place and is not replaced by 30. Before,
 * who came first stayed.
 */
static bool zombie_leader_in_order(const struct era *e, pid_t a, pid_t b, pid_t d)
{
	struct proc procs[] = { a_proc(10, 1, 100, 5000, NULL), a_proc(20, 1, 50, 5000, NULL),
				a_proc(30, 1, 200, 5000, NULL) };

	procs[1].flags |= PROC_ZOMBIE_LEADER;
	procs[1].mem_tid = 21;
	return order_is(e, procs, ARRAY_SIZE(procs), CONSTRAINT_NONE, a, b, d);
}

/* Two without their leaders, 20 and then 10: each thread gives way to what comes later, 20 to 10
 * and 10 to 30. */
static bool later_thread_goes_first(const struct era *e)
{
	struct proc procs[] = { a_proc(10, 1, 100, 5000, NULL), a_proc(20, 1, 50, 5000, NULL),
				a_proc(30, 1, 200, 5000, NULL) };

	for (size_t i = 0; i < 2; i++) {
		procs[i].flags |= PROC_ZOMBIE_LEADER;
		procs[i].mem_tid++;
	}
	return order_is(e, procs, ARRAY_SIZE(procs), CONSTRAINT_NONE, 30, 10, 20);
}

static bool leader_goes_before_thread(const struct era *e)
{
	return zombie_leader_in_order(e, 10, 30, 20);
}

static bool first_task_stays(const struct era *e)
{
	return zombie_leader_in_order(e, 20, 10, 30);
}

/* More points go first whatever the age. */
static bool more_points_first(const struct era *e)
{
	const struct proc_classic big = { .total_vm_pages = 9000,
					  .mems_intersect = true,
					  .have_oom_adj = true };
	const struct proc_classic middle = { .total_vm_pages = 7000,
					     .mems_intersect = true,
					     .have_oom_adj = true };
	const struct proc_classic small = { .total_vm_pages = 5000,
					    .mems_intersect = true,
					    .have_oom_adj = true };
	struct proc procs[] = { a_proc(10, 1, 100, 7000, &middle), a_proc(20, 1, 50, 5000, &small),
				a_proc(30, 1, 200, 9000, &big) };

	return order_is(e, procs, ARRAY_SIZE(procs), CONSTRAINT_NONE, 30, 10, 20);
}

/* ------------------------------------------------------------ a child in the parent's place */

/*
 * 100 has 4000 pages and three children: 110, the oldest, at -1000 (-17); 120 with 100 pages; 130
 * with 2000. Where with_sharer is set 140 is a vfork child that has its parent's 4000. 150 is
 * somebody else's child.
 */
static pid_t dies_for_100(const struct era *e, bool with_sharer)
{
	static const struct proc_classic parent = { .total_vm_pages = 8000,
						    .mems_intersect = true,
						    .have_oom_adj = true };
	static const struct proc_classic never = {
		.total_vm_pages = 7000, .oom_adj = -17, .mems_intersect = true, .have_oom_adj = true
	};
	static const struct proc_classic small = { .total_vm_pages = 200,
						   .mems_intersect = true,
						   .have_oom_adj = true };
	static const struct proc_classic big = { .total_vm_pages = 3000,
						 .mems_intersect = true,
						 .have_oom_adj = true };
	struct proc procs[] = { a_proc(100, 1, 100, 4000, &parent),
				a_proc(110, 100, 110, 3500, &never),
				a_proc(120, 100, 120, 100, &small),
				a_proc(130, 100, 130, 2000, &big),
				a_proc(140, with_sharer ? 100 : 1, 140, 4000, &parent),
				a_proc(150, 1, 150, 3900, &big) };
	const struct mem_ctx machine = { .where = "system",
					 .ram_pages = 1000000,
					 .total_pages = 1000000,
					 .page_size = 4096,
					 .pte_table_bytes = 4096,
					 .long_bits = 64,
					 .hz = 100,
					 .ram_certain = true };
	const struct snapshot s = { .machine = machine,
				    .era = e,
				    .rss_source = badness_rss_source(e),
				    .procs = procs,
				    .n_procs = ARRAY_SIZE(procs),
				    .n_pids = ARRAY_SIZE(procs) };
	const struct scope scope = { .ctx = machine };

	procs[1].oom_score_adj = -1000;
	if (with_sharer)
		procs[4].flags |= PROC_VFORK;
	return procs[victim_who_dies(&s, e, &scope, NULL, NULL, 0)].pid;
}

static bool nobody_dies_for_the_parent(const struct era *e)
{
	return dies_for_100(e, true) == 100;
}

static bool worst_child_dies(const struct era *e)
{
	return dies_for_100(e, false) == 130;
}

static bool sharer_does_not_die(const struct era *e)
{
	return dies_for_100(e, true) == 130;
}

/* Whose mm it is was not asked: the vfork child has its parent's 4000 pages. */
static bool sharer_dies(const struct era *e)
{
	return dies_for_100(e, true) == 140;
}

static bool first_child_dies(const struct era *e)
{
	return dies_for_100(e, true) == 120;
}

/* Three children of 2000 each, 120 the oldest: another must have more, so that the first of them
 * stays. */
static bool first_of_equal_children_dies(const struct era *e)
{
	struct proc procs[] = { a_proc(100, 1, 100, 4000, NULL), a_proc(110, 100, 120, 2000, NULL),
				a_proc(120, 100, 110, 2000, NULL),
				a_proc(130, 100, 130, 2000, NULL) };
	const struct mem_ctx machine = { .where = "system",
					 .ram_pages = 100000,
					 .total_pages = 100000,
					 .page_size = 4096,
					 .pte_table_bytes = 4096,
					 .long_bits = 64,
					 .hz = 100 };
	const struct snapshot s = { .machine = machine,
				    .era = e,
				    .procs = procs,
				    .n_procs = ARRAY_SIZE(procs),
				    .n_pids = ARRAY_SIZE(procs) };
	const struct scope scope = { .ctx = machine };

	return procs[victim_who_dies(&s, e, &scope, NULL, NULL, 0)].pid == 120;
}

/* ------------------------------------------------------------ what has no number */

static bool group_counts(const struct era *e)
{
	return victim_group_counts(e, "/a/b", "/a") && victim_group_counts(e, "/a/b", NULL) &&
	       !victim_group_counts(e, "/", NULL);
}

static bool group_does_not_count(const struct era *e)
{
	return !victim_group_counts(e, "/a/b", "/a") && !victim_group_counts(e, "/a/b", NULL);
}

/* The victim was moved to /c while /a was out of memory. */
static bool group_outside_counts(const struct era *e)
{
	return victim_group_counts(e, "/c", "/a");
}

static bool group_outside_does_not_count(const struct era *e)
{
	return !victim_group_counts(e, "/c", "/a") && victim_group_counts(e, "/a/b", "/a");
}

static bool allocating_task_may_die(const struct era *e)
{
	const struct oom_sysctl on = { .have_oom_kill_allocating_task = true,
				       .oom_kill_allocating_task = 1 };

	return victim_is_allocating_task(e, &on, CONSTRAINT_NONE) &&
	       !victim_is_allocating_task(e, &on, CONSTRAINT_MEMCG);
}

static bool allocating_task_may_not_die(const struct era *e)
{
	const struct oom_sysctl on = { .have_oom_kill_allocating_task = true,
				       .oom_kill_allocating_task = 1 };

	return !victim_is_allocating_task(e, &on, CONSTRAINT_NONE);
}

/* Which fact a reader must look up for the cpuset term; the term itself is the same eighth. */
static bool cpusets_by_mems_allowed(const struct era *e)
{
	return e->cpuset == CPUSET_MEMS_ALLOWED;
}

static bool cpusets_by_exclusive_nodes(const struct era *e)
{
	return e->cpuset == CPUSET_EXCLUSIVE_NODES;
}

/* Whether stat and status can differ at all. */
static bool readings_agree(const struct era *e)
{
	return e->rss == RSS_READINGS_AGREE;
}

static bool reads_as_stat(const struct era *e)
{
	return e->rss == RSS_READINGS_STAT && badness_rss_source(e) == RSS_STAT;
}

static bool reads_as_status(const struct era *e)
{
	return e->rss == RSS_READINGS_STATUS && badness_rss_source(e) == RSS_STATUS;
}

/* ------------------------------------------------------------ the vectors */

/* The captured machine 4.14.177-seed: MemTotal 6677496 kB is 1669374 pages, no swap; every process
 * is root's. */
#define SEED_4_14 .total = 1669374
/* 512 MB: VmRSS 524756 kB = 131189 pages, VmPTE 1044 kB, VmPMD 12 kB. */
#define SEED_512 \
	SEED_4_14, .rss = 131189, .pte_kib = 1044, .pmd_kib = 12, .flags = PROC_CAP_SYS_ADMIN
/* 1024 MB: VmRSS 1049060 kB = 262265 pages, VmPTE 2068 kB, VmPMD 16 kB. */
#define SEED_1024 \
	SEED_4_14, .rss = 262265, .pte_kib = 2068, .pmd_kib = 16, .flags = PROC_CAP_SYS_ADMIN

/* The captured machine 7.2.12-seed: MemTotal 6832232 kB is 1708058 pages, no swap. */
#define SEED_7_2 .total = 1708058
/* 512 MB: VmRSS 524792 kB = 131198 pages, VmPTE 1064 kB = 266: 131464. */
#define SEED_7_2_512 SEED_7_2, .rss = 131198, .pte_kib = 1064
/* 1024 MB: VmRSS 1049080 kB = 262270 pages, VmPTE 2092 kB = 523: 262793. */
#define SEED_7_2_1024 SEED_7_2, .rss = 262270, .pte_kib = 2092

/* clang-format off */

/* A process that may be killed: its badness and its oom_score. */
#define NUMBER(row_, name_, badness_, score_, ...) \
	{ row_, name_, { __VA_ARGS__ }, badness_, score_, FATE_KILLABLE, NULL }
#define OF_FATE(row_, name_, fate_, badness_, score_, ...) \
	{ row_, name_, { __VA_ARGS__ }, badness_, score_, fate_, NULL }
/* One that is never chosen, and what it reads. */
#define OUT(row_, name_, fate_, score_, ...) \
	{ row_, name_, { __VA_ARGS__ }, OFF, score_, fate_, NULL }
#define ASK(row_, name_, function_) { .row = row_, .name = name_, .holds = function_ }

static const struct vector vectors[] = {
	/* ======== 7.2: counters summed up exactly */
	/* stat says 1000 pages, status 1030. 1030 * 1000 / 100000 = 10;
	 * (1000 + 10) * 2 / 3 = 2020 / 3 = 673. */
	NUMBER("7.0", "status counts", 1030, 673, .total = 100000, .rss = 1000, .status = 1030),
	/* 131464 * 1000 / 1708058 = 131464000 / 1708058 = 76 (.96);
	 * 1076 * 2 / 3 = 2152 / 3 = 717. */
	NUMBER("7.0", "512 MB", 131464, 717, SEED_7_2_512),
	/* 1708058 / 1000 = 1708; -50 * 1708 = -85400; 46064; 46064000 / 1708058 = 26;
	 * 1026 * 2 / 3 = 684. */
	NUMBER("7.0", "512 MB at -50", 46064, 684, SEED_7_2_512, .adj = -50),
	/* -100 * 1708 = -170800; -39336; -39336000 / 1708058 = -23 (.03, toward zero);
	 * 977 * 2 / 3 = 1954 / 3 = 651. */
	NUMBER("7.0", "512 MB at -100", -39336, 651, SEED_7_2_512, .adj = -100),
	/* 262793000 / 1708058 = 153; 1153 * 2 / 3 = 2306 / 3 = 768. */
	NUMBER("7.0", "1024 MB", 262793, 768, SEED_7_2_1024),
	/* 500 * 1708 = 854000; 1116793; 1116793000 / 1708058 = 653;
	 * 1653 * 2 / 3 = 3306 / 3 = 1102. */
	NUMBER("7.0", "1024 MB at 500", 1116793, 1102, SEED_7_2_1024, .adj = 500),
	/* 900 * 1708 = 1537200; 1799993; 1799993000 / 1708058 = 1053;
	 * 2053 * 2 / 3 = 4106 / 3 = 1368. */
	NUMBER("7.0", "1024 MB at 900", 1799993, 1368, SEED_7_2_1024, .adj = 900),
	ASK("7.0", "which reading", reads_as_status),

	/* ======== 6.2: per-CPU counters, read as stat does */
	/* 1000 * 1000 / 100000 = 10; 1010 * 2 / 3 = 673. */
	NUMBER("6.2", "stat counts", 1000, 673, .total = 100000, .rss = 1000, .status = 1030),
	ASK("6.2", "which reading", reads_as_stat),
	/* 1000 * (4000000 / 1000) = 4000000; 4000400; * 1000 / 4000000 = 1000 (.1);
	 * 2000 * 2 / 3 = 1333. */
	NUMBER("6.2", "adj 1000", 4000400, 1333, .total = 4000000, .rss = 400, .adj = 1000),
	OUT("6.2", "adj -1000", FATE_ADJ_MIN, 0, .total = 4000000, .rss = 400, .adj = -1000),
	/* -999 * 4000 + 400 = -3995600; * 1000 / 4000000 = -998 (.9, toward zero);
	 * 2 * 2 / 3 = 1: not 0. */
	NUMBER("6.2", "adj -999", -3995600, 1, .total = 4000000, .rss = 400, .adj = -999),
	/* The kernel's own number alters nothing. */
	NUMBER("6.2", "computed, not copied", 1000, 673, .total = 100000, .rss = 1000,
		.have_score = true, .score = 999),

	/* ======== 5.14: a memory policy's OOM */
	ASK("5.14", "interleaved", interleaved_is_taken),
	ASK("5.14", "present", present_pages_count),
	ASK("5.14", "which reading", readings_agree),

	/* ======== 5.10: what memsw leaves beside the limit */
	ASK("5.10", "interleaved", interleaved_is_spared),
	ASK("5.10", "unlimited", unlimited_v2_grows),
	ASK("5.10", "memory+swap", memsw_counts),
	ASK("5.10", "swap.max", swap_max_counts),
	ASK("5.10", "swap.max 0", swap_max_zero),
	ASK("5.10", "swappiness 0", swappiness_0_counts_no_swap),
	ASK("5.10", "less than a page", limit_0_is_1),
	ASK("5.10", "which reading", readings_agree),
	/* 64 KiB pages: 640 KiB of tables are 655360 / 65536 = 10; 1010 * 1000 / 262144 = 3;
	 * 1003 * 2 / 3 = 668. */
	NUMBER("5.10", "64 KiB pages", 1010, 668, .total = 262144, .page_size = 65536, .rss = 1000,
		.pte_kib = 640),
	/* 100 KiB of tables are 102400 / 65536 = 1; 51 * 1000 / 262144 = 0; 1000 * 2 / 3 = 666. */
	NUMBER("5.10", "64 KiB pages, odd tables", 51, 666, .total = 262144, .page_size = 65536,
		.rss = 50, .pte_kib = 100),

	/* ======== 5.9: signed badness, two thirds */
	/* -500 * 100 = -50000; -49000; * 1000 / 100000 = -490; 510 * 2 / 3 = 340. */
	NUMBER("5.9", "negative", -49000, 340, .total = 100000, .rss = 1000, .adj = -500),
	/* -49998 * 1000 / 100000 = -499 (.98, toward zero;
	 * the floor would be -500 and give 333); 501 * 2 / 3 = 334. */
	NUMBER("5.9", "toward zero", -49998, 334, .total = 100000, .rss = 2, .adj = -500),
	/* 500 * 1000 / 1000000 = 0; 1000 * 2 / 3 = 666. */
	NUMBER("5.9", "idle", 500, 666, .total = 1000000, .rss = 500),
	/* 900 / 1000 = 0: adj adds nothing. 300 * 1000 / 900 = 333;
	 * 1333 * 2 / 3 = 2666 / 3 = 888. */
	NUMBER("5.9", "below 1000 pages", 300, 888, .total = 900, .rss = 300, .adj = 500),
	/* 32 bits: 1000 * 3000 + 1000 = 3001000; * 1000 = 3001000000 - 4294967296 = -1293967296;
	 * / 3000000 = -431; 569 * 2 / 3 = 379. */
	NUMBER("5.9", "32 bits wrap", 3001000, 379, .total = 3000000, .long_bits = 32, .rss = 1000,
		.adj = 1000),
	ASK("5.9", "unlimited", unlimited_v2_stays),
	ASK("5.9", "memory+swap", memsw_counts),

	/* ======== 5.7.14: oom.group only inside the OOM's memcg */
	ASK("5.7.14", "outside", group_outside_does_not_count),
	ASK("5.7.14", "inside", group_counts),
	/* -49000 is lifted to 1; 1 * 1000 / 100000 = 0. */
	NUMBER("5.7.14", "negative is 1", 1, 0, .total = 100000, .rss = 1000, .adj = -500),
	/* 500 * 1000 / 1000000 = 0. */
	NUMBER("5.7.14", "idle", 500, 0, .total = 1000000, .rss = 500),
	/* 32 bits, unsigned: 1000 * 5000 + 1000 = 5001000;
	 * * 1000 = 5001000000 - 4294967296 = 706032704; / 5000000 = 141. */
	NUMBER("5.7.14", "32 bits wrap", 5001000, 141, .total = 5000000, .long_bits = 32,
		.rss = 1000, .adj = 1000),

	/* ======== 5.4: present pages */
	ASK("5.4", "present", present_pages_count),
	ASK("5.4", "outside", group_outside_counts),
	/* 1000 * 100 + 400 = 100400; * 1000 / 100000 = 1004. */
	NUMBER("5.4", "above 1000", 100400, 1004, .total = 100000, .rss = 400, .adj = 1000),
	/* -10 * 100 + 1000 = 0, lifted to 1; 1000 / 100000 = 0. */
	NUMBER("5.4", "0 is 1", 1, 0, .total = 100000, .rss = 1000, .adj = -10),
	/* 900 / 1000 = 0: adj adds nothing. 300 * 1000 / 900 = 333. */
	NUMBER("5.4", "below 1000 pages", 300, 333, .total = 900, .rss = 300, .adj = 500),
	OUT("5.4", "below 1000 pages, -1000", FATE_ADJ_MIN, 0, .total = 900, .rss = 300,
		.adj = -1000),

	/* ======== 5.3: the last of equals */
	ASK("5.3", "equals", youngest_of_equals),
	ASK("5.3", "equals in a memcg", youngest_of_equals_in_memcg),
	ASK("5.3", "spanned", spanned_pages_count),
	ASK("5.3", "more points", more_points_first),

	/* ======== 5.1: no child in the parent's place */
	ASK("5.1", "no sacrifice", nobody_dies_for_the_parent),
	ASK("5.1", "equals", oldest_of_equals),
	ASK("5.1", "equals in a memcg", oldest_of_equals_in_memcg),
	/* 300 * 100 + 2000 = 32000; * 1000 / 100000 = 320. */
	NUMBER("5.1", "adj 300", 32000, 320, .total = 100000, .rss = 1500, .swap = 500, .adj = 300),

	/* ======== 4.19: memory.oom.group */
	ASK("4.19", "group", group_counts),
	ASK("4.19", "outside", group_outside_counts),
	ASK("4.19", "worst child", worst_child_dies),
	ASK("4.19", "not the sharer", sharer_does_not_die),
	ASK("4.19", "equal children", first_of_equal_children_dies),

	/* ======== 4.17: no root bonus */
	/* 1044 + 12 kB of tables: 1081344 / 4096 = 264; 131453; 131453000 / 1669374 = 78. */
	NUMBER("4.17", "512 MB", 131453, 78, SEED_512),
	ASK("4.17", "no group", group_does_not_count),
	/* 2068 + 16: 521; 262786; 500 * 1669 = 834500; 1097286; 1097286000 / 1669374 = 657. */
	NUMBER("4.17", "1024 MB at 500", 1097286, 657, SEED_1024, .adj = 500),
	/* 2048-byte tables: 200 KiB are 204800 / 4096 = 50 pages. 1050 * 1000 / 100000 = 10. */
	NUMBER("4.17", "small page tables", 1050, 10, .total = 100000, .pte_table = 2048,
		.rss = 1000, .pte_kib = 200),

	/* ======== 4.15: page tables in bytes */
	/* A page of 4096 and tables of 2048 bytes: 204800 / 4096 = 50;
	 * 1050 * 1000 / 100000 = 10. */
	NUMBER("4.15", "small page tables", 1050, 10, .total = 100000, .pte_table = 2048,
		.rss = 1000, .pte_kib = 200),
	/* 131453; * 3 / 100 = 394359 / 100 = 3943; 127510; 127510000 / 1669374 = 76. */
	NUMBER("4.15", "512 MB", 127510, 76, SEED_512),
	/* 64 KiB pages: 102400 / 65536 = 1; 51; * 3 / 100 = 1; 50; * 1000 / 1000 = 50. */
	NUMBER("4.15", "64 KiB pages", 50, 50, .total = 1000, .page_size = 65536, .rss = 50,
		.pte_kib = 100, .flags = PROC_CAP_SYS_ADMIN),

	/* ======== 4.9: one selection */
	ASK("4.9", "equals", oldest_of_equals),
	ASK("4.9", "equals in a memcg", oldest_of_equals_in_memcg),
	/* A zombie leader is a leader: among processes it is found itself and stays. */
	ASK("4.9", "zombie leader", first_task_stays),
	/* 2048-byte tables: 204800 / 2048 = 100 tables count a page each:
	 * 1100 * 1000 / 100000 = 11. */
	NUMBER("4.9", "small page tables", 1100, 11, .total = 100000, .pte_table = 2048,
		.rss = 1000, .pte_kib = 200),
	/* The example that everybody knows. 1044 / 4 = 261 tables,
	 * 12 / 4 = 3 middle directories: 131453; 131453 * 3 / 100 = 394359 / 100 = 3943; 127510;
	 * 127510000 / 1669374 = 76. */
	NUMBER("4.9", "512 MB", 127510, 76, SEED_512),
	/* 1669374 / 1000 = 1669; -50 * 1669 = -83450; 44060; 44060000 / 1669374 = 26. */
	NUMBER("4.9", "512 MB at -50", 44060, 26, SEED_512, .adj = -50),
	/* -166900; -39390, lifted to 1; 1000 / 1669374 = 0. */
	NUMBER("4.9", "512 MB at -100", 1, 0, SEED_512, .adj = -100),
	/* 2068 / 4 = 517, 16 / 4 = 4: 262786; * 3 / 100 = 788358 / 100 = 7883; 254903;
	 * 254903000 / 1669374 = 152. */
	NUMBER("4.9", "1024 MB", 254903, 152, SEED_1024),
	/* 500 * 1669 = 834500; 1089403; 1089403000 / 1669374 = 652. */
	NUMBER("4.9", "1024 MB at 500", 1089403, 652, SEED_1024, .adj = 500),
	/* 900 * 1669 = 1502100; 1757003; 1757003000 / 1669374 = 1052. */
	NUMBER("4.9", "1024 MB at 900", 1757003, 1052, SEED_1024, .adj = 900),
	/* A capability of another user namespace is none: 131453 pages. */
	NUMBER("4.9", "512 MB in a user namespace", 131453, 78, SEED_4_14, .rss = 131189,
		.pte_kib = 1044, .pmd_kib = 12, .flags = PROC_CAP_SYS_ADMIN | PROC_USERNS),

	/* ======== 4.8: the vfork child is left out */
	OUT("4.8", "vfork child", FATE_VFORK, 0, .total = 100000, .rss = 1000, .flags = PROC_VFORK),
	ASK("4.8", "equals", youngest_of_equals),
	ASK("4.8", "equals in a memcg", oldest_of_equals_in_memcg),
	ASK("4.8", "sharer is not sacrificed", sharer_does_not_die),

	/* ======== 4.7: the last of equals, but in a memcg */
	ASK("4.7 ties", "equals", youngest_of_equals),
	ASK("4.7 ties", "equals in a memcg", oldest_of_equals_in_memcg),
	ASK("4.7 ties", "more points", more_points_first),
	/* 1000 * 1000 / 100000 = 10. */
	NUMBER("4.7 ties", "vfork child", 1000, 10, .total = 100000, .rss = 1000,
		.flags = PROC_VFORK),

	/* ======== 4.7: the reaped are left out */
	/* 1000 pages would be 10, but the kernel says 0 of a process that is being killed. */
	OUT("4.7 reaped", "reaped", FATE_REAPED, 0, .total = 100000, .rss = 1000,
		.flags = PROC_SIGKILL, .have_score = true),
	OF_FATE("4.7 reaped", "not yet", FATE_VICTIM, 1000, 10, .total = 100000, .rss = 1000,
		.flags = PROC_SIGKILL, .have_score = true, .score = 10),
	/* A score of 0 alone takes nobody out. */
	NUMBER("4.7 reaped", "not killed", 1000, 10, .total = 100000, .rss = 1000,
		.have_score = true),
	ASK("4.7 reaped", "equals", oldest_of_equals),

	/* ======== 4.5: swap.max */
	ASK("4.5", "swap.max", swap_max_counts),
	ASK("4.5", "swap.max 0", swap_max_zero),
	ASK("4.5", "swappiness 0", swappiness_0_counts_no_swap),
	ASK("4.5", "memory+swap", memsw_counts),
	OF_FATE("4.5", "reaped", FATE_VICTIM, 1000, 10, .total = 100000, .rss = 1000,
		.flags = PROC_SIGKILL, .have_score = true),

	/* ======== 4.0: middle directories */
	/* 40 / 4 = 10 tables, 12 / 4 = 3 directories: 1013 * 1000 / 100000 = 10. */
	NUMBER("4.0", "directories", 1013, 10, .total = 100000, .rss = 1000, .pte_kib = 40,
		.pmd_kib = 12),
	ASK("4.0", "swap.max", swap_max_does_not_count),
	ASK("4.0", "swappiness 0", swappiness_0_counts_no_swap),
	ASK("4.0", "memory+swap", memsw_counts),
	/* The example, with directories: as 4.9. */
	NUMBER("4.0", "512 MB", 127510, 76, SEED_512),

	/* ======== 3.14: leaders are preferred */
	ASK("3.14", "leader before thread", leader_goes_before_thread),
	ASK("3.14", "later thread before earlier", later_thread_goes_first),
	ASK("3.14", "equals", oldest_of_equals),
	/* 1000 + 10; the directories do not count. */
	NUMBER("3.14", "tables alone", 1010, 10, .total = 100000, .rss = 1000, .pte_kib = 40,
		.pmd_kib = 12),
	/* 131189 + 261 = 131450; * 3 / 100 = 394350 / 100 = 3943; 127507;
	 * 127507000 / 1669374 = 76. */
	NUMBER("3.14", "512 MB", 127507, 76, SEED_512),

	/* ======== 3.13.10: 3 % of its own use */
	NUMBER("3.13.10", "512 MB", 127507, 76, SEED_512),
	/* 20 * 3 / 100 = 0: 20; 20 * 1000 / 100000 = 0. */
	NUMBER("3.13.10", "a small daemon", 20, 0, .total = 100000, .rss = 20,
		.flags = PROC_CAP_SYS_ADMIN),
	ASK("3.13.10", "first task stays", first_task_stays),
	/* 8 GiB and more are no trouble: 3000000; 1000 * 3000000 / 4000000 = 750. */
	NUMBER("3.13.10", "12 GB", 3000000, 750, .total = 4000000, .rss = 3000000),

	/* ======== 3.7: swappiness 0 */
	ASK("3.7", "swappiness 0", swappiness_0_counts_no_swap),
	ASK("3.7", "swappiness 60", all_swap_counts),
	/* adj 0 - 30; -30 * 1669 = -50070; 131450 - 50070 = 81380; 81380000 / 1669374 = 48. */
	NUMBER("3.7", "512 MB", 81380, 48, SEED_512),
	/* 20 - 30 * 100 = -2980, lifted to 1; 1000 / 100000 = 0. */
	NUMBER("3.7", "a small daemon", 1, 0, .total = 100000, .rss = 20,
		.flags = PROC_CAP_SYS_ADMIN),

	/* ======== 3.5: pages */
	ASK("3.5", "swappiness 0", swappiness_0_counts_swap),
	/* 131450; 131450000 / 1669374 = 78. */
	NUMBER("3.5", "pages", 131450, 78, SEED_4_14, .rss = 131189, .pte_kib = 1044),
	/* 1000 * 100 + 500 = 100500; 1005: no cut at 1000. */
	NUMBER("3.5", "above 1000", 100500, 1005, .total = 100000, .rss = 500, .adj = 1000),
	/* 900 / 1000 = 0: 300; 333. */
	NUMBER("3.5", "below 1000 pages", 300, 333, .total = 900, .rss = 300, .adj = 500),
	/* (300 - 30) * 1669 = 450630; 131450 + 450630 = 582080; 582080000 / 1669374 = 348. */
	NUMBER("3.5", "root at 300", 582080, 348, SEED_512, .adj = 300),

	/* ======== 3.2: long */
	/* 3000000 + 24000 / 4 = 3006000; * 1000 / 4000000 = 3006000000 / 4000000 = 751. */
	NUMBER("3.2 long", "12 GB", 751, 751, .total = 4000000, .rss = 3000000, .pte_kib = 24000),
	/* 751 - 30 = 721. */
	NUMBER("3.2 long", "12 GB of root", 721, 721, .total = 4000000, .rss = 3000000,
		.pte_kib = 24000, .flags = PROC_CAP_SYS_ADMIN),
	/* 25000 * 1000 / 100000 = 250; + 300 = 550. */
	NUMBER("3.2 long", "adj 300", 550, 550, .total = 100000, .rss = 25000, .adj = 300),
	/* 250 + 1000 = 1250, cut at 1000. */
	NUMBER("3.2 long", "adj 1000", 1000, 1000, .total = 100000, .rss = 25000, .adj = 1000),
	/* 250 - 500 = -250, lifted to 1. */
	NUMBER("3.2 long", "adj -500", 1, 1, .total = 100000, .rss = 25000, .adj = -500),
	/* 32 bits: 3006000000 wraps to -1288967296 as a long;
	 * divided by an unsigned long it is 3006000000 again: 751. */
	NUMBER("3.2 long", "12 GB, 32 bits", 751, 751, .total = 4000000, .long_bits = 32,
		.rss = 3000000, .pte_kib = 24000),
	/* adj is in points here: below 1000 pages too. 300 * 1000 / 900 = 333; + 500 = 833. */
	NUMBER("3.2 long", "below 1000 pages", 833, 833, .total = 900, .rss = 300, .adj = 500),

	/* ======== 3.2: sharers protect nobody */
	/* 25000 * 1000 / 100000 = 250. */
	NUMBER("3.2 sharers", "mm of one at -1000", 250, 250, .total = 100000, .rss = 25000,
		.flags = PROC_SHARES_IMMUNE_MM),
	/* int: 3006000 * 1000 = 3006000000 - 4294967296 = -1288967296;
	 * as unsigned long 18446744072420584320; / 4000000 = 4611686018105; its low 32 bits:
	 * 4611686018105 - 1073 * 4294967296 = 3186109497, as int -1108857799; lifted to 1. */
	NUMBER("3.2 sharers", "12 GB overflow", 1, 1, .total = 4000000, .rss = 3000000,
		.pte_kib = 24000),
	/* 5000000 * 1000 = 5000000000 - 4294967296 = 705032704; / 8000000 = 88, not 625. */
	NUMBER("3.2 sharers", "19 GB overflow", 88, 88, .total = 8000000, .rss = 5000000),

	/* ======== 2.6.39: page tables, and an int */
	OUT("2.6.39 tables", "mm of one at -1000", FATE_ADJ_MIN, 0, .total = 100000, .rss = 25000,
		.flags = PROC_SHARES_IMMUNE_MM),
	/* As above: -1108857799, lifted to 1. */
	NUMBER("2.6.39 tables", "12 GB overflow", 1, 1, .total = 4000000, .rss = 3000000,
		.pte_kib = 24000),
	/* 2147483 * 1000 = 2147483000 still is an int (2147483647 at most); / 4000000 = 536. */
	NUMBER("2.6.39 tables", "the last that fits", 536, 536, .total = 4000000, .rss = 2147483),
	/* 2147484000 - 4294967296 = -2147483296; 18446744071562068320 / 4000000 = 4611686017890;
	 * - 1073 * 4294967296 = 3186109282, as int -1108858014; lifted to 1. */
	NUMBER("2.6.39 tables", "the first that does not", 1, 1, .total = 4000000, .rss = 2147484),
	/* 18446744072420584320 / 3786432 = 4871801229342; - 1134 * 4294967296 = 1308315678,
	 * a positive int; cut at 1000. */
	NUMBER("2.6.39 tables", "overflow upward", 1000, 1000, .total = 3786432, .rss = 3000000,
		.pte_kib = 24000),
	/* 32 bits: -1288967296 is 3006000000 as an unsigned long of 32 bits: 751, right by luck. */
	NUMBER("2.6.39 tables", "12 GB, 32 bits", 751, 751, .total = 4000000, .long_bits = 32,
		.rss = 3000000, .pte_kib = 24000),
	/* 131000 + 4000 / 4 = 132000; * 1000 / 132000 = 1000. */
	NUMBER("2.6.39 tables", "tables count", 1000, 1000, .total = 132000, .rss = 131000,
		.pte_kib = 4000),

	/* ======== 2.6.39: only a child with an mm of its own */
	ASK("2.6.39 child", "not the sharer", sharer_does_not_die),
	ASK("2.6.39 child", "worst child", worst_child_dies),
	/* 131000 * 1000 / 132000 = 992: no tables yet. */
	NUMBER("2.6.39 child", "tables do not count", 992, 992, .total = 132000, .rss = 131000,
		.pte_kib = 4000),

	/* ======== 2.6.39: swap in bytes to a limit in bytes */
	ASK("2.6.39 memcg", "sharer dies", sharer_dies),
	ASK("2.6.39 memcg", "swap in bytes", all_swap_counts),
	ASK("2.6.39 memcg", "memory+swap", memsw_counts),
	ASK("2.6.39 memcg", "swappiness 0", swappiness_0_counts_swap),
	/* 131000 * 1000 / 132000 = 992: no tables. */
	NUMBER("2.6.39 memcg", "tables do not count", 992, 992, .total = 132000, .rss = 131000,
		.pte_kib = 4000),

	/* ======== 2.6.37: one at -1000 protects all */
	OUT("2.6.37", "mm of one at -1000", FATE_ADJ_MIN, 0, .total = 100000, .rss = 25000,
		.flags = PROC_SHARES_IMMUNE_MM),
	ASK("2.6.37", "sharer dies", sharer_dies),
	ASK("2.6.37", "pages to bytes", pages_added_to_bytes),
	ASK("2.6.37", "pages to bytes, memory+swap", pages_added_to_bytes_below_memsw),
	/* unsigned long: 3000000000 / 4000000 = 750. */
	NUMBER("2.6.37", "12 GB", 750, 750, .total = 4000000, .rss = 3000000, .pte_kib = 24000),
	/* 32 bits: (500000 + 3800000) * 1000 = 4300000000 - 4294967296 = 5032704; / 5000000 = 1. */
	NUMBER("2.6.37", "32 bits wrap", 1, 1, .total = 5000000, .long_bits = 32, .rss = 500000,
		.swap = 3800000),

	/* ======== 2.6.36: the rewrite */
	NUMBER("2.6.36 rewrite", "mm of one at -1000", 250, 250, .total = 100000, .rss = 25000,
		.flags = PROC_SHARES_IMMUNE_MM),
	/* (25000 + 10000) * 1000 / 100000 = 350; - 30 = 320; + 100 = 420. Size, children,
	 * nice and raw I/O are not asked. */
	NUMBER("2.6.36 rewrite", "every term", 420, 420, .total = 100000, .rss = 25000,
		.swap = 10000, .pte_kib = 4000, .adj = 100,
		.flags = PROC_CAP_SYS_ADMIN | PROC_CAP_SYS_RAWIO | PROC_IS_ROOT,
		.classic = { .total_vm_pages = 90000, .children_half_pages = 50000, .nice = 5 }),
	/* uid 0 without the capability: 250. */
	NUMBER("2.6.36 rewrite", "uid 0 alone", 250, 250, .total = 100000, .rss = 25000,
		.flags = PROC_IS_ROOT),
	/* 10 * 1000 / 100000 = 0; - 30; lifted to 1. */
	NUMBER("2.6.36 rewrite", "a small daemon", 1, 1, .total = 100000, .rss = 10,
		.flags = PROC_CAP_SYS_ADMIN),
	/* A total of 1: 5 * 1000 / 1 = 5000, cut at 1000. */
	NUMBER("2.6.36 rewrite", "a total of one page", 1000, 1000, .total = 1, .rss = 5),
	/* An unsigned long goes into an int:
	 * 3000000 * 1000 / 1 = 3000000000 - 4294967296 = -1294967296; lifted to 1. */
	NUMBER("2.6.36 rewrite", "too much for an int", 1, 1, .total = 1, .rss = 3000000),
	ASK("2.6.36 rewrite", "sharer dies", sharer_dies),
	ASK("2.6.36 rewrite", "spanned", spanned_pages_count),
	ASK("2.6.36 rewrite", "pages to bytes", pages_added_to_bytes),
	ASK("2.6.36 rewrite", "less than a page", limit_0_is_1),

	/* ======== 2.6.36: the worst child, still by the heuristic */
	ASK("2.6.36 child", "worst child", worst_child_dies),
	ASK("2.6.36 child", "sharer dies", sharer_dies),
	/* 10000 + (2000 / 2 + 1 + 4000 / 2 + 1 = 3002) = 13002; rss is not asked. */
	NUMBER("2.6.36 child", "children", 13002, 13002, .total = 100000, .rss = 777,
		.classic = { .total_vm_pages = 10000, .children_vm_pages = 6000,
			     .children_half_pages = 3002 }),
	/* 40001 * 2 = 80002; / 4 = 20000; / 4 = 5000; << 3 = 40000. */
	NUMBER("2.6.36 child", "every quarter", 40000, 40000, .total = 100000,
		.flags = PROC_CAP_SYS_RESOURCE | PROC_CAP_SYS_RAWIO,
		.classic = { .total_vm_pages = 40001, .nice = 5, .oom_adj = 3 }),

	/* ======== 2.6.32: the process as a whole */
	ASK("2.6.32", "first child", first_child_dies),
	/* HZ 100: SHIFT_HZ 7. Group: 1638.4 s = 163840 jiffies >> 10 = 160; root 12;
	 * 50000 / 12 = 4166. The leader itself has run for nothing. */
	NUMBER("2.6.32", "CPU time of all threads", 4166, 4166, .total = 100000,
		.classic = { .total_vm_pages = 50000, .cpu_group_usec = 1638400000 }),
	/* HZ 250: SHIFT_HZ 8. 409600 jiffies >> 11 = 200; root 14; 50000 / 14 = 3571. */
	NUMBER("2.6.32", "HZ 250", 3571, 3571, .total = 100000, .hz = 250,
		.classic = { .total_vm_pages = 50000, .cpu_group_usec = 1638400000 }),
	/* HZ 1000: SHIFT_HZ 10. 1638400 jiffies >> 13 = 200; root 14; 3571. */
	NUMBER("2.6.32", "HZ 1000", 3571, 3571, .total = 100000, .hz = 1000,
		.classic = { .total_vm_pages = 50000, .cpu_group_usec = 1638400000 }),
	OUT("2.6.32", "oom_adj -17", FATE_ADJ_MIN, 0, .total = 100000,
		.classic = { .total_vm_pages = 262144, .oom_adj = -17 }),

	/* ======== 2.6.25: the superuser by capability */
	/* uid 0 without capabilities is nobody: 40000. */
	NUMBER("2.6.25", "uid 0 alone", 40000, 40000, .total = 100000, .flags = PROC_IS_ROOT,
		.classic = { .total_vm_pages = 40000 }),
	/* 40000 / 4 = 10000. */
	NUMBER("2.6.25", "CAP_SYS_RESOURCE", 10000, 10000, .total = 100000,
		.flags = PROC_CAP_SYS_RESOURCE, .classic = { .total_vm_pages = 40000 }),
	/* Admin and resource: once / 4; raw I/O: / 4 again: 40000 / 16 = 2500. */
	NUMBER("2.6.25", "a daemon with all", 2500, 2500, .total = 100000,
		.flags = PROC_CAP_SYS_ADMIN | PROC_CAP_SYS_RESOURCE | PROC_CAP_SYS_RAWIO |
			 PROC_IS_ROOT, .classic = { .total_vm_pages = 40000 }),
	/* Task: 163840 >> 10 = 160; 12; 50000 / 12 = 4166. The group has run four times as long:
	 * 655360 >> 10 = 640, root 25, would be 2000. */
	NUMBER("2.6.25", "CPU time of one thread", 4166, 4166, .total = 100000,
		.classic = { .total_vm_pages = 50000, .cpu_task_usec = 1638400000,
			     .cpu_group_usec = 6553600000 }),
	/* Not chosen, yet badness() shifts it all the same: 262144 >> 17 = 2. */
	OUT("2.6.25", "oom_adj -17", FATE_ADJ_MIN, 2, .total = 100000,
		.classic = { .total_vm_pages = 262144, .oom_adj = -17 }),

	/* ======== 2.6.24: oom_kill_allocating_task */
	ASK("2.6.24 allocating", "sysctl", allocating_task_may_die),
	ASK("2.6.24 allocating", "cpusets", cpusets_by_mems_allowed),
	/* uid 0 is the superuser: 40000 / 4. */
	NUMBER("2.6.24 allocating", "uid 0 alone", 10000, 10000, .total = 100000,
		.flags = PROC_IS_ROOT, .classic = { .total_vm_pages = 40000 }),
	/* CAP_SYS_RESOURCE alone is not. */
	NUMBER("2.6.24 allocating", "CAP_SYS_RESOURCE", 40000, 40000, .total = 100000,
		.flags = PROC_CAP_SYS_RESOURCE, .classic = { .total_vm_pages = 40000 }),

	/* ======== 2.6.24: cpusets by mems_allowed */
	ASK("2.6.24 cpuset", "cpusets", cpusets_by_mems_allowed),
	ASK("2.6.24 cpuset", "no sysctl", allocating_task_may_not_die),
	/* 8007 / 8 = 1000. */
	NUMBER("2.6.24 cpuset", "memory elsewhere", 1000, 1000, .total = 100000,
		.mems_elsewhere = true, .classic = { .total_vm_pages = 8007 }),
	/* Run time: 65536 s >> 10 = 64; root 8, root 2; 50000 / 2 = 25000. */
	NUMBER("2.6.24 cpuset", "run time", 25000, 25000, .total = 100000,
		.classic = { .total_vm_pages = 50000, .run_seconds = 65536 }),
	/* 1023 s >> 10 = 0: too short to count; and 10 s of CPU are 1000 jiffies >> 10 = 0. */
	NUMBER("2.6.24 cpuset", "no time yet", 50000, 50000, .total = 100000,
		.classic = { .total_vm_pages = 50000, .cpu_task_usec = 10000000,
			     .run_seconds = 1023 }),
	/* 100000 s >> 10 = 97; root 9, root 3; 50000 / 12 = 4166 / 3 = 1388. */
	NUMBER("2.6.24 cpuset", "CPU and run time", 1388, 1388, .total = 100000,
		.classic = { .total_vm_pages = 50000, .cpu_task_usec = 1638400000,
			     .run_seconds = 100000 }),

	/* ======== 2.6.22: 0 points and a positive oom_adj */
	/* 7 / 8 = 0 -> 1 << 5 = 32. */
	NUMBER("2.6.22", "0 is 1", 32, 32, .total = 100000, .mems_elsewhere = true,
		.classic = { .total_vm_pages = 7, .oom_adj = 5 }),
	/* Without a shift 0 stays 0. */
	NUMBER("2.6.22", "0 is 0", 0, 0, .total = 100000, .mems_elsewhere = true,
		.classic = { .total_vm_pages = 7 }),
	ASK("2.6.22", "cpusets", cpusets_by_exclusive_nodes),
	/* 32 bits: 300000 << 15 = 9830400000 - 2 * 4294967296 = 1240465408. */
	NUMBER("2.6.22", "32 bits wrap", 1240465408, 1240465408, .total = 100000, .long_bits = 32,
		.classic = { .total_vm_pages = 300000, .oom_adj = 15 }),
	/* 64 bits: 9830400000. */
	NUMBER("2.6.22", "64 bits do not", 9830400000, 9830400000, .total = 100000,
		.classic = { .total_vm_pages = 300000, .oom_adj = 15 }),

	/* ======== 2.6.19: memory elsewhere */
	/* 8007 / 8 = 1000. */
	NUMBER("2.6.19", "memory elsewhere", 1000, 1000, .total = 100000, .mems_elsewhere = true,
		.classic = { .total_vm_pages = 8007 }),
	/* 7 / 8 = 0 << 5 = 0. */
	NUMBER("2.6.19", "0 stays 0", 0, 0, .total = 100000, .mems_elsewhere = true,
		.classic = { .total_vm_pages = 7, .oom_adj = 5 }),
	/* 8007 / 4 = 2001 (root); / 4 = 500 (raw I/O); / 8 = 62; >> 2 = 15. */
	NUMBER("2.6.19", "in this order", 15, 15, .total = 100000, .mems_elsewhere = true,
		.flags = PROC_CAP_SYS_ADMIN | PROC_CAP_SYS_RAWIO,
		.classic = { .total_vm_pages = 8007, .oom_adj = -2 }),

	/* ======== 2.6.16: half of the children */
	/* 10000 + 3002 = 13002. */
	NUMBER("2.6.16", "children", 13002, 13002, .total = 100000,
		.classic = { .total_vm_pages = 10000, .children_vm_pages = 6000,
			     .children_half_pages = 3002 }),
	NUMBER("2.6.16", "memory elsewhere", 8007, 8007, .total = 100000, .mems_elsewhere = true,
		.classic = { .total_vm_pages = 8007 }),
	/* nice -5 does not halve, nice 1 doubles: see below; uid 0 / 4: 13002 / 4 = 3250. */
	NUMBER("2.6.16", "children of root", 3250, 3250, .total = 100000, .flags = PROC_IS_ROOT,
		.classic = { .total_vm_pages = 10000, .children_vm_pages = 6000,
			     .children_half_pages = 3002, .nice = -5 }),

	/* ======== 2.6.11: all of the children */
	/* 10000 + 2000 + 4000 = 16000. */
	NUMBER("2.6.11", "children", 16000, 16000, .total = 100000,
		.classic = { .total_vm_pages = 10000, .children_vm_pages = 6000,
			     .children_half_pages = 3002 }),
	/* 10000 * 2 = 20000 (nice 1); << 4 = 320000. */
	NUMBER("2.6.11", "nice, oom_adj 4", 320000, 320000, .total = 100000,
		.classic = { .total_vm_pages = 10000, .nice = 1, .oom_adj = 4 }),
	/* 40001 * 2 = 80002; / 4 = 20000; / 4 = 5000; >> 3 = 625. */
	NUMBER("2.6.11", "every step", 625, 625, .total = 100000,
		.flags = PROC_IS_ROOT | PROC_CAP_SYS_RAWIO,
		.classic = { .total_vm_pages = 40001, .nice = 19, .oom_adj = -3 }),
	/* 16000 / 12 = 1333; / 3 = 444: the children are divided too. */
	NUMBER("2.6.11", "times divide children", 444, 444, .total = 100000,
		.classic = { .total_vm_pages = 10000, .children_vm_pages = 6000,
			     .children_half_pages = 3002, .cpu_task_usec = 1638400000,
			     .run_seconds = 100000 }),
	/* 3 / 4 = 0; 0 << 15 = 0. */
	NUMBER("2.6.11", "0 stays 0", 0, 0, .total = 100000, .flags = PROC_IS_ROOT,
		.classic = { .total_vm_pages = 3, .oom_adj = 15 }),
};
/* clang-format on */

/* ------------------------------------------------------------ asking the code */

static void judge(const struct era *e, const struct input *in, struct verdict *v)
{
	uint32_t page = in->page_size ? in->page_size : 4096;
	struct proc_classic classic = in->classic;
	struct proc p = a_proc(100, 1, 100, in->rss, &classic);
	const struct mem_ctx ctx = { .where = "system",
				     .ram_pages = in->total,
				     .total_pages = in->total,
				     .page_size = page,
				     .pte_table_bytes = in->pte_table ? in->pte_table : page,
				     .long_bits = in->long_bits ? in->long_bits : 64,
				     .hz = in->hz ? in->hz : 100,
				     .ram_certain = true };

	classic.have_oom_adj = true;
	classic.mems_intersect = !in->mems_elsewhere;
	if (in->status)
		p.rss_status_pages = in->status;
	p.swap_pages = in->swap;
	p.pte_kib = in->pte_kib;
	p.pmd_kib = in->pmd_kib;
	p.oom_score_adj = (int16_t)in->adj;
	p.flags = (uint16_t)(in->flags | (in->no_mm ? 0 : PROC_HAS_MM));
	p.oom_score = in->score;
	if (in->have_score)
		p.have |= HAVE_SCORE;
	badness(e, &ctx, &p, badness_rss_source(e), v);
}

static bool holds(const struct era *e, const struct vector *x)
{
	struct verdict v;
	int64_t sum = 0;

	if (x->holds)
		return x->holds(e);
	judge(e, &x->in, &v);
	for (unsigned i = 0; i < v.n_factors; i++)
		sum += v.factor[i].amount;
	if (v.fate != x->fate || v.score != x->score || v.known != (x->badness != OFF))
		return false;
	return !v.known || (v.badness == x->badness && sum == v.badness);
}

/* A vector that does not hold under its own rule: told with the numbers. */
static void tell(const struct era *e, const struct vector *x)
{
	struct verdict v;

	printf("%s, %s:", x->row, x->name);
	if (x->holds) {
		printf(" does not hold\n");
		return;
	}
	judge(e, &x->in, &v);
	printf(" badness %" PRId64 " score %" PRId64 " %s, not %" PRId64 " %" PRId64 " %s\n",
	       v.badness, v.score, badness_fate_name(v.fate), x->badness, x->score,
	       badness_fate_name(x->fate));
}

static const struct era *find_row(const struct row *r)
{
	const struct era *found = NULL;

	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = &era_table[i];

		if (era_kver_compare(e->since, r->since) != 0)
			continue;
		if (r->commit &&
		    (!e->commit || strncmp(e->commit, r->commit, strlen(r->commit)) != 0))
			continue;
		if (found)
			return NULL;
		found = e;
	}
	return found;
}

static void check_row(const struct row *r, const struct era *e)
{
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		bool ok;

		if (strcmp(vectors[i].row, r->id) != 0)
			continue;
		n++;
		ok = holds(e, &vectors[i]);
		CHECK(ok);
		if (!ok)
			tell(e, &vectors[i]);
	}
	CHECK(n >= 3);
	if (n < 3)
		printf("%s has %u vectors\n", r->id, n);
}

/* Put in the place of r, its neighbour must be found out. */
static void check_neighbour(const struct row *r, const struct era *neighbour, const char *where)
{
	bool found_out = false;

	for (size_t i = 0; i < ARRAY_SIZE(vectors) && !found_out; i++)
		found_out = strcmp(vectors[i].row, r->id) == 0 && !holds(neighbour, &vectors[i]);
	CHECK(found_out);
	if (!found_out)
		printf("%s: no vector tells it from the row %s\n", r->id, where);
}

static void test_every_row(void)
{
	CHECK_INT(era_count, ARRAY_SIZE(rows));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct era *e = find_row(&rows[i]);

		CHECK(e != NULL);
		if (!e) {
			printf("the table has no row %s\n", rows[i].id);
			continue;
		}
		CHECK_INT(e - era_table, i);
		check_row(&rows[i], e);
		if (e > era_table)
			check_neighbour(&rows[i], e - 1, "after");
		if (e + 1 < era_table + era_count)
			check_neighbour(&rows[i], e + 1, "before");
	}
}

/* No vector stands under a name that no row has. */
static void test_every_vector_has_a_row(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		bool found = false;

		for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
			found = found || strcmp(vectors[i].row, rows[k].id) == 0;
		CHECK(found);
		if (!found)
			printf("no row %s\n", vectors[i].row);
	}
}

/* ------------------------------------------------------------ what holds in every era */

static void test_who_is_never_chosen(void)
{
	static const struct {
		struct input in;
		enum fate fate;
	} never[] = {
		{ { .total = 100000,
		    .rss = 1000,
		    .flags = PROC_GLOBAL_INIT,
		    .classic = { .total_vm_pages = 9 } },
		  FATE_INIT },
		{ { .total = 100000, .flags = PROC_KTHREAD, .no_mm = true }, FATE_KTHREAD },
		{ { .total = 100000, .no_mm = true }, FATE_NO_MM },
		{ { .total = 100000,
		    .rss = 1000,
		    .adj = -1000,
		    .classic = { .total_vm_pages = 9, .oom_adj = -17 } },
		  FATE_ADJ_MIN },
	};

	for (size_t i = 0; i < era_count; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(never); k++) {
			struct verdict v;

			judge(&era_table[i], &never[k].in, &v);
			CHECK_INT(v.fate, never[k].fate);
			CHECK(!v.known);
			CHECK(v.score_known);
			CHECK(!badness_fate_is_candidate(v.fate));
		}
	}
}

/* A process with any memory at all that may be killed never reads 0 since 5.9, not even at -999:
 * the most that adj takes away is 999 of 1000, and what is left over is more than nothing. */
static void test_zero_means_never_since_5_9(void)
{
	const struct era *e = era_for_version((struct kver){ 5, 9, 0 });

	CHECK(e != NULL);
	for (uint64_t total = 1000; e && total < 40000000; total = total * 3 + 7) {
		const struct input in = { .total = total, .rss = 1, .adj = -999 };
		struct verdict v;

		judge(e, &in, &v);
		CHECK(v.known);
		CHECK(v.score >= 1);
	}
}

/* What is not known is told, never guessed. */
static void test_unknown(void)
{
	const struct mem_ctx ctx = { .ram_pages = 100000,
				     .total_pages = 100000,
				     .page_size = 4096,
				     .pte_table_bytes = 4096,
				     .long_bits = 64,
				     .hz = 100 };
	static const uint32_t needed[] = { HAVE_ADJ, HAVE_MM, HAVE_SWAP, HAVE_PTE };
	const struct era *e = era_for_version((struct kver){ 6, 12, 0 });
	struct mem_ctx no_total = ctx;
	struct verdict v;

	CHECK(e != NULL);
	if (!e)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		struct proc p = a_proc(100, 1, 100, 1000, NULL);

		p.have &= ~needed[i];
		badness(e, &ctx, &p, RSS_STAT, &v);
		CHECK(!v.known);
		CHECK(!v.score_known);
		CHECK_INT(v.fate, FATE_UNKNOWN);
	}
	no_total.total_pages = 0;
	{
		struct proc p = a_proc(100, 1, 100, 1000, NULL);

		badness(e, &no_total, &p, RSS_STAT, &v);
		CHECK(!v.known);
		CHECK(!v.score_known);
	}
}

/* The bonus of a process whose user namespace could not be read is told as uncertain; nothing else
 * is. */
static void test_superuser_uncertain(void)
{
	const struct mem_ctx ctx = { .ram_pages = 100000,
				     .total_pages = 100000,
				     .page_size = 4096,
				     .pte_table_bytes = 4096,
				     .long_bits = 64,
				     .hz = 100 };

	for (size_t i = 0; i < era_count; i++) {
		const struct era *e = &era_table[i];
		const struct proc_classic classic = { .total_vm_pages = 9000,
						      .have_oom_adj = true };
		struct proc p = a_proc(100, 1, 100, 1000, &classic);
		bool has_bonus = e->superuser == SUPERUSER_30_POINTS ||
				 e->superuser == SUPERUSER_ADJ_30 ||
				 e->superuser == SUPERUSER_3_PERCENT;
		struct verdict v;

		p.flags |= PROC_CAP_SYS_ADMIN;
		badness(e, &ctx, &p, RSS_STAT, &v);
		CHECK(!v.superuser_uncertain);
		p.have &= ~(uint32_t)HAVE_USERNS;
		badness(e, &ctx, &p, RSS_STAT, &v);
		CHECK_INT(v.superuser_uncertain, has_bonus);
	}
}

/* fs/proc/base.c, worked out by hand: adj * 1000 / 17 and adj * 17 / 1000, toward zero, 15 and 1000
 * apart. */
static void test_oom_adj(void)
{
	static const struct {
		int oom_adj, adj;
	} write[] = { { -17, -1000 }, { -16, -941 }, { -1, -58 }, { 0, 0 },    { 1, 58 },
		      { 7, 411 },     { 8, 470 },    { 14, 823 }, { 15, 1000 } },
	  read[] = { { 0, 58 },    { 1, 59 },      { 6, 411 }, { 13, 823 }, { 15, 942 },
		     { 15, 1000 }, { -17, -1000 }, { 0, -58 }, { -1, -59 }, { -16, -999 } };

	for (size_t i = 0; i < ARRAY_SIZE(write); i++)
		CHECK_INT(badness_adj_from_oom_adj(write[i].oom_adj), write[i].adj);
	for (size_t i = 0; i < ARRAY_SIZE(read); i++)
		CHECK_INT(badness_oom_adj_from_adj(read[i].adj), read[i].oom_adj);
}

int main(void)
{
	test_every_row();
	test_every_vector_has_a_row();
	test_who_is_never_chosen();
	test_zero_means_never_since_5_9();
	test_unknown();
	test_superuser_uncertain();
	test_oom_adj();
	return check_done();
}

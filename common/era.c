/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * By which rule did the kernel of this version choose? The table of every change of mm/oom_kill.c's
 * rule from 2.6.11 on, newest first, and the few functions that read a cell of it together with
 * numbers.
 */
#include "era.h"

#include <string.h>

#include "base.h"

/* The cells stand in one order in every row, so that the one that differs from the row below can be
 * seen. */
#define CELLS(f, a, ch, cpu, su, cs, sh, pt, sc, fl, ti, sa, mt, no, rs, po) \
	.formula = FORMULA_##f, .arithmetic = ARITHMETIC_##a, .children = CHILDREN_##ch,          \
	.cpu_time = CPU_TIME_##cpu, .superuser = SUPERUSER_##su, .cpuset = CPUSET_##cs,           \
	.shift = SHIFT_##sh, .pgtables = PGTABLES_##pt, .scale = SCALE_##sc, .floor = FLOOR_##fl, \
	.tie = TIE_##ti, .sacrifice = SACRIFICE_##sa, .memcg_total = MEMCG_TOTAL_##mt,            \
	.nodes = NODES_##no, .rss = RSS_READINGS_##rs, .policy = POLICY_##po

#define FLAGS(ni, ra, al, sh, vf, re, gr, in)                                   \
	.nice = ni, .rawio = ra, .allocating_task = al, .shared_mm_immune = sh, \
	.vfork_exempt = vf, .reaped_exempt = re, .oom_group = gr, .group_inside_only = in

#define Y true
#define N false

/* clang-format off */
const struct era era_table[] = {
	{ { 7, 0, 0 }, "exact counters", NULL,
	  "the rss counters are summed up exactly: rss as status prints it, no longer as stat does",
	  "by their own numbers: 6.19.14 reads approximately, 7.0.13 sums up",
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, TWO_THIRDS,
		NONE, LAST, NONE, OWN_SWAP, PRESENT, STATUS, BIND),
	  FLAGS(N, N, Y, N, Y, Y, Y, Y) },
	{ { 6, 2, 0 }, "per-CPU counters", "f1a7941243c1",
	  "the rss counters became per-CPU and are read approximately: rss as stat prints it",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, TWO_THIRDS,
		NONE, LAST, NONE, OWN_SWAP, PRESENT, STAT, BIND),
	  FLAGS(N, N, Y, N, Y, Y, Y, Y) },
	{ { 5, 14, 0 }, "bound alone", "b26e517a058b",
	  "in a memory policy's OOM an interleave policy elsewhere no longer spares a process, "
	  "only a bound one does",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, TWO_THIRDS,
		NONE, LAST, NONE, OWN_SWAP, PRESENT, AGREE, BIND),
	  FLAGS(N, N, Y, N, Y, Y, Y, Y) },
	{ { 5, 10, 0 }, "memcg swap alone", "8d387a5f172f",
	  "inside a v1 memcg the swap that counts is what memsw leaves beside the memory limit",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, TWO_THIRDS,
		NONE, LAST, NONE, OWN_SWAP, PRESENT, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, Y, Y) },
	{ { 5, 9, 0 }, "signed badness", "9066e5cfb73c",
	  "badness may be negative; oom_score is (1000 + badness per mille) * 2 / 3: an idle "
	  "process reads 666",
	  "also in 5.4.y from somewhere after 5.4.120 and up to 5.4.214",
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, TWO_THIRDS,
		NONE, LAST, NONE, SWAP_MAX, PRESENT, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, Y, Y) },
	{ { 5, 7, 14 }, "group inside only", NULL,
	  "memory.oom.group counts only where the victim is still inside the memcg that is out of "
	  "memory",
	  "in 5.7.14 at the latest; 5.7 before it was not read",
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, PERMILLE,
		ONE, LAST, NONE, SWAP_MAX, PRESENT, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, Y, Y) },
	{ { 5, 4, 0 }, "present pages", "1eb41bb07e",
	  "an OOM bound to memory nodes counts their present pages, no longer the spanned ones",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, PERMILLE,
		ONE, LAST, NONE, SWAP_MAX, PRESENT, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, Y, N) },
	{ { 5, 3, 0 }, "youngest of equals", "f168a9a54ec3",
	  "of equal processes the last in the task list is taken, inside a memcg too",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, PERMILLE,
		ONE, LAST, NONE, SWAP_MAX, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, Y, N) },
	{ { 5, 1, 0 }, "no child sacrifice", "bbbe48029720",
	  "no child dies in place of its parent any more",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, PERMILLE,
		ONE, FIRST, NONE, SWAP_MAX, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, Y, N) },
	{ { 4, 19, 0 }, "memory.oom.group", "3d8b38eb81ca",
	  "memory.oom.group: all members of a group are killed together",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, PERMILLE,
		ONE, FIRST, WORST_CHILD, SWAP_MAX, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, Y, N) },
	{ { 4, 17, 0 }, "no root bonus", "d46078b28889",
	  "a privileged process is no longer favoured",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, IGNORED, INELIGIBLE, FROM_ONE, BYTES, PERMILLE,
		ONE, FIRST, WORST_CHILD, SWAP_MAX, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, N, N) },
	{ { 4, 15, 0 }, "all page tables", "af5b0f6a09e4",
	  "page tables of every level count, in bytes",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, 3_PERCENT, INELIGIBLE, FROM_ONE, BYTES, PERMILLE,
		ONE, FIRST, WORST_CHILD, SWAP_MAX, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, N, N) },
	{ { 4, 9, 0 }, "one selection", "7c5f64f84483",
	  "a memcg's and the machine's OOM choose in one way: of equal processes the first stays",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, 3_PERCENT, INELIGIBLE, FROM_ONE, PTES_PMDS, PERMILLE,
		ONE, FIRST, WORST_CHILD, SWAP_MAX, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, N, N) },
	{ { 4, 8, 0 }, "vfork left out", "b18dc5f291c0",
	  "a vfork child that still has its parent's mm is left out",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, 3_PERCENT, INELIGIBLE, FROM_ONE, PTES_PMDS, PERMILLE,
		ONE, LAST_BUT_MEMCG, WORST_CHILD, SWAP_MAX, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, Y, Y, N, N) },
	{ { 4, 7, 0 }, "processes only", "f44666b04605",
	  "processes are looked at, not threads; of equal ones the last is taken, but for a "
	  "memcg's OOM",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, 3_PERCENT, INELIGIBLE, FROM_ONE, PTES_PMDS, PERMILLE,
		ONE, LAST_BUT_MEMCG, WORST_CHILD, SWAP_MAX, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, Y, N, N) },
	{ { 4, 7, 0 }, "reaped left out", "bb8a4b7fd126",
	  "a process whose memory the reaper has taken is left out",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, 3_PERCENT, INELIGIBLE, FROM_ONE, PTES_PMDS, PERMILLE,
		ONE, FIRST_LEADER, WORST_CHILD, SWAP_MAX, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, Y, N, N) },
	{ { 4, 5, 0 }, "swap.max", "37e84351198b",
	  "inside a memcg its own swap limit counts",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, 3_PERCENT, INELIGIBLE, FROM_ONE, PTES_PMDS, PERMILLE,
		ONE, FIRST_LEADER, WORST_CHILD, SWAP_MAX, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, N, N, N) },
	{ { 4, 0, 0 }, "middle page tables", "dc6c9a35b66b",
	  "page middle directories count beside the page tables",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, 3_PERCENT, INELIGIBLE, FROM_ONE, PTES_PMDS, PERMILLE,
		ONE, FIRST_LEADER, WORST_CHILD, SWAPPINESS, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, N, N, N) },
	{ { 3, 14, 0 }, "leaders first", "d49ad9355420",
	  "of equal tasks a thread-group leader is preferred, the first of them stays",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, 3_PERCENT, INELIGIBLE, FROM_ONE, PTES, PERMILLE,
		ONE, FIRST_LEADER, WORST_CHILD, SWAPPINESS, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, N, N, N) },
	{ { 3, 13, 10 }, "3 percent of its own", "778c14affaf9",
	  "CAP_SYS_ADMIN takes 3 percent off the process's own use, no longer off the whole memory",
	  "mainline 3.14; in 3.13.y from somewhere after 3.13.0 and up to 3.13.10",
	  CELLS(PAGES, LONG, IGNORED, IGNORED, 3_PERCENT, INELIGIBLE, FROM_ONE, PTES, PERMILLE,
		ONE, FIRST, WORST_CHILD, SWAPPINESS, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, N, N, N) },
	{ { 3, 7, 0 }, "swappiness heeded", "9a5a8f19b434",
	  "inside a memcg with swappiness 0 the memory limit alone counts",
	  "absent in 3.6, present in 3.8; 3.7 was not read",
	  CELLS(PAGES, LONG, IGNORED, IGNORED, ADJ_30, INELIGIBLE, FROM_ONE, PTES, PERMILLE,
		ONE, FIRST, WORST_CHILD, SWAPPINESS, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, N, N, N) },
	{ { 3, 5, 0 }, "pages", "a7f638f999ff",
	  "badness is counted in pages; oom_score is that per mille of RAM and swap, and may pass "
	  "1000",
	  NULL,
	  CELLS(PAGES, LONG, IGNORED, IGNORED, ADJ_30, INELIGIBLE, FROM_ONE, PTES, PERMILLE,
		ONE, FIRST, WORST_CHILD, SWAP, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, N, N, N) },
	{ { 3, 2, 0 }, "no overflow", "ff05b6f7ae76",
	  "points are computed in a long: no overflow above 8 GiB",
	  NULL,
	  CELLS(PERMILLE, LONG, IGNORED, IGNORED, 30_POINTS, INELIGIBLE, FROM_ONE, PTES, RAW,
		ONE, FIRST, WORST_CHILD, SWAP, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, N, N, N) },
	{ { 3, 2, 0 }, "sharers count alone", "c9f01245b6a7",
	  "a process at -1000 no longer makes others that share its mm immune",
	  NULL,
	  CELLS(PERMILLE, INT, IGNORED, IGNORED, 30_POINTS, INELIGIBLE, FROM_ONE, PTES, RAW,
		ONE, FIRST, WORST_CHILD, SWAP, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, N, N, N) },
	{ { 2, 6, 39 }, "page tables", "f755a042d82b",
	  "page tables count; points are computed in an int, which overflows above 8 GiB",
	  "absent in 2.6.37, present in 2.6.39.4; 2.6.38 was not read",
	  CELLS(PERMILLE, INT, IGNORED, IGNORED, 30_POINTS, INELIGIBLE, FROM_ONE, PTES, RAW,
		ONE, FIRST, WORST_CHILD, SWAP, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, Y, N, N, N, N) },
	{ { 2, 6, 39 }, "no sharing child", "edd45544c6f0",
	  "a child is sacrificed only where it has an mm of its own",
	  "absent in 2.6.37, present in 2.6.39.4; 2.6.38 was not read",
	  CELLS(PERMILLE, ULONG, IGNORED, IGNORED, 30_POINTS, INELIGIBLE, FROM_ONE, IGNORED, RAW,
		ONE, FIRST, WORST_CHILD, SWAP, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, Y, N, N, N, N) },
	{ { 2, 6, 39 }, "memcg in bytes", "f3e8eb70b180",
	  "inside a memcg swap is added in bytes to a limit in bytes",
	  "absent in 2.6.37, present in 2.6.39.4; 2.6.38 was not read",
	  CELLS(PERMILLE, ULONG, IGNORED, IGNORED, 30_POINTS, INELIGIBLE, FROM_ONE, IGNORED, RAW,
		ONE, FIRST, WORST_OF_ALL, SWAP, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, Y, N, N, N, N) },
	{ { 2, 6, 37 }, "immune sharers", "3d5992d2ac7d",
	  "one process at -1000 makes all that share its mm immune",
	  NULL,
	  CELLS(PERMILLE, ULONG, IGNORED, IGNORED, 30_POINTS, INELIGIBLE, FROM_ONE, IGNORED, RAW,
		ONE, FIRST, WORST_OF_ALL, MIXED, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, Y, N, N, N, N) },
	{ { 2, 6, 36 }, "rewrite", "a63d83f427fb",
	  "badness is rss and swap per mille of the memory allowed, plus oom_score_adj",
	  NULL,
	  CELLS(PERMILLE, ULONG, IGNORED, IGNORED, 30_POINTS, INELIGIBLE, FROM_ONE, IGNORED, RAW,
		ONE, FIRST, WORST_OF_ALL, MIXED, SPANNED, AGREE, BIND_INTERLEAVE),
	  FLAGS(N, N, Y, N, N, N, N, N) },
	{ { 2, 6, 36 }, "worst child", "5e9d834a0e0c",
	  "the child with the most points dies in place of its parent, no longer the first one",
	  NULL,
	  CELLS(CLASSIC, ULONG, HALF, GROUP, ADMIN_OR_RESOURCE_QUARTER, MEMS_ALLOWED, FROM_ONE,
		IGNORED, RAW, NONE, FIRST, WORST_OF_ALL, NONE, IGNORED, AGREE, IGNORED),
	  FLAGS(Y, Y, Y, N, N, N, N, N) },
	{ { 2, 6, 32 }, "whole process", "495789a51a91",
	  "a process is judged as a whole: the CPU time is that of all its threads",
	  NULL,
	  CELLS(CLASSIC, ULONG, HALF, GROUP, ADMIN_OR_RESOURCE_QUARTER, MEMS_ALLOWED, FROM_ONE,
		IGNORED, RAW, NONE, FIRST, FIRST_CHILD, NONE, IGNORED, AGREE, IGNORED),
	  FLAGS(Y, Y, Y, N, N, N, N, N) },
	{ { 2, 6, 25 }, "superuser by capability", "97829955ad29",
	  "the superuser is who has CAP_SYS_ADMIN or CAP_SYS_RESOURCE, no longer who has uid 0",
	  NULL,
	  CELLS(CLASSIC, ULONG, HALF, TASK, ADMIN_OR_RESOURCE_QUARTER, MEMS_ALLOWED, FROM_ONE,
		IGNORED, RAW, NONE, FIRST, FIRST_CHILD, NONE, IGNORED, AGREE, IGNORED),
	  FLAGS(Y, Y, Y, N, N, N, N, N) },
	{ { 2, 6, 24 }, "allocating task", "fe071d7e8aae",
	  "vm.oom_kill_allocating_task: the one that asked may be killed in place of the worst",
	  NULL,
	  CELLS(CLASSIC, ULONG, HALF, TASK, UID_OR_ADMIN_QUARTER, MEMS_ALLOWED, FROM_ONE,
		IGNORED, RAW, NONE, FIRST, FIRST_CHILD, NONE, IGNORED, AGREE, IGNORED),
	  FLAGS(Y, Y, Y, N, N, N, N, N) },
	{ { 2, 6, 24 }, "mems_allowed", "bbe373f2c60d",
	  "memory elsewhere is told by mems_allowed, no longer by exclusive cpusets",
	  NULL,
	  CELLS(CLASSIC, ULONG, HALF, TASK, UID_OR_ADMIN_QUARTER, MEMS_ALLOWED, FROM_ONE,
		IGNORED, RAW, NONE, FIRST, FIRST_CHILD, NONE, IGNORED, AGREE, IGNORED),
	  FLAGS(Y, Y, N, N, N, N, N, N) },
	{ { 2, 6, 22 }, "shift from one", "9a82782f8f58",
	  "a positive oom_adj raises even 0 points, which count as 1",
	  NULL,
	  CELLS(CLASSIC, ULONG, HALF, TASK, UID_OR_ADMIN_QUARTER, EXCLUSIVE_NODES, FROM_ONE,
		IGNORED, RAW, NONE, FIRST, FIRST_CHILD, NONE, IGNORED, AGREE, IGNORED),
	  FLAGS(Y, Y, N, N, N, N, N, N) },
	{ { 2, 6, 19 }, "memory elsewhere", "7887a3da753e",
	  "a process whose cpuset has no memory node in common counts an eighth",
	  NULL,
	  CELLS(CLASSIC, ULONG, HALF, TASK, UID_OR_ADMIN_QUARTER, EXCLUSIVE_NODES, PLAIN,
		IGNORED, RAW, NONE, FIRST, FIRST_CHILD, NONE, IGNORED, AGREE, IGNORED),
	  FLAGS(Y, Y, N, N, N, N, N, N) },
	{ { 2, 6, 16 }, "half the children", "9827b781f208",
	  "a child adds half of its memory to its parent's points, no longer all of it",
	  NULL,
	  CELLS(CLASSIC, ULONG, HALF, TASK, UID_OR_ADMIN_QUARTER, IGNORED, PLAIN, IGNORED, RAW,
		NONE, FIRST, FIRST_CHILD, NONE, IGNORED, AGREE, IGNORED),
	  FLAGS(Y, Y, N, N, N, N, N, N) },
	{ { 2, 6, 11 }, "heuristic", NULL,
	  "virtual size and that of the children, divided by the roots of CPU and run time",
	  "the oldest of the 2.6 kernels that were read",
	  CELLS(CLASSIC, ULONG, FULL, TASK, UID_OR_ADMIN_QUARTER, IGNORED, PLAIN, IGNORED, RAW,
		NONE, FIRST, FIRST_CHILD, NONE, IGNORED, AGREE, IGNORED),
	  FLAGS(Y, Y, N, N, N, N, N, N) },
};
/* clang-format on */

#undef Y
#undef N

const size_t era_count = ARRAY_SIZE(era_table);

/* Vendors who keep a version and change the rule: what stands in their release string, and the
 * mainline version whose row it amounts to. */
static const struct {
	const char *word;
	struct kver version, rule;
} era_vendors[] = {
	/* the long form with its 30 points; its memcgs heed swappiness too, as no row of that time
	   does */
	{ ".el6", { 2, 6, 32 }, { 3, 2, 0 } },
	{ ".el7", { 3, 10, 0 }, { 3, 13, 10 } }, /* 3 percent of its own */
	{ ".el8", { 4, 18, 0 }, { 5, 1, 0 } },   /* no child sacrifice */
};

int era_kver_compare(struct kver a, struct kver b)
{
	if (a.major != b.major)
		return a.major < b.major ? -1 : 1;
	if (a.minor != b.minor)
		return a.minor < b.minor ? -1 : 1;
	return (a.patch > b.patch) - (a.patch < b.patch);
}

const struct era *era_for_version(struct kver v)
{
	for (size_t i = 0; i < era_count; i++)
		if (era_kver_compare(v, era_table[i].since) >= 0)
			return &era_table[i];
	return NULL;
}

const struct era *era_for_release(const char *release, const struct kver *v)
{
	for (size_t i = 0; release && i < ARRAY_SIZE(era_vendors); i++)
		if (era_kver_compare(*v, era_vendors[i].version) == 0 &&
		    strstr(release, era_vendors[i].word))
			return era_for_version(era_vendors[i].rule);
	return era_for_version(*v);
}

const struct era *era_with_scale(const struct era *e, enum era_scale scale)
{
	size_t at = (size_t)(e - era_table);

	if (e->scale == scale)
		return e;
	for (size_t d = 1; d < era_count; d++) {
		if (d <= at && era_table[at - d].scale == scale)
			return &era_table[at - d];
		if (at + d < era_count && era_table[at + d].scale == scale)
			return &era_table[at + d];
	}
	return NULL;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t add_u64(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* include/linux/page_counter.h PAGE_COUNTER_MAX: what no limit amounts to. */
static uint64_t limit_pages(uint64_t bytes, const struct mem_ctx *machine)
{
	uint64_t most =
		machine->long_bits == 32 ? INT32_MAX : (uint64_t)INT64_MAX / machine->page_size;

	return min_u64(bytes / machine->page_size, most);
}

static uint64_t swap_of_memcg(const struct era *e, enum cgroup_version v, const struct cgroup *cg,
			      const struct mem_ctx *machine, uint64_t limit)
{
	uint64_t page = machine->page_size, swap = machine->swap_pages;
	uint64_t own = cg->have_swap_limit ? cg->swap_limit_bytes / page : UINT64_MAX;
	uint64_t memsw = cg->have_memsw_limit ? cg->memsw_limit_bytes / page : UINT64_MAX;
	uint64_t beside = memsw > limit ? memsw - limit : 0;

	switch (e->memcg_total) {
	case MEMCG_TOTAL_OWN_SWAP:
		if (cg->swappiness == 0)
			return 0;
		return min_u64(v == CGROUP_V2 ? own : beside, swap);
	case MEMCG_TOTAL_SWAP_MAX:
		if (cg->swappiness == 0)
			return 0;
		/* v2 has no memsw; its counter stands at PAGE_COUNTER_MAX, and bounds the sum. */
		if (v == CGROUP_V2)
			beside = limit_pages(UINT64_MAX, machine) - limit;
		return min_u64(min_u64(own, swap), beside);
	case MEMCG_TOTAL_SWAPPINESS:
		return cg->swappiness == 0 ? 0 : min_u64(swap, beside);
	case MEMCG_TOTAL_SWAP:
		return min_u64(swap, beside);
	case MEMCG_TOTAL_MIXED:
		/* So many bytes, not pages, are added: the sum in pages is worked out from bytes
		 * below. */
	case MEMCG_TOTAL_NONE:
		break;
	}
	return 0;
}

uint64_t era_memcg_total_pages(const struct era *e, enum cgroup_version v, const struct cgroup *cg,
			       const struct mem_ctx *machine, uint64_t *swap_counted)
{
	uint64_t page = machine->page_size, limit = limit_pages(cg->limit_bytes, machine), swap,
		 total;

	if (e->memcg_total == MEMCG_TOTAL_MIXED) {
		uint64_t bytes = add_u64(cg->limit_bytes, machine->swap_pages);

		if (cg->have_memsw_limit)
			bytes = min_u64(bytes, cg->memsw_limit_bytes);
		total = bytes / page;
		swap = total > cg->limit_bytes / page ? total - cg->limit_bytes / page : 0;
	} else {
		swap = swap_of_memcg(e, v, cg, machine, limit);
		total = add_u64(limit, swap);
		/* memsw below the limit cannot be set, but what a root shows need not come from a
		 * kernel. */
		if (cg->have_memsw_limit && e->memcg_total != MEMCG_TOTAL_OWN_SWAP &&
		    (e->memcg_total == MEMCG_TOTAL_SWAP || cg->swappiness != 0))
			total = min_u64(total, cg->memsw_limit_bytes / page);
	}
	if (swap_counted)
		*swap_counted = swap;
	return total ? total : 1;
}

uint64_t era_nodes_total_pages(const struct era *e, uint64_t spanned, uint64_t present,
			       const struct mem_ctx *machine)
{
	switch (e->nodes) {
	case NODES_SPANNED:
		return add_u64(machine->swap_pages, spanned);
	case NODES_PRESENT:
		return add_u64(machine->swap_pages, present);
	case NODES_IGNORED:
		break;
	}
	return machine->total_pages;
}

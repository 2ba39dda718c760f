/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's rule through its eras, as data: one row for each change, newest first, each with the
 * version and the commit that made it. Everything that depends on the kernel's version asks a cell
 * of this table; nothing compares versions anywhere else.
 */
#ifndef OOMKIT_ERA_H
#define OOMKIT_ERA_H

#include <stdbool.h>
#include <stddef.h>

#include "facts.h"

/* How the terms become one number. */
enum era_formula {
	FORMULA_CLASSIC,  /* badness(): total_vm, halved, doubled, shifted */
	FORMULA_PERMILLE, /* oom_badness(): 0..1000 of the memory allowed */
	FORMULA_PAGES,    /* oom_badness(): pages */
};

/* In which C type a permille formula is computed. */
enum era_arithmetic {
	ARITHMETIC_ULONG, /* 2.6.36, 2.6.37: unsigned long, one division */
	ARITHMETIC_INT,   /* 2.6.39 to 3.1: int, overflows from 2,147,484 pages on */
	ARITHMETIC_LONG,  /* 3.2 on */
};

enum era_children {
	CHILDREN_FULL, /* + child total_vm */
	CHILDREN_HALF, /* + child total_vm / 2 + 1 */
	CHILDREN_IGNORED,
};

enum era_cpu_time {
	CPU_TIME_TASK,  /* of the one task that is judged */
	CPU_TIME_GROUP, /* of its thread group */
	CPU_TIME_IGNORED,
};

/* What the superuser is and what it is worth. */
enum era_superuser {
	SUPERUSER_UID_OR_ADMIN_QUARTER,      /* CAP_SYS_ADMIN, uid 0 or euid 0: / 4 */
	SUPERUSER_ADMIN_OR_RESOURCE_QUARTER, /* CAP_SYS_ADMIN or CAP_SYS_RESOURCE: / 4 */
	SUPERUSER_30_POINTS,                 /* CAP_SYS_ADMIN: 30 of the 1000 */
	SUPERUSER_ADJ_30,                    /* CAP_SYS_ADMIN: 30 off the adj */
	SUPERUSER_3_PERCENT,                 /* CAP_SYS_ADMIN: 3 % off its own use */
	SUPERUSER_IGNORED,
};

enum era_cpuset {
	CPUSET_IGNORED,
	CPUSET_EXCLUSIVE_NODES, /* no common node of the nearest exclusive cpusets: / 8 */
	CPUSET_MEMS_ALLOWED,    /* no common node in mems_allowed: / 8 */
	CPUSET_INELIGIBLE, /* 2.6.36 on: left out of a constrained OOM; the score does not change */
};

/* What a positive oom_adj does to 0 points. */
enum era_shift {
	SHIFT_PLAIN,    /* 0 << adj is 0 */
	SHIFT_FROM_ONE, /* 1 << adj */
};

enum era_pgtables {
	PGTABLES_IGNORED,
	PGTABLES_PTES,      /* mm->nr_ptes */
	PGTABLES_PTES_PMDS, /* + mm->nr_pmds */
	PGTABLES_BYTES,     /* mm->pgtables_bytes / PAGE_SIZE: every level */
};

/* What /proc/PID/oom_score prints. */
enum era_scale {
	SCALE_RAW,        /* the badness itself */
	SCALE_PERMILLE,   /* badness * 1000 / totalpages */
	SCALE_TWO_THIRDS, /* (1000 + badness * 1000 / totalpages) * 2 / 3 */
};

/* The least that oom_badness() returns for a process that may be killed. */
enum era_floor {
	FLOOR_NONE, /* may be negative */
	FLOOR_ONE,
};

/* Which of several equal processes is taken. The order is that of the task list: oldest first. */
enum era_tie {
	TIE_FIRST,          /* points > chosen */
	TIE_FIRST_LEADER,   /* points >= chosen, but a chosen thread-group leader stays */
	TIE_LAST_BUT_MEMCG, /* points >= chosen; a memcg OOM still keeps the first leader */
	TIE_LAST,           /* points >= chosen */
};

/* Who dies in place of the chosen. */
enum era_sacrifice {
	SACRIFICE_FIRST_CHILD,  /* the first child with an mm of its own */
	SACRIFICE_WORST_OF_ALL, /* the child with the most points, sharers of its mm among them */
	SACRIFICE_WORST_CHILD,  /* the child with an mm of its own that has the most points, if more
				   than 0 */
	SACRIFICE_NONE,
};

/* What totalpages is when a memcg is out of memory. */
enum era_memcg_total {
	MEMCG_TOTAL_NONE,  /* before 2.6.36: the heuristic has no denominator */
	MEMCG_TOTAL_MIXED, /* min(limit bytes + swap PAGES, memsw) >> PAGE_SHIFT: a bug of 2.6.36
			      and 2.6.37 */
	MEMCG_TOTAL_SWAP,  /* min(limit + total swap, memsw) */
	MEMCG_TOTAL_SWAPPINESS, /* the same, but the limit alone where swappiness is 0 */
	MEMCG_TOTAL_SWAP_MAX, /* min(limit + min(swap.max, total swap), memsw), where swappiness is
				 not 0 */
	MEMCG_TOTAL_OWN_SWAP, /* limit + min(swap.max or memsw - limit, total swap), where
				 swappiness is not 0 */
};

/* What totalpages is of a cpuset or a memory policy. */
enum era_nodes {
	NODES_IGNORED,
	NODES_SPANNED,
	NODES_PRESENT,
};

/* Whose memory policy spares it in the OOM of another one, where they have no node in common. */
enum era_policy {
	POLICY_IGNORED, /* before 2.6.36 whoever asked was killed */
	POLICY_BIND_INTERLEAVE,
	POLICY_BIND,
};

enum era_rss {
	RSS_READINGS_AGREE,  /* the counters are exact: stat and status tell the same */
	RSS_READINGS_STAT,   /* per-CPU counters read approximately, as stat does */
	RSS_READINGS_STATUS, /* per-CPU counters summed up, as status does */
};

struct era {
	struct kver since;
	const char *name; /* a word or two: what a person calls this era */
	const char
		*commit; /* abbreviated mainline commit, or NULL where only the release is known */
	const char *change;   /* one sentence: what changed with it */
	const char *boundary; /* where the release before was not read: the interval in words; else
				 NULL */
	enum era_formula formula;
	enum era_arithmetic arithmetic;
	enum era_children children;
	enum era_cpu_time cpu_time;
	enum era_superuser superuser;
	enum era_cpuset cpuset;
	enum era_shift shift;
	enum era_pgtables pgtables;
	enum era_scale scale;
	enum era_floor floor;
	enum era_tie tie;
	enum era_sacrifice sacrifice;
	enum era_memcg_total memcg_total;
	enum era_nodes nodes;
	enum era_rss rss;
	enum era_policy policy;
	bool nice;              /* nice above 0 doubles */
	bool rawio;             /* CAP_SYS_RAWIO quarters */
	bool allocating_task;   /* vm.oom_kill_allocating_task exists */
	bool shared_mm_immune;  /* one sharer of the mm at -1000 makes all of them immune */
	bool vfork_exempt;      /* a vfork child that still has its parent's mm is left out */
	bool reaped_exempt;     /* MMF_OOM_SKIP (MMF_OOM_REAPED): what was reaped is left out */
	bool oom_group;         /* memory.oom.group */
	bool group_inside_only; /* oom.group counts only where the victim is inside the OOM's memcg
				 */
};

/* The table, newest first. */
extern const struct era era_table[];
extern const size_t era_count;

/* The row for a release string ("6.18.44", "4.18.0-305.el8.x86_64", "2.6.32"): the newest row not
 * after the version, or the row that a known vendor's backports amount to. NULL before 2.6.11. */
const struct era *era_for_release(const char *release, const struct kver *v);

/* The row for a bare mainline version. NULL before 2.6.11. */
const struct era *era_for_version(struct kver v);

/* e itself, or the nearest row that prints oom_score by that scale (a backport such as 5.4.214's);
 * NULL. */
const struct era *era_with_scale(const struct era *e, enum era_scale scale);

/* -1, 0, 1 as strcmp. */
int era_kver_compare(struct kver a, struct kver b);

/* totalpages of an OOM inside a memcg with these limits, by this era's rule, in pages; mirrors
 * mem_cgroup_get_max() (mem_cgroup_get_limit() before 4.18). v: the hierarchy's version. Never 0.
 * swap_counted gets the swap part. */
uint64_t era_memcg_total_pages(const struct era *e, enum cgroup_version v, const struct cgroup *cg,
			       const struct mem_ctx *machine, uint64_t *swap_counted);

/* totalpages of an OOM bound to memory nodes with these sums, mirrors constrained_alloc(). */
uint64_t era_nodes_total_pages(const struct era *e, uint64_t spanned, uint64_t present,
			       const struct mem_ctx *machine);

#endif

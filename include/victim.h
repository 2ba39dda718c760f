/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who dies first, who with it, and who next: mm/oom_kill.c select_bad_process(), oom_kill_process()
 * and mem_cgroup_get_oom_group(). Pure: a snapshot, a scope and what-ifs in, an order out.
 */
#ifndef OOMKIT_VICTIM_H
#define OOMKIT_VICTIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "badness.h"
#include "facts.h"

/* Where the OOM happens. */
struct scope {
	struct mem_ctx ctx;     /* the denominator */
	struct mem_ctx machine; /* what oom_score is measured by; the snapshot's own where its total
				   is 0 */
	const char *cgroup;     /* members are this cgroup and below; NULL: the whole machine */
	const char *nodes; /* the memory nodes that it is bound to, in words; NULL: all of them */
	bool cgroup_alone;      /* members are this cgroup's own: v1 with memory.use_hierarchy 0 */
	bool by_memcg;          /* its members are met cgroup by cgroup (memcg.h) */
};

/* What is supposed, process by process; the facts stay as they are. */
struct supposition {
	pid_t pid;
	bool has_adj, has_grow;
	int16_t adj;
	uint64_t grow_pages;
};

/* Sorted by pid, one row a pid. */
struct what_if {
	const struct supposition *rows;
	size_t n;
};

/* One process, judged; small on purpose: there is one for each process of the machine. */
struct judged {
	int64_t score;   /* the model's /proc/PID/oom_score, by the machine's total */
	int64_t badness; /* of the scope; only where fate is a candidate's or score_known */
	uint32_t index;  /* into snapshot.procs */
	uint32_t rank;   /* 1: dies first; 0: not a candidate */
	uint8_t fate;    /* enum fate */
	bool known;      /* badness was computed */
	bool score_known;
};

/* Judges every process of s by e; ret has s->n_procs rows in the order in which the kernel would
 * take them, those it never takes behind them by pid. Returns 0 or -ENOMEM; the caller frees *ret.
 */
int victim_order(const struct snapshot *s, const struct era *e, const struct scope *scope,
		 const struct what_if *what_if, struct judged **ret);

/* Room for a process as it is supposed to be. */
struct supposed {
	struct proc proc;
	struct proc_classic classic;
};

/* p with what is supposed of it, in storage; p itself where nothing is. */
const struct proc *victim_suppose(const struct what_if *w, const struct proc *p,
				  struct supposed *storage);

/* true where a process of this cgroup (NULL: not known) is a member of the scope. */
bool victim_in_scope(const struct scope *scope, const char *path);

/* true where path is cg or below it. */
bool victim_in_cgroup(const char *path, const char *cg);

/* -1, 0, 1: the order of the kernel's task list, oldest first. */
int victim_task_list_compare(const struct proc *a, const struct proc *b);

/* Who really dies where chosen (an index into s->procs) is selected: itself, or up to 5.0 a child
 * of it that is not dead[] yet (NULL: nobody is): oom_kill_process(). Returns an index into
 * s->procs. */
size_t victim_who_dies(const struct snapshot *s, const struct era *e, const struct scope *scope,
		       const struct what_if *what_if, const bool *dead, size_t chosen);

/* true where memory.oom.group of the victim's cgroup or an ancestor is to be heeded when domain
 * (NULL: the machine) is out of memory: mem_cgroup_get_oom_group(). */
bool victim_group_counts(const struct era *e, const char *victim_cgroup, const char *domain);

/* true where p is killed along with a group that it is a member of. */
bool victim_dies_with_group(const struct proc *p);

/* true where the allocating task may be killed in place of the worst: out_of_memory(). */
bool victim_is_allocating_task(const struct era *e, const struct oom_sysctl *sysctl,
			       enum constraint c);

#endif

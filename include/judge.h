/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a root to judged processes: reads a machine, finds the rule of its kernel, settles with the
 * help of the kernel's own numbers what the version alone cannot tell, and applies scope and
 * what-ifs. What every command does first.
 */
#ifndef OOMKIT_JUDGE_H
#define OOMKIT_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "badness.h"
#include "cgroupfs.h"
#include "facts.h"
#include "host.h"
#include "select.h"
#include "snapshot.h"
#include "victim.h"

struct judge_request {
	const char *root;      /* NULL: the machine's own */
	const struct era *era; /* --kernel; NULL: the machine's own rule */
	unsigned need;         /* enum snapshot_need, for every process */
	size_t top;            /* 0: all; else those alone that can be among the first so many */
	unsigned shown;        /* with top: enum snapshot_need, what the rows show beside it */
	const struct select_spec *targets; /* where they are pids alone and only_targets is set,
					      nothing else is read */
	bool only_targets;
	bool without_self; /* the running program is none of those that are judged */
	const char *scope;                    /* --scope; NULL */
	const char *nodes;                    /* --nodes or --mempolicy: a list; NULL */
	bool by_policy;                       /* it is a memory policy's, not a cpuset's */
	const char *const *set, *const *grow; /* "TARGET=VALUE" */
	size_t n_set, n_grow;
	uint64_t limit_bytes;
	bool has_limit;
};

/* What went wrong, for the message. */
struct judge_error {
	const char *object; /* what it is about: a path, an option, a target */
	const char *reason; /* NULL: strerror of the return value */
	const char *help;   /* what would help; NULL */
	int status;         /* the exit status that fits: 1 no such target, 2 usage or unreadable */
};

struct judge {
	bool opened; /* judge_machine() has been called */
	struct host host;
	struct cgroupfs cgroupfs;
	bool have_cgroupfs;
	struct snapshot s;
	const struct era *era;    /* what is judged by */
	bool own_rule;            /* era is the running kernel's own: its numbers can be compared */
	bool supposed;            /* some what-if changes the numbers */
	bool era_guessed;         /* the release is not known */
	const char *total_source; /* where the RAM was taken from when meminfo did not fit; NULL */
	const char *version_rule; /* the release that the version stands for, where evidence chose
				     another row */
	struct scope scope;
	struct cgroup scope_cgroup; /* of a memcg scope: limits as read, or as supposed */
	bool scope_found_limit; /* false: --scope was given, no limit was found, the machine's OOM
				   is meant */
	struct what_if what_if;
	struct supposition *suppositions;
	size_t n_nodes_unread; /* processes of which it could not be read where their memory may be
				*/
	bool limit_unread;  /* the limits above a cgroup could not be read */
	bool groups_unread; /* who dies along could not be read of some process */
	void *groups;       /* what oom.group says, by cgroup: a tree of search.h */
	uint32_t *alike; /* indexes of s.procs, those with the same memory figures side by side */
	unsigned kcmp_left; /* how many more pairs may be asked whether they share an mm */
	size_t n_swap_lags; /* whose swap the kernel counts otherwise than status shows it */
	size_t n_moving;    /* processes whose memory moved faster than it can be compared */
};

/* All of it. Returns 0, or -errno with *error filled; judge_close() in both cases. */
int judge_machine(struct judge *j, const struct judge_request *req, struct judge_error *error);
/* The same without reading any process: the machine, its memory, the rule of its kernel. Of req
 * root and era count. */
int judge_open(struct judge *j, const struct judge_request *req, struct judge_error *error);
void judge_close(struct judge *j);

/* The processes in the order in which they would be killed; the caller frees *ret. 0 or -ENOMEM. */
int judge_order(const struct judge *j, struct judged **ret);

/* The verdict of one process, by the scope's denominator or by the machine's; what-ifs applied. */
void judge_verdict(const struct judge *j, const struct proc *p, bool by_machine,
		   struct verdict *ret);

/* 1: the model's oom_score and the kernel's agree, 0: they differ, -1: they cannot be compared. */
int judge_agrees(const struct judge *j, const struct proc *p, const struct verdict *by_machine);

/* Who really dies where an index of s.procs is chosen: itself, or a child of it that is not dead[]
 * yet (NULL: nobody is). */
size_t judge_who_dies(const struct judge *j, size_t chosen, const bool *dead);

enum judge_dies {
	DIES_NOT,
	DIES_WITH_GROUP, /* is in the cgroup whose memory.oom.group counts */
	DIES_SHARING_MM, /* its memory is the victim's, and freed with it */
};

/* Whether a reading that was shortened to the first few (judge_request.top) may lack somebody who
 * dies with this process or in its place: a member of its oom.group, a process with the same mm, a
 * child that is sacrificed. sure: also where a process may not be asked about its mm, and all are
 * asked; else since 4.8 only those of nearly the same oom_score. */
bool judge_lacks_company(struct judge *j, size_t victim, bool sure);

/* Who dies with a victim: members of its oom.group, and processes that share its mm. dies[i] is set
 * for index i of s.procs (enum judge_dies), the victim's own not. The cgroups of all are read where
 * a group counts. *group gets the group's path in arena memory, or NULL. Returns how many, or
 * -errno; -EOVERFLOW: too many look alike to tell who shares the mm. */
ssize_t judge_killed_with(struct judge *j, size_t victim, unsigned char *dies, const char **group);

/* Reads more of a process, the cgroup hierarchy opened where that needs it. */
void judge_more(struct judge *j, struct proc *p, unsigned need);

/* The scope of an OOM inside cg, by the rule in force: its limits the denominator, its members the
 * candidates. */
void judge_memcg_scope(struct judge *j, const struct cgroup *cg, struct scope *ret);

/* The memory hierarchy, found at the first call. NULL where there is none. */
const struct cgroupfs *judge_cgroupfs(struct judge *j);

#endif

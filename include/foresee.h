/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom would the OOM of each limited memory cgroup kill first? */
#ifndef OOMKIT_FORESEE_H
#define OOMKIT_FORESEE_H

#include <stddef.h>
#include <stdint.h>

#include "judge.h"
#include "kills.h"
#include "memtree.h"

/* One for each node of the tree. */
struct foreseen {
	bool limited; /* false: an OOM is never this cgroup's own, and nothing else is set */
	enum kills_outcome outcome;
	/* Of KILLS_KILL alone. */
	const struct proc *victim; /* of j->s */
	int64_t badness;           /* of the one that is chosen */
	uint64_t total_pages;      /* the denominator */
	const char *group;         /* memory.oom.group's cgroup; NULL */
	size_t n_group;            /* how many die along with the victim for it */
};

/* The same model and scope as for one cgroup, for all that are shown. j has read every process with
 * its cgroup; t has read MEMTREE_LIMIT, MEMTREE_MEMSW_LIMIT and MEMTREE_OOM_GROUP. The caller frees
 * *ret. Returns 0 or -ENOMEM. */
int foresee(struct judge *j, const struct memtree *t, struct foreseen **ret);

#endif

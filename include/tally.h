/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums over judged processes by a name that some of them share: cgroup, unit, user, tree. */
#ifndef OOMKIT_TALLY_H
#define OOMKIT_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "victim.h"

struct tally_row {
	const char *name;
	size_t processes;               /* all that bear the name, killable or not */
	int64_t badness;                /* of those that can be chosen */
	uint64_t rss_pages, swap_pages; /* of all */
	const struct judged *worst;     /* the one that would be killed first; NULL: none can be */
};

/* order[0..n) as victim_order() made it; names[i] is the name of process index i, NULL leaves it
 * out. The rows are sorted by badness, largest first, then by name. Returns how many (the caller
 * frees *ret) or -ENOMEM. */
ssize_t tally_by_name(const struct snapshot *s, const struct what_if *w, const struct judged *order,
		      size_t n, const char *const *names, struct tally_row **ret);

/* Names every process after the outermost ancestor below pid 1 and 2 (or without a parent here):
 * "comm[pid]". names has s->n_procs rows; arena memory. Returns 0 or -ENOMEM. */
int tally_name_trees(struct snapshot *s, const char **names);

#endif

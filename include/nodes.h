/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory nodes: which ones a list names, how large they are, and who may have memory on them.
 * mm/oom_kill.c constrained_alloc(), oom_cpuset_eligible(); mm/mempolicy.c
 * mempolicy_in_oom_domain().
 */
#ifndef OOMKIT_NODES_H
#define OOMKIT_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "facts.h"
#include "host.h"
#include "str.h"

#define NODES_MAX 1024 /* CONFIG_NODES_SHIFT is 10 at most */

struct nodeset {
	uint64_t bits[NODES_MAX / 64];
};

/* "0", "0-1,3", as mems_allowed is written. Returns 0, -EINVAL or -ERANGE. Nothing is an empty set.
 */
int nodes_parse_list(const char *s, size_t n, struct nodeset *ret);

/* The Mems_allowed of a status: hexadecimal words with commas. */
void nodes_parse_mask(struct str mask, struct nodeset *ret);

bool nodes_intersect(const struct nodeset *a, const struct nodeset *b);
bool nodes_within(const struct nodeset *inner, const struct nodeset *outer);
bool nodes_empty(const struct nodeset *a);

/* The same in words, behind others: "node 0", "nodes 0-1,3". NULL without memory. */
const char *nodes_name(const struct nodeset *a, const char *before, struct arena *arena);

/* What /proc/zoneinfo says: the sums over the nodes of wanted, and which nodes have memory. */
struct nodes_size {
	uint64_t present_pages, spanned_pages;
	struct nodeset memory;
};
void nodes_parse_zoneinfo(const char *buf, size_t n, const struct nodeset *wanted,
			  struct nodes_size *ret);
int nodes_read_size(const struct host *h, const struct nodeset *wanted, struct nodes_size *ret);

/* The policy in the first line of a numa_maps: where its mapping has none of its own, that is the
 * thread's. true where it binds to the nodes of *ret, or (interleaved) is interleaved there. */
bool nodes_parse_policy(const char *buf, size_t n, bool interleaved, struct nodeset *ret);

/* 1: some thread of it may have memory on these nodes, so that it can be chosen; 0: none may;
 * -errno: could not be read. policy: by the threads' memory policies, not by their cpuset. */
int nodes_may_use(const struct host *h, pid_t pid, const struct nodeset *oom, bool policy,
		  bool interleaved);

#endif

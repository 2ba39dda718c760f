/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several OOM kills in a row, as the kernel would make them if nothing else changed. */
#ifndef OOMKIT_KILLS_H
#define OOMKIT_KILLS_H

#include <stddef.h>
#include <stdint.h>

#include "judge.h"

/* Why nobody would be killed although some process could be chosen. */
enum kills_outcome {
	KILLS_KILL,       /* the first of the order is killed */
	KILLS_NOBODY,     /* nobody can be chosen */
	KILLS_PANIC,      /* vm.panic_on_oom */
	KILLS_DISABLED,   /* memory.oom_control: oom_kill_disable */
	KILLS_ALLOCATING, /* vm.oom_kill_allocating_task: whoever asked */
	KILLS_UNKNOWN,    /* what could not be read may change it */
};

struct kills_step {
	size_t chosen;        /* index into s.procs: who has the most points */
	size_t dead;          /* index of who really dies: up to 5.0 it may be a child */
	uint64_t freed_bytes; /* RSS and page tables of all that die; at most, for what is shared is
				 counted each time */
	uint64_t total_bytes; /* up to and with this step */
	int32_t *group;       /* pids that die along */
	size_t n_group;
	bool group_known;       /* false: there may be more that could not be asked about */
	const char *group_path; /* memory.oom.group's cgroup; NULL */
};

/* What an OOM of j's scope would lead to. first: whether anybody can be chosen. */
enum kills_outcome kills_outcome(const struct judge *j, const struct judged *order);
const char *kills_outcome_name(enum kills_outcome o); /* NULL where it is not known */

/* The kills until max of them are made or bytes are freed (0: no bound of that kind). order as
 * judge_order() made it. Returns how many steps (kills_free() them) or -errno. */
ssize_t kills_simulate(struct judge *j, const struct judged *order, size_t max, uint64_t bytes,
		       struct kills_step **ret);
void kills_free(struct kills_step *steps, size_t n);

#endif

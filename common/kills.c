/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who dies, who with it, and who next? mm/oom_kill.c out_of_memory(), oom_kill_process(), repeated.
 * A killed process takes no other's points away: each step is the next of the same order.
 */
#include "kills.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

enum kills_outcome kills_outcome(const struct judge *j, const struct judged *order)
{
	const struct oom_sysctl *sysctl = &j->s.sysctl;
	bool memcg = j->scope.ctx.constraint == CONSTRAINT_MEMCG;

	if (memcg && j->s.cgroup_version == CGROUP_V1 && j->scope_cgroup.oom_kill_disable)
		return KILLS_DISABLED;
	/* 1 spares an OOM that is bound to a part of the memory; 2 spares none. */
	if (sysctl->have_panic_on_oom &&
	    (sysctl->panic_on_oom == 2 ||
	     (sysctl->panic_on_oom == 1 && j->scope.ctx.constraint == CONSTRAINT_NONE)))
		return KILLS_PANIC;
	if (victim_is_allocating_task(j->era, sysctl, j->scope.ctx.constraint))
		return KILLS_ALLOCATING;
	if (j->s.n_procs && order[0].rank)
		return KILLS_KILL;
	for (size_t i = 0; i < j->s.n_procs; i++)
		if (order[i].fate == FATE_UNKNOWN || badness_fate_is_candidate(order[i].fate))
			return KILLS_UNKNOWN;
	return KILLS_NOBODY;
}

const char *kills_outcome_name(enum kills_outcome o)
{
	static const char *const names[] = {
		[KILLS_KILL] = "kill",
		[KILLS_NOBODY] = "nobody",
		[KILLS_PANIC] = "panic",
		[KILLS_DISABLED] = "disabled",
		[KILLS_ALLOCATING] = "allocating_task",
		[KILLS_UNKNOWN] = NULL,
	};

	return names[o];
}

static uint64_t ram_of(const struct judge *j, size_t index)
{
	struct supposed storage;
	const struct proc *p = victim_suppose(&j->what_if, &j->s.procs[index], &storage);
	uint64_t pages = badness_rss_pages(p, j->s.rss_source) +
			 badness_pgtables_pages(&era_table[0], &j->s.machine, p);

	return p->flags & PROC_HAS_MM ? pages * j->s.machine.page_size : 0;
}

/* One kill; marks the dead. */
static int make_step(struct judge *j, size_t chosen, bool *dead, struct kills_step *step)
{
	_cleanup_free_ unsigned char *dies = calloc(j->s.n_procs + 1, 1);
	size_t at = 0;
	ssize_t n;

	if (!dies)
		return -ENOMEM;
	*step = (struct kills_step){ .chosen = chosen };
	step->dead = judge_who_dies(j, chosen, dead);
	n = judge_killed_with(j, step->dead, dies, &step->group_path);
	if (n == -ENOMEM)
		return -ENOMEM;
	/* Who dies along is then known in part: the step tells the part. */
	step->group_known = n >= 0;
	if (n < 0)
		n = (ssize_t)j->s.n_procs;
	step->group = calloc((size_t)n + 1, sizeof(*step->group));
	if (!step->group)
		return -ENOMEM;
	dead[step->dead] = true;
	step->freed_bytes = ram_of(j, step->dead);
	for (size_t i = 0; i < j->s.n_procs; i++) {
		if (!dies[i] || dead[i])
			continue;
		dead[i] = true;
		step->group[at++] = j->s.procs[i].pid;
		if (dies[i] != DIES_SHARING_MM)
			step->freed_bytes += ram_of(j, i);
	}
	step->n_group = at;
	return 0;
}

ssize_t kills_simulate(struct judge *j, const struct judged *order, size_t max, uint64_t bytes,
		       struct kills_step **ret)
{
	_cleanup_free_ bool *dead = calloc(j->s.n_procs + 1, sizeof(*dead));
	struct kills_step *steps = NULL;
	size_t n = 0, size = 0;
	uint64_t total = 0;
	int r = dead ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < j->s.n_procs && order[i].rank; i++) {
		if ((max && n == max) || (bytes && total >= bytes))
			break;
		if (dead[order[i].index])
			continue;
		if (n == size) {
			struct kills_step *more = reallocarray(steps, size + 64, sizeof(*steps));

			if (!more) {
				r = -ENOMEM;
				break;
			}
			steps = more;
			size += 64;
		}
		r = make_step(j, order[i].index, dead, &steps[n]);
		total += r == 0 ? steps[n].freed_bytes : 0;
		if (r == 0)
			steps[n++].total_bytes = total;
		/* A child died in its place: the chosen one is still there, and still the first. */
		if (r == 0 && !dead[order[i].index])
			i--;
	}
	if (r < 0) {
		kills_free(steps, n);
		return r;
	}
	*ret = steps;
	return (ssize_t)n;
}

void kills_free(struct kills_step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(steps[i].group);
	free(steps);
}

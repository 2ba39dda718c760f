/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which order would the kernel take these processes, and who dies with each? mm/oom_kill.c
 * select_bad_process(), oom_kill_process(); mm/memcontrol.c mem_cgroup_get_oom_group(). Facts in,
 * an order out.
 */
#include "victim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

bool victim_in_cgroup(const char *path, const char *cg)
{
	size_t n = strlen(cg);

	while (n > 0 && cg[n - 1] == '/')
		n--;
	return strncmp(path, cg, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

bool victim_in_scope(const struct scope *scope, const char *path)
{
	if (!scope->cgroup)
		return true;
	if (!path)
		return false;
	return scope->cgroup_alone ? strcmp(path, scope->cgroup) == 0
				   : victim_in_cgroup(path, scope->cgroup);
}

static const struct supposition *find_supposition(const struct what_if *w, pid_t pid)
{
	size_t low = 0, high = w ? w->n : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (w->rows[mid].pid == pid)
			return &w->rows[mid];
		if (w->rows[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct proc *victim_suppose(const struct what_if *w, const struct proc *p,
				  struct supposed *storage)
{
	const struct supposition *row = find_supposition(w, p->pid);

	if (!row)
		return p;
	storage->proc = *p;
	if (p->classic) {
		storage->classic = *p->classic;
		storage->proc.classic = &storage->classic;
	}
	if (row->has_adj) {
		storage->proc.oom_score_adj = row->adj;
		storage->proc.have |= HAVE_ADJ;
		storage->classic.have_oom_adj = false;
	}
	if (row->has_grow) {
		storage->proc.rss_stat_pages += row->grow_pages;
		storage->proc.rss_status_pages += row->grow_pages;
		storage->proc.anon_pages += row->grow_pages;
		storage->classic.total_vm_pages += row->grow_pages;
	}
	return &storage->proc;
}

int victim_task_list_compare(const struct proc *a, const struct proc *b)
{
	if ((a->have & HAVE_START) && (b->have & HAVE_START) && a->start_ticks != b->start_ticks)
		return a->start_ticks < b->start_ticks ? -1 : 1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

struct ordering {
	const struct snapshot *s;
	enum era_tie tie;
	bool by_memcg;
};

/* Which of two processes the kernel meets first: < 0 for a. */
static int compare_met(const struct ordering *o, const struct proc *a, const struct proc *b)
{
	if (o->by_memcg && a->memcg_order != b->memcg_order)
		return a->memcg_order < b->memcg_order ? -1 : 1;
	return victim_task_list_compare(a, b);
}

/* Which of two equal processes is taken first: < 0 for a. */
static int compare_equal(const struct ordering *o, const struct proc *a, const struct proc *b)
{
	bool a_thread = a->flags & PROC_ZOMBIE_LEADER, b_thread = b->flags & PROC_ZOMBIE_LEADER;

	if (o->tie == TIE_LAST)
		return compare_met(o, b, a);
	if (o->tie == TIE_FIRST_LEADER) {
		/* Where the leader has exited a mere thread stands for the process: any equal one
		 * that comes later takes its place. */
		if (a_thread != b_thread)
			return a_thread ? 1 : -1;
		if (a_thread)
			return compare_met(o, b, a);
	}
	return compare_met(o, a, b);
}

static int compare_judged(const void *x, const void *y, void *ctx)
{
	const struct judged *a = x, *b = y;
	const struct ordering *o = ctx;
	const struct proc *p = &o->s->procs[a->index], *q = &o->s->procs[b->index];
	bool a_candidate = a->rank != 0, b_candidate = b->rank != 0;

	if (a_candidate != b_candidate)
		return a_candidate ? -1 : 1;
	if (!a_candidate)
		return (p->pid > q->pid) - (p->pid < q->pid);
	if (a->badness != b->badness)
		return a->badness > b->badness ? -1 : 1;
	return compare_equal(o, p, q);
}

static enum era_tie tie_of(const struct era *e, const struct scope *scope)
{
	if (e->tie != TIE_LAST_BUT_MEMCG)
		return e->tie;
	return scope->ctx.constraint == CONSTRAINT_MEMCG ? TIE_FIRST_LEADER : TIE_LAST;
}

static bool same_total(const struct mem_ctx *a, const struct mem_ctx *b)
{
	return a->total_pages == b->total_pages && a->page_size == b->page_size &&
	       a->long_bits == b->long_bits;
}

/* oom_cpuset_eligible(): who can have no memory where it is short is passed over. A memcg has its
 * members from everywhere. */
static bool on_its_nodes(const struct era *e, const struct scope *scope, const struct proc *p)
{
	return e->cpuset != CPUSET_INELIGIBLE || !scope->nodes || !(p->flags & PROC_NODES_APART);
}

static void judge_one(const struct snapshot *s, const struct era *e, const struct scope *scope,
		      const struct what_if *what_if, uint32_t index, struct judged *j)
{
	struct supposed storage;
	const struct proc *p = victim_suppose(what_if, &s->procs[index], &storage);
	const struct mem_ctx *machine = scope->machine.total_pages ? &scope->machine : &s->machine;
	struct verdict v;

	badness(e, &scope->ctx, p, s->rss_source, &v);
	*j = (struct judged){ .index = index,
			      .fate = (uint8_t)v.fate,
			      .badness = v.badness,
			      .known = v.known,
			      .score_known = v.score_known,
			      .score = v.score };
	if (!victim_in_scope(scope, p->have & HAVE_CGROUP ? p->cgroup : NULL)) {
		j->fate = p->have & HAVE_CGROUP ? FATE_OUT_OF_SCOPE : FATE_UNKNOWN;
		j->known = false;
	} else if (!on_its_nodes(e, scope, p)) {
		j->fate = FATE_OUT_OF_SCOPE;
		j->known = false;
	}
	j->rank = j->known && badness_fate_is_candidate((enum fate)j->fate);
	/* /proc knows one denominator alone: the machine's. */
	if (!same_total(&scope->ctx, machine)) {
		badness(e, machine, p, s->rss_source, &v);
		j->score = v.score;
		j->score_known = v.score_known;
	}
}

int victim_order(const struct snapshot *s, const struct era *e, const struct scope *scope,
		 const struct what_if *what_if, struct judged **ret)
{
	struct judged *order = malloc((s->n_procs + 1) * sizeof(*order));
	struct ordering o = { .s = s, .tie = tie_of(e, scope), .by_memcg = scope->by_memcg };

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_procs; i++)
		judge_one(s, e, scope, what_if, (uint32_t)i, &order[i]);
	qsort_r(order, s->n_procs, sizeof(*order), compare_judged, &o);
	for (size_t i = 0; i < s->n_procs && order[i].rank; i++)
		order[i].rank = (uint32_t)i + 1;
	*ret = order;
	return 0;
}

/* Whether the kernel would kill this child in place of its parent, and with how many points. */
static bool can_be_sacrificed(const struct era *e, const struct scope *scope,
			      const struct what_if *what_if, const struct proc *child,
			      enum rss_source rss, int64_t *points)
{
	struct supposed storage;
	struct verdict v;

	if (!(child->flags & PROC_HAS_MM))
		return false;
	if (e->sacrifice != SACRIFICE_WORST_OF_ALL && (child->flags & PROC_VFORK))
		return false;
	if (!victim_in_scope(scope, child->have & HAVE_CGROUP ? child->cgroup : NULL) ||
	    !on_its_nodes(e, scope, child))
		return false;
	badness(e, &scope->ctx, victim_suppose(what_if, child, &storage), rss, &v);
	*points = v.badness;
	return v.known;
}

size_t victim_who_dies(const struct snapshot *s, const struct era *e, const struct scope *scope,
		       const struct what_if *what_if, const bool *dead, size_t chosen)
{
	const struct proc *parent = &s->procs[chosen];
	size_t best = chosen;
	int64_t best_points = 0;

	if (e->sacrifice == SACRIFICE_NONE)
		return chosen;
	for (size_t i = 0; i < s->n_procs; i++) {
		const struct proc *child = &s->procs[i];
		bool older = best == chosen || victim_task_list_compare(child, &s->procs[best]) < 0;
		int64_t points;

		if (i == chosen || (dead && dead[i]) || !(child->have & HAVE_PPID) ||
		    child->ppid != parent->pid ||
		    !can_be_sacrificed(e, scope, what_if, child, s->rss_source, &points))
			continue;
		if (e->sacrifice == SACRIFICE_FIRST_CHILD) {
			if (older)
				best = i;
		} else if (points > best_points ||
			   (points == best_points && best != chosen && older)) {
			best = i;
			best_points = points;
		}
	}
	return best;
}

bool victim_group_counts(const struct era *e, const char *victim_cgroup, const char *domain)
{
	if (!e->oom_group || !victim_cgroup || strcmp(victim_cgroup, "/") == 0)
		return false;
	return !domain || !e->group_inside_only || victim_in_cgroup(victim_cgroup, domain);
}

bool victim_dies_with_group(const struct proc *p)
{
	if (p->flags & (PROC_GLOBAL_INIT | PROC_KTHREAD))
		return false;
	return !((p->have & HAVE_ADJ) && p->oom_score_adj == -1000);
}

bool victim_is_allocating_task(const struct era *e, const struct oom_sysctl *sysctl,
			       enum constraint c)
{
	return e->allocating_task && sysctl->have_oom_kill_allocating_task &&
	       sysctl->oom_kill_allocating_task && c != CONSTRAINT_MEMCG;
}

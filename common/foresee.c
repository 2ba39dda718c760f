/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who dies first in each limited memory cgroup? mm/memcontrol.c mem_cgroup_out_of_memory(), once
 * for every cgroup that has a limit. Each is judged with its own members alone: on a machine with
 * thousands of both, all against all would take minutes.
 */
#include "foresee.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "memcg.h"

/* A process and the node that it is in. */
struct member {
	uint32_t node;
	uint32_t proc; /* index of j->s.procs */
};

struct members {
	struct member *v; /* by node: those of a node and of all below it stand together */
	size_t n;
	bool some_unknown; /* of some process it is not known where it is */
};

/* The nodes by their paths. */
struct index {
	const struct memtree *t;
	uint32_t *by_path;
};

static int compare_paths(const void *a, const void *b, void *ctx)
{
	const struct memtree *t = ctx;

	return strcmp(t->nodes[*(const uint32_t *)a].path, t->nodes[*(const uint32_t *)b].path);
}

static int make_index(struct index *x, const struct memtree *t)
{
	x->t = t;
	x->by_path = malloc((t->n + 1) * sizeof(*x->by_path));
	if (!x->by_path)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++)
		x->by_path[i] = (uint32_t)i;
	qsort_r(x->by_path, t->n, sizeof(*x->by_path), compare_paths, (void *)t);
	return 0;
}

static int compare_text(const char *path, const char *text, size_t n)
{
	int c = strncmp(path, text, n);

	return c ? c : path[n] != '\0';
}

static uint32_t find(const struct index *x, const char *text, size_t n)
{
	size_t low = 0, high = x->t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = compare_text(x->t->nodes[x->by_path[mid]].path, text, n);

		if (c == 0)
			return x->by_path[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return MEMTREE_NONE;
}

/* The node of a cgroup, or of the nearest above it that was read: a cgroup may have been removed,
 * or have no memory controller. */
static uint32_t node_of(const struct index *x, const char *cgroup)
{
	size_t n = cgroupfs_name_length(cgroup);
	uint32_t at = find(x, cgroup, n);

	while (at == MEMTREE_NONE && n > 1) {
		while (n > 1 && cgroup[n - 1] != '/')
			n--;
		n -= n > 1;
		at = find(x, cgroup, n);
	}
	return at;
}

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (x->proc > y->proc) - (x->proc < y->proc);
}

static int find_members(const struct judge *j, const struct memtree *t, struct members *m)
{
	struct index x;

	if (make_index(&x, t) < 0)
		return -ENOMEM;
	m->v = malloc((j->s.n_procs + 1) * sizeof(*m->v));
	for (size_t i = 0; m->v && i < j->s.n_procs; i++) {
		const struct proc *p = &j->s.procs[i];
		uint32_t node = p->have & HAVE_CGROUP ? node_of(&x, p->cgroup) : MEMTREE_NONE;

		m->some_unknown |= !(p->have & HAVE_CGROUP) && !(p->flags & PROC_KTHREAD);
		if (node != MEMTREE_NONE)
			m->v[m->n++] = (struct member){ node, (uint32_t)i };
	}
	if (m->v)
		qsort(m->v, m->n, sizeof(*m->v), compare_members);
	free(x.by_path);
	return m->v ? 0 : -ENOMEM;
}

/* The first member of a node at or behind that one. */
static size_t first_of(const struct members *m, uint32_t node)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->v[mid].node < node)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int compare_indexes(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The processes from..to as a snapshot of their own, by pid as ever. origin[i]: the place of
 * procs[i] in all. */
static int take_members(const struct judge *j, const struct members *m, size_t from, size_t to,
			struct snapshot *s, uint32_t **origin)
{
	size_t n = to - from;

	*s = j->s;
	s->n_procs = s->n_pids = n;
	s->listed = NULL;
	s->procs = malloc((n + 1) * sizeof(*s->procs));
	*origin = malloc((n + 1) * sizeof(**origin));
	if (!s->procs || !*origin)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		(*origin)[i] = m->v[from + i].proc;
	qsort(*origin, n, sizeof(**origin), compare_indexes);
	for (size_t i = 0; i < n; i++)
		s->procs[i] = j->s.procs[(*origin)[i]];
	return 0;
}

/* The highest from the victim's node up to the cgroup that is out of memory whose oom.group is set:
 * mem_cgroup_get_oom_group(). */
static void find_group(const struct judge *j, const struct memtree *t, const struct members *m,
		       uint32_t top, const struct snapshot *s, const struct proc *dead,
		       struct foreseen *f)
{
	const struct memtree_node *group = NULL;
	uint32_t at = t->nodes[top].end;

	if (j->s.cgroup_version != CGROUP_V2 ||
	    !victim_group_counts(j->era, dead->cgroup, t->nodes[top].path))
		return;
	/* The victim's node is the last before top's end that holds it. */
	for (size_t i = first_of(m, top); i < m->n && m->v[i].node < t->nodes[top].end; i++)
		if (j->s.procs[m->v[i].proc].pid == dead->pid)
			at = m->v[i].node;
	for (; at != MEMTREE_NONE && at >= top && at < t->nodes[top].end; at = t->nodes[at].parent)
		if (t->nodes[at].oom_group)
			group = &t->nodes[at];
	if (!group)
		return;
	f->group = group->path;
	for (size_t i = 0; i < s->n_procs; i++)
		f->n_group += s->procs[i].pid != dead->pid &&
			      victim_in_cgroup(s->procs[i].cgroup, group->path) &&
			      victim_dies_with_group(&s->procs[i]);
}

/* One limited cgroup. What of it is read anew is what the rule is built on, as for any scope. */
static int foresee_one(struct judge *j, const struct memtree *t, const struct members *m,
		       uint32_t node, bool by_memcg, struct foreseen *f)
{
	_cleanup_free_ struct judged *order = NULL;
	_cleanup_free_ uint32_t *origin = NULL;
	struct judge one = *j;
	size_t from, to, dead;
	int r = cgroupfs_read(judge_cgroupfs(j), &j->host, t->nodes[node].path, &j->s.arena,
			      &one.scope_cgroup);

	f->outcome = KILLS_UNKNOWN;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	judge_memcg_scope(j, &one.scope_cgroup, &one.scope);
	one.scope.by_memcg = by_memcg;
	f->total_pages = one.scope.ctx.total_pages;
	from = first_of(m, node);
	to = first_of(m, one.scope.cgroup_alone ? node + 1 : t->nodes[node].end);
	r = take_members(j, m, from, to, &one.s, &origin);
	if (r == 0)
		r = judge_order(&one, &order);
	if (r == 0)
		f->outcome = kills_outcome(&one, order);
	if (f->outcome == KILLS_NOBODY && m->some_unknown)
		f->outcome = KILLS_UNKNOWN;
	if (r == 0 && f->outcome == KILLS_KILL) {
		dead = judge_who_dies(&one, order[0].index, NULL);
		f->victim = &j->s.procs[origin[dead]];
		f->badness = order[0].badness;
		find_group(j, t, m, node, &one.s, f->victim, f);
	}
	free(one.s.procs);
	return r;
}

static size_t mark_limited(const struct memtree *t, struct foreseen *f)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		f[i].limited = t->nodes[i].shown && memtree_is_limited(&t->nodes[i]);
		n += f[i].limited;
	}
	return n;
}

int foresee(struct judge *j, const struct memtree *t, struct foreseen **ret)
{
	const struct cgroupfs *fs = judge_cgroupfs(j);
	struct foreseen *f = calloc(t->n + 1, sizeof(*f));
	struct members m = { 0 };
	bool by_memcg;
	int r = f ? find_members(j, t, &m) : -ENOMEM;

	if (r == 0 && mark_limited(t, f)) {
		/* Up to 3.5 it went through the list of all tasks, as the machine's OOM does. The
		 * order within a cgroup is the same whichever of those above it the walk begins at.
		 */
		by_memcg = era_kver_compare(j->era->since, (struct kver){ 3, 6, 0 }) >= 0 &&
			   memcg_read_order(fs, &j->host, fs->mount_root, false, &j->s) == 0;
		for (size_t i = 0; r == 0 && i < t->n; i++)
			if (f[i].limited)
				r = foresee_one(j, t, &m, (uint32_t)i, by_memcg, &f[i]);
	}
	free(m.v);
	if (r < 0)
		free(f);
	else
		*ret = f;
	return r;
}

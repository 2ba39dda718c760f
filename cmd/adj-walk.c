/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has everybody who is meant the value, those too who were forked meanwhile? The first pass sets;
 * the passes behind it look for whoever slipped in between. A process is known by its pid and start
 * time.
 */
#include "adj.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base.h"

#define PAUSE_NSEC   10000000
#define SETTLE_NSEC  100000000
#define QUIET_PASSES 2u
/* kcmp(2) calls of one run: 0.4 us each. */
#define KCMP_MAX  200000
#define ALONG_MAX 64

static bool is_walked(enum target_kind kind)
{
	return adj_is_cgroup(kind) || kind == TARGET_TREE;
}

static bool is_tree(enum target_kind kind)
{
	return kind == TARGET_TREE;
}

/* The targets of those kinds; the texts stay the spec's. */
static int some_targets(const struct select_spec *all, bool (*wanted)(enum target_kind kind),
			struct select_spec *ret)
{
	*ret = (struct select_spec){ .targets = calloc(all->n + 1, sizeof(*ret->targets)) };
	if (!ret->targets)
		return -ENOMEM;
	for (size_t i = 0; i < all->n; i++)
		if (wanted(all->targets[i].kind))
			ret->targets[ret->n++] = all->targets[i];
	return 0;
}

static bool names_pid(const struct select_spec *spec, pid_t pid)
{
	for (size_t i = 0; i < spec->n; i++)
		if (spec->targets[i].kind == TARGET_PID && spec->targets[i].pid == pid)
			return true;
	return false;
}

static struct change *find(const struct changes *c, const struct proc *p)
{
	for (size_t i = c->n; i > 0; i--) {
		struct change *known = &c->v[i - 1];

		if (known->target.pid == p->pid &&
		    (!known->target.has_start || !(p->have & HAVE_START) ||
		     known->target.start_ticks == p->start_ticks))
			return known;
	}
	return NULL;
}

static struct change *add(struct changes *c, const struct proc *p)
{
	struct change *ret;

	if (c->n == c->size) {
		size_t size = c->size ? c->size * 2 : 64;
		struct change *v = reallocarray(c->v, size, sizeof(*v));

		if (!v)
			return NULL;
		c->v = v;
		c->size = size;
	}
	ret = &c->v[c->n++];
	*ret = (struct change){ .target = { .pid = p->pid,
					    .start_ticks = p->start_ticks,
					    .has_start = (p->have & HAVE_START) != 0 } };
	if (p->have & HAVE_COMM)
		ret->comm = arena_strndup(&c->arena, p->comm, strlen(p->comm));
	return ret;
}

/* ------------------------------------------------------------------ one process */

/* A step is made once: a child has it from its parent, or not yet. Returns false where that cannot
 * be told; *has_it otherwise. */
static bool has_step(const struct changes *c, const struct adj_view *v, const struct proc *p,
		     bool *has_it)
{
	const struct proc *parent = p->have & HAVE_PPID ? snapshot_find(&v->s, p->ppid) : NULL;
	const struct change *known = parent ? find(c, parent) : NULL;
	enum policy_heir heir;

	heir = policy_heir(known && known->done.has_from ? &known->done.plan : NULL,
			   p->oom_score_adj);
	*has_it = heir == HEIR_STEPPED;
	return heir != HEIR_UNKNOWN;
}

/* Who shares its memory is asked while it is still there. */
static void find_along(struct changes *c, const struct adj_view *v, struct change *change,
		       const pid_t *pids, size_t n_pids)
{
	int32_t found[ALONG_MAX];
	size_t n, kept = 0;

	if (!change->done.has_mm || change->done.is_kernel || change->done.end == ADJUST_GONE)
		return;
	n = adjust_sharers(&v->host, change->target.pid, pids, n_pids, found, ALONG_MAX,
			   &c->budget);
	/* A thread's process is no other one. */
	for (size_t i = 0; i < n; i++)
		if (found[i] != change->done.leader)
			found[kept++] = found[i];
	change->n_along = kept;
	if (change->n_along == 0)
		return;
	change->along = arena_alloc(&c->arena, change->n_along * sizeof(*found));
	if (change->along)
		memcpy(change->along, found, change->n_along * sizeof(*found));
	else
		change->n_along = 0;
}

/* ------------------------------------------------------------------ one pass */

struct pass {
	const struct adj *a;
	struct adj_view *v;
	struct changes *c;
	bool *in_tree; /* of the view's processes: of a tree that is meant */
	pid_t *pids;   /* all that are listed */
	size_t n_pids;
	size_t n_other; /* how many had another value than they are to have */
	int value;      /* which that is, where it is no step */
	bool first;
	bool listed; /* the view holds those alone that have another value */
};

/* It ended before it could be set: what it forked may have its value. */
static bool has_escaped(const struct pass *pass, const struct proc *p)
{
	if (pass->listed)
		return true;
	return !pass->a->wish.relative && (p->have & HAVE_ADJ) && p->oom_score_adj != pass->value;
}

static int take_new(struct pass *pass, const struct proc *p, size_t i)
{
	const struct policy_wish nothing = { .relative = true };
	const struct policy_wish *wish = &pass->a->wish;
	struct change *change;
	bool stepped = false, told = true;

	if (!pass->first && wish->relative)
		told = has_step(pass->c, pass->v, p, &stepped);
	else if (!pass->first && (p->have & HAVE_ADJ) && p->oom_score_adj == pass->value)
		return 0;
	change = add(pass->c, p);
	if (!change)
		return -ENOMEM;
	change->in_tree = pass->in_tree[i];
	change->named = names_pid(&pass->a->targets, p->pid);
	if (!told) {
		/* It is left as it is: a step too many would be worse than one too few. */
		adjust_process(&pass->v->host, &change->target, &nothing, true, &change->done);
		change->left = change->done.end == ADJUST_DONE;
		pass->c->unsettled |= change->left;
		return 0;
	}
	adjust_process(&pass->v->host, &change->target, stepped ? &nothing : wish, pass->a->dry_run,
		       &change->done);
	pass->n_other += change->done.end == ADJUST_GONE
				 ? has_escaped(pass, p)
				 : change->done.plan.to != change->done.plan.from;
	find_along(pass->c, pass->v, change, pass->pids, pass->n_pids);
	return 0;
}

/* Somebody else may have set a known process again. */
static void take_known(struct pass *pass, const struct proc *p, struct change *change)
{
	struct policy_wish back = { .value = change->done.plan.to };
	struct adjust again;

	if (change->done.end != ADJUST_DONE || !(p->have & HAVE_ADJ) ||
	    p->oom_score_adj == change->done.plan.to)
		return;
	adjust_process(&pass->v->host, &change->target, &back, false, &again);
	if (again.end == ADJUST_GONE)
		return;
	pass->n_other++;
	if (again.end == ADJUST_DONE)
		return;
	again.plan.from = change->done.plan.from;
	change->done = again;
}

/* Who belongs to a tree: those whom a target means, who was seen in it before, and the descendants
 * of both. */
static int find_trees(struct pass *pass, const struct select_spec *trees)
{
	struct adj_view *v = pass->v;
	_cleanup_free_ bool *missed = calloc(trees->n + 1, sizeof(*missed));
	bool more = true;
	ssize_t n;

	pass->in_tree = calloc(v->s.n_procs + 1, sizeof(*pass->in_tree));
	if (!pass->in_tree || !missed)
		return -ENOMEM;
	if (trees->n == 0)
		return 0;
	n = select_match(trees, &v->host, &v->s, host_self(&v->host), pass->in_tree, missed);
	if (n < 0)
		return (int)n;
	for (size_t i = 0; i < v->s.n_procs; i++) {
		const struct change *known = find(pass->c, &v->s.procs[i]);

		pass->in_tree[i] |= known && known->in_tree;
	}
	while (more) {
		more = false;
		for (size_t i = 0; i < v->s.n_procs; i++) {
			const struct proc *p = &v->s.procs[i], *parent;

			if (pass->in_tree[i] || !(p->have & HAVE_PPID))
				continue;
			parent = snapshot_find(&v->s, p->ppid);
			if (parent && pass->in_tree[parent - v->s.procs])
				more = pass->in_tree[i] = true;
		}
	}
	for (size_t i = 0; i < v->s.n_procs; i++)
		v->chosen[i] |= pass->in_tree[i];
	return 0;
}

static int run_pass(struct pass *pass)
{
	struct adj_view *v = pass->v;
	pid_t self = host_self(&v->host);
	ssize_t n = host_list_pids(&v->host, &pass->pids);
	int r = 0;

	pass->n_pids = n > 0 ? (size_t)n : 0;
	pass->c->last_first = pass->c->n;
	for (size_t i = 0; r == 0 && i < v->s.n_procs; i++) {
		const struct proc *p = &v->s.procs[i];
		struct change *known;

		if (!v->chosen[i])
			continue;
		/* A kernel thread is never killed; only who names its pid means it. */
		if ((p->flags & PROC_KTHREAD || p->pid == self) &&
		    !names_pid(&pass->a->targets, p->pid))
			continue;
		known = find(pass->c, p);
		if (known)
			take_known(pass, p, known);
		else
			r = take_new(pass, p, i);
	}
	free(pass->pids);
	pass->pids = NULL;
	return r;
}

/* ------------------------------------------------------------------ all passes */

static bool is_known(const struct changes *c, pid_t pid)
{
	for (size_t i = c->n; i > 0; i--)
		if (c->v[i - 1].target.pid == pid)
			return c->v[i - 1].done.end != ADJUST_GONE;
	return false;
}

/* Of cgroups those members that have another value, of trees all that /proc lists. */
static int look_again(struct pass *pass, const struct select_spec *again)
{
	struct pids members = { 0 }, others = { 0 };
	struct adj_view *v = pass->v;
	struct changes *c = pass->c;
	int r = c->dirs ? adj_members(&v->host, c->dirs, again->n, &members) : -ENOENT;

	c->escaped = 0;
	pass->listed = r == 0;
	if (!pass->listed) {
		r = r == -ENOMEM ? r : adj_view_again(v, again, SNAPSHOT_ADJ);
	} else {
		r = adj_look(&v->host, &members, pass->a->wish.relative ? NULL : &pass->value,
			     &c->good, &others, &c->escaped);
		if (r == 0)
			r = adj_view_of(v, again, SNAPSHOT_ADJ, &others);
		for (size_t i = 0; r == 0 && i < others.n; i++)
			c->escaped +=
				!snapshot_find(&v->s, others.v[i]) && !is_known(c, others.v[i]);
	}
	free(members.v);
	free(others.v);
	return r;
}

/* again: the targets to be read again, none on the first pass, whose view is there already. */
static int do_pass(struct adj *a, struct adj_view *v, struct changes *c,
		   const struct select_spec *again, const struct select_spec *trees,
		   size_t *n_other)
{
	struct pass pass = { .a = a, .v = v, .c = c, .first = again == NULL };
	int r;

	pass.value = policy_in_range(a->wish.value);
	r = again ? look_again(&pass, again) : 0;
	if (r == 0)
		r = find_trees(&pass, trees);
	if (r == 0)
		r = run_pass(&pass);
	free(pass.in_tree);
	*n_other = pass.n_other + c->escaped;
	return r;
}

static bool has_changed(const struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].done.end == ADJUST_DONE &&
		    c->v[i].done.plan.from != c->v[i].done.plan.to)
			return true;
	return false;
}

/*
 * A child has the value that its parent had when fork(2) began, and is in no list until it is
 * through: kernel/fork.c copy_process() calls copy_signal() before copy_mm(), which takes its time,
 * and cgroup_post_fork() at the end. So where somebody was set there is one more look, later.
 */
static int do_passes(struct adj *a, struct adj_view *v, struct changes *c,
		     const struct select_spec *again, const struct select_spec *trees)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NSEC };
	const struct timespec settle = { .tv_nsec = SETTLE_NSEC };
	size_t n_other = 0;
	int r = do_pass(a, v, c, NULL, trees, &n_other);
	unsigned quiet = n_other == 0;

	if (r < 0 || again->n == 0 || a->dry_run || a->recheck == 0)
		return r;
	while (r == 0 && quiet < QUIET_PASSES + (has_changed(c) ? 1u : 0u) &&
	       c->passes < a->recheck) {
		nanosleep(quiet < QUIET_PASSES ? &pause : &settle, NULL);
		r = do_pass(a, v, c, again, trees, &n_other);
		c->passes++;
		quiet = n_other ? 0 : quiet + 1;
	}
	c->unsettled |= quiet < QUIET_PASSES;
	return r;
}

int adj_walk(struct adj *a, const struct env *env, struct adj_view *v, struct changes *c)
{
	struct select_spec again, trees = { 0 };
	int r = some_targets(&a->targets, is_walked, &again);

	c->budget = KCMP_MAX;
	if (r == 0)
		r = some_targets(&again, is_tree, &trees);
	if (r == 0 && again.n && trees.n == 0 &&
	    adj_find_dirs(v, &again, &c->arena, &c->dirs) == -ENOMEM)
		r = -ENOMEM;
	if (r == 0)
		r = do_passes(a, v, c, &again, &trees);
	free(c->good.v);
	free(trees.targets);
	free(again.targets);
	if (r == 0)
		return EXIT_DONE;
	cli_error(env, "adj", "the processes", strerror(-r), NULL);
	return EXIT_USAGE;
}

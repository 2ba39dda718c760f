/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes has a target of protect, what do they have, and what are they given now? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "protect.h"

/* ------------------------------------------------------------------ who they are */

/* An instance that declares a value of its own has that, and not its template's. */
static bool has_own(const struct adj_view *v, const char *unit)
{
	_cleanup_free_ char *text = NULL;
	struct init_declared declared;
	char path[512];
	ssize_t n;

	if (init_file(&v->host, INIT_SYSTEMD, unit, path, sizeof(path)) < 0)
		return false;
	n = host_read_all(&v->host, path, 1 << 20, &text);
	return n >= 0 && init_parse(INIT_SYSTEMD, text, (size_t)n, &declared);
}

static bool is_listed(const struct select_spec *spec, const char *unit)
{
	for (size_t i = 0; i < spec->n; i++)
		if (strcmp(spec->targets[i].text, unit) == 0)
			return true;
	return false;
}

/* The instances that run of a template. */
static int instances_of(struct adj_view *v, const struct item *item, struct select_spec *spec)
{
	struct select_spec template = { 0 };
	struct arena arena = { 0 };
	int r = select_add(&template, TARGET_UNIT, item->target);

	if (r == 0)
		r = adj_view_again(v, &template, SNAPSHOT_CGROUP);
	for (size_t i = 0; r == 0 && i < v->s.n_procs; i++) {
		struct cgroup_meaning meaning;
		char of[256];

		if (v->chosen[i] && (v->s.procs[i].have & HAVE_CGROUP) &&
		    cgroupfs_meaning(v->s.procs[i].cgroup, &arena, &meaning) == 0 && meaning.unit &&
		    init_template(meaning.unit, of, sizeof(of)) && strcmp(of, item->target) == 0 &&
		    !is_listed(spec, meaning.unit) && !has_own(v, meaning.unit))
			r = select_add(spec, TARGET_UNIT, meaning.unit);
	}
	select_free(&template);
	arena_free(&arena);
	return r;
}

/* Each with a main process of its own. systemd's units are cgroups; another init has noted whom it
 * started. The spec stays empty where nobody runs, or it cannot be told who. */
static int targets_of(const struct protect *p, struct adj_view *v, struct item *item,
		      struct select_spec *spec)
{
	char text[16];
	int pid;

	*spec = (struct select_spec){ 0 };
	if (item->is_unit && p->init == INIT_SYSTEMD && strstr(item->target, "@."))
		return instances_of(v, item, spec);
	if (!item->is_unit || p->init == INIT_SYSTEMD)
		return select_add(spec, item->kind, item->target);
	if (!v->host.live)
		return 0;
	pid = init_main_pid(&v->host, p->init, item->target);
	item->untold = pid < 0;
	snprintf(text, sizeof(text), "%d", pid);
	return pid > 0 ? select_add(spec, TARGET_TREE, text) : 0;
}

/* The process of a unit that init started: the oldest whose parent is outside. */
static const struct proc *main_of(const struct adj_view *v)
{
	const struct proc *ret = NULL;

	for (size_t i = 0; i < v->s.n_procs; i++) {
		const struct proc *p = &v->s.procs[i], *parent;

		if (!v->chosen[i])
			continue;
		parent = snapshot_find(&v->s, p->ppid);
		if (parent && v->chosen[parent - v->s.procs])
			continue;
		if (!ret || p->start_ticks < ret->start_ticks)
			ret = p;
	}
	return ret;
}

/* Whoever is nobody's child among those that are meant was not forked by one of them. */
static bool is_child(const struct adj_view *v, const struct proc *p)
{
	const struct proc *parent = snapshot_find(&v->s, p->ppid);

	return parent && v->chosen[parent - v->s.procs];
}

static enum live_state state_of(const struct item *item, const struct adj_view *v,
				const struct proc *p, const struct proc *main)
{
	bool child = item->is_unit ? p != main : is_child(v, p);

	if (p->oom_score_adj == item->declared.value)
		return child ? LIVE_INHERITED : LIVE_MAIN;
	return child && item->declared.main_only ? LIVE_OWN : LIVE_DRIFT;
}

/* ------------------------------------------------------------------ what they have */

static int see_one(struct adj_view *v, struct items *items, struct item *item,
		   const struct target *target)
{
	const struct select_spec one = { .targets = (struct target *)(uintptr_t)target, .n = 1 };
	const struct proc *main;
	struct live *live;
	int r = adj_view_again(v, &one, SNAPSHOT_ADJ);

	if (r < 0)
		return r == -ENOENT || r == -ENODATA ? 0 : r;
	live = arena_alloc(&items->arena, (item->n_live + v->n_chosen + 1) * sizeof(*live));
	if (!live)
		return -ENOMEM;
	if (item->n_live)
		memcpy(live, item->live, item->n_live * sizeof(*live));
	item->live = live;
	main = item->is_unit ? main_of(v) : NULL;
	for (size_t i = 0; i < v->s.n_procs; i++) {
		const struct proc *proc = &v->s.procs[i];

		if (!v->chosen[i] || !(proc->have & HAVE_ADJ) || proc->flags & PROC_KTHREAD)
			continue;
		item->live[item->n_live++] = (struct live){
			.pid = proc->pid,
			.comm = proc->have & HAVE_COMM ? arena_strndup(&items->arena, proc->comm,
								       strlen(proc->comm))
						       : NULL,
			.value = proc->oom_score_adj,
			.state = state_of(item, v, proc, main),
		};
	}
	return 0;
}

int protect_see(const struct protect *p, struct adj_view *v, struct items *items, struct item *item)
{
	struct select_spec spec;
	int r = targets_of(p, v, item, &spec);

	item->n_live = 0;
	if (r == -ENOENT || r == -ENODATA)
		r = 0;
	for (size_t i = 0; r == 0 && i < spec.n; i++)
		r = see_one(v, items, item, &spec.targets[i]);
	select_free(&spec);
	return r;
}

/* ------------------------------------------------------------------ what they are given now */

static void tell_failure(const struct env *env, const struct adj_view *v, struct item *item,
			 const struct change *change, bool first)
{
	char name[64];

	item->forbidden |= adj_is_forbidden(change);
	item->state = ITEM_FAILED;
	snprintf(name, sizeof(name), "%d%s%s%s", (int)change->target.pid, change->comm ? " (" : "",
		 change->comm ? change->comm : "", change->comm ? ")" : "");
	cli_error(env, "protect", name, adj_error_of(change),
		  change->done.end == ADJUST_FLOOR && first ? adj_lack_help(adjust_lack(&v->host))
							    : NULL);
}

/* Returns whether the target in a is its main process alone now, the same that was seen. */
static bool narrow_to_main(struct adj *a, struct adj_view *v)
{
	const struct proc *main = main_of(v);
	uint64_t start_ticks = main ? main->start_ticks : 0;
	char pid[16];

	select_free(&a->targets);
	snprintf(pid, sizeof(pid), "%d", main ? (int)main->pid : 0);
	return main && select_add(&a->targets, TARGET_PID, pid) == 0 &&
	       adj_view_again(v, &a->targets, SNAPSHOT_ADJ) == 0 && v->s.n_procs == 1 &&
	       v->s.procs[0].start_ticks == start_ticks;
}

static void set_one(const struct env *env, struct adj_view *v, struct item *item,
		    const struct target *target)
{
	struct adj a = { .wish = { .value = item->declared.value }, .recheck = 10 };
	struct changes c = { 0 };
	bool first = true;

	if (select_add(&a.targets, target->kind, target->text) < 0 ||
	    adj_view_again(v, &a.targets, SNAPSHOT_ADJ) < 0)
		return select_free(&a.targets);
	adj_find_missed(v, &a.targets);
	if (v->missed[0] || (item->declared.main_only && !narrow_to_main(&a, v)))
		return select_free(&a.targets);
	if (adj_walk(&a, env, v, &c) != EXIT_DONE)
		item->state = ITEM_FAILED;
	for (size_t i = 0; i < c.n; i++) {
		const struct change *change = &c.v[i];

		item->changed |= change->done.end == ADJUST_DONE &&
				 change->done.plan.from != change->done.plan.to;
		if (!adj_has_failed(change))
			continue;
		tell_failure(env, v, item, change, first);
		first &= change->done.end != ADJUST_FLOOR;
	}
	if (c.unsettled) {
		cli_error(env, "protect", item->target,
			  "new processes came faster than they were set",
			  "again, or oomkit adj --freeze");
		item->state = ITEM_FAILED;
	}
	free(c.v);
	arena_free(&c.arena);
	select_free(&a.targets);
}

void protect_set(const struct protect *p, const struct env *env, struct adj_view *v,
		 struct item *item)
{
	struct select_spec spec;

	if (targets_of(p, v, item, &spec) == 0)
		for (size_t i = 0; i < spec.n; i++)
			set_one(env, v, item, &spec.targets[i]);
	select_free(&spec);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain TARGET: the page of one process. */
#include <errno.h>
#include <string.h>

#include "advice.h"
#include "base.h"
#include "explain.h"
#include "uncounted.h"

/* ------------------------------------------------------------------ inside its own cgroup */

/* Its subject in an OOM of the nearest limited cgroup above it. Returns 1, 0 where there is none,
 * or -errno. */
static int find_own_cgroup(struct explain *c, struct scope *own, struct cgroup *cg,
			   struct tell_subject *there)
{
	struct judge *j = &c->g.j;
	const struct cgroupfs *fs = judge_cgroupfs(j);
	const struct proc *p = &j->s.procs[c->x.index];
	_cleanup_free_ struct judged *order = NULL;
	int r = 0;

	*there = c->x;
	if (fs && (p->have & HAVE_CGROUP) && (p->flags & PROC_HAS_MM))
		r = cgroupfs_nearest_limited(fs, &j->host, p->cgroup, &j->s.arena, cg);
	j->limit_unread |= r < 0 && r != -ENOENT;
	if (r <= 0 || (j->scope.cgroup && strcmp(j->scope.cgroup, cg->path) == 0))
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < j->s.n_procs; i++)
		judge_more(j, &j->s.procs[i], SNAPSHOT_CGROUP);
	judge_memcg_scope(j, cg, own);
	r = victim_order(&j->s, j->era, own, &j->what_if, &order);
	for (size_t i = 0; r == 0 && i < j->s.n_procs; i++)
		if (order[i].index == c->x.index) {
			badness(j->era, &own->ctx, c->x.proc, j->s.rss_source, &there->scope);
			tell_subject(there, order, j->s.n_procs, i);
		}
	/* The order is given back: nobody may look at a neighbour there. */
	there->before = there->after = there->rival = NULL;
	return r < 0 ? r : 1;
}

static void put_own_cgroup(struct explain *c, const struct scope *own,
			   const struct tell_subject *there)
{
	out_object(c->o, "own_cgroup");
	out_field(c->o, "where", cell_str(own->ctx.where));
	out_field(c->o, "total_pages", cell_uint(own->ctx.total_pages));
	out_field(c->o, "rank", explain_fact(there->rank, cell_uint(there->rank)));
	out_field(c->o, "of", cell_uint(there->of));
	out_field(c->o, "badness", explain_fact(there->known, cell_int(there->scope.badness)));
	out_end(c->o);
}

static void put_inside(struct explain *c)
{
	struct tell_subject there;
	struct cgroup cg;
	struct scope own;

	if (find_own_cgroup(c, &own, &cg, &there) <= 0) {
		out_field(c->o, "own_cgroup", cell_null());
		return;
	}
	put_own_cgroup(c, &own, &there);
	explain_say(c, "Its cgroup", tell_own_cgroup(&c->t, &there, &own, &cg));
}

/* ------------------------------------------------------------------ the page of a process */

static void put_score(struct explain *c)
{
	const struct tell_subject *x = &c->x;
	struct tell_lines steps = { 0 };

	out_field(c->o, "badness", explain_fact(x->known, cell_int(x->scope.badness)));
	out_field(c->o, "model_score",
		  explain_fact(x->machine.score_known, cell_int(x->machine.score)));
	out_field(c->o, "oom_score",
		  explain_fact(x->proc->have & HAVE_SCORE, cell_uint(x->proc->oom_score)));
	out_field(c->o, "agrees", explain_fact(x->agrees >= 0, cell_bool(x->agrees > 0)));
	out_field(c->o, "rank", explain_fact(x->rank, cell_uint(x->rank)));
	out_field(c->o, "of", cell_uint(x->of));
	explain_neighbour(c, "before", x->before);
	explain_neighbour(c, "after", x->after);
	tell_scaling(&c->t, x, &steps);
	explain_say_all(c, "oom_score", &steps);
	explain_say(c, steps.n ? "" : "oom_score", tell_agreement(&c->t, x));
	explain_say(c, "Place", tell_place(&c->t, x));
}

static struct cell value_cell(const struct uncounted *u)
{
	if (u->kind == UNCOUNTED_UNKNOWN)
		return cell_null();
	return u->kind == UNCOUNTED_YES_NO ? cell_bool(u->value) : cell_int(u->value);
}

static void put_not_counted(struct explain *c)
{
	struct uncounted u[UNCOUNTED_MAX];
	size_t n = uncounted_find(&c->t, c->x.proc, u);

	out_array(c->o, "not_counted");
	for (size_t i = 0; i < n; i++) {
		out_object(c->o, NULL);
		out_field(c->o, "name", cell_str(u[i].name));
		out_field(c->o, "value", value_cell(&u[i]));
		out_field(c->o, "until", cell_str(u[i].until));
		out_end(c->o);
	}
	out_end(c->o);
	explain_say(c, "Not counted", uncounted_words(&c->t, u, n));
}

static void put_advice(struct explain *c)
{
	struct tell_lines advice = { 0 }, notes = { 0 };
	struct advice bounds;
	const char *qos = NULL;

	advice_give(&c->t, &c->x, &advice, &bounds);
	explain_say_all(c, "Adjusting", &advice);
	if (c->meaning.qos)
		qos = tell_qos(&c->t, c->x.proc, c->meaning.pod, c->meaning.qos);
	explain_say(c, "Kubernetes", qos);
	tell_lines_add(&advice, qos);
	explain_list(c, "advice", &advice);
	out_object(c->o, "adj");
	out_field(c->o, "first_from",
		  explain_fact(bounds.have_first_from, cell_int(bounds.first_from)));
	out_field(c->o, "not_first_to",
		  explain_fact(bounds.have_not_first_to, cell_int(bounds.not_first_to)));
	out_end(c->o);
	tell_notes(&c->t, &c->x, &c->company, &notes);
	explain_say_all(c, "Note", &notes);
	tell_lines_add(&notes, tell_premise(&c->t));
	explain_list(c, "notes", &notes);
}

static void say_head(struct explain *c)
{
	bool next = c->x.rank == 1;

	explain_heading(c);
	out_text(c->o, "\n");
	explain_say_plain(c, PAINT_YELLOW, tell_premise(&c->t));
	explain_say_plain(c, next ? PAINT_RED : PAINT_BOLD, tell_verdict(&c->t, &c->x));
	explain_say_plain(c, PAINT_YELLOW,
			  c->x.rank ? tell_outcome(&c->t, c->order, c->g.j.s.n_procs) : NULL);
	out_text(c->o, "\n");
}

void explain_process(struct explain *c)
{
	const char *verdict = tell_verdict(&c->t, &c->x);

	out_field(c->o, "kernel", cell_str(c->g.j.s.release));
	out_field(c->o, "era", cell_str(c->g.j.era->name));
	out_object(c->o, "process");
	explain_identity(c);
	out_end(c->o);
	explain_scope(c);
	out_field(c->o, "verdict", cell_str(verdict));
	say_head(c);
	explain_factors(c);
	if (c->x.known)
		out_text(c->o, "\n");
	else
		explain_say(c, "It has", tell_memory(&c->t, c->x.proc));
	put_score(c);
	put_inside(c);
	out_field(c->o, "killed_with", cell_ints(c->with, c->n_with));
	put_advice(c);
	put_not_counted(c);
	out_field(c->o, "also", cell_ints(c->also, c->n_also));
	explain_say(c, "Also", tell_also(&c->t, c->also, c->n_also));
}

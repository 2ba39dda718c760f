/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which oom_score_adj would change the place of this process? Lets the kernel's order of victim.c
 * judge it with one after the other, against the one that it has to pass; nothing is solved for, so
 * no rounding of oom_badness() is missed.
 */
#include "advice.h"

#include <errno.h>
#include <stdlib.h>

#include "base.h"

#define ADJ_MIN   (-1000) /* OOM_SCORE_ADJ_MIN */
#define ADJ_LEAST (-999)  /* the least that leaves a process to be chosen */
#define ADJ_MAX   1000    /* OOM_SCORE_ADJ_MAX */

/* x and its rival alone, x with another adj: as a what-if has it. */
struct duel {
	struct snapshot s;
	struct proc procs[2];
	struct supposition rows[2];
	struct what_if what_if;
	struct supposition *own;
	uint32_t own_index;
};

static void add_to_duel(struct duel *d, const struct tell *t, size_t index)
{
	struct supposition *row = &d->rows[d->what_if.n];

	d->procs[d->s.n_procs++] = t->s->procs[index];
	*row = (struct supposition){ .pid = t->s->procs[index].pid };
	for (size_t i = 0; t->what_if && i < t->what_if->n; i++)
		if (t->what_if->rows[i].pid == row->pid)
			*row = t->what_if->rows[i];
	d->what_if.n++;
}

static void begin_duel(struct duel *d, const struct tell *t, const struct tell_subject *x)
{
	size_t other = x->rival ? x->rival->index : x->index;

	*d = (struct duel){ .s = { .machine = t->s->machine,
				   .rss_source = t->s->rss_source,
				   .procs = d->procs },
			    .what_if = { .rows = d->rows } };
	/* Both lists are sorted by pid, as the snapshot's is. */
	if (other < x->index)
		add_to_duel(d, t, other);
	d->own_index = (uint32_t)d->s.n_procs;
	add_to_duel(d, t, x->index);
	if (other > x->index)
		add_to_duel(d, t, other);
	d->own = &d->rows[d->own_index];
	d->own->has_adj = true;
}

/* 1 where x would be the first with this adj, 0, -ENOMEM. */
static int wins_with(struct duel *d, const struct tell *t, int adj)
{
	struct judged *order;
	int r;

	d->own->adj = (int16_t)adj;
	r = victim_order(&d->s, t->era, t->scope, &d->what_if, &order);
	if (r < 0)
		return r;
	r = order[0].rank == 1 && order[0].index == d->own_index;
	free(order);
	return r;
}

int advice_adj(const struct tell *t, const struct tell_subject *x, bool first, int *ret)
{
	int adj = x->proc->have & HAVE_ADJ ? x->proc->oom_score_adj : 0;
	int near = adj < ADJ_LEAST ? ADJ_LEAST : adj, far = first ? ADJ_MAX : ADJ_LEAST, r;
	struct duel d;

	begin_duel(&d, t, x);
	r = wins_with(&d, t, far);
	if (r < 0 || (r != 0) != first)
		return r < 0 ? r : -ENOENT;
	/* A higher adj never lowers the badness: between what does and what does not there is one
	 * bound. */
	while (near != far) {
		int mid = first ? near + (far - near) / 2 : near - (near - far) / 2;

		r = wins_with(&d, t, mid);
		if (r < 0)
			return r;
		if ((r != 0) == first)
			far = mid;
		else
			near = first ? mid + 1 : mid - 1;
	}
	*ret = far;
	return 0;
}

static const char *adj_words(const struct tell *t, int adj)
{
	if (t->era->formula == FORMULA_CLASSIC)
		return tell_say(t, "%d (oom_adj %d)", adj, badness_oom_adj_from_adj(adj));
	return tell_say(t, "%d", adj);
}

static const char *here(const struct tell *t)
{
	return t->scope->cgroup ? "in that cgroup" : t->scope->nodes ? "on those nodes" : "of all";
}

static void advise_first(const struct tell *t, const struct tell_subject *x,
			 struct tell_lines *lines, struct advice *ret)
{
	int r = advice_adj(t, x, true, &ret->first_from);
	const char *end = x->rival ? tell_say(t, ", before %s", tell_who_is(t, x->rival)) : "";

	if (r == -ENOENT)
		tell_add(t, lines,
			 "Not even an oom_score_adj of 1000 would make it the first to be killed: "
			 "%s stays before it.",
			 x->rival ? tell_who_is(t, x->rival) : "another");
	if (r < 0)
		return;
	ret->have_first_from = true;
	tell_add(t, lines,
		 "With an oom_score_adj of %s%s in place of %d it would be the first %s to be "
		 "killed%s.",
		 adj_words(t, ret->first_from), ret->first_from < ADJ_MAX ? " or more" : "",
		 x->proc->oom_score_adj, here(t), end);
}

static void advise_not_first(const struct tell *t, const struct tell_subject *x,
			     struct tell_lines *lines, struct advice *ret)
{
	int r = x->rival ? advice_adj(t, x, false, &ret->not_first_to) : -ENOENT;

	if (r == -ENOENT)
		tell_add(t, lines,
			 "Only an oom_score_adj of -1000 takes it out of the first place: with "
			 "-999 %s.",
			 x->rival ? "it is still the first" : "it is still the only one");
	if (r < 0)
		return;
	ret->have_not_first_to = true;
	tell_add(t, lines,
		 "With an oom_score_adj of %s%s in place of %d it would not be the first any more: "
		 "%s would. To lower it below what a privileged process has set takes "
		 "CAP_SYS_RESOURCE.",
		 adj_words(t, ret->not_first_to), ret->not_first_to > ADJ_LEAST ? " or less" : "",
		 x->proc->oom_score_adj, tell_who_is(t, x->rival));
}

/* Whether an adj counts at all: pages are adj * (total / 1000). */
static bool adj_counts(const struct tell *t)
{
	return !badness_in_pages(t->era) || t->scope->ctx.total_pages >= 1000;
}

void advice_give(const struct tell *t, const struct tell_subject *x, struct tell_lines *lines,
		 struct advice *ret)
{
	bool spared = x->fate == FATE_ADJ_MIN && x->proc->oom_score_adj == ADJ_MIN &&
		      (x->proc->have & HAVE_ADJ);

	*ret = (struct advice){ 0 };
	if (((x->fate != FATE_KILLABLE || !x->rank) && !spared) || !t->scope->ctx.total_pages)
		return;
	if (!adj_counts(t)) {
		tell_add(t, lines,
			 "Here no oom_score_adj changes anything, but for -1000: of fewer than "
			 "1000 pages a thousandth is 0 (adj * (%llu / 1000)).",
			 (unsigned long long)t->scope->ctx.total_pages);
		return;
	}
	if (x->rank == 1)
		advise_not_first(t, x, lines, ret);
	else
		advise_first(t, x, lines, ret);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rank --by: how much do the processes of one cgroup, unit, user or tree weigh together? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "rank.h"

enum group_column {
	COL_RANK,
	COL_NAME,
	COL_PROCESSES,
	COL_BADNESS,
	COL_RSS,
	COL_SWAP,
	COL_WORST_PID,
	COL_WORST_COMM,
	COL_WORST_BADNESS,
	COL_N,
};

#define SHOWN (COLUMN_TABLE | COLUMN_JSON)
#define RIGHT COLUMN_RIGHT

static const struct column columns[] = {
	[COL_RANK] = { "rank", "#", NULL, CELL_UINT, SHOWN | RIGHT, 0,
		       "Place by the sum of badness" },
	[COL_NAME] = { "name", "NAME", NULL, CELL_STR, SHOWN | COLUMN_LABEL, 0,
		       "What they have in common" },
	[COL_PROCESSES] = { "processes", "PROCS", NULL, CELL_UINT, SHOWN | RIGHT, 0,
			    "How many processes" },
	[COL_BADNESS] = { "badness", "BADNESS", "points", CELL_INT, SHOWN | RIGHT, 0,
			  "Sum over those that can be chosen" },
	[COL_RSS] = { "rss", "RSS", NULL, CELL_BYTES, SHOWN | RIGHT, 0, "Sum of resident memory" },
	[COL_SWAP] = { "swap", "SWAP", NULL, CELL_BYTES, SHOWN | RIGHT, 0,
		       "Sum of what is swapped out" },
	[COL_WORST_PID] = { "worst_pid", "PID", "pid", CELL_INT, SHOWN | RIGHT | COLUMN_LABEL, 0,
			    "Who of them would be killed first" },
	[COL_WORST_COMM] = { "worst_comm", "WORST", "comm", CELL_STR, SHOWN | COLUMN_LABEL, 0,
			     "Its name" },
	[COL_WORST_BADNESS] = { "worst_badness", "ITS-BADNESS", NULL, CELL_INT, COLUMN_JSON | RIGHT,
				0, "Its badness" },
};
_Static_assert(ARRAY_SIZE(columns) == COL_N, "a column is missing");

struct groups {
	struct rank *rank;
	const struct tally_row *rows;
	const size_t *order; /* NULL: as they are */
};

static struct cell group_cell(const struct groups *g, const struct tally_row *t, size_t row,
			      unsigned column)
{
	const struct snapshot *s = &g->rank->g.j.s;
	const struct proc *worst = t->worst ? &s->procs[t->worst->index] : NULL;

	switch (column) {
	case COL_RANK:
		return cell_uint(row + 1);
	case COL_NAME:
		return cell_str(t->name);
	case COL_PROCESSES:
		return cell_uint(t->processes);
	case COL_BADNESS:
		return t->worst ? cell_int(t->badness) : cell_null();
	case COL_RSS:
		return cell_bytes(t->rss_pages * s->machine.page_size);
	case COL_SWAP:
		return cell_bytes(t->swap_pages * s->machine.page_size);
	case COL_WORST_PID:
		return worst ? cell_int(worst->pid) : cell_null();
	case COL_WORST_COMM:
		return worst && (worst->have & HAVE_COMM) ? cell_str(worst->comm) : cell_null();
	default:
		return worst ? cell_int(t->worst->badness) : cell_null();
	}
}

static enum row_style group_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				struct cell *cells)
{
	const struct groups *g = ctx;
	size_t at = g->order ? g->order[row] : row;

	for (size_t i = 0; i < n_shown; i++)
		cells[i] = group_cell(g, &g->rows[at], at, shown[i]);
	return g->rows[at].worst && g->rows[at].worst->rank == 1 ? ROW_MARKED : ROW_PLAIN;
}

/* The JSON of the contract nests the worst process. */
static void tell_nested(struct out *o, const struct groups *g, size_t n)
{
	out_array(o, "groups");
	for (size_t i = 0; i < n; i++) {
		size_t at = g->order ? g->order[i] : i;

		out_object(o, NULL);
		for (unsigned column = COL_RANK; column <= COL_SWAP; column++)
			out_field(o, columns[column].key, group_cell(g, &g->rows[at], at, column));
		if (!g->rows[at].worst) {
			out_field(o, "worst", cell_null());
		} else {
			out_object(o, "worst");
			out_field(o, "pid", group_cell(g, &g->rows[at], at, COL_WORST_PID));
			out_field(o, "comm", group_cell(g, &g->rows[at], at, COL_WORST_COMM));
			out_field(o, "badness", group_cell(g, &g->rows[at], at, COL_WORST_BADNESS));
			out_end(o);
		}
		out_end(o);
	}
	out_end(o);
}

static const char *unit_of(struct arena *arena, const char *path)
{
	struct cgroup_meaning m;

	if (cgroupfs_meaning(path, arena, &m) < 0)
		return NULL;
	if (m.unit)
		return m.unit;
	return m.container ? m.container : "-";
}

/* Names by index of process; NULL leaves a process out: one that was not chosen, or whose name is
 * not known. */
static int name_all(struct rank *c, const char **names)
{
	struct judge *j = &c->g.j;
	int r = c->by == BY_TREE ? tally_name_trees(&j->s, names) : 0;

	for (size_t i = 0; i < j->s.n_procs && r == 0; i++) {
		const struct proc *p = &j->s.procs[i];

		if (!c->g.chosen[i] || (p->flags & PROC_KTHREAD))
			names[i] = NULL;
		else if (c->by == BY_CGROUP)
			names[i] = p->have & HAVE_CGROUP ? p->cgroup : NULL;
		else if (c->by == BY_UNIT)
			names[i] = p->have & HAVE_CGROUP ? unit_of(&j->s.arena, p->cgroup) : NULL;
		else if (c->by == BY_USER)
			names[i] = p->have & HAVE_UID ? rank_user(c, p->uid).str.s : NULL;
	}
	for (size_t i = 0; i < j->s.n_procs; i++)
		if (c->judged[i].fate == FATE_OUT_OF_SCOPE || !rank_is_row(c, &c->judged[i]))
			names[c->judged[i].index] = NULL;
	return r;
}

static int tell_groups(struct rank *c, const struct env *env, struct groups *g, size_t n,
		       const unsigned *shown, size_t n_shown)
{
	struct out *o = cli_out(env, &c->output);

	if (!o)
		return EXIT_USAGE;
	if (c->top && n > c->top)
		n = c->top;
	rank_tell_scope(o, c);
	if (c->output.opt.format == OUT_JSON && !c->output.columns && !c->output.all_columns)
		tell_nested(o, g, n);
	else
		out_rows(o, "groups", columns, shown, n_shown, n, group_row, g);
	out_text(o, "The kernel chooses processes, not groups: the sums tell where the memory is, "
		    "not who dies.\n");
	rank_tell_outcome(o, c);
	return cli_finish(env, "rank", o, gather_status(&c->g));
}

int rank_list_group_columns(const struct env *env, const struct rank *c)
{
	struct command listed = *c->output.command;
	struct cli_output output = c->output;

	listed.columns = columns;
	listed.n_columns = COL_N;
	output.command = &listed;
	return cli_list_columns(env, &output);
}

int rank_groups(struct rank *c, const struct env *env)
{
	struct snapshot *s = &c->g.j.s;
	_cleanup_free_ const char **names = calloc(s->n_procs + 1, sizeof(*names));
	_cleanup_free_ struct tally_row *rows = NULL;
	_cleanup_free_ unsigned *shown = NULL;
	_cleanup_free_ size_t *order = NULL;
	struct groups g = { .rank = c };
	int n_shown, sort = cli_sort_column(env, &c->output, columns, COL_N);
	ssize_t n;

	n_shown =
		sort == -EINVAL ? -1 : cli_select_columns(env, &c->output, columns, COL_N, &shown);
	if (n_shown < 0)
		return EXIT_USAGE;
	n = !names ? -ENOMEM : name_all(c, names);
	if (n == 0)
		n = tally_by_name(s, &c->g.j.what_if, c->judged, s->n_procs, names, &rows);
	g.rows = rows;
	if (n > 0 && rows && sort >= 0) {
		order = calloc((size_t)n, sizeof(*order));
		if (!order || gather_sort(order, (size_t)n, (unsigned)sort, group_row, &g,
					  c->output.sort_descending) < 0)
			n = -ENOMEM;
		g.order = order;
	}
	if (n < 0) {
		cli_error(env, "rank", NULL, strerror((int)-n), NULL);
		return EXIT_USAGE;
	}
	if (!rows)
		n = 0;
	return tell_groups(c, env, &g, (size_t)n, shown, (size_t)n_shown);
}

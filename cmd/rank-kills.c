/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rank --kills, --free: who would be killed one after the other, and how much would that free? */
#include <errno.h>
#include <string.h>

#include "base.h"
#include "rank.h"

enum kill_column {
	COL_STEP,
	COL_PID,
	COL_COMM,
	COL_FREED,
	COL_TOTAL,
	COL_GROUP,
	COL_N,
};

#define SHOWN (COLUMN_TABLE | COLUMN_JSON)

static const struct column columns[] = {
	[COL_STEP] = { "step", "STEP", NULL, CELL_UINT, SHOWN | COLUMN_RIGHT | COLUMN_LABEL, 0,
		       "Number of the kill" },
	[COL_PID] = { "pid", "PID", NULL, CELL_INT, SHOWN | COLUMN_RIGHT | COLUMN_LABEL, 0,
		      "Who is killed" },
	[COL_COMM] = { "comm", "COMMAND", "command", CELL_STR, SHOWN | COLUMN_LABEL, 0,
		       "Its name" },
	[COL_FREED] = { "freed", "FREED", NULL, CELL_BYTES, SHOWN | COLUMN_RIGHT, 0,
			"What that frees at most: resident memory and page tables of all that "
			"die" },
	[COL_TOTAL] = { "freed_total", "TOTAL", "total", CELL_BYTES, SHOWN | COLUMN_RIGHT, 0,
			"So far" },
	[COL_GROUP] = { "group", "WITH", NULL, CELL_INTS, SHOWN, 0, "Who dies along" },
};
_Static_assert(ARRAY_SIZE(columns) == COL_N, "a column is missing");

struct steps {
	const struct judge *j;
	const struct kills_step *rows;
};

static enum row_style step_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
			       struct cell *cells)
{
	const struct steps *s = ctx;
	const struct kills_step *k = &s->rows[row];
	const struct proc *p = &s->j->s.procs[k->dead];

	for (size_t i = 0; i < n_shown; i++) {
		const struct cell all[] = {
			[COL_STEP] = cell_uint(row + 1),
			[COL_PID] = cell_int(p->pid),
			[COL_COMM] = p->have & HAVE_COMM ? cell_str(p->comm) : cell_null(),
			[COL_FREED] = cell_bytes(k->freed_bytes),
			[COL_TOTAL] = cell_bytes(k->total_bytes),
			[COL_GROUP] =
				k->group_known ? cell_ints(k->group, k->n_group) : cell_null(),
		};

		cells[i] = all[shown[i]];
	}
	return ROW_PLAIN;
}

int rank_list_kill_columns(const struct env *env, const struct rank *c)
{
	struct command listed = *c->output.command;
	struct cli_output output = c->output;

	listed.columns = columns;
	listed.n_columns = COL_N;
	output.command = &listed;
	return cli_list_columns(env, &output);
}

int rank_kills(struct rank *c, const struct env *env)
{
	bool killing = c->outcome == KILLS_KILL || c->outcome == KILLS_NOBODY;
	_cleanup_free_ unsigned *shown = NULL;
	struct kills_step *steps = NULL;
	struct steps rows = { .j = &c->g.j };
	struct out *o;
	ssize_t n = 0;
	int n_shown = cli_select_columns(env, &c->output, columns, COL_N, &shown), status;

	if (n_shown < 0)
		return EXIT_USAGE;
	if (killing)
		n = kills_simulate(&c->g.j, c->judged, c->kills, c->free_bytes, &steps);
	o = n < 0 ? NULL : cli_out(env, &c->output);
	if (!o) {
		cli_error(env, "rank", NULL, strerror(n < 0 ? (int)-n : ENOMEM), NULL);
		kills_free(steps, n < 0 ? 0 : (size_t)n);
		return EXIT_USAGE;
	}
	rows.rows = steps;
	rank_tell_scope(o, c);
	out_rows(o, "kills", columns, shown, (size_t)n_shown, (size_t)n, step_row, &rows);
	if (killing && c->free_bytes && (n == 0 || steps[n - 1].total_bytes < c->free_bytes))
		out_text(o,
			 c->kills && (size_t)n == c->kills
				 ? "So many kills do not free so much.\n"
				 : "So much cannot be freed: nobody is left that can be chosen.\n");
	rank_tell_outcome(o, c);
	status = cli_finish(env, "rank", o, gather_status(&c->g));
	kills_free(steps, (size_t)n);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* score: what does the kernel print for these processes, and does the model say the same? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "commands.h"
#include "gather.h"

enum { KEY_CHECK = 256 };

enum score_column {
	COL_PID,
	COL_SCORE,
	COL_MODEL,
	COL_ADJ,
	COL_FATE,
	COL_BADNESS,
	COL_AGREES,
	COL_COMM,
	COL_N,
};

/* Judging takes all four files; the kernel's number alone takes one. */
static const struct column columns[] = {
	[COL_PID] = { "pid", "PID", NULL, CELL_INT,
		      COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT | COLUMN_LABEL, 0, "Process id" },
	[COL_SCORE] = { "oom_score", "SCORE", "score,oom", CELL_UINT,
			COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, SNAPSHOT_SCORE,
			"The kernel's own number: /proc/PID/oom_score" },
	[COL_MODEL] = { "model_score", "MODEL", "model", CELL_INT,
			COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, SNAPSHOT_MODEL,
			"The same number, computed by the rule" },
	[COL_ADJ] = { "oom_score_adj", "ADJ", "adj,oomadj", CELL_INT,
		      COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, SNAPSHOT_ADJ,
		      "Adjustment, -1000 to 1000: /proc/PID/oom_score_adj" },
	[COL_FATE] = { "fate", "FATE", NULL, CELL_STR, COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL,
		       SNAPSHOT_MODEL, "Whether the kernel may choose it, and why not" },
	[COL_BADNESS] = { "badness", "BADNESS", "points", CELL_INT, COLUMN_JSON | COLUMN_RIGHT,
			  SNAPSHOT_MODEL,
			  "What the kernel compares: pages since 3.5, points before" },
	[COL_AGREES] = { "agrees", "AGREES", NULL, CELL_BOOL, 0, SNAPSHOT_MODEL,
			 "Whether the model and the kernel say the same" },
	[COL_COMM] = { "comm", "COMMAND", "command,name", CELL_STR,
		       COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL, SNAPSHOT_COMM,
		       "Name of the process" },
};
_Static_assert(ARRAY_SIZE(columns) == COL_N, "a column is missing");

struct score {
	struct cli_output output;
	struct cli_machine machine;
	struct cli_what_if what_if;
	struct select_spec targets;
	bool raw, check;
	struct gather g;
	size_t *rows;  /* indexes of the processes that are shown */
	size_t *order; /* of rows, where --sort asks for one */
	size_t n_rows, n_compared, n_differ;
};

static const struct argp_option options[] = {
	{ "raw", 'r', NULL, 0, "The kernel's number alone, one a line", 0 },
	{ "check", KEY_CHECK, NULL, 0,
	  "Compare the model with the kernel; exit 1 where they differ", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct score *c = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &c->targets;
		state->child_inputs[1] = &c->what_if;
		state->child_inputs[2] = &c->output;
		state->child_inputs[3] = &c->machine;
		return 0;
	case 'r':
		c->raw = true;
		return 0;
	case KEY_CHECK:
		c->check = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	CLI_CHILD_TARGET, CLI_CHILD_WHAT_IF, CLI_CHILD_OUTPUT, CLI_CHILD_MACHINE, { 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[TARGET...]",
	.doc = "Show the OOM score of processes: the kernel's own number, the model's, and whether "
	       "the process can be "
	       "chosen at all. Without a TARGET: of every process.",
	.children = children,
};

static struct cell score_cell(const struct score *c, const struct proc *p, unsigned column,
			      const struct verdict *scope, const struct verdict *machine)
{
	int agrees;

	switch (column) {
	case COL_PID:
		return cell_int(p->pid);
	case COL_SCORE:
		return p->have & HAVE_SCORE ? cell_uint(p->oom_score) : cell_null();
	case COL_MODEL:
		return machine->score_known ? cell_int(machine->score) : cell_null();
	case COL_ADJ:
		return p->have & HAVE_ADJ ? cell_int(p->oom_score_adj) : cell_null();
	case COL_FATE:
		return cell_str(badness_fate_name(scope->fate));
	case COL_BADNESS:
		return scope->known ? cell_int(scope->badness) : cell_null();
	case COL_AGREES:
		agrees = judge_agrees(&c->g.j, p, machine);
		return agrees < 0 ? cell_null() : cell_bool(agrees);
	default:
		return p->have & HAVE_COMM ? cell_str(p->comm) : cell_null();
	}
}

static bool is_judged(unsigned column)
{
	return columns[column].need == SNAPSHOT_MODEL;
}

static enum row_style score_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				struct cell *cells)
{
	const struct score *c = ctx;
	const struct proc *p = &c->g.j.s.procs[c->rows[c->order ? c->order[row] : row]];
	struct verdict scope = { 0 }, machine = { 0 };
	bool judged = false;

	for (size_t i = 0; i < n_shown; i++) {
		if (is_judged(shown[i]) && !judged) {
			judge_verdict(&c->g.j, p, false, &scope);
			judge_verdict(&c->g.j, p, true, &machine);
			judged = true;
		}
		cells[i] = score_cell(c, p, shown[i], &scope, &machine);
	}
	return ROW_PLAIN;
}

/* Which processes are rows: all that were chosen; in a table of --check those alone that differ. */
static int choose_rows(struct score *c)
{
	const struct judge *j = &c->g.j;
	bool differing_only = c->check && c->output.opt.format == OUT_TABLE;

	c->rows = calloc(c->g.n_chosen + 1, sizeof(*c->rows));
	if (!c->rows)
		return -ENOMEM;
	for (size_t i = 0; i < j->s.n_procs; i++) {
		struct verdict v;
		int agrees = -1;

		if (!c->g.chosen[i])
			continue;
		if (c->check) {
			judge_verdict(j, &j->s.procs[i], true, &v);
			agrees = judge_agrees(j, &j->s.procs[i], &v);
			c->n_compared += agrees >= 0;
			c->n_differ += agrees == 0;
		}
		if (!differing_only || agrees == 0)
			c->rows[c->n_rows++] = i;
	}
	return 0;
}

static void tell_machine(struct out *o, const struct score *c)
{
	const struct judge *j = &c->g.j;

	out_field(o, "kernel", cell_str(j->s.release));
	out_field(o, "era", cell_str(j->era->name));
	if (!c->check)
		return;
	out_object(o, "check");
	out_field(o, "compared", cell_uint(c->n_compared));
	out_field(o, "differ", cell_uint(c->n_differ));
	out_field(o, "unknown", cell_uint(c->g.n_chosen - c->n_compared));
	out_end(o);
}

/* The differing ones by name, so that they are told whatever stdout is. */
static void tell_differences(const struct score *c, const struct env *env)
{
	for (size_t i = 0; i < c->n_rows; i++) {
		const struct proc *p = &c->g.j.s.procs[c->rows[i]];
		struct verdict v;
		char name[96];

		judge_verdict(&c->g.j, p, true, &v);
		if (judge_agrees(&c->g.j, p, &v) != 0)
			continue;
		cli_note(env, "score", "%d (%s): the kernel says %llu, the model %lld", (int)p->pid,
			 p->have & HAVE_COMM
				 ? out_escape(p->comm, strlen(p->comm), name, sizeof(name))
				 : "?",
			 (unsigned long long)p->oom_score, (long long)v.score);
	}
}

static int check_status(const struct score *c, const struct env *env)
{
	if (c->n_differ) {
		if (!c->output.opt.quiet)
			tell_differences(c, env);
		return EXIT_NO;
	}
	if (c->g.j.s.machine.total_pages == 0) {
		cli_error(env, "score", "meminfo", "does not tell the size of the memory",
			  "nothing can be compared");
		return EXIT_USAGE;
	}
	if (c->n_compared == 0 && c->g.n_chosen) {
		cli_error(env, "score", NULL, "nothing could be compared",
			  "no oom_score could be read");
		return EXIT_USAGE;
	}
	return gather_status(&c->g);
}

/* -r: a number a line and nothing else; what is unknown keeps its line. */
static int tell_raw(struct score *c, const struct env *env)
{
	static const unsigned shown[] = { COL_SCORE };
	struct out_options opt = { .format = OUT_TSV,
				   .noheadings = true,
				   .quiet = c->output.opt.quiet };
	struct out *o = out_new(env->out, "score", &opt);
	size_t unknown = 0, refused = 0;
	int status = gather_status(&c->g);

	if (!o)
		return EXIT_USAGE;
	for (size_t i = 0; i < c->n_rows; i++) {
		const struct proc *p = &c->g.j.s.procs[c->rows[i]];

		if (p->have & HAVE_SCORE)
			continue;
		unknown++;
		refused += p->err == EACCES || p->err == EPERM;
		if (!c->output.opt.quiet) {
			char pid[16];

			snprintf(pid, sizeof(pid), "%d", (int)p->pid);
			cli_error(env, "score", pid,
				  p->err ? strerror(p->err) : "no oom_score can be read", NULL);
		}
	}
	out_rows(o, "processes", columns, shown, 1, c->n_rows, score_row, c);
	if (unknown && status == EXIT_DONE)
		status = unknown < c->n_rows ? EXIT_SOME : refused ? EXIT_NOPERM : EXIT_NO;
	return cli_finish(env, "score", o, status);
}

static int tell(struct score *c, const struct env *env, const unsigned *shown, size_t n_shown)
{
	struct out *o = cli_out(env, &c->output);
	int status = c->check ? check_status(c, env) : gather_status(&c->g);

	if (!o)
		return EXIT_USAGE;
	tell_machine(o, c);
	if (!c->check || c->n_rows || c->output.opt.format != OUT_TABLE)
		out_rows(o, "processes", columns, shown, n_shown, c->n_rows, score_row, c);
	if (c->check)
		out_text(o, "%zu processes compared, %zu differ%s\n", c->n_compared, c->n_differ,
			 c->n_differ == 1 ? "s" : "");
	status = cli_finish(env, "score", o, status);
	if (!c->output.opt.quiet)
		gather_footnotes(&c->g, env, "score");
	return status;
}

static unsigned need_of(const struct score *c, const unsigned *shown, size_t n_shown)
{
	unsigned need = c->check ? SNAPSHOT_MODEL : 0;

	for (size_t i = 0; i < n_shown; i++)
		need |= columns[shown[i]].need;
	/* stat brings the name along; comm is a file more only where stat is not read. */
	if ((need & SNAPSHOT_COMM) && !(need & SNAPSHOT_STAT))
		need |= SNAPSHOT_STAT;
	return need & ~(unsigned)SNAPSHOT_COMM;
}

static int judge_and_tell(struct score *c, const struct env *env)
{
	static const unsigned raw[] = { COL_SCORE };
	_cleanup_free_ unsigned *selected = NULL;
	const unsigned *shown = raw;
	int n_shown = 1, sort = cli_sort_column(env, &c->output, columns, COL_N), status;

	if (sort == -EINVAL)
		return EXIT_USAGE;
	if (!c->raw) {
		n_shown = cli_select_columns(env, &c->output, columns, COL_N, &selected);
		if (n_shown < 0)
			return EXIT_USAGE;
		shown = selected;
	}
	status = gather_open(&c->g, env, "score",
			     &(struct gather_options){ .machine = &c->machine,
						       .what_if = &c->what_if,
						       .targets = &c->targets,
						       .only_targets = true,
						       .need = need_of(c, shown, (size_t)n_shown) |
							       (sort >= 0 ? columns[sort].need : 0),
						       .quiet = c->output.opt.quiet });
	if (status != EXIT_DONE)
		return status;
	if (c->targets.n && c->g.n_chosen == 0)
		return EXIT_NO;
	if (choose_rows(c) < 0) {
		cli_error(env, "score", NULL, strerror(ENOMEM), NULL);
		return EXIT_USAGE;
	}
	if (sort >= 0) {
		size_t *order = calloc(c->n_rows + 1, sizeof(*order));

		if (!order || gather_sort(order, c->n_rows, (unsigned)sort, score_row, c,
					  c->output.sort_descending) < 0) {
			free(order);
			cli_error(env, "score", NULL, strerror(ENOMEM), NULL);
			return EXIT_USAGE;
		}
		c->order = order;
	}
	return c->raw ? tell_raw(c, env) : tell(c, env, shown, (size_t)n_shown);
}

static int run(struct env *env, int argc, char **argv)
{
	struct score c = { .output.command = &command_score };
	int r = cli_parse(env, &command_score, argc, argv, &c), status;

	if (r != 0)
		status = r > 0 ? EXIT_DONE : EXIT_USAGE;
	else if (c.output.list_columns)
		status = cli_list_columns(env, &c.output);
	else if (c.check &&
		 (c.machine.era || c.what_if.n_set || c.what_if.n_grow || c.what_if.has_limit))
		status = cli_usage_error(env, "score", "--check", NULL,
					 "compares with the kernel as it is",
					 "not with --kernel, --set, --grow or --limit");
	else
		status = judge_and_tell(&c, env);
	gather_close(&c.g);
	select_free(&c.targets);
	cli_what_if_free(&c.what_if);
	free(c.rows);
	free(c.order);
	return status;
}

const struct command command_score = {
	.name = "score",
	.summary = "what the kernel prints, what the model says, and whether they agree",
	.argp = &argp,
	.run = run,
	.columns = columns,
	.n_columns = COL_N,
	.default_sort = "pid",
};

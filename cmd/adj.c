/* SPDX-License-Identifier: GPL-2.0-or-later */
/* adj: what oom_score_adj have these processes, and what shall they have? */
#include "adj.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "caps.h"
#include "gather.h"
#include "str.h"

#define RECHECK_DEFAULT 10
#define RECHECK_MAX     1000000

enum { KEY_RELATIVE = 256, KEY_CLAMP, KEY_RECHECK, KEY_FREEZE, KEY_DRY_RUN, KEY_RESET };

enum adj_column {
	COL_PID,
	COL_SCORE,
	COL_ADJ,
	COL_COMM,
	COL_N,
};

static const struct column columns[] = {
	[COL_PID] = { "pid", "PID", NULL, CELL_INT,
		      COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT | COLUMN_LABEL, 0, "Process id" },
	[COL_SCORE] = { "oom_score", "SCORE", "score,oom", CELL_UINT,
			COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, SNAPSHOT_SCORE,
			"The kernel's own number: /proc/PID/oom_score" },
	[COL_ADJ] = { "oom_score_adj", "ADJ", "adj,oomadj", CELL_INT,
		      COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, SNAPSHOT_ADJ,
		      "Adjustment, -1000 to 1000: /proc/PID/oom_score_adj" },
	[COL_COMM] = { "comm", "COMMAND", "command,name", CELL_STR,
		       COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL, SNAPSHOT_STAT,
		       "Name of the process" },
};
_Static_assert(ARRAY_SIZE(columns) == COL_N, "a column is missing");

/* ------------------------------------------------------------------ options */

static const struct argp_option options[] = {
	{ "adjust", 'n', "ADJ", 0, "Set this value, -1000 to 1000", 0 },
	{ "relative", KEY_RELATIVE, NULL, 0, "The value is a step, up or down", 0 },
	{ "clamp", KEY_CLAMP, NULL, 0,
	  "Take the nearest value that is permitted, and say so, in place of refusing", 0 },
	{ "recheck", KEY_RECHECK, "NUM", 0,
	  "Read cgroups, units and trees again, at most so often, until nobody new is found (10)",
	  0 },
	{ "freeze", KEY_FREEZE, NULL, 0, "Hold the cgroup still meanwhile, so that nothing forks",
	  0 },
	{ "dry-run", KEY_DRY_RUN, NULL, 0, "Tell what would be done, and change nothing", 0 },
	{ "verbose", 'v', NULL, 0, "Tell each process: old value -> new value", 0 },
	{ "reset", KEY_RESET, NULL, 0, "Run the command behind -- with the value 0", 0 },
	{ 0 },
};

/* A sign in front is taken as choom takes it. */
static error_t set_value(struct adj *a, const char *arg, const struct argp_state *state)
{
	const char *digits = arg[0] == '+' && arg[1] >= '0' && arg[1] <= '9' ? arg + 1 : arg;
	int64_t v;
	int r = str_to_i64(digits, strlen(digits), INT32_MIN, INT32_MAX, &v);

	if (r == -EINVAL)
		return cli_usage(state, "--adjust", arg, "not a number", "-1000 to 1000");
	if (r < 0)
		return cli_usage(state, "--adjust", arg, "outside -1000..1000", NULL);
	a->wish.value = (int32_t)v;
	a->has_value = true;
	return 0;
}

static error_t set_recheck(struct adj *a, const char *arg, const struct argp_state *state)
{
	int64_t v;

	if (str_to_i64(arg, strlen(arg), 0, RECHECK_MAX, &v) < 0)
		return cli_usage(state, "--recheck", arg, "not a number of passes", "0 to 1000000");
	a->recheck = (uint32_t)v;
	a->has_recheck = true;
	return 0;
}

static error_t take_argument(struct adj *a, struct argp_state *state)
{
	/* What stands before "--" is a target, and the children's. */
	if (!state->quoted || state->next <= state->quoted)
		return ARGP_ERR_UNKNOWN;
	a->command = &state->argv[state->next - 1];
	state->next = state->argc;
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct adj *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->targets;
		state->child_inputs[1] = &a->output;
		state->child_inputs[2] = &a->machine;
		return 0;
	case 'n':
		return set_value(a, arg, state);
	case KEY_RELATIVE:
		a->wish.relative = true;
		return 0;
	case KEY_CLAMP:
		a->wish.clamp = true;
		return 0;
	case KEY_RECHECK:
		return set_recheck(a, arg, state);
	case KEY_FREEZE:
		a->freeze = true;
		return 0;
	case KEY_DRY_RUN:
		a->dry_run = true;
		return 0;
	case 'v':
		a->verbose = true;
		return 0;
	case KEY_RESET:
		a->reset = true;
		return 0;
	case ARGP_KEY_ARG:
		return take_argument(a, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	CLI_CHILD_TARGET,
	CLI_CHILD_OUTPUT,
	CLI_CHILD_MACHINE,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[-n ADJ] [TARGET...]\n"
		    "-n ADJ -- COMMAND...\n"
		    "--reset -- COMMAND...",
	.doc = "Show or set the oom_score_adj of processes, or run a command with one. Without -n: "
	       "show; without a TARGET: of every process.",
	.children = children,
};

/* ------------------------------------------------------------------ reading */

static unsigned need_of(const struct select_spec *targets, unsigned need)
{
	unsigned facts = select_need(targets);

	need |= SNAPSHOT_STAT;
	if (facts & HAVE_CGROUP)
		need |= SNAPSHOT_CGROUP;
	if (facts & HAVE_CMDLINE)
		need |= SNAPSHOT_CMDLINE;
	if (facts & HAVE_UID)
		need |= SNAPSHOT_STATUS;
	return need;
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* The pids that the targets name, each once; NULL where they name more than pids. */
static pid_t *named_pids(const struct select_spec *targets, size_t *n)
{
	pid_t *pids;
	size_t kept = 0;

	if (!select_only_pids(targets))
		return NULL;
	pids = calloc(targets->n, sizeof(*pids));
	if (!pids)
		return NULL;
	for (size_t i = 0; i < targets->n; i++)
		pids[i] = targets->targets[i].pid;
	qsort(pids, targets->n, sizeof(*pids), compare_pids);
	for (size_t i = 0; i < targets->n; i++)
		if (kept == 0 || pids[kept - 1] != pids[i])
			pids[kept++] = pids[i];
	*n = kept;
	return pids;
}

/* pids: NULL for all that there are. */
static int read_view(struct adj_view *v, const struct select_spec *targets, unsigned need,
		     const pid_t *pids, size_t n_pids)
{
	ssize_t n;
	int r;

	if (v->snapshot_open)
		snapshot_close(&v->s);
	free(v->chosen);
	free(v->missed);
	v->chosen = v->missed = NULL;
	v->n_chosen = 0;
	r = snapshot_open(&v->s, &v->host);
	v->snapshot_open = r == 0;
	if (r < 0)
		return r;
	r = snapshot_read(&v->s, &v->host, need_of(targets, need), pids, n_pids);
	if (r < 0)
		return r;
	v->chosen = calloc(v->s.n_procs + 1, sizeof(*v->chosen));
	v->missed = calloc(targets->n + 1, sizeof(*v->missed));
	if (!v->chosen || !v->missed)
		return -ENOMEM;
	n = select_match(targets, &v->host, &v->s, host_self(&v->host), v->chosen, v->missed);
	v->n_chosen = n < 0 ? 0 : (size_t)n;
	return n < 0 ? (int)n : 0;
}

int adj_view_again(struct adj_view *v, const struct select_spec *targets, unsigned need)
{
	size_t n = 0;
	_cleanup_free_ pid_t *pids = named_pids(targets, &n);

	return read_view(v, targets, need, pids, n);
}

int adj_view_of(struct adj_view *v, const struct select_spec *targets, unsigned need,
		const struct pids *pids)
{
	static const pid_t nobody = 0;

	return read_view(v, targets, need, pids->n ? pids->v : &nobody, pids->n);
}

int adj_view_open(struct adj_view *v, const struct env *env, const struct adj *a, unsigned need)
{
	const char *root = a->machine.root ? a->machine.root : env->root;
	int r;

	*v = (struct adj_view){ 0 };
	r = host_open(&v->host, root);
	if (r < 0) {
		cli_error(env, "adj", root ? root : "/", strerror(-r), NULL);
		return EXIT_USAGE;
	}
	v->host_open = true;
	r = adj_view_again(v, &a->targets, need);
	if (r == 0)
		return EXIT_DONE;
	if (r == -ENOENT)
		cli_error(env, "adj", NULL, "/proc is not there",
			  "mount it: mount -t proc proc /proc");
	else if (r == -ENODATA)
		cli_error(env, "adj", NULL, "/proc lists no process", NULL);
	else
		cli_error(env, "adj", "the processes", strerror(-r), NULL);
	return EXIT_USAGE;
}

void adj_view_close(struct adj_view *v)
{
	free(v->chosen);
	free(v->missed);
	if (v->snapshot_open)
		snapshot_close(&v->s);
	if (v->host_open)
		host_close(&v->host);
	*v = (struct adj_view){ 0 };
}

size_t adj_tell_missed(const struct adj_view *v, const struct env *env, const struct adj *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->targets.n; i++)
		if (v->missed[i]) {
			cli_error(env, "adj", a->targets.targets[i].text,
				  gather_missed_reason(&a->targets.targets[i]),
				  gather_missed_help(&v->host));
			n++;
		}
	return n;
}

/* ------------------------------------------------------------------ showing */

struct show {
	const struct adj_view *v;
	size_t *rows, *order;
	size_t n_rows;
};

static enum row_style show_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
			       struct cell *cells)
{
	const struct show *show = ctx;
	const struct proc *p = &show->v->s.procs[show->rows[show->order ? show->order[row] : row]];

	for (size_t i = 0; i < n_shown; i++)
		switch (shown[i]) {
		case COL_PID:
			cells[i] = cell_int(p->pid);
			break;
		case COL_SCORE:
			cells[i] = p->have & HAVE_SCORE ? cell_uint(p->oom_score) : cell_null();
			break;
		case COL_ADJ:
			cells[i] = p->have & HAVE_ADJ ? cell_int(p->oom_score_adj) : cell_null();
			break;
		default:
			cells[i] = p->have & HAVE_COMM ? cell_str(p->comm) : cell_null();
		}
	return ROW_PLAIN;
}

static int tell_rows(struct adj *a, const struct env *env, struct show *show, int sort,
		     const unsigned *shown, size_t n_shown)
{
	_cleanup_free_ size_t *rows = calloc(show->v->s.n_procs + 1, sizeof(*rows));
	_cleanup_free_ size_t *order = calloc(show->v->s.n_procs + 1, sizeof(*order));
	struct out *o = NULL;

	if (rows && order) {
		for (size_t i = 0; i < show->v->s.n_procs; i++)
			if (show->v->chosen[i])
				rows[show->n_rows++] = i;
		show->rows = rows;
		if (sort < 0 || gather_sort(order, show->n_rows, (unsigned)sort, show_row, show,
					    a->output.sort_descending) == 0)
			o = cli_out(env, &a->output);
	}
	if (!o) {
		cli_error(env, "adj", NULL, strerror(ENOMEM), NULL);
		return EXIT_USAGE;
	}
	show->order = sort < 0 ? NULL : order;
	out_field(o, "kernel", cell_str(show->v->s.release));
	out_rows(o, "processes", columns, shown, n_shown, show->n_rows, show_row, show);
	return cli_finish(env, "adj", o, EXIT_DONE);
}

static void footnotes(const struct adj_view *v, const struct env *env)
{
	if (v->s.hidepid)
		cli_note(env, "adj",
			 "not every process can be seen, pid 1 is not (a /proc mounted with "
			 "hidepid? CAP_SYS_PTRACE would help)");
	if (v->s.n_unreadable)
		cli_note(env, "adj", "%zu process%s could not be read in full and %s unknowns",
			 v->s.n_unreadable, v->s.n_unreadable == 1 ? "" : "es",
			 v->s.n_unreadable == 1 ? "has" : "have");
}

int adj_show(struct adj *a, const struct env *env)
{
	_cleanup_free_ unsigned *shown = NULL;
	struct adj_view v = { 0 };
	struct show show = { .v = &v };
	int n_shown, sort, status;
	size_t n_missed;

	sort = cli_sort_column(env, &a->output, columns, COL_N);
	n_shown = sort == -EINVAL ? sort
				  : cli_select_columns(env, &a->output, columns, COL_N, &shown);
	if (n_shown < 0)
		return EXIT_USAGE;
	status = adj_view_open(&v, env, a, SNAPSHOT_SCORE | SNAPSHOT_ADJ);
	if (status == EXIT_DONE) {
		n_missed = adj_tell_missed(&v, env, a);
		if (n_missed && v.n_chosen == 0) {
			status = EXIT_NO;
		} else {
			status = tell_rows(a, env, &show, sort, shown, (size_t)n_shown);
			if (status == EXIT_DONE && n_missed)
				status = EXIT_SOME;
			if (!a->output.opt.quiet)
				footnotes(&v, env);
		}
	}
	adj_view_close(&v);
	return status;
}

/* ------------------------------------------------------------------ the command */

static int refuse(const struct env *env, const char *option, const char *reason, const char *help)
{
	return cli_usage_error(env, "adj", option, NULL, reason, help);
}

/* What the options ask for together that cannot be. Returns EXIT_DONE or EXIT_USAGE, told. */
static int check(const struct adj *a, const struct env *env)
{
	bool changes = a->has_value || a->reset;

	if (a->reset && a->has_value)
		return refuse(env, "--reset", "sets 0 itself", "not with -n");
	if (a->reset && !a->command)
		return refuse(env, "--reset", "wants a command", "--reset -- COMMAND");
	if (a->command && !changes)
		return refuse(env, NULL, "a command wants a value to run with",
			      "-n ADJ -- COMMAND, or --reset -- COMMAND");
	if (a->command && a->targets.n)
		return refuse(env, a->targets.targets[0].text,
			      "a target and a command cannot go together", NULL);
	if (a->command && (a->machine.root || (env->root && *env->root)))
		return refuse(env, "--root", "a command runs on this machine alone", NULL);
	if (a->command && (a->freeze || a->has_recheck || a->dry_run))
		return refuse(env,
			      a->freeze        ? "--freeze"
			      : a->has_recheck ? "--recheck"
					       : "--dry-run",
			      "has no meaning for a command", NULL);
	if (a->has_value && !a->command && !a->targets.n)
		return refuse(env, "-n", "names nobody", "a TARGET, or -- COMMAND");
	if (!changes &&
	    (a->wish.relative || a->wish.clamp || a->freeze || a->dry_run || a->has_recheck))
		return refuse(env,
			      a->wish.relative ? "--relative"
			      : a->wish.clamp  ? "--clamp"
			      : a->freeze      ? "--freeze"
			      : a->dry_run     ? "--dry-run"
					       : "--recheck",
			      "has no meaning without a value", "-n ADJ");
	if (a->has_value && !a->wish.relative && !a->wish.clamp &&
	    (a->wish.value < POLICY_ADJ_MIN || a->wish.value > POLICY_ADJ_MAX)) {
		char text[16];

		snprintf(text, sizeof(text), "%d", (int)a->wish.value);
		return cli_usage_error(env, "adj", "--adjust", text, "outside -1000..1000",
				       "--clamp takes the nearest");
	}
	return EXIT_DONE;
}

static int give_back(const struct adj *a, const struct env *env)
{
	int r = 0;

	/* A run with somebody else's rights has given them back already; a command is run with
	 * the rights of its caller. */
	if (!env->secure && !a->command)
		r = a->has_value ? caps_keep_changing() : caps_keep_reading();
	if (r < 0)
		cli_error(env, "adj", "capabilities", strerror(-r), "they could not be given back");
	return r;
}

static int run(struct env *env, int argc, char **argv)
{
	struct adj a = { .output.command = &command_adj, .recheck = RECHECK_DEFAULT };
	int r = cli_parse(env, &command_adj, argc, argv, &a), status;

	if (r != 0)
		status = r > 0 ? EXIT_DONE : EXIT_USAGE;
	else if (a.output.list_columns)
		status = cli_list_columns(env, &a.output);
	else if ((status = check(&a, env)) != EXIT_DONE)
		;
	else if (give_back(&a, env) < 0)
		status = EXIT_USAGE;
	else if (a.command)
		status = adj_run(&a, env);
	else
		status = a.has_value ? adj_change(&a, env) : adj_show(&a, env);
	select_free(&a.targets);
	return status;
}

const struct command command_adj = {
	.name = "adj",
	.summary = "show or set oom_score_adj, or run a command with one",
	.argp = &argp,
	.run = run,
	.other_name = "choom",
	.run_as_other = adj_choom,
	.flags = CMD_WRITES,
	.columns = columns,
	.n_columns = COL_N,
	.default_sort = "pid",
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does a command get from its options to judged processes? The part that all of them share,
 * with its messages. */
#include "gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

static int tell_failure(const struct env *env, const char *command, int r,
			const struct judge_error *e)
{
	cli_error(env, command, e->object, e->reason ? e->reason : strerror(-r), e->help);
	return e->status ? e->status : EXIT_USAGE;
}

const char *gather_missed_reason(const struct target *t)
{
	switch (t->kind) {
	case TARGET_PID:
	case TARGET_TREE:
		return "no such process";
	case TARGET_CGROUP:
		return "no process in such a cgroup";
	case TARGET_UNIT:
		return "no process of such a unit";
	case TARGET_CONTAINER:
		return "no process of such a container";
	case TARGET_USER:
		return "no process of such a user";
	default:
		return "no process matches";
	}
}

const char *gather_missed_help(const struct host *h)
{
	return snapshot_hides(h) ? "or it is hidden, as pid 1 is: a /proc mounted with hidepid? "
				   "CAP_SYS_PTRACE would help" :
				   NULL;
}

static int choose(struct gather *g, const struct env *env, const char *command,
		  const struct select_spec *spec)
{
	_cleanup_free_ bool *missed = calloc(spec->n + 1, sizeof(*missed));
	ssize_t n;

	g->chosen = calloc(g->j.s.n_procs + 1, sizeof(*g->chosen));
	if (!missed || !g->chosen)
		n = -ENOMEM;
	else
		n = select_match(spec, &g->j.host, &g->j.s, host_self(&g->j.host), g->chosen,
				 missed);
	if (n < 0) {
		cli_error(env, command, NULL, strerror((int)-n), NULL);
		return EXIT_USAGE;
	}
	g->n_chosen = (size_t)n;
	for (size_t i = 0; i < spec->n; i++)
		if (missed[i]) {
			g->n_missed++;
			cli_error(env, command, spec->targets[i].text,
				  gather_missed_reason(&spec->targets[i]),
				  gather_missed_help(&g->j.host));
		}
	return EXIT_DONE;
}

int gather_machine(struct gather *g, const struct env *env, const char *command,
		   const struct gather_options *o)
{
	struct judge_request req = {
		.root = o->machine->root ? o->machine->root : env->root,
		.era = o->machine->era,
		.need = o->need,
		.top = o->top,
		.shown = o->shown,
		.targets = o->targets,
		.only_targets = o->only_targets,
		.without_self = o->without_self,
	};
	struct judge_error error = { 0 };
	int r;

	*g = (struct gather){ 0 };
	if (o->what_if) {
		req.scope = o->what_if->scope;
		req.nodes = o->what_if->nodes;
		req.by_policy = o->what_if->by_policy;
		req.set = o->what_if->set;
		req.n_set = o->what_if->n_set;
		req.grow = o->what_if->grow;
		req.n_grow = o->what_if->n_grow;
		req.limit_bytes = o->what_if->limit_bytes;
		req.has_limit = o->what_if->has_limit;
	}
	r = o->no_processes ? judge_open(&g->j, &req, &error) : judge_machine(&g->j, &req, &error);
	return r < 0 ? tell_failure(env, command, r, &error) : EXIT_DONE;
}

int gather_open(struct gather *g, const struct env *env, const char *command,
		const struct gather_options *o)
{
	int status = gather_machine(g, env, command, o);

	return status == EXIT_DONE ? choose(g, env, command, o->targets) : status;
}

void gather_close(struct gather *g)
{
	free(g->chosen);
	judge_close(&g->j);
}

int gather_status(const struct gather *g)
{
	if (g->n_missed == 0)
		return EXIT_DONE;
	return g->n_chosen ? EXIT_SOME : EXIT_NO;
}

void gather_footnotes(const struct gather *g, const struct env *env, const char *command)
{
	const struct snapshot *s = &g->j.s;
	size_t unreadable = s->n_unreadable > g->j.n_moving ? s->n_unreadable : 0;

	if (s->hidepid)
		cli_note(env, command,
			 "not every process can be seen, pid 1 is not (a /proc mounted with "
			 "hidepid? "
			 "CAP_SYS_PTRACE would help): what follows is of those that can");
	if (unreadable)
		cli_note(env, command,
			 "%zu process%s could not be read in full and %s unknowns (%sroot, or "
			 "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, would help)",
			 unreadable, unreadable == 1 ? "" : "es", unreadable == 1 ? "has" : "have",
			 snapshot_hidepid_mounted(&g->j.host) ? "/proc is mounted with hidepid; "
							      : "");
	if (g->j.n_nodes_unread)
		cli_note(env, command,
			 "on which memory nodes %zu process%s may have memory could not be read "
			 "(CAP_SYS_PTRACE would help): taken as all",
			 g->j.n_nodes_unread, g->j.n_nodes_unread == 1 ? "" : "es");
	if (g->j.limit_unread)
		cli_note(env, command,
			 "the memory limits above its cgroup could not be read: "
			 "whether it has one is not known");
	if (g->j.groups_unread)
		cli_note(env, command,
			 "memory.oom.group could not be read of every cgroup: who "
			 "dies along is not known in full");
	if (g->j.n_moving)
		cli_note(env, command,
			 "the memory of %zu process%s moves too fast to be compared with the "
			 "kernel's "
			 "number",
			 g->j.n_moving, g->j.n_moving == 1 ? "" : "es");
	if (g->j.n_swap_lags)
		cli_note(env, command,
			 "the kernel's swap counter of %zu process%s is a few pages beside what "
			 "status shows: taken as oom_score allows",
			 g->j.n_swap_lags, g->j.n_swap_lags == 1 ? "" : "es");
	if (g->j.total_source)
		cli_note(env, command,
			 "/proc/meminfo does not show the memory that this kernel judges by "
			 "(lxcfs?): "
			 "taken from %s",
			 g->j.total_source);
	else if (s->machine.total_pages == 0)
		cli_note(env, command,
			 "the size of the memory is not known (/proc/meminfo): nothing can be "
			 "judged");
	if (g->j.era_guessed && g->j.own_rule)
		cli_note(env, command,
			 "the kernel's release is not known (/proc/sys/kernel/osrelease): judged "
			 "by the "
			 "newest rule");
}

struct sorted_row {
	struct cell cell;
	size_t row;
};

static int compare_strings(const struct cell *a, const struct cell *b)
{
	size_t n = a->str.n < b->str.n ? a->str.n : b->str.n;
	int c = n ? memcmp(a->str.s, b->str.s, n) : 0;

	return c ? c : (a->str.n > b->str.n) - (a->str.n < b->str.n);
}

static int compare_cells(const struct cell *a, const struct cell *b)
{
	/* A word among numbers is a limit of "max". */
	if (a->type != b->type)
		return (a->type == CELL_STR) - (b->type == CELL_STR);
	switch (a->type) {
	case CELL_INT:
		return (a->i > b->i) - (a->i < b->i);
	case CELL_UINT:
	case CELL_BYTES:
		return (a->u > b->u) - (a->u < b->u);
	case CELL_REAL:
		return (a->d > b->d) - (a->d < b->d);
	case CELL_BOOL:
		return a->b - b->b;
	case CELL_STR:
		return compare_strings(a, b);
	case CELL_INTS:
		return (a->ints.n > b->ints.n) - (a->ints.n < b->ints.n);
	case CELL_WORDS:
		return (a->words.n > b->words.n) - (a->words.n < b->words.n);
	case CELL_NULL:
		break;
	}
	return 0;
}

static int compare_rows(const void *x, const void *y, void *ctx)
{
	const struct sorted_row *a = x, *b = y;
	bool descending = *(const bool *)ctx;
	bool a_unknown = a->cell.type == CELL_NULL, b_unknown = b->cell.type == CELL_NULL;
	int c;

	if (a_unknown != b_unknown)
		return a_unknown ? 1 : -1;
	c = compare_cells(&a->cell, &b->cell);
	if (c)
		return descending ? -c : c;
	return (a->row > b->row) - (a->row < b->row);
}

int gather_sort(size_t *order, size_t n, unsigned column, out_row_fn fn, void *ctx, bool descending)
{
	_cleanup_free_ struct sorted_row *rows = calloc(n + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		rows[i].row = i;
		fn(ctx, i, &column, 1, &rows[i].cell);
	}
	qsort_r(rows, n, sizeof(*rows), compare_rows, &descending);
	for (size_t i = 0; i < n; i++)
		order[i] = rows[i].row;
	return 0;
}

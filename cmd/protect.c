/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protect: which value do these services, users and names have for good, and is it so? */
#include "protect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "caps.h"
#include "child.h"
#include "gather.h"

#define LEVEL_DEFAULT (-900)

enum {
	KEY_LEVEL = 256,
	KEY_INIT,
	KEY_POLICY,
	KEY_MAIN,
	KEY_PRINT,
	KEY_CHECK,
	KEY_REMOVE,
	KEY_APPLY,
	KEY_DRY_RUN,
};

enum protect_column {
	COL_TARGET,
	COL_DECLARED,
	COL_STATE,
	COL_CHANGED,
	COL_LIVE,
	COL_FILE,
	COL_N,
};

static const struct column columns[] = {
	[COL_TARGET] = { "target", "TARGET", NULL, CELL_STR,
			 COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL, 0,
			 "Unit, name, user or cgroup" },
	[COL_DECLARED] = { "declared", "DECLARED", "adj", CELL_INT,
			   COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, 0, "The value for good" },
	[COL_STATE] = { "state", "STATE", NULL, CELL_STR, COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL,
			0, "declared, drift, not_running, unknown, removed, failed" },
	[COL_CHANGED] = { "changed", "CHANGED", NULL, CELL_BOOL, COLUMN_TABLE | COLUMN_JSON, 0,
			  "Whether anything is another than before" },
	[COL_LIVE] = { "live", "LIVE", "processes", CELL_UINT,
		       COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, 0, "How many processes run" },
	[COL_FILE] = { "file", "FILE", NULL, CELL_STR, COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL, 0,
		       "Where it is declared" },
};
_Static_assert(ARRAY_SIZE(columns) == COL_N, "a column is missing");

/* ------------------------------------------------------------------ options */

static const struct argp_option options[] = {
	{ "adjust", 'n', "ADJ", 0, "The value, -1000 to 1000", 0 },
	{ "level", KEY_LEVEL, "never|critical|important|normal|expendable|first", 0,
	  "The value by its name: -1000, -900 (the default), -500, 0, 500, 1000", 0 },
	{ "main", KEY_MAIN, NULL, 0,
	  "Of the unit's main process alone; its children may have their own", 0 },
	{ "policy", KEY_POLICY, "continue|stop|kill", 0,
	  "What systemd does with the unit after an OOM kill: OOMPolicy=", 0 },
	{ "init", KEY_INIT, "systemd|openrc|dinit|runit|s6|sysv|auto", 0,
	  "Write what this init reads; auto: the one that runs, or is installed", 0 },
	{ "check", KEY_CHECK, NULL, 0, "Compare what is declared with what the processes have", 0 },
	{ "remove", KEY_REMOVE, NULL, 0, "Remove what protect has written", 0 },
	{ "apply", KEY_APPLY, NULL, 0, "Set what the policies say; arguments are their files", 0 },
	{ "print", KEY_PRINT, NULL, 0, "Write the file to standard output, and change nothing", 0 },
	{ "dry-run", KEY_DRY_RUN, NULL, 0, "Tell what would be done, and change nothing", 0 },
	{ 0 },
};

static error_t set_value(struct protect *p, const char *option, const char *arg,
			 const struct argp_state *state)
{
	bool number = strcmp(option, "--adjust") == 0;
	int r = number || policy_level(arg, strlen(arg), &p->declared.value)
			? policy_value(arg, strlen(arg), &p->declared.value)
			: -EINVAL;

	if (r == -ERANGE)
		return cli_usage(state, option, arg, "outside -1000..1000", NULL);
	if (r < 0)
		return cli_usage(state, option, arg, number ? "not a number" : "not a level",
				 number ? "-1000 to 1000"
					: "never, critical, important, normal, expendable, first");
	p->has_value = true;
	return 0;
}

static error_t set_mode(struct protect *p, enum protect_mode mode, const char *option,
			const struct argp_state *state)
{
	if (p->mode != PROTECT_SET && p->mode != mode)
		return cli_usage(state, option, NULL, "two things are asked for at once",
				 "one of --check, --remove, --apply");
	p->mode = mode;
	return 0;
}

static error_t set_init(struct protect *p, const char *arg, const struct argp_state *state)
{
	p->init = init_by_name(arg);
	if (p->init == INIT_N && strcmp(arg, "auto") != 0)
		return cli_usage(state, "--init", arg, "not an init that is known",
				 "systemd, openrc, dinit, runit, s6, sysv, auto");
	return 0;
}

static error_t set_policy(struct protect *p, const char *arg, const struct argp_state *state)
{
	if (strcmp(arg, "continue") != 0 && strcmp(arg, "stop") != 0 && strcmp(arg, "kill") != 0)
		return cli_usage(state, "--policy", arg, "not a choice", "continue, stop, kill");
	p->declared.oom_policy = arg;
	return 0;
}

/* An argument is a target, or a file where --apply stands anywhere: kept until all is read. */
static error_t take_word(struct protect *p, char *arg, const struct argp_state *state)
{
	char **words;

	if (state->quoted && state->next > state->quoted)
		return ARGP_ERR_UNKNOWN;
	words = reallocarray(p->words, p->n_words + 1, sizeof(*words));
	if (!words)
		return ENOMEM;
	p->words = words;
	p->words[p->n_words++] = arg;
	return 0;
}

static error_t take_targets(struct protect *p, const struct argp_state *state)
{
	if (p->mode == PROTECT_APPLY)
		return 0;
	for (size_t i = 0; i < p->n_words; i++)
		if (select_add(&p->targets, select_kind_of(p->words[i]), p->words[i]) < 0)
			return cli_usage(state, NULL, p->words[i], "not a target", NULL);
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct protect *p = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &p->targets;
		state->child_inputs[1] = &p->output;
		state->child_inputs[2] = &p->machine;
		return 0;
	case 'n':
		return set_value(p, "--adjust", arg, state);
	case KEY_LEVEL:
		return set_value(p, "--level", arg, state);
	case KEY_INIT:
		return set_init(p, arg, state);
	case KEY_POLICY:
		return set_policy(p, arg, state);
	case KEY_MAIN:
		p->declared.main_only = true;
		return 0;
	case KEY_CHECK:
		return set_mode(p, PROTECT_CHECK, "--check", state);
	case KEY_REMOVE:
		return set_mode(p, PROTECT_REMOVE, "--remove", state);
	case KEY_APPLY:
		return set_mode(p, PROTECT_APPLY, "--apply", state);
	case KEY_PRINT:
		p->print = true;
		return 0;
	case KEY_DRY_RUN:
		p->dry_run = true;
		return 0;
	case ARGP_KEY_ARG:
		return take_word(p, arg, state);
	case ARGP_KEY_END:
		return take_targets(p, state);
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
	.args_doc = "[-n ADJ] TARGET...\n"
		    "--check [TARGET...]\n"
		    "--remove [TARGET...]\n"
		    "--apply [FILE...]",
	.doc = "Give services, users, names and cgroups an oom_score_adj that lasts, and tell "
	       "whether "
	       "their processes have it. Without arguments: what is declared.",
	.children = children,
};

/* ------------------------------------------------------------------ telling */

static const char *state_name(enum item_state state)
{
	static const char *const names[] = {
		[ITEM_UNKNOWN] = "unknown",         [ITEM_DECLARED] = "declared",
		[ITEM_NOT_RUNNING] = "not_running", [ITEM_DRIFT] = "drift",
		[ITEM_REMOVED] = "removed",         [ITEM_FAILED] = "failed",
	};
	_Static_assert(ARRAY_SIZE(names) == ITEM_STATE_N, "a state has no name");

	return names[state];
}

static const char *live_name(enum live_state state)
{
	static const char *const names[] = { [LIVE_MAIN] = "main",
					     [LIVE_INHERITED] = "inherited",
					     [LIVE_OWN] = "own",
					     [LIVE_DRIFT] = "drift" };
	_Static_assert(ARRAY_SIZE(names) == LIVE_N, "a state has no name");

	return names[state];
}

static struct cell file_cell(struct items *items, const struct item *item)
{
	size_t n = item->file ? strlen(item->file) : 0;
	char *path;

	if (!item->file || item->file[0] == '/')
		return cell_str(item->file);
	path = arena_alloc(&items->arena, n + 2);
	if (!path)
		return cell_null();
	path[0] = '/';
	memcpy(path + 1, item->file, n);
	return cell_str(path);
}

static enum row_style item_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
			       struct cell *cells)
{
	struct items *items = ctx;
	const struct item *item = &items->v[row];

	for (size_t i = 0; i < n_shown; i++)
		switch (shown[i]) {
		case COL_TARGET:
			cells[i] = cell_str(item->target);
			break;
		case COL_DECLARED:
			cells[i] =
				item->has_declared ? cell_int(item->declared.value) : cell_null();
			break;
		case COL_STATE:
			cells[i] = cell_str(state_name(item->state));
			break;
		case COL_CHANGED:
			cells[i] = cell_bool(item->changed);
			break;
		case COL_LIVE:
			cells[i] = cell_uint(item->n_live);
			break;
		default:
			cells[i] = file_cell(items, item);
		}
	return ROW_PLAIN;
}

static void tell_json(struct out *o, struct items *items)
{
	out_array(o, "targets");
	for (size_t i = 0; i < items->n; i++) {
		const struct item *item = &items->v[i];

		out_object(o, NULL);
		out_field(o, "target", cell_str(item->target));
		out_field(o, "declared",
			  item->has_declared ? cell_int(item->declared.value) : cell_null());
		out_array(o, "live");
		for (size_t k = 0; k < item->n_live; k++) {
			out_object(o, NULL);
			out_field(o, "pid", cell_int(item->live[k].pid));
			out_field(o, "comm", cell_str(item->live[k].comm));
			out_field(o, "oom_score_adj", cell_int(item->live[k].value));
			out_field(o, "state", cell_str(live_name(item->live[k].state)));
			out_end(o);
		}
		out_end(o);
		out_field(o, "state", cell_str(state_name(item->state)));
		out_field(o, "file", file_cell(items, item));
		out_field(o, "changed", cell_bool(item->changed));
		out_end(o);
	}
	out_end(o);
}

/* Whoever differs from what is declared, by name. */
static void tell_drift(const struct items *items, const struct env *env)
{
	for (size_t i = 0; i < items->n; i++)
		for (size_t k = 0; k < items->v[i].n_live; k++) {
			const struct live *live = &items->v[i].live[k];

			if (live->state == LIVE_DRIFT)
				cli_note(env, "protect", "%s: %d (%s) has %d, and %d is declared",
					 items->v[i].target, (int)live->pid,
					 live->comm ? live->comm : "?", live->value,
					 items->v[i].declared.value);
		}
}

static int status_of(const struct protect *p, const struct items *items)
{
	size_t failed = 0, forbidden = 0, drift = 0, unknown = 0;

	for (size_t i = 0; i < items->n; i++) {
		failed += items->v[i].state == ITEM_FAILED;
		forbidden += items->v[i].state == ITEM_FAILED && items->v[i].forbidden;
		drift += items->v[i].state == ITEM_DRIFT;
		unknown += items->v[i].state == ITEM_UNKNOWN;
	}
	if (p->mode == PROTECT_CHECK)
		return drift ? EXIT_NO : unknown || failed ? EXIT_UNKNOWN : EXIT_DONE;
	if (failed == 0)
		return EXIT_DONE;
	/* A file that was written though its processes could not be set is half of it. */
	for (size_t i = 0; i < items->n; i++)
		if (items->v[i].state != ITEM_FAILED || items->v[i].changed || items->v[i].n_live)
			return EXIT_SOME;
	return forbidden ? EXIT_NOPERM : EXIT_NO;
}

/* By the column of --sort. Returns 0 or -ENOMEM. */
static int sort_items(const struct protect *p, struct items *items, int sort)
{
	_cleanup_free_ size_t *order = calloc(items->n + 1, sizeof(*order));
	struct item *v;
	int r;

	if (sort < 0 || items->n == 0)
		return 0;
	v = calloc(items->n, sizeof(*v));
	r = !order || !v ? -ENOMEM
			 : gather_sort(order, items->n, (unsigned)sort, item_row, items,
				       p->output.sort_descending);
	if (r < 0) {
		free(v);
		return r;
	}
	for (size_t i = 0; i < items->n; i++)
		v[i] = items->v[order[i]];
	free(items->v);
	items->v = v;
	return 0;
}

static int tell(struct protect *p, const struct env *env, struct adj_view *v, struct items *items)
{
	_cleanup_free_ unsigned *shown = NULL;
	enum out_format format = p->output.opt.format;
	int status = status_of(p, items), n_shown;
	struct out *o;

	n_shown = cli_select_columns(env, &p->output, columns, COL_N, &shown);
	if (n_shown < 0)
		return EXIT_USAGE;
	o = sort_items(p, items, cli_sort_column(env, &p->output, columns, COL_N)) == 0
		    ? cli_out(env, &p->output)
		    : NULL;
	if (!o) {
		cli_error(env, "protect", NULL, strerror(ENOMEM), NULL);
		return EXIT_USAGE;
	}
	if (p->print) {
		for (size_t i = 0; i < items->n; i++)
			out_text(o, "%s", items->v[i].text ? items->v[i].text : "");
	} else if (format == OUT_JSON || format == OUT_NDJSON) {
		out_field(o, "kernel", cell_str(v->s.release));
		out_field(o, "dry_run", cell_bool(p->dry_run));
		tell_json(o, items);
	} else if (items->n || format != OUT_TABLE) {
		out_rows(o, "targets", columns, shown, (size_t)n_shown, items->n, item_row, items);
	} else {
		out_text(o, "nothing is declared\n");
	}
	status = cli_finish(env, "protect", o, status);
	if (!p->output.opt.quiet)
		tell_drift(items, env);
	return status;
}

/* ------------------------------------------------------------------ the command */

static int refuse(const struct env *env, const char *option, const char *reason, const char *help)
{
	return cli_usage_error(env, "protect", option, NULL, reason, help);
}

static int check(struct protect *p, const struct env *env)
{
	_cleanup_free_ unsigned *shown = NULL;
	bool sets = p->mode == PROTECT_SET;

	/* Nothing is written where the telling of it cannot be as asked for. */
	if (cli_select_columns(env, &p->output, columns, COL_N, &shown) < 0 ||
	    cli_sort_column(env, &p->output, columns, COL_N) == -EINVAL)
		return EXIT_USAGE;
	if (env->secure) {
		cli_error(env, "protect", NULL,
			  "it writes files of the whole machine, and this run has rights that are "
			  "not its caller's",
			  "run it as root, without file capabilities");
		return EXIT_NOPERM;
	}
	if (!sets && (p->has_value || p->declared.main_only || p->declared.oom_policy || p->print))
		return refuse(env, p->print ? "--print" : "-n", "has no meaning here",
			      "it declares, and --check, --remove and --apply do not");
	if (p->mode == PROTECT_APPLY && p->targets.n)
		return refuse(env, "--apply", "takes files and no targets", NULL);
	if (sets && p->targets.n == 0) {
		if (p->has_value || p->declared.main_only || p->declared.oom_policy || p->print)
			return refuse(env, NULL, "names nobody", "a TARGET");
		p->mode = PROTECT_LIST;
	}
	if (!p->has_value)
		p->declared.value = LEVEL_DEFAULT;
	return EXIT_DONE;
}

static int open_machine(struct protect *p, const struct env *env, struct adj_view *v)
{
	const char *root = p->machine.root ? p->machine.root : env->root;
	int r = host_open(&v->host, root);

	if (r < 0) {
		cli_error(env, "protect", root ? root : "/", strerror(-r), NULL);
		return EXIT_USAGE;
	}
	v->host_open = true;
	v->snapshot_open = snapshot_open(&v->s, &v->host) == 0;
	if (p->init == INIT_N)
		p->init = init_detect(&v->host);
	return EXIT_DONE;
}

static int find_items(struct protect *p, const struct env *env, struct adj_view *v,
		      struct items *items)
{
	if (p->mode == PROTECT_APPLY)
		return protect_read_policies(p, env, v, items);
	if (p->targets.n)
		return protect_resolve(p, env, v, items);
	return protect_find_all(p, env, v, items);
}

/* systemd reads drop-ins again when it is told to. */
static void reload(const struct protect *p, const struct env *env, const struct adj_view *v,
		   const struct items *items)
{
	static const char *const argv[] = { "systemctl", "daemon-reload", NULL };
	bool needed = false;
	int r;

	for (size_t i = 0; i < items->n; i++)
		needed |= items->v[i].is_unit && items->v[i].changed;
	if (!needed || p->dry_run || p->print || p->init != INIT_SYSTEMD ||
	    !init_systemd_runs(&v->host))
		return;
	r = child_run(argv);
	if (r != 0)
		cli_note(env, "protect",
			 "systemctl daemon-reload failed%s%s: the files are read when "
			 "it is done",
			 r < 0 ? ": " : "", r < 0 ? strerror(-r) : "");
}

static int do_all(struct protect *p, const struct env *env, struct adj_view *v, struct items *items)
{
	int status = open_machine(p, env, v);

	if (status == EXIT_DONE)
		status = find_items(p, env, v, items);
	if (status != EXIT_DONE)
		return status;
	for (size_t i = 0; i < items->n; i++)
		if (p->mode == PROTECT_CHECK || p->mode == PROTECT_LIST)
			protect_look(p, env, v, items, &items->v[i]);
		else
			protect_do(p, env, v, items, &items->v[i]);
	if (p->mode == PROTECT_SET || p->mode == PROTECT_REMOVE)
		reload(p, env, v, items);
	return tell(p, env, v, items);
}

static int run(struct env *env, int argc, char **argv)
{
	struct protect p = { .output.command = &command_protect, .init = INIT_N };
	struct adj_view v = { 0 };
	struct items items = { 0 };
	int r = cli_parse(env, &command_protect, argc, argv, &p), status;

	if (r != 0)
		status = r > 0 ? EXIT_DONE : EXIT_USAGE;
	else if (p.output.list_columns)
		status = cli_list_columns(env, &p.output);
	else if ((status = check(&p, env)) == EXIT_DONE) {
		if (p.mode == PROTECT_CHECK || p.mode == PROTECT_LIST)
			caps_keep_reading();
		status = do_all(&p, env, &v, &items);
	}
	for (size_t i = 0; i < items.n; i++)
		free(items.v[i].text);
	free(items.v);
	arena_free(&items.arena);
	free(p.words);
	select_free(&p.targets);
	adj_view_close(&v);
	return status;
}

const struct command command_protect = {
	.name = "protect",
	.summary = "give services and names an oom_score_adj that lasts, and check it",
	.argp = &argp,
	.run = run,
	.flags = CMD_WRITES,
	.columns = columns,
	.n_columns = COL_N,
};

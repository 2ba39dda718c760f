/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch: who is being killed, as it happens, seen through whatever this machine permits? */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "psi.h"
#include "str.h"

enum {
	KEY_SOURCE = 256,
	KEY_PRESSURE,
	KEY_SNAPSHOT,
	KEY_TIMEOUT,
	KEY_REPLAY,
	KEY_EXEC,
	KEY_EXEC_SHELL,
	KEY_EXEC_TIMEOUT,
	KEY_EXEC_MOST,
	KEY_LIVE,
};

enum { SNAPSHOT_DEFAULT = 60, EXEC_SEC_DEFAULT = 30, EXEC_MOST_DEFAULT = 4, EXEC_MOST_MAX = 64 };

static const struct argp_option options[] = {
	{ "source", KEY_SOURCE, "SOURCES", 0,
	  "Listen to these alone: kmsg, tracefs, memory.events, oom_control, vmstat, psi", 0 },
	{ "replay", KEY_REPLAY, NULL, 0, "First tell what the kernel's log still has", 0 },
	{ "count", 'n', "NUM", 0, "End after so many events", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0, "End after that time, with status 124", 0 },
	{ "pressure", KEY_PRESSURE, "LEVEL", 0,
	  "Tell also when memory is short: low, medium, critical, some:PERCENT, full:PERCENT", 0 },
	{ "exec", KEY_EXEC, "FILE", 0,
	  "Run this program at each event, without a shell; OOM_PID, OOM_COMM... say what it was",
	  0 },
	{ "exec-shell", KEY_EXEC_SHELL, "LINE", 0, "The same with a line for sh -c", 0 },
	{ "exec-timeout", KEY_EXEC_TIMEOUT, "SECONDS", 0, "Kill it after that time (30)", 0 },
	{ "exec-most", KEY_EXEC_MOST, "NUM", 0, "How many may run at once (4); others wait", 0 },
	{ "live", KEY_LIVE, "SECONDS", 0,
	  "In place of events, who would die first, drawn anew every so often; q leaves", 0 },
	{ "snapshot", KEY_SNAPSHOT, "SECONDS", 0,
	  "How often all processes are looked at, to know a victim's command line (60); 0: never",
	  0 },
	{ 0 },
};

static error_t set_sources(struct watch *w, const char *arg, const struct argp_state *state)
{
	for (const char *p = arg;; p++) {
		size_t n = strcspn(p, ","), i = 0;

		while (i < SIGHT_SOURCE_N && (strlen(source_table[i]->name) != n ||
					      memcmp(source_table[i]->name, p, n) != 0))
			i++;
		if (i == SIGHT_SOURCE_N)
			return cli_usage(state, "--source", arg, "no such source",
					 "kmsg, tracefs, memory.events, oom_control, vmstat, psi");
		w->asked |= 1u << i;
		p += n;
		if (*p == '\0')
			return 0;
	}
}

static error_t set_number(const char *option, const char *arg, int64_t least, uint64_t *ret,
			  const char *what, const struct argp_state *state)
{
	int64_t v;

	if (str_to_i64(arg, strlen(arg), least, INT32_MAX, &v) < 0)
		return cli_usage(state, option, arg, what, NULL);
	*ret = (uint64_t)v;
	return 0;
}

static error_t take_argument(struct watch *w, struct argp_state *state)
{
	/* What stands before "--" is a target, and the children's. */
	if (!state->quoted || state->next <= state->quoted)
		return ARGP_ERR_UNKNOWN;
	w->command = &state->argv[state->next - 1];
	state->next = state->argc;
	return 0;
}

static error_t parse_hook_option(struct watch *w, int key, const char *arg,
				 const struct argp_state *state)
{
	error_t r;

	switch (key) {
	case KEY_EXEC:
		if (!*arg)
			return cli_usage(state, "--exec", arg, "names no program", NULL);
		w->exec = arg;
		return 0;
	case KEY_EXEC_SHELL:
		w->exec_shell = arg;
		return 0;
	case KEY_EXEC_TIMEOUT:
		return set_number("--exec-timeout", arg, 1, &w->exec_sec, "not a number of seconds",
				  state);
	case KEY_EXEC_MOST:
		r = set_number("--exec-most", arg, 1, &w->exec_most, "not a number of hooks",
			       state);
		if (r == 0 && w->exec_most > EXEC_MOST_MAX)
			return cli_usage(state, "--exec-most", arg, "too many", "64 at most");
		return r;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct watch *w = state->input;
	char trigger[64];

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &w->targets;
		state->child_inputs[1] = &w->output;
		state->child_inputs[2] = &w->machine;
		return 0;
	case KEY_SOURCE:
		return set_sources(w, arg, state);
	case KEY_REPLAY:
		w->replay = true;
		return 0;
	case 'n':
		return set_number("--count", arg, 1, &w->count, "not a number of events", state);
	case KEY_TIMEOUT:
		return set_number("--timeout", arg, 1, &w->timeout_sec, "not a number of seconds",
				  state);
	case KEY_SNAPSHOT:
		return set_number("--snapshot", arg, 0, &w->snapshot_sec, "not a number of seconds",
				  state);
	case KEY_LIVE:
		return set_number("--live", arg, 1, &w->live_sec, "not a number of seconds", state);
	case KEY_PRESSURE:
		if (psi_trigger(arg, trigger, sizeof(trigger)) < 0)
			return cli_usage(state, "--pressure", arg, "not a level",
					 "low, medium, critical, some:20, full:5");
		w->pressure = arg;
		return 0;
	case ARGP_KEY_ARG:
		return take_argument(w, state);
	default:
		return parse_hook_option(w, key, arg, state);
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
	.args_doc = "[TARGET...]\n"
		    "[TARGET...] -- COMMAND...\n"
		    "--live SECONDS [TARGET...]",
	.doc = "Tell OOM kills as they happen, one line or one JSON object each, through all that "
	       "this machine permits: the kernel's log, a trace event, the counters of cgroups. A "
	       "TARGET tells whose death matters; it need not exist yet.",
	.children = children,
};

/* ------------------------------------------------------------------ the run */

static int check(struct watch *w)
{
	const struct env *env = w->env;
	const char *root = w->machine.root ? w->machine.root : env->root;
	enum out_format *format = &w->output.opt.format;

	if (root && *root && strcmp(root, "/") != 0)
		return cli_usage_error(env, "watch", "--root", root,
				       "what happens can be watched on the running machine alone",
				       NULL);
	if (w->machine.kernel)
		return cli_usage_error(env, "watch", "--kernel", w->machine.kernel,
				       "what happens is told, not judged", "--live takes it");
	if (w->exec && w->exec_shell)
		return cli_usage_error(env, "watch", "--exec-shell", NULL,
				       "and --exec cannot go together", "one hook is run");
	if (w->output.sort)
		return cli_usage_error(env, "watch", "--sort", w->output.sort,
				       "events come in their own order", NULL);
	if (*format == OUT_PROM)
		return cli_usage_error(env, "watch", "--format", "prom", "events are no metrics",
				       "json, csv and tsv are streams");
	/* One object a line: a document would end with us. */
	if (*format == OUT_JSON)
		*format = OUT_NDJSON;
	if (w->pressure)
		w->asked |= w->asked ? 1u << SIGHT_PSI : 0;
	else if (w->asked & 1u << SIGHT_PSI)
		return cli_usage_error(env, "watch", "--source", "psi", "wants a level",
				       "--pressure LEVEL");
	return EXIT_DONE;
}

static int check_live(const struct watch *w)
{
	if (w->command || w->asked || w->replay || w->count || w->pressure || w->exec ||
	    w->exec_shell || w->timeout_sec)
		return cli_usage_error(w->env, "watch", "--live", NULL,
				       "shows a ranking and waits for no event",
				       "it goes with targets, --root and --kernel alone");
	return EXIT_DONE;
}

static int run(struct env *env, int argc, char **argv)
{
	struct watch w = {
		.output.command = &command_watch,
		.env = env,
		.snapshot_sec = SNAPSHOT_DEFAULT,
		.signal_fd = -1,
		.exec_sec = EXEC_SEC_DEFAULT,
		.exec_most = EXEC_MOST_DEFAULT,
		.hooks.fd = -1,
		.host = { .root_fd = -1, .proc_fd = -1 },
	};
	int r = cli_parse(env, &command_watch, argc, argv, &w), status;

	if (r != 0) {
		status = r > 0 ? EXIT_DONE : EXIT_USAGE;
	} else if (w.output.list_columns) {
		status = cli_list_columns(env, &w.output);
	} else {
		w.n_shown =
			cli_select_columns(env, &w.output, watch_columns, WATCH_COL_N, &w.shown);
		status = w.n_shown < 0 ? EXIT_USAGE : w.live_sec ? check_live(&w) : check(&w);
		if (status == EXIT_DONE)
			status = w.live_sec ? watch_live(&w) : watch_run(&w);
	}
	select_free(&w.targets);
	free(w.shown);
	return status;
}

const struct command command_watch = {
	.name = "watch",
	.summary = "who is being killed, as it happens",
	.argp = &argp,
	.run = run,
	.flags = CMD_STREAMS | CMD_WATCHES | CMD_NAME_TAKEN,
	.columns = watch_columns,
	.n_columns = WATCH_COL_N,
};

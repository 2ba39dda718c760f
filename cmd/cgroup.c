/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup: how full is each memory cgroup, what bounds it, and what has happened to it? */
#include "cgroup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "caps.h"

enum { KEY_WRITE = 256, KEY_DRY_RUN, KEY_VICTIMS };

/* ------------------------------------------------------------------ options */

static const struct argp_option options[] = {
	{ "victims", KEY_VICTIMS, NULL, 0, "Judge who dies first in each limited cgroup", 0 },
	{ "write", KEY_WRITE, "KEY=VALUE", 0,
	  "Change the one TARGET: max, high, low, min, swap.max, oom.group; v1: max, memsw.max, "
	  "oom_kill_disable",
	  0 },
	{ "dry-run", KEY_DRY_RUN, NULL, 0, "Tell what --write would do, and do nothing", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct cgroup_command *c = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &c->targets;
		state->child_inputs[1] = &c->output;
		state->child_inputs[2] = &c->machine;
		return 0;
	case KEY_VICTIMS:
		c->victims = true;
		return 0;
	case KEY_WRITE:
		return cgroup_add_write(c, arg, state);
	case KEY_DRY_RUN:
		c->dry_run = true;
		return 0;
	case ARGP_KEY_END:
		if (c->n_writes && c->targets.n != 1)
			return cli_usage(state, "--write", NULL, "needs exactly one TARGET", NULL);
		if (c->n_writes && c->victims)
			return cli_usage(state, "--victims", NULL, "not with --write", NULL);
		if (c->dry_run && !c->n_writes)
			return cli_usage(state, "--dry-run", NULL, "nothing is changed anyway",
					 "it goes with --write");
		return 0;
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
	.args_doc = "[TARGET...]\n"
		    "--write KEY=VALUE... TARGET",
	.doc = "Show the memory cgroups as a tree: what each has, what bounds it and how much is "
	       "left, and how often it ran out. A TARGET is shown with all below it.",
	.children = children,
};

/* ------------------------------------------------------------------ the targets */

static bool is_by_process(enum target_kind kind)
{
	return kind != TARGET_CGROUP && kind != TARGET_UNIT && kind != TARGET_CONTAINER;
}

static bool need_processes(const struct cgroup_command *c)
{
	if (c->victims)
		return true;
	for (size_t i = 0; i < c->targets.n; i++)
		if (is_by_process(c->targets.targets[i].kind))
			return true;
	return false;
}

static unsigned snapshot_need_of(const struct cgroup_command *c)
{
	unsigned facts = select_need(&c->targets), need = SNAPSHOT_CGROUP;

	if (c->victims)
		need |= SNAPSHOT_MODEL;
	if (facts & (HAVE_COMM | HAVE_PPID))
		need |= SNAPSHOT_STAT;
	if (facts & HAVE_CMDLINE)
		need |= SNAPSHOT_CMDLINE;
	if (facts & HAVE_UID)
		need |= SNAPSHOT_STATUS;
	return need;
}

static void tell_missed(struct cgroup_command *c, const struct env *env, const struct target *t,
			const char *reason, const char *help)
{
	cli_error(env, "cgroup", t->text, reason, help);
	c->n_missed++;
}

static int add_path(struct cgroup_command *c, const char *path)
{
	const char **paths;

	for (size_t i = 0; i < c->n_paths; i++)
		if (strcmp(c->paths[i], path) == 0)
			return 0;
	paths = reallocarray(c->paths, c->n_paths + 1, sizeof(*paths));
	if (!paths)
		return -ENOMEM;
	c->paths = paths;
	c->paths[c->n_paths++] = path;
	return 0;
}

/* Whether the mounted hierarchy shows this cgroup. */
static bool is_shown(struct cgroup_command *c, const char *path)
{
	const char *dir;
	uint64_t id;

	return cgroupfs_dir(c->fs, path, &c->g.j.s.arena, &dir) == 0 &&
	       host_inode(&c->g.j.host, dir, &id) == 0;
}

/* A path, unit or container: the hierarchy itself knows it, whether anybody runs there or not. */
static int find_named(struct cgroup_command *c, const struct env *env, const struct target *t)
{
	struct snapshot *s = &c->g.j.s;
	const char *path;
	int r = select_cgroup_path(t, &c->g.j.host, s, &s->arena, &path);

	if (r == -ENOMEM)
		return r;
	if (r == -ENOTUNIQ)
		tell_missed(c, env, t, "stands for several cgroups",
			    "name one of them by its path");
	else if (r < 0)
		tell_missed(c, env, t,
			    t->kind == TARGET_UNIT        ? "no cgroup of such a unit"
			    : t->kind == TARGET_CONTAINER ? "no cgroup of such a container"
							  : "no such cgroup",
			    NULL);
	else if (!is_shown(c, path))
		tell_missed(c, env, t, "what is mounted here does not show it", NULL);
	else
		return add_path(c, path);
	return 0;
}

/* The cgroups of the processes that a target means. */
static int find_by_process(struct cgroup_command *c, const struct env *env, struct target *t)
{
	const struct snapshot *s = &c->g.j.s;
	struct select_spec one = { .targets = t, .n = 1 };
	_cleanup_free_ bool *chosen = calloc(s->n_procs + 1, sizeof(*chosen));
	bool missed[1];
	size_t found = 0;
	ssize_t n = chosen ? select_match(&one, &c->g.j.host, s, host_self(&c->g.j.host), chosen,
					  missed)
			   : -ENOMEM;
	int r = n < 0 ? (int)n : 0;

	for (size_t i = 0; r == 0 && i < s->n_procs; i++) {
		const struct proc *p = &s->procs[i];

		if (!chosen[i] || !(p->have & HAVE_CGROUP) || !is_shown(c, p->cgroup))
			continue;
		found++;
		r = add_path(c, p->cgroup);
	}
	if (r == 0 && n == 0)
		tell_missed(c, env, t, gather_missed_reason(t),
			    gather_missed_help(&c->g.j.host));
	else if (r == 0 && found == 0)
		tell_missed(c, env, t, "what is mounted here does not show its cgroup", NULL);
	return r;
}

/* Returns EXIT_DONE or the status to end with. */
static int find_targets(struct cgroup_command *c, const struct env *env)
{
	for (size_t i = 0; i < c->targets.n; i++) {
		struct target *t = &c->targets.targets[i];
		int r = is_by_process(t->kind) ? find_by_process(c, env, t) : find_named(c, env, t);

		if (r < 0) {
			cli_error(env, "cgroup", t->text, strerror(-r), NULL);
			return EXIT_USAGE;
		}
	}
	return c->n_paths || c->targets.n == 0 ? EXIT_DONE : EXIT_NO;
}

/* ------------------------------------------------------------------ reading */

static unsigned tree_need(const struct cgroup_command *c, const unsigned *shown, size_t n_shown,
			  int sort)
{
	unsigned need = sort < 0 ? 0 : cgroup_columns[sort].need;

	for (size_t i = 0; i < n_shown; i++)
		need |= cgroup_columns[shown[i]].need;
	if (need & MEMTREE_EFFECTIVE)
		need |= 1u << MEMTREE_CURRENT | 1u << MEMTREE_LIMIT;
	if (c->victims)
		need |= 1u << MEMTREE_LIMIT | 1u << MEMTREE_MEMSW_LIMIT | MEMTREE_OOM_GROUP;
	return need;
}

int cgroup_read_tree(struct cgroup_command *c, const struct env *env, unsigned need, bool below)
{
	int r = memtree_read(&c->tree, c->fs, &c->g.j.host, need, c->paths, c->n_paths, !below);

	if (r == 0 && c->victims)
		r = foresee(&c->g.j, &c->tree, &c->foreseen);
	if (r == 0) {
		c->labels = calloc(c->tree.n + 1, sizeof(*c->labels));
		c->rows = calloc(c->tree.n + 1, sizeof(*c->rows));
		r = c->labels && c->rows ? 0 : -ENOMEM;
	}
	if (r < 0) {
		cli_error(env, "cgroup", c->n_paths ? c->paths[0] : c->fs->mount,
			  r == -ENOENT ? "it has vanished" : strerror(-r), NULL);
		return r == -ENOENT ? EXIT_NO : EXIT_USAGE;
	}
	for (uint32_t i = 0; i < c->tree.n; i++)
		if (c->tree.nodes[i].shown)
			c->rows[c->n_rows++] = i;
	return EXIT_DONE;
}

static int sort_rows(struct cgroup_command *c, int sort)
{
	_cleanup_free_ size_t *order = calloc(c->n_rows + 1, sizeof(*order));
	_cleanup_free_ uint32_t *rows = calloc(c->n_rows + 1, sizeof(*rows));

	if (!order || !rows)
		return -ENOMEM;
	c->as_tree = false;
	if (gather_sort(order, c->n_rows, (unsigned)sort, cgroup_row, c,
			c->output.sort_descending) < 0)
		return -ENOMEM;
	memcpy(rows, c->rows, c->n_rows * sizeof(*rows));
	for (size_t i = 0; i < c->n_rows; i++)
		c->rows[i] = rows[order[i]];
	return 0;
}

/* ------------------------------------------------------------------ telling */

static const char *version_name(const struct cgroup_command *c)
{
	return !c->fs ? NULL : c->fs->version == CGROUP_V1 ? "v1" : "v2";
}

static void tell_head(struct out *o, const struct cgroup_command *c)
{
	out_field(o, "kernel", cell_str(c->g.j.s.release));
	out_field(o, "version", cell_str(version_name(c)));
	out_field(o, "mount", cell_str(c->fs ? c->fs->mount : NULL));
	out_field(o, "hybrid",
		  c->fs ? cell_bool(c->fs->version == CGROUP_V1 && c->fs->v2_mounted)
			: cell_null());
}

/* What a person must not overlook in the rows. */
static void tell_states(struct out *o, const struct cgroup_command *c)
{
	char path[256];

	if (!out_is_table(o) || c->output.opt.noheadings)
		return;
	for (size_t i = 0; i < c->n_rows; i++) {
		const struct memtree_node *node = &c->tree.nodes[c->rows[i]];
		const char *name = out_escape(node->path, strlen(node->path), path, sizeof(path));

		if (node->control.under_oom)
			out_text(o, "%s is out of memory now%s\n", name,
				 node->control.oom_kill_disable
					 ? " and oom_kill_disable is set: its tasks wait until "
					   "somebody makes room."
					 : ".");
		else if (node->control.oom_kill_disable)
			out_text(o,
				 "%s has oom_kill_disable: when it is full its tasks wait, and "
				 "nobody is killed.\n",
				 name);
	}
}

/* Why the column is empty. */
static void tell_no_pressure(struct out *o, const struct cgroup_command *c, const unsigned *shown,
			     size_t n_shown)
{
	if (!out_is_table(o) || c->output.opt.noheadings || !c->n_rows || !c->fs ||
	    c->fs->version != CGROUP_V1)
		return;
	for (size_t i = 0; i < n_shown; i++)
		if (cgroup_is_of_pressure(shown[i])) {
			out_text(o, "Pressure is counted by cgroup v2 alone%s.\n",
				 c->tree.nodes[0].pressure ? "; that of / is the machine's" : "");
			return;
		}
}

/* The limit that holds for all that is mounted here, set by somebody who is not. */
static void tell_hidden_limit(struct out *o, const struct cgroup_command *c)
{
	const struct memtree_node *top = c->tree.n ? &c->tree.nodes[0] : NULL;
	char size[32];

	if (top && top->have_effective && top->effective_limit != MEMSTAT_MAX &&
	    top->limited_by == MEMTREE_NONE)
		out_text(o, "A cgroup above what is mounted here limits all of it to %s.\n",
			 out_size(o, top->effective_limit, size, sizeof(size)));
}

static void tell_notes(const struct cgroup_command *c, const struct env *env)
{
	size_t unjudged = 0;

	for (size_t i = 0; i < c->tree.n; i++) {
		const struct memtree_node *node = &c->tree.nodes[i];
		uint32_t at = node->parent;

		if (!node->shown || node->has_controller)
			continue;
		while (at != MEMTREE_NONE && !c->tree.nodes[at].has_controller)
			at = c->tree.nodes[at].parent;
		cli_note(env, "cgroup",
			 "%s has no memory controller: what is in it is charged to %s", node->path,
			 at == MEMTREE_NONE ? "a cgroup above" : c->tree.nodes[at].path);
	}
	if (c->tree.n_refused)
		cli_note(env, "cgroup",
			 "%zu cgroup%s could not be read in full and %s unknowns (root, or "
			 "CAP_DAC_READ_SEARCH, would help)",
			 c->tree.n_refused, c->tree.n_refused == 1 ? "" : "s",
			 c->tree.n_refused == 1 ? "has" : "have");
	if (c->tree.psi_off)
		cli_note(env, "cgroup",
			 "the kernel does not count pressure (psi=1 on its command line would)");
	if (!c->victims && c->g.j.era_guessed)
		cli_note(env, "cgroup", "the kernel's release is not known");
	if (!c->victims)
		return;
	for (size_t i = 0; i < c->tree.n; i++)
		unjudged += c->foreseen[i].limited && c->foreseen[i].outcome == KILLS_UNKNOWN;
	if (unjudged)
		cli_note(
			env, "cgroup",
			"whom it would kill is not known of %zu cgroup%s: not all that the rule is "
			"built on could be read",
			unjudged, unjudged == 1 ? "" : "s");
	gather_footnotes(&c->g, env, "cgroup");
}

/* Where our own cgroup is, though nothing shows it. */
static void tell_nothing_mounted(struct cgroup_command *c, const struct env *env)
{
	struct judge *j = &c->g.j;
	const char *path;

	if (cgroupfs_own_path(&j->cgroupfs, &j->host, &j->s.arena, &path) == 0)
		cli_note(env, "cgroup",
			 "no memory cgroup hierarchy is mounted here; our own cgroup is %s "
			 "(/proc/self/cgroup)",
			 path);
	else
		cli_note(env, "cgroup",
			 "no memory cgroup hierarchy is mounted here, and /proc/self/cgroup does "
			 "not tell our own cgroup");
}

static int tell(struct cgroup_command *c, const struct env *env, const unsigned *shown,
		size_t n_shown)
{
	int status = c->n_missed == 0 ? EXIT_DONE : c->n_rows ? EXIT_SOME : EXIT_NO;
	struct out *o = cli_out(env, &c->output);

	if (!o) {
		cli_error(env, "cgroup", NULL, strerror(ENOMEM), NULL);
		return EXIT_USAGE;
	}
	tell_head(o, c);
	if (c->n_rows || !out_is_table(o))
		out_rows(o, "cgroups", cgroup_columns, shown, n_shown, c->n_rows, cgroup_row, c);
	tell_states(o, c);
	tell_no_pressure(o, c, shown, n_shown);
	tell_hidden_limit(o, c);
	status = cli_finish(env, "cgroup", o, status);
	if (c->output.opt.quiet)
		return status;
	if (c->fs)
		tell_notes(c, env);
	else
		tell_nothing_mounted(c, env);
	return status;
}

/* ------------------------------------------------------------------ the command */

/* --victims has its column in a table, and a column of victims is --victims. Returns how many
 * columns are shown, or -EINVAL. */
static int choose_columns(struct cgroup_command *c, const struct env *env, unsigned **shown,
			  int sort)
{
	bool defaults = !c->output.columns && !c->output.all_columns;
	int n = cli_select_columns(env, &c->output, cgroup_columns, COL_N, shown);

	if (n < 0)
		return n;
	/* There is room for all columns and one more. */
	if (c->victims && defaults && c->output.opt.format != OUT_JSON &&
	    c->output.opt.format != OUT_NDJSON && c->output.opt.format != OUT_PROM)
		(*shown)[n++] = COL_VICTIM;
	for (int i = 0; i < n && !defaults; i++)
		c->victims |= cgroup_is_of_victims((*shown)[i]);
	c->victims |= sort >= 0 && cgroup_is_of_victims((unsigned)sort);
	return n;
}

static int open_machine(struct cgroup_command *c, const struct env *env)
{
	int status = gather_machine(&c->g, env, "cgroup",
				    &(struct gather_options){ .machine = &c->machine,
							      .need = snapshot_need_of(c),
							      .no_processes = !need_processes(c),
							      .quiet = c->output.opt.quiet });

	if (status == EXIT_DONE)
		c->fs = judge_cgroupfs(&c->g.j);
	return status;
}

static int show(struct cgroup_command *c, const struct env *env)
{
	_cleanup_free_ unsigned *shown = NULL;
	int sort = cli_sort_column(env, &c->output, cgroup_columns, COL_N), n, status;

	if (sort == -EINVAL)
		return EXIT_USAGE;
	n = choose_columns(c, env, &shown, sort);
	if (n < 0)
		return EXIT_USAGE;
	c->as_tree = c->output.opt.format == OUT_TABLE && sort < 0;
	status = open_machine(c, env);
	if (status != EXIT_DONE)
		return status;
	if (!c->fs && c->targets.n) {
		cli_error(env, "cgroup", NULL, "no memory cgroup hierarchy is mounted here", NULL);
		return EXIT_USAGE;
	}
	if (c->fs)
		status = find_targets(c, env);
	if (status == EXIT_DONE && c->fs)
		status = cgroup_read_tree(c, env, tree_need(c, shown, (size_t)n, sort), true);
	if (status != EXIT_DONE)
		return status;
	if (sort >= 0 && sort_rows(c, sort) < 0) {
		cli_error(env, "cgroup", NULL, strerror(ENOMEM), NULL);
		return EXIT_USAGE;
	}
	return tell(c, env, shown, (size_t)n);
}

static int change(struct cgroup_command *c, const struct env *env)
{
	int status;

	if (env->secure) {
		cli_error(env, "cgroup", NULL,
			  "--write changes what others may use, and this run has rights that are "
			  "not its caller's",
			  "run it as root, without file capabilities");
		return EXIT_NOPERM;
	}
	status = open_machine(c, env);
	if (status != EXIT_DONE)
		return status;
	if (!c->fs) {
		cli_error(env, "cgroup", NULL, "no memory cgroup hierarchy is mounted here", NULL);
		return EXIT_USAGE;
	}
	status = find_targets(c, env);
	return status == EXIT_DONE ? cgroup_write(c, env) : status;
}

static int run(struct env *env, int argc, char **argv)
{
	struct cgroup_command c = { .output.command = &command_cgroup };
	int r = cli_parse(env, &command_cgroup, argc, argv, &c), status;

	if (!c.n_writes)
		caps_keep_reading();
	else if (!env->secure)
		caps_keep_changing();
	if (r != 0)
		status = r > 0 ? EXIT_DONE : EXIT_USAGE;
	else if (c.output.list_columns)
		status = cli_list_columns(env, &c.output);
	else
		status = c.n_writes ? change(&c, env) : show(&c, env);
	free(c.rows);
	free(c.labels);
	free(c.foreseen);
	free(c.paths);
	free(c.writes);
	memtree_close(&c.tree);
	podnames_close(&c.podnames);
	gather_close(&c.g);
	select_free(&c.targets);
	return status;
}

const struct command command_cgroup = {
	.name = "cgroup",
	.summary = "how full the memory cgroups are, what bounds them, who would die there",
	.argp = &argp,
	.run = run,
	.flags = CMD_WRITES,
	.columns = cgroup_columns,
	.n_columns = COL_N,
};

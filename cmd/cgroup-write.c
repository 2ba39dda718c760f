/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup --write: what is changed of one memory cgroup, what was not, and why? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cgroup.h"
#include "init.h"

enum write_column {
	WRITE_PATH,
	WRITE_KEY,
	WRITE_FILE,
	WRITE_FROM,
	WRITE_TO,
	WRITE_NOW,
	WRITE_STATE,
	WRITE_ERROR,
	WRITE_N,
};

#define BOTH (COLUMN_TABLE | COLUMN_JSON)

static const struct column columns[] = {
	[WRITE_PATH] = { "path", "CGROUP", NULL, CELL_STR, BOTH | COLUMN_LABEL, 0,
			 "Path in the hierarchy of the memory controller" },
	[WRITE_KEY] = { "key", "KEY", NULL, CELL_STR, BOTH | COLUMN_LABEL, 0, "What is changed" },
	[WRITE_FILE] = { "file", "FILE", NULL, CELL_STR, COLUMN_JSON | COLUMN_LABEL, 0,
			 "Its file" },
	[WRITE_FROM] = { "from", "FROM", NULL, CELL_BYTES, BOTH | COLUMN_RIGHT, 0,
			 "The value that it had" },
	[WRITE_TO] = { "to", "TO", NULL, CELL_BYTES, BOTH | COLUMN_RIGHT, 0,
		       "The value that it was to have" },
	[WRITE_NOW] = { "now", "NOW", NULL, CELL_BYTES, BOTH | COLUMN_RIGHT, 0,
			"The value that it has" },
	[WRITE_STATE] = { "state", "STATE", NULL, CELL_STR, BOTH | COLUMN_LABEL, 0,
			  "planned, done, failed, undone, stranded, skipped" },
	[WRITE_ERROR] = { "error", "ERROR", NULL, CELL_STR, COLUMN_JSON | COLUMN_LABEL, 0,
			  "Why it was not done" },
};
_Static_assert(ARRAY_SIZE(columns) == WRITE_N, "a column is missing");

/* ------------------------------------------------------------------ options */

static const char *all_keys(char *buf, size_t size)
{
	size_t n = 0;

	for (unsigned i = 0; i < MEMLIMIT_KEY_N && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", i ? ", " : "",
				      memlimit_key_name((enum memlimit_key)i));
	return buf;
}

error_t cgroup_add_write(struct cgroup_command *c, const char *arg, const struct argp_state *state)
{
	struct memlimit_change change, *writes;
	char keys[128];
	int r = memlimit_parse(arg, &change);

	if (r == -ENOENT)
		return cli_usage(state, "--write", arg, "not a key that can be written",
				 all_keys(keys, sizeof(keys)));
	if (r < 0)
		return cli_usage(state, "--write", arg, "not a value of this key",
				 memlimit_is_flag(change.key)
					 ? "0 or 1"
					 : "a size, as in 512M or 1.5G, or max");
	for (size_t i = 0; i < c->n_writes; i++)
		if (c->writes[i].key == change.key)
			return cli_usage(state, "--write", arg, "the same key twice", NULL);
	writes = reallocarray(c->writes, c->n_writes + 1, sizeof(*writes));
	if (!writes)
		return cli_usage(state, "--write", arg, strerror(ENOMEM), NULL);
	c->writes = writes;
	c->writes[c->n_writes++] = change;
	return 0;
}

/* ------------------------------------------------------------------ before it */

static int refuse(const struct env *env, const struct memlimit_change *change, const char *reason,
		  const char *help)
{
	char option[64];

	snprintf(option, sizeof(option), "--write %s", memlimit_key_name(change->key));
	return cli_usage_error(env, "cgroup", option, NULL, reason, help);
}

static int check(const struct cgroup_command *c, const struct env *env)
{
	enum cgroup_version version = c->fs->version;

	for (size_t i = 0; i < c->n_writes; i++) {
		const struct memlimit_change *w = &c->writes[i];

		if (!memlimit_file(w->key, version))
			return refuse(env, w,
				      version == CGROUP_V1 ? "cgroup v1 has no such thing"
							   : "cgroup v2 has no such thing",
				      memlimit_instead(w->key, version));
		/* The kernel rounds down to pages: 512 was meant to be 512M. */
		if (!memlimit_is_flag(w->key) && w->to && w->to < c->g.j.s.machine.page_size)
			return refuse(env, w, "less than a page, which the kernel takes for 0",
				      "a number with K M G T, as in 512M");
	}
	if (c->n_paths != 1) {
		cli_error(env, "cgroup", c->targets.targets[0].text,
			  "its processes are in several cgroups, and --write changes one",
			  "name it by its path");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* What the numbers mean together, which no single file refuses. */
static void warn_of_limits(const struct cgroup_command *c, const struct env *env)
{
	const struct memtree_node *node = &c->tree.nodes[c->rows[0]];
	bool v1 = c->fs->version == CGROUP_V1;
	uint64_t max = node->have & 1u << MEMTREE_LIMIT ? node->number[MEMTREE_LIMIT] : MEMSTAT_MAX;
	uint64_t high = MEMSTAT_MAX;
	char now[32], limit[32];

	for (size_t i = 0; i < c->n_writes; i++) {
		const struct memlimit_change *w = &c->writes[i];

		max = w->key == MEMLIMIT_MAX ? w->to : max;
		high = w->key == MEMLIMIT_HIGH ? w->to : high;
		if (w->key != MEMLIMIT_MAX || !(node->have & 1u << MEMTREE_CURRENT) ||
		    node->number[MEMTREE_CURRENT] <= w->to)
			continue;
		out_human(node->number[MEMTREE_CURRENT], false, now, sizeof(now));
		out_human(w->to, false, limit, sizeof(limit));
		if (v1)
			cli_note(
				env, "cgroup",
				"%s has %s, more than the new limit of %s: where so much cannot be "
				"reclaimed, v1 refuses it (EBUSY)",
				node->path, now, limit);
		else
			cli_note(
				env, "cgroup",
				"%s has %s, more than the new limit of %s: where so much cannot be "
				"reclaimed, the OOM killer makes room at once (oomkit rank --scope "
				"%s --limit %s tells whom it takes)",
				node->path, now, limit, node->path, limit);
	}
	if (high != MEMSTAT_MAX && high >= max)
		cli_note(env, "cgroup", "high is not below max: it never slows anybody down");
}

/* Who manages the cgroup will write its own values again. */
static void warn_of_manager(struct cgroup_command *c, const struct env *env)
{
	const struct memtree_node *node = &c->tree.nodes[c->rows[0]];
	const char *last = strrchr(node->path, '/');
	struct cgroup_meaning m;

	if (cgroupfs_meaning(node->path, &c->tree.arena, &m) < 0)
		return;
	if (m.pod)
		cli_note(env, "cgroup",
			 "it belongs to a Kubernetes pod: kubelet knows only the limits of its "
			 "manifest");
	else if (m.container)
		cli_note(env, "cgroup",
			 "it belongs to a container: its runtime does not know of this change "
			 "(%s update --memory would keep it)",
			 m.runtime && strcmp(m.runtime, "podman") == 0 ? "podman" : "docker");
	else if (m.unit && last && strcmp(last + 1, m.unit) == 0 &&
		 init_detect(&c->g.j.host) == INIT_SYSTEMD)
		cli_note(env, "cgroup",
			 "systemd sets this again when %s changes or is reloaded: systemctl "
			 "set-property keeps it",
			 m.unit);
}

/* ------------------------------------------------------------------ telling */

struct told {
	const struct cgroup_command *c;
	const char *path;
};

static struct cell value_cell(enum memlimit_key key, bool have, uint64_t value)
{
	if (!have)
		return cell_null();
	if (memlimit_is_flag(key))
		return cell_uint(value);
	return value == MEMSTAT_MAX ? cell_str("max") : cell_bytes(value);
}

static const char *state_name(enum memlimit_end end)
{
	static const char *const names[] = {
		[MEMLIMIT_PLANNED] = "planned",   [MEMLIMIT_DONE] = "done",
		[MEMLIMIT_FAILED] = "failed",     [MEMLIMIT_UNDONE] = "undone",
		[MEMLIMIT_STRANDED] = "stranded",
	};

	return names[end];
}

static enum row_style write_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				struct cell *cells)
{
	const struct told *t = ctx;
	const struct memlimit_change *w = &t->c->writes[row];

	for (size_t i = 0; i < n_shown; i++) {
		const struct cell all[] = {
			[WRITE_PATH] = cell_str(t->path),
			[WRITE_KEY] = cell_str(memlimit_key_name(w->key)),
			[WRITE_FILE] = cell_str(memlimit_file(w->key, t->c->fs->version)),
			[WRITE_FROM] = value_cell(w->key, w->have_from, w->from),
			[WRITE_TO] = value_cell(w->key, true, w->to),
			[WRITE_NOW] = value_cell(w->key, w->have_now, w->now),
			[WRITE_STATE] = cell_str(w->end == MEMLIMIT_PLANNED && !t->c->dry_run
							 ? "skipped"
							 : state_name(w->end)),
			[WRITE_ERROR] = w->error ? cell_str(strerror(w->error)) : cell_null(),
		};

		cells[i] = all[shown[i]];
	}
	return w->end == MEMLIMIT_FAILED || w->end == MEMLIMIT_STRANDED ? ROW_MARKED : ROW_PLAIN;
}

static const char *failure_help(const struct cgroup_command *c, const struct memlimit_change *w)
{
	switch (w->error) {
	case EACCES:
	case EPERM:
		return "root or the owner of the cgroup may; CAP_DAC_OVERRIDE would help";
	case EROFS:
		return "the hierarchy is mounted read-only here, as in most containers: run it "
		       "outside";
	case EBUSY:
		return "what is in use cannot be reclaimed: stop something first, or allow more";
	case EDOM:
		return "change max and memsw.max together";
	case ENOENT:
		return w->have_from ? NULL
		       : c->tree.nodes[c->rows[0]].parent == MEMTREE_NONE
			       ? "the root cgroup has no limits"
			       : "this kernel, or this cgroup, has no such file";
	case EINVAL:
		return c->tree.nodes[c->rows[0]].parent == MEMTREE_NONE
			       ? "the root cgroup takes no limits"
			       : NULL;
	default:
		return NULL;
	}
}

static int tell_failures(const struct cgroup_command *c, const struct env *env)
{
	bool stranded = false, forbidden = false, failed = false;
	char object[4200];

	for (size_t i = 0; i < c->n_writes; i++) {
		const struct memlimit_change *w = &c->writes[i];

		snprintf(object, sizeof(object), "%s: %s", c->tree.nodes[c->rows[0]].path,
			 memlimit_file(w->key, c->fs->version));
		if (w->end == MEMLIMIT_FAILED)
			cli_error(env, "cgroup", object,
				  w->error == EDOM
					  ? "the limit of memory would be above the one of "
					    "memory and swap"
					  : strerror(w->error),
				  failure_help(c, w));
		if (w->end == MEMLIMIT_UNDONE)
			cli_note(env, "cgroup", "%s: has its old value again", object);
		if (w->end == MEMLIMIT_STRANDED)
			cli_error(env, "cgroup", object,
				  "was changed, and its old value could not be written back", NULL);
		failed |= w->end == MEMLIMIT_FAILED;
		stranded |= w->end == MEMLIMIT_STRANDED;
		forbidden |= w->error == EACCES || w->error == EPERM || w->error == EROFS;
	}
	if (stranded)
		return EXIT_SOME;
	return !failed ? EXIT_DONE : forbidden ? EXIT_NOPERM : EXIT_NO;
}

static int tell(const struct cgroup_command *c, const struct env *env)
{
	struct told t = { .c = c, .path = c->tree.nodes[c->rows[0]].path };
	_cleanup_free_ unsigned *shown = NULL;
	int n = cli_select_columns(env, &c->output, columns, WRITE_N, &shown), status;
	struct out *o;

	if (n < 0)
		return EXIT_USAGE;
	o = cli_out(env, &c->output);
	if (!o) {
		cli_error(env, "cgroup", NULL, strerror(ENOMEM), NULL);
		return EXIT_USAGE;
	}
	status = tell_failures(c, env);
	out_field(o, "kernel", cell_str(c->g.j.s.release));
	out_field(o, "version", cell_str(c->fs->version == CGROUP_V1 ? "v1" : "v2"));
	out_field(o, "dry_run", cell_bool(c->dry_run));
	out_rows(o, "changes", columns, shown, (size_t)n, c->n_writes, write_row, &t);
	return cli_finish(env, "cgroup", o, status);
}

int cgroup_write(struct cgroup_command *c, const struct env *env)
{
	_cleanup_free_ unsigned *shown = NULL;
	const char *dir;
	int r, status = check(c, env);

	/* Nothing is written where the telling of it cannot be as asked for. */
	if (status != EXIT_DONE ||
	    cli_select_columns(env, &c->output, columns, WRITE_N, &shown) < 0)
		return EXIT_USAGE;
	if (c->output.sort)
		return cli_usage_error(env, "cgroup", "--sort", NULL,
				       "changes stand in the order in which they are made", NULL);
	status = cgroup_read_tree(c, env, 1u << MEMTREE_CURRENT | 1u << MEMTREE_LIMIT, false);
	if (status != EXIT_DONE)
		return status;
	if (!c->output.opt.quiet) {
		warn_of_limits(c, env);
		warn_of_manager(c, env);
	}
	r = cgroupfs_dir(c->fs, c->tree.nodes[c->rows[0]].path, &c->tree.arena, &dir);
	if (r == 0)
		memlimit_change(&c->g.j.host, dir, c->fs->version, c->writes, c->n_writes,
				c->dry_run);
	return tell(c, env);
}

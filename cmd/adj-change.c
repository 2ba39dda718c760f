/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was done to whom, what was not and why: the telling of a change, and the holding still of
 * what is changed. */
#include "adj.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "freezer.h"
#include "gather.h"

#define FREEZE_MSEC 5000
/* How many of those that are left are named. */
#define NAMES_MAX 20

enum change_column {
	COL_PID,
	COL_FROM,
	COL_TO,
	COL_ERROR,
	COL_WHY,
	COL_ALONG,
	COL_COMM,
	COL_N,
};

static const struct column columns[] = {
	[COL_PID] = { "pid", "PID", NULL, CELL_INT,
		      COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT | COLUMN_LABEL, 0, "Process id" },
	[COL_FROM] = { "from", "FROM", NULL, CELL_INT, COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, 0,
		       "The value that it had" },
	[COL_TO] = { "to", "TO", NULL, CELL_INT, COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, 0,
		     "The value that it was to have" },
	[COL_ERROR] = { "error", "ERROR", NULL, CELL_STR, COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL,
			0, "Why it has it not" },
	[COL_WHY] = { "why", "WHY", NULL, CELL_STR, COLUMN_JSON | COLUMN_LABEL, 0,
		      "set, same, clamped, floored, outside" },
	[COL_ALONG] = { "along", "ALONG", NULL, CELL_INTS, COLUMN_JSON, 0,
			"Processes that share its memory, and so its value" },
	[COL_COMM] = { "comm", "COMMAND", "command,name", CELL_STR,
		       COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL, 0, "Name of the process" },
};
_Static_assert(ARRAY_SIZE(columns) == COL_N, "a column is missing");

/* ------------------------------------------------------------------ words */

const char *adj_lack_reason(enum adjust_lack lack)
{
	switch (lack) {
	case LACK_USER_NAMESPACE:
		return "lowering it takes CAP_SYS_RESOURCE in the initial user namespace, and "
		       "this is another one";
	case LACK_CAPABILITY:
		return "lowering it takes the capability CAP_SYS_RESOURCE, which this run lacks";
	case LACK_NOTHING:
		break;
	}
	return "the kernel refused it, though CAP_SYS_RESOURCE is there";
}

const char *adj_lack_help(enum adjust_lack lack)
{
	switch (lack) {
	case LACK_USER_NAMESPACE:
		return "run it outside of the namespace, as root there";
	case LACK_CAPABILITY:
		return "setcap cap_sys_resource+ep on oomkit, AmbientCapabilities=CAP_SYS_RESOURCE "
		       "in a unit, docker run --cap-add SYS_RESOURCE";
	case LACK_NOTHING:
		break;
	}
	return "a security module may forbid it";
}

bool adj_is_forbidden(const struct change *change)
{
	return change->done.end == ADJUST_FOREIGN || change->done.end == ADJUST_FLOOR ||
	       (change->done.end == ADJUST_FAILED && change->done.error == EROFS);
}

/* A process that ended of itself needs no change, unless its pid was given. */
bool adj_has_failed(const struct change *change)
{
	return change->done.end == ADJUST_GONE ? change->named : change->done.end != ADJUST_DONE;
}

static const char *name_of(const struct change *change, char *buf, size_t size)
{
	snprintf(buf, size, "%d%s%s%s", (int)change->target.pid, change->comm ? " (" : "",
		 change->comm ? change->comm : "", change->comm ? ")" : "");
	return buf;
}

/* The short form, for the error of a row. */
const char *adj_error_of(const struct change *change)
{
	switch (change->done.end) {
	case ADJUST_DONE:
		return NULL;
	case ADJUST_GONE:
		return strerror(ESRCH);
	case ADJUST_OUTSIDE:
		return "outside -1000..1000";
	case ADJUST_FOREIGN:
		return "another user's process";
	case ADJUST_FLOOR:
		return "below its floor, and CAP_SYS_RESOURCE is missing";
	case ADJUST_DIFFERS:
		return "another value is read after the write";
	case ADJUST_FAILED:
		break;
	}
	return strerror(change->done.error);
}

/* ------------------------------------------------------------------ what failed */

static void tell_floor(const struct change *change, const struct env *env, const char *name,
		       enum adjust_lack lack, bool first)
{
	const struct plan *plan = &change->done.plan;
	char reason[256];

	/* oom_score_adj_min is shown nowhere; a refusal tells that it lies above. */
	if (plan->from - plan->to == 1)
		snprintf(reason, sizeof(reason), "%d -> %d: %s; its floor is %d", plan->from,
			 plan->to, adj_lack_reason(lack), plan->from);
	else
		snprintf(reason, sizeof(reason),
			 "%d -> %d: %s; its floor lies above %d, at %d at most", plan->from,
			 plan->to, adj_lack_reason(lack), plan->to, plan->from);
	cli_error(env, "adj", name, reason, first ? adj_lack_help(lack) : NULL);
}

static void tell_failure(const struct change *change, const struct env *env, const struct adj *a,
			 enum adjust_lack lack, bool first)
{
	const struct plan *plan = &change->done.plan;
	char name[64], reason[128];

	name_of(change, name, sizeof(name));
	switch (change->done.end) {
	case ADJUST_FLOOR:
		return tell_floor(change, env, name, lack, first);
	case ADJUST_OUTSIDE:
		snprintf(reason, sizeof(reason), "%d%+d is outside -1000..1000", plan->from,
			 (int)a->wish.value);
		return cli_error(env, "adj", name, reason, "--clamp takes the nearest");
	case ADJUST_FOREIGN:
		return cli_error(env, "adj", name, "it belongs to another user",
				 "that user, or CAP_DAC_OVERRIDE, may change it");
	case ADJUST_DIFFERS:
		snprintf(reason, sizeof(reason), "%d was written, and %d is read", plan->to,
			 change->done.read_back);
		return cli_error(env, "adj", name, reason, "something else sets it, too");
	case ADJUST_GONE:
		return cli_error(env, "adj", name, "no such process", NULL);
	case ADJUST_DONE:
	case ADJUST_FAILED:
		break;
	}
	cli_error(env, "adj", name, strerror(change->done.error),
		  change->done.error == EROFS ? "/proc is mounted read-only here" : NULL);
}

/* Returns how many failed; *forbidden: some for want of a permission. */
static size_t tell_failures(const struct changes *c, const struct env *env, const struct adj *a,
			    const struct host *h, bool *forbidden)
{
	enum adjust_lack lack = adjust_lack(h);
	bool first = true;
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct change *change = &c->v[i];

		if (!adj_has_failed(change))
			continue;
		n++;
		*forbidden |= adj_is_forbidden(change);
		tell_failure(change, env, a, lack, first || change->done.end != ADJUST_FLOOR);
		first &= change->done.end != ADJUST_FLOOR;
	}
	return n;
}

/* Those whom the last pass found, as far as there is room, and those whose step cannot be told. */
static size_t name_last(const struct changes *c, char *line, size_t size, bool *all)
{
	char name[64];
	size_t n = 0, named = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct change *change = &c->v[i];
		size_t at = strlen(line);

		if (!(i >= c->last_first || change->left) || change->done.end == ADJUST_GONE)
			continue;
		n++;
		if (named >= NAMES_MAX || at + sizeof(name) + 4 > size)
			continue;
		name_of(change, name, sizeof(name));
		snprintf(line + at, size - at, "%s%s", named ? ", " : "", name);
		named++;
	}
	*all = named == n;
	return n;
}

static void tell_unsettled(const struct changes *c, const struct env *env, const struct adj *a)
{
	char line[900] = "", ended[128] = "", reason[1200];
	size_t gone = c->escaped, n;
	bool all;

	for (size_t i = c->last_first; i < c->n; i++)
		gone += c->v[i].done.end == ADJUST_GONE;
	n = name_last(c, line, sizeof(line), &all);
	if (gone)
		snprintf(ended, sizeof(ended),
			 "; %zu ended unset, and what they had forked may have another value",
			 gone);
	snprintf(reason, sizeof(reason), "not settled after %u passes: %zu %s found last%s%s%s%s",
		 c->passes + 1, n, n == 1 ? "process was" : "processes were", n ? ": " : "", line,
		 all ? "" : "...", ended);
	cli_error(env, "adj", a->targets.n == 1 ? a->targets.targets[0].text : NULL, reason,
		  "more passes with --recheck, or --freeze");
}

/* ------------------------------------------------------------------ what was done */

/* mm/oom_kill.c since 4.8 (44a70adec910): who shares the memory shares the value. */
static bool goes_along(const struct snapshot *s)
{
	return s->kver.major == 0 || s->kver.major > 4 ||
	       (s->kver.major == 4 && s->kver.minor >= 8);
}

static void tell_along(const struct changes *c, const struct env *env, const struct adj_view *v)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct change *change = &c->v[i];
		char name[64], list[300] = "";

		name_of(change, name, sizeof(name));
		if (change->done.end == ADJUST_DONE && change->done.leader)
			cli_note(env, "adj", "%s: a thread of %d: the value is the whole process's",
				 name, (int)change->done.leader);
		if (change->done.end != ADJUST_DONE || change->n_along == 0)
			continue;
		for (size_t k = 0; k < change->n_along && strlen(list) + 16 < sizeof(list); k++)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%d",
				 k ? ", " : "", (int)change->along[k]);
		cli_note(env, "adj", "%s: shares its memory with %s, which %s", name, list,
			 goes_along(&v->s) ? "the kernel changes along"
					   : "this kernel does not change along");
	}
}

/* What was wished and what was done are not the same, and that was permitted. */
static void tell_clamped(const struct changes *c, const struct env *env, const struct adj *a,
			 enum adjust_lack lack)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct plan *plan = &c->v[i].done.plan;
		int wished = a->wish.relative ? plan->from + a->wish.value : a->wish.value;
		char name[64];

		if (c->v[i].done.end != ADJUST_DONE)
			continue;
		name_of(&c->v[i], name, sizeof(name));
		if (plan->why == PLAN_CLAMPED)
			cli_note(env, "adj", "%s: %d taken for %d", name, plan->to, wished);
		else if (plan->why == PLAN_FLOORED)
			cli_note(env, "adj", "%s: %d taken for %d, which is below its floor: %s",
				 name, plan->to, wished, adj_lack_reason(lack));
	}
}

struct telling {
	const struct changes *c;
	const size_t *rows, *order;
};

static enum row_style change_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				 struct cell *cells)
{
	const struct telling *t = ctx;
	const struct change *change = &t->c->v[t->rows[t->order ? t->order[row] : row]];
	const struct adjust *done = &change->done;

	for (size_t i = 0; i < n_shown; i++)
		switch (shown[i]) {
		case COL_PID:
			cells[i] = cell_int(change->target.pid);
			break;
		case COL_FROM:
			cells[i] = done->has_from ? cell_int(done->plan.from) : cell_null();
			break;
		case COL_TO:
			cells[i] = done->has_from && done->plan.why != PLAN_OUTSIDE
					   ? cell_int(done->plan.to)
					   : cell_null();
			break;
		case COL_ERROR:
			cells[i] = cell_str(adj_error_of(change));
			break;
		case COL_WHY:
			cells[i] = done->has_from ? cell_str(policy_why_name(done->plan.why))
						  : cell_null();
			break;
		case COL_ALONG:
			cells[i] = cell_ints(change->along, change->n_along);
			break;
		default:
			cells[i] = cell_str(change->comm);
		}
	return ROW_PLAIN;
}

static void tell_lines(struct out *o, const struct changes *c, const struct adj *a)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct change *change = &c->v[i];
		char name[96];

		if (change->done.end != ADJUST_DONE)
			continue;
		out_escape(change->comm ? change->comm : "?",
			   strlen(change->comm ? change->comm : "?"), name, sizeof(name));
		out_text(o, "%d (%s): %d -> %d%s\n", (int)change->target.pid, name,
			 change->done.plan.from, change->done.plan.to,
			 a->dry_run ? " (dry run)" : "");
	}
}

static int tell(struct adj *a, const struct env *env, const struct changes *c, int sort,
		const unsigned *shown, size_t n_shown, int status)
{
	_cleanup_free_ size_t *rows = calloc(c->n + 1, sizeof(*rows));
	_cleanup_free_ size_t *order = calloc(c->n + 1, sizeof(*order));
	struct telling t = { .c = c, .rows = rows };
	struct out *o = NULL;
	size_t n = 0;

	for (size_t i = 0; rows && i < c->n; i++)
		if (c->v[i].done.end != ADJUST_GONE || c->v[i].named)
			rows[n++] = i;
	if (rows && order &&
	    (sort < 0 ||
	     gather_sort(order, n, (unsigned)sort, change_row, &t, a->output.sort_descending) == 0))
		o = cli_out(env, &a->output);
	if (!o) {
		cli_error(env, "adj", NULL, strerror(ENOMEM), NULL);
		return EXIT_USAGE;
	}
	t.order = sort < 0 ? NULL : order;
	out_field(o, "dry_run", cell_bool(a->dry_run));
	if (!out_is_table(o) || a->output.columns || a->output.all_columns)
		out_rows(o, "changes", columns, shown, n_shown, n, change_row, &t);
	else if (a->verbose || a->dry_run)
		tell_lines(o, c, a);
	return cli_finish(env, "adj", o, status);
}

/* ------------------------------------------------------------------ holding still */

struct frozen {
	struct freezer *v;
	size_t n;
};

static int tell_freeze(const struct env *env, const char *text, int r)
{
	static const struct {
		int r;
		const char *reason, *help;
	} words[] = {
		{ -ENOENT, "cannot be frozen: no freezer has such a cgroup with all of it inside",
		  "cgroup v2, or the same name in v1's freezer hierarchy" },
		{ -EBUSY, "cannot be frozen: it is the root", NULL },
		{ -EDEADLK, "cannot be frozen: oomkit itself runs in it",
		  "run it from another cgroup" },
		{ -ETIMEDOUT, "did not come to rest within 5 seconds; it runs again", NULL },
		{ -ENOTUNIQ, "stands for several cgroups", "name one of them by its path" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].r == r) {
			cli_error(env, "adj", text, words[i].reason, words[i].help);
			return EXIT_NO;
		}
	cli_error(env, "adj", text, strerror(-r),
		  r == -EACCES || r == -EPERM ? "write access to the cgroup, or CAP_DAC_OVERRIDE"
					      : NULL);
	return r == -EACCES || r == -EPERM || r == -EROFS ? EXIT_NOPERM : EXIT_NO;
}

static int freeze_one(struct adj_view *v, const struct target *target, struct arena *arena,
		      struct freezer *ret)
{
	const struct select_spec one = { .targets = (struct target *)(uintptr_t)target, .n = 1 };
	_cleanup_free_ bool *chosen = calloc(v->s.n_procs + 1, sizeof(*chosen));
	_cleanup_free_ pid_t *pids = calloc(v->s.n_procs + 1, sizeof(*pids));
	struct freezer_place place;
	struct cgroupfs fs = { 0 };
	const char *path;
	size_t n = 0;
	bool missed;
	int r;

	if (!chosen || !pids)
		return -ENOMEM;
	r = select_cgroup_path(target, &v->host, &v->s, arena, &path);
	if (r == 0 &&
	    select_match(&one, &v->host, &v->s, host_self(&v->host), chosen, &missed) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = cgroupfs_open(&fs, &v->host);
	if (r < 0)
		return r;
	for (size_t i = 0; i < v->s.n_procs; i++)
		if (chosen[i])
			pids[n++] = v->s.procs[i].pid;
	r = freezer_find(&v->host, &fs, path, pids, n, host_self(&v->host), arena, &place);
	if (r == 0)
		r = freezer_freeze(ret, &v->host, &place, FREEZE_MSEC);
	cgroupfs_close(&fs);
	return r;
}

static int freeze(struct adj *a, const struct env *env, struct adj_view *v, struct frozen *f,
		  struct arena *arena)
{
	f->v = calloc(a->targets.n + 1, sizeof(*f->v));
	if (!f->v)
		return tell_freeze(env, NULL, -ENOMEM);
	for (size_t i = 0; i < a->targets.n; i++) {
		const struct target *t = &a->targets.targets[i];
		int r;

		if (v->missed[i])
			continue;
		if (!adj_is_cgroup(t->kind))
			return cli_usage_error(env, "adj", "--freeze", t->text,
					       "is no cgroup, unit or container",
					       "nothing else can be frozen");
		r = freeze_one(v, t, arena, &f->v[f->n]);
		if (r < 0)
			return tell_freeze(env, t->text, r);
		f->n++;
	}
	return EXIT_DONE;
}

static void thaw(struct frozen *f, const struct env *env)
{
	while (f->n) {
		int r = freezer_thaw(&f->v[--f->n]);

		if (r < 0)
			cli_error(env, "adj", "a frozen cgroup", strerror(-r),
				  "it could not be thawed");
	}
	free(f->v);
	f->v = NULL;
}

/* ------------------------------------------------------------------ all of it */

static int status_of(const struct changes *c, size_t failed, size_t n_missed, bool forbidden)
{
	size_t done = 0;

	for (size_t i = 0; i < c->n; i++)
		done += c->v[i].done.end == ADJUST_DONE;
	if (failed == 0 && n_missed == 0)
		return c->unsettled ? EXIT_SOME : EXIT_DONE;
	if (done)
		return EXIT_SOME;
	return forbidden ? EXIT_NOPERM : EXIT_NO;
}

static int tell_all(struct adj *a, const struct env *env, const struct adj_view *v,
		    const struct changes *c, size_t n_missed, int sort, const unsigned *shown,
		    size_t n_shown)
{
	bool forbidden = false;
	size_t failed = tell_failures(c, env, a, &v->host, &forbidden);
	int status = status_of(c, failed, n_missed, forbidden);

	if (c->unsettled)
		tell_unsettled(c, env, a);
	status = tell(a, env, c, sort, shown, n_shown, status);
	if (!a->output.opt.quiet) {
		tell_along(c, env, v);
		if (a->wish.clamp)
			tell_clamped(c, env, a, adjust_lack(&v->host));
		if (c->budget == 0)
			cli_note(env, "adj",
				 "too many processes to ask of each who shares its memory: of some "
				 "it is not told");
	}
	return status;
}

int adj_change(struct adj *a, const struct env *env)
{
	_cleanup_free_ unsigned *shown = NULL;
	struct adj_view v = { 0 };
	struct changes c = { 0 };
	struct frozen f = { 0 };
	size_t n_missed = 0;
	int sort = cli_sort_column(env, &a->output, columns, COL_N), n_shown, status;

	n_shown = sort == -EINVAL ? sort
				  : cli_select_columns(env, &a->output, columns, COL_N, &shown);
	if (n_shown < 0)
		return EXIT_USAGE;
	status = adj_view_open(&v, env, a, SNAPSHOT_ADJ);
	if (status == EXIT_DONE) {
		adj_find_missed(&v, &a->targets);
		n_missed = adj_tell_missed(&v, env, a);
		if (n_missed == a->targets.n)
			status = EXIT_NO;
	}
	if (status == EXIT_DONE && a->freeze && !a->dry_run) {
		status = freeze(a, env, &v, &f, &c.arena);
		/* Who was forked before all stood still is found now. */
		if (status == EXIT_DONE && adj_view_again(&v, &a->targets, SNAPSHOT_ADJ) < 0)
			status = EXIT_USAGE;
	}
	if (status == EXIT_DONE)
		status = adj_walk(a, env, &v, &c);
	thaw(&f, env);
	if (status == EXIT_DONE)
		status = tell_all(a, env, &v, &c, n_missed, sort, shown, (size_t)n_shown);
	free(c.v);
	arena_free(&c.arena);
	adj_view_close(&v);
	return status;
}

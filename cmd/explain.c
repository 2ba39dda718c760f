/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain: why does this process have this score and this place, and what would change them? */
#include "explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "commands.h"

#define LABEL_WIDTH 12
#define LINE_WIDTH  80
#define BAR_WIDTH   36

enum explain_column {
	COL_NAME,
	COL_PAGES,
	COL_BYTES,
	COL_POINTS,
	COL_BAR,
	COL_N,
};

#define SHOWN (COLUMN_TABLE | COLUMN_JSON)

static const struct column columns[] = {
	[COL_NAME] = { "name", "FACTOR", "factor", CELL_STR, SHOWN | COLUMN_LABEL, 0,
		       "What counts" },
	[COL_PAGES] = { "pages", "PAGES", NULL, CELL_INT, SHOWN | COLUMN_RIGHT, 0,
			"How many pages it adds or takes away; before 3.5 the memory behind it" },
	[COL_BYTES] = { "bytes", "SIZE", "size", CELL_INT, SHOWN | COLUMN_RIGHT, 0,
			"The same in bytes" },
	[COL_POINTS] = { "points", "POINTS", NULL, CELL_REAL, SHOWN | COLUMN_RIGHT, 0,
			 "Its share, per mille of the memory that counts; before 3.5 the points "
			 "that it adds" },
	[COL_BAR] = { "bar", "BAR", NULL, CELL_STR, 0, 0,
		      "The same as a bar: # adds, - takes away" },
};
_Static_assert(ARRAY_SIZE(columns) == COL_N, "a column is missing");

/* ------------------------------------------------------------------ options */

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct explain *c = state->input;

	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = &c->targets;
	state->child_inputs[1] = &c->what_if;
	state->child_inputs[2] = &c->output;
	state->child_inputs[3] = &c->machine;
	return 0;
}

static const struct argp_child children[] = {
	CLI_CHILD_TARGET, CLI_CHILD_WHAT_IF, CLI_CHILD_OUTPUT, CLI_CHILD_MACHINE, { 0 },
};

static const struct argp argp = {
	.parser = parse_option,
	.args_doc = "[TARGET]",
	.doc = "Explain why a process has its score and its place: every factor and their sum, the "
	       "kernel's number beside "
	       "it, who stands before it, and what would change that. Of several that match: the "
	       "one that would die "
	       "first. Without a TARGET: the machine, its settings, and who would be killed next.",
	.children = children,
};

/* The table of a person has the bar too. */
static int select_columns(struct explain *c)
{
	bool usual = !c->output.columns || *c->output.columns == '+';
	int n;

	c->sort = cli_sort_column(c->env, &c->output, columns, COL_N);
	if (c->sort == -EINVAL)
		return -EINVAL;
	n = cli_select_columns(c->env, &c->output, columns, COL_N, &c->shown);
	if (n < 0)
		return n;
	c->n_shown = (size_t)n;
	if (usual && !c->output.all_columns && c->output.opt.format == OUT_TABLE &&
	    c->n_shown < COL_N)
		c->shown[c->n_shown++] = COL_BAR;
	return 0;
}

/* ------------------------------------------------------------------ what both pages say */

static const char *write_size(const void *ctx, uint64_t bytes, char *buf, size_t n)
{
	return out_size(ctx, bytes, buf, n);
}

/* The name of a user; the number where there is none. */
static const char *user_of(struct explain *c, const struct proc *p)
{
	const char *name = p->have & HAVE_UID ? users_name(&c->users, p->uid) : NULL;

	return name || !(p->have & HAVE_UID) ? name : tell_number(&c->t, p->uid);
}

void explain_say(struct explain *c, const char *label, const char *text)
{
	size_t n = text ? strlen(text) : 0;
	_cleanup_free_ char *shown = text && out_is_table(c->o) ? malloc(4 * n + 1) : NULL;
	const char *wrapped, *name = tell_label(&c->t, label, LABEL_WIDTH);

	if (!shown)
		return;
	wrapped = tell_wrap(&c->t, out_escape(text, n, shown, 4 * n + 1), LABEL_WIDTH, LINE_WIDTH);
	if (name && wrapped)
		out_text(c->o, "%s%s%s%s\n", out_paint(c->o, PAINT_BOLD), name,
			 out_paint(c->o, PAINT_OFF), wrapped);
}

void explain_say_plain(struct explain *c, enum out_paint paint, const char *text)
{
	size_t n = text ? strlen(text) : 0;
	_cleanup_free_ char *shown = text && out_is_table(c->o) ? malloc(4 * n + 1) : NULL;
	const char *wrapped;

	if (!shown)
		return;
	wrapped = tell_wrap(&c->t, out_escape(text, n, shown, 4 * n + 1), 0, LINE_WIDTH);
	if (wrapped)
		out_text(c->o, "%s%s%s\n", out_paint(c->o, paint), wrapped,
			 out_paint(c->o, PAINT_OFF));
}

void explain_say_all(struct explain *c, const char *label, const struct tell_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		explain_say(c, i ? "" : label, lines->line[i]);
}

void explain_list(struct explain *c, const char *key, const struct tell_lines *lines)
{
	out_array(c->o, key);
	for (size_t i = 0; i < lines->n; i++)
		out_field(c->o, NULL, cell_str(lines->line[i]));
	out_end(c->o);
}

/* ------------------------------------------------------------------ the document's parts */

void explain_scope(struct explain *c)
{
	const struct judge *j = &c->g.j;
	const struct mem_ctx *ctx = &j->scope.ctx;

	out_object(c->o, "scope");
	out_field(c->o, "constraint", cell_str(badness_constraint_name(ctx->constraint)));
	out_field(c->o, "where", cell_str(ctx->where));
	out_field(c->o, "total_pages", explain_fact(ctx->total_pages, cell_uint(ctx->total_pages)));
	out_field(c->o, "page_size", cell_uint(ctx->page_size));
	out_end(c->o);
	out_field(c->o, "outcome", cell_str(kills_outcome_name(kills_outcome(j, c->order))));
	out_field(c->o, "supposed", cell_bool(j->supposed || !j->own_rule));
}

static void put_memory(struct explain *c, const struct proc *p)
{
	bool none = (p->have & HAVE_MM) && !(p->flags & PROC_HAS_MM);
	uint64_t rss = none ? 0 : badness_rss_pages(p, c->g.j.s.rss_source);
	uint64_t swap = none ? 0 : p->swap_pages, pgtables = none ? 0 : tell_pgtables_bytes(p);

	out_field(c->o, "rss",
		  explain_fact(none || (p->have & (HAVE_RSS_STAT | HAVE_RSS_STATUS)),
			       cell_bytes(tell_bytes(&c->t, rss))));
	out_field(c->o, "swap",
		  explain_fact(none || (p->have & HAVE_SWAP), cell_bytes(tell_bytes(&c->t, swap))));
	out_field(c->o, "pgtables",
		  explain_fact(none || (p->have & HAVE_PTE), cell_bytes(pgtables)));
}

void explain_identity(struct explain *c)
{
	const struct cgroup_meaning *m = &c->meaning;
	const struct proc *p = c->x.proc;
	struct out *o = c->o;

	out_field(o, "pid", cell_int(p->pid));
	out_field(o, "comm", explain_fact(p->have & HAVE_COMM, cell_str(p->comm)));
	out_field(o, "cmdline", explain_fact(p->have & HAVE_CMDLINE, cell_str(p->cmdline)));
	out_field(o, "uid", explain_fact(p->have & HAVE_UID, cell_uint(p->uid)));
	out_field(o, "user", cell_str(user_of(c, p)));
	out_field(o, "ppid", explain_fact(p->have & HAVE_PPID, cell_int(p->ppid)));
	out_field(o, "state", explain_fact(p->have & HAVE_STATE, cell_strn(&p->state, 1)));
	out_field(o, "threads", explain_fact(p->have & HAVE_THREADS, cell_uint(p->threads)));
	out_field(o, "fate", cell_str(badness_fate_name(c->x.fate)));
	out_field(o, "oom_score_adj", explain_fact(p->have & HAVE_ADJ, cell_int(p->oom_score_adj)));
	put_memory(c, p);
	out_field(o, "cgroup", explain_fact(p->have & HAVE_CGROUP, cell_str(p->cgroup)));
	out_field(o, "unit", cell_str(m->unit));
	out_field(o, "container", cell_str(m->container));
	out_field(o, "pod", cell_str(m->pod));
	out_field(o, "qos", cell_str(m->qos));
}

void explain_neighbour(struct explain *c, const char *key, const struct judged *other)
{
	const struct proc *p = other ? &c->g.j.s.procs[other->index] : NULL;

	if (!p) {
		out_field(c->o, key, cell_null());
		return;
	}
	out_object(c->o, key);
	out_field(c->o, "pid", cell_int(p->pid));
	out_field(c->o, "comm", explain_fact(p->have & HAVE_COMM, cell_str(p->comm)));
	out_field(c->o, "badness", cell_int(other->badness));
	out_end(c->o);
}

void explain_heading(struct explain *c)
{
	const struct proc *p = c->x.proc;
	const char *name = p->have & HAVE_UID ? users_name(&c->users, p->uid) : NULL;
	const char *text = tell_heading(&c->t, p, name);
	char line[LINE_WIDTH + 1];

	if (text)
		out_text(c->o, "%s%s%s\n", out_paint(c->o, PAINT_BOLD),
			 out_escape(text, strlen(text), line, sizeof(line)),
			 out_paint(c->o, PAINT_OFF));
	explain_say(c, "Lives in", tell_home(&c->t, p, c->meaning.unit, c->meaning.container));
}

/* ------------------------------------------------------------------ the factors */

/* Row n_factors is their sum. */
static struct cell factor_cell(struct explain *c, size_t row, unsigned column)
{
	const struct verdict *v = &c->x.scope;
	bool human = out_is_table(c->o) && !c->sorting, sum = row == v->n_factors;
	struct tell_factor f;

	if (sum)
		tell_sum(&c->t, v, &f);
	else
		tell_factor(&c->t, &v->factor[row], &f);
	switch (column) {
	case COL_NAME:
		return cell_str(f.name);
	case COL_PAGES:
		return human && !f.has_memory ? cell_null() : cell_int(f.pages);
	case COL_BYTES:
		if (!human)
			return cell_int(f.bytes);
		return f.has_memory ? cell_str(tell_signed_size(&c->t, f.bytes)) : cell_null();
	case COL_POINTS:
		if (human)
			return cell_str(tell_points(&c->t, &f));
		return badness_in_pages(c->t.era) ? cell_real(f.points) : cell_int(f.amount);
	default:
		return sum ? cell_str("")
			   : cell_str(tell_bar(&c->t, v, &v->factor[row], BAR_WIDTH));
	}
}

static enum row_style factor_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				 struct cell *cells)
{
	struct explain *c = ctx;
	size_t at = row < c->x.scope.n_factors && !c->sorting ? c->rows[row] : row;

	for (size_t i = 0; i < n_shown; i++)
		cells[i] = factor_cell(c, at, shown[i]);
	return ROW_PLAIN;
}

static void sort_factors(struct explain *c)
{
	size_t n = c->x.scope.n_factors;

	for (size_t i = 0; i < n; i++)
		c->rows[i] = i;
	if (c->sort < 0)
		return;
	c->sorting = true;
	gather_sort(c->rows, n, (unsigned)c->sort, factor_row, c, c->output.sort_descending);
	c->sorting = false;
}

/* One line holds all of it, where a line is a document. */
static void put_factors_in_line(struct explain *c, size_t n)
{
	struct cell cells[COL_N];

	out_array(c->o, "factors");
	for (size_t row = 0; row < n; row++) {
		factor_row(c, row, c->shown, c->n_shown, cells);
		out_object(c->o, NULL);
		for (size_t i = 0; i < c->n_shown; i++)
			out_field(c->o, columns[c->shown[i]].key, cells[i]);
		out_end(c->o);
	}
	out_end(c->o);
}

void explain_factors(struct explain *c)
{
	bool table = out_is_table(c->o);
	size_t n = c->have_subject && c->x.known ? c->x.scope.n_factors : 0;

	sort_factors(c);
	if (out_format_of(c->o) == OUT_NDJSON)
		put_factors_in_line(c, n);
	else if (n || !table)
		out_rows(c->o, "factors", columns, c->shown, c->n_shown, table ? n + 1 : n,
			 factor_row, c);
}

/* ------------------------------------------------------------------ the subject */

static void find_meaning(struct explain *c, const struct proc *p)
{
	if (p->have & HAVE_CGROUP)
		cgroupfs_meaning(p->cgroup, &c->g.j.s.arena, &c->meaning);
}

/* Who dies along with it, and who in its place. */
static int find_company(struct explain *c)
{
	struct judge *j = &c->g.j;
	_cleanup_free_ unsigned char *dies = NULL;
	size_t dead;

	if (!c->x.rank)
		return 0;
	dies = calloc(j->s.n_procs + 1, 1);
	c->with = calloc(j->s.n_procs + 1, sizeof(*c->with));
	if (!dies || !c->with)
		return -ENOMEM;
	dead = judge_who_dies(j, c->x.index, NULL);
	if (dead != c->x.index)
		c->company.instead = &j->s.procs[dead];
	judge_killed_with(j, dead, dies, &c->company.group);
	for (size_t i = 0; i < j->s.n_procs; i++) {
		if (dies[i] == DIES_NOT)
			continue;
		c->with[c->n_with++] = j->s.procs[i].pid;
		c->company.members += dies[i] == DIES_WITH_GROUP;
		c->company.sharers += dies[i] == DIES_SHARING_MM;
		if (dies[i] == DIES_SHARING_MM && !c->company.sharer)
			c->company.sharer = j->s.procs[i].pid;
	}
	return 0;
}

int explain_subject(struct explain *c, size_t at)
{
	struct judge *j = &c->g.j;
	struct proc *p = &j->s.procs[c->order[at].index];

	judge_more(j, p, SNAPSHOT_CGROUP | SNAPSHOT_CMDLINE);
	c->have_subject = true;
	c->x.proc = victim_suppose(&j->what_if, p, &c->storage);
	judge_verdict(j, p, false, &c->x.scope);
	judge_verdict(j, p, true, &c->x.machine);
	c->x.agrees = judge_agrees(j, p, &c->x.machine);
	tell_subject(&c->x, c->order, j->s.n_procs, at);
	find_meaning(c, p);
	return find_company(c);
}

/* The first of the order that matched; the others are named. Returns its place or -ENOMEM. */
static ssize_t choose_subject(struct explain *c)
{
	const struct snapshot *s = &c->g.j.s;
	ssize_t found = -ENOENT;

	c->also = calloc(s->n_procs + 1, sizeof(*c->also));
	if (!c->also)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_procs; i++) {
		if (!c->g.chosen[c->order[i].index])
			continue;
		if (found < 0)
			found = (ssize_t)i;
		else
			c->also[c->n_also++] = s->procs[c->order[i].index].pid;
	}
	return found;
}

/* ------------------------------------------------------------------ from options to a page */

static int no_memory(const struct explain *c)
{
	cli_error(c->env, "explain", NULL, strerror(ENOMEM), NULL);
	return EXIT_USAGE;
}

static void begin_telling(struct explain *c)
{
	struct judge *j = &c->g.j;

	c->t = (struct tell){
		.s = &j->s,
		.era = j->era,
		.scope = &j->scope,
		.what_if = &j->what_if,
		.scope_cgroup = j->scope.cgroup ? &j->scope_cgroup : NULL,
		.own_rule = j->own_rule,
		.supposed = j->supposed,
		.no_limit = c->what_if.scope && !j->scope_found_limit,
		.arena = &j->s.arena,
		.size = write_size,
		.size_ctx = c->o,
	};
}

/* The place of who is explained; -ENOENT where there is nobody. */
static ssize_t subject_place(struct explain *c)
{
	if (c->targets.n)
		return choose_subject(c);
	return c->g.j.s.n_procs && c->order[0].rank ? 0 : -ENOENT;
}

static int judge_and_tell(struct explain *c)
{
	bool one = c->targets.n > 0;
	ssize_t at;
	int status;

	if (select_columns(c) < 0)
		return EXIT_USAGE;
	status = gather_open(
		&c->g, c->env, "explain",
		&(struct gather_options){ .machine = &c->machine,
					  .what_if = &c->what_if,
					  .targets = &c->targets,
					  .without_self = true,
					  .need = SNAPSHOT_MODEL | (one ? SNAPSHOT_CLASSIC : 0),
					  .quiet = c->output.opt.quiet });
	if (status != EXIT_DONE)
		return status;
	if (one && c->g.n_chosen == 0)
		return EXIT_NO;
	if (judge_order(&c->g.j, &c->order) < 0 || users_open(&c->users, &c->g.j.host) < 0)
		return no_memory(c);
	at = subject_place(c);
	if (at == -ENOMEM || (at >= 0 && explain_subject(c, (size_t)at) < 0))
		return no_memory(c);
	c->o = cli_out(c->env, &c->output);
	if (!c->o)
		return no_memory(c);
	begin_telling(c);
	if (one)
		explain_process(c);
	else
		explain_machine(c);
	status = cli_finish(c->env, "explain", c->o, gather_status(&c->g));
	if (!c->output.opt.quiet)
		gather_footnotes(&c->g, c->env, "explain");
	return status;
}

static int run(struct env *env, int argc, char **argv)
{
	struct explain c = { .output.command = &command_explain, .env = env };
	int r = cli_parse(env, &command_explain, argc, argv, &c), status;

	if (r != 0)
		status = r > 0 ? EXIT_DONE : EXIT_USAGE;
	else if (c.output.list_columns)
		status = cli_list_columns(env, &c.output);
	else
		status = judge_and_tell(&c);
	users_close(&c.users);
	gather_close(&c.g);
	select_free(&c.targets);
	cli_what_if_free(&c.what_if);
	free(c.shown);
	free(c.order);
	free(c.with);
	free(c.also);
	return status;
}

const struct command command_explain = {
	.name = "explain",
	.summary = "why this score and this place, and what would change them; or the machine",
	.argp = &argp,
	.run = run,
	.columns = columns,
	.n_columns = COL_N,
};

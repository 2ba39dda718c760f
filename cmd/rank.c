/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rank: who dies first when memory runs out, and in what order would the others follow? */
#include "rank.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "commands.h"
#include "str.h"

enum { KEY_BY = 256, KEY_ADJUSTED, KEY_KILLS, KEY_FREE };

#define TOP_DEFAULT 10

enum rank_column {
	COL_RANK,
	COL_VICTIM,
	COL_PID,
	COL_UID,
	COL_USER,
	COL_COMM,
	COL_CMDLINE,
	COL_FATE,
	COL_SCORE,
	COL_MODEL,
	COL_ADJ,
	COL_RSS,
	COL_ANON,
	COL_FILE,
	COL_SHMEM,
	COL_SWAP,
	COL_PGT,
	COL_BADNESS,
	COL_KILLED_WITH,
	COL_CGROUP,
	COL_COMMAND,
	COL_N,
};

#define T COLUMN_TABLE
#define J COLUMN_JSON
#define R COLUMN_RIGHT
#define L COLUMN_LABEL

/* The order is that of the table. Judging reads four files of a process; cgroup and cmdline are one
 * more each, and read of the rows that are shown alone. */
static const struct column columns[] = {
	[COL_RANK] = { "rank", "#", NULL, CELL_UINT, T | J | R | L, 0,
		       "Place in the whole scope: 1 dies first; none for whom the kernel never "
		       "chooses" },
	[COL_VICTIM] = { "victim", "VICTIM", NULL, CELL_BOOL, J, 0,
			 "Whether it is the one that dies first" },
	[COL_PID] = { "pid", "PID", NULL, CELL_INT, T | J | R | L, 0, "Process id" },
	[COL_UID] = { "uid", "UID", NULL, CELL_UINT, J | R, 0, "Effective user id" },
	[COL_USER] = { "user", "USER", NULL, CELL_STR, T | J | L, 0,
		       "Name of the user, or the number" },
	[COL_COMM] = { "comm", "COMM", "name", CELL_STR, J | L, 0, "Name of the process" },
	[COL_CMDLINE] = { "cmdline", "CMDLINE", "args", CELL_STR, J, SNAPSHOT_CMDLINE,
			  "Command line" },
	[COL_FATE] = { "fate", "FATE", NULL, CELL_STR, J, 0,
		       "Whether the kernel may choose it, and why not" },
	[COL_SCORE] = { "oom_score", "SCORE", "score,oom", CELL_UINT, T | J | R, 0,
			"The kernel's own number: /proc/PID/oom_score" },
	[COL_MODEL] = { "model_score", "MODEL", "model", CELL_INT, J | R, 0,
			"The same number, computed by the rule" },
	[COL_ADJ] = { "oom_score_adj", "ADJ", "adj,oomadj", CELL_INT, T | J | R, 0,
		      "Adjustment, -1000 to 1000" },
	[COL_RSS] = { "rss", "RSS", NULL, CELL_BYTES, T | J | R, 0, "Resident memory that counts" },
	[COL_ANON] = { "rss_anon", "ANON", "anon", CELL_BYTES, J | R, 0, "Its anonymous part" },
	[COL_FILE] = { "rss_file", "FILE", "file", CELL_BYTES, J | R, 0, "Its part of files" },
	[COL_SHMEM] = { "rss_shmem", "SHMEM", "shmem", CELL_BYTES, J | R, 0, "Its shared part" },
	[COL_SWAP] = { "swap", "SWAP", NULL, CELL_BYTES, T | J | R, 0, "Swapped out" },
	[COL_PGT] = { "pgtables", "PGT", "pgt", CELL_BYTES, T | J | R, 0, "Page tables" },
	[COL_BADNESS] = { "badness", "BADNESS", "points", CELL_INT, T | J | R, 0,
			  "What the kernel compares: pages since 3.5, points before" },
	[COL_KILLED_WITH] = { "killed_with", "KILLED-WITH", NULL, CELL_INTS, J, 0,
			      "Who would die along: its memory.oom.group, sharers of its memory" },
	[COL_CGROUP] = { "cgroup", "CGROUP", NULL, CELL_STR, T | J | L, SNAPSHOT_CGROUP,
			 "Path in the hierarchy of the memory controller" },
	[COL_COMMAND] = { "command", "COMMAND", "cmd", CELL_STR, T, SNAPSHOT_CMDLINE,
			  "Command line, or [name] where there is none" },
};
_Static_assert(ARRAY_SIZE(columns) == COL_N, "a column is missing");

#undef T
#undef J
#undef R
#undef L

static const struct argp_option options[] = {
	{ "top", 'N', "NUM|all", 0, "How many rows (10)", 0 },
	{ "everyone", 'a', NULL, 0, "The same as --top all", 0 },
	{ "by", KEY_BY, "process|cgroup|unit|user|tree", 0,
	  "Sums over those that have this in common", 0 },
	{ "adjusted", KEY_ADJUSTED, NULL, 0, "Only processes whose oom_score_adj is not 0", 0 },
	{ "kills", KEY_KILLS, "NUM", 0, "So many kills in a row, with those that die along", 0 },
	{ "free", KEY_FREE, "SIZE", 0, "As many kills as it takes to free so much", 0 },
	{ 0 },
};

static error_t set_top(struct rank *c, const char *arg, const struct argp_state *state)
{
	int64_t n;

	c->top_given = true;
	if (strcmp(arg, "all") == 0) {
		c->top = 0;
		return 0;
	}
	if (str_to_i64(arg, strlen(arg), 1, INT32_MAX, &n) < 0)
		return cli_usage(state, "--top", arg, "not a number of rows", "1 or more, or all");
	c->top = (size_t)n;
	return 0;
}

static error_t set_by(struct rank *c, const char *arg, const struct argp_state *state)
{
	static const char *const names[] = {
		[BY_PROCESS] = "process", [BY_CGROUP] = "cgroup", [BY_UNIT] = "unit",
		[BY_USER] = "user",       [BY_TREE] = "tree",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(arg, names[i]) == 0) {
			c->by = (enum rank_by)i;
			return 0;
		}
	return cli_usage(state, "--by", arg, "not a way to sum up",
			 "process, cgroup, unit, user, tree");
}

static error_t set_kills(struct rank *c, const char *arg, const struct argp_state *state)
{
	int64_t n;

	if (str_to_i64(arg, strlen(arg), 1, INT32_MAX, &n) < 0)
		return cli_usage(state, "--kills", arg, "not a number of kills", "1 or more");
	c->kills = (size_t)n;
	return 0;
}

/* The kills in a row are those of the whole scope, in their own order. */
static error_t check_combination(const struct rank *c, const struct argp_state *state)
{
	const char *option = c->kills ? "--kills" : "--free";

	if (!c->kills && !c->free_bytes)
		return 0;
	if (c->by != BY_PROCESS)
		return cli_usage(state, "--by", NULL, "sums up what --kills and --free take apart",
				 "give one of them");
	if (c->targets.n)
		return cli_usage(state, option, NULL, "tells the kills of a whole scope",
				 "choose one with --scope, not a TARGET");
	if (c->adjusted || c->top_given)
		return cli_usage(state, option, NULL, "tells every kill of the row",
				 "not with --adjusted or --top");
	if (c->output.sort)
		return cli_usage(state, "--sort", NULL, "kills stand in their own order", NULL);
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct rank *c = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &c->targets;
		state->child_inputs[1] = &c->what_if;
		state->child_inputs[2] = &c->output;
		state->child_inputs[3] = &c->machine;
		return 0;
	case 'N':
		return set_top(c, arg, state);
	case 'a':
		c->top_given = true;
		c->top = 0;
		return 0;
	case KEY_BY:
		return set_by(c, arg, state);
	case KEY_ADJUSTED:
		c->adjusted = true;
		return 0;
	case KEY_KILLS:
		return set_kills(c, arg, state);
	case KEY_FREE:
		if (str_to_size(arg, &c->free_bytes) < 0 || c->free_bytes == 0)
			return cli_usage(state, "--free", arg, "not a size",
					 "a number with K M G T, as in 1.5G");
		return 0;
	case ARGP_KEY_END:
		return check_combination(c, state);
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
	.doc = "Show who dies first when memory runs out, and who would follow, in the kernel's "
	       "own order. A TARGET "
	       "selects rows; the places are those in the whole scope.",
	.children = children,
};

/* ------------------------------------------------------------------ cells */

struct cell rank_user(struct rank *c, uid_t uid)
{
	char number[16];
	const char *name;

	if (!c->have_users) {
		users_open(&c->users, &c->g.j.host);
		c->have_users = true;
	}
	name = users_name(&c->users, uid);
	if (!name) {
		int n = snprintf(number, sizeof(number), "%u", (unsigned)uid);

		name = arena_strndup(&c->g.j.s.arena, number, (size_t)n);
	}
	return cell_str(name);
}

static struct cell pages_cell(const struct rank *c, bool have, uint64_t pages)
{
	return have ? cell_bytes(pages * c->g.j.s.machine.page_size) : cell_null();
}

static struct cell memory_cell(const struct rank *c, const struct proc *p, unsigned column)
{
	const struct judge *j = &c->g.j;
	bool parts = p->have & HAVE_RSS_PARTS;
	uint64_t known = p->anon_pages + p->file_pages;

	/* A process without memory has none of any kind; that is known. */
	if ((p->have & HAVE_MM) && !(p->flags & PROC_HAS_MM))
		return cell_bytes(0);
	switch (column) {
	case COL_RSS:
		return pages_cell(c, p->have & (HAVE_RSS_STAT | HAVE_RSS_STATUS),
				  badness_rss_pages(p, j->s.rss_source));
	case COL_ANON:
		return pages_cell(c, parts, p->anon_pages);
	case COL_FILE:
		return pages_cell(c, parts, p->file_pages);
	case COL_SHMEM:
		return pages_cell(c, parts && p->rss_status_pages >= known,
				  p->rss_status_pages - known);
	case COL_SWAP:
		return pages_cell(c, p->have & HAVE_SWAP, p->swap_pages);
	default:
		return p->have & HAVE_PTE ? cell_bytes(((uint64_t)p->pte_kib +
							(p->have & HAVE_PMD ? p->pmd_kib : 0)) *
						       1024)
					  : cell_null();
	}
}

/* The two buffers serve all rows; they are as long as the list of processes. */
static int make_buffers(struct rank *c)
{
	size_t n = c->g.j.s.n_procs + 1;

	if (!c->dies)
		c->dies = calloc(n, 1);
	if (!c->killed_with)
		c->killed_with = malloc(n * sizeof(*c->killed_with));
	return c->dies && c->killed_with ? 0 : -ENOMEM;
}

/* Who would die along with this row. */
static struct cell killed_with_cell(struct rank *c, const struct judged *r)
{
	struct judge *j = &c->g.j;
	const char *group;
	size_t n = 0;
	ssize_t count;

	if (r->fate == FATE_UNKNOWN)
		return cell_null();
	if (!r->rank)
		return cell_ints(NULL, 0);
	if (make_buffers(c) < 0)
		return cell_null();
	count = judge_killed_with(j, r->index, c->dies, &group);
	for (size_t i = 0; count != 0 && i < j->s.n_procs; i++) {
		if (c->dies[i])
			c->killed_with[n++] = j->s.procs[i].pid;
		c->dies[i] = DIES_NOT;
	}
	return count < 0 ? cell_null() : cell_ints(c->killed_with, n);
}

static struct cell command_cell(struct rank *c, const struct proc *p)
{
	char name[80];
	int n;

	if ((p->have & HAVE_CMDLINE) && p->cmdline[0])
		return cell_str(p->cmdline);
	if (!(p->have & HAVE_COMM))
		return cell_null();
	n = snprintf(name, sizeof(name), "[%s]", p->comm);
	return cell_str(arena_strndup(&c->g.j.s.arena, name,
				      (size_t)n < sizeof(name) ? (size_t)n : sizeof(name) - 1));
}

static bool is_victim(const struct rank *c, const struct judged *r)
{
	return r->rank == 1 && c->outcome == KILLS_KILL;
}

static struct cell rank_cell(struct rank *c, const struct judged *r, const struct proc *p,
			     const struct proc *supposed, unsigned column)
{
	switch (column) {
	case COL_RANK:
		return r->rank ? cell_uint(r->rank) : cell_null();
	case COL_VICTIM:
		return cell_bool(is_victim(c, r));
	case COL_PID:
		return cell_int(p->pid);
	case COL_UID:
		return p->have & HAVE_UID ? cell_uint(p->uid) : cell_null();
	case COL_USER:
		if (p->flags & PROC_KTHREAD)
			return rank_user(c, 0);
		return p->have & HAVE_UID ? rank_user(c, p->uid) : cell_null();
	case COL_COMM:
		return p->have & HAVE_COMM ? cell_str(p->comm) : cell_null();
	case COL_CMDLINE:
		return p->have & HAVE_CMDLINE ? cell_str(p->cmdline) : cell_null();
	case COL_FATE:
		return cell_str(badness_fate_name((enum fate)r->fate));
	case COL_SCORE:
		return p->have & HAVE_SCORE ? cell_uint(p->oom_score) : cell_null();
	case COL_MODEL:
		return r->score_known ? cell_int(r->score) : cell_null();
	case COL_ADJ:
		return supposed->have & HAVE_ADJ ? cell_int(supposed->oom_score_adj) : cell_null();
	case COL_BADNESS:
		return r->known ? cell_int(r->badness) : cell_null();
	case COL_KILLED_WITH:
		return killed_with_cell(c, r);
	case COL_CGROUP:
		return p->have & HAVE_CGROUP ? cell_str(p->cgroup) : cell_null();
	case COL_COMMAND:
		return command_cell(c, p);
	default:
		return memory_cell(c, supposed, column);
	}
}

static unsigned need_of_columns(const unsigned *shown, size_t n_shown)
{
	unsigned need = 0;

	for (size_t i = 0; i < n_shown; i++)
		need |= columns[shown[i]].need;
	return need;
}

static enum row_style rank_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
			       struct cell *cells)
{
	struct rank *c = ctx;
	const struct judged *r = &c->judged[c->rows[row]];
	struct proc *p = &c->g.j.s.procs[r->index];
	struct supposed storage;
	const struct proc *supposed;

	judge_more(&c->g.j, p, need_of_columns(shown, n_shown));
	supposed = victim_suppose(&c->g.j.what_if, p, &storage);
	for (size_t i = 0; i < n_shown; i++)
		cells[i] = rank_cell(c, r, p, supposed, shown[i]);
	if (is_victim(c, r))
		return ROW_MARKED;
	return r->rank ? ROW_PLAIN : ROW_DIM;
}

/* ------------------------------------------------------------------ which rows */

bool rank_is_row(const struct rank *c, const struct judged *r)
{
	const struct proc *p = &c->g.j.s.procs[r->index];
	struct supposed storage;

	if (!c->g.chosen[r->index])
		return false;
	/* Outside of the scope nobody is ranked; who was asked for by name is told so all the same.
	 */
	if (r->fate == FATE_OUT_OF_SCOPE && c->targets.n == 0)
		return false;
	if (!c->adjusted)
		return true;
	p = victim_suppose(&c->g.j.what_if, p, &storage);
	return (p->have & HAVE_ADJ) && p->oom_score_adj != 0;
}

static int choose_rows(struct rank *c, const struct env *env, int sort)
{
	_cleanup_free_ size_t *order = NULL, *unsorted = NULL;
	size_t n = c->g.j.s.n_procs;

	c->rows = calloc(n + 1, sizeof(*c->rows));
	if (!c->rows)
		goto no_memory;
	for (size_t i = 0; i < n; i++)
		if (rank_is_row(c, &c->judged[i]) &&
		    (c->judged[i].rank || !c->top || c->targets.n || c->adjusted))
			c->rows[c->n_rows++] = i;
	if (sort >= 0) {
		order = calloc(n + 1, sizeof(*order));
		unsorted = malloc((n + 1) * sizeof(*unsorted));
		if (!order || !unsorted ||
		    gather_sort(order, c->n_rows, (unsigned)sort, rank_row, c,
				c->output.sort_descending) < 0)
			goto no_memory;
		memcpy(unsorted, c->rows, n * sizeof(*unsorted));
		for (size_t i = 0; i < c->n_rows; i++)
			c->rows[i] = unsorted[order[i]];
	}
	if (c->top && c->n_rows > c->top)
		c->n_rows = c->top;
	return EXIT_DONE;
no_memory:
	cli_error(env, "rank", NULL, strerror(ENOMEM), NULL);
	return EXIT_USAGE;
}

/* ------------------------------------------------------------------ telling */

void rank_tell_scope(struct out *o, const struct rank *c)
{
	const struct judge *j = &c->g.j;
	const struct mem_ctx *ctx = &j->scope.ctx;

	out_field(o, "kernel", cell_str(j->s.release));
	out_field(o, "era", cell_str(j->era->name));
	out_object(o, "scope");
	out_field(o, "constraint", cell_str(badness_constraint_name(ctx->constraint)));
	out_field(o, "where", cell_str(ctx->where));
	out_field(o, "total_pages", ctx->total_pages ? cell_uint(ctx->total_pages) : cell_null());
	out_field(o, "page_size", cell_uint(ctx->page_size));
	out_end(o);
	out_field(o, "outcome", cell_str(kills_outcome_name(c->outcome)));
	out_field(o, "supposed", cell_bool(j->supposed || !j->own_rule));
}

/* "123 (name)", safe to print. The last line of each ranking: printf's own digits would be the only
 * reason to map another piece of the C library (tests/bench/README.md). */
static const char *who(const struct proc *p, char *buf, size_t size)
{
	char name[96], digits[OUT_DIGITS];
	size_t n;
	const char *pid = out_int_digits(p->pid, digits, &n);

	snprintf(buf, size, "%.*s (%s)", (int)n, pid,
		 p->have & HAVE_COMM ? out_escape(p->comm, strlen(p->comm), name, sizeof(name))
				     : "?");
	return buf;
}

static void tell_victim(struct out *o, struct rank *c)
{
	struct judge *j = &c->g.j;
	_cleanup_free_ unsigned char *dies = calloc(j->s.n_procs + 1, 1);
	size_t dead = judge_who_dies(j, c->judged[0].index, NULL);
	const struct proc *chosen = &j->s.procs[c->judged[0].index], *p = &j->s.procs[dead];
	const char *group = NULL;
	ssize_t n = dies ? judge_killed_with(j, dead, dies, &group) : -ENOMEM;
	char name[128], other[128], path[256];

	if (p == chosen)
		out_text(o, "%s would be killed first.\n", who(p, name, sizeof(name)));
	else
		out_text(o,
			 "%s would be chosen first, and its child %s killed in its place: this "
			 "kernel sacrifices children.\n",
			 who(chosen, name, sizeof(name)), who(p, other, sizeof(other)));
	if (n > 0 && group)
		out_text(o, "With %s die %zd more: memory.oom.group of %s.\n",
			 who(p, name, sizeof(name)), n,
			 out_escape(group, strlen(group), path, sizeof(path)));
	else if (n > 0)
		out_text(o, "With %s die %zd more: they share its memory.\n",
			 who(p, name, sizeof(name)), n);
}

void rank_tell_outcome(struct out *o, struct rank *c)
{
	const struct judge *j = &c->g.j;
	char path[256];

	if (!out_is_table(o) || c->output.opt.noheadings)
		return;
	if (j->scope.cgroup)
		out_text(o, "An OOM inside %s: %llu pages count, not the whole machine.\n",
			 out_escape(j->scope.cgroup, strlen(j->scope.cgroup), path, sizeof(path)),
			 (unsigned long long)j->scope.ctx.total_pages);
	else if (j->scope.nodes)
		out_text(o, "An OOM on %s%s: %llu pages count%s.\n", j->scope.nodes,
			 j->scope.ctx.constraint == CONSTRAINT_NONE ? ", all there are" : "",
			 (unsigned long long)j->scope.ctx.total_pages,
			 j->scope.ctx.constraint == CONSTRAINT_NONE ? ""
								    : ", not the whole machine");
	else if (c->what_if.scope && !j->scope_found_limit)
		out_text(o, "No memory limit at this cgroup or above it: an OOM there is the "
			    "machine's.\n");
	switch (c->outcome) {
	case KILLS_KILL:
		tell_victim(o, c);
		break;
	case KILLS_NOBODY:
		out_text(o, "Nobody here can be chosen: %s.\n",
			 j->scope.cgroup ? "the cgroup's allocations would fail"
					 : "the machine would panic");
		break;
	case KILLS_UNKNOWN:
		out_text(o, "Who would be killed cannot be told from what could be read.\n");
		break;
	case KILLS_PANIC:
		out_text(o, "vm.panic_on_oom is %d: the machine panics, nobody is killed.\n",
			 j->s.sysctl.panic_on_oom);
		break;
	case KILLS_DISABLED:
		out_text(o, "memory.oom_control has oom_kill_disable 1: nobody is killed, tasks "
			    "wait for memory.\n");
		break;
	case KILLS_ALLOCATING:
		out_text(o,
			 "vm.oom_kill_allocating_task is %d: who happens to ask for memory is "
			 "killed, not the first of "
			 "this list.\n",
			 j->s.sysctl.oom_kill_allocating_task);
		break;
	}
}

static int tell_processes(struct rank *c, const struct env *env, const unsigned *shown,
			  size_t n_shown)
{
	struct out *o = cli_out(env, &c->output);

	if (!o) {
		cli_error(env, "rank", NULL, strerror(ENOMEM), NULL);
		return EXIT_USAGE;
	}
	rank_tell_scope(o, c);
	out_rows(o, "processes", columns, shown, n_shown, c->n_rows, rank_row, c);
	rank_tell_outcome(o, c);
	return cli_finish(env, "rank", o, gather_status(&c->g));
}

/* A table of what is only supposed shows the score that would be, not the one that is. */
static void show_supposed_score(const struct rank *c, unsigned *shown, size_t n_shown)
{
	const struct judge *j = &c->g.j;

	if (c->output.columns || c->output.all_columns || c->output.opt.format != OUT_TABLE ||
	    (j->own_rule && !j->supposed))
		return;
	for (size_t i = 0; i < n_shown; i++)
		if (shown[i] == COL_SCORE)
			shown[i] = COL_MODEL;
}

/* Only the first of the whole machine in their own order can be found without judging all. */
static bool can_prune(const struct rank *c)
{
	return c->top && c->by == BY_PROCESS && !c->targets.n && !c->output.sort && !c->adjusted &&
	       !c->kills && !c->free_bytes;
}

static unsigned need_of(const struct rank *c)
{
	unsigned need = SNAPSHOT_MODEL;

	if (c->by == BY_CGROUP || c->by == BY_UNIT)
		need |= SNAPSHOT_CGROUP;
	return need;
}

static int read_and_judge(struct rank *c, const struct env *env, size_t top, unsigned shown)
{
	int status = gather_open(&c->g, env, "rank",
				 &(struct gather_options){ .machine = &c->machine,
							   .what_if = &c->what_if,
							   .targets = &c->targets,
							   .need = need_of(c),
							   .top = top,
							   .shown = shown,
							   .without_self = true,
							   .quiet = c->output.opt.quiet });

	if (status != EXIT_DONE)
		return status;
	if (judge_order(&c->g.j, &c->judged) == 0)
		return EXIT_DONE;
	cli_error(env, "rank", NULL, strerror(ENOMEM), NULL);
	return EXIT_USAGE;
}

static bool shows(const unsigned *shown, size_t n, unsigned column)
{
	for (size_t i = 0; i < n; i++)
		if (shown[i] == column)
			return true;
	return false;
}

/* Whoever dies with those that are shown must have been read too. */
static bool lacks_company(struct rank *c, bool in_each_row)
{
	const size_t rows = in_each_row ? c->top : 1;

	for (size_t i = 0; i < rows && i < c->g.j.s.n_procs && c->judged[i].rank; i++)
		if (judge_lacks_company(&c->g.j, c->judged[i].index, in_each_row))
			return true;
	return false;
}

static int judge_and_tell(struct rank *c, const struct env *env)
{
	_cleanup_free_ unsigned *shown = NULL;
	int n_shown = 0, sort = -ENOENT, status;

	if (c->by == BY_PROCESS && !c->kills && !c->free_bytes) {
		sort = cli_sort_column(env, &c->output, columns, COL_N);
		n_shown = sort == -EINVAL
				  ? -1
				  : cli_select_columns(env, &c->output, columns, COL_N, &shown);
		if (n_shown < 0)
			return EXIT_USAGE;
	}
	status = read_and_judge(c, env, can_prune(c) ? c->top : 0,
				need_of_columns(shown, (size_t)n_shown));
	if (status == EXIT_DONE && can_prune(c) &&
	    lacks_company(c, shows(shown, (size_t)n_shown, COL_KILLED_WITH))) {
		free(c->judged);
		c->judged = NULL;
		gather_close(&c->g);
		status = read_and_judge(c, env, 0, 0);
	}
	if (status != EXIT_DONE)
		return status;
	if (c->targets.n && c->g.n_chosen == 0)
		return EXIT_NO;
	if (c->g.j.scope.ctx.total_pages == 0) {
		cli_error(env, "rank", "meminfo", "does not tell the size of the memory",
			  "nobody can be judged");
		return EXIT_USAGE;
	}
	c->outcome = kills_outcome(&c->g.j, c->judged);
	if (c->by != BY_PROCESS) {
		status = rank_groups(c, env);
	} else if (c->kills || c->free_bytes) {
		status = rank_kills(c, env);
	} else {
		status = choose_rows(c, env, sort);
		if (status != EXIT_DONE)
			return status;
		show_supposed_score(c, shown, (size_t)n_shown);
		status = tell_processes(c, env, shown, (size_t)n_shown);
	}
	if (!c->output.opt.quiet)
		gather_footnotes(&c->g, env, "rank");
	return status;
}

int rank_run(struct env *env, int argc, char **argv)
{
	struct rank c = { .output.command = &command_rank, .top = TOP_DEFAULT };
	int r = cli_parse(env, &command_rank, argc, argv, &c), status;

	if (r != 0)
		status = r > 0 ? EXIT_DONE : EXIT_USAGE;
	else if (c.output.list_columns && c.by != BY_PROCESS)
		status = rank_list_group_columns(env, &c);
	else if (c.output.list_columns && (c.kills || c.free_bytes))
		status = rank_list_kill_columns(env, &c);
	else if (c.output.list_columns)
		status = cli_list_columns(env, &c.output);
	else
		status = judge_and_tell(&c, env);
	if (c.have_users)
		users_close(&c.users);
	gather_close(&c.g);
	select_free(&c.targets);
	cli_what_if_free(&c.what_if);
	free(c.judged);
	free(c.rows);
	free(c.killed_with);
	free(c.dies);
	return status;
}

const struct command command_rank = {
	.name = "rank",
	.summary = "who dies first, and who would follow",
	.argp = &argp,
	.run = rank_run,
	.columns = columns,
	.n_columns = COL_N,
	.default_sort = "rank",
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which columns has a kill? A row for each one that died, for csv, tsv, prom and a table of -o; an
 * event without a kill has a row without a pid. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "parse-log.h"

#define SHOWN  (COLUMN_TABLE | COLUMN_JSON)
#define NUMBER COLUMN_RIGHT
#define LABEL  (COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL)

const struct column parse_log_columns[] = {
	[LOG_COL_TIME] = { "time", "TIME", NULL, CELL_STR, LABEL, 0,
			   "When, as far as the log tells" },
	[LOG_COL_UPTIME] = { "uptime_usec", "UPTIME", "uptime", CELL_UINT, NUMBER, 0,
			     "Microseconds since boot" },
	[LOG_COL_LINE] = { "first_line", "LINE", "line", CELL_UINT, NUMBER, 0,
			   "Line of the input at which the event begins" },
	[LOG_COL_HOST] = { "host", "HOST", NULL, CELL_STR, COLUMN_LABEL, 0, "Name of the machine" },
	[LOG_COL_KILLER] = { "killer", "KILLER", NULL, CELL_STR, COLUMN_LABEL, 0,
			     "Who killed: kernel, systemd-oomd, earlyoom, nohang" },
	[LOG_COL_CONSTRAINT] = { "constraint", "CONSTRAINT", NULL, CELL_STR, LABEL, 0,
				 "Which memory was short: none is the machine's" },
	[LOG_COL_PID] = { "pid", "PID", NULL, CELL_INT, LABEL | NUMBER, 0, "Process id" },
	[LOG_COL_COMM] = { "comm", "COMMAND", "command,name", CELL_STR, LABEL, 0,
			   "Name of the process" },
	[LOG_COL_UID] = { "uid", "UID", NULL, CELL_INT, NUMBER, 0, "User id" },
	[LOG_COL_RSS] = { "rss", "RSS", NULL, CELL_BYTES, SHOWN | NUMBER, 0,
			  "Resident memory at its death" },
	[LOG_COL_TOTAL_VM] = { "total_vm", "VM", NULL, CELL_BYTES, NUMBER, 0, "Address space" },
	[LOG_COL_ANON] = { "anon_rss", "ANON", NULL, CELL_BYTES, NUMBER, 0,
			   "Resident anonymous memory" },
	[LOG_COL_FILE] = { "file_rss", "FILE", NULL, CELL_BYTES, NUMBER, 0, "Resident file pages" },
	[LOG_COL_SHMEM] = { "shmem_rss", "SHMEM", NULL, CELL_BYTES, NUMBER, 0,
			    "Resident shared memory" },
	[LOG_COL_PGTABLES] = { "pgtables", "PGT", NULL, CELL_BYTES, NUMBER, 0, "Page tables" },
	[LOG_COL_ADJ] = { "oom_score_adj", "ADJ", "adj,oomadj", CELL_INT, SHOWN | NUMBER, 0,
			  "Adjustment, -1000 to 1000" },
	[LOG_COL_SCORE] = { "score", "SCORE", "oom_score", CELL_INT, NUMBER, 0,
			    "The score that the kernel printed" },
	[LOG_COL_INVOKER] = { "invoker", "INVOKER", NULL, CELL_STR, SHOWN, 0,
			      "Who asked for memory; seldom who used it" },
	[LOG_COL_OUTCOME] = { "outcome", "OUTCOME", NULL, CELL_STR, 0, 0, "What came of it" },
	[LOG_COL_COMPLETE] = { "complete", "COMPLETE", NULL, CELL_BOOL, 0, 0,
			       "Whether the log holds the whole report" },
	[LOG_COL_AGREES] = { "agrees", "AGREES", NULL, CELL_BOOL, 0, 0,
			     "Whether the rule picks the same one; needs --why" },
	[LOG_COL_OOM_MEMCG] = { "oom_memcg", "LIMIT-OF", NULL, CELL_STR, 0, 0,
				"The cgroup whose limit was hit" },
	[LOG_COL_CGROUP] = { "task_memcg", "CGROUP", "cgroup", CELL_STR, SHOWN, 0,
			     "The cgroup of the victim" },
};
_Static_assert(ARRAY_SIZE(parse_log_columns) == LOG_COL_N, "a column is missing");

/* Rows that are shown at the end: widths, and the metrics of one name, want all of them. */
struct kill_rows {
	struct cell (*v)[LOG_COL_N];
	size_t n, size;
	struct arena arena;
};

static struct cell opt_kib(const struct oom_kill *k, uint32_t bit, uint64_t kib)
{
	return k && k->have & bit && kib <= INT64_MAX / 1024 ? cell_bytes(kib * 1024) : cell_null();
}

static struct cell opt_int(bool have, int64_t v)
{
	return have ? cell_int(v) : cell_null();
}

/* The columns of the one that died; k NULL: nobody did. */
static void kill_cells(const struct oom_event *e, const struct oom_kill *k, struct cell *cells)
{
	const struct oom_kill none = { .have = 0 };
	const char *cgroup = k ? parse_log_cgroup(e, k) : e->oom_memcg;
	uint64_t rss;

	if (!k)
		k = &none;
	cells[LOG_COL_PID] = opt_int(k->have & OOM_HAVE_PID, k->pid);
	cells[LOG_COL_COMM] = cell_str(k->comm);
	cells[LOG_COL_UID] = opt_int(k->have & OOM_HAVE_UID, k->uid);
	cells[LOG_COL_RSS] = parse_log_kill_rss(k, &rss) ? cell_bytes(rss * 1024) : cell_null();
	cells[LOG_COL_TOTAL_VM] = opt_kib(k, OOM_HAVE_TOTAL_VM, k->total_vm_kib);
	cells[LOG_COL_ANON] = opt_kib(k, OOM_HAVE_ANON, k->anon_kib);
	cells[LOG_COL_FILE] = opt_kib(k, OOM_HAVE_FILE, k->file_kib);
	cells[LOG_COL_SHMEM] = opt_kib(k, OOM_HAVE_SHMEM, k->shmem_kib);
	cells[LOG_COL_PGTABLES] = opt_kib(k, OOM_HAVE_PGTABLES, k->pgtables_kib);
	cells[LOG_COL_ADJ] = opt_int(k->have & OOM_HAVE_ADJ, k->oom_score_adj);
	cells[LOG_COL_SCORE] = opt_int(k->have & OOM_HAVE_SCORE, k->score);
	cells[LOG_COL_CGROUP] = cell_str(cgroup);
}

static void all_cells(const struct told_event *t, const struct oom_kill *k, struct cell *cells,
		      char *time, size_t size)
{
	const struct oom_event *e = t->e;

	cells[LOG_COL_TIME] = cell_str(parse_log_time(&e->first, time, size));
	cells[LOG_COL_UPTIME] =
		e->first.have_uptime ? cell_uint(e->first.uptime_usec) : cell_null();
	cells[LOG_COL_LINE] = cell_uint(e->first_line);
	cells[LOG_COL_HOST] = cell_str(e->host);
	cells[LOG_COL_KILLER] = cell_str(oomlog_killer_name(e->killer));
	cells[LOG_COL_CONSTRAINT] = cell_str(badness_constraint_name(e->constraint));
	cells[LOG_COL_INVOKER] = cell_str(e->invoker);
	cells[LOG_COL_OUTCOME] = cell_str(oomlog_outcome_name(e->outcome));
	cells[LOG_COL_COMPLETE] = cell_bool(oomlog_is_complete(e));
	cells[LOG_COL_AGREES] =
		t->have_why && t->why.agrees >= 0 ? cell_bool(t->why.agrees) : cell_null();
	cells[LOG_COL_OOM_MEMCG] = cell_str(e->oom_memcg);
	kill_cells(e, k, cells);
}

static enum row_style row(void *ctx, size_t i, const unsigned *shown, size_t n_shown,
			  struct cell *cells)
{
	const struct kill_rows *rows = ctx;

	for (size_t c = 0; c < n_shown; c++)
		cells[c] = rows->v[i][shown[c]];
	return ROW_PLAIN;
}

static int keep(struct kill_rows *rows, const struct cell *cells)
{
	if (rows->n == rows->size) {
		size_t size = rows->size ? rows->size * 2 : 16;
		void *v = reallocarray(rows->v, size, sizeof(*rows->v));

		if (!v)
			return -ENOMEM;
		rows->v = v;
		rows->size = size;
	}
	for (unsigned i = 0; i < LOG_COL_N; i++) {
		struct cell cell = cells[i];

		if (cell.type == CELL_STR) {
			cell.str.s = arena_strndup(&rows->arena, cell.str.s, cell.str.n);
			if (!cell.str.s)
				return -ENOMEM;
		}
		rows->v[rows->n][i] = cell;
	}
	rows->n++;
	return 0;
}

static void rows_free(struct kill_rows *rows)
{
	arena_free(&rows->arena);
	free(rows->v);
	free(rows);
}

/* csv and tsv need no more than the row itself: each event's are told at once. */
static void tell_now(struct parse_log *c, struct kill_rows *rows)
{
	struct cli_output output = c->output;
	struct out *o;

	output.opt.noheadings |= c->headings_done;
	c->headings_done = true;
	o = cli_out(c->env, &output);
	if (!o) {
		c->failed = true;
		return;
	}
	out_rows(o, "kills", parse_log_columns, c->shown, (size_t)c->n_shown, rows->n, row, rows);
	if (cli_finish(c->env, "parse-log", o, EXIT_DONE) != EXIT_DONE)
		c->failed = true;
}

void parse_log_rows(struct parse_log *c, const struct told_event *t)
{
	enum out_format f = c->output.opt.format;
	struct cell cells[LOG_COL_N];
	char time[64];
	int r = 0;

	if (!c->rows)
		c->rows = calloc(1, sizeof(*c->rows));
	if (!c->rows) {
		c->failed = true;
		return;
	}
	for (size_t i = 0; i < t->e->n_kills && r == 0; i++) {
		all_cells(t, &t->e->kills[i], cells, time, sizeof(time));
		r = keep(c->rows, cells);
	}
	if (t->e->n_kills == 0) {
		all_cells(t, NULL, cells, time, sizeof(time));
		r = keep(c->rows, cells);
	}
	c->failed |= r < 0;
	if (f == OUT_CSV || f == OUT_TSV) {
		tell_now(c, c->rows);
		rows_free(c->rows);
		c->rows = NULL;
	}
}

void parse_log_rows_end(struct parse_log *c, struct out *o)
{
	if (!c->rows)
		return;
	out_rows(o, "kills", parse_log_columns, c->shown, (size_t)c->n_shown, c->rows->n, row,
		 c->rows);
	rows_free(c->rows);
	c->rows = NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does one event read? A sentence a line for people; the same facts as columns for programs. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#include "arena.h"
#include "base.h"
#include "watch.h"

#define T COLUMN_TABLE
#define J COLUMN_JSON
#define R COLUMN_RIGHT

const struct column watch_columns[] = {
	[WATCH_COL_TIME] = { "time", "TIME", NULL, CELL_STR, T | J, 0, "When, by the wall clock" },
	[WATCH_COL_TIME_CERTAIN] = { "time_certain", "CERTAIN", NULL, CELL_BOOL, J, 0,
				     "Whether that is sure: an old record of the log does not say "
				     "how long the machine has slept since" },
	[WATCH_COL_UPTIME] = { "uptime_usec", "UPTIME", "uptime", CELL_UINT, J | R, 0,
			       "Microseconds since boot, as the kernel's log counts them" },
	[WATCH_COL_EVENT] = { "event", "EVENT", NULL, CELL_STR, T | J, 0,
			      "oom_kill, oom, gap or pressure" },
	[WATCH_COL_PID] = { "pid", "PID", NULL, CELL_INT, T | J | R, 0,
			    "Process id of the victim; none where a counter rose and nobody was "
			    "named" },
	[WATCH_COL_PID_NS] = { "pid_ns", "PID-NS", NULL, CELL_STR, J, 0,
			       "Whose number that is: init is the machine's, own is that of our "
			       "pid namespace" },
	[WATCH_COL_COMM] = { "comm", "COMMAND", "command,name", CELL_STR, T | J, 0,
			     "Name of the process" },
	[WATCH_COL_UID] = { "uid", "UID", NULL, CELL_UINT, T | J | R, 0, "User id" },
	[WATCH_COL_CMDLINE] = { "cmdline", "CMDLINE", "args", CELL_STR, J, 0, "Command line" },
	[WATCH_COL_CMDLINE_TRUNCATED] = { "cmdline_truncated", "CUT", NULL, CELL_BOOL, J, 0,
					  "Whether it is longer than is shown" },
	[WATCH_COL_PPID] = { "ppid", "PPID", NULL, CELL_INT, J | R, 0, "Process id of the parent" },
	[WATCH_COL_CGROUP] = { "cgroup", "CGROUP", NULL, CELL_STR, T | J, 0,
			       "Cgroup of the victim, or of the counter that rose" },
	[WATCH_COL_CONTAINER] = { "container", "CONTAINER", NULL, CELL_STR, J, 0,
				  "Id of the container that the cgroup's name holds" },
	[WATCH_COL_POD] = { "pod", "POD", NULL, CELL_STR, J, 0, "Uid of its pod" },
	[WATCH_COL_UNIT] = { "unit", "UNIT", NULL, CELL_STR, J, 0, "Its systemd unit" },
	[WATCH_COL_CONSTRAINT] = { "constraint", "CONSTRAINT", NULL, CELL_STR, T | J, 0,
				   "Which memory was short: none is the machine's" },
	[WATCH_COL_OOM_MEMCG] = { "oom_memcg", "LIMIT-OF", NULL, CELL_STR, J, 0,
				  "The cgroup whose limit was hit" },
	[WATCH_COL_TOTAL_VM] = { "total_vm", "VM", NULL, CELL_BYTES, J | R, 0, "Address space" },
	[WATCH_COL_ANON] = { "anon_rss", "ANON", "anon", CELL_BYTES, T | J | R, 0,
			     "Resident anonymous memory" },
	[WATCH_COL_FILE] = { "file_rss", "FILE", "file", CELL_BYTES, J | R, 0,
			     "Resident file pages" },
	[WATCH_COL_SHMEM] = { "shmem_rss", "SHMEM", "shmem", CELL_BYTES, J | R, 0,
			      "Resident shared memory" },
	[WATCH_COL_PGTABLES] = { "pgtables", "PGT", "pgt", CELL_BYTES, J | R, 0, "Page tables" },
	[WATCH_COL_ADJ] = { "oom_score_adj", "ADJ", "adj,oomadj", CELL_INT, T | J | R, 0,
			    "Adjustment, -1000 to 1000" },
	[WATCH_COL_RANK] = { "rank", "#", NULL, CELL_UINT, J | R, 0,
			     "Its place among all before the kill: 1 stood first" },
	[WATCH_COL_COUNT] = { "count", "COUNT", NULL, CELL_UINT, T | J | R, 0,
			      "How many; of a gap, the kills that nobody told of" },
	[WATCH_COL_LOST] = { "lost", "LOST", NULL, CELL_UINT, J | R, 0,
			     "Of a gap: the records that are gone" },
	[WATCH_COL_REASON] = { "reason", "REASON", NULL, CELL_STR, J, 0,
			       "Of a gap: what happened" },
	[WATCH_COL_SOURCES] = { "sources", "SOURCES", "source", CELL_WORDS, T | J, 0,
				"What had seen it by then" },
	[WATCH_COL_STATUS] = { "status", "STATUS", NULL, CELL_INT, R, 0,
			       "Of the command's end: its exit status" },
	[WATCH_COL_SIGNAL] = { "signal", "SIGNAL", NULL, CELL_INT, R, 0,
			       "Of the command's end: the signal that ended it" },
	[WATCH_COL_OOM_KILLED] = { "oom_killed", "OOM-KILLED", NULL, CELL_BOOL, 0, 0,
				   "Of the command's end: whether it was an OOM kill" },
	[WATCH_COL_HIT] = { "hit", "HIT", NULL, CELL_STR, 0, 0,
			    "Of the command's end: whom OOM kills hit, itself, tree or cgroup" },
	[WATCH_COL_VICTIM_PID] = { "victim_pid", "VICTIM", NULL, CELL_INT, R, 0,
				   "Of pressure: who would die now" },
	[WATCH_COL_VICTIM_COMM] = { "victim_comm", "VICTIM-NAME", NULL, CELL_STR, 0, 0,
				    "Of pressure: its name" },
	[WATCH_COL_VICTIM_BADNESS] = { "victim_badness", "VICTIM-BADNESS", NULL, CELL_INT, R, 0,
				       "Of pressure: its badness" },
};
_Static_assert(ARRAY_SIZE(watch_columns) == WATCH_COL_N, "a column is missing");

#undef T
#undef J
#undef R

static const char *const event_names[] = {
	[SIGHT_KILL] = "oom_kill", [SIGHT_KILLS] = "oom_kill",    [SIGHT_OOM] = "oom",
	[SIGHT_GAP] = "gap",       [SIGHT_PRESSURE] = "pressure",
};
_Static_assert(ARRAY_SIZE(event_names) == SIGHT_KIND_N, "an event has no name");

const char *watch_event_name(enum sight_kind kind)
{
	return event_names[kind];
}

/* What the cells of one event point into. */
struct told {
	const struct watch *w;
	const struct sighting *s;
	struct arena arena;
	struct cgroup_meaning meaning;
	char time[64];
	const char *sources[SIGHT_SOURCE_N];
	size_t n_sources;
};

static void prepare(struct told *t, const struct watch *w, const struct sighting *s)
{
	*t = (struct told){ .w = w, .s = s };
	/* Without the tables of zones: the static program has none. */
	out_time(s->wall_usec, 0, t->time, sizeof(t->time));
	if (s->cgroup[0])
		cgroupfs_meaning(s->cgroup, &t->arena, &t->meaning);
	for (unsigned i = 0; i < SIGHT_SOURCE_N; i++)
		if (s->sources & 1u << i)
			t->sources[t->n_sources++] = source_name((enum sight_source)i);
}

static struct cell opt_kib(const struct sighting *s, uint32_t bit, uint64_t kib)
{
	return s->have & bit && kib <= UINT64_MAX / 1024 ? cell_bytes(kib * 1024) : cell_null();
}

static struct cell opt_uint(bool have, uint64_t v)
{
	return have ? cell_uint(v) : cell_null();
}

static struct cell opt_int(bool have, int64_t v)
{
	return have ? cell_int(v) : cell_null();
}

static struct cell opt_str(bool have, const char *s)
{
	return have ? cell_str(s) : cell_null();
}

/* A pid of the log and of the tracepoint is the machine's. */
static struct cell pid_ns(const struct sighting *s)
{
	return opt_str(s->have & SIGHT_HAVE_PID, "init");
}

static struct cell memory_cell(const struct sighting *s, unsigned column)
{
	switch (column) {
	case WATCH_COL_TOTAL_VM:
		return opt_kib(s, SIGHT_HAVE_TOTAL_VM, s->total_vm_kib);
	case WATCH_COL_ANON:
		return opt_kib(s, SIGHT_HAVE_ANON, s->anon_kib);
	case WATCH_COL_FILE:
		return opt_kib(s, SIGHT_HAVE_FILE, s->file_kib);
	case WATCH_COL_SHMEM:
		return opt_kib(s, SIGHT_HAVE_SHMEM, s->shmem_kib);
	default:
		return opt_kib(s, SIGHT_HAVE_PGTABLES, s->pgtables_kib);
	}
}

static struct cell place_cell(const struct told *t, unsigned column)
{
	const struct sighting *s = t->s;

	switch (column) {
	case WATCH_COL_CGROUP:
		return opt_str(s->cgroup[0], s->cgroup);
	case WATCH_COL_CONTAINER:
		return cell_str(t->meaning.container);
	case WATCH_COL_POD:
		return cell_str(t->meaning.pod);
	case WATCH_COL_UNIT:
		return cell_str(t->meaning.unit);
	case WATCH_COL_OOM_MEMCG:
		return opt_str(s->oom_memcg[0], s->oom_memcg);
	default:
		return cell_str(badness_constraint_name(s->constraint));
	}
}

static bool has_victim(const struct told *t)
{
	return t->s->kind == SIGHT_PRESSURE && t->w->have_victim;
}

static struct cell event_cell(const struct told *t, unsigned column)
{
	const struct sighting *s = t->s;

	switch (column) {
	case WATCH_COL_TIME:
		return cell_str(t->time);
	case WATCH_COL_TIME_CERTAIN:
		return cell_bool(s->wall_certain);
	case WATCH_COL_UPTIME:
		return opt_uint(s->have & SIGHT_HAVE_UPTIME, s->uptime_usec);
	case WATCH_COL_EVENT:
		return cell_str(event_names[s->kind]);
	case WATCH_COL_PID:
		return opt_int(s->have & SIGHT_HAVE_PID, s->pid);
	case WATCH_COL_PID_NS:
		return pid_ns(s);
	case WATCH_COL_COMM:
		return opt_str(s->have & SIGHT_HAVE_COMM, s->comm);
	case WATCH_COL_UID:
		return opt_uint(s->have & SIGHT_HAVE_UID, s->uid);
	case WATCH_COL_CMDLINE:
		return opt_str(s->have & SIGHT_HAVE_CMDLINE, s->cmdline);
	case WATCH_COL_CMDLINE_TRUNCATED:
		return s->have & SIGHT_HAVE_CMDLINE ? cell_bool(s->cmdline_truncated) : cell_null();
	case WATCH_COL_PPID:
		return opt_int(s->have & SIGHT_HAVE_PPID, s->ppid);
	case WATCH_COL_ADJ:
		return opt_int(s->have & SIGHT_HAVE_ADJ, s->oom_score_adj);
	case WATCH_COL_RANK:
		return opt_uint(s->have & SIGHT_HAVE_RANK, s->rank);
	case WATCH_COL_COUNT:
		return opt_uint(s->kind == SIGHT_KILL || s->have & SIGHT_HAVE_COUNT, s->count);
	case WATCH_COL_LOST:
		return opt_uint(s->kind == SIGHT_GAP && s->lost, s->lost);
	case WATCH_COL_REASON:
		return cell_str(s->reason);
	case WATCH_COL_SOURCES:
		return cell_words(t->sources, t->n_sources);
	case WATCH_COL_STATUS:
	case WATCH_COL_SIGNAL:
	case WATCH_COL_OOM_KILLED:
	case WATCH_COL_HIT:
		return cell_null();
	case WATCH_COL_VICTIM_PID:
		return opt_int(has_victim(t), t->w->victim_pid);
	case WATCH_COL_VICTIM_COMM:
		return opt_str(has_victim(t), t->w->victim_comm);
	case WATCH_COL_VICTIM_BADNESS:
		return opt_int(has_victim(t), t->w->victim_badness);
	case WATCH_COL_CGROUP:
	case WATCH_COL_CONTAINER:
	case WATCH_COL_POD:
	case WATCH_COL_UNIT:
	case WATCH_COL_OOM_MEMCG:
	case WATCH_COL_CONSTRAINT:
		return place_cell(t, column);
	default:
		return memory_cell(s, column);
	}
}

static enum row_style event_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				struct cell *cells)
{
	const struct told *t = ctx;

	(void)row;
	for (size_t i = 0; i < n_shown; i++)
		cells[i] = event_cell(t, shown[i]);
	return t->s->kind == SIGHT_KILL ? ROW_MARKED : ROW_PLAIN;
}

/* ------------------------------------------------------------------ sentences */

/* A piece of a sentence; what does not fit is left out as a whole. */
struct line {
	char text[8192];
	size_t n;
};

static void say(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct line *l, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(l->text + l->n, sizeof(l->text) - l->n, fmt, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(l->text) - l->n)
		l->n += (size_t)n;
	l->text[l->n] = '\0';
}

static void say_untrusted(struct line *l, const char *before, const char *s, const char *behind)
{
	char safe[4 * SIGHT_CMDLINE_SIZE];

	say(l, "%s%s%s", before, out_escape(s, strlen(s), safe, sizeof(safe)), behind);
}

static void say_size(struct line *l, const struct told *t, uint32_t bit, uint64_t kib,
		     const char *name)
{
	char size[32];

	if (t->s->have & bit)
		say(l, ", %s %s", name, out_size(t->w->o, kib * 1024, size, sizeof(size)));
}

static void say_place(struct line *l, const struct told *t)
{
	const struct sighting *s = t->s;

	if (s->cgroup[0])
		say_untrusted(l, ", in ", s->cgroup, "");
	if (s->oom_memcg[0] && strcmp(s->oom_memcg, s->cgroup) != 0)
		say_untrusted(l, ", limit of ", s->oom_memcg, "");
	else if (s->constraint == CONSTRAINT_MEMCG)
		say(l, "%s", s->cgroup[0] ? ", its limit" : ", a cgroup's limit");
	else if (s->constraint == CONSTRAINT_NONE)
		say(l, ", the machine out of memory");
	else if (s->constraint != CONSTRAINT_UNKNOWN)
		say(l, ", %s", badness_constraint_name(s->constraint));
}

static void say_kill(struct line *l, const struct told *t)
{
	const struct sighting *s = t->s;

	say(l, "killed %d", (int)s->pid);
	if (s->have & SIGHT_HAVE_COMM)
		say_untrusted(l, " (", s->comm, ")");
	if (s->have & SIGHT_HAVE_UID)
		say(l, " of uid %u", (unsigned)s->uid);
	say_size(l, t, SIGHT_HAVE_ANON, s->anon_kib, "anon");
	say_size(l, t, SIGHT_HAVE_FILE, s->file_kib, "file");
	if (s->shmem_kib)
		say_size(l, t, SIGHT_HAVE_SHMEM, s->shmem_kib, "shmem");
	if (s->have & SIGHT_HAVE_ADJ && s->oom_score_adj)
		say(l, ", oom_score_adj %d", (int)s->oom_score_adj);
	say_place(l, t);
	if (s->have & SIGHT_HAVE_CMDLINE && s->cmdline[0])
		say_untrusted(l, ": ", s->cmdline, s->cmdline_truncated ? "..." : "");
}

static void say_gap(struct line *l, const struct sighting *s)
{
	say(l, "gap: %s", s->reason);
	if (s->lost)
		say(l, " (%llu of them)", (unsigned long long)s->lost);
	if (!(s->have & SIGHT_HAVE_COUNT))
		say(l, "; how many kills were missed is not known");
	else if (s->count)
		say(l, "; kills missed: %llu", (unsigned long long)s->count);
	else
		say(l, "; no kill was missed");
}

static void sentence(const struct told *t, struct line *l)
{
	const struct sighting *s = t->s;

	say(l, "%s ", t->time);
	switch (s->kind) {
	case SIGHT_KILL:
		say_kill(l, t);
		break;
	case SIGHT_KILLS:
		say(l, "killed %llu process%s whose name was not told",
		    (unsigned long long)s->count, s->count == 1 ? "" : "es");
		say_place(l, t);
		break;
	case SIGHT_OOM:
		say(l, "out of memory, and nobody was killed");
		say_place(l, t);
		break;
	case SIGHT_GAP:
		say_gap(l, s);
		break;
	default:
		say(l, "memory is short");
		if (s->cgroup[0])
			say_untrusted(l, " in ", s->cgroup, "");
		if (has_victim(t)) {
			say(l, "; %d", (int)t->w->victim_pid);
			say_untrusted(l, " (", t->w->victim_comm, ") would be killed first");
		}
	}
	say(l, " [");
	for (size_t i = 0; i < t->n_sources; i++)
		say(l, "%s%s", i ? " " : "", t->sources[i]);
	say(l, "]");
}

/* ------------------------------------------------------------------ the output */

static bool speaks(const struct watch *w)
{
	return w->output.opt.format == OUT_TABLE && !w->output.columns && !w->output.all_columns;
}

int watch_tell_begin(struct watch *w)
{
	struct env env = *w->env;

	/* The standard output is the command's, unless a program asked for the events. */
	if (w->command && w->output.opt.format == OUT_TABLE)
		env.out = w->env->err;
	w->o = cli_out(&env, &w->output);
	if (!w->o) {
		cli_error(w->env, "watch", NULL, strerror(ENOMEM), NULL);
		return -EINVAL;
	}
	if (!speaks(w))
		out_stream(w->o, watch_columns, w->shown, (size_t)w->n_shown);
	return out_push(w->o) < 0 ? -EIO : 0;
}

/* In NDJSON an object has what its event has: pressure tells who would die. */
static size_t columns_of(const struct watch *w, const struct sighting *s, unsigned *shown)
{
	size_t n = (size_t)w->n_shown;

	memcpy(shown, w->shown, n * sizeof(*shown));
	if (s->kind != SIGHT_PRESSURE || w->output.opt.format != OUT_NDJSON || w->output.columns ||
	    w->output.all_columns)
		return n;
	for (unsigned c = WATCH_COL_VICTIM_PID; c <= WATCH_COL_VICTIM_BADNESS; c++)
		shown[n++] = c;
	return n;
}

int watch_tell(struct watch *w, const struct sighting *s)
{
	struct line l = { .n = 0 };
	struct told t;

	prepare(&t, w, s);
	if (speaks(w)) {
		sentence(&t, &l);
		out_text(w->o, "%s%s%s\n", s->kind == SIGHT_KILL ? out_paint(w->o, PAINT_RED) : "",
			 l.text, s->kind == SIGHT_KILL ? out_paint(w->o, PAINT_OFF) : "");
	} else {
		size_t n;
		unsigned shown[WATCH_COL_N];

		n = columns_of(w, s, shown);
		out_rows(w->o, NULL, watch_columns, shown, n, 1, event_row, &t);
	}
	arena_free(&t.arena);
	return out_push(w->o);
}

void watch_tell_rehearse(struct watch *w)
{
	static const struct sighting example = {
		.kind = SIGHT_KILL,
		.sources = 1u << SIGHT_KMSG,
		.have = SIGHT_HAVE_PID | SIGHT_HAVE_COMM | SIGHT_HAVE_ANON | SIGHT_HAVE_CMDLINE,
		.pid = 1,
		.comm = "rehearsal",
		.cgroup = "/system.slice/docker-0123456789abcdef0123456789abcdef.scope",
		.cmdline = "rehearsal",
	};
	struct out *real = w->o;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		return;
	w->o = out_new(f, "watch", &w->output.opt);
	if (w->o) {
		watch_tell(w, &example);
		out_finish(w->o);
	}
	w->o = real;
	fclose(f);
	free(text);
}

/* ------------------------------------------------------------------ the end of the command */

static struct cell exit_cell(const struct watch *w, const char *time, unsigned column)
{
	const struct watch_command *c = &w->run;
	bool exited = WIFEXITED(c->status);
	/* Counted in its cgroup and not named: it may have been it. */
	bool doubt = c->hit != HIT_ITSELF && !exited && WTERMSIG(c->status) == SIGKILL &&
		     c->n_hits && w->pid_ns != PID_NS_INIT;

	switch (column) {
	case WATCH_COL_TIME:
		return cell_str(time);
	case WATCH_COL_EVENT:
		return cell_str("exit");
	case WATCH_COL_PID:
		return cell_int(c->pid);
	case WATCH_COL_PID_NS:
		return w->pid_ns == PID_NS_UNKNOWN
			       ? cell_null()
			       : cell_str(w->pid_ns == PID_NS_INIT ? "init" : "own");
	case WATCH_COL_COMM:
		return cell_str(w->command[0]);
	case WATCH_COL_CGROUP:
		return opt_str(c->cgroup[0], c->cgroup);
	case WATCH_COL_STATUS:
		return cell_int(exited ? WEXITSTATUS(c->status) : 128 + WTERMSIG(c->status));
	case WATCH_COL_SIGNAL:
		return opt_int(!exited, WTERMSIG(c->status));
	case WATCH_COL_OOM_KILLED:
		return doubt ? cell_null() : cell_bool(c->hit == HIT_ITSELF);
	case WATCH_COL_HIT:
		return c->hit == HIT_ITSELF ? cell_str("itself")
		       : c->hit == HIT_TREE ? cell_str("tree")
		       : c->n_hits          ? cell_str("cgroup")
					    : cell_null();
	case WATCH_COL_COUNT:
		return cell_uint(c->n_hits);
	case WATCH_COL_TIME_CERTAIN:
		return cell_bool(true);
	case WATCH_COL_SOURCES:
		return cell_words(NULL, 0);
	default:
		return cell_null();
	}
}

struct exit_row {
	const struct watch *w;
	const char *time;
};

static enum row_style exit_cells(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				 struct cell *cells)
{
	const struct exit_row *e = ctx;

	(void)row;
	for (size_t i = 0; i < n_shown; i++)
		cells[i] = exit_cell(e->w, e->time, shown[i]);
	return ROW_PLAIN;
}

/* A table says it in words alone, and rows of csv and tsv have other columns. */
int watch_tell_exit(struct watch *w, const struct moment *now)
{
	struct exit_row e = { .w = w };
	unsigned shown[WATCH_COL_N];
	size_t n = 0;
	char time[64];

	if (w->output.opt.format != OUT_NDJSON)
		return 0;
	e.time = out_time(now->wall_usec, 0, time, sizeof(time));
	for (unsigned c = 0; c <= WATCH_COL_HIT; c++)
		if (watch_columns[c].flags & COLUMN_JSON || c >= WATCH_COL_STATUS)
			shown[n++] = c;
	out_rows(w->o, NULL, watch_columns, shown, n, 1, exit_cells, &e);
	return out_push(w->o);
}

int watch_tell_end(struct watch *w, int status)
{
	return w->o ? cli_finish(w->env, "watch", w->o, status) : status;
}

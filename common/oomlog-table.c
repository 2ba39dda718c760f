/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who was there? The task table of dump_tasks(), by the names of its columns; where those are lost,
 * by what all layouts have in common.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "oomlog-parts.h"

static const struct {
	const char *name;
	enum column_id id;
} column_names[] = {
	{ "uid", COL_UID },
	{ "tgid", COL_TGID },
	{ "total_vm", COL_TOTAL_VM },
	{ "rss", COL_RSS },
	{ "rss_anon", COL_RSS_ANON },
	{ "rss_file", COL_RSS_FILE },
	{ "rss_shmem", COL_RSS_SHMEM },
	{ "cpu", COL_CPU },
	{ "nr_ptes", COL_NR_PTES },
	{ "nr_pmds", COL_NR_PMDS },
	{ "pgtables_bytes", COL_PGTABLES },
	{ "swapents", COL_SWAP },
	{ "oom_adj", COL_OOM_ADJ },
	{ "oom_score_adj", COL_ADJ },
	{ "name", COL_NAME },
};

static struct str next_token(struct str *s)
{
	struct str t;
	size_t n = 0;

	while (s->n && (*s->s == ' ' || *s->s == '\t')) {
		s->s++;
		s->n--;
	}
	while (n < s->n && s->s[n] != ' ' && s->s[n] != '\t')
		n++;
	t = (struct str){ s->s, n };
	s->s += n;
	s->n -= n;
	return t;
}

bool oomlog_layout(struct str t, struct oomlog_layout *ret)
{
	const char *close;

	*ret = (struct oomlog_layout){ .n = 0 };
	t = oomlog_trim(t);
	if (!oomlog_in(t, "total_vm") || !t.n || *t.s != '[')
		return false;
	close = memchr(t.s, ']', t.n);
	if (!close || close - t.s > 20 || !memmem(t.s, (size_t)(close - t.s), "pid", 3))
		return false;
	t.n -= (size_t)(close + 1 - t.s);
	t.s = close + 1;
	while (ret->n < OOMLOG_COLUMNS_MAX) {
		struct str w = next_token(&t);
		uint8_t id = COL_OTHER;

		if (!w.n)
			break;
		for (size_t i = 0; i < ARRAY_SIZE(column_names); i++)
			if (str_eq(w, column_names[i].name))
				id = (uint8_t)column_names[i].id;
		ret->column[ret->n++] = id;
		if (id == COL_NAME)
			break;
	}
	return ret->n > 0;
}

static bool is_number(struct str w)
{
	int64_t v;

	return str_to_i64(w.s, w.n, INT64_MIN, INT64_MAX, &v) == 0;
}

/* "[ 1234]" at t: the number, and what stands behind it. */
static bool eat_pid(struct str *t, uint64_t *pid)
{
	struct str at = *t;

	if (!oomlog_eat(&at, "[") || !oomlog_number(&at, pid) || !oomlog_eat(&at, "]"))
		return false;
	if (*pid > 4194304 || (at.n && *at.s != ' '))
		return false;
	*t = at;
	return true;
}

/* How many numbers stand in front of the name where no column names tell. */
static unsigned count_numbers(struct str t)
{
	unsigned n = 0;

	for (;;) {
		struct str w = next_token(&t);

		if (!w.n || !is_number(w))
			return n;
		n++;
		/* The name may be a number itself: it is the last. */
		if (!oomlog_trim(t).n)
			return n - (n == 8 || n == 9 || n == 11);
	}
}

unsigned oomlog_row_fields(struct str t, const struct oomlog_layout *l, bool *full)
{
	unsigned n = 0, wanted = l && l->n ? l->n - 1 : 0;
	uint64_t pid;

	*full = false;
	t = oomlog_trim(t);
	if (!eat_pid(&t, &pid))
		return 0;
	if (!wanted)
		wanted = count_numbers(t);
	while (n < wanted) {
		struct str before = t, w = next_token(&t);

		if (!w.n || !is_number(w)) {
			t = before;
			break;
		}
		n++;
	}
	*full = n == wanted && n >= 5 && oomlog_trim(t).n > 0;
	return n + 1 + *full;
}

struct str oomlog_row_name(struct str t, const struct oomlog_layout *l)
{
	uint64_t pid;

	t = oomlog_trim(t);
	if (!eat_pid(&t, &pid))
		return (struct str){ t.s, 0 };
	for (unsigned i = 0; i < l->n && l->column[i] != COL_NAME; i++)
		next_token(&t);
	return oomlog_trim(t);
}

const struct oomlog_layout *oomlog_current_layout(const struct oomlog *p)
{
	return p->n_open ? &p->open[p->n_open - 1].layout : NULL;
}

/* What every layout with so many numbers has at these places. */
static void guess_layout(struct str t, struct oomlog_layout *l)
{
	static const uint8_t common[] = { COL_UID, COL_TGID, COL_TOTAL_VM, COL_RSS };
	unsigned n = count_numbers(t);
	struct str w = { NULL, 0 }, at = t;
	uint64_t v = 0;

	*l = (struct oomlog_layout){ .n = 0 };
	if (n > OOMLOG_COLUMNS_MAX - 1)
		n = OOMLOG_COLUMNS_MAX - 1;
	for (unsigned i = 0; i < n; i++)
		l->column[i] = i < ARRAY_SIZE(common) ? common[i] : COL_OTHER;
	l->column[n] = COL_NAME;
	l->n = n + 1;
	for (unsigned i = 0; i < 5; i++)
		w = next_token(&at);
	switch (n) {
	case 7:
		l->column[6] = COL_ADJ;
		if (str_to_u64(w.s, w.n, 10, &v) == 0 && v >= 4096 && v % 4096 == 0) {
			l->column[4] = COL_PGTABLES;
			l->column[5] = COL_SWAP;
		}
		break;
	case 8:
		l->column[4] = COL_NR_PTES;
		l->column[5] = COL_NR_PMDS;
		l->column[6] = COL_SWAP;
		l->column[7] = COL_ADJ;
		break;
	case 10:
		l->column[4] = COL_RSS_ANON;
		l->column[5] = COL_RSS_FILE;
		l->column[6] = COL_RSS_SHMEM;
		l->column[7] = COL_PGTABLES;
		l->column[8] = COL_SWAP;
		l->column[9] = COL_ADJ;
		break;
	default:
		break;
	}
}

static void set_column(struct oom_row *r, enum column_id id, int64_t v)
{
	uint64_t u = v < 0 ? 0 : (uint64_t)v;

	switch (id) {
	case COL_UID:
		r->uid = (uint32_t)v;
		r->have |= OOM_HAVE_UID;
		break;
	case COL_TGID:
		r->tgid = (int32_t)v;
		r->have |= OOM_HAVE_TGID;
		break;
	case COL_TOTAL_VM:
		r->total_vm = u;
		r->have |= OOM_HAVE_TOTAL_VM;
		break;
	case COL_RSS:
		r->rss = u;
		r->have |= OOM_HAVE_RSS;
		break;
	case COL_RSS_ANON:
		r->rss_anon = u;
		r->have |= OOM_HAVE_ANON;
		break;
	case COL_RSS_FILE:
		r->rss_file = u;
		r->have |= OOM_HAVE_FILE;
		break;
	case COL_RSS_SHMEM:
		r->rss_shmem = u;
		r->have |= OOM_HAVE_SHMEM;
		break;
	case COL_NR_PTES:
		r->nr_ptes = u;
		r->have |= OOM_HAVE_PTES;
		break;
	case COL_NR_PMDS:
		r->nr_pmds = u;
		r->have |= OOM_HAVE_PMDS;
		break;
	case COL_PGTABLES:
		r->pgtables_bytes = u;
		r->have |= OOM_HAVE_PGTABLES;
		break;
	case COL_SWAP:
		r->swap = u;
		r->have |= OOM_HAVE_SWAP;
		break;
	case COL_OOM_ADJ:
		if (v < -17 || v > 15)
			break;
		r->oom_adj = (int8_t)v;
		r->have |= OOM_HAVE_OOM_ADJ;
		break;
	case COL_ADJ:
		if (v < -1000 || v > 1000)
			break;
		r->oom_score_adj = (int16_t)v;
		r->have |= OOM_HAVE_ADJ;
		break;
	default:
		break;
	}
}

static struct oom_row *new_row(struct oomlog *p, struct oom_event *e)
{
	if (e->n_rows >= OOMLOG_ROWS_MAX) {
		e->table_cut = true;
		e->n_rows_lost++;
		return NULL;
	}
	if (e->n_rows == e->rows_size) {
		size_t size = e->rows_size ? e->rows_size * 2 : 32;
		struct oom_row *rows = realloc(e->rows, size * sizeof(*rows));

		if (!rows) {
			p->error = -12;
			return NULL;
		}
		e->rows = rows;
		e->rows_size = size;
	}
	e->rows[e->n_rows] = (struct oom_row){ .have = 0 };
	return &e->rows[e->n_rows++];
}

/* The blanks that a process is named by: one more stands behind the last number. */
static const char *blank_name(struct oomlog *p, struct oom_event *e, size_t trailing)
{
	static const char blanks[] = "               ";

	if (!trailing)
		return NULL;
	return oomlog_keep(p, e, blanks, trailing - 1 < sizeof(blanks) ? trailing - 1 : 0);
}

/* trailing: blanks behind t. */
static void read_row(struct oomlog *p, struct oomlog_open *o, struct str t, size_t trailing,
		     int32_t pid)
{
	struct oomlog_layout guessed;
	const struct oomlog_layout *l = &o->layout;
	struct oom_event *e = o->e;
	struct oom_row *r = new_row(p, e);

	if (!r)
		return;
	if (!l->n) {
		guess_layout(t, &guessed);
		l = &guessed;
		e->rows_broken = true;
	}
	r->pid = pid;
	r->have = OOM_HAVE_PID;
	for (unsigned i = 0; i < l->n; i++) {
		struct str w;
		int64_t v;

		if (l->column[i] == COL_NAME) {
			w = oomlog_trim(t);
			r->comm = w.n ? oomlog_keep(p, e, w.s, w.n) : blank_name(p, e, trailing);
			break;
		}
		w = next_token(&t);
		if (!w.n || str_to_i64(w.s, w.n, INT64_MIN, INT64_MAX, &v) < 0) {
			e->rows_broken = true;
			return;
		}
		set_column(r, l->column[i], v);
	}
	if (r->comm)
		r->have |= OOM_HAVE_COMM;
	else
		e->rows_broken = true;
}

static bool row_line(struct oomlog *p, const struct logtext *t)
{
	struct str s = oomlog_trim(t->text);
	struct oomlog_open *o = oomlog_with_table(p, t);
	bool full;
	unsigned fields;
	uint64_t pid;

	if (!s.n || *s.s != '[')
		return false;
	fields = oomlog_row_fields(s, o ? &o->layout : NULL, &full);
	if (fields < 5 || !eat_pid(&s, &pid))
		return false;
	if (!o)
		o = oomlog_begin(p, t, true);
	if (!o)
		return true;
	oomlog_touch(o, t);
	o->stats = false;
	o->e->seen |= OOM_SEEN_ROWS;
	read_row(p, o, s, t->trailing, (int32_t)pid);
	return true;
}

static bool names_line(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_layout l;
	struct oomlog_open *o;

	if (!oomlog_layout(t->text, &l))
		return false;
	o = oomlog_latest(p, t);
	if (o && oomlog_is_done(o) && o->e->seen & OOM_SEEN_TABLE && o->quiet < 3 && !o->layout.n)
		return true;
	/* Names that were pasted once more, behind the kill. */
	if (o && oomlog_is_done(o) && o->e->seen & OOM_SEEN_TABLE && t->line == o->e->last_line)
		return true;
	o = oomlog_lacking(p, t, PART_NAMES);
	if (!o)
		o = oomlog_begin(p, t, false);
	if (!o)
		return true;
	oomlog_touch(o, t);
	o->parts |= PART_NAMES;
	o->provisional = false;
	o->stats = false;
	o->layout = l;
	o->e->seen |= OOM_SEEN_TABLE;
	o->e->narrow_pids = str_starts_with(oomlog_trim(t->text), "[ pid ]");
	if (l.column[l.n - 1] != COL_NAME) {
		/* Cut: the rows that follow have more than it tells. */
		o->e->rows_broken = true;
		o->layout.n = 0;
	}
	return true;
}

bool oomlog_table(struct oomlog *p, const struct logtext *t)
{
	return names_line(p, t) || row_line(p, t);
}

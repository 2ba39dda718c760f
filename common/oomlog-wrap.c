/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does this line go on with the one before? Mailers, pagers and terminals break lines; what was
 * broken is told by the grammar: the two belong together where they make more sense than apart.
 */
#include <string.h>

#include "base.h"
#include "oomlog-parts.h"

/* Room for a line and what is put behind it. */
static bool append(struct oomlog_pending *w, struct str b, bool blank)
{
	if (w->n + b.n + 1 > LOGLINE_MAX)
		return false;
	if (blank)
		w->buf[w->n++] = ' ';
	memcpy(w->buf + w->n, b.s, b.n);
	w->n += b.n;
	return true;
}

/* true where b begins a message of its own. */
static bool begins_own(struct str b)
{
	static const char *const words[] = {
		"Out of memory",  "Out of Memory", "Memory cgroup out of memory",
		"Killed process", "oom-kill:",     "oom_reaper:",
		"Mem-Info",       "Mem-info",      "Call Trace",
		"Tasks state",    "CPU:",          "Hardware name",
		"Kernel panic",   "Node ",         "Memory cgroup stats",
		"memory: usage",
	};
	const char *at = oomlog_in(b, " invoked oom-killer");
	bool full;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_starts_with(b, words[i]))
			return true;
	return (at && at > b.s) || oomlog_row_fields(b, NULL, &full) >= 6;
}

/* Tries w and b with and without a blank between them; keeps what makes more of the two, where that
 * is more than w alone. */
static bool try_both(struct oomlog_pending *w, struct str b, unsigned (*fields)(struct str),
		     bool blank_by_default)
{
	unsigned alone = fields((struct str){ w->buf, w->n }), with, without;
	size_t n = w->n;

	if (!append(w, b, true))
		return false;
	with = fields((struct str){ w->buf, w->n });
	w->n = n;
	append(w, b, false);
	without = fields((struct str){ w->buf, w->n });
	if (with <= alone && without <= alone) {
		w->n = n;
		return false;
	}
	if (with > without || (with == without && blank_by_default)) {
		w->n = n;
		append(w, b, true);
	}
	return true;
}

static bool ends_with(const struct oomlog_pending *w, const char *lit)
{
	size_t n = strlen(lit);

	return w->n >= n && memcmp(w->buf + w->n - n, lit, n) == 0;
}

/* A kill line that was broken before its number has no field yet. */
static bool ends_in_kill(const struct oomlog_pending *w)
{
	static const char *const ends[] = { "Killed",         "Kill",
					    "Killed process", "Kill process",
					    "kill",           "kill process",
					    "Out of memory:", "cgroup out of memory:" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends_with(w, ends[i]))
			return true;
	return false;
}

static bool join_header(struct oomlog_pending *w, struct str b)
{
	struct str s = { w->buf, w->n };

	if (str_starts_with(b, "invoked oom-killer") && w->n < 64)
		return append(w, b, true);
	if (ends_with(w, " invoked") && str_starts_with(b, "oom-killer"))
		return append(w, b, true);
	return oomlog_header_fields(s) && try_both(w, b, oomlog_header_fields, true);
}

static bool join_kill(struct oomlog_pending *w, struct str b)
{
	struct str s = { w->buf, w->n };

	if (str_starts_with(b, "Killed process") && !ends_with(w, "memory:"))
		return false;
	if (!oomlog_kill_fields(s) && !ends_in_kill(w) && !oomlog_in(s, "Killed process") &&
	    !oomlog_in(s, "ill process"))
		return false;
	return try_both(w, b, oomlog_kill_fields, true);
}

static unsigned layout_fields(struct str s)
{
	struct oomlog_layout l;
	unsigned n = 0;

	if (!oomlog_layout(s, &l))
		return 0;
	for (unsigned i = 0; i < l.n; i++)
		n += l.column[i] != COL_OTHER;
	return n;
}

/* A short name that was broken once more, after its row had been broken already. */
static bool join_name(struct oomlog_pending *w, struct str b)
{
	size_t name = 0;

	if (!w->joins || !w->t.fresh || memchr(b.s, ' ', b.n))
		return false;
	while (name < w->n && w->buf[w->n - name - 1] != ' ')
		name++;
	return name + b.n <= 15 && append(w, b, false);
}

static bool join_row(struct oomlog *p, struct oomlog_pending *w, struct str b)
{
	const struct oomlog_layout *l = oomlog_current_layout(p);
	struct str s = { w->buf, w->n };
	unsigned alone, with;
	size_t n = w->n;
	bool full;

	if (layout_fields(s))
		return !ends_with(w, " name") && try_both(w, b, layout_fields, true);
	alone = oomlog_row_fields(s, l, &full);
	if (!alone)
		return false;
	if (full && l && l->n)
		return join_name(w, b);
	if (!append(w, b, true))
		return false;
	with = oomlog_row_fields((struct str){ w->buf, w->n }, l, &full);
	if (with > alone)
		return true;
	w->n = n;
	return false;
}

/* Lines of which no count of fields is needed: they go on until their last word is there. */
static bool join_other(struct oomlog_pending *w, struct str b)
{
	struct str s = { w->buf, w->n };

	if (w->joins > 8)
		return false;
	if ((oomlog_in(s, "Comm:") || oomlog_in(s, "comm:")) &&
	    (str_starts_with(s, "CPU:") || str_starts_with(s, "Pid:")))
		return w->joins < 2 && (!oomlog_in(s, "ainted") || !oomlog_in(s, "#")) &&
		       append(w, b, true);
	if (str_starts_with(s, "Task in /"))
		return !oomlog_in(s, "limit of ") && append(w, b, true);
	if (str_starts_with(s, "Tasks in /"))
		return !oomlog_in(s, "group set") && append(w, b, true);
	if (str_starts_with(s, "memory") && oomlog_in(s, "usage "))
		return !oomlog_in(s, "failcnt") && append(w, b, true);
	/* A zone, and the list of its free blocks. */
	if (oomlog_in(s, " free:") && oomlog_in(s, "kB") && !oomlog_in(s, "managed:"))
		return oomlog_in(b, ":") && append(w, b, true);
	if (oomlog_in(s, "*4kB") || oomlog_in(s, "*64kB") || oomlog_in(s, "*16kB"))
		return !oomlog_in(s, " = ") && append(w, b, true);
	return false;
}

bool oomlog_join(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_pending *w = &p->pending;
	struct str b = t->text, s = { w->buf, w->n };
	bool joined;

	if (b.n == 0)
		return false;
	/* A prefix alone on its line. */
	if (w->n == 0) {
		if (!w->t.fresh || !append(w, b, false))
			return false;
		w->t.open_end = t->open_end;
		return true;
	}
	if (w->t.foreign || begins_own(b))
		return false;
	joined = join_header(w, b) || join_kill(w, b) ||
		 (oomlog_record_fields(s) && try_both(w, b, oomlog_record_fields, false)) ||
		 join_row(p, w, b) || join_other(w, b);
	if (joined) {
		w->joins++;
		w->t.open_end = t->open_end;
		w->t.cut |= t->cut;
	}
	return joined;
}

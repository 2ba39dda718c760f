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
		"No available",   "Kill process",  "sysrq:",
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

/* true where the line ends at the edge of a screen: what follows goes on without a blank. */
static bool at_edge(const struct oomlog *p, const struct oomlog_pending *w)
{
	return p->edge && w->t.columns == p->edge && !w->gap;
}

/* true where the first word of b would have made the line before it too long. */
static bool did_not_fit(const struct oomlog *p, const struct oomlog_pending *w, struct str b)
{
	const char *blank = memchr(b.s, ' ', b.n);
	size_t word = blank ? (size_t)(blank - b.s) : b.n;

	return w->t.columns >= 60 && w->t.columns + 1 + word > (p->margin > 70 ? p->margin : 70);
}

/* What was learned about the way in which lines are broken here. */
static void learn(struct oomlog *p, const struct oomlog_pending *w, bool blank)
{
	size_t columns = w->t.columns;

	if (!blank) {
		p->edge = columns;
		return;
	}
	/* A blank that stands there itself may well stand at the edge. */
	if (p->edge == columns && !w->gap)
		p->edge = 0;
	if (columns > p->margin && columns < 200)
		p->margin = columns;
}

/* Tries w and b with and without a blank between them; keeps what makes more of the two, where that
 * is more than w alone. */
static bool try_both(struct oomlog *p, struct str b, unsigned (*fields)(struct str),
		     bool blank_by_default)
{
	struct oomlog_pending *w = &p->pending;
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
	if (with != without)
		learn(p, w, with > without);
	if (with > without ||
	    (with == without && (w->gap || (blank_by_default && !at_edge(p, w))))) {
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

static bool join_header(struct oomlog *p, struct str b)
{
	struct oomlog_pending *w = &p->pending;
	struct str s = { w->buf, w->n };

	/* A name and what it did; a nameless one does it alone. */
	if (str_starts_with(b, "invoked oom-killer") && w->n < 64 && (w->t.fresh || !w->indented) &&
	    !oomlog_kill_fields(s))
		return append(w, b, true);
	if (ends_with(w, " invoked") && str_starts_with(b, "oom-killer"))
		return append(w, b, true);
	return oomlog_header_fields(s) && try_both(p, b, oomlog_header_fields, true);
}

static bool join_kill(struct oomlog *p, struct str b)
{
	struct oomlog_pending *w = &p->pending;
	struct str s = { w->buf, w->n };

	if (str_starts_with(b, "Killed process") && !ends_with(w, "memory:"))
		return false;
	/* Another's, behind words that are no transport's. */
	if (oomlog_in(s, "Killed process ") &&
	    (oomlog_in(b, "Killed process ") || oomlog_in(b, "Kill process ")))
		return false;
	if (!oomlog_kill_fields(s) && !ends_in_kill(w) && !oomlog_in(s, "Killed process") &&
	    !oomlog_in(s, "ill process"))
		return false;
	return try_both(p, b, oomlog_kill_fields, true);
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

/* A name that was broken: at the edge of the screen; at a blank, where the next word was too long
 * for the line; or once more, where its row had been broken already. */
static bool join_name(struct oomlog *p, const struct oomlog_layout *l, struct str b)
{
	struct oomlog_pending *w = &p->pending;
	size_t name = oomlog_row_name((struct str){ w->buf, w->n }, l).n;
	bool edge = at_edge(p, w), blank = false;

	if (!w->t.fresh || memchr("[<.-", *b.s, 4))
		return false;
	if (!edge && !(w->joins && !memchr(b.s, ' ', b.n))) {
		if (!did_not_fit(p, w, b))
			return false;
		blank = true;
	}
	return name + blank + b.n <= 15 && append(w, b, blank);
}

static bool join_row(struct oomlog *p, struct str b)
{
	struct oomlog_pending *w = &p->pending;
	const struct oomlog_layout *l = oomlog_current_layout(p);
	struct str s = { w->buf, w->n };
	unsigned alone, with;
	size_t n = w->n;
	bool full;

	if (layout_fields(s))
		return !ends_with(w, " name") && try_both(p, b, layout_fields, true);
	alone = oomlog_row_fields(s, l, &full);
	if (!alone)
		return false;
	if (full && l && l->n)
		return join_name(p, l, b);
	if (!append(w, b, !at_edge(p, w)))
		return false;
	with = oomlog_row_fields((struct str){ w->buf, w->n }, l, &full);
	/* Or the last number goes on, and the name is blank. */
	if (with > alone || at_edge(p, w))
		return true;
	w->n = n;
	return false;
}

/* How much of sentence, from its start, stands at the end of s; 0: too little to tell. */
static size_t begun(struct str s, const char *sentence)
{
	size_t all = strlen(sentence);

	for (size_t n = s.n < all ? s.n : all - 1; n >= 8; n--)
		if (memcmp(s.s + s.n - n, sentence, n) == 0)
			return n;
	return 0;
}

/* What the kernel says in words is known to its end. */
static bool join_sentence(struct oomlog_pending *w, struct str b)
{
	static const char *const sentences[] = {
		"Out of memory and no killable processes...",
		"Kernel panic - not syncing: Out of memory",
		"Kernel panic - not syncing: System is deadlocked on memory",
		"Out of memory: system-wide panic_on_oom is enabled",
		"Out of memory: compulsory panic_on_oom is enabled",
		"out of memory. panic_on_oom is selected",
		") is already exiting. Skip killing the task",
		" are going to be killed due to memory.oom.group set",
		") sharing same memory",
	};

	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++) {
		const char *rest = sentences[i];
		size_t n = begun((struct str){ w->buf, w->n }, rest), left;
		bool blank;

		if (!n)
			continue;
		rest += n;
		blank = *rest == ' ';
		rest += blank;
		left = strlen(rest);
		if (memcmp(b.s, rest, b.n < left ? b.n : left) == 0)
			return append(w, b, blank);
	}
	return false;
}

/* Lines of which no count of fields is needed: they go on until their last word is there. */
static bool join_other(struct oomlog *p, struct str b)
{
	struct oomlog_pending *w = &p->pending;
	struct str s = { w->buf, w->n };
	bool edge = at_edge(p, w);

	if (w->joins > 8)
		return false;
	/* The path at the end of a line may go on. */
	if ((edge || did_not_fit(p, w, b)) && w->t.fresh &&
	    (oomlog_in(s, "killed as a result of limit of /") ||
	     (str_starts_with(s, "Memory cgroup stats for /") && s.s[s.n - 1] != ':')))
		return append(w, b, !edge);
	if ((oomlog_in(s, "Comm:") || oomlog_in(s, "comm:")) &&
	    (str_starts_with(s, "CPU:") || str_starts_with(s, "Pid:")))
		return w->joins < 2 && (!oomlog_in(s, "ainted") || !oomlog_in(s, "#")) &&
		       append(w, b, !edge);
	if (str_starts_with(s, "Task in"))
		return !oomlog_in(s, "limit of /") && append(w, b, !edge);
	if (str_starts_with(s, "Tasks in"))
		return !oomlog_in(s, "group set") && append(w, b, !edge);
	if (str_starts_with(s, "memory") && oomlog_in(s, "usage "))
		return (edge || !oomlog_in(s, "failcnt") || ends_with(w, "failcnt")) &&
		       append(w, b, !edge);
	if (str_starts_with(s, "Memory cgroup stats for") && !oomlog_in(s, ":"))
		return append(w, b, !edge);
	/* A zone, and the list of its free blocks. */
	if (oomlog_in(s, " free:") && oomlog_in(s, "kB") && !oomlog_in(s, "managed:"))
		return oomlog_in(b, ":") && append(w, b, !edge);
	if (oomlog_in(s, "*4kB") || oomlog_in(s, "*64kB") || oomlog_in(s, "*16kB"))
		return !oomlog_in(s, " = ") && append(w, b, !edge);
	return false;
}

/* A kill, a header or a record that the edge of the screen cut goes on, whatever is there. */
static bool join_at_edge(struct oomlog *p, struct str b)
{
	struct oomlog_pending *w = &p->pending;
	struct str s = { w->buf, w->n };

	/* A record of printk has at most 1 KiB: so many lines of a narrow screen. */
	return at_edge(p, w) && w->joins < 32 &&
	       (oomlog_kill_fields(s) || oomlog_record_fields(s) || oomlog_header_fields(s) ||
		oomlog_in(s, "ut of memory: K") || str_starts_with(s, "oom_reaper: ")) &&
	       append(w, b, false);
}

/* No blank stands in a record before the name: where its line was full, the edge is there. */
static bool join_record(struct oomlog *p, struct str b)
{
	struct oomlog_pending *w = &p->pending;
	struct str s = { w->buf, w->n };
	bool full = !w->gap && w->t.columns >= 60 && !oomlog_in(s, ",task=");
	size_t columns = w->t.columns;

	if (!oomlog_record_fields(s) || !try_both(p, b, oomlog_record_fields, false))
		return false;
	if (full)
		p->edge = columns;
	return true;
}

bool oomlog_join(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_pending *w = &p->pending;
	struct str b = t->text, s = { w->buf, w->n };
	bool joined;

	if (b.n == 0)
		return false;
	w->indented = t->indented;
	w->gap = w->t.trailing || t->indented;
	/* A prefix alone on its line. */
	if (w->n == 0) {
		if (!w->t.fresh || !append(w, b, false))
			return false;
		w->t.trailing = t->trailing;
		return true;
	}
	if (w->t.foreign || (begins_own(b) && !(str_starts_with(s, "Kernel panic") &&
						str_starts_with(b, "Out of memory"))))
		return false;
	joined = join_header(p, b) || join_kill(p, b) || join_record(p, b) || join_row(p, b) ||
		 join_sentence(w, b) || join_other(p, b) || join_at_edge(p, b);
	if (joined) {
		w->joins++;
		w->t.columns = t->columns;
		w->t.trailing = t->trailing;
		w->t.cut |= t->cut;
	}
	return joined;
}

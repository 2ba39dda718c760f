/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who was chosen, who was killed, and who was reaped? The lines of oom_kill_process(),
 * __oom_kill_process(), dump_oom_summary() and the oom_reaper, in every layout since 2.4.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "oomlog-parts.h"

/* ------------------------------------------------------------------ the kill line */

enum kill_kind { KILL_NONE, KILL_SELECTED, KILL_KILLED, KILL_SHARING };

struct kill_line {
	enum kill_kind kind;
	struct oom_kill k;
	struct str comm, before; /* what stands before the words: which OOM it was */
	struct str rest;         /* behind it */
	unsigned fields;
};

/* The first "Killed process 12" or "Kill process 12" in s: what stands behind the number. */
static bool find_kill(struct str s, struct kill_line *l)
{
	const char *end = s.s + s.n;

	for (const char *p = s.s; p < end; p++) {
		struct str at;
		uint64_t pid;

		p = memchr(p, 'i', (size_t)(end - p));
		if (!p || p == s.s)
			return false;
		at = (struct str){ p, (size_t)(end - p) };
		if (p[-1] != 'K' && p[-1] != 'k')
			continue;
		if (oomlog_eat(&at, "illed process"))
			l->kind = p[-1] == 'K' ? KILL_KILLED : KILL_NONE;
		else if (oomlog_eat(&at, "ill process"))
			l->kind = KILL_SELECTED;
		else
			continue;
		if (l->kind == KILL_NONE || !oomlog_number(&at, &pid) || pid > 4194304)
			continue;
		l->k.pid = (int32_t)pid;
		l->k.have |= OOM_HAVE_PID;
		l->before = (struct str){ s.s, (size_t)(p - 1 - s.s) };
		l->rest = at;
		l->fields = 1;
		return true;
	}
	return false;
}

/* true where a kill line may go on so behind the bracket that closes the name. */
static bool follows_comm(struct str s)
{
	static const char *const next[] = {
		"total-vm",   "vsz:",   "score",    ", UID", ",", "sharing same memory", "now anon",
		"is already", "Out of", "Killed p", "[",     ".", "Memory cgroup",
	};

	s = oomlog_trim(s);
	if (s.n == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(next); i++) {
		struct str at = s;

		if (oomlog_eat(&at, next[i]))
			return true;
	}
	return false;
}

/* "(name)" at s; a name may hold brackets itself. */
static bool eat_comm(struct str *s, struct str *comm)
{
	struct str at = *s;
	size_t first = 0;

	if (!oomlog_eat(&at, "("))
		return false;
	for (size_t i = 0; i < at.n && i <= 64; i++) {
		if (at.s[i] != ')')
			continue;
		if (!first)
			first = i + 1;
		if (follows_comm((struct str){ at.s + i + 1, at.n - i - 1 })) {
			first = i + 1;
			break;
		}
	}
	if (!first)
		return false;
	*comm = (struct str){ at.s, first - 1 };
	*s = (struct str){ at.s + first, at.n - first };
	return true;
}

/* RHEL 5 to 7 name the user: ", UID 48, (httpd)", ", UID 504 oracle", " (node), UID 1000,". */
static bool eat_uid(struct str *s, struct oom_kill *k)
{
	struct str at = *s;
	uint64_t uid;

	if (!oomlog_eat(&at, ", UID") || !oomlog_number(&at, &uid))
		return false;
	k->uid = (uint32_t)uid;
	k->have |= OOM_HAVE_UID;
	oomlog_eat(&at, ",");
	*s = at;
	return true;
}

/* Where this message ends: at its line's end, or where another was glued to it. */
static struct str until_next(struct str s)
{
	static const char *const words[] = { "Out of memory",        "Out of Memory",
					     "Memory cgroup out of", "Killed process",
					     "Kill process",         "kill process",
					     "oom_reaper:" };
	/* No message is longer than a record of printk. */
	size_t n = s.n < 1024 ? s.n : 1024;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *at = oomlog_in((struct str){ s.s, n }, words[i]);

		if (at)
			n = (size_t)(at - s.s);
	}
	return (struct str){ s.s, n };
}

/* A last word without a value, or the first of 5.4's fields without the last. */
static bool ends_early(struct str s, const struct oom_kill *k)
{
	const char *blank, *colon, *comma;

	s = oomlog_trim(s);
	/* The last size goes on behind a comma, but with what is none: "shmem-rss:0kB,0". */
	comma = s.n ? memrchr(s.s, ',', s.n) : NULL;
	if (comma && comma > s.s && comma[-1] == 'B' && !(k->have & OOM_HAVE_UID) &&
	    !memchr(comma, ':', (size_t)(s.s + s.n - comma)))
		return true;
	blank = s.n ? memrchr(s.s, ' ', s.n) : NULL;
	colon = s.n ? memrchr(s.s, ':', s.n) : NULL;
	/* Patched kernels add numbers of their own: "lowmem 1383556kB". */
	if (blank && (!colon || colon < blank) &&
	    (blank[1] < '0' || blank[1] > '9' || s.s[s.n - 1] != 'B'))
		return true;
	return oomlog_in(s, "pgtables:") && !(k->have & OOM_HAVE_ADJ);
}

static void sizes(struct kill_line *l, struct str s)
{
	struct oom_kill *k = &l->k;
	const struct {
		const char *name;
		uint64_t *v;
		uint32_t have;
	} keys[] = {
		{ "total-vm:", &k->total_vm_kib, OOM_HAVE_TOTAL_VM },
		{ "vsz:", &k->total_vm_kib, OOM_HAVE_TOTAL_VM },
		{ "anon-rss:", &k->anon_kib, OOM_HAVE_ANON },
		{ "file-rss:", &k->file_kib, OOM_HAVE_FILE },
		{ "shmem-rss:", &k->shmem_kib, OOM_HAVE_SHMEM },
		{ "pgtables:", &k->pgtables_kib, OOM_HAVE_PGTABLES },
	};
	const char *at;
	uint64_t u;
	int64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (oomlog_kib(s, keys[i].name, keys[i].v)) {
			k->have |= keys[i].have;
			l->fields++;
		}
	at = oomlog_in(s, "UID:");
	if (at) {
		struct str rest = { at + 4, (size_t)(s.s + s.n - at - 4) };

		if (oomlog_number(&rest, &u)) {
			k->uid = (uint32_t)u;
			k->have |= OOM_HAVE_UID;
			l->fields++;
		}
	}
	at = oomlog_in(s, "oom_score_adj:");
	if (at) {
		struct str rest = { at + 14, (size_t)(s.s + s.n - at - 14) };

		if (oomlog_signed(&rest, &v) && v >= -1000 && v <= 1000) {
			k->oom_score_adj = (int32_t)v;
			k->have |= OOM_HAVE_ADJ;
			l->fields++;
		}
	}
	k->cut = k->have & OOM_HAVE_TOTAL_VM && (!(k->have & OOM_HAVE_FILE) || ends_early(s, k));
}

static bool parse_kill(struct str s, struct kill_line *l)
{
	struct str tail;
	int64_t score;

	*l = (struct kill_line){ .kind = KILL_NONE };
	if (!find_kill(s, l))
		return false;
	if (eat_uid(&l->rest, &l->k)) {
		if (!eat_comm(&l->rest, &l->comm)) {
			l->comm = oomlog_trim(l->rest);
			l->rest = (struct str){ s.s + s.n, 0 };
		}
	} else if (!eat_comm(&l->rest, &l->comm)) {
		/* A number alone is prose, or a line that was cut here. */
		return l->kind = KILL_NONE, true;
	} else {
		eat_uid(&l->rest, &l->k);
	}
	l->fields++;
	tail = until_next(l->rest);
	l->rest.s += tail.n;
	l->rest.n -= tail.n;
	if (oomlog_eat(&tail, "sharing same memory")) {
		l->kind = KILL_SHARING;
		return true;
	}
	if (oomlog_eat(&tail, "score") && oomlog_signed(&tail, &score)) {
		l->k.score = score;
		l->k.have |= OOM_HAVE_SCORE;
		l->fields++;
		if (oomlog_in(tail, "child"))
			l->fields++;
	}
	sizes(l, tail);
	return true;
}

unsigned oomlog_kill_fields(struct str t)
{
	struct kill_line l;
	unsigned n = 0;

	while (t.n && parse_kill(t, &l)) {
		n += l.fields;
		t = l.rest;
	}
	return n;
}

/* ------------------------------------------------------------------ which event */

static const struct oom_kill *killed_already(const struct oom_event *e, int32_t pid)
{
	for (size_t i = 0; i < e->n_kills; i++)
		if (e->kills[i].pid == pid)
			return &e->kills[i];
	return NULL;
}

/* true where pid may be one of the group that is dying: the table, where it is whole, has each. */
static bool dies_with_group(const struct oom_event *e, int32_t pid)
{
	return e->group && e->n_kills &&
	       (!e->n_rows || e->rows_broken || e->table_cut || oomlog_row(e, pid));
}

/* How well an open event goes with the death of pid; below 0: not at all. */
static int fits(const struct oomlog_open *o, const struct logtext *t, int32_t pid)
{
	const struct oom_event *e = o->e;
	int points = 0;

	if (t->caller && o->caller == t->caller && o->caller_id == t->caller_id)
		points += 8;
	if ((e->have_record && e->record.pid == pid) ||
	    (e->have_selected && e->selected.pid == pid))
		points += 4;
	else if (e->have_record && e->record.have & OOM_HAVE_PID)
		points -= 2;
	if (oomlog_row(e, pid))
		points += 2;
	/* A group dies together, each but once. */
	if (killed_already(e, pid))
		points -= 8;
	else if (oomlog_is_done(o) && !dies_with_group(e, pid))
		points -= 6;
	return points;
}

static struct oomlog_open *event_of_kill(struct oomlog *p, const struct logtext *t, int32_t pid)
{
	struct oomlog_open *best = oomlog_latest(p, t);
	int points = best ? fits(best, t, pid) : 0;

	/* oom_kill_process() kills it, then oom_kill_memcg_member() once more with its group: no
	 * member of the group that died before, whose event may be open yet. */
	if (best && best->e->group && best->e->n_kills && best->e->kills[0].pid == pid)
		return best;
	for (unsigned i = p->n_open; i-- > 0;) {
		struct oomlog_open *o = &p->open[i];

		if (o == best || !best || o->provisional || !oomlog_goes_with(o, t) ||
		    killed_already(o->e, pid))
			continue;
		/* A group dies under oom_lock: with the kill of the next OOM it is over. */
		if (oomlog_is_done(o))
			continue;
		if (fits(o, t, pid) > points) {
			best = o;
			points = fits(o, t, pid);
		}
	}
	return best;
}

/* What stands before the words tells which OOM it was. */
static bool set_kind(struct oom_event *e, struct str before)
{
	enum constraint c;

	if (oomlog_in(before, "emory cgroup out of memory"))
		c = CONSTRAINT_MEMCG;
	else if (oomlog_in(before, "(MPOL_BIND)"))
		c = CONSTRAINT_MEMORY_POLICY;
	else if (oomlog_in(before, "available memory in cpuset"))
		c = CONSTRAINT_CPUSET;
	else if (oomlog_in(before, "ut of memory") || oomlog_in(before, "ut of Memory"))
		c = CONSTRAINT_NONE;
	else
		return false;
	if (oomlog_in(before, "oom_kill_allocating_task"))
		e->allocating_task = true;
	if (!e->constraint_raw) {
		e->constraint = c;
		/* Since 2.6.36 a cpuset's and a memory policy's are worded as the machine's. */
		e->constraint_certain = c != CONSTRAINT_NONE;
	}
	return true;
}

static void add_kill(struct oomlog *p, struct oomlog_open *o, const struct kill_line *l)
{
	struct oom_event *e = o->e;

	if (e->n_kills >= OOMLOG_KILLS_MAX) {
		e->kills_cut = true;
		return;
	}
	if (e->n_kills == e->kills_size) {
		size_t size = e->kills_size ? e->kills_size * 2 : 2;
		struct oom_kill *k = realloc(e->kills, size * sizeof(*k));

		if (!k) {
			p->error = -12;
			return;
		}
		e->kills = k;
		e->kills_size = size;
	}
	e->kills[e->n_kills] = l->k;
	e->kills[e->n_kills].group = e->group != NULL;
	e->kills[e->n_kills].comm = oomlog_keep(p, e, l->comm.s, l->comm.n);
	if (l->comm.n)
		e->kills[e->n_kills].have |= OOM_HAVE_COMM;
	e->kills[e->n_kills].line_have = e->kills[e->n_kills].have;
	e->n_kills++;
	e->seen |= OOM_SEEN_KILL;
	o->provisional = false;
}

/* All of a group are told of in the words of the first: oom_kill_memcg_member() hands them on. */
static bool is_so_worded(const struct oom_event *e, struct str before)
{
	const bool memcg = oomlog_in(before, "emory cgroup out of memory");

	if (e->constraint == CONSTRAINT_UNKNOWN || (!memcg && !oomlog_in(before, "ut of memory")))
		return true;
	/* 5.0 and 5.1 print NONE for all. */
	return memcg == (e->constraint == CONSTRAINT_MEMCG || e->oom_memcg);
}

static void killed(struct oomlog *p, const struct logtext *t, const struct kill_line *l)
{
	struct oomlog_open *o = event_of_kill(p, t, l->k.pid);

	if (o && killed_already(o->e, l->k.pid)) {
		oomlog_touch(o, t);
		return;
	}
	/* Another death is another OOM, but for those that die with their group. */
	if (!o || o->alloc_failure ||
	    (oomlog_is_done(o) &&
	     (!dies_with_group(o->e, l->k.pid) || !is_so_worded(o->e, l->before))))
		o = oomlog_begin(p, t, false);
	if (!o)
		return;
	oomlog_touch(o, t);
	set_kind(o->e, l->before);
	add_kill(p, o, l);
	p->kill_last = o->e;
	p->kill_line = t->line;
}

static void selected(struct oomlog *p, const struct logtext *t, const struct kill_line *l)
{
	struct oomlog_open *o = event_of_kill(p, t, l->k.pid);

	if (o && dies_with_group(o->e, l->k.pid) && o->e->have_selected &&
	    !killed_already(o->e, l->k.pid)) {
		oomlog_touch(o, t);
		return;
	}
	/* Whoever has picked out these lines alone has an event in each that names another. */
	if (!o || o->alloc_failure || oomlog_is_done(o) ||
	    (o->e->have_selected && o->e->selected.pid != l->k.pid))
		o = oomlog_begin(p, t, false);
	if (!o)
		return;
	oomlog_touch(o, t);
	o->provisional = false;
	set_kind(o->e, l->before);
	if (o->e->have_selected)
		return;
	o->e->selected = l->k;
	o->e->selected.comm = oomlog_keep(p, o->e, l->comm.s, l->comm.n);
	o->e->have_selected = true;
	o->e->seen |= OOM_SEEN_SELECTED;
}

/* A sentence that quotes the words, without the sizes of a genuine line: The kernel says "Out of
 * memory: Killed process 1 (a)" then. */
static bool is_quoted(const struct logtext *t, const struct kill_line *l)
{
	static const char quotes[] = "\"`'";
	const char *end = t->text.s + t->text.n;

	if (t->fresh || l->k.have & OOM_HAVE_TOTAL_VM)
		return false;
	for (const char *q = quotes; *q; q++) {
		const char *open = l->before.n ? memchr(l->before.s, *q, l->before.n) : NULL;
		const char *behind = l->comm.n ? l->comm.s + l->comm.n : end;

		if (open && memchr(behind, *q, (size_t)(end - behind)))
			return true;
	}
	return false;
}

static bool kill_lines(struct oomlog *p, const struct logtext *t)
{
	struct str s = t->text;
	struct kill_line l;
	bool any = false;

	while (s.n && parse_kill(s, &l)) {
		struct oomlog_open *o;

		s = l.rest;
		if (l.kind == KILL_NONE || is_quoted(t, &l))
			continue;
		any = true;
		switch (l.kind) {
		case KILL_KILLED:
			killed(p, t, &l);
			break;
		case KILL_SELECTED:
			selected(p, t, &l);
			break;
		default:
			o = oomlog_latest(p, t);
			if (o) {
				oomlog_touch(o, t);
				oomlog_list_add(p, o->e, &o->e->sharing, l.k.pid, l.comm.s,
						l.comm.n);
			}
		}
	}
	return any;
}

/* ------------------------------------------------------------------ the record */

struct record {
	struct str constraint, nodemask, cpuset, mems_allowed, oom_memcg, task_memcg, comm;
	bool global, has_pid, has_uid;
	int32_t pid;
	int64_t uid;
	unsigned fields;
};

/* What stands between key and the first of the next keys that is there. */
static struct str value(struct str s, const char *key, const char *const *next, size_t n_next)
{
	const char *at = oomlog_in(s, key);
	struct str v;

	if (!at)
		return (struct str){ NULL, 0 };
	at += strlen(key);
	v = (struct str){ at, (size_t)(s.s + s.n - at) };
	for (size_t i = 0; i < n_next; i++) {
		const char *stop = oomlog_in(v, next[i]);

		if (stop) {
			v.n = (size_t)(stop - v.s);
			break;
		}
	}
	return v;
}

/* The last place where lit stands; NULL. */
static const char *last_in(struct str s, const char *lit)
{
	const char *at = NULL, *from = s.s, *end = s.s + s.n;

	while (s.n && (from = memmem(from, (size_t)(end - from), lit, strlen(lit))))
		at = from++;
	return at;
}

/* Where the victim's name begins: a path before it may hold the key, too, and so may the name
 * itself. The table knows the name; else it is the longest that a name can be. */
static const char *task_key(struct str s, const char *end, const char *comm)
{
	const char *from = oomlog_in(s, ",task=");
	size_t n = comm ? strlen(comm) : 0;

	if (comm && end && (size_t)(end - s.s) >= n + 6 && memcmp(end - n - 6, ",task=", 6) == 0 &&
	    memcmp(end - n, comm, n) == 0)
		return end - n - 6;
	while (from && end && from < end && end - from - 6 > 15) {
		const char *next = memmem(from + 1, (size_t)(end - from - 1), ",task=", 6);

		if (!next)
			break;
		from = next;
	}
	return from;
}

/* From both ends: a name may hold commas and equal signs. Returns where it begins; NULL. */
static const char *record_end(struct str s, const struct oom_event *e, struct record *r)
{
	const char *at = last_in(s, ",pid="), *task, *uid;
	const struct oom_row *row = NULL;
	struct str rest;
	uint64_t v;

	if (at) {
		rest = (struct str){ at + 5, (size_t)(s.s + s.n - at - 5) };
		if (oomlog_number(&rest, &v) && v <= 4194304) {
			r->pid = (int32_t)v;
			r->has_pid = true;
			r->fields++;
		}
		uid = oomlog_in(rest, "uid=");
		if (uid) {
			rest = (struct str){ uid + 4, (size_t)(s.s + s.n - uid - 4) };
			r->has_uid = oomlog_signed(&rest, &r->uid);
			r->fields += r->has_uid;
		}
	}
	row = e && r->has_pid ? oomlog_row(e, r->pid) : NULL;
	task = task_key(s, at, row ? row->comm : NULL);
	if (task) {
		const char *end = at && at > task ? at : s.s + s.n;

		r->comm = (struct str){ task + 6, (size_t)(end - task - 6) };
		r->fields++;
	}
	return task;
}

/* e: whose table may help; NULL. */
static bool parse_record(struct str s, const struct oom_event *e, struct record *r)
{
	static const char *const next[] = { ",nodemask=",  ",cpuset=",    ",mems_allowed=",
					    ",oom_memcg=", ",global_oom", ",task_memcg=" };
	const char *at = oomlog_in(s, "oom-kill:"), *task;

	*r = (struct record){ .has_pid = false };
	if (!at || !oomlog_in(s, "constraint="))
		return false;
	s = (struct str){ at, (size_t)(s.s + s.n - at) };
	task = record_end(s, e, r);
	if (task)
		s.n = (size_t)(task - s.s);
	r->constraint = value(s, "constraint=", next, ARRAY_SIZE(next));
	r->nodemask = value(s, ",nodemask=", next + 1, ARRAY_SIZE(next) - 1);
	r->cpuset = value(s, ",cpuset=", next + 2, ARRAY_SIZE(next) - 2);
	r->mems_allowed = value(s, ",mems_allowed=", next + 3, ARRAY_SIZE(next) - 3);
	r->oom_memcg = value(s, ",oom_memcg=", next + 5, 1);
	r->task_memcg = value(s, ",task_memcg=", NULL, 0);
	r->global = oomlog_in(s, ",global_oom") != NULL;
	r->fields += 1u + (r->nodemask.n > 0) + (r->cpuset.n > 0) + (r->mems_allowed.n > 0) +
		     (r->oom_memcg.n > 0) + (r->task_memcg.n > 0) + r->global;
	return true;
}

unsigned oomlog_record_fields(struct str t)
{
	struct record r;

	return parse_record(t, NULL, &r) ? r.fields : 0;
}

static enum constraint constraint_of(struct str s)
{
	static const struct {
		const char *name;
		enum constraint c;
	} names[] = {
		{ "CONSTRAINT_NONE", CONSTRAINT_NONE },
		{ "CONSTRAINT_CPUSET", CONSTRAINT_CPUSET },
		{ "CONSTRAINT_MEMORY_POLICY", CONSTRAINT_MEMORY_POLICY },
		{ "CONSTRAINT_MEMCG", CONSTRAINT_MEMCG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(s, names[i].name))
			return names[i].c;
	return CONSTRAINT_UNKNOWN;
}

static const char *keep_some(struct oomlog *p, struct oom_event *e, struct str s)
{
	return s.n ? oomlog_keep(p, e, s.s, s.n) : NULL;
}

/* What the end of a record says of the one that is killed. */
static void keep_victim(struct oomlog *p, struct oom_event *e, const struct record *r)
{
	if (r->comm.s) {
		e->record.comm = oomlog_keep(p, e, r->comm.s, r->comm.n);
		e->record.have |= OOM_HAVE_COMM;
	}
	if (r->has_pid) {
		e->record.pid = r->pid;
		e->record.have |= OOM_HAVE_PID;
	}
	if (r->has_uid) {
		e->record.uid = (uint32_t)r->uid;
		e->record.have |= OOM_HAVE_UID;
	}
	e->record_cut = !r->has_uid || !r->has_pid || !r->comm.s;
	e->have_record = true;
}

static bool record_line(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_open *o;
	struct oom_event *e;
	struct record r;

	if (!oomlog_in(t->text, "oom-kill:"))
		return false;
	if (!parse_record(t->text, NULL, &r))
		return false;
	o = r.has_pid ? event_of_kill(p, t, r.pid) : oomlog_latest(p, t);
	/* Once more with the table that knows the name. */
	if (o)
		parse_record(t->text, o->e, &r);
	if (!o || o->alloc_failure || oomlog_is_done(o) || o->e->have_record)
		o = oomlog_begin(p, t, false);
	if (!o)
		return true;
	e = o->e;
	oomlog_touch(o, t);
	o->provisional = false;
	e->seen |= OOM_SEEN_RECORD;
	keep_victim(p, e, &r);
	o->record_open = !r.comm.s && !r.has_pid;
	if (r.constraint.s && memchr(r.constraint.s, '_', r.constraint.n) &&
	    (r.nodemask.n || r.comm.s)) {
		e->constraint_raw = keep_some(p, e, r.constraint);
		e->constraint = constraint_of(r.constraint);
	}
	e->nodemask = keep_some(p, e, r.nodemask);
	e->cpuset = keep_some(p, e, r.cpuset);
	e->mems_allowed = keep_some(p, e, r.mems_allowed);
	if (r.oom_memcg.n)
		e->oom_memcg = keep_some(p, e, r.oom_memcg);
	/* A pager marks where it cut. */
	e->record_path_whole = r.comm.s != NULL;
	if (r.task_memcg.n > 2 && memcmp(r.task_memcg.s + r.task_memcg.n - 2, ",>", 2) == 0) {
		r.task_memcg.n -= 2;
		e->record_path_whole = true;
	}
	if (r.task_memcg.n && *r.task_memcg.s == '/')
		e->record.task_memcg = keep_some(p, e, r.task_memcg);
	return true;
}

/* The end of a record that another report was printed into. */
static bool record_rest(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_open *o;
	struct record r = { .has_pid = false };

	if (!str_starts_with(t->text, ",task="))
		return false;
	o = oomlog_latest(p, t);
	if (!o || !o->record_open)
		return false;
	record_end(t->text, o->e, &r);
	keep_victim(p, o->e, &r);
	o->e->record_cut = true;
	o->record_open = false;
	oomlog_touch(o, t);
	return true;
}

/* ------------------------------------------------------------------ group, reaper, outcome */

/* oom_kill_process() kills the first of a group, and tells of the group next. Where the kernel had
 * written reports enough, and that kill's line alone stood there, it went to a group that was dying
 * before: it is an event of its own, which is returned. */
static struct oomlog_open *first_of_group(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_open *o = NULL;
	struct logtext at = *t;
	struct oom_kill k;
	enum constraint constraint;
	char comm[64] = "";

	for (unsigned i = 0; i < p->n_open; i++)
		if (p->open[i].e == p->kill_last && p->open[i].e->group &&
		    p->open[i].e->n_kills > 1)
			o = &p->open[i];
	if (!o)
		return NULL;
	k = o->e->kills[--o->e->n_kills];
	constraint = o->e->constraint;
	snprintf(comm, sizeof(comm), "%s", k.comm ? k.comm : "");
	/* With one more the oldest may be over, and what it keeps is gone then. */
	at.line = p->kill_line;
	o = oomlog_begin(p, &at, false);
	if (!o)
		return NULL;
	o->e->constraint = constraint;
	o->e->constraint_certain = constraint == CONSTRAINT_MEMCG;
	add_kill(p, o, &(struct kill_line){ .k = k, .comm = { comm, strlen(comm) } });
	p->kill_last = o->e;
	return o;
}

static bool group_line(struct oomlog *p, const struct logtext *t)
{
	struct str s = t->text;
	const char *end = oomlog_in(s, " are going to be killed due to memory.oom.group set");
	const char *begin = oomlog_in(s, "Tasks in ");
	struct oomlog_open *o, *first;

	if (!begin || !end || end < begin + 9)
		return false;
	o = oomlog_latest(p, t);
	if (o && o->e->group &&
	    str_eq((struct str){ begin + 9, (size_t)(end - begin - 9) }, o->e->group)) {
		/* Pasted twice. */
		oomlog_touch(o, t);
		return true;
	}
	first = first_of_group(p, t);
	if (first)
		o = first;
	else if (!o || o->alloc_failure || o->e->no_killable || o->e->panic || o->e->group)
		o = oomlog_begin(p, t, false);
	if (!o)
		return true;
	oomlog_touch(o, t);
	o->provisional = false;
	o->e->group = oomlog_keep(p, o->e, begin + 9, (size_t)(end - begin - 9));
	/* Whoever was killed before its group was a member. */
	for (size_t i = 0; i < o->e->n_kills; i++)
		o->e->kills[i].group = true;
	return true;
}

/* The event among whose dead is this pid, or the latest. */
static struct oomlog_open *event_of_dead(struct oomlog *p, const struct logtext *t, int32_t pid)
{
	for (unsigned i = p->n_open; i-- > 0;)
		if (oomlog_goes_with(&p->open[i], t) && killed_already(p->open[i].e, pid))
			return &p->open[i];
	return oomlog_latest(p, t);
}

/* "oom_reaper: reaped process 1 (x), now ...", "oom_reaper: unable to reap pid:1 (x)". */
static bool reaper_line(struct oomlog *p, const struct logtext *t)
{
	const char *at = oomlog_in(t->text, "oom_reaper: ");
	struct oomlog_open *o;
	struct str s, comm = { NULL, 0 };
	bool reaped;
	uint64_t pid;

	if (!at)
		at = oomlog_in(t->text, "oom-reaper: ");
	if (!at)
		return false;
	s = (struct str){ at + 12, (size_t)(t->text.s + t->text.n - at - 12) };
	reaped = oomlog_eat(&s, "reaped process");
	if (!reaped && !oomlog_eat(&s, "unable to reap pid:") && !oomlog_eat(&s, "giving up pid:"))
		return false;
	if (!oomlog_number(&s, &pid) || pid > 4194304)
		return false;
	eat_comm(&s, &comm);
	o = event_of_dead(p, t, (int32_t)pid);
	if (!o || o->alloc_failure) {
		o = oomlog_begin(p, t, false);
		if (o)
			o->e->outcome = OOM_OUTCOME_KILLED;
	}
	if (!o)
		return true;
	oomlog_touch(o, t);
	o->provisional = false;
	o->e->seen |= OOM_SEEN_REAPED;
	oomlog_list_add(p, o->e, reaped ? &o->e->reaped : &o->e->unreaped, (int32_t)pid, comm.s,
			comm.n);
	return true;
}

static bool outcome_line(struct oomlog *p, const struct logtext *t)
{
	struct str s = t->text;
	bool none = oomlog_in(s, "ut of memory and no killable processes") != NULL;
	bool exiting = oomlog_in(s, "is already exiting. Skip") && oomlog_in(s, "OOM victim");
	bool panic = oomlog_in(s, "panic_on_oom is") != NULL ||
		     (oomlog_in(s, "panic") && oomlog_in(s, "System is deadlocked on memory"));
	struct oomlog_open *o;

	if (str_starts_with(s, "Kernel panic") && oomlog_in(s, "Attempted to kill init")) {
		o = oomlog_latest(p, t);
		if (!o || !killed_already(o->e, 1))
			return false;
		oomlog_touch(o, t);
		return o->e->panic = true;
	}
	if (!none && !exiting && !panic)
		return false;
	/* Whoever quotes it in a sentence is not the kernel. */
	if (panic && !str_starts_with(s, "Kernel panic") && !str_starts_with(s, "out of memory") &&
	    !str_starts_with(s, "Out of memory"))
		return false;
	o = oomlog_latest(p, t);
	if (!o || o->alloc_failure || (oomlog_is_done(o) && !(panic && o->e->no_killable)))
		o = oomlog_begin(p, t, false);
	if (!o)
		return true;
	oomlog_touch(o, t);
	o->provisional = false;
	o->e->no_killable |= none;
	/* Until 4.18 it panicked when it found nobody. */
	o->e->panic |= panic || (none && str_starts_with(s, "Kernel panic"));
	if (exiting)
		o->e->outcome = OOM_OUTCOME_EXITING;
	return true;
}

/* "VM: killing process a": out of memory in a page fault, until 2.6.28; who asked dies. */
static bool page_fault_line(struct oomlog *p, const struct logtext *t)
{
	struct kill_line l = { .kind = KILL_KILLED };
	struct str s = t->text;
	struct oomlog_open *o;

	if (!str_starts_with(s, "VM: killing process "))
		return false;
	oomlog_eat(&s, "VM: killing process");
	l.comm = oomlog_trim(s);
	if (!l.comm.n || l.comm.n > 15)
		return false;
	o = oomlog_begin(p, t, false);
	if (o)
		add_kill(p, o, &l);
	return true;
}

bool oomlog_kill(struct oomlog *p, const struct logtext *t)
{
	/* The kernel prints a kill at err and its record at info: whoever spells out another level,
	 * and has no report before it, quotes. */
	const struct oomlog_open *o = t->level ? oomlog_latest(p, t) : NULL;
	bool genuine = !t->level || (o && o->e->seen & OOM_SEEN_HEADER),
	     kills = genuine || t->level == '3', records = genuine || t->level == '6';

	return (records && (record_line(p, t) || record_rest(p, t))) || group_line(p, t) ||
	       reaper_line(p, t) || outcome_line(p, t) || (kills && kill_lines(p, t)) ||
	       page_fault_line(p, t);
}

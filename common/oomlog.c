/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When does an event begin, and when is it over? Events of several processors may be open at a
 * time; an event is told when another has taken its place, or when nothing of it has come for a
 * while.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "oomlog-parts.h"

/* Texts without a part of it after which an event is over. A report with its stack, a dump of a
 * large machine's zones and another oops in the middle stays below; after a kill only the reaper
 * is waited for, which has one of the words. A panic comes soon. */
enum { QUIET_OPEN = 1000, QUIET_DONE = 1000, QUIET_SEARCH = 40 };

/* ------------------------------------------------------------------ text */

const char *oomlog_in(struct str t, const char *lit)
{
	return t.n ? memmem(t.s, t.n, lit, strlen(lit)) : NULL;
}

bool oomlog_eat(struct str *s, const char *lit)
{
	const char *p = s->s, *end = s->s + s->n;

	while (p < end && *p == ' ')
		p++;
	for (; *lit; lit++) {
		if (*lit == ' ') {
			while (p < end && *p == ' ')
				p++;
			continue;
		}
		if (p >= end || *p != *lit)
			return false;
		p++;
	}
	*s = (struct str){ p, (size_t)(end - p) };
	return true;
}

bool oomlog_number(struct str *s, uint64_t *v)
{
	const char *p = s->s, *end = s->s + s->n;

	while (p < end && *p == ' ')
		p++;
	if (p >= end || *p < '0' || *p > '9' || str_scan_u64(&p, end, v) < 0)
		return false;
	*s = (struct str){ p, (size_t)(end - p) };
	return true;
}

bool oomlog_signed(struct str *s, int64_t *v)
{
	struct str at = *s;
	bool negative = oomlog_eat(&at, "-");
	uint64_t u;

	if (!oomlog_number(&at, &u) || u > INT64_MAX)
		return false;
	*v = negative ? -(int64_t)u : (int64_t)u;
	*s = at;
	return true;
}

bool oomlog_kib(struct str s, const char *name, uint64_t *v)
{
	const char *at = oomlog_in(s, name);
	struct str rest;

	if (!at)
		return false;
	at += strlen(name);
	rest = (struct str){ at, (size_t)(s.s + s.n - at) };
	return oomlog_number(&rest, v) && (oomlog_eat(&rest, "k") || oomlog_eat(&rest, "K"));
}

struct str oomlog_trim(struct str s)
{
	while (s.n && (*s.s == ' ' || *s.s == '\t')) {
		s.s++;
		s.n--;
	}
	while (s.n && (s.s[s.n - 1] == ' ' || s.s[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* ------------------------------------------------------------------ memory */

void *oomlog_alloc(struct oomlog *p, struct oom_event *e, size_t n)
{
	void *m = arena_alloc(&e->arena, n);

	if (!m)
		p->error = -ENOMEM;
	return m;
}

const char *oomlog_keep(struct oomlog *p, struct oom_event *e, const char *s, size_t n)
{
	char *m = arena_strndup(&e->arena, s, n);

	if (!m)
		p->error = -ENOMEM;
	return m;
}

void oomlog_list_add(struct oomlog *p, struct oom_event *e, struct oom_list *l, int32_t pid,
		     const char *comm, size_t n)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].pid == pid)
			return;
	if (l->n >= OOMLOG_KILLS_MAX)
		return;
	if (l->n == l->size) {
		size_t size = l->size ? l->size * 2 : 4;
		struct oom_victim *v = realloc(l->v, size * sizeof(*v));

		if (!v) {
			p->error = -ENOMEM;
			return;
		}
		l->v = v;
		l->size = size;
	}
	l->v[l->n++] = (struct oom_victim){
		.pid = pid,
		.comm = comm ? oomlog_keep(p, e, comm, n) : NULL,
	};
}

static void event_free(struct oom_event *e)
{
	free(e->rows);
	free(e->kills);
	free(e->reaped.v);
	free(e->unreaped.v);
	free(e->sharing.v);
	free(e->mem.zones);
	arena_free(&e->arena);
	free(e);
}

/* ------------------------------------------------------------------ the end of an event */

const struct oom_row *oomlog_row(const struct oom_event *e, int32_t pid)
{
	const struct oom_row *group = NULL;

	for (size_t i = 0; i < e->n_rows; i++) {
		if (e->rows[i].have & OOM_HAVE_TGID && e->rows[i].tgid == pid && !group)
			group = &e->rows[i];
		if (e->rows[i].pid == pid)
			return &e->rows[i];
	}
	return group;
}

static void settle_constraint(struct oom_event *e)
{
	/* A group dies in the machine's OOM too, and the kill's words tell then. */
	bool memcg = e->seen & (OOM_SEEN_MEMCG | OOM_SEEN_TRACE_MEMCG) || e->oom_memcg ||
		     (e->group && e->constraint != CONSTRAINT_NONE) ||
		     (e->seen & OOM_SEEN_TRACE_GUESS && !(e->seen & OOM_SEEN_TRACE_PLAIN));

	if (e->killer != OOM_KILLER_KERNEL)
		return;
	if (e->constraint_raw) {
		/* 5.0 and 5.1 print NONE for all. */
		if (e->constraint == CONSTRAINT_NONE && e->oom_memcg)
			e->constraint = CONSTRAINT_MEMCG;
		e->constraint_certain = e->constraint != CONSTRAINT_UNKNOWN;
		return;
	}
	if (e->constraint_certain)
		return;
	if (memcg) {
		e->constraint = CONSTRAINT_MEMCG;
		e->constraint_certain = true;
	} else if (e->seen & (OOM_SEEN_HEADER | OOM_SEEN_KILL | OOM_SEEN_SELECTED |
			      OOM_SEEN_MEMINFO | OOM_SEEN_TABLE | OOM_SEEN_RECORD) ||
		   e->no_killable || e->panic) {
		e->constraint = CONSTRAINT_NONE;
		e->constraint_certain = (e->seen & OOM_SEEN_MEMINFO) != 0;
	}
}

/* A kill's line may lack what the record or the table has. */
static void complete_kill(struct oom_event *e, struct oom_kill *k)
{
	const struct oom_row *r = k->have & OOM_HAVE_PID ? oomlog_row(e, k->pid) : NULL;
	/* Until 5.0 a child may have died for it. */
	bool child = e->have_selected && e->selected.pid != k->pid;
	bool same =
		e->have_record && !child &&
		(e->record.pid == k->pid || e->n_kills == 1 || (k == &e->kills[0] && !e->group));

	if (same) {
		if (!k->task_memcg)
			k->task_memcg = e->record.task_memcg;
		if (!(k->have & OOM_HAVE_UID) && e->record.have & OOM_HAVE_UID) {
			k->uid = e->record.uid;
			k->have |= OOM_HAVE_UID;
		}
	}
	if (!k->task_memcg && k == &e->kills[0])
		k->task_memcg = e->task_memcg;
	if (!k->task_memcg && k->group)
		k->task_memcg = e->group;
	if (!(k->have & OOM_HAVE_SCORE) && e->have_selected && e->selected.pid == k->pid) {
		k->score = e->selected.score;
		k->have |= e->selected.have & OOM_HAVE_SCORE;
	}
	if (!r)
		return;
	if (!k->comm)
		k->comm = r->comm;
	if (!(k->have & OOM_HAVE_UID) && r->have & OOM_HAVE_UID) {
		k->uid = r->uid;
		k->have |= OOM_HAVE_UID;
	}
	if (!(k->have & OOM_HAVE_ADJ) && r->have & OOM_HAVE_ADJ) {
		k->oom_score_adj = r->oom_score_adj;
		k->have |= OOM_HAVE_ADJ;
	}
	if (!(r->have & OOM_HAVE_PGTABLES))
		return;
	/* 5.4.1 to 5.4.17 print bytes and call them kB. */
	if (!(k->have & OOM_HAVE_PGTABLES) ||
	    (k->pgtables_kib == r->pgtables_bytes && k->pgtables_kib >= 4096)) {
		k->pgtables_kib = r->pgtables_bytes / 1024;
		k->have |= OOM_HAVE_PGTABLES;
	}
}

void oomlog_fill(struct oom_event *e, uint32_t page_size)
{
	uint64_t kib = page_size / 1024;

	for (size_t i = 0; i < e->n_kills; i++) {
		struct oom_kill *k = &e->kills[i];
		const struct oom_row *r = k->have & OOM_HAVE_PID ? oomlog_row(e, k->pid) : NULL;

		if (!r)
			continue;
		const struct {
			uint32_t have;
			uint64_t *to, pages;
		} sizes[] = {
			{ OOM_HAVE_TOTAL_VM, &k->total_vm_kib, r->total_vm },
			{ OOM_HAVE_RSS, &k->rss_kib, r->rss },
			{ OOM_HAVE_ANON, &k->anon_kib, r->rss_anon },
			{ OOM_HAVE_FILE, &k->file_kib, r->rss_file },
			{ OOM_HAVE_SHMEM, &k->shmem_kib, r->rss_shmem },
		};
		for (size_t n = 0; n < ARRAY_SIZE(sizes); n++)
			if (r->have & sizes[n].have && !(k->have & sizes[n].have) &&
			    sizes[n].pages <= UINT64_MAX / 1024 / kib) {
				*sizes[n].to = sizes[n].pages * kib;
				k->have |= sizes[n].have;
			}
		if (r->have & OOM_HAVE_PTES && !(k->have & OOM_HAVE_PGTABLES) &&
		    r->nr_ptes < UINT32_MAX && r->nr_pmds < UINT32_MAX) {
			k->pgtables_kib = (r->nr_ptes + r->nr_pmds) * kib;
			k->have |= OOM_HAVE_PGTABLES;
		}
	}
}

/* FNV-1a. 0: no host is told. */
static uint64_t hash_of(struct str s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.s[i]) * UINT64_C(1099511628211);
	return s.n ? h : 0;
}

static uint64_t host_of(const struct oom_event *e)
{
	return e->host ? hash_of((struct str){ e->host, strlen(e->host) }) : 0;
}

/* true where the two may be one: some lines of a file may tell the host, and others not. */
static bool may_be_same(uint64_t a, uint64_t b)
{
	return !a || !b || a == b;
}

static void keep_adjs(struct oomlog *p, const struct oom_event *e)
{
	struct oomlog_adj *v;

	if (!e->n_rows)
		return;
	v = reallocarray(p->adjs, e->n_rows, sizeof(*v));
	if (!v) {
		p->error = -ENOMEM;
		return;
	}
	p->adjs = v;
	p->n_adjs = 0;
	p->adjs_at = e->first;
	p->adjs_host = host_of(e);
	for (size_t i = 0; i < e->n_rows; i++)
		if (e->rows[i].have & OOM_HAVE_ADJ)
			v[p->n_adjs++] = (struct oomlog_adj){
				.pid = e->rows[i].have & OOM_HAVE_TGID ? e->rows[i].tgid
								       : e->rows[i].pid,
				.adj = e->rows[i].oom_score_adj,
			};
}

/* A kill without a dump: the table before it may hold its process. */
static void adj_from_last_table(const struct oomlog *p, const struct oom_event *e,
				struct oom_kill *k)
{
	if (k->have & OOM_HAVE_ADJ || e->n_rows || !oomlog_is_near(&p->adjs_at, &e->first) ||
	    !may_be_same(p->adjs_host, host_of(e)))
		return;
	for (size_t i = 0; i < p->n_adjs; i++)
		if (p->adjs[i].pid == k->pid) {
			k->oom_score_adj = p->adjs[i].adj;
			k->have |= OOM_HAVE_ADJ;
			return;
		}
}

static void settle_outcome(struct oomlog *p, struct oom_event *e)
{
	if (e->n_kills == 0 && e->have_record && e->record.have & OOM_HAVE_PID && e->record.comm &&
	    !e->no_killable && e->outcome == OOM_OUTCOME_UNKNOWN) {
		e->kills = calloc(1, sizeof(*e->kills));
		if (!e->kills) {
			p->error = -ENOMEM;
			return;
		}
		e->kills[0] = e->record;
		e->kills[0].from_record = true;
		e->n_kills = e->kills_size = 1;
	}
	if (e->n_kills)
		e->outcome = OOM_OUTCOME_KILLED;
	else if (e->panic)
		e->outcome = OOM_OUTCOME_PANIC;
	else if (e->no_killable)
		e->outcome = OOM_OUTCOME_NO_KILLABLE;
}

/* How much swap there is: a dump of an OOM inside a cgroup does not say it, another may have. */
static void share_swap(struct oomlog *p, struct oom_event *e)
{
	const char *host = e->host ? e->host : "";
	uint64_t uptime = e->first.have_uptime ? e->first.uptime_usec : UINT64_MAX;

	/* Another boot. */
	if (uptime < p->swap_uptime)
		p->have_swap = false;
	if (e->mem.have_swap_total && strlen(host) < sizeof(p->swap_host)) {
		p->have_swap = true;
		p->swap_kib = e->mem.swap_total_kib;
		p->swap_uptime = e->first.have_uptime ? uptime : 0;
		memcpy(p->swap_host, host, strlen(host) + 1);
	} else if (p->have_swap && strcmp(host, p->swap_host) == 0) {
		e->have_swap_before = true;
		e->swap_before_kib = p->swap_kib;
	}
}

static bool died_before(const struct oomlog *p, const struct oom_event *e, uint64_t host,
			const struct oom_row *r)
{
	int32_t pid = r->have & OOM_HAVE_TGID ? r->tgid : r->pid;

	for (unsigned i = 0; i < p->n_dead && i < OOMLOG_DEAD_MAX; i++) {
		const struct oomlog_dead *d = &p->dead[i];

		/* Another boot. */
		if (d->at.have_uptime && e->first.have_uptime &&
		    e->first.uptime_usec < d->at.uptime_usec)
			continue;
		if ((d->pid == pid || d->pid == r->pid) && may_be_same(d->host, host) && r->comm &&
		    strncmp(d->comm, r->comm, sizeof(d->comm) - 1) == 0 &&
		    oomlog_is_near(&d->at, &e->first))
			return true;
	}
	return false;
}

/* Whom the events before have killed, and whom this one has. */
static void remember_dead(struct oomlog *p, struct oom_event *e)
{
	uint64_t host = host_of(e);

	if (e->killer != OOM_KILLER_KERNEL)
		return;
	for (size_t i = 0; i < e->n_rows && p->n_dead; i++)
		e->rows[i].killed_before = died_before(p, e, host, &e->rows[i]);
	for (size_t i = 0; i < e->n_kills; i++) {
		struct oomlog_dead *d = &p->dead[p->n_dead % OOMLOG_DEAD_MAX];

		if (!(e->kills[i].have & OOM_HAVE_PID) || !e->kills[i].comm)
			continue;
		*d = (struct oomlog_dead){ .host = host, .pid = e->kills[i].pid, .at = e->first };
		strncpy(d->comm, e->kills[i].comm, sizeof(d->comm) - 1);
		p->n_dead++;
	}
}

/* The release that was told last, where it may be this host's. */
static void keep_kernel(struct oomlog *p, struct oom_event *e)
{
	if (!e->kernel && p->kernel[0] && e->killer == OOM_KILLER_KERNEL &&
	    may_be_same(p->kernel_host, host_of(e)))
		e->kernel = oomlog_keep(p, e, p->kernel, strlen(p->kernel));
}

static void close_event(struct oomlog *p, unsigned at)
{
	struct oomlog_open o = p->open[at];

	memmove(&p->open[at], &p->open[at + 1], (p->n_open - at - 1) * sizeof(p->open[0]));
	p->n_open--;
	if (p->dump_last == o.e)
		p->dump_last = NULL;
	if (p->kill_last == o.e)
		p->kill_last = NULL;
	share_swap(p, o.e);
	if (!o.provisional) {
		settle_constraint(o.e);
		settle_outcome(p, o.e);
		for (size_t i = 0; i < o.e->n_kills; i++) {
			complete_kill(o.e, &o.e->kills[i]);
			adj_from_last_table(p, o.e, &o.e->kills[i]);
		}
		keep_adjs(p, o.e);
		remember_dead(p, o.e);
		keep_kernel(p, o.e);
		p->fn(p->ctx, o.e);
	}
	event_free(o.e);
}

/* ------------------------------------------------------------------ open events */

bool oomlog_is_done(const struct oomlog_open *o)
{
	return o->e->n_kills || o->e->no_killable || o->e->panic ||
	       o->e->outcome != OOM_OUTCOME_UNKNOWN;
}

void oomlog_touch(struct oomlog_open *o, const struct logtext *t)
{
	o->quiet = 0;
	if (t->line > o->e->last_line)
		o->e->last_line = t->line;
	/* A file that has the newest first. */
	if (t->line < o->e->first_line)
		o->e->first_line = t->line;
	if (t->cut)
		o->e->cut = true;
}

/* What nothing has come of is over when another begins, but for the memory dump of a failed
 * allocation that is still being printed. */
static void close_provisional(struct oomlog *p)
{
	unsigned first = 0;

	for (unsigned i = p->n_open; i-- > 0;) {
		const struct oomlog_open *o = &p->open[i];

		if (o->provisional &&
		    !(o->alloc_failure && o->quiet < QUIET_SEARCH && o->dump < DUMP_TOTALS))
			close_event(p, i);
	}
	if (p->n_open < OOMLOG_OPEN_MAX)
		return;
	while (first < p->n_open && !p->open[first].provisional)
		first++;
	close_event(p, first < p->n_open ? first : 0);
}

struct oomlog_open *oomlog_begin(struct oomlog *p, const struct logtext *t, bool provisional)
{
	struct oomlog_open *o;
	struct oom_event *e = calloc(1, sizeof(*e));

	if (!e) {
		p->error = -ENOMEM;
		return NULL;
	}
	close_provisional(p);
	e->constraint = CONSTRAINT_UNKNOWN;
	e->first = *t;
	e->first_line = e->last_line = t->line;
	if (t->host.n)
		e->host = oomlog_keep(p, e, t->host.s, t->host.n);
	e->first.text = e->first.host = e->first.ident = (struct str){ NULL, 0 };
	keep_kernel(p, e);
	o = &p->open[p->n_open++];
	*o = (struct oomlog_open){
		.e = e,
		.provisional = provisional,
		.caller = t->caller,
		.caller_id = t->caller_id,
	};
	p->dump_last = e;
	oomlog_touch(o, t);
	return o;
}

/* The open event that is over first when n texts come that are not its own; n_open: none. */
static unsigned first_over(const struct oomlog *p, uint64_t n)
{
	unsigned first = p->n_open;

	for (unsigned i = 0; i < p->n_open; i++) {
		const struct oomlog_open *o = &p->open[i];
		uint64_t left = (oomlog_is_done(o) ? QUIET_DONE : QUIET_OPEN) + 1u - o->quiet;

		if (left <= n) {
			first = i;
			n = left - 1;
		}
	}
	return first;
}

/* Events are told in the order in which they are over, whether the texts come one by one or not. */
static void grow_quiet(struct oomlog *p, uint64_t n)
{
	unsigned over;

	while ((over = first_over(p, n)) < p->n_open)
		close_event(p, over);
	for (unsigned i = 0; i < p->n_open; i++)
		p->open[i].quiet += n;
}

/* ------------------------------------------------------------------ feeding */

void oomlog_set_kernel(struct oomlog *p, const struct logtext *t, struct str release)
{
	if (release.n >= sizeof(p->kernel))
		release.n = sizeof(p->kernel) - 1;
	memcpy(p->kernel, release.s, release.n);
	p->kernel[release.n] = '\0';
	p->kernel_host = hash_of(t->host);
}

/* "Linux version 6.1.0-18-amd64 (...": a boot; what was open of that host before is over. */
static bool boot(struct oomlog *p, const struct logtext *t)
{
	static const char lit[] = "Linux version ";
	struct str release = { t->text.s + sizeof(lit) - 1, 0 };

	if (!str_starts_with(t->text, lit))
		return false;
	while (sizeof(lit) - 1 + release.n < t->text.n && release.s[release.n] != ' ')
		release.n++;
	for (unsigned i = 0; i < p->n_open;)
		if (may_be_same(host_of(p->open[i].e), hash_of(t->host)))
			close_event(p, i);
		else
			i++;
	p->have_swap = false;
	p->n_dead = 0;
	oomlog_set_kernel(p, t, release);
	return true;
}

/* Headers, records and kills have one of the words, but for what a record was broken into and the
 * panics. */
static bool has_word(struct str s)
{
	uint64_t newlines = 0;

	return *s.s == ',' || *s.s == 'K' || oomlog_find(s.s, s.s + s.n, &newlines) < s.s + s.n;
}

static void process(struct oomlog *p, const struct logtext *t)
{
	bool taken;

	if (t->text.n == 0)
		return;
	if (t->foreign || str_starts_with(t->text, "oomd kill: "))
		taken = oomlog_user(p, t);
	else
		taken = (*t->text.s == '[' && oomlog_table(p, t)) ||
			(has_word(t->text) && (oomlog_header(p, t) || oomlog_kill(p, t))) ||
			oomlog_dump(p, t) || boot(p, t);
	if (!taken)
		grow_quiet(p, 1);
	if (p->sysrq && p->sysrq_quiet++ > 20)
		p->sysrq = false;
}

static void flush(struct oomlog *p)
{
	struct oomlog_pending *w = &p->pending;

	if (!w->used)
		return;
	w->used = false;
	w->t.text = (struct str){ w->buf, w->n };
	process(p, &w->t);
}

void oomlog_feed(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_pending *w = &p->pending;

	if (w->used && !t->fresh && !t->foreign && oomlog_join(p, t))
		return;
	flush(p);
	w->t = *t;
	w->n = t->text.n;
	if (w->n > LOGLINE_MAX) {
		w->n = LOGLINE_MAX;
		w->t.cut = true;
	}
	memcpy(w->buf, t->text.s, w->n);
	w->joins = 0;
	w->t.host.n = t->host.n < sizeof(w->host) ? t->host.n : 0;
	w->t.ident.n = t->ident.n < sizeof(w->ident) ? t->ident.n : 0;
	memcpy(w->host, t->host.n ? t->host.s : "", w->t.host.n);
	memcpy(w->ident, t->ident.n ? t->ident.s : "", w->t.ident.n);
	w->t.host.s = w->host;
	w->t.ident.s = w->ident;
	w->used = true;
	w->hot = w->n == 0 || has_word((struct str){ w->buf, w->n });
}

struct oomlog *oomlog_new(oomlog_fn fn, void *ctx)
{
	struct oomlog *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->fn = fn;
	p->ctx = ctx;
	p->pending.buf = malloc(LOGLINE_MAX + 1);
	if (!p->pending.buf) {
		free(p);
		return NULL;
	}
	return p;
}

void oomlog_settle(struct oomlog *p)
{
	if (p->pending.used && p->pending.hot)
		flush(p);
	for (unsigned i = 0; i < p->n_open;)
		if (oomlog_is_done(&p->open[i]))
			close_event(p, i);
		else
			i++;
}

void oomlog_end(struct oomlog *p)
{
	flush(p);
	while (p->n_open)
		close_event(p, 0);
}

void oomlog_next_input(struct oomlog *p)
{
	oomlog_end(p);
	p->kernel[0] = '\0';
	p->n_adjs = 0;
	p->n_dead = 0;
	p->sysrq = false;
	p->edge = p->margin = 0;
	p->have_swap = false;
}

void oomlog_free(struct oomlog *p)
{
	if (!p)
		return;
	while (p->n_open) {
		event_free(p->open[--p->n_open].e);
	}
	free(p->adjs);
	free(p->pending.buf);
	free(p);
}

bool oomlog_is_busy(const struct oomlog *p)
{
	for (unsigned i = 0; i < p->n_open; i++)
		if (!oomlog_is_done(&p->open[i]) || p->open[i].quiet < QUIET_SEARCH)
			return true;
	return p->pending.used && p->pending.hot;
}

bool oomlog_knows_release(const struct oomlog *p)
{
	return p->kernel[0] != '\0';
}

void oomlog_pass(struct oomlog *p, uint64_t lines)
{
	if (!lines)
		return;
	flush(p);
	grow_quiet(p, lines);
}

int oomlog_error(const struct oomlog *p)
{
	return p->error;
}

/* ------------------------------------------------------------------ what lacks */

/* true where the record of the victim ends early and no other line tells what it lost. */
static bool record_lost(const struct oom_event *e)
{
	if (!e->record_cut)
		return false;
	/* A kill line has the process; a path that is followed by a comma was whole. */
	return !e->n_kills || e->kills[0].from_record || !e->record_path_whole;
}

size_t oomlog_missing(const struct oom_event *e, const char **ret, size_t max)
{
	bool cut_kill = false, header = e->seen & OOM_SEEN_HEADER;
	bool table = e->seen & (OOM_SEEN_TABLE | OOM_SEEN_ROWS);
	size_t n = 0;

	for (size_t i = 0; i < e->n_kills; i++)
		cut_kill |= e->kills[i].cut;
	const struct {
		bool lacks;
		const char *name;
	} parts[] = {
		{ e->killer == OOM_KILLER_KERNEL && !header, "header" },
		/* dump_stack() follows each header since 2.6.16, which also was the first to print
		 * whom it chose. With neither it nor a table, single lines are all that is left. */
		{ header && e->invoker && !table && !(e->seen & (OOM_SEEN_CPU | OOM_SEEN_TRACE)),
		  "call_trace" },
		/* The table may be switched off (vm.oom_dump_tasks, off until 2.6.36); the memory
		 * cannot. */
		{ header && e->have_invoker_adj && !table &&
			  !(e->seen & (OOM_SEEN_MEMINFO | OOM_SEEN_MEMCG)),
		  "mem_info" },
		{ e->rows_broken || (e->seen & OOM_SEEN_TABLE && !e->n_rows && e->n_kills),
		  "table_rows" },
		{ e->table_cut, "table_beyond_bound" },
		{ e->kills_cut, "kills_beyond_bound" },
		{ record_lost(e), "oom_kill_record" },
		{ e->n_kills == 0 && !e->no_killable && !e->panic &&
			  e->outcome != OOM_OUTCOME_EXITING,
		  "kill" },
		{ e->n_kills && e->kills[0].from_record, "kill_line" },
		{ cut_kill, "end_of_kill_line" },
		{ e->cut, "line_beyond_bound" },
		{ e->interleaved, "interleaved" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(parts) && n < max; i++)
		if (parts[i].lacks)
			ret[n++] = parts[i].name;
	return n;
}

bool oomlog_is_complete(const struct oom_event *e)
{
	const char *one;

	return oomlog_missing(e, &one, 1) == 0;
}

const char *oomlog_outcome_name(enum oom_outcome o)
{
	static const char *const names[] = {
		[OOM_OUTCOME_UNKNOWN] = "unknown",         [OOM_OUTCOME_KILLED] = "killed",
		[OOM_OUTCOME_NO_KILLABLE] = "no_killable", [OOM_OUTCOME_PANIC] = "panic",
		[OOM_OUTCOME_EXITING] = "already_exiting",
	};
	_Static_assert(ARRAY_SIZE(names) == OOM_OUTCOME_N, "an outcome has no name");
	return names[o];
}

const char *oomlog_killer_name(enum oom_killer k)
{
	static const char *const names[] = {
		[OOM_KILLER_KERNEL] = "kernel",     [OOM_KILLER_SYSTEMD_OOMD] = "systemd-oomd",
		[OOM_KILLER_EARLYOOM] = "earlyoom", [OOM_KILLER_NOHANG] = "nohang",
		[OOM_KILLER_OOMD] = "oomd",
	};
	_Static_assert(ARRAY_SIZE(names) == OOM_KILLER_N, "a killer has no name");
	return names[k];
}

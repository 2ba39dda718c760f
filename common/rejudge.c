/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Was the right one killed? The logged table goes through badness() and victim_order() as a live
 * machine does. What a log never holds (a capability, how much swap counts) is tried both ways:
 * where the answer is the same, it is certain; where one way gives the process that was killed, it
 * is open, and what left it open is named. mm/oom_kill.c select_bad_process(), constrained_alloc().
 */
#include "rejudge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "victim.h"

/* Of a process's counters up to 64 pages a processor are not in the sums that the kernel reads
 * (percpu_counter), and the table is printed a moment after the choice. */
enum { DRIFT_PAGES = 512 };

/* Sixteenths of the way, and the halves of the first of them. */
#define SIXTEENTHS 16
#define SHARES     (SIXTEENTHS + 24)

struct trial {
	bool victim_admin, others_admin; /* CAP_SYS_ADMIN */
	unsigned share; /* of the way from the low denominator to the high one: way() */
};

struct work {
	const struct oom_event *e;
	const struct era *era;
	uint32_t page_size;
	struct snapshot s;
	uint32_t *row_of; /* index of s.procs: index of rows */
	size_t killed;    /* index of s.procs; SIZE_MAX: not in the table */
	int32_t killed_pid;
	struct mem_ctx low, high;
	struct rejudge *r;
};

static void undetermined(struct rejudge *r, const char *what)
{
	for (size_t i = 0; i < r->n_undetermined; i++)
		if (strcmp(r->undetermined[i], what) == 0)
			return;
	if (r->n_undetermined < REJUDGE_UNDETERMINED_MAX)
		r->undetermined[r->n_undetermined++] = what;
}

static void say(struct rejudge *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct rejudge *r, const char *fmt, ...)
{
	size_t n = strlen(r->reason);
	va_list args;

	if (n && n + 2 < sizeof(r->reason)) {
		r->reason[n++] = ' ';
		r->reason[n] = '\0';
	}
	va_start(args, fmt);
	vsnprintf(r->reason + n, sizeof(r->reason) - n, fmt, args);
	va_end(args);
}

/* ------------------------------------------------------------------ page size, era */

/* No limit is the greatest number of pages, in KiB: it lacks one page of 2^63 bytes. 0: none such.
 */
static uint64_t unlimited_kib(const struct oom_event *e)
{
	const struct oom_usage *all[] = { &e->memory, &e->swap, &e->memsw, &e->kmem };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		uint64_t kib = (UINT64_C(1) << 53) - all[i]->limit_kib;

		if (all[i]->have && kib >= 4 && kib <= 256 && !(kib & (kib - 1)))
			return kib;
	}
	return 0;
}

uint32_t rejudge_page_size(const struct oom_event *e, bool *certain)
{
	uint64_t kib;

	*certain = true;
	for (size_t i = 0; i < e->mem.n_zones; i++) {
		kib = e->mem.zones[i].order_unit_kib;
		if (e->mem.zones[i].have_orders && kib >= 4 && kib <= 256 && !(kib & (kib - 1)))
			return (uint32_t)(kib * 1024);
	}
	for (size_t i = 0; i < e->n_kills; i++) {
		const struct oom_kill *k = &e->kills[i];
		const struct oom_row *r = k->have & OOM_HAVE_PID ? oomlog_row(e, k->pid) : NULL;

		if (!r || !r->total_vm || !(r->have & OOM_HAVE_TOTAL_VM) ||
		    !(k->have & OOM_HAVE_TOTAL_VM))
			continue;
		for (kib = 4; kib <= 64; kib *= 2)
			if (r->total_vm * kib == k->total_vm_kib)
				return (uint32_t)(kib * 1024);
	}
	kib = unlimited_kib(e);
	if (kib)
		return (uint32_t)(kib * 1024);
	*certain = false;
	return 4096;
}

/* Which kernels may have written the text, where it does not tell the release. */
struct span {
	struct kver from, to;
};

/* Of those whose table has pgtables_bytes: by the words of the kill line. */
static struct span span_of_kill(const struct oom_event *e)
{
	const struct oom_kill *k = e->n_kills && !e->kills[0].from_record ? &e->kills[0] : NULL;
	struct span s = { { 4, 15, 0 }, { 6, 7, 999 } };

	/* The narrow column of pids is 4.18's at the latest; with a record, a vendor's 4.18. */
	if (e->narrow_pids)
		s.to = (struct kver){ 4, 18, 999 };
	else if (e->have_record)
		s.from = (struct kver){ 5, 0, 0 };
	if (e->have_selected)
		s.to = e->narrow_pids ? s.to : (struct kver){ 5, 0, 999 };
	else if (k && k->have & OOM_HAVE_TOTAL_VM && !k->cut && !e->narrow_pids &&
		 !(k->line_have & OOM_HAVE_PGTABLES))
		s.to = (struct kver){ 5, 3, 999 };
	else if (k && k->line_have & OOM_HAVE_PGTABLES)
		s.from = (struct kver){ 5, 4, 0 };
	return s;
}

static struct span span_of_text(const struct oom_event *e)
{
	uint32_t have = e->n_rows ? e->rows[0].have : 0;

	if (have & OOM_HAVE_ANON)
		return (struct span){ { 6, 8, 0 }, { 6, 8, 999 } };
	if (have & OOM_HAVE_PGTABLES)
		return span_of_kill(e);
	if (have & OOM_HAVE_PMDS)
		return (struct span){ { 4, 0, 0 }, { 4, 14, 999 } };
	if (have & OOM_HAVE_PTES)
		return (struct span){ { 3, 6, 0 }, { 3, 19, 999 } };
	if (have & OOM_HAVE_ADJ)
		return (struct span){ { 2, 6, 36 }, { 3, 5, 999 } };
	return (struct span){ { 2, 6, 28 }, { 2, 6, 28 } };
}

/* ------------------------------------------------------------------ the denominator */

static void set_total(struct mem_ctx *m, uint64_t total)
{
	m->total_pages = total ? total : 1;
}

/* constrained_alloc() of a global OOM. */
static bool global_total(struct work *w)
{
	const struct oom_meminfo *m = &w->e->mem;
	uint64_t ram, swap = m->swap_total_kib * 1024 / w->page_size;

	if (!m->have_ram)
		return false;
	ram = m->ram_pages;
	if (m->have_reserved && m->reserved_pages < ram)
		ram -= m->reserved_pages;
	else if (!m->have_reserved)
		undetermined(w->r, "pages_reserved");
	w->low.ram_pages = w->high.ram_pages = ram;
	set_total(&w->low, ram + (m->have_swap_total ? swap : 0));
	set_total(&w->high, ram + (m->have_swap_total ? swap : ram * 2));
	return true;
}

static struct cgroup limits(const struct work *w)
{
	const struct oom_event *e = w->e;
	const uint64_t none = UINT64_C(1) << 52;
	struct cgroup cg = { .have_limit = true, .swappiness = 60 };

	cg.limit_bytes = e->memory.limit_kib < none ? e->memory.limit_kib * 1024 : CGROUP_UNLIMITED;
	cg.have_swap_limit = e->swap.have;
	cg.swap_limit_bytes =
		e->swap.limit_kib < none ? e->swap.limit_kib * 1024 : CGROUP_UNLIMITED;
	cg.have_memsw_limit = e->memsw.have;
	cg.memsw_limit_bytes =
		e->memsw.limit_kib < none ? e->memsw.limit_kib * 1024 : CGROUP_UNLIMITED;
	return cg;
}

/* The limit is told; how much swap there is may be told by another dump, and swappiness may forbid
 * it. */
static bool memcg_total(struct work *w)
{
	struct cgroup cg = limits(w);
	enum cgroup_version v = w->e->swap.have ? CGROUP_V2 : CGROUP_V1;
	struct mem_ctx machine = w->low;
	uint64_t most = cg.limit_bytes / w->page_size * 16 + (UINT64_C(1) << 24);

	if (!w->e->memory.have || cg.limit_bytes == CGROUP_UNLIMITED)
		return false;
	w->low.ram_pages = w->high.ram_pages = cg.limit_bytes / w->page_size;
	machine.swap_pages = 0;
	set_total(&w->low, era_memcg_total_pages(w->era, v, &cg, &machine, NULL));
	machine.swap_pages =
		w->e->have_swap_before ? w->e->swap_before_kib * 1024 / w->page_size : most;
	set_total(&w->high, era_memcg_total_pages(w->era, v, &cg, &machine, NULL));
	return true;
}

static void find_total(struct work *w)
{
	bool told;

	w->low = (struct mem_ctx){
		.constraint = w->e->constraint,
		.page_size = w->page_size,
		.pte_table_bytes = w->page_size,
		.long_bits = 64,
	};
	w->high = w->low;
	if (w->e->constraint == CONSTRAINT_MEMCG)
		told = memcg_total(w);
	else
		told = global_total(w);
	w->r->have_total = told;
	if (!told) {
		/* Any denominator will do where no adjustment is multiplied by it. */
		set_total(&w->low, 1);
		set_total(&w->high, UINT64_C(1) << 28);
	}
	w->r->total_pages = w->low.total_pages;
	w->r->total_pages_high = w->high.total_pages;
}

/* ------------------------------------------------------------------ the snapshot */

static uint32_t kib32(uint64_t bytes)
{
	return bytes / 1024 > UINT32_MAX ? UINT32_MAX : (uint32_t)(bytes / 1024);
}

static int32_t row_pid(const struct oom_row *r)
{
	return r->have & OOM_HAVE_TGID ? r->tgid : r->pid;
}

/* A row is a process as /proc shows it, but that the order of the rows is that of the task list. */
static void fill_proc(const struct work *w, const struct oom_row *r, size_t i, struct proc *p)
{
	p->have = HAVE_MM | HAVE_COMM | HAVE_START | HAVE_CAPS | HAVE_SIGNALS | HAVE_USERNS;
	p->flags = PROC_HAS_MM;
	p->pid = row_pid(r);
	p->mem_tid = r->pid;
	p->uid = r->uid;
	p->comm = r->comm ? r->comm : "";
	/* A victim that has not gone ends the search, unless there is no more to be had of it. */
	if (r->killed_before && p->pid != w->killed_pid && p->mem_tid != w->killed_pid) {
		p->flags |= PROC_SIGKILL;
		p->have |= HAVE_SCORE;
		p->oom_score = 0;
	}
	p->start_ticks = i + 1;
	if (p->pid == 1)
		p->flags |= PROC_GLOBAL_INIT;
	if (r->have & OOM_HAVE_ADJ) {
		p->oom_score_adj = r->oom_score_adj;
		p->have |= HAVE_ADJ;
	}
	if (r->have & OOM_HAVE_RSS) {
		p->rss_stat_pages = p->rss_status_pages = r->rss;
		p->have |= HAVE_RSS_STAT | HAVE_RSS_STATUS;
	}
	if (r->have & OOM_HAVE_SWAP) {
		p->swap_pages = r->swap;
		p->have |= HAVE_SWAP;
	}
	if (r->have & OOM_HAVE_PGTABLES) {
		p->pte_kib = kib32(r->pgtables_bytes);
		p->have |= HAVE_PTE;
	} else if (r->have & OOM_HAVE_PTES) {
		p->pte_kib = kib32(r->nr_ptes * w->page_size);
		p->have |= HAVE_PTE;
		p->pmd_kib = kib32(r->nr_pmds * w->page_size);
		p->have |= r->have & OOM_HAVE_PMDS ? HAVE_PMD : 0;
	}
}

struct by_pid {
	struct proc p;
	uint32_t row;
};

static int compare_pid(const void *a, const void *b)
{
	const struct by_pid *x = a, *y = b;

	return (x->p.pid > y->p.pid) - (x->p.pid < y->p.pid);
}

static int make_snapshot(struct work *w)
{
	size_t n = w->e->n_rows;
	_cleanup_free_ struct by_pid *all = calloc(n, sizeof(*all));

	w->s.origin = ORIGIN_LOG;
	w->s.procs = calloc(n, sizeof(*w->s.procs));
	w->row_of = calloc(n, sizeof(*w->row_of));
	if (!all || !w->s.procs || !w->row_of)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		fill_proc(w, &w->e->rows[i], i, &all[i].p);
		all[i].row = (uint32_t)i;
	}
	qsort(all, n, sizeof(*all), compare_pid);
	w->killed = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		w->s.procs[i] = all[i].p;
		w->row_of[i] = all[i].row;
		if (all[i].p.pid == w->killed_pid || all[i].p.mem_tid == w->killed_pid)
			w->killed = i;
	}
	w->s.n_procs = n;
	w->s.rss_source = badness_rss_source(w->era);
	w->s.machine = w->low;
	return 0;
}

/* ------------------------------------------------------------------ the trials */

static void set_admin(struct work *w, const struct trial *t)
{
	for (size_t i = 0; i < w->s.n_procs; i++) {
		bool admin = i == w->killed ? t->victim_admin : t->others_admin;

		w->s.procs[i].flags &= (uint16_t)~PROC_CAP_SYS_ADMIN;
		if (admin)
			w->s.procs[i].flags |= PROC_CAP_SYS_ADMIN;
	}
}

static uint64_t way(uint64_t whole, unsigned share)
{
	if (share == SIXTEENTHS)
		return whole;
	return share < SIXTEENTHS ? whole / SIXTEENTHS * share
				  : whole / SIXTEENTHS >> (share - SIXTEENTHS);
}

static int judge_all(struct work *w, const struct trial *t, const struct what_if *what_if,
		     struct judged **order)
{
	/* The two differ in nothing else. */
	const uint64_t more = w->high.total_pages - w->low.total_pages;
	struct scope scope = { .ctx = w->low };

	set_total(&scope.ctx, w->low.total_pages + way(more, t->share));
	scope.machine = scope.ctx;
	set_admin(w, t);
	return victim_order(&w->s, w->era, &scope, what_if, order);
}

/* How the trials came out. */
struct outcome {
	unsigned first, tried;
	bool swap_decides, admin_decides;
};

static int try_all(struct work *w, struct outcome *o)
{
	bool admin_counts = w->era->superuser != SUPERUSER_IGNORED;
	bool first[8] = { false };

	*o = (struct outcome){ 0 };
	for (unsigned i = 0; i < 8; i++) {
		struct trial t = { i & 1, i & 2, i & 4 ? SIXTEENTHS : 0 };
		struct judged *order = NULL;
		int r;

		if ((!admin_counts && i & 3) ||
		    (w->low.total_pages == w->high.total_pages && i & 4))
			continue;
		r = judge_all(w, &t, NULL, &order);
		if (r < 0)
			return r;
		first[i] = w->s.n_procs && order[0].rank && order[0].index == w->killed;
		o->tried++;
		o->first += first[i];
		o->admin_decides |= (i & 3) && first[i] != first[i & 4];
		o->swap_decides |= (i & 4) && first[i] != first[i & 3];
		free(order);
	}
	return 0;
}

static bool same_memory(const struct oom_row *a, const struct oom_row *b)
{
	return a->total_vm == b->total_vm && a->rss == b->rss &&
	       a->pgtables_bytes == b->pgtables_bytes && a->nr_ptes == b->nr_ptes &&
	       a->swap == b->swap;
}

/* A child of vfork() shows its parent's memory until it calls exec(). */
static bool may_be_vforked(const struct work *w, const struct oom_row *r)
{
	for (size_t i = 0; i < w->e->n_rows; i++)
		if (&w->e->rows[i] != r && same_memory(&w->e->rows[i], r))
			return true;
	return false;
}

/* Why the first of the base trial may have been passed over for the one that was killed. */
static bool explain_away(struct work *w, const struct judged *order)
{
	const struct oom_row *killed =
		w->killed == SIZE_MAX ? NULL : &w->e->rows[w->row_of[w->killed]];
	const size_t n_before = w->r->n_undetermined;
	const struct judged *mine = NULL;
	bool all = true;

	for (size_t i = 0; i < w->s.n_procs; i++)
		if (order[i].index == w->killed)
			mine = &order[i];
	if (!mine || !mine->rank || !killed)
		return false;
	for (const struct judged *j = order; j < mine; j++) {
		const struct oom_row *r = &w->e->rows[w->row_of[j->index]];
		int64_t more = j->badness - mine->badness;

		if (more == 0)
			undetermined(w->r, "tie");
		else if (w->era->vfork_exempt && may_be_vforked(w, r))
			undetermined(w->r, "vfork");
		else if (badness_in_pages(w->era)
				 ? more <= DRIFT_PAGES || more <= mine->badness / 50
				 : more <= 2)
			undetermined(w->r, "counters_when_chosen");
		else
			all = false;
	}
	/* What explains some of them decides nothing where another stands first all the same. */
	if (!all)
		w->r->n_undetermined = n_before;
	return all;
}

/* No trial makes the killed one the first: does a denominator between their two, or what explains
 * why the first was passed over, at any of them? */
static int explain_between(struct work *w, bool *ret)
{
	*ret = false;
	for (unsigned share = 1; share <= SHARES && !*ret; share++) {
		struct judged *order = NULL;
		int r = judge_all(w, &(struct trial){ .share = share }, NULL, &order);

		if (r < 0)
			return r;
		*ret = w->s.n_procs && order[0].rank &&
		       (order[0].index == w->killed || explain_away(w, order));
		free(order);
	}
	if (*ret)
		undetermined(w->r, w->r->have_total ? "swap_total" : "total_pages");
	return 0;
}

/* linux-next of July 2020 compared signed points as unsigned ones: of all, the least below zero is
 * the greatest then (5.9 came out right). true where that makes the killed one the first. */
static bool first_without_sign(struct work *w)
{
	const struct era *era = w->era;
	struct judged *order = NULL;
	uint64_t most = 0;
	size_t first = SIZE_MAX;

	if (w->killed == SIZE_MAX || !badness_in_pages(era) || !w->r->have_total)
		return false;
	w->era = era_for_version((struct kver){ 5, 9, 0 });
	if (judge_all(w, &(struct trial){ 0 }, NULL, &order) < 0)
		order = NULL;
	w->era = era;
	for (size_t i = 0; order && i < w->s.n_procs; i++)
		if (order[i].rank && (uint64_t)order[i].badness > most) {
			most = (uint64_t)order[i].badness;
			first = order[i].index;
		}
	free(order);
	return first == w->killed && most > INT64_MAX;
}

/* ------------------------------------------------------------------ what would have saved it */

/* All the memory that the rule counts of a process, in pages. */
static uint64_t counted_memory(const struct work *w, size_t index)
{
	struct verdict v;
	uint64_t pages = 0;

	badness(w->era, &w->s.machine, &w->s.procs[index], w->s.rss_source, &v);
	for (unsigned i = 0; v.known && i < v.n_factors; i++)
		if (v.factor[i].id != FACTOR_ADJ)
			pages += (uint64_t)v.factor[i].pages;
	return pages;
}

static void find_saving(struct work *w, const struct judged *order)
{
	const struct judged *next = NULL, *mine = &order[0];
	struct supposition s = { .pid = w->s.procs[w->killed].pid, .has_adj = true };
	struct what_if what_if = { &s, 1 };
	int low = -1000, high = w->s.procs[w->killed].oom_score_adj;

	if (w->s.n_procs > 1 && order[1].rank)
		next = &order[1];
	if (next) {
		w->r->next = &w->e->rows[w->row_of[next->index]];
		if (badness_in_pages(w->era)) {
			w->r->saving_pages = (uint64_t)(mine->badness - next->badness) + 1;
			/* Where the adjustment alone puts it first, less memory would not do. */
			w->r->have_saving_pages =
				w->r->saving_pages <= counted_memory(w, mine->index);
		}
	}
	if (w->low.total_pages != w->high.total_pages || !w->r->have_total)
		return;
	/* The highest at which it is not the first; -1000 always is such. */
	while (low + 1 < high) {
		int mid = low + (high - low) / 2;
		struct judged *o = NULL;

		s.adj = (int16_t)mid;
		if (judge_all(w, &(struct trial){ 0 }, &what_if, &o) < 0)
			return;
		if (o[0].rank && o[0].index == w->killed)
			high = mid;
		else
			low = mid;
		free(o);
	}
	w->r->saving_adj = low;
	w->r->have_saving_adj = true;
}

/* ------------------------------------------------------------------ all of it */

static const char *name_of(const struct oom_row *r)
{
	return r && r->comm ? r->comm : "?";
}

static void keep_badness(struct work *w, const struct judged *order)
{
	for (size_t i = 0; i < w->s.n_procs; i++) {
		uint32_t row = w->row_of[order[i].index];

		w->r->badness[row] = order[i].rank ? order[i].badness : INT64_MIN;
		w->r->fate[row] = order[i].fate;
		if (order[i].index == w->killed && order[i].rank)
			w->r->killed_badness = order[i].badness;
	}
}

static void tell_next(struct work *w, const char *unit)
{
	struct rejudge *r = w->r;
	long long behind;

	if (!r->next)
		return;
	behind = r->pick_badness - r->badness[r->next - w->e->rows];
	if (behind)
		say(r, "Next is %d (%s), %lld %s behind.", row_pid(r->next), name_of(r->next),
		    behind, unit);
	else
		say(r, "%d (%s) has as many: of equals the %s in the task list is taken.",
		    row_pid(r->next), name_of(r->next), r->next > r->pick ? "first" : "last");
}

/* The greatest of those that had been killed before and were passed over. */
static void tell_passed_over(struct work *w)
{
	const struct oom_row *most = NULL;

	for (size_t i = 0; i < w->s.n_procs; i++) {
		const struct oom_row *row = &w->e->rows[w->row_of[i]];

		if (w->s.procs[i].flags & PROC_SIGKILL && w->era->reaped_exempt &&
		    (!most || row->rss + row->swap > most->rss + most->swap))
			most = row;
	}
	if (most && w->r->killed && most->rss + most->swap > w->r->killed->rss)
		say(w->r, "%d (%s) had been killed before and was passed over.", row_pid(most),
		    name_of(most));
}

static void tell(struct work *w, const struct outcome *o)
{
	struct rejudge *r = w->r;
	const char *unit = badness_in_pages(w->era) ? "pages" : "points";

	if (r->agrees > 0) {
		say(r, "By the rule of %u.%u it comes first with a badness of %lld %s.",
		    w->era->since.major, w->era->since.minor, (long long)r->pick_badness, unit);
		tell_next(w, unit);
	} else if (r->killed) {
		say(r,
		    "With what the log holds, %d (%s) comes first with %lld %s, and the one "
		    "killed, "
		    "%d (%s), has %lld.",
		    row_pid(r->pick), name_of(r->pick), (long long)r->pick_badness, unit,
		    w->killed_pid, name_of(r->killed), (long long)r->killed_badness);
		if (r->agrees < 0 && o->first)
			say(r, "It comes first where what is undetermined is as permitted.");
		if (r->agrees == 0 && first_without_sign(w))
			say(r, "By the rule of 5.9 its points are below zero, and the greatest "
			       "where their sign is not heeded: this kernel compared them so, as "
			       "linux-next of July 2020 did.");
	}
	tell_passed_over(w);
	if (r->era_guessed)
		say(r, "The release is not told; the rule is that of the table's columns.");
}

static int judge_event(struct work *w)
{
	struct rejudge *r = w->r;
	struct judged *order = NULL;
	struct outcome o;
	int error = try_all(w, &o);

	if (error == 0)
		error = judge_all(w, &(struct trial){ 0 }, NULL, &order);
	if (error < 0 || !order)
		return error < 0 ? error : -ENOMEM;
	keep_badness(w, order);
	if (w->s.n_procs && order[0].rank) {
		r->pick = &w->e->rows[w->row_of[order[0].index]];
		r->pick_badness = order[0].badness;
		r->have_pick = true;
	}
	if (!r->have_pick) {
		say(r, "The rows tell too little to judge any of them.");
		undetermined(r, "task_table");
		free(order);
		return 0;
	}
	if (w->killed != SIZE_MAX)
		r->killed = &w->e->rows[w->row_of[w->killed]];
	if (o.first == o.tried && r->killed) {
		r->agrees = 1;
		find_saving(w, order);
	} else if (o.first) {
		r->agrees = -1;
		if (o.admin_decides)
			undetermined(r, "capability");
		if (o.swap_decides)
			undetermined(r, w->r->have_total ? "swap_total" : "total_pages");
	} else if (r->killed) {
		bool explained = explain_away(w, order);

		if (!explained && w->low.total_pages != w->high.total_pages)
			error = explain_between(w, &explained);
		r->agrees = explained ? -1 : 0;
	}
	tell(w, &o);
	free(order);
	return error;
}

/* What makes the question one that the table cannot answer. */
static bool cannot_be_judged(struct work *w)
{
	const struct oom_event *e = w->e;
	struct rejudge *r = w->r;

	if (e->n_kills == 0 && !e->have_selected) {
		say(r, e->no_killable || e->panic
			       ? "Nobody was killed."
			       : "The log does not tell who was killed, if anybody.");
		undetermined(r, "victim");
	} else if (e->n_rows == 0) {
		say(r, "The log has no table of tasks.");
		undetermined(r, "task_table");
	} else if (!w->era || w->era->formula == FORMULA_CLASSIC) {
		say(r, "The rule before 2.6.36 counts run time, children and rights, which no log "
		       "holds.");
		undetermined(r, "run_time");
		undetermined(r, "children");
		undetermined(r, "capability");
	} else if (w->killed == SIZE_MAX) {
		say(r, "The one that was killed is not in the table.");
		undetermined(r, "task_table");
	} else if (e->allocating_task) {
		say(r, "vm.oom_kill_allocating_task was set: whoever asked for memory was taken.");
		undetermined(r, "allocating_task");
	} else {
		return false;
	}
	return true;
}

/* Whose choice is in question: the selected, whatever child died in its place. Until 4.6 it may be
 * a thread, which no table has: the process of this name that was killed is its own then. */
static int32_t chosen_pid(const struct oom_event *e)
{
	const struct oom_kill *k = e->n_kills && e->kills[0].have & OOM_HAVE_PID ? e->kills : NULL;
	bool thread = e->have_selected && k && k->comm && e->selected.comm && !e->rows_broken &&
		      !oomlog_row(e, e->selected.pid) && oomlog_row(e, k->pid) &&
		      strcmp(k->comm, e->selected.comm) == 0;

	if (e->have_selected && !thread)
		return e->selected.pid;
	return k ? k->pid : -1;
}

/* What leaves a difference open that the rule alone does not explain. */
static void look_for_doubt(struct work *w)
{
	const struct oom_event *e = w->e;
	struct rejudge *r = w->r;
	const struct {
		bool there;
		const char *what;
	} doubts[] = {
		/* Swap may have been added since the dump that told of it. */
		{ e->constraint == CONSTRAINT_MEMCG && e->have_swap_before, "swap_total" },
		{ e->rows_broken || e->table_cut, "task_table" },
		{ e->constraint == CONSTRAINT_CPUSET || e->constraint == CONSTRAINT_MEMORY_POLICY,
		  "nodes" },
		{ !e->have_selected && w->era->sacrifice != SACRIFICE_NONE, "children" },
		/* Cut out of a log: whoever was killed before, and could not be reaped, stands in
		 * the table and is passed over. */
		{ !(e->seen & OOM_SEEN_HEADER) && w->era->reaped_exempt, "earlier_kill" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(doubts) && r->agrees == 0; i++)
		if (doubts[i].there) {
			r->agrees = -1;
			undetermined(r, doubts[i].what);
			if (strcmp(doubts[i].what, "earlier_kill") == 0)
				say(r,
				    "Whether %d (%s) had been killed before, which the kernel "
				    "passes over, is not in this part of the log.",
				    row_pid(r->pick), name_of(r->pick));
		}
}

static int judge_by(const struct oom_event *e, const struct rejudge_facts *f, const struct era *era,
		    bool guessed, struct rejudge *ret)
{
	struct work w = { .e = e, .era = era, .page_size = f->page_size, .r = ret };
	int r = 0;

	*ret = (struct rejudge){ .agrees = -1, .era = era, .era_guessed = guessed };
	w.killed_pid = chosen_pid(e);
	if (e->n_rows && w.era) {
		ret->badness = calloc(e->n_rows, sizeof(*ret->badness));
		ret->fate = calloc(e->n_rows, sizeof(*ret->fate));
		if (!ret->badness || !ret->fate)
			return -ENOMEM;
		for (size_t i = 0; i < e->n_rows; i++)
			ret->badness[i] = INT64_MIN;
		find_total(&w);
		r = make_snapshot(&w);
	}
	if (r == 0 && !cannot_be_judged(&w)) {
		r = judge_event(&w);
		look_for_doubt(&w);
	}
	free(w.s.procs);
	free(w.row_of);
	return r;
}

/* By each rule of the kernels that may have written the text: the newest is told of those that
 * agree best. Where others do not, the release is what decides. */
static int judge_by_text(const struct oom_event *e, const struct rejudge_facts *f,
			 struct rejudge *ret)
{
	struct span span = span_of_text(e);
	const struct era *era = era_for_version(span.to);
	int r = judge_by(e, f, era, true, ret);
	bool differ = false;

	while (r == 0 && era && era_kver_compare(era->since, span.from) > 0) {
		struct rejudge older;

		era = era + 1 < era_table + era_count ? era + 1 : NULL;
		r = judge_by(e, f, era, true, &older);
		differ |= older.agrees != ret->agrees;
		/* 1 before what is open, and that before 0. */
		if (r == 0 && older.agrees != ret->agrees &&
		    (older.agrees == 1 || ret->agrees == 0)) {
			rejudge_free(ret);
			*ret = older;
		} else {
			rejudge_free(&older);
		}
	}
	if (differ) {
		ret->agrees = -1;
		undetermined(ret, "release");
	}
	return r;
}

int rejudge(const struct oom_event *e, const struct rejudge_facts *f, struct rejudge *ret)
{
	return f->era ? judge_by(e, f, f->era, false, ret) : judge_by_text(e, f, ret);
}

void rejudge_free(struct rejudge *r)
{
	free(r->badness);
	free(r->fate);
}

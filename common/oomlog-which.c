/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of which report is this text? The kernel holds oom_lock while it reports (since 4.2), but other
 * processors print beside it: failed allocations with a stack and a memory dump of their own, the
 * reaper, other hosts in one file; before that, other OOM events. A caller's id tells them apart,
 * or a host; else what each report has already: no part stands in one twice. Where that does not
 * tell either, it is said.
 */
#include "oomlog-parts.h"

#include <string.h>

/* Nothing of one event is further from another, in time. A slow console takes a minute. */
#define EVENT_USEC_MAX (300ull * 1000000)

/* A report of which nothing has come for so many texts takes no part that another has already. */
enum { QUIET_BESIDE = 120 };

bool oomlog_is_near(const struct logtext *f, const struct logtext *t)
{
	uint64_t a, b;

	if (f->have_uptime && t->have_uptime) {
		a = f->uptime_usec;
		b = t->uptime_usec;
	} else if (f->have_time && t->have_time) {
		a = (uint64_t)f->time_usec;
		b = (uint64_t)t->time_usec;
	} else {
		return true;
	}
	return a > b ? a - b < EVENT_USEC_MAX : b - a < EVENT_USEC_MAX;
}

bool oomlog_goes_with(const struct oomlog_open *o, const struct logtext *t)
{
	return o->e->killer == OOM_KILLER_KERNEL && oomlog_is_near(&o->e->first, t) &&
	       !(t->host.n && o->e->host && !str_eq(t->host, o->e->host));
}

struct oomlog_open *oomlog_latest(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_open *best = NULL;
	int best_points = -1;

	for (unsigned i = 0; i < p->n_open; i++) {
		struct oomlog_open *o = &p->open[i];
		int points = 1;

		if (o->alloc_failure || !oomlog_goes_with(o, t))
			continue;
		if (t->caller && o->caller)
			points = t->caller == o->caller && t->caller_id == o->caller_id ? 2 : 0;
		if (points >= best_points) {
			best = o;
			best_points = points;
		}
	}
	return best;
}

/* true where o may be the report that t is a part of: one task prints all of it. */
static bool is_reporting(const struct oomlog_open *o, const struct logtext *t)
{
	if (t->caller && o->caller && (t->caller != o->caller || t->caller_id != o->caller_id))
		return false;
	return oomlog_goes_with(o, t) && !oomlog_is_done(o);
}

/* Nothing in the two tells whose the parts are that both lack. */
static void mix(struct oomlog_open *a, struct oomlog_open *b)
{
	a->e->interleaved = b->e->interleaved = true;
}

/* true where the report may go on with this part: nothing that stands behind it has come, nor the
 * part itself where it stands there once. */
static bool can_take(const struct oomlog_open *o, uint32_t part)
{
	const uint32_t once =
		PART_TASK_IN | PART_MEMORY | PART_MEMSW | PART_SWAP | PART_KMEM | PART_NAMES;

	return !(o->parts & ~(part | (part - 1))) && !(o->parts & part & once);
}

static bool is_fresh(const struct oomlog_open *o, const struct logtext *t)
{
	return !o->alloc_failure && o->quiet < QUIET_BESIDE && is_reporting(o, t);
}

struct oomlog_open *oomlog_lacking(struct oomlog *p, const struct logtext *t, uint32_t part)
{
	struct oomlog_open *latest = NULL, *other = NULL;

	for (unsigned i = p->n_open; i-- > 0;) {
		struct oomlog_open *o = &p->open[i];

		if (o->alloc_failure || !is_reporting(o, t))
			continue;
		if (!latest)
			latest = o;
		else if (is_fresh(o, t) && (!other || !can_take(other, part)))
			other = o;
	}
	if (latest && other && !can_take(latest, part)) {
		/* Where it fits neither, some part before it was taken for the wrong one's. */
		mix(latest, other);
		if (can_take(other, part))
			latest = other;
	}
	if (latest)
		latest->parts |= part;
	return latest;
}

struct oomlog_open *oomlog_of_invoker(struct oomlog *p, const struct logtext *t, struct str comm)
{
	struct oomlog_open *best = NULL, *newest = NULL;

	for (unsigned i = p->n_open; i-- > 0;) {
		struct oomlog_open *o = &p->open[i];

		if (o->alloc_failure || !is_reporting(o, t))
			continue;
		if (!o->e->invoker || !str_eq(comm, o->e->invoker) || o->e->seen & OOM_SEEN_CPU) {
			if (!newest && is_fresh(o, t))
				newest = o;
			continue;
		}
		/* Two of one name have just asked. */
		if (best && is_fresh(o, t))
			mix(best, o);
		if (!best)
			best = o;
		/* The line stands right behind its header: another header between the two is that
		 * of a report that is being printed beside it. */
		if (best == o && newest)
			mix(best, newest);
	}
	return best;
}

struct oomlog_open *oomlog_tracing(struct oomlog *p, const struct logtext *t, bool oom)
{
	struct oomlog_open *o;

	for (unsigned i = p->n_open; i-- > 0;) {
		o = &p->open[i];
		if (!is_reporting(o, t))
			continue;
		if (o->alloc_failure && !oom && o->dump == DUMP_NONE)
			return o;
		if (!o->alloc_failure)
			break;
	}
	o = oomlog_lacking(p, t, PART_TRACE);
	return o && o->e->seen & OOM_SEEN_HEADER ? o : NULL;
}

struct oomlog_open *oomlog_in_stats(struct oomlog *p, const struct logtext *t)
{
	for (unsigned i = p->n_open; i-- > 0;)
		if (p->open[i].stats && is_reporting(&p->open[i], t))
			return &p->open[i];
	return NULL;
}

struct oomlog_open *oomlog_with_table(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_open *latest = NULL;

	for (unsigned i = p->n_open; i-- > 0;) {
		struct oomlog_open *o = &p->open[i];

		if (o->alloc_failure || !is_reporting(o, t))
			continue;
		if (!latest || (o->e->seen & OOM_SEEN_TABLE && o->quiet < QUIET_BESIDE))
			latest = o;
		if (latest->e->seen & OOM_SEEN_TABLE)
			break;
	}
	if (latest)
		latest->parts |= PART_ROWS;
	return latest;
}

/* ------------------------------------------------------------------ memory dumps */

/* show_mem() prints in this order; a dump that has begun and is not at its totals goes on. */
static bool is_underway(const struct oomlog_open *o)
{
	return o->dump > DUMP_NONE && o->dump < DUMP_TOTALS;
}

bool oomlog_has_memory(const struct oom_meminfo *h, const struct oom_meminfo *line)
{
	if ((h->have_ram && line->have_ram) || (h->have_reserved && line->have_reserved) ||
	    (h->have_swap_total && line->have_swap_total) ||
	    (h->have_swap_free && line->have_swap_free) ||
	    (h->have_pagecache && line->have_pagecache) || h->lru_keys & line->lru_keys)
		return true;
	for (size_t i = 0; i < line->n_zones; i++) {
		const struct oom_zone *z = &line->zones[i];

		for (size_t k = 0; k < h->n_zones; k++)
			if (strcmp(h->zones[k].name, z->name) == 0 &&
			    ((z->have_marks && h->zones[k].have_marks) ||
			     (z->have_orders && h->zones[k].have_orders)))
				return true;
	}
	return false;
}

/* true where the dump of o can go on with this: it is not behind that, and has it not. */
static bool lacks(const struct oomlog *p, const struct oomlog_open *o, const struct logtext *t,
		  enum oomlog_dump at, const struct oom_meminfo *line)
{
	if (!can_take(o, PART_DUMP) || o->dump > at || (at == DUMP_BEGUN && o->dump == at) ||
	    oomlog_has_memory(&o->e->mem, line))
		return false;
	if (at == DUMP_BEGUN || o->dump != DUMP_NONE)
		return true;
	/* In the middle of a dump that has not begun: another's, where that can go on so. */
	for (unsigned i = 0; i < p->n_open; i++)
		if (p->open[i].dump != DUMP_NONE && is_reporting(&p->open[i], t) &&
		    lacks(p, &p->open[i], t, at, line))
			return false;
	return true;
}

/* Dumps that both could go on so, and dumps whose lines alternate: where both hold, some line may
 * have been taken for the wrong one's. */
static void note_beside(struct oomlog_open *a, struct oomlog_open *b, bool tied, bool alternating)
{
	a->tied |= tied;
	b->tied |= tied;
	a->alternating |= alternating;
	b->alternating |= alternating;
	if (a->tied && a->alternating && b->tied && b->alternating)
		mix(a, b);
}

struct oomlog_open *oomlog_dumping(struct oomlog *p, const struct logtext *t, enum oomlog_dump at,
				   const struct oom_meminfo *line)
{
	struct oomlog_open *before = NULL, *latest = NULL, *best = NULL, *tied = NULL;

	for (unsigned i = p->n_open; i-- > 0;) {
		struct oomlog_open *o = &p->open[i];

		if (!is_reporting(o, t))
			continue;
		if (!latest)
			latest = o;
		if (o->e == p->dump_last)
			before = o;
		if (!lacks(p, o, t, at, line))
			continue;
		/* What has come furthest goes on; of equals, what was being printed. */
		if (!best || o->dump > best->dump) {
			best = o;
			tied = NULL;
		} else if (o->dump == best->dump) {
			tied = o == before ? best : o;
			best = o == before ? o : best;
		}
	}
	if (best && tied && best->dump != DUMP_NONE)
		note_beside(best, tied, true, false);
	/* The one that was being printed is not over. */
	if (best && before && best != before && is_underway(before) && before->quiet < QUIET_BESIDE)
		note_beside(best, before, false, true);
	if (!best)
		best = before ? before : latest;
	if (best) {
		if (at > best->dump)
			best->dump = at;
		best->parts |= PART_DUMP;
		p->dump_last = best->e;
	}
	return best;
}

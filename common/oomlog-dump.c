/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who asked for memory, where, and how much was there? dump_header(), dump_stack(),
 * mem_cgroup_print_oom_info() and show_mem().
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "oomlog-parts.h"

/* ------------------------------------------------------------------ the header */

struct header {
	struct str comm, flags;
	uint64_t gfp_mask;
	int64_t order, adj, oom_adj;
	bool has_gfp, has_order, has_adj, has_oom_adj;
	unsigned fields;
};

static struct str behind(struct str s, const char *lit)
{
	const char *at = oomlog_in(s, lit);

	if (!at)
		return (struct str){ NULL, 0 };
	at += strlen(lit);
	return (struct str){ at, (size_t)(s.s + s.n - at) };
}

static void parse_gfp(struct str s, struct header *h)
{
	struct str v = behind(s, "gfp_mask=");
	size_t n = 0;
	bool is_hex = v.n > 2 && v.s[0] == '0' && v.s[1] == 'x';
	const char *close;

	if (is_hex) {
		v.s += 2;
		v.n -= 2;
	}
	while (n < v.n && n < 16 && memchr("0123456789abcdef", v.s[n], is_hex ? 16 : 10))
		n++;
	/* "gfp_mask=0x800d0order=0": the separators were lost. */
	if (n == 0 || str_to_u64(v.s, n, is_hex ? 16 : 10, &h->gfp_mask) < 0)
		return;
	h->has_gfp = true;
	/* Before a blank the number was broken. */
	h->fields += n == v.n || v.s[n] != ' ';
	if (n < v.n && v.s[n] == '(' && (close = memchr(v.s, ')', v.n))) {
		h->flags = (struct str){ v.s + n + 1, (size_t)(close - v.s) - n - 1 };
		/* No flag has a blank in its name. */
		h->fields += !memchr(h->flags.s, ' ', h->flags.n);
	}
}

static void parse_header_fields(struct str s, struct header *h)
{
	struct str v;

	parse_gfp(s, h);
	v = behind(s, "order=");
	if (v.n && oomlog_signed(&v, &h->order)) {
		h->has_order = true;
		h->fields++;
	}
	v = behind(s, "oom_score_adj=");
	if (v.n && oomlog_signed(&v, &h->adj)) {
		h->has_adj = true;
		h->fields++;
	}
	v = behind(s, "oom_adj=");
	if (!v.n)
		v = behind(s, "oomkilladj=");
	if (v.n && oomlog_signed(&v, &h->oom_adj)) {
		h->has_oom_adj = true;
		h->fields++;
	}
}

static bool parse_header(struct str s, struct header *h)
{
	const char *at = oomlog_in(s, "invoked oom-killer");
	struct str rest;

	*h = (struct header){ .fields = 0 };
	s = oomlog_trim(s);
	if (at) {
		h->comm = oomlog_trim((struct str){ s.s, (size_t)(at - s.s) });
		rest = (struct str){ at, (size_t)(s.s + s.n - at) };
		at += strlen("invoked oom-killer");
		/* Who talks about it goes on in words. */
		if (at < s.s + s.n && *at != ':' && !oomlog_in(rest, "gfp_mask="))
			return false;
	} else if (str_starts_with(s, "oom-killer:") && oomlog_in(s, "gfp_mask=")) {
		rest = s;
	} else {
		return false;
	}
	h->fields = 1;
	parse_header_fields(rest, h);
	/* A name is 15 bytes: what stands before it belongs to some transport or another line. */
	while (h->comm.n > 15) {
		const char *blank = memchr(h->comm.s, ' ', h->comm.n);
		size_t n = blank ? (size_t)(blank + 1 - h->comm.s) : h->comm.n - 15;

		h->comm.s += n;
		h->comm.n -= n;
	}
	return true;
}

unsigned oomlog_header_fields(struct str t)
{
	struct header h;

	return parse_header(t, &h) ? h.fields : 0;
}

bool oomlog_header(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_open *o;
	struct oom_event *e;
	struct header h;

	if (!parse_header(t->text, &h))
		return false;
	o = oomlog_begin(p, t, false);
	if (!o)
		return true;
	e = o->e;
	e->seen |= OOM_SEEN_HEADER;
	if (h.comm.s)
		e->invoker = oomlog_keep(p, e, h.comm.s, h.comm.n);
	e->have_gfp = h.has_gfp;
	e->gfp_mask = h.gfp_mask;
	if (h.flags.n)
		e->gfp_flags = oomlog_keep(p, e, h.flags.s, h.flags.n);
	e->have_order = h.has_order;
	e->order = (int)h.order;
	e->have_invoker_adj = h.has_adj;
	e->invoker_adj = (int32_t)h.adj;
	e->have_oom_adj = h.has_oom_adj;
	e->invoker_oom_adj = (int32_t)h.oom_adj;
	e->sysrq = p->sysrq || (h.has_order && h.order == -1);
	p->sysrq = false;
	return true;
}

/* ------------------------------------------------------------------ CPU and kernel */

/* The release in "... Not tainted 6.1.0-18-amd64 #1": the first word that begins with a digit and
 * holds a point. */
static struct str release(struct str s)
{
	struct str v = behind(s, "ainted");

	for (size_t i = 0; i < v.n; i++) {
		size_t n = i;

		if (v.s[i] < '0' || v.s[i] > '9' || (i && v.s[i - 1] != ' '))
			continue;
		while (n < v.n && v.s[n] != ' ')
			n++;
		if (memchr(v.s + i, '.', n - i))
			return (struct str){ v.s + i, n - i };
	}
	return (struct str){ NULL, 0 };
}

/* The name between "Comm: " and what the kernel writes behind it. */
static struct str comm_of(struct str s)
{
	static const char *const next[] = { " Not tainted", " Tainted:", " Kdump:" };
	struct str v = behind(s, "Comm: ");

	if (!v.s)
		v = behind(s, "comm: ");
	for (size_t i = 0; i < ARRAY_SIZE(next); i++) {
		const char *at = oomlog_in(v, next[i]);

		if (at)
			v.n = (size_t)(at - v.s);
	}
	return oomlog_trim(v);
}

static bool cpu_line(struct oomlog *p, const struct logtext *t)
{
	struct str s = t->text, comm, r, v;
	struct oomlog_open *o;
	uint64_t n;

	if (!(str_starts_with(s, "CPU:") && oomlog_in(s, "PID:") && oomlog_in(s, "Comm:")) &&
	    !(str_starts_with(s, "Pid:") && oomlog_in(s, "comm:")))
		return false;
	comm = comm_of(s);
	r = release(s);
	if (r.n)
		oomlog_set_kernel(p, t, r);
	o = oomlog_of_invoker(p, t, comm);
	/* Another's oops stands in the middle of many a report. */
	if (!o)
		return false;
	oomlog_touch(o, t);
	o->e->seen |= OOM_SEEN_CPU;
	if (r.n)
		o->e->kernel = oomlog_keep(p, o->e, r.s, r.n);
	v = behind(s, "CPU:");
	if (v.n && oomlog_number(&v, &n) && n < 65536) {
		o->e->have_cpu = true;
		o->e->cpu = (int)n;
	}
	/* "UID: 0 PID: 12": not the first of them. */
	v = behind(s, " PID:");
	if (!v.s)
		v = behind(s, "Pid:");
	if (v.n && oomlog_number(&v, &n) && n <= 4194304) {
		o->e->have_invoker_pid = true;
		o->e->invoker_pid = (int32_t)n;
	}
	return true;
}

/* true where the frame is one of an OOM's own. */
static bool is_oom_frame(struct str s)
{
	return oomlog_in(s, "out_of_memory+") || oomlog_in(s, "mem_cgroup_") ||
	       oomlog_in(s, "oom_kill_process+") || oomlog_in(s, "dump_header+");
}

/* The stack tells whether a cgroup's limit was hit; a frame with a question mark is a leftover. */
static bool trace_line(struct oomlog *p, const struct logtext *t)
{
	static const char *const memcg[] = {
		"mem_cgroup_out_of_memory+",
		"mem_cgroup_oom_synchronize+",
		"__mem_cgroup_try_charge+",
		"mem_cgroup_oom+",
	};
	struct oomlog_open *o;
	bool guess;

	if (!oomlog_in(t->text, "+0x"))
		return false;
	o = oomlog_tracing(p, t, is_oom_frame(t->text));
	if (!o)
		return false;
	oomlog_touch(o, t);
	o->e->seen |= OOM_SEEN_TRACE;
	guess = oomlog_in(t->text, "? ") != NULL;
	for (size_t i = 0; i < ARRAY_SIZE(memcg); i++)
		if (oomlog_in(t->text, memcg[i]))
			o->e->seen |= guess ? OOM_SEEN_TRACE_GUESS : OOM_SEEN_TRACE_MEMCG;
	if (!guess && oomlog_in(t->text, " out_of_memory+"))
		o->e->seen |= OOM_SEEN_TRACE_PLAIN;
	return true;
}

/* ------------------------------------------------------------------ memory cgroup */

/* The report that this part belongs to; its beginning may be lost. */
static struct oomlog_open *going_on(struct oomlog *p, const struct logtext *t, uint32_t part)
{
	struct oomlog_open *o = oomlog_lacking(p, t, part);

	if (!o)
		o = oomlog_begin(p, t, true);
	if (!o)
		return NULL;
	o->parts |= part;
	oomlog_touch(o, t);
	return o;
}

static bool usage_line(struct oomlog *p, const struct logtext *t)
{
	static const char *const names[] = { "memory: usage", "memory+swap: usage", "swap: usage",
					     "kmem: usage" };
	static const uint32_t parts[] = { PART_MEMORY, PART_MEMSW, PART_SWAP, PART_KMEM };
	struct oom_usage u = { .have = true };
	struct oomlog_open *o;
	struct str v;
	size_t which;

	for (which = 0; which < ARRAY_SIZE(names); which++)
		if (str_starts_with(t->text, names[which]))
			break;
	if (which == ARRAY_SIZE(names))
		return false;
	if (!oomlog_kib(t->text, "usage ", &u.usage_kib) ||
	    !oomlog_kib(t->text, "limit ", &u.limit_kib))
		return false;
	v = behind(t->text, "failcnt ");
	if (v.n)
		oomlog_number(&v, &u.failcnt);
	o = going_on(p, t, parts[which]);
	if (!o)
		return true;
	o->e->seen |= OOM_SEEN_MEMCG;
	switch (which) {
	case 0:
		o->e->memory = u;
		break;
	case 1:
		o->e->memsw = u;
		break;
	case 2:
		o->e->swap = u;
		break;
	default:
		o->e->kmem = u;
	}
	return true;
}

/* "Task in /a killed as a result of limit of /b", in one line or, in 3.15 and 3.16, in two. */
static bool task_in_line(struct oomlog *p, const struct logtext *t)
{
	static const char killed[] = "killed as a result of limit of ";
	struct str s = t->text, limit, task;
	struct oomlog_open *o;

	if (!oomlog_in(s, "limit ") && !str_starts_with(s, "Task in /"))
		return false;
	limit = behind(s, killed);
	task = behind(s, "Task in /");
	if (!limit.s && !str_starts_with(s, "Task in /"))
		limit = behind(s, "Memory limit reached of cgroup ");
	if (!limit.s && !str_starts_with(s, "Task in /"))
		return false;
	/* The second half of two lines is no second of its kind. */
	o = oomlog_lacking(p, t, str_starts_with(s, "Task in /") ? PART_TASK_IN : 0);
	if (!o)
		o = oomlog_begin(p, t, false);
	if (!o)
		return true;
	oomlog_touch(o, t);
	o->parts |= PART_TASK_IN;
	o->provisional = false;
	o->e->seen |= OOM_SEEN_MEMCG;
	if (task.s && str_starts_with(s, "Task in /")) {
		const char *end = limit.s ? limit.s - (sizeof(killed) - 1) : s.s + s.n;

		task.s--;
		task = oomlog_trim((struct str){ task.s, (size_t)(end - task.s) });
		o->e->task_memcg = oomlog_keep(p, o->e, task.s, task.n);
	}
	limit = oomlog_trim(limit);
	if (limit.n && !o->e->oom_memcg)
		o->e->oom_memcg = oomlog_keep(p, o->e, limit.s, limit.n);
	return true;
}

/* A line of memory.stat that stands alone, where what was before it is lost. */
static bool is_stat(struct str s)
{
	static const char *const keys[] = { "file_mapped ", "file_dirty ",  "file_writeback ",
					    "anon_thp ",    "pgfault ",     "workingset_",
					    "thp_fault_",   "kernel_stack " };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (str_starts_with(s, keys[i]))
			return s.n < 48;
	return false;
}

static bool stats_line(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_open *o;
	struct str s = t->text, v;
	uint64_t n;
	size_t i = 0;

	if (str_starts_with(s, "Memory cgroup stats")) {
		o = going_on(p, t, PART_STATS);
		if (!o)
			return true;
		o->e->seen |= OOM_SEEN_MEMCG;
		o->stats = !oomlog_in(s, "KB");
		v = behind(s, "stats for ");
		/* Since 5.3 it is the cgroup that is out of memory, alone. */
		if (v.n > 1 && v.s[v.n - 1] == ':' && o->stats && !o->e->oom_memcg)
			o->e->oom_memcg = oomlog_keep(p, o->e, v.s, v.n - 1);
		return true;
	}
	if (str_starts_with(s, "Memory cgroup min protection")) {
		going_on(p, t, 0);
		return true;
	}
	o = oomlog_in_stats(p, t);
	if (!o && !is_stat(s))
		return false;
	while (i < s.n && ((s.s[i] >= 'a' && s.s[i] <= 'z') || s.s[i] == '_'))
		i++;
	v = (struct str){ s.s + i, s.n - i };
	if (i == 0 || !oomlog_number(&v, &n) || v.n)
		return false;
	if (!o)
		o = going_on(p, t, PART_STATS);
	if (!o)
		return true;
	oomlog_touch(o, t);
	o->e->seen |= OOM_SEEN_MEMCG;
	o->stats = true;
	return true;
}

/* ------------------------------------------------------------------ Mem-Info */

static bool starts_number(struct str s, const char *behind_it, uint64_t *v)
{
	struct str at = s;

	return oomlog_number(&at, v) && oomlog_eat(&at, behind_it) && at.n <= 16;
}

static bool totals(struct oom_meminfo *m, struct str s)
{
	uint64_t v;

	if (starts_number(s, "pages RAM", &v) || starts_number(s, "pages of RAM", &v)) {
		m->ram_pages = v;
		return m->have_ram = true;
	}
	if (starts_number(s, "pages reserved", &v) || starts_number(s, "reserved pages", &v)) {
		m->reserved_pages = v;
		return m->have_reserved = true;
	}
	if (starts_number(s, "pages HighMem", &v) || starts_number(s, "pages of HIGHMEM", &v)) {
		m->highmem_pages = v;
		return true;
	}
	if (starts_number(s, "total pagecache pages", &v)) {
		m->pagecache_pages = v;
		return m->have_pagecache = true;
	}
	if (str_starts_with(s, "Total swap") && oomlog_kib(s, "= ", &v)) {
		m->swap_total_kib = v;
		return m->have_swap_total = true;
	}
	if (str_starts_with(s, "Free swap") && oomlog_kib(s, "= ", &v)) {
		m->swap_free_kib = v;
		return m->have_swap_free = true;
	}
	return starts_number(s, "pages in swap cache", &v) ||
	       starts_number(s, "pages cma reserved", &v) ||
	       starts_number(s, "pages hwpoisoned", &v) || str_starts_with(s, "Swap cache stats:");
}

/* "active_anon:166 inactive_anon:8300 isolated_anon:0": pages of the whole machine. */
static bool lru(struct oom_meminfo *m, struct str s)
{
	const struct {
		const char *name;
		uint64_t *v;
	} keys[] = {
		{ "active_anon:", &m->active_anon },
		{ "inactive_anon:", &m->inactive_anon },
		{ "active_file:", &m->active_file },
		{ "inactive_file:", &m->inactive_file },
		{ "unevictable:", &m->unevictable },
		{ "slab_reclaimable:", &m->slab_reclaimable },
		{ "slab_unreclaimable:", &m->slab_unreclaimable },
		{ "shmem:", &m->shmem },
		{ "pagetables:", &m->pagetables },
	};
	bool any = false;

	/* Of a node, a zone or a cgroup they are sizes. */
	if (oomlog_in(s, "kB") || oomlog_in(s, "KB") || s.n > 200)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *at = oomlog_in(s, keys[i].name);
		struct str rest;

		/* "inactive_anon:" holds "active_anon:". */
		while (at && at > s.s && at[-1] != ' ') {
			at++;
			at = memmem(at, (size_t)(s.s + s.n - at), keys[i].name,
				    strlen(keys[i].name));
		}
		if (!at)
			continue;
		at += strlen(keys[i].name);
		rest = (struct str){ at, (size_t)(s.s + s.n - at) };
		if (oomlog_number(&rest, keys[i].v))
			m->lru_keys |= (uint16_t)(1u << i);
	}
	any = m->lru_keys != 0;
	m->have_lru |= any;
	return any || str_starts_with(s, "free:") || str_starts_with(s, "mapped:") ||
	       str_starts_with(s, "slab_") || str_starts_with(s, "sec_pagetables:") ||
	       str_starts_with(s, "kernel_misc");
}

static struct oom_zone *zone_named(struct oomlog *p, struct oom_meminfo *m, struct str name)
{
	name = oomlog_trim(name);
	if (!name.n || name.n >= sizeof(m->zones->name))
		return NULL;
	for (size_t i = 0; i < m->n_zones; i++)
		if (str_eq(name, m->zones[i].name))
			return &m->zones[i];
	if (m->n_zones == OOMLOG_ZONES_MAX)
		return NULL;
	if (!m->zones)
		m->zones = calloc(OOMLOG_ZONES_MAX, sizeof(*m->zones));
	if (!m->zones) {
		p->error = -12;
		return NULL;
	}
	memcpy(m->zones[m->n_zones].name, name.s, name.n);
	return &m->zones[m->n_zones++];
}

/* "Node 0 Normal free:3948kB min:7732kB low:8640kB high:9548kB ...". */
static bool zone(struct oomlog *p, struct oom_meminfo *m, struct str s)
{
	const char *at = oomlog_in(s, " free:");
	uint64_t free_kib, min, low, high, v;
	struct oom_zone *z;

	if (!at || !oomlog_kib(s, " free:", &free_kib) || !oomlog_kib(s, " min:", &min) ||
	    !oomlog_kib(s, " low:", &low) || !oomlog_kib(s, " high:", &high))
		return false;
	z = zone_named(p, m, (struct str){ s.s, (size_t)(at - s.s) });
	if (!z)
		return true;
	z->have_marks = true;
	z->free_kib = free_kib;
	z->min_kib = min;
	z->low_kib = low;
	z->high_kib = high;
	if (oomlog_kib(s, " managed:", &v) || oomlog_kib(s, " present:", &v)) {
		z->managed_kib = v;
		z->have_managed = true;
	}
	return true;
}

/* "Node 0 DMA: 1*4kB (U) 0*8kB ... = 15908kB". */
static bool buddies(struct oomlog *p, struct oom_meminfo *m, struct str s)
{
	const char *colon = memchr(s.s, ':', s.n), *star = memchr(s.s, '*', s.n);
	struct oom_zone *z;
	struct str v;

	if (!colon || !star || colon - s.s > 40 || star < colon || star - colon > 12)
		return false;
	z = zone_named(p, m, (struct str){ s.s, (size_t)(colon - s.s) });
	if (!z)
		return true;
	z->n_orders = 0;
	v = (struct str){ colon + 1, (size_t)(s.s + s.n - colon - 1) };
	while (z->n_orders < ARRAY_SIZE(z->orders)) {
		uint64_t n, unit;

		if (!oomlog_number(&v, &n) || !oomlog_eat(&v, "*") || !oomlog_number(&v, &unit) ||
		    !oomlog_eat(&v, "kB"))
			break;
		if (z->n_orders == 0)
			z->order_unit_kib = unit;
		z->orders[z->n_orders++] = n;
		if (oomlog_eat(&v, "(")) {
			const char *close = memchr(v.s, ')', v.n);

			if (!close)
				break;
			v.n -= (size_t)(close + 1 - v.s);
			v.s = close + 1;
		}
	}
	return z->have_orders = z->n_orders > 0;
}

/* What a line of a memory dump tells; DUMP_NONE where it is none. */
static enum oomlog_dump memory(struct oomlog *p, struct oom_meminfo *m, struct str s)
{
	if (str_starts_with(s, "Mem-Info:") || str_starts_with(s, "Mem-info:"))
		return DUMP_BEGUN;
	if (totals(m, s))
		return DUMP_TOTALS;
	if (lru(m, s))
		return DUMP_LRU;
	if (zone(p, m, s) || str_starts_with(s, "lowmem_reserve[]:"))
		return DUMP_ZONES;
	return buddies(p, m, s) ? DUMP_BUDDIES : DUMP_NONE;
}

static bool meminfo_line(struct oomlog *p, const struct logtext *t)
{
	/* Whether it is one is found out on a page that is thrown away. */
	struct oom_meminfo line = { .have_ram = false };
	enum oomlog_dump at = memory(p, &line, t->text);
	struct oomlog_open *o;

	if (at != DUMP_NONE) {
		o = oomlog_dumping(p, t, at, &line);
		if (!o)
			o = oomlog_begin(p, t, true);
		if (o) {
			oomlog_touch(o, t);
			o->stats = false;
			if (at > o->dump)
				o->dump = at;
			o->e->seen |= OOM_SEEN_MEMINFO;
			/* The first is the event's own. */
			if (!oomlog_has_memory(&o->e->mem, &line))
				memory(p, &o->e->mem, t->text);
		}
	}
	free(line.zones);
	return at != DUMP_NONE;
}

/* ------------------------------------------------------------------ the rest */

/* "X: page allocation failure. order:5, mode:0x4020" is followed by the same dump. */
static bool failure_line(struct oomlog *p, const struct logtext *t)
{
	struct oomlog_open *o;

	if (!oomlog_in(t->text, "alloc"))
		return false;
	if (!oomlog_in(t->text, "page allocation failure") &&
	    !oomlog_in(t->text, "page allocation stalls") &&
	    !oomlog_in(t->text, "vmemmap alloc failure"))
		return false;
	o = oomlog_begin(p, t, true);
	if (o)
		o->alloc_failure = true;
	return true;
}

static bool sysrq_line(struct oomlog *p, const struct logtext *t)
{
	if (!oomlog_in(t->text, "Manual OOM execution"))
		return false;
	p->sysrq = true;
	p->sysrq_quiet = 0;
	return true;
}

/* "bash cpuset=/ mems_allowed=0" */
static bool cpuset_line(struct oomlog *p, const struct logtext *t)
{
	struct str v = behind(t->text, " cpuset="), mems = behind(t->text, " mems_allowed=");
	struct oomlog_open *o = oomlog_latest(p, t);

	if (!v.s || !mems.s || mems.s < v.s || !o || oomlog_is_done(o) || o->e->cpuset)
		return false;
	oomlog_touch(o, t);
	v.n = (size_t)(mems.s - v.s) - strlen(" mems_allowed=");
	o->e->cpuset = oomlog_keep(p, o->e, v.s, v.n);
	v = mems;
	if (memchr(v.s, ' ', v.n))
		v.n = (size_t)((const char *)memchr(v.s, ' ', v.n) - v.s);
	o->e->mems_allowed = oomlog_keep(p, o->e, v.s, v.n);
	return true;
}

/* "Tasks state", the slab table, messages that were held back. */
static bool other_line(struct oomlog *p, const struct logtext *t)
{
	struct str s = t->text;
	bool suppressed = oomlog_in(s, "callbacks suppressed") &&
			  (oomlog_in(s, "oom_kill_process") || oomlog_in(s, "out_of_memory"));
	struct oomlog_open *o = oomlog_latest(p, t);

	if (!o)
		return false;
	if (suppressed) {
		o->e->suppressed = true;
	} else if (str_starts_with(s, "Unreclaimable slab info")) {
		o->e->seen |= OOM_SEEN_SLAB;
		o->slab = true;
	} else if (!str_starts_with(s, "Tasks state (memory values")) {
		return false;
	}
	if (!oomlog_is_done(o))
		oomlog_touch(o, t);
	return true;
}

bool oomlog_dump(struct oomlog *p, const struct logtext *t)
{
	return cpu_line(p, t) || trace_line(p, t) || usage_line(p, t) || task_in_line(p, t) ||
	       stats_line(p, t) || failure_line(p, t) || meminfo_line(p, t) || sysrq_line(p, t) ||
	       cpuset_line(p, t) || other_line(p, t);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does one event read as JSON? Memory in bytes; what the log does not hold is null. */
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "kver.h"
#include "oomwords.h"
#include "parse-log.h"

static struct cell opt_int(bool have, int64_t v)
{
	return have ? cell_int(v) : cell_null();
}

/* More bytes than a signed number holds are a damaged line's; many a reader of JSON ends there. */
static struct cell opt_bytes(bool have, uint64_t n, uint32_t unit)
{
	uint64_t bytes;

	if (!have || !unit || __builtin_mul_overflow(n, unit, &bytes) || bytes > INT64_MAX)
		return cell_null();
	return cell_bytes(bytes);
}

static struct cell opt_kib(bool have, uint64_t kib)
{
	return opt_bytes(have, kib, 1024);
}

static struct cell opt_pages(bool have, uint64_t pages, uint32_t page_size)
{
	return opt_bytes(have, pages, page_size);
}

/* ------------------------------------------------------------------ where and who asked */

static void times(struct out *o, const struct oom_event *e)
{
	char buf[64];

	out_field(o, "time", cell_str(parse_log_time(&e->first, buf, sizeof(buf))));
	out_field(o, "time_certain", cell_bool(e->first.have_time && e->first.time_certain));
	out_field(o, "uptime_usec",
		  e->first.have_uptime ? cell_uint(e->first.uptime_usec) : cell_null());
	out_field(o, "first_line", cell_uint(e->first_line));
	out_field(o, "last_line", cell_uint(e->last_line));
}

static void missing(struct out *o, const struct oom_event *e)
{
	const char *names[16];
	size_t n = oomlog_missing(e, names, ARRAY_SIZE(names));

	out_field(o, "complete", cell_bool(n == 0));
	out_array(o, "missing");
	for (size_t i = 0; i < n; i++)
		out_field(o, NULL, cell_str(names[i]));
	out_end(o);
	if (e->n_rows_lost)
		out_field(o, "rows_lost", cell_uint(e->n_rows_lost));
}

static void invoker(struct out *o, const struct oom_event *e)
{
	char mask[32], names[512];
	struct kver v;
	bool told = e->kernel && kver_parse(e->kernel, &v) == 0;

	if (!(e->seen & OOM_SEEN_HEADER)) {
		out_field(o, "invoker", cell_null());
		return;
	}
	snprintf(mask, sizeof(mask), "0x%llx", (unsigned long long)e->gfp_mask);
	out_object(o, "invoker");
	out_field(o, "comm", cell_str(e->invoker));
	out_field(o, "pid", opt_int(e->have_invoker_pid, e->invoker_pid));
	out_field(o, "oom_score_adj", opt_int(e->have_invoker_adj, e->invoker_adj));
	out_field(o, "oom_adj", opt_int(e->have_oom_adj, e->invoker_oom_adj));
	out_field(o, "gfp_mask", cell_str(e->have_gfp ? mask : NULL));
	out_field(o, "gfp_flags",
		  cell_str(oomwords_gfp(e, told ? &v : NULL, names, sizeof(names))));
	out_field(o, "order", opt_int(e->have_order, e->order));
	out_field(o, "cpu", opt_int(e->have_cpu, e->cpu));
	out_end(o);
}

static void usage(struct out *o, const char *key, const struct oom_usage *u)
{
	if (!u->have) {
		out_field(o, key, cell_null());
		return;
	}
	out_object(o, key);
	out_field(o, "usage", opt_kib(true, u->usage_kib));
	/* What the kernel prints for no limit. */
	out_field(o, "limit", opt_kib(u->limit_kib < UINT64_C(1) << 52, u->limit_kib));
	out_field(o, "failcnt", cell_uint(u->failcnt));
	out_end(o);
}

static void zones(struct out *o, const struct oom_meminfo *m)
{
	out_array(o, "zones");
	for (size_t i = 0; i < m->n_zones; i++) {
		const struct oom_zone *z = &m->zones[i];
		bool marks = z->high_kib || z->min_kib;

		out_object(o, NULL);
		out_field(o, "name", cell_str(z->name));
		out_field(o, "free", opt_kib(marks, z->free_kib));
		out_field(o, "min", opt_kib(marks, z->min_kib));
		out_field(o, "low", opt_kib(marks, z->low_kib));
		out_field(o, "high", opt_kib(marks, z->high_kib));
		out_field(o, "managed", opt_kib(z->have_managed, z->managed_kib));
		out_end(o);
	}
	out_end(o);
}

static void mem_info(struct out *o, const struct oom_event *e, uint32_t page)
{
	const struct oom_meminfo *m = &e->mem;

	if (!(e->seen & OOM_SEEN_MEMINFO)) {
		out_field(o, "mem_info", cell_null());
		return;
	}
	out_object(o, "mem_info");
	out_field(o, "ram", opt_pages(m->have_ram, m->ram_pages, page));
	out_field(o, "reserved", opt_pages(m->have_reserved, m->reserved_pages, page));
	out_field(o, "swap_total", opt_kib(m->have_swap_total, m->swap_total_kib));
	out_field(o, "swap_free", opt_kib(m->have_swap_free, m->swap_free_kib));
	out_field(o, "pagecache", opt_pages(m->have_pagecache, m->pagecache_pages, page));
	out_field(o, "active_anon", opt_pages(m->have_lru, m->active_anon, page));
	out_field(o, "inactive_anon", opt_pages(m->have_lru, m->inactive_anon, page));
	out_field(o, "active_file", opt_pages(m->have_lru, m->active_file, page));
	out_field(o, "inactive_file", opt_pages(m->have_lru, m->inactive_file, page));
	out_field(o, "unevictable", opt_pages(m->have_lru, m->unevictable, page));
	out_field(o, "slab_reclaimable", opt_pages(m->have_lru, m->slab_reclaimable, page));
	out_field(o, "slab_unreclaimable", opt_pages(m->have_lru, m->slab_unreclaimable, page));
	out_field(o, "shmem", opt_pages(m->have_lru, m->shmem, page));
	out_field(o, "pagetables", opt_pages(m->have_lru, m->pagetables, page));
	zones(o, m);
	out_end(o);
}

/* ------------------------------------------------------------------ the table and the dead */

static void task(struct out *o, const struct told_event *t, size_t i)
{
	const struct oom_row *r = &t->e->rows[i];
	uint32_t page = t->page_size, have = r->have;
	bool judged = t->have_why && t->why.badness && t->why.badness[i] != INT64_MIN;

	out_object(o, NULL);
	out_field(o, "pid", cell_int(r->pid));
	out_field(o, "tgid", opt_int(have & OOM_HAVE_TGID, r->tgid));
	out_field(o, "uid", opt_int(have & OOM_HAVE_UID, r->uid));
	out_field(o, "comm", cell_str(r->comm));
	out_field(o, "total_vm", opt_pages(have & OOM_HAVE_TOTAL_VM, r->total_vm, page));
	out_field(o, "rss", opt_pages(have & OOM_HAVE_RSS, r->rss, page));
	out_field(o, "rss_anon", opt_pages(have & OOM_HAVE_ANON, r->rss_anon, page));
	out_field(o, "rss_file", opt_pages(have & OOM_HAVE_FILE, r->rss_file, page));
	out_field(o, "rss_shmem", opt_pages(have & OOM_HAVE_SHMEM, r->rss_shmem, page));
	if (have & OOM_HAVE_PGTABLES)
		out_field(o, "pgtables", cell_bytes(r->pgtables_bytes));
	else
		out_field(o, "pgtables",
			  opt_pages(have & OOM_HAVE_PTES, r->nr_ptes + r->nr_pmds, page));
	out_field(o, "swap", opt_pages(have & OOM_HAVE_SWAP, r->swap, page));
	out_field(o, "oom_score_adj", opt_int(have & OOM_HAVE_ADJ, r->oom_score_adj));
	if (have & OOM_HAVE_OOM_ADJ)
		out_field(o, "oom_adj", cell_int(r->oom_adj));
	out_field(o, "badness", judged ? cell_int(t->why.badness[i]) : cell_null());
	out_end(o);
}

static void tasks(struct out *o, const struct told_event *t)
{
	out_array(o, "tasks");
	for (size_t i = 0; i < t->e->n_rows; i++)
		task(o, t, i);
	out_end(o);
}

static void killed_one(struct out *o, const struct oom_kill *k)
{
	struct cgroup_meaning names = { 0 };
	struct arena arena = { 0 };
	uint32_t have = k->have;

	if (k->task_memcg)
		cgroupfs_meaning(k->task_memcg, &arena, &names);
	out_object(o, NULL);
	out_field(o, "pid", opt_int(have & OOM_HAVE_PID, k->pid));
	out_field(o, "comm", cell_str(k->comm));
	out_field(o, "uid", opt_int(have & OOM_HAVE_UID, k->uid));
	out_field(o, "total_vm", opt_kib(have & OOM_HAVE_TOTAL_VM, k->total_vm_kib));
	out_field(o, "anon_rss", opt_kib(have & OOM_HAVE_ANON, k->anon_kib));
	out_field(o, "file_rss", opt_kib(have & OOM_HAVE_FILE, k->file_kib));
	out_field(o, "shmem_rss", opt_kib(have & OOM_HAVE_SHMEM, k->shmem_kib));
	out_field(o, "pgtables", opt_kib(have & OOM_HAVE_PGTABLES, k->pgtables_kib));
	out_field(o, "oom_score_adj", opt_int(have & OOM_HAVE_ADJ, k->oom_score_adj));
	out_field(o, "score", opt_int(have & OOM_HAVE_SCORE, k->score));
	out_field(o, "task_memcg", cell_str(k->task_memcg));
	out_field(o, "container", cell_str(names.container));
	out_field(o, "runtime", cell_str(names.runtime));
	out_field(o, "pod", cell_str(names.pod));
	out_field(o, "unit", cell_str(names.unit));
	out_field(o, "group", cell_bool(k->group));
	out_field(o, "from_oom_kill_record", cell_bool(k->from_record));
	out_end(o);
	arena_free(&arena);
}

static void victims(struct out *o, const char *key, const struct oom_list *l)
{
	out_array(o, key);
	for (size_t i = 0; i < l->n; i++) {
		out_object(o, NULL);
		out_field(o, "pid", cell_int(l->v[i].pid));
		out_field(o, "comm", cell_str(l->v[i].comm));
		out_end(o);
	}
	out_end(o);
}

static void selected(struct out *o, const struct oom_event *e)
{
	if (!e->have_selected) {
		out_field(o, "selected", cell_null());
		return;
	}
	out_object(o, "selected");
	out_field(o, "pid", cell_int(e->selected.pid));
	out_field(o, "comm", cell_str(e->selected.comm));
	out_field(o, "score", opt_int(e->selected.have & OOM_HAVE_SCORE, e->selected.score));
	out_end(o);
}

/* ------------------------------------------------------------------ why */

static void why(struct out *o, const struct told_event *t)
{
	const struct rejudge *w = &t->why;

	if (!t->have_why) {
		out_field(o, "why", cell_null());
		return;
	}
	out_object(o, "why");
	out_field(o, "recomputed_pid",
		  opt_int(w->pick,
			  w->pick ? (w->pick->have & OOM_HAVE_TGID ? w->pick->tgid : w->pick->pid)
				  : 0));
	out_field(o, "recomputed_comm", cell_str(w->pick ? w->pick->comm : NULL));
	out_field(o, "recomputed_badness", opt_int(w->have_pick, w->pick_badness));
	out_field(o, "killed_badness", opt_int(w->killed && w->have_pick, w->killed_badness));
	out_field(o, "era", cell_str(w->era ? w->era->name : NULL));
	out_field(o, "era_certain", cell_bool(w->era && !w->era_guessed));
	out_field(o, "total_pages",
		  w->have_total && w->total_pages == w->total_pages_high ? cell_uint(w->total_pages)
									 : cell_null());
	out_field(o, "agrees", w->agrees < 0 ? cell_null() : cell_bool(w->agrees));
	out_array(o, "undetermined");
	for (size_t i = 0; i < w->n_undetermined; i++)
		out_field(o, NULL, cell_str(w->undetermined[i]));
	out_end(o);
	out_field(o, "reason", cell_str(w->reason));
	out_object(o, "saved_by");
	out_field(o, "oom_score_adj", opt_int(w->have_saving_adj, w->saving_adj));
	out_field(o, "less_memory", opt_pages(w->have_saving_pages, w->saving_pages, t->page_size));
	out_field(o, "next_pid", opt_int(w->next != NULL, w->next ? w->next->pid : 0));
	out_end(o);
	out_end(o);
}

void parse_log_json(const struct parse_log *c, struct out *o, const struct told_event *t)
{
	const struct oom_event *e = t->e;

	out_field(o, "input", cell_str(c->input));
	times(o, e);
	missing(o, e);
	out_field(o, "killer", cell_str(oomlog_killer_name(e->killer)));
	out_field(o, "host", cell_str(e->host));
	out_field(o, "kernel", cell_str(e->kernel));
	invoker(o, e);
	out_field(o, "constraint", cell_str(badness_constraint_name(e->constraint)));
	out_field(o, "constraint_certain", cell_bool(e->constraint_certain));
	out_field(o, "constraint_printed", cell_str(e->constraint_raw));
	out_field(o, "sysrq", cell_bool(e->sysrq));
	out_field(o, "allocating_task", cell_bool(e->allocating_task));
	out_field(o, "oom_memcg", cell_str(e->oom_memcg));
	out_field(o, "oom_group", cell_str(e->group));
	out_field(o, "cpuset", cell_str(e->cpuset));
	out_field(o, "mems_allowed", cell_str(e->mems_allowed));
	out_field(o, "nodemask", cell_str(e->nodemask));
	usage(o, "memory", &e->memory);
	usage(o, "swap", &e->swap);
	usage(o, "memory_swap", &e->memsw);
	usage(o, "kmem", &e->kmem);
	out_field(o, "page_size", cell_uint(t->page_size));
	mem_info(o, e, t->page_size);
	tasks(o, t);
	selected(o, e);
	out_array(o, "killed");
	for (size_t i = 0; i < e->n_kills; i++)
		killed_one(o, &e->kills[i]);
	out_end(o);
	victims(o, "reaped", &e->reaped);
	victims(o, "unreaped", &e->unreaped);
	victims(o, "sharing", &e->sharing);
	out_field(o, "outcome", cell_str(oomlog_outcome_name(e->outcome)));
	out_field(o, "panic", cell_bool(e->panic));
	out_field(o, "suppressed", cell_bool(e->suppressed));
	out_field(o, "reason", cell_str(e->pressure));
	why(o, t);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does one event look on the page? Who died and why in words, the circumstances, who had the
 * memory as bars, and the table of tasks, the largest first. Bars are plain boxes, so that they
 * stay legible on a narrow screen; what colour says, a word says, too.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "kver.h"
#include "oomwords.h"
#include "parse-log-html.h"

enum { BARS = 12, BARS_MOST = 24, KILLS_SHOWN = 12 };

struct section {
	const struct out_page *h;
	const struct told_event *t;
	const struct oom_event *e;
	const struct oom_row **rows; /* the largest first */
};

static const char *human(uint64_t n, uint64_t unit, char *buf, size_t size)
{
	return out_human(n > UINT64_MAX / unit ? UINT64_MAX : n * unit, false, buf, size);
}

static const char *pages(const struct section *s, uint64_t n, char *buf, size_t size)
{
	return human(n, s->t->page_size, buf, size);
}

/* ------------------------------------------------------------------ the heading */

static void no_kill(const struct out_page *h, const struct oom_event *e)
{
	if (e->panic) {
		out_page_put(h, "The kernel panicked");
	} else if (e->no_killable) {
		out_page_put(h, "No process could be killed");
	} else if (e->outcome == OOM_OUTCOME_EXITING) {
		out_page_put(h, "The chosen process was exiting already");
	} else if (e->have_selected) {
		out_page_put(h, "<strong>");
		out_page_text(h, e->selected.comm);
		out_page_say(h, "</strong> <span class=\"pid\">%d</span> was chosen; the log holds "
				"no kill",
			     (int)e->selected.pid);
	} else {
		out_page_put(h, "The log holds no kill");
	}
}

void html_outcome(const struct out_page *h, const struct oom_event *e)
{
	const struct oom_kill *k = e->kills;

	if (e->n_kills == 0) {
		no_kill(h, e);
		return;
	}
	if (!k->comm && !(k->have & OOM_HAVE_PID)) {
		out_page_put(h, "A cgroup was killed");
		return;
	}
	out_page_put(h, "<strong>");
	out_page_text(h, k->comm);
	out_page_put(h, "</strong>");
	if (k->have & OOM_HAVE_PID)
		out_page_say(h, " <span class=\"pid\">%d</span>", (int)k->pid);
	if (e->n_kills > 1)
		out_page_say(h, " and %zu more were killed", e->n_kills - 1);
	else
		out_page_put(h, " was killed");
}

static void when_and_where(const struct section *s)
{
	const struct logtext *first = &s->e->first;
	char time[64];
	const char *when = parse_log_time(first, time, sizeof(time));

	out_page_put(s->h, "<p class=\"when\">");
	if (when) {
		out_page_put(s->h, "<time>");
		out_page_text(s->h, when);
		out_page_put(s->h,
			     first->time_certain ? "</time>" : "</time> (zone or year assumed)");
	}
	if (first->have_uptime)
		out_page_say(s->h, "%s%" PRIu64 ".%06" PRIu64 " s after boot", when ? ", " : "",
			     first->uptime_usec / 1000000, first->uptime_usec % 1000000);
	if (!when && !first->have_uptime)
		out_page_put(s->h, "No time is told");
	if (s->e->host) {
		out_page_put(s->h, ", on ");
		out_page_text(s->h, s->e->host);
	}
	out_page_say(s->h, ", lines %" PRIu64 " to %" PRIu64 "</p>\n", s->e->first_line,
		     s->e->last_line);
}

/* "swap_total" as words. */
static const char *spoken(const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s", name);
	for (char *p = buf; *p; p++)
		if (*p == '_')
			*p = ' ';
	return buf;
}

static void badge(const struct section *s, const char *class, const char *words)
{
	out_page_say(s->h, "<li class=\"%s\">", class);
	out_page_text(s->h, words);
	out_page_put(s->h, "</li>\n");
}

static void badges(const struct section *s)
{
	const struct rejudge *w = &s->t->why;
	const char *names[16];
	size_t n = oomlog_missing(s->e, names, ARRAY_SIZE(names));
	char kind[128], name[64], line[256] = "Missing: ";

	out_page_put(s->h, "<ul class=\"badges\">\n");
	badge(s, "kind", oomwords_kind(s->e, kind, sizeof(kind)));
	if (s->e->sysrq)
		badge(s, "kind", "asked for by sysrq");
	if (s->t->have_why && s->e->n_kills)
		badge(s,
		      w->agrees > 0    ? "good"
		      : w->agrees == 0 ? "bad"
				       : "open",
		      w->agrees > 0    ? "the rule picks the same process"
		      : w->agrees == 0 ? "the rule picks another process"
				       : "what decides is not in the log");
	for (size_t i = 0, at = strlen(line); i < n && at < sizeof(line); i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%s%s", i ? ", " : "",
				       spoken(names[i], name, sizeof(name)));
	if (n)
		badge(s, "open", line);
	out_page_put(s->h, "</ul>\n");
}

/* ------------------------------------------------------------------ the reasoning */

static void asked_in_words(const struct section *s, const char *gfp)
{
	char what[128];

	if (!s->e->invoker)
		return;
	out_page_put(s->h, "<strong>");
	out_page_text(s->h, s->e->invoker);
	out_page_put(s->h, "</strong> asked for ");
	out_page_text(s->h, oomwords_request(s->e, gfp, s->t->page_size, what, sizeof(what)));
	out_page_put(s->h, ". ");
}

static void judged_in_words(const struct section *s)
{
	const struct rejudge *w = &s->t->why;
	char size[32], name[64];

	if (!s->t->have_why)
		return;
	/* Without a table, the reason says it all. */
	if (w->n_undetermined && s->e->n_rows) {
		out_page_put(s->h, "The log does not tell ");
		for (size_t i = 0; i < w->n_undetermined; i++) {
			out_page_put(s->h, !i ? "" : i + 1 < w->n_undetermined ? ", " : " and ");
			out_page_text(s->h, spoken(w->undetermined[i], name, sizeof(name)));
		}
		out_page_put(s->h, ". ");
	}
	out_page_text(s->h, w->reason);
	if (!w->have_saving_adj)
		return;
	out_page_say(s->h, " It would have been spared with an oom_score_adj of %d", w->saving_adj);
	if (w->have_saving_pages)
		out_page_say(s->h, ", or with %s less",
			     pages(s, w->saving_pages, size, sizeof(size)));
	out_page_put(s->h, ".");
}

static void reasoning(const struct section *s)
{
	char names[512], short_of[256];
	struct kver v;
	bool told = s->e->kernel && kver_parse(s->e->kernel, &v) == 0;
	const char *gfp = oomwords_gfp(s->e, told ? &v : NULL, names, sizeof(names));
	const char *shortage = oomwords_shortage(s->e, s->t->page_size, short_of, sizeof(short_of));

	out_page_put(s->h, "<p class=\"why\">");
	asked_in_words(s, gfp);
	if (shortage) {
		out_page_put(s->h, "By the watermarks: ");
		out_page_text(s->h, shortage);
		out_page_put(s->h, ". ");
	}
	judged_in_words(s);
	if (s->e->pressure)
		out_page_text(s->h, s->e->pressure);
	out_page_put(s->h, "</p>\n");
}

/* ------------------------------------------------------------------ the circumstances */

static void item(const struct section *s, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	out_page_say(s->h, "<dt>%s</dt><dd>", name);
	out_page_text(s->h, value);
	out_page_put(s->h, "</dd>\n");
}

static void one_kill(const struct section *s, const struct oom_kill *k, const char *name)
{
	char line[400], size[32], vm[32], pid[16] = "", part[4][48] = { "", "", "", "" };
	uint64_t rss;

	if (k->have & OOM_HAVE_PID)
		snprintf(pid, sizeof(pid), "%d ", (int)k->pid);
	if (k->have & OOM_HAVE_UID)
		snprintf(part[0], sizeof(part[0]), ", uid %" PRId32, (int32_t)k->uid);
	if (k->have & OOM_HAVE_ADJ)
		snprintf(part[1], sizeof(part[1]), ", oom_score_adj %" PRId32, k->oom_score_adj);
	if (k->have & OOM_HAVE_SCORE)
		snprintf(part[2], sizeof(part[2]), ", score %" PRId64, k->score);
	if (parse_log_kill_rss(k, &rss))
		snprintf(part[3], sizeof(part[3]), ": %s resident",
			 human(rss, 1024, size, sizeof(size)));
	snprintf(line, sizeof(line), "%s%.64s%s%s%s%s%s%s", pid, k->comm ? k->comm : "", part[3],
		 k->have & OOM_HAVE_TOTAL_VM ? " of " : "",
		 k->have & OOM_HAVE_TOTAL_VM ? human(k->total_vm_kib, 1024, vm, sizeof(vm)) : "",
		 part[0], part[1], part[2]);
	item(s, name, line);
}

static void owner(const struct section *s, const char *path)
{
	struct cgroup_meaning m = { 0 };
	struct arena arena = { 0 };
	char line[400];

	if (!path)
		return;
	item(s, "In cgroup", path);
	if (cgroupfs_meaning(path, &arena, &m) == 0) {
		item(s, "Unit", m.unit);
		item(s, "Pod", m.pod);
		if (m.container) {
			snprintf(line, sizeof(line), "%.300s%s%s", m.container,
				 m.runtime ? " of " : "", m.runtime ? m.runtime : "");
			item(s, "Container", line);
		}
	}
	arena_free(&arena);
}

static void usage(const struct section *s, const char *name, const struct oom_usage *u)
{
	char line[160], a[32], b[32];
	bool limited = u->limit_kib < UINT64_C(1) << 52;

	if (!u->have)
		return;
	snprintf(line, sizeof(line), "%s of %s, hit %" PRIu64 " times",
		 human(u->usage_kib, 1024, a, sizeof(a)),
		 limited ? human(u->limit_kib, 1024, b, sizeof(b)) : "no limit", u->failcnt);
	item(s, name, line);
}

static void machine(const struct section *s)
{
	const struct oom_meminfo *m = &s->e->mem;
	char line[160], a[32];

	if (m->have_ram)
		item(s, "RAM",
		     pages(s,
			   m->ram_pages > m->reserved_pages ? m->ram_pages - m->reserved_pages : 0,
			   a, sizeof(a)));
	if (m->have_swap_total) {
		char b[32];

		snprintf(line, sizeof(line), "%s%s%s%s",
			 human(m->swap_total_kib, 1024, a, sizeof(a)),
			 m->have_swap_free ? ", " : "",
			 m->have_swap_free ? human(m->swap_free_kib, 1024, b, sizeof(b)) : "",
			 m->have_swap_free ? " free" : "");
		item(s, "Swap", line);
	}
}

static void circumstances(const struct section *s)
{
	const struct oom_event *e = s->e;
	char names[512], more[48];
	struct kver v;
	bool told = e->kernel && kver_parse(e->kernel, &v) == 0;

	out_page_put(s->h, "<dl>\n");
	for (size_t i = 0; i < e->n_kills && i < KILLS_SHOWN; i++)
		one_kill(s, &e->kills[i], i ? "and" : "Killed");
	if (e->n_kills > KILLS_SHOWN) {
		snprintf(more, sizeof(more), "%zu more", e->n_kills - KILLS_SHOWN);
		item(s, "and", more);
	}
	if (e->n_kills)
		owner(s, e->kills[0].task_memcg);
	if (e->killer != OOM_KILLER_KERNEL)
		item(s, "By", oomlog_killer_name(e->killer));
	item(s, "Whole group", e->group);
	item(s, "Limit of", e->oom_memcg);
	usage(s, "Memory", &e->memory);
	usage(s, "Swap", &e->swap);
	usage(s, "With swap", &e->memsw);
	usage(s, "Kernel memory", &e->kmem);
	machine(s);
	item(s, "Kernel", e->kernel);
	item(s, "Request", oomwords_gfp(e, told ? &v : NULL, names, sizeof(names)));
	out_page_put(s->h, "</dl>\n");
}

/* ------------------------------------------------------------------ bars */

static bool is_killed(const struct oom_event *e, const struct oom_row *r)
{
	for (size_t i = 0; i < e->n_kills && i < 64; i++)
		if (e->kills[i].have & OOM_HAVE_PID &&
		    (e->kills[i].pid == r->pid ||
		     (r->have & OOM_HAVE_TGID && e->kills[i].pid == r->tgid)))
			return true;
	return false;
}

static uint64_t swap_of(const struct oom_row *r)
{
	return r->have & OOM_HAVE_SWAP ? r->swap : 0;
}

static double share(uint64_t n, uint64_t most)
{
	return most ? (double)n * 100 / (double)most : 0;
}

/* A name, its bar of two parts, the size in words; the name's end is the caller's. */
static void bar(const struct section *s, uint64_t solid, uint64_t pale, uint64_t most,
		const char *class)
{
	char a[32], b[32];

	out_page_say(s->h,
		     "</span><span class=\"track\"><i class=\"%s\" style=\"width:%.2f%%\"></i>"
		     "<i class=\"pale\" style=\"width:%.2f%%\"></i></span><span>%s",
		     class, share(solid, most), share(pale, most), pages(s, solid, a, sizeof(a)));
	if (pale)
		out_page_say(s->h, " + %s swap", pages(s, pale, b, sizeof(b)));
	out_page_put(s->h, "</span></li>\n");
}

static void one_process(const struct section *s, const struct oom_row *r, uint64_t most)
{
	bool hit = is_killed(s->e, r);

	out_page_say(s->h, "<li%s><span class=\"name\">%s%d ", hit ? " class=\"hit\"" : "",
		     hit ? "&#10005; " : "", (int)r->pid);
	out_page_text(s->h, r->comm);
	bar(s, r->rss, swap_of(r), most, "solid");
}

/* Memory by process at the moment of the event; a victim that is not among the largest, too. */
static void processes(const struct section *s)
{
	size_t n = s->e->n_rows, shown = 0;
	uint64_t most = 0, rest_rss = 0, rest_swap = 0;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++)
		if (s->rows[i]->rss + swap_of(s->rows[i]) > most)
			most = s->rows[i]->rss + swap_of(s->rows[i]);
	out_page_put(s->h, "<h3>Memory by process at that moment</h3>\n<ol class=\"bars\">\n");
	for (size_t i = 0; i < n; i++) {
		const struct oom_row *r = s->rows[i];

		if (i < BARS || (is_killed(s->e, r) && shown < BARS_MOST)) {
			one_process(s, r, most);
			shown++;
		} else {
			rest_rss += r->rss;
			rest_swap += swap_of(r);
		}
	}
	if (n > shown) {
		uint64_t all = rest_rss + rest_swap > most ? rest_rss + rest_swap : most;

		out_page_say(s->h, "<li class=\"rest\"><span class=\"name\">%zu others", n - shown);
		bar(s, rest_rss, rest_swap, all, "solid");
	}
	out_page_put(s->h, "</ol>\n");
}

/* What the machine's memory was, where the report has its lists. */
static void kinds(const struct section *s)
{
	const struct oom_meminfo *m = &s->e->mem;
	const struct {
		const char *name;
		uint64_t pages;
	} k[] = {
		{ "Anonymous", m->active_anon + m->inactive_anon },
		{ "Page cache", m->active_file + m->inactive_file },
		{ "Locked", m->unevictable },
		{ "Slab, unreclaimable", m->slab_unreclaimable },
		{ "Slab, reclaimable", m->slab_reclaimable },
		{ "Page tables", m->pagetables },
	};
	uint64_t most = 0;

	if (!m->have_lru)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(k); i++)
		most = k[i].pages > most ? k[i].pages : most;
	out_page_put(s->h, "<h3>What the machine's memory held</h3>\n<ul class=\"bars\">\n");
	for (size_t i = 0; i < ARRAY_SIZE(k); i++) {
		out_page_say(s->h, "<li><span class=\"name\">%s", k[i].name);
		bar(s, k[i].pages, 0, most, "other");
	}
	out_page_put(s->h, "</ul>\n");
}

/* ------------------------------------------------------------------ the table */

static void number(const struct section *s, bool have, int64_t v, const char *shown)
{
	if (have)
		out_page_say(s->h, "<td data-v=\"%lld\">%s</td>", (long long)v, shown);
	else
		out_page_put(s->h, "<td data-v=\"\">-</td>");
}

static void plain_number(const struct section *s, bool have, int64_t v)
{
	char shown[32];

	snprintf(shown, sizeof(shown), "%lld", (long long)v);
	number(s, have, v, shown);
}

static void size_cell(const struct section *s, bool have, uint64_t n_pages)
{
	char a[32];

	number(s, have, (int64_t)n_pages, have ? pages(s, n_pages, a, sizeof(a)) : "");
}

static void row(const struct section *s, const struct oom_row *r)
{
	const struct rejudge *w = &s->t->why;
	size_t at = (size_t)(r - s->e->rows);
	bool judged = s->t->have_why && w->badness && w->badness[at] != INT64_MIN;
	bool hit = is_killed(s->e, r);
	char a[32];

	out_page_put(s->h, hit ? "<tr class=\"victim\">" : "<tr>");
	plain_number(s, true, r->pid);
	plain_number(s, r->have & OOM_HAVE_UID, (int64_t)r->uid);
	size_cell(s, r->have & OOM_HAVE_TOTAL_VM, r->total_vm);
	size_cell(s, r->have & OOM_HAVE_RSS, r->rss);
	if (r->have & OOM_HAVE_PGTABLES)
		number(s, true, (int64_t)r->pgtables_bytes,
		       human(r->pgtables_bytes, 1, a, sizeof(a)));
	else
		number(s, r->have & OOM_HAVE_PTES,
		       (int64_t)((r->nr_ptes + r->nr_pmds) * s->t->page_size),
		       pages(s, r->nr_ptes + r->nr_pmds, a, sizeof(a)));
	size_cell(s, r->have & OOM_HAVE_SWAP, r->swap);
	plain_number(s, r->have & OOM_HAVE_ADJ, r->oom_score_adj);
	plain_number(s, judged, judged ? w->badness[at] : 0);
	out_page_put(s->h, "<td>");
	out_page_text(s->h, r->comm);
	out_page_put(s->h, hit ? " <small>killed</small></td></tr>\n" : "</td></tr>\n");
}

static void table(const struct section *s)
{
	static const char *const names[] = { "PID",  "UID", "VM",      "RSS",    "Page tables",
					     "Swap", "Adj", "Badness", "Command" };

	if (!s->e->n_rows)
		return;
	out_page_say(s->h,
		     "<h3>%zu tasks</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		     "aria-label=\"Tasks\"><table class=\"tasks\"><thead><tr>",
		     s->e->n_rows);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		out_page_say(s->h, "<th scope=\"col\"%s><button type=\"button\">%s</button></th>",
			     strcmp(names[i], "RSS") == 0 ? " aria-sort=\"descending\"" : "",
			     names[i]);
	out_page_put(s->h, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < s->e->n_rows; i++)
		row(s, s->rows[i]);
	out_page_put(s->h, "</tbody></table></div>\n");
	if (s->e->n_rows_lost)
		out_page_say(s->h,
			     "<p class=\"when\">%zu rows beyond the bound are not kept.</p>\n",
			     s->e->n_rows_lost);
}

/* ------------------------------------------------------------------ all of it */

static int larger_first(const void *a, const void *b)
{
	const struct oom_row *const *x = a, *const *y = b;

	if ((*x)->rss != (*y)->rss)
		return (*x)->rss > (*y)->rss ? -1 : 1;
	return (*x > *y) - (*x < *y);
}

void html_event(const struct out_page *h, const struct told_event *t, size_t n)
{
	_cleanup_free_ const struct oom_row **rows =
		calloc(t->e->n_rows + 1, sizeof(const struct oom_row *));
	const struct section s = { h, t, t->e, rows };

	if (!rows) {
		out_page_put(h, "<p>Out of memory.</p>\n");
		return;
	}
	for (size_t i = 0; i < t->e->n_rows; i++)
		rows[i] = &t->e->rows[i];
	qsort(rows, t->e->n_rows, sizeof(const struct oom_row *), larger_first);
	out_page_say(h, "<section id=\"event-%zu\"><h2><a href=\"#event-%zu\">%zu</a> ", n, n, n);
	html_outcome(h, t->e);
	out_page_put(h, "</h2>\n");
	when_and_where(&s);
	badges(&s);
	reasoning(&s);
	circumstances(&s);
	processes(&s);
	kinds(&s);
	table(&s);
	out_page_put(h, "</section>\n");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does one event read on a terminal? The victim first, on one screen. */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "kver.h"
#include "oomwords.h"
#include "parse-log.h"

enum { USERS_SHOWN = 5, KILLS_SHOWN = 10 };

struct report {
	struct out *o;
	const struct parse_log *c;
	const struct told_event *t;
};

static const char *escaped(const char *s, char *buf, size_t size)
{
	return s ? out_escape(s, strlen(s), buf, size) : "?";
}

static const char *kib(const struct report *r, uint64_t n, char *buf, size_t size)
{
	return out_size(r->o, n > UINT64_MAX / 1024 ? UINT64_MAX : n * 1024, buf, size);
}

static const char *pages(const struct report *r, uint64_t n, char *buf, size_t size)
{
	uint32_t page = r->t->page_size;

	return out_size(r->o, n > UINT64_MAX / page ? UINT64_MAX : n * page, buf, size);
}

/* ------------------------------------------------------------------ the heading */

/* As far as the log tells it: perhaps without a year, as syslog writes it; NULL. */
static const char *time_told(const struct logtext *t, char *buf, size_t size)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const struct logtext_clock *c = &t->clock;

	if (t->have_time || c->month < 1 || c->month > 12)
		return parse_log_time(t, buf, size);
	snprintf(buf, size, "%.3s %2d %02d:%02d:%02d", months + (ptrdiff_t)(c->month - 1) * 3,
		 c->day % 100, c->hour % 100, c->minute % 100, c->second % 100);
	return buf;
}

static void heading(const struct report *r)
{
	const struct oom_event *e = r->t->e;
	char time[64], kind[128], host[160] = "", uptime[48] = "";
	const char *when = time_told(&e->first, time, sizeof(time));

	if (e->host) {
		host[0] = ' ';
		out_escape(e->host, strlen(e->host), host + 1, sizeof(host) - 1);
	}
	if (e->first.have_uptime)
		snprintf(uptime, sizeof(uptime), "%s%llu.%06llu s after boot", when ? ", " : "",
			 (unsigned long long)(e->first.uptime_usec / 1000000),
			 (unsigned long long)(e->first.uptime_usec % 1000000));
	out_text(r->o, "%s%s%s%s%s: %s%s (line %llu)\n", out_paint(r->o, PAINT_BOLD),
		 when ? when : "", uptime, !when && !uptime[0] ? "No time told" : "", host,
		 oomwords_kind(e, kind, sizeof(kind)), out_paint(r->o, PAINT_OFF),
		 (unsigned long long)e->first_line);
}

static void owner(const struct report *r, const char *path)
{
	struct cgroup_meaning m = { 0 };
	struct arena arena = { 0 };
	char a[300], b[300], c[300], d[400];

	if (!path)
		return;
	cgroupfs_meaning(path, &arena, &m);
	out_text(r->o, "           in %s\n", escaped(path, d, sizeof(d)));
	if (m.container || m.pod || m.unit)
		out_text(r->o, "           %s%s%s%s%s%s%s%s\n", m.unit ? "unit " : "",
			 m.unit ? escaped(m.unit, a, sizeof(a)) : "", m.pod ? " pod " : "",
			 m.pod ? escaped(m.pod, b, sizeof(b)) : "",
			 m.container ? " container " : "",
			 m.container ? escaped(m.container, c, sizeof(c)) : "",
			 m.runtime ? " of " : "", m.runtime ? m.runtime : "");
	arena_free(&arena);
}

static void one_kill(const struct report *r, const struct oom_kill *k, bool first)
{
	char comm[80], uid[32] = "", adj[32] = "", score[40] = "", rss[32], vm[32], mem[120] = "";
	char pid[32] = "";
	const char *name;
	uint64_t n;

	if (k->have & OOM_HAVE_PID)
		snprintf(pid, sizeof(pid), " %d", (int)k->pid);
	if (k->have & OOM_HAVE_UID)
		snprintf(uid, sizeof(uid), ", uid %lld", (long long)(int32_t)k->uid);
	if (k->have & OOM_HAVE_ADJ)
		snprintf(adj, sizeof(adj), ", oom_score_adj %d", (int)k->oom_score_adj);
	if (k->have & OOM_HAVE_SCORE)
		snprintf(score, sizeof(score), ", score %lld", (long long)k->score);
	if (parse_log_kill_rss(k, &n))
		snprintf(mem, sizeof(mem), ": %s resident%s%s", kib(r, n, rss, sizeof(rss)),
			 k->have & OOM_HAVE_TOTAL_VM ? " of " : "",
			 k->have & OOM_HAVE_TOTAL_VM ? kib(r, k->total_vm_kib, vm, sizeof(vm))
						     : "");
	name = !k->comm && !(k->have & OOM_HAVE_PID) ? "a cgroup"
						     : escaped(k->comm, comm, sizeof(comm));
	out_text(r->o, "  %s%s%s%s %s%s%s%s%s%s\n", first ? "killed  " : "        ",
		 out_paint(r->o, PAINT_RED), pid, out_paint(r->o, PAINT_OFF), name, mem, uid, adj,
		 score, k->cut ? ", the line is cut" : "");
}

/* Who was to die, where that is not who did. */
static void chosen(const struct report *r)
{
	const struct oom_event *e = r->t->e;
	const struct oom_kill *k = &e->selected;
	char comm[80], score[40] = "";

	if (k->have & OOM_HAVE_SCORE)
		snprintf(score, sizeof(score), ", score %lld", (long long)k->score);
	out_text(r->o, "  chosen   %d %s%s: %s\n", (int)k->pid,
		 escaped(k->comm, comm, sizeof(comm)), score,
		 e->n_kills ? "a child died in its place" : "no line tells of its end");
}

/* Where nothing else names who was killed, whoever was reaped is named. */
static void reaper(const struct report *r)
{
	const struct oom_event *e = r->t->e;
	const char *some = e->unreaped.n ? ", and some could not be" : "";
	char comm[80];

	if (e->n_kills || !e->reaped.n) {
		if (e->reaped.n || e->unreaped.n)
			out_text(r->o, "  reaper   %zu reaped%s\n", e->reaped.n, some);
		return;
	}
	for (size_t i = 0; i < e->reaped.n && i < KILLS_SHOWN; i++)
		out_text(r->o, "  %s %d %s was reaped%s\n", i ? "        " : "reaper  ",
			 (int)e->reaped.v[i].pid,
			 escaped(e->reaped.v[i].comm, comm, sizeof(comm)),
			 i + 1 == e->reaped.n ? some : "");
	if (e->reaped.n > KILLS_SHOWN)
		out_text(r->o, "           and %zu more%s\n", e->reaped.n - KILLS_SHOWN, some);
}

static void killed(const struct report *r)
{
	const struct oom_event *e = r->t->e;
	char buf[400];

	for (size_t i = 0; i < e->n_kills && i < KILLS_SHOWN; i++)
		one_kill(r, &e->kills[i], i == 0);
	if (e->n_kills > KILLS_SHOWN)
		out_text(r->o, "           and %zu more\n", e->n_kills - KILLS_SHOWN);
	if (e->n_kills)
		owner(r, e->kills[0].task_memcg);
	else
		out_text(r->o, "  outcome  %s\n",
			 e->panic         ? "panic"
			 : e->no_killable ? "there was no process that could be killed"
					  : oomlog_outcome_name(e->outcome));
	if (e->have_selected && (!e->n_kills || e->selected.pid != e->kills[0].pid))
		chosen(r);
	if (e->group)
		out_text(r->o, "  group    all of %s: memory.oom.group is set\n",
			 escaped(e->group, buf, sizeof(buf)));
	if (e->pressure)
		out_text(r->o, "  reason   %s\n", escaped(e->pressure, buf, sizeof(buf)));
	reaper(r);
}

/* ------------------------------------------------------------------ the circumstances */

static void asked(const struct report *r)
{
	const struct oom_event *e = r->t->e;
	char names[512], shown[600], what[128], comm[80], kernel[160];
	struct kver v;
	bool told = e->kernel && kver_parse(e->kernel, &v) == 0;
	const char *gfp = oomwords_gfp(e, told ? &v : NULL, names, sizeof(names));

	if (e->kernel)
		out_text(r->o, "  kernel   %s\n", escaped(e->kernel, kernel, sizeof(kernel)));
	if (!(e->seen & OOM_SEEN_HEADER))
		return;
	out_text(r->o, "  asked    %s, for %s\n", escaped(e->invoker, comm, sizeof(comm)),
		 oomwords_request(e, gfp, r->t->page_size, what, sizeof(what)));
	if (gfp && *gfp)
		out_text(r->o, "           %s\n", escaped(gfp, shown, sizeof(shown)));
}

static void limit_line(const struct report *r, const char *label, const struct oom_usage *u)
{
	char a[32], b[32];
	bool limited = u->limit_kib < UINT64_C(1) << 52;

	if (u->have)
		out_text(r->o, "           %s %s of %s, hit %llu times\n", label,
			 kib(r, u->usage_kib, a, sizeof(a)),
			 limited ? kib(r, u->limit_kib, b, sizeof(b)) : "no limit",
			 (unsigned long long)u->failcnt);
}

static void memory(const struct report *r)
{
	const struct oom_event *e = r->t->e;
	const struct oom_meminfo *m = &e->mem;
	char path[400], a[32], b[32], c[32], text[256];

	if (e->oom_memcg)
		out_text(r->o, "  limit    of %s\n", escaped(e->oom_memcg, path, sizeof(path)));
	limit_line(r, "memory", &e->memory);
	limit_line(r, "swap", &e->swap);
	limit_line(r, "memory+swap", &e->memsw);
	if (m->have_ram)
		out_text(r->o, "  memory   %s of RAM%s%s%s%s%s\n",
			 pages(r,
			       m->ram_pages > m->reserved_pages ? m->ram_pages - m->reserved_pages
								: 0,
			       a, sizeof(a)),
			 m->have_swap_total ? ", swap " : "",
			 m->have_swap_total ? kib(r, m->swap_total_kib, b, sizeof(b)) : "",
			 m->have_swap_free ? " with " : "",
			 m->have_swap_free ? kib(r, m->swap_free_kib, c, sizeof(c)) : "",
			 m->have_swap_free ? " free" : "");
	if (oomwords_shortage(e, r->t->page_size, text, sizeof(text)))
		out_text(r->o, "           %s\n", escaped(text, path, sizeof(path)));
}

static void users(const struct report *r)
{
	struct oom_user u[USERS_SHOWN];
	size_t all;
	ssize_t n = oomwords_users(r->t->e, u, USERS_SHOWN, &all);

	for (ssize_t i = 0; i < n; i++) {
		char comm[80], size[32], swap[32];

		out_text(r->o, "  %s %7s %s%s%s%s", i == 0 ? "used by " : "        ",
			 pages(r, u[i].rss_pages, size, sizeof(size)),
			 escaped(u[i].comm, comm, sizeof(comm)), u[i].swap_pages ? ", swap " : "",
			 u[i].swap_pages ? pages(r, u[i].swap_pages, swap, sizeof(swap)) : "",
			 u[i].processes > 1 ? "" : "\n");
		if (u[i].processes > 1)
			out_text(r->o, ", %zu processes\n", u[i].processes);
	}
	if (all > USERS_SHOWN)
		out_text(r->o, "           and %zu other names\n", all - USERS_SHOWN);
}

static void judgement(const struct report *r)
{
	const struct rejudge *w = &r->t->why;
	char text[800], size[32];

	if (!r->c->why || !r->t->have_why)
		return;
	out_text(r->o, "  why      %s%s%s", out_paint(r->o, PAINT_BOLD),
		 w->agrees > 0    ? "The rule picks the same process."
		 : w->agrees == 0 ? "The rule picks another process."
				  : "What decides is not in the log:",
		 out_paint(r->o, PAINT_OFF));
	for (size_t i = 0; i < w->n_undetermined; i++)
		out_text(r->o, "%s %s", i ? "," : "", w->undetermined[i]);
	out_text(r->o, "\n           %s\n", escaped(w->reason, text, sizeof(text)));
	if (w->have_saving_adj)
		out_text(r->o, "           It would have been spared with oom_score_adj %d",
			 w->saving_adj);
	if (w->have_saving_adj && w->have_saving_pages)
		out_text(r->o, ", or with %s less", pages(r, w->saving_pages, size, sizeof(size)));
	if (w->have_saving_adj)
		out_text(r->o, ".\n");
}

static void lacking(const struct report *r)
{
	const char *names[16];
	size_t n = oomlog_missing(r->t->e, names, ARRAY_SIZE(names));

	if (!n)
		return;
	out_text(r->o, "  %smissing ", out_paint(r->o, PAINT_YELLOW));
	for (size_t i = 0; i < n; i++)
		out_text(r->o, "%s %s", i ? "," : "", names[i]);
	out_text(r->o, "%s\n", out_paint(r->o, PAINT_OFF));
}

/* ------------------------------------------------------------------ the table */

static void table(const struct report *r)
{
	const struct oom_event *e = r->t->e;

	if (!r->c->tasks || !e->n_rows)
		return;
	out_text(r->o, "  %7s %7s %8s %8s %8s %7s %10s %s\n", "PID", "UID", "VM", "RSS", "SWAP",
		 "ADJ", "BADNESS", "COMMAND");
	for (size_t i = 0; i < e->n_rows; i++) {
		const struct oom_row *x = &e->rows[i];
		bool judged =
			r->t->have_why && r->t->why.badness && r->t->why.badness[i] != INT64_MIN;
		bool victim = false;
		char vm[32], rss[32], swap[32], comm[80], points[32] = "-", adj[16] = "-";

		for (size_t k = 0; k < e->n_kills && k < KILLS_SHOWN; k++)
			victim |= e->kills[k].pid == x->pid || e->kills[k].pid == x->tgid;
		if (judged)
			snprintf(points, sizeof(points), "%lld", (long long)r->t->why.badness[i]);
		if (x->have & OOM_HAVE_ADJ)
			snprintf(adj, sizeof(adj), "%d", (int)x->oom_score_adj);
		out_text(r->o, "%s%s %7d %7u %8s %8s %8s %7s %10s %s%s\n",
			 out_paint(r->o, victim ? PAINT_RED : PAINT_OFF), victim ? ">" : " ",
			 (int)x->pid, (unsigned)x->uid, pages(r, x->total_vm, vm, sizeof(vm)),
			 pages(r, x->rss, rss, sizeof(rss)),
			 x->have & OOM_HAVE_SWAP ? pages(r, x->swap, swap, sizeof(swap)) : "-", adj,
			 points, escaped(x->comm, comm, sizeof(comm)), out_paint(r->o, PAINT_OFF));
	}
}

void parse_log_report(const struct parse_log *c, struct out *o, const struct told_event *t)
{
	const struct report r = { o, c, t };

	if (c->n_events > 1)
		out_text(o, "\n");
	heading(&r);
	killed(&r);
	asked(&r);
	memory(&r);
	users(&r);
	judgement(&r);
	lacking(&r);
	table(&r);
}

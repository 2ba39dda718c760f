/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do the events look as one page? Everything is in the page itself: the style, the charts as
 * SVG, a few lines of script that sort a table. It is written event by event.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "kver.h"
#include "oomwords.h"
#include "parse-log.h"

enum { BARS = 12, BAR_WIDTH = 420, TIMELINE_WIDTH = 900 };

struct dot {
	double at; /* seconds: the clock's, else since boot */
	bool clock;
	size_t event;
};

struct page {
	struct host_output *out;
	int error;
	size_t n;
	struct dot *moments;
	size_t n_moments, size;
};

/* What none of the events changes. */
static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n"
	"<title>OOM events</title>\n<style>\n"
	":root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--soft:#f3f5f7;--line:#d0d7de;"
	"--bar:#4878b0;--hit:#c0392b;--dim:#5c6670}\n"
	"@media (prefers-color-scheme:dark){:root{--fg:#e6e9ec;--bg:#14181c;--soft:#1e242a;"
	"--line:#3a434c;--bar:#6fa1d8;--hit:#ff7b6b;--dim:#9aa5af}}\n"
	"body{font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);"
	"display:flex;flex-direction:column;"
	"max-width:70rem;margin:0 auto;padding:1rem}\n"
	".time{order:-1}h1{order:-2;font-size:1.4rem}h2{font-size:1.1rem;margin:0 0 .5rem}\n"
	"section{border:1px solid var(--line);border-radius:8px;padding:1rem;margin:1rem 0}\n"
	"table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.15rem .6rem;text-align:right;border-bottom:1px solid var(--line)}\n"
	"th:last-child,td:last-child{text-align:left}\n"
	"th{background:var(--soft);position:sticky;top:0}\n"
	"th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible{outline:2px "
	"solid var(--bar)}\n"
	"th[aria-sort=ascending] button::after{content:' \\25B2'}"
	"th[aria-sort=descending] button::after{content:' \\25BC'}\n"
	".scroll{max-height:30rem;overflow:auto}.victim td{color:var(--hit);font-weight:600}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0 0 1rem}\n"
	"dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}\n"
	"svg{max-width:100%;height:auto}svg text{fill:var(--fg);font:12px system-ui,sans-serif}\n"
	".bar{fill:var(--bar)}.bar.hit,.dot{fill:var(--hit)}.axis{stroke:var(--line)}\n"
	"a{color:inherit}\n</style>\n</head>\n<body>\n<h1>OOM events</h1>\n";

static const char tail[] =
	"<script>\n"
	"for(const th of document.querySelectorAll('table.tasks th')){\n"
	" th.querySelector('button').addEventListener('click',()=>{\n"
	"  const table=th.closest('table'),body=table.tBodies[0],col=th.cellIndex;\n"
	"  const up=th.getAttribute('aria-sort')==='descending';\n"
	"  for(const o of table.querySelectorAll('th'))o.removeAttribute('aria-sort');\n"
	"  th.setAttribute('aria-sort',up?'ascending':'descending');\n"
	"  const key=r=>{const c=r.cells[col],v=c.dataset.v;return v===undefined?"
	"c.textContent:v===''?-Infinity:Number(v)};\n"
	"  const rows=[...body.rows].sort((a,b)=>{const x=key(a),y=key(b);\n"
	"   return (x<y?-1:x>y?1:0)*(up?1:-1)});\n"
	"  body.append(...rows);\n"
	" });\n"
	"}\n</script>\n</body>\n</html>\n";

/* ------------------------------------------------------------------ writing */

static void put(struct page *p, const char *s)
{
	if (!p->error)
		p->error = host_output_write(p->out, s, strlen(s));
}

static void say(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct page *p, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0) {
		text = NULL;
		p->error = -ENOMEM;
		return;
	}
	put(p, text);
}

static void text(struct page *p, const char *s)
{
	_cleanup_free_ char *safe = out_html(s ? s : "?", strlen(s ? s : "?"));

	if (!safe)
		p->error = -ENOMEM;
	else
		put(p, safe);
}

static void item(struct page *p, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	say(p, "<dt>%s</dt><dd>", name);
	text(p, value);
	put(p, "</dd>\n");
}

/* ------------------------------------------------------------------ one event */

static const char *human(uint64_t n, uint64_t unit, char *buf, size_t size)
{
	return out_human(n > UINT64_MAX / unit ? UINT64_MAX : n * unit, false, buf, size);
}

static void kills(struct page *p, const struct oom_event *e)
{
	for (size_t i = 0; i < e->n_kills; i++) {
		const struct oom_kill *k = &e->kills[i];
		char line[160], size[32], adj[40] = "", pid[24] = "";
		uint64_t rss;

		if (k->have & OOM_HAVE_PID)
			snprintf(pid, sizeof(pid), "%d ", (int)k->pid);
		if (k->have & OOM_HAVE_ADJ)
			snprintf(adj, sizeof(adj), ", oom_score_adj %d", (int)k->oom_score_adj);
		snprintf(line, sizeof(line), "%s%.64s%s%s%s", pid, k->comm ? k->comm : "",
			 parse_log_kill_rss(k, &rss) ? ", " : "",
			 parse_log_kill_rss(k, &rss) ? human(rss, 1024, size, sizeof(size)) : "",
			 adj);
		item(p, i ? "" : "Killed", line);
		if (i == 0)
			item(p, "In", k->task_memcg);
	}
	if (e->n_kills == 0)
		item(p, "Outcome", oomlog_outcome_name(e->outcome));
}

static void circumstances(struct page *p, const struct told_event *t)
{
	const struct oom_event *e = t->e;
	char buf[512], what[128], line[256];
	struct kver v;
	bool told = e->kernel && kver_parse(e->kernel, &v) == 0;
	const char *gfp = oomwords_gfp(e, told ? &v : NULL, buf, sizeof(buf));

	item(p, "Host", e->host);
	item(p, "Kernel", e->kernel);
	if (e->invoker) {
		snprintf(line, sizeof(line), "%.64s, for %s", e->invoker,
			 oomwords_request(e, gfp, t->page_size, what, sizeof(what)));
		item(p, "Asked", line);
	}
	item(p, "Flags", gfp);
	item(p, "Limit of", e->oom_memcg);
	if (e->memory.have) {
		char a[32], b[32];

		snprintf(line, sizeof(line), "%s of %s", human(e->memory.usage_kib, 1024, a, 32),
			 human(e->memory.limit_kib, 1024, b, 32));
		item(p, "Memory", line);
	}
	item(p, "Shortage", oomwords_shortage(e, t->page_size, line, sizeof(line)));
	item(p, "Reason", e->pressure);
}

static void judgement(struct page *p, const struct told_event *t)
{
	const struct rejudge *w = &t->why;
	char line[800];
	size_t n;

	if (!t->have_why)
		return;
	n = (size_t)snprintf(line, sizeof(line), "%s ",
			     w->agrees > 0    ? "The rule picks the same process."
			     : w->agrees == 0 ? "The rule picks another process."
					      : "What decides is not in the log:");
	for (size_t i = 0; i < w->n_undetermined && n < sizeof(line); i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", w->undetermined[i],
				      i + 1 < w->n_undetermined ? ", " : ". ");
	if (n < sizeof(line))
		snprintf(line + n, sizeof(line) - n, "%s", w->reason);
	item(p, "Why", line);
}

static void missing(struct page *p, const struct oom_event *e)
{
	const char *names[16];
	size_t n = oomlog_missing(e, names, ARRAY_SIZE(names)), len = 0;
	char line[256] = "";

	for (size_t i = 0; i < n && len < sizeof(line); i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s", i ? ", " : "",
					names[i]);
	item(p, "Missing", line);
}

static bool is_killed(const struct oom_event *e, const struct oom_row *r)
{
	for (size_t i = 0; i < e->n_kills && i < 64; i++)
		if (e->kills[i].have & OOM_HAVE_PID &&
		    (e->kills[i].pid == r->pid ||
		     (r->have & OOM_HAVE_TGID && e->kills[i].pid == r->tgid)))
			return true;
	return false;
}

static int compare_rss(const void *a, const void *b)
{
	const struct oom_row *const *x = a, *const *y = b;

	if ((*x)->rss != (*y)->rss)
		return (*x)->rss > (*y)->rss ? -1 : 1;
	return ((*x)->pid > (*y)->pid) - ((*x)->pid < (*y)->pid);
}

static void one_bar(struct page *p, const struct told_event *t, const struct oom_row *r, int i,
		    uint64_t most)
{
	char size[32], pid[16];
	double width = most ? (double)r->rss / (double)most * BAR_WIDTH : 0;

	snprintf(pid, sizeof(pid), "%d ", (int)r->pid);
	say(p, "<text x=\"190\" y=\"%d\" text-anchor=\"end\">", i * 20 + 15);
	put(p, pid);
	text(p, r->comm);
	say(p,
	    "</text><rect class=\"bar%s\" x=\"200\" y=\"%d\" width=\"%.1f\" height=\"14\" "
	    "rx=\"2\"/>",
	    is_killed(t->e, r) ? " hit" : "", i * 20 + 4, width);
	say(p, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", 206 + width, i * 20 + 15,
	    human(r->rss, t->page_size, size, sizeof(size)));
}

/* Memory by process at the moment of the event. */
static void chart(struct page *p, const struct told_event *t)
{
	_cleanup_free_ const struct oom_row **rows =
		calloc(t->e->n_rows + 1, sizeof(const struct oom_row *));
	size_t n = t->e->n_rows < BARS ? t->e->n_rows : BARS;

	if (!t->e->n_rows)
		return;
	if (!rows) {
		p->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < t->e->n_rows; i++)
		rows[i] = &t->e->rows[i];
	qsort(rows, t->e->n_rows, sizeof(const struct oom_row *), compare_rss);
	say(p,
	    "<svg class=\"bars\" viewBox=\"0 0 720 %zu\" width=\"720\" height=\"%zu\" role=\"img\" "
	    "aria-label=\"Resident memory by process\">\n",
	    n * 20 + 4, n * 20 + 4);
	for (size_t i = 0; i < n; i++)
		one_bar(p, t, rows[i], (int)i, rows[0]->rss);
	put(p, "</svg>\n");
}

static void number(struct page *p, bool have, int64_t v, const char *shown)
{
	if (have)
		say(p, "<td data-v=\"%lld\">%s</td>", (long long)v, shown);
	else
		put(p, "<td data-v=\"\">-</td>");
}

static void plain_number(struct page *p, bool have, int64_t v)
{
	char shown[32];

	snprintf(shown, sizeof(shown), "%lld", (long long)v);
	number(p, have, v, shown);
}

static void table(struct page *p, const struct told_event *t)
{
	static const char *const names[] = { "PID",  "UID", "VM",      "RSS",
					     "Swap", "Adj", "Badness", "Command" };
	const struct oom_event *e = t->e;
	char a[32];

	if (!e->n_rows)
		return;
	put(p, "<div class=\"scroll\"><table class=\"tasks\"><thead><tr>");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		say(p, "<th><button>%s</button></th>", names[i]);
	put(p, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < e->n_rows; i++) {
		const struct oom_row *r = &e->rows[i];
		bool judged = t->have_why && t->why.badness && t->why.badness[i] != INT64_MIN;

		put(p, is_killed(e, r) ? "<tr class=\"victim\">" : "<tr>");
		plain_number(p, true, r->pid);
		plain_number(p, r->have & OOM_HAVE_UID, (int64_t)r->uid);
		number(p, r->have & OOM_HAVE_TOTAL_VM, (int64_t)r->total_vm,
		       human(r->total_vm, t->page_size, a, sizeof(a)));
		number(p, r->have & OOM_HAVE_RSS, (int64_t)r->rss,
		       human(r->rss, t->page_size, a, sizeof(a)));
		number(p, r->have & OOM_HAVE_SWAP, (int64_t)r->swap,
		       human(r->swap, t->page_size, a, sizeof(a)));
		plain_number(p, r->have & OOM_HAVE_ADJ, r->oom_score_adj);
		plain_number(p, judged, judged ? t->why.badness[i] : 0);
		put(p, "<td>");
		text(p, r->comm);
		put(p, "</td></tr>\n");
	}
	put(p, "</tbody></table></div>\n");
}

static int remember(struct page *p, const struct oom_event *e)
{
	if (!e->first.have_time && !e->first.have_uptime)
		return 0;
	if (p->n_moments == p->size) {
		size_t size = p->size ? p->size * 2 : 64;
		struct dot *m = reallocarray(p->moments, size, sizeof(*m));

		if (!m)
			return -ENOMEM;
		p->moments = m;
		p->size = size;
	}
	p->moments[p->n_moments++] = (struct dot){
		.at = e->first.have_time ? (double)e->first.time_usec / 1e6
					 : (double)e->first.uptime_usec / 1e6,
		.clock = e->first.have_time,
		.event = p->n,
	};
	return 0;
}

void parse_log_page_add(struct parse_log *c, const struct told_event *t)
{
	struct page *p = c->page;
	const struct oom_event *e = t->e;
	char kind[128], time[64];
	const char *when = parse_log_time(&e->first, time, sizeof(time));

	if (!p || p->error)
		return;
	p->n++;
	if (remember(p, e) < 0)
		p->error = -ENOMEM;
	say(p, "<section id=\"event-%zu\"><h2>%zu. ", p->n, p->n);
	if (when)
		text(p, when);
	else if (e->first.have_uptime)
		say(p, "%llu.%06llu s after boot",
		    (unsigned long long)(e->first.uptime_usec / 1000000),
		    (unsigned long long)(e->first.uptime_usec % 1000000));
	say(p, "%s%s</h2>\n<dl>\n", when || e->first.have_uptime ? ": " : "",
	    oomwords_kind(e, kind, sizeof(kind)));
	kills(p, e);
	circumstances(p, t);
	judgement(p, t);
	missing(p, e);
	put(p, "</dl>\n");
	chart(p, t);
	table(p, t);
	put(p, "</section>\n");
}

/* ------------------------------------------------------------------ the timeline, the frame */

static void timeline_of(struct page *p, bool clock, const char *title)
{
	double first = 0, last = 0;
	size_t n = 0;

	for (size_t i = 0; i < p->n_moments; i++) {
		const struct dot *m = &p->moments[i];

		if (m->clock != clock)
			continue;
		first = n == 0 || m->at < first ? m->at : first;
		last = n == 0 || m->at > last ? m->at : last;
		n++;
	}
	if (n == 0)
		return;
	say(p,
	    "<section class=\"time\"><h2>Timeline (%s)</h2>\n<svg class=\"timeline\" viewBox=\"0 0 "
	    "%d 50\" "
	    "width=\"%d\" height=\"50\" role=\"img\" aria-label=\"When the events were\">\n"
	    "<line class=\"axis\" x1=\"10\" y1=\"20\" x2=\"%d\" y2=\"20\"/>\n",
	    title, TIMELINE_WIDTH, TIMELINE_WIDTH, TIMELINE_WIDTH - 10);
	for (size_t i = 0; i < p->n_moments; i++) {
		const struct dot *m = &p->moments[i];
		double x = last > first ? (m->at - first) / (last - first) : 0.5;

		if (m->clock == clock)
			say(p,
			    "<a href=\"#event-%zu\"><circle class=\"dot\" cx=\"%.1f\" cy=\"20\" "
			    "r=\"5\"><title>Event %zu</title></circle></a>\n",
			    m->event, 10 + x * (TIMELINE_WIDTH - 20), m->event);
	}
	say(p, "<text x=\"10\" y=\"45\">%zu events in %.0f seconds</text>\n</svg></section>\n", n,
	    last - first);
}

int parse_log_page_begin(struct parse_log *c)
{
	struct page *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	r = host_output_open(c->html, &p->out);
	if (r < 0) {
		free(p);
		return r;
	}
	c->page = p;
	put(p, head);
	return 0;
}

int parse_log_page_end(struct parse_log *c, bool keep)
{
	struct page *p = c->page;
	int r, error;

	if (!p)
		return 0;
	timeline_of(p, true, "by the clock");
	timeline_of(p, false, "seconds after boot");
	if (p->n == 0)
		put(p, "<p>There was none.</p>\n");
	put(p, tail);
	error = p->error;
	r = host_output_close(p->out, keep && error == 0);
	free(p->moments);
	free(p);
	c->page = NULL;
	return error ? error : r;
}

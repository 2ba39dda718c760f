/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How do the events look as one page? Everything is in the page itself: the style, the charts, a
 * few lines of script that sort a table; the policy in its head lets the browser fetch nothing. The
 * events are held until the end, since what comes first, the sums and the timeline, is known last.
 */
#include "parse-log-html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "oomwords.h"

/* Dots of the timeline that stand one above the other, places on it that are told apart. */
enum { STACK = 8, PLACES = 96, TICKS = 5, DOT = 11 };

struct instant {
	int64_t usec; /* of the clock, else since boot */
	bool clock;
	int32_t zone_min;
	size_t event;
	char name[48];
};

struct page {
	struct host_output *out;
	struct out_page events, list;
	size_t n, n_killed;
	struct instant *moments;
	size_t n_moments, size;
	int error;
};

/* What none of the events changes. Colours: text on its ground has a contrast of 4.5 at least, in
 * the light and in the dark. */
static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n"
	"<title>OOM events</title>\n<style>\n"
	":root{color-scheme:light dark;--fg:#1b1f24;--bg:#f6f7f9;--card:#fff;--soft:#eef1f4;"
	"--line:#d0d7de;--bar:#3d6fa8;--pale:#a9c3e0;--other:#6b7a89;--hit:#b3261e;--hitbg:#fdecea;"
	"--good:#1a6b3c;--goodbg:#e3f4ea;--open:#7a4f01;--openbg:#fff3d6;--dim:#57606a}\n"
	"@media (prefers-color-scheme:dark){:root{--fg:#e6e9ec;--bg:#0f1317;--card:#171c21;"
	"--soft:#222931;--line:#39424b;--bar:#6fa1d8;--pale:#37506b;--other:#8895a3;--hit:#ff8a7a;"
	"--hitbg:#3a1c1a;--good:#7fd6a0;--goodbg:#16301f;--open:#f0c36d;--openbg:#33290f;"
	"--dim:#9aa5af}}\n"
	"*{box-sizing:border-box}\n"
	"body{font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
	"color:var(--fg);background:var(--bg);max-width:72rem;margin:0 auto;padding:1rem}\n"
	"section>h3:first-child{margin-top:0}h1{font-size:1.6rem;margin:.5rem "
	"0}h2{font-size:1.3rem;margin:0;font-weight:500}"
	"h3{font-size:1rem;margin:1.5rem 0 .5rem}\n"
	"h2 a{color:var(--dim);text-decoration:none;margin-right:.4rem}h2 a::before{content:'#'}\n"
	"h2 strong{color:var(--hit)}.pid{color:var(--dim);font-variant-numeric:tabular-nums}\n"
	"section{background:var(--card);border:1px solid var(--line);border-radius:10px;"
	"padding:1rem 1.25rem;margin:1rem 0;scroll-margin-top:1rem}\n"
	"section:target{outline:2px solid var(--bar)}\n"
	"a{color:inherit}a:focus-visible,button:focus-visible,.scroll:focus-visible{"
	"outline:2px solid var(--bar);outline-offset:2px}\n"
	".when{color:var(--dim);margin:.1rem 0 .6rem;overflow-wrap:anywhere}"
	".why{max-width:60rem;margin:.8rem 0}\n"
	".badges{display:flex;flex-wrap:wrap;gap:.4rem;list-style:none;margin:0;padding:0}\n"
	".badges li{border-radius:1rem;padding:.1rem "
	".7rem;font-size:.85rem;background:var(--soft)}\n"
	".badges .good{background:var(--goodbg);color:var(--good)}"
	".badges .bad{background:var(--hitbg);color:var(--hit)}"
	".badges .open{background:var(--openbg);color:var(--open)}\n"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.8rem 0}\n"
	"dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}\n"
	".bars{list-style:none;margin:0;padding:0;font-size:.9rem}\n"
	".bars li{display:grid;grid-template-columns:14rem 1fr 9.5rem;gap:.6rem;"
	"align-items:center;padding:.1rem 0}\n"
	".name{text-align:right;overflow-wrap:anywhere}\n"
	".track{display:flex;height:.9rem;background:var(--soft);border-radius:3px;overflow:hidden}"
	"\n"
	".track "
	"i{display:block;min-width:0}.solid{background:var(--bar)}.pale{background:var(--pale)}"
	".other,.rest .solid{background:var(--other)}\n"
	".hit .name,.hit>span:last-child{color:var(--hit);font-weight:600}.hit .solid{background:"
	"var(--hit)}\n"
	".scroll{max-height:32rem;overflow:auto;border:1px solid var(--line);border-radius:6px}\n"
	"table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;"
	"font-size:.9rem}\n"
	"th,td{padding:.2rem .7rem;text-align:right;white-space:nowrap;"
	"border-bottom:1px solid var(--line)}tr:last-child td{border-bottom:0}\n"
	"th:last-child,td:last-child{text-align:left;width:30%}\n"
	"th{background:var(--soft);position:sticky;top:0}\n"
	"th button{all:unset;cursor:pointer;font-weight:600}\n"
	"th[aria-sort=ascending] button::after{content:' \\25B2'}"
	"th[aria-sort=descending] button::after{content:' \\25BC'}\n"
	".victim td{color:var(--hit);font-weight:600;background:var(--hitbg)}\n"
	".events{list-style:none;margin:0;padding:0;max-height:24rem;overflow:auto}\n"
	".events li{display:grid;grid-template-columns:3.5rem 15rem 1fr;gap:.8rem;"
	"padding:.25rem 0;border-top:1px solid var(--line)}\n"
	".events li>span{overflow-wrap:anywhere}.events .no{text-align:right}\n"
	"svg{display:block;width:100%;overflow:visible}svg text{fill:var(--dim);font-size:12px}\n"
	".dot{fill:var(--hit);fill-opacity:.85}a:hover .dot,a:focus .dot{fill:var(--bar)}"
	".axis{stroke:var(--line)}\n"
	"@media (max-width:45rem){.tick-1,.tick-3{display:none}"
	".bars li{grid-template-columns:1fr auto;"
	"gap:0 .6rem;"
	"padding:.25rem 0}.bars .name{text-align:left}.bars .track{grid-row:2;"
	"grid-column:1/3}.events li{gap:0 .8rem;grid-template-columns:2.5rem 1fr}"
	".events li>span:last-child{"
	"grid-column:2}dl{grid-template-columns:1fr}dd{margin-bottom:.3rem}"
	"section{padding:.8rem}}\n"
	"@media "
	"print{.scroll,.events{max-height:none;overflow:visible}section{break-inside:auto}}\n"
	"</style>\n</head>\n<body>\n<h1>OOM events</h1>\n";

/* A click sorts by that column, the largest first; the next one turns it round. Unknown is last. */
static const char tail[] =
	"<script>\n"
	"for (const th of document.querySelectorAll('table.tasks th')) {\n"
	"  th.querySelector('button').addEventListener('click', () => {\n"
	"    const table = th.closest('table'), body = table.tBodies[0], col = th.cellIndex;\n"
	"    const up = th.getAttribute('aria-sort') === 'descending';\n"
	"    for (const o of table.querySelectorAll('th')) o.removeAttribute('aria-sort');\n"
	"    th.setAttribute('aria-sort', up ? 'ascending' : 'descending');\n"
	"    const key = row => {\n"
	"      const cell = row.cells[col], v = cell.dataset.v;\n"
	"      return v === undefined ? cell.textContent : v === '' ? null : Number(v);\n"
	"    };\n"
	"    const rows = [...body.rows].map(row => [key(row), row]);\n"
	"    rows.sort(([a], [b]) => a === b ? 0 : a === null ? 1 : b === null ? -1 :\n"
	"      (a < b ? -1 : 1) * (up ? 1 : -1));\n"
	"    body.append(...rows.map(([, row]) => row));\n"
	"  });\n"
	"}\n</script>\n</body>\n</html>\n";

/* ------------------------------------------------------------------ events */

static int remember(struct page *p, const struct oom_event *e)
{
	const struct oom_kill *k = e->n_kills ? e->kills : NULL;
	struct instant *m;

	if (!e->first.have_time && !e->first.have_uptime)
		return 0;
	if (p->n_moments == p->size) {
		size_t size = p->size ? p->size * 2 : 64;

		m = reallocarray(p->moments, size, sizeof(*m));
		if (!m)
			return -ENOMEM;
		p->moments = m;
		p->size = size;
	}
	m = &p->moments[p->n_moments++];
	*m = (struct instant){
		.usec = e->first.have_time ? e->first.time_usec : (int64_t)e->first.uptime_usec,
		.clock = e->first.have_time,
		.zone_min = e->first.zone_min,
		.event = p->n,
	};
	if (k)
		snprintf(m->name, sizeof(m->name), ": %d %.24s", (int)k->pid,
			 k->comm ? k->comm : "");
	return 0;
}

/* A line of the list at the top. */
static void list_event(const struct page *p, const struct told_event *t)
{
	const struct logtext *first = &t->e->first;
	char time[64], kind[128];
	const char *when = parse_log_time(first, time, sizeof(time));

	out_page_say(&p->list, "<li><span class=\"no\"><a href=\"#event-%zu\">%zu</a></span><span>",
		     p->n, p->n);
	if (when)
		out_page_text(&p->list, when);
	else if (first->have_uptime)
		out_page_say(&p->list, "%.3f s", (double)first->uptime_usec / 1e6);
	else
		out_page_put(&p->list, "-");
	out_page_put(&p->list, "</span><span>");
	html_outcome(&p->list, t->e);
	out_page_put(&p->list, ": ");
	out_page_text(&p->list, oomwords_kind(t->e, kind, sizeof(kind)));
	if (t->have_why && t->why.agrees == 0)
		out_page_put(&p->list, ", and the rule picks another");
	out_page_put(&p->list, "</span></li>\n");
}

void parse_log_page_add(struct parse_log *c, const struct told_event *t)
{
	struct page *p = c->page;

	if (!p || p->error)
		return;
	p->n++;
	p->n_killed += t->e->n_kills;
	if (remember(p, t->e) < 0)
		p->error = -ENOMEM;
	list_event(p, t);
	html_event(&p->events, t, p->n);
}

/* ------------------------------------------------------------------ the timeline */

struct span {
	bool clock;
	int64_t first, last;
	int32_t zone_min;
	size_t n;
	int axis; /* where it stands, below the highest pile */
};

static struct span span_of(const struct page *p, bool clock)
{
	struct span s = { .clock = clock };

	for (size_t i = 0; i < p->n_moments; i++) {
		const struct instant *m = &p->moments[i];

		if (m->clock != clock)
			continue;
		if (!s.n || m->usec < s.first) {
			s.first = m->usec;
			s.zone_min = m->zone_min;
		}
		if (!s.n || m->usec > s.last)
			s.last = m->usec;
		s.n++;
	}
	return s;
}

/* In percent of the width. */
static double place(const struct span *s, int64_t usec)
{
	return s->last > s->first
		       ? 2 + (double)(usec - s->first) * 96 / (double)(s->last - s->first)
		       : 50;
}

/* Which pile of dots a moment belongs to. */
static unsigned pile_of(const struct span *s, int64_t usec)
{
	double x = place(s, usec) - 2;

	return x < 0 ? 0 : (unsigned)x;
}

static int axis_of(const struct page *p, const struct span *s)
{
	unsigned piles[PLACES + 1] = { 0 }, most = 1;

	for (size_t i = 0; i < p->n_moments; i++) {
		unsigned *pile;

		/* By the other clock it may lie anywhere. */
		if (p->moments[i].clock != s->clock)
			continue;
		pile = &piles[pile_of(s, p->moments[i].usec)];
		++*pile;
		most = *pile > most ? *pile : most;
	}
	return (int)(most < STACK ? most : STACK) * DOT + 6;
}

/* Seconds since boot, in what suits the whole span. */
static void uptime_label(const struct span *s, int64_t usec, char *buf, size_t size)
{
	double at = (double)usec / 1e6, width = (double)(s->last - s->first) / 1e6;

	if (width >= 4 * 86400)
		snprintf(buf, size, "%.1f days", at / 86400);
	else if (width >= 4 * 3600)
		snprintf(buf, size, "%.1f h", at / 3600);
	else
		snprintf(buf, size, "%.*f s", width < 10 ? 3 : 0, at);
}

static void tick(const struct out_page *h, const struct span *s, int i)
{
	int64_t at = s->first + (s->last - s->first) / (TICKS - 1) * i;
	double x = place(s, at);
	struct logtext t = { .have_time = true, .time_usec = at, .zone_min = s->zone_min };
	char time[64], label[64];

	t.time_usec -= t.time_usec % 1000000;
	if (s->clock && parse_log_time(&t, time, sizeof(time)))
		snprintf(label, sizeof(label), "%.10s %.8s", time, time + 11);
	else
		uptime_label(s, at, label, sizeof(label));
	out_page_say(h,
		     "<line class=\"axis\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" y2=\"%d\"/>"
		     "<text class=\"tick-%d\" x=\"%.2f%%\" y=\"%d\" text-anchor=\"%s\">",
		     x, x, s->axis, s->axis + 5, i, x, s->axis + 20,
		     x < 10   ? "start"
		     : x > 90 ? "end"
			      : "middle");
	out_page_text(h, label);
	out_page_put(h, "</text>\n");
}

/* Dots that would hide each other stand in a pile; what is too much for one lies on its top. */
static void dots(const struct out_page *h, const struct page *p, const struct span *s)
{
	unsigned piles[PLACES + 1] = { 0 };

	for (size_t i = 0; i < p->n_moments; i++) {
		const struct instant *m = &p->moments[i];
		double x = place(s, m->usec);
		unsigned *pile;

		if (m->clock != s->clock)
			continue;
		pile = &piles[pile_of(s, m->usec)];
		out_page_say(h,
			     "<a href=\"#event-%zu\"><circle class=\"dot\" cx=\"%.2f%%\" cy=\"%d\" "
			     "r=\"5\"><title>Event %zu",
			     m->event, x, s->axis - 6 - (int)*pile * DOT, m->event);
		out_page_text(h, m->name);
		out_page_put(h, "</title></circle></a>\n");
		*pile += *pile + 1 < STACK;
	}
}

static void timeline(const struct out_page *h, const struct page *p, bool clock)
{
	struct span s = span_of(p, clock);

	if (s.n == 0)
		return;
	s.axis = axis_of(p, &s);
	out_page_say(h,
		     "<section class=\"time\"><h3>Timeline%s</h3>\n<svg class=\"timeline\" "
		     "height=\"%d\" role=\"img\" aria-label=\"When the events were\">\n"
		     "<line class=\"axis\" x1=\"1%%\" x2=\"99%%\" y1=\"%d\" y2=\"%d\"/>\n",
		     clock ? "" : ", since boot", s.axis + 26, s.axis, s.axis);
	if (s.last == s.first)
		tick(h, &s, 0);
	for (int i = 0; i < TICKS && s.last > s.first; i++)
		tick(h, &s, i);
	dots(h, p, &s);
	out_page_put(h, "</svg></section>\n");
}

/* ------------------------------------------------------------------ the frame */

static void top(const struct out_page *h, const struct page *p)
{
	out_page_put(h, head);
	if (p->n == 0) {
		out_page_put(h, "<p>The log holds none.</p>\n");
		return;
	}
	out_page_say(
		h, "<p class=\"when\">%zu event%s, %zu process%s killed. Told by oomkit %s.</p>\n",
		p->n, p->n == 1 ? "" : "s", p->n_killed, p->n_killed == 1 ? "" : "es",
		OOMKIT_VERSION);
	timeline(h, p, true);
	timeline(h, p, false);
	if (p->n > 1) {
		out_page_put(h, "<section><h3>Events</h3>\n<ol class=\"events\">\n");
		out_page_put(h, p->list.text);
		out_page_put(h, "</ol></section>\n");
	}
}

int parse_log_page_begin(struct parse_log *c)
{
	struct page *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	r = out_page_open(&p->events);
	if (r == 0)
		r = out_page_open(&p->list);
	if (r == 0)
		r = host_output_open(c->html, &p->out);
	if (r < 0) {
		out_page_free(&p->events);
		out_page_free(&p->list);
		free(p);
		return r;
	}
	c->page = p;
	return 0;
}

static int write_page(struct page *p)
{
	struct out_page first = { 0 };
	int r = out_page_close(&p->events);

	if (r == 0)
		r = out_page_close(&p->list);
	if (r == 0)
		r = out_page_open(&first);
	if (r == 0) {
		top(&first, p);
		r = out_page_close(&first);
	}
	if (r == 0)
		r = host_output_write(p->out, first.text, first.n);
	if (r == 0)
		r = host_output_write(p->out, p->events.text, p->events.n);
	if (r == 0)
		r = host_output_write(p->out, tail, sizeof(tail) - 1);
	out_page_free(&first);
	return r;
}

int parse_log_page_end(struct parse_log *c, bool keep)
{
	struct page *p = c->page;
	int r, error;

	if (!p)
		return 0;
	error = p->error ? p->error : write_page(p);
	r = host_output_close(p->out, keep && error == 0);
	out_page_free(&p->events);
	out_page_free(&p->list);
	free(p->moments);
	free(p);
	c->page = NULL;
	return error ? error : r;
}

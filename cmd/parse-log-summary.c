/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who dies again and again, where, and on which days? Sums over all kills that were found. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "parse-log.h"

enum by { BY_COMM, BY_CGROUP, BY_DAY, BY_N };

struct sum {
	char *name; /* NULL: not told */
	uint64_t kills, rss_kib;
	uint64_t last_event; /* so that an event with several kills counts once */
	uint64_t events;
};

struct summary {
	void *tree[BY_N];
	struct sum **list[BY_N]; /* all of the tree */
	size_t n[BY_N], size[BY_N];
	uint64_t events, kills, no_kill;
};

static const char *const keys[] = {
	[BY_COMM] = "by_comm",
	[BY_CGROUP] = "by_cgroup",
	[BY_DAY] = "by_day",
};
_Static_assert(ARRAY_SIZE(keys) == BY_N, "a sum has no key");

static int compare_name(const void *a, const void *b)
{
	const struct sum *x = a, *y = b;

	if (!x->name || !y->name)
		return (x->name != NULL) - (y->name != NULL);
	return strcmp(x->name, y->name);
}

/* The sum of that name; NULL: no memory. */
static struct sum *find(struct summary *s, enum by by, const char *name)
{
	struct sum key = { .name = (char *)(uintptr_t)name }, *new;
	struct sum **found = tfind(&key, &s->tree[by], compare_name);

	if (found)
		return *found;
	if (s->n[by] == s->size[by]) {
		size_t size = s->size[by] ? s->size[by] * 2 : 64;
		struct sum **list = reallocarray(s->list[by], size, sizeof(struct sum *));

		if (!list)
			return NULL;
		s->list[by] = list;
		s->size[by] = size;
	}
	new = calloc(1, sizeof(*new));
	if (!new)
		return NULL;
	new->name = name ? strdup(name) : NULL;
	if ((name && !new->name) || !tsearch(new, &s->tree[by], compare_name)) {
		free(new->name);
		free(new);
		return NULL;
	}
	s->list[by][s->n[by]++] = new;
	return new;
}

static int add(struct summary *s, enum by by, const char *name, const struct oom_kill *k)
{
	struct sum *sum = find(s, by, name);
	uint64_t rss = 0;

	if (!sum)
		return -ENOMEM;
	parse_log_kill_rss(k, &rss);
	sum->kills++;
	sum->rss_kib += rss;
	sum->events += sum->last_event != s->events;
	sum->last_event = s->events;
	return 0;
}

int parse_log_summary_add(struct parse_log *c, const struct told_event *t)
{
	const struct oom_event *e = t->e;
	char time[64];
	const char *when = parse_log_time(&e->first, time, sizeof(time));
	int r = 0;

	if (!c->summary)
		c->summary = calloc(1, sizeof(*c->summary));
	if (!c->summary)
		return -ENOMEM;
	if (when)
		time[10] = '\0';
	c->summary->events++;
	c->summary->no_kill += e->n_kills == 0;
	for (size_t i = 0; i < e->n_kills && r == 0; i++) {
		const struct oom_kill *k = &e->kills[i];

		c->summary->kills++;
		r = add(c->summary, BY_COMM, k->comm, k);
		if (r == 0)
			r = add(c->summary, BY_CGROUP, parse_log_cgroup(e, k), k);
		if (r == 0)
			r = add(c->summary, BY_DAY, when, k);
	}
	return r;
}

/* The most kills first, days in their order. */
static int compare_kills(const void *a, const void *b)
{
	const struct sum *const *x = a, *const *y = b;

	if ((*x)->kills != (*y)->kills)
		return (*x)->kills > (*y)->kills ? -1 : 1;
	return compare_name(*x, *y);
}

static int compare_days(const void *a, const void *b)
{
	const struct sum *const *x = a, *const *y = b;

	return compare_name(*x, *y);
}

enum { SUM_NAME, SUM_KILLS, SUM_EVENTS, SUM_RSS, SUM_N };

static const struct column sum_columns[] = {
	[SUM_NAME] = { "name", "NAME", NULL, CELL_STR, COLUMN_TABLE | COLUMN_JSON | COLUMN_LABEL, 0,
		       "What the kills have in common" },
	[SUM_KILLS] = { "kills", "KILLS", NULL, CELL_UINT,
			COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, 0, "Processes killed" },
	[SUM_EVENTS] = { "events", "EVENTS", NULL, CELL_UINT,
			 COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, 0, "Events with such a kill" },
	[SUM_RSS] = { "rss", "RSS", NULL, CELL_BYTES, COLUMN_TABLE | COLUMN_JSON | COLUMN_RIGHT, 0,
		      "Resident memory of the killed, summed up" },
};
_Static_assert(ARRAY_SIZE(sum_columns) == SUM_N, "a column is missing");

/* Name, then the kind where several kinds share one table of rows. */
static enum row_style sum_row(void *ctx, size_t i, const unsigned *shown, size_t n_shown,
			      struct cell *cells)
{
	struct sum *const *list = ctx;
	const struct sum *s = list[i];

	for (size_t c = 0; c < n_shown; c++)
		switch (shown[c]) {
		case SUM_NAME:
			cells[c] = cell_str(s->name);
			break;
		case SUM_KILLS:
			cells[c] = cell_uint(s->kills);
			break;
		case SUM_EVENTS:
			cells[c] = cell_uint(s->events);
			break;
		default:
			cells[c] = cell_bytes(s->rss_kib * 1024);
		}
	return ROW_PLAIN;
}

static void tell_rows(struct out *o, const struct summary *s, enum by by)
{
	static const unsigned table[] = { SUM_KILLS, SUM_EVENTS, SUM_RSS, SUM_NAME };

	out_rows(o, keys[by], sum_columns, table, ARRAY_SIZE(table), s->n[by], sum_row,
		 s->list[by]);
}

static void tell_nested(struct out *o, const struct summary *s, enum by by)
{
	out_array(o, keys[by]);
	for (size_t i = 0; i < s->n[by]; i++) {
		out_object(o, NULL);
		out_field(o, "name", cell_str(s->list[by][i]->name));
		out_field(o, "kills", cell_uint(s->list[by][i]->kills));
		out_field(o, "events", cell_uint(s->list[by][i]->events));
		out_field(o, "rss", cell_bytes(s->list[by][i]->rss_kib * 1024));
		out_end(o);
	}
	out_end(o);
}

void parse_log_summary_tell(const struct parse_log *c, struct out *o)
{
	static const char *const titles[] = {
		[BY_COMM] = "By name", [BY_CGROUP] = "By cgroup", [BY_DAY] = "By day"
	};
	const struct summary none = { .events = 0 }, *s = c->summary ? c->summary : &none;
	enum out_format f = c->output.opt.format;

	for (int by = 0; by < BY_N; by++)
		if (s->n[by])
			qsort(s->list[by], s->n[by], sizeof(struct sum *),
			      by == BY_DAY ? compare_days : compare_kills);
	if (f == OUT_JSON || f == OUT_NDJSON) {
		out_object(o, "summary");
		out_field(o, "events", cell_uint(s->events));
		out_field(o, "kills", cell_uint(s->kills));
		out_field(o, "events_without_kill", cell_uint(s->no_kill));
		for (int by = 0; by < BY_N; by++)
			tell_nested(o, s, (enum by)by);
		out_end(o);
		return;
	}
	out_text(o, "%llu events, %llu processes killed\n", (unsigned long long)s->events,
		 (unsigned long long)s->kills);
	for (int by = 0; by < BY_N; by++) {
		/* One table of one shape is all that csv, tsv and prom can hold. */
		if (f != OUT_TABLE && by != BY_COMM)
			break;
		out_text(o, "\n%s%s%s\n", out_paint(o, PAINT_BOLD), titles[by],
			 out_paint(o, PAINT_OFF));
		tell_rows(o, s, (enum by)by);
	}
}

static void keep_node(void *node)
{
	(void)node;
}

void parse_log_summary_free(struct parse_log *c)
{
	struct summary *s = c->summary;

	if (!s)
		return;
	for (int by = 0; by < BY_N; by++) {
		tdestroy(s->tree[by], keep_node);
		for (size_t i = 0; i < s->n[by]; i++) {
			free(s->list[by][i]->name);
			free(s->list[by][i]);
		}
		free(s->list[by]);
	}
	free(s);
}

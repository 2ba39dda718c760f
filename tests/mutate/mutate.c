/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does damage to a log cost what stands behind it? Cuts each file that is named at each of its
 * lines, from either end, in the middle of a line, without that line, spliced with the next file
 * and interleaved with it, puts a good event behind what is left, and wants it found exactly. An
 * event that was whole and has lost something must say so.
 *
 *   mutate [-s STEP] FILE...      STEP: only each so-manieth line
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fuzz/good.h"
#include "logscan.h"

struct line {
	const char *s;
	size_t n; /* with its newline */
};

struct log {
	const char *name;
	char *text;
	struct line *lines;
	size_t n;
};

/* What of an event matters here. */
struct seen_event {
	uint64_t first_line, last_line;
	size_t rows;
	int32_t pid; /* of the first kill; 0 */
	bool complete, header;
};

struct seen {
	struct seen_event v[512];
	size_t n, good;
};

struct mutant {
	char *text;
	size_t n;
};

static unsigned long mutants, failures;

static void on_event(void *ctx, struct oom_event *e)
{
	struct seen *s = ctx;

	if (is_good_event(e)) {
		s->good++;
		return;
	}
	if (e->first_line > e->last_line) {
		printf("an event ends before it begins\n");
		failures++;
	}
	if (s->n == sizeof(s->v) / sizeof(s->v[0]))
		return;
	s->v[s->n++] = (struct seen_event){
		.first_line = e->first_line,
		.last_line = e->last_line,
		.rows = e->n_rows,
		.pid = e->n_kills ? e->kills[0].pid : 0,
		.complete = oomlog_is_complete(e),
		.header = e->seen & OOM_SEEN_HEADER,
	};
}

static void on_text(void *ctx, const struct logtext *t)
{
	oomlog_feed(ctx, t);
}

static void put(struct logscan *s, const char *text, size_t n)
{
	while (n) {
		size_t some = n < LOGSCAN_READ ? n : LOGSCAN_READ;

		memcpy(logscan_room(s), text, some);
		logscan_put(s, some);
		text += some;
		n -= some;
	}
}

static void scan(const struct mutant *m, bool with_good, struct seen *ret)
{
	struct logline_options opt = { 0 };
	struct oomlog *parser = oomlog_new(on_event, ret);
	struct logline lines;
	struct logscan s;

	ret->n = ret->good = 0;
	if (!parser || logline_init(&lines, &opt, on_text, parser) < 0 ||
	    logscan_init(&s, &lines, parser) < 0)
		abort();
	put(&s, m->text, m->n);
	if (with_good)
		put(&s, good_event, sizeof(good_event) - 1);
	logscan_end(&s);
	oomlog_end(parser);
	if (oomlog_error(parser) < 0)
		abort();
	logscan_free(&s);
	logline_free(&lines);
	oomlog_free(parser);
}

/* ------------------------------------------------------------------ making them */

static void add(struct mutant *m, const struct log *l, size_t from, size_t to)
{
	if (from >= to || from >= l->n)
		return;
	if (to > l->n)
		to = l->n;
	for (size_t i = from; i < to; i++) {
		memcpy(m->text + m->n, l->lines[i].s, l->lines[i].n);
		m->n += l->lines[i].n;
	}
}

static void add_half(struct mutant *m, const struct log *l, size_t i)
{
	memcpy(m->text + m->n, l->lines[i].s, l->lines[i].n / 2);
	m->n += l->lines[i].n / 2;
}

static void interleave(struct mutant *m, const struct log *a, const struct log *b, size_t from)
{
	for (size_t i = 0; from + i < a->n || i < b->n; i++) {
		add(m, a, from + i, from + i + 1);
		add(m, b, i, i + 1);
	}
}

enum kind { HEAD, HALF, TAIL, WITHOUT, SPLICED, INTERLEAVED, KIND_N };

static const char *const names[] = { "cut behind", "cut within", "cut before",
				     "without",    "spliced at", "interleaved from" };

static void make(struct mutant *m, enum kind kind, const struct log *a, const struct log *b,
		 size_t i)
{
	m->n = 0;
	if (kind != TAIL)
		add(m, a, 0, i);
	switch (kind) {
	case HALF:
		add_half(m, a, i);
		break;
	case TAIL:
		add(m, a, i, a->n);
		break;
	case WITHOUT:
		add(m, a, i + 1, a->n);
		break;
	case SPLICED:
		add(m, b, i < b->n ? i : b->n / 2, b->n);
		break;
	case INTERLEAVED:
		interleave(m, a, b, i);
		break;
	default:
		break;
	}
}

/* ------------------------------------------------------------------ judging them */

static const struct seen_event *find(const struct seen *s, const struct seen_event *whole,
				     enum kind kind)
{
	for (size_t i = 0; i < s->n; i++)
		if (kind == TAIL ? whole->pid && s->v[i].pid == whole->pid
				 : s->v[i].first_line == whole->first_line)
			return &s->v[i];
	return NULL;
}

/* What was whole and has lost rows, its kill or its header is not whole any more. */
static bool owns_up(const struct seen *whole, const struct seen *s, enum kind kind)
{
	for (size_t i = 0; i < whole->n; i++) {
		const struct seen_event *w = &whole->v[i], *e = find(s, w, kind);

		if (!w->complete || !e || !e->complete)
			continue;
		if (e->rows < w->rows || (w->pid && !e->pid) || (w->header && !e->header))
			return false;
	}
	return true;
}

static void fail(enum kind kind, const struct log *a, const struct log *b, size_t i,
		 const char *what)
{
	failures++;
	if (failures <= 40)
		printf("%s, %s line %zu (%s): %s\n", a->name, names[kind], i + 1, b->name, what);
}

static void mutate(const struct log *a, const struct log *b, size_t step, struct mutant *m)
{
	static struct seen whole, s;

	m->n = 0;
	add(m, a, 0, a->n);
	scan(m, false, &whole);
	for (size_t i = 0; i < a->n; i += step)
		for (int k = 0; k < KIND_N; k++) {
			enum kind kind = (enum kind)k;

			make(m, kind, a, b, i);
			scan(m, true, &s);
			mutants++;
			if (s.good != 1)
				fail(kind, a, b, i, "the event behind it is not found exactly");
			if ((kind == HEAD || kind == HALF || kind == TAIL) &&
			    !owns_up(&whole, &s, kind))
				fail(kind, a, b, i, "an event lost something and says it is whole");
		}
}

/* ------------------------------------------------------------------ files */

static int read_log(const char *name, struct log *l)
{
	FILE *f = fopen(name, "re");
	size_t size = 0, n = 0;
	char *at, *end;

	if (!f)
		return -1;
	l->name = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	for (;;) {
		size_t got;

		if (size - n < 65536) {
			size = size * 2 + 65536;
			l->text = realloc(l->text, size);
			if (!l->text)
				abort();
		}
		got = fread(l->text + n, 1, size - n - 1, f);
		if (!got)
			break;
		n += got;
	}
	fclose(f);
	if (n && l->text[n - 1] != '\n')
		l->text[n++] = '\n';
	for (at = l->text, end = at + n; at < end; l->n++) {
		char *newline = memchr(at, '\n', (size_t)(end - at));

		l->lines = reallocarray(l->lines, l->n + 1, sizeof(*l->lines));
		if (!l->lines)
			abort();
		l->lines[l->n] = (struct line){ at, (size_t)(newline + 1 - at) };
		at = newline + 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	size_t step = 1, most = 0;
	struct mutant m = { 0 };
	struct log *logs;
	int first = 1;

	if (argc > 3 && strcmp(argv[1], "-s") == 0) {
		step = strtoul(argv[2], NULL, 10);
		first = 3;
	}
	if (argc <= first || step == 0) {
		fputs("usage: mutate [-s STEP] FILE...\n", stderr);
		return 2;
	}
	logs = calloc((size_t)argc, sizeof(*logs));
	for (int i = first; logs && i < argc; i++) {
		size_t size = 0;

		if (read_log(argv[i], &logs[i]) < 0) {
			perror(argv[i]);
			return 2;
		}
		for (size_t n = 0; n < logs[i].n; n++)
			size += logs[i].lines[n].n;
		most = size > most ? size : most;
	}
	m.text = malloc(2 * most + 1);
	if (!logs || !m.text)
		return 2;
	for (int i = first; i < argc; i++)
		mutate(&logs[i], &logs[i + 1 < argc ? i + 1 : first], step, &m);
	printf("%lu mutants, %lu failures\n", mutants, failures);
	for (int i = first; i < argc; i++) {
		free(logs[i].text);
		free(logs[i].lines);
	}
	free(logs);
	free(m.text);
	return failures != 0;
}

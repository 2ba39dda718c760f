/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How rows read as gauges and counters for Prometheus (text exposition format 0.0.4): each column
 * of numbers is a metric, each row a sample of it, and the label columns tell the samples apart.
 * The format wants all samples of a metric together, so the rows are asked for once for each
 * metric.
 */
#include <errno.h>
#include <stdlib.h>

#include "out-backend.h"

static bool is_number(enum cell_type type)
{
	return type == CELL_INT || type == CELL_UINT || type == CELL_BYTES || type == CELL_REAL ||
	       type == CELL_BOOL;
}

static bool is_label(const struct column *c)
{
	return c->flags & COLUMN_LABEL;
}

/* Letters, digits and "_" are all that both a metric and a label may have in its name. */
static void put_name(struct out *o, const char *s)
{
	for (; *s; s++) {
		bool letter = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z');

		out_putc(o, letter || (*s >= '0' && *s <= '9') ? *s : '_');
	}
}

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), n_tail = strlen(tail);

	return n >= n_tail && strcmp(s + n - n_tail, tail) == 0;
}

static void put_metric_name(struct out *o, const struct column *c)
{
	out_puts(o, "oomkit_");
	put_name(o, o->command);
	out_putc(o, '_');
	put_name(o, c->key);
	if (c->type == CELL_BYTES && !ends_with(c->key, "_bytes"))
		out_puts(o, "_bytes");
	if (c->flags & COLUMN_COUNTER)
		out_puts(o, "_total");
}

static void put_escaped(struct out *o, const char *s, size_t n, bool in_quotes)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\' || (in_quotes && s[i] == '"'))
			out_putc(o, '\\');
		out_putc(o, s[i]);
	}
}

static void put_heading(struct out *o, const struct column *c)
{
	if (c->help) {
		struct cell help = cell_str(c->help);
		struct out_string t = out_cell_text(o, &help, false);

		out_puts(o, "# HELP ");
		put_metric_name(o, c);
		out_putc(o, ' ');
		put_escaped(o, t.s, t.n, false);
		out_putc(o, '\n');
	}
	out_puts(o, "# TYPE ");
	put_metric_name(o, c);
	out_puts(o, c->flags & COLUMN_COUNTER ? " counter\n" : " gauge\n");
}

static void put_labels(struct out *o, const struct out_rows *r, size_t n_labels)
{
	bool open = false;

	for (size_t i = 0; i < n_labels; i++) {
		struct out_string t;

		if (r->cells[i].type == CELL_NULL)
			continue;
		out_putc(o, open ? ',' : '{');
		open = true;
		put_name(o, r->columns[r->shown[i]].key);
		out_puts(o, "=\"");
		t = out_cell_text(o, &r->cells[i], false);
		put_escaped(o, t.s, t.n, true);
		out_putc(o, '"');
	}
	if (open)
		out_putc(o, '}');
}

static void put_value(struct out *o, const struct cell *c)
{
	struct out_string t;

	if (c->type == CELL_BOOL) {
		out_putc(o, c->b ? '1' : '0');
		return;
	}
	t = out_cell_text(o, c, false);
	out_put(o, t.s, t.n);
}

/* r shows the labels and, behind them, the one column that is the metric. */
static void put_metric(struct out *o, const struct out_rows *r)
{
	size_t n_labels = r->n_shown - 1;
	const struct cell *value = &r->cells[n_labels];
	const struct column *metric = &r->columns[r->shown[n_labels]];

	put_heading(o, metric);
	for (size_t row = 0; row < r->n_rows && !o->error; row++) {
		out_row(r, row);
		if (!is_number(value->type))
			continue;
		put_metric_name(o, metric);
		put_labels(o, r, n_labels);
		out_putc(o, ' ');
		put_value(o, value);
		out_putc(o, '\n');
	}
}

/* shown has room for all the columns of r. */
static void put_metrics(struct out *o, const struct out_rows *r, unsigned *shown)
{
	struct out_rows one = *r;
	size_t n_labels = 0;

	for (size_t i = 0; i < r->n_shown; i++)
		if (is_label(&r->columns[r->shown[i]]))
			shown[n_labels++] = r->shown[i];

	one.shown = shown;
	one.n_shown = n_labels + 1;
	for (size_t i = 0; i < r->n_shown; i++) {
		const struct column *c = &r->columns[r->shown[i]];

		if (is_label(c) || !is_number(c->type))
			continue;
		shown[n_labels] = r->shown[i];
		put_metric(o, &one);
	}
}

static void prom_rows(struct out *o, const struct out_rows *r)
{
	unsigned *shown = calloc(r->n_shown + 1, sizeof(*shown));

	if (shown)
		put_metrics(o, r, shown);
	else
		out_fail(o, -ENOMEM);
	free(shown);
}

const struct out_backend out_prom_backend = {
	.name = "prom",
	.defaults = COLUMN_TABLE,
	.rows = prom_rows,
};

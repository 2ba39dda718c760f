/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How rows read as comma-separated values (RFC 4180, with LF line ends) and as tab-separated
 * values. The first line has the columns' keys. Cells are escaped before, so neither a tab nor a
 * newline can stand in one, and TSV needs no quotes.
 */
#include "out-backend.h"

static void put_quoted(struct out *o, const char *s, size_t n)
{
	const char *quote;

	out_putc(o, '"');
	while ((quote = memchr(s, '"', n))) {
		size_t part = (size_t)(quote - s) + 1;

		out_put(o, s, part);
		out_putc(o, '"');
		s += part;
		n -= part;
	}
	out_put(o, s, n);
	out_putc(o, '"');
}

static void put_value(struct out *o, const struct cell *c, char separator)
{
	struct out_string t = out_cell_text(o, c, false);
	/* An empty text is quoted to differ from the unknown, which is nothing at all. */
	bool empty = t.n == 0 && c->type != CELL_NULL;

	if (separator == ',' && (empty || memchr(t.s, ',', t.n) || memchr(t.s, '"', t.n)))
		put_quoted(o, t.s, t.n);
	else
		out_put(o, t.s, t.n);
}

static void put_line(struct out *o, const struct out_rows *r, char separator)
{
	for (size_t i = 0; i < r->n_shown; i++) {
		if (i > 0)
			out_putc(o, separator);
		put_value(o, &r->cells[i], separator);
	}
	out_putc(o, '\n');
}

static void separated_rows(struct out *o, const struct out_rows *r, char separator)
{
	if (r->n_shown == 0)
		return;

	if (!o->opt.noheadings) {
		for (size_t i = 0; i < r->n_shown; i++)
			r->cells[i] = cell_str(r->columns[r->shown[i]].key);
		put_line(o, r, separator);
	}
	for (size_t row = 0; row < r->n_rows && !o->error; row++) {
		out_row(r, row);
		put_line(o, r, separator);
	}
}

static void csv_rows(struct out *o, const struct out_rows *r)
{
	separated_rows(o, r, ',');
}

static void tsv_rows(struct out *o, const struct out_rows *r)
{
	separated_rows(o, r, '\t');
}

const struct out_backend out_csv_backend = {
	.name = "csv",
	.defaults = COLUMN_TABLE,
	.rows = csv_rows,
};

const struct out_backend out_tsv_backend = {
	.name = "tsv",
	.defaults = COLUMN_TABLE,
	.rows = tsv_rows,
};

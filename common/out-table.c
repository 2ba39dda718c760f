/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How rows read as a table: each column as wide as its widest cell on a terminal, one blank between
 * columns, the last not padded, as ps and lsblk print theirs. Rows are asked for twice, to measure
 * and to print, so none is kept.
 */
#include <errno.h>
#include <stdlib.h>

#include "base.h"
#include "out-backend.h"

struct range {
	uint32_t first, last;
};

/* Marks that stand on the character before them, and what has no width at all (Unicode: Mn, Me and
 * some Cf). */
static const struct range zero_width[] = {
	{ 0x00ad, 0x00ad }, { 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x06d6, 0x06dc }, { 0x0900, 0x0902 },
	{ 0x093c, 0x093c }, { 0x0941, 0x0948 }, { 0x094d, 0x094d }, { 0x0e31, 0x0e31 },
	{ 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1160, 0x11ff }, { 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff }, { 0x200b, 0x200d }, { 0x2060, 0x2064 }, { 0x20d0, 0x20ff },
	{ 0x302a, 0x302d }, { 0x3099, 0x309a }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	{ 0xfeff, 0xfeff }, { 0xe0100, 0xe01ef },
};

/* Two columns (Unicode: East Asian Width W and F). */
static const struct range double_width[] = {
	{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },   { 0x23e9, 0x23ec },
	{ 0x2e80, 0x303e },   { 0x3041, 0xa4cf },   { 0xa960, 0xa97c },   { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff },   { 0xfe10, 0xfe19 },   { 0xfe30, 0xfe6f },   { 0xff01, 0xff60 },
	{ 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
	{ 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
};

static bool in_ranges(uint32_t code, const struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n && ranges[i].first <= code; i++)
		if (code <= ranges[i].last)
			return true;
	return false;
}

static size_t character_width(uint32_t code)
{
	if (in_ranges(code, zero_width, ARRAY_SIZE(zero_width)))
		return 0;
	return in_ranges(code, double_width, ARRAY_SIZE(double_width)) ? 2 : 1;
}

static size_t text_width(const struct out_string *t)
{
	size_t width = 0;

	if (t->ascii)
		return t->n;
	for (size_t i = 0; i < t->n;) {
		uint32_t code = 0;
		size_t len = out_decode(t->s + i, t->n - i, &code);

		width += character_width(code);
		i += len ? len : 1;
	}
	return width;
}

/* As much of t as fits into width columns, whole characters only. */
static struct out_string cut_to(struct out_string t, size_t width)
{
	size_t used = 0, i = 0;

	while (i < t.n) {
		uint32_t code = (unsigned char)t.s[i];
		size_t len = t.ascii ? 1 : out_decode(t.s + i, t.n - i, &code), next;

		next = used + (t.ascii ? 1 : character_width(code));
		if (next > width)
			break;
		used = next;
		i += len ? len : 1;
	}
	t.n = i;
	return t;
}

/* What is left of the last column at the least, even where the others fill the line. */
#define CUT_MIN 8

/* The last column ends at the edge of the terminal, as ps ends its lines. */
static struct out_string fit_last(const struct out *o, const struct out_rows *r, size_t column,
				  size_t used, struct out_string t)
{
	if (column + 1 != r->n_shown || !o->opt.width)
		return t;
	return cut_to(t, used + CUT_MIN < o->opt.width ? o->opt.width - used : CUT_MIN);
}

static void measure(struct out *o, const struct out_rows *r, size_t *widths)
{
	for (size_t i = 0; i < r->n_shown; i++) {
		struct out_string t = out_cell_text(o, &r->cells[i], true);
		size_t width = text_width(&t);

		if (width > widths[i])
			widths[i] = width;
	}
}

static void print(struct out *o, const struct out_rows *r, const size_t *widths,
		  enum row_style style)
{
	size_t blanks = 0;	/* written only before more text: no line ends in blanks */
	size_t used = 0;

	if (style == ROW_MARKED) {
		out_puts(o, out_paint(o, PAINT_BOLD));
		out_puts(o, out_paint(o, PAINT_RED));
	}
	if (style == ROW_DIM)
		out_puts(o, out_paint(o, PAINT_DIM));

	for (size_t i = 0; i < r->n_shown; i++) {
		struct out_string t = out_cell_text(o, &r->cells[i], true);
		size_t width = text_width(&t), pad = widths[i] > width ? widths[i] - width : 0;
		bool right = r->columns[r->shown[i]].flags & COLUMN_RIGHT;

		if (right)
			blanks += pad;
		t = fit_last(o, r, i, used, t);
		if (t.n > 0) {
			out_put_blanks(o, blanks);
			out_put(o, t.s, t.n);
			blanks = 0;
		}
		blanks += right ? 1 : pad + 1;
		used += widths[i] + 1;
	}

	if (style != ROW_PLAIN)
		out_puts(o, out_paint(o, PAINT_OFF));
	out_putc(o, '\n');
}

static void fill_headings(const struct out_rows *r)
{
	for (size_t i = 0; i < r->n_shown; i++)
		r->cells[i] = cell_str(r->columns[r->shown[i]].header);
}

static void measure_and_print(struct out *o, const struct out_rows *r, size_t *widths)
{
	for (size_t row = 0; row < r->n_rows; row++) {
		out_row(r, row);
		measure(o, r, widths);
	}
	if (!o->opt.noheadings) {
		fill_headings(r);
		measure(o, r, widths);
		print(o, r, widths, ROW_PLAIN);
	}
	for (size_t row = 0; row < r->n_rows && !o->error; row++) {
		enum row_style style = out_row(r, row);

		print(o, r, widths, style);
	}
}

static void table_rows(struct out *o, const struct out_rows *r)
{
	size_t *widths;

	if (r->n_shown == 0)
		return;
	widths = calloc(r->n_shown, sizeof(*widths));
	if (widths)
		measure_and_print(o, r, widths);
	else
		out_fail(o, -ENOMEM);
	free(widths);
}

const struct out_backend out_table_backend = {
	.name = "table",
	.defaults = COLUMN_TABLE,
	.rows = table_rows,
};

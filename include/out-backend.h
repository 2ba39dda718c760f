/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the writer and its formats share: the buffer before the stream, the text of a cell, and the
 * few operations that make a format. Only out.c and out-*.c include this; everybody else needs
 * out.h alone.
 */
#ifndef OOMKIT_OUT_BACKEND_H
#define OOMKIT_OUT_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "out.h"

/* The arguments of out_rows, kept together, and room for one row. */
struct out_rows {
	const char *key;
	const struct column *columns;
	const unsigned *shown;
	size_t n_shown;
	size_t n_rows;
	out_row_fn fn;
	void *ctx;
	struct cell *cells;
};

/* A format: how it says the parts of a document. A part whose operation is NULL is left out. */
struct out_backend {
	const char *name;
	unsigned defaults;	/* enum column_flag: shown when no columns are asked for */
	void (*begin)(struct out *o);
	void (*field)(struct out *o, const char *key, const struct cell *c);
	void (*nest)(struct out *o, const char *key, bool array);
	void (*end)(struct out *o);
	void (*rows)(struct out *o, const struct out_rows *r);
	void (*finish)(struct out *o);
};

extern const struct out_backend out_table_backend;
extern const struct out_backend out_json_backend;
extern const struct out_backend out_ndjson_backend;
extern const struct out_backend out_csv_backend;
extern const struct out_backend out_tsv_backend;
extern const struct out_backend out_prom_backend;

struct out {
	FILE *stream;
	const struct out_backend *backend;
	struct out_options opt;
	char *command;
	int error;		/* -errno of the first failure; nothing is written after it */

	char *buf;
	size_t n, size;
	bool hold;		/* the buffer grows, nothing is written: it may yet be dropped */

	char *scratch;		/* the text of one cell */
	size_t scratch_size;

	/* Where a JSON document stands; bit N of a mask is for depth N. */
	unsigned depth;
	uint64_t arrays;	/* an array is open there, not an object */
	uint64_t items;		/* something stands in it already */
	bool had_rows;
};

/* A cell or a string as text: safe to show, valid until the next call that makes one. */
struct out_string {
	const char *s;
	size_t n;
	bool ascii;		/* one column a byte */
};

/* Remembers the first failure, a -errno. */
void out_fail(struct out *o, int error);

/* Hands the buffer to the stream. */
void out_flush(struct out *o);

/* out_put where the buffer is too small. */
void out_put_slow(struct out *o, const char *s, size_t n);

static inline void out_put(struct out *o, const char *s, size_t n)
{
	if (o->size - o->n < n) {
		out_put_slow(o, s, n);
		return;
	}
	memcpy(o->buf + o->n, s, n);
	o->n += n;
}

static inline void out_puts(struct out *o, const char *s)
{
	out_put(o, s, strlen(s));
}

static inline void out_putc(struct out *o, char c)
{
	out_put(o, &c, 1);
}

void out_put_blanks(struct out *o, size_t n);

/* At least size bytes of scratch; NULL, with the failure remembered, where there is no memory. */
char *out_scratch(struct out *o, size_t size);

/* Significant digits that are needed to read the same double back. */
int out_precision(double d);

/* The text of a cell, escaped. human: units, "-" and yes or no for people; else plain numbers for
 * programs, and an unknown is empty. */
struct out_string out_cell_text(struct out *o, const struct cell *c, bool human);

/* Fills r->cells with one row; unknown is what fn leaves alone or what is no number. */
enum row_style out_row(const struct out_rows *r, size_t row);

/* The bytes of the character at s (n > 0) and its code point; 0 where they are not UTF-8. */
size_t out_decode(const char *s, size_t n, uint32_t *ret);

/* A character that drives a terminal in place of being seen: controls, C1, bidi marks, line
 * separators. */
bool out_is_control(uint32_t code);

/* How many bytes at the start of s are printable ASCII. */
static inline size_t out_ascii_prefix(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] >= 0x20 && s[i] < 0x7f)
		i++;
	return i;
}

#endif

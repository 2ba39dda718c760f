/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a document reads as JSON (RFC 8259), and its rows as one JSON object a line (NDJSON). Jansson
 * makes strings and real numbers, each dumped and freed at once, so memory does not grow with the
 * rows; a tree of a whole document would cost kilobytes a row. Integers are written here: jansson's
 * are signed and ours reach 2^64 - 1.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "out-backend.h"

enum { DEPTH_MAX = 63 };

/* ------------------------------------------------------------------ values */

/* Jansson leaves DEL as it is; it can only stand inside of a string. */
static int put_dumped(const char *s, size_t n, void *data)
{
	struct out *o = data;
	const char *del;

	while ((del = memchr(s, 0x7f, n))) {
		size_t part = (size_t)(del - s);

		out_put(o, s, part);
		out_puts(o, "\\u007f");
		s += part + 1;
		n -= part + 1;
	}
	out_put(o, s, n);
	return 0;
}

static void put_json(struct out *o, json_t *value, size_t flags)
{
	if (!value || json_dump_callback(value, put_dumped, o, flags | JSON_ENCODE_ANY) != 0)
		out_fail(o, -ENOMEM);
	json_decref(value);
}

/* s with each byte that is not UTF-8, and NUL, as the text \xNN. Returns the length. */
static size_t repair(const char *s, size_t n, char *buf)
{
	static const char hex[] = "0123456789abcdef";
	size_t done = 0;

	for (size_t i = 0; i < n;) {
		unsigned byte = (unsigned char)s[i];
		uint32_t code;
		size_t len = byte ? out_decode(s + i, n - i, &code) : 0;

		if (len) {
			memcpy(buf + done, s + i, len);
			done += len;
			i += len;
			continue;
		}
		buf[done++] = '\\';
		buf[done++] = 'x';
		buf[done++] = hex[byte >> 4];
		buf[done++] = hex[byte & 15];
		i++;
	}
	return done;
}

struct trouble {
	bool bad;     /* bytes that are not UTF-8, or NUL */
	bool control; /* characters that drive a terminal and that JSON would not escape */
};

static struct trouble look_for_trouble(const char *s, size_t n)
{
	struct trouble t = { 0 };

	for (size_t i = out_ascii_prefix(s, n); i < n;) {
		uint32_t code = 0;
		size_t len = s[i] ? out_decode(s + i, n - i, &code) : 0;

		t.bad |= len == 0;
		t.control |= code >= 0x80 && out_is_control(code);
		i += len ? len : 1;
	}
	return t;
}

static void put_string(struct out *o, const char *s, size_t n)
{
	struct trouble t = look_for_trouble(s, n);

	if (t.bad) {
		char *buf = out_scratch(o, n * 4);

		if (!buf)
			return;
		n = repair(s, n, buf);
		s = buf;
	}
	/* Said by its number it is the same string to a program, and safe to look at. */
	put_json(o, json_stringn_nocheck(s, n), t.control ? JSON_ENSURE_ASCII : 0);
}

static void put_ints(struct out *o, const int32_t *v, size_t n)
{
	out_putc(o, '[');
	for (size_t i = 0; i < n; i++) {
		char digits[OUT_DIGITS];
		size_t len;
		const char *p = out_int_digits(v[i], digits, &len);

		if (i > 0)
			out_put(o, ", ", 2);
		out_put(o, p, len);
	}
	out_putc(o, ']');
}

static void put_words(struct out *o, const char *const *v, size_t n)
{
	out_putc(o, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			out_put(o, ", ", 2);
		put_string(o, v[i], strlen(v[i]));
	}
	out_putc(o, ']');
}

static void put_value(struct out *o, const struct cell *c)
{
	char digits[OUT_DIGITS];
	const char *p;
	size_t n;

	switch (c->type) {
	case CELL_NULL:
		out_puts(o, "null");
		return;
	case CELL_INT:
		p = out_int_digits(c->i, digits, &n);
		out_put(o, p, n);
		return;
	case CELL_UINT:
	case CELL_BYTES:
		p = out_digits(c->u, digits, &n);
		out_put(o, p, n);
		return;
	case CELL_REAL:
		put_json(o, json_real(c->d), JSON_REAL_PRECISION((size_t)out_precision(c->d)));
		return;
	case CELL_BOOL:
		out_puts(o, c->b ? "true" : "false");
		return;
	case CELL_STR:
		put_string(o, c->str.s, c->str.n);
		return;
	case CELL_INTS:
		put_ints(o, c->ints.v, c->ints.n);
		return;
	case CELL_WORDS:
		put_words(o, c->words.v, c->words.n);
		return;
	}
}

/* ------------------------------------------------------------------ the document */

static bool is_ndjson(const struct out *o)
{
	return o->opt.format == OUT_NDJSON;
}

/* Rows are all that NDJSON says of a document that has some. */
static bool is_left_out(const struct out *o)
{
	return is_ndjson(o) && o->had_rows;
}

static void put_line_start(struct out *o, unsigned depth)
{
	out_putc(o, '\n');
	out_put_blanks(o, 2 * (size_t)depth);
}

/* A key is a plain word and comes again in each row: four fifths of the time went here. */
static void put_key(struct out *o, const char *key, size_t n)
{
	if (out_ascii_prefix(key, n) == n && !memchr(key, '"', n) && !memchr(key, '\\', n)) {
		out_putc(o, '"');
		out_put(o, key, n);
		out_putc(o, '"');
	} else {
		put_string(o, key, n);
	}
	out_put(o, ": ", 2);
}

/* All that stands before a value: comma, line and key. */
static void begin_item(struct out *o, const char *key)
{
	uint64_t here = UINT64_C(1) << o->depth;

	if (o->items & here)
		out_putc(o, ',');
	if (!is_ndjson(o))
		put_line_start(o, o->depth + 1);
	else if (o->items & here)
		out_putc(o, ' ');
	o->items |= here;
	if (!(o->arrays & here))
		put_key(o, key ? key : "", key ? strlen(key) : 0);
}

static void json_field(struct out *o, const char *key, const struct cell *c)
{
	if (is_left_out(o))
		return;
	begin_item(o, key);
	put_value(o, c);
}

static void json_nest(struct out *o, const char *key, bool array)
{
	uint64_t inside;

	if (is_left_out(o))
		return;
	if (o->depth == DEPTH_MAX) {
		out_fail(o, -EOVERFLOW);
		return;
	}
	begin_item(o, key);
	out_putc(o, array ? '[' : '{');
	inside = UINT64_C(1) << ++o->depth;
	o->items &= ~inside;
	o->arrays = array ? o->arrays | inside : o->arrays & ~inside;
}

/* Closes what is open at this depth, the document itself too. */
static void close_depth(struct out *o)
{
	uint64_t here = UINT64_C(1) << o->depth;

	if ((o->items & here) && !is_ndjson(o))
		put_line_start(o, o->depth);
	out_putc(o, o->arrays & here ? ']' : '}');
}

static void json_end(struct out *o)
{
	if (is_left_out(o) || o->depth == 0)
		return;
	close_depth(o);
	o->depth--;
}

static void put_schema(struct out *o)
{
	out_puts(o, "\"oomkit/");
	out_puts(o, o->command);
	out_puts(o, "/1\"");
}

static void json_begin(struct out *o)
{
	out_putc(o, '{');
	begin_item(o, "schema");
	put_schema(o);
}

static void json_finish(struct out *o)
{
	if (is_left_out(o))
		return;
	while (o->depth > 0)
		json_end(o);
	close_depth(o);
	out_putc(o, '\n');
}

/* ------------------------------------------------------------------ rows */

/* How a row is written, found once for all rows: "a.b" and "a.c" are keys of one object "a",
 * wherever they stand among the columns. */
struct step {
	const char *key;
	size_t key_n;
	size_t cell; /* which is written; of an object: none */
	size_t end;  /* of an object: the step behind its last; 0: a value */
};

struct plan {
	const struct out_rows *r;
	struct step *steps;
	size_t n;
	bool *done; /* cells that have their step */
};

static const char *key_of(const struct plan *p, size_t cell)
{
	return p->r->columns[p->r->shown[cell]].key;
}

/* The steps of those cells, from first on, whose keys begin like first's up to skip. */
static void plan_object(struct plan *p, size_t first, size_t skip)
{
	const char *prefix = key_of(p, first);

	for (size_t i = first; i < p->r->n_shown; i++) {
		const char *key = key_of(p, i), *name = key + skip, *dot;
		struct step *step = &p->steps[p->n];

		if (p->done[i] || strncmp(key, prefix, skip) != 0)
			continue;
		dot = strchr(name, '.');
		*step = (struct step){ .key = name,
				       .key_n = dot ? (size_t)(dot - name) : strlen(name) };
		p->n++;
		if (dot) {
			plan_object(p, i, (size_t)(dot + 1 - key));
			step->end = p->n;
		} else {
			step->cell = i;
			p->done[i] = true;
		}
	}
}

/* Returns 0 or -ENOMEM. The caller frees the steps. */
static int plan_row(struct plan *p, const struct out_rows *r)
{
	size_t n = 1;

	for (size_t i = 0; i < r->n_shown; i++)
		for (const char *c = r->columns[r->shown[i]].key; c; c = strchr(c + 1, '.'))
			n++;
	*p = (struct plan){ .r = r,
			    .steps = calloc(n, sizeof(*p->steps)),
			    .done = calloc(r->n_shown + 1, sizeof(*p->done)) };
	if (p->steps && p->done && r->n_shown)
		plan_object(p, 0, 0);
	free(p->done);
	return p->steps && p->done ? 0 : -ENOMEM;
}

/* Whether nothing is known of what the steps from..to write. */
static bool is_unknown(const struct plan *p, size_t from, size_t to)
{
	while (from < to &&
	       (p->steps[from].end || p->r->cells[p->steps[from].cell].type == CELL_NULL))
		from++;
	return from == to;
}

static void put_steps(struct out *o, const struct plan *p, size_t from, size_t to, bool open)
{
	size_t i = from;

	while (i < to) {
		const struct step *s = &p->steps[i];

		if (i > from || open)
			out_put(o, ", ", 2);
		put_key(o, s->key, s->key_n);
		i = s->end ? s->end : i + 1;
		if (!s->end) {
			put_value(o, &p->r->cells[s->cell]);
		} else if (is_unknown(p, (size_t)(s - p->steps) + 1, s->end)) {
			out_puts(o, "null");
		} else {
			out_putc(o, '{');
			put_steps(o, p, (size_t)(s - p->steps) + 1, s->end, false);
			out_putc(o, '}');
		}
	}
}

static void put_row(struct out *o, const struct plan *p)
{
	out_putc(o, '{');
	if (is_ndjson(o)) {
		put_key(o, "schema", strlen("schema"));
		put_schema(o);
	}
	put_steps(o, p, 0, p->n, is_ndjson(o));
	out_putc(o, '}');
}

static void put_rows(struct out *o, const struct out_rows *r)
{
	bool lines = is_ndjson(o);
	struct plan p;

	if (plan_row(&p, r) < 0)
		out_fail(o, -ENOMEM);
	for (size_t row = 0; row < r->n_rows && !o->error; row++) {
		out_row(r, row);
		if (!lines && row > 0)
			out_putc(o, ',');
		if (!lines)
			put_line_start(o, o->depth + 2);
		put_row(o, &p);
		if (lines)
			out_putc(o, '\n');
	}
	free(p.steps);
}

static void json_rows(struct out *o, const struct out_rows *r)
{
	begin_item(o, r->key);
	out_putc(o, '[');
	put_rows(o, r);
	if (r->n_rows > 0)
		put_line_start(o, o->depth + 1);
	out_putc(o, ']');
}

/* What was held of the document is let go: it has rows, so they are all that is said. */
static void drop_document(struct out *o)
{
	o->had_rows = true;
	o->hold = false;
	o->n = 0;
}

static void ndjson_rows(struct out *o, const struct out_rows *r)
{
	if (!o->had_rows)
		drop_document(o);
	put_rows(o, r);
}

static void ndjson_begin(struct out *o)
{
	o->hold = true;
	json_begin(o);
}

const struct out_backend out_json_backend = {
	.name = "json",
	.defaults = COLUMN_JSON,
	.begin = json_begin,
	.field = json_field,
	.nest = json_nest,
	.end = json_end,
	.rows = json_rows,
	.finish = json_finish,
};

const struct out_backend out_ndjson_backend = {
	.name = "ndjson",
	.defaults = COLUMN_JSON,
	.begin = ndjson_begin,
	.field = json_field,
	.nest = json_nest,
	.end = json_end,
	.rows = ndjson_rows,
	.finish = json_finish,
};

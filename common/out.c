/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is the same in every format: how bytes reach the stream and which failure is remembered, how
 * a cell reads as text that a terminal may be given, and which columns are shown. The formats
 * themselves are in out-*.c.
 */
#include "out.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <strings.h>

#include "base.h"
#include "civil.h"
#include "out-backend.h"

/* One write for a usual answer; larger ones are not slower in pieces of this size, only larger in
 * memory. */
enum { BUFFER_SIZE = 8192, SCRATCH_SIZE = 256 };

static const struct out_backend *const backends[] = {
	[OUT_TABLE] = &out_table_backend,
	[OUT_JSON] = &out_json_backend,
	[OUT_NDJSON] = &out_ndjson_backend,
	[OUT_CSV] = &out_csv_backend,
	[OUT_TSV] = &out_tsv_backend,
	[OUT_PROM] = &out_prom_backend,
};
_Static_assert(ARRAY_SIZE(backends) == OUT_FORMAT_N, "a format without a backend");

static const char *const paints[] = {
	[PAINT_OFF] = "\033[0m",
	[PAINT_BOLD] = "\033[1m",
	[PAINT_RED] = "\033[31m",
	[PAINT_YELLOW] = "\033[33m",
	[PAINT_GREEN] = "\033[32m",
	[PAINT_DIM] = "\033[2m",
};
_Static_assert(ARRAY_SIZE(paints) == PAINT_N, "a paint without its escape");

/* ------------------------------------------------------------------ cells */

struct cell cell_str(const char *s)
{
	return s ? cell_strn(s, strlen(s)) : cell_null();
}

struct cell cell_strn(const char *s, size_t n)
{
	if (!s)
		return cell_null();
	return (struct cell){ .type = CELL_STR, .str = { .s = s, .n = n } };
}

struct cell cell_ints(const int32_t *v, size_t n)
{
	return (struct cell){ .type = CELL_INTS, .ints = { .v = v, .n = n } };
}

struct cell cell_words(const char *const *v, size_t n)
{
	return (struct cell){ .type = CELL_WORDS, .words = { .v = v, .n = n } };
}

/* ------------------------------------------------------------------ bytes to the stream */

void out_fail(struct out *o, int error)
{
	if (!o->error)
		o->error = error;
}

/* A pipe or terminal that somebody else has made not to block is waited for as one that does. */
static void wait_until_writable(const struct out *o)
{
	struct pollfd fd = { .fd = fileno(o->stream), .events = POLLOUT };

	poll(&fd, 1, -1);
}

void out_flush(struct out *o)
{
	size_t done = 0;

	while (!o->error && done < o->n) {
		errno = 0;
		done += fwrite(o->buf + done, 1, o->n - done, o->stream);
		if (done == o->n)
			break;
		if (errno == EAGAIN)
			wait_until_writable(o);
		if (errno == EINTR || errno == EAGAIN)
			clearerr(o->stream);
		else
			out_fail(o, errno ? -errno : -EIO);
	}
	o->n = 0;
}

static void out_grow(struct out *o, size_t n)
{
	size_t size = (o->n + n) * 2;
	char *buf = realloc(o->buf, size);

	if (!buf) {
		out_fail(o, -ENOMEM);
		return;
	}
	o->buf = buf;
	o->size = size;
}

void out_put_slow(struct out *o, const char *s, size_t n)
{
	if (o->hold)
		out_grow(o, n);
	else
		out_flush(o);
	while (n > 0 && !o->error) {
		size_t part = n < o->size - o->n ? n : o->size - o->n;

		memcpy(o->buf + o->n, s, part);
		o->n += part;
		s += part;
		n -= part;
		if (n > 0)
			out_flush(o);
	}
}

void out_put_blanks(struct out *o, size_t n)
{
	static const char blanks[] = "                                ";

	while (n > 0) {
		size_t part = n < sizeof(blanks) - 1 ? n : sizeof(blanks) - 1;

		out_put(o, blanks, part);
		n -= part;
	}
}

char *out_scratch(struct out *o, size_t size)
{
	char *p;

	if (size <= o->scratch_size)
		return o->scratch;
	p = realloc(o->scratch, size);
	if (!p) {
		out_fail(o, -ENOMEM);
		return NULL;
	}
	o->scratch = p;
	o->scratch_size = size;
	return p;
}

/* ------------------------------------------------------------------ characters */

size_t out_decode(const char *s, size_t n, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	uint32_t code;
	size_t len;

	if (u[0] < 0x80) {
		*ret = u[0];
		return 1;
	}
	if (u[0] < 0xc0 || u[0] >= 0xf8)
		return 0;
	len = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;

	code = u[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (u[i] & 0x3fu);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret = code;
	return len;
}

bool out_is_control(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7f && code <= 0x9f))
		return true;
	if (code < 0x061c)
		return false;
	return code == 0x061c || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

enum { SHOWN_MAX = sizeof("\\u{2069}") };	/* the longest way to show a character */

/* How the character at s is shown; returns the length of that, and in *used the bytes of s that it
 * stands for. */
static size_t show_character(const char *s, size_t n, char shown[SHOWN_MAX], size_t *used)
{
	static const char hex[] = "0123456789abcdef";
	uint32_t code;
	size_t len = out_decode(s, n, &code);

	*used = len ? len : 1;
	if (len && !out_is_control(code)) {
		memcpy(shown, s, len);
		return len;
	}
	if (len <= 1) {
		unsigned byte = (unsigned char)s[0];

		memcpy(shown, "\\x", 2);
		shown[2] = hex[byte >> 4];
		shown[3] = hex[byte & 15];
		return 4;
	}
	memcpy(shown, "\\u{", 3);
	for (unsigned i = 0; i < 4; i++)
		shown[3 + i] = hex[code >> (12 - 4 * i) & 15];
	shown[7] = '}';
	return 8;
}

/* Returns how many bytes were written, with no NUL. */
static size_t escape(const char *s, size_t n, char *buf, size_t size)
{
	size_t done = 0;

	while (n > 0) {
		char shown[SHOWN_MAX];
		size_t used, len = show_character(s, n, shown, &used);

		if (len > size - done)
			break;
		memcpy(buf + done, shown, len);
		done += len;
		s += used;
		n -= used;
	}
	return done;
}

const char *out_escape(const char *s, size_t n, char *buf, size_t size)
{
	if (size > 0)
		buf[escape(s, n, buf, size - 1)] = '\0';
	return buf;
}

/* ------------------------------------------------------------------ numbers */

const char *out_digits(uint64_t u, char buf[OUT_DIGITS], size_t *n)
{
	size_t first = OUT_DIGITS;

	do {
		buf[--first] = (char)('0' + u % 10);
		u /= 10;
	} while (u > 0);
	*n = OUT_DIGITS - first;
	return &buf[first];
}

const char *out_int_digits(int64_t i, char buf[OUT_DIGITS], size_t *n)
{
	const char *p = out_digits(i < 0 ? 0 - (uint64_t)i : (uint64_t)i, buf, n);

	if (i >= 0)
		return p;
	buf[OUT_DIGITS - ++*n] = '-';
	return p - 1;
}

/*
 * One decimal below ten units, none from there on, rounded to the nearest: 1.5G, 12M. What rounds
 * up to a whole next unit is said in that unit: 1048575 is 1.0M and never 1024K.
 */
static size_t human_text(uint64_t bytes, bool si, char buf[OUT_DIGITS])
{
	static const char units[] = "BKMGTPE";
	uint64_t base = si ? 1000 : 1024, unit = 1, whole, rest, tenths;
	unsigned power = 0;
	size_t n;

	while (bytes / unit >= base) {
		unit *= base;
		power++;
	}
	whole = bytes / unit;
	rest = bytes % unit;	/* less than 1024^6, so ten times it still fits */
	if (rest >= unit - unit / 2 && whole + 1 == base) {
		unit *= base;
		power++;
		whole = 1;
		rest = 0;
	}
	tenths = whole * 10 + (rest * 10 + unit / 2) / unit;
	if (power > 0 && tenths < 100) {
		buf[0] = (char)('0' + tenths / 10);
		buf[1] = '.';
		buf[2] = (char)('0' + tenths % 10);
		n = 3;
	} else {
		char digits[OUT_DIGITS];
		const char *p;

		whole += power > 0 && rest >= unit - unit / 2;
		p = out_digits(whole, digits, &n);
		memcpy(buf, p, n);
	}
	buf[n++] = units[power];
	return n;
}

/* snprintf's meaning of size, for text that is there already. */
static const char *copy_text(const char *s, size_t n, char *buf, size_t size)
{
	if (size == 0)
		return buf;
	if (n > size - 1)
		n = size - 1;
	memcpy(buf, s, n);
	buf[n] = '\0';
	return buf;
}

const char *out_human(uint64_t bytes, bool si, char *buf, size_t size)
{
	char text[OUT_DIGITS];
	size_t n = human_text(bytes, si, text);

	return copy_text(text, n, buf, size);
}

const char *out_size(const struct out *o, uint64_t bytes, char *buf, size_t size)
{
	char digits[OUT_DIGITS];
	const char *p;
	size_t n;

	if (!o->opt.bytes)
		return out_human(bytes, o->opt.si, buf, size);
	p = out_digits(bytes, digits, &n);
	return copy_text(p, n, buf, size);
}

int out_precision(double d)
{
	char text[32];

	for (int precision = 15; precision < 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, d);
		if (strtod(text, NULL) == d)
			return precision;
	}
	return 17;
}

/* As printf's %.*g, whatever the locale takes for a decimal point. */
static size_t real_text(double d, char *buf, size_t size)
{
	char text[32];
	size_t n = 0;

	snprintf(text, sizeof(text), "%.*g", out_precision(d), d);
	for (const char *p = text; *p && n < size; p++) {
		if (strchr("0123456789+-e", *p))
			buf[n++] = *p;
		else if (n == 0 || buf[n - 1] != '.')
			buf[n++] = '.';
	}
	return n;
}

/* Two decimals, as people read averages and percentages. */
static size_t short_real_text(double d, char *buf, size_t size)
{
	char digits[OUT_DIGITS];
	uint64_t hundredths;
	const char *p;
	size_t n, done = 0;

	if (fabs(d) >= 1e15)
		return real_text(d, buf, size);
	hundredths = (uint64_t)(fabs(d) * 100 + 0.5);
	if (d < 0 && hundredths > 0)
		buf[done++] = '-';
	p = out_digits(hundredths / 100, digits, &n);
	memcpy(buf + done, p, n);
	done += n;
	buf[done++] = '.';
	buf[done++] = (char)('0' + hundredths / 10 % 10);
	buf[done++] = (char)('0' + hundredths % 10);
	return done;
}

/* ------------------------------------------------------------------ the text of a cell */

static struct out_string literal(const char *s)
{
	return (struct out_string){ .s = s, .n = strlen(s), .ascii = true };
}

static struct out_string str_text(struct out *o, const char *s, size_t n)
{
	char *buf;

	if (out_ascii_prefix(s, n) == n)
		return (struct out_string){ .s = s, .n = n, .ascii = true };
	/* A byte becomes four at most: \xNN; two or three of them \u{NNNN}. */
	buf = out_scratch(o, n * 4);
	if (!buf)
		return literal("");
	return (struct out_string){ .s = buf, .n = escape(s, n, buf, n * 4) };
}

static struct out_string ints_text(struct out *o, const int32_t *v, size_t n)
{
	char *buf = out_scratch(o, n * sizeof("-2147483648") + 1);
	size_t done = 0;

	if (!buf)
		return literal("");
	for (size_t i = 0; i < n; i++) {
		char digits[OUT_DIGITS];
		size_t len;
		const char *p = out_int_digits(v[i], digits, &len);

		if (i > 0)
			buf[done++] = ' ';
		memcpy(buf + done, p, len);
		done += len;
	}
	return (struct out_string){ .s = buf, .n = done, .ascii = true };
}

static struct out_string words_text(struct out *o, const char *const *v, size_t n)
{
	size_t size = 1, done = 0;
	char *buf;

	for (size_t i = 0; i < n; i++)
		size += strlen(v[i]) + 1;
	buf = out_scratch(o, size);
	if (!buf)
		return literal("");
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(v[i]);

		if (i > 0)
			buf[done++] = ' ';
		memcpy(buf + done, v[i], len);
		done += len;
	}
	return (struct out_string){ .s = buf, .n = done, .ascii = true };
}

struct out_string out_cell_text(struct out *o, const struct cell *c, bool human)
{
	struct out_string t = { .s = o->scratch, .ascii = true };

	switch (c->type) {
	case CELL_NULL:
		return literal(human ? "-" : "");
	case CELL_BOOL:
		if (human)
			return literal(c->b ? "yes" : "no");
		return literal(c->b ? "true" : "false");
	case CELL_STR:
		return str_text(o, c->str.s, c->str.n);
	case CELL_INTS:
		return ints_text(o, c->ints.v, c->ints.n);
	case CELL_WORDS:
		return words_text(o, c->words.v, c->words.n);
	case CELL_INT:
		t.s = out_int_digits(c->i, o->scratch, &t.n);
		return t;
	case CELL_BYTES:
		if (human && !o->opt.bytes) {
			t.n = human_text(c->u, o->opt.si, o->scratch);
			return t;
		}
		/* fall through */
	case CELL_UINT:
		t.s = out_digits(c->u, o->scratch, &t.n);
		return t;
	case CELL_REAL:
		t.n = human ? short_real_text(c->d, o->scratch, SCRATCH_SIZE)
			    : real_text(c->d, o->scratch, SCRATCH_SIZE);
		return t;
	}
	return literal("");
}

static void forget_no_number(struct cell *c)
{
	if (c->type == CELL_REAL && !isfinite(c->d))
		*c = cell_null();
}

enum row_style out_row(const struct out_rows *r, size_t row)
{
	enum row_style style;

	memset(r->cells, 0, r->n_shown * sizeof(*r->cells));
	style = r->fn(r->ctx, row, r->shown, r->n_shown, r->cells);
	for (size_t i = 0; i < r->n_shown; i++)
		forget_no_number(&r->cells[i]);
	return style;
}
_Static_assert(CELL_NULL == 0, "a cell of zeroes must be unknown");

/* ------------------------------------------------------------------ which columns */

static bool same_name(const char *a, const char *name, size_t n)
{
	return a && strlen(a) == n && strncasecmp(a, name, n) == 0;
}

/* Of the first in a list. strcspn() lies far from all else that we need of the C library. */
static size_t name_length(const char *list)
{
	return (size_t)(strchrnul(list, ',') - list);
}

static bool has_alias(const char *aliases, const char *name, size_t n)
{
	while (aliases && *aliases) {
		size_t len = name_length(aliases);

		if (len == n && strncasecmp(aliases, name, n) == 0)
			return true;
		aliases += len + (aliases[len] == ',');
	}
	return false;
}

int out_find_column(const struct column *columns, size_t n_columns, const char *name, size_t n)
{
	if (n == 0)
		return -1;
	/* A key is never hidden by another column's header, nor a header by an alias. */
	for (size_t i = 0; i < n_columns; i++)
		if (same_name(columns[i].key, name, n))
			return (int)i;
	for (size_t i = 0; i < n_columns; i++)
		if (same_name(columns[i].header, name, n))
			return (int)i;
	for (size_t i = 0; i < n_columns; i++)
		if (has_alias(columns[i].alias, name, n))
			return (int)i;
	return -1;
}

/* Adds column to the n in index unless it is there; returns how many there are now. */
static size_t add_once(unsigned *index, size_t n, unsigned column)
{
	for (size_t i = 0; i < n; i++)
		if (index[i] == column)
			return n;
	index[n] = column;
	return n + 1;
}

/* Adds the columns of list to the n in index; returns how many there are now, or -EINVAL. */
static int add_listed(const struct column *columns, size_t n_columns, const char *list,
		      unsigned *index, size_t n, const char **bad, size_t *bad_n)
{
	bool append = *list == '+';

	for (const char *p = list; p; p = *p == ',' ? p + 1 : NULL) {
		size_t len;
		int column;

		if (append && *p == '+')
			p++;
		len = name_length(p);
		column = out_find_column(columns, n_columns, p, len);
		if (column < 0) {
			*bad = p;
			*bad_n = len;
			return -EINVAL;
		}
		n = add_once(index, n, (unsigned)column);
		p += len;
	}
	return (int)n;
}

/* enum column_flag of what is shown without -o. */
static unsigned default_flag(const struct column *columns, size_t n_columns, enum out_format format)
{
	for (size_t i = 0; format == OUT_PROM && i < n_columns; i++)
		if (columns[i].flags & COLUMN_PROM)
			return COLUMN_PROM;
	return backends[format]->defaults;
}

int out_select(const struct column *columns, size_t n_columns, enum out_format format,
	       const char *list, bool all, unsigned **ret, const char **bad, size_t *bad_n)
{
	unsigned *index = calloc(n_columns + 1, sizeof(*index));
	unsigned flag = default_flag(columns, n_columns, format);
	bool defaults = !list || *list == '+';
	size_t n = 0;
	int r;

	if (!index)
		return -ENOMEM;
	for (unsigned i = 0; i < n_columns; i++)
		if (all || (defaults && (columns[i].flags & flag)))
			index[n++] = i;

	r = list ? add_listed(columns, n_columns, list, index, n, bad, bad_n) : (int)n;
	if (r < 0)
		free(index);
	else
		*ret = index;
	return r;
}

/* ------------------------------------------------------------------ the document */

/*
 * The stream keeps no buffer of its own behind ours: glibc drops what its buffer holds when a write
 * is interrupted, and without one fwrite returns just how far it came. A stream of memory has no
 * descriptor and needs none of this.
 */
static void take_stream(struct out *o)
{
	if (fflush(o->stream) != 0)
		out_fail(o, -errno);
	else if (ferror(o->stream))
		out_fail(o, -EIO);
	if (fileno(o->stream) >= 0)
		setvbuf(o->stream, NULL, _IONBF, 0);
}

static void out_free(struct out *o)
{
	free(o->command);
	free(o->scratch);
	free(o->buf);
	free(o);
}

struct out *out_new(FILE *stream, const char *command, const struct out_options *opt)
{
	struct out *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->stream = stream;
	o->opt = *opt;
	o->backend = backends[opt->format];
	o->command = strdup(command);
	o->size = BUFFER_SIZE;
	o->buf = malloc(BUFFER_SIZE);
	o->scratch_size = SCRATCH_SIZE;
	o->scratch = malloc(SCRATCH_SIZE);
	if (!o->command || !o->buf || !o->scratch) {
		out_free(o);
		return NULL;
	}
	if (opt->quiet)
		return o;
	take_stream(o);
	if (o->backend->begin)
		o->backend->begin(o);
	return o;
}

int out_finish(struct out *o)
{
	int r;

	if (!o->opt.quiet && o->backend->finish)
		o->backend->finish(o);
	out_flush(o);
	while (fflush(o->stream) != 0) {
		if (errno != EINTR) {
			out_fail(o, -errno);
			break;
		}
		clearerr(o->stream);
	}
	if (ferror(o->stream))
		out_fail(o, -EIO);
	r = o->error;
	out_free(o);
	return r;
}

void out_field(struct out *o, const char *key, struct cell c)
{
	if (o->opt.quiet || !o->backend->field)
		return;
	forget_no_number(&c);
	o->backend->field(o, key, &c);
}

void out_object(struct out *o, const char *key)
{
	if (!o->opt.quiet && o->backend->nest)
		o->backend->nest(o, key, false);
}

void out_array(struct out *o, const char *key)
{
	if (!o->opt.quiet && o->backend->nest)
		o->backend->nest(o, key, true);
}

void out_end(struct out *o)
{
	if (!o->opt.quiet && o->backend->end)
		o->backend->end(o);
}

void out_rows(struct out *o, const char *key, const struct column *columns, const unsigned *shown,
	      size_t n_shown, size_t n_rows, out_row_fn fn, void *ctx)
{
	struct out_rows r = {
		.key = key,
		.columns = columns,
		.shown = shown,
		.n_shown = n_shown,
		.n_rows = n_rows,
		.fn = fn,
		.ctx = ctx,
	};

	if (o->opt.quiet || o->error)
		return;
	r.cells = calloc(n_shown + 1, sizeof(*r.cells));
	if (r.cells)
		o->backend->rows(o, &r);
	else
		out_fail(o, -ENOMEM);
	free(r.cells);
}

void out_stream(struct out *o, const struct column *columns, const unsigned *shown, size_t n_shown)
{
	out_rows(o, NULL, columns, shown, n_shown, 0, NULL, NULL);
	o->opt.noheadings = true;
}

int out_push(struct out *o)
{
	out_flush(o);
	while (!o->error && fflush(o->stream) != 0) {
		if (errno != EINTR)
			out_fail(o, -errno);
		clearerr(o->stream);
	}
	return o->error;
}

const char *out_time(int64_t usec, int32_t zone_min, char *buf, size_t size)
{
	int64_t local = usec + (int64_t)zone_min * 60000000;
	int fraction = (int)(local % 1000000), minutes = zone_min < 0 ? -zone_min : zone_min;
	char digits[16] = "", zone[16];
	struct civil c;

	if (fraction < 0)
		fraction += 1000000;
	c = civil_of((local - fraction) / 1000000);
	if (fraction)
		snprintf(digits, sizeof(digits), ".%06d", fraction);
	snprintf(zone, sizeof(zone), "%c%02d:%02d", zone_min < 0 ? '-' : '+', minutes / 60 % 100,
		 minutes % 60);
	snprintf(buf, size, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02d%s%s", c.year, c.month, c.day,
		 c.hour, c.minute, c.second, digits, zone);
	return buf;
}

void out_text(struct out *o, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;
	int n;

	if (o->opt.quiet || !out_is_table(o))
		return;
	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0) {
		text = NULL;	/* its value is undefined after a failure */
		out_fail(o, -ENOMEM);
		return;
	}
	out_put(o, text, (size_t)n);
}

const char *out_paint(const struct out *o, enum out_paint p)
{
	return o->opt.color ? paints[p] : "";
}

/* ------------------------------------------------------------------ the formats' names */

bool out_is_table(const struct out *o)
{
	return o->opt.format == OUT_TABLE;
}

enum out_format out_format_of(const struct out *o)
{
	return o->opt.format;
}

int out_format_from_name(const char *name)
{
	for (int i = 0; i < OUT_FORMAT_N; i++)
		if (strcmp(backends[i]->name, name) == 0)
			return i;
	return -1;
}

const char *out_format_name(enum out_format f)
{
	return backends[f]->name;
}

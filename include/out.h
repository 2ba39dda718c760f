/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One writer for every command: typed cells in, a table, JSON, NDJSON, CSV, TSV or Prometheus text
 * out. It knows cells and columns and no word of what they mean. Escaping for terminals and JSON is
 * done here and nowhere else.
 */
#ifndef OOMKIT_OUT_H
#define OOMKIT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum out_format {
	OUT_TABLE,
	OUT_JSON,
	OUT_NDJSON,
	OUT_CSV,
	OUT_TSV,
	OUT_PROM,
	OUT_FORMAT_N,
};

enum cell_type {
	CELL_NULL,	/* unknown: null in JSON, "-" in a table, empty in csv, absent in prom */
	CELL_INT,
	CELL_UINT,
	CELL_BYTES,	/* memory in bytes; a table shows human units unless -b */
	CELL_REAL,	/* infinite or not a number is unknown */
	CELL_BOOL,
	CELL_STR,	/* untrusted bytes, any of them */
	CELL_INTS,	/* a list of numbers: a JSON array, blanks between in a table */
	CELL_WORDS,	/* a list of plain words of ours: the same */
};

struct cell {
	enum cell_type type;
	union {
		int64_t i;
		uint64_t u;	/* CELL_UINT, CELL_BYTES */
		double d;
		bool b;
		struct {
			const char *s;
			size_t n;
		} str;
		struct {
			const int32_t *v;
			size_t n;
		} ints;
		struct {
			const char *const *v;
			size_t n;
		} words;
	};
};

static inline struct cell cell_null(void)
{
	return (struct cell){ .type = CELL_NULL };
}

static inline struct cell cell_int(int64_t i)
{
	return (struct cell){ .type = CELL_INT, .i = i };
}

static inline struct cell cell_uint(uint64_t u)
{
	return (struct cell){ .type = CELL_UINT, .u = u };
}

static inline struct cell cell_bytes(uint64_t u)
{
	return (struct cell){ .type = CELL_BYTES, .u = u };
}

static inline struct cell cell_real(double d)
{
	return (struct cell){ .type = CELL_REAL, .d = d };
}

static inline struct cell cell_bool(bool b)
{
	return (struct cell){ .type = CELL_BOOL, .b = b };
}

struct cell cell_str(const char *s);			/* NULL is CELL_NULL */
struct cell cell_strn(const char *s, size_t n);
struct cell cell_ints(const int32_t *v, size_t n);
struct cell cell_words(const char *const *v, size_t n);

enum column_flag {
	COLUMN_TABLE = 1u << 0,		/* shown without -o in a table, csv, tsv, prom */
	COLUMN_JSON = 1u << 1,		/* shown without -o in JSON and NDJSON */
	COLUMN_RIGHT = 1u << 2,		/* aligned right */
	COLUMN_LABEL = 1u << 3,		/* prom: a label; other numbers are metrics */
	COLUMN_PROM = 1u << 4,		/* shown without -o in prom, where any column has this */
	COLUMN_COUNTER = 1u << 5,	/* prom: only ever grows, "_total" */
};

struct column {
	/* JSON key: the kernel's file name in full. "events.oom" is the key "oom" in an object
	 * "events", which is null where all that is shown of it is unknown. */
	const char *key;
	const char *header;		/* of the table */
	const char *alias;		/* other names that -o takes, "," between; or NULL */
	enum cell_type type;
	unsigned flags;
	unsigned need;			/* the command's own bits: what fills it must read */
	const char *help;		/* one sentence, for --list-columns and the man page */
};

struct out_options {
	enum out_format format;
	bool noheadings;
	bool bytes;			/* -b */
	bool si;			/* --si: powers of 1000 */
	bool quiet;			/* nothing is printed */
	unsigned width; /* of the terminal: the last column is cut to it; 0: never */
	bool color;			/* decided already: terminal, NO_COLOR, --color */
};

struct out;

/* command: "rank"; becomes the schema "oomkit/rank/1" and the prefix of the metrics. Returns NULL
 * for no memory. A stream with a descriptor is unbuffered from here on: the buffer is ours. */
struct out *out_new(FILE *stream, const char *command, const struct out_options *opt);

/* Flushes and closes all that is open; frees. Returns 0 or -errno of the first write that
 * failed. */
int out_finish(struct out *o);

/* Parts of the document: in JSON as they stand; in NDJSON on one line, and only where no rows
 * follow; table, csv, tsv and prom leave them out (what a person should read of them is said with
 * out_text). Keys are given inside an object and NULL inside an array. */
void out_field(struct out *o, const char *key, struct cell c);
void out_object(struct out *o, const char *key);
void out_array(struct out *o, const char *key);
void out_end(struct out *o);		/* closes the innermost object or array */

/* Which columns are shown: the list of -o ("pid,score", "+cmdline" appends to the defaults; names
 * are keys, headers or aliases, case does not matter), or all of them, or the defaults of the
 * format. The caller frees *ret, indexes into columns. Returns how many, or -EINVAL with *bad at
 * the name that is no column (*bad_n long). */
int out_select(const struct column *columns, size_t n_columns, enum out_format format,
	       const char *list, bool all, unsigned **ret, const char **bad, size_t *bad_n);

/* Index of the column named by key, header or alias; -1. */
int out_find_column(const struct column *columns, size_t n_columns, const char *name, size_t n);

enum row_style {
	ROW_PLAIN,
	ROW_MARKED,	/* the victim: bold red where there is colour */
	ROW_DIM,
};

/* Fills cells[i] for column shown[i] of row number row; its return value is the row's style. It may
 * be called more than once for a row and must give the same cells. */
typedef enum row_style (*out_row_fn)(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				     struct cell *cells);

/* A table of n_rows rows; an array of objects under key in JSON; a line a row in ndjson, csv, tsv.
 * A table prints headings unless noheadings. The last column is not padded. */
void out_rows(struct out *o, const char *key, const struct column *columns, const unsigned *shown,
	      size_t n_shown, size_t n_rows, out_row_fn fn, void *ctx);

/* For rows that come one by one: out_rows() of no rows prints the headings, if any; from then on
 * none are printed. */
void out_stream(struct out *o, const struct column *columns, const unsigned *shown, size_t n_shown);

/* Hands all that was written to the stream now. Returns 0 or -errno of the first write that
 * failed. */
int out_push(struct out *o);

/* A moment, microseconds since 1970, as ISO 8601 with the offset (minutes east of Greenwich); no
 * fraction where there is none. Returns buf. */
const char *out_time(int64_t usec, int32_t zone_min, char *buf, size_t size);

/* A line for people: printed in table format only, untrusted bytes in its arguments escaped by
 * out_escape. */
void out_text(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Bold, red... around a word of out_text, or "" without colour. */
enum out_paint { PAINT_OFF, PAINT_BOLD, PAINT_RED, PAINT_YELLOW, PAINT_GREEN, PAINT_DIM, PAINT_N };
const char *out_paint(const struct out *o, enum out_paint p);

/* s as it may be shown on a terminal: control characters, C1, bidi overrides and bad UTF-8 as \xNN
 * or \u{NNNN}, the rest as it is. Writes at most size bytes with the NUL and never half an escape.
 * Returns buf. */
const char *out_escape(const char *s, size_t n, char *buf, size_t size);

enum { OUT_DIGITS = 24 };	/* room for any 64-bit number with its sign */

/* The decimal digits of u, or of i, at the end of buf; returns where they begin, and their number
 * in *n. */
const char *out_digits(uint64_t u, char buf[OUT_DIGITS], size_t *n);
const char *out_int_digits(int64_t i, char buf[OUT_DIGITS], size_t *n);

/* "512 KiB"-like short human size as tables show it ("512K", "1.5G", "0B"). Returns buf. */
const char *out_human(uint64_t bytes, bool si, char *buf, size_t size);

/* The same as this out shows memory: -b and --si heeded. */
const char *out_size(const struct out *o, uint64_t bytes, char *buf, size_t size);

bool out_is_table(const struct out *o);
enum out_format out_format_of(const struct out *o);
int out_format_from_name(const char *name);	/* enum out_format or -1 */
const char *out_format_name(enum out_format f);

#endif

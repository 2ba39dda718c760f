/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer: every cell type in every format, hostile text, columns by name, failing writes. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <malloc.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "out-backend.h"
#include "out.h"

#include "check.h"

/* ------------------------------------------------------------------ a document into memory */

struct doc {
	struct out *o;
	FILE *stream;
	char *text;
	size_t n;
};

static void doc_open(struct doc *d, const struct out_options *opt)
{
	*d = (struct doc){ 0 };
	d->stream = open_memstream(&d->text, &d->n);
	d->o = out_new(d->stream, "test-it", opt);
}

/* What was written; the caller frees it. */
static char *doc_close(struct doc *d)
{
	CHECK_INT(out_finish(d->o), 0);
	fclose(d->stream);
	return d->text;
}

static void check_text(struct doc *d, const char *want)
{
	char *got = doc_close(d);

	CHECK_STR(got, want);
	free(got);
}

/* ------------------------------------------------------------------ rows made of given cells */

struct grid {
	const struct cell *cells;	/* row after row, all the columns of each */
	size_t n_columns;
	const enum row_style *styles;	/* NULL: plain */
	unsigned calls;
};

static enum row_style grid_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
			       struct cell *cells)
{
	struct grid *g = ctx;

	g->calls++;
	for (size_t i = 0; i < n_shown; i++)
		cells[i] = g->cells[row * g->n_columns + shown[i]];
	return g->styles ? g->styles[row] : ROW_PLAIN;
}

#define BOTH (COLUMN_TABLE | COLUMN_JSON)

static const struct column columns[] = {
	{ "name", "NAME", "title,label", CELL_STR, BOTH | COLUMN_LABEL, 0, "What it is called." },
	{ "count", "N", NULL, CELL_INT, BOTH | COLUMN_RIGHT, 0, "How many \\ of \"it\"." },
	{ "size", "SIZE", "bytes", CELL_BYTES, BOTH | COLUMN_RIGHT, 0, "How big." },
	{ "ratio", "RATIO", NULL, CELL_REAL, BOTH | COLUMN_RIGHT, 0, NULL },
	{ "on", "ON", NULL, CELL_BOOL, BOTH, 0, "Whether it is on." },
	{ "parts", "PARTS", NULL, CELL_INTS, BOTH, 0, "Its parts." },
};
static const unsigned all_shown[] = { 0, 1, 2, 3, 4, 5 };
static const int32_t three_ints[] = { 1, -2, INT32_MIN };

static const struct cell *sample_cells(void)
{
	static struct cell cells[2 * ARRAY_SIZE(columns)];

	cells[0] = cell_str("one");
	cells[1] = cell_int(-7);
	cells[2] = cell_bytes(1536);
	cells[3] = cell_real(0.1);
	cells[4] = cell_bool(true);
	cells[5] = cell_ints(three_ints, 3);
	cells[6] = cell_str("a longer name");
	cells[7] = cell_null();
	cells[8] = cell_bytes(UINT64_MAX);
	cells[9] = cell_real(NAN);
	cells[10] = cell_bool(false);
	cells[11] = cell_ints(NULL, 0);
	return cells;
}

static void put_sample(struct doc *d, size_t n_rows)
{
	struct grid g = { .cells = sample_cells(), .n_columns = ARRAY_SIZE(columns) };

	out_rows(d->o, "things", columns, all_shown, ARRAY_SIZE(all_shown), n_rows, grid_row, &g);
}

/* ------------------------------------------------------------------ each format as it stands */

static void test_table(void)
{
	struct out_options opt = { .format = OUT_TABLE };
	struct doc d;

	doc_open(&d, &opt);
	out_field(d.o, "unseen", cell_int(1));
	put_sample(&d, 2);
	out_text(d.o, "%d of %s\n", 2, "them");
	check_text(&d, "NAME           N SIZE RATIO ON  PARTS\n"
		       "one           -7 1.5K  0.10 yes 1 -2 -2147483648\n"
		       "a longer name  -  16E     - no\n"
		       "2 of them\n");

	opt.noheadings = true;
	opt.bytes = true;
	doc_open(&d, &opt);
	put_sample(&d, 2);
	check_text(&d, "one           -7                 1536 0.10 yes 1 -2 -2147483648\n"
		       "a longer name  - 18446744073709551615    - no\n");

	opt = (struct out_options){ .si = true };
	doc_open(&d, &opt);
	put_sample(&d, 1);
	check_text(&d, "NAME  N SIZE RATIO ON  PARTS\n"
		       "one  -7 1.5K  0.10 yes 1 -2 -2147483648\n");

	doc_open(&d, &opt);
	put_sample(&d, 0);
	check_text(&d, "NAME N SIZE RATIO ON PARTS\n");
}

static void test_no_line_ends_in_blanks(void)
{
	static const unsigned shown[] = { 1, 0 };
	const struct cell cells[] = { cell_str(""),	cell_int(1), cell_str("wide wide"),
				      cell_int(10000), cell_str(""), cell_null() };
	struct out_options opt = { 0 };
	struct column two[] = { columns[0], columns[1] };
	struct grid g = { .cells = cells, .n_columns = 2 };
	struct doc d;

	two[1].flags = BOTH;	/* aligned left, so blanks would follow */
	doc_open(&d, &opt);
	out_rows(d.o, "x", two, shown, 2, 3, grid_row, &g);
	check_text(&d, "N     NAME\n1\n10000 wide wide\n-\n");
}

static void test_rows_are_painted(void)
{
	static const enum row_style styles[] = { ROW_MARKED, ROW_DIM, ROW_PLAIN };
	static const unsigned shown[] = { 0, 1 };
	const struct cell cells[] = { cell_str("a"), cell_int(1), cell_str("bb"),
				      cell_int(2), cell_str("c"), cell_int(3) };
	struct grid g = { .cells = cells, .n_columns = 2, .styles = styles };
	struct out_options opt = { .color = true };
	struct doc d;

	doc_open(&d, &opt);
	out_rows(d.o, "x", columns, shown, 2, 3, grid_row, &g);
	out_text(d.o, "%sred%s\n", out_paint(d.o, PAINT_RED), out_paint(d.o, PAINT_OFF));
	check_text(&d, "NAME N\n"
		       "\033[1m\033[31ma    1\033[0m\n"
		       "\033[2mbb   2\033[0m\n"
		       "c    3\n"
		       "\033[31mred\033[0m\n");

	opt.color = false;
	doc_open(&d, &opt);
	out_rows(d.o, "x", columns, shown, 2, 2, grid_row, &g);
	out_text(d.o, "%sred%s\n", out_paint(d.o, PAINT_RED), out_paint(d.o, PAINT_OFF));
	check_text(&d, "NAME N\na    1\nbb   2\nred\n");
	CHECK_INT(g.calls, 2 * 3 + 2 * 2);
}

static void test_width_on_a_terminal(void)
{
	static const unsigned shown[] = { 0, 1 };
	const struct cell cells[] = {
		cell_str("\u6f22\u5b57"),     cell_int(1), /* two wide characters: four columns */
		cell_str("e\u0301\u00e9"),    cell_int(2), /* a combining accent, and none: two */
		cell_str("\U0001f600"),	      cell_int(3), /* outside of the first plane: two */
		cell_str("\xff" "1234\n"),    cell_int(4), /* escapes count as they are shown */
	};
	struct grid g = { .cells = cells, .n_columns = 2 };
	struct out_options opt = { .noheadings = true };
	struct doc d;

	doc_open(&d, &opt);
	out_rows(d.o, "x", columns, shown, 2, 4, grid_row, &g);
	check_text(&d, "\u6f22\u5b57         1\n"
		       "e\u0301\u00e9           2\n"
		       "\U0001f600           3\n"
		       "\\xff1234\\x0a 4\n");
}

static void test_csv_and_tsv(void)
{
	static const unsigned shown[] = { 0, 1 };
	const struct cell hard[] = {
		cell_str("a,b"),    cell_int(1),  cell_str("say \"a\""),    cell_int(2),
		cell_str(""),	    cell_int(3),  cell_null(),		    cell_null(),
		cell_str("\tx\r\n"), cell_int(INT64_MIN),
	};
	struct grid g = { .cells = hard, .n_columns = 2 };
	struct out_options opt = { .format = OUT_CSV };
	struct doc d;

	doc_open(&d, &opt);
	out_object(d.o, "unseen");
	out_text(d.o, "unseen\n");
	put_sample(&d, 2);
	check_text(&d, "name,count,size,ratio,on,parts\n"
		       "one,-7,1536,0.1,true,1 -2 -2147483648\n"
		       "a longer name,,18446744073709551615,,false,\"\"\n");

	opt.noheadings = true;
	doc_open(&d, &opt);
	out_rows(d.o, "x", columns, shown, 2, 5, grid_row, &g);
	check_text(&d, "\"a,b\",1\n\"say \"\"a\"\"\",2\n\"\",3\n,\n"
		       "\\x09x\\x0d\\x0a,-9223372036854775808\n");

	opt = (struct out_options){ .format = OUT_TSV };
	doc_open(&d, &opt);
	put_sample(&d, 2);
	check_text(&d, "name\tcount\tsize\tratio\ton\tparts\n"
		       "one\t-7\t1536\t0.1\ttrue\t1 -2 -2147483648\n"
		       "a longer name\t\t18446744073709551615\t\tfalse\t\n");

	doc_open(&d, &opt);
	out_rows(d.o, "x", columns, shown, 2, 5, grid_row, &g);
	check_text(&d, "name\tcount\na,b\t1\nsay \"a\"\t2\n\t3\n\t\n"
		       "\\x09x\\x0d\\x0a\t-9223372036854775808\n");
}

static void test_prom(void)
{
	static const struct column two_labels[] = {
		{ "name", "NAME", NULL, CELL_STR, COLUMN_LABEL, 0, "x" },
		{ "odd-key", "K", NULL, CELL_INT, COLUMN_LABEL, 0, "x" },
		{ "used_bytes", "U", NULL, CELL_BYTES, 0, 0, "Two\nlines." },
	};
	const struct cell cells[] = {
		cell_str("a\"b\\c\nd"), cell_int(5), cell_bytes(1), cell_null(), cell_int(6),
		cell_bytes(2), cell_null(), cell_null(), cell_bytes(3),
	};
	struct grid g = { .cells = cells, .n_columns = 3 };
	struct out_options opt = { .format = OUT_PROM };
	struct doc d;

	doc_open(&d, &opt);
	out_field(d.o, "unseen", cell_int(1));
	out_text(d.o, "unseen\n");
	put_sample(&d, 2);
	check_text(&d,
		   "# HELP oomkit_test_it_count How many \\\\ of \"it\".\n"
		   "# TYPE oomkit_test_it_count gauge\n"
		   "oomkit_test_it_count{name=\"one\"} -7\n"
		   "# HELP oomkit_test_it_size_bytes How big.\n"
		   "# TYPE oomkit_test_it_size_bytes gauge\n"
		   "oomkit_test_it_size_bytes{name=\"one\"} 1536\n"
		   "oomkit_test_it_size_bytes{name=\"a longer name\"} 18446744073709551615\n"
		   "# TYPE oomkit_test_it_ratio gauge\n"
		   "oomkit_test_it_ratio{name=\"one\"} 0.1\n"
		   "# HELP oomkit_test_it_on Whether it is on.\n"
		   "# TYPE oomkit_test_it_on gauge\n"
		   "oomkit_test_it_on{name=\"one\"} 1\n"
		   "oomkit_test_it_on{name=\"a longer name\"} 0\n");

	doc_open(&d, &opt);
	out_rows(d.o, "x", two_labels, all_shown, 3, 3, grid_row, &g);
	check_text(&d, "# HELP oomkit_test_it_used_bytes Two\\\\x0alines.\n"
		       "# TYPE oomkit_test_it_used_bytes gauge\n"
		       "oomkit_test_it_used_bytes{name=\"a\\\"b\\\\c\\\\x0ad\",odd_key=\"5\"} 1\n"
		       "oomkit_test_it_used_bytes{odd_key=\"6\"} 2\n"
		       "oomkit_test_it_used_bytes 3\n");
	CHECK_INT(g.calls, 3);
}

static void put_parts(struct out *o)
{
	out_field(o, "kernel", cell_str("6.1"));
	out_object(o, "scope");
	out_field(o, "u", cell_uint(UINT64_MAX));
	out_field(o, "i", cell_int(INT64_MIN));
	out_field(o, "r", cell_real(-2));
	out_field(o, "inf", cell_real(INFINITY));
	out_object(o, "empty");
	out_end(o);
	out_end(o);
	out_array(o, "list");
	out_field(o, NULL, cell_bool(true));
	out_object(o, NULL);
	out_field(o, "k\"", cell_null());
	out_end(o);
	out_array(o, NULL);
	out_end(o);
	out_end(o);
}

static void test_json(void)
{
	struct out_options opt = { .format = OUT_JSON, .noheadings = true, .si = true };
	struct doc d;

	doc_open(&d, &opt);
	out_text(d.o, "unseen\n");
	put_parts(d.o);
	put_sample(&d, 2);
	check_text(&d,
		   "{\n"
		   "  \"schema\": \"oomkit/test-it/1\",\n"
		   "  \"kernel\": \"6.1\",\n"
		   "  \"scope\": {\n"
		   "    \"u\": 18446744073709551615,\n"
		   "    \"i\": -9223372036854775808,\n"
		   "    \"r\": -2.0,\n"
		   "    \"inf\": null,\n"
		   "    \"empty\": {}\n"
		   "  },\n"
		   "  \"list\": [\n"
		   "    true,\n"
		   "    {\n"
		   "      \"k\\\"\": null\n"
		   "    },\n"
		   "    []\n"
		   "  ],\n"
		   "  \"things\": [\n"
		   "    {\"name\": \"one\", \"count\": -7, \"size\": 1536, \"ratio\": 0.1, "
		   "\"on\": true, \"parts\": [1, -2, -2147483648]},\n"
		   "    {\"name\": \"a longer name\", \"count\": null, "
		   "\"size\": 18446744073709551615, \"ratio\": null, \"on\": false, "
		   "\"parts\": []}\n"
		   "  ]\n"
		   "}\n");

	doc_open(&d, &opt);
	check_text(&d, "{\n  \"schema\": \"oomkit/test-it/1\"\n}\n");

	doc_open(&d, &opt);
	out_array(d.o, "left open");
	out_object(d.o, NULL);
	put_sample(&d, 0);
	check_text(&d, "{\n"
		       "  \"schema\": \"oomkit/test-it/1\",\n"
		       "  \"left open\": [\n"
		       "    {\n"
		       "      \"things\": []\n"
		       "    }\n"
		       "  ]\n"
		       "}\n");
}

/* Keys with dots: one object for all that begin alike, wherever they stand; null where nothing of
 * it is known. */
static void test_json_objects(void)
{
	static const struct column nested[] = {
		{ "path", "PATH", NULL, CELL_STR, BOTH, 0, "x" },
		{ "events.oom", "OOM", NULL, CELL_UINT, BOTH, 0, "x" },
		{ "events_local.oom", "LOCAL", NULL, CELL_UINT, BOTH, 0, "x" },
		{ "events.oom_kill", "KILL", NULL, CELL_UINT, BOTH, 0, "x" },
		{ "p.some.avg", "SOME", NULL, CELL_REAL, BOTH, 0, "x" },
		{ "p.full.avg", "FULL", NULL, CELL_REAL, BOTH, 0, "x" },
	};
	const struct cell cells[] = {
		cell_str("/a"), cell_uint(1),    cell_null(), cell_uint(2),
		cell_real(0.5), cell_null(),     cell_str("/b"), cell_null(),
		cell_uint(3),   cell_null(),     cell_null(), cell_null(),
	};
	static const unsigned mixed[] = { 3, 0, 5, 1 };
	struct grid g = { .cells = cells, .n_columns = 6 };
	struct out_options opt = { .format = OUT_NDJSON };
	struct doc d;

	doc_open(&d, &opt);
	out_rows(d.o, "x", nested, all_shown, 6, 2, grid_row, &g);
	check_text(&d,
		   "{\"schema\": \"oomkit/test-it/1\", \"path\": \"/a\", "
		   "\"events\": {\"oom\": 1, \"oom_kill\": 2}, \"events_local\": null, "
		   "\"p\": {\"some\": {\"avg\": 0.5}, \"full\": null}}\n"
		   "{\"schema\": \"oomkit/test-it/1\", \"path\": \"/b\", "
		   "\"events\": null, \"events_local\": {\"oom\": 3}, \"p\": null}\n");
	opt.format = OUT_JSON;
	doc_open(&d, &opt);
	out_rows(d.o, "x", nested, mixed, 4, 1, grid_row, &g);
	check_text(&d, "{\n  \"schema\": \"oomkit/test-it/1\",\n  \"x\": [\n"
		       "    {\"events\": {\"oom_kill\": 2, \"oom\": 1}, \"path\": \"/a\", "
		       "\"p\": null}\n  ]\n}\n");
	opt.format = OUT_CSV;
	doc_open(&d, &opt);
	out_rows(d.o, "x", nested, mixed, 4, 1, grid_row, &g);
	check_text(&d, "events.oom_kill,path,p.full.avg,events.oom\n2,/a,,1\n");
}

/* Counters have their own type and ending; a column may be Prometheus' alone. */
static void test_prom_counters(void)
{
	static const struct column counted[] = {
		{ "path", "PATH", NULL, CELL_STR, COLUMN_LABEL | COLUMN_PROM, 0, "x" },
		{ "events.oom", "OOM", NULL, CELL_UINT, COLUMN_PROM | COLUMN_COUNTER, 0,
		  "How often" },
		{ "rest", "REST", NULL, CELL_UINT, BOTH, 0, "x" },
		{ "read_bytes", "READ", NULL, CELL_BYTES, COLUMN_COUNTER, 0, NULL },
	};
	const struct cell cells[] = { cell_str("/a"), cell_uint(1), cell_uint(2), cell_bytes(3) };
	struct grid g = { .cells = cells, .n_columns = 4 };
	struct out_options opt = { .format = OUT_PROM };
	unsigned *shown = NULL;
	const char *bad;
	size_t bad_n;
	struct doc d;

	CHECK_INT(out_select(counted, 4, OUT_PROM, NULL, false, &shown, &bad, &bad_n), 2);
	doc_open(&d, &opt);
	out_rows(d.o, "x", counted, shown, 2, 1, grid_row, &g);
	check_text(&d, "# HELP oomkit_test_it_events_oom_total How often\n"
		       "# TYPE oomkit_test_it_events_oom_total counter\n"
		       "oomkit_test_it_events_oom_total{path=\"/a\"} 1\n");
	free(shown);
	CHECK_INT(out_select(counted, 4, OUT_PROM, "+read_bytes", false, &shown, &bad, &bad_n), 3);
	CHECK_INT(shown[2], 3);
	free(shown);
	CHECK_INT(out_select(counted, 4, OUT_CSV, NULL, false, &shown, &bad, &bad_n), 1);
	CHECK_INT(shown[0], 2);
	free(shown);
	doc_open(&d, &opt);
	out_rows(d.o, "x", counted, (const unsigned[]){ 3 }, 1, 1, grid_row, &g);
	check_text(&d, "# TYPE oomkit_test_it_read_bytes_total counter\n"
		       "oomkit_test_it_read_bytes_total 3\n");
}

static void test_ndjson(void)
{
	struct out_options opt = { .format = OUT_NDJSON };
	struct doc d;

	doc_open(&d, &opt);
	put_parts(d.o);
	put_sample(&d, 2);
	out_field(d.o, "unseen", cell_int(1));
	out_object(d.o, "unseen");
	out_end(d.o);
	put_sample(&d, 1);
	check_text(&d,
		   "{\"schema\": \"oomkit/test-it/1\", \"name\": \"one\", \"count\": -7, "
		   "\"size\": 1536, \"ratio\": 0.1, \"on\": true, "
		   "\"parts\": [1, -2, -2147483648]}\n"
		   "{\"schema\": \"oomkit/test-it/1\", \"name\": \"a longer name\", "
		   "\"count\": null, \"size\": 18446744073709551615, \"ratio\": null, "
		   "\"on\": false, \"parts\": []}\n"
		   "{\"schema\": \"oomkit/test-it/1\", \"name\": \"one\", \"count\": -7, "
		   "\"size\": 1536, \"ratio\": 0.1, \"on\": true, "
		   "\"parts\": [1, -2, -2147483648]}\n");

	doc_open(&d, &opt);
	put_parts(d.o);
	check_text(&d,
		   "{\"schema\": \"oomkit/test-it/1\", \"kernel\": \"6.1\", "
		   "\"scope\": {\"u\": 18446744073709551615, \"i\": -9223372036854775808, "
		   "\"r\": -2.0, \"inf\": null, \"empty\": {}}, "
		   "\"list\": [true, {\"k\\\"\": null}, []]}\n");

	doc_open(&d, &opt);
	put_parts(d.o);
	put_sample(&d, 0);
	check_text(&d, "");
}

/* It is held until it is known to have no rows, however long it is. */
static void test_ndjson_holds_a_long_document(void)
{
	struct out_options opt = { .format = OUT_NDJSON };
	char *text, big[1000];
	json_t *parsed;
	struct doc d;

	memset(big, 'x', sizeof(big));
	doc_open(&d, &opt);
	out_array(d.o, "a");
	for (int i = 0; i < 200; i++)
		out_field(d.o, NULL, cell_strn(big, sizeof(big)));
	text = doc_close(&d);
	CHECK(strchr(text, '\n') == text + strlen(text) - 1);
	parsed = json_loads(text, 0, NULL);
	CHECK_INT(json_array_size(json_object_get(parsed, "a")), 200);
	json_decref(parsed);
	free(text);

	doc_open(&d, &opt);
	for (int i = 0; i < 200; i++)
		out_field(d.o, "x", cell_strn(big, sizeof(big)));
	put_sample(&d, 0);
	check_text(&d, "");
}

/* ------------------------------------------------------------------ JSON of any shape */

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void put_random_part(struct doc *d, unsigned *seed, unsigned *depth, bool *array)
{
	static const char *const odd[] = { "", "\xc3", "a\x7f\x01", "\u202e\xc2\x9b", "\"\\" };
	const char *key = array[*depth] ? NULL : odd[next_random(seed) % ARRAY_SIZE(odd)];

	switch (next_random(seed) % 6) {
	case 0:
	case 1:
		out_field(d->o, key, sample_cells()[next_random(seed) % 12]);
		break;
	case 2:
	case 3:
		if (*depth == 20)
			break;
		array[++*depth] = next_random(seed) % 2;
		if (array[*depth])
			out_array(d->o, key);
		else
			out_object(d->o, key);
		break;
	case 4:
		out_end(d->o);
		*depth -= *depth > 0;
		break;
	default:
		put_sample(d, next_random(seed) % 3);
	}
}

static void test_json_of_any_shape_is_valid(void)
{
	unsigned seed = 1, invalid = 0;

	for (int i = 0; i < 2000; i++) {
		struct out_options opt = { .format = i % 2 ? OUT_JSON : OUT_NDJSON };
		bool array[32] = { false };
		unsigned depth = 0, parts = next_random(&seed) % 30;
		json_error_t error;
		json_t *parsed;
		struct doc d;
		char *text;

		doc_open(&d, &opt);
		for (unsigned part = 0; part < parts; part++)
			put_random_part(&d, &seed, &depth, array);
		text = doc_close(&d);
		for (char *line = text; *line;) {
			size_t n = opt.format == OUT_JSON ? strlen(line) : strcspn(line, "\n") + 1;

			parsed = json_loadb(line, n, JSON_DECODE_INT_AS_REAL, &error);
			invalid += !json_is_object(parsed);
			json_decref(parsed);
			line += n;
		}
		free(text);
	}
	CHECK_INT(invalid, 0);
}

static void test_json_has_a_greatest_depth(void)
{
	struct out_options opt = { .format = OUT_JSON };
	struct doc d;

	doc_open(&d, &opt);
	for (int i = 0; i < 63; i++)
		out_array(d.o, "x");
	free(doc_close(&d));

	doc_open(&d, &opt);
	for (int i = 0; i < 64; i++)
		out_array(d.o, "x");
	CHECK_INT(out_finish(d.o), -EOVERFLOW);
	fclose(d.stream);
	free(d.text);
}

/* ------------------------------------------------------------------ hostile text */

static const char *escaped(const char *s, size_t n)
{
	static char buf[256];

	return out_escape(s, n, buf, sizeof(buf));
}

static void test_escape(void)
{
	CHECK_STR(escaped("plain \\ text", 12), "plain \\ text");
	CHECK_STR(escaped("\n\t\0\x1b[31m\x7f", 9), "\\x0a\\x09\\x00\\x1b[31m\\x7f");
	CHECK_STR(escaped("\xc2\x80\xc2\x9f\xc2\xa0", 6), "\\u{0080}\\u{009f}\xc2\xa0");
	CHECK_STR(escaped("\u200d\u200e\u200f\u2010", 12), "\u200d\\u{200e}\\u{200f}\u2010");
	CHECK_STR(escaped("\u202a\u202e\u202f", 9), "\\u{202a}\\u{202e}\u202f");
	CHECK_STR(escaped("\u2065\u2066\u2069\u206a", 12), "\u2065\\u{2066}\\u{2069}\u206a");
	CHECK_STR(escaped("\u2028\u061c", 5), "\\u{2028}\\u{061c}");
	CHECK_STR(escaped("\u00e4\u6f22\U0010ffff", 9), "\u00e4\u6f22\U0010ffff");
	/* Not UTF-8: a lone tail, an overlong form, a surrogate, beyond the end, cut short. */
	CHECK_STR(escaped("\x80", 1), "\\x80");
	CHECK_STR(escaped("\xc0\xaf", 2), "\\xc0\\xaf");
	CHECK_STR(escaped("\xe0\x80\xaf", 3), "\\xe0\\x80\\xaf");
	CHECK_STR(escaped("\xed\xa0\x80", 3), "\\xed\\xa0\\x80");
	CHECK_STR(escaped("\xf4\x90\x80\x80", 4), "\\xf4\\x90\\x80\\x80");
	CHECK_STR(escaped("\xf8\xff", 2), "\\xf8\\xff");
	CHECK_STR(escaped("\xe6\xbc", 2), "\\xe6\\xbc");
	CHECK_STR(escaped("\xe6\xbc.", 3), "\\xe6\\xbc.");
	CHECK_STR(escaped("", 0), "");
}

static void test_escape_never_cuts(void)
{
	char buf[16];

	CHECK_STR(out_escape("abc\n", 4, buf, 8), "abc\\x0a");
	CHECK_STR(out_escape("abc\n", 4, buf, 7), "abc");
	CHECK_STR(out_escape("\u6f22\u5b57", 6, buf, 7), "\u6f22\u5b57");
	CHECK_STR(out_escape("\u6f22\u5b57", 6, buf, 6), "\u6f22");
	CHECK_STR(out_escape("a\u202e", 4, buf, 9), "a");
	CHECK_STR(out_escape("a\u202e", 4, buf, 10), "a\\u{202e}");
	CHECK_STR(out_escape("abc", 3, buf, 1), "");
	buf[0] = 'z';
	CHECK(out_escape("abc", 3, buf, 0) == buf && buf[0] == 'z');
}

/* The next character of text that a terminal must not be given, or NULL. */
static const char *find_control(const char *text, size_t n, const char *allowed)
{
	for (size_t i = 0; i < n;) {
		uint32_t code = 0;
		size_t len = out_decode(text + i, n - i, &code);

		if (len == 0 || (out_is_control(code) && !strchr(allowed, (int)code)) || code == 0)
			return text + i;
		i += len;
	}
	return NULL;
}

/* One row: s of n bytes as the name. */
static char *one_string(enum out_format format, const char *s, size_t n, size_t *ret_n)
{
	static const unsigned shown[] = { 0, 1 };
	const struct cell cells[] = { cell_strn(s, n), cell_int(1) };
	struct grid g = { .cells = cells, .n_columns = 2 };
	struct out_options opt = { .format = format };
	struct doc d;
	char *text;

	doc_open(&d, &opt);
	out_rows(d.o, "things", columns, shown, 2, 1, grid_row, &g);
	text = doc_close(&d);
	*ret_n = d.n;
	return text;
}

static void check_string_in_json(enum out_format format, const char *text, const char *want,
				 size_t n_want)
{
	json_t *parsed = json_loads(text, JSON_ALLOW_NUL, NULL), *row = parsed, *name;

	if (format == OUT_JSON)
		row = json_array_get(json_object_get(parsed, "things"), 0);
	name = json_object_get(row, "name");
	CHECK(json_string_length(name) == n_want &&
	      memcmp(json_string_value(name), want, n_want) == 0);
	json_decref(parsed);
}

static void check_hostile(const char *s, size_t n, const char *want_json, size_t n_want)
{
	for (int f = 0; f < OUT_FORMAT_N; f++) {
		enum out_format format = (enum out_format)f;
		size_t n_text;
		char *text = one_string(format, s, n, &n_text);
		unsigned lines = 0;

		CHECK(!find_control(text, n_text, format == OUT_TSV ? "\n\t" : "\n"));
		for (const char *p = text; (p = strchr(p, '\n')); p++)
			lines++;
		CHECK_INT(lines, format == OUT_NDJSON ? 1 : format == OUT_JSON ? 6
						      : format == OUT_PROM     ? 3
									       : 2);
		if (format == OUT_JSON || format == OUT_NDJSON)
			check_string_in_json(format, text, want_json, n_want);
		free(text);
	}
}

static void test_every_byte_in_every_format(void)
{
	char s[3] = "a?b", want[8], all[256];

	for (unsigned byte = 0; byte < 256; byte++) {
		int n;

		s[1] = (char)byte;
		all[byte] = (char)byte;
		if (byte == 0 || byte >= 0x80)
			n = snprintf(want, sizeof(want), "a\\x%02xb", byte);
		else
			n = snprintf(want, sizeof(want), "a%cb", (char)byte);
		check_hostile(s, sizeof(s), want, (size_t)n);
	}
	/* All at once: 127 bytes as they are, NUL and 128 bytes as four. */
	{
		char want_all[127 + 129 * 4 + 1];
		size_t n = 0;

		for (unsigned byte = 0; byte < 256; byte++) {
			if (byte > 0 && byte < 0x80)
				want_all[n++] = (char)byte;
			else
				n += (size_t)snprintf(want_all + n, 5, "\\x%02x", byte);
		}
		check_hostile(all, sizeof(all), want_all, n);
	}
	check_hostile("\u202e\xc2\x9b\u2066", 8, "\u202e\xc2\x9b\u2066", 8);
	check_hostile("\u00e4\xff\xc2\x9b", 5, "\u00e4\\xff\xc2\x9b", 8);
}

static void test_json_source_of_hostile_text(void)
{
	struct out_options opt = { .format = OUT_NDJSON };
	struct doc d;

	doc_open(&d, &opt);
	out_field(d.o, "bad", cell_strn("\u00e4\xff\0z", 5));
	out_field(d.o, "control", cell_str("\n\x1b\x7f\u00e4"));
	out_field(d.o, "c1", cell_str("\u00e4\xc2\x9b\u202e\U0001f600"));
	out_field(d.o, "null", cell_str(NULL));
	check_text(&d, "{\"schema\": \"oomkit/test-it/1\", "
		       "\"bad\": \"\u00e4\\\\xff\\\\x00z\", "
		       "\"control\": \"\\n\\u001B\\u007f\u00e4\", "
		       "\"c1\": \"\\u00E4\\u009B\\u202E\\uD83D\\uDE00\", "
		       "\"null\": null}\n");
}

/* ------------------------------------------------------------------ numbers */

static const char *human(uint64_t bytes, bool si)
{
	static char buf[16];

	return out_human(bytes, si, buf, sizeof(buf));
}

static void test_human(void)
{
	CHECK_STR(human(0, false), "0B");
	CHECK_STR(human(1023, false), "1023B");
	CHECK_STR(human(1024, false), "1.0K");
	CHECK_STR(human(1536, false), "1.5K");
	CHECK_STR(human(10188, false), "9.9K");	/* 9.949 */
	CHECK_STR(human(10189, false), "10K");	/* 9.950 */
	CHECK_STR(human(10751, false), "10K");	/* 10.499 */
	CHECK_STR(human(10752, false), "11K");	/* 10.5 */
	CHECK_STR(human(512 << 10, false), "512K");
	CHECK_STR(human(1048063, false), "1023K");
	CHECK_STR(human(1048064, false), "1.0M");	/* 1023.5K */
	CHECK_STR(human(1048575, false), "1.0M");
	CHECK_STR(human(12 << 20, false), "12M");
	CHECK_STR(human(UINT64_C(3) << 29, false), "1.5G");
	CHECK_STR(human(UINT64_C(1) << 60, false), "1.0E");
	CHECK_STR(human((UINT64_C(1) << 60) - 1, false), "1.0E");
	CHECK_STR(human(UINT64_MAX, false), "16E");
	CHECK_STR(human(999, true), "999B");
	CHECK_STR(human(1000, true), "1.0K");
	CHECK_STR(human(1500000000, true), "1.5G");
	CHECK_STR(human(999499, true), "999K");
	CHECK_STR(human(999500, true), "1.0M");
	CHECK_STR(human(UINT64_MAX, true), "18E");
}

static void test_size_heeds_the_options(void)
{
	struct out_options opt = { .bytes = true, .si = true };
	char buf[32];
	struct doc d;

	doc_open(&d, &opt);
	CHECK_STR(out_size(d.o, 2048, buf, sizeof(buf)), "2048");
	CHECK_STR(out_size(d.o, 2048, buf, 3), "20");
	free(doc_close(&d));
	opt.bytes = false;
	doc_open(&d, &opt);
	CHECK_STR(out_size(d.o, 2048, buf, sizeof(buf)), "2.0K");
	CHECK_STR(out_size(d.o, 1000000, buf, sizeof(buf)), "1.0M");
	free(doc_close(&d));
}

static void test_reals(void)
{
	static const unsigned shown[] = { 0 };
	static const struct column real[] = {
		{ "r", "R", NULL, CELL_REAL, BOTH, 0, "A number." },
	};
	const struct cell cells[] = { cell_real(0.125),	   cell_real(-0.001), cell_real(1e22),
				      cell_real(1.0 / 3.0), cell_real(-99.999) };
	struct grid g = { .cells = cells, .n_columns = 1 };
	struct out_options opt = { 0 };
	struct doc d;

	doc_open(&d, &opt);
	out_rows(d.o, "x", real, shown, 1, 5, grid_row, &g);
	check_text(&d, "R\n0.13\n0.00\n1e+22\n0.33\n-100.00\n");
	opt.format = OUT_CSV;
	doc_open(&d, &opt);
	out_rows(d.o, "x", real, shown, 1, 5, grid_row, &g);
	check_text(&d, "r\n0.125\n-0.001\n1e+22\n0.3333333333333333\n-99.999\n");
}

/* ------------------------------------------------------------------ columns by name */

static const struct column named[] = {
	{ "pid", "PID", NULL, CELL_INT, COLUMN_TABLE | COLUMN_JSON, 0, "x" },
	{ "oom_score", "SCORE", "points,sc", CELL_INT, COLUMN_TABLE, 0, "x" },
	{ "uid", "USER", NULL, CELL_UINT, COLUMN_JSON, 0, "x" },
	{ "user", "NAME", "score", CELL_STR, COLUMN_JSON, 0, "x" },
	{ "cmdline", "ARGS", NULL, CELL_STR, 0, 0, "x" },
};

static void test_find_column(void)
{
	CHECK_INT(out_find_column(named, 5, "pid", 3), 0);
	CHECK_INT(out_find_column(named, 5, "PiD", 3), 0);
	CHECK_INT(out_find_column(named, 5, "score", 5), 1);	/* a header before an alias */
	CHECK_INT(out_find_column(named, 5, "user", 4), 3);	/* a key before a header */
	CHECK_INT(out_find_column(named, 5, "points", 6), 1);
	CHECK_INT(out_find_column(named, 5, "SC", 2), 1);
	CHECK_INT(out_find_column(named, 5, "point", 5), -1);
	CHECK_INT(out_find_column(named, 5, "points,sc", 9), -1);
	CHECK_INT(out_find_column(named, 5, "pidx", 3), 0);
	CHECK_INT(out_find_column(named, 5, "", 0), -1);
}

/* The selection as "0 1 4", or "-EINVAL at NAME". */
static const char *selected(enum out_format format, const char *list, bool all)
{
	static char text[128];
	unsigned *shown = NULL;
	const char *bad = NULL;
	size_t bad_n = 0, n = 0;
	int r = out_select(named, ARRAY_SIZE(named), format, list, all, &shown, &bad, &bad_n);

	if (r == -EINVAL) {
		snprintf(text, sizeof(text), "bad '%.*s' at %td", (int)bad_n, bad, bad - list);
		return text;
	}
	text[0] = '\0';
	for (int i = 0; i < r; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u", i ? " " : "", shown[i]);
	free(shown);
	return text;
}

static void test_select(void)
{
	CHECK_STR(selected(OUT_TABLE, NULL, false), "0 1");
	CHECK_STR(selected(OUT_CSV, NULL, false), "0 1");
	CHECK_STR(selected(OUT_TSV, NULL, false), "0 1");
	CHECK_STR(selected(OUT_PROM, NULL, false), "0 1");
	CHECK_STR(selected(OUT_JSON, NULL, false), "0 2 3");
	CHECK_STR(selected(OUT_NDJSON, NULL, false), "0 2 3");
	CHECK_STR(selected(OUT_TABLE, NULL, true), "0 1 2 3 4");
	CHECK_STR(selected(OUT_TABLE, "cmdline,PID", false), "4 0");
	CHECK_STR(selected(OUT_TABLE, "pid,PID,oom_score,sc", false), "0 1");
	CHECK_STR(selected(OUT_TABLE, "+cmdline", false), "0 1 4");
	CHECK_STR(selected(OUT_TABLE, "+cmdline,pid,uid", false), "0 1 4 2");
	CHECK_STR(selected(OUT_TABLE, "+cmdline,+uid", false), "0 1 4 2");
	CHECK_STR(selected(OUT_JSON, "+cmdline", false), "0 2 3 4");
	CHECK_STR(selected(OUT_TABLE, "+cmdline", true), "0 1 2 3 4");
	CHECK_STR(selected(OUT_TABLE, "pid,nope,uid", false), "bad 'nope' at 4");
	CHECK_STR(selected(OUT_TABLE, "nope", true), "bad 'nope' at 0");
	CHECK_STR(selected(OUT_TABLE, "", false), "bad '' at 0");
	CHECK_STR(selected(OUT_TABLE, "+", false), "bad '' at 1");
	CHECK_STR(selected(OUT_TABLE, "pid,", false), "bad '' at 4");
	CHECK_STR(selected(OUT_TABLE, "pid,,uid", false), "bad '' at 4");
	CHECK_STR(selected(OUT_TABLE, "pid,+uid", false), "bad '+uid' at 4");
}

static void test_format_names(void)
{
	for (int f = 0; f < OUT_FORMAT_N; f++)
		CHECK_INT(out_format_from_name(out_format_name((enum out_format)f)), f);
	CHECK_INT(out_format_from_name("ndjson"), OUT_NDJSON);
	CHECK_INT(out_format_from_name("prom"), OUT_PROM);
	CHECK_INT(out_format_from_name("JSON"), -1);
	CHECK_INT(out_format_from_name(""), -1);
}

static void test_any_choice_of_columns(void)
{
	static const unsigned shown[] = { 4, 1 };
	struct grid g = { .cells = sample_cells(), .n_columns = ARRAY_SIZE(columns) };
	struct out_options opt = { .format = OUT_NDJSON };
	struct doc d;

	doc_open(&d, &opt);
	CHECK_INT(out_format_of(d.o), OUT_NDJSON);
	CHECK(!out_is_table(d.o));
	out_rows(d.o, "x", columns, shown, 2, 1, grid_row, &g);
	out_rows(d.o, "x", columns, shown, 0, 1, grid_row, &g);
	check_text(&d, "{\"schema\": \"oomkit/test-it/1\", \"on\": true, \"count\": -7}\n"
		       "{\"schema\": \"oomkit/test-it/1\"}\n");
}

static enum row_style sparse_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				 struct cell *cells)
{
	(void)ctx;
	(void)shown;
	cells[row % n_shown] = cell_int(5);
	return ROW_PLAIN;
}

static void test_what_is_not_filled_is_unknown(void)
{
	static const unsigned shown[] = { 0, 1 };
	struct out_options opt = { .format = OUT_CSV };
	struct doc d;

	doc_open(&d, &opt);
	out_rows(d.o, "x", columns, shown, 2, 2, sparse_row, NULL);
	check_text(&d, "name,count\n5,\n,5\n");
}

/* ------------------------------------------------------------------ writes that fail */

static enum row_style number_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				 struct cell *cells)
{
	unsigned *calls = ctx;

	(void)shown;
	++*calls;
	for (size_t i = 0; i < n_shown; i++)
		cells[i] = cell_int((int64_t)row);
	return ROW_PLAIN;
}

static int write_numbers(FILE *stream, const struct out_options *opt, size_t n_rows,
			 unsigned *calls)
{
	struct out *o = out_new(stream, "test", opt);
	unsigned local = 0;

	out_rows(o, "rows", columns, all_shown, 2, n_rows, number_row, calls ? calls : &local);
	return out_finish(o);
}

static void test_full_device(void)
{
	for (int f = 0; f < OUT_FORMAT_N; f++) {
		struct out_options opt = { .format = (enum out_format)f };
		FILE *full = fopen("/dev/full", "w");
		unsigned calls = 0;

		CHECK_INT(write_numbers(full, &opt, 1, NULL), -ENOSPC);
		/* What has failed once is not tried again. */
		CHECK_INT(write_numbers(full, &opt, 1, &calls), -EIO);
		CHECK_INT(calls, 0);
		fclose(full);

		full = fopen("/dev/full", "w");
		CHECK_INT(write_numbers(full, &opt, 100000, &calls), -ENOSPC);
		/* A table measures all of its rows before it writes the first. */
		if (f == OUT_TABLE)
			calls -= 100000;
		CHECK(calls > 0 && calls < 20000);
		fclose(full);
	}
}

static void test_closed_descriptor(void)
{
	struct out_options opt = { .format = OUT_JSON };
	FILE *f = tmpfile();

	close(fileno(f));
	CHECK_INT(write_numbers(f, &opt, 1, NULL), -EBADF);
	fclose(f);

	f = fopen("/dev/null", "r");
	CHECK_INT(write_numbers(f, &opt, 1, NULL), -EBADF);
	fclose(f);
}

static void test_what_the_stream_holds_already_counts(void)
{
	struct out_options opt = { .quiet = true };
	FILE *full = fopen("/dev/full", "w");

	fputs("before", full);
	CHECK_INT(write_numbers(full, &opt, 1, NULL), -ENOSPC);
	fclose(full);

	opt.quiet = false;
	full = fopen("/dev/full", "w");
	fputs("before", full);
	CHECK_INT(write_numbers(full, &opt, 1, NULL), -ENOSPC);
	fclose(full);
}

static void test_text_before_stays_before(void)
{
	struct out_options opt = { .format = OUT_CSV };
	FILE *f = tmpfile();
	char text[64] = "";

	fputs("before\n", f);
	CHECK_INT(write_numbers(f, &opt, 1, NULL), 0);
	fputs("after\n", f);
	rewind(f);
	CHECK_INT(fread(text, 1, sizeof(text) - 1, f), 28);
	CHECK_STR(text, "before\nname,count\n0,0\nafter\n");
	fclose(f);
}

static void test_quiet(void)
{
	for (int f = 0; f < OUT_FORMAT_N; f++) {
		struct out_options opt = { .format = (enum out_format)f, .quiet = true };
		unsigned calls = 0;
		struct doc d;

		doc_open(&d, &opt);
		put_parts(d.o);
		out_rows(d.o, "x", columns, all_shown, 2, 3, number_row, &calls);
		out_text(d.o, "unseen\n");
		check_text(&d, "");
		CHECK_INT(calls, 0);
	}
}

static void on_alarm(int signal_number)
{
	(void)signal_number;
}

/* Waits at first, so that the writer finds a full pipe; 0 where all lines came in order. */
static int read_numbers(int fd, long n_rows)
{
	FILE *in = fdopen(fd, "r");
	long a, b, row = 0;

	usleep(50000);
	while (fscanf(in, "%ld,%ld", &a, &b) == 2) {
		if (a != row || b != row)
			return 1;
		row++;
	}
	return row != n_rows;
}

static void test_interrupted_writes_lose_nothing(void)
{
	struct sigaction alarm_action = { .sa_handler = on_alarm };	/* no SA_RESTART */
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { 0 };
	struct out_options opt = { .format = OUT_CSV, .noheadings = true };
	int fds[2], status = -1;
	FILE *stream;
	pid_t child;

	CHECK_INT(pipe(fds), 0);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(fds[1]);
		_exit(read_numbers(fds[0], 50000));
	}
	close(fds[0]);
	stream = fdopen(fds[1], "w");
	sigaction(SIGALRM, &alarm_action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	CHECK_INT(write_numbers(stream, &opt, 50000, NULL), 0);
	setitimer(ITIMER_REAL, &never, NULL);
	fclose(stream);
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(status, 0);
}

/* ------------------------------------------------------------------ memory */

struct usage {
	size_t early, late;
};

static enum row_style usage_row(void *ctx, size_t row, const unsigned *shown, size_t n_shown,
				struct cell *cells)
{
	struct usage *u = ctx;
	size_t used;

	(void)shown;
	(void)n_shown;
	cells[0] = cell_str("text with \"quotes\" and \xff");
	cells[1] = cell_real((double)row);
	if (row != 10 && row != 19999)
		return ROW_PLAIN;
	used = mallinfo2().uordblks + mallinfo2().hblkhd;
	if (row == 10)
		u->early = used;
	else
		u->late = used;
	return ROW_PLAIN;
}

static void test_memory_does_not_grow_with_rows(void)
{
	for (int f = 0; f < OUT_FORMAT_N; f++) {
		struct out_options opt = { .format = (enum out_format)f };
		FILE *null = fopen("/dev/null", "w");
		struct out *o = out_new(null, "test", &opt);
		struct usage u = { 1, 2 };

		out_rows(o, "rows", columns, all_shown, 2, 20000, usage_row, &u);
		CHECK_INT(out_finish(o), 0);
		CHECK_INT(u.late, u.early);
		fclose(null);
	}
}

int main(void)
{
	test_table();
	test_no_line_ends_in_blanks();
	test_rows_are_painted();
	test_width_on_a_terminal();
	test_csv_and_tsv();
	test_prom();
	test_json();
	test_json_objects();
	test_prom_counters();
	test_ndjson();
	test_ndjson_holds_a_long_document();
	test_json_of_any_shape_is_valid();
	test_json_has_a_greatest_depth();
	test_escape();
	test_escape_never_cuts();
	test_every_byte_in_every_format();
	test_json_source_of_hostile_text();
	test_human();
	test_size_heeds_the_options();
	test_reals();
	test_find_column();
	test_select();
	test_format_names();
	test_any_choice_of_columns();
	test_what_is_not_filled_is_unknown();
	test_full_device();
	test_closed_descriptor();
	test_what_the_stream_holds_already_counts();
	test_text_before_stays_before();
	test_quiet();
	test_interrupted_writes_lose_nothing();
	test_memory_does_not_grow_with_rows();
	return check_done();
}

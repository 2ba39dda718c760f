/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What logline takes off a line, and what it does not. */
#include "logline.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

struct seen {
	size_t n;
	char text[8][256], host[64], ident[64];
	struct logtext last;
};

static void keep(void *ctx, const struct logtext *t)
{
	struct seen *s = ctx;

	if (s->n < 8)
		snprintf(s->text[s->n], sizeof(s->text[0]), "%.*s", (int)t->text.n, t->text.s);
	snprintf(s->host, sizeof(s->host), "%.*s", (int)t->host.n, t->host.n ? t->host.s : "");
	snprintf(s->ident, sizeof(s->ident), "%.*s", (int)t->ident.n, t->ident.n ? t->ident.s : "");
	s->last = *t;
	s->n++;
}

static struct seen read_line(const char *line, size_t n)
{
	struct logline_options opt = { .has_year = true, .year = 2026 };
	struct seen s = { 0 };
	struct logline l;

	CHECK_INT(logline_init(&l, &opt, keep, &s), 0);
	logline_feed(&l, line, n, false);
	logline_end(&l);
	logline_free(&l);
	return s;
}

static void check_prefix(const char *prefix, bool fresh, bool foreign)
{
	char line[512];
	struct seen s;

	snprintf(line, sizeof(line), "%sMem-Info: 1", prefix);
	s = read_line(line, strlen(line));
	CHECK_INT(s.n, 1);
	CHECK_STR(s.text[0], "Mem-Info: 1");
	CHECK_INT(s.last.fresh, fresh);
	CHECK_INT(s.last.foreign, foreign);
}

static void test_prefixes(void)
{
	static const char *const kernel[] = {
		"[    1.000001] ",
		"<4>[    1.000001] ",
		"[    1.000001][    C0] ",
		"[71073.562094] [T13546] ",
		"[Mon Nov 23 09:00:00 2026] ",
		"[Di Aug 12 03:54:03 2025] ",
		"[  +0.002367] ",
		"[2-3219.1870] ",
		"kern  :warn  : [    1.000001] ",
		"kern  :warn  : 2025-01-21T08:41:30,287197+00:00 ",
		"2024-04-29T14:55:41,678628+02:00 ",
		"Jan  5 02:12:02 host kernel: [    1.000001] ",
		"Jan  5 02:12:02 host kernel: ",
		"Jan  5 02:12:02 kernel: ",
		"\xd0\xb0\xd0\xbf\xd1\x80 28 01:23:30 PC kernel: ",
		"2026-11-23T09:00:00.123456+01:00 host kernel: ",
		"2026-11-23T09:00:00+0100 host kernel: [    1.000001] ",
		"<30>1 2026-11-23T09:00:00Z host kernel - - [a b=\"c\\]\"] ",
		"Mon Apr 12 18:29:48 2021 kern.warn kernel: [  267.720081] ",
		"20:04:22 kernel | ",
		"4,1234,100000001,-,caller=T77;",
		"> [    1.000001] ",
		" | [  599.515700][T23028] ",
		"  1. <4>[12345.342532] ",
		"\033[32m[    1.000001]\033[0m ",
		"kernel: ",
	};

	for (size_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++)
		check_prefix(kernel[i], true, false);
	check_prefix("Jan  5 02:12:02 host systemd[1]: ", true, true);
	check_prefix("30,1,5,-;", true, true);
	check_prefix("", false, false);
	check_prefix("   ", false, false);
}

static void test_no_prefix(void)
{
	static const char *const same[] = {
		"[  305071]     0 305071     2215       31    61440        4          0 oom03",
		"[c00000037540f730] [c00000000127ec44] dump_stack_lvl",
		"[<c01387ac>] (dump_header.isra.17) from [<c0139324>]",
		"[ pid ]   uid  tgid total_vm",
		"Killed process 12 (a) total-vm:8kB",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct seen s = read_line(same[i], strlen(same[i]));

		CHECK_INT(s.n, 1);
		CHECK_STR(s.text[0], same[i]);
		CHECK_INT(s.last.fresh, false);
	}
}

static void test_told(void)
{
	static const char syslog[] = "Jan  5 02:12:02 web-1 kernel: [   12.500000][   T9] x";
	static const char glued[] = "Killed process 1 (a)[ 2291.009042] [ pid ]";
	static const char escaped[] = "4,1,2,-;a\\x0ab\\x5c";
	struct seen s = read_line(syslog, sizeof(syslog) - 1);

	CHECK_STR(s.host, "web-1");
	CHECK_STR(s.ident, "kernel");
	CHECK_INT(s.last.uptime_usec, 12500000);
	CHECK_INT(s.last.caller, 'T');
	CHECK_INT(s.last.caller_id, 9);
	CHECK_INT(s.last.have_time, true);
	CHECK_INT(s.last.time_certain, false);
	CHECK_INT(s.last.time_usec, INT64_C(1767579122000000));
	s = read_line(glued, sizeof(glued) - 1);
	CHECK_INT(s.n, 2);
	CHECK_STR(s.text[0], "Killed process 1 (a)");
	CHECK_STR(s.text[1], "[ pid ]");
	s = read_line(escaped, sizeof(escaped) - 1);
	CHECK_INT(s.n, 2);
	CHECK_STR(s.text[1], "b\\");
}

static void test_times(void)
{
	int64_t usec = 0;
	int32_t zone = 0;
	bool has_zone = false;

	CHECK_INT(logline_parse_time("2026-01-05T02:12:02Z", 20, &usec, &has_zone), 0);
	CHECK_INT(usec, INT64_C(1767579122000000));
	CHECK_INT(has_zone, true);
	CHECK_INT(logline_parse_time("2026-01-05", 10, &usec, &has_zone), 0);
	CHECK_INT(usec, INT64_C(1767571200000000));
	CHECK(logline_parse_time("2026-13-05", 10, &usec, &has_zone) < 0);
	CHECK(logline_parse_time("2026-01-05T25:00", 16, &usec, &has_zone) < 0);
	CHECK_INT(logline_parse_zone("-0530", 5, &zone), 0);
	CHECK_INT(zone, -330);
	CHECK(logline_parse_zone("Mars", 4, &zone) < 0);
}

/* No prefix of a line that is cut anywhere reads beyond its end. */
static void test_cut_anywhere(void)
{
	static const char line[] =
		"<30>1 2026-11-23T09:00:00.5Z h kernel - - [a b=\"c\"] [    1.000001][   T9] x";

	for (size_t n = 0; n < sizeof(line); n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, line, n);
		read_line(copy, n);
		free(copy);
		CHECK(n < sizeof(line));
	}
}

static struct seen read_lines(const char *log, size_t n)
{
	struct logline_options opt = { 0 };
	const char *end = log + n;
	struct seen s = { 0 };
	struct logline l;

	CHECK_INT(logline_init(&l, &opt, keep, &s), 0);
	while (log < end) {
		const char *newline = memchr(log, '\n', (size_t)(end - log));

		logline_feed(&l, log, (size_t)(newline - log), false);
		log = newline + 1;
	}
	logline_end(&l);
	logline_free(&l);
	return s;
}

/* A field of an export whose length leads to the end of a line is one; else its lines are read as
 * what they are, and none is lost. */
static void test_binary_field(void)
{
	static const char good[] = "__CURSOR=1\nMESSAGE\n\5\0\0\0\0\0\0\0a\nb\nc\n_HOSTNAME=h\n\n";
	static const char ends_so[] = "__CURSOR=1\nMESSAGE\n\2\0\0\0\0\0\0\0a\n\n_HOSTNAME=h\n\n";
	static const char endless[] = "__CURSOR=1\n_\n C_URSOR=1\nb\nc\n";
	static const char cut[] = "__CURSOR=1\nMESSAGE\n\7\0\0\0\0\0\0\0a\nb\n";
	static const char wrong[] = "__CURSOR=1\nMESSAGE\n\2\0\0\0\0\0\0\0abc\nd\n";
	struct seen s = read_lines(good, sizeof(good) - 1);

	CHECK_INT(s.n, 3);
	CHECK_STR(s.text[0], "a");
	CHECK_STR(s.text[2], "c");
	CHECK_STR(s.host, "h");
	s = read_lines(ends_so, sizeof(ends_so) - 1);
	CHECK_INT(s.n, 2);
	CHECK_STR(s.text[0], "a");
	CHECK_STR(s.host, "h");
	s = read_lines(endless, sizeof(endless) - 1);
	CHECK_INT(s.n, 4);
	CHECK_STR(s.text[0], "_");
	CHECK_STR(s.text[3], "c");
	CHECK_INT(s.last.line, 5);
	s = read_lines(cut, sizeof(cut) - 1);
	CHECK_INT(s.n, 3);
	CHECK_STR(s.text[2], "b");
	s = read_lines(wrong, sizeof(wrong) - 1);
	CHECK_INT(s.n, 3);
	CHECK_STR(s.text[2], "d");
	CHECK_INT(s.last.line, 4);
}

int main(void)
{
	test_binary_field();
	test_prefixes();
	test_no_prefix();
	test_told();
	test_times();
	test_cut_anywhere();
	return check_done();
}

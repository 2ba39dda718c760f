/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which lines of a log are worth reading? Nearly all of a large log is noise: it is searched for
 * the few words that every event has (oomlog_find()), and only what stands around them is fed.
 */
#include "logscan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

/* What may be looked back at: a table of five hundred rows, a few dozen records of the journal. */
enum { HISTORY = 64 * 1024 };

/* A line and what stands before it, another piece, and a newline. */
#define SIZE (LOGLINE_RECORD_MAX + HISTORY + LOGSCAN_READ + 1)

/* ------------------------------------------------------------------ looking back */

/* A line of a record that goes over several: journalctl -o json-pretty and export, dmesg -J. */
static bool is_member(const char *line, size_t n)
{
	size_t i = 0;

	while (i < n && (line[i] == ' ' || line[i] == '\t'))
		i++;
	if (i == n || line[i] == '"' || line[i] == '}' || line[i] == ']')
		return true;
	if (line[i] == '{')
		return n - i < 3;
	/* Of Loki's values one to a line, or broken into three. */
	if (line[i] == '[')
		return n - i < 3 || line[i + 1] == '"';
	while (i < n && ((line[i] >= 'A' && line[i] <= 'Z') || line[i] == '_' ||
			 (line[i] >= '0' && line[i] <= '9')))
		i++;
	return i > 0 && i < n && line[i] == '=';
}

/* The start of the line that at stands in. */
static const char *line_start(const char *floor, const char *at)
{
	const char *newline = memrchr(floor, '\n', (size_t)(at - floor));

	return newline ? newline + 1 : floor;
}

/* Where to begin so that what belongs to the line is read with it: what stands right before it and
 * looks like a part of a report, and two lines more that may have been broken. */
static const char *look_back(const struct logscan *s, const char *line, uint64_t *lines)
{
	const char *floor = s->buf + s->fed, *start = line;
	int strange = 0;

	*lines = 0;
	while (start > floor) {
		const char *before = line_start(floor, start - 1);
		size_t n = (size_t)(start - 1 - before);

		if (line - before >= HISTORY)
			break;
		if (!is_member(before, n) && !oomlog_looks_like_part(before, n) && ++strange > 2)
			break;
		start = before;
		(*lines)++;
	}
	return start;
}

/* The last line before start, not far from it, that tells the kernel's release: another oops, or
 * the boot; NULL. No byte is searched twice: what stands before start is passed over for good. */
static const char *release_line(const struct logscan *s, const char *start)
{
	static const char *const words[] = { "ainted", "Linux version " };
	const char *floor = s->buf + s->fed, *best = NULL;

	if (start - floor > HISTORY)
		floor = start - HISTORY;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *at = floor;

		while ((at = memmem(at, (size_t)(start - at), words[i], strlen(words[i])))) {
			if (!best || at > best)
				best = at;
			at++;
		}
	}
	return best ? line_start(s->buf + s->fed, best) : NULL;
}

/* ------------------------------------------------------------------ lines */

static void feed_line(struct logscan *s)
{
	const char *line = s->buf + s->from, *newline = memchr(line, '\n', s->n - s->from);

	logline_feed(s->lines, line, (size_t)(newline - line), s->from == s->cut_at);
	s->from = s->fed = (size_t)(newline + 1 - s->buf);
}

/* A header, a kill or a record. */
static bool is_report(const char *at, const char *end)
{
	return end - at > 10 &&
	       (memcmp(at, "oom-kill", 8) == 0 || memcmp(at, "d process ", 10) == 0);
}

static void pass(struct logscan *s, uint64_t lines)
{
	logline_skip(s->lines, lines);
	oomlog_pass(s->parser, lines);
	s->passed -= lines;
}

/* Feeds the line that tells the release, of those that are passed over before start. */
static void feed_release(struct logscan *s, const char *start)
{
	const char *line = release_line(s, start);
	uint64_t behind = 0;

	if (!line)
		return;
	for (const char *p = line; (p = memchr(p, '\n', (size_t)(start - p))); p++)
		behind++;
	pass(s, s->passed - behind);
	s->from = (size_t)(line - s->buf);
	feed_line(s);
	s->passed--;
}

/* Feeds what stands around the next word before end; goes to end where there is none. */
static void search(struct logscan *s, const char *end)
{
	const char *at = oomlog_find(s->buf + s->from, end, &s->passed), *start;
	uint64_t back;

	if (at == end) {
		s->from = (size_t)(end - s->buf);
		return;
	}
	start = look_back(s, line_start(s->buf + s->from, at), &back);
	s->passed -= back;
	if (!oomlog_knows_release(s->parser) && is_report(at, end))
		feed_release(s, start);
	pass(s, s->passed);
	s->from = (size_t)(start - s->buf);
	/* What was found is read at least, whatever comes of it. */
	while (s->buf + s->from <= at)
		feed_line(s);
}

/* Goes over the whole lines. */
static void scan(struct logscan *s)
{
	const char *last = memrchr(s->buf + s->from, '\n', s->n - s->from);

	while (last && s->buf + s->from <= last) {
		if (oomlog_is_busy(s->parser) || logline_is_open(s->lines))
			feed_line(s);
		else
			search(s, last + 1);
	}
}

/* ------------------------------------------------------------------ pieces */

int logscan_init(struct logscan *s, struct logline *lines, struct oomlog *parser)
{
	*s = (struct logscan){ .lines = lines, .parser = parser, .cut_at = SIZE_MAX };
	s->buf = malloc(SIZE);
	return s->buf ? 0 : -ENOMEM;
}

void logscan_free(struct logscan *s)
{
	free(s->buf);
	s->buf = NULL;
}

char *logscan_room(struct logscan *s)
{
	size_t keep = s->from > HISTORY ? s->from - HISTORY : 0;

	if (keep < s->fed)
		keep = s->fed;
	if (keep) {
		memmove(s->buf, s->buf + keep, s->n - keep);
		s->n -= keep;
		s->from -= keep;
		s->fed = 0;
		s->cut_at = SIZE_MAX;
	}
	return s->buf + s->n;
}

/* The line that goes on in the n bytes at s->n is too long: it ends at its bound, and what else of
 * it is there goes. */
static void cut_line(struct logscan *s, size_t n)
{
	char *piece = s->buf + s->n, *newline = memchr(piece, '\n', n);
	char *bound = s->buf + s->from + LOGLINE_RECORD_MAX;
	size_t rest = newline ? (size_t)(piece + n - (newline + 1)) : 0;

	if (newline)
		memmove(bound + 1, newline + 1, rest);
	*bound = '\n';
	s->cutting = !newline;
	s->cut_at = s->from;
	s->n_cut++;
	s->n = (size_t)(bound + 1 - s->buf) + rest;
}

/* What of the n new bytes still belongs to a line that was cut goes. Returns how many are left. */
static size_t drop_rest(struct logscan *s, size_t n)
{
	char *piece = s->buf + s->n, *newline = memchr(piece, '\n', n);
	size_t left;

	if (!newline)
		return 0;
	s->cutting = false;
	left = (size_t)(piece + n - (newline + 1));
	memmove(piece, newline + 1, left);
	return left;
}

void logscan_put(struct logscan *s, size_t n)
{
	const char *newline;
	size_t line;

	if (s->cutting)
		n = drop_rest(s, n);
	newline = memchr(s->buf + s->n, '\n', n);
	line = newline ? (size_t)(newline - s->buf) - s->from : s->n + n - s->from;
	if (line > LOGLINE_RECORD_MAX)
		cut_line(s, n);
	else
		s->n += n;
	scan(s);
}

void logscan_end(struct logscan *s)
{
	if (s->n > s->from) {
		s->buf[s->n++] = '\n';
		scan(s);
	}
	logline_skip(s->lines, s->passed);
	oomlog_pass(s->parser, s->passed);
	logline_end(s->lines);
	s->n = s->from = s->fed = 0;
	s->passed = 0;
	s->cut_at = SIZE_MAX;
	s->cutting = false;
}

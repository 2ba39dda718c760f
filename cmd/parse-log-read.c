/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bytes are the log? Files, folders, compressed files, the ring buffer, the journal; and how
 * they are cut into lines without reading with care what cannot matter. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "host.h"
#include "parse-log.h"
#include "filter.h"

/* What is read at a time, and what is kept of it to look back at. A line longer than a record of
 * the journal may be is cut. */
enum { READ_SIZE = 256 * 1024, HISTORY = 64 * 1024, LOOK_BACK = 400 };

struct reader {
	struct parse_log *c;
	char *buf;
	size_t size, from, n; /* [from, n) has not been fed */
	bool cutting;         /* the rest of a line that is too long is passed over */
};

static void trouble(struct parse_log *c, const char *object, int error, const char *help)
{
	cli_error(c->env, "parse-log", object, strerror(error), help);
	c->failed = true;
}

/* ------------------------------------------------------------------ lines */

/* The start of the line that at stands in. */
static const char *line_start(const char *buf, const char *at)
{
	const char *newline = memrchr(buf, '\n', (size_t)(at - buf));

	return newline ? newline + 1 : buf;
}

/* Where to begin so that what belongs to the line at at is read with it: what stands right before
 * it and looks like a part of a report, and two lines more that may have been broken. */
static const char *look_back(const struct reader *r, const char *at, uint64_t *lines)
{
	const char *floor = r->buf + r->from, *start = line_start(floor, at);
	int strange = 0;

	*lines = 0;
	for (int i = 0; i < LOOK_BACK && start > floor; i++) {
		const char *before = line_start(floor, start - 1);

		if (!oomlog_looks_like_part(before, (size_t)(start - 1 - before)) && ++strange > 2)
			break;
		start = before;
		(*lines)++;
	}
	return start;
}

/* true where the rest may be searched for the words alone: JSON may write them as numbers. */
static bool is_plain(const struct reader *r)
{
	return r->from >= r->n || (r->buf[r->from] != '{' && r->buf[r->from] != '_');
}

static void feed_line(struct reader *r, const char *s, size_t n, bool cut)
{
	logline_feed(&r->c->lines, s, n, cut);
}

/* Feeds the whole lines in [from, n). */
static void feed_lines(struct reader *r)
{
	struct parse_log *c = r->c;
	const char *last = memrchr(r->buf + r->from, '\n', r->n - r->from), *end;

	if (!last)
		return;
	end = last + 1;
	while (r->buf + r->from < end) {
		const char *s = r->buf + r->from, *newline;

		if (!oomlog_is_busy(c->parser) && is_plain(r)) {
			uint64_t skipped = 0, back;
			const char *at = oomlog_find(s, end, &skipped);

			if (at < end) {
				s = look_back(r, at, &back);
				skipped -= back;
			} else {
				s = end;
			}
			logline_skip(&c->lines, skipped);
			oomlog_pass(c->parser, skipped);
			r->from = (size_t)(s - r->buf);
			if (s == end)
				return;
			/* What was found is read at least, whatever comes of it. */
			while (s <= at) {
				newline = memchr(s, '\n', (size_t)(end - s));
				feed_line(r, s, (size_t)(newline - s), false);
				s = newline + 1;
			}
			r->from = (size_t)(s - r->buf);
			continue;
		}
		newline = memchr(s, '\n', (size_t)(end - s));
		feed_line(r, s, (size_t)(newline - s), false);
		r->from = (size_t)(newline + 1 - r->buf);
	}
}

/* Makes room for another read; a line that fills all of it is cut. */
static void make_room(struct reader *r)
{
	if (r->size - r->n >= READ_SIZE)
		return;
	if (r->from > 0) {
		memmove(r->buf, r->buf + r->from, r->n - r->from);
		r->n -= r->from;
		r->from = 0;
	}
	if (r->size - r->n >= READ_SIZE)
		return;
	if (!r->cutting)
		feed_line(r, r->buf, r->n, true);
	r->cutting = true;
	r->n = 0;
}

/* The rest of a line that was cut goes. */
static void drop_rest(struct reader *r)
{
	char *newline = memchr(r->buf + r->from, '\n', r->n - r->from);

	if (!newline) {
		r->n = r->from;
		return;
	}
	r->cutting = false;
	r->from = (size_t)(newline + 1 - r->buf);
}

static void read_all(struct parse_log *c, int fd, const char *name)
{
	struct reader r = { .c = c, .size = LOGLINE_RECORD_MAX + 2 * (size_t)READ_SIZE };
	ssize_t got;

	r.buf = malloc(r.size);
	if (!r.buf) {
		trouble(c, name, ENOMEM, NULL);
		return;
	}
	c->input = strcmp(name, "-") == 0 ? NULL : name;
	for (;;) {
		make_room(&r);
		got = host_input_read(fd, r.buf + r.n, READ_SIZE);
		if (got <= 0)
			break;
		r.n += (size_t)got;
		if (r.cutting)
			drop_rest(&r);
		feed_lines(&r);
	}
	if (got < 0)
		trouble(c, name, (int)-got, NULL);
	if (r.n > r.from && !r.cutting)
		feed_line(&r, r.buf + r.from, r.n - r.from, false);
	logline_end(&c->lines);
	oomlog_next_input(c->parser);
	c->lines.line = 0;
	free(r.buf);
}

/* ------------------------------------------------------------------ compressed files */

static const char *const *decompressor(const char *name)
{
	static const char *const gz[] = { "gzip", "-dc", NULL },
				 *const xz[] = { "xz", "-dc", NULL },
				 *const zst[] = { "zstd", "-dcq", NULL },
				 *const bz2[] = { "bzip2", "-dc", NULL };
	static const struct {
		const char *suffix;
		const char *const *argv;
	} programs[] = { { ".gz", gz }, { ".xz", xz }, { ".zst", zst }, { ".bz2", bz2 } };
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		size_t s = strlen(programs[i].suffix);

		if (n > s && strcmp(name + n - s, programs[i].suffix) == 0)
			return programs[i].argv;
	}
	return NULL;
}

static void read_through(struct parse_log *c, const char *const *argv, int in, const char *name)
{
	struct filter s;
	int r = filter_start(&s, argv, in);

	if (r < 0) {
		trouble(c, argv[0], -r, NULL);
		return;
	}
	read_all(c, s.out, name);
	r = filter_wait(&s);
	if (r == 127)
		cli_error(c->env, "parse-log", name, "its program could not be run", argv[0]);
	else if (r != 0)
		cli_error(c->env, "parse-log", name, "its program failed; what it gave was read",
			  argv[0]);
	c->failed |= r != 0;
}

static void read_file(struct parse_log *c, int fd, const char *name)
{
	const char *const *argv = decompressor(name);

	if (argv)
		read_through(c, argv, fd, name);
	else
		read_all(c, fd, name);
}

/* ------------------------------------------------------------------ a sosreport */

/* Where a report of a machine keeps kernel logs, the fullest first. */
static const char *const report_files[] = {
	"sos_commands/logs/journalctl_--no-pager_--boot",
	"sos_commands/logs/journalctl_--no-pager",
	"sos_commands/kernel/dmesg_-T",
	"sos_commands/kernel/dmesg",
	"var/log/kern.log",
	"var/log/syslog",
	"var/log/messages",
	"var/log/dmesg",
};

/* One after the other: they tell of the same events, so the first that is there is read. */
static void read_folder(struct parse_log *c, const char *path)
{
	struct host h;
	int r = host_open(&h, path);

	if (r < 0) {
		trouble(c, path, -r, NULL);
		return;
	}
	r = -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(report_files); i++) {
		_cleanup_close_ int fd = host_input_open_below(&h, report_files[i]);

		if (fd < 0)
			continue;
		r = 0;
		read_all(c, fd, report_files[i]);
		break;
	}
	if (r < 0)
		trouble(c, path, -r,
			"a folder is read as a sosreport; it has no log of those known");
	host_close(&h);
}

/* ------------------------------------------------------------------ the ring buffer, the journal
 */

static void read_ring(struct parse_log *c)
{
	const char *name = host_kmsg_path();
	_cleanup_free_ char *buf = malloc(READ_SIZE);
	struct host h;
	const char *root = c->machine.root ? c->machine.root : c->env->root;
	int fd, r = host_open(&h, root);

	if (r < 0 || !buf) {
		trouble(c, root ? root : "/", r < 0 ? -r : ENOMEM, NULL);
		return;
	}
	fd = host_input_open_below(&h, name);
	if (fd < 0) {
		trouble(c, name, -fd, fd == -EPERM ? "CAP_SYSLOG is needed" : NULL);
		host_close(&h);
		return;
	}
	if (!h.live) {
		read_all(c, fd, name);
	} else {
		ssize_t got;

		while ((got = host_input_read(fd, buf, READ_SIZE)) > 0 || got == -EPIPE) {
			char *newline = got > 0 ? memchr(buf, '\n', (size_t)got) : NULL;

			if (got == -EPIPE)
				cli_note(c->env, "parse-log", "some records were overwritten");
			if (newline)
				logline_feed(&c->lines, buf, (size_t)(newline - buf), false);
		}
		if (got < 0 && got != -EAGAIN)
			trouble(c, name, (int)-got, NULL);
		oomlog_next_input(c->parser);
	}
	close(fd);
	host_close(&h);
}

static void read_journal(struct parse_log *c)
{
	static const char *const ours[] = {
		"--no-pager",
		"--all",
		"-o",
		"json",
		("--output-fields=MESSAGE,_HOSTNAME,SYSLOG_IDENTIFIER,_TRANSPORT,"
		 "_SOURCE_MONOTONIC_TIMESTAMP"),
	};
	size_t n = 0, size = ARRAY_SIZE(ours) + (size_t)c->n_journal_args + 2;
	_cleanup_free_ const char **argv = calloc(size, sizeof(*argv));

	if (!argv) {
		trouble(c, "journalctl", ENOMEM, NULL);
		return;
	}
	argv[n++] = "journalctl";
	for (int i = 0; i < c->n_journal_args; i++)
		argv[n++] = c->journal_args[i];
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		argv[n++] = ours[i];
	read_through(c, argv, -1, "journalctl");
}

void parse_log_read(struct parse_log *c)
{
	if (c->ring)
		read_ring(c);
	if (c->journal)
		read_journal(c);
	for (size_t i = 0; i < c->n_files; i++) {
		bool dir;
		int fd = host_input_open(c->files[i], &dir);

		if (fd < 0) {
			trouble(c, c->files[i], -fd, NULL);
			continue;
		}
		if (dir)
			read_folder(c, c->files[i]);
		else
			read_file(c, fd, c->files[i]);
		close(fd);
	}
}

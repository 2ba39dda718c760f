/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bytes are the log? Files, folders, compressed files, the ring buffer, the journal. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "filter.h"
#include "host.h"
#include "logscan.h"
#include "parse-log.h"

static void trouble(struct parse_log *c, const char *object, int error, const char *help)
{
	cli_error(c->env, "parse-log", object, strerror(error), help);
	c->failed = true;
}

/* ------------------------------------------------------------------ what is no text as it is */

#define HEAD_MAX 6

struct packing {
	const char *suffix;
	const char *head; /* its first bytes */
	size_t head_n;
	const char *argv[6]; /* what makes text of it */
};

static const struct packing packings[] = {
	{ ".gz", "\x1f\x8b", 2, { "gzip", "-dc", NULL } },
	{ ".xz", "\xfd" "7zXZ", 5, { "xz", "-dc", NULL } },
	{ ".zst", "\x28\xb5\x2f\xfd", 4, { "zstd", "-dcq", NULL } },
	{ ".bz2", "BZh", 3, { "bzip2", "-dc", NULL } },
	/* What a shell of Windows writes where a command's output goes to a file. */
	{ NULL, "\xff\xfe", 2, { "iconv", "-f", "UTF-16", "-t", "UTF-8", NULL } },
	{ NULL, "\xfe\xff", 2, { "iconv", "-f", "UTF-16", "-t", "UTF-8", NULL } },
};

static const struct packing *packing_of_name(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(packings); i++) {
		size_t s = packings[i].suffix ? strlen(packings[i].suffix) : 0;

		if (s && n > s && strcmp(name + n - s, packings[i].suffix) == 0)
			return &packings[i];
	}
	return NULL;
}

static const struct packing *packing_of_head(const char *head, ssize_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(packings); i++)
		if (n >= (ssize_t)packings[i].head_n &&
		    memcmp(head, packings[i].head, packings[i].head_n) == 0)
			return &packings[i];
	return NULL;
}

/* It came through a pipe, and can be read but once. */
static void tell_packed(struct parse_log *c, const char *name, const struct packing *p)
{
	char help[80] = "";
	size_t at = 0;

	for (size_t i = 0; p->argv[i]; i++)
		at += (size_t)snprintf(help + at, sizeof(help) - at, "%s ", p->argv[i]);
	snprintf(help + at, sizeof(help) - at, "| oomkit parse-log");
	cli_error(c->env, "parse-log", name,
		  p->suffix ? "it is compressed" : "its text is UTF-16", help);
	c->failed = true;
}

/* ------------------------------------------------------------------ one input */

static void read_all(struct parse_log *c, int fd, const char *name)
{
	const struct packing *p = NULL;
	struct logscan scan;
	bool first = true;
	ssize_t got;

	if (logscan_init(&scan, &c->lines, c->parser) < 0) {
		trouble(c, name, ENOMEM, NULL);
		return;
	}
	c->input = strcmp(name, "-") == 0 ? NULL : name;
	for (;;) {
		char *room = logscan_room(&scan);

		got = host_input_read(fd, room, LOGSCAN_READ);
		if (first)
			p = packing_of_head(room, got);
		first = false;
		if (got <= 0 || p)
			break;
		logscan_put(&scan, (size_t)got);
	}
	if (got < 0)
		trouble(c, name, (int)-got, NULL);
	if (p)
		tell_packed(c, name, p);
	logscan_end(&scan);
	if (scan.n_cut)
		cli_note(c->env, "parse-log",
			 "%s: a line is longer than 1 MiB, what is beyond was not read "
			 "(jq . breaks JSON into lines)",
			 name);
	oomlog_next_input(c->parser);
	c->lines.line = 0;
	logscan_free(&scan);
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
	const struct packing *p = packing_of_name(name);
	char head[HEAD_MAX] = { 0 };

	if (!p)
		p = packing_of_head(head, host_input_peek(fd, head, sizeof(head)));
	if (p)
		read_through(c, p->argv, fd, name);
	else
		read_all(c, fd, name);
}

/* ------------------------------------------------------------------ a sosreport */

/* Where a report of a machine keeps kernel logs. Each step tells of the same events as the next
 * ones, so the first that has any is told; the parts of a step follow each other, and so do the
 * files that a log was rotated into. */
static const struct {
	unsigned step;
	const char *dir, *name;
	bool rotated;
} report_files[] = {
	{ 1, "sos_commands/logs", "journalctl_--no-pager", false },
	{ 2, "sos_commands/logs", "journalctl_--no-pager_--boot_-1", false },
	{ 2, "sos_commands/logs", "journalctl_--no-pager_--boot", false },
	{ 3, "sos_commands/logs", "journalctl_--no-pager_--catalog_--boot_-1", false },
	{ 3, "sos_commands/logs", "journalctl_--no-pager_--catalog_--boot", false },
	{ 4, "var/log", "kern.log", true },
	{ 5, "var/log", "messages", true },
	{ 6, "var/log", "syslog", true },
	{ 7, "sos_commands/kernel", "dmesg_-T", false },
	{ 8, "sos_commands/kernel", "dmesg", false },
	{ 9, "var/log", "dmesg", false },
};

struct names {
	const char *name; /* of the log */
	char **v;
	size_t n;
};

/* "messages-20261101", "kern.log.2.gz": a log of this name that was put aside. */
static bool is_rotated(const char *file, const char *name)
{
	size_t n = strlen(name);

	return strncmp(file, name, n) == 0 && (file[n] == '-' || file[n] == '.') &&
	       file[n + 1] >= '0' && file[n + 1] <= '9';
}

static int keep_name(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	struct names *names = ctx;
	char **v;

	(void)ino;
	if (is_dir || !is_rotated(name, names->name))
		return 0;
	v = reallocarray(names->v, names->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	names->v = v;
	v[names->n] = strdup(name);
	if (!v[names->n])
		return -ENOMEM;
	names->n++;
	return 0;
}

/* The oldest first: dates as they follow each other, numbers the other way round. */
static int compare_names(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int r = strverscmp(x, y);

	return x[strspn(x, "abcdefghijklmnopqrstuvwxyz")] == '-' ? r : -r;
}

/* One file of the report. Returns 0 or -errno. */
static int read_below(struct parse_log *c, const struct host *h, const char *dir, const char *name)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	fd = host_input_open_below(h, path);
	if (fd < 0)
		return fd;
	read_file(c, fd, path);
	return 0;
}

static bool read_rotated(struct parse_log *c, const struct host *h, const char *dir,
			 const char *name)
{
	struct names names = { .name = name };
	bool any = false;

	if (host_list_dir(h, dir, keep_name, &names) == -ENOMEM)
		trouble(c, dir, ENOMEM, NULL);
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), compare_names);
	for (size_t i = 0; i < names.n; i++) {
		any |= read_below(c, h, dir, names.v[i]) == 0;
		free(names.v[i]);
	}
	free(names.v);
	return any;
}

static void read_folder(struct parse_log *c, const char *path)
{
	size_t before = c->n_events;
	unsigned told_by = 0;
	bool any = false;
	struct host h;
	int r = host_open(&h, path);

	if (r < 0) {
		trouble(c, path, -r, NULL);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(report_files); i++) {
		if (told_by && told_by != report_files[i].step)
			break;
		if (report_files[i].rotated)
			any |= read_rotated(c, &h, report_files[i].dir, report_files[i].name);
		any |= read_below(c, &h, report_files[i].dir, report_files[i].name) == 0;
		if (c->n_events > before)
			told_by = report_files[i].step;
	}
	if (!any)
		trouble(c, path, ENOENT,
			"a folder is read as a sosreport; it has no log of those known");
	host_close(&h);
}

/* ------------------------------------------------------------------ the ring buffer, the journal
 */

static void read_ring(struct parse_log *c)
{
	const char *name = host_kmsg_path();
	_cleanup_free_ char *buf = malloc(LOGSCAN_READ);
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

		while ((got = host_input_read(fd, buf, LOGSCAN_READ)) > 0 || got == -EPIPE) {
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How does an init give a service its oom_score_adj? One row for each init. Mirrors systemd.exec(5)
 * (OOMScoreAdjust=), openrc-run(8) (SSD_OOM_SCORE_ADJ), dinit-service(5) (oom-score-adj); runit, s6
 * and System V scripts have no such setting, and set it themselves before they start the service.
 *
 * What systemd starts a process with is what its children have, and what sshd gives back to each
 * session (openbsd-compat/port-linux.c oom_adjust_restore(): the value that it was started with;
 * its own it makes -1000). So the main process alone gets its value once it runs, by
 * ExecStartPost=.
 */
#include "init.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "proc.h"
#include "str.h"

#define BEGIN_MARK "# oomkit protect: begin"
#define END_MARK   "# oomkit protect: end"
#define MAIN_WORD  "main process only"
#define OPEN_WORD  "no line end before"
#define WHOLE_KEY  "OOMScoreAdjust="
/* A pid file is written after its process has begun; clocks are coarse. */
#define PID_FILE_SECONDS 3
#define USER_HZ          100
#define MAIN_KEY         "ExecStartPost=-+/bin/sh -c 'echo "

enum place {
	PLACE_WHOLE, /* the file is ours */
	PLACE_END,   /* a block at the end of another's */
	PLACE_TOP,   /* a block below the first line of a script */
};

struct row {
	const char *name;
	const char *comm;         /* what pid 1 is called where this init runs; NULL: many are */
	const char *running[2];   /* one is there where this init runs */
	const char *installed[3]; /* one is there where it is installed */
	const char *files[3];     /* %s: the service; the first that is there, or the first */
	const char *list;         /* where the services' files stand, for init_each() */
	const char *service[3]; /* one must be there for the service to exist; none: it need not */
	enum place place;
	const char *line;   /* of a block; %d: the value */
	const char *pid[3]; /* where it is kept who the service is; none: in no file */
	int (*parse_pid)(const struct host *h, const char *path, const char *buf, size_t n);
	const char *started; /* there while the service runs, whoever it is */
	bool unsure;         /* without such a file it may run all the same */
};

/* ------------------------------------------------------------------ who runs it */

/* A file may be older than the process that has its pid now, or anybody's: such a one tells
 * nothing. Returns the pid, 0, or -EPERM. */
static int checked(const struct host *h, const char *path, int pid)
{
	uint64_t now, file_age;
	struct proc_stat st;
	char buf[1024];
	ssize_t n;
	int r = host_file_age(h, path, &file_age);

	if (r < 0 || pid <= 1)
		return r == -EPERM ? r : 0;
	n = host_read_proc(h, pid, "stat", buf, sizeof(buf));
	if (n <= 0 || proc_parse_stat(buf, (size_t)n, &st) < 0 ||
	    host_ticks_since_boot(h, &now) < 0 || now < st.start_ticks)
		return 0;
	return (now - st.start_ticks) / USER_HZ + PID_FILE_SECONDS >= file_age ? pid : 0;
}

static int number_of(const char *buf, size_t n)
{
	const char *p = buf;
	uint64_t v;

	return str_scan_u64(&p, buf + n, &v) == 0 && v <= INT32_MAX ? (int)v : 0;
}

static int pid_of_text(const struct host *h, const char *path, const char *buf, size_t n)
{
	return checked(h, path, number_of(buf, n));
}

/* s6-supervise's status: two times of twelve bytes, then the pid, big-endian. */
static int pid_of_s6(const struct host *h, const char *path, const char *buf, size_t n)
{
	uint64_t v = 0;

	if (n < 32)
		return 0;
	for (size_t i = 24; i < 32; i++)
		v = v << 8 | (unsigned char)buf[i];
	return checked(h, path, v <= INT32_MAX ? (int)v : 0);
}

/* OpenRC's note of a daemon that it has started names its pid file; Debian's makes none, and the
 * pid file has the service's name unless the service says otherwise. */
static int pid_of_openrc(const struct host *h, const char *path, const char *buf, size_t n)
{
	static const char key[] = "pidfile=";
	char file[PATH_MAX], text[32];
	const char *p = buf;
	struct str line;
	ssize_t got;

	while (str_next_line(&p, buf + n, &line)) {
		if (!str_starts_with(line, key) || line.n >= sizeof(file))
			continue;
		memcpy(file, line.s + sizeof(key) - 1, line.n - (sizeof(key) - 1));
		file[line.n - (sizeof(key) - 1)] = '\0';
		got = host_read(h, file, text, sizeof(text));
		return got > 0 ? checked(h, file, number_of(text, (size_t)got)) : 0;
	}
	return checked(h, path, number_of(buf, n));
}

static const struct row rows[] = {
	[INIT_SYSTEMD] = {
		.name = "systemd",
		.comm = "systemd",
		.running = { "run/systemd/system" },
		.installed = { "usr/lib/systemd/systemd", "lib/systemd/systemd" },
		.files = { "etc/systemd/system/%s.d/50-oomkit.conf" },
		.list = "etc/systemd/system",
		.place = PLACE_WHOLE,
	},
	[INIT_OPENRC] = {
		.name = "openrc",
		.comm = "openrc-init",
		.running = { "run/openrc" },
		.installed = { "sbin/openrc-run", "usr/sbin/openrc-run", "usr/bin/openrc-run" },
		.files = { "etc/conf.d/%s" },
		.list = "etc/conf.d",
		.service = { "etc/init.d/%s" },
		.place = PLACE_END,
		/* Debian's has dpkg's start-stop-daemon, which knows no such variable: what reads
		 * this file, a shell that becomes the parent of the service, takes the value. */
		.line = "SSD_OOM_SCORE_ADJ=\"%d\"\n"
			"echo \"$SSD_OOM_SCORE_ADJ\" 2>/dev/null >/proc/self/oom_score_adj || :",
		.pid = { "run/openrc/daemons/%s/001", "run/%s.pid" },
		.parse_pid = pid_of_openrc,
		.started = "run/openrc/started/%s",
	},
	[INIT_DINIT] = {
		.name = "dinit",
		.comm = "dinit",
		.running = { "run/dinitctl" },
		.installed = { "sbin/dinit", "usr/sbin/dinit", "usr/bin/dinit" },
		.files = { "etc/dinit.d/%s", "usr/local/lib/dinit.d/%s", "lib/dinit.d/%s" },
		.list = "etc/dinit.d",
		.service = { "etc/dinit.d/%s", "usr/local/lib/dinit.d/%s", "lib/dinit.d/%s" },
		.place = PLACE_END,
		.line = "oom-score-adj = %d",
	},
	[INIT_RUNIT] = {
		.name = "runit",
		.comm = "runit",
		.running = { "run/runit/stopit", "run/runit.stopit" },
		.installed = { "etc/runit", "usr/bin/runsvdir", "sbin/runit" },
		.files = { "etc/sv/%s/run" },
		.list = "etc/sv",
		.service = { "etc/sv/%s/run" },
		.place = PLACE_TOP,
		.line = "echo %d >/proc/self/oom_score_adj || :",
		.pid = { "etc/sv/%s/supervise/pid" },
		.parse_pid = pid_of_text,
	},
	[INIT_S6] = {
		.name = "s6",
		.comm = "s6-svscan",
		.running = { "run/s6", "run/s6-rc" },
		.installed = { "etc/s6", "etc/s6-rc", "usr/bin/s6-svscan" },
		.files = { "etc/s6/sv/%s/run", "etc/s6-rc/source/%s/run" },
		.list = "etc/s6/sv",
		.service = { "etc/s6/sv/%s/run", "etc/s6-rc/source/%s/run" },
		.place = PLACE_TOP,
		.line = "echo %d >/proc/self/oom_score_adj || :",
		.pid = { "etc/s6/sv/%s/supervise/status", "run/service/%s/supervise/status",
			 "run/s6-rc/servicedirs/%s/supervise/status" },
		.parse_pid = pid_of_s6,
	},
	[INIT_SYSV] = {
		.name = "sysv",
		.installed = { "etc/inittab", "etc/init.d" },
		.files = { "etc/init.d/%s" },
		.list = "etc/init.d",
		.service = { "etc/init.d/%s" },
		.place = PLACE_TOP,
		.line = "echo %d >/proc/self/oom_score_adj || :",
		.pid = { "run/%s.pid" },
		.parse_pid = pid_of_text,
		.unsure = true,
	},
};
_Static_assert(ARRAY_SIZE(rows) == INIT_N, "an init has no row");

/* The sections of unit files that take OOMScoreAdjust=. */
static const struct section {
	const char *suffix, *name;
} sections[] = {
	{ ".service", "Service" },
	{ ".socket", "Socket" },
	{ ".mount", "Mount" },
	{ ".swap", "Swap" },
};

const char *init_name(enum init_kind kind)
{
	return (size_t)kind < ARRAY_SIZE(rows) ? rows[kind].name : NULL;
}

enum init_kind init_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return (enum init_kind)i;
	return INIT_N;
}

static bool exists(const struct host *h, const char *path)
{
	uint64_t id;

	return host_inode(h, path, &id) == 0;
}

bool init_systemd_runs(const struct host *h)
{
	return h->live && exists(h, rows[INIT_SYSTEMD].running[0]);
}

/* By the name of pid 1: a package may be installed, and its programs run, beside another init. */
static enum init_kind of_first_process(const struct host *h)
{
	char buf[64];
	ssize_t n = host_read_proc(h, 1, "comm", buf, sizeof(buf));
	struct str comm = { buf, n > 0 ? (size_t)n - (buf[n - 1] == '\n') : 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].comm && str_eq(comm, rows[i].comm))
			return (enum init_kind)i;
	return INIT_N;
}

enum init_kind init_detect(const struct host *h)
{
	enum init_kind first = of_first_process(h);

	if (first != INIT_N)
		return first;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t k = 0; k < ARRAY_SIZE(rows[i].running); k++)
			if (rows[i].running[k] && exists(h, rows[i].running[k]))
				return (enum init_kind)i;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t k = 0; k < ARRAY_SIZE(rows[i].installed); k++)
			if (rows[i].installed[k] && exists(h, rows[i].installed[k]))
				return (enum init_kind)i;
	return INIT_N;
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), suffix_n = strlen(suffix);

	return n > suffix_n && strcmp(s + n - suffix_n, suffix) == 0;
}

static const struct section *section_of(const char *unit)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (ends_with(unit, sections[i].suffix))
			return &sections[i];
	return NULL;
}

/* systemd.unit(5): what a name may hold. */
static bool is_name(const char *unit)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789:-_.\\@";

	/* The directory of its drop-ins is a name, too. */
	return *unit && *unit != '.' && *unit != '@' && unit[strspn(unit, letters)] == '\0' &&
	       strlen(unit) + sizeof(".d") - 1 <= NAME_MAX;
}

bool init_real_name(const struct host *h, const char *unit, char *buf, size_t size)
{
	/* In the order in which systemd looks. */
	static const char *const dirs[] = { "etc/systemd/system", "run/systemd/system",
					    "usr/local/lib/systemd/system",
					    "usr/lib/systemd/system", "lib/systemd/system" };
	char path[PATH_MAX], target[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		const char *name;
		int r;

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dirs[i], unit) >= sizeof(path))
			return false;
		r = host_read_link(h, path, target, sizeof(target));
		if (r < 0 && r != -EINVAL)
			continue;
		/* A file of its own, or masked by a link to /dev/null, or a link to a file
		 * elsewhere of the same name. */
		name = r == 0 ? strrchr(target, '/') : NULL;
		name = name ? name + 1 : target;
		return r == 0 && strcmp(name, unit) != 0 && section_of(name) && is_name(name) &&
		       (size_t)snprintf(buf, size, "%s", name) < size;
	}
	return false;
}

bool init_template(const char *unit, char *buf, size_t size)
{
	const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');

	return at && dot && dot > at + 1 &&
	       (size_t)snprintf(buf, size, "%.*s%s", (int)(at - unit + 1), unit, dot) < size;
}

const char *init_refusal(enum init_kind kind, const char *unit)
{
	if (!is_name(unit))
		return "not the name of a unit";
	if (ends_with(unit, ".slice"))
		return "a slice starts no process, so no value can be declared for it";
	if (ends_with(unit, ".scope"))
		return "a scope is started by another program, so no value can be declared for it";
	if (kind == INIT_SYSTEMD && !section_of(unit))
		return "a unit of this kind starts no process";
	return NULL;
}

/* What other inits call it. */
static void bare_name(enum init_kind kind, const char *unit, char *buf, size_t size)
{
	size_t n = strlen(unit);

	if (kind != INIT_SYSTEMD && ends_with(unit, ".service"))
		n -= strlen(".service");
	snprintf(buf, size, "%.*s", (int)n, unit);
}

/* The formats are those of the rows. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static bool fill(const char *format, const char *name, char *buf, size_t size)
{
	return format && (size_t)snprintf(buf, size, format, name) < size;
}

static void fill_line(const char *format, int value, char *buf, size_t size)
{
	snprintf(buf, size, format, value);
}
#pragma GCC diagnostic pop

int init_file(const struct host *h, enum init_kind kind, const char *unit, char *buf, size_t size)
{
	const struct row *row = &rows[kind];
	char name[256];
	bool known = !row->service[0];

	bare_name(kind, unit, name, sizeof(name));
	for (size_t i = 0; i < ARRAY_SIZE(row->service) && !known; i++)
		known = fill(row->service[i], name, buf, size) && exists(h, buf);
	if (!known)
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(row->files); i++)
		if (fill(row->files[i], name, buf, size) && exists(h, buf))
			return 0;
	return fill(row->files[0], name, buf, size) ? 0 : -ENAMETOOLONG;
}

int init_main_pid(const struct host *h, enum init_kind kind, const char *unit)
{
	const struct row *row = &rows[kind];
	char name[256], path[PATH_MAX], buf[512];

	if (!row->parse_pid)
		return -ENOTSUP;
	bare_name(kind, unit, name, sizeof(name));
	for (size_t i = 0; i < ARRAY_SIZE(row->pid); i++) {
		ssize_t n = fill(row->pid[i], name, path, sizeof(path))
				    ? host_read(h, path, buf, sizeof(buf))
				    : -ENOENT;
		int pid = n > 0 ? row->parse_pid(h, path, buf, (size_t)n) : 0;

		if (pid)
			return pid;
	}
	if (row->unsure || (fill(row->started, name, path, sizeof(path)) && exists(h, path)))
		return -ENOTSUP;
	return 0;
}

/* ------------------------------------------------------------------ the text */

/* Whether the block that begins here says that the text before it ended within a line. */
static bool ends_open(const char *begin, const char *end)
{
	struct str line;

	return str_next_line(&begin, end, &line) &&
	       memmem(line.s, line.n, OPEN_WORD, sizeof(OPEN_WORD) - 1);
}

/* Where our block stands in text; false where there is none that ends. */
static bool find_block(const char *text, size_t n, struct str *block)
{
	const char *p = text, *end = text + n, *begin = NULL, *at = p;
	struct str line;

	while (str_next_line(&p, end, &line)) {
		if (str_starts_with(line, BEGIN_MARK))
			begin = at;
		if (begin && str_eq(line, END_MARK)) {
			/* The line end before it is ours, too, where the file had none. */
			if (begin > text && ends_open(begin, end))
				begin--;
			*block = (struct str){ begin, (size_t)(p - begin) };
			return true;
		}
		at = p;
	}
	return false;
}

/* How a script is told what to do before anything else. Where the value is refused, the service
 * starts all the same, as it does with systemd. */
static int script_line(const struct row *row, struct str first, int value, char *buf, size_t size)
{
	if (!str_starts_with(first, "#!"))
		return -ENOEXEC;
	/* execline chains its words: each program becomes the next. */
	if (memmem(first.s, first.n, "execlineb", 9))
		fill_line("oomkit adj -n %d --clamp --", value, buf, size);
	else if (memmem(first.s, first.n, "sh", 2) || memmem(first.s, first.n, "openrc-run", 10))
		fill_line(row->line, value, buf, size);
	else
		return -ENOEXEC;
	return 0;
}

static int write_whole(FILE *f, const char *unit, const struct init_declared *d)
{
	const struct section *section = section_of(unit);
	bool service = section && strcmp(section->name, "Service") == 0;
	bool late = service && d->main_only;

	if (!section)
		return -EINVAL;
	fputs("# Written by oomkit protect; 'oomkit protect --remove' removes it.\n", f);
	if (late)
		fprintf(f, "# %s, set once it runs: its children would inherit %s%d\n", MAIN_WORD,
			WHOLE_KEY, d->value);
	fprintf(f, "[%s]\n", section->name);
	if (late)
		fprintf(f, MAIN_KEY "%d >/proc/$MAINPID/oom_score_adj'\n", d->value);
	else
		fprintf(f, WHOLE_KEY "%d\n", d->value);
	if (d->oom_policy && service)
		fprintf(f, "OOMPolicy=%s\n", d->oom_policy);
	return 0;
}

static int write_block(FILE *f, const struct row *row, struct str first, bool open,
		       const struct init_declared *d)
{
	char line[192];
	int r = 0;

	if (row->place == PLACE_TOP)
		r = script_line(row, first, d->value, line, sizeof(line));
	else
		fill_line(row->line, d->value, line, sizeof(line));
	if (r == 0)
		fprintf(f, "%s, value %d%s%s\n%s\n%s\n", BEGIN_MARK, d->value,
			d->main_only ? ", " MAIN_WORD : "", open ? ", " OPEN_WORD : "", line,
			END_MARK);
	return r;
}

static int write_text(FILE *f, const struct row *row, const char *unit, struct str before,
		      struct str behind, const struct init_declared *d)
{
	const char *p = before.s, *end = before.s + before.n;
	struct str first = { "", 0 };
	int r = 0;

	if (row->place == PLACE_WHOLE)
		return d ? write_whole(f, unit, d) : 0;
	if (row->place == PLACE_TOP && before.n) {
		str_next_line(&p, end, &first);
		fwrite(before.s, 1, (size_t)(p - before.s), f);
		if (p[-1] != '\n')
			fputc('\n', f);
		before = (struct str){ p, (size_t)(end - p) };
		if (d)
			r = write_block(f, row, first, false, d);
	} else if (row->place == PLACE_TOP && d) {
		r = -ENOEXEC;
	}
	fwrite(before.s, 1, before.n, f);
	fwrite(behind.s, 1, behind.n, f);
	if (row->place == PLACE_END && d) {
		const struct str *last = behind.n ? &behind : &before;
		bool open = last->n && last->s[last->n - 1] != '\n';

		if (open)
			fputc('\n', f);
		r = write_block(f, row, first, open, d);
	}
	return r;
}

int init_edit(enum init_kind kind, const char *unit, const char *old, size_t old_n,
	      const struct init_declared *d, char **ret, size_t *ret_n)
{
	struct str block = { NULL, 0 }, before = { old ? old : "", old ? old_n : 0 }, behind;
	FILE *f;
	int r;

	*ret = NULL;
	*ret_n = 0;
	behind = (struct str){ before.s + before.n, 0 };
	if (old && rows[kind].place != PLACE_WHOLE && find_block(old, old_n, &block)) {
		before.n = (size_t)(block.s - old);
		behind = (struct str){ block.s + block.n,
				       old_n - (size_t)(block.s - old) - block.n };
	}
	f = open_memstream(ret, ret_n);
	if (!f)
		return -ENOMEM;
	r = write_text(f, &rows[kind], unit, before, behind, d);
	if (fclose(f) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0 || *ret_n == 0) {
		free(*ret);
		*ret = NULL;
		*ret_n = 0;
	}
	return r;
}

bool init_parse(enum init_kind kind, const char *text, size_t n, struct init_declared *ret)
{
	static const char *const keys[] = { WHOLE_KEY, MAIN_KEY };
	static const char mark[] = BEGIN_MARK ", value ";
	bool whole = rows[kind].place == PLACE_WHOLE, found = false;
	const char *p = text, *end = text + n;
	struct str line, block;

	*ret = (struct init_declared){ 0 };
	/* A block that does not end could not be taken out again: it is none. */
	if (!whole && !find_block(text, n, &block))
		return false;
	if (!whole) {
		p = block.s;
		end = block.s + block.n;
	}
	while (str_next_line(&p, end, &line)) {
		const char *begins = !whole ? mark : keys[str_starts_with(line, MAIN_KEY)];
		const char *at = line.s + strlen(begins);
		int64_t v;

		if (memmem(line.s, line.n, MAIN_WORD, sizeof(MAIN_WORD) - 1))
			ret->main_only = true;
		if (!str_starts_with(line, begins) || str_scan_i64(&at, line.s + line.n, &v) < 0 ||
		    v < -1000 || v > 1000)
			continue;
		ret->value = (int)v;
		found = true;
	}
	return found;
}

/* ------------------------------------------------------------------ all of them */

struct each {
	const struct host *h;
	enum init_kind kind;
	int (*fn)(void *ctx, const char *unit);
	void *ctx;
};

static int look_at(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	const struct each *e = ctx;
	struct init_declared declared;
	char unit[256], path[PATH_MAX];
	_cleanup_free_ char *text = NULL;
	size_t n = strlen(name);
	ssize_t got;

	(void)ino;
	(void)is_dir;
	if (e->kind == INIT_SYSTEMD) {
		if (!ends_with(name, ".d"))
			return 0;
		n -= 2;
	}
	if ((size_t)snprintf(unit, sizeof(unit), "%.*s%s", (int)n, name,
			     e->kind == INIT_SYSTEMD ? "" : ".service") >= sizeof(unit))
		return 0;
	if (init_refusal(e->kind, unit) || init_file(e->h, e->kind, unit, path, sizeof(path)) < 0)
		return 0;
	got = host_read_all(e->h, path, 1 << 20, &text);
	if (got < 0 || !init_parse(e->kind, text, (size_t)got, &declared))
		return 0;
	return e->fn(e->ctx, unit);
}

int init_each(const struct host *h, enum init_kind kind, int (*fn)(void *ctx, const char *unit),
	      void *ctx)
{
	struct each e = { h, kind, fn, ctx };
	int r = host_list_dir(h, rows[kind].list, look_at, &e);

	return r == -ENOENT || r == -ENOTDIR || r == -EACCES ? 0 : r;
}

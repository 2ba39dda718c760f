/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is being killed, by the tracepoint oom:mark_victim (4.13)? include/trace/events/oom.h: the
 * pid alone at first, since 6.9 (and in stable kernels) what the kill line has; the format file
 * says which. An instance is a trace buffer of our own (instances/NAME), so that nobody else's
 * tracing is touched. One whose watch was killed is found by its name and removed at the next
 * start; one that is read by somebody cannot be removed (trace_array_put: EBUSY).
 */
#include "tracefs.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "str.h"

enum { BUFFER_SIZE = 16384, PATH_SIZE = 192, FORMAT_SIZE = 8192 };

static const char name_prefix[] = "oomkit-watch-";

struct tracefs {
	struct source source;
	struct source_env env;
	struct tracefs_format format;
	struct moment now;
	char dir[PATH_SIZE]; /* of the instance; "" where it is not made yet */
	size_t n;            /* of buf: a line that is not whole yet */
	char buf[BUFFER_SIZE];
};

/* ------------------------------------------------------------------ the format */

static const struct {
	const char *name;
	uint32_t have;
} fields[] = {
	{ "pid", SIGHT_HAVE_PID },           { "comm", SIGHT_HAVE_COMM },
	{ "total-vm", SIGHT_HAVE_TOTAL_VM }, { "anon-rss", SIGHT_HAVE_ANON },
	{ "file-rss", SIGHT_HAVE_FILE },     { "shmem-rss", SIGHT_HAVE_SHMEM },
	{ "uid", SIGHT_HAVE_UID },           { "pgtables", SIGHT_HAVE_PGTABLES },
	{ "oom_score_adj", SIGHT_HAVE_ADJ },
};

/* The name in "kB anon-rss=" is between the last blank and the sign. */
static uint32_t field_of(const char *before, size_t n)
{
	size_t from = n;

	if (n == 0)
		return 0;
	while (from > 0 && before[from - 1] != ' ')
		from--;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (strlen(fields[i].name) == n - 1 - from &&
		    memcmp(before + from, fields[i].name, n - 1 - from) == 0)
			return fields[i].have;
	return 0;
}

int tracefs_parse_format(const char *buf, size_t n, struct tracefs_format *ret)
{
	static const char key[] = "print fmt: \"";
	const char *p = memmem(buf, n, key, strlen(key)), *end = buf + n, *literal;

	*ret = (struct tracefs_format){ .n = 0 };
	if (!p)
		return -EINVAL;
	p += strlen(key);
	literal = p;
	while (p < end && *p != '"' && ret->n < TRACEFS_PIECES_MAX) {
		struct tracefs_piece *piece = &ret->pieces[ret->n];
		size_t before = (size_t)(p - literal);

		if (*p != '%') {
			p++;
			continue;
		}
		for (p++; p < end && strchr("0123456789.-hlzx", *p) && *p != 'x'; p++)
			;
		if (p == end || before >= sizeof(piece->before))
			return -EINVAL;
		memcpy(piece->before, literal, before);
		piece->before[before] = '\0';
		piece->is_string = *p == 's';
		piece->have = field_of(literal, before);
		ret->n++;
		literal = ++p;
	}
	return ret->n && ret->pieces[0].have == SIGHT_HAVE_PID ? 0 : -EINVAL;
}

/* ------------------------------------------------------------------ a line */

static void set_field(struct sighting *s, uint32_t have, int64_t v)
{
	switch (have) {
	case SIGHT_HAVE_PID:
		s->pid = (int32_t)v;
		break;
	case SIGHT_HAVE_UID:
		s->uid = (uint32_t)v;
		break;
	case SIGHT_HAVE_ADJ:
		s->oom_score_adj = (int32_t)v;
		break;
	case SIGHT_HAVE_TOTAL_VM:
		s->total_vm_kib = (uint64_t)v;
		break;
	case SIGHT_HAVE_ANON:
		s->anon_kib = (uint64_t)v;
		break;
	case SIGHT_HAVE_FILE:
		s->file_kib = (uint64_t)v;
		break;
	case SIGHT_HAVE_SHMEM:
		s->shmem_kib = (uint64_t)v;
		break;
	case SIGHT_HAVE_PGTABLES:
		s->pgtables_kib = (uint64_t)v;
		break;
	default:
		return;
	}
	s->have |= have;
}

static bool eat_literal(const char **p, const char *end, const char *literal)
{
	size_t n = strlen(literal);

	if ((size_t)(end - *p) < n || memcmp(*p, literal, n) != 0)
		return false;
	*p += n;
	return true;
}

/* The pieces from at on, all numbers. */
static bool eat_numbers(const struct tracefs_format *f, size_t at, const char *p, const char *end,
			struct sighting *s)
{
	for (; at < f->n && !f->pieces[at].is_string; at++) {
		int64_t v;

		if (!eat_literal(&p, end, f->pieces[at].before) || str_scan_i64(&p, end, &v) < 0)
			return false;
		set_field(s, f->pieces[at].have, v);
	}
	return at == f->n && end - p <= 2;
}

/* A name may hold anything: what stands behind it is looked for from the end. */
static bool eat_pieces(const struct tracefs_format *f, const char *p, const char *end,
		       struct sighting *s)
{
	size_t at = 0;
	int64_t v;

	for (; at < f->n && !f->pieces[at].is_string; at++) {
		if (!eat_literal(&p, end, f->pieces[at].before) || str_scan_i64(&p, end, &v) < 0)
			return false;
		set_field(s, f->pieces[at].have, v);
	}
	if (at == f->n)
		return true;
	if (!eat_literal(&p, end, f->pieces[at].before))
		return false;
	for (const char *q = end; q >= p; q--) {
		size_t n = (size_t)(q - p);

		if (!eat_numbers(f, at + 1, q, end, s))
			continue;
		if (n >= sizeof(s->comm))
			n = sizeof(s->comm) - 1;
		memcpy(s->comm, p, n);
		s->comm[n] = '\0';
		s->have |= f->pieces[at].have;
		return true;
	}
	return false;
}

/* "12.345678: mark_victim: " with the time before it: longer than any name that could hold it. */
static const char *find_event(const char *s, const char *end, uint64_t *usec)
{
	static const char key[] = ": mark_victim: ";
	const char *at = s;

	while ((at = memmem(at, (size_t)(end - at), key, strlen(key)))) {
		const char *p = at, *seconds;
		uint64_t sec, frac;

		while (p > s && p[-1] >= '0' && p[-1] <= '9')
			p--;
		if (at - p == 6 && p > s && p[-1] == '.') {
			seconds = p - 1;
			while (seconds > s && seconds[-1] >= '0' && seconds[-1] <= '9')
				seconds--;
			if (str_to_u64(seconds, (size_t)(p - 1 - seconds), 10, &sec) == 0 &&
			    str_to_u64(p, 6, 10, &frac) == 0) {
				*usec = sec * 1000000 + frac;
				return at + strlen(key);
			}
		}
		at++;
	}
	return NULL;
}

int tracefs_parse_line(const struct tracefs_format *f, const char *s, size_t n,
		       struct sighting *ret)
{
	static const char lost[] = " [LOST ";
	const char *end = s + n, *p;

	*ret = (struct sighting){
		.kind = SIGHT_KILL,
		.sources = 1u << SIGHT_TRACEFS,
		.constraint = CONSTRAINT_UNKNOWN,
		.count = 1,
	};
	p = find_event(s, end, &ret->mono_usec);
	if (p)
		return eat_pieces(f, p, end, ret) ? 1 : 0;
	p = memmem(s, n, lost, strlen(lost));
	if (!p || n < 4 || memcmp(s, "CPU:", 4) != 0)
		return 0;
	p += strlen(lost);
	str_scan_u64(&p, end, &ret->lost);
	ret->kind = SIGHT_GAP;
	ret->reason = "trace events were overwritten before they were read";
	return -ENODATA;
}

/* ------------------------------------------------------------------ the instance */

static const char *in(const struct tracefs *t, const char *file, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s", t->dir, file);
	return buf;
}

static int put(const struct tracefs *t, const char *file, const char *text)
{
	char path[PATH_SIZE + 64];

	return host_write(t->env.h, in(t, file, path, sizeof(path)), text);
}

struct stale {
	const struct host *h;
	const char *top;
};

/* true where the process that the name tells is one of ours, which may not have begun to read. */
static bool is_alive(const struct stale *s, const char *name)
{
	char comm[64], own[64];
	int64_t pid;
	ssize_t n, own_n = host_read(s->h, "proc/self/comm", own, sizeof(own));

	name += strlen(name_prefix);
	if (own_n <= 0 || str_to_i64(name, strlen(name), 1, INT32_MAX, &pid) < 0)
		return false;
	n = host_read_proc(s->h, (pid_t)pid, "comm", comm, sizeof(comm));
	return n == own_n && memcmp(comm, own, (size_t)n) == 0;
}

/* A watch that we cannot see may have made it: it reads, and so its instance is busy. */
static int remove_stale(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	const struct stale *s = ctx;
	char path[PATH_SIZE + 256];

	(void)ino;
	if (is_dir && strncmp(name, name_prefix, strlen(name_prefix)) == 0 && !is_alive(s, name)) {
		snprintf(path, sizeof(path), "%s/instances/%s", s->top, name);
		host_remove_dir(s->h, path);
	}
	return 0;
}

static int make_instance(struct tracefs *t, const char *top)
{
	struct stale s = { .h = t->env.h, .top = top };
	char path[PATH_SIZE], dir[PATH_SIZE];
	int r;

	snprintf(path, sizeof(path), "%s/instances", top);
	host_list_dir(t->env.h, path, remove_stale, &s);
	snprintf(dir, sizeof(dir), "%s/instances/%s%d", top, name_prefix, (int)getpid());
	r = host_make_dir(t->env.h, dir);
	if (r == -EEXIST)
		r = 0;
	if (r == 0)
		memcpy(t->dir, dir, sizeof(t->dir));
	return r;
}

static int set_up(struct tracefs *t)
{
	char path[PATH_SIZE + 64], buf[FORMAT_SIZE];
	ssize_t n = host_read(t->env.h, in(t, "events/oom/mark_victim/format", path, sizeof(path)),
			      buf, sizeof(buf));
	int r;

	if (n < 0)
		return (int)n;
	r = tracefs_parse_format(buf, (size_t)n, &t->format);
	if (r == 0)
		r = put(t, "trace_clock", "mono");
	if (r < 0)
		return r;
	/* 6.1 waits for half a buffer unless it is told otherwise; older kernels have no such
	 * file. */
	put(t, "buffer_percent", "0");
	put(t, "buffer_size_kb", "64");
	t->source.fd = host_open_to_watch(t->env.h, in(t, "trace_pipe", path, sizeof(path)), false);
	if (t->source.fd < 0)
		return t->source.fd;
	return put(t, "events/oom/mark_victim/enable", "1");
}

static void tracefs_close(struct source *source)
{
	struct tracefs *t = (struct tracefs *)source;

	if (source->fd >= 0)
		close(source->fd);
	if (t->dir[0])
		host_remove_dir(t->env.h, t->dir);
	free(t);
}

static int tracefs_open(const struct source_env *env, struct source **ret)
{
	static const char *const tops[] = { "sys/kernel/tracing", "sys/kernel/debug/tracing" };
	struct tracefs *t = calloc(1, sizeof(*t));
	int r = -ENOENT;

	if (!t)
		return -ENOMEM;
	t->env = *env;
	t->source = (struct source){
		.ops = &tracefs_source, .fd = -1, .events = POLLIN, .due = UINT64_MAX
	};
	for (size_t i = 0; i < ARRAY_SIZE(tops) && (r == -ENOENT || r == -ENOTDIR); i++)
		r = make_instance(t, tops[i]);
	if (r == 0)
		r = set_up(t);
	if (r < 0) {
		tracefs_close(&t->source);
		return r;
	}
	*ret = &t->source;
	return 0;
}

/* ------------------------------------------------------------------ reading */

static void take_line(struct tracefs *t, const char *s, size_t n)
{
	struct sighting seen;
	int r = tracefs_parse_line(&t->format, s, n, &seen);

	if (r == 0)
		return;
	if (r < 0)
		seen.mono_usec = t->now.mono_usec;
	seen.wall_usec = t->now.wall_usec - (int64_t)(t->now.mono_usec - seen.mono_usec);
	seen.wall_certain = true;
	t->env.fn(t->env.ctx, &seen);
}

/* A name with a newline in it makes a line of two: what has no end of ours goes on. */
static void take_lines(struct tracefs *t)
{
	size_t from = 0;

	for (size_t at = 0; at < t->n; at++) {
		struct sighting seen;

		if (t->buf[at] != '\n')
			continue;
		if (tracefs_parse_line(&t->format, t->buf + from, at - from, &seen) == 0 &&
		    memmem(t->buf + from, at - from, ": mark_victim: ", 15) && at - from < 1024)
			continue;
		take_line(t, t->buf + from, at - from);
		from = at + 1;
	}
	memmove(t->buf, t->buf + from, t->n - from);
	t->n -= from;
	if (t->n == sizeof(t->buf))
		t->n = 0;
}

static int tracefs_drain(struct source *source, const struct moment *now)
{
	struct tracefs *t = (struct tracefs *)source;

	t->now = *now;
	for (;;) {
		ssize_t n = host_input_read(source->fd, t->buf + t->n, sizeof(t->buf) - t->n);

		if (n == -EAGAIN || n == 0)
			return 0;
		if (n < 0)
			return (int)n;
		t->n += (size_t)n;
		take_lines(t);
	}
}

const struct source_ops tracefs_source = {
	.id = SIGHT_TRACEFS,
	.name = "tracefs",
	.begin = tracefs_open,
	.drain = tracefs_drain,
	.end = tracefs_close,
};

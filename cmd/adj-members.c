/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is in these cgroups at this moment, and who of them has another value? The kernel's own list
 * of a cgroup is whole: whoever is forked while it is written is appended to it
 * (kernel/fork.c cgroup_post_fork(), kernel/cgroup/cgroup.c css_set_move_task()). So one list whose
 * every member has the value shows that all have it who come later, too. /proc as a whole cannot
 * show that: in it a process that has ended before it was read could be anybody's.
 */
#include "adj.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "str.h"

#define LIST_MAX  (16u << 20)
#define DEPTH_MAX 64

bool adj_is_cgroup(enum target_kind kind)
{
	return kind == TARGET_CGROUP || kind == TARGET_UNIT || kind == TARGET_CONTAINER;
}

static int compare(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static void sort_pids(struct pids *pids)
{
	size_t kept = 0;

	if (pids->n)
		qsort(pids->v, pids->n, sizeof(*pids->v), compare);
	for (size_t i = 0; i < pids->n; i++)
		if (kept == 0 || pids->v[kept - 1] != pids->v[i])
			pids->v[kept++] = pids->v[i];
	pids->n = kept;
}

static bool has_pid(const struct pids *pids, pid_t pid)
{
	return pids->n && bsearch(&pid, pids->v, pids->n, sizeof(pid), compare);
}

static int append(struct pids *pids, pid_t pid)
{
	if (pids->n == pids->size) {
		size_t size = pids->size ? pids->size * 2 : 64;
		pid_t *v = reallocarray(pids->v, size, sizeof(*v));

		if (!v)
			return -ENOMEM;
		pids->v = v;
		pids->size = size;
	}
	pids->v[pids->n++] = pid;
	return 0;
}

/* ------------------------------------------------------------------ the kernel's list */

struct listing {
	const struct host *h;
	struct arena *arena;
	struct pids *ret;
	const char *dir; /* the one whose children are listed */
	unsigned depth;
};

static int list_below(const struct listing *above, const char *dir);

static int list_child(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	const struct listing *l = ctx;
	size_t size = strlen(l->dir) + strlen(name) + 2;
	char *path;

	(void)ino;
	if (!is_dir)
		return 0;
	path = arena_alloc(l->arena, size);
	if (!path)
		return -ENOMEM;
	snprintf(path, size, "%s/%s", l->dir, name);
	return list_below(l, path);
}

/* The members of one cgroup and of all below it. One that is removed meanwhile has none. */
static int list_below(const struct listing *above, const char *dir)
{
	struct listing l = *above;
	_cleanup_free_ char *text = NULL;
	char file[4200];
	const char *p, *end;
	struct str line;
	ssize_t n;
	int r = 0;

	if (++l.depth > DEPTH_MAX ||
	    (size_t)snprintf(file, sizeof(file), "%s/cgroup.procs", dir) >= sizeof(file))
		return -ELOOP;
	n = host_read_all(l.h, file, LIST_MAX, &text);
	if (n < 0)
		return above->depth && (n == -ENOENT || n == -ENODEV) ? 0 : (int)n;
	p = text;
	end = text + n;
	while (r == 0 && str_next_line(&p, end, &line)) {
		int64_t pid;

		/* 0 is a process of another pid namespace. */
		if (str_to_i64(line.s, line.n, 1, INT32_MAX, &pid) == 0)
			r = append(l.ret, (pid_t)pid);
	}
	l.dir = dir;
	if (r == 0)
		r = host_list_dir(l.h, dir, list_child, &l);
	return above->depth && (r == -ENOENT || r == -ENODEV) ? 0 : r;
}

int adj_find_dirs(struct adj_view *v, const struct select_spec *spec, struct arena *arena,
		  const char ***ret)
{
	const char **dirs = arena_alloc(arena, (spec->n + 1) * sizeof(*dirs)), *path;
	struct cgroupfs fs = { 0 };
	int r = v->host.live ? cgroupfs_open(&fs, &v->host) : -ENOTSUP;

	if (!dirs)
		r = -ENOMEM;
	if (r == 0 && !fs.mount)
		r = -ENOTSUP;
	for (size_t i = 0; r == 0 && i < spec->n; i++) {
		r = adj_is_cgroup(spec->targets[i].kind)
			    ? select_cgroup_path(&spec->targets[i], &v->host, &v->s, arena, &path)
			    : -ENOTSUP;
		if (r == 0)
			r = cgroupfs_dir(&fs, path, arena, &dirs[i]);
	}
	cgroupfs_close(&fs);
	*ret = r == 0 ? dirs : NULL;
	return r;
}

int adj_members(const struct host *h, const char *const *dirs, size_t n, struct pids *ret)
{
	struct arena arena = { 0 };
	int r = 0;

	ret->n = 0;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct listing l = { .h = h, .arena = &arena, .ret = ret };

		r = list_below(&l, dirs[i]);
	}
	if (r == 0)
		sort_pids(ret);
	arena_free(&arena);
	return r;
}

void adj_find_missed(struct adj_view *v, const struct select_spec *spec)
{
	struct arena arena = { 0 };
	struct pids members = { 0 };
	pid_t self = host_self(&v->host);

	for (size_t i = 0; i < spec->n; i++) {
		const struct select_spec one = { .targets = &spec->targets[i], .n = 1 };
		const char **dirs;

		if (v->missed[i] && adj_is_cgroup(one.targets->kind) &&
		    adj_find_dirs(v, &one, &arena, &dirs) == 0 &&
		    adj_members(&v->host, dirs, 1, &members) == 0)
			v->missed[i] = members.n == has_pid(&members, self);
	}
	free(members.v);
	arena_free(&arena);
}

/* ------------------------------------------------------------------ what they have */

static int value_of(const struct host *h, pid_t pid, int *ret)
{
	char buf[32];
	ssize_t n = host_read_proc(h, pid, "oom_score_adj", buf, sizeof(buf));
	const char *p = buf;
	int64_t v;

	if (n < 0)
		return n == -ENOENT || n == -ESRCH ? -ESRCH : (int)n;
	if (str_scan_i64(&p, buf + n, &v) < 0)
		return -EIO;
	*ret = (int)v;
	return 0;
}

int adj_look(const struct host *h, const struct pids *members, const int *value, struct pids *good,
	     struct pids *others, size_t *escaped)
{
	struct pids now = { 0 };
	int r = 0;

	others->n = 0;
	*escaped = 0;
	for (size_t i = 0; r == 0 && i < members->n; i++) {
		pid_t pid = members->v[i];
		int has = 0, got = value ? value_of(h, pid, &has) : 0;

		if (got == -ESRCH)
			*escaped += !has_pid(good, pid);
		else if (got == 0 && value && has == *value)
			r = append(&now, pid);
		else
			r = append(others, pid);
	}
	free(good->v);
	*good = now;
	return r;
}

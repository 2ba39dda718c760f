/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who comes before whom in the OOM of a memory cgroup? Mirrors css_next_descendant_pre() (a cgroup
 * before its children, these in the order in which they were made) and css_task_iter_next() (the
 * order of cgroup.procs on v2).
 */
#include "memcg.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "base.h"
#include "snapshot.h"
#include "str.h"

#define DEPTH_MAX 256 /* the kernel's own cgroup.max.depth has no bound; no tree is so deep */
#define PROCS_MAX (4u << 20)

struct walk {
	const struct host *h;
	struct snapshot *s;
	struct arena arena;
	uint32_t cgroups; /* so many have been met */
	bool v2;
};

struct child {
	uint64_t ino;
	const char *name;
};

struct children {
	struct arena *arena;
	struct child *v;
	size_t n, size;
};

/* kernfs numbers its nodes as they are made, and so are cgroups linked to their parent. */
static int compare_children(const void *a, const void *b)
{
	const struct child *x = a, *y = b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

static int add_child(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	struct children *c = ctx;

	if (!is_dir)
		return 0;
	if (c->n == c->size) {
		size_t size = c->size ? c->size * 2 : 16;
		struct child *v = realloc(c->v, size * sizeof(*v));

		if (!v)
			return -ENOMEM;
		c->v = v;
		c->size = size;
	}
	c->v[c->n].name = arena_strndup(c->arena, name, strlen(name));
	c->v[c->n].ino = ino;
	return c->v[c->n++].name ? 0 : -ENOMEM;
}

static const char *join(struct arena *arena, const char *dir, const char *name)
{
	const size_t n = strlen(dir) + strlen(name) + 2;
	char *path = arena_alloc(arena, n);

	if (path)
		snprintf(path, n, "%s/%s", dir, name);
	return path;
}

static void number_members(struct walk *w, const char *dir)
{
	_cleanup_free_ char *buf = NULL;
	const uint64_t place = (uint64_t)w->cgroups++ << 32;
	const char *path = join(&w->arena, dir, "cgroup.procs"), *p, *end;
	ssize_t n = path ? host_read_all(w->h, path, PROCS_MAX, &buf) : -ENOMEM;
	uint32_t members = 0;
	struct str line;

	if (n < 0)
		return;
	p = buf;
	end = buf + n;
	while (str_next_line(&p, end, &line)) {
		int64_t pid;
		struct proc *proc;

		members++;
		if (str_to_i64(line.s, line.n, 1, INT32_MAX, &pid) < 0)
			continue;
		proc = snapshot_find(w->s, (pid_t)pid);
		if (proc)
			proc->memcg_order = place + (w->v2 ? members : 1);
	}
}

static int walk_down(struct walk *w, const char *dir, unsigned depth)
{
	struct children c = { .arena = &w->arena };
	int r;

	number_members(w, dir);
	if (depth == DEPTH_MAX)
		return -ELOOP;
	r = host_list_dir(w->h, dir, add_child, &c);
	if (r == 0 && c.n)
		qsort(c.v, c.n, sizeof(*c.v), compare_children);
	for (size_t i = 0; r == 0 && i < c.n; i++) {
		const char *below = join(&w->arena, dir, c.v[i].name);

		r = below ? walk_down(w, below, depth + 1) : -ENOMEM;
	}
	free(c.v);
	/* A cgroup that was removed meanwhile has no members. */
	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

int memcg_read_order(const struct cgroupfs *fs, const struct host *h, const char *path, bool alone,
		     struct snapshot *s)
{
	struct walk w = { .h = h, .s = s, .v2 = fs->version == CGROUP_V2 };
	const char *dir;
	int r = cgroupfs_dir(fs, path, &w.arena, &dir);

	if (r == 0 && alone)
		number_members(&w, dir);
	else if (r == 0)
		r = walk_down(&w, dir, 0);
	arena_free(&w.arena);
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in each memory cgroup, and what do those above it leave to it? mm/memcontrol.c
 * (memory_files[], swap_files[]), mm/memcontrol-v1.c (mem_cgroup_legacy_files[]), and the walk up
 * the tree of try_charge_memcg(), which fails at the first page counter that is full.
 */
#include "memtree.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "str.h"

/* A page is the most that a file of seq_file is read in at once; memory.stat has 2.5 KiB. */
#define FILE_MAX 4096

static const struct {
	const char *v1, *v2;
	bool is_limit;
} numbers[] = {
	[MEMTREE_CURRENT] = { "memory.usage_in_bytes", "memory.current", false },
	[MEMTREE_LIMIT] = { "memory.limit_in_bytes", "memory.max", true },
	[MEMTREE_HIGH] = { NULL, "memory.high", true },
	[MEMTREE_LOW] = { NULL, "memory.low", true },
	[MEMTREE_MIN] = { NULL, "memory.min", true },
	[MEMTREE_PEAK] = { "memory.max_usage_in_bytes", "memory.peak", false },
	[MEMTREE_SWAP] = { NULL, "memory.swap.current", false },
	[MEMTREE_SWAP_LIMIT] = { NULL, "memory.swap.max", true },
	[MEMTREE_MEMSW] = { "memory.memsw.usage_in_bytes", NULL, false },
	[MEMTREE_MEMSW_LIMIT] = { "memory.memsw.limit_in_bytes", NULL, true },
	[MEMTREE_FAILCNT] = { "memory.failcnt", NULL, false },
	[MEMTREE_MEMSW_FAILCNT] = { "memory.memsw.failcnt", NULL, false },
};
_Static_assert(ARRAY_SIZE(numbers) == MEMTREE_NUMBER_N, "a number without its files");

const char *memtree_file(enum memtree_number number, enum cgroup_version version)
{
	return version == CGROUP_V1 ? numbers[number].v1 : numbers[number].v2;
}

/* kernfs_create_root(). What a mount or a cgroup namespace shows as the top has another. */
#define ROOT_INODE 1

/* The reading of the whole tree. */
struct reading {
	struct memtree *t;
	const struct cgroupfs *fs;
	const struct host *h;
	unsigned need;
	bool alone;
	size_t size;
};

/* The reading of one cgroup. */
struct visit {
	const struct reading *r;
	struct memtree_node *node;
	int held;
	bool missed;  /* a file was not there */
	bool gone;    /* the kernel says that the cgroup is no more */
	bool refused; /* a file may not be read */
	char buf[FILE_MAX];
	ssize_t n;
};

/* ------------------------------------------------------------------ the files of one cgroup */

static bool read_text(struct visit *v, const char *file)
{
	v->n = host_read_held(v->r->h, v->held, file, v->buf, sizeof(v->buf));
	v->missed |= v->n == -ENOENT;
	v->gone |= v->n == -ENODEV;
	/* EOPNOTSUPP is memory.pressure's where PSI is off: nothing is hidden. */
	v->refused |= v->n < 0 && v->n != -ENOENT && v->n != -ENODEV && v->n != -EOPNOTSUPP;
	return v->n >= 0;
}

static void read_number(struct visit *v, enum memtree_number number)
{
	struct memtree_node *node = v->node;
	const char *file = memtree_file(number, v->r->fs->version);
	uint64_t value;

	if (!file)
		return;
	if (!read_text(v, file)) {
		if (v->n != -ENOENT)
			node->unknown |= 1u << number;
		return;
	}
	if (memstat_parse_number(v->buf, (size_t)v->n, &value) < 0) {
		node->unknown |= 1u << number;
		return;
	}
	if (numbers[number].is_limit && v->r->fs->version == CGROUP_V1)
		value = memstat_v1_limit(value);
	node->number[number] = value;
	node->have |= 1u << number;
}

static void put_number(struct memtree_node *node, enum memtree_number number, uint64_t value)
{
	node->number[number] = value;
	node->have |= 1u << number;
}

/* v1 counts memory and swap together and has the swap alone in memory.stat, which costs as much as
 * five other files. While nothing is swapped out both counters say the same: they are charged
 * together. */
static void read_v1_swap(struct visit *v)
{
	const unsigned both = 1u << MEMTREE_CURRENT | 1u << MEMTREE_MEMSW;
	struct memtree_node *node = v->node;
	uint64_t value;

	if ((node->have & both) == both &&
	    node->number[MEMTREE_CURRENT] == node->number[MEMTREE_MEMSW])
		put_number(node, MEMTREE_SWAP, 0);
	else if (read_text(v, "memory.stat") &&
		 memstat_parse_key(v->buf, (size_t)v->n, "total_swap", &value) == 0)
		put_number(node, MEMTREE_SWAP, value);
	else if (v->n < 0 && v->n != -ENOENT)
		node->unknown |= 1u << MEMTREE_SWAP;
}

/* One number of v1 is two of v2's files: what is no event is not known. */
static const struct memstat_events *events_of_control(struct visit *v)
{
	struct memstat_events *e = arena_alloc(&v->r->t->arena, sizeof(*e));

	if (!e)
		return NULL;
	e->have = 1u << MEMSTAT_OOM_KILL;
	e->value[MEMSTAT_OOM_KILL] = v->node->control.oom_kill;
	return e;
}

static void read_oom_control(struct visit *v)
{
	struct memtree_node *node = v->node;

	if (!read_text(v, "memory.oom_control"))
		return;
	memstat_parse_oom_control(v->buf, (size_t)v->n, &node->control);
	/* v1 does not add up what is killed below. */
	if (node->control.have_oom_kill)
		node->events = node->events_local = events_of_control(v);
}

static const struct memstat_events *read_events(struct visit *v, const char *file)
{
	struct memstat_events *e;

	if (!read_text(v, file))
		return NULL;
	e = arena_alloc(&v->r->t->arena, sizeof(*e));
	if (e)
		memstat_parse_events(v->buf, (size_t)v->n, e);
	return e && e->have ? e : NULL;
}

static const struct pressure *read_pressure(struct visit *v)
{
	struct pressure *p;

	if (!read_text(v, "memory.pressure")) {
		v->r->t->psi_off |= v->n == -EOPNOTSUPP;
		return NULL;
	}
	p = arena_alloc(&v->r->t->arena, sizeof(*p));
	if (p)
		pressure_parse(v->buf, (size_t)v->n, p);
	return p && (p->have_some || p->have_full) ? p : NULL;
}

/* v1 counts none (kernel/sched/psi.c: cgroup_psi() is of the default hierarchy); its root is the
 * machine, whose pressure v2's root has, too. Without that there is none to be shown. */
static const struct pressure *machine_pressure(struct visit *v)
{
	struct pressure *p = arena_alloc(&v->r->t->arena, sizeof(*p));
	int r = p ? pressure_read(v->r->h, p) : -ENOMEM;

	v->r->t->psi_off |= r == -EOPNOTSUPP;
	return r == 0 ? p : NULL;
}

static void read_oom_group(struct visit *v)
{
	uint64_t value;

	if (!read_text(v, "memory.oom.group") ||
	    memstat_parse_number(v->buf, (size_t)v->n, &value) < 0 || value > 1)
		return;
	v->node->oom_group = value == 1;
	v->node->have |= MEMTREE_OOM_GROUP;
}

static void read_v2_files(struct visit *v, unsigned need)
{
	if (need & MEMTREE_EVENTS)
		v->node->events = read_events(v, "memory.events");
	if (need & MEMTREE_EVENTS_LOCAL)
		v->node->events_local = read_events(v, "memory.events.local");
	if (need & MEMTREE_OOM_GROUP)
		read_oom_group(v);
	if (need & MEMTREE_PRESSURE)
		v->node->pressure = read_pressure(v);
}

static void read_files(struct visit *v, unsigned need)
{
	bool v1 = v->r->fs->version == CGROUP_V1;

	if (v1 && (need & 1u << MEMTREE_SWAP))
		need |= 1u << MEMTREE_CURRENT | 1u << MEMTREE_MEMSW;
	for (unsigned i = 0; i < MEMTREE_NUMBER_N; i++)
		if (need & 1u << i)
			read_number(v, (enum memtree_number)i);
	if (v1 && (need & 1u << MEMTREE_SWAP))
		read_v1_swap(v);
	if (v1 && (need & (MEMTREE_EVENTS | MEMTREE_EVENTS_LOCAL)))
		read_oom_control(v);
	if (v1 && (need & MEMTREE_PRESSURE) && v->node->id == ROOT_INODE)
		v->node->pressure = machine_pressure(v);
	if (!v1)
		read_v2_files(v, need);
}

/* Every memory cgroup of v2 but the root has memory.current. */
static bool has_controller(struct visit *v)
{
	const unsigned any = (1u << MEMTREE_NUMBER_N) - 1;

	if (v->r->fs->version == CGROUP_V1 || v->node->parent == MEMTREE_NONE ||
	    ((v->node->have | v->node->unknown) & any))
		return true;
	return read_text(v, "memory.current") || v->n != -ENOENT;
}

/* Whether what this cgroup has above it also holds below it. The flag cannot be cleared below one
 * that has it; since 5.11 all have it. */
static bool binds_below(struct visit *v)
{
	uint32_t parent = v->node->parent;
	uint64_t value;

	if (v->r->fs->version != CGROUP_V1 ||
	    (parent != MEMTREE_NONE && v->r->t->nodes[parent].binds_below))
		return true;
	return !read_text(v, "memory.use_hierarchy") ||
	       memstat_parse_number(v->buf, (size_t)v->n, &value) < 0 || value != 0;
}

/* ------------------------------------------------------------------ what holds from above */

/* A limit above the top of what is mounted (a container's view): v1 tells the smallest of all.
 * MEMSTAT_MAX where there is none or that is not told. */
static uint64_t hidden_limit(struct visit *v)
{
	uint64_t value;

	if (v->r->fs->version != CGROUP_V1 || !read_text(v, "memory.stat") ||
	    memstat_parse_key(v->buf, (size_t)v->n, "hierarchical_memory_limit", &value) < 0)
		return MEMSTAT_MAX;
	return memstat_v1_limit(value);
}

/* The limit that the node itself sets, as far as it is known. A root has no file for it. */
static bool own_limit(const struct memtree_node *node, uint64_t *ret)
{
	*ret = node->have & 1u << MEMTREE_LIMIT ? node->number[MEMTREE_LIMIT] : MEMSTAT_MAX;
	return !(node->unknown & 1u << MEMTREE_LIMIT);
}

static void inherit(struct memtree_node *node, const struct memtree_node *above)
{
	node->effective_limit = above->effective_limit;
	node->have_effective = above->have_effective;
	node->limited_by = above->limited_by;
	node->headroom = above->headroom;
	node->have_headroom = above->have_headroom;
	node->headroom_by = above->headroom_by;
}

static void find_effective(struct memtree *t, uint32_t index, uint64_t hidden)
{
	struct memtree_node *node = &t->nodes[index];
	bool bound = node->parent != MEMTREE_NONE && t->nodes[node->parent].binds_below;
	uint64_t limit, left;
	bool known = own_limit(node, &limit), has_current = node->have & 1u << MEMTREE_CURRENT;
	/* Of a limit above the mount it is known that it is there, not how much of it is left. */
	struct memtree_node nothing = { .effective_limit = hidden,
					.have_effective = true,
					.limited_by = MEMTREE_NONE,
					.headroom = MEMSTAT_MAX,
					.have_headroom = hidden >= limit,
					.headroom_by = MEMTREE_NONE };

	inherit(node, bound ? &t->nodes[node->parent] : &nothing);
	node->have_effective &= known;
	node->have_headroom &= known && (limit == MEMSTAT_MAX || has_current);
	if (limit == MEMSTAT_MAX)
		return;
	/* Of two that are alike the nearer one is named. */
	if (limit <= node->effective_limit) {
		node->effective_limit = limit;
		node->limited_by = index;
	}
	left = has_current && node->number[MEMTREE_CURRENT] < limit
		       ? limit - node->number[MEMTREE_CURRENT]
		       : 0;
	if (left <= node->headroom) {
		node->headroom = left;
		node->headroom_by = index;
	}
}

/* ------------------------------------------------------------------ the walk */

static const char *join(struct arena *arena, const char *dir, const char *name)
{
	size_t n = strlen(dir), name_n = strlen(name);
	char *path = arena_alloc(arena, n + name_n + 2);

	if (!path)
		return NULL;
	memcpy(path, dir, n);
	if (n == 0 || path[n - 1] != '/')
		path[n++] = '/';
	memcpy(path + n, name, name_n);
	return path;
}

/* Room for one more node, emptied. Returns its index, MEMTREE_NONE where no memory is left. */
static uint32_t add_node(struct reading *r)
{
	struct memtree *t = r->t;

	if (t->n == r->size) {
		size_t size = r->size ? r->size * 2 : 64;
		struct memtree_node *nodes = reallocarray(t->nodes, size, sizeof(*nodes));

		if (!nodes)
			return MEMTREE_NONE;
		t->nodes = nodes;
		r->size = size;
	}
	t->nodes[t->n] = (struct memtree_node){ .parent = MEMTREE_NONE };
	return (uint32_t)t->n++;
}

struct names {
	struct arena *arena;
	const char **v;
	size_t n, size;
};

static int add_name(void *ctx, const char *name, uint64_t ino, bool is_dir)
{
	struct names *names = ctx;

	(void)ino;
	if (!is_dir)
		return 0;
	if (names->n == names->size) {
		size_t size = names->size ? names->size * 2 : 16;
		const char **v = reallocarray(names->v, size, sizeof(*v));

		if (!v)
			return -ENOMEM;
		names->v = v;
		names->size = size;
	}
	names->v[names->n] = arena_strndup(names->arena, name, strlen(name));
	return names->v[names->n++] ? 0 : -ENOMEM;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether the cgroup that was read has surely gone: its name is nobody's, or another's. */
static bool has_gone(const struct reading *r, const char *dir, uint64_t id)
{
	uint64_t now;
	int error = host_inode(r->h, dir, &now);

	return error == -ENOENT || error == -ENOTDIR || (error == 0 && now != id);
}

static int visit(struct reading *r, const char *path, uint32_t parent, bool shown, bool deeper);

/* The directories in a held one, each with all below it. */
static int visit_children(struct reading *r, uint32_t index, struct names *names)
{
	int result = 0;

	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), compare_names);
	for (size_t i = 0; result == 0 && i < names->n; i++) {
		const char *path = join(&r->t->arena, r->t->nodes[index].path, names->v[i]);

		result = path ? visit(r, path, index, true, true) : -ENOMEM;
		if (result == -ENOENT)
			result = 0;
	}
	return result;
}

/* Reads what is asked of one cgroup whose directory is held. Returns 0, or -ENOENT where it has
 * vanished or is no memory cgroup. */
static int read_node(const struct reading *r, uint32_t index, int held, const char *dir)
{
	struct memtree_node *node = &r->t->nodes[index];
	struct visit v = { .r = r, .node = node, .held = held };
	unsigned need = node->shown ? r->need : 0;
	uint64_t hidden = MEMSTAT_MAX;

	if (r->need & MEMTREE_EFFECTIVE)
		need |= 1u << MEMTREE_CURRENT | 1u << MEMTREE_LIMIT;
	read_files(&v, need);
	node->has_controller = has_controller(&v);
	node->binds_below = true;
	if (r->need & MEMTREE_EFFECTIVE) {
		node->binds_below = binds_below(&v);
		if (node->parent == MEMTREE_NONE)
			hidden = hidden_limit(&v);
	}
	/* Once a cgroup is removed its files are not there any more, or say ENODEV. */
	if ((v.gone || v.missed) && has_gone(r, dir, node->id))
		return -ENOENT;
	node->refused = v.refused;
	if (r->need & MEMTREE_EFFECTIVE)
		find_effective(r->t, index, hidden);
	return 0;
}

/* Reads one cgroup and, deeper, the names of those in it. Returns as visit(). */
static int read_dir(const struct reading *r, uint32_t index, const char *dir, bool deeper,
		    struct names *names)
{
	struct memtree_node *node = &r->t->nodes[index];
	bool leaf = false;
	int held = host_hold_dir(r->h, dir, &node->id, &leaf), result = held;

	if (held >= 0) {
		node->have_id = true;
		result = read_node(r, index, held, dir);
		if (result == 0 && deeper && !leaf && node->has_controller)
			result = host_list_held(held, add_name, names);
		host_release(held);
	}
	switch (result) {
	case -EACCES:
	case -EPERM:
		/* One that may not be looked into is told, not left out. */
		node->has_controller = node->refused = true;
		return 0;
	case -ENOTDIR:
	case -ENODEV:
	case -ENAMETOOLONG:
		return -ENOENT;
	default:
		return result;
	}
}

/* Reads a cgroup and, deeper, all below it. Returns 0, -ENOENT where it is not there (any more) or
 * no memory cgroup, or -errno. */
static int visit(struct reading *r, const char *path, uint32_t parent, bool shown, bool deeper)
{
	bool below = parent != MEMTREE_NONE && r->t->nodes[parent].shown;
	struct names names = { .arena = &r->t->arena };
	uint32_t index = add_node(r);
	struct memtree_node *node;
	const char *dir;
	int result;

	if (index == MEMTREE_NONE)
		return -ENOMEM;
	node = &r->t->nodes[index];
	node->path = path;
	node->parent = parent;
	node->shown = shown;
	node->depth = below ? (uint16_t)(r->t->nodes[parent].depth + 1) : 0;
	result = cgroupfs_dir(r->fs, path, &r->t->arena, &dir);
	if (result == 0)
		result = read_dir(r, index, dir, deeper, &names);
	/* What has no controller is no memory cgroup, but where it was asked for by name. */
	if (result == 0 && !node->has_controller && below)
		result = -ENOENT;
	r->t->n_refused += result == 0 && shown && node->refused;
	if (result == 0)
		result = visit_children(r, index, &names);
	free(names.v);
	if (result < 0)
		r->t->n = index;
	else
		r->t->nodes[index].end = (uint32_t)r->t->n;
	return result;
}

/* ------------------------------------------------------------------ those that are asked for */

uint32_t memtree_find(const struct memtree *t, const char *path)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->nodes[i].path, path) == 0)
			return (uint32_t)i;
	return MEMTREE_NONE;
}

/* The cgroups from the top of the mount down to, and without, path, each read once. *parent: the
 * last of them. Returns 0 or -errno. */
static int read_above(struct reading *r, const char *path, uint32_t *parent)
{
	const char *above = cgroupfs_parent(path, &r->t->arena), *dir;
	int result;

	*parent = MEMTREE_NONE;
	if (!above || strcmp(path, r->fs->mount_root) == 0 ||
	    cgroupfs_dir(r->fs, above, &r->t->arena, &dir) < 0)
		return 0;
	*parent = memtree_find(r->t, above);
	if (*parent != MEMTREE_NONE)
		return 0;
	result = read_above(r, above, parent);
	if (result < 0)
		return result;
	result = visit(r, above, *parent, false, false);
	*parent = (uint32_t)(r->t->n - 1);
	return result;
}

static int read_asked(struct reading *r, const char *path)
{
	uint32_t parent;
	int result = read_above(r, path, &parent);

	if (result < 0 || memtree_find(r->t, path) != MEMTREE_NONE)
		return result;
	return visit(r, path, parent, true, !r->alone);
}

static bool is_shown_already(const struct memtree *t, const char *path)
{
	uint32_t at = memtree_find(t, path);

	return at != MEMTREE_NONE && t->nodes[at].shown;
}

int memtree_read(struct memtree *t, const struct cgroupfs *fs, const struct host *h, unsigned need,
		 const char *const *paths, size_t n_paths, bool alone)
{
	_cleanup_free_ const char **sorted = calloc(n_paths + 1, sizeof(*sorted));
	struct reading r = { .t = t, .fs = fs, .h = h, .need = need, .alone = alone };
	int result = 0;

	*t = (struct memtree){ 0 };
	if (!sorted)
		return -ENOMEM;
	if (n_paths == 0)
		return read_asked(&r, fs->mount_root);
	/* One above another comes first and brings the other along. */
	memcpy(sorted, paths, n_paths * sizeof(*paths));
	qsort(sorted, n_paths, sizeof(*sorted), compare_names);
	for (size_t i = 0; result == 0 && i < n_paths; i++)
		if (!is_shown_already(t, sorted[i]))
			result = read_asked(&r, sorted[i]);
	return result;
}

void memtree_close(struct memtree *t)
{
	free(t->nodes);
	arena_free(&t->arena);
	*t = (struct memtree){ 0 };
}

bool memtree_is_limited(const struct memtree_node *node)
{
	const uint64_t *number = node->number;

	return (node->have & 1u << MEMTREE_LIMIT && number[MEMTREE_LIMIT] != MEMSTAT_MAX) ||
	       (node->have & 1u << MEMTREE_MEMSW_LIMIT &&
		number[MEMTREE_MEMSW_LIMIT] != MEMSTAT_MAX);
}

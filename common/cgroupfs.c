/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which memory cgroup is this, what limits it, and whose is it? Mirrors mm/memcontrol.c (the files
 * of a memory cgroup, mem_cgroup_get_oom_group()), proc_cgroup_show() of kernel/cgroup/cgroup.c,
 * and fs/proc_namespace.c.
 */
#include "cgroupfs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "str.h"

/* fs/namespace.c: a mount namespace holds at most 100,000 mounts (fs.mount-max); a line is about
 * 150 bytes. */
#define MOUNTS_MAX (16u << 20)
/* Mounts nest a dozen deep, and a namespace shows a few dozen cgroup mounts. Text that goes beyond
 * is garbled. */
#define NESTING_MAX       64
#define CGROUP_MOUNTS_MAX 256
/* v1 without a limit: PAGE_COUNTER_MAX * page size, which is 2^63 less one page (of 64 KiB at
 * most); a 32-bit kernel has LONG_MAX pages of 4 KiB. Up to 3.18 res_counter printed 2^63-1 or
 * 2^64-1. */
#define V1_UNLIMITED        UINT64_C(0x7fffffffffff0000)
#define V1_UNLIMITED_32     (UINT64_C(0x7fffffff) * 4096)
#define SWAPPINESS_DEFAULT  60
#define CONTAINER_ID_LENGTH 64

/* ------------------------------------------------------------------ mounts */

/* One line of mountinfo or mounts, still escaped. */
struct mount_line {
	uint64_t id, parent; /* mounts does not tell them */
	struct str point, root, type, options;
};

struct mount_table {
	struct mount_line *lines;
	size_t n, size;
	bool has_ids;
};

static bool next_field(const char **p, const char *end, struct str *ret)
{
	const char *s = *p;

	while (s < end && *s == ' ')
		s++;
	ret->s = s;
	while (s < end && *s != ' ')
		s++;
	ret->n = (size_t)(s - ret->s);
	*p = s;
	return ret->n != 0;
}

/* "34 30 0:31 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory" */
static bool parse_mountinfo_line(struct str line, struct mount_line *m)
{
	const char *p = line.s, *end = line.s + line.n;
	struct str f;

	if (!next_field(&p, end, &f) || str_to_u64(f.s, f.n, 10, &m->id) < 0 ||
	    !next_field(&p, end, &f) || str_to_u64(f.s, f.n, 10, &m->parent) < 0 ||
	    !next_field(&p, end, &f) || !next_field(&p, end, &m->root) ||
	    !next_field(&p, end, &m->point) || !next_field(&p, end, &f))
		return false;
	do
		if (!next_field(&p, end, &f))
			return false;
	while (!str_eq(f, "-"));
	return next_field(&p, end, &m->type) && next_field(&p, end, &f) &&
	       next_field(&p, end, &m->options) && m->point.s[0] == '/';
}

/* "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0" */
static bool parse_mounts_line(struct str line, struct mount_line *m)
{
	const char *p = line.s, *end = line.s + line.n;
	struct str f;

	m->root = (struct str){ "/", 1 };
	return next_field(&p, end, &f) && next_field(&p, end, &m->point) &&
	       next_field(&p, end, &m->type) && next_field(&p, end, &m->options) &&
	       m->point.s[0] == '/';
}

static int compare_ids(const void *a, const void *b)
{
	const struct mount_line *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int read_table(const char *buf, size_t n, bool is_mountinfo, struct mount_table *t)
{
	const char *p = buf, *end = buf + n;
	struct str line;

	while (str_next_line(&p, end, &line)) {
		struct mount_line m = { 0 };

		if (!(is_mountinfo ? parse_mountinfo_line(line, &m) : parse_mounts_line(line, &m)))
			continue;
		if (t->n == t->size) {
			size_t size = t->size ? t->size * 2 : 64;
			struct mount_line *lines = realloc(t->lines, size * sizeof(*lines));

			if (!lines)
				return -ENOMEM;
			t->lines = lines;
			t->size = size;
		}
		t->lines[t->n++] = m;
	}
	t->has_ids = is_mountinfo;
	if (t->n == 0)
		return -EINVAL;
	if (is_mountinfo)
		qsort(t->lines, t->n, sizeof(*t->lines), compare_ids);
	return 0;
}

/* Whether point a is b or a directory above it. The kernel escapes alike everywhere, so the escaped
 * text will do. */
static bool point_covers(struct str a, struct str b)
{
	if (a.n == 1)
		return true;
	return b.n >= a.n && memcmp(a.s, b.s, a.n) == 0 && (b.n == a.n || b.s[a.n] == '/');
}

/* m and the mounts that it stands on, up to the root; returns how many. */
static size_t mount_chain(const struct mount_table *t, const struct mount_line *m,
			  const struct mount_line **ret)
{
	size_t n = 0;

	while (m && n < NESTING_MAX) {
		struct mount_line key = { .id = m->parent };

		ret[n++] = m;
		m = m->parent == m->id
			    ? NULL
			    : bsearch(&key, t->lines, t->n, sizeof(*t->lines), compare_ids);
	}
	return n;
}

/* Whether the way from the root to chain[0] turns off into other: it is mounted on one of the
 * chain, nearer to that one's top than the chain's next; at the same place the later counts. */
static bool is_turned_off(const struct mount_line *const *chain, size_t n,
			  const struct mount_line *other)
{
	const struct mount_line *next;
	size_t i = 0;

	while (i < n && other->parent != chain[i]->id)
		i++;
	if (i == 0)
		return true;
	next = chain[i - 1];
	if (i == n && other->parent != next->parent)
		return false;
	return other->point.n < next->point.n ||
	       (other->point.n == next->point.n && other->id > next->id);
}

static bool is_hidden(const struct mount_table *t, const struct mount_line *m)
{
	const struct mount_line *chain[NESTING_MAX];
	size_t first = 0, n = 0;

	if (t->has_ids)
		n = mount_chain(t, m, chain);
	else
		/* mounts is in the order of mounting: what comes later lies on top. */
		first = (size_t)(m - t->lines) + 1;
	for (size_t i = first; i < t->n; i++) {
		const struct mount_line *other = &t->lines[i];
		size_t k = 0;

		if (other == m || !point_covers(other->point, m->point))
			continue;
		while (k < n && chain[k] != other)
			k++;
		if (k == n && (!t->has_ids || is_turned_off(chain, n, other)))
			return true;
	}
	return false;
}

static bool has_word(struct str list, char separator, const char *word)
{
	const char *p = list.s, *end = list.s + list.n;

	while (p < end) {
		const char *comma = memchr(p, separator, (size_t)(end - p));
		struct str item = { p, (size_t)((comma ? comma : end) - p) };

		if (str_eq(item, word))
			return true;
		p += item.n + 1;
	}
	return false;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* seq_escape() of fs/seq_file.c writes blank, tab, newline, '\\' and '#' as a backslash and three
 * octal digits. */
static char *unescape(struct str s)
{
	char *ret = malloc(s.n + 1), *to = ret;

	if (!ret)
		return NULL;
	for (size_t i = 0; i < s.n; i++) {
		const char *c = s.s + i;

		if (*c == '\\' && s.n - i > 3 && c[1] <= '3' && is_octal(c[1]) && is_octal(c[2]) &&
		    is_octal(c[3])) {
			*to++ = (char)((c[1] - '0') << 6 | (c[2] - '0') << 3 | (c[3] - '0'));
			i += 3;
		} else {
			*to++ = *c;
		}
	}
	*to = '\0';
	return ret;
}

/* How much of the hierarchy a mount does not show: the whole is best, then the smaller part of the
 * path; a root above our own cgroup namespace ("/..") shows us nothing by name. */
static size_t root_rank(struct str root)
{
	if (str_eq(root, "/"))
		return 0;
	return root.n + (str_starts_with(root, "/..") ? MOUNTS_MAX : 0);
}

/* Makes m the hierarchy of ret if it is one with memory and shows more than what ret has. */
static int consider(const struct mount_line *m, enum cgroup_version version,
		    bool (*v2_has_memory)(void *ctx, const char *mount), void *ctx,
		    struct cgroupfs *ret)
{
	char *mount, *root;
	int r = 0;

	if (ret->version == CGROUP_V1 && version == CGROUP_V2)
		return 0;
	if (ret->version == version &&
	    root_rank((struct str){ ret->mount_root, strlen(ret->mount_root) }) <=
		    root_rank(m->root))
		return 0;
	mount = unescape(m->point);
	root = unescape(m->root);
	if (!mount || !root) {
		r = -ENOMEM;
	} else if (version == CGROUP_V1 || (v2_has_memory && v2_has_memory(ctx, mount))) {
		free(ret->mount);
		free(ret->mount_root);
		ret->version = version;
		ret->mount = mount;
		ret->mount_root = root;
		return 0;
	}
	free(mount);
	free(root);
	return r;
}

static void set_none(struct cgroupfs *fs)
{
	fs->version = CGROUP_NO_MEMORY;
	fs->mount = NULL;
	fs->mount_root = NULL;
	fs->v2_mounted = false;
}

static enum cgroup_version memory_version(const struct mount_line *m)
{
	if (m->root.s[0] != '/')
		return CGROUP_NO_MEMORY;
	if (str_eq(m->type, "cgroup2"))
		return CGROUP_V2;
	if (str_eq(m->type, "cgroup") && has_word(m->options, ',', "memory"))
		return CGROUP_V1;
	return CGROUP_NO_MEMORY;
}

int cgroupfs_parse_mounts(const char *buf, size_t n, bool is_mountinfo,
			  bool (*v2_has_memory)(void *ctx, const char *mount), void *ctx,
			  struct cgroupfs *ret)
{
	struct mount_table t = { 0 };
	int r;

	set_none(ret);
	r = read_table(buf, n, is_mountinfo, &t);
	/* v1 first: a controller that a v1 hierarchy has cannot be in the unified one. */
	for (enum cgroup_version version = CGROUP_V1; version <= CGROUP_V2; version++) {
		size_t looked_at = 0;

		for (size_t i = 0; i < t.n && r == 0 && looked_at < CGROUP_MOUNTS_MAX; i++) {
			if (memory_version(&t.lines[i]) != version)
				continue;
			looked_at++;
			if (is_hidden(&t, &t.lines[i]))
				continue;
			ret->v2_mounted |= version == CGROUP_V2;
			r = consider(&t.lines[i], version, v2_has_memory, ctx, ret);
		}
	}
	free(t.lines);
	if (r < 0)
		cgroupfs_close(ret);
	return r;
}

/* Reads ROOT/DIR/FILE; -ENOENT for a path that nothing can have. */
static ssize_t read_file(const struct host *h, const char *dir, const char *file, char *buf,
			 size_t size)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path))
		return -ENOENT;
	return host_read(h, path, buf, size);
}

static bool controllers_have_memory(void *ctx, const char *mount)
{
	const struct host *h = ctx;
	char buf[1024];
	ssize_t n = read_file(h, mount, "cgroup.controllers", buf, sizeof(buf));

	/* Where it cannot be told, the files of the controller will tell by their own errors. */
	if (n < 0)
		return n != -ENOENT;
	while (n > 0 && buf[n - 1] == '\n')
		n--;
	return n > 0 && has_word((struct str){ buf, (size_t)n }, ' ', "memory");
}

int cgroupfs_open(struct cgroupfs *fs, const struct host *h)
{
	/* pid 1's stands in for a root whose /proc knows no "self": another pid namespace's. */
	static const struct {
		const char *path;
		bool is_mountinfo;
	} sources[] = {
		{ "proc/self/mountinfo", true },
		{ "proc/1/mountinfo", true },
		{ "proc/mounts", false },
	};
	int refused = 0;

	set_none(fs);
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		_cleanup_free_ char *buf = NULL;
		ssize_t n = host_read_all(h, sources[i].path, MOUNTS_MAX, &buf);
		int r;

		if (n == -ENOMEM)
			return -ENOMEM;
		if (n == -EACCES || n == -EPERM || n == -EFBIG)
			refused = (int)n;
		if (n < 0)
			continue;
		r = cgroupfs_parse_mounts(buf, (size_t)n, sources[i].is_mountinfo,
					  controllers_have_memory, (void *)h, fs);
		if (r != -EINVAL)
			return r;
	}
	return refused;
}

void cgroupfs_close(struct cgroupfs *fs)
{
	free(fs->mount);
	free(fs->mount_root);
	set_none(fs);
}

/* ------------------------------------------------------------------ paths */

/* "4:cpu,memory:/a:b": cuts a line at its first two colons. */
static bool split_proc_cgroup(struct str line, struct str *hierarchy, struct str *controllers,
			      struct str *path)
{
	const char *end = line.s + line.n;
	const char *first = memchr(line.s, ':', line.n), *second;

	if (!first)
		return false;
	second = memchr(first + 1, ':', (size_t)(end - first - 1));
	if (!second)
		return false;
	*hierarchy = (struct str){ line.s, (size_t)(first - line.s) };
	*controllers = (struct str){ first + 1, (size_t)(second - first - 1) };
	*path = (struct str){ second + 1, (size_t)(end - second - 1) };
	return path->n != 0 && path->s[0] == '/';
}

int cgroupfs_parse_proc_cgroup(const char *buf, size_t n, enum cgroup_version version,
			       const char **path, size_t *path_n)
{
	const char *p = buf, *end = buf + n;
	struct str line, found = { NULL, 0 };
	bool is_v1 = false;

	while (!is_v1 && str_next_line(&p, end, &line)) {
		struct str hierarchy, controllers, at;

		if (!split_proc_cgroup(line, &hierarchy, &controllers, &at))
			continue;
		is_v1 = version != CGROUP_V2 && has_word(controllers, ',', "memory");
		if (is_v1 || (version != CGROUP_V1 && !found.s && controllers.n == 0 &&
			      str_eq(hierarchy, "0")))
			found = at;
	}
	if (!found.s)
		return -ENOENT;
	*path = found.s;
	*path_n = found.n;
	return 0;
}

size_t cgroupfs_name_length(const char *path)
{
	static const char deleted[] = " (deleted)";
	size_t n = strlen(path), suffix = sizeof(deleted) - 1;

	return n > suffix && memcmp(path + n - suffix, deleted, suffix) == 0 ? n - suffix : n;
}

const char *cgroupfs_below(const char *ancestor, const char *path)
{
	size_t n = strlen(ancestor);
	const char *rest;

	if (n > 0 && ancestor[n - 1] == '/')
		n--;
	if (strncmp(ancestor, path, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return NULL;
	rest = path + n;
	if (strcmp(rest, "/") == 0)
		return rest + 1;
	/* Up from the ancestor is not below it: "/../x" is beside our namespace's root. */
	for (const char *p = rest; (p = strstr(p, "/..")); p += 3)
		if (p[3] == '/' || p[3] == '\0')
			return NULL;
	return rest;
}

static int join(const char *top, const char *rest, struct arena *arena, const char **ret)
{
	size_t n = strlen(top), rest_n = strlen(rest);
	char *s;

	if (n > 0 && top[n - 1] == '/')
		n--;
	s = arena_alloc(arena, n + rest_n + 2);
	if (!s)
		return -ENOMEM;
	memcpy(s, top, n);
	memcpy(s + n, rest, rest_n);
	if (n + rest_n == 0)
		s[0] = '/';
	*ret = s;
	return 0;
}

int cgroupfs_dir(const struct cgroupfs *fs, const char *path, struct arena *arena, const char **ret)
{
	const char *rest = NULL;

	if (fs->mount && path[0] == '/')
		rest = cgroupfs_below(fs->mount_root, path);
	return rest ? join(fs->mount, rest, arena, ret) : -ENOENT;
}

int cgroupfs_path_of_dir(const struct cgroupfs *fs, const char *dir, struct arena *arena,
			 const char **ret)
{
	const char *rest = NULL;

	if (fs->mount && dir[0] == '/')
		rest = cgroupfs_below(fs->mount, dir);
	return rest ? join(fs->mount_root, rest, arena, ret) : -ENOENT;
}

const char *cgroupfs_parent(const char *path, struct arena *arena)
{
	const char *last = strrchr(path, '/');

	if (path[0] != '/' || last[1] == '\0' || strcmp(last, "/..") == 0)
		return NULL;
	return arena_strndup(arena, path, last == path ? 1 : (size_t)(last - path));
}

/* ------------------------------------------------------------------ files */

/* The number that is all of a file. Returns 0 or -errno; -EINVAL: it holds something else. */
static int read_number(const struct host *h, const char *dir, const char *file, uint64_t *ret)
{
	char buf[64];
	ssize_t n = read_file(h, dir, file, buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	if (n > 0 && buf[n - 1] == '\n')
		n--;
	if (n == 3 && memcmp(buf, "max", 3) == 0) {
		*ret = CGROUP_UNLIMITED;
		return 0;
	}
	return str_to_u64(buf, (size_t)n, 10, ret);
}

/* What a rule is built on: a file that is not there tells that there is no such thing, one that
 * cannot be read tells nothing, and *err keeps the first of those. */
static bool read_needed(const struct host *h, const char *dir, const char *file, uint64_t *ret,
			int *err)
{
	int r = read_number(h, dir, file, ret);

	if (r < 0 && r != -ENOENT && *err == 0)
		*err = r;
	return r == 0;
}

static bool read_v1_limit(const struct host *h, const char *dir, const char *file, uint64_t *ret,
			  int *err)
{
	if (!read_needed(h, dir, file, ret, err))
		return false;
	if (*ret >= V1_UNLIMITED || *ret == V1_UNLIMITED_32)
		*ret = CGROUP_UNLIMITED;
	return true;
}

/* "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n" */
static int read_oom_control(const struct host *h, const char *dir, struct cgroup *c)
{
	char buf[256];
	ssize_t n = read_file(h, dir, "memory.oom_control", buf, sizeof(buf));
	const char *p = buf;
	struct str line;

	if (n < 0)
		return n == -ENOENT ? 0 : (int)n;
	while (str_next_line(&p, buf + n, &line)) {
		if (str_eq(line, "oom_kill_disable 1"))
			c->oom_kill_disable = true;
		if (str_eq(line, "under_oom 1"))
			c->under_oom = true;
	}
	return 0;
}

static int read_v1(const struct host *h, const char *dir, struct cgroup *c)
{
	int err = 0, r;
	uint64_t v;

	c->have_limit = read_v1_limit(h, dir, "memory.limit_in_bytes", &c->limit_bytes, &err);
	c->have_memsw_limit =
		read_v1_limit(h, dir, "memory.memsw.limit_in_bytes", &c->memsw_limit_bytes, &err);
	c->have_current = read_number(h, dir, "memory.usage_in_bytes", &c->current_bytes) == 0;
	if (read_needed(h, dir, "memory.swappiness", &v, &err) && v <= UINT32_MAX)
		c->swappiness = (uint32_t)v;
	r = read_oom_control(h, dir, c);
	return err ? err : r;
}

static int read_v2(const struct host *h, const char *dir, struct cgroup *c)
{
	uint64_t v;
	int err = 0;

	c->have_limit = read_needed(h, dir, "memory.max", &c->limit_bytes, &err);
	c->have_swap_limit = read_needed(h, dir, "memory.swap.max", &c->swap_limit_bytes, &err);
	c->have_current = read_number(h, dir, "memory.current", &c->current_bytes) == 0;
	c->oom_group = read_needed(h, dir, "memory.oom.group", &v, &err) && v == 1;
	if (read_needed(h, "proc/sys/vm", "swappiness", &v, &err) && v <= UINT32_MAX)
		c->swappiness = (uint32_t)v;
	return err;
}

int cgroupfs_read(const struct cgroupfs *fs, const struct host *h, const char *path,
		  struct arena *arena, struct cgroup *ret)
{
	struct cgroup c = { .swappiness = SWAPPINESS_DEFAULT };
	uint64_t id;
	const char *dir;
	int r;

	r = cgroupfs_dir(fs, path, arena, &dir);
	if (r < 0)
		return r;
	r = host_inode(h, dir, &c.id);
	if (r < 0)
		return r == -ENOTDIR || r == -ENAMETOOLONG ? -ENOENT : r;
	c.path = arena_strndup(arena, path, strlen(path));
	if (!c.path)
		return -ENOMEM;
	r = fs->version == CGROUP_V1 ? read_v1(h, dir, &c) : read_v2(h, dir, &c);
	/* No limit to read: the root, a cgroup without the controller, or one that was removed
	 * under our hands. */
	if (!c.have_limit && (host_inode(h, dir, &id) < 0 || id != c.id))
		return -ENOENT;
	if (r < 0)
		return r == -ENODEV ? -ENOENT : r;
	*ret = c;
	return 0;
}

static bool dir_is_hierarchical(const struct host *h, const char *dir)
{
	uint64_t v;

	return read_number(h, dir, "memory.use_hierarchy", &v) < 0 || v != 0;
}

bool cgroupfs_is_hierarchical(const struct cgroupfs *fs, const struct host *h, const char *path)
{
	struct arena arena = { 0 };
	const char *dir;
	bool ret = true;

	if (fs->version == CGROUP_V1 && cgroupfs_dir(fs, path, &arena, &dir) == 0)
		ret = dir_is_hierarchical(h, dir);
	arena_free(&arena);
	return ret;
}

static bool is_limited(const struct cgroup *c)
{
	return (c->have_limit && c->limit_bytes != CGROUP_UNLIMITED) ||
	       (c->have_memsw_limit && c->memsw_limit_bytes != CGROUP_UNLIMITED);
}

/* Reads the first of path and its ancestors that is still there. Only a cgroup that the kernel
 * calls deleted has its parent stand in for it: one that vanished is the caller's error. Returns 0
 * or -errno. */
static int read_start(const struct cgroupfs *fs, const struct host *h, const char *path,
		      struct arena *arena, struct cgroup *ret)
{
	int r = cgroupfs_read(fs, h, path, arena, ret);

	if (r != -ENOENT || path[cgroupfs_name_length(path)] == '\0')
		return r;
	while (r == -ENOENT && (path = cgroupfs_parent(path, arena)))
		r = cgroupfs_read(fs, h, path, arena, ret);
	return r;
}

/* Reads the parent into *c. Returns 1, 0 where the mount shows none, or -errno. */
static int read_parent(const struct cgroupfs *fs, const struct host *h, struct arena *arena,
		       struct cgroup *c)
{
	const char *path = cgroupfs_parent(c->path, arena);
	int r;

	if (!path)
		return 0;
	r = cgroupfs_read(fs, h, path, arena, c);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return 1;
}

int cgroupfs_nearest_limited(const struct cgroupfs *fs, const struct host *h, const char *path,
			     struct arena *arena, struct cgroup *ret)
{
	struct cgroup c;
	int r = read_start(fs, h, path, arena, &c);

	if (r < 0)
		return r;
	do {
		if (is_limited(&c)) {
			*ret = c;
			return 1;
		}
		r = read_parent(fs, h, arena, &c);
	} while (r > 0 && cgroupfs_is_hierarchical(fs, h, c.path));
	return r < 0 ? r : 0;
}

int cgroupfs_oom_group(const struct cgroupfs *fs, const struct host *h, const char *path,
		       const char *domain, struct arena *arena, struct cgroup *ret)
{
	bool found = false;
	struct cgroup c;
	int r;

	if (fs->version != CGROUP_V2 || (domain && !cgroupfs_below(domain, path)))
		return 0;
	r = read_start(fs, h, path, arena, &c);
	if (r < 0)
		return r;
	do {
		/* The parent of a deleted cgroup may already stand above the domain. */
		if (domain && !cgroupfs_below(domain, c.path))
			break;
		if (c.oom_group) {
			*ret = c;
			found = true;
		}
		r = read_parent(fs, h, arena, &c);
	} while (r > 0);
	return r < 0 ? r : found;
}

/* ------------------------------------------------------------------ meaning */

/* What has been seen of a path, from the root inwards. */
struct scan {
	struct str previous; /* the component before */
	bool in_kubepods;    /* below a component "kubepods" */
	bool is_pod;         /* previous is a pod's */
	struct str unit, container, pod;
	const char *runtime, *qos;
};

static bool cut_suffix(struct str *s, const char *suffix)
{
	size_t n = strlen(suffix);

	if (s->n <= n || memcmp(s->s + s->n - n, suffix, n) != 0)
		return false;
	s->n -= n;
	return true;
}

static bool cut_prefix(struct str *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (!str_starts_with(*s, prefix))
		return false;
	s->s += n;
	s->n -= n;
	return true;
}

static bool is_unit(struct str part)
{
	return cut_suffix(&part, ".service") || cut_suffix(&part, ".scope") ||
	       cut_suffix(&part, ".slice") || cut_suffix(&part, ".socket");
}

static bool is_hex_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static const char *qos_word(struct str *s)
{
	if (cut_prefix(s, "burstable"))
		return "Burstable";
	return cut_prefix(s, "besteffort") ? "BestEffort" : NULL;
}

/* "podUID" up to the end, or up to ".slice" or ':' as systemd's driver has it. */
static bool pod_uid(struct str s, struct str *ret)
{
	size_t n = 0;

	if (!cut_prefix(&s, "pod"))
		return false;
	while (n < s.n && (is_hex_digit(s.s[n]) || s.s[n] == '-' || s.s[n] == '_'))
		n++;
	*ret = (struct str){ s.s, n };
	s.s += n;
	s.n -= n;
	return n > 0 && (s.n == 0 || str_eq(s, ".slice") || str_starts_with(s, ".slice:"));
}

/* What stands behind the word "kubepods" of "kubelet-kubepods-burstable-podUID.slice". */
static bool after_kubepods(struct str part, struct str *ret)
{
	static const char word[] = "kubepods";
	const char *at = memmem(part.s, part.n, word, sizeof(word) - 1);

	if (!at || (at > part.s && at[-1] != '-'))
		return false;
	ret->s = at + sizeof(word) - 1;
	ret->n = part.n - (size_t)(ret->s - part.s);
	return true;
}

static bool scan_pod(struct scan *sc, struct str part)
{
	struct str rest, uid;
	const char *qos = NULL;

	if (after_kubepods(part, &rest)) {
		if (rest.n == 0) {
			sc->in_kubepods = true;
			sc->qos = NULL;
			return false;
		}
		if (!cut_prefix(&rest, "-"))
			return false;
		qos = qos_word(&rest);
		if ((qos && !cut_prefix(&rest, "-")) || !pod_uid(rest, &uid))
			return false;
		sc->qos = qos;
	} else {
		if (!sc->in_kubepods)
			return false;
		rest = part;
		qos = qos_word(&rest);
		if (qos && rest.n == 0) {
			sc->qos = qos;
			return false;
		}
		if (!pod_uid(part, &uid))
			return false;
	}
	sc->in_kubepods = false;
	sc->pod = uid;
	return true;
}

static bool is_container_id(const char *s)
{
	for (size_t i = 0; i < CONTAINER_ID_LENGTH; i++)
		if (!is_hex_digit(s[i]))
			return false;
	return true;
}

/* Which program names its cgroups so. */
static const char *runtime_of_prefix(struct str prefix)
{
	static const struct {
		const char *prefix, *runtime;
	} table[] = {
		{ "docker", "docker" },      { "cri-containerd", "containerd" },
		{ "nerdctl", "containerd" }, { "crio", "cri-o" },
		{ "libpod", "podman" },      { "libpod-payload", "podman" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (str_eq(prefix, table[i].prefix))
			return table[i].runtime;
	return NULL;
}

/* "ID" alone: the directory above tells whose it is. */
static const char *runtime_of_parent(const struct scan *sc)
{
	if (sc->is_pod)
		return "containerd";
	if (str_eq(sc->previous, "docker"))
		return "docker";
	return str_eq(sc->previous, "libpod_parent") ? "podman" : NULL;
}

/* "docker-ID.scope", "libpod-ID", "SLICE:cri-containerd:ID" or "ID". */
static void scan_container_id(struct scan *sc, struct str part)
{
	struct str prefix = part, id;
	const char *colon;

	cut_suffix(&part, ".scope");
	if (part.n < CONTAINER_ID_LENGTH)
		return;
	id = (struct str){ part.s + part.n - CONTAINER_ID_LENGTH, CONTAINER_ID_LENGTH };
	prefix.n = part.n - CONTAINER_ID_LENGTH;
	if (!is_container_id(id.s))
		return;
	if (prefix.n == 0) {
		sc->container = id;
		sc->runtime = runtime_of_parent(sc);
		return;
	}
	prefix.n--;
	if (prefix.s[prefix.n] != '-' && prefix.s[prefix.n] != ':')
		return;
	colon = memrchr(prefix.s, ':', prefix.n);
	if (colon)
		prefix = (struct str){ colon + 1, prefix.n - (size_t)(colon + 1 - prefix.s) };
	/* conmon watches a container from outside and bears its id. */
	if (prefix.n >= 6 && memcmp(prefix.s + prefix.n - 6, "conmon", 6) == 0)
		return;
	sc->container = id;
	sc->runtime = runtime_of_prefix(prefix);
}

/* "lxc/NAME", "lxc.payload/NAME", "lxc.payload.NAME" */
static bool scan_lxc(struct scan *sc, struct str part)
{
	if (!str_eq(sc->previous, "lxc") && !str_eq(sc->previous, "lxc.payload") &&
	    !(cut_prefix(&part, "lxc.payload.") && part.n > 0))
		return false;
	sc->container = part;
	sc->runtime = "lxc";
	return true;
}

static void scan_part(struct scan *sc, struct str part)
{
	bool is_pod = scan_pod(sc, part);

	if (is_unit(part))
		sc->unit = part;
	if (!scan_lxc(sc, part))
		scan_container_id(sc, part);
	sc->is_pod = is_pod;
	sc->previous = part;
}

static int keep(struct str s, struct arena *arena, const char **ret)
{
	if (!s.s)
		return 0;
	*ret = arena_strndup(arena, s.s, s.n);
	return *ret ? 0 : -ENOMEM;
}

int cgroupfs_meaning(const char *path, struct arena *arena, struct cgroup_meaning *ret)
{
	const char *p = path, *end = path + cgroupfs_name_length(path);
	struct scan sc = { .previous = { "", 0 } };
	char *pod;

	*ret = (struct cgroup_meaning){ 0 };
	while (p < end) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		struct str part = { p, (size_t)((slash ? slash : end) - p) };

		if (part.n)
			scan_part(&sc, part);
		p += part.n + 1;
	}
	ret->runtime = sc.runtime;
	if (keep(sc.unit, arena, &ret->unit) < 0 || keep(sc.container, arena, &ret->container) < 0)
		return -ENOMEM;
	if (!sc.pod.s)
		return 0;
	pod = arena_strndup(arena, sc.pod.s, sc.pod.n);
	if (!pod)
		return -ENOMEM;
	/* systemd's driver writes '_', for '-' is its sign for a slice within a slice. */
	for (char *c = pod; *c; c++)
		if (*c == '_')
			*c = '-';
	ret->pod = pod;
	ret->qos = sc.qos ? sc.qos : "Guaranteed";
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which memory cgroup is this, and what limits it? Mirrors mm/memcontrol.c (the files of a memory
 * cgroup, mem_cgroup_get_oom_group()) and proc_cgroup_show() of kernel/cgroup/cgroup.c.
 */
#include "cgroupfs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "memstat.h"
#include "str.h"

/* fs/namespace.c: a mount namespace holds at most 100,000 mounts (fs.mount-max); a line is about
 * 150 bytes. */
#define MOUNTS_MAX         (16u << 20)
#define SWAPPINESS_DEFAULT 60

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
	return n > 0 && str_has_word((struct str){ buf, (size_t)n }, ' ', "memory");
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

	*fs = (struct cgroupfs){ 0 };
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
	*fs = (struct cgroupfs){ 0 };
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
		is_v1 = version != CGROUP_V2 && str_has_word(controllers, ',', "memory");
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

int cgroupfs_own_path(const struct cgroupfs *fs, const struct host *h, struct arena *arena,
		      const char **ret)
{
	_cleanup_free_ char *buf = NULL;
	ssize_t size = host_read_all(h, "proc/self/cgroup", MOUNTS_MAX, &buf);
	const char *path;
	size_t n;
	int r = size < 0 ? (int)size
			 : cgroupfs_parse_proc_cgroup(buf, (size_t)size, fs->version, &path, &n);

	if (r < 0)
		return r;
	*ret = arena_strndup(arena, path, n);
	return *ret ? 0 : -ENOMEM;
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

	return n < 0 ? (int)n : memstat_parse_number(buf, (size_t)n, ret);
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
	*ret = memstat_v1_limit(*ret);
	return true;
}

/* "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n" */
static int read_oom_control(const struct host *h, const char *dir, struct cgroup *c)
{
	struct memstat_oom_control control;
	char buf[256];
	ssize_t n = read_file(h, dir, "memory.oom_control", buf, sizeof(buf));

	if (n < 0)
		return n == -ENOENT ? 0 : (int)n;
	memstat_parse_oom_control(buf, (size_t)n, &control);
	c->oom_kill_disable = control.oom_kill_disable;
	c->under_oom = control.under_oom;
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

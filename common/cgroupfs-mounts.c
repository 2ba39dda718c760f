/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where is the hierarchy that has the memory controller mounted, and can it be seen there? Mirrors
 * fs/proc_namespace.c show_mountinfo() and show_vfsmnt(), and the walk of fs/namei.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cgroupfs.h"
#include "str.h"

/* A root above our own cgroup namespace shows us nothing by name: it ranks behind any other. */
#define ROOT_ABOVE (16u << 20)
/* Mounts nest a dozen deep, and a namespace shows a few dozen cgroup mounts. Text that goes beyond
 * is garbled. */
#define NESTING_MAX       64
#define CGROUP_MOUNTS_MAX 256

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
	return root.n + (str_starts_with(root, "/..") ? ROOT_ABOVE : 0);
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

static enum cgroup_version memory_version(const struct mount_line *m)
{
	if (m->root.s[0] != '/')
		return CGROUP_NO_MEMORY;
	if (str_eq(m->type, "cgroup2"))
		return CGROUP_V2;
	if (str_eq(m->type, "cgroup") && str_has_word(m->options, ',', "memory"))
		return CGROUP_V1;
	return CGROUP_NO_MEMORY;
}

int cgroupfs_parse_mounts(const char *buf, size_t n, bool is_mountinfo,
			  bool (*v2_has_memory)(void *ctx, const char *mount), void *ctx,
			  struct cgroupfs *ret)
{
	struct mount_table t = { 0 };
	int r;

	*ret = (struct cgroupfs){ 0 };
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

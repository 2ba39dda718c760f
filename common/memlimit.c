/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How are several limits of a memory cgroup changed so that no half of them remains? Mirrors
 * mm/memcontrol.c memory_max_write() and mm/memcontrol-v1.c mem_cgroup_write(),
 * mem_cgroup_resize_max().
 */
#include "memlimit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "str.h"

static const struct {
	const char *name, *v1, *v2;
	bool is_flag;
} keys[] = {
	[MEMLIMIT_OOM_GROUP] = { "oom.group", NULL, "memory.oom.group", true },
	[MEMLIMIT_OOM_KILL_DISABLE] = { "oom_kill_disable", "memory.oom_control", NULL, true },
	[MEMLIMIT_MIN] = { "min", NULL, "memory.min", false },
	[MEMLIMIT_LOW] = { "low", NULL, "memory.low", false },
	[MEMLIMIT_HIGH] = { "high", NULL, "memory.high", false },
	[MEMLIMIT_SWAP_MAX] = { "swap.max", NULL, "memory.swap.max", false },
	[MEMLIMIT_MEMSW_MAX] = { "memsw.max", "memory.memsw.limit_in_bytes", NULL, false },
	[MEMLIMIT_MAX] = { "max", "memory.limit_in_bytes", "memory.max", false },
};
_Static_assert(ARRAY_SIZE(keys) == MEMLIMIT_KEY_N, "a key is missing");

const char *memlimit_key_name(enum memlimit_key key)
{
	return keys[key].name;
}

bool memlimit_is_flag(enum memlimit_key key)
{
	return keys[key].is_flag;
}

const char *memlimit_file(enum memlimit_key key, enum cgroup_version version)
{
	return version == CGROUP_V1 ? keys[key].v1 : keys[key].v2;
}

const char *memlimit_instead(enum memlimit_key key, enum cgroup_version version)
{
	switch (key) {
	case MEMLIMIT_OOM_GROUP:
		return "v1 always kills single processes";
	case MEMLIMIT_OOM_KILL_DISABLE:
		return "v2 always kills; memory.high slows down without killing";
	case MEMLIMIT_HIGH:
		return "v1 slows nobody down; memory.soft_limit_in_bytes only says where the "
		       "machine reclaims first";
	case MEMLIMIT_MIN:
	case MEMLIMIT_LOW:
		return "v1 protects nothing from reclaim";
	case MEMLIMIT_SWAP_MAX:
		return "v1 bounds memory and swap together: memsw.max, "
		       "memory.memsw.limit_in_bytes";
	case MEMLIMIT_MEMSW_MAX:
		return "v2 bounds swap alone: swap.max, memory.swap.max";
	default:
		return version == CGROUP_V1 ? "memory.limit_in_bytes" : "memory.max";
	}
}

static int parse_value(enum memlimit_key key, const char *text, uint64_t *ret)
{
	if (keys[key].is_flag) {
		*ret = text[0] == '1';
		return (text[0] == '0' || text[0] == '1') && text[1] == '\0' ? 0 : -EINVAL;
	}
	if (strcmp(text, "max") == 0) {
		*ret = MEMSTAT_MAX;
		return 0;
	}
	return str_to_size(text, ret) < 0 ? -EINVAL : 0;
}

int memlimit_parse(const char *text, struct memlimit_change *ret)
{
	static const char prefix[] = "memory.";
	const char *eq = strchr(text, '='), *name = text;

	if (!eq)
		return -ENOENT;
	if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
		name += sizeof(prefix) - 1;
	for (unsigned i = 0; i < MEMLIMIT_KEY_N; i++) {
		struct str word = { name, (size_t)(eq - name) };

		if (!str_eq(word, keys[i].name))
			continue;
		*ret = (struct memlimit_change){ .key = (enum memlimit_key)i };
		return parse_value(ret->key, eq + 1, &ret->to);
	}
	return -ENOENT;
}

/* ------------------------------------------------------------------ reading and writing one */

static int read_value(const struct host *h, int held, enum cgroup_version version,
		      enum memlimit_key key, uint64_t *ret)
{
	struct memstat_oom_control control;
	char buf[256];
	ssize_t n = host_read_held(h, held, memlimit_file(key, version), buf, sizeof(buf));
	int r;

	if (n < 0)
		return (int)n;
	if (key == MEMLIMIT_OOM_KILL_DISABLE) {
		memstat_parse_oom_control(buf, (size_t)n, &control);
		*ret = control.oom_kill_disable;
		return control.have_oom_kill_disable ? 0 : -EIO;
	}
	r = memstat_parse_number(buf, (size_t)n, ret);
	if (r == 0 && version == CGROUP_V1)
		*ret = memstat_v1_limit(*ret);
	return r < 0 ? -EIO : 0;
}

static int write_value(const struct host *h, int fd, enum cgroup_version version, uint64_t value)
{
	char text[32];

	/* v1 knows no "max": -1 is none since 2.6.31. */
	if (value == MEMSTAT_MAX)
		snprintf(text, sizeof(text), "%s\n", version == CGROUP_V1 ? "-1" : "max");
	else
		snprintf(text, sizeof(text), "%" PRIu64 "\n", value);
	return host_put_over(h, fd, text);
}

/* ------------------------------------------------------------------ all of them */

static int fail(struct memlimit_change *c, int r)
{
	c->end = MEMLIMIT_FAILED;
	c->error = -r;
	return r;
}

static int compare_changes(const void *a, const void *b)
{
	const struct memlimit_change *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

static struct memlimit_change *find(struct memlimit_change *v, size_t n, enum memlimit_key key)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].key == key)
			return &v[i];
	return NULL;
}

/* v1 keeps the limit of memory and swap at or above the one of memory, at each single write: of two
 * that go down the one of memory comes first. Returns 0, or -EDOM where they would cross. */
static int order_v1(const struct host *h, int held, struct memlimit_change *v, size_t n)
{
	struct memlimit_change *max = find(v, n, MEMLIMIT_MAX);
	struct memlimit_change *memsw = find(v, n, MEMLIMIT_MEMSW_MAX);
	uint64_t max_to, memsw_to;

	if (!max && !memsw)
		return 0;
	/* Without swap accounting there is no second limit to be in the way. */
	if (max)
		max_to = max->to;
	else if (read_value(h, held, CGROUP_V1, MEMLIMIT_MAX, &max_to) < 0)
		return 0;
	if (memsw)
		memsw_to = memsw->to;
	else if (read_value(h, held, CGROUP_V1, MEMLIMIT_MEMSW_MAX, &memsw_to) < 0)
		return 0;
	if (max_to > memsw_to)
		return fail(memsw ? memsw : max, -EDOM);
	if (max && memsw && memsw->to < max->from) {
		struct memlimit_change lower = *max;

		*max = *memsw;
		*memsw = lower;
	}
	return 0;
}

/* Whatever can be known to fail is found here, before anything is written. */
static int prepare(const struct host *h, int held, enum cgroup_version version,
		   struct memlimit_change *v, size_t n, int *fds)
{
	int r;

	for (size_t i = 0; i < n; i++) {
		r = read_value(h, held, version, v[i].key, &v[i].from);
		if (r < 0)
			return fail(&v[i], r);
		v[i].have_from = true;
	}
	r = version == CGROUP_V1 ? order_v1(h, held, v, n) : 0;
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		fds[i] = host_open_held_to_write(h, held, memlimit_file(v[i].key, version));
		if (fds[i] < 0)
			return fail(&v[i], fds[i]);
	}
	return 0;
}

/* Takes back what has been written before v[n]. */
static void undo(const struct host *h, enum cgroup_version version, struct memlimit_change *v,
		 size_t n, const int *fds)
{
	while (n-- > 0)
		v[n].end = write_value(h, fds[n], version, v[n].from) < 0 ? MEMLIMIT_STRANDED
									  : MEMLIMIT_UNDONE;
}

static int write_all(const struct host *h, enum cgroup_version version, struct memlimit_change *v,
		     size_t n, const int *fds)
{
	for (size_t i = 0; i < n; i++) {
		int r = write_value(h, fds[i], version, v[i].to);

		if (r < 0) {
			undo(h, version, v, i, fds);
			return fail(&v[i], r);
		}
		v[i].end = MEMLIMIT_DONE;
	}
	return 0;
}

int memlimit_change(const struct host *h, const char *dir, enum cgroup_version version,
		    struct memlimit_change *v, size_t n, bool dry_run)
{
	_cleanup_free_ int *fds = malloc((n + 1) * sizeof(*fds));
	uint64_t id;
	bool leaf;
	int held, r;

	if (!fds)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		fds[i] = -1;
	qsort(v, n, sizeof(*v), compare_changes);
	held = host_hold_dir(h, dir, &id, &leaf);
	if (held < 0)
		return n ? fail(&v[0], held) : held;
	r = prepare(h, held, version, v, n, fds);
	if (r == 0 && !dry_run)
		r = write_all(h, version, v, n, fds);
	for (size_t i = 0; i < n; i++) {
		v[i].have_now = read_value(h, held, version, v[i].key, &v[i].now) == 0;
		if (fds[i] >= 0)
			host_release(fds[i]);
	}
	host_release(held);
	return r;
}

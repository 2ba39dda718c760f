/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the cgroup file systems say: mountinfo, mounts, /proc/PID/cgroup, memory.events,
 * memory.oom_control, numbers, the meaning of a path. */
#include <string.h>

#include "cgroupfs.h"
#include "freezer.h"
#include "fuzz.h"
#include "memlimit.h"
#include "memstat.h"

static bool has_memory(void *ctx, const char *mount)
{
	const bool *yes = ctx;

	touch(mount, strlen(mount));
	return *yes;
}

static void mounts(const char *s, size_t n, bool is_mountinfo, bool v2)
{
	struct cgroupfs fs = { 0 };

	if (cgroupfs_parse_mounts(s, n, is_mountinfo, has_memory, &v2, &fs) == 0 && fs.mount) {
		MUST(fs.mount[0] == '/' && fs.mount_root);
		touch(fs.mount_root, strlen(fs.mount_root));
	}
	cgroupfs_close(&fs);
}

static void proc_cgroup(const char *s, size_t n, const uint8_t *data, size_t size)
{
	for (int v = 0; v < 3; v++) {
		const char *path;
		struct str frozen;
		size_t path_n;

		if (cgroupfs_parse_proc_cgroup(s, n, (enum cgroup_version)v, &path, &path_n) == 0)
			must_lie_in(path, path_n, data, size);
		if (freezer_parse_cgroup(s, n, v == 2, &frozen))
			must_lie_in(frozen.s, frozen.n, data, size);
	}
}

static void freezer_mounts(const char *s, size_t n, const uint8_t *data, size_t size)
{
	struct str root, point;

	for (int v2 = 0; v2 < 2; v2++)
		if (freezer_parse_mountinfo(s, n, v2, &root, &point)) {
			must_lie_in(root.s, root.n, data, size);
			must_lie_in(point.s, point.n, data, size);
		}
}

static void numbers(const char *s, size_t n)
{
	struct memstat_oom_control control;
	struct memstat_events events;
	uint64_t v;

	memstat_parse_events(s, n, &events);
	memstat_parse_oom_control(s, n, &control);
	if (memstat_parse_number(s, n, &v) == 0)
		MUST(memstat_v1_limit(v) >= v);
	memstat_parse_key(s, n, "total_swap", &v);
	memstat_parse_key(s, n, "", &v);
}

static void path_meaning(const char *s, size_t n)
{
	struct memlimit_change change;
	struct cgroup_meaning m;
	struct arena arena = { 0 };
	char *path = malloc(n + 1);

	MUST(path);
	memcpy(path, s, n);
	path[n] = '\0';
	MUST(cgroupfs_meaning(path, &arena, &m) == 0);
	/* An id may name a container whose runtime nothing tells; never the other way round. */
	MUST(!m.container || *m.container);
	MUST(!m.runtime || m.container);
	MUST(!m.unit || *m.unit);
	MUST(cgroupfs_name_length(path) <= n);
	if (path[0] == '/') {
		const char *parent = cgroupfs_parent(path, &arena);

		MUST(!parent || strlen(parent) < strlen(path) || strcmp(parent, "/") == 0);
		MUST(!parent || strstr(path, "..") || cgroupfs_below("/", path));
	}
	memlimit_parse(path, &change);
	arena_free(&arena);
	free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;

	for (int i = 0; i < 4; i++)
		mounts(s, size, i & 1, i & 2);
	proc_cgroup(s, size, data, size);
	freezer_mounts(s, size, data, size);
	numbers(s, size);
	path_meaning(s, size);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory controller's files: where its hierarchy is mounted, and what stands in a cgroup. */
#ifndef OOMKIT_CGROUPFS_H
#define OOMKIT_CGROUPFS_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "facts.h"
#include "host.h"

/* The mounted memory hierarchy. */
struct cgroupfs {
	enum cgroup_version version; /* of the hierarchy that has the memory controller */
	char *mount;                 /* "/sys/fs/cgroup"; NULL where none is mounted */
	char *mount_root;            /* which cgroup the mount shows as its top: "/" */
	bool v2_mounted;             /* some cgroup2 is mounted, memory or not */
};

/* Finds it in ROOT/proc/self/mountinfo, or ROOT/proc/1/mountinfo, or ROOT/proc/mounts. Returns 0
 * (version CGROUP_NO_MEMORY where there is none) or -errno. */
int cgroupfs_open(struct cgroupfs *fs, const struct host *h);
void cgroupfs_close(struct cgroupfs *fs);

/* Pure: text of mountinfo or mounts. v2_has_memory is asked for a cgroup2 mount, where no v1
 * hierarchy has the controller. Returns 0, -EINVAL (not one line of it is a mount) or -ENOMEM. */
int cgroupfs_parse_mounts(const char *buf, size_t n, bool is_mountinfo,
			  bool (*v2_has_memory)(void *ctx, const char *mount), void *ctx,
			  struct cgroupfs *ret);

/* Pure: the path of the memory hierarchy out of /proc/PID/cgroup: the line of the v1 memory
 * controller where version is CGROUP_V1, the line "0::" where it is CGROUP_V2, the first of the two
 * that is there where neither is mounted. *path points into buf. Returns 0 or -ENOENT. */
int cgroupfs_parse_proc_cgroup(const char *buf, size_t n, enum cgroup_version version,
			       const char **path, size_t *path_n);

/* Our own cgroup, as ROOT/proc/self/cgroup tells it: of the memory hierarchy, or of the unified one
 * where neither is mounted; arena memory. Returns 0 or -errno. */
int cgroupfs_own_path(const struct cgroupfs *fs, const struct host *h, struct arena *arena,
		      const char **ret);

/* Where the files of cgroup PATH (as /proc/PID/cgroup has it) stand: mount and path joined, arena
 * memory. Returns 0, -ENOENT where the mount does not show it. */
int cgroupfs_dir(const struct cgroupfs *fs, const char *path, struct arena *arena,
		 const char **ret);

/* The other way: the cgroup path of a directory under the mount. Returns 0, -ENOENT where it is not
 * under it. */
int cgroupfs_path_of_dir(const struct cgroupfs *fs, const char *dir, struct arena *arena,
			 const char **ret);

/* The limits and flags of one cgroup. What has no file stays without its have_ bit; swappiness is
 * the kernel's default then. Returns 0 or -errno: -ENOENT where the cgroup is gone, else why a file
 * that the rule is built on could not be read. */
int cgroupfs_read(const struct cgroupfs *fs, const struct host *h, const char *path,
		  struct arena *arena, struct cgroup *ret);

/* Whether the limit of a cgroup binds its descendants: false only for v1 with memory.use_hierarchy
 * 0, where each cgroup stands for itself (and its OOM has no members but its own). */
bool cgroupfs_is_hierarchical(const struct cgroupfs *fs, const struct host *h, const char *path);

/* The nearest of path and its ancestors that has a limit (v2 memory.max not "max"; v1 below the
 * unlimited value; v1 memsw counts as one too), as far as the mount shows them. Ancestors that do
 * not bind the cgroup (cgroupfs_is_hierarchical()) are not asked. Returns 1 with *ret filled, 0
 * where none has, or -errno. */
int cgroupfs_nearest_limited(const struct cgroupfs *fs, const struct host *h, const char *path,
			     struct arena *arena, struct cgroup *ret);

/* The highest cgroup from path up to, and not above, domain (NULL: the root) whose oom.group is 1:
 * the mirror of mem_cgroup_get_oom_group(). Returns 1 with *ret filled, 0 where none has, or
 * -errno. */
int cgroupfs_oom_group(const struct cgroupfs *fs, const struct host *h, const char *path,
		       const char *domain, struct arena *arena, struct cgroup *ret);

/* The parent of a cgroup path, arena memory; NULL for "/" and above. */
const char *cgroupfs_parent(const char *path, struct arena *arena);

/* What of path stands below ancestor: "" or "/...", a place in path; NULL where it is not below. */
const char *cgroupfs_below(const char *ancestor, const char *path);

/* The length of a path without the " (deleted)" that the kernel adds for a cgroup that has been
 * removed. */
size_t cgroupfs_name_length(const char *path);

/* What a cgroup path says of its owner. Each is NULL or arena memory. */
struct cgroup_meaning {
	const char *unit; /* "nginx.service": the innermost systemd unit, as systemd escapes it */
	const char *container; /* the innermost: hex id; the name for lxc */
	const char *runtime;   /* "docker", "containerd", "cri-o", "podman", "lxc" */
	const char *pod;       /* pod uid, with '-' */
	const char *qos;       /* "Guaranteed", "Burstable", "BestEffort" */
};
int cgroupfs_meaning(const char *path, struct arena *arena, struct cgroup_meaning *ret);

#endif
